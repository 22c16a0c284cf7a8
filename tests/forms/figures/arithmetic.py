"""Written arithmetic, added again: + − × ÷, brackets, |x| and max(…), exactly, as on paper."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

_TOKEN = re.compile(r"\d+(?:\.\d+)?|max|[()|,+−×÷]")


class WrittenWrong(Exception):
    """The text is not arithmetic."""


def add_up(text: str) -> Fraction:
    """The exact value of ``text``.

    Raises:
        WrittenWrong: it can not be read.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise WrittenWrong(text)
    reader = _Reader([*tokens, ""], text)
    value = reader.sum()
    reader.expect("")
    return value


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """Commercially rounded: a half goes away from zero."""
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


class _Reader:
    def __init__(self, tokens: list[str], text: str) -> None:
        self._tokens, self._text, self._next = tokens, text, 0

    def take(self, *wanted: str) -> str:
        token = self._tokens[self._next]
        if token not in wanted:
            return ""
        self._next += 1
        return token

    def expect(self, token: str) -> None:
        if self._tokens[self._next] != token:
            raise WrittenWrong(f"{self._text}: {token or 'the end'} is missing")
        self._next += 1

    def sum(self) -> Fraction:
        value = self.product()
        while sign := self.take("+", "−"):
            value += self.product() if sign == "+" else -self.product()
        return value

    def product(self) -> Fraction:
        value = self.factor()
        while sign := self.take("×", "÷"):
            value = value * self.factor() if sign == "×" else value / self.factor()
        return value

    def factor(self) -> Fraction:
        if self.take("−"):
            return -self.factor()
        if self.take("("):
            return self.closed(")")
        if self.take("|"):
            return abs(self.closed("|"))
        if self.take("max"):
            self.expect("(")
            found = [self.sum()]
            while self.take(","):
                found.append(self.sum())
            self.expect(")")
            return max(found)
        token = self._tokens[self._next]
        if not token or not token[0].isdigit():
            raise WrittenWrong(self._text)
        self._next += 1
        return Fraction(token)

    def closed(self, end: str) -> Fraction:
        value = self.sum()
        self.expect(end)
        return value
