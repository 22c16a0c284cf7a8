"""Choosing inside a grid cell: digits, pinyin, and the list under the cell. The grid keeps the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.codes import Option, Typing
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.questions import CHOICES
from forms.engine import Cell

if TYPE_CHECKING:
    from fieldapp.ui.interview.grid import GridView

__all__ = ["CellChoices"]


class CellChoices:
    """What is being typed for the choice cell under the cursor."""

    def __init__(self, grid: GridView, presenter: InterviewPresenter, popup: Callable[[], ChoiceList]) -> None:
        self._grid, self._presenter, self._popup = grid, presenter, popup
        self._typing: Typing | None = None
        self._listens = False

    @property
    def active(self) -> bool:
        """Something is being typed, or the list is open."""
        return self._typing is not None

    @property
    def typed(self) -> str:
        """What has been typed."""
        return self._typing.typed if self._typing is not None else ""

    @property
    def _cell(self) -> Cell | None:
        return self._grid.current_cell

    def _options(self) -> tuple[Option, ...]:
        return self._presenter.options(self._cell) if self._cell is not None else ()

    def _many(self) -> bool:
        return self._cell is not None and self._presenter.facts(self._cell).kind != "one"

    def _chosen(self) -> tuple[str, ...]:
        if self._cell is None:
            return ()
        value = self._presenter.interview.value(self._cell)
        return tuple(value.split()) if self._many() else (value,) if value else ()

    def type_first(self, text: str) -> None:
        """The first character of a code or of pinyin."""
        if self._typing is None:
            self._typing = Typing(self._options())
        self._feed(text)

    def open_list(self) -> None:
        """F4, Alt+↓."""
        index = self._grid.currentIndex()
        facts = self._grid.cells.facts(index.row(), index.column()) if index.isValid() else None
        if facts is None or facts.kind not in CHOICES or not self._grid.cells.takes_keys(index.row(), index.column()):
            return
        if self._typing is None:
            self._typing = Typing(self._options())
        popup = self._popup()
        if not self._listens:
            popup.picked.connect(self._picked)
            self._listens = True
        area = self._grid.visualRect(index).translated(self._grid.viewport().pos())
        popup.open_at(self._grid, area, self._typing, self._chosen, ticks=facts.kind != "one")

    def end(self, *, take: bool = False) -> None:
        """The cursor goes elsewhere; with ``take`` a code that is complete is chosen first."""
        typing, self._typing = self._typing, None
        if typing is not None:
            option = typing.decide() if take else None
            if option is not None:
                self._put(option)
            self._grid.viewport().update()
        popup = self._popup()
        if popup.owner is self._grid:
            popup.close_list()

    def key(self, event: QKeyEvent) -> bool:
        """A key while something is typed or the list is open; False if it is for the grid."""
        popup, typing = self._popup(), self._typing
        if typing is None:
            return False
        is_open, key = popup.owner is self._grid, event.key()
        if key == Qt.Key.Key_Escape:
            self.end()
        elif is_open and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            popup.move_by(1 if key == Qt.Key.Key_Down else -1)
        elif is_open and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            popup.move_column(1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_Backspace:
            typing.back()
            popup.refresh()
            self._grid.update(self._grid.currentIndex())
        elif is_enter(event) or (key == Qt.Key.Key_Space and is_open):
            self._enter(popup, typing, is_open=is_open, space=key == Qt.Key.Key_Space)
        elif event.text() and event.text().isprintable() and key != Qt.Key.Key_Space:
            self._feed(event.text())
        else:
            self.end(take=True)
            return False
        return True

    def _enter(self, popup: ChoiceList, typing: Typing, *, is_open: bool, space: bool) -> None:
        lit = is_open and (not self._many() or bool(typing.typed) or space)
        option = popup.highlighted if lit else typing.decide()
        typing.clear()
        if option is not None:
            self._choose(option)
        elif not space:
            self.end()
            self._grid.advance(1)

    def _feed(self, text: str) -> None:
        assert self._typing is not None
        option = self._typing.feed(text)
        if option is not None:
            self._choose(option)
            return
        popup = self._popup()
        if popup.owner is self._grid:
            popup.refresh()
        elif self._typing.typed:
            self.open_list()
        else:
            self._typing = None
        self._grid.update(self._grid.currentIndex())

    def _picked(self, option: Option) -> None:
        if self._popup().owner is self._grid:
            self._choose(option)

    def _put(self, option: Option) -> bool:
        cell = self._cell
        if cell is None:
            return False
        if not self._many():
            return self._grid.answer(cell, option.value)
        chosen = list(self._chosen())
        if option.value in chosen:
            chosen.remove(option.value)
        else:
            chosen.append(option.value)
        if self._presenter.facts(cell).kind == "many":
            order = [known.value for known in self._options()]
            chosen.sort(key=lambda value: order.index(value) if value in order else len(order))
        return self._grid.answer(cell, " ".join(chosen))

    def _choose(self, option: Option) -> None:
        if self._many():
            self._put(option)
            popup = self._popup()
            if popup.owner is self._grid:
                popup.refresh()
            return
        taken = self._put(option)
        self.end()
        if taken:
            self._grid.advance(1)
