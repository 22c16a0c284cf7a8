"""Reading the exported files: one table a file, rows as dictionaries of text."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Row = Mapping[str, str]
FORM = "quarterly"
APART = ("_sample", "_known", "_earlier", "_parameters", "_codebook", "_states")


@dataclass
class Filling:
    """One interview: its answers, its rosters, what it was begun with.

    Attributes:
        answers: the household's line, among it the figures that the program computed.
        rosters: roster → rows.
        known: row id ("" for the household) → what the living household said.
        earlier: source (prev, yoy, base, hist1 …) → row id → what that interview had come to.
    """

    household: str
    interview: str
    period: str
    answers: Row
    rosters: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    sample: Row = field(default_factory=dict)
    parameters: Row = field(default_factory=dict)
    known: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    earlier: dict[str, dict[str, dict[str, str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )

    def text(self, name: str) -> str:
        """A household's answer, "" if there is none."""
        return self.answers.get(name, "")


def read_table(path: Path) -> list[dict[str, str]]:
    """One file's rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def read_fillings(folder: Path) -> list[Filling]:
    """Every quarterly interview in the files of a folder, in order of household and period.

    A household may have two interviews of one period only if one of them was put aside; the files do not hold those.
    """
    found = {
        row["interview"]: Filling(row["hh_key"], row["interview"], row["period"], row)
        for row in read_table(folder / f"{FORM}.csv")
    }
    for path in sorted(folder.glob(f"{FORM}_*.csv")):
        if not path.stem.endswith(APART):
            for row in read_table(path):
                found[row["interview"]].rosters[path.stem.removeprefix(f"{FORM}_")].append(row)
    sets: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read_table(folder / f"{FORM}_parameters.csv"):
        sets[row["parameters"]][row["name"]] = row["value"]
    for row in read_table(folder / f"{FORM}_sample.csv"):
        found[row["interview"]].sample = row
        found[row["interview"]].parameters = sets[row["parameters"]]
    for row in read_table(folder / f"{FORM}_known.csv"):
        found[row["interview"]].known[row["row_id"]][row["name"]] = row["value"]
    for row in read_table(folder / f"{FORM}_earlier.csv"):
        found[row["interview"]].earlier[row["source"]][row["row_id"]][row["name"]] = row["value"]
    return sorted(found.values(), key=lambda one: (one.household, one.period))
