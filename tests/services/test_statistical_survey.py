"""In a statistical survey no answer reaches household files or lists (monitoring.md 2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.services import finding, interviewing, snapshots
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.session import Session
from fieldapp.store import facts
from fieldapp.store.projections import text
from forms.engine import Cell
from sync.project import UseMode
from sync.scope import Role
from tests.services.conftest import HEAD, Clock, County

PHONE, DAYS, INCOME = Cell("/data/qa/hh_phone"), Cell("/data/qa/q_days"), Cell("/data/qa/q_income")
SAID = "16900009999"


@pytest.fixture(params=["WORK", "STAT"])
def handed_in(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, make_household) -> Iterator[tuple]:
    county = County(tmp_path, clock, UseMode(request.param))
    supervisor = county.laptop("tsup01", "刘志远", Role.TSUP)
    enumerator = county.laptop("enum01", "王建国", Role.ENUM)
    county.exchange(supervisor)
    household = make_household(supervisor)
    given = [NewAssignment(household, "quarterly", period, "enum01") for period in ("2026Q3", "2026Q4")]
    first, second = assign(supervisor, given)
    county.exchange(supervisor, enumerator)
    opened = interviewing.begin(enumerator, first)
    for cell, value in (
        (PHONE, SAID),
        (DAYS, "3"),
        (INCOME, "5330"),
        (Cell("/data/member/mem_name", (HEAD,)), "周德顺顺"),
    ):
        opened.save(opened.interview.answer(cell, value))
    opened.save(opened.interview.confirm(PHONE))
    interviewing.hand_in(opened)
    yield county, enumerator, household, second
    for session in county.sessions:
        session.lock()


def register(session: Session, household: str):
    with session.database.reading() as reading:
        return session.changes.view(reading, household)


def test_only_who_belongs_to_the_household_goes_from_answers_to_the_register(handed_in) -> None:
    _, enumerator, household, _ = handed_in
    shown = register(enumerator, household)
    working = enumerator.use_mode is UseMode.WORK
    assert (text(shown, "hh_phone") == SAID) is working
    assert text(shown, "mem_name", (HEAD,)) == "周德顺顺"


def test_the_next_wave_is_filled_in_all_the_same(handed_in) -> None:
    _, enumerator, _, second = handed_in
    with enumerator.database.transaction() as writing:
        facts.write_fact(writing, "param", "use_mode", "")  # whatever a parameter table says
    opened = interviewing.begin(enumerator, second)
    with enumerator.database.reading() as reading:
        pinned = snapshots.pinned(reading, opened.header.interview)["params.csv"].decode()
    assert f"use_mode,{enumerator.use_mode}\n" in pinned, "by which the notice is chosen (people-and-process.md 7.4)"
    assert opened.interview.value(PHONE) == SAID
    assert opened.interview.confirmed(PHONE) is False


def test_the_household_page_of_a_survey_tells_nothing_that_was_answered(handed_in) -> None:
    _, enumerator, household, _ = handed_in
    page = finding.household_page(enumerator, household)
    working = enumerator.use_mode is UseMode.WORK
    assert [line.status_label != "" for line in page.interviews] == [True]
    assert bool(page.card.incomes) is working
    assert page.card.fixed_incomes == ()
