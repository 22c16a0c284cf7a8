"""The search box of lists: it also hears what an input method is still composing."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

QUIET_MS = 60  # letters typed faster than this are looked for together


class FindBox(QLineEdit):
    """Searches as one types; the arrow keys, Enter and paging belong to the list below.

    With a Chinese input method on, ``textChanged`` is silent while ``zd`` is composed: the preedit text is searched too.

    Signals:
        sought: what to look for now.
        walked: ``Key_Up``, ``Key_Down``, ``Key_PageUp``, ``Key_PageDown`` for the list.
        opened: Enter.
    """

    sought = Signal(str)
    walked = Signal(int)
    opened = Signal()

    def __init__(self, name: str, accessible: str, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setPlaceholderText(placeholder)
        self._preedit = ""
        self._last = ""
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(QUIET_MS)
        self._wait.timeout.connect(self._seek)
        self.textChanged.connect(lambda _text: self._wait.start())

    def query(self) -> str:
        """The text with what is being composed at the cursor."""
        text, at = self.text(), self.cursorPosition()
        return (text[:at] + self._preedit.replace("'", "").replace(" ", "") + text[at:]).strip()

    def add(self, letters: str) -> None:
        """Letters typed on the list go on here."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setText(self.text() + letters)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        super().inputMethodEvent(event)
        self._preedit = event.preeditString()
        self._wait.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.walked.emit(int(event.key()))
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._wait.stop()
            self._seek()
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def _seek(self) -> None:
        query = self.query()
        if query != self._last:
            self._last = query
            self.sought.emit(query)
