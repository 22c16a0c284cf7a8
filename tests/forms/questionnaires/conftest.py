"""The specification and the sources as plain tables, read without the code under test."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import forms.questionnaires

# The other engine is asked only where it is.
collect_ignore = [] if {"FIELDAPP_ENGINE_PEER", "ORACLE_MODULES"} <= os.environ.keys() else ["test_peer.py"]
FOLDER = Path(forms.questionnaires.__file__).parent
Option = tuple[str, str, dict[str, str]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _tables(text: str) -> list[list[str]]:
    rows = [_cells(line) for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if not set("".join(row)) <= {"-"}]


def _between(text: str, start: str, end: str) -> str:
    begin = text.index(start)
    return text[begin : text.index(end, begin + len(start))]


def read_codelists(text: str) -> dict[str, list[Option]]:
    """Every list of codelists.md: code, label, and facts about the option (only what the questionnaires use)."""
    lists: dict[str, list[Option]] = {}
    for row in _tables(text):
        if len(row) == 3 and re.fullmatch(r"[a-z_0-9]+", row[0]) and "=" in row[2]:
            options: list[Option] = []
            for part in row[2].split("。")[0].split("；"):
                code, label = part.split("=", 1)
                label = re.sub(r"（问卷界面只出.*）", "", label).strip()
                options.append((code.replace("※", "").strip(), label, {"exclusive": "1"} if "※" in code else {}))
            lists[row[0]] = options
    side_by_side = {
        "ethnicity": ("### 1.2", "### 1.3", 2),
        "relation": ("### 1.3", "### 1.4", 4),
        "school_stage": ("### 6.1", "常见年龄", 2),
    }
    for name, (start, end, width) in side_by_side.items():
        body = _tables(_between(text, start, end))[1:]
        found = [row[i : i + width] for row in body for i in range(0, len(row), width)]
        lists[name] = [(one[0], one[1], {}) for one in found if len(one) == width and re.fullmatch(r"\d\d", one[0])]
        if name == "relation":
            sexes = {"男": {"sex": "1"}, "女": {"sex": "2"}}
            lists[name] = [(one[0], one[1], sexes.get(one[2], {})) for one in found if re.fullmatch(r"\d\d", one[0])]
    extra = re.search(r"附加（通行扩展）：(97) (其他未识别民族)（.*?）；(98) (.*?)。", text)
    assert extra
    lists["ethnicity"] += [(extra[1], extra[2], {}), (extra[3], extra[4], {})]
    plain = {
        "sex": "### 1.1",
        "industry": "### 1.5",
        "edu_level": "### 1.6",
        "risk_type": "### 2.1",
        "durable": "### 8.1",
        "aid_measure": "### 10.1",
        "interview_outcome": "### 14.1",
    }
    for name, start in plain.items():
        rows = _tables(
            _between(text, start, "\n\n| list_name" if name in ("aid_measure", "interview_outcome") else "\n#")
        )
        lists[name] = [
            (row[0].replace("※", ""), row[1], {"exclusive": "1"} if "※" in row[0] else {})
            for row in rows
            if row[0] not in ("代码", "行码", "list_name")
        ]
        if name == "edu_level":
            lists[name] = [(row[0], row[1], {"years": row[4]}) for row in rows[1:]]
        if name == "durable":
            lists[name] = [
                (row[0], row[1], {"cap": row[2], "price_min": row[3].split("—")[0], "price_max": row[3].split("—")[1]})
                for row in rows[1:]
            ]
    rows = _tables(_between(text, "### 8.2", "\n## "))[1:]
    lists["fixed_asset"] = [(row[0], row[1], {}) for row in rows]
    lists["livestock_stock"] = [(row[2], row[3], {"unit": row[4]}) for row in rows]
    rows = _tables(_between(text, "## 13.", "\n## "))[1:]
    products = [row[i : i + 5] for row in rows for i in (0, 5)]
    lists["farm_product"] = [
        (
            one[0],
            one[1],
            {"branch": one[2], "unit": one[3], "price_min": one[4].split("—")[0], "price_max": one[4].split("—")[1]},
        )
        for one in products
        if len(one) == 5 and one[0]
    ]
    diseases = _between(text, "01 儿童先天性心脏病", "。").split("；")
    lists["major_disease"] = [(one[:2], one[3:].replace("（须说明）", ""), {}) for one in diseases]
    ages = re.search(r"常见年龄／.*?：(01 .*?)。", text)
    assert ages
    usual: dict[str, dict[str, str]] = {}
    for part in ages[1].split("；"):
        code, rest = part.strip().split(" ", 1)
        if rest != "不查":
            span, grades, most = rest.split("／")
            usual[code] = {
                "age_min": span.split("—")[0],
                "age_max": span.split("—")[1],
                "grades": grades,
                "max_years": most,
            }
    lists["school_stage"] = [(code, label, usual.get(code, {})) for code, label, _ in lists["school_stage"]]
    lists.pop("list_name", None)
    return lists


def read_source(name: str) -> dict[str, list[dict[str, str]]]:
    """The sheets of a questionnaire or of the shared lists; blank cells are left out."""
    sheets: dict[str, list[dict[str, str]]] = {}
    header: list[str] = []
    rows: list[dict[str, str]] = []
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.reader(file):
            if line[0]:
                header, rows = [], sheets.setdefault(line[0], [])
            elif not header:
                header = line[1:]
            else:
                rows.append({key: value for key, value in zip(header, line[1:], strict=False) if value})
    return sheets


@pytest.fixture(scope="session")
def codelists() -> dict[str, list[Option]]:
    return read_codelists((FOLDER / "spec" / "codelists.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def source() -> Callable[[str], dict[str, list[dict[str, str]]]]:
    return read_source


@pytest.fixture(scope="session")
def spec() -> Callable[[str], str]:
    return lambda name: (FOLDER / "spec" / f"{name}.md").read_text(encoding="utf-8")
