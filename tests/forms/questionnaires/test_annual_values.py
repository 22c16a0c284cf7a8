"""What the annual questionnaire works out by itself: ages, residence, sums, numbers of members, states."""

from __future__ import annotations

import pytest

from forms.engine import Cell, Interview, SavedInterview
from tests.forms.questionnaires.annual_case import (
    HEAD,
    ROW_IDS,
    Sources,
    annual,
    cell_of,
    complete,
    household,
    identity_number,
    path_of,
    play,
    situation,
    untouched,
)


def value(interview: Interview, name: str) -> str:
    return interview.value(cell_of(interview, name))


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ("1980-05-06", "45"),
        ("2012-01-01", "14"),
        ("2012-01-02", "13"),
        ("2025-12-31", "0"),
        ("2000-02-29", "25"),
        ("2026-01-01", "0"),
    ],
)
def test_age_is_counted_in_full_years_at_the_reference_date(birth: str, age: str) -> None:
    assert value(play(f"3.mem_id_type=8; 3.mem_birth={birth}"), "3.mem_age") == age


@pytest.mark.parametrize(
    ("steps", "resident"),
    [
        ("2.mem_months_home=6", "1"),
        ("2.mem_months_home=5.5; 2.mem_plan_stay=1", "1"),
        ("2.mem_months_home=5.5; 2.mem_plan_stay=2", "2"),
        ("2.mem_months_home=2; 2.mem_live_place=6; 2.mem_absence_reason=03; 2.mem_student_out=1", "1"),
        ("2.mem_months_home=2; 2.mem_live_place=6; 2.mem_absence_reason=03; 2.mem_student_out=2", "2"),
        ("2.mem_months_home=2; 2.mem_live_place=6; 2.mem_absence_reason=01", "2"),
        ("param.resident_rule=old; 2.mem_months_home=2; 2.mem_live_place=6; 2.mem_absence_reason=01", "1"),
        (
            "param.resident_rule=old; 2.mem_econ_tied=2; 2.mem_months_home=2; 2.mem_live_place=6; 2.mem_absence_reason=01",
            "2",
        ),
    ],
)
def test_who_is_resident(steps: str, resident: str) -> None:
    interview = play(steps)
    assert value(interview, "2.mem_resident") == resident
    assert value(interview, "hh_resident_n") == ("4" if resident == "1" else "3")


@pytest.mark.parametrize(
    ("steps", "belongs"),
    [
        ("2.mem_econ_tied=2", "2"),
        ("2.mem_econ_tied=2; 2.mem_on_register=1", "1"),
        ("2.mem_hukou_here=2; 2.mem_hukou_place=1", "1"),
        ("2.mem_hukou_here=2; 2.mem_hukou_place=1; 2.mem_months_home=1; 2.mem_live_place=5", "2"),
    ],
)
def test_who_belongs_to_the_family_population(steps: str, belongs: str) -> None:
    interview = play(steps)
    assert value(interview, "2.mem_family_pop") == belongs
    assert value(interview, "hh_family_n") == ("4" if belongs == "1" else "3")


def test_population_is_shown_side_by_side() -> None:
    assert (
        value(untouched(), "hh_member_n"),
        value(untouched(), "hh_resident_n"),
        value(untouched(), "hh_family_n"),
    ) == ("4", "4", "4")


@pytest.mark.parametrize(
    ("steps", "row", "category"),
    [
        ("", 3, ""),
        ("3.mem_guardian=4", 3, "1"),
        ("3.mem_guardian=9", 3, "1"),
        ("1.mem_months_home=1; 2.mem_months_home=1; 2.mem_live_place=6", 4, "2"),
        ("", 4, ""),
        ("1.mem_months_home=6", 2, "3"),
        ("1.mem_months_home=6; 1.mem_absence_reason=07", 2, ""),
        ("1.mem_months_home=6.5", 2, ""),
    ],
)
def test_who_is_left_behind(steps: str, row: int, category: str) -> None:
    assert value(play(steps), f"{row}.mem_left_behind") == category


@pytest.mark.parametrize(
    ("name", "steps", "result"),
    [
        ("hh_id", "", "5299001002010007"),
        ("cov_village_name", "", "虚县甲镇上村"),
        ("cov_ref_year", "", "2025"),
        ("cov_enum_id", "", "E01"),
        ("1.visit_minutes", "", "70"),
        ("hh_party", "", "2"),
        ("hh_party", "4.mem_political=01", "1"),
        ("1.shock_self", "shock_has=1; 1.shock_loss=1000.5; 1.shock_comp=300.25", "700.25"),
        ("1.shock_self", "shock_has=1; 1.shock_loss=100; 1.shock_comp=300", "0"),
        ("1.shock_self", "shock_has=1; 1.shock_loss=!8; 1.shock_comp=300", ""),
        ("4.med_self", "", "500"),
        ("4.med_self", "4.med_total=1200.1; 4.med_reimb=700.05; 4.med_aid=0.01", "500.04"),
        ("1.med_self", "", "0"),
        ("1.med_self", "1.med_in_n=1; 1.med_total=!8", ""),
        ("med_self_hh", "1.med_in_n=1; 1.med_total=0.1; 1.med_reimb=0; 1.med_aid=0; 4.med_total=700.2", "0.3"),
        ("3.edu_fee_all", "", "2500"),
        ("edu_fee_hh", "3.edu_fee_live=2000.55", "2500.55"),
        ("edu_n_school", "", "1"),
        ("edu_n_school", "3.edu_in_school=2", "0"),
        ("3.edu_years", "", "6"),
        ("1.edu_years", "", "9"),
        ("4.edu_years", "", "0"),
        ("2.edu_years", "2.edu_level=10", "19"),
        ("lab_n", "", "2"),
        ("lab_weak_n", "2.mem_labour=3", "1"),
        ("lab_work_n", "", "2"),
        ("lab_out_n", "", "1"),
        ("lab_out_n", "1.lab_place=2", "0"),
        ("lab_zero_hh", "", "2"),
        ("lab_zero_hh", "1.lab_status=07; 1.lab_no_why=04; 1.lab_want=1", "1"),
        ("hou_area_pc", "hou_area=100", "25"),
        ("hou_area_pc", "hou_area=100.5", "25.13"),
        ("hh_income_ly", "", "48000"),
        ("hh_income_ly", "hist.net_inc_mon=3000.25", "12001"),
        ("hh_income_ly", "hh_income_book=!8", ""),
        ("loan_bal_all", "loan_has=1; 1.loan_balance=0.1", "0.1"),
        ("loan_bal_all", "", "0"),
        ("loan_over_all", "loan_has=1; 1.loan_over=1; 1.loan_over_amt=12.5", "12.5"),
        ("loan_paid_all", "loan_has=1; 1.loan_paid=1000.4; 1.loan_interest=12.3", "1012.7"),
        ("1.loan_no", "loan_has=1", "1"),
        ("1.loan_due", "loan_has=1; 1.loan_month=2024-11; 1.loan_term=1", "2024-12"),
        ("1.loan_due", "loan_has=1; 1.loan_month=2024-11; 1.loan_term=2", "2025-01"),
        ("1.loan_due", "loan_has=1; 1.loan_month=2024-12; 1.loan_term=24", "2026-12"),
        ("1.loan_due", "loan_has=1; 1.loan_month=!8; 1.loan_term=24", ""),
        ("end_check", "hh_hukou_n=5; 3.mem_id_type=8; 3.mem_birth=1993-05-05", "2"),
    ],
)  # fmt: skip
def test_what_is_calculated(name: str, steps: str, result: str) -> None:
    assert value(play(steps), name) == result


def test_an_identity_number_fills_in_sex_and_birth_and_overrules_nothing() -> None:
    interview = household()
    roster = Cell(path_of("member"))
    interview.add_row(roster, row_id="m5")
    for name, answer in (("mem_id_type", "1"), ("mem_idno", identity_number("2001-09-30", 18))):
        interview.answer(Cell(path_of(name), ("m5",)), answer)
    assert value(interview, "5.mem_birth") == "2001-09-30"
    assert value(interview, "5.mem_sex") == "2"
    interview.answer(Cell(path_of("mem_idno"), ("m5",)), identity_number("2001-09-29", 18))
    assert value(interview, "5.mem_birth") == "2001-09-30"
    assert [result.state for result in interview.checks() if result.id == "B107.E1"][-1] == "failed"


def test_member_numbers_go_on_and_are_never_given_twice() -> None:
    register = {"": {}, "m1": {"mem_no": "01"}, "gone": {"mem_no": "07"}}
    interview = household(Sources({"register": register}))
    roster = Cell(path_of("member"))
    assert [value(interview, f"{row}.mem_no") for row in (1, 2, 3, 4)] == ["01", "02", "03", "04"]
    interview.add_row(roster, row_id="m5")
    assert value(interview, "5.mem_no") == "08"
    interview.add_row(roster, row_id="m6")
    assert value(interview, "6.mem_no") == "09"


def test_the_row_keeps_its_lasting_id() -> None:
    assert [untouched().value(Cell(path_of("row_uid"), (row,))) for row in ROW_IDS] == list(ROW_IDS)


def test_a_value_of_last_time_waits_for_confirmation() -> None:
    saved = complete()
    waiting = {Cell(path_of("hh_phone__ok")): "", Cell(path_of("mem_name__ok"), ("m4",)): ""}
    interview = Interview.resume(annual(), SavedInterview(saved.rows, {**saved.values, **waiting}), situation())
    assert [result.message for result in interview.checks() if result.id == "E-P01" and result.state == "failed"] == [
        "张桂芳 还有 1 项上期值没有核对",
        "户情、土地、住房还有 1 项上期值没有核对",
    ]
    assert value(interview, "end_check") == "2"
    assert interview.confirmed("hh_phone") is False
    interview.confirm("hh_phone")
    interview.answer(cell_of(interview, "4.mem_name"), "张桂芬")
    assert {result.state for result in interview.checks() if result.id == "E-P01"} == {"passed"}


def test_satisfaction_is_not_asked_before_cadres() -> None:
    interview = play("cov_present=1 3")
    state = interview.state(Cell(path_of("aid_helper_ok")))
    assert (state.readonly, state.status) == (True, "9")
    assert "aid_helper_ok" not in {broken.cell.path.rsplit("/", 1)[1] for broken in interview.violations()}


@pytest.mark.parametrize("name", ["hh_phone", "land_contract", "4.mem_health", "4.med_total", "deposit_band"])
def test_unknown_and_refused_are_answers_of_their_own(name: str) -> None:
    open_to = annual().node(cell_of(untouched(), name).path).fa["nonresponse"].split()
    code = "8" if "dk" in open_to else "9"
    interview = play(f"{name}=!{code}")
    state = interview.state(cell_of(interview, name))
    assert (state.status, state.required_ok, value(interview, name)) == (code, True, value(interview, name))
    assert all(
        result.state != "undecided"
        for result in interview.checks()
        if name in str(result.about) and result.kind == "hard"
    )


def test_words_are_there_in_english() -> None:
    interview = household()
    interview.answer("land_in", "6")
    interview.set_language("English (en)")
    assert interview.label("land_in") == "Of which rented in"
    assert (
        next(result.message for result in interview.checks() if result.state == "failed")
        == "Rented in 6 mu, more than the 5 mu farmed"
    )
    assert interview.choice_label("hou_struct", "2") == "Brick and concrete"


def test_members_are_chosen_by_name() -> None:
    first = untouched().choices("cov_resp_no")[0]
    assert (first.value, first.label) == ("01", HEAD["mem_name"])


def test_the_notice_names_the_county_telephone_and_the_use() -> None:
    assert "0855-1234567" in play("param.county_phone=0855-1234567").label("notice_work")
    assert "用来发现和帮助有困难的家庭" in untouched().label("notice_work")
    statistics = play("param.use_mode=STAT").label("notice_stat")
    assert "只用于统计" in statistics
    assert "12317" in statistics
