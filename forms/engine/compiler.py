"""Expressions → closures and what they read.

``Compiler`` serves one expression in one context: it resolves references to templates and rows (``places.py``), turns operators
and calls into closures, and notes a ``Dep`` for everything read. Calls that need the form stand in ``special.py``.
"""

# ruff: noqa: ARG005, SIM110 - all closures take (here, frame), whether they need both or not; a loop is faster than all()
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from forms.engine import special
from forms.engine.code import Code, Ctx, Dep, Fn, Frame, Here
from forms.engine.paths import compile_path, refs_of
from forms.engine.predicates import Lookup, Predicates, Stage, at, scan, unknown
from forms.engine.templates import Template, Templates
from forms.engine.xml import Names
from forms.engine.xpath.ast import (
    Binary,
    Call,
    Expr,
    Filter,
    KindTest,
    Literal,
    Logic,
    Negate,
    Number,
    Path,
    Union,
    is_sum,
    walk,
)
from forms.engine.xpath.functions.registry import check_call, completed
from forms.engine.xpath.functions.spec import FunctionSpec, Kind, Need
from forms.engine.xpath.values import (
    ARITHMETIC,
    COMPARISONS,
    text_to_comparable,
    text_to_number,
    to_boolean,
    to_number,
    to_string,
)

if TYPE_CHECKING:
    from forms.engine.definition import Form

_TEXTS = frozenset({"str", "node"})
_RESULTS = {Kind.STRING: "str", Kind.NUMBER: "num", Kind.BOOLEAN: "bool", Kind.NODES: "nodes", Kind.ANY: "any"}


class ExpressionRefused(Exception):
    """An expression that cannot be compiled: ``code``, Chinese sentence, mend."""

    def __init__(self, code: str, zh: str, mend: str = "") -> None:
        super().__init__(zh)
        self.code = code
        self.zh = zh
        self.mend = mend


class Compiler:
    """Compiles one expression.

    Attributes:
        deps: what it reads, filled while compiling.
        volatile: reads the clock or chance, so that the same answers can give another result.
        language: reads texts in the active language.
        missing: paths in it that lead to nothing.
    """

    def __init__(self, form: Form, templates: Templates, names: Names) -> None:
        self.form = form
        self.templates = templates
        self.names = names
        self.deps: list[Dep] = []
        self.volatile = False
        self.language = False
        self.missing: list[str] = []

    def need(self, dep: Dep) -> None:
        """Notes something read."""
        self.deps.append(dep)

    def compile(self, expr: Expr, ctx: Ctx) -> Code:
        """The closure of an expression.

        Raises:
            ExpressionRefused, XPathError: with what is wrong.
        """
        compile_one = _COMPILED_BY.get(type(expr))
        if compile_one is None:
            raise ExpressionRefused("E030", "式子里有不能识别的部分。")
        return compile_one(self, expr, ctx)

    # Conversions

    def number(self, expr: Expr, ctx: Ctx) -> Fn:
        """A closure that gives a number."""
        return as_number(self.compile(expr, ctx))

    def string(self, expr: Expr, ctx: Ctx) -> Fn:
        """A closure that gives a text."""
        return as_string(self.compile(expr, ctx))

    def test(self, expr: Expr, ctx: Ctx) -> Fn:
        """A closure that gives a boolean."""
        return as_test(self.compile(expr, ctx))

    def nodes(self, expr: Expr, ctx: Ctx, name: str) -> Fn:
        """A closure that gives a node-set as list of texts."""
        code = self.compile(expr, ctx)
        if code.nodes is not None:
            return code.nodes
        if code.kind == "nodes":
            return code.fn
        raise ExpressionRefused("E034", f"函数 {name}() 要的是题目或题组的引用，这里给的是一个值。", "请改成引用。")

    # Operators

    def _constant(self, expr: Literal | Number, ctx: Ctx) -> Code:  # noqa: ARG002 - one signature for all
        value = expr.value
        return Code(lambda here, frame: value, "str" if isinstance(value, str) else "num", constant=value)

    def _negate(self, expr: Negate, ctx: Ctx) -> Code:
        inner = self.number(expr.operand, ctx)
        return Code(lambda here, frame: -inner(here, frame), "num")

    def _sum(self, expr: Binary, ctx: Ctx) -> Code:
        """A sum of many terms, from left to right, without going deeper for each."""
        signs: list[tuple[bool, Expr]] = []
        here: Expr = expr
        while isinstance(here, Binary) and is_sum(here):
            signs.append((here.op == "+", here.right))
            here = here.left
        first = self.number(here, ctx)
        terms = [(plus, self.number(term, ctx)) for plus, term in reversed(signs)]

        def total(here: Here, frame: Frame | None) -> float:
            value: float = first(here, frame)
            for plus, term in terms:
                value = value + term(here, frame) if plus else value - term(here, frame)
            return value

        return Code(total, "num")

    def _binary(self, expr: Binary, ctx: Ctx) -> Code:
        if is_sum(expr) and is_sum(expr.left):
            return self._sum(expr, ctx)
        left, right = self.compile(expr.left, ctx), self.compile(expr.right, ctx)
        if expr.op in ARITHMETIC:
            return Code(_arithmetic(expr.op, as_number(left), as_number(right)), "num")
        return Code(_comparison(expr.op, left, right), "bool")

    def _logic(self, expr: Logic, ctx: Ctx) -> Code:
        tests = [self.test(operand, ctx) for operand in expr.operands]
        if len(tests) == 2:
            first, second = tests
            if expr.op == "and":
                return Code(lambda here, frame: first(here, frame) and second(here, frame), "bool")
            return Code(lambda here, frame: first(here, frame) or second(here, frame), "bool")
        if expr.op == "and":

            def every(here: Here, frame: Frame | None) -> bool:
                for test in tests:
                    if not test(here, frame):
                        return False
                return True

            return Code(every, "bool")

        def some(here: Here, frame: Frame | None) -> bool:
            for test in tests:
                if test(here, frame):
                    return True
            return False

        return Code(some, "bool")

    def _union(self, expr: Union, ctx: Ctx) -> Code:
        codes = [self.compile(operand, ctx) for operand in expr.operands]
        if any(code.refs is None for code in codes):
            raise ExpressionRefused("E034", "“|”的两边都要是题目或题组的引用。", "请改成引用。")
        return refs_of([code.refs for code in codes if code.refs is not None], any(code.items for code in codes))

    # Calls

    def _call(self, expr: Call, ctx: Ctx) -> Code:
        spec = check_call(expr)
        expr = completed(expr)
        if spec.need is Need.CLOCK or spec.need is Need.CHANCE:
            self.volatile = True
        if spec.need is Need.LANGUAGE or spec.need is Need.LABELS:
            self.language = True
        maker = special.MAKERS.get(expr.name)
        if maker is not None:
            return maker(self, expr, ctx)
        if spec.call is None:
            raise ExpressionRefused("E031", f"函数 {expr.name}() 不受支持。", "请改用别的写法。")
        return self.plain_call(spec, expr, ctx)

    def plain_call(self, spec: FunctionSpec, expr: Call, ctx: Ctx) -> Code:
        """A function that needs nothing but its arguments, or the clock, chance or language besides."""
        call = spec.call
        assert call is not None
        arguments: list[Fn] = []
        for kind, argument in zip(spec.kinds(len(expr.args)), expr.args, strict=True):
            match kind:
                case Kind.STRING:
                    arguments.append(self.string(argument, ctx))
                case Kind.NUMBER:
                    arguments.append(self.number(argument, ctx))
                case Kind.BOOLEAN:
                    arguments.append(self.test(argument, ctx))
                case Kind.NODES:
                    arguments.append(self.nodes(argument, ctx, expr.name))
                case _:
                    arguments.append(self._any(argument, ctx, expr.name))
        return Code(_caller(call, _source(spec.need), arguments), _RESULTS[spec.returns])

    def _any(self, argument: Expr, ctx: Ctx, name: str) -> Fn:
        """An argument as it is; the text of a group is all text in it, and ``number()`` of a boolean node is 1 or 0."""
        code = self.compile(argument, ctx)
        template = code.template
        if name in ("number", "int") and template is not None and template.type == "boolean":
            return as_number(code)
        if (
            code.kind == "node"
            and template is not None
            and not template.is_leaf
            and not template.is_repeat
            and ctx.is_top
        ):
            return self._group_text(code, template, ctx)
        return code.fn

    def _group_text(self, code: Code, template: Template, ctx: Ctx) -> Fn:
        rows = code.rows
        assert rows is not None
        leaves = [
            one
            for one in template.below()
            if one.is_leaf and one.scope is template.scope and not one.name.startswith("@")
        ]
        shared = min(template.scope.depth, ctx.shared)
        for leaf in leaves:
            self.need(Dep(leaf, shared))
        slots = [leaf.slot for leaf in leaves]
        return lambda here, frame: "".join(row.seen[slot] for row in rows(here, frame) for slot in slots)

    # Predicates

    def predicates(self, predicates: tuple[Expr, ...], ctx: Ctx, column_of: Callable[[Expr], Any]) -> Predicates:
        """Compiles the predicates of one step.

        Args:
            ctx: of the candidate.
            column_of: the slot or child name that an operand means on the candidate, None if it is not a plain column.
        """
        lookup: Lookup | None = None
        scanned: Stage | None = None
        stages: list[Stage] = []
        for predicate in predicates:
            parts = _conjuncts(predicate)
            for part in parts:
                if lookup is None and not stages:
                    lookup = self._lookup(part, ctx, column_of)
                    if lookup is not None:
                        scanned = scan(self.test(part, ctx))
                        continue
                stages.append(self._stage(part, ctx, is_condition=len(parts) > 1))
        return Predicates(lookup, scanned, tuple(stages))

    def _lookup(self, expr: Expr, ctx: Ctx, column_of: Callable[[Expr], Any]) -> Lookup | None:
        if not isinstance(expr, Binary) or expr.op != "=":
            return None
        for column_side, key_side in ((expr.left, expr.right), (expr.right, expr.left)):
            column = column_of(column_side)
            if column is None or _mentions_position(key_side):
                continue
            inside = Ctx(ctx.template, ctx.shared, ctx.top)
            key = self.compile(key_side, inside)
            if inside.used or key.kind not in ("str", "node", "num", "nodes"):
                continue
            if isinstance(column, int):
                self.compile(column_side, ctx)
            return Lookup(column, key, key.kind == "num")
        return None

    def _stage(self, expr: Expr, ctx: Ctx, *, is_condition: bool) -> Stage:
        if isinstance(expr, Binary) and expr.op == "=" and not is_condition:
            for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
                if (
                    isinstance(side, Call)
                    and side.name == "position"
                    and not side.args
                    and not _mentions_position(other)
                ):
                    inside = Ctx(ctx.template, ctx.shared, ctx.top)
                    code = self.compile(other, inside)
                    if not inside.used:
                        return at(code.fn)
        inside = Ctx(ctx.template, ctx.shared, ctx.top)
        code = self.compile(expr, inside)
        if code.kind == "num" and not is_condition:
            if not inside.used and not _mentions_position(expr, "position"):
                return at(code.fn)
            return unknown(code.fn)
        if code.kind == "any" and not is_condition:
            return unknown(code.fn)
        return scan(as_test(code))


_COMPILED_BY: dict[type[Expr], Callable[[Compiler, Any, Ctx], Code]] = {
    Literal: Compiler._constant,
    Number: Compiler._constant,
    Path: compile_path,
    Filter: compile_path,
    Binary: Compiler._binary,
    Logic: Compiler._logic,
    Negate: Compiler._negate,
    Union: Compiler._union,
    Call: Compiler._call,
}


def _conjuncts(predicate: Expr) -> tuple[Expr, ...]:
    """Operands of an ``and`` that may be tried one after the other; positions would be counted anew."""
    if isinstance(predicate, Logic) and predicate.op == "and" and not _mentions_position(predicate):
        return predicate.operands
    return (predicate,)


def _mentions_position(expr: Expr, *names: str) -> bool:
    wanted = names or ("position", "last")
    return any(isinstance(one, Call) and one.name in wanted and not one.args for one in walk(expr))


def is_self(expr: Expr) -> bool:
    """Whether an expression is ``.`` alone."""
    return (
        isinstance(expr, Path)
        and not expr.absolute
        and expr.start is None
        and len(expr.steps) == 1
        and expr.steps[0].axis == "self"
        and isinstance(expr.steps[0].test, KindTest)
        and not expr.steps[0].predicates
    )


def as_number(code: Code) -> Fn:
    """The number of a value."""
    fn = code.fn
    if code.kind == "num":
        return fn
    if code.constant is not None:
        number = to_number(code.constant)
        return lambda here, frame: number
    if code.template is not None and code.template.type == "boolean":
        return lambda here, frame: _boolean_number(to_string(fn(here, frame)))
    if code.kind in _TEXTS:
        return lambda here, frame: text_to_number(fn(here, frame))
    return lambda here, frame: to_number(fn(here, frame))


def as_comparable(code: Code) -> Fn:
    """The number that counts when sizes are compared: a date with time by the local clock, so that it lies in its own day."""
    if code.kind not in _TEXTS or (code.template is not None and code.template.type == "boolean"):
        return as_number(code)
    fn = code.fn
    if code.constant is not None:
        number = text_to_comparable(to_string(code.constant))
        return lambda here, frame: number
    return lambda here, frame: text_to_comparable(fn(here, frame))


def _boolean_number(text: str) -> float:
    """A node of type boolean counts as 1 or 0, whichever way it is written."""
    return {"true": 1.0, "false": 0.0}.get(text, text_to_number(text))


def as_string(code: Code) -> Fn:
    """The text of a value."""
    fn = code.fn
    if code.kind in _TEXTS:
        return fn
    return lambda here, frame: to_string(fn(here, frame))


def as_test(code: Code) -> Fn:
    """The boolean of a value. A node of type boolean or of a number type counts by its type (JavaRosa)."""
    fn = code.fn
    if code.test is not None:
        return code.test
    if code.kind == "bool":
        return fn
    if code.kind in _TEXTS:
        return lambda here, frame: fn(here, frame) != ""
    return lambda here, frame: to_boolean(fn(here, frame))


def _arithmetic(op: str, left: Fn, right: Fn) -> Fn:
    match op:
        case "+":
            return lambda here, frame: left(here, frame) + right(here, frame)
        case "-":
            return lambda here, frame: left(here, frame) - right(here, frame)
        case "*":
            return lambda here, frame: left(here, frame) * right(here, frame)
    operation = ARITHMETIC[op]
    return lambda here, frame: operation(left(here, frame), right(here, frame))


def _comparison(op: str, left: Code, right: Code) -> Fn:
    one, two = left.fn, right.fn
    if op in ("=", "!=") and left.kind in _TEXTS and right.kind in _TEXTS:
        if right.constant is not None:
            text = right.constant
            if op == "=":
                return lambda here, frame: one(here, frame) == text
            return lambda here, frame: one(here, frame) != text
        if op == "=":
            return lambda here, frame: one(here, frame) == two(here, frame)
        return lambda here, frame: one(here, frame) != two(here, frame)
    singles = ("str", "node", "num")
    if left.kind in singles and right.kind in singles:
        by_size = op not in ("=", "!=")
        first, second = (as_comparable(one) if by_size else as_number(one) for one in (left, right))
        match op:
            case "=":
                return lambda here, frame: first(here, frame) == second(here, frame)
            case "!=":
                return lambda here, frame: first(here, frame) != second(here, frame)
            case "<":
                return lambda here, frame: first(here, frame) < second(here, frame)
            case "<=":
                return lambda here, frame: first(here, frame) <= second(here, frame)
            case ">":
                return lambda here, frame: first(here, frame) > second(here, frame)
            case ">=":
                return lambda here, frame: first(here, frame) >= second(here, frame)
    if op in ("=", "!=") and "bool" in (left.kind, right.kind):
        first, second = as_test(left), as_test(right)
        if op == "=":
            return lambda here, frame: first(here, frame) is second(here, frame)
        return lambda here, frame: first(here, frame) is not second(here, frame)
    compare = COMPARISONS[op]
    return lambda here, frame: compare(one(here, frame), two(here, frame))


def _source(need: Need) -> Callable[[Any], Any] | None:
    match need:
        case Need.CLOCK:
            return lambda home: home.situation.now()
        case Need.CHANCE:
            return lambda home: home.situation.random
        case Need.LANGUAGE:
            return lambda home: home.language
        case _:
            return None


def home_of(here: Here, frame: Frame | None) -> Any:
    """The filling, from whatever a closure stands on."""
    return here.home if frame is None else frame.cur.home


def _caller(call: Callable[..., Any], source: Callable[[Any], Any] | None, arguments: list[Fn]) -> Fn:
    if source is not None:
        return lambda here, frame: call(
            source(home_of(here, frame)), *[argument(here, frame) for argument in arguments]
        )
    match arguments:
        case []:
            return lambda here, frame: call()
        case [one]:
            return lambda here, frame: call(one(here, frame))
        case [one, two]:
            return lambda here, frame: call(one(here, frame), two(here, frame))
        case [one, two, three]:
            return lambda here, frame: call(one(here, frame), two(here, frame), three(here, frame))
    return lambda here, frame: call(*[argument(here, frame) for argument in arguments])
