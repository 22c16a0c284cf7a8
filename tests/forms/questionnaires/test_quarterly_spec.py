"""The quarterly form against its specification: variables, lists, requiredness, numbers of checks."""

from __future__ import annotations

import csv
import re

import pytest

from forms.questionnaires.sources import load_questionnaire
from tests.forms.questionnaires.quarterly_source import (
    HERE,
    ZH,
    asked,
    by_name,
    check_numbers,
    lines,
    lists,
    specification,
    survey,
)

KINDS = {
    "money": "decimal", "decimal1": "decimal", "decimal2": "decimal", "integer": "integer", "date": "date",
    "time": "time", "month": "text", "phone": "text", "idno": "text", "repeat": "begin_repeat",
}  # fmt: skip

# Annual questions that the specification borrows: B and C, D for new members (3 节), J202—J211 for new loans (QA23).
BORROWED_NUMBERS = re.compile(r"B1(0[1-9]|[12]\d|3\d)|C101|C107|D10[123]|J2(0\d|1[01])")

# Differences looked at one by one. Variables:
WORDED_OTHERWISE = {"q_phone": "the carried number is shown; it is changed if it changed"}
REQUIRED_OTHERWISE = {
    "w_public": "required when relevant, and relevant only for public posts",
    "mem_no": "filled by the form",
}
# Nodes that the tables do not name:
OWN_NODES = re.compile(
    r"aux_\w+"  # steps of a calculation
    r"|chk_\w+"  # edit checks
    r"|\w+__(st|ok)"  # states of an answer
    r"|\w+_oth|\w+_note"  # 说明 of 其他 (codelists 0.5)
    r"|cf_\w+_amt|ch_wood_amt"  # the column 合计 of lines with own produce
    r"|(prev|yoy)_(disp_inc|cons_total|net_inc_mon)"  # 9.6
    r"|row_uid|w_uid"  # lasting ids
)
# Checks without a row of their own in the tables, each with where it comes from:
OWN_CHECKS = {
    "QD1.E1": "has_wage = yes needs a row", "QD21.E1": "the same for products", "QD3.E1": "the same for businesses",
    "QG1.E1": "QG1: 必填至少 1 行", "QA23.W1": "QA23: 须与 QE 非收入所得一致", "QD1.W5": "行.W5 for 公益岗",
    "QE1.W1": "QE1: 全年 op_cost_1 = 0", "Q017.W1": "同 annual 027",
}  # fmt: skip
# Numbers of the specification that no XForm can carry:
NOT_IN_FORM = {
    "E3": "行.E3: calculated cells cannot be typed; a package that changed them is refused when it is taken in",
}


def _all_named() -> list[str]:
    return [row["name"] for row in survey() if "name" in row]


def test_every_variable_name_occurs_once() -> None:
    names = [name for row in survey() if (name := row.get("name")) and not row["type"].startswith("end")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", asked())
def test_question_is_as_in_its_table(name: str) -> None:
    spec, row = asked()[name], by_name()[name]
    assert row["bind::fa:no"] == spec.number
    if name not in WORDED_OTHERWISE:
        assert row[ZH] == spec.text or spec.kind in ("calc", "repeat") or spec.required == "自动"
    if spec.kind.startswith("select_"):
        wanted = {"成员名册": "member_no" if spec.kind == "select_multiple" else "${mem_no}"}.get(
            spec.choices, spec.choices
        )
        assert row["type"] == f"{spec.kind} {wanted}"
    elif spec.kind in KINDS:
        assert row["type"] == KINDS[spec.kind]
    elif spec.kind.startswith("text("):
        assert row["type"] == "text"
        if spec.required != "自动":
            assert f"string-length(.) <= {spec.kind[5:-1]}" in row["constraint"]
    else:
        assert spec.kind == "calc"
        assert "calculation" in row
    if spec.required == "自动" or spec.kind == "calc":
        assert row.get("required") is None
    elif name not in REQUIRED_OTHERWISE and spec.kind != "repeat":
        assert (row.get("required") == "yes") == (spec.required == "是")
    if spec.kind == "money":
        assert row["bind::fa:unit"] in ("元", "元/单位", "元/月")
        assert r"[0-9]{1,2}" in row["constraint"]


@pytest.mark.parametrize("code", lines())
def test_grid_line_has_its_variables(code: str) -> None:
    line, names = lines()[code], by_name()
    if code in ("310", "427", "428", "F314"):  # calculated for the household, no row to tick
        assert "calculation" in names[line.name]
        return
    row = names[f"r_{code.lower()}"]
    assert row["appearance"] == "fa-row"
    assert row[ZH] == line.text
    if code.startswith("F"):
        own = bool(line.rest[0])
        assert names[f"{line.name}_cash"]["bind::fa:no"] == code
        assert (f"{line.name}_sq" in names) == own
        if own:
            assert names[f"{line.name}_sq"]["bind::fa:unit"] == line.rest[1]
            assert names[f"{line.name}_sp"]["bind::fa:ref"] == f"price_{code}"
            assert names[f"{line.name}_sv"]["calculation"].startswith("round(")
    else:
        assert names[line.name]["bind::fa:no"] == code


def test_there_are_as_many_grid_lines_as_the_specification_counts() -> None:
    counts = {
        len([c for c in lines() if c.startswith("F")]): 113,
        len([c for c in lines() if "301" <= c <= "310"]): 10,
        len([c for c in lines() if "401" <= c <= "430"]): 30,
        len([c for c in lines() if "501" <= c <= "519"]): 19,
        len([c for c in lines() if "701" <= c <= "719"]): 11,
    }
    assert all(found == wanted for found, wanted in counts.items())


def test_every_variable_of_section_9_exists() -> None:
    text = specification("quarterly.md")
    section = text[text.index("## 9. ") : text.index("### 9.6")]
    wanted = set()
    for row in section.splitlines():
        if not row.startswith("| ") or row.startswith(("| 变量名", "| 指标")):
            continue
        first = row.split("|")[1].strip()
        if " … " in first:
            stem, last = first.split(" … ")[0].rstrip("0123456789"), int(first[-1])
            wanted |= {f"{stem}{i}" for i in range(1, last + 1)}
        else:
            wanted |= set(re.findall(r"[a-z][a-z0-9_]+", first.replace("sel_f1", "")))
    assert wanted - set(_all_named()) == set()


def test_nothing_is_in_the_form_that_the_specification_does_not_name() -> None:
    text = specification("quarterly.md")
    named = set(re.findall(r"[a-z][a-z0-9_]*", text))
    borrowed = {q.name for q in asked("annual.md").values() if BORROWED_NUMBERS.fullmatch(q.number)}
    lined = {f"{line.name}{end}" for line in lines().values() for end in ("", "_cash", "_sq", "_sp", "_sv")}
    for stem in ("sel_f", "cons_f"):
        named |= {f"{stem}{i}" for i in range(1, 9)}
    assets = {f"fa_buy_{code}" for code, _ in lists()["fixed_asset"]}
    extra = [
        row["name"]
        for row in survey()
        if "name" in row
        and not row["type"].startswith(("begin", "end", "csv-external"))
        and row["name"] not in named | borrowed | lined | assets
        and not OWN_NODES.fullmatch(row["name"])
    ]
    assert extra == []


def _numbers(number: str, checks: str) -> set[str]:
    found = {f"{number}.E{i}" for i in range(1, checks.count("【错】") + 1)}
    return found | {f"{number}.W{i}" for i in range(1, checks.count("【核】") + 1)}


def _wanted_numbers() -> set[str]:
    wanted: set[str] = set()
    for row in asked().values():
        if row.kind != "calc" or "【" in row.checks:
            wanted |= _numbers(row.number, row.checks)
    for code, line in lines().items():
        if code in ("310", "F314"):
            continue
        if code in ("427", "428"):
            wanted.add(f"{code}.W1")
            continue
        wanted |= {f"{code}.E1", f"{code}.W4"}
        ranges = re.compile(r"[\d.]+—[\d.]+")
        if code.startswith("F") or any(ranges.fullmatch(cell) for cell in line.rest):
            wanted.add(f"{code}.W1")
        if code.startswith("F") and line.rest[0]:
            wanted |= {f"{code}.E2", f"{code}.W2", f"{code}.W3"}
        remark = line.rest[-1] if not code.startswith("F") else ""
        if remark.startswith("【核】> ") and "核对" not in remark:
            wanted.add(f"{code}.W1")  # a single limit is the usual range of a line that has none
        elif "【核】" in remark:
            wanted.add(f"{code}.W6")
        if "【错】" in remark:
            wanted.add(f"{code}.E4")
        if code in ("401", "402", "403", "404", "407", "408"):
            wanted.add(f"{code}.W5")
    for code, _ in lists()["fixed_asset"]:
        wanted |= {f"{code}.E1", f"{code}.W1", f"{code}.W4"}
    return wanted | set(re.findall(r"^\| ([EW]-Q\d\d) \|", specification("quarterly.md"), re.M))


def test_every_check_number_of_the_specification_is_in_the_form() -> None:
    assert _wanted_numbers() - check_numbers() == set()


def test_every_check_in_the_form_has_its_number_in_the_specification() -> None:
    extra = check_numbers() - _wanted_numbers() - set(OWN_CHECKS)
    borrowed = {number for number in extra if BORROWED_NUMBERS.fullmatch(number.split(".")[0])}
    annual = set()
    for row in asked("annual.md").values():
        annual |= _numbers(row.number, row.checks)
    assert borrowed - annual == set()
    assert extra - borrowed == set()


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


def test_choice_lists_are_those_of_the_shared_list_file() -> None:
    shared: dict[str, list[tuple[str, str]]] = {}
    with (HERE / "choices.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    for cells in rows[2:]:
        shared.setdefault(cells[1], []).append((cells[2], cells[3]))
    own = {name for name in lists() if name.startswith("item_")} | {"member_no"}
    assert {name: codes for name, codes in lists().items() if name not in own} == {
        name: shared[name] for name in lists() if name not in own
    }


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


# What a new member is not asked, each with the reason.
NOT_BORROWED = {
    "mem_age": "qm_age stands for it (9.5)",
    "mem_resident": "qm_resident of the quarter stands for it",
    "mem_family_pop": "qm_family_pop of the quarter stands for it",
}


def test_borrowed_annual_questions_are_asked_with_their_numbers_and_checks() -> None:
    names, borrowed = by_name(), [q for q in asked("annual.md").values() if BORROWED_NUMBERS.fullmatch(q.number)]
    for question in borrowed:
        if question.name in NOT_BORROWED:
            continue
        row = names[question.name]
        assert row["bind::fa:no"] == question.number
        assert (row.get("required") == "yes") == (question.required == "是"), question.name
        if question.choices:
            assert row["type"] == f"{question.kind} {question.choices}"
        assert _numbers(question.number, question.checks) <= check_numbers(), question.number


def test_the_compiled_form_holds_what_the_source_says() -> None:
    nodes = {node.name: node for node in load_questionnaire("quarterly").walk()}
    for row in survey():
        if row["type"].startswith(("end", "csv-external")):
            continue
        node = nodes[row["name"]]
        for key, value in row.items():
            if key.startswith("bind::fa:"):
                assert node.fa[key.removeprefix("bind::fa:")] == value, row["name"]
