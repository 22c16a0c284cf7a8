"""A missing quarter in the year's figures (quarterly.md 12): one is imputed by the ratio of means and marked, two are not."""

from __future__ import annotations

from fractions import Fraction

import pytest

from forms.monitoring.missing_quarter import RESIDENTS, Quarters, stratum_per_head, year_of

INCOME = "income_total"


def household(name: str, incomes: dict[int, int], residents: int = 4, stratum: str = "S1", weight: int = 1) -> Quarters:
    values = {
        quarter: {INCOME: Fraction(yuan * 100), RESIDENTS: Fraction(residents)} for quarter, yuan in incomes.items()
    }
    return Quarters(name, stratum, Fraction(weight), values)


ZHOU = household("zhou", {1: 4000, 2: 5000, 3: 6000, 4: 9000})
TIAN = household("tian", {1: 2000, 2: 3000, 3: 4000, 4: 3000}, residents=2)


def test_a_year_of_four_quarters_is_their_sum_over_the_mean_of_residents() -> None:
    (year,) = year_of([ZHOU])
    assert (year.totals[INCOME], year.imputed) == (2_400_000, None)
    assert year.per_head(INCOME) == 600_000  # 24000 yuan ÷ 4


def test_one_missing_quarter_is_imputed_by_the_stratums_ratio_and_marked() -> None:
    """By hand: in the fourth quarter Zhou and Tian had 9000 + 3000 = 12000, in the other three 15000 + 9000 = 24000: ratio 0.5.
    Zheng's three quarters are 3000 + 3000 + 4000 = 10000, so the fourth is 5000 and the year 15000; residents stay 5 throughout
    (ratio of heads 6 ÷ 18 of 15), so 3000 a head."""
    zheng = household("zheng", {1: 3000, 2: 3000, 3: 4000}, residents=5)
    year = year_of([ZHOU, TIAN, zheng])[-1]
    assert (year.totals[INCOME], year.imputed, year.quarters) == (1_500_000, 4, 3)
    assert year.totals[RESIDENTS] == 20
    assert year.per_head(INCOME) == 300_000


def test_another_stratum_gives_nothing() -> None:
    zheng = household("zheng", {1: 3000, 2: 3000, 3: 4000}, stratum="S2")
    year = year_of([ZHOU, TIAN, zheng])[-1]
    assert (year.counts, year.imputed) == (False, None)


@pytest.mark.parametrize("incomes", [{1: 100, 2: 100}, {3: 100}, {}])
def test_two_missing_quarters_leave_the_household_out_of_the_year(incomes: dict[int, int]) -> None:
    years = year_of([ZHOU, TIAN, household("zheng", incomes)])
    assert not years[-1].counts
    assert stratum_per_head(years, INCOME) == stratum_per_head(years[:2], INCOME)


def test_a_household_without_all_quarters_is_no_donor() -> None:
    zheng = household("zheng", {1: 3000, 2: 3000, 3: 4000})
    odd = household("odd", {2: 1, 3: 1, 4: 100_000})
    assert year_of([ZHOU, TIAN, zheng, odd])[2].totals == year_of([ZHOU, TIAN, zheng])[2].totals


def test_no_ratio_is_made_of_losses() -> None:
    """The stratum lost money in the other three quarters: nothing can be said of the missing one."""
    loss = household("loss", {1: -3000, 2: 0, 3: 0, 4: 5000})
    zheng = household("zheng", {1: 3000, 2: 3000, 3: 4000})
    assert INCOME not in year_of([loss, zheng])[-1].totals


def test_the_stratums_figure_is_weighted_by_people_not_a_mean_of_means() -> None:
    """(24000 × 1 + 12000 × 1) ÷ (4 + 2) = 6000 yuan a head; a followed household of weight 0 changes nothing."""
    followed = household("new", {1: 1, 2: 1, 3: 1, 4: 1}, weight=0)
    assert stratum_per_head(year_of([ZHOU, TIAN, followed]), INCOME) == 600_000
