"""Visits and their outcomes (monitoring.md 9.8, codelists.md 14.1): how often, when, who goes next, what may be the final result.

A visit is one arrival at the household in one period. Contact by telephone or video is kept in the log and is no visit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from fractions import Fraction
from typing import Final

from forms.errors import FieldAppError

MOST_VISITS: Final = 6
EVENING_FROM: Final = time(17, 0)  # 傍晚; the specification names no hour
FIRST_VISITS: Final = 3
COMPLETED: Final = ("110", "120")
REFUSED: Final = ("310", "311", "312")
NO_CONTACT: Final = "330"
_REFUSED_NOW: Final = "310"
_REMOTE_MODES: Final = ("3", "4")
_FINAL_AT_ONCE: Final = frozenset({"110", "120", "311", "312", "320", "321", "340", "350"})


class TooManyVisits(FieldAppError):
    """The household was visited six times this period."""

    zh = "这户本期已到访 {most} 次，不再去了。已登记的都在，请按实际情况选最终结果。"


class VisitUnclear(FieldAppError):
    """A visit that cannot have been."""

    zh = "这次到访记不下来：{reason}。已登记的都在，改了再记。"


class NotFinalYet(FieldAppError):
    """The result asked for needs more visits."""

    zh = "还不能定为这个结果：{reason}。到访已经记下，结果等补访后再定。"


class Company(StrEnum):
    """Who went along, or went in the enumerator's place."""

    NOBODY = ""
    ASSISTANT = "assistant"
    GROUP_HEAD = "group_head"
    SUPERVISOR = "supervisor"

    @property
    def zh(self) -> str:
        """In words."""
        return _COMPANY_ZH[self]


_COMPANY_ZH: Final = {
    "": "调查员自己",
    "assistant": "辅助调查员陪同",
    "group_head": "村组长陪同",
    "supervisor": "乡镇审核员再访",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of the visit log.

    Args:
        at: local time of the visit's beginning.
        mode: code of visit_mode; 3 and 4 are contact from afar.
        outcome: code of interview_outcome.
        company: who was there besides the enumerator.
    """

    at: datetime
    mode: str
    outcome: str
    company: Company = Company.NOBODY
    next_on: date | None = None

    @property
    def in_person(self) -> bool:
        """Somebody stood at the door."""
        return self.mode not in _REMOTE_MODES

    @property
    def at_good_time(self) -> bool:
        """In the evening or at the weekend, when people are at home."""
        return self.at.time() >= EVENING_FROM or self.at.weekday() >= 5


def is_final(outcome: str) -> bool:
    """Whether a code may stand as the result of a household's period (1xx, 3xx, 4xx)."""
    return outcome[:1] in ("1", "3", "4")


def out_of_scope(outcome: str) -> bool:
    """4xx: the household does not belong to the sample's population any more."""
    return outcome[:1] == "4"


def check_visit(log: Sequence[Visit], visit: Visit) -> None:
    """Whether one more visit may be entered.

    Raises:
        TooManyVisits: six visits in person are in the log.
        VisitUnclear: the next appointment is not after the visit; a closing code of the office.
    """
    if visit.in_person and sum(1 for one in log if one.in_person) >= MOST_VISITS:
        raise TooManyVisits("seventh visit", most=MOST_VISITS)
    if visit.next_on is not None and visit.next_on <= visit.at.date():
        raise VisitUnclear("appointment not after the visit", reason="约定的下次要晚于这次到访")
    if visit.outcome[:1] not in ("1", "2", "3", "4"):
        raise VisitUnclear("a code of the office", reason="这个结果由县级填写")


def first_visits_spread(log: Iterable[Visit]) -> bool:
    """The first three visits fall on two or more dates, one of them in the evening or at the weekend; True before the third."""
    first = _visits(log)[:FIRST_VISITS]
    return len(first) < FIRST_VISITS or (_days(first) >= 2 and any(one.at_good_time for one in first))


def refusal_done(log: Iterable[Visit]) -> bool:
    """Refused to the enumerator, again with the assistant or the head of the group, again to the supervisor: in this order."""
    return _refusal_step(log) == 3


def _refusal_step(log: Iterable[Visit]) -> int:
    step = 0
    for visit in sorted(log, key=lambda one: one.at):
        if visit.outcome == _REFUSED_NOW:
            if step == 0 or (step == 1 and visit.company is not Company.NOBODY):
                step += 1
            elif step == 2 and visit.company is Company.SUPERVISOR:
                step = 3
    return step


def check_final(log: Sequence[Visit], outcome: str) -> None:
    """Whether this may be the household's result for the period.

    330 needs three visits on three different days with one in the evening or at the weekend; 310 the whole sequence of refusals.

    Raises:
        NotFinalYet: what is missing.
    """
    if not is_final(outcome):
        raise NotFinalYet("a passing outcome", reason="2 字头的结果只是本次到访，不是最终结果")
    if outcome == NO_CONTACT:
        seen = _visits(log)
        if _days(seen) < FIRST_VISITS:
            raise NotFinalYet("330 needs three days", reason="330 要有三次不同日的到访")
        if not any(one.at_good_time for one in seen):
            raise NotFinalYet("330 needs an evening", reason="三次到访里要有一次在傍晚或周末")
    if outcome == _REFUSED_NOW and not refusal_done(log):
        raise NotFinalYet("310 needs the sequence", reason=_refusal_words(_refusal_step(log)))


def _refusal_words(step: int) -> str:
    if step < 2:
        return "拒访要由辅助调查员或村组长陪同再访一次，再由乡镇审核员访一次"
    return "还要由乡镇审核员再访一次"


def final_at_once(log: Sequence[Visit], outcome: str) -> bool:
    """Whether a visit with this outcome settles the period (a first refusal does not)."""
    if outcome in _FINAL_AT_ONCE or out_of_scope(outcome):
        return True
    try:
        check_final(log, outcome)
    except NotFinalYet:
        return False
    return True


@dataclass(frozen=True, slots=True)
class NextContact:
    """What the next visit should be.

    Args:
        who: with whom. visits_left: in person.
        other_day: not on a day already tried. good_time: in the evening or at the weekend.
        on: the day agreed upon, None if none. until: last day of the entry window.
        may_close: 330 may be entered instead.
    """

    who: Company
    visits_left: int
    other_day: bool
    good_time: bool
    on: date | None
    until: date | None
    may_close: bool


def next_contact(log: Sequence[Visit], until: date | None = None) -> NextContact | None:
    """What 9.8 asks of the next visit; None when the household is done with for the period.

    Args:
        until: last day of the entry window.
    """
    ordered = sorted(log, key=lambda one: one.at)
    if ordered and final_at_once(ordered, ordered[-1].outcome):
        return None
    seen = _visits(ordered)
    step = _refusal_step(ordered)
    who = Company.SUPERVISOR if step == 2 else Company.ASSISTANT if step == 1 else Company.NOBODY
    may_close = _may_close(ordered)
    left = max(0, MOST_VISITS - len(seen))
    still_first = len(seen) < FIRST_VISITS
    good_time_missing = bool(seen) and not any(one.at_good_time for one in seen)
    return NextContact(
        who=who,
        visits_left=left,
        other_day=bool(seen) and still_first and _days(seen) == 1,
        good_time=good_time_missing and (len(seen) >= FIRST_VISITS - 1 or not still_first),
        on=ordered[-1].next_on if ordered else None,
        until=until,
        may_close=may_close,
    )


def _may_close(log: Sequence[Visit]) -> bool:
    try:
        check_final(log, NO_CONTACT)
    except NotFinalYet:
        return False
    return all(one.outcome[:1] == "2" for one in log)


def _visits(log: Iterable[Visit]) -> list[Visit]:
    return sorted((one for one in log if one.in_person), key=lambda one: one.at)


def _days(visits: Iterable[Visit]) -> int:
    return len({one.at.date() for one in visits})


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """样本完成情况 of a place and period (table T01 of monitoring.md 11.3), in households.

    Args:
        due: 应访. complete, partial: 110, 120. refused: 310–312. no_contact: 330. other: other 3xx.
        out_of_scope: 4xx. replaced: taken out for a replacement (510). open: no final result yet.
    """

    due: int = 0
    complete: int = 0
    partial: int = 0
    refused: int = 0
    no_contact: int = 0
    other: int = 0
    out_of_scope: int = 0
    replaced: int = 0
    open: int = 0

    @property
    def in_scope(self) -> int:
        """应访 − 4xx."""
        return self.due - self.out_of_scope

    @property
    def completion(self) -> Fraction | None:
        """完成率 = 110 and 120 ÷ (应访 − 4xx); None if nothing is due."""
        return self._share(self.complete + self.partial)

    @property
    def refusal(self) -> Fraction | None:
        """拒访率."""
        return self._share(self.refused)

    @property
    def without_contact(self) -> Fraction | None:
        """无接触率."""
        return self._share(self.no_contact)

    def _share(self, n: int) -> Fraction | None:
        return Fraction(n, self.in_scope) if self.in_scope > 0 else None


def progress_of(outcomes: Iterable[str], replaced: int = 0) -> Progress:
    """Counts final outcomes, "" and 2xx being open.

    Args:
        outcomes: one a household due this period, without those that a replacement stands for.
        replaced: households taken out for a replacement this period.
    """
    counts = {"due": 0, "complete": 0, "partial": 0, "refused": 0, "no_contact": 0, "other": 0, "out_of_scope": 0}
    still_open = 0
    for outcome in outcomes:
        counts["due"] += 1
        kind = _kind(outcome)
        if kind:
            counts[kind] += 1
        else:
            still_open += 1
    return Progress(**counts, replaced=replaced, open=still_open)


def _kind(outcome: str) -> str:
    if outcome == "110":
        return "complete"
    if outcome == "120":
        return "partial"
    if outcome in REFUSED:
        return "refused"
    if outcome == NO_CONTACT:
        return "no_contact"
    if out_of_scope(outcome):
        return "out_of_scope"
    return "other" if outcome[:1] == "3" else ""


def entry_window(period: str, parameters: Mapping[str, str]) -> tuple[date, date] | None:
    """When a period's households are visited (monitoring.md 3.2, 9.7): first and last day, None for what is no period.

    Args:
        period: 2026Q3, or 2026 for a year's questionnaire.
        parameters: ``q_window`` "20 15" (from a day of the quarter's last month to one of the month after) or, before it,
            ``q_window_from`` and ``q_window_to``; ``annual_from``, ``annual_to`` "01-05". What is missing or no day has its default.
    """
    year_text, _, quarter_text = period.partition("Q")
    if not (year_text.isdigit() and len(year_text) == 4):
        return None
    year = int(year_text)
    if not quarter_text:
        return _day_of(year, parameters.get("annual_from", ""), (1, 5)), _day_of(
            year, parameters.get("annual_to", ""), (2, 10)
        )
    if quarter_text not in ("1", "2", "3", "4"):
        return None
    both = parameters.get("q_window", "").replace("-", " ").split()
    first, last = both if len(both) == 2 else (parameters.get("q_window_from", ""), parameters.get("q_window_to", ""))
    month = int(quarter_text) * 3
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    return _day_of(year, f"{month}-{first}", (month, 20)), _day_of(after[0], f"{after[1]}-{last}", (after[1], 15))


def _day_of(year: int, text: str, default: tuple[int, int]) -> date:
    month, _, day = text.partition("-")
    try:
        return date(year, int(month), int(day))
    except ValueError:
        return date(year, *default)
