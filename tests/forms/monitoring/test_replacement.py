"""Replacing and rotating households of the sample (monitoring.md 9.4, 9.5, 9.6)."""

from __future__ import annotations

from collections import Counter

import pytest

from forms.monitoring.replacement import (
    BackFilling,
    Limit,
    NoReserveLeft,
    OutOfSample,
    ReplacementRefused,
    Request,
    Ruling,
    YearlyRate,
    check_approval,
    check_period,
    check_request,
    next_reserve,
    ruling,
    still_surveyed,
)
from forms.monitoring.rotation import NoRotation, SampleHousehold, plan_rotation, rotation_group
from forms.monitoring.sample import Frame, FrameHousehold, Stratum
from forms.monitoring.sample_draw import Design, Reserve, draw_sample

SHUANGHE, YANKOU, FAR = "529900101200", "529900101201", "529900102200"


# --- who may be replaced ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["312", "320", "410", "420", "440", "450", "460"])
def test_who_left_or_asked_to_leave_may_be_replaced_at_once(outcome):
    assert ruling(outcome) is Ruling.ALLOWED


@pytest.mark.parametrize("outcome", ["310", "330"])
def test_refused_or_not_met_is_visited_again_and_replaced_after_two_periods_running(outcome):
    assert ruling(outcome) is Ruling.NOT_YET
    assert ruling(outcome, ["110", "310"]) is Ruling.NOT_YET
    assert ruling(outcome, ["", "330"]) is Ruling.NOT_YET
    assert ruling(outcome, ["330"]) is Ruling.ALLOWED
    assert ruling(outcome, ["310", "110"]) is Ruling.ALLOWED


def test_who_comes_back_next_quarter_stays():
    assert ruling("321", ["321", "330"]) is Ruling.NOT_YET


def test_other_results_replace_nobody():
    assert {outcome: ruling(outcome, ["310"]) for outcome in ("110", "120", "311", "340", "350", "430", "470")} == {
        "110": Ruling.NEVER, "120": Ruling.NEVER, "311": Ruling.NEVER, "340": Ruling.NEVER, "350": Ruling.NEVER,
        "430": Ruling.SPLIT, "470": Ruling.COUNTY,
    }  # fmt: skip


def request(outcome: str = "420", evidence: str = "村委证明 2026-18 号") -> Request:
    return Request(SHUANGHE + "0001", outcome, "2026Q3", evidence)


def test_the_reason_is_what_the_visits_found_with_evidence():
    assert check_request(request(), "420", []) is Ruling.ALLOWED
    with pytest.raises(ReplacementRefused, match="differ"):
        check_request(request(), "310", [])
    with pytest.raises(ReplacementRefused, match="evidence"):
        check_request(request(evidence="无"), "420", [])
    with pytest.raises(ReplacementRefused, match="allows none"):
        check_request(request("310"), "310", ["110"])


def test_above_ten_percent_is_a_warning_above_fifteen_needs_writing():
    assert check_approval(Ruling.ALLOWED, YearlyRate(10, 100), "") is Limit.WITHIN
    assert check_approval(Ruling.ALLOWED, YearlyRate(15, 100), "") is Limit.WARN
    with pytest.raises(ReplacementRefused, match="15 percent"):
        check_approval(Ruling.ALLOWED, YearlyRate(16, 100), "")
    assert check_approval(Ruling.ALLOWED, YearlyRate(16, 100), "整组搬迁，见县办 12 号文") is Limit.EXPLAIN


def test_470_needs_the_countys_word():
    with pytest.raises(ReplacementRefused):
        check_approval(Ruling.COUNTY, YearlyRate(1, 100), "")
    assert check_approval(Ruling.COUNTY, YearlyRate(1, 100), "县级认定已非农村住户") is Limit.WITHIN


# --- who comes instead ------------------------------------------------------------------------------------------------

RESERVES = (
    Reserve(SHUANGHE + "0011", SHUANGHE, Stratum.POOR, 2),
    Reserve(SHUANGHE + "0010", SHUANGHE, Stratum.POOR, 1),
    Reserve(SHUANGHE + "0020", SHUANGHE, Stratum.MONITORED, 1),
    Reserve(YANKOU + "0010", YANKOU, Stratum.POOR, 1),
    Reserve(FAR + "0010", FAR, Stratum.POOR, 1),
)


def test_the_next_reserve_is_of_the_same_village_and_stratum_in_its_fixed_order():
    assert next_reserve(RESERVES, (), SHUANGHE, Stratum.POOR, 1).hh_id == SHUANGHE + "0010"
    used = {SHUANGHE + "0010"}
    assert next_reserve(RESERVES, used, SHUANGHE, Stratum.POOR, 1).hh_id == SHUANGHE + "0011"


def test_then_of_the_same_township_and_never_of_another_stratum_or_township():
    used = {SHUANGHE + "0010", SHUANGHE + "0011"}
    assert next_reserve(RESERVES, used, SHUANGHE, Stratum.POOR, 1).hh_id == YANKOU + "0010"
    used.add(YANKOU + "0010")
    with pytest.raises(NoReserveLeft):
        next_reserve(RESERVES, used, SHUANGHE, Stratum.POOR, 1)
    with pytest.raises(NoReserveLeft):
        next_reserve(RESERVES, (), SHUANGHE, Stratum.CLEARED, 1)


def test_a_replacement_answers_from_its_own_quarter_on():
    check_period("", "2020Q1")
    check_period("2026Q3", "2026Q3")
    check_period("2026Q3", "2027")
    check_period("2026", "2026Q1")
    for earlier in ("2026Q2", "2025Q4", "2026"):
        with pytest.raises(BackFilling):
            check_period("2026Q3", earlier)


def test_who_left_the_sample_is_assigned_no_more():
    check_period("", "2028Q4", "2029")
    check_period("2026Q3", "2027Q1", "2027Q2")
    for period in ("2029", "2029Q1", "2030"):
        with pytest.raises(OutOfSample):
            check_period("", period, "2029")


# --- split, moved -----------------------------------------------------------------------------------------------------


def test_a_household_that_moved_to_a_sample_village_of_the_county_goes_on():
    assert still_surveyed(YANKOU, {SHUANGHE, YANKOU}, "529900")
    assert not still_surveyed(FAR, {SHUANGHE, YANKOU}, "529900")
    assert not still_surveyed("", {SHUANGHE}, "529900")


# --- rotation ---------------------------------------------------------------------------------------------------------


def test_nobody_leaves_in_the_first_two_years_and_after_five_a_new_sample_is_due():
    assert [rotation_group(2026, year) for year in (2028, 2029, 2030)] == [1, 2, 3]
    for year in (2025, 2026, 2027, 2031):
        with pytest.raises(NoRotation):
            rotation_group(2026, year)


@pytest.fixture(scope="module")
def drawn():
    frame = Frame(
        tuple(
            sorted(
                FrameHousehold(f"{village}{1000 * int(code[1]) + n:04d}", village, Stratum(code))
                for village in (SHUANGHE, YANKOU, FAR)
                for code, count in (("S1", 30), ("S2", 12), ("S3", 8), ("S4", 15))
                for n in range(count)
            )
        ),
        (),
        (),
    )
    draw = draw_sample(frame, Design(3), 1)
    sample = tuple(
        SampleHousehold(one.hh_id, one.village, one.stratum, one.point, one.rotation_group, "1")
        for one in draw.households
    )
    return frame, draw, sample


def sample_after(sample, plan):
    """The sample once a plan is carried out: newcomers have role 3 (轮换新户)."""
    staying = [one for one in sample if one.hh_id not in {*plan.leaving, *plan.ending}]
    coming = [SampleHousehold(one.hh_id, one.village, one.stratum, one.point, one.group, "3") for one in plan.entering]
    return (*staying, *coming)


def rotate(drawn, year=2028, sample=None, used=()):
    frame, draw, standing = drawn
    reserves = {one.hh_id for one in draw.reserves}
    return plan_rotation(sample or standing, frame, first_year=2026, year=year, seed=77, used={*reserves, *used})


def test_a_fifth_leaves_and_newcomers_of_the_same_village_and_stratum_come(drawn):
    _frame, draw, sample = drawn
    plan = rotate(drawn)
    assert len(plan.leaving) * 5 == len(sample)
    assert plan.unfilled == ()
    place = {one.hh_id: (one.village, one.stratum) for one in sample}
    assert [(one.village, one.stratum) for one in plan.entering] == [place[one.instead_of] for one in plan.entering]
    never = {one.hh_id for one in sample} | {one.hh_id for one in draw.reserves}
    assert never.isdisjoint(one.hh_id for one in plan.entering)
    assert plan == rotate(drawn)


def test_over_the_cycle_three_fifths_are_renewed_and_the_strata_keep_their_sizes(drawn):
    _frame, _draw, sample = drawn
    standing = sample
    ever = {one.hh_id for one in sample}
    for year in (2028, 2029, 2030):
        plan = rotate(drawn, year, standing, ever)
        standing = sample_after(standing, plan)
        ever |= {one.hh_id for one in standing}
        assert Counter((one.point, one.stratum) for one in standing) == Counter(
            (one.point, one.stratum) for one in sample
        )
    assert sum(1 for one in standing if one.sample_role == "3") * 5 == 3 * len(sample)


def test_a_cleared_household_stays_with_its_stratum_until_its_group_goes(drawn):
    frame, _draw, sample = drawn
    monitored = next(one for one in sample if one.stratum is Stratum.MONITORED and one.group != 1)
    now_cleared = tuple(
        FrameHousehold(one.hh_id, one.village, Stratum.CLEARED if one.hh_id == monitored.hh_id else one.stratum)
        for one in frame.households
    )
    plan = plan_rotation(sample, Frame(now_cleared, (), ()), first_year=2026, year=2028, seed=77)
    assert monitored.hh_id not in plan.leaving
    assert monitored in sample_after(sample, plan)


def test_followed_households_end_with_the_group_of_the_household_they_came_from(drawn):
    _frame, _draw, sample = drawn
    tracked = SampleHousehold(SHUANGHE + "9001", SHUANGHE, Stratum.POOR, SHUANGHE, 1, "4")
    plan = rotate(drawn, 2028, (*sample, tracked))
    assert plan.ending == (tracked.hh_id,)
    assert tracked.hh_id not in {one.instead_of for one in plan.entering}


def test_reserves_come_in_only_where_nobody_else_is_left_the_last_in_order_first(drawn):
    frame, draw, sample = drawn
    known = {one.hh_id for one in sample} | {one.hh_id for one in draw.reserves}
    bare = Frame(tuple(one for one in frame.households if one.hh_id in known), (), ())
    with_others = rotate(drawn)
    assert {one.hh_id for one in draw.reserves}.isdisjoint(one.hh_id for one in with_others.entering)
    plan = plan_rotation(sample, bare, first_year=2026, year=2028, seed=1, used=known, reserves=draw.reserves)
    assert plan.unfilled == ()
    order = {one.hh_id: one.order for one in draw.reserves}
    poor = [order[one.hh_id] for one in plan.entering if one.stratum is Stratum.POOR]
    assert set(poor) == {5}


def test_when_a_township_has_nobody_left_the_place_stays_open_and_is_told(drawn):
    frame, _draw, sample = drawn
    only_sample = Frame(tuple(one for one in frame.households if one.hh_id in {s.hh_id for s in sample}), (), ())
    plan = plan_rotation(sample, only_sample, first_year=2026, year=2028, seed=1)
    assert plan.entering == ()
    assert plan.unfilled == tuple(sorted(plan.leaving))
