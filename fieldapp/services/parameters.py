"""County parameters: the defaults that come with the questionnaires."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

PARAMETERS_FILE = "params.csv"


@cache
def default_parameters() -> dict[str, str]:
    """name → value, from the questionnaires' own file; empty when they bring none."""
    source = files("forms.questionnaires").joinpath(PARAMETERS_FILE)
    if not source.is_file():
        return {}
    rows = csv.DictReader(source.read_text(encoding="utf-8-sig").splitlines())
    return {row["name"]: row["value"] for row in rows if row.get("name")}
