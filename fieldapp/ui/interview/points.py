"""What stands before handing in, as a list to walk through."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from fieldapp.services.interviewing import HandInList
from fieldapp.ui import theme
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.progress import CheckItem
from fieldapp.ui.widgets.painting import RIGHT, badge_size, draw_badge, text_width, write
from fieldapp.words import _
from forms.engine import Cell

__all__ = ["LEAST_NOTE", "Point", "PointList", "own_length", "points_of", "stock_phrases"]

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
        words = (_("错"), _("核"), _("认"), _("问"))
        x = style.px(12) + max(badge_size(text).width() for text in words) + style.px(16)
        room = right - width - x - style.px(6)
        half = area.height() // 2
        upper = QRect(x, area.y() + style.px(2), room, half)
        lower = QRect(x, area.y() + half, room, half - style.px(3))
        title = point.title.replace("\n", " ")
        write(painter, upper, title, font=style.font(14, here), colour=style.colour("text"))
        write(painter, lower, point.second, font=style.font(12), colour=style.colour("text3"))
        painter.fillRect(QRect(0, area.bottom(), area.width(), 1), style.colour("line"))
