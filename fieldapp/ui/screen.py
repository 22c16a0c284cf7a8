"""What the main window asks of every screen, and the small facts they exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.keys import Keys


@dataclass(frozen=True, slots=True)
class Said:
    """What the status bar says: a coloured sentence, one plain fact, and a word at the right.

    Args:
        tone: ``ok`` green, ``busy`` blue, ``trouble`` red, ``ageing`` amber.
    """

    tone: str
    sentence: str
    fact: str = ""
    right: str = ""


NARROW = 1100  # logical px: below, type keeps its size and the layout changes
TIGHT = 1280  # below, lists lose a column and slips a few lines


class Screen(QWidget):
    """One place of the window. The bars around it belong to the main window.

    A screen is made when it is first visited and again after a change of language or type size.
    """

    keys_changed = Signal()
    said = Signal(object)  # Said, shown until the next one
    facts_changed = Signal()  # what is unsent may have changed: the window reads it anew

    _narrow: bool | None = None

    @property
    def narrow(self) -> bool:
        """Whether list and case no longer fit side by side (large type, small window)."""
        return self.width() * 100 / theme.current().scale < NARROW

    @property
    def tight(self) -> bool:
        """Whether there is less room than the pictures were drawn for."""
        return self.width() * 100 / theme.current().scale < TIGHT

    def fit(self, _narrow: bool) -> None:
        """Lays the screen out for this width; called when the answer changes."""

    def minimumSizeHint(self) -> QSize:
        """Nothing: a screen fits itself into the window, which must not outgrow a small computer's display."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.narrow != self._narrow:
            self._narrow = self.narrow
            self.fit(self.narrow)

    def heading(self) -> str:
        """What stands behind the program's name in the title bar."""
        return ""

    def strip(self) -> Sequence[Keys]:
        """Five to eleven keys for where the cursor is, most used first."""
        return ()

    def sheet(self) -> Sequence[tuple[str, Sequence[Keys]]]:
        """Columns of the key sheet beside the one that is the same everywhere: heading and keys."""
        return ((self.heading(), self.strip()),)

    def arrive(self) -> None:
        """The person came here: read again what is shown and put the cursor where work goes on."""

    def show_subject(self, _subject: str) -> None:
        """What to show here: the root id of a household, an interview, a case. Called before :meth:`arrive`."""

    def subject(self) -> str:
        """Root id of the household under the cursor, for going to its page."""
        return ""

    def step_back(self) -> bool:
        """Esc: cancels the innermost thing; False when nothing was open and the window may go one level back."""
        return False

    def panes(self) -> Sequence[QWidget]:
        """The widgets F6 walks through, in reading order."""
        return ()

    def next_pane(self, step: int) -> None:
        """Moves the cursor to the next (1) or previous (-1) pane."""
        panes = [pane for pane in self.panes() if pane.isVisibleTo(self) and pane.isEnabled()]
        if not panes:
            return
        focus = self.focusWidget()
        at = next(
            (i for i, pane in enumerate(panes) if focus is not None and (pane is focus or pane.isAncestorOf(focus))), -1
        )
        panes[(at + step) % len(panes)].setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.keys_changed.emit()

    # What the keys of the whole program mean here; the window calls them, a screen overrides those it knows.

    def seek(self) -> bool:
        """Ctrl+F; False where there is nothing to search."""
        return False

    def open_number(self) -> bool:
        """Ctrl+O: open by household number or short code."""
        return False

    def main_deed(self) -> bool:
        """F9, Ctrl+T."""
        return False

    def counter_deed(self) -> bool:
        """Shift+F9."""
        return False

    def next_oddity(self, _step: int) -> bool:
        """F7 and Shift+F7."""
        return False

    def look_again(self) -> bool:
        """F5, Ctrl+R."""
        return False

    def print_this(self) -> bool:
        """Ctrl+P."""
        return False

    def side_panel(self) -> bool:
        """F8, Alt+L."""
        return False

    def turn(self, _step: int) -> bool:
        """Ctrl+PgDn and Ctrl+PgUp: next, previous household or case."""
        return False

    def undo(self) -> bool:
        """Ctrl+Z."""
        return False

    def redo(self) -> bool:
        """Ctrl+Y."""
        return False
