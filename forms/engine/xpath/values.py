"""The value model: what an expression can be, and how one kind becomes another.

A value is ``str``, ``float``, ``bool`` or a node-set. A node-set is a plain ``list[str]``: the string values of its nodes
in document order. There is no type for dates: a date is its text, as the specification has it, and becomes a number where
a number is wanted. Numbers are always ``float``, never ``int``; blank is ``""``, "no number" is NaN.

Days: a date is a whole number of days since 1970-01-01, in every zone. A date with time is in arithmetic the days since
1970-01-01T00:00Z, with fraction; in comparisons by size it counts on the local wall clock, so that a visit at 3 in the
morning lies after the date of its own day, east of Greenwich too.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

NodeSet: TypeAlias = list[str]
Value: TypeAlias = str | float | bool | list[str]

NAN = math.nan
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
EPOCH_ORDINAL = 719163  # date(1970, 1, 1).toordinal()

_NUMBER = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*", re.ASCII)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:T([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
    re.ASCII,
)


def to_string(value: Value) -> str:
    """``string()``: a node-set is its first node; numbers are written without exponent."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]
    if kind is float:
        return number_to_text(value)  # type: ignore[arg-type]
    if kind is bool:
        return "true" if value else "false"
    return value[0] if value else ""  # type: ignore[index]


def to_number(value: Value) -> float:
    """``number()`` as operators use it: dates become days, with the part of the day; what is no number is NaN."""
    kind = type(value)
    if kind is float:
        return value  # type: ignore[return-value]
    if kind is str:
        return text_to_number(value)  # type: ignore[arg-type]
    if kind is bool:
        return 1.0 if value else 0.0
    return text_to_number(value[0]) if value else NAN  # type: ignore[index]


def to_boolean(value: Value) -> bool:
    """``boolean()``: blank, 0 and NaN are false. A node-set is true if one of its nodes is not blank."""
    kind = type(value)
    if kind is bool:
        return value  # type: ignore[return-value]
    if kind is float:
        return value == value and value != 0.0
    if kind is str:
        return value != ""
    return any(value)  # type: ignore[arg-type]


def bound_boolean(text: str) -> bool:
    """``boolean()`` of a question bound as boolean: its stored ``0`` and ``false`` are false."""
    return text not in ("", "0", "false")


def to_nodes(value: Value) -> NodeSet:
    """A node-set as it is; anything else as the set of one node with that text."""
    return value if type(value) is list else [to_string(value)]


def to_saved(value: Value) -> str:
    """What is stored in a node: the text, where NaN is blank."""
    kind = type(value)
    if kind is float and value != value:
        return ""
    return to_string(value)


@lru_cache(maxsize=8192)
def text_to_number(text: str) -> float:
    """A number, a date or a date with time as a number; NaN for anything else.

    Only digits, one point and a leading minus make a number: ``1e3``, ``0x10``, ``+5`` and ``1,000`` do not.
    """
    if _NUMBER.fullmatch(text):
        return float(text)
    days = days_of(text)
    return NAN if days is None else days


def number_to_text(number: float) -> str:
    """Shortest text that reads back as the same number: no exponent, no ``.0``, no negative zero."""
    if number != number:
        return "NaN"
    if number.is_integer() and -1e16 < number < 1e16:
        return str(int(number))
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    text = repr(number)
    return format(Decimal(text), "f") if "e" in text else text.removesuffix(".0")


def instant_of(text: str) -> date | datetime | None:
    """The date or the aware moment a text stands for; None if it is neither.

    A time without an offset is taken as local; the returned moment is always local (TZ of the process).
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        if hour is None:
            return date(int(year), int(month), int(day))
        micros = int((fraction or "0")[:6].ljust(6, "0"))
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micros)  # noqa: DTZ001
        return local_moment(moment if offset is None else moment.replace(tzinfo=_zone(offset)))
    except (ValueError, OverflowError, OSError):
        return None


def local_moment(moment: datetime, convert: Callable[[datetime], datetime] = datetime.astimezone) -> datetime:
    """The moment in the zone of the process; one without a zone is taken as local already.

    Windows knows no local time before 1970: there the offset is that of a year with the same calendar.
    """
    try:
        return convert(moment)
    except (OSError, OverflowError):
        offset = convert(moment.replace(year=2000 + (moment.year - 2000) % 28)).utcoffset()
        zone = timezone(offset or timedelta(0))
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def days_of(text: str) -> float | None:
    """Days since 1970-01-01: whole for a date, the UTC moment with its fraction for a date with time, else None."""
    moment = instant_of(text)
    if moment is None:
        return None
    if isinstance(moment, datetime):
        return days_since_epoch(moment)
    return float(moment.toordinal() - EPOCH_ORDINAL)


def days_since_epoch(moment: datetime) -> float:
    """Days between 1970-01-01T00:00Z and an aware moment."""
    return (moment - _EPOCH) / _DAY


@lru_cache(maxsize=8192)
def text_to_comparable(text: str) -> float:
    """As ``text_to_number``, but a date with time counts on the local wall clock, so that it lies after its own date."""
    if _NUMBER.fullmatch(text):
        return float(text)
    moment = instant_of(text)
    if moment is None:
        return NAN
    days = float(moment.toordinal() - EPOCH_ORDINAL)
    if isinstance(moment, datetime):
        days += (moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6) / 86400
    return days


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if offset[0] == "-" else span)


def equal(left: Value, right: Value) -> bool:
    """``=``: true of a node-set if it is true of one of its nodes."""
    a, b = type(left), type(right)
    if a is b and a is not list:
        return left == right
    if a is bool or b is bool:
        return to_boolean(left) is to_boolean(right)
    if a is list:
        if b is list:
            return not set(left).isdisjoint(right)  # type: ignore[arg-type]
        if b is str:
            return right in left  # type: ignore[operator]
        return any(text_to_number(text) == right for text in left)  # type: ignore[union-attr]
    if b is list:
        return equal(right, left)
    return to_number(left) == to_number(right)


def not_equal(left: Value, right: Value) -> bool:
    """``!=``: not the opposite of ``=`` where a node-set is of several nodes, or of none."""
    a, b = type(left), type(right)
    if a is b and a is not list:
        return left != right
    if a is bool or b is bool:
        return to_boolean(left) is not to_boolean(right)
    if a is list:
        if b is list:
            both = {*left, *right}  # type: ignore[misc]
            return bool(left) and bool(right) and len(both) > 1
        if b is str:
            return any(text != right for text in left)  # type: ignore[union-attr]
        return any(text_to_number(text) != right for text in left)  # type: ignore[union-attr]
    if b is list:
        return not_equal(right, left)
    return to_number(left) != to_number(right)


def _relation(holds: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool]:
    def compare(left: Value, right: Value) -> bool:
        a, b = type(left), type(right)
        if a is list or b is list:
            # Against a boolean a node-set counts as one boolean (XPath 1.0, 3.4).
            lefts = _comparables(to_boolean(left) if b is bool else left)
            rights = _comparables(to_boolean(right) if a is bool else right)
            return any(holds(x, y) for x in lefts for y in rights)
        x = left if a is float else _comparable(left)
        y = right if b is float else _comparable(right)
        return holds(x, y)

    return compare


def _comparable(value: Value) -> float:
    return text_to_comparable(value) if type(value) is str else to_number(value)


def _comparables(value: Value) -> Sequence[float]:
    if type(value) is list:
        return [text_to_comparable(text) for text in value]
    return (_comparable(value),)


less = _relation(operator.lt)
less_or_equal = _relation(operator.le)
greater = _relation(operator.gt)
greater_or_equal = _relation(operator.ge)

COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "=": equal,
    "!=": not_equal,
    "<": less,
    "<=": less_or_equal,
    ">": greater,
    ">=": greater_or_equal,
}


def divide(left: float, right: float) -> float:
    """``div``: by zero is an infinity with the sign of the left, 0 div 0 is NaN."""
    if right:
        return left / right
    if left != left or left == 0 or right != right:
        return NAN
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def modulo(left: float, right: float) -> float:
    """``mod``: the remainder has the sign of the left."""
    if right == 0 or math.isinf(left) or left != left or right != right:
        return NAN
    return math.fmod(left, right)


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": divide,
    "mod": modulo,
}
