"""Choices on the question page: key caps in one line, or a field with a list under it; acknowledgement."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.codes import Option, Typing
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.questions import Shown
from fieldapp.ui.widgets.painting import (
    caps_width,
    draw_caps,
    draw_keycap,
    draw_tick_box,
    keycap_size,
    text_width,
    write,
)
from fieldapp.words import _

__all__ = ["ChoiceField", "inline_width"]

MOST_IN_LINE = 5


def inline_width(options: tuple[Option, ...]) -> int:
    """Width of all options side by side."""
    return sum(_option_width(option) for option in options)


def _option_width(option: Option) -> int:
    style = theme.current()
    return keycap_size(option.code).width() + text_width(style.font(15, True), option.label) + style.px(25)


class ChoiceField(QWidget):
    """One or several of a list, or an order of all; also the acknowledgement of a notice (``trigger``)."""

    committed = Signal(str, int)
    stepped = Signal(int)
    edited = Signal(str)
    confirmed = Signal()
    entered = Signal()
    dirty = False

    def __init__(self, popup: ChoiceList, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._popup = popup
        self._shown: Shown | None = None
        self._typing = Typing(())
        self._in_line = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        popup.picked.connect(self._picked)

    # What is shown

    def show_answer(self, shown: Shown) -> None:
        """Shows one question's answer."""
        other = self._shown is None or self._shown.cell != shown.cell
        if other or (self._shown is not None and self._shown.options != shown.options):
            self._typing = Typing(shown.options)
        self._shown = shown
        self._in_line = shown.facts.kind == "trigger" or self.fits_in_line(shown, self.width())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if shown.readonly else Qt.FocusPolicy.StrongFocus)
        if self._popup.owner is self:
            self._popup.refresh()
        self.update()

    @staticmethod
    def fits_in_line(shown: Shown, width: int) -> bool:
        """Whether the options stand side by side instead of in a list."""
        if shown.facts.kind == "rank" or not shown.options or len(shown.options) > MOST_IN_LINE:
            return False
        return inline_width(shown.options) <= width

    def lay_out(self, width: int) -> bool:
        """Chooses between line and field for a width; returns whether it stands in one line."""
        if self._shown is not None:
            self._in_line = self._shown.facts.kind == "trigger" or self.fits_in_line(self._shown, width)
        return self._in_line

    def cover(self, covered: bool) -> None:
        """Choices are not covered."""

    def give_back(self) -> bool:
        """Esc: closes the list, then forgets what was typed; False if there was nothing."""
        closed = self._popup.owner is self and self._popup.close_list()
        typed = bool(self._typing.typed)
        self._typing.clear()
        self._tell()
        return closed or typed

    def hold(self) -> None:
        """A refused choice is not kept."""

    def settle(self) -> None:
        """A choice was taken."""

    def text(self) -> str:
        """The saved value."""
        return self._shown.value if self._shown else ""

    @property
    def chosen(self) -> tuple[str, ...]:
        """Values chosen now."""
        if self._shown is None or not self._shown.value:
            return ()
        return (self._shown.value,) if self._shown.facts.kind == "one" else tuple(self._shown.value.split())

    def _tell(self) -> None:
        typed = self._typing.typed
        self.edited.emit(_("“{typed}” 还没选定，Enter 选上").format(typed=typed) if typed else "")
        if self._popup.owner is self:
            self._popup.refresh()
        self.update()

    # What is typed

    def open_list(self) -> None:
        """F4, Alt+↓."""
        if self._shown is not None and self._shown.options and not self._shown.readonly:
            many = self._shown.facts.kind != "one"
            self._popup.open_at(self, self.rect(), self._typing, lambda: self.chosen, ticks=many)

    def _choose(self, option: Option) -> None:
        assert self._shown is not None
        kind = self._shown.facts.kind
        if kind == "one":
            self._popup.close_list()
            self.edited.emit("")
            self.committed.emit(option.value, 1)
            return
        chosen = list(self.chosen)
        if option.value in chosen:
            chosen.remove(option.value)
        else:
            chosen.append(option.value)
        if kind == "many":
            order = [known.value for known in self._shown.options]
            chosen.sort(key=lambda value: order.index(value) if value in order else len(order))
        self.committed.emit(" ".join(chosen), 0)
        self._tell()

    def _picked(self, option: Option) -> None:
        if self._popup.owner is self:
            self._choose(option)

    def leave(self, step: int) -> None:
        """The cursor goes; a code typed to the end of what is clear is chosen first."""
        option = self._typing.decide() if step > 0 else None
        if option is not None:
            self._choose(option)
            if self._shown is not None and self._shown.facts.kind != "one" and self._popup.owner is not self:
                self.stepped.emit(step)
            return
        self._popup.close_list()
        self.stepped.emit(step)

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
            and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.leave(-1 if event.key() == Qt.Key.Key_Backtab else 1)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._shown is None:
            event.ignore()
            return
        key, modifiers = event.key(), event.modifiers()
        alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        is_open = self._popup.owner is self
        if key == Qt.Key.Key_F4 or (alt and key == Qt.Key.Key_Down):
            self.open_list()
        elif control or alt:
            event.ignore()
        elif self._shown.facts.kind == "trigger":
            self._acknowledge(event)
        elif is_enter(event):
            option = self._popup.highlighted if is_open and not shift else None
            if option is not None and (self._shown.facts.kind == "one" or self._typing.typed):
                self._typing.clear()
                self._choose(option)
            else:
                self.leave(-1 if shift else 1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            if is_open:
                self._popup.move_by(step)
            else:
                self.leave(step)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and is_open:
            self._popup.move_column(1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_Escape:
            event.setAccepted(self.give_back())
        elif key == Qt.Key.Key_Backspace:
            if self._typing.back():
                self._tell()
            elif self._shown.value:
                self.committed.emit("", 0)
        elif key == Qt.Key.Key_Delete:
            self._typing.clear()
            self.committed.emit("", 0)
        elif key == Qt.Key.Key_Space:
            self._space(is_open)
        elif event.text() and event.text().isprintable():
            self._feed(event.text())
        else:
            event.ignore()

    def _acknowledge(self, event: QKeyEvent) -> None:
        assert self._shown is not None
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_1):
            self.committed.emit("" if self._shown.value else "OK", 0 if self._shown.value else 1)
        elif is_enter(event) or event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) or event.key() == Qt.Key.Key_Up
            self.stepped.emit(-1 if back else 1)
        else:
            event.ignore()

    def _space(self, is_open: bool) -> None:
        assert self._shown is not None
        if is_open and self._popup.highlighted is not None:
            self._choose(self._popup.highlighted)
        elif self._shown.confirm:
            self.confirmed.emit()
        else:
            self.open_list()

    def _feed(self, text: str) -> None:
        option = self._typing.feed(text)
        if option is not None:
            self._choose(option)
        else:
            if self._typing.typed and not self._typing.typed.isdigit() and self._popup.owner is not self:
                self.open_list()
            self._tell()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._typing.clear()
        if self._popup.owner is self:
            self._popup.close_list()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._shown is None or self._shown.readonly:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._shown.facts.kind == "trigger":
            self.committed.emit("" if self._shown.value else "OK", 0)
        elif self._in_line:
            for option, area in self._option_areas():
                if area.contains(event.position().toPoint()):
                    self._choose(option)
        elif self._popup.owner is self:
            self._popup.close_list()
        else:
            self.open_list()

    # Drawing

    def _option_areas(self) -> list[tuple[Option, QRect]]:
        assert self._shown is not None
        areas, x = [], 0
        for option in self._shown.options:
            width = _option_width(option)
            areas.append((option, QRect(x, 0, width - theme.current().px(7), self.height())))
            x += width
        return areas

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._shown is None:
            return
        painter = QPainter(self)
        if self._shown.facts.kind == "trigger":
            self._paint_trigger(painter)
        elif self._in_line and self._shown.status not in ("8", "9"):
            self._paint_line(painter)
        else:
            self._paint_box(painter)

    def _paint_trigger(self, painter: QPainter) -> None:
        assert self._shown is not None
        style = theme.current()
        side = style.px(18)
        if self.hasFocus():
            painter.fillRect(self.rect(), style.colour("focus_fill"))
            painter.setPen(QPen(style.colour("focus"), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        box = QRect(style.px(8), (self.height() - side) // 2, side, side)
        draw_tick_box(painter, box, ticked=bool(self._shown.value))
        area = self.rect().adjusted(style.px(34), 0, 0, 0)
        write(painter, area, _("已告知，知道了"), font=style.font(15), colour=style.colour("text"))

    def _paint_line(self, painter: QPainter) -> None:
        style = theme.current()
        chosen, focused = self.chosen, self.hasFocus()
        for option, area in self._option_areas():
            on = option.value in chosen
            box = QRectF(area).adjusted(0.5, 2.5, -0.5, -2.5)
            ink, frame = style.colour("text"), style.colour("line2")
            if on:
                painter.setPen(QPen(style.colour("accent"), 1))
                painter.setBrush(style.colour("accent" if focused else "selection"))
                painter.drawRoundedRect(box, style.px(3), style.px(3))
                ink = style.colour("accent_text" if focused else "text")
                frame = ink if focused else style.colour("accent")
            elif focused:
                ink = style.colour("text")
            x = draw_keycap(painter, area.x() + style.px(5), area.center().y() + 1, option.code, ink=ink, frame=frame)
            words = QRect(x + style.px(5), area.y(), area.right() - x, area.height())
            write(painter, words, option.label, font=style.font(15, on), colour=ink, elide=False)
        if focused:
            whole = QRect(
                0, 0, min(self.width(), inline_width(self._shown.options if self._shown else ())), self.height()
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(style.colour("focus"), 2))
            painter.drawRoundedRect(QRectF(whole).adjusted(1, 1, -1, -1), style.px(3), style.px(3))

    def _paint_box(self, painter: QPainter) -> None:
        assert self._shown is not None
        style, shown = theme.current(), self._shown
        focused = self.hasFocus()
        hint = caps_width(("Alt+↓",), 12)
        box = self.rect().adjusted(0, 0, -hint - style.px(6), 0)
        if focused:
            pen, ground = QPen(style.colour("focus"), 2), style.colour("focus_fill")
        elif shown.confirm:
            pen, ground = QPen(style.colour("accent"), 1, Qt.PenStyle.DashLine), style.colour("accent_bg")
        else:
            pen, ground = QPen(style.colour("line2"), 1), style.colour("ro" if shown.readonly else "surface")
        painter.setPen(pen)
        painter.setBrush(ground)
        edge = pen.widthF() / 2
        painter.drawRoundedRect(QRectF(box).adjusted(edge, edge, -edge, -edge), style.px(3), style.px(3))
        text = self._typing.typed if focused and self._typing.typed else shown.display
        area = box.adjusted(style.px(9), 0, -style.px(6), 0)
        write(painter, area, text, font=style.font(15, focused), colour=style.colour("text"))
        ink, frame = style.colour("text2"), style.colour("line2")
        draw_caps(painter, box.right() + style.px(6), self.height() // 2, ("Alt+↓",), ink=ink, frame=frame, size=12)
