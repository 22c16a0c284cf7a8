"""The state of one filling: rows with slots. No rule lives here; ``filling.py`` keeps it consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.engine.cells import Cell, RowPath
from forms.engine.columns import Chosen, Column
from forms.engine.templates import Scope, Template

if TYPE_CHECKING:
    from forms.engine.filling import Filling


class RowList:
    """The rows of one repeat inside one parent row, in display order.

    ``index_of`` finds rows by the text of one slot; an index is made on first use and dropped when that column changes.
    """

    __slots__ = ("_by_id", "_columns", "_indexes", "_relevant", "parent", "rows", "scope")

    def __init__(self, scope: Scope, parent: Row) -> None:
        self.scope = scope
        self.parent = parent
        self.rows: list[Row] = []
        self._by_id: dict[str, Row] = {}
        self._indexes: dict[int, dict[str, list[Row]]] | None = None
        self._columns: dict[Chosen, Column] = {}
        self._relevant: list[Row] | None = None

    def relevant(self) -> list[Row]:
        """Relevant rows in display order. Not to be changed by the caller."""
        found = self._relevant
        if found is None:
            found = self._relevant = [row for row in self.rows if row.rel[0]]
        return found

    def find(self, row_id: str) -> Row | None:
        """The row with this lasting id."""
        return self._by_id.get(row_id)

    def insert(self, index: int, row: Row) -> None:
        """Puts a row at a position and renumbers those after it."""
        self.rows.insert(index, row)
        self._by_id[row.id] = row
        self._mark(row, None)
        self._renumber(index)

    def remove(self, row: Row) -> None:
        """Takes a row out and renumbers those after it."""
        del self.rows[row.index]
        self._by_id.pop(row.id, None)
        self._mark(row, None)
        self._renumber(row.index)

    def _renumber(self, start: int) -> None:
        rows = self.rows
        for position in range(start, len(rows)):
            rows[position].index = position
        self._indexes = None
        self._relevant = None

    def column(self, chosen: Chosen) -> Column:
        """Running facts about one column, made on first use."""
        found = self._columns.get(chosen)
        if found is None:
            found = self._columns[chosen] = Column(self, chosen)
        return found

    def _mark(self, row: Row, slot: int | None) -> None:
        for column in self._columns.values():
            column.mark(row, slot)

    def forget(self, slot: int, row: Row) -> None:
        """A value or relevance in column ``slot`` of a row changed."""
        self._mark(row, slot)
        if slot == 0:
            self._relevant = None
        if self._indexes is not None:
            self._indexes.pop(slot, None)
            if slot == 0:
                self._indexes = None

    def index_of(self, slot: int) -> dict[str, list[Row]]:
        """Relevant rows by their text in ``slot``, in display order; a node that is not relevant reads as blank."""
        if self._indexes is None:
            self._indexes = {}
        found = self._indexes.get(slot)
        if found is None:
            found = {}
            for row in self.relevant():
                found.setdefault(row.seen[slot], []).append(row)
            self._indexes[slot] = found
        return found


class Row:
    """The root's or one repeat row's state. Slots are those of ``scope.templates``.

    ``text`` is what is saved, ``seen`` what expressions read: blank while not relevant, while a state of 8 or 9 stands for
    the answer, or while the choice is filtered away (``kept`` has what is left of it). ``own`` is the node's own relevance, ``rel`` with its ancestors'.
    """

    __slots__ = (
        "home", "id", "index", "kept", "lists", "own", "own_ro", "parent", "rel", "req", "ro", "scope", "seen", "text",
    )  # fmt: skip

    def __init__(self, scope: Scope, parent: Row | None, home: Filling, row_id: str) -> None:
        size = len(scope.templates)
        self.scope = scope
        self.parent: Row = parent if parent is not None else self
        self.home = home
        self.id = row_id
        self.index = 0
        self.text = scope.defaults.copy()
        self.seen = [""] * size
        self.own = [True] * size
        self.rel = [True] * size
        self.own_ro = scope.own_readonly.copy()
        self.ro = scope.readonly.copy()
        self.req = scope.required.copy()
        self.lists = [RowList(child, self) for child in scope.children]
        self.kept: dict[int, str] | None = None

    @property
    def siblings(self) -> RowList:
        """The list this row stands in. The root stands in none."""
        return self.parent.lists[self.scope.list_index]

    @property
    def alive(self) -> bool:
        """Whether the row and all around it still stand in their lists."""
        row = self
        while row.scope.parent is not None:
            if row.index < 0:
                return False
            row = row.parent
        return True

    def ids(self) -> RowPath:
        """Lasting ids from the outermost row to this one."""
        found: list[str] = []
        here = self
        while here.scope.parent is not None:
            found.append(here.id)
            here = here.parent
        return tuple(reversed(found))

    def cell(self, template: Template) -> Cell:
        """The cell of a template of this row's scope."""
        return Cell(template.path, self.ids())

    def up(self, levels: int) -> Row:
        """The row ``levels`` scopes further out."""
        row = self
        for _ in range(levels):
            row = row.parent
        return row

    def __repr__(self) -> str:
        return f"Row({self.scope.path}#{self.index})"
