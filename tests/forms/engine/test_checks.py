"""Edit checks: passed, failed, undecided, noted, fallen."""

import pytest

from forms.engine import Cell, Interview
from tests.forms.conftest import still

SETTINGS = '| namespaces |\n| fa="urn:fieldapp:xforms:1" |'
SPENDING = """
    | type    | name      | label                        | relevant                              | bind::fa:check | bind::fa:id | bind::fa:level | bind::fa:about | bind::fa:nonresponse |
    | integer | got       | Got                          |                                       |                |             |                |                | dk                   |
    | hidden  | got__st   |                              |                                       |                |             |                |                |                      |
    | integer | spent     | Spent                        |                                       |                |             |                |                |                      |
    | note    | chk_w_1   | Spent ${spent} of ${got}     | ${spent} > ${got}                     | soft           | W-1         | interview      | got spent      |                      |
    | note    | chk_e_1   | Never this much              | not(${spent} < 1000)                  | hard           | E-1         | question       |                |                      |
    | note    | chk_e_2   | Got is missing               | ${spent} > 0 and ${got} = ''          | hard           | E-2         | question       |                |                      |
"""


@pytest.fixture
def spending(interview_of):
    return interview_of(SPENDING, settings=SETTINGS)


def states(interview):
    return {result.id: result.state for result in interview.checks()}


def test_nothing_answered_leaves_every_check_undecided(spending):
    assert states(spending) == {"W-1": "undecided", "E-1": "undecided", "E-2": "undecided"}


def test_answers_decide_each_check(spending):
    spending.answer("got", "100")
    spending.answer("spent", "50")
    assert states(spending) == {"W-1": "passed", "E-1": "passed", "E-2": "passed"}
    effects = spending.answer("spent", "2000")
    assert states(spending) == {"W-1": "failed", "E-1": "failed", "E-2": "passed"}
    assert effects.checks == {Cell("/data/chk_w_1"), Cell("/data/chk_e_1")}


def test_a_check_that_asks_about_a_blank_fails_on_it(spending):
    spending.answer("spent", "5")
    assert states(spending)["E-2"] == "failed"


def test_a_failed_check_says_what_and_where(spending):
    spending.answer("got", "100")
    spending.answer("spent", "200")
    result = next(result for result in spending.checks() if result.id == "W-1")
    assert (result.kind, result.level, result.message) == ("soft", "interview", "Spent 200 of 100")
    assert result.about == (Cell("/data/got"), Cell("/data/spent"))


def test_not_knowing_decides_a_check(spending):
    spending.answer_state("got", "8")
    spending.answer("spent", "5")
    assert states(spending)["W-1"] == "passed"


def test_a_note_passes_a_soft_check_until_the_values_change(spending):
    spending.answer("got", "100")
    spending.answer("spent", "200")
    effects = spending.write_note("chk_w_1", "sold a cow")
    assert effects.checks == {Cell("/data/chk_w_1")}
    assert states(spending)["W-1"] == "noted"
    spending.answer("spent", "300")
    assert states(spending)["W-1"] == "fallen"
    spending.answer("spent", "200")
    assert states(spending)["W-1"] == "noted"
    assert spending.note("chk_w_1") == "sold a cow"


def test_a_note_does_not_pass_a_hard_check(spending):
    spending.answer("got", "100")
    spending.answer("spent", "2000")
    spending.write_note("chk_e_1", "really")
    assert states(spending)["E-1"] == "failed"


def test_notes_are_saved_reopened_and_undone(spending):
    spending.answer("got", "100")
    spending.answer("spent", "200")
    effects = spending.write_note("chk_w_1", "sold a cow")
    again = Interview.resume(spending.form, spending.saved(), still())
    assert states(again)["W-1"] == "noted"
    spending.undo(effects)
    assert states(spending)["W-1"] == "failed"


def test_a_check_in_every_row_names_its_own_row(interview_of):
    interview = interview_of(
        """
        | type         | name  | label          | relevant                                      | bind::fa:check | bind::fa:id | bind::fa:about |
        | begin_repeat | m     | M              |                                               |                |             |                |
        | integer      | age   | Age            |                                               |                |             |                |
        | note         | chk_1 | Twice ${age}   | count(../../m[age = current()/../age]) > 1    | soft           | W-1         | age            |
        | end_repeat   |       |                |                                               |                |             |                |
        """,
        settings=SETTINGS,
    )
    interview.add_row("/data/m")
    one, two = interview.rows("/data/m")
    interview.answer("/data/m[1]/age", "5")
    interview.answer("/data/m[2]/age", "6")
    assert states(interview) == {"W-1": "passed"}
    effects = interview.answer("/data/m[2]/age", "5")
    assert effects.checks == {Cell("/data/m/chk_1", (one,)), Cell("/data/m/chk_1", (two,))}
    assert [result.about for result in interview.checks()] == [
        (Cell("/data/m/age", (one,)),),
        (Cell("/data/m/age", (two,)),),
    ]
