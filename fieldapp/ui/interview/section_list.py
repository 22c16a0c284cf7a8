"""The sections at the left: mark, title, counts, open checks; a rail of codes when there is little room."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.widgets.painting import (
    RIGHT,
    badge_size,
    draw_badge,
    draw_caps,
    draw_state_mark,
    text_width,
    write,
)
from fieldapp.words import _

__all__ = ["Entry", "SectionList"]

ROW, HEAD, FOOT = 21, 43, 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One section. ``state``: done, some, none; ``index`` is its number among all sections."""

    index: int
    title: str
    state: str
    count: str
    hard: int
    soft: int
    unconfirmed: int

    @property
    def code(self) -> str:
        """The short form for the rail: QD5 of ``QD5 转移性收入``, else the first two characters."""
        found = re.match(r"[A-Za-z]+\d*", self.title)
        return found[0] if found else self.title[:2]


class SectionList(QWidget):
    """Painted; ↑ ↓ and Enter walk through it, Ctrl+PgUp and Ctrl+PgDn from anywhere."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[Entry, ...] = ()
        self._current = 0
        self._answered, self._asked = 0, 0
        self._first = 0
        self.rail = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("各节"))

    def show_entries(self, entries: tuple[Entry, ...], current: int, answered: int, asked: int) -> None:
        """Shows the sections that are asked; ``current`` is the number of the one in hand."""
        fresh = (entries, current, answered, asked)
        if fresh == (self._entries, self._current, self._answered, self._asked):
            return
        old, first = {entry.index: entry for entry in self._entries}, self._first
        same = [entry.index for entry in entries] == [
            entry.index for entry in self._entries
        ] and current == self._current
        counted = (answered, asked) != (self._answered, self._asked)
        moved = current != self._current
        self._entries, self._current, self._answered, self._asked = fresh
        if moved:
            self._scroll_to(self._place())
        here = next((entry for entry in entries if entry.index == current), None)
        if here is not None:
            words = _("{title}，错 {hard}，核 {soft}，全卷已答 {n} 题")
            self.setAccessibleDescription(words.format(title=here.title, hard=here.hard, soft=here.soft, n=answered))
        if not same or self._first != first:
            self.update()
            return
        if counted:
            self.update(0, 0, self.width(), self._head())
        for at, entry in enumerate(entries):
            if old[entry.index] != entry:
                self.update(0, self._head() + (at - self._first) * self._row(), self.width(), self._row())

    def _place(self) -> int:
        return next((at for at, entry in enumerate(self._entries) if entry.index == self._current), 0)

    def _row(self) -> int:
        return theme.current().px(25 if self.rail else ROW)

    def _head(self) -> int:
        return 0 if self.rail else theme.current().px(HEAD)

    def _visible(self) -> int:
        foot = 0 if self.rail else theme.current().px(FOOT)
        return max(1, (self.height() - self._head() - foot) // self._row())

    def _scroll_to(self, place: int) -> None:
        visible = self._visible()
        if place < self._first:
            self._first = place
        elif place >= self._first + visible:
            self._first = place - visible + 1
        self._first = max(0, min(self._first, len(self._entries) - visible))

    def sizeHint(self) -> QSize:
        return QSize(theme.current().px(56 if self.rail else 216), 300)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scroll_to(self._place())

    def wheelEvent(self, event: QWheelEvent) -> None:
        step = -1 if event.angleDelta().y() > 0 else 1
        self._first = max(0, min(self._first + 3 * step, len(self._entries) - self._visible()))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._first + (round(event.position().y()) - self._head()) // self._row()
        if 0 <= place < len(self._entries) and event.position().y() >= self._head():
            self.chosen.emit(self._entries[place].index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self._place()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Home: -len(self._entries),
            Qt.Key.Key_End: len(self._entries),
        }
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.key() in steps:
            place = max(0, min(place + steps[Qt.Key(event.key())], len(self._entries) - 1))
            self._current = self._entries[place].index
            self._scroll_to(place)
            self.update()
        elif is_enter(event) or event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Space):
            self.chosen.emit(self._current)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.fillRect(event.rect(), style.colour("surface"))
        if not self.rail:
            self._paint_head(painter)
        row, top = self._row(), self._head()
        for at in range(self._first, min(len(self._entries), self._first + self._visible())):
            area = QRect(0, top + (at - self._first) * row, self.width() - 1, row)
            if area.intersects(event.rect()):
                self._paint_entry(painter, area, self._entries[at])
        if not self.rail:
            self._paint_foot(painter)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), style.colour("line"))

    def _paint_head(self, painter: QPainter) -> None:
        style = theme.current()
        words = _("已答 {n} / 约 {all} 题").format(n=self._answered, all=self._asked)
        area = QRect(style.px(10), style.px(3), self.width() - style.px(20), style.px(22))
        write(painter, area, words, font=style.font(13), colour=style.colour("text2"))
        bar = QRect(style.px(10), style.px(28), self.width() - style.px(21), style.px(7))
        painter.setPen(style.colour("line2"))
        painter.setBrush(style.colour("surface"))
        painter.drawRect(bar)
        if self._asked:
            width = round((bar.width() - 1) * self._answered / self._asked)
            painter.fillRect(bar.x() + 1, bar.y() + 1, width, bar.height() - 1, style.colour("accent"))
        painter.fillRect(0, style.px(HEAD) - 1, self.width(), 1, style.colour("line"))

    def _paint_entry(self, painter: QPainter, area: QRect, entry: Entry) -> None:
        style = theme.current()
        here = entry.index == self._current
        if here:
            painter.fillRect(area, style.colour("focus_fill" if self.hasFocus() else "selection"))
            painter.fillRect(QRect(0, area.y(), style.px(4), area.height()), style.colour("focus"))
        if self.rail:
            ink = style.colour("text" if here else "ok" if entry.state == "done" else "text2")
            write(painter, area.adjusted(style.px(6), 0, 0, 0), entry.code, font=style.font(13, here), colour=ink)
            side = style.px(6)
            x = area.right() - side - style.px(4)
            if entry.hard:
                painter.fillRect(QRect(x, area.y() + style.px(4), side, side), style.colour("hard"))
            if entry.soft:
                painter.fillRect(QRect(x, area.bottom() - side - style.px(3), side, side), style.colour("soft"))
            return
        side = style.px(13)
        mark = QRect(style.px(8), area.center().y() - side // 2, side, side)
        draw_state_mark(painter, mark, "here" if here else entry.state)
        right = area.right() - style.px(8)
        for kind, count, word in (("soft", entry.soft, _("核")), ("hard", entry.hard, _("错"))):
            if count:
                right -= badge_size(word, 11).width()
                draw_badge(painter, right, area.center().y() + 1, kind, word, size=11)
                right -= style.px(4)
        if not entry.hard and not entry.soft:
            words = _("待确认 {n}").format(n=entry.unconfirmed) if entry.unconfirmed else entry.count
            ink = style.colour("accent" if entry.unconfirmed else "text3")
            width = text_width(style.font(12), words)
            box = QRect(right - width, area.y(), width, area.height())
            write(painter, box, words, font=style.font(12), colour=ink, align=RIGHT, elide=False)
            right -= width + style.px(4)
        title = QRect(style.px(26), area.y(), right - style.px(26), area.height())
        ink = style.colour("text3" if entry.state == "none" and not here else "text")
        write(painter, title, entry.title, font=style.font(13, here), colour=ink)

    def _paint_foot(self, painter: QPainter) -> None:
        style = theme.current()
        top = self.height() - style.px(FOOT)
        painter.fillRect(0, top, self.width(), style.px(FOOT), style.colour("alt"))
        painter.fillRect(0, top, self.width(), 1, style.colour("line"))
        caps = ("Ctrl+PgUp", "Ctrl+PgDn")
        ink, frame = style.colour("text2"), style.colour("line2")
        x = draw_caps(painter, style.px(10), top + style.px(FOOT) // 2, caps, ink=ink, frame=frame)
        if x + style.px(10) + text_width(style.font(13), _("换节")) < self.width():
            area = QRect(x + style.px(8), top, self.width() - x, style.px(FOOT))
            write(painter, area, _("换节"), font=style.font(13), colour=ink, elide=False)
