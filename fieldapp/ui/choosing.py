"""A button that steps through a few choices with its key: ``双河村 Alt+C``."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from fieldapp.ui.widgets.keys import ActionButton


class ChoiceButton(ActionButton):
    """Shows the choice in force; a press takes the next one.

    Signals:
        chosen: the value of the new choice.
    """

    chosen = Signal(str)

    def __init__(self, name: str, about: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__("", key, "plain", parent)
        self._about = about
        self._choices: tuple[tuple[str, str], ...] = ()
        self._at = 0
        self.setObjectName(name)
        self.setAccessibleName(about)
        self.clicked.connect(self._step)

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Values and words; the value in force stays if it is still among them."""
        value = self.value
        self._choices = tuple(choices)
        self._at = next((i for i, choice in enumerate(self._choices) if choice[0] == value), 0)
        self._show()

    def select(self, value: str) -> None:
        """Puts a value in force without telling anybody."""
        self._at = next((i for i, choice in enumerate(self._choices) if choice[0] == value), self._at)
        self._show()

    @property
    def value(self) -> str:
        """The value in force, "" when there is none."""
        return self._choices[self._at][0] if self._choices else ""

    def _step(self) -> None:
        if len(self._choices) > 1:
            self._at = (self._at + 1) % len(self._choices)
            self._show()
            self.chosen.emit(self.value)

    def _show(self) -> None:
        words = self._choices[self._at][1] if self._choices else ""
        self.setText(words)
        self.setAccessibleName(f"{self._about} {words}")
        self.updateGeometry()
