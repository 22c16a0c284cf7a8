"""Dates and times. A date is text; "local" is the zone of the process (environment variable TZ, or the system's).

Days as numbers: a whole number stands for a calendar day; a number with a fraction for a moment, counted in days since
1970-01-01T00:00Z. ``decimal-date-time`` gives such moments, ``date`` and ``date-time`` take either.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from forms.engine.xpath.values import EPOCH_ORDINAL, NAN, Value, days_since_epoch, instant_of, local_moment, to_string

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?", re.ASCII)
_CODE = re.compile(r"%([YymnbdeaHhMS3%])")


def today(now: datetime) -> str:
    """The date of ``now`` where it was read: its own zone, whatever the machine's is set to."""
    return now.date().isoformat()


def now_text(now: datetime) -> str:
    """Date and time of ``now`` with milliseconds and its own offset."""
    return now.isoformat(timespec="milliseconds")


def moment_text(moment: datetime) -> str:
    """``2024-06-15T03:20:30.000-07:00``: how a date with time is stored."""
    return local_moment(moment).isoformat(timespec="milliseconds")


def to_moment(value: Value) -> date | datetime | None:
    """The day or moment that a text or a number of days stands for; None if it stands for none."""
    if type(value) is float:
        try:
            if value.is_integer():
                return date.fromordinal(int(value) + EPOCH_ORDINAL)
            return local_moment(_EPOCH + timedelta(days=value))
        except (ValueError, OverflowError, OSError):
            return None
    return instant_of(to_string(value))


def to_date(value: Value) -> str:
    """``date()``: the local calendar day, ``yyyy-mm-dd``; blank for what is no date."""
    moment = to_moment(value)
    if moment is None:
        return ""
    return (moment.date() if isinstance(moment, datetime) else moment).isoformat()


def to_date_time(value: Value) -> str:
    """``date-time()``: with time and local offset; a mere day is its midnight; blank for what is no date."""
    moment = to_moment(value)
    if moment is None:
        return ""
    try:
        return moment_text(_midnight(moment))
    except (ValueError, OverflowError, OSError):
        return ""


def _midnight(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day).astimezone()


def decimal_date_time(value: Value) -> float:
    """Days since 1970-01-01T00:00Z with fraction; a mere day is its local midnight; a number stays; NaN otherwise."""
    if type(value) is float:
        return value
    moment = instant_of(to_string(value))
    if moment is None:
        return NAN
    try:
        return days_since_epoch(_midnight(moment))
    except (ValueError, OverflowError, OSError):
        return NAN


def decimal_time(value: Value) -> float:
    """The local time of day as part of a day (noon is 0.5) of a time, or a date with time; NaN otherwise.

    A time with an offset is taken at face value if the offset is none, else moved to the local zone of today's offset.
    """
    if type(value) is float:
        return value - math.floor(value) if math.isfinite(value) else NAN
    text = to_string(value).strip()
    if "T" in text or "-" in text[:5]:
        moment = instant_of(text)
        if moment is None:
            return NAN
        if not isinstance(moment, datetime):
            return 0.0
        return _part_of_day(moment.hour, moment.minute, moment.second, moment.microsecond / 1e6)
    found = _TIME.fullmatch(text)
    if found is None:
        return NAN
    hour, minute, second, fraction, offset = found.groups()
    if offset is not None:
        # The day only carries the offset; winter or summer hardly matters to a time of day.
        return decimal_time(f"1970-01-01T{text}")
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return NAN
    return _part_of_day(hours, minutes, seconds, float(f"0.{fraction}") if fraction else 0.0)


def _part_of_day(hour: int, minute: int, second: int, fraction: float) -> float:
    return (hour * 3600 + minute * 60 + second + fraction) / 86400


def format_date(language: str, value: Value, pattern: str) -> str:
    """``format-date()`` and ``format-date-time()``: a day or moment written by the pattern, local; blank if it is none.

    Codes: ``%Y %y %m %n %b %d %e %a %H %h %M %S %3 %%``; anything else stays as written.

    Args:
        language: the form's active language as named there (``中文 (zh)``, ``fr``); names of months and days follow it.
    """
    moment = to_moment(value)
    if moment is None:
        return ""
    at = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001

    def written(code: re.Match[str]) -> str:
        match code[1]:
            case "Y":
                return f"{at.year:04d}"
            case "y":
                return f"{at.year % 100:02d}"
            case "m":
                return f"{at.month:02d}"
            case "n":
                return str(at.month)
            case "b":
                return _names(language)[0][at.month - 1]
            case "d":
                return f"{at.day:02d}"
            case "e":
                return str(at.day)
            case "a":
                return _names(language)[1][at.weekday()]
            case "H":
                return f"{at.hour:02d}"
            case "h":
                return str(at.hour)
            case "M":
                return f"{at.minute:02d}"
            case "S":
                return f"{at.second:02d}"
            case "3":
                return f"{at.microsecond // 1000:03d}"
            case _:
                return "%"

    return _CODE.sub(written, pattern)


_ENGLISH = (
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
)
_CHINESE = (
    tuple(f"{month}月" for month in range(1, 13)),
    ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
)
_LANGUAGE_CODE = re.compile(
    r"\(([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\)\s*$|^\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*)\s*$"
)


@lru_cache(maxsize=32)
def _names(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Short names of months and weekdays (Monday first); English where the language's name carries no known code."""
    found = _LANGUAGE_CODE.search(language)
    code = (found[1] or found[2]).replace("-", "_") if found else ""
    if language.startswith(("中文", "汉语", "简体", "Chinese")) or code.lower().split("_")[0] in ("zh", "cmn"):
        return _CHINESE
    if not code or code.lower().startswith("en"):
        return _ENGLISH
    # Imported late: few forms have a third language, and babel takes its time.
    from babel import Locale, UnknownLocaleError
    from babel.dates import get_day_names, get_month_names

    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return _ENGLISH
    months, days = get_month_names("abbreviated", locale=locale), get_day_names("abbreviated", locale=locale)
    return tuple(str(months[i]) for i in range(1, 13)), tuple(str(days[i]) for i in range(7))
