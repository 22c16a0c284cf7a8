"""The source of the quarterly questionnaire and the tables of its specification, both read without the engine."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parents[3] / "forms" / "questionnaires"
SOURCE = HERE / "quarterly.csv"
ZH = "label::中文 (zh)"


@dataclass(frozen=True)
class Asked:
    """One row of a question table: 题号, 变量名, 类型, 选项表, 必填, 校验."""

    number: str
    name: str
    text: str
    kind: str
    choices: str
    required: str
    checks: str


@dataclass(frozen=True)
class Line:
    """One fixed row of a grid: 项目码, 变量名, 名称 and the cells after them."""

    code: str
    name: str
    text: str
    rest: tuple[str, ...]


@cache
def sheets() -> dict[str, list[dict[str, str]]]:
    """Rows of the single-file layout by sheet."""
    found: dict[str, list[dict[str, str]]] = {}
    sheet, head = "", []
    with SOURCE.open(encoding="utf-8", newline="") as stream:
        for cells in csv.reader(stream):
            if cells and cells[0]:
                sheet, head = cells[0], []
                found[sheet] = []
            elif not head:
                head = cells[1:]
            else:
                found[sheet].append({key: value for key, value in zip(head, cells[1:], strict=False) if value})
    return found


def survey() -> list[dict[str, str]]:
    return sheets()["survey"]


@cache
def by_name() -> dict[str, dict[str, str]]:
    return {row["name"]: row for row in survey() if "name" in row}


@cache
def lists() -> dict[str, list[tuple[str, str]]]:
    """Choice lists of the form: list → (code, Chinese label)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in sheets()["choices"]:
        found.setdefault(row["list_name"], []).append((row["name"], row[ZH]))
    return found


@cache
def specification(name: str) -> str:
    return (HERE / "spec" / name).read_text(encoding="utf-8")


def _table_rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


@cache
def asked(name: str = "quarterly.md") -> dict[str, Asked]:
    """Question tables by variable; the income tables of QD have no column for skips."""
    found = {}
    for cells in _table_rows(specification(name)):
        number = cells[0]
        if len(cells) == 9 and re.fullmatch(r"[A-Z]*\d+", number):
            row = Asked(number, cells[1], cells[2].strip("　 "), cells[3], cells[4], cells[6], cells[8])
        elif len(cells) == 8 and re.fullmatch(r"QD\d+", number):
            row = Asked(number, cells[1], cells[2].strip("　 "), cells[3], cells[4], cells[6], cells[7])
        else:
            continue
        found[row.name] = row
    return found


@cache
def lines() -> dict[str, Line]:
    """Fixed rows of the grids by item code."""
    return {
        cells[0]: Line(cells[0], cells[1], cells[2], tuple(cells[3:]))
        for cells in _table_rows(specification("quarterly.md"))
        if re.fullmatch(r"F?\d{3}", cells[0]) and len(cells) in (4, 5, 7, 8)
    }


def check_numbers() -> set[str]:
    """Numbers of every edit check and constraint in the form."""
    return {row["bind::fa:id"] for row in survey() if "bind::fa:id" in row}
