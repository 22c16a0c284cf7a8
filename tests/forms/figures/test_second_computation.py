"""The second computation of the statistics, given the answers of the hand-worked tables, comes to their figures too."""

from __future__ import annotations

from collections import defaultdict

import pytest

from forms.questionnaires import default_parameters
from tests.forms.figures.worked import DONT_KNOW, NAMES, Quarter, Worked, worked
from tests.independent.fen import exact
from tests.independent.files import Filling
from tests.independent.quarter import Figures, figures_of
from tests.independent.report import shown
from tests.independent.windows import window_figures

_ROSTERS = {"w": "wage", "p": "product", "b": "biz", "q": "qs"}
# Figures of the tables that the second computation does not make: single rows, steps, and the optional cash balance.
_LEFT_OUT = ("_sv", "mon_wage", "mon_op", "mon_prop", "mon_trf", "cash_in", "cash_gap", "ch_free_emp", "ch_imputed")


def filling(household: Worked, quarter: Quarter) -> Filling:
    """A quarter's answers in the shape of the exported files."""
    rows: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    answers = {"q_hh_type_now": household.facts["q_hh_type_now"]}
    for name, value in quarter.answers:
        name, _, row = name.partition("@")
        if row:
            roster = "member" if name.startswith(("qm_", "ql_")) else _ROSTERS[name[0]]
            rows[roster, row] |= {f"{name}__st": "8"} if value == DONT_KNOW else {name: value}
        else:
            answers[name] = value
    made = Filling(household.name, "", quarter.period, answers)
    for (roster, row), values in sorted(rows.items()):
        made.rosters[roster].append({"row_id": row, **values})
    made.parameters = {one.name: one.value for one in default_parameters()} | dict(household.parameters)
    made.known[""] = dict(household.facts)
    for number, facts in household.members.items():
        made.known[number] = dict(facts) | ({"mem_family_pop": "1"} if number in quarter.known else {})
    made.earlier["base"][""] = {"cov_ref_year": "2025"}
    before = [one for one in household.quarters.values() if one.period < quarter.period]
    for one in before:
        steps = int(quarter.period[5]) - int(one.period[5])
        bought = {name: value for name, value in one.answers if name.startswith("fa_buy_")}
        made.earlier[f"hist{steps}"][""] = {"q_period": one.period, **bought}
        if steps == 1:
            made.earlier["prev"] |= {judged.number: {"qm_family_pop": judged.family} for judged in one.judged}
    return made


@pytest.mark.parametrize("name", NAMES)
def test_the_second_computation_agrees_with_the_tables(name: str) -> None:
    household = worked(name)
    done: dict[str, Figures] = {}
    if household.last_year:
        last = {key: int(exact(value.replace("−", "-")) * 100) for key, value in household.last_year.items()}
        done["2025Q4"] = {"disp_inc": None, "cons_total": None, "net_inc_mon": None, **last}
    compared = 0
    for period, quarter in household.quarters.items():
        one = filling(household, quarter)
        figures = figures_of(one)
        figures |= window_figures(one, figures, {p: f for p, f in done.items() if p != "2025Q4" or period == "2026Q4"})
        done[period] = figures
        for line in quarter.figures:
            if "@" not in line.name and not line.name.endswith(_LEFT_OUT):
                wanted = exact(line.result.replace("−", "-")) if line.result else None
                assert shown(line.name, figures[line.name]) == wanted, (period, line.name)
                compared += 1
    assert compared > 60 * len(household.quarters)
