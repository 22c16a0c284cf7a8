"""Errors and times as sentences for the status bar and the cards of the screens."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType

from fieldapp.incidents import note_incident
from fieldapp.words import _, language, sentence_of
from forms.errors import FieldAppError

log = logging.getLogger(__name__)


class Incidents:
    """Turns any error into one sentence; what nobody expected is noted under a code.

    Args:
        folder: where ``incidents.log`` lies; the note holds kinds and places in the code, never a message.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sentence(self, error: BaseException) -> str:
        """What happened, whether the data is safe, what to do; for a bug also the code to report."""
        if isinstance(error, FieldAppError):
            return sentence_of(error)
        code = note_incident(error, self._folder)
        log.error("incident %s: %s", code, type(error).__name__)
        return _("这一步没有做成，已存的资料没有动。再试一次；还不行，把编号告诉乡镇。编号 {code}").format(code=code)

    def install(self, show: Callable[[str], None]) -> None:
        """Whatever reaches the top of the event loop becomes one calm sentence instead of a traceback."""

        def hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
            if isinstance(error, KeyboardInterrupt):
                return
            show(self.sentence(error))

        sys.excepthook = hook


CHINA = timezone(timedelta(hours=8))  # one time for the whole country; a laptop's own zone is often wrong


def local(at: datetime) -> datetime:
    """An aware moment on China's clocks."""
    return at.astimezone(CHINA)


def local_now() -> datetime:
    """Now on China's clocks, by the machine."""
    return datetime.now(CHINA)


_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date, *, with_year: bool = False) -> str:
    """``9月22日`` or ``22 Sep``; the year only where it is asked for."""
    if language() == "en":
        return f"{day.day} {_MONTHS_EN[day.month - 1]}" + (f" {day.year}" if with_year else "")
    return (f"{day.year}年" if with_year else "") + f"{day.month}月{day.day}日"


def weekday_words(day: date) -> str:
    """``星期二`` or ``Tue``."""
    return _WEEKDAYS_EN[day.weekday()] if language() == "en" else f"星期{_WEEKDAYS_ZH[day.weekday()]}"


def moment_words(at: datetime | None, today: date | None = None) -> str:
    """A moment in the laptop's own time: ``今天 09:10``, ``昨天 18:22``, ``9月18日 17:30``; empty for none."""
    if at is None:
        return ""
    here = local(at)
    today = today or local_now().date()
    clock = f"{here:%H:%M}"
    days = (today - here.date()).days
    if days == 0:
        return _("今天") + " " + clock
    if days == 1:
        return _("昨天") + " " + clock
    return day_words(here.date(), with_year=here.year != today.year) + " " + clock
