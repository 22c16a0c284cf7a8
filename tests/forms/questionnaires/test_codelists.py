"""The choice lists: the same in every file, and equal to the tables of codelists.md."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Option = tuple[str, str, dict[str, str]]
Sheets = dict[str, list[dict[str, str]]]
SOURCES = ("choices", "annual", "quarterly")
ZH = "label::中文 (zh)"
EN = "label::English (en)"


def lists_of(sheets: Sheets) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in sheets["choices"]:
        found.setdefault(row["list_name"], []).append(row)
    return found


def test_the_shared_file_has_every_list_of_the_specification(
    codelists: dict[str, list[Option]], source: Callable[[str], Sheets]
) -> None:
    assert set(lists_of(source("choices"))) == set(codelists)


@pytest.mark.parametrize("name", SOURCES)
def test_codes_and_labels_are_those_of_the_specification(
    name: str, codelists: dict[str, list[Option]], source: Callable[[str], Sheets]
) -> None:
    wrong = {
        list_name: rows
        for list_name, rows in lists_of(source(name)).items()
        if list_name in codelists
        and sorted((row["name"], row[ZH]) for row in rows)
        != sorted((code, label) for code, label, _ in codelists[list_name])
    }
    assert wrong == {}


@pytest.mark.parametrize("name", SOURCES)
def test_what_excludes_others_and_what_checks_look_up_is_as_specified(
    name: str, codelists: dict[str, list[Option]], source: Callable[[str], Sheets]
) -> None:
    for list_name, rows in lists_of(source(name)).items():
        for code, _, facts in codelists.get(list_name, []):
            row = next(row for row in rows if row["name"] == code)
            assert {key: row.get(key, "") for key in facts} == facts, (list_name, code)
            assert row.get("exclusive", "") == facts.get("exclusive", ""), (list_name, code)


@pytest.mark.parametrize("name", ["annual", "quarterly"])
def test_a_list_is_the_same_in_every_file(name: str, source: Callable[[str], Sheets]) -> None:
    shared = lists_of(source("choices"))
    for list_name, rows in lists_of(source(name)).items():
        if list_name in shared:
            assert rows == shared[list_name], list_name


@pytest.mark.parametrize("name", SOURCES)
def test_every_option_has_both_languages_and_a_code_of_its_own(name: str, source: Callable[[str], Sheets]) -> None:
    for list_name, rows in lists_of(source(name)).items():
        codes = [row["name"] for row in rows]
        assert len(codes) == len(set(codes)), list_name
        assert all(row.get(ZH) and row.get(EN) for row in rows), list_name


@pytest.mark.parametrize("name", ["annual", "quarterly"])
def test_a_questionnaire_holds_just_the_lists_it_uses(name: str, source: Callable[[str], Sheets]) -> None:
    sheets = source(name)
    used = {
        row["type"].split()[1]
        for row in sheets["survey"]
        if row.get("type", "").startswith("select_") and "$" not in row["type"]
    }
    assert used == set(lists_of(sheets))


def test_there_are_fifty_six_nationalities_and_forty_relations(codelists: dict[str, list[Option]]) -> None:
    assert [code for code, _, _ in codelists["ethnicity"]][:56] == [f"{number:02}" for number in range(1, 57)]
    assert len(codelists["relation"]) == 40
    assert len(codelists["farm_product"]) == 50
    assert len(codelists["durable"]) == 26
