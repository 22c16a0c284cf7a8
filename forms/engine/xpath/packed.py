"""Syntax trees as plain data (lists, texts, numbers) for a compiled form on disk, and back.

Offsets are left out: they serve messages about a text that cannot be used, and a kept form has none of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms.engine.xpath.ast import (
    Binary,
    Call,
    Expr,
    Filter,
    KindTest,
    Literal,
    Logic,
    NameTest,
    Negate,
    Number,
    Path,
    Step,
    Union,
)
from forms.engine.xpath.parser import plain_steps

_LITERAL, _CALL, _BINARY, _LOGIC, _UNION, _NEGATE, _FILTER, _PATH = range(8)


def to_data(expr: Expr) -> Any:
    """An expression as data: numbers and paths of plain names as themselves, everything else as a list that begins with its kind."""
    match expr:
        case Number(value):
            return value
        case Literal(value):
            return [_LITERAL, value]
        case Call(name, args):
            return [_CALL, name, *map(to_data, args)]
        case Binary(op, left, right):
            return [_BINARY, op, to_data(left), to_data(right)]
        case Logic(op, operands):
            return [_LOGIC, op, *map(to_data, operands)]
        case Union(operands):
            return [_UNION, *map(to_data, operands)]
        case Negate(operand):
            return [_NEGATE, to_data(operand)]
        case Filter(inner, predicates):
            return [_FILTER, to_data(inner), *map(to_data, predicates)]
        case Path(absolute, steps, start):
            plain = _plain(steps)
            if start is None and plain:
                return f"/{plain}" if absolute else plain
            return [_PATH, absolute, None if start is None else to_data(start), *_steps_data(steps)]
        case _:
            raise TypeError(type(expr).__name__)


def from_data(data: Any) -> Expr:
    """The inverse of ``to_data``.

    Raises:
        TypeError, ValueError, IndexError: not made by ``to_data``.
    """
    if type(data) is str:
        absolute, steps = plain_steps(data)
        return Path(absolute, steps, plain=data)
    if type(data) is float:
        return Number(data)
    make: Callable[[list[Any]], Expr] = _MAKERS[data[0]]
    return make(data)


def _logic(data: list[Any]) -> Expr:
    return Logic(data[1], tuple([from_data(one) for one in data[2:]]))


def _call(data: list[Any]) -> Expr:
    return Call(data[1], tuple([from_data(one) for one in data[2:]]))


def _filter(data: list[Any]) -> Expr:
    return Filter(from_data(data[1]), tuple([from_data(one) for one in data[2:]]))


def _path(data: list[Any]) -> Expr:
    steps: list[Step] = []
    for one in data[3:]:
        if type(one) is str:
            steps += plain_steps(one)[1]
        else:
            axis, kind, name, *predicates = one
            test = KindTest(name) if kind else NameTest(name)
            steps.append(Step(axis, test, tuple([from_data(inner) for inner in predicates])))
    return Path(data[1], tuple(steps), None if data[2] is None else from_data(data[2]))


_MAKERS: tuple[Callable[[list[Any]], Expr], ...] = (
    lambda data: Literal(data[1]),
    _call,
    lambda data: Binary(data[1], from_data(data[2]), from_data(data[3])),
    _logic,
    lambda data: Union(tuple([from_data(one) for one in data[1:]])),
    lambda data: Negate(from_data(data[1])),
    _filter,
    _path,
)


def _plain(steps: tuple[Step, ...]) -> str | None:
    """Steps of names and dots alone as they are written; None if one is something else."""
    written = [_plain_step(step) for step in steps]
    if any(one is None for one in written):
        return None
    return "/".join(one for one in written if one is not None)


def _plain_step(step: Step) -> str | None:
    if step.predicates:
        return None
    if isinstance(step.test, KindTest):
        return {"self": ".", "parent": ".."}.get(step.axis) if step.test.kind == "node" else None
    return step.test.name if step.axis == "child" else None


def _steps_data(steps: tuple[Step, ...]) -> list[Any]:
    """Runs of plain steps as one text, others as axis, kind of test, name and predicates."""
    found: list[Any] = []
    run: list[str] = []
    for step in steps:
        plain = _plain_step(step)
        if plain is not None:
            run.append(plain)
            continue
        if run:
            found.append("/".join(run))
            run = []
        is_kind = isinstance(step.test, KindTest)
        name = step.test.kind if isinstance(step.test, KindTest) else step.test.name
        found.append([step.axis, is_kind, name, *map(to_data, step.predicates)])
    if run:
        found.append("/".join(run))
    return found
