"""A person's hands at the keyboard: real key events to a real window, text through the input method, pictures of what shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

_NO_KEYS = Qt.KeyboardModifier.NoModifier


class WindowStuck(Exception):
    """The window did not come to show what the script waits for; a bug of the program or of the script."""


class Hands:
    """Types into whatever has the focus in a window.

    Args:
        window: must be shown.
        patience_s: how long to wait for something to show.
    """

    def __init__(self, window: QWidget, patience_s: float = 30.0) -> None:
        self.window = window
        self.keys = 0
        self._patience_s = patience_s

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NO_KEYS, times: int = 1) -> None:
        """One key, to the widget with the focus (or the window)."""
        for _ in range(times):
            QTest.keyClick(self._focus(), key, modifiers)
            self.keys += 1
            self.settle()

    def write(self, text: str) -> None:
        """Text as a person enters it: ASCII by key, everything else as an input method commits it."""
        for character in text:
            if character == "\n":
                self.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
            elif character.isascii():
                QTest.keyClicks(self._focus(), character)
                self.keys += 1
            else:
                event = QInputMethodEvent()
                event.setCommitString(character)
                QCoreApplication.sendEvent(self._focus(), event)
                self.keys += 1
            self.settle()

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self.window

    def settle(self) -> None:
        """Lets everything that is due happen."""
        QCoreApplication.processEvents()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Turns the event loop until something is so.

        Raises:
            WindowStuck: it did not come to be so in time; names ``what``.
        """
        end = time.monotonic() + self._patience_s
        while not condition():
            if time.monotonic() > end:
                raise WindowStuck(what)
            QTest.qWait(10)
        self.settle()

    def picture(self, path: Path) -> Path:
        """What the window shows, as PNG."""
        self.settle()
        QTest.qWait(60)  # timers of zero length and the last repaint
        self.window.grab().save(str(path), "PNG")
        return path
