"""年度汇总 from approved quarters, a missing one imputed and marked; two missing leave a household out (quarterly.md 12)."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.errors import NotAllowed
from fieldapp.services.year_figures import write_year, year_figures
from fieldapp.store.tables import InterviewRow
from tests.services.living_county import PEOPLE, LivingCounty


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingCounty]:
    county = LivingCounty(tmp_path_factory.mktemp("years"))
    yield county
    county.office.lock()


def surveyed(place: LivingCounty, quarters: dict[int, int], status: int = 70) -> str:
    """A household of four residents with these incomes, in yuan, approved."""
    home = place.household(PEOPLE[:1], cov_stratum="S1", sample_weight="2.5")
    with place.office.database.transaction() as writing:
        for quarter, yuan in quarters.items():
            figures = {"income_total": f"{yuan}.00", "consumption_total": "1000.00", "resident_n": "4"}
            writing.add(
                InterviewRow(
                    root=f"{quarter}{home[1:]}", household=home, assignment="", form_id="quarterly", form_hash="",
                    period=f"2026Q{quarter}", status=status, enumerator="enum01", figures=json.dumps(figures),
                )
            )  # fmt: skip
    return home


def test_the_years_figures_mark_what_was_imputed_and_leave_out_two_missing_quarters(
    place: LivingCounty, tmp_path: Path
) -> None:
    for _ in range(4):
        surveyed(place, {1: 4000, 2: 5000, 3: 6000, 4: 5000})
    one_missing = surveyed(place, {1: 4000, 2: 5000, 3: 6000})
    two_missing = surveyed(place, {1: 4000, 2: 5000})
    surveyed(place, {1: 9999, 2: 9999, 3: 9999, 4: 9999}, status=50)  # not approved yet
    found = year_figures(place.office, "2026")
    line = next(one for one in found.lines if one.stratum == "S1")
    assert (line.households, line.imputed, line.left_out) == (6, 1, 1)
    # The donors have 5000 in the fourth quarter and 15000 before it: the one that missed it has 5000 there, 20000 in the year.
    assert (line.income, line.consumption) == ("5000.00", "1000.00")
    with write_year(place.office, found, tmp_path).open(encoding="utf-8-sig", newline="") as file:
        rows = {row["household"]: row for row in csv.DictReader(file)}
    assert (rows[one_missing[-12:]]["imputed_quarter"], rows[one_missing[-12:]]["disp_inc_year"]) == ("4", "20000.00")
    assert (rows[two_missing[-12:]]["in_year"], rows[two_missing[-12:]]["disp_inc_pc_year"]) == ("0", "")


def test_fewer_than_five_households_are_not_published(place: LivingCounty) -> None:
    surveyed(place, dict.fromkeys((1, 2, 3, 4), 5000))
    ordinary = next(one for one in year_figures(place.office, "2026").lines if one.stratum == "S4")
    assert (ordinary.income, ordinary.consumption) == ("—", "—")


def test_only_the_county_makes_the_years_figures(place: LivingCounty) -> None:
    with pytest.raises(NotAllowed):
        year_figures(place.person("tsup01"), "2026")
