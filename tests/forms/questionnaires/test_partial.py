"""Outcome 120, partly done (codelists.md 14.1): cover, members, income and consumption are complete, the rest may stay open."""

from __future__ import annotations

import pytest

from forms.engine import Form, Group, Question, Repeat
from forms.questionnaires import load_questionnaire
from tests.forms.questionnaires.annual_case import play
from tests.forms.questionnaires.quarterly_case import ref
from tests.forms.questionnaires.quarterly_interview import filled, trial
from tests.forms.questionnaires.quarterly_trials import a

# The annual questionnaire asks neither income nor consumption by the row: what it has of income stands in A1 (A121—A124).
MAY_STAY_OPEN = {
    "annual": [
        "qa2",
        "qa3",
        "qa4",
        "qa5",
        "qc1",
        "qc2",
        "qd1",
        "qd2",
        "qe1",
        "qe2",
        "qf",
        "qg1",
        "qg2",
        "qg3",
        "qh",
        "qj1",
        "qj2",
    ],
    "quarterly": ["qa", "qe1", "qe3", "qe4", "qe5", "qe6", "qe7", "qg"],
}


def required_in(form: Form, node: Group | Repeat, section: str) -> dict[str, str]:
    """Name → its condition for being required, of questions below a node, without ticked rows and explanations."""
    found: dict[str, str] = {}
    for child in node.children:
        if isinstance(child, Question):
            if child.bind.required and not child.name.endswith(("_oth", "_note")):
                found[child.name] = child.bind.required
        elif "fa-row" not in child.appearances:
            found |= required_in(form, child, section)
    return found


@pytest.mark.parametrize("name", ["annual", "quarterly"])
def test_only_what_is_not_a_key_section_may_stay_open(name: str) -> None:
    form = load_questionnaire(name)

    def look(node: Group | Repeat) -> None:
        for child in node.children:
            if isinstance(child, Question):
                continue
            if child.name in MAY_STAY_OPEN[name]:
                assert all("!= '120'" in said for said in required_in(form, child, child.name).values()), child.name
            else:
                own = [one for one in child.children if isinstance(one, Question) and one.bind.required]
                assert [one.name for one in own if "120" in str(one.bind.required)] == []
                look(child)

    look(form.root)
    (marked,) = [node.name for node in form.walk() if isinstance(node, Question) and node.fa.get("partial")]
    assert marked == {"annual": "cov_outcome", "quarterly": "q_outcome"}[name]


def test_a_partial_quarter_wants_members_income_and_consumption_but_not_the_rest() -> None:
    interview = filled(load_questionnaire("quarterly"))
    blank = "q_food_short=; q_protein=; ql_status@1=; has_wage=; cf_free_gov=; cost_seed="
    with trial(interview, a(f"q_outcome=120; {blank}")):
        broken = {one.cell.path.rsplit("/", 1)[1] for one in interview.violations()}
        assert broken == {"ql_status", "has_wage", "cf_free_gov", "cost_seed"}  # a ticked row wants its amount
        assert interview.is_relevant(ref("q_food_short"))
    with trial(interview, a(f"q_outcome=110; {blank}")):
        broken = {one.cell.path.rsplit("/", 1)[1] for one in interview.violations()}
        assert broken >= {"q_food_short", "q_protein"}


def test_a_partial_year_wants_members_but_not_the_house() -> None:
    blank = "2.mem_marital=; hou_struct=; wat_source=; 2.ss_med="
    assert {one.cell.path.rsplit("/", 1)[1] for one in play(f"cov_outcome=120; {blank}").violations()} == {
        "mem_marital"
    }
    assert len(play(f"cov_outcome=110; {blank}").violations()) == 4


def test_what_is_wrong_stays_wrong_in_a_partial_interview() -> None:
    interview = play("cov_outcome=120; land_in=5.5; hou_struct=")
    assert [check.state for check in interview.checks() if check.id == "A203.E1"] == ["failed"]
