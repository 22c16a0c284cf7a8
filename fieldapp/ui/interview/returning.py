"""Bringing somebody into the roster of people again: who had left and is back, or whose row was taken out by mistake."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from fieldapp.services.interview_people import FormerMember
from fieldapp.ui import theme
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.widgets.cards import label
from fieldapp.words import _

__all__ = ["ReturnLine"]


class ReturnLine(QWidget):
    """Asked in place of the question: the member number of whoever is back.

    Signals:
        given: :class:`FormerMember`.
    """

    given = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self.setProperty("kind", "page")
        line = QHBoxLayout(self)
        line.setContentsMargins(look.px(14), 2, look.px(14), 2)
        self._people: tuple[FormerMember, ...] = ()
        self.words = label("", "strong")
        self.field = _NumberField(self)
        self.field.setAccessibleName(_("找回谁，打成员号"))
        self.field.setFixedWidth(look.px(86))
        self.field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on=False)
        line.addWidget(self.words)
        line.addWidget(self.field)
        line.addWidget(label(_("打成员号，Enter 找回　Esc 不找"), "hint"))
        line.addStretch(1)

    def ask(self, people: Sequence[FormerMember]) -> None:
        """Shows who there is to choose from."""
        self._people = tuple(people)
        named = "　".join(f"{one.mem_no} {one.name}（{one.state}）" for one in self._people)
        self.words.setText(_("找回谁：{named}").format(named=named))
        self.field.clear()
        self.show()
        self.field.setFocus()

    def take(self) -> None:
        """Enter."""
        found = next((one for one in self._people if one.mem_no == self.field.text().strip().zfill(2)), None)
        if found is not None:
            self.given.emit(found)
        else:
            self.field.selectAll()


class _NumberField(QLineEdit):
    def __init__(self, line: ReturnLine) -> None:
        super().__init__(line)
        self._line = line

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):
            self._line.take()
        elif event.key() == Qt.Key.Key_Escape:
            self._line.closed.emit()
        else:
            super().keyPressEvent(event)
