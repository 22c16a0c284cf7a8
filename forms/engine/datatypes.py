"""What each data type can hold (spec: "Data Types"). Values stay text; this says which text, and in which writing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from forms.engine.xpath.functions.geo import parse_point
from forms.engine.xpath.values import number_to_text

INT_LIMIT = 2**31
_INT = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-](\d{2}):?(\d{2})?)?")


class Unfit(ValueError):
    """The type cannot hold the text; ``zh`` says what it wants."""

    def __init__(self, zh: str) -> None:
        super().__init__("value does not fit its type")
        self.zh = zh


def _int(text: str) -> str:
    if not _INT.fullmatch(text):
        raise Unfit("这里要填整数，")
    number = int(text)
    if not -INT_LIMIT <= number < INT_LIMIT:
        raise Unfit("这个整数太大，")
    return str(number)


def _decimal(text: str) -> str:
    """Zeros at the end stay as written (money); exponents and bare points do not: other tools read them as text."""
    if not _NUMBER.fullmatch(text):
        raise Unfit("这里要填数字，")
    if text.isdigit():
        return text
    if "e" in text or "E" in text:
        return number_to_text(float(text))
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    return sign + (f"0{digits}" if digits[0] == "." else digits.removesuffix("."))


def _boolean(text: str) -> str:
    if text not in ("true", "false", "1", "0"):
        raise Unfit("这里要填是或否，")
    return text


def _date(text: str) -> str:
    found = _DATE.fullmatch(text.partition("T")[0])
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError as error:
        raise Unfit("日期要写成 2026-01-31 这样，") from error


def _time(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59 or int(found[5] or 0) > 14:
        raise Unfit("时间要写成 09:30 这样，")
    return text


def _date_time(text: str) -> str:
    day, mark, time = text.partition("T")
    if not mark:
        raise Unfit("时刻要写成 2026-01-31T09:30:00 这样，")
    return f"{_date(day)}T{_time(time)}"


def _geopoint(text: str) -> str:
    if parse_point(text) is None:
        raise Unfit("位置要写成“纬度 经度 海拔 精度”，")
    parts = text.split()
    if not any(float(part) for part in parts) and len(parts) == 4:
        return ""  # What a device without a fix sends (both peers).
    return " ".join(repr(float(part)) for part in parts + ["0"] * (4 - len(parts)))


def _geotrace(text: str) -> str:
    points = [point.strip() for point in text.split(";") if point.strip()]
    if any(parse_point(point) is None for point in points):
        raise Unfit("轨迹里有一个点不是位置，")
    return ";".join(_geopoint(point) for point in points)


_FITTERS: dict[str, Callable[[str], str]] = {
    "int": _int,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "dateTime": _date_time,
    "geopoint": _geopoint,
    "geotrace": _geotrace,
    "geoshape": _geotrace,
}


def fit(kind: str, text: str) -> str:
    """The text as this type saves it; blank stays blank.

    Raises:
        Unfit: the type cannot hold it.
    """
    fitter = _FITTERS.get(kind)
    if fitter is None:
        return text
    text = text.strip()
    return fitter(text) if text else ""


def fit_computed(kind: str, text: str) -> str:
    """A computed or default value in the writing of its type: an int loses its fraction; what does not fit is blank."""
    if kind not in _FITTERS:
        return text
    if kind == "int":
        head, _, _ = text.strip().partition(".")
        text = head if head not in ("", "-") else ("0" if "." in text else "")
    if kind == "boolean":
        return text.strip()
    try:
        return fit(kind, text)
    except Unfit:
        return ""
