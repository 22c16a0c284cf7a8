"""Visits: how often, when, with whom, and what may be the final result (monitoring.md 9.8, codelists.md 14.1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from forms.monitoring.visits import (
    Company,
    NotFinalYet,
    TooManyVisits,
    Visit,
    VisitUnclear,
    check_final,
    check_visit,
    entry_window,
    final_at_once,
    first_visits_spread,
    next_contact,
    progress_of,
)

MONDAY = datetime(2026, 9, 21, 9, 30, tzinfo=timezone(timedelta(hours=8)))
EVENING, SATURDAY = timedelta(hours=9), timedelta(days=5)
DAY = timedelta(days=1)


def visit(
    outcome: str = "210", after: timedelta = timedelta(), company: Company = Company.NOBODY, mode: str = "1"
) -> Visit:
    return Visit(MONDAY + after, mode, outcome, company)


# --- how many, when ---------------------------------------------------------------------------------------------------


def test_a_seventh_visit_is_refused_and_a_telephone_call_is_not_a_visit():
    log = [visit(after=n * DAY) for n in range(5)] + [visit("216", mode="3")]
    check_visit(log, visit(after=5 * DAY))
    log.append(visit(after=5 * DAY))
    with pytest.raises(TooManyVisits):
        check_visit(log, visit(after=6 * DAY))
    check_visit(log, visit("216", 6 * DAY, mode="3"))


def test_the_next_appointment_is_after_the_visit():
    with pytest.raises(VisitUnclear):
        check_visit([], Visit(MONDAY, "1", "211", next_on=MONDAY.date()))
    check_visit([], Visit(MONDAY, "1", "211", next_on=date(2026, 9, 22)))


def test_the_office_alone_enters_replaced_and_void():
    with pytest.raises(VisitUnclear):
        check_visit([], visit("510"))


@pytest.mark.parametrize(
    ("times", "spread"),
    [
        ((timedelta(), DAY), True),
        ((timedelta(), EVENING, EVENING), False),
        ((timedelta(), DAY, 2 * DAY), False),
        ((timedelta(), DAY, DAY + EVENING), True),
        ((timedelta(), DAY, SATURDAY), True),
        ((timedelta(), DAY, 2 * DAY, SATURDAY), False),
    ],
)
def test_the_first_three_visits_need_two_dates_and_an_evening_or_weekend(times, spread):
    assert first_visits_spread([visit(after=after) for after in times]) is spread


# --- 330 --------------------------------------------------------------------------------------------------------------


def test_nobody_met_needs_three_different_days_with_an_evening_or_weekend():
    two_days = [visit(), visit(after=DAY), visit(after=DAY + EVENING)]
    with pytest.raises(NotFinalYet, match="three days"):
        check_final(two_days, "330")
    working_hours = [visit(), visit(after=DAY), visit(after=2 * DAY)]
    with pytest.raises(NotFinalYet, match="evening"):
        check_final(working_hours, "330")
    check_final([visit(), visit(after=DAY), visit(after=SATURDAY)], "330")


def test_telephone_calls_do_not_make_330():
    with pytest.raises(NotFinalYet):
        check_final([visit(), visit(after=DAY), visit("216", SATURDAY, mode="3")], "330")


def test_a_passing_outcome_is_never_final():
    with pytest.raises(NotFinalYet):
        check_final([visit()], "210")


# --- refusals ---------------------------------------------------------------------------------------------------------


def refused(*companies: Company) -> list[Visit]:
    return [visit("310", n * DAY, company) for n, company in enumerate(companies)]


def test_a_refusal_is_final_only_after_the_assistant_and_then_the_supervisor_went():
    nobody, assistant, supervisor = Company.NOBODY, Company.ASSISTANT, Company.SUPERVISOR
    for log, final in (
        (refused(nobody), False),
        (refused(nobody, nobody, nobody), False),
        (refused(nobody, assistant), False),
        (refused(nobody, supervisor), False),
        (refused(nobody, assistant, supervisor), True),
        (refused(nobody, Company.GROUP_HEAD, supervisor), True),
        (refused(assistant, assistant, supervisor), True),
    ):
        assert final_at_once(log, "310") is final, log


def test_the_advice_names_who_goes_next():
    log: list[Visit] = []
    for company, wanted in (
        (Company.NOBODY, Company.ASSISTANT),
        (Company.ASSISTANT, Company.SUPERVISOR),
    ):
        log.append(visit("310", len(log) * DAY, company))
        contact = next_contact(log)
        assert contact is not None
        assert contact.who is wanted
    log.append(visit("310", 3 * DAY, Company.SUPERVISOR))
    assert next_contact(log) is None


def test_breaking_off_and_leaving_the_survey_are_final_at_once():
    for outcome in ("311", "312", "320", "410", "460"):
        assert final_at_once([visit(outcome)], outcome)


# --- what next --------------------------------------------------------------------------------------------------------


def test_after_two_visits_in_working_hours_the_third_is_for_the_evening_or_weekend():
    contact = next_contact([visit(), visit(after=DAY)], date(2026, 10, 15))
    assert contact is not None
    assert contact.good_time
    assert not contact.other_day
    assert (contact.visits_left, contact.until) == (4, date(2026, 10, 15))


def test_a_second_visit_of_the_same_day_is_followed_by_another_day():
    contact = next_contact([visit(), visit(after=EVENING)])
    assert contact is not None
    assert contact.other_day
    assert not contact.good_time


def test_330_is_offered_when_it_may_be_entered():
    contact = next_contact([visit(), visit(after=DAY), visit(after=SATURDAY)])
    assert contact is not None
    assert contact.may_close
    assert next_contact([]) is not None


# --- figures ----------------------------------------------------------------------------------------------------------


def test_completion_counts_whole_and_part_interviews_over_households_still_in_scope():
    outcomes = ["110"] * 6 + ["120", "310", "312", "330", "321", "410", "420", "", "210"]
    progress = progress_of(outcomes, replaced=2)
    assert (progress.due, progress.complete, progress.partial) == (15, 6, 1)
    assert (progress.refused, progress.no_contact, progress.other) == (2, 1, 1)
    assert (progress.out_of_scope, progress.open, progress.replaced) == (2, 2, 2)
    assert progress.completion == Fraction(7, 13)
    assert (progress.refusal, progress.without_contact) == (Fraction(2, 13), Fraction(1, 13))


def test_with_nothing_due_there_is_no_rate():
    assert progress_of([]).completion is None
    assert progress_of(["410"]).completion is None


@pytest.mark.parametrize(
    ("period", "parameters", "window"),
    [
        ("2026Q4", {}, ((2026, 12, 20), (2027, 1, 15))),
        ("2026Q1", {"q_window": "25 10"}, ((2026, 3, 25), (2026, 4, 10))),
        ("2026Q1", {"q_window_from": "25", "q_window_to": "10"}, ((2026, 3, 25), (2026, 4, 10))),
        ("2026Q2", {"q_window": "31 40"}, ((2026, 6, 20), (2026, 7, 15))),
        ("2027", {}, ((2027, 1, 5), (2027, 2, 10))),
        ("2027", {"annual_from": "01-08", "annual_to": "02-20"}, ((2027, 1, 8), (2027, 2, 20))),
    ],
)
def test_the_entry_window_follows_the_countys_parameters(period, parameters, window):
    assert entry_window(period, parameters) == tuple(date(*day) for day in window)


def test_what_is_no_period_has_no_window():
    assert entry_window("2026Q5", {}) is None
    assert entry_window("", {}) is None
