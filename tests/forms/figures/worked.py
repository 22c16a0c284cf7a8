"""The worked households of tests/data/households as data. Nothing here knows the questionnaire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "data" / "households"
NAMES = ("migrant_workers", "farmer", "elder", "shock", "split", "new_baby")
DONT_KNOW = "不清楚"


@dataclass(frozen=True)
class Figure:
    """One line of a table of figures.

    Attributes:
        formula: in names of answers and figures, or words within 「」 where it is not arithmetic.
        arithmetic: the formula with its numbers, blank where it is not arithmetic.
        result: as written; "" where nothing is to be computed.
    """

    name: str
    formula: str
    arithmetic: str
    result: str


@dataclass(frozen=True)
class Judged:
    """One member in one quarter: age, resident ("1", "2"), of the family ("1", "2")."""

    number: str
    age: str
    resident: str
    family: str


@dataclass(frozen=True)
class Quarter:
    """One quarter of a household: who was on the register, the answers, what follows from them."""

    period: str
    known: tuple[str, ...]
    new: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    judged: tuple[Judged, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Worked:
    """One household's table."""

    name: str
    parameters: Mapping[str, str]
    facts: Mapping[str, str]
    members: Mapping[str, Mapping[str, str]]
    last_year: Mapping[str, str]
    quarters: Mapping[str, Quarter]

    def value(self, name: str, period: str) -> str:
        """What stands in the table under a name as formulas write it: ``w_cash@2``, ``disp_inc[2026Q1]``."""
        name, _, other = name.rstrip("]").partition("[")
        if other == "2025Q4":
            return self.last_year[name]
        quarter = self.quarters[other or period]
        places = (
            {figure.name: figure.result for figure in quarter.figures},
            dict(quarter.answers),
            self.facts,
            self.parameters,
        )
        return next(place[name] for place in places if name in place)


@cache
def worked(name: str) -> Worked:
    """The table of one household."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    sections = {
        title.strip(): _rows(body) for title, body in re.findall(r"^#{2,3} (.*)\n([^#]*)", text, flags=re.MULTILINE)
    }
    quarters = {title: _quarter(title, sections) for title in sections if re.fullmatch(r"\d{4}Q\d", title)}
    head, *people = _rows_with_head(text, "## 成员")
    return Worked(
        name=name,
        parameters=_pairs(sections["县级参数"]),
        facts=_pairs(sections["年度问卷登记的户情（2025 年末）"]),
        members={cells[0]: dict(zip(head[1:], cells[1:], strict=True)) for cells in people},
        last_year=_pairs(sections["上年同季（2025Q4，已知数）"]),
        quarters=quarters,
    )


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("¦", "|") for cell in line.strip().strip("|").split("|")]


def _rows(body: str) -> list[list[str]]:
    """Rows of the tables in a section, without head and rule."""
    rows = [_cells(line) for line in body.splitlines() if line.startswith("|")]
    return rows[2:]


def _rows_with_head(text: str, title: str) -> list[list[str]]:
    body = text.split(f"{title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [_cells(line) for line in body.splitlines() if line.startswith("|")]
    return [rows[0], *rows[2:]]


def _pairs(rows: list[list[str]]) -> dict[str, str]:
    return {cells[0]: cells[1] for cells in rows}


def _quarter(period: str, sections: Mapping[str, list[list[str]]]) -> Quarter:
    there = _pairs(sections[f"{period} 到访时在册"])
    return Quarter(
        period=period,
        known=tuple(there["在册"].split()),
        new=tuple(there["新来"].split()),
        answers=tuple((cells[0], cells[1]) for cells in sections[f"{period} 回答"]),
        judged=tuple(Judged(*cells[:4]) for cells in sections[f"{period} 成员判定"]),
        figures=tuple(Figure(cells[0], *cells[2:5]) for cells in sections[f"{period} 数字"]),
    )
