"""The second computation's own arithmetic."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.independent import groups
from tests.independent.fen import fen, nearest, yuan
from tests.independent.quarter import age
from tests.independent.windows import back, change


def test_money_is_whole_fen() -> None:
    assert [fen("12.5"), fen("0.01"), fen("-3"), fen(""), fen(None)] == [1250, 1, -300, 0, 0]
    with pytest.raises(ValueError, match="not whole fen"):
        fen("1.005")
    assert [nearest(Fraction(5, 2)), nearest(Fraction(-5, 2)), nearest(Fraction(7, 3))] == [3, -3, 2]
    assert [yuan(-1250), yuan(7), yuan(None)] == ["-12.50", "0.07", ""]


def test_quarters_are_counted_back_over_the_year() -> None:
    assert [back("2026Q1", 1), back("2026Q1", 4), back("2026Q4", 3)] == ["2025Q4", "2025Q1", "2026Q1"]
    assert [age("1996-03-31", "2026Q1"), age("1996-04-01", "2026Q1"), age("", "2026Q1")] == [30, 29, None]


def test_a_small_base_does_not_blow_up_a_change() -> None:
    assert change(700_00, 100_00) == 12000  # 600 ÷ 500
    assert change(700_00, -1000_00) == 17000
    assert change(None, 5) is None


def test_people_are_weighted_not_households() -> None:
    rich, poor, empty = (Fraction(1), 90_000_00, 1), (Fraction(2), 12_000_00, 4), (Fraction(9), 1_00, 0)
    assert groups.per_head([rich, poor, empty]) == 12_666_67  # (90000 + 2 × 12000) ÷ (1 + 2 × 4)
    assert groups.median([rich, poor, empty]) == 3_000_00
    assert groups.median([rich]) == 90_000_00
    assert groups.per_head([empty]) is None
    assert groups.median([empty]) is None
