"""Bad input: it is told as an error or as something to verify, and every answer stays as it was given."""

from __future__ import annotations

from forms.engine import Cell, Form, Interview, Question
from forms.questionnaires import load_questionnaire
from tests.forms.questionnaires.annual_case import HEAD, cell_of, household, path_of, play
from tests.forms.questionnaires.looking import results_of, states_of
from tests.forms.questionnaires.quarterly_case import parameters, ref, resources
from tests.forms.questionnaires.quarterly_interview import filled, trial
from tests.forms.questionnaires.quarterly_trials import NEWCOMER, a

ROSTER = "/data/member"


def answers(interview: Interview) -> dict[Cell, str]:
    """What somebody answered; figures follow from it."""
    found = {}
    for cell, value in interview.saved().values.items():
        node = interview.form.find_node(cell.path)
        if value and isinstance(node, Question) and not node.calculated and "/meta/" not in cell.path:
            found[cell] = value
    return found


def quarterly() -> Form:
    return load_questionnaire("quarterly")


def test_an_identity_number_with_a_wrong_check_digit_is_an_error_and_stays() -> None:
    interview = household()
    before = answers(interview)
    wrong = HEAD["mem_idno"][:-1] + ("1" if HEAD["mem_idno"][-1] != "1" else "2")
    cell = cell_of(interview, "1.mem_idno")
    interview.answer(cell, wrong)
    state = interview.state(cell)
    assert (state.value, state.constraint_ok) == (wrong, False)
    assert "校验" in state.message or "身份证" in state.message
    assert {one: value for one, value in answers(interview).items() if one != cell} == {
        one: value for one, value in before.items() if one != cell
    }
    assert [(one.cell, one.condition) for one in interview.violations()] == [(cell, "constraint")]


def test_somebody_who_died_before_being_born_is_an_error_and_both_dates_stay() -> None:
    interview = filled(quarterly())
    died = "qm_status@2=4; qm_change@2=13; qm_change_date@2=1966-09-30"  # born on 1 October 1966
    with trial(interview, a(died)):
        assert states_of(interview, "QB03.E2").count("failed") == 1
        assert states_of(interview, "QB03.W1").count("failed") == 1
        assert (interview.value(ref("qm_change_date@2")), interview.value(ref("mem_birth@2"))) == (
            "1966-09-30",
            "1966-10-01",
        )
    with trial(interview, a(NEWCOMER + "mem_birth@6=2026-08-20; qm_change@6=01")):
        assert states_of(interview, "QB03.E2").count("failed") == 1  # came on the first of August


def test_a_head_under_age_is_to_be_verified_and_nothing_is_changed_for_it() -> None:
    interview = play("1.mem_id_type=8; 1.mem_birth=2009-05-06")
    (told,) = results_of(interview, "W-B09")
    assert (told.kind, told.state) == ("soft", "failed")
    assert interview.value(cell_of(interview, "1.mem_relation")) == "02"
    interview.write_note(told.cell, "父母都已去世，户口簿上就是他")
    assert states_of(interview, "W-B09") == ["noted"]


def test_a_roster_emptied_by_mistake_is_an_error_and_comes_back_whole() -> None:
    interview = household()
    before = answers(interview)
    done = [interview.remove_row(Cell(ROSTER, (row,))) for row in interview.rows(Cell(ROSTER))]
    assert interview.rows(Cell(ROSTER)) == ()
    assert states_of(interview, "E-B01") == ["failed"]
    assert states_of(interview, "E-B05") == ["failed"]
    assert interview.value(cell_of(interview, "end_check")) != "0"
    kept = {cell for cell in before if not cell.path.startswith(f"{ROSTER}/")}
    assert {cell: value for cell, value in answers(interview).items() if cell in kept} == {
        cell: before[cell] for cell in kept
    }
    for effects in reversed(done):
        interview.undo(effects)
    assert answers(interview) == before


def test_a_quarter_whose_roster_was_emptied_cannot_be_done() -> None:
    interview = filled(quarterly())
    for row in interview.rows(Cell(ROSTER)):
        interview.remove_row(Cell(ROSTER, (row,)))
    assert states_of(interview, "E-Q03") == ["failed"]
    assert interview.value(ref("disp_inc_pc")) == ""
    assert interview.value(ref("q_phone")) == "19900000013"


def test_a_parameter_missing_for_the_year_leaves_its_rules_aside_and_is_never_taken_as_zero() -> None:
    missing = dict.fromkeys(("monitor_line", "dibao_std", "med_fee_std", "cons_floor_pc", "med_self_line"), "")
    interview = filled(quarterly(), resources(params=parameters(**missing)))
    for number in ("W-Q23", "W-Q24", "W-Q32", "W-Q13", "713.W6"):
        assert "failed" not in states_of(interview, number), number
    assert interview.value(ref("net_inc_mon")) == "33184.25"
    assert interview.value(ref("disp_inc")) == "22348.25"
    assert interview.value(ref("te_med")) == "2000"


def test_a_year_without_its_parameters_is_asked_in_full() -> None:
    blank = "; ".join(
        f"param.{name}=" for name in ("monitor_line", "dibao_std", "med_fee_std", "rigid_ratio", "debt_ratio")
    )
    interview = play(
        blank + "; db_has=1; db_n=1; db_month=9000; 4.ss_dibao=1; hh_lowinc_tags=1; loan_has=1; 1.loan_amount=900000"
    )
    for number in ("A122.W1", "C104.W1", "W-C05", "W-J02", "C206.W1"):
        assert "failed" not in states_of(interview, number), number
    assert interview.value(Cell(path_of("db_month"))) == "9000"
    assert interview.value(cell_of(interview, "1.loan_amount")) == "900000"


def test_a_quarter_taken_in_after_its_window_is_marked() -> None:
    """补录 (quarterly.md 12): asked in the window of the next quarter."""
    interview = filled(quarterly())
    assert interview.value(ref("aux_late")) == "0"
    late = filled(quarterly(), resources(params=parameters(q_period="2026Q2")))
    assert late.value(ref("aux_late")) == "1"
    assert states_of(late, "Q008.W1") == ["failed"]
