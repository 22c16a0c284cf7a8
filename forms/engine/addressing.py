"""Cells, references with positions, and the rows and templates that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forms.engine.cells import Cell
from forms.engine.filling import Filling
from forms.engine.rows import Row, RowList
from forms.engine.templates import Template

_PART = re.compile(r"^(.*?)(?:\[(\d+)\])?$")


class Addresses:
    """The part of an interview that finds things. A cell may be given as a ``Cell`` or as text: a reference
    (``/data/member[2]/age``) or the name of a node; without a number the only row is meant."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        self._program = filling.program

    def rows(self, repeat: Cell | str) -> tuple[str, ...]:
        """Ids of a repeat's rows in display order."""
        return tuple(row.id for row in self._list(repeat).rows)

    def cell(self, ref: str) -> Cell:
        """The cell at a reference with positions, or of a name.

        Raises:
            KeyError: there is none.
        """
        row, template, rows = self._resolve(ref)
        inside = rows.parent if rows is not None else row
        return Cell(template.path, inside.ids() if inside is not None else ())

    def ref(self, cell: Cell) -> str:
        """The reference with positions, for display."""
        row, template = self._find(cell)
        return reference(row, template)

    def _resolve(self, ref: str) -> tuple[Row | None, Template, RowList | None]:
        """(row, template, None), or for a repeat without a number (None, its template, its list)."""
        templates = self._program.templates
        if not ref.startswith("/"):
            path = self._program.form.path_of(ref)
            if path is None:
                raise KeyError(ref)
            ref = path
        row = self._filling.root
        here = ""
        template = templates.root
        parts = ref.split("/")[1:]
        for number, part in enumerate(parts):
            found = _PART.match(part)
            if found is None:
                raise KeyError(ref)
            here = f"{here}/{found[1]}"
            at = templates.by_path.get(here)
            if at is None:
                raise KeyError(ref)
            template = at
            if not template.is_repeat:
                continue
            rows = row.lists[template.scope.list_index]
            if found[2] is None and number == len(parts) - 1:
                return None, template, rows
            index = int(found[2]) - 1 if found[2] is not None else 0
            if not 0 <= index < len(rows.rows) or (found[2] is None and len(rows.rows) > 1):
                raise KeyError(ref)
            row = rows.rows[index]
        return row, template, None

    def _find(self, cell: Cell | str) -> tuple[Row, Template]:
        """Row and template of a cell.

        Raises:
            KeyError: there is none.
        """
        if isinstance(cell, str):
            row, template, _ = self._resolve(cell)
            if row is None:
                raise KeyError(cell)
            return row, template
        template = self._program.templates.by_path[cell.path]
        row = self._filling.root
        scopes = template.scope.chain()[1:]
        if len(scopes) != len(cell.rows):
            raise KeyError(cell.path)
        for scope, row_id in zip(scopes, cell.rows, strict=True):
            found = row.lists[scope.list_index].find(row_id)
            if found is None:
                raise KeyError(cell.path)
            row = found
        return row, template

    def _list(self, repeat: Cell | str) -> RowList:
        if isinstance(repeat, str):
            _, _, rows = self._resolve(repeat)
            if rows is None:
                raise KeyError(repeat)
            return rows
        template = self._program.templates.by_path[repeat.path]
        scope = template.scope
        if not template.is_repeat or scope.parent is None:
            raise KeyError(repeat.path)
        parent, _ = self._find(Cell(scope.parent.path, repeat.rows))
        return parent.lists[scope.list_index]


def reference(row: Row, template: Template) -> str:
    """A path with the numbers of its rows."""
    if template.scope.parent is None:
        return template.path
    parent_scope = template.scope.parent
    above = reference(row.parent, parent_scope.templates[0]) if parent_scope.parent is not None else ""
    lead = parent_scope.path if parent_scope.parent is not None else ""
    middle = template.scope.path[len(lead) :]
    return f"{above}{middle}[{row.index + 1}]{template.path[len(template.scope.path) :]}"


def walk_nodes(template: Template, row: Row) -> Iterator[tuple[Row, Template]]:
    """A node and all below it with their rows, in document order, without attributes."""
    yield row, template
    for child in template.children.values():
        if child.is_repeat:
            for inner in row.lists[child.scope.list_index].rows:
                yield from walk_nodes(child, inner)
        else:
            yield from walk_nodes(child, row)
