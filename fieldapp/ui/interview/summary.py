"""The whole interview at the door: every open point with the way to it, explanations of what is to be verified, the main figures, 交卷."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from fieldapp.services.interviewing import HandInList
from fieldapp.ui import theme
from fieldapp.ui.interview.explaining import DifferenceTable, NoteEdit
from fieldapp.ui.interview.grid_model import readable
from fieldapp.ui.interview.points import LEAST_NOTE, Point, PointList, own_length, points_of, stock_phrases
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.progress import CheckItem
from fieldapp.ui.interview.side_panel import change_words
from fieldapp.ui.widgets.cards import Card, column, hairline, label
from fieldapp.ui.widgets.keys import ActionButton
from fieldapp.ui.widgets.marks import Badge
from fieldapp.words import _

__all__ = ["SummaryPage"]


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
        head.setSpacing(style.px(10))
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
            self.table.show_lines((), "", "")
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
        lines = self._about(item) if item is not None else ()
        self.table.show_lines(lines, self._presenter.this_time, self._presenter.last_time)
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
            name = f"{shown.facts.number}　{shown.facts.short if readable(shown.facts.short) else shown.text}".strip(
                "　"
            )
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
