"""Badges, ticks and progress."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.painting import badge_size, draw_badge, draw_tick, line_height, text_width, write
from fieldapp.words import _

__all__ = ["Badge", "Progress", "ThreeTicks"]


class Badge(QWidget):
    """A small word on colour: 错 (``hard``), 核 (``soft``), 冲突 (``clash``), ``ok``, ``accent``, ``plain``; solid means open."""

    def __init__(self, kind: str, text: str, parent: QWidget | None = None, *, solid: bool = True) -> None:
        super().__init__(parent)
        self._kind, self._text, self._solid = kind, text, solid
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def show_badge(self, kind: str, text: str, *, solid: bool = True) -> None:
        """Changes kind and word."""
        if (kind, text, solid) != (self._kind, self._text, self._solid):
            self._kind, self._text, self._solid = kind, text, solid
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return badge_size(self._text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        draw_badge(QPainter(self), 0, self.height() // 2, self._kind, self._text, solid=self._solid)


class ThreeTicks(QWidget):
    """How far a change has come: 1 已代收, 2 已入库, 3 已备份; always with the word."""

    def __init__(self, reached: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reached = reached
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_reached(reached)

    def show_reached(self, reached: int) -> None:
        """0 to 3."""
        self._reached = reached
        self.setAccessibleName(self.words)
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        """The word of the step reached."""
        return (_("未交"), _("已代收"), _("已入库"), _("已备份"))[self._reached]

    def sizeHint(self) -> QSize:
        style = theme.current()
        return QSize(style.px(3 * 17 + 6) + text_width(style.font(13), self.words), line_height(style.font(14)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, step, middle = style.px(13), style.px(17), self.height() // 2
        for at in range(3):
            area = QRect(at * step, middle - side // 2, side, side)
            if at < self._reached:
                draw_tick(painter, area, style.colour("ok"))
            else:
                painter.setPen(QPen(style.colour("line2"), 1))
                painter.drawEllipse(area.adjusted(side // 4, side // 4, -side // 4, -side // 4))
        area = QRect(3 * step + style.px(4), 0, self.width(), self.height())
        write(painter, area, self.words, font=style.font(13), colour=style.colour("text2"), elide=False)


class Progress(QWidget):
    """A thin bar; the counts in words stand beside it, never inside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done, self._all = 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("进度"))

    def show_progress(self, done: int, whole: int) -> None:
        """How many of how many."""
        if (done, whole) != (self._done, self._all):
            self._done, self._all = done, whole
            self.setAccessibleDescription(f"{done} / {whole}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(80, theme.current().px(8))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.setPen(QPen(style.colour("line2"), 1))
        painter.setBrush(style.colour("surface"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self._all > 0:
            width = round((self.width() - 2) * min(1.0, self._done / self._all))
            painter.fillRect(1, 1, width, self.height() - 2, style.colour("accent"))
