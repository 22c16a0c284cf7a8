"""Open checks of the section under the page, and the line of earlier figures where the side panel has no room."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.progress import CheckItem
from fieldapp.ui.widgets.compare import CompareLine
from fieldapp.ui.widgets.painting import RIGHT, badge_size, caps_width, draw_badge, draw_caps, text_width, write
from fieldapp.words import _

__all__ = ["CheckDock", "CompareStrip"]

HEAD, ROW = 28, 28


class CheckDock(QWidget):
    """Title with counts, then up to ``lines`` checks; Enter goes to the field."""

    chosen = Signal(object)  # CheckItem
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[CheckItem, ...] = ()
        self._at = 0
        self.lines = 2
        self.bare = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("本节的检查"))

    def show_items(self, items: tuple[CheckItem, ...]) -> None:
        """Open checks of this section."""
        if items != self._items:
            self._items = items
            self._at = max(0, min(self._at, len(items) - 1))
            self.setAccessibleDescription("；".join(f"{item.number} {item.sentence}" for item in items))
            self.updateGeometry()
            self.update()

    @property
    def items(self) -> tuple[CheckItem, ...]:
        """What is shown."""
        return self._items

    def highlight(self, item: CheckItem) -> None:
        """Brings an item into view."""
        if item in self._items:
            self._at = self._items.index(item)
            self.update()

    def sizeHint(self) -> QSize:
        style = theme.current()
        if self.bare:
            return QSize(100, style.px(32) if self._items else 0)
        return QSize(100, style.px(HEAD) + style.px(ROW) * (self.lines if self._items else 0))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _first(self) -> int:
        return max(0, min(self._at - self.lines + 1, len(self._items) - self.lines)) if self._at >= self.lines else 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._items:
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self._at = max(0, min(self._at + step, len(self._items) - 1))
            self.update()
        elif is_enter(event) and self._items:
            self.chosen.emit(self._items[self._at])
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        style = theme.current()
        place = 0 if self.bare else (round(event.position().y()) - style.px(HEAD)) // style.px(ROW) + self._first()
        if 0 <= place < len(self._items) and (self.bare or event.position().y() > style.px(HEAD)):
            self.chosen.emit(self._items[place])

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
        if self.bare:
            self._paint_bare(painter)
            return
        head = QRect(0, 0, self.width(), style.px(HEAD))
        painter.fillRect(head, style.colour("head"))
        painter.fillRect(0, 0, self.width(), 1, style.colour("line2"))
        hard = sum(1 for item in self._items if item.kind == "hard")
        soft = len(self._items) - hard
        words = (
            _("本节　错 {hard}　需核实 {soft}").format(hard=hard, soft=soft)
            if self._items
            else _("本节没有要改、要核实的")
        )
        write(
            painter,
            head.adjusted(style.px(10), 0, 0, 0),
            words,
            font=style.font(13, bool(self._items)),
            colour=style.colour("text"),
        )
        self._paint_keys(painter, head)
        first = self._first()
        for at in range(first, min(len(self._items), first + self.lines)):
            area = QRect(0, style.px(HEAD) + (at - first) * style.px(ROW), self.width(), style.px(ROW))
            self._paint_item(painter, area, self._items[at], chosen=self.hasFocus() and at == self._at)

    def _paint_keys(self, painter: QPainter, head: QRect) -> None:
        style = theme.current()
        font, ink, frame = style.font(13), style.colour("text2"), style.colour("line2")
        x = head.right() - style.px(10)
        for caps, words in ((("Shift+F7",), _("上一条")), (("F7",), _("跳到下一条"))):
            width = text_width(font, words)
            write(painter, QRect(x - width, head.y(), width, head.height()), words, font=font, colour=ink, elide=False)
            x -= width + style.px(6) + caps_width(caps)
            draw_caps(painter, x, head.center().y(), caps, ink=ink, frame=frame)
            x -= style.px(12)

    def _paint_item(self, painter: QPainter, area: QRect, item: CheckItem, *, chosen: bool) -> None:
        style = theme.current()
        if chosen:
            painter.fillRect(area, style.colour("focus_fill"))
        word = _("错") if item.kind == "hard" else _("核")
        x = draw_badge(
            painter, area.x() + style.px(10), area.center().y(), item.kind, word, solid=item.is_open
        ) + style.px(9)
        number = text_width(style.font(13, True), item.number)
        write(
            painter,
            QRect(x, area.y(), number, area.height()),
            item.number,
            font=style.font(13, True),
            colour=style.colour(item.kind),
        )
        x += number + style.px(9 if number else 0)
        missing = item.missing if item.kind == "soft" else ""
        width = text_width(style.font(13), missing)
        right = area.right() - style.px(10)
        write(
            painter,
            QRect(right - width, area.y(), width, area.height()),
            missing,
            font=style.font(13),
            colour=style.colour("accent"),
            align=RIGHT,
        )
        words = QRect(x, area.y(), right - width - style.px(10) - x, area.height())
        write(painter, words, item.sentence.replace("\n", " "), font=style.font(13), colour=style.colour("text"))

    def _paint_bare(self, painter: QPainter) -> None:
        """One line: the counts as badges and the sentence of the first."""
        style = theme.current()
        painter.fillRect(0, 0, self.width(), 1, style.colour("line2"))
        if not self._items:
            return
        x, middle = style.px(10), self.height() // 2
        for kind, word in (("hard", _("错 {n}")), ("soft", _("核 {n}"))):
            count = sum(1 for item in self._items if item.kind == kind)
            if count:
                x = draw_badge(painter, x, middle, kind, word.format(n=count)) + style.px(6)
        item = self._items[self._at]
        caps = ("F7",)
        right = self.width() - style.px(10) - text_width(style.font(13), _("下一条")) - caps_width(caps) - style.px(8)
        draw_caps(painter, right, middle, caps, ink=style.colour("text2"), frame=style.colour("line2"))
        area = QRect(right + caps_width(caps) + style.px(6), 0, self.width(), self.height())
        write(painter, area, _("下一条"), font=style.font(13), colour=style.colour("text2"), elide=False)
        words = QRect(x + style.px(4), 0, right - x - style.px(12), self.height())
        write(
            painter, words, f"{item.number} {item.sentence}".strip(), font=style.font(13), colour=style.colour("text")
        )

    def badge_width(self) -> int:
        """Width of the widest badge, for alignment with the rows above."""
        return max(badge_size(_("错")).width(), badge_size(_("核")).width())


class CompareStrip(QWidget):
    """Earlier figures of the question in hand in one line, where there is no room for the side panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number, self._lines, self._hint = "", (), ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    _lines: tuple[CompareLine, ...]

    def show_lines(self, number: str, lines: tuple[CompareLine, ...], hint: str) -> None:
        """Shows them."""
        self._number, self._lines, self._hint = number, lines, hint
        self.setAccessibleName("；".join(f"{line.label} {line.value} {line.change}" for line in lines))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(31))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("focus_row"))
        painter.fillRect(0, 0, self.width(), 1, style.colour("line2"))
        x, high = style.px(10), self.height()
        parts = [(self._number, style.font(13, True), "focus_text")]
        for line in self._lines[1:]:
            parts.append((line.label, style.font(13), "text3"))
            parts.append((line.value, style.font(14), "text"))
            if line.change:
                parts.append((line.change, style.font(13), "text3"))
        parts.append((self._hint, style.font(13), "text3"))
        for text, font, token in parts:
            if text and x < self.width():
                width = min(text_width(font, text), self.width() - x)
                write(painter, QRect(x, 0, width + 2, high), text, font=font, colour=style.colour(token))
                x += width + style.px(9)
