"""How the annual questionnaire is written: exclusive options, explanations of 其他, money to the fen, parameters, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.forms.questionnaires.specified import Told, table

Row = dict[str, str]
Sheets = dict[str, list[Row]]
ZH = "label::中文 (zh)"
EN = "label::English (en)"


@pytest.fixture(scope="module")
def asked() -> dict[str, Told]:
    return table("annual")


@pytest.fixture(scope="module")
def survey(source: Callable[[str], Sheets]) -> list[Row]:
    return source("annual")["survey"]


@pytest.fixture(scope="module")
def by_name(survey: list[Row]) -> dict[str, Row]:
    return {row["name"]: row for row in survey if row.get("name")}


def test_no_variable_occurs_twice(survey: list[Row]) -> None:
    names = [row["name"] for row in survey if row.get("name")]
    assert sorted(set(names)) == sorted(names)


def test_options_that_exclude_others_do(
    asked: dict[str, Told], by_name: dict[str, Row], codelists: dict[str, list[tuple[str, str, dict[str, str]]]]
) -> None:
    for name, one in asked.items():
        if one.kind == "select_multiple":
            for code, _, facts in codelists[one.options]:
                if facts.get("exclusive"):
                    assert f"not(selected(., '{code}') and count-selected(.) > 1)" in by_name[name]["constraint"], name


def test_an_option_called_other_asks_what(
    asked: dict[str, Told], by_name: dict[str, Row], codelists: dict[str, list[tuple[str, str, dict[str, str]]]]
) -> None:
    for name, one in asked.items():
        others = [code for code, label, _ in codelists.get(one.options, []) if label.startswith("其他")]
        if not others or one.required == "自动":
            assert f"{name}_oth" not in by_name, name
            continue
        row = by_name[f"{name}_oth"]
        assert all(f"'{code}'" in row["relevant"] for code in others), name
        assert row["required"] == "yes"


def test_money_has_at_most_two_places_and_sums_are_rounded(asked: dict[str, Told], by_name: dict[str, Row]) -> None:
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
        "unemp_months",
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
