"""What a step has to tell: which cells may look different, with what was seen of them before.

Values, relevance, read-only and required states are noted before they change; texts, choices and validity, which are only
evaluated when asked for, are marked if somebody has seen them. ``Interview`` compares at the end of the step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

from forms.engine.cells import Cell, SetValue, StoredOp
from forms.engine.program import Program
from forms.engine.rows import Row
from forms.engine.templates import Scope, Template

Sight: TypeAlias = tuple[str, bool, bool, bool, str, bool]
"""Value, relevant, read-only, required, non-response state, confirmed."""
STATES = ("8", "9")
"""不清楚, 拒答."""


class Noticing:
    """The part of a filling that remembers what was seen.

    Attributes:
        touched: (row, template) whose state may have changed in this step, with what was seen of it before.
        born: rows that were not there before this step.
        stale: what was shown and may be different now; ``stale_checks`` checks whose result may be.
        shown, where: what somebody has seen, by row, template and aspect.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.touched: dict[tuple[Row, int], tuple[Row, Template, Sight | None]] = {}
        self.born: set[Row] = set()
        self.stale: dict[tuple[Row, int, str], tuple[Row, Template, str]] = {}
        self.stale_checks: dict[tuple[Row, int], tuple[Row, Template]] = {}
        self.shown: dict[tuple[Row, int, str], Any] = {}
        self.where: dict[tuple[Row, int, str], tuple[Row, Template, str]] = {}

    def rows_within(self, row: Row) -> Iterator[Row]:
        """The row and all rows inside it, outer ones first."""
        yield row
        for rows in row.lists:
            for inner in rows.rows:
                yield from self.rows_within(inner)

    def rows_of(self, scope: Scope, above: Row) -> list[Row]:
        """All rows of a scope inside a row of an enclosing scope."""
        chain: list[Scope] = []
        here: Scope | None = scope
        while here is not None and here is not above.scope:
            chain.append(here)
            here = here.parent
        found = [above]
        for one in reversed(chain):
            found = [row for parent in found for row in parent.lists[one.list_index].rows]
        return found

    def sight(self, row: Row, template: Template) -> Sight:
        """What is seen of a cell, without what is only evaluated when asked for."""
        slot, program = template.slot, self.program
        text = row.text[slot] if not row.kept or slot not in row.kept else row.kept[slot]
        state, confirm = program.state_of.get(template), program.confirm_of.get(template)
        return (
            text,
            row.rel[slot],
            row.ro[slot],
            row.req[slot],
            row.text[state.slot] if state is not None and row.text[state.slot] in STATES else "",
            confirm is not None and row.text[confirm.slot] == "1",
        )

    def note(self, row: Row, template: Template) -> None:
        """Called before something of a cell changes: the first time in a step, what was seen of it is kept."""
        key = (row, template.order)
        if key not in self.touched:
            self.touched[key] = (row, template, self.sight(row, template))

    def mark_shown(self, template: Template, row: Row) -> None:
        program = self.program
        checks = program.check_watch.get(template.order)
        if checks is not None:
            self._mark_checks(checks, row)
        if not self.shown and not program.check_of:
            return
        depth = row.scope.depth
        for target, shared, aspect in program.shown_watch.get(template.order, ()):
            # What reads the position of its own row is told of the list: all rows of it are looked at.
            for one in self.rows_of(target.scope, row.up(max(depth - shared, 0))):
                self._mark_stale(one, target, aspect)
                if aspect == "label":
                    self._mark_stale(one, target, "choices")  # Choices have texts too.
                    if target in program.check_of:
                        self.stale_checks[one, target.order] = (one, target)

    def forget_valid(self, row: Row, order: int) -> None:
        """Validity was seen of a state that is gone, and so was what the form said about a broken condition."""
        self.shown.pop((row, order, "valid"), None)
        texts = self.shown.get((row, order, "label"))
        if texts is not None:
            texts.pop("message", None)

    def _mark_stale(self, row: Row, template: Template, aspect: str) -> None:
        key = (row, template.order, aspect)
        if key in self.shown:
            self.stale[key] = (row, template, aspect)

    def _mark_checks(self, checks: list[tuple[Template, int]], row: Row) -> None:
        for target, shared in checks:
            for one in self.rows_of(target.scope, row.up(max(row.scope.depth - shared, 0))):
                self.stale_checks[one, target.order] = (one, target)


def settled(ops: list[StoredOp], undo: list[StoredOp]) -> tuple[tuple[StoredOp, ...], tuple[StoredOp, ...]]:
    """What a step stores and what undoes it, each cell once: what was only there in between is left out.

    Args:
        undo: in the order in which it was noted; the result is in the order in which it is to be done.
    """
    times = Counter(op.cell for op in ops if type(op) is SetValue)
    if len(times) == times.total():
        return tuple(ops), tuple(reversed(undo))
    last: dict[Cell, SetValue] = {op.cell: op for op in ops if type(op) is SetValue}
    first: dict[Cell, SetValue] = {op.cell: op for op in reversed(undo) if type(op) is SetValue}
    noted = Counter(op.cell for op in undo if type(op) is SetValue)
    # A cell of a new row has one value more than undoing needs: its first.
    same = {
        cell
        for cell, op in first.items()
        if cell in last and last[cell].value == op.value and noted[cell] == times[cell]
    }
    return (
        tuple(op for op in ops if type(op) is not SetValue or (op is last[op.cell] and op.cell not in same)),
        tuple(
            op for op in reversed(undo) if type(op) is not SetValue or (op is first[op.cell] and op.cell not in same)
        ),
    )
