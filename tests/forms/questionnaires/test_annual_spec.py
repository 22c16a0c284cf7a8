"""The annual questionnaire against the tables of annual.md: none missing, none extra. Differences stand here with their reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

Row = dict[str, str]
Sheets = dict[str, list[Row]]
ZH = "label::中文 (zh)"
EN = "label::English (en)"

# ---- reviewed differences -------------------------------------------------------------------------------------------

# Calculated in the specification; shown with the words of a list instead of a bare code.
CALCULATED_AS_CHOICE = {
    "hh_party": "yes_no",
    "mem_resident": "yes_no",
    "mem_family_pop": "yes_no",
    "lab_zero_hh": "yes_no",
    "mem_left_behind": "left_behind",
}
# Written in the text of annual.md, not in a question table.
OF_THE_TEXT = {
    "hh_resident_n": "0.8",
    "hh_family_n": "0.8",
    "sel_asset": "A3: 先勾选",
    "sel_dur": "F: 先勾选",
}
# Hidden values that checks and calculations read; each is written once instead of in every expression.
HELPERS = {
    "ref_date": "0.1 时点",
    "ref_ym": "0.1 时点 as a number, for months",
    "enum_assigned": "011: whether the assignment list holds the enumerator",
    "student_labour": "B136: 按县规定, from the parameters",
    "county_phone": "022: the telephone in the notice",
    "notice_use": "022: which notice is read, monitoring.md 2",
    "visit_dn": "020: date of a visit as a number",
    "visit_minutes": "016: length of a visit",
    "visit_day_n": "020: whether visits are on several days",
    "row_uid": "lasting id of the row",
    "loan_uid": "lasting id of the row",
    "mem_bd": "date of birth as a number, for differences in age",
    "mem_rel_sex": "B104: the sex that the relation demands",
    "mem_sex_id": "B104: the sex in the identity number",
    "mem_birth_id": "B107: the date in the identity number",
    "edu_level_y": "D103: years of the level",
    "edu_max_y": "D103: most years for the stage",
    "mem_refused_n": "023: refused answers of the row",
    "mem_open_n": "0.7: values of last time not confirmed yet",
    "hh_open_n": "0.7: values of last time not confirmed yet",
    "mem_err_n": "K109: hard errors of the row",
    "hh_member_n": "C216: 全户人数",
    "hh_head_n": "E-B01",
    "hh_spouse_n": "E-B01",
    "hh_head_bd": "E-B02",
    "hh_head_age": "W-B09",
    "hh_head_sex": "B104",
    "hh_head_resident": "W-B09",
    "hh_husband_away_n": "B138",
    "hh_resid_adult_n": "B138",
    "hh_u14_n": "024",
    "hh_16_60_n": "W-F02",
    "hh_over16_n": "W-F02",
    "hh_dibao_n": "C202",
    "hh_tekun_n": "C206",
    "hh_uids": "W-B08",
    "hh_income_ly": "W-C05: income of last year, four quarters or A122 × family population",
    "med_self_hh": "W-C05",
    "lab_wage_n": "A121",
    "lab_farm_n": "A121",
    "lab_own_n": "A121",
    "lab_busy_n": "E205",
    "lab_pay_hh": "W-E01",
    "lab_pay_resident": "W-E03",
    "dur_cost_hh": "W-F04",
    "dur_cost_hist": "W-F04",
    "dur_lost_n": "W-F03",
    "loan_row_n": "E-J01",
    "loan_uids": "W-J04",
    "edu_loan_bal_hh": "W-J05",
}
# 不清楚 and 拒答 beyond the words of the question's own line.
STATES_OF_CONSENT = "023: 部分同意时敏感题开放状态 9"
MORE_STATES = {
    "mem_treat_status": STATES_OF_CONSENT,
    "mem_disab_cert": STATES_OF_CONSENT,
    "mem_disab_type": STATES_OF_CONSENT,
    "mem_disab_grade": STATES_OF_CONSENT,
    "lab_month_pay": STATES_OF_CONSENT,
    "lab_year_pay": STATES_OF_CONSENT,
    "lab_second_pay": STATES_OF_CONSENT,
    "aid_helper_ok": "H121: 在场时状态置 9",
    "soc_sat": "H127: 同 H121",
}
MORE_CHECKS = {"E-P01": "0.7: values of last time must be confirmed one by one"}
# The four grids of the text have no numbers of their own; their rules are numbered in the order of the text.
GRID_CHECKS = {"A3.E1", "A3.E2", "A3.W1", "A3.W2", "A4.E1", "A4.W1", "F.E1", "F.E2", "F.W1", "F.W2"}


@dataclass(frozen=True)
class Asked:
    no: str
    name: str
    words: str
    kind: str
    options: str
    unit: str
    required: str
    skip: str
    checks: str


def read_questions(text: str) -> dict[str, Asked]:
    found: dict[str, Asked] = {}
    for line in text.splitlines():
        cells = [cell.strip(" 　") for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 9 and re.fullmatch(r"[0A-Z]\d{2,3}", cells[0]):
            found[cells[1]] = Asked(*cells)
    return found


def read_check_numbers(text: str) -> set[str]:
    numbers = set(GRID_CHECKS)
    for one in read_questions(text).values():
        numbers |= {f"{one.no}.E{number}" for number in range(1, one.checks.count("【错】") + 1)}
        numbers |= {f"{one.no}.W{number}" for number in range(1, one.checks.count("【核】") + 1)}
    return numbers | set(re.findall(r"^\| ([EW]-[A-K]\d\d) \|", text, re.M)) | set(re.findall(r"[：；](W-H\d\d)", text))


@pytest.fixture(scope="module")
def asked(spec: Callable[[str], str]) -> dict[str, Asked]:
    return read_questions(spec("annual"))


@pytest.fixture(scope="module")
def survey(source: Callable[[str], Sheets]) -> list[Row]:
    return source("annual")["survey"]


@pytest.fixture(scope="module")
def by_name(survey: list[Row]) -> dict[str, Row]:
    return {row["name"]: row for row in survey if row.get("name")}


def grid_names(codelists: dict[str, list[tuple[str, str, dict[str, str]]]]) -> set[str]:
    names = {f"fa_{code}_{column}" for code, _, _ in codelists["fixed_asset"] for column in ("n", "value", "year")}
    names |= {f"ls_{code}_n" for code, _, _ in codelists["livestock_stock"]}
    return names | {f"dur_{code}_{column}" for code, _, _ in codelists["durable"] for column in ("n", "new", "cost")}


def test_the_specification_is_read_whole(asked: dict[str, Asked]) -> None:
    sections: dict[str, int] = {}
    for one in asked.values():
        sections[one.no[:-2] if one.no[0] != "0" else "0"] = (
            sections.get(one.no[:-2] if one.no[0] != "0" else "0", 0) + 1
        )
    assert sections == {
        "0": 27, "A1": 27, "A2": 14, "A5": 19, "B1": 40, "C1": 30, "C2": 17, "D1": 25, "D2": 7, "E1": 36, "E2": 7,
        "G1": 27, "G2": 17, "G3": 17, "H1": 27, "J1": 11, "J2": 19, "K1": 12,
    }  # fmt: skip


def test_every_variable_is_there_and_none_besides(
    asked: dict[str, Asked],
    survey: list[Row],
    codelists: dict[str, list[tuple[str, str, dict[str, str]]]],
) -> None:
    names = {
        row["name"]
        for row in survey
        if row.get("name")
        and row["type"] not in ("begin group", "csv-external", "note")
        and row["name"] not in ("member", "loan")
    }
    derived = {name for name in names if re.search(r"__(st|ok)$|_oth$", name)}
    assert names - derived == set(asked) | grid_names(codelists) | set(OF_THE_TEXT) | set(HELPERS)
    assert {re.sub(r"__(st|ok)$|_oth$", "", name) for name in derived} <= set(asked)


def test_no_variable_occurs_twice(survey: list[Row]) -> None:
    names = [row["name"] for row in survey if row.get("name")]
    assert sorted(set(names)) == sorted(names)


def test_numbers_words_and_units_are_those_of_the_tables(asked: dict[str, Asked], by_name: dict[str, Row]) -> None:
    for name, one in asked.items():
        row = by_name[name]
        assert (row["bind::fa:no"], row[ZH], row.get("bind::fa:unit", "")) == (one.no, one.words, one.unit), name
        assert row.get(EN), name


def expected_type(one: Asked) -> set[str]:
    if one.name in CALCULATED_AS_CHOICE:
        return {f"select_one {CALCULATED_AS_CHOICE[one.name]}"}
    if one.options == "成员名册":
        return {"select_one ${mem_no}"}
    if one.kind.startswith("select_"):
        return {f"{one.kind} {one.options}"}
    if one.kind.startswith("text") or one.kind in ("idno", "phone", "month"):
        return {"text"}
    return {
        "integer": {"integer"},
        "year": {"integer"},
        "money": {"decimal"},
        "decimal1": {"decimal"},
        "decimal2": {"decimal"},
        "date": {"date"},
        "time": {"time"},
        "repeat": {"begin repeat"},
        "calc": {"integer", "decimal", "text"},
    }[one.kind]


def test_types_and_lists_are_those_of_the_tables(asked: dict[str, Asked], by_name: dict[str, Row]) -> None:
    wrong = {
        name: by_name[name]["type"] for name, one in asked.items() if by_name[name]["type"] not in expected_type(one)
    }
    assert wrong == {}


def test_required_is_as_the_tables_say(asked: dict[str, Asked], by_name: dict[str, Row]) -> None:
    wrong = {}
    for name, one in asked.items():
        required = by_name[name].get("required", "")
        if one.kind == "repeat":
            continue
        if required != ("yes" if one.required == "是" else ""):
            wrong[name] = required
        if one.required == "自动":
            assert by_name[name].get("readonly"), name
    assert wrong == {}


def test_what_is_always_asked_has_no_condition(asked: dict[str, Asked], by_name: dict[str, Row]) -> None:
    for name, one in asked.items():
        assert bool(by_name[name].get("relevant")) == bool(one.skip), (name, one.skip)


def test_every_check_number_is_there_and_none_besides(spec: Callable[[str], str], survey: list[Row]) -> None:
    numbers = {number for row in survey for number in row.get("bind::fa:id", "").split()}
    assert numbers == read_check_numbers(spec("annual")) | set(MORE_CHECKS)


def test_states_are_open_where_the_tables_say(asked: dict[str, Asked], by_name: dict[str, Row]) -> None:
    for name, one in asked.items():
        states = {"dk"} if "可不清楚" in one.checks else set()
        if "可拒答" in one.checks or name in MORE_STATES:
            states |= {"refused"}
        assert set(by_name[name].get("bind::fa:nonresponse", "").split()) == states, name
        assert (f"{name}__st" in by_name) == bool(states), name


def test_options_that_exclude_others_do(
    asked: dict[str, Asked], by_name: dict[str, Row], codelists: dict[str, list[tuple[str, str, dict[str, str]]]]
) -> None:
    for name, one in asked.items():
        if one.kind == "select_multiple":
            for code, _, facts in codelists[one.options]:
                if facts.get("exclusive"):
                    assert f"not(selected(., '{code}') and count-selected(.) > 1)" in by_name[name]["constraint"], name


def test_an_option_called_other_asks_what(
    asked: dict[str, Asked], by_name: dict[str, Row], codelists: dict[str, list[tuple[str, str, dict[str, str]]]]
) -> None:
    for name, one in asked.items():
        others = [code for code, label, _ in codelists.get(one.options, []) if label.startswith("其他")]
        if not others or one.required == "自动":
            assert f"{name}_oth" not in by_name, name
            continue
        row = by_name[f"{name}_oth"]
        assert all(f"'{code}'" in row["relevant"] for code in others), name
        assert row["required"] == "yes"


def test_money_has_at_most_two_places_and_sums_are_rounded(asked: dict[str, Asked], by_name: dict[str, Row]) -> None:
    for name, one in asked.items():
        row = by_name[name]
        if one.kind == "money" and not row.get("readonly"):
            assert "round(., 2) = ." in row["constraint"], name
        if one.kind == "calc" and one.unit == "元":
            assert re.fullmatch(r"round\(.*, 2\)", row["calculation"]), name


def test_parameters_are_read_and_never_written_out(spec: Callable[[str], str], survey: list[Row]) -> None:
    named = set(re.findall(r"\{([a-z_0-9]+)\}", spec("annual"))) - {"参数名"}
    text = "\n".join(" ".join(row.values()) for row in survey)
    read = set(re.findall(r"instance\('params'\)/root/item\[name = '([a-z_0-9]+)'\]", text))
    assert named <= read
    assert read <= named | {
        "survey_year",
        "annual_from",
        "annual_to",
        "student_labour",
        "county_phone",
        "use_mode",
        "arrears_amt",
        "water_max_min",
        "water_max_m",
        "water_max_h",
        "water_stop_days",
    }


def test_texts_of_checks_stand_in_both_languages(survey: list[Row]) -> None:
    for row in survey:
        if row.get("bind::fa:check"):
            assert row["type"] == "note"
            said = [set(re.findall(r"\$\{\w+\}", row.get(language, "-"))) for language in (ZH, EN)]
            assert said[0] == said[1], row["name"]
            assert row["bind::fa:level"] in ("question", "interview", "laptop", "township", "county")
            assert row["bind::fa:about"]
        elif row.get("constraint"):
            assert {"constraint_message::中文 (zh)", "constraint_message::English (en)"} <= set(row), row["name"]


def test_a_check_names_questions_that_exist(survey: list[Row], by_name: dict[str, Row]) -> None:
    for row in survey:
        for name in row.get("bind::fa:about", "").split():
            assert name in by_name, (row["name"], name)


def test_short_headings_fit_a_grid(survey: list[Row]) -> None:
    for row in survey:
        assert len(row.get("bind::fa:short", "")) <= 6, row["name"]


def test_rosters_have_short_headings(survey: list[Row]) -> None:
    depth = 0
    for row in survey:
        depth += (row["type"] == "begin repeat") - (row["type"] == "end repeat")
        if depth and row.get("bind::fa:no") and row["type"] not in ("begin repeat", "begin group"):
            assert row.get("bind::fa:short"), row["name"]


def test_the_most_sensitive_fields_are_marked(by_name: dict[str, Row]) -> None:
    for name in ("mem_idno", "mem_disab_no", "mem_major_disease", "mem_tags"):
        assert by_name[name]["bind::fa:class"] == "S3"
    for name in (
        "hh_head_name",
        "hh_phone",
        "hh_address",
        "mem_name",
        "mem_health",
        "ss_dibao",
        "deposit_band",
        "loan_balance",
    ):
        assert by_name[name]["bind::fa:class"] == "S2"
