"""Numbers. What has no answer (root of −1, log of a text) is NaN, which is stored as blank; nothing here raises."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache, reduce

from forms.engine.xpath.values import (
    EPOCH_ORDINAL,
    NAN,
    NodeSet,
    Value,
    instant_of,
    text_to_number,
    to_number,
    to_string,
)

_ROUNDING = Context(prec=400, rounding=ROUND_HALF_UP)


def number(value: Value) -> float:
    """``number()``: a date with time gives the whole day it lies in, on the local calendar."""
    if type(value) in (str, list):
        text = to_string(value)
        if "T" in text:
            moment = instant_of(text)
            return NAN if moment is None else float(moment.toordinal() - EPOCH_ORDINAL)
        return text_to_number(text)
    return to_number(value)


def integer(value: Value) -> float:
    """``int()``: the fraction dropped, towards zero; of a date the day."""
    result = number(value)
    return float(math.trunc(result)) + 0.0 if math.isfinite(result) else result


def rounded(value: float, places: float = 0.0) -> float:
    """Rounded in decimal, half away from zero; negative places round tens, hundreds …

    The shortest text of the number is what is rounded, so 1.005 at two places is 1.01 although the double lies below.
    """
    if not math.isfinite(value) or (value.is_integer() and places == 0.0):
        return value
    if not abs(places) <= 30:
        return NAN
    return float(Decimal(repr(value)).quantize(_quantum(int(places)), context=_ROUNDING)) + 0.0


@lru_cache(maxsize=64)
def _quantum(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def floor(value: float) -> float:
    """The next whole number below."""
    return float(math.floor(value)) if math.isfinite(value) else value


def ceiling(value: float) -> float:
    """The next whole number above."""
    return float(math.ceil(value)) + 0.0 if math.isfinite(value) else value


def total(nodes: NodeSet) -> float:
    """``sum()``: blank nodes count for nothing; a node with another text makes it NaN. 0 of no nodes."""
    found = [text_to_number(text) for text in nodes if text]
    try:
        # Exactly rounded: the same in whatever order rows stand or change (columns.py keeps totals so too).
        return math.fsum(found)
    except (OverflowError, ValueError):
        return reduce(operator.add, found, 0.0)


def largest(*values: Value) -> float:
    """``max()`` over all values and all nodes; blank ones are passed over, NaN of nothing."""
    return _extreme(max, values)


def smallest(*values: Value) -> float:
    """``min()`` over all values and all nodes; blank ones are passed over, NaN of nothing."""
    return _extreme(min, values)


def _extreme(choose: Callable[[list[float]], float], values: tuple[Value, ...]) -> float:
    numbers = list(_numbers(values))
    if not numbers or any(n != n for n in numbers):
        return NAN
    return choose(numbers)


def _numbers(values: tuple[Value, ...]) -> Iterator[float]:
    for value in values:
        if type(value) is list:
            for text in value:
                if text:
                    yield text_to_number(text)
        elif value != "":
            yield to_number(value)


def _real(function: Callable[..., float]) -> Callable[..., float]:
    """The function with NaN where mathematics has no real answer, and infinity where it is too large."""

    def safe(*numbers: float) -> float:
        try:
            return function(*numbers)
        except ValueError:
            return NAN
        except OverflowError:
            return math.inf

    safe.__name__ = function.__name__
    return safe


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    return math.pow(base, exponent)


def _log(value: float) -> float:
    return -math.inf if value == 0 else math.log(value)


def _log10(value: float) -> float:
    return -math.inf if value == 0 else math.log10(value)


def _exp10(value: float) -> float:
    return float(10.0**value)


absolute = abs
power = _real(_power)
log = _real(_log)
log10 = _real(_log10)
exp = _real(math.exp)
exp10 = _real(_exp10)
sqrt = _real(math.sqrt)
sin = _real(math.sin)
cos = _real(math.cos)
tan = _real(math.tan)
asin = _real(math.asin)
acos = _real(math.acos)
atan = _real(math.atan)
atan2 = _real(math.atan2)


def pi() -> float:
    """The circle's number."""
    return math.pi


def random(chance: Callable[[], float]) -> float:
    """A number from [0, 1)."""
    return chance()
