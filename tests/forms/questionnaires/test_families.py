"""Trials made from the specification's tables, and the count: no check, no constraint and no skip of a compiled form goes untried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

import pytest

from forms.engine import AnswerRefused, Cell, Interview, Question
from forms.questionnaires import load_questionnaire
from tests.forms.questionnaires.families import Refusal, refusals, side, skips, table
from tests.forms.questionnaires.quarterly_source import lines, lists
from tests.forms.questionnaires.quarterly_trials import CASES, CONSTRAINTS, OUTSIDE, SKIPS
from tests.forms.questionnaires.specified import options

NAMES = ("annual", "quarterly")


def _takes(interview: Interview, cell: Cell, value: str) -> bool:
    try:
        interview.answer(cell, value)
    except AnswerRefused:
        return False
    return interview.state(cell).constraint_ok


def _wrong(interview: Interview, cell: Cell, trial: Refusal) -> list[str]:
    """What is not as told. The answer is then as it was."""
    if not interview.is_relevant(cell):
        return ["not asked"]
    before = interview.value(cell)
    found = [f"refuses {value}" for value in trial.taken if not _takes(interview, cell, value)]
    found += [f"takes {value}" for value in trial.refused if _takes(interview, cell, value)]
    interview.answer(cell, before)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_question_takes_what_it_should_and_refuses_what_it_should(name: str) -> None:
    one, wrong = side(name), {}
    for before, trials in groupby(
        sorted(refusals(name), key=lambda trial: trial.before), key=lambda trial: trial.before
    ):
        with one.tried(before) as interview:
            for trial in trials:
                if found := _wrong(interview, one.find(interview, trial.asked), trial):
                    wrong[trial.asked, before] = found
    assert wrong == {}


@pytest.mark.parametrize("name", NAMES)
def test_explanations_rows_and_sections_are_asked_and_hidden(name: str) -> None:
    one, wrong = side(name), []
    told = [(skip.opens, skip.asked, True) for skip in skips(name)] + [
        (skip.closes, skip.asked, False) for skip in skips(name)
    ]
    for steps, trials in groupby(sorted(told), key=lambda trial: trial[0]):
        with one.tried(steps) as interview:
            wrong += [trial for trial in trials if interview.is_relevant(one.find(interview, trial[1])) is not trial[2]]
    assert wrong == []


# ---- nothing is left out ---------------------------------------------------------------------------------------------

# Tried by name in tests of their own.
BY_TESTS = {
    "annual": {"E-P01"},  # a value of last time waits for confirmation
    "quarterly": {"Q002.E1", "427.W1", "428.W1"},
}
# The first season asks for no comparison.
SKIPPED_BY_TESTS = {"q_income_feel"}
# One number stands at every row of a list: tests go through the list.
EVERY_ROW = {"A3.W1": "fixed_asset", "A3.W2": "fixed_asset", "F.W1": "durable", "F.W2": "durable"}


def _names(asked: Iterable[str]) -> set[str]:
    return {one.rpartition(".")[2].partition("@")[0] for one in asked}


def test_every_check_of_the_annual_questionnaire_is_tripped_and_passed() -> None:
    tried = Counter(line[0] for line in table("annual_checks.txt"))
    standing = Counter(check.id for check in load_questionnaire("annual").checks)
    assert set(standing) - BY_TESTS["annual"] == set(tried)
    for number, places in standing.items():
        if number in EVERY_ROW:
            assert places == len(options()[EVERY_ROW[number]]), number
        elif number not in BY_TESTS["annual"]:
            assert tried[number] >= places, number


def test_every_check_of_the_quarterly_questionnaire_is_tripped_and_passed() -> None:
    rows = [code for code in lines() if code not in ("310", "427", "428", "F314")]
    rows += [code for code, _ in lists()["fixed_asset"]]
    by_row = {f"{code}.{end}" for code in rows for end in ("E1", "E2", "W1", "W2", "W3", "W4", "W5")}
    tried = Counter(case[0] for case in [*CASES, *OUTSIDE])
    standing = Counter(check.id for check in load_questionnaire("quarterly").checks)
    assert set(standing) - set(tried) - by_row - BY_TESTS["quarterly"] == set()
    assert [number for number, places in standing.items() if places > 1 and tried[number] < places] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_constraint_is_broken_and_held(name: str) -> None:
    by_hand = (
        {line[1] for line in table("annual_constraints.txt")} if name == "annual" else {line[2] for line in CONSTRAINTS}
    )
    tried = _names([*by_hand, *(trial.asked for trial in refusals(name))])
    held = {
        node.name for node in load_questionnaire(name).walk() if isinstance(node, Question) and node.bind.constraint
    }
    assert held - tried == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_skip_has_both_sides(name: str) -> None:
    by_hand = {line[0] for line in table("annual_skips.txt")} if name == "annual" else {line[0] for line in SKIPS}
    tried = _names([*by_hand, *(skip.asked for skip in skips(name))]) | SKIPPED_BY_TESTS
    conditional = {
        node.name
        for node in load_questionnaire(name).walk()
        if node.bind.relevant and "check" not in node.fa and not node.name.endswith(("__st", "__ok"))
    }
    assert conditional - tried == set()
