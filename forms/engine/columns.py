"""Totals over rows that are kept up as rows change, so that an answer in one of a thousand rows costs what it costs in one of ten.

A ``Column`` knows, for every row of one list, what one node of it adds to a sum, a count, a largest or smallest number. Changed rows
are marked by the list; only they are looked at again when somebody asks. Sums are kept exactly, in whole units of the smallest
number there is, so that a running total is the very number that adding up anew would give, in whatever order rows changed.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from forms.engine.code import Code, Ctx, Dep, Fn, Frame, Here
from forms.engine.xpath.ast import Call, Expr, walk
from forms.engine.xpath.functions import numbers
from forms.engine.xpath.functions.registry import FUNCTIONS
from forms.engine.xpath.values import NAN, text_to_number

if TYPE_CHECKING:
    from forms.engine.compiler import Compiler
    from forms.engine.places import Op, Place
    from forms.engine.rows import Row, RowList

Test: TypeAlias = Callable[[Here, Frame | None], bool]

_UNIT_BITS = 1074
_UNIT = 1 << _UNIT_BITS


@dataclass(frozen=True, eq=False)
class Chosen:
    """What a column is about: a slot of every row, of those rows that pass the tests.

    Attributes:
        slots: slots of the row that the tests read.
        outside: orders of the templates around the list that they read too.
    """

    slot: int
    tests: tuple[Test, ...] = ()
    slots: frozenset[int] = frozenset()
    outside: tuple[int, ...] = ()


class Column:
    """Running facts about one slot of the rows of one list."""

    __slots__ = (
        "_chosen",
        "_count",
        "_dirty",
        "_filled",
        "_fractions",
        "_had",
        "_rows",
        "_sorted",
        "_strange",
        "_versions",
        "_whole",
    )

    def __init__(self, rows: RowList, chosen: Chosen) -> None:
        self._rows = rows
        self._chosen = chosen
        self._dirty: set[Row] = set(rows.rows)
        self._had: dict[Row, str] = {}
        self._versions: tuple[int, ...] | None = None
        self._count = self._filled = self._strange = 0
        self._whole = self._fractions = 0
        self._sorted: list[float] | None = None

    def mark(self, row: Row, slot: int | None) -> None:
        """A row came, went, or changed in this slot."""
        chosen = self._chosen
        if not slot or slot == chosen.slot or slot in chosen.slots:
            self._dirty.add(row)

    def brought_up(self, cur: Here) -> Column:
        """Itself, after a look at all marked rows. ``cur`` is the row of the node that asks."""
        chosen = self._chosen
        if chosen.outside:
            counters = cur.home.versions
            versions = tuple(counters[order] for order in chosen.outside)
            if versions != self._versions:
                self._versions = versions
                self._dirty.update(self._rows.rows)
        if self._dirty:
            frame = Frame(cur)
            dirty, self._dirty = self._dirty, set()
            for row in dirty:
                self._look(row, frame)
        return self

    def _look(self, row: Row, frame: Frame) -> None:
        chosen = self._chosen
        text: str | None = None
        if self._rows.find(row.id) is row and row.rel[0] and row.rel[chosen.slot]:
            for test in chosen.tests:
                if not test(row, frame):
                    break
            else:
                text = row.seen[chosen.slot]
        before = self._had.get(row)
        if text == before:
            return
        if before is not None:
            self._weigh(before, -1)
        if text is None:
            del self._had[row]
        else:
            self._had[row] = text
            self._weigh(text, 1)

    def _weigh(self, text: str, sign: int) -> None:
        self._count += sign
        if not text:
            return
        self._filled += sign
        number = text_to_number(text)
        if number - number != 0.0:  # NaN or too large
            self._strange += sign
            return
        if number.is_integer():
            self._whole += sign * int(number)
        else:
            above, below = number.as_integer_ratio()
            self._fractions += sign * above * (_UNIT // below)
        if self._sorted is not None:
            if sign > 0:
                insort(self._sorted, number)
            else:
                del self._sorted[bisect_left(self._sorted, number)]

    @property
    def count(self) -> int:
        """How many nodes."""
        return self._count

    @property
    def filled(self) -> int:
        """How many nodes that are not blank."""
        return self._filled

    @property
    def sum(self) -> tuple[int, int, int]:
        """Whole numbers, the rest in units of 2^-1074, and how many texts are no numbers."""
        return self._whole, self._fractions, self._strange

    def texts(self) -> list[str]:
        """The texts of all nodes, in no order."""
        return list(self._had.values())

    @property
    def ordered(self) -> list[float] | None:
        """All numbers, smallest first; None if a text is no number."""
        if self._strange:
            return None
        if self._sorted is None:
            self._sorted = sorted(text_to_number(text) for text in self._had.values() if text)
        return self._sorted


def _sum(columns: list[Column]) -> float:
    whole = fractions = strange = 0
    for column in columns:
        one, two, three = column.sum
        whole, fractions, strange = whole + one, fractions + two, strange + three
    if strange:
        return numbers.total([text for column in columns for text in column.texts()])
    try:
        return float(whole) if not fractions else (whole * _UNIT + fractions) / _UNIT
    except OverflowError:
        return numbers.total([text for column in columns for text in column.texts()])


def _count(columns: list[Column]) -> float:
    return float(sum(column.count for column in columns))


def _filled(columns: list[Column]) -> float:
    return float(sum(column.filled for column in columns))


def _extreme(end: int) -> Callable[[list[Column]], float]:
    choose = max if end else min

    def run(columns: list[Column]) -> float:
        found: list[float] = []
        for column in columns:
            ordered = column.ordered
            if ordered is None:
                return NAN
            if ordered:
                found.append(ordered[end])
        return choose(found) if found else NAN

    return run


_OF_LEAVES: dict[str, Callable[[list[Column]], float]] = {
    "sum": _sum,
    "count-non-empty": _filled,
    "max": _extreme(-1),
    "min": _extreme(0),
}


@dataclass(frozen=True)
class Whole:
    """A node-set that is one slot in all rows of one or more lists, perhaps with predicates on the last step into rows.

    ``base`` gives the row that holds the first list; ``ctx`` is where the path stands.
    """

    place: Place
    base: Fn
    ctx: Ctx


def whole_of(place: Place, base: Fn, ctx: Ctx) -> Whole | None:
    """The place as a whole of rows; None if it is something else."""
    if not ctx.is_top or any(op.kind != "rows" for op in place.ops) or any(op.predicates for op in place.ops[:-1]):
        return None
    return Whole(place, base, ctx)


def running(c: Compiler, call: Call, ctx: Ctx) -> Code:
    """Compiles ``sum``, ``count``, ``count-non-empty``, ``max`` and ``min``: kept up where the argument allows it."""
    spec = FUNCTIONS[call.name]
    if len(call.args) == 1 and ctx.is_top:
        code = c.compile(call.args[0], ctx)
        whole: Whole | None = code.whole
        if whole is not None and (whole.place.template.is_leaf or call.name == "count"):
            chosen = _chosen(c, whole)
            if chosen is not None:
                gather = _OF_LEAVES.get(call.name, _count)
                return Code(_reader(whole, chosen, gather), "num")
    return c.plain_call(spec, call, ctx)


def _reader(whole: Whole, chosen: Chosen, gather: Callable[[list[Column]], float]) -> Fn:
    base = whole.base
    *outer, last = (op.template.scope.list_index for op in whole.place.ops)

    def run(here: Here, frame: Frame | None) -> float:
        rows: list[Any] = [base(here, frame)]
        for at in outer:
            rows = [row for parent in rows for row in parent.lists[at].rows if row.rel[0]]
        return gather([row.lists[last].column(chosen).brought_up(here) for row in rows])

    return run


def _chosen(c: Compiler, whole: Whole) -> Chosen | None:
    place = whole.place
    op = place.ops[-1]
    tests: list[Test] = []
    before = len(c.deps)
    for predicate in op.predicates:
        test = _test(c, predicate, op, whole.ctx)
        if test is None:
            return None
        tests.append(test)
    slots: set[int] = set()
    outside: set[int] = set()
    for dep in c.deps[before:]:
        if not _may_wait(dep, op, place, slots, outside):
            return None
    return Chosen(place.template.slot, tuple(tests), frozenset(slots), tuple(sorted(outside)))


def _test(c: Compiler, predicate: Expr, op: Op, ctx: Ctx) -> Test | None:
    from forms.engine.compiler import as_test

    for part in walk(predicate):
        if isinstance(part, Call) and not FUNCTIONS[part.name].pure:
            return None
    code = c.compile(predicate, Ctx(op.template, op.shared, ctx.top))
    return None if code.kind in ("num", "any") else as_test(code)


def _may_wait(dep: Dep, op: Op, place: Place, slots: set[int], outside: set[int]) -> bool:
    """Whether a change of what a predicate reads marks rows: a slot of the row itself, or something around the whole list."""
    if dep.kind != "value":
        return False
    scope, depth = op.template.scope, dep.template.scope.depth
    if dep.template.scope is scope and dep.shared == op.shared < depth:
        slots.add(dep.template.slot)
        return True
    if dep.shared == depth <= place.own:
        outside.add(dep.template.order)
        return True
    return False
