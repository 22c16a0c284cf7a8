"""The list that drops under a choice field or a grid cell: codes as key caps, two columns from eight on, filtered by typing.

It never takes the focus: the field that owns it keeps the keys and tells the list what to show.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.codes import Option, Typing
from fieldapp.ui.widgets.painting import draw_keycap, draw_tick_box, keycap_size, text_width, write
from fieldapp.words import _

__all__ = ["ChoiceList"]

ROW = 26
TWO_COLUMNS_FROM = 8
MOST_ROWS = 12


class ChoiceList(QWidget):
    """An overlay of the window showing what a :class:`Typing` still matches."""

    picked = Signal(object)  # Option, by mouse

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(_("选项表"))
        self.hide()
        self._typing = Typing(())
        self._chosen: Callable[[], tuple[str, ...]] = tuple
        self._ticks = False
        self._at = 0
        self._first = 0
        self._owner: QWidget | None = None

    @property
    def owner(self) -> QWidget | None:
        """The widget whose list is open."""
        return self._owner if self.isVisible() else None

    def open_at(
        self,
        owner: QWidget,
        field: QRect,
        typing: Typing,
        chosen: Callable[[], tuple[str, ...]],
        *,
        ticks: bool = False,
    ) -> None:
        """Opens under (or above) the field, which it never covers.

        Args:
            owner: keeps the focus.
            field: place of the field in the owner's coordinates.
            typing: options and what has been typed.
            chosen: values chosen now.
            ticks: several may be chosen.
        """
        self._owner, self._typing, self._chosen, self._ticks = owner, typing, chosen, ticks
        values = chosen()
        matches = typing.matches
        self._at = next((at for at, option in enumerate(matches) if option.value in values), 0)
        self._first = 0
        self._field = QRect(owner.mapTo(self._window, field.topLeft()), field.size())
        self._place()
        self.show()
        self.raise_()

    def refresh(self) -> None:
        """What was typed or chosen has changed."""
        self._at = min(self._at, max(0, len(self._typing.matches) - 1))
        if self._typing.typed:
            self._at = 0
        self._place()
        self.update()

    def close_list(self) -> bool:
        """Closes; False if it was not open."""
        was = self.isVisible()
        self.hide()
        self._owner = None
        return was

    def move_by(self, step: int) -> None:
        """The highlighted option goes up or down."""
        count = len(self._typing.matches)
        if count:
            self._at = (self._at + step) % count
            self._scroll()
            self.update()

    def move_column(self, step: int) -> None:
        """Left and right between the two columns."""
        rows, columns = self._shape()
        if columns > 1:
            at = self._at + step * rows
            if 0 <= at < len(self._typing.matches):
                self._at = at
                self._scroll()
                self.update()

    @property
    def highlighted(self) -> Option | None:
        """The option that Enter takes."""
        matches = self._typing.matches
        return matches[self._at] if matches else None

    def _shape(self) -> tuple[int, int]:
        count = max(1, len(self._typing.matches))
        columns = 2 if count >= TWO_COLUMNS_FROM else 1
        return min(MOST_ROWS, -(-count // columns)), columns

    def _scroll(self) -> None:
        rows, columns = self._shape()
        page = rows * columns
        self._first = (self._at // page) * page

    def _column_width(self) -> int:
        style = theme.current()
        options = self._typing.options[:200]
        widest = max((text_width(style.font(14, True), option.label) for option in options), default=style.px(60))
        caps = max((keycap_size(option.code).width() for option in options), default=0)
        box = style.px(24) if self._ticks else 0
        limit = style.px(360) if self._shape()[1] == 2 else style.px(640)
        return min(widest + caps + box + style.px(30), limit)

    def _place(self) -> None:
        style = theme.current()
        rows, columns = self._shape()
        foot = style.px(26)
        hint = text_width(style.font(13), self._hint()) + style.px(90)
        size = QSize(max(self._column_width() * columns, self._field.width(), hint), rows * style.px(ROW) + foot + 2)
        around = self._window.rect()
        size.setWidth(min(size.width(), around.width() - 8))
        corner = QPoint(self._field.left(), self._field.bottom() + 3)
        if corner.y() + size.height() > around.height() - 4 and self._field.top() - size.height() - 3 > 0:
            corner.setY(self._field.top() - size.height() - 3)
        corner.setX(max(4, min(corner.x(), around.width() - size.width() - 4)))
        self.setGeometry(QRect(corner, size))

    def _hint(self) -> str:
        typed, whole, left = self._typing.typed, len(self._typing.options), len(self._typing.matches)
        if typed:
            return _("“{typed}”：{whole} 项里有 {left} 项").format(typed=typed, whole=whole, left=left)
        if self._ticks:
            return _("打号码勾选；Space 勾选，Enter 往下走")
        if any(option.code[0].isalpha() for option in self._typing.options):
            return _("打左边的字母就选上")
        return _("打号码就选上；打拼音头字母也行")

    def _cell(self, at: int) -> QRect:
        rows, columns = self._shape()
        style = theme.current()
        place = at - self._first
        width = (self.width() - 2) // columns
        return QRect(1 + (place // rows) * width, 1 + (place % rows) * style.px(ROW), width, style.px(ROW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.setPen(QPen(style.colour("accent"), 1))
        painter.setBrush(style.colour("surface"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        rows, columns = self._shape()
        matches, chosen = self._typing.matches, self._chosen()
        for at in range(self._first, min(len(matches), self._first + rows * columns)):
            option, area = matches[at], self._cell(at)
            here = at == self._at
            if here:
                painter.fillRect(area, style.colour("selection"))
            x = area.x() + style.px(9)
            ink = style.colour("text" if here else "text2")
            if self._ticks:
                side = style.px(16)
                box = QRect(x, area.center().y() - side // 2, side, side)
                draw_tick_box(painter, box, ticked=option.value in chosen)
                x += side + style.px(8)
            x = draw_keycap(painter, x, area.center().y(), option.code, ink=ink, frame=style.colour("line2"))
            words = QRect(x + style.px(8), area.y(), area.right() - x - style.px(10), area.height())
            bold = here or option.value in chosen
            write(painter, words, option.label, font=style.font(14, bold), colour=style.colour("text"))
        if columns == 2:
            painter.fillRect(self.width() // 2, 1, 1, rows * style.px(ROW), style.colour("line"))
        foot = QRect(1, self.height() - style.px(26) - 1, self.width() - 2, style.px(26))
        painter.fillRect(foot, style.colour("head"))
        words = foot.adjusted(style.px(9), 0, -style.px(80), 0)
        hint = self._hint()
        beyond = len(matches) - self._first - rows * columns
        if beyond > 0:
            hint += "　" + _("下面还有 {n} 项").format(n=beyond)
        write(painter, words, hint, font=style.font(13), colour=style.colour("text2"))
        x = foot.right() - style.px(72)
        x = draw_keycap(painter, x, foot.center().y(), "Esc", ink=style.colour("text2"), frame=style.colour("line2"))
        write(
            painter,
            QRect(x + style.px(6), foot.y(), style.px(40), foot.height()),
            _("收起"),
            font=style.font(13),
            colour=style.colour("text2"),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        matches = self._typing.matches
        for at in range(self._first, len(matches)):
            if self._cell(at).contains(event.position().toPoint()):
                self.picked.emit(matches[at])
                return
