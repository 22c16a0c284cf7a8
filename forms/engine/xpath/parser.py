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
from forms.engine.xpath.tokens import Token, tokenize

NESTING_LIMIT = 120
DEPTH_LIMIT = 250
LENGTH_LIMIT = 100_000

AXES = frozenset(
    {
        "ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self", "following",
        "following-sibling", "namespace", "parent", "preceding", "preceding-sibling", "self",
    }
)  # fmt: skip
_KINDS = frozenset({"node", "text", "comment", "processing-instruction"})
_POWER = {"or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6}
_POWER["mod"] = 6
_UNARY, _UNION = 7, 8
_ANY_NODE = KindTest("node")


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
        raise XPathSyntaxError(text, reader.here.at, "式子嵌套太深，请拆成几个计算") from None
    token = reader.here
    if token.kind != "end":
        raise XPathSyntaxError(text, token.at, f"多出了“{token.text}”")
    # A tree is never deeper than its text has tokens.
    if len(reader.tokens) > DEPTH_LIMIT and depth(expr) > DEPTH_LIMIT:
        raise XPathSyntaxError(text, 0, "式子嵌套太深，请拆成几个计算")
    return expr


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.next = 0
        self.here = self.tokens[0]
        self.level = 0

    def wrong(self, problem: str, token: Token | None = None) -> XPathSyntaxError:
        return XPathSyntaxError(self.text, (token or self.here).at, problem)

    def advance(self) -> Token:
        token = self.here
        if token.kind != "end":
            self.next += 1
            self.here = self.tokens[self.next]
        return token

    def is_sign(self, text: str) -> bool:
        return self.here.kind == "sign" and self.here.text == text

    def expect(self, text: str) -> None:
        if not self.is_sign(text):
            found = f"却是“{self.here.text}”" if self.here.kind != "end" else "式子却到此为止"
            raise self.wrong(f"这里应为“{text}”，{found}")
        self.advance()

    def expression(self, floor: int) -> Expr:
        """Everything that binds tighter than ``floor``."""
        self.level += 1
        if self.level > NESTING_LIMIT:
            raise self.wrong("式子嵌套太深，请拆成几个计算")
        left = self.operand()
        while self.here.kind == "op" and (power := _POWER.get(self.here.text, _UNION)) > floor:
            token = self.advance()
            if power == _UNION:
                left = self.chain(Union, token, left)
            elif token.text in ("and", "or"):
                operands = [left, self.expression(power)]
                while self.here.kind == "op" and self.here.text == token.text:
                    self.advance()
                    operands.append(self.expression(power))
                left = Logic(token.text, tuple(operands), token.at)
            else:
                left = Binary(token.text, left, self.expression(power), token.at)
        self.level -= 1
        return left

    def chain(self, kind: type[Union], token: Token, first: Expr) -> Expr:
        operands = [first, self.expression(_UNION)]
        while self.here.kind == "op" and self.here.text == "|":
            self.advance()
            operands.append(self.expression(_UNION))
        return kind(tuple(operands), token.at)

    def operand(self) -> Expr:
        token = self.here
        if token.kind == "op" and token.text == "-":
            self.advance()
            return Negate(self.expression(_UNARY - 1), token.at)
        return self.path()

    def path(self) -> Expr:
        token = self.here
        if token.kind == "sign" and token.text in ("/", "//"):
            return self.absolute_path(token)
        start = self.primary()
        if start is None:
            return Path(False, self.steps(), None, token.at)
        if self.is_sign("["):
            start = Filter(start, self.predicates(), token.at)
        if self.here.kind == "sign" and self.here.text in ("/", "//"):
            lead = self.separator()
            return Path(False, lead + self.steps(), start, token.at)
        return start

    def absolute_path(self, token: Token) -> Expr:
        if token.text == "/":
            self.advance()
            if not self.begins_step():
                return Path(True, (), None, token.at)
            return Path(True, self.steps(), None, token.at)
        return Path(True, self.separator() + self.steps(), None, token.at)

    def separator(self) -> tuple[Step, ...]:
        token = self.advance()
        return (Step("descendant-or-self", _ANY_NODE, (), token.at),) if token.text == "//" else ()

    def begins_step(self) -> bool:
        token = self.here
        return token.kind == "name" or (token.kind == "sign" and token.text in ("*", "@", ".", ".."))

    def primary(self) -> Expr | None:
        """Literal, number, bracket or call; None where a path begins."""
        token = self.here
        if token.kind == "literal":
            self.advance()
            return Literal(token.text, token.at)
        if token.kind == "number":
            self.advance()
            return Number(float(token.text), token.at)
        if token.kind == "sign" and token.text == "(":
            self.advance()
            inner = self.expression(0)
            self.expect(")")
            return inner
        if token.kind == "name":
            after = self.tokens[self.next + 1]
            if after.kind == "sign" and after.text == "(" and token.text not in _KINDS:
                return self.call()
        if not self.begins_step():
            raise self.wrong("式子不完整，后面还应有内容" if token.kind == "end" else f"不应出现“{token.text}”")
        return None

    def call(self) -> Call:
        token = self.advance()
        if token.text.endswith("*"):
            raise self.wrong(f"“{token.text}”不是函数名", token)
        self.advance()
        args: list[Expr] = []
        if not self.is_sign(")"):
            args.append(self.expression(0))
            while self.is_sign(","):
                self.advance()
                args.append(self.expression(0))
        self.expect(")")
        return Call(token.text, tuple(args), token.at)

    def steps(self) -> tuple[Step, ...]:
        steps = [self.step()]
        while self.here.kind == "sign" and self.here.text in ("/", "//"):
            steps.extend(self.separator())
            steps.append(self.step())
        return tuple(steps)

    def step(self) -> Step:
        token = self.here
        if token.kind == "sign" and token.text in (".", ".."):
            self.advance()
            # XPath 1.0 has no predicate after an abbreviated step; authors write ..[…] and peers take it.
            return Step("self" if token.text == "." else "parent", _ANY_NODE, self.predicates(), token.at)
        axis = "child"
        if token.kind == "sign" and token.text == "@":
            self.advance()
            axis = "attribute"
        elif token.kind == "name":
            after = self.tokens[self.next + 1]
            if after.kind == "sign" and after.text == "::":
                if token.text not in AXES:
                    raise self.wrong(f"不认识的轴“{token.text}”")
                axis = token.text
                self.advance()
                self.advance()
        test = self.node_test()
        return Step(axis, test, self.predicates(), token.at)

    def node_test(self) -> NameTest | KindTest:
        token = self.here
        if token.kind == "sign" and token.text == "*":
            self.advance()
            return NameTest("*")
        if token.kind != "name":
            raise self.wrong("路径不完整，后面还应有题名" if token.kind == "end" else f"路径里不应出现“{token.text}”")
        self.advance()
        if self.is_sign("("):
            if token.text not in _KINDS:
                raise self.wrong(f"路径中间不能用函数 {token.text}()", token)
            self.advance()
            if token.text == "processing-instruction" and self.here.kind == "literal":
                self.advance()
            self.expect(")")
            return KindTest(token.text)
        return NameTest(token.text)

    def predicates(self) -> tuple[Expr, ...]:
        if not self.is_sign("["):
            return ()
        found: list[Expr] = []
        while self.is_sign("["):
            self.advance()
            found.append(self.expression(0))
            self.expect("]")
        return tuple(found)
