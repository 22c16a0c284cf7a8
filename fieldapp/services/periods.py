"""Periods of the survey: ``2026`` is a year's questionnaire, ``2026Q3`` a quarter's."""

from __future__ import annotations

from datetime import date

from fieldapp.words import _, language

_QUARTERS = "一二三四"


def is_quarter(period: str) -> bool:
    """Whether it names a quarter."""
    return len(period) == 6 and period[4] == "Q" and period[:4].isdigit() and period[5] in "1234"


def title(period: str) -> str:
    """2026 年三季度, 2026 年度; anything else as it is."""
    if is_quarter(period):
        return _("{year} 年{quarter}季度").format(year=period[:4], quarter=_quarter(period))
    return _("{year} 年度").format(year=period) if len(period) == 4 and period.isdigit() else period


def short_title(period: str) -> str:
    """26年三季, 26年度."""
    if is_quarter(period):
        return _("{year}年{quarter}季").format(year=period[2:4], quarter=_quarter(period))
    return _("{year}年度").format(year=period[2:]) if len(period) == 4 and period.isdigit() else period


def bar_title(period: str) -> str:
    """25三季, under the small bars."""
    return (
        _("{year}{quarter}季").format(year=period[2:4], quarter=_quarter(period)) if is_quarter(period) else period[2:]
    )


def _quarter(period: str) -> str:
    return _QUARTERS[int(period[5]) - 1] if language() == "zh" else period[5]


def before(period: str, steps: int = 1) -> str:
    """The period so many steps earlier: quarters for quarters, years for years; "" for anything else."""
    if is_quarter(period):
        count = int(period[:4]) * 4 + int(period[5]) - 1 - steps
        return f"{count // 4}Q{count % 4 + 1}"
    return str(int(period) - steps) if len(period) == 4 and period.isdigit() else ""


def a_year_before(period: str) -> str:
    """The same quarter last year, or the year before."""
    return before(period, 4) if is_quarter(period) else before(period)


def at(day: date) -> str:
    """The quarter whose entry window a day belongs to: until the 15th of its first month, the quarter before."""
    quarter = (day.month - 1) // 3 + 1
    period = f"{day.year}Q{quarter}"
    return before(period) if (day.month - 1) % 3 == 0 and day.day <= 15 else period


def window(period: str) -> tuple[date, date] | None:
    """Entry window of a quarter by default: the 20th of its last month to the 15th of the next; None for a year."""
    if not is_quarter(period):
        return None
    year, last = int(period[:4]), int(period[5]) * 3
    after = date(year + 1, 1, 15) if last == 12 else date(year, last + 1, 15)
    return date(year, last, 20), after


def order_key(period: str) -> tuple[int, int]:
    """For sorting: a year's questionnaire stands before its quarters."""
    if is_quarter(period):
        return int(period[:4]), int(period[5])
    return (int(period), 0) if period.isdigit() else (0, 0)
