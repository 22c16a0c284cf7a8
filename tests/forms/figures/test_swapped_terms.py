"""Wherever terms of an income or a total are left out, turned or exchanged, one of the worked households shows it."""

from __future__ import annotations

import pytest

from tests.forms.figures.swapped_terms import MEASURES, formulas, told_apart, wrong_formulas


@pytest.mark.parametrize("measure", MEASURES)
def test_every_wrong_formula_is_shown_by_a_household(measure: str) -> None:
    wrong, shown, failing = told_apart(measure)
    assert failing == [], "the questionnaire's own formula"
    assert [one.formula for one in wrong if not shown[one.how]] == []


def test_exchanged_terms_are_among_the_wrong_formulas() -> None:
    hows = [one.how for one in wrong_formulas("net_inc_mon")]
    assert "op_inc_3 and op_cost_1 exchanged" in hows
    assert "wage_inc and op_inc_1 exchanged" not in hows  # a sum is the same in any order
    assert "trf_exp and op_cost_1 exchanged" in hows or "op_cost_1 and trf_exp exchanged" in hows  # under a condition
    assert all(one.formula != formulas()["net_inc_mon"] for one in wrong_formulas("net_inc_mon"))
