"""Four quarters against the annual questionnaire (quarterly.md 12)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from forms.monitoring.year_end import Difference, reconcile


def quarters(*amounts: str, name: str = "wage_inc") -> list[dict[str, dict[str, str]]]:
    return [{"": {name: amount}} for amount in amounts]


@pytest.mark.parametrize(
    ("said", "differs"),
    [("10000", False), ("7000", False), ("6999.99", True), ("14285.71", False), ("14285.72", True), ("", True)],
)
def test_wages_may_differ_by_thirty_percent_of_the_larger_figure(said: str, differs: bool) -> None:
    found = reconcile(quarters("2500", "2500", "", "5000"), {"": {"lab_pay_resident": said}})
    assert bool(found) is differs
    if said == "":
        assert found == (Difference("wage", "工资", Decimal(10000), Decimal(0), "E117"),)


def test_monthly_pensions_and_dibao_count_for_twelve_months() -> None:
    year = {"": {"db_month": "300"}, "p1": {"ss_pension_month": "130"}, "p2": {"ss_pension_month": "270"}, "p3": {}}
    four = [{"": {"trf_pen_res": "390", "trf_pen_emp": "810", "trf_dibao": "900"}} for _ in range(4)]
    assert reconcile(four, year) == ()
    without = [{"": {"trf_pen_res": "390"}} for _ in range(4)]
    assert {(one.item, one.quarters, one.year) for one in reconcile(without, year)} == {
        ("pension", Decimal(1560), Decimal(4800)),
        ("dibao", Decimal(0), Decimal(3600)),
    }


def test_school_medical_gifts_and_repayments_are_compared() -> None:
    year = {
        "": {"edu_fee_hh": "1000", "soc_gift_out": "1000"},
        "p1": {"med_total": "1000"},
        "l1": {"loan_paid": "1000"},
    }
    four = [
        {"": {"rig_edu": "100", "ne_gift": "100", "aux_med_gross": "100", "ne_repay_bank": "60", "ne_repay_pri": "40"}}
    ] * 4
    assert [one.item for one in reconcile(four, year)] == ["school", "medical", "gifts", "repaid"]
    assert [one.about for one in reconcile(four, year)] == ["D202", "C123", "H112", "J212"]


def test_a_missing_quarter_is_no_difference_and_nothing_anywhere_is_none() -> None:
    assert reconcile(quarters("100", "100", "100"), {"": {"lab_pay_resident": "9000"}}) == ()
    assert reconcile(quarters("", "", "", ""), {"": {}}) == ()
