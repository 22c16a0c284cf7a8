"""The line over an interview: what its answers are for, the marks of a survey, and that its version of the questionnaire is an old one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.parts import on_key
from fieldapp.ui.widgets.cards import label
from fieldapp.ui.widgets.keys import KeyCap
from fieldapp.words import _

__all__ = ["ProjectLine"]


class ProjectLine(QWidget):
    """Stands on the cover of every interview; over every section where it says something to be kept in mind.

    Args:
        mode: use of the answers, with the marks of a statistical survey.
        version: "" for the newest version.
        can_carry: a reviewed mapping leads to the newest version; Alt+V takes it, asked twice.
        always: on every section.
    """

    carry_over_wanted = Signal()

    def __init__(
        self, mode: str, version: str, can_carry: bool, *, always: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("project_line")
        self._always = always or bool(version)
        self._can_carry, self._asked = can_carry, False
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.current().px(14), theme.current().px(4), theme.current().px(10), 0)
        self.mode, self.version = label(mode, "hint"), label(version, "soft")
        self.mode.setAccessibleName(mode)
        self.version.setAccessibleName(version)
        line.addWidget(self.mode)
        line.addStretch(1)
        line.addWidget(self.version)
        if can_carry:
            self.key = KeyCap("Alt+V", _("迁到新版"))
            self.key.setObjectName("carry_over")
            self.key.clicked.connect(self.ask)
            line.addWidget(self.key)
            on_key(self, "Alt+V", self.ask)  # before any field takes the letter

    def show_for(self, section: int) -> None:
        """Shows itself where it belongs: on the cover, or everywhere."""
        self.setVisible(self._always or section == 0)

    def ask(self) -> None:
        """Alt+V: once says what it will do, the second time does it."""
        if not self._can_carry:
            return
        if self._asked:
            self.carry_over_wanted.emit()
            return
        self._asked = True
        self.version.setText(_("再按一次 Alt+V 就迁到新版：答案都保留，没有地方放的另列，可以退回"))
