"""Every check of the annual questionnaire: answers that trip it and answers that pass it; and every error of one question."""

from __future__ import annotations

import pytest

from tests.forms.questionnaires.annual_case import (
    GIVEN,
    annual,
    cell_of,
    household,
    play,
    put,
    untouched,
    with_identity_numbers,
)
from tests.forms.questionnaires.families import table
from tests.forms.questionnaires.looking import results_of, states_of

CHECKS = [(number, trips, passes) for number, trips, passes in table("annual_checks.txt")]
CONSTRAINTS = [tuple(line) for line in table("annual_constraints.txt")]


def test_the_household_is_complete_and_nothing_is_wrong_with_it() -> None:
    interview = household()
    assert [(broken.cell, broken.condition) for broken in interview.violations()] == []
    assert [result for result in interview.checks() if result.state == "failed"] == []
    assert [result.id for result in interview.checks() if result.kind == "hard" and result.state != "passed"] == []
    assert interview.value(cell_of(interview, "end_check")) == "0"


@pytest.mark.parametrize(("number", "trips", "passes"), CHECKS, ids=[f"{one[0]} {one[1]}"[:60] for one in CHECKS])
def test_a_check_trips_and_passes(number: str, trips: str, passes: str) -> None:
    interview = play(trips)
    failed = [result for result in results_of(interview, number) if result.state == "failed"]
    assert failed, states_of(interview, number)
    assert "${" not in failed[0].message
    assert "failed" not in states_of(play(passes) if passes else untouched(), number)


@pytest.mark.parametrize(
    ("number", "name", "before", "held", "broken"), CONSTRAINTS, ids=[f"{one[0]} {one[1]}" for one in CONSTRAINTS]
)
def test_an_error_of_one_question_is_told(number: str, name: str, before: str, held: str, broken: str) -> None:
    interview = play(before)
    for values, right in ((held, True), (broken, False)):
        for value in filter(None, (part.strip() for part in values.split(" / "))):
            if name in GIVEN:
                interview = play(f"{before}; {name}={value}")
            else:
                put(interview, name, with_identity_numbers(value))
            state = interview.state(cell_of(interview, name))
            assert state.constraint_ok is right, value
            assert bool(state.message) is not right
    if number != "-":
        assert number in annual().node(cell_of(interview, name).path).fa["id"].split()
