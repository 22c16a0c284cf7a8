"""Weights: base, non-response in township and stratum, calibration to the frame, per head (monitoring.md 9.3, quarterly.md 9.4)."""

from __future__ import annotations

from fractions import Fraction

from forms.monitoring.sample import Stratum
from forms.monitoring.sample_weights import Visited, period_weights, shown_weight, weighted_per_head

QINGSHI, LONGTAN = "529900101", "529900102"


def visited(n: int, outcome: str = "110", *, township: str = QINGSHI, weight: int = 10, role: str = "1") -> Visited:
    return Visited(f"{township}200{n:04d}", township, Stratum.POOR, Fraction(weight), role, outcome)


def test_without_loss_the_weights_only_meet_the_frame():
    weights = period_weights([visited(1), visited(2, weight=30)], {Stratum.POOR: 44})
    assert list(weights.final.values()) == [11, 33]


def test_who_did_not_answer_is_stood_for_by_the_same_township_and_stratum():
    sample = [visited(1), visited(2), visited(3, "310"), visited(4, township=LONGTAN)]
    weights = period_weights(sample, {Stratum.POOR: 80})
    assert weights.nonresponse == {(QINGSHI, Stratum.POOR): Fraction(3, 2), (LONGTAN, Stratum.POOR): 1}
    # 10 × 3/2, 10 × 3/2, 0, 10: together 40, the frame has 80.
    assert list(weights.final.values()) == [30, 30, 0, 20]


def test_a_township_where_nobody_answered_is_stood_for_by_the_stratum():
    sample = [visited(1), visited(2), visited(3, "330", township=LONGTAN)]
    weights = period_weights(sample, {Stratum.POOR: 60})
    assert (LONGTAN, Stratum.POOR) not in weights.nonresponse
    assert list(weights.final.values()) == [30, 30, 0]


def test_out_of_scope_and_replaced_households_are_not_due():
    for outcome in ("410", "460", "510", "520"):
        weights = period_weights([visited(1), visited(2, outcome)], {Stratum.POOR: 25})
        assert weights.nonresponse == {(QINGSHI, Stratum.POOR): 1}
        assert list(weights.final.values()) == [25, 0]


def test_tracked_and_practice_households_weigh_nothing_and_change_nothing():
    sample = [visited(1), visited(2, role="4"), visited(3, role="9")]
    assert list(period_weights(sample, {Stratum.POOR: 25}).final.values()) == [25, 0, 0]


def test_part_interviews_count_and_the_order_of_rows_does_not():
    sample = [visited(1, "120"), visited(2, "110", weight=20), visited(3, "")]
    weights = period_weights(sample, {Stratum.POOR: 90})
    assert weights == period_weights(reversed(sample), {Stratum.POOR: 90})
    assert sum(weights.final.values()) == 90


def test_a_stratum_of_which_nobody_answered_is_named():
    weights = period_weights([visited(1, "310")], {Stratum.POOR: 25, Stratum.ORDINARY: 7})
    assert weights.empty == (Stratum.POOR, Stratum.ORDINARY)


def test_per_head_divides_weighted_sums_and_leaves_out_a_household_without_residents():
    households = [(Fraction(2), 100_00, 4), (Fraction(1), 900_00, 1), (Fraction(50), 800_00, 0)]
    assert weighted_per_head(households) == Fraction(2 * 100_00 + 900_00, 2 * 4 + 1)
    assert weighted_per_head([]) is None


def test_a_weight_is_shown_with_six_decimals():
    assert shown_weight(Fraction(2, 3)) == "0.666667"
