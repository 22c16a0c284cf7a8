"""What the specification says about each variable, option and check, and what the compiled forms hold, as the same plain records.

A record is (questionnaire, aspect, subject) → value. The tables are those of ``forms/questionnaires/spec``; nothing here reads the
CSV sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from forms.engine import Form, Question, Repeat
from forms.questionnaires import load_questionnaire
from tests.forms.questionnaires.conftest import FOLDER, read_codelists
from tests.forms.questionnaires.quarterly_source import Line, lines

Key = tuple[str, str, str]
Records = dict[Key, str]
ZH = "中文 (zh)"
ASPECTS = ("number", "words", "kind", "list", "unit", "required", "skip", "states", "class")
RANGE = re.compile(r"([A-Z]*)(\d+)—(\d+)")


@dataclass(frozen=True)
class Told:
    """One row of a question table; columns that a table does not have are None."""

    no: str | None
    name: str
    words: str | None
    kind: str
    options: str
    unit: str | None
    required: str
    skip: str | None
    checks: str


def text_of(name: str) -> str:
    return (FOLDER / "spec" / f"{name}.md").read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip(" 　") for cell in line.strip().strip("|").split("|")]


def numbers(written: str) -> frozenset[str]:
    """ "C119—130 J201" as single numbers."""
    found: set[str] = set()
    for word in written.split():
        span = RANGE.fullmatch(word)
        found |= {f"{span[1]}{n:0{len(span[2])}d}" for n in range(int(span[2]), int(span[3]) + 1)} if span else {word}
    return frozenset(found)


@cache
def options() -> dict[str, list[tuple[str, str, dict[str, str]]]]:
    return read_codelists(text_of("codelists"))


@cache
def table(name: str) -> dict[str, Told]:
    """The question tables. Those of quarterly QD have no column for skips: a blank there says nothing."""
    found: dict[str, Told] = {}
    for cells in rows(text_of(name)):
        if len(cells) == 9 and re.fullmatch(r"[0A-Z]+\d{2,3}", cells[0]):
            found[cells[1]] = Told(*cells)
        elif len(cells) == 8 and re.fullmatch(r"QD\d+", cells[0]):
            found[cells[1]] = Told(*cells[:7], None, cells[7])
    return found


# ---- variables that stand in grids, lists and text ------------------------------------------------------------------


def _grids() -> Iterator[Told]:
    """annual.md A3, A4 and F: every row of the list with its columns."""
    for code, label, _ in options()["fixed_asset"]:
        for column, words, kind, unit in (("n", "年末数量", "integer", ""), ("value", "购建原价合计", "money", "元"),
                                          ("year", "主要一件的购建年份", "year", "")):  # fmt: skip
            required = "" if column == "year" else "是"
            yield Told(None, f"fa_{code}_{column}", f"{label}：{words}", kind, "", unit, required, "", "")
    for code, label, facts in options()["livestock_stock"]:
        yield Told(None, f"ls_{code}_n", f"{label}：年末存栏", "integer", "", facts["unit"], "是", "", "")
    for code, label, _ in options()["durable"]:
        for column, words, kind, unit in (("n", "年末拥有数量", "integer", ""), ("new", "其中上年新购数量", "integer", ""),
                                          ("cost", "新购花费", "money", "元")):  # fmt: skip
            yield Told(
                None,
                f"dur_{code}_{column}",
                f"{label}：{words}",
                kind,
                "",
                unit,
                "是",
                "新购 > 0" if column == "cost" else "",
                "",
            )
    yield Told(None, "sel_asset", None, "select_multiple", "fixed_asset", "", "否", "", "")
    yield Told(None, "sel_dur", None, "select_multiple", "durable", "", "否", "", "")
    yield Told(None, "hh_resident_n", None, "calc", "", None, "自动", "", "")
    yield Told(None, "hh_family_n", None, "calc", "", None, "自动", "", "")


CALCULATED_LINES = ("310", "427", "428", "F314")


def _lines() -> Iterator[Told]:
    """The fixed rows of quarterly QD4—QF8."""
    for code, line in lines().items():
        if code in CALCULATED_LINES:
            yield Told(code, line.name, None, "calc", "", "元", "自动", None, "")
        elif code.startswith("F"):
            own = bool(line.rest[0])
            yield Told(code, f"{line.name}_cash", None, "money", "", "元", "" if own else "是", "", "")
            if own:
                yield Told(code, f"{line.name}_sq", None, "decimal2", "", line.rest[1], "否", "", "")
                yield Told(code, f"{line.name}_sp", None, "money", "", f"元/{line.rest[1]}", "否", "", "")
                yield Told(code, f"{line.name}_sv", None, "calc", "", "元", "自动", "", "")
        else:
            yield Told(code, line.name, None, "money", "", "元", "是", "", "")
    for code, label, _ in options()["fixed_asset"]:
        yield Told(None, f"fa_buy_{code}", label, "money", "", "元", "是", "", "")


def _section_9() -> Iterator[Told]:
    """quarterly.md 9: derived measures (all calc) and the variables defined outside the tables (9.5)."""
    text = text_of("quarterly")
    inside = text[text.index("## 9. ") : text.index("### 9.6")]
    apart = inside[inside.index("### 9.5") :]
    for cells in rows(inside):
        if cells[0] in ("变量名", "指标") or set(cells[0]) <= {"-"}:
            continue
        first = cells[0].split("（")[0]
        names = re.findall(r"[a-z][a-z0-9_]+", first)
        if " … " in first:
            stem = names[0].rstrip("0123456789")
            names = [f"{stem}{n}" for n in range(1, int(first.strip()[-1]) + 1)]
        kinds = (
            re.split("、", cells[1])
            if "|" + "|".join(cells) in apart.replace("| ", "|").replace(" |", "|")
            else ["calc"]
        )
        for place, name in enumerate(names):
            kind = re.sub(r"（.*", "", kinds[min(place, len(kinds) - 1)]) if len(cells) == 3 else "calc"
            listed = re.search(r"（(\w+)）", cells[1]) if len(cells) == 3 else None
            yield Told(
                None, name, None, kind, listed[1] if listed else "", None, "自动" if kind == "calc" else "", None, ""
            )


def _text_of_quarterly() -> Iterator[Told]:
    """Variables that stand in the running text: QD22, QG1, totals under the tables, 9.6."""
    for name in ("agri_service", "agri_gather", "agri_ins_claim"):
        yield Told(None, name, None, "money", "", "元", "是", None, "")
    for name in (
        "own_use_1",
        "wage_inc",
        "op_inc_1",
        "op_inc_2",
        "op_inc_3",
        "prop_inc",
        "trf_inc",
        "cm_self",
        "ch_free_emp",
    ):
        yield Told(None, name, None, "calc", "", None, "自动", None, "")
    yield Told(None, "qs_type", None, "select_one", "shock_type", "", "是", "", "")
    yield Told(None, "qs_member", None, "select_one", "成员名册", "", "否", "", "")
    yield Told(None, "qs_date", None, "date", "", "", "是", "", "")
    for name in ("qs_loss", "qs_comp", "qs_pending"):
        yield Told(None, name, None, "money", "", "元", "是", "", "")
    yield Told(None, "qs_self", None, "calc", "", "元", "自动", "", "")
    yield Told(None, "qs_effect", None, "select_one", "effect3", "", "是", "", "")
    for name in ("disp_inc", "cons_total", "net_inc_mon"):
        for wave in ("prev", "yoy"):
            yield Told(None, f"{wave}_{name}", None, "calc", "", None, "自动", None, "")


# Asked of whoever is new (quarterly.md 3): annual questions under their own names and numbers; J202—J211 of each new loan (QA23).
BORROWED = numbers("B102—123 B126—139 C101 C107 D101—103 J202—211")
# mem_no B101, loan_no J201 carry the row and are filled by the form.
CARRIED = numbers("B101 J201")


@cache
def told(name: str) -> dict[str, Told]:
    """Every variable the specification wants in a questionnaire."""
    found = dict(table(name))
    if name == "annual":
        return found | {one.name: one for one in _grids()}
    for more in (_lines(), _section_9(), _text_of_quarterly()):
        for one in more:
            found.setdefault(one.name, one)
    for one in table("annual").values():
        if one.no in BORROWED | CARRIED:
            found.setdefault(
                one.name, Told(one.no, one.name, None, one.kind, one.options, None, one.required, None, one.checks)
            )
    return found


# ---- sensitivity (people-and-process.md 7.2) -------------------------------------------------------------------------

S3 = frozenset({"mem_idno", "mem_disab_no", "mem_major_disease", "qm_disease", "mem_tags"})
S2 = {
    "姓名": numbers("012 A101 A117 B102 Q006"),
    "电话": numbers("A102 B112 QA02"),
    "住址": numbers("A103"),
    "健康与残疾": numbers(
        "A511 B126 B127 B129—132 B134 B135 C116 C119—130 QB12 QB18 407—409 415 F701—708 QG01 QG02 QG05 QG11"
    ),
    "低保特困": numbers("A113 C114 C115 C201—206 QA17 QB17 404 405"),
    "负债": numbers("D122 D123 G123 J101—107 J110 J111 J201—219 QA23 QA24 701 801 802 851 852"),
    "存款档": numbers("J108 J109"),
}


def sensitivity(one: Told) -> str:
    if one.name in S3:
        return "S3"
    if one.name in ("qs_type", "qs_member"):  # who fell ill
        return "S2"
    if one.no is None:
        return ""
    return "S2" if any(one.no in group for group in S2.values()) else ""


# ---- checks ----------------------------------------------------------------------------------------------------------


def _of_question(no: str, checks: str) -> Iterator[str]:
    for letter, mark in (("E", "【错】"), ("W", "【核】")):
        yield from (f"{no}.{letter}{n}" for n in range(1, checks.count(mark) + 1))


def _of_line(code: str, line: Line) -> set[str]:
    """行.E1, E2, W1—W5 on one fixed row (quarterly.md 0.4), and what the row's own remark adds (E4, W6)."""
    if code in ("310", "F314"):
        return set()
    if code in ("427", "428"):
        return {f"{code}.W1"}
    ends, consumption = {"E1", "W4"}, code.startswith("F")
    ranged = consumption or any(re.fullmatch(r"[\d.]+—[\d.]+", cell) for cell in line.rest)
    remark = "" if consumption else line.rest[-1]
    if ranged:
        ends.add("W1")
    if consumption and line.rest[0]:
        ends |= {"E2", "W2", "W3"}
    if remark.startswith("【核】> ") and "核对" not in remark:
        ends.add("W1")  # a single limit is the usual range of a row that has none
    elif "【核】" in remark:
        ends.add("W6")
    if "【错】" in remark:
        ends.add("E4")
    if code in ("401", "402", "403", "404", "407", "408"):
        ends.add("W5")
    return {f"{code}.{end}" for end in ends}


@cache
def told_checks(name: str) -> dict[str, str]:
    """Number → level: checks of a question or row are of its level, those across questions of the interview's."""
    text = text_of(name)
    found = {number for one in table(name).values() for number in _of_question(one.no or "", one.checks)}
    if name == "annual":
        # The grids of the text have no numbers of their own; their rules are numbered in the order of the text.
        found |= {"A3.E1", "A3.E2", "A3.W1", "A3.W2", "A4.E1", "A4.W1", "F.E1", "F.E2", "F.W1", "F.W2"}
        crossing = set(re.findall(r"^\| ([EW]-[A-K]\d\d) \|", text, re.M)) | set(re.findall(r"[：；](W-H\d\d)", text))
    else:
        for code, line in lines().items():
            found |= _of_line(code, line)
        for code, _, _ in options()["fixed_asset"]:
            found |= {f"{code}.E1", f"{code}.W1", f"{code}.W4"}
        for one in table("annual").values():
            if one.no in BORROWED:
                found |= set(_of_question(one.no or "", one.checks))
        crossing = set(re.findall(r"^\| ([EW]-Q\d\d) \|", text, re.M))
    return dict.fromkeys(found, "question") | dict.fromkeys(crossing, "interview")


# ---- both sides as records -------------------------------------------------------------------------------------------

_KINDS = {
    "select_one": "select1", "select_multiple": "select", "integer": "int", "year": "int", "money": "decimal",
    "decimal1": "decimal", "decimal2": "decimal", "idno": "string", "phone": "string", "month": "string",
}  # fmt: skip


def _kind(kind: str) -> str:
    return "string" if kind.startswith("text") else _KINDS.get(kind, kind)


def _label(form: Form, node: Question | Repeat) -> str:
    text = node.label
    if text is None:
        return ""
    parts = text.parts if text.itext is None else form.translations[ZH].get(text.itext, {}).get("plain", ())
    return "".join(part if isinstance(part, str) else "{}" for part in parts)


def _list(node: Question) -> str:
    if node.itemset is None:
        return ""
    named = re.match(r"instance\('(\w+)'\)", node.itemset.nodeset)
    return named[1] if named else "成员名册"


def wanted(name: str) -> Records:
    """What the specification says, an aspect where it says anything."""
    found: Records = {}
    for one in told(name).values():
        says = {
            "variable": "there", "number": one.no, "words": one.words, "kind": _kind(one.kind), "list": one.options,
            "unit": one.unit, "class": sensitivity(one),
            "required": {"": None, "否": "", "自动": ""}.get(one.required, "yes"),
            "skip": None if one.skip is None else "yes" if one.skip else "",
            "states": " ".join(word for word, mark in (("dk", "可不清楚"), ("refused", "可拒答")) if mark in one.checks),
        }  # fmt: skip
        if one.kind == "repeat":
            says = {"variable": "there", "kind": "repeat", "number": one.no}
        found |= {(name, aspect, one.name): value for aspect, value in says.items() if value is not None}
    for number, level in told_checks(name).items():
        found[name, "check", number] = "hard" if number.split(".")[-1].startswith("E") else "soft"
        found[name, "level", number] = level
    used = {one.options for one in told(name).values()} - {"", "成员名册", "项目码"}
    for listed in used:
        for code, label, _ in options()[listed]:
            found[name, "option", f"{listed} {code}"] = label
    return found


def _is_words(node: Question) -> bool:
    """Checks, notices and the record's own data: nothing that is asked or worked out."""
    return "check" in node.fa or "/meta/" in node.path or "@" in node.name or (node.is_note and not node.number)


def _of_node(form: Form, node: Question, expected: Told | None) -> dict[str, str]:
    calculated = node.calculated and expected is not None and expected.kind == "calc"
    return {
        "variable": "there",
        "number": node.fa.get("no", ""),
        "words": _label(form, node),
        "kind": "calc" if calculated else node.control if node.control in ("select1", "select") else node.type,
        "list": _list(node),
        "unit": node.fa.get("unit", ""),
        "required": "" if node.bind.required in (None, "", "false()") else "yes",
        "skip": "yes" if node.bind.relevant else "",
        "states": " ".join(node.fa.get("nonresponse", "").split()),
        "class": node.fa.get("class", "").replace("S1", ""),
    }


def present(name: str) -> Records:
    """What the compiled form holds, in the aspects the specification speaks of."""
    form, said = load_questionnaire(name), told(name)
    asked = wanted(name)
    found: Records = {}
    for node in form.walk():
        if isinstance(node, Repeat) and node.name in said:
            found |= {(name, "variable", node.name): "there", (name, "kind", node.name): "repeat"}
            found[name, "number", node.name] = node.fa.get("no", "")
        elif isinstance(node, Question) and not _is_words(node):
            values = _of_node(form, node, said.get(node.name))
            found |= {
                (name, aspect, node.name): value
                for aspect, value in values.items()
                if aspect == "variable" or (name, aspect, node.name) in asked
            }
    for check in form.checks:
        found[name, "check", check.id] = check.kind
        found.setdefault((name, "level", check.id), check.level)
        if found[name, "level", check.id] != check.level:  # one number at two places: in the household, in the county
            found[name, "level", check.id] = " ".join(sorted({*found[name, "level", check.id].split(), check.level}))
    for node in form.walk():
        for number in node.fa.get("id", "").split() if isinstance(node, Question) and "check" not in node.fa else ():
            assert node.bind.constraint, number
            found.setdefault((name, "check", number), "hard")
            found.setdefault((name, "level", number), "question")
    for listed in {key[2].split()[0] for key in asked if key[1] == "option"}:
        source = form.instances.get(listed)
        for item in source.element.iter() if source is not None and source.element is not None else ():
            code = item.findtext("{*}name")
            if code is not None:
                label = form.translations[ZH][item.findtext("{*}itextId") or ""]["plain"][0]
                found[name, "option", f"{listed} {code}"] = str(label)
    return found
