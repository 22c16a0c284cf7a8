"""The whole interview at the door: every open point with the way to it, explanations of what is to be verified, the main figures, 交卷."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPlainTextEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.services.interviewing import HandInList
from fieldapp.ui import theme
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.progress import CheckItem
from fieldapp.ui.interview.side_panel import change_words
from fieldapp.ui.widgets.cards import Card, column, hairline, label
from fieldapp.ui.widgets.keys import ActionButton
from fieldapp.ui.widgets.marks import Badge
from fieldapp.ui.widgets.painting import RIGHT, draw_badge, text_width, write
from fieldapp.words import _
from forms.engine import Cell

__all__ = ["LEAST_NOTE", "Point", "SummaryPage", "own_length"]

LEAST_NOTE = 4
"""A note needs so many characters of its own besides the stock phrase."""

_PHRASES = ("看病住院", "开学", "过节办席", "上季漏记")


def stock_phrases() -> tuple[str, ...]:
    """Beginnings of explanations, Alt+4 to Alt+7."""
    return tuple(_(phrase) for phrase in _PHRASES)


def own_length(text: str) -> int:
    """Characters of a note that are not a stock phrase, a blank or a stop."""
    for phrase in (*_PHRASES, *stock_phrases()):
        text = text.replace(phrase, "")
    return sum(1 for letter in text if letter.isalnum())


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the list. ``kind``: hard, soft, open (not asked yet), confirm."""

    kind: str
    title: str
    second: str
    state: str
    cell: Cell | None
    item: CheckItem | None = None
    is_open: bool = True


def points_of(presenter: InterviewPresenter, hand_in: HandInList | None) -> tuple[tuple[str, tuple[Point, ...]], ...]:
    """Everything that stands before handing in, under its headings."""
    hard: list[Point] = []
    soft: list[Point] = []
    done: list[Point] = []
    waiting: list[Point] = []
    blank: list[Point] = []
    for item in presenter.check_items():
        section = presenter.title(presenter.sections[presenter.section_at(item.cell)])
        second = f"{item.number}　{section}" if item.number else section
        point = Point(item.kind, item.sentence, second, item.missing, item.cell, item, item.is_open)
        (done if not item.is_open else hard if item.kind == "hard" else soft).append(point)
    known = {item.cell for item in presenter.check_items()} | {i.check for i in presenter.check_items() if i.check}
    for thing in hand_in.blocking if hand_in is not None else ():
        if thing.cell in known and thing.kind in ("hard", "soft", "constraint"):
            continue
        section = presenter.title(presenter.sections[presenter.section_at(thing.cell)])
        second = f"{thing.number}　{section}" if thing.number else section
        if thing.kind == "unconfirmed":
            waiting.append(Point("confirm", thing.sentence, second, _("按空格确认"), thing.cell))
        elif thing.kind in ("required", "undecided"):
            blank.append(Point("open", thing.sentence, second, _("没问"), thing.cell))
        else:
            kind = "soft" if thing.kind == "soft" else "hard"
            (soft if kind == "soft" else hard).append(Point(kind, thing.sentence, second, _("没改"), thing.cell))
    heads = (
        (_("错　{n} 条　改好才能交"), hard),
        (_("需核实　{n} 条　改数，或写明原因"), soft),
        (_("待确认　{n} 条"), waiting),
        (_("还没问　{n} 题"), blank),
        (_("已处理　{n} 条"), done),
    )
    return tuple((head.format(n=len(found)), tuple(found)) for head, found in heads if found)


class PointList(QWidget):
    """The points under their headings, painted; ↑ ↓ choose, Enter goes to the field."""

    current_changed = Signal()
    chosen = Signal(object)  # Point

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heads: tuple[tuple[str, tuple[Point, ...]], ...] = ()
        self._points: tuple[Point, ...] = ()
        self._at = 0
        self._top = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("整卷检查"))

    def show_points(self, heads: tuple[tuple[str, tuple[Point, ...]], ...]) -> None:
        """Shows them; the cursor stays on the same point if it is still there."""
        before = self.current
        self._heads = heads
        self._points = tuple(point for _head, points in heads for point in points)
        same = [
            at
            for at, p in enumerate(self._points)
            if before is not None and (p.cell, p.title) == (before.cell, before.title)
        ]
        self._at = same[0] if same else max(0, min(self._at, len(self._points) - 1))
        self._scroll()
        self._tell()

    @property
    def current(self) -> Point | None:
        """The point under the cursor."""
        return self._points[self._at] if 0 <= self._at < len(self._points) else None

    @property
    def points(self) -> tuple[Point, ...]:
        """All points in order."""
        return self._points

    def select(self, at: int) -> None:
        """Puts the cursor on a point."""
        if self._points:
            self._at = max(0, min(at, len(self._points) - 1))
            self._scroll()
            self._tell()

    def step(self, step: int, *, only_open: bool = False) -> bool:
        """The next or previous point, with ``only_open`` the next one that is open."""
        at = self._at + step
        while only_open and 0 <= at < len(self._points) and not self._points[at].is_open:
            at += step
        if not 0 <= at < len(self._points):
            return False
        self.select(at)
        return True

    def _tell(self) -> None:
        point = self.current
        self.setAccessibleDescription(f"{point.title}，{point.second}，{point.state}" if point else _("没有要处理的"))
        self.update()
        self.current_changed.emit()

    def _places(self) -> list[tuple[int, int, str, Point | None]]:
        """Top, height, heading, point of every line."""
        style, y = theme.current(), 0
        lines: list[tuple[int, int, str, Point | None]] = []
        for head, points in self._heads:
            lines.append((y, style.px(30), head, None))
            y += style.px(30)
            for point in points:
                high = style.px(50 if point.kind in ("hard", "soft") else 40)
                lines.append((y, high, "", point))
                y += high
        return lines

    def _scroll(self) -> None:
        for top, high, _head, point in self._places():
            if point is not None and point is self.current:
                if top - theme.current().px(30) < self._top:
                    self._top = max(0, top - theme.current().px(30))
                elif top + high > self._top + self.height():
                    self._top = top + high - self.height()

    def wheelEvent(self, event: QWheelEvent) -> None:
        places = self._places()
        whole = places[-1][0] + places[-1][1] if places else 0
        step = -3 * theme.current().px(25) if event.angleDelta().y() > 0 else 3 * theme.current().px(25)
        self._top = max(0, min(self._top + step, whole - self.height()))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for top, high, _head, point in self._places():
            if point is not None and top <= event.position().y() + self._top < top + high:
                self.select(self._points.index(point))
        self.setFocus()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        if self.current is not None:
            self.chosen.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            event.ignore()
        elif event.key() in steps:
            self.select(self._at + steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.select(0 if event.key() == Qt.Key.Key_Home else len(self._points) - 1)
        elif is_enter(event) and self.current is not None:
            self.chosen.emit(self.current)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("surface"))
        for top, high, head, point in self._places():
            area = QRect(0, top - self._top, self.width(), high)
            if area.bottom() < 0 or area.top() > self.height():
                continue
            if point is None:
                painter.fillRect(area, style.colour("head"))
                write(
                    painter,
                    area.adjusted(style.px(9), 0, 0, 0),
                    head,
                    font=style.font(14, True),
                    colour=style.colour("text"),
                )
            else:
                self._paint_point(painter, area, point)

    def _paint_point(self, painter: QPainter, area: QRect, point: Point) -> None:
        style = theme.current()
        here = point is self.current
        if here:
            painter.fillRect(area, style.colour("focus_fill" if self.hasFocus() else "selection"))
            painter.fillRect(QRect(0, area.y(), style.px(4), area.height()), style.colour("focus"))
        word = {"hard": _("错"), "soft": _("核"), "confirm": _("认"), "open": _("问")}[point.kind]
        badge = {"confirm": "accent", "open": "plain"}.get(point.kind, point.kind)
        draw_badge(painter, style.px(12), area.center().y(), badge, word, solid=point.is_open)
        token = "ok" if not point.is_open else {"hard": "hard", "soft": "soft"}.get(point.kind, "text3")
        width = text_width(style.font(13), point.state)
        right = area.right() - style.px(9)
        state = QRect(right - width, area.y(), width, area.height())
        write(painter, state, point.state, font=style.font(13), colour=style.colour(token), align=RIGHT, elide=False)
        x, room = style.px(54), right - width - style.px(60)
        half = area.height() // 2
        upper = QRect(x, area.y() + style.px(2), room, half)
        lower = QRect(x, area.y() + half, room, half - style.px(3))
        title = point.title.replace("\n", " ")
        write(painter, upper, title, font=style.font(14, here), colour=style.colour("text"))
        write(painter, lower, point.second, font=style.font(12), colour=style.colour("text3"))
        painter.fillRect(QRect(0, area.bottom(), area.width(), 1), style.colour("line"))


class NoteEdit(QPlainTextEdit):
    """The explanation: Enter keeps it, Shift+Enter starts a line."""

    kept = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composing = False
        self.setTabChangesFocus(True)
        self.setAccessibleName(_("原因"))

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.composing:
            super().keyPressEvent(event)
        elif is_enter(event) and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.kept.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)


class DifferenceTable(QWidget):
    """Which answers a check speaks of: now, last quarter, the difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[str, str, str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: tuple[tuple[str, str, str, str], ...]) -> None:
        """Name, now, last quarter, change."""
        self._lines = lines
        self.setVisible(bool(lines))
        self.setAccessibleName("；".join(" ".join(line) for line in lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(29) * (len(self._lines) + 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        high, width = style.px(29), self.width()
        columns = (round(width * 0.52), round(width * 0.18), round(width * 0.15), width - round(width * 0.85))
        lines = ((_("说的是"), _("本季"), _("上季"), _("变化")), *self._lines)
        for at, line in enumerate(lines):
            area = QRect(0, at * high, width, high)
            painter.fillRect(area, style.colour("head" if at == 0 else "surface"))
            x = 0
            for number, text in enumerate(line):
                box = QRect(x + style.px(8), area.y(), columns[number] - style.px(16), high)
                ink = style.colour("text2" if at == 0 or number == 2 else "text")
                font = style.font(13 if at == 0 else 14, at > 0 and number == 3)
                if number == 0:
                    write(painter, box, text, font=font, colour=ink)
                else:
                    write(painter, box, text, font=font, colour=ink, align=RIGHT)
                x += columns[number]
            painter.fillRect(QRect(0, area.bottom(), width, 1), style.colour("line"))


class SummaryPage(QWidget):
    """Three columns: the points, the point in hand, the summary with 交卷."""

    go_to = Signal(object)  # Cell
    hand_in_wanted = Signal()
    told = Signal(str)

    def __init__(self, presenter: InterviewPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setProperty("kind", "page")
        self._ready = False
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self.list = PointList()
        self.list.current_changed.connect(self._show_point)
        self.list.chosen.connect(self._go)
        self.count = label("", "hint")
        whole.addWidget(self._left(), 34)
        whole.addWidget(column())
        whole.addWidget(self._middle(), 42)
        whole.addWidget(column())
        whole.addWidget(self._right(), 26)

    def _left(self) -> QWidget:
        style, left = theme.current(), QWidget()
        lines = QVBoxLayout(left)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(style.px(14), style.px(8), style.px(8), style.px(8))
        head.addWidget(label(_("整卷检查"), "section"))
        head.addWidget(self.count)
        head.addStretch(1)
        lines.addLayout(head)
        lines.addWidget(self.list, 1)
        return left

    def _middle(self) -> QWidget:
        style, middle = theme.current(), QWidget()
        lines = QVBoxLayout(middle)
        lines.setContentsMargins(style.px(18), style.px(12), style.px(18), style.px(12))
        lines.setSpacing(style.px(10))
        head = QHBoxLayout()
        self.badge = Badge("hard", _("错"))
        self.title = label("", "title", wrap=True)
        self.id = label("", "hint")
        head.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        head.addWidget(self.id, 0, Qt.AlignmentFlag.AlignTop)
        lines.addLayout(head)
        self.advice = label("", "label", wrap=True)
        lines.addWidget(self.advice)
        self.table = DifferenceTable()
        lines.addWidget(self.table)
        self.fix = ActionButton(_("数记错了，去改"), "Alt+1")
        self.explain = ActionButton(_("数没错，写原因"), "Alt+2")
        self.fix.clicked.connect(self.go_current)
        self.explain.clicked.connect(self._explain)
        ways = QHBoxLayout()
        ways.addWidget(self.fix)
        ways.addWidget(self.explain)
        ways.addStretch(1)
        lines.addLayout(ways)
        self.reason_head = QWidget()
        reason = QHBoxLayout(self.reason_head)
        reason.setContentsMargins(0, 0, 0, 0)
        reason.addWidget(label(_("原因"), "strong"))
        reason.addWidget(label(_("至少 4 个字，写清谁、什么事、多少钱"), "hint"))
        reason.addStretch(1)
        self.length = label("", "hint")
        reason.addWidget(self.length)
        lines.addWidget(self.reason_head)
        self.note = NoteEdit()
        self.note.setFixedHeight(style.px(84))
        self.note.textChanged.connect(self._count)
        self.note.kept.connect(self._keep)
        self.note.closed.connect(lambda: self.list.setFocus())
        lines.addWidget(self.note)
        self.phrases = QWidget()
        row = QHBoxLayout(self.phrases)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.px(6))
        row.addWidget(label(_("常用说法"), "label"))
        for at, phrase in enumerate(stock_phrases()):
            button = ActionButton(phrase, f"Alt+{at + 4}")
            button.clicked.connect(lambda _checked=False, words=phrase: self._insert(words))
            row.addWidget(button)
        row.addStretch(1)
        lines.addWidget(self.phrases)
        lines.addStretch(1)
        self.fallen = label(_("以后这几行的数变了，这条说明自动失效，要重新写。Shift+Enter 换行。"), "hint", wrap=True)
        lines.addWidget(self.fallen)
        ends = QHBoxLayout()
        self.keep = ActionButton(_("记下，看下一条"), "Enter", "primary", shortcut=False)
        self.keep.clicked.connect(self._keep)
        self.back = ActionButton(_("回到这一题"), "Ctrl+G", shortcut=False)
        self.back.clicked.connect(self.go_current)
        ends.addWidget(self.keep)
        ends.addWidget(self.back)
        ends.addStretch(1)
        lines.addLayout(ends)
        return middle

    def _right(self) -> QWidget:
        style, right = theme.current(), QWidget()
        right.setProperty("kind", "side")
        right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        lines = QVBoxLayout(right)
        lines.setContentsMargins(style.px(14), style.px(12), style.px(14), style.px(12))
        lines.setSpacing(style.px(6))
        head = QHBoxLayout()
        head.addWidget(label(_("本户小结"), "section"))
        head.addStretch(1)
        head.addWidget(label(_("念给{name}听").format(name=self._presenter.header.head_name), "hint"))
        lines.addLayout(head)
        lines.addWidget(hairline())
        inner = QWidget()
        inner.setProperty("kind", "side")
        self.recap = QGridLayout(inner)
        self.recap.setContentsMargins(0, 0, style.px(8), 0)
        self.recap.setVerticalSpacing(style.px(3))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        lines.addWidget(scroll, 1)
        self.extra = label("", "label", wrap=True)
        lines.addWidget(self.extra)
        lines.addWidget(hairline())
        self.verdict = Card("", "")
        lines.addWidget(self.verdict)
        self.hand_in = ActionButton(_("交卷"), "F9", "primary", shortcut=False)
        self.hand_in.clicked.connect(self.hand_in_wanted)
        lines.addWidget(self.hand_in)
        lines.addWidget(label(_("不交也行：按 Esc 走，回来还在这里，数一个不少。"), "hint", wrap=True))
        return right

    # What is shown

    @property
    def ready(self) -> bool:
        """Nothing blocks handing in."""
        return self._ready

    def refresh(self) -> None:
        """Reads everything anew."""
        found = self._presenter.hand_in_list()
        heads = points_of(self._presenter, found)
        self.list.show_points(heads)
        points = self.list.points
        done = sum(1 for point in points if not point.is_open)
        self.count.setText(_("{n} 条，处理完 {m} 条").format(n=len(points), m=done))
        self._show_recap(found)
        self._show_verdict(found)
        self._show_point()

    def _show_recap(self, found: HandInList | None) -> None:
        style = theme.current()
        while self.recap.count():
            taken = self.recap.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.deleteLater()
        for at, (name, value) in enumerate(found.recap if found is not None else ()):
            words, figure = label(name, "label"), label(value, "strong")
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figure.setFont(style.font(15, True))
            self.recap.addWidget(words, at, 0)
            self.recap.addWidget(figure, at, 1)
        self.recap.setRowStretch(len(found.recap) if found is not None else 0, 1)
        parts = []
        if found is not None and found.hidden:
            parts.append(_("{n} 个答案因跳转收起，留在本机，不交上去").format(n=found.hidden))
        if found is not None and found.states_8_9:
            parts.append(_("不清楚、拒答 {n} 题").format(n=found.states_8_9))
        self.extra.setText("\n".join(parts))
        self.extra.setVisible(bool(parts))

    def _show_verdict(self, found: HandInList | None) -> None:
        header = self._presenter.header
        self._ready = found is not None and found.ready and not header.readonly and not self._presenter.unsaved
        if header.readonly:
            self.verdict.show_words(_("这份卷只能看"), header.readonly_reason)
        elif found is None:
            self.verdict.show_words(_("这里不能交卷"), "")
        elif self._presenter.unsaved:
            self.verdict.show_words(_("还有答案没存好"), _("先等状态条变绿，再交"), "hard")
        elif found.ready:
            self.verdict.show_words(_("都齐了，可以交卷"), _("念给受访人听过，按 F9 交卷"), "ok")
        else:
            counts: dict[str, int] = {}
            for thing in found.blocking:
                counts[thing.kind] = counts.get(thing.kind, 0) + 1
            words = []
            hard = counts.get("hard", 0) + counts.get("constraint", 0)
            for count, text in (
                (hard, _("错 {n} 条")),
                (counts.get("soft", 0), _("没写说明 {n} 条")),
                (counts.get("unconfirmed", 0), _("待确认 {n} 条")),
                (counts.get("required", 0) + counts.get("undecided", 0), _("没问 {n} 题")),
            ):
                if count:
                    words.append(text.format(n=count))
            self.verdict.show_words(_("现在还不能交，还差："), "，".join(words))
        self.hand_in.setEnabled(self._ready)

    def _show_point(self) -> None:
        point = self.list.current
        item = point.item if point is not None else None
        soft = item is not None and item.kind == "soft" and item.check is not None
        for part in (self.explain, self.reason_head, self.note, self.phrases, self.fallen, self.keep):
            part.setVisible(soft)
        for button in (self.fix, self.back):
            button.setVisible(point is not None and point.cell is not None)
        self.badge.setVisible(point is not None)
        self.id.setText(item.id if item is not None else "")
        if point is None:
            self.title.setText(_("没有要处理的了"))
            self.advice.setText(_("每一题都问了，没有错，也没有要核实的。"))
            self.table.show_lines(())
            return
        word = {"hard": _("错"), "soft": _("核"), "confirm": _("认"), "open": _("问")}[point.kind]
        self.badge.show_badge(
            {"confirm": "accent", "open": "plain"}.get(point.kind, point.kind), word, solid=point.is_open
        )
        self.title.setText(point.title)
        self.advice.setText(
            {
                "hard": _("错的要改好才能交。按 Enter 去改。"),
                "soft": _("请核对是多记了、漏记了，还是真的如此。数没错就写明原因，不用改数。"),
                "confirm": _("这是带出来的，问过本人，没变就按空格。"),
                "open": _("这一题还没问到。按 Enter 去问。"),
            }[point.kind]
        )
        self.table.show_lines(self._about(item) if item is not None else ())
        before = item.note if item is not None else ""
        if not self.note.hasFocus() or self.note.toPlainText() == "":
            self.note.setPlainText(before)
        self._count()

    def _about(self, item: CheckItem) -> tuple[tuple[str, str, str, str], ...]:
        presenter = self._presenter
        found = next((result for result in presenter.interview.checks() if result.cell == item.check), None)
        lines = []
        for cell in (found.about if found is not None else (item.cell,))[:6]:
            try:
                shown = presenter.look(cell)
            except (KeyError, AssertionError):
                continue
            before = presenter.previous(cell)
            name = f"{shown.facts.number}　{shown.facts.short or shown.text}".strip("　")
            old = before.prev_label or before.prev or ("—" if before.prev is None else "")
            lines.append((name, shown.display or _("没填"), old, change_words(shown.value, before.prev)))
        return tuple(lines)

    # What the person does

    def arrive(self) -> None:
        """The page comes into view."""
        self.refresh()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go(self, point: Point) -> None:
        if point.cell is not None:
            self.go_to.emit(point.cell)

    def go_current(self) -> None:
        """Ctrl+G: to the question of the point in hand."""
        if self.list.current is not None:
            self._go(self.list.current)

    def _explain(self) -> None:
        self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _count(self) -> None:
        self.length.setText(_("{n} 字").format(n=len(self.note.toPlainText().strip())))

    def _insert(self, phrase: str) -> None:
        if self.note.isVisible():
            self.note.setFocus()
            self.note.insertPlainText(phrase)

    def _keep(self) -> None:
        point = self.list.current
        if point is None or point.item is None or point.item.check is None:
            return
        text = self.note.toPlainText().strip()
        if own_length(text) < LEAST_NOTE:
            self.told.emit(_("说明至少 4 个字，常用说法之外还要写清谁、什么事、多少钱"))
            return
        if self._presenter.write_note(point.item.check, text):
            self.note.clear()
            self._presenter.read_checks_now()
            self.refresh()
            following = next(
                (at for at, other in enumerate(self.list.points) if other.kind == "soft" and other.is_open), None
            )
            if following is not None:
                self.list.select(following)
                self.note.setPlainText("")
                self.note.setFocus()
            else:
                self.list.setFocus()
