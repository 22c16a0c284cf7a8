"""Derived measures of quarterly.md 9 on one household, every figure with its arithmetic, to the fen."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from functools import cache

import pytest

from forms.engine import Form, Interview
from forms.questionnaires.sources import default_parameters, load_questionnaire
from tests.forms.questionnaires.quarterly_case import (
    PAST,
    PEOPLE,
    line_parameters,
    parameters,
    ref,
    register_with,
    resources,
    table,
)
from tests.forms.questionnaires.quarterly_interview import filled, give, trial
from tests.forms.questionnaires.quarterly_source import SOURCE, by_name, lines, survey
from tests.forms.questionnaires.quarterly_trials import NEWCOMER, a


@pytest.fixture(scope="module")
def form() -> Form:
    return load_questionnaire("quarterly")


@pytest.fixture(scope="module")
def household(form: Form) -> Interview:
    return filled(form)


def figure(interview: Interview, name: str) -> Decimal:
    return Decimal(interview.value(ref(name)))


FIGURES = {
    "q_resident_n": "3",  # 周德顺 田秀英 周雨桐; the young couple is away for more than half the quarter
    "q_family_n": "5",
    "q_labor_n": "4",
    "w_total": "2512.75",  # 2400.50 + 12.25 + 100
    "wage_inc": "2512.75",  # no food, clothes or goods from the employer
    "own_farm": "522",  # rice 45 × 5.20 = 234; oil 12 × 24 = 288
    "own_forest": "240",  # wood 300 × 0.80
    "own_animal": "360",  # pork 15 × 24
    "own_fish": "0",
    "own_use_1": "1122",
    "op_inc_1": "10122",  # one ox 9000 + 1122
    "op_cost_1": "550.5",  # 200 + 350.50
    "dep_1": "95",  # machines 4000 × 0.95 ÷ 10 ÷ 4
    "op_net_1": "9476.5",  # 10122 − 550.50 − 95
    "op_inc_2": "0",
    "dep_2": "47.5",  # mill 2000 × 0.95 ÷ 10 ÷ 4
    "op_net_2": "-47.5",
    "b_net": "1940",  # 5000 + 50 − 3000 − 100 − 10
    "op_inc_3": "5050",
    "op_cost_3": "3100",  # 3000 + 100, the tax of 10 apart
    "op_tax_3": "10",
    "op_tax": "10",
    "dep_3": "71.25",  # shop 1500 × 0.95 ÷ 5 ÷ 4
    "op_net_3": "1868.75",  # 5050 − 3100 − 10 − 71.25
    "op_net": "11297.75",  # 9476.50 − 47.50 + 1868.75
    "prop_inc": "350",  # 300 + 50
    "prop_exp": "100",
    "prop_net": "250",
    "trf_remit": "9000",
    "trf_goods": "200",
    "trf_inc": "10300",  # 400 + 300 + 400 + 9000 + 200
    "trf_exp": "2012.25",  # 2000 + 12.25 withheld
    "trf_net": "8287.75",
    "disp_inc": "22348.25",  # 2512.75 + 11297.75 + 250 + 8287.75
    "cash_inc": "20926.25",  # 22348.25 − 1122 − (100 + 200) − 0
    "cons_f1": "2488",  # 420 + 288 + 720 + 60 + 800 + 200 given by the state
    "cons_f2": "0",
    "cons_f3": "490",  # 150 + 240 + housing in kind 100
    "cons_f4": "0",
    "cons_f5": "180",
    "cons_f6": "120",
    "cons_f7": "900",
    "cons_f8": "0",
    "cons_total": "4178",
    "cons_cash": "2756",  # 186 + 360 + 60 + 800 + 150 + 180 + 120 + 900
    "food_share": "59.55",  # 2488 ÷ 4178
    "nonc_total": "7562.75",  # 550.50 + 0 + 3100 + 1200 + 100 + 2012.25 + 600
    "surplus": "18170.25",  # 22348.25 − 4178
    "cm_self": "600",  # 900 − 300
    "rig_med": "600",
    "rig_edu": "920",  # books 120 + school meals 800
    "rig_edu_net": "920",
    "rig_total": "1520",
    "rig_12m": "4520",  # 1520 + 3 × 1000
    "net_inc_mon": "33184.25",  # (2512.75 + 18000) + (10122 + 5050 − 550.50 − 3100) + 350 + (400 + 400)
    "net_inc_mon_pc12": "24636.85",  # (33184.25 + 3 × 30000) ÷ 5
    "net_inc_est": "0",
    "disp_inc_pc": "7449.42",  # 22348.25 ÷ 3
    "cons_pc": "1392.67",  # 4178 ÷ 3
    "disp_inc_pc12": "29449.42",  # (22348.25 + 3 × 22000) ÷ (12 ÷ 4)
    "prev_disp_inc": "22000",
    "aux_chg_prev_disp_inc": "0.0158",  # 348.25 ÷ 22000
    "cash_gap": "-3416",  # 3000 + 26912.75 + 5000 − 2756 − 3650.50 − 10 − 1200 − 100 − 2012.25 − 600 − 28000
    "loan_due": "2028.08",
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_of_the_household(household: Interview, name: str) -> None:
    value = household.value(ref(name)).replace("2028-08", "2028.08")
    assert Decimal(value) == Decimal(FIGURES[name])


def test_wage_not_known_is_replaced_by_what_was_sent_home(form: Form) -> None:
    there = filled(form)
    there.answer(ref("ql_out_wage@3"), "")
    there.answer_state(ref("ql_out_wage@3"), "8")
    assert figure(there, "net_inc_mon") == Decimal("24184.25")  # 33184.25 − 18000 + 9000
    assert figure(there, "disp_inc") == Decimal("22348.25")


def test_a_workshop_is_of_the_second_sector(household: Interview) -> None:
    with trial(household, a("b_industry=C")):
        assert [figure(household, name) for name in ("op_inc_2", "op_cost_2", "op_tax_2")] == [5050, 3100, 10]
        assert [figure(household, name) for name in ("op_inc_3", "op_cost_3", "op_tax_3")] == [0, 0, 0]
        assert figure(household, "op_net_2") == Decimal("1892.5")  # 5050 − 3100 − 10 − 47.50
        assert figure(household, "op_net_3") == Decimal("-71.25")
        assert figure(household, "disp_inc") == Decimal("22348.25")
        assert figure(household, "net_inc_mon") == Decimal("33184.25")


def test_goods_given_are_income_and_consumption_but_not_cash(household: Interview) -> None:
    given = "cf_free_emp=10; cc_free_emp=20; cl_free_emp=40; cf_free_gov=280; cc_free_gov=160; cl_free_gov=320; "
    with trial(household, a(given + "ce_free_gov=640")):
        assert figure(household, "wage_inc") == Decimal("2582.75")  # 2512.75 + 10 + 20 + 40
        assert figure(household, "trf_goods") == Decimal("1400")  # 280 + 160 + 320 + 640
        assert figure(household, "cons_f1") == Decimal("2578")  # 2488 + 10 + 80
        assert figure(household, "cons_f2") == Decimal("180")
        assert figure(household, "cons_f4") == Decimal("360")
        assert figure(household, "cons_f6") == Decimal("760")  # 120 + 640
        assert figure(household, "disp_inc") == Decimal("23618.25")  # 22348.25 + 70 + 1200
        assert figure(household, "cash_inc") == Decimal("20926.25")
        assert figure(household, "cons_cash") == Decimal("2756")


SUMS = {
    "prop_inc": ("sel_prop", "301", "309"), "op_cost_1": ("sel_cost", "501", "519"), "prop_exp": ("sel_te", "701", "702"),
    "aux_nr_all": ("sel_nr", "801", "811"), "aux_ne_all": ("sel_ne", "851", "862"), "cons_f1": ("sel_f1", "F101", "F131"),
    "cons_f2": ("sel_f2", "F201", "F206"), "cons_f3": ("sel_f3", "F301", "F313"), "cons_f4": ("sel_f4", "F401", "F414"),
    "cons_f5": ("sel_f5", "F501", "F513"), "cons_f6": ("sel_f6", "F601", "F618"), "cons_f7": ("sel_f7", "F701", "F708"),
    "cons_f8": ("sel_f8", "F801", "F809"), "rig_edu": ("sel_f6", "F601", "F608"), "trf_inc": ("sel_trf", "401", "430"),
}  # fmt: skip
BESIDES = {"cons_f1": 200, "cons_f3": 100, "rig_edu": 800, "trf_inc": 9200}  # given, in kind, school meals, 427 and 428


@pytest.mark.parametrize("total", SUMS)
def test_every_line_counts_once_in_its_total(household: Interview, total: str) -> None:
    ticking, first, last = SUMS[total]
    codes = [code for code in lines() if first <= code <= last and len(code) == len(first)]
    codes = [code for code in codes if code not in ("427", "428")]
    money = {code: Decimal(f"{7 + index * index}.01") for index, code in enumerate(codes)}
    answers = [(ticking, " ".join(codes))]
    for code in codes:
        stem = lines()[code].name
        own = f"{stem}_sq" in by_name()
        answers += [(f"{stem}_sq", ""), (f"{stem}_sp", "")] if own else []
        answers.append((f"{stem}_cash" if code.startswith("F") else stem, str(money[code])))
    with trial(household, tuple(answers)):
        assert figure(household, total) == sum(money.values()) + BESIDES.get(total, 0)


BRANCHES = {"农": "own_farm", "林": "own_forest", "牧": "own_animal", "渔": "own_fish"}


@pytest.mark.parametrize("code", [code for code, line in lines().items() if code.startswith("F") and line.rest[0]])
def test_own_produce_belongs_to_the_branch_of_its_line(household: Interview, code: str) -> None:
    stem, branch = lines()[code].name, BRANCHES[lines()[code].rest[0]]
    ticked = (("sel_f1", code if code.startswith("F1") else ""), ("sel_f3", code if code.startswith("F3") else ""))
    with trial(household, (*ticked, (f"{stem}_sq", "3"), (f"{stem}_sp", "2.5"))):
        found = {name: figure(household, name) for name in BRANCHES.values()}
        assert found == dict.fromkeys(BRANCHES.values(), Decimal(0)) | {branch: Decimal("7.5")}


def test_lines_that_the_county_does_not_count_stay_out_of_the_monitoring_income(form: Form) -> None:
    there = filled(form, resources(params=parameters(mon_416="N", mon_415="Y")))
    assert figure(there, "net_inc_mon") == Decimal("33084.25")  # 33184.25 − 400 + 300


def test_a_line_that_the_county_has_not_decided_leaves_the_income_open(form: Form) -> None:
    there = filled(form, resources(params=parameters(mon_416="")))
    assert there.value(ref("net_inc_mon")) == ""
    assert there.value(ref("net_inc_mon_pc12")) == ""


def test_depreciation_and_paid_transfers_are_deducted_where_the_county_says_so(form: Form) -> None:
    there = filled(form, resources(params=parameters(mon_dep="on", mon_trf_exp="on")))
    assert figure(there, "net_inc_mon") == Decimal("30958.25")  # 33184.25 − (95 + 47.50 + 71.25) − 2012.25


def test_assets_past_their_life_are_not_depreciated(form: Form) -> None:
    there = filled(form, resources(register=register_with(fa_farm_year="2016", fa_process_year="")))
    assert figure(there, "dep_1") == 0
    assert figure(there, "dep_2") == Decimal("47.5")  # no year known: still in use


def test_imputed_rent_is_income_and_consumption_alike(form: Form) -> None:
    there = filled(form, resources(params=parameters(imputed_rent_on="on")))
    assert figure(there, "prop_imputed") == Decimal("400")  # 80000 × 0.02 ÷ 4
    assert figure(there, "disp_inc") == Decimal("22748.25")
    assert figure(there, "cons_f3") == Decimal("890")
    assert figure(there, "cash_inc") == Decimal("20926.25")
    assert figure(there, "net_inc_mon") == Decimal("33184.25")


def test_what_the_living_household_does_not_hold_comes_from_the_annual_interview(form: Form) -> None:
    rows = list(csv.DictReader(register_with().decode().splitlines()))
    living = ("row", "hh_id", "hh_phone", "hh_type_now", "land_contract", "mem_no", "mem_name", "mem_relation", "mem_sex",
              "mem_birth", "mem_hukou_here", "mem_on_register", "edu_level")  # fmt: skip
    there = filled(
        form,
        resources(
            register=table([{name: row[name] for name in living} for row in rows]),
            base=table([{name: value for name, value in row.items() if name not in living[1:]} for row in rows]),
        ),
    )
    for name in ("q_family_n", "q_labor_n", "dep_1", "dep_3", "disp_inc", "net_inc_mon", "net_inc_mon_pc12"):
        assert figure(there, name) == Decimal(FIGURES[name]), name
    assert [check.id for check in there.checks() if check.state == "failed"] == []


def test_two_quarters_are_projected_and_one_is_taken_from_the_annual_form(form: Form) -> None:
    blank = table([{"row": "", "disp_inc": ""}])
    two = filled(form, resources(hist2=blank, hist3=blank))
    assert two.value(ref("net_inc_est")) == "1"
    assert figure(two, "net_inc_mon_pc12") == Decimal("25273.7")  # (33184.25 + 30000) ÷ 2 × 4 ÷ 5
    assert two.value(ref("disp_inc_pc12")) == ""
    assert two.value(ref("aux_net_source")) == "按 2 季推算"
    one = filled(form, resources(hist1=blank, hist2=blank, hist3=blank))
    assert figure(one, "net_inc_mon_pc12") == Decimal("9000")
    assert one.value(ref("net_inc_est")) == "0"  # not projected, but taken as it stands (quarterly.md 9.3)
    assert one.value(ref("aux_net_source")) == "年度问卷人均纯收入"


def test_without_residents_there_is_no_figure_a_head(household: Interview) -> None:
    away = "; ".join(f"qm_months_home@{i}=0; qm_live_place@{i}=6" for i in (1, 2, 5))
    with trial(household, a(away)):
        assert household.value(ref("q_resident_n")) == "0"
        assert household.value(ref("disp_inc_pc")) == ""
        assert household.value(ref("cons_pc")) == ""


def test_someone_who_died_counts_for_the_months_at_home(household: Interview) -> None:
    died = "qm_status@2=4; qm_change@2=13; qm_change_date@2=2026-08-20; qm_months_home@2={}"
    with trial(household, a(died.format("1.5"))):
        assert household.value(ref("qm_resident@2")) == "1"
        assert household.value(ref("qm_family_pop@2")) == "2"
    with trial(household, a(died.format("1"))):
        assert household.value(ref("qm_resident@2")) == "2"
    with trial(household, a(died.format("1.5").replace("qm_change@2=13", "qm_change@2=21"))):
        assert household.value(ref("qm_resident@2")) == "2"


@pytest.mark.parametrize(
    ("answers", "resident"),
    [
        ("qm_months_home@1=1.5", "1"),
        ("qm_months_home@1=1; qm_live_place@1=1; qm_plan_stay@1=1", "1"),
        ("qm_months_home@1=1; qm_live_place@1=1; qm_plan_stay@1=2; qm_absence@1=10", "2"),
        ("qm_months_home@1=0; qm_live_place@1=6; qm_absence@1=03; qm_student_out@1=1", "1"),
        ("qm_months_home@1=0; qm_live_place@1=6; qm_absence@1=03; qm_student_out@1=2", "2"),
    ],
)
def test_resident_by_months_plan_or_studies(household: Interview, answers: str, resident: str) -> None:
    with trial(household, a(answers)):
        assert household.value(ref("qm_resident@1")) == resident


AWAY_FOR_WORK = "qm_months_home@4=0; qm_live_place@4=6; qm_absence@4={}"


@pytest.mark.parametrize(
    ("rule", "answers", "resident"),
    [
        ("new", AWAY_FOR_WORK.format("01"), "2"),
        ("old", AWAY_FOR_WORK.format("01"), "1"),  # works elsewhere, keeps house with the family
        ("old", AWAY_FOR_WORK.format("02"), "1"),
        ("old", AWAY_FOR_WORK.format("04"), "2"),  # away with a pupil: no work
        ("old", AWAY_FOR_WORK.format("01") + "; qm_fix@4=tied; mem_econ_tied@4=2", "2"),
    ],
)
def test_the_old_rule_counts_who_works_away_but_keeps_house_with_the_family(
    form: Form, rule: str, answers: str, resident: str
) -> None:
    """{resident_rule} of annual.md 0.8, the same in the quarter."""
    there = _under(form, rule)
    with trial(there, a(answers)):
        assert there.value(ref("qm_resident@4")) == resident
        assert there.value(ref("qm_family_pop@4")) == "1"


@cache
def _under(form: Form, rule: str) -> Interview:
    return filled(form, resources(params=parameters(resident_rule=rule)))


@pytest.mark.parametrize(
    ("answers", "family"),
    [
        ("mem_hukou_here@6=1; mem_econ_tied@6=1", "1"),  # registered here and keeping house together
        ("mem_hukou_here@6=1; mem_econ_tied@6=2", "2"),  # 户口上有、人早已分出去
        ("mem_hukou_here@6=2; mem_hukou_place@6=1; mem_econ_tied@6=1", "2"),  # neither registered nor resident
        ("mem_hukou_here@6=2; mem_hukou_place@6=1; mem_econ_tied@6=1; qm_months_home@6=2", "1"),
        ("mem_hukou_here@6=2; mem_econ_tied@6=2; mem_on_register@6=1", "1"),  # on the township's register
    ],
)
def test_who_joins_belongs_to_the_family_by_household_register_purse_or_residence(
    household: Interview, answers: str, family: str
) -> None:
    joined = NEWCOMER + "qm_months_home@6=0; qm_live_place@6=6; qm_absence@6=01; mem_on_register@6=2; "
    with trial(household, a(joined + answers)):
        assert household.value(ref("qm_family_pop@6")) == family


@pytest.mark.parametrize(
    ("answers", "family"),
    [
        ("qm_fix@3=tied; mem_econ_tied@3=2; qm_fix@3=tied", "1"),  # on the register of lifted households
        ("q_hh_type_now=5; qm_fix@3=tied; mem_econ_tied@3=2", "1"),
        ("q_changes=06", "1"),
    ],
)
def test_family_member_follows_the_register_until_something_changed(
    household: Interview, answers: str, family: str
) -> None:
    with trial(household, a(answers)):
        assert household.value(ref("qm_family_pop@3")) == family


def test_someone_apart_and_not_on_the_register_leaves_the_family(form: Form) -> None:
    text = register_with(hh_type_now="5").decode().replace(",1,1,1,1,1,2,9,1", ",1,1,2,1,1,2,9,1")
    there = filled(form, resources(register=text.encode()))
    give(there, a("q_hh_type_now=5; qm_fix@3=tied; mem_econ_tied@3=2"))
    assert there.value(ref("qm_family_pop@3")) == "2"
    assert figure(there, "q_family_n") == 4


def test_changes_of_the_last_quarter_go_on_until_the_next(form: Form) -> None:
    last = {"row": PEOPLE[0], "qm_family_pop": "2", "aux_db": "1", "aux_insured": "0", "aux_disab": "1"}
    there = filled(form, resources(prev=table([PAST, last])))
    assert there.value(ref("qm_family_pop@1")) == "2"
    assert [figure(there, name) for name in ("q_family_n", "aux_db_n", "aux_insured_n", "aux_disab_n")] == [4, 1, 4, 1]
    assert there.is_relevant(ref("rig_disab"))
    with trial(there, a("q_db_change=3; qm_dibao@1=9; qm_fix@1=med hukou; qm_med_ins@1=1")):
        assert [figure(there, name) for name in ("q_family_n", "aux_db_n", "aux_insured_n")] == [5, 0, 5]


def _counted(cells: tuple[str, ...]) -> str:
    """防返贫 column of an income line: Y, N, or the default in brackets."""
    return cells[1][-2] if cells[1].startswith("P") else cells[1]


def test_default_parameters_are_those_of_the_tables() -> None:
    defaults = {one.name: one.value for one in default_parameters()}
    for name, value in line_parameters().items():
        if name == "mon_427" or name.startswith("price_") or (name.startswith("min_") and value == "0"):
            continue
        assert defaults[name] == value, name
    for code, line in lines().items():
        if code[0] in "34" and code != "427":
            assert defaults[f"mon_{code}"] == _counted(line.rest), code
    for code, line in lines().items():
        if code.startswith("F") and line.rest[0]:
            low, high = line.rest[2].split("—")
            assert Decimal(low) <= Decimal(defaults[f"price_{code}"]) <= Decimal(high)


@pytest.mark.parametrize("code", [code for code in lines() if code[0] in "34" and code not in ("310", "427", "428")])
def test_income_line_counts_for_monitoring_as_its_table_says(household: Interview, code: str) -> None:
    before = figure(household, "net_inc_mon") - 350 - 800  # what the household has of both kinds
    name = lines()[code].name
    ticked = (("sel_prop", code if code < "4" else ""), ("sel_trf", code if code > "4" else ""))
    with trial(household, (*ticked, (name, "123.45"))):
        counted = Decimal("123.45") if _counted(lines()[code].rest) == "Y" else Decimal(0)
        assert figure(household, "net_inc_mon") == before + counted
        assert figure(household, "prop_inc" if code < "4" else "trf_inc") == Decimal("123.45") + (code > "4") * 9200


@pytest.mark.parametrize(("born", "age"), [("1963-09-30", "63"), ("1963-10-01", "62"), ("2026-09-01", "0")])
def test_age_is_counted_at_the_end_of_the_quarter(household: Interview, born: str, age: str) -> None:
    with trial(household, (("qm_fix@1", "id"), ("mem_birth@1", born))):
        assert household.value(ref("qm_age@1")) == age


def test_a_new_member_gets_a_number_never_used(household: Interview) -> None:
    with trial(household, a("+member=")):
        assert household.value(ref("mem_no@6")) == "06"


def test_known_members_come_from_the_register_and_can_not_be_typed_over(household: Interview) -> None:
    assert household.value(ref("mem_name@3")) == "周文强"
    assert household.state(ref("mem_name@3")).readonly
    with trial(household, a("qm_fix@3=id")):
        assert not household.state(ref("mem_name@3")).readonly


def test_unticked_lines_count_as_zero_and_keep_their_value(household: Interview) -> None:
    with trial(household, a("sel_f7=")):
        assert figure(household, "cons_f7") == 0
        assert household.value(ref("cm_out_cash")) == "900"
    assert figure(household, "cons_f7") == 900


def test_every_parameter_the_form_reads_comes_with_the_program() -> None:
    read = set(re.findall(r"root/item\[name = '(\w+)'\]/value", SOURCE.read_text(encoding="utf-8")))
    assert read - {one.name for one in default_parameters()} == {"q_period"}  # set with the assignment


def test_no_expression_reads_a_variable_of_another_wave_that_no_form_has() -> None:
    with (SOURCE.parent / "annual.csv").open(encoding="utf-8", newline="") as stream:
        annual = {cells[2] for cells in csv.reader(stream) if len(cells) > 2}
    known = {row["name"] for row in survey() if "name" in row} | annual | {"row", "hh_id"}
    pattern = re.compile(r"instance\('(?:prev|yoy|base|register|hist\d)'\)/root/item\[[^\]]*\]/(\w+)")
    for row in survey():
        for value in row.values():
            assert set(pattern.findall(value)) <= known, row["name"]
