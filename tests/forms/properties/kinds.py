"""Which kinds of expressions a form has, and how many runs exercised each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from forms.engine.xpath.ast import Binary, Call, Expr, KindTest, Literal, Logic, Negate, Number, Path, Step, Union, walk
from forms.engine.xpath.parser import parse
from tests.forms.properties.sequence import Run, Walk
from tests.forms.properties.specs import Spec, expressions

AGGREGATES = ("sum", "count", "count-non-empty", "min", "max", "join")
_NODES = frozenset({*AGGREGATES, "position", "randomize"})

# fmt: off
REQUIRED: dict[str, tuple[str, ...]] = {
    "aggregates": (
        *(f"{name}({what})" for name in AGGREGATES for what in ("rows", "rows[…]")), "sum(list[…])", "count(list[…])",
    ),
    "functions": (
        "abs", "boolean-from-string", "ceiling", "checklist", "coalesce", "concat", "contains", "count-selected", "current", "date",
        "decimal-date-time", "floor", "format-date", "if", "indexed-repeat", "instance", "int", "jr:choice-name", "last",
        "normalize-space", "not", "number", "once", "position", "position(..)", "position(../..)", "pow", "pulldata", "randomize",
        "regex", "round", "selected", "selected-at", "starts-with", "string", "string-length", "substr", "substring-before", "today",
        "translate",
    ),
    "operators": ("+", "-", "*", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "and", "or", "negative", "|"),
    "axes": ("child", "parent", "self", "descendant", "following-sibling", "preceding-sibling", "absolute", "out of a roster"),
    "predicates on rows": (
        "rows[x = constant]", "rows[x = current]", "rows[x = outside]", "rows[x > …]", "rows[x != …]", "rows[and]", "rows[or]", "rows[not]",
        "rows[selected]", "rows[number]", "rows[last]", "rows[position < …]", "rows[position = …]", "rows[other rows]", "rows[…][…]",
    ),
    "predicates on lists": (
        "list[x = constant]", "list[x = current]", "list[x > …]", "list[x != …]", "list[and]", "list[or]", "list[not]", "list[selected]",
        "list[position < …]", "list[rows]", "list[…][…]",
    ),
    "places": (
        "relevant", "relevant of a group", "relevant of a roster", "calculate", "calculate typed over", "required", "readonly",
        "readonly of a group", "constraint", "choices from a list", "choices from rows", "choices of many", "ranking", "label", "hint", "label of a row",
        "jr:count", "odk-instance-first-load", "odk-new-repeat", "xforms-value-changed", "hard check", "soft check",
        "two rosters deep", "three rosters deep", "chain of rows", "non-response", "to be confirmed",
    ),
    "steps": (
        "answer", "blank", "state", "add", "remove", "move", "undo", "redo", "note", "comment", "language", "reopen", "confirm", "refused",
    ),
    "met": (
        "check passed", "check failed", "check undecided", "check noted", "check fallen", "state 8", "state 9", "set to zero", "not asked",
        "answer hidden", "choice vanished", "constraint broken", "required missing", "roster hidden", "rows by count",
    ),
}
# fmt: on


def places(path: str, spec: Spec, depth: int) -> Iterator[str]:
    """What a node of a form is, other than its expressions."""
    if spec.kind == "repeat":
        yield {1: "one roster deep", 2: "two rosters deep"}.get(depth, "three rosters deep")
    for key in spec.logic:
        yield f"{key} of a {'roster' if spec.kind == 'repeat' else 'group'}" if spec.kind != "question" else key
    if "calculate" in spec.logic:
        if spec.control and spec.logic.get("readonly") != "true()":
            yield "calculate typed over"
        if re.search(rf"\b{spec.name}\b", spec.logic["calculate"]):
            yield "chain of rows"
    if spec.itemset:
        yield "choices from a list" if "instance(" in spec.itemset[0] else "choices from rows"
    yield from ({"select": ["choices of many"], "rank": ["ranking"]}).get(spec.control, [])
    if spec.output:
        yield "label of a row" if spec.kind == "repeat" else "label"
    if spec.hint:
        yield "hint"
    if spec.count:
        yield "jr:count"
    yield from (event.event for event in spec.events)
    if "check" in spec.fa:
        yield f"{spec.fa['check']} check"
    if "nonresponse" in spec.fa:
        yield "non-response"
    if path.endswith("__ok"):
        yield "to be confirmed"


def kinds_of(root: Spec) -> dict[str, set[str]]:
    """Kind → paths of the nodes that show it."""
    found: dict[str, set[str]] = {}
    repeats = {path for path, spec in root.walk() if spec.kind == "repeat"}
    for path, spec in root.walk():
        depth = sum(path == one or path.startswith(one + "/") for one in repeats)
        names = {*places(path, spec, depth)}
        for _, text in expressions(spec):
            names |= {*kinds(parse(text), repeats)}
        for name in names:
            found.setdefault(name, set()).add(path)
    return found


def kinds(expr: Expr, repeats: Iterable[str]) -> Iterator[str]:
    """Kinds of one expression."""
    rosters = {one.rpartition("/")[2] for one in repeats}
    for one in walk(expr):
        match one:
            case Binary(op, _, _) | Logic(op, _):
                yield op
            case Negate():
                yield "negative"
            case Union():
                yield "|"
            case Call(name=name):
                yield name
                if name == "position" and one.args:
                    ups = (
                        sum(step.axis == "parent" for step in one.args[0].steps) if isinstance(one.args[0], Path) else 0
                    )
                    yield f"position({'/'.join(['..'] * ups)})"
                for argument in one.args if name in AGGREGATES else ():
                    yield from _aggregate(name, argument, rosters)
            case Path():
                yield from _path(one, rosters)


def _aggregate(name: str, argument: Expr, rosters: set[str]) -> Iterator[str]:
    if isinstance(argument, Path):
        picked = "[…]" if any(step.predicates for step in argument.steps) else ""
        if _is_list(argument):
            yield f"{name}(list{picked})"
        elif any(_name(step) in rosters for step in argument.steps):
            yield f"{name}(rows{picked})"


def _is_list(path: Path) -> bool:
    return isinstance(path.start, Call) and path.start.name == "instance"


def _name(step: Step) -> str:
    return "" if isinstance(step.test, KindTest) else step.test.name


def _path(path: Path, rosters: set[str]) -> Iterator[str]:
    if path.absolute:
        yield "absolute"
    names = [_name(step) for step in path.steps]
    for number, step in enumerate(path.steps):
        yield "descendant" if step.axis.startswith("descendant") else step.axis
        if step.axis == "parent" and any(name in rosters for name in names[number + 1 :]):
            yield "out of a roster"
        where = "list" if _is_list(path) else "rows" if names[number] in rosters else ""
        if not where:
            continue
        if len(step.predicates) > 1:
            yield f"{where}[…][…]"
        for predicate in step.predicates:
            yield from (f"{where}[{shape}]" for shape in _shapes(predicate, rosters))


def _shapes(expr: Expr, rosters: set[str]) -> Iterator[str]:
    """Shapes of one predicate."""
    inside = [*walk(expr)]
    if any(isinstance(one, Path) and any(_name(step) in rosters for step in one.steps) for one in inside):
        yield "other rows"
        yield "rows"
    match expr:
        case Logic(op, _):
            yield op
        case Call(name="not"):
            yield "not"
        case Call(name="selected"):
            yield "selected"
        case Call(name="last"):
            yield "last"
        case Number():
            yield "number"
        case Binary(op, left, right):
            calls = {one.name for one in walk(left) if isinstance(one, Call)}
            if "position" in calls:
                last = isinstance(right, Call) and right.name == "last"
                yield "last" if last else "position = …" if op == "=" else "position < …"
            elif op == "=":
                yield f"x = {_side(right)}"
            elif op == "!=":
                yield "x != …"
            else:
                yield "x > …"


def _side(expr: Expr) -> str:
    if isinstance(expr, Literal | Number):
        return "constant"
    found = [one for one in walk(expr) if isinstance(one, Call) and one.name == "current"]
    return "current" if found else "outside"


@dataclass
class Tally:
    """What many runs met."""

    runs: int = 0
    steps: int = 0
    cells: int = 0
    looked: int = 0
    agreed: int = 0
    exercised: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)

    def take(self, run: Run, walked: Walk) -> None:
        """One run: a kind is exercised if a node that shows it stood in the filling, changed if it ever looked otherwise."""
        self.runs += 1
        for name in ("steps", "cells", "looked", "agreed"):
            setattr(self, name, getattr(self, name) + getattr(walked, name))
        for name, paths in kinds_of(run.spec).items():
            self.exercised[name] += bool(paths & walked.shown)
            self.changed[name] += bool(paths & walked.moved)
        self.exercised.update(walked.met)
        for event in run.spec.events:
            self.exercised[event.event] += 1

    def join(self, other: Mapping[str, object]) -> None:
        """Adds what another process counted (``as_data``)."""
        for name in ("runs", "steps", "cells", "looked", "agreed"):
            setattr(self, name, getattr(self, name) + other[name])
        self.exercised.update(other["exercised"])  # type: ignore[arg-type]
        self.changed.update(other["changed"])  # type: ignore[arg-type]

    def as_data(self) -> dict[str, object]:
        """Plain numbers."""
        return {**vars(self), "exercised": dict(self.exercised), "changed": dict(self.changed)}

    def missing(self) -> list[str]:
        """Kinds of the list that no run exercised."""
        return [name for names in REQUIRED.values() for name in names if not self.exercised[name]]

    def lines(self) -> list[str]:
        """The summary, for people."""
        head = (
            f"{self.runs} runs, {self.runs} forms, {self.steps} steps; {self.looked} fillings computed anew and compared,"
            f" {self.agreed} held against the naive evaluator, {self.cells} cells seen"
        )
        found = [head, "kind: runs that exercised it / runs in which what it decides changed"]
        for title, names in REQUIRED.items():
            counts = (
                f"{name} {self.exercised[name]}" + (f"/{self.changed[name]}" if self.changed[name] else "")
                for name in names
            )
            found.append(f"  {title}: " + ", ".join(counts))
        missing = self.missing()
        if missing:
            found.append("  NEVER EXERCISED: " + ", ".join(missing))
        return found
