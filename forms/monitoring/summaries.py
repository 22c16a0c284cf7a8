"""汇总表 T06 两不愁三保障与饮水: how many households of each stratum a rule touches, with small cells blank (monitoring.md 11.3).

Counts only: in a statistical survey this is all that the rules may give (monitoring.md 2), and no household can be told from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from forms.monitoring.guarantees import GuaranteeLine, Standing
from forms.monitoring.sample import Stratum

LEAST_HOUSEHOLDS: Final = 5
BLANK: Final = "—"
# Rules of monitoring.md 6.1–6.5 and 6.8 that the answers of one wave decide, by the line of the household file they belong to.
RULES: Final[tuple[tuple[str, str], ...]] = (
    ("吃", "F-01"), ("吃", "F-02"), ("穿", "F-03"), ("义务教育", "G1-01"), ("住房安全", "G2-01"), ("住房安全", "G2-02"),
    ("住房安全", "G2-03"), ("住房安全", "G2-04"), ("住房安全", "G2-06"), ("基本医疗", "G3-01"), ("基本医疗", "G3-03"),
    ("饮水安全", "G4-01"), ("饮水安全", "G4-03"), ("饮水安全", "G4-04"), ("兜底保障", "S-01"), ("兜底保障", "S-02"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One household of a wave: its stratum ("" unknown) and its seven lines."""

    stratum: str
    lines: tuple[GuaranteeLine, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A line of the table: what a rule touches, a cell a stratum and the whole at the end, as printed."""

    line: str
    rule: str
    cells: tuple[str, ...]


def shown(hits: int, valid: int) -> str:
    """A cell as it may be published: households touched and their share of those asked.

    Blank when fewer than five households stand behind the cell or behind its number, so that nobody can be told from it.
    """
    if valid < LEAST_HOUSEHOLDS or 0 < hits < LEAST_HOUSEHOLDS:
        return BLANK
    return f"{hits}（{100 * hits / valid:.1f}%）"


def guarantee_table(households: Sequence[Surveyed]) -> tuple[RuleRow, ...]:
    """T06: rules × strata and the whole.

    The whole is blank too where it would give away the one stratum that is: its cell is the whole less the others.
    """
    return tuple(_row(households, line, rule) for line, rule in RULES)


def _row(households: Sequence[Surveyed], line: str, rule: str) -> RuleRow:
    counts = []
    for stratum in (*Stratum, None):
        asked = [
            found
            for one in households
            if stratum is None or one.stratum == stratum
            for found in one.lines
            if found.name == line and found.standing is not Standing.NOT_ASKED
        ]
        counts.append((sum(rule in found.rules for found in asked), len(asked)))
    cells = [shown(hits, valid) for hits, valid in counts]
    hidden = [cell == BLANK and valid > 0 for cell, (_, valid) in zip(cells[:-1], counts[:-1], strict=True)]
    if sum(hidden) == 1:
        cells[-1] = BLANK
    return RuleRow(line, rule, tuple(cells))
