"""汇总表: rules only count, and cells with fewer than five households stay blank (monitoring.md 2, 11.3)."""

from __future__ import annotations

import pytest

from forms.monitoring.guarantees import GuaranteeLine, Standing
from forms.monitoring.summaries import BLANK, RULES, Surveyed, guarantee_table, shown


def households(stratum: str, asked: int, touched: int, rule: str = "F-01") -> list[Surveyed]:
    met = GuaranteeLine("吃", Standing.MET, ("QA04",))
    hit = GuaranteeLine("吃", Standing.NOT_MET, ("QA04",), (rule,))
    return [Surveyed(stratum, (hit if n < touched else met,)) for n in range(asked)]


def cells(of: list[Surveyed], rule: str = "F-01") -> tuple[str, ...]:
    return next(row.cells for row in guarantee_table(of) if row.rule == rule)


@pytest.mark.parametrize(
    ("hits", "valid", "printed"),
    [(0, 4, BLANK), (0, 5, "0（0.0%）"), (4, 40, BLANK), (5, 40, "5（12.5%）"), (1, 5, BLANK), (5, 5, "5（100.0%）")],
)
def test_a_cell_behind_which_fewer_than_five_households_stand_is_blank(hits: int, valid: int, printed: str) -> None:
    assert shown(hits, valid) == printed


def test_a_rule_is_counted_by_stratum_and_in_all() -> None:
    found = [*households("S1", 20, 6), *households("S4", 10, 5)]
    assert cells(found) == ("6（30.0%）", BLANK, BLANK, "5（50.0%）", "11（36.7%）")


def test_the_whole_does_not_give_away_the_one_blank_stratum() -> None:
    assert cells([*households("S1", 20, 6), *households("S4", 10, 2)])[-1] == BLANK
    several = [*households("S1", 20, 6), *households("S2", 9, 1), *households("S4", 10, 2)]
    assert cells(several)[-1] == "9（23.1%）"


def test_who_was_not_asked_counts_for_nothing() -> None:
    silent = [Surveyed("S1", (GuaranteeLine("吃", Standing.NOT_ASKED, ()),))] * 9
    assert cells([*silent, *households("S1", 4, 0)])[0] == BLANK


def test_every_rule_that_a_household_line_can_touch_has_its_row() -> None:
    import inspect
    import re

    from forms.monitoring import guarantees

    touched = set(re.findall(r'"([FGS]\d?-\d\d)"', inspect.getsource(guarantees)))
    assert touched == {rule for _, rule in RULES}
