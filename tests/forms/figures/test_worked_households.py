"""The quarterly questionnaire says of six households, to the fen, what was worked out by hand for them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms.questionnaires import load_questionnaire
from tests.forms.figures.interviewed import Questionnaire, person, year_of
from tests.forms.figures.worked import NAMES, worked

# Steps of the arithmetic for which the questionnaire has no variable of this name.
STEPS = {"mon_wage", "mon_op", "mon_prop", "mon_trf", "cash_in"}


@pytest.fixture(scope="module")
def questions() -> Questionnaire:
    return Questionnaire(load_questionnaire("quarterly"))


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_those_worked_out_by_hand(questions: Questionnaire, name: str) -> None:
    household = worked(name)
    differing: list[tuple[str, str, str, str]] = []
    members = {number: person(number) for number in household.members}
    for period, interview in year_of(questions, household).items():
        quarter = household.quarters[period]
        expected = {figure.name: figure.result for figure in quarter.figures if figure.name not in STEPS}
        for one in quarter.judged:
            expected |= {
                f"qm_age@{one.number}": one.age,
                f"qm_resident@{one.number}": one.resident,
                f"qm_family_pop@{one.number}": one.family,
            }
        for variable, wanted in expected.items():
            found = interview.value(questions.cell(interview, variable, members))
            if (Decimal(found) if found else None) != (Decimal(wanted.replace("−", "-")) if wanted else None):
                differing.append((period, variable, wanted, found))
    assert differing == []
