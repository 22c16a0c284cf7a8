"""Answer fields of the question page. A field draws, takes keys and reports; it knows no rule.

All fields speak the same signals: ``committed(text, step)`` with what was typed and where the cursor wants to go (1 next, -1
previous, 0 stay), ``stepped(step)`` for moving without a change, ``edited(text)`` while typing, ``confirmed()`` for Space.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.questions import Shown, value_in_words
from fieldapp.ui.widgets.painting import LEFT, RIGHT, text_width, write

__all__ = ["LongTextField", "TypedField", "is_enter"]


def is_enter(event: QKeyEvent) -> bool:
    """Enter of either block of keys."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TypedField(QLineEdit):
    """One line for text, figures, dates and times; the unit stands inside at the right."""

    committed = Signal(str, int)
    stepped = Signal(int)
    edited = Signal(str)
    confirmed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._dirty = False
        self._composing = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.textEdited.connect(self._typed)

    @property
    def dirty(self) -> bool:
        """Something was typed that is not handed on yet."""
        return self._dirty

    def show_answer(self, shown: Shown) -> None:
        """Shows one question's answer; what is being typed stays."""
        changed = self._shown is None or self._shown.cell != shown.cell
        self._shown = shown
        facts = shown.facts
        if changed:
            self._dirty = False
            figures = facts.kind in ("integer", "decimal")
            self.setAlignment(Qt.AlignmentFlag.AlignRight if figures else Qt.AlignmentFlag.AlignLeft)
            style = theme.current()
            right = text_width(style.font(13), facts.unit) + style.px(8) if facts.unit else 0
            self.setTextMargins(0, 0, right, 0)
            self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, facts.input_method)
            self.setInputMethodHints(
                Qt.InputMethodHint.ImhNone if facts.input_method else Qt.InputMethodHint.ImhPreferNumbers
            )
            self.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit if facts.sensitive else QLineEdit.EchoMode.Normal)
        self.setReadOnly(shown.readonly)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus if shown.readonly else Qt.FocusPolicy.StrongFocus)
        if not self._dirty:
            self._show_text()

    def _show_text(self) -> None:
        shown = self._shown
        if shown is None:
            return
        text = shown.display
        if self.hasFocus() and not shown.readonly and shown.status not in ("8", "9"):
            text = (
                shown.value if shown.facts.kind in ("integer", "decimal") else value_in_words(shown.facts, shown.value)
            )
        if text != self.text():
            self.setText(text)
            if self.hasFocus():
                self.selectAll()

    def cover(self, covered: bool) -> None:
        """Covers or uncovers a sensitive value (Alt+K held)."""
        if self._shown is not None and self._shown.facts.sensitive:
            self.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit if covered else QLineEdit.EchoMode.Normal)

    def give_back(self) -> bool:
        """Esc: what was typed goes, the answer is as before; False if nothing was typed."""
        if not self._dirty:
            return False
        self._dirty = False
        self._show_text()
        self.selectAll()
        self.edited.emit(self.text())
        return True

    def hold(self) -> None:
        """What was typed was refused: it stays on screen, marked, and is the person's to mend."""
        self._dirty = True

    def settle(self) -> None:
        """What was typed was taken."""
        self._dirty = False
        self._show_text()

    def leave(self, step: int) -> None:
        """The cursor wants to go; what was typed is handed on first."""
        if self._dirty:
            self.committed.emit(self.text(), step)
        elif step:
            self.stepped.emit(step)

    def _typed(self, text: str) -> None:
        self._dirty = True
        self.edited.emit(text)

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
        if self._composing:
            super().keyPressEvent(event)
            return
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier))
        if (control and key in (Qt.Key.Key_Z, Qt.Key.Key_Y) and not self._dirty) or (
            control
            and key
            not in (
                Qt.Key.Key_A,
                Qt.Key.Key_C,
                Qt.Key.Key_V,
                Qt.Key.Key_X,
                Qt.Key.Key_Z,
                Qt.Key.Key_Y,
                Qt.Key.Key_Left,
                Qt.Key.Key_Right,
                Qt.Key.Key_Backspace,
            )
        ):
            event.ignore()
        elif is_enter(event) or (key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and not control):
            self.leave(-1 if shift or key == Qt.Key.Key_Up else 1)
        elif key == Qt.Key.Key_Escape:
            event.setAccepted(self.give_back())
        elif key == Qt.Key.Key_Space and not self._dirty and self._shown and self._shown.confirm:
            self.confirmed.emit()
        elif self._shown and key == Qt.Key.Key_Space and self._shown.facts.kind in ("integer", "decimal"):
            event.accept()  # a blank inside a figure means nothing
        else:
            super().keyPressEvent(event)
            if self._shown and self._shown.readonly:
                event.ignore()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        if event.commitString():
            self._typed(self.text())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self._dirty:
            self._show_text()
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.selectAll()
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composing = False
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return
        if self._dirty:
            self.committed.emit(self.text(), 0)
        else:
            self._show_text()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._shown is not None and self._shown.facts.unit:
            style = theme.current()
            area = self.rect().adjusted(0, 0, -style.px(9), 0)
            write(
                QPainter(self),
                area,
                self._shown.facts.unit,
                font=style.font(13),
                colour=style.colour("text3"),
                align=RIGHT,
                elide=False,
            )


class LongTextField(QPlainTextEdit):
    """Several lines of text: Enter goes on, Ctrl+Enter starts a new line."""

    committed = Signal(str, int)
    stepped = Signal(int)
    edited = Signal(str)
    confirmed = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self._dirty = False
        self._composing = False
        self._filling = False
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._typed)

    @property
    def dirty(self) -> bool:
        """Something was typed that is not handed on yet."""
        return self._dirty

    def show_answer(self, shown: Shown) -> None:
        """Shows one question's answer; what is being typed stays."""
        if self._shown is None or self._shown.cell != shown.cell:
            self._dirty = False
        self._shown = shown
        self.setReadOnly(shown.readonly)
        if not self._dirty and self.toPlainText() != shown.display:
            self._fill(shown.display)

    def _fill(self, text: str) -> None:
        self._filling = True
        self.setPlainText(text)
        self._filling = False

    def cover(self, covered: bool) -> None:
        """Long texts are never covered."""

    def give_back(self) -> bool:
        """Esc: the answer as before; False if nothing was typed."""
        if not self._dirty or self._shown is None:
            return False
        self._dirty = False
        self._fill(self._shown.display)
        return True

    def hold(self) -> None:
        """What was typed was refused and stays."""
        self._dirty = True

    def settle(self) -> None:
        """What was typed was taken."""
        self._dirty = False

    def text(self) -> str:
        """What stands in the field."""
        return self.toPlainText()

    def leave(self, step: int) -> None:
        """The cursor wants to go."""
        if self._dirty:
            self.committed.emit(self.toPlainText(), step)
        elif step:
            self.stepped.emit(step)

    def _typed(self) -> None:
        if not self._filling:
            self._dirty = True
            self.edited.emit(self.toPlainText())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._composing:
            super().keyPressEvent(event)
        elif is_enter(event) and control:
            self.insertPlainText("\n")
        elif is_enter(event):
            self.leave(-1 if shift else 1)
        elif event.key() == Qt.Key.Key_Tab:
            self.leave(1)
        elif event.key() == Qt.Key.Key_Backtab:
            self.leave(-1)
        elif event.key() == Qt.Key.Key_Escape:
            event.setAccepted(self.give_back())
        elif (control and event.key() in (Qt.Key.Key_Z, Qt.Key.Key_Y) and not self._dirty) or (
            control and event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
        ):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composing = False
        if self._dirty:
            self.committed.emit(self.toPlainText(), 0)

    def sizeHint(self) -> QSize:
        return QSize(200, theme.current().px(68))


class PlainField(QWidget):
    """A computed or covered value, and the text of a note: nothing can be typed."""

    committed = Signal(str, int)
    stepped = Signal(int)
    edited = Signal(str)
    confirmed = Signal()
    entered = Signal()
    dirty = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Enter walks past; a check may send the cursor here.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        back = event.key() == Qt.Key.Key_Up or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if is_enter(event) or event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(-1 if back else 1)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()

    def show_answer(self, shown: Shown) -> None:
        """Shows one computed value."""
        self._shown = shown
        self.setVisible(shown.facts.kind != "note")
        self.update()

    def cover(self, covered: bool) -> None:
        """Computed values are not covered."""

    def give_back(self) -> bool:
        """Nothing can be typed."""
        return False

    def hold(self) -> None:
        """Nothing can be typed."""

    def settle(self) -> None:
        """Nothing can be typed."""

    def text(self) -> str:
        """The value as read."""
        return self._shown.display if self._shown else ""

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._shown is None:
            return
        style = theme.current()
        painter = QPainter(self)
        painter.setPen(style.colour("line"))
        painter.setBrush(style.colour("ro"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), style.px(3), style.px(3))
        area = self.rect().adjusted(style.px(9), 0, -style.px(9), 0)
        unit = self._shown.facts.unit
        if unit:
            write(painter, area, unit, font=style.font(13), colour=style.colour("text3"), align=RIGHT)
            area = area.adjusted(0, 0, -text_width(style.font(13), unit) - style.px(6), 0)
        align = RIGHT if self._shown.facts.figure and not self._shown.facts.picks else LEFT
        write(painter, QRect(area), self._shown.display, font=style.font(15), colour=style.colour("text2"), align=align)
