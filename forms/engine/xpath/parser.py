"""Tokens → syntax tree: precedence climbing over the whole of XPath 1.0 except variables.

    or < and < = != < < <= > >= < + - < * div mod < unary minus < | < path

Never fails but with ``XPathSyntaxError``: nesting and depth are limited, so that neither parsing nor any later walk over
the tree can exhaust the stack.
"""

from __future__ import annotations

from functools import lru_cache

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
    depth,
)
from forms.engine.xpath.errors import XPathSyntaxError
from forms.engine.xpath.tokens import tokenize

NESTING_LIMIT = 120
DEPTH_LIMIT = 250
TERMS_LIMIT = 700
LENGTH_LIMIT = 100_000

AXES = frozenset(
    {
        "ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self", "following",
        "following-sibling", "namespace", "parent", "preceding", "preceding-sibling", "self",
    }
)  # fmt: skip
_KINDS = frozenset({"node", "text", "comment", "processing-instruction"})
_POWER = {
    "or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6, "|": 8,
}  # fmt: skip
_CHAINED = frozenset({"or", "and", "|"})
_STEP_BEGINS = frozenset({"path", "name", "*", "@", ".", ".."})
_PATH_GOES_ON = frozenset({"[", "/", "//"})
_ANY_NODE = KindTest("node")
_ANY_BELOW = Step("descendant-or-self", _ANY_NODE)
_DOTS = {".": Step("self", _ANY_NODE), "..": Step("parent", _ANY_NODE)}


@lru_cache(maxsize=4096)
def parse(text: str) -> Expr:
    """The syntax tree of an expression; equal texts give the same object.

    Raises:
        XPathSyntaxError: the text is no expression, or is nested deeper than any person writes.
    """
    if len(text) > LENGTH_LIMIT:
        raise XPathSyntaxError(text, LENGTH_LIMIT, "式子太长")
    reader = _Reader(text)
    try:
        expr = reader.expression(0)
    except RecursionError:  # the caller stood deep already
        raise reader.wrong("式子嵌套太深，请拆成几个计算") from None
    if reader.kind != "end":
        raise reader.wrong(f"多出了“{reader.word}”")
    # A tree is never deeper than its text has tokens.
    if len(reader.tokens) > DEPTH_LIMIT and depth(expr) > DEPTH_LIMIT:
        raise XPathSyntaxError(text, 0, "式子嵌套太深，请拆成几个计算")
    return expr


@lru_cache(maxsize=8192)
def plain_steps(path: str) -> tuple[bool, tuple[Step, ...]]:
    """Whether a path of names and dots alone is absolute, and its steps."""
    parts = path.split("/")
    absolute = parts[0] == ""
    return absolute, tuple(_DOTS.get(part) or Step("child", NameTest(part)) for part in parts[absolute:])


class _Reader:
    """Reads one expression; ``kind``, ``word`` and ``at`` are those of the token that is due."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.next = 0
        self.level = 0
        self.kind, self.word, self.at = self.tokens[0]

    def wrong(self, problem: str, at: int | None = None) -> XPathSyntaxError:
        return XPathSyntaxError(self.text, self.at if at is None else at, problem)

    def advance(self) -> None:
        if self.kind != "end":
            self.next += 1
            self.kind, self.word, self.at = self.tokens[self.next]

    def following(self) -> str:
        """Kind of the token after the one that is due."""
        return self.tokens[self.next + 1][0]

    def expect(self, sign: str) -> None:
        if self.kind != sign:
            found = f"却是“{self.word}”" if self.kind != "end" else "式子却到此为止"
            raise self.wrong(f"这里应为“{sign}”，{found}")
        self.advance()

    def expression(self, floor: int) -> Expr:
        """Everything that binds tighter than ``floor``."""
        self.level += 1
        if self.level > NESTING_LIMIT:
            raise self.wrong("式子嵌套太深，请拆成几个计算")
        left = self.operand()
        terms = 0
        while self.kind == "op" and (power := _POWER[self.word]) > floor:
            op, at = self.word, self.at
            terms += 1
            if terms > TERMS_LIMIT:
                raise self.wrong("式子太长，请拆成几个计算")
            self.advance()
            right = self.expression(power)
            if op in _CHAINED:
                operands = [left, right]
                while self.kind == "op" and self.word == op:
                    self.advance()
                    operands.append(self.expression(power))
                left = Union(tuple(operands), at) if op == "|" else Logic(op, tuple(operands), at)
            else:
                left = Binary(op, left, right, at)
        self.level -= 1
        return left

    def operand(self) -> Expr:
        if self.kind == "op" and self.word == "-":
            at = self.at
            self.advance()
            return Negate(self.expression(_POWER["|"] - 1), at)
        return self.path()

    def path(self) -> Expr:
        kind, at = self.kind, self.at
        if kind == "path":
            plain = self.word
            absolute, steps = plain_steps(plain)
            self.advance()
            if self.kind not in _PATH_GOES_ON:
                return Path(absolute, steps, None, at, plain)
            return Path(absolute, self.more_steps(self.with_predicates(list(steps))), None, at)
        if kind == "/" or kind == "//":
            lead = self.separator()
            if not lead and not self.begins_step():
                return Path(True, (), None, at)
            return Path(True, self.steps(lead), None, at)
        start = self.primary()
        if start is None:
            return Path(False, self.steps([]), None, at)
        if self.kind == "[":
            start = Filter(start, self.predicates(), at)
        if self.kind == "/" or self.kind == "//":
            return Path(False, self.steps(self.separator()), start, at)
        return start

    def separator(self) -> list[Step]:
        kind = self.kind
        self.advance()
        return [_ANY_BELOW] if kind == "//" else []

    def begins_step(self) -> bool:
        return self.kind in _STEP_BEGINS

    def primary(self) -> Expr | None:
        """Literal, number, bracket or call; None where a path begins."""
        kind, word, at = self.kind, self.word, self.at
        if kind == "name":
            return self.call() if self.following() == "(" and word not in _KINDS else None
        if kind == "literal":
            self.advance()
            return Literal(word, at)
        if kind == "number":
            self.advance()
            return Number(float(word), at)
        if kind == "(":
            self.advance()
            inner = self.expression(0)
            self.expect(")")
            return inner
        if not self.begins_step():
            raise self.wrong("式子不完整，后面还应有内容" if kind == "end" else f"不应出现“{word}”")
        return None

    def call(self) -> Call:
        name, at = self.word, self.at
        if name.endswith("*"):
            raise self.wrong(f"“{name}”不是函数名")
        self.advance()
        self.advance()
        args: list[Expr] = []
        if self.kind != ")":
            args.append(self.expression(0))
            while self.kind == ",":
                self.advance()
                args.append(self.expression(0))
        self.expect(")")
        return Call(name, tuple(args), at)

    def steps(self, steps: list[Step]) -> tuple[Step, ...]:
        self.add_step(steps)
        return self.more_steps(steps)

    def more_steps(self, steps: list[Step]) -> tuple[Step, ...]:
        while self.kind == "/" or self.kind == "//":
            steps += self.separator()
            self.add_step(steps)
        return tuple(steps)

    def add_step(self, steps: list[Step]) -> None:
        """One step, or the several of a plain path, with the predicates after it."""
        kind = self.kind
        axis = "child"
        if kind == "path":
            steps += plain_steps(self.word)[1]
            self.advance()
        elif kind in _DOTS:
            steps.append(_DOTS[kind])
            self.advance()
        else:
            if kind == "name" and self.following() == "::":
                axis = self.word
                if axis not in AXES:
                    raise self.wrong(f"不认识的轴“{axis}”")
                self.advance()
                self.advance()
            elif kind == "@":
                self.advance()
                axis = "attribute"
            if self.kind == "path":
                first, *others = plain_steps(self.word)[1]
                if first.axis != "child":
                    raise self.wrong(f"路径里不应出现“{self.word}”")
                self.advance()
                steps += [Step(axis, first.test), *others]
            else:
                steps.append(Step(axis, self.node_test()))
        self.with_predicates(steps)

    def with_predicates(self, steps: list[Step]) -> list[Step]:
        """Puts the predicates that follow on the last step."""
        if self.kind == "[":
            # XPath 1.0 has no predicate after an abbreviated step; authors write ..[…] and peers take it.
            steps[-1] = Step(steps[-1].axis, steps[-1].test, self.predicates())
        return steps

    def node_test(self) -> NameTest | KindTest:
        kind, word, at = self.kind, self.word, self.at
        if kind != "name":
            if kind == "*":
                self.advance()
                return NameTest("*")
            raise self.wrong("路径不完整，后面还应有题名" if kind == "end" else f"路径里不应出现“{word}”")
        self.advance()
        if self.kind != "(":
            return NameTest(word)
        if word not in _KINDS:
            raise self.wrong(f"路径中间不能用函数 {word}()", at)
        self.advance()
        if word == "processing-instruction" and self.kind == "literal":
            self.advance()
        self.expect(")")
        return KindTest(word)

    def predicates(self) -> tuple[Expr, ...]:
        if self.kind != "[":
            return ()
        found: list[Expr] = []
        while self.kind == "[":
            self.advance()
            found.append(self.expression(0))
            self.expect("]")
        return tuple(found)
