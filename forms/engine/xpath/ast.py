"""The syntax tree of an expression: frozen, comparable, hashable.

Two trees are equal when they mean the same text, wherever it stood: the source offset ``at`` takes no part in
equality, so that identical expressions of a form can be merged by using the tree as a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from forms.engine.xpath.values import number_to_text


@dataclass(frozen=True, slots=True)
class Expr:
    """Base of every node of the tree."""


@dataclass(frozen=True, slots=True)
class Literal(Expr):
    """A text between quotes, without them."""

    value: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A number as written; a minus before it is a ``Negate``."""

    value: float
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NameTest:
    """A name with its prefix as written (``age``, ``orx:meta``), ``*`` for any, ``orx:*`` for any of one prefix."""

    name: str


@dataclass(frozen=True, slots=True)
class KindTest:
    """``node()``, ``text()``, ``comment()`` or ``processing-instruction()``: ``kind`` is the word without brackets."""

    kind: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path. Abbreviations are written out: ``@x`` has the axis ``attribute``, ``..`` is
    ``parent::node()``, ``.`` is ``self::node()``, ``//`` is ``descendant-or-self::node()``."""

    axis: str
    test: NameTest | KindTest
    predicates: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Path(Expr):
    """Steps from the root (``absolute``), from the value of ``start``, or from the node the expression belongs to.

    ``/`` alone is absolute without steps. ``instance('c')/root/item`` starts at a ``Call``. ``plain`` is the path as written where it is
    names and dots alone.
    """

    absolute: bool
    steps: tuple[Step, ...]
    start: Expr | None = None
    at: int = field(default=0, compare=False, repr=False)
    plain: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Filter(Expr):
    """Predicates on something that is not a step: ``(…)[1]``, ``randomize(…)[2]``."""

    expr: Expr
    predicates: tuple[Expr, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A function call; ``name`` carries its prefix (``jr:choice-name``)."""

    name: str
    args: tuple[Expr, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """``+ - * div mod = != < <= > >=``; of a chain the left one is done first."""

    op: str
    left: Expr
    right: Expr
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Logic(Expr):
    """``and`` or ``or`` over two or more operands: a chain of one operator is one node."""

    op: str
    operands: tuple[Expr, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Union(Expr):
    """``|`` over two or more node-sets."""

    operands: tuple[Expr, ...]
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Negate(Expr):
    """Unary minus."""

    operand: Expr
    at: int = field(default=0, compare=False, repr=False)


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside, in the order written, those in predicates included."""
    match expr:
        case Binary():
            return (expr.left, expr.right)
        case Logic() | Union():
            return expr.operands
        case Negate():
            return (expr.operand,)
        case Call():
            return expr.args
        case Filter():
            return (expr.expr, *expr.predicates)
        case Path():
            inner = tuple(predicate for step in expr.steps for predicate in step.predicates)
            return inner if expr.start is None else (expr.start, *inner)
        case _:
            return ()


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and everything inside it, outermost first, without recursion."""
    waiting = [expr]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(children(here)))


def depth(expr: Expr) -> int:
    """How many nodes lie on the longest way down, 1 for a number. A sum of many terms is one level, however it is bracketed inside."""
    deepest = 0
    waiting = [(expr, 1)]
    while waiting:
        here, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + (not (is_sum(here) and is_sum(child)))) for child in children(here))
    return deepest


def is_sum(expr: Expr) -> bool:
    """Whether it adds or subtracts."""
    return isinstance(expr, Binary) and expr.op in ("+", "-")


def to_text(expr: Expr) -> str:
    """The expression written out in full, for traces and problems: one text for equal trees."""
    match expr:
        case Literal(value):
            return f'"{value}"' if "'" in value else f"'{value}'"
        case Number(value):
            return number_to_text(value)
        case Binary(op, left, right):
            return f"({to_text(left)} {op} {to_text(right)})"
        case Logic(op, operands):
            return "(" + f" {op} ".join(to_text(o) for o in operands) + ")"
        case Union(operands):
            return "(" + " | ".join(to_text(o) for o in operands) + ")"
        case Negate(operand):
            return f"-{to_text(operand)}"
        case Call(name, args):
            return f"{name}({', '.join(to_text(a) for a in args)})"
        case Filter(inner, predicates):
            return f"({to_text(inner)})" + _predicates(predicates)
        case Path(absolute, steps, start):
            lead = "/" if absolute else "" if start is None else to_text(start) + "/"
            return lead + "/".join(_step(step) for step in steps)
        case _:
            raise TypeError(type(expr).__name__)


def _predicates(predicates: tuple[Expr, ...]) -> str:
    return "".join(f"[{to_text(p)}]" for p in predicates)


def _step(step: Step) -> str:
    if isinstance(step.test, KindTest):
        if step.test.kind == "node" and not step.predicates:
            if step.axis == "self":
                return "."
            if step.axis == "parent":
                return ".."
        test = f"{step.test.kind}()"
    else:
        test = step.test.name
    axis = {"child": "", "attribute": "@"}.get(step.axis, f"{step.axis}::")
    return axis + test + _predicates(step.predicates)
