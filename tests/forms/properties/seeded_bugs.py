"""Bugs put into the engine on purpose. The suite has to find each within a few runs; without them it finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from forms.engine import checks, compiler, dependencies, events, filling, submission
from forms.engine.cells import AddRow, MoveRow
from forms.engine.columns import Column
from forms.engine.dependencies import Graph
from forms.engine.filling import Filling
from forms.engine.interview import Interview
from forms.engine.rows import RowList
from tests.forms.properties.sequence import forget_forms

Patch = Callable[[pytest.MonkeyPatch], None]
BUGS: dict[str, Patch] = {}


def bug(name: str) -> Callable[[Patch], Patch]:
    """Gives a bug its name."""

    def put(patch: Patch) -> Patch:
        BUGS[name] = patch
        return patch

    return put


@contextmanager
def seeded(name: str) -> Iterator[None]:
    """The engine with a bug. Forms are compiled anew: what was compiled before does not have it, and what is now must not stay."""
    with pytest.MonkeyPatch.context() as patch:
        forget_forms()
        BUGS[name](patch)
        try:
            yield
        finally:
            forget_forms()


@bug("stale row")
def stale_row(patch: pytest.MonkeyPatch) -> None:
    """A change in one row does not reach what reads it from the other rows: only the first reader's row is computed anew."""
    plain = Filling._mark

    def mark(self, watch, row):
        kept = [entry for entry in watch if entry[0].scope.depth <= row.scope.depth and entry[1] == row.scope.depth]
        rest = [entry for entry in watch if entry not in kept]
        plain(self, kept, row)
        for trigger, shared in rest:
            base = row.up(row.scope.depth - shared)
            for one in [base] if trigger.scope is base.scope else self.rows_of(trigger.scope, base)[:1]:
                self.enqueue(trigger, one)

    patch.setattr(Filling, "_mark", mark)


@bug("missed aggregate")
def missed_aggregate(patch: pytest.MonkeyPatch) -> None:
    """A running total is not told of a row that goes."""

    def remove(self, row):
        del self.rows[row.index]
        self._by_id.pop(row.id, None)
        self._renumber(row.index)

    patch.setattr(RowList, "remove", remove)


@bug("wrong order")
def wrong_order(patch: pytest.MonkeyPatch) -> None:
    """Expressions run in document order, each once, whatever they read."""

    def order(_graph, triggers):
        for rank, trigger in enumerate(sorted(triggers, key=dependencies._document_order)):
            trigger.rank = rank

    patch.setattr(Graph, "_order", order)
    patch.setattr(filling, "ROUNDS_LIMIT", 1)


@bug("lost relevance")
def lost_relevance(patch: pytest.MonkeyPatch) -> None:
    """What becomes relevant again inside a roster does not pass it on to the rows."""

    def each_child(row, template, visit):
        for child in (*template.attributes.values(), *template.children.values()):
            if not child.is_repeat:
                visit(row, child)

    patch.setattr(Filling, "_each_child", staticmethod(each_child))


@bug("bad undo")
def bad_undo(patch: pytest.MonkeyPatch) -> None:
    """A row that was taken away comes back at the end."""
    plain = Interview._apply

    def apply(self, op):
        plain(self, op)
        if isinstance(op, AddRow):
            plain(self, MoveRow(op.cell, None))

    patch.setattr(Interview, "_apply", apply)


@bug("total that forgets a condition")
def forgotten_condition(patch: pytest.MonkeyPatch) -> None:
    """A running total with a condition does not look again when the question outside changes."""
    plain = Column.brought_up

    def brought_up(self, cur):
        if self._versions is not None:
            self._versions = tuple(cur.home.versions[order] for order in self._chosen.outside)
        return plain(self, cur)

    patch.setattr(Column, "brought_up", brought_up)


@bug("index of yesterday")
def stale_index(patch: pytest.MonkeyPatch) -> None:
    """The index that finds rows by an equality stays when a column changes."""

    def forget(self, slot, row):
        self._mark(row, slot)
        if slot == 0:
            self._relevant = None

    patch.setattr(RowList, "forget", forget)


@bug("wrong both ways")
def wrong_both_ways(patch: pytest.MonkeyPatch) -> None:
    """``p[2]`` finds the third row, when computed anew as well."""
    plain = compiler.at
    patch.setattr(compiler, "at", lambda fn: plain(lambda here, frame: fn(here, frame) + 1))


@bug("effects that keep silent")
def silent_effects(patch: pytest.MonkeyPatch) -> None:
    """A step does not tell of questions that became read-only."""
    plain = Filling.sight

    def sight(self, row, template):
        text, relevant, _, required, state, confirmed = plain(self, row, template)
        return text, relevant, False, required, state, confirmed

    patch.setattr(Filling, "sight", sight)


@bug("event lost")
def event_lost(patch: pytest.MonkeyPatch) -> None:
    """Nothing happens on ``odk-new-repeat``."""
    patch.setattr(events, "fire_new_row", lambda _filling, _row: False)


@bug("undo that computes")
def computing_undo(patch: pytest.MonkeyPatch) -> None:
    """What was typed over a calculation is computed anew by undo."""
    plain = Interview._apply

    def apply(self, op):
        plain(self, op)
        self._filling.frozen.clear()

    patch.setattr(Interview, "_apply", apply)


@bug("hidden answers handed in")
def hidden_handed_in(patch: pytest.MonkeyPatch) -> None:
    """The submission has what a state of 8 or 9 or a vanished choice hides, computed anew as well: only another evaluator can tell."""
    patch.setattr(submission, "saved_text", lambda row, template: row.text[template.slot])


@bug("never undecided")
def never_undecided(patch: pytest.MonkeyPatch) -> None:
    """A check passes or fails whatever is still open."""
    patch.setattr(checks, "is_open", lambda *_rest, **_more: False)
