"""How the quarterly questionnaire is written: rows of grids, ticking lists, both languages, money to the fen, parameters."""

from __future__ import annotations

import re

from forms.questionnaires.sources import load_questionnaire
from tests.forms.questionnaires.quarterly_source import (
    asked,
    by_name,
    lines,
    lists,
    specification,
    survey,
)


def _all_named() -> list[str]:
    return [row["name"] for row in survey() if "name" in row]


def test_every_variable_name_occurs_once() -> None:
    names = [name for row in survey() if (name := row.get("name")) and not row["type"].startswith("end")]
    assert len(names) == len(set(names))


def test_texts_have_their_length_and_money_its_two_places() -> None:
    for name, spec in asked().items():
        row = by_name()[name]
        if spec.kind.startswith("text(") and spec.required != "自动":
            assert f"string-length(.) <= {spec.kind[5:-1]}" in row["constraint"], name
        if spec.kind == "money":
            assert r"[0-9]{1,2}" in row["constraint"], name


def test_a_row_with_own_produce_is_priced_by_the_county_and_worked_out_to_the_fen() -> None:
    for code, line in lines().items():
        if not code.startswith("F") or not line.rest[0]:
            continue
        assert by_name()[f"r_{code.lower()}"]["appearance"] == "fa-row"
        assert by_name()[f"{line.name}_sp"]["bind::fa:ref"] == f"price_{code}"
        assert by_name()[f"{line.name}_sv"]["calculation"].startswith("round("), code


def test_hard_checks_have_numbers_with_e_and_soft_ones_with_w() -> None:
    for row in survey():
        if "bind::fa:check" in row:
            letter = row["bind::fa:id"].split(".")[-1][0]
            assert row["bind::fa:check"] == {"E": "hard", "W": "soft"}[letter], row["name"]
            assert row["bind::fa:level"] in ("question", "interview", "laptop", "township", "county")
            assert row["type"] == "note"


def test_checks_are_about_nodes_of_the_form() -> None:
    names = set(_all_named())
    for row in survey():
        assert set(row.get("bind::fa:about", "").split()) <= names, row["name"]


def test_ticking_lists_hold_exactly_the_lines_of_their_grid() -> None:
    for name, first, last, without in [
        ("item_prop", "301", "309", set()), ("item_trf", "401", "430", {"427", "428"}),
        ("item_cost", "501", "519", set()), ("item_te", "701", "719", set()), ("item_nr", "801", "811", set()),
        ("item_ne", "851", "862", set()),
    ] + [(f"item_f{i}", f"F{i}00", f"F{i}99", {"F314"}) for i in range(1, 9)]:  # fmt: skip
        wanted = [(c, line.text) for c, line in lines().items() if first <= c <= last and c not in without]
        assert lists()[name] == wanted


def test_every_text_is_in_both_languages() -> None:
    for row in survey():
        for kind in ("label", "hint", "guidance_hint", "constraint_message"):
            assert (f"{kind}::中文 (zh)" in row) == (f"{kind}::English (en)" in row) or row["type"].startswith(
                ("begin", "end")
            ), (row["name"], kind)


def test_money_calculations_are_rounded_to_the_fen() -> None:
    for row in survey():
        if row.get("bind::fa:unit") == "元" and "calculation" in row and row["name"] not in ("p_amt",):
            expression = row["calculation"]
            assert "round(" in expression or re.match(r"instance\('(prev|yoy)'\)", expression), row["name"]


def test_parameters_are_never_literals() -> None:
    named = set(re.findall(r"`?\{([a-z_]+)\}`?", specification("quarterly.md"))) - {"dep_years_", "q_window"}
    text = " ".join(" ".join(row.values()) for row in survey())
    for name in sorted(named):
        assert f"name = '{name}" in text, name


def test_the_compiled_form_holds_what_the_source_says() -> None:
    nodes = {node.name: node for node in load_questionnaire("quarterly").walk()}
    for row in survey():
        if row["type"].startswith(("end", "csv-external")):
            continue
        node = nodes[row["name"]]
        for key, value in row.items():
            if key.startswith("bind::fa:"):
                assert node.fa[key.removeprefix("bind::fa:")] == value, row["name"]
