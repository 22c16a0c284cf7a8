"""Dates, months and times as people type them: ``0922``, ``9.22``, ``2026-9-22``, ``930``."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from fieldapp.words import _, language

__all__ = [
    "MomentUnclear",
    "date_echo",
    "understand_date",
    "understand_date_time",
    "understand_month",
    "understand_time",
    "understand_year",
    "whole_time",
]

_WEEKDAYS = "一二三四五六日"
_FAR_AHEAD_DAYS = 183


class MomentUnclear(Exception):
    """What was typed is no date or time. ``sentence`` says what to type."""

    def __init__(self, sentence: str) -> None:
        super().__init__("moment unclear")
        self.sentence = sentence


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.replace("。", ".")).strip()
    return re.sub(r"[年月/.]", "-", text).replace("日", "").replace("号", "").strip("- ")


def understand_date(text: str, today: date) -> str:
    """ISO date of ``20260922``, ``2026-9-22``, ``0922``, ``9.22``, ``22`` (day of this month) or ``-1`` (yesterday); "" for blank.

    Without a year it is this year, or the last one where that would lie more than half a year ahead.

    Raises:
        MomentUnclear: with the sentence for the person.
    """
    raw = unicodedata.normalize("NFKC", text).strip()
    if not raw:
        return ""
    if re.fullmatch(r"[-+]\d{1,3}", raw):
        return (today + timedelta(days=int(raw))).isoformat()
    plain = _plain(raw)
    try:
        if found := re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", plain) or re.fullmatch(
            r"(\d{4})-(\d{1,2})-(\d{1,2})", plain
        ):
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        if found := re.fullmatch(r"(\d{1,2})-(\d{1,2})", plain) or re.fullmatch(r"(\d{2})(\d{2})", plain):
            day = date(today.year, int(found[1]), int(found[2]))
            if (day - today).days > _FAR_AHEAD_DAYS:
                day = date(today.year - 1, int(found[1]), int(found[2]))
            return day.isoformat()
        if re.fullmatch(r"\d{1,2}", plain):
            return today.replace(day=int(plain)).isoformat()
    except ValueError as error:
        raise MomentUnclear(_("没有这一天，核对月和日")) from error
    raise MomentUnclear(_("日期打 20260922 或 9.22"))


def understand_month(text: str, today: date) -> str:
    """First day of a month: ``202609``, ``2026-9``, ``9`` (this year); "" for blank. Raises MomentUnclear."""
    plain = _plain(text)
    if not plain:
        return ""
    try:
        if found := re.fullmatch(r"(\d{4})-?(\d{1,2})(?:-?01)?", plain):
            return date(int(found[1]), int(found[2]), 1).isoformat()
        if re.fullmatch(r"\d{1,2}", plain):
            return date(today.year, int(plain), 1).isoformat()
    except ValueError as error:
        raise MomentUnclear(_("月份是 1 到 12")) from error
    raise MomentUnclear(_("年月打 202609 或 2026.9"))


def understand_year(text: str) -> str:
    """First day of a year: ``2026``; "" for blank. Raises MomentUnclear."""
    plain = _plain(text)
    if not plain:
        return ""
    if (found := re.fullmatch(r"(\d{4})(?:-?01-?01)?", plain)) and int(found[1]) > 0:
        return date(int(found[1]), 1, 1).isoformat()
    raise MomentUnclear(_("年份打四位数，如 2026"))


def understand_time(text: str) -> str:
    """``HH:MM`` of ``930``, ``0930``, ``9:30``, ``9.30``, ``9点半``, ``9``; "" for blank. Raises MomentUnclear."""
    plain = unicodedata.normalize("NFKC", text.replace("。", ".")).strip()
    plain = plain.replace("点半", ":30").replace("点", ":").replace("分", "").replace(".", ":").rstrip(":")
    if not plain:
        return ""
    found = re.fullmatch(r"(\d{1,2}):(\d{1,2})(?::\d{2}.*)?", plain) or re.fullmatch(r"(\d{1,2})(\d{2})", plain)
    hour, minute = (
        (int(found[1]), int(found[2])) if found else (int(plain), 0) if re.fullmatch(r"\d{1,2}", plain) else (99, 0)
    )
    if hour > 23 or minute > 59:
        raise MomentUnclear(_("时间打 0930 或 9:30"))
    return f"{hour:02}:{minute:02}"


def understand_date_time(text: str, today: date) -> str:
    """``2026-09-22T09:30`` of a date and a time with a space between; "" for blank. Raises MomentUnclear."""
    parts = text.replace("T", " ").split()
    if not parts:
        return ""
    if len(parts) != 2:
        raise MomentUnclear(_("先打日期，空一格，再打时间，如 9.22 930"))
    return f"{understand_date(parts[0], today)}T{understand_time(parts[1])}"


def whole_time(value: str, now: datetime) -> str:
    """``09:30`` or ``2026-09-22T09:30`` with seconds and offset, as every ODK client writes a time; "" stays "".

    An offset of ``now`` that is not known is left out.
    """
    offset = f"{now:%z}"
    return f"{value}:00.000{offset[:3]}{':' if offset else ''}{offset[3:]}" if value else ""


def date_echo(value: str) -> str:
    """An ISO date in words: ``9月22日　星期二``; "" if it is none."""
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return ""
    if language() == "en":
        return f"{day:%a %d %b %Y}"
    return f"{day.month}月{day.day}日　星期{_WEEKDAYS[day.weekday()]}"
