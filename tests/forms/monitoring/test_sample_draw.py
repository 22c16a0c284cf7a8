"""Drawing the sample: who may be drawn, how many, how likely; the same seed draws the same households (monitoring.md 9.1, 9.2)."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.monitoring.sample import (
    Frame,
    FrameHousehold,
    LeftOut,
    ListedHousehold,
    Stratum,
    expected_error,
    frame_of,
    needed_size,
    stratum_of,
    too_small,
    villages_for,
)
from forms.monitoring.sample_chance import Chance
from forms.monitoring.sample_draw import Design, DrawRefused, draw_by_size, draw_sample, share_points

TYPE_OF = {Stratum.POOR: "1", Stratum.MONITORED: "2", Stratum.CLEARED: "3", Stratum.ORDINARY: "5"}


def village_code(n: int, townships: int = 4) -> str:
    return f"529900{100 + n % townships:03d}{200 + n // townships:03d}"


def made_up_frame(villages: int = 24, seed: int = 5, townships: int = 4) -> Frame:
    """Villages of 15 to 90 households, about as many of each stratum as a county has."""
    chance = random.Random(seed)
    lines = []
    for n in range(villages):
        for k in range(chance.randrange(15, 90)):
            hh_type = chance.choices(("1", "2", "3", "5"), (45, 12, 8, 35))[0]
            cleared = hh_type != "1" and chance.random() < 0.3
            code = village_code(n, townships)
            lines.append(ListedHousehold(f"{code}{k + 1:04d}", code, hh_type, cleared))
    return frame_of(lines)


def frame_with(*cells: tuple[str, str, int]) -> Frame:
    """(village, stratum, households) cells."""
    return Frame(
        tuple(
            sorted(
                FrameHousehold(f"{village}{1000 * (int(code[1])) + k:04d}", village, Stratum(code))
                for village, code, n in cells
                for k in range(n)
            )
        ),
        (),
        (),
    )


# --- the frame --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hh_type", "cleared", "stratum"),
    [
        ("1", False, "S1"),
        ("2", False, "S2"),
        ("3", False, "S2"),
        ("4", True, "S3"),
        ("5", False, "S4"),
        ("", False, None),
    ],
)
def test_the_stratum_follows_the_type_at_the_time_of_drawing(hh_type, cleared, stratum):
    assert stratum_of(hh_type, cleared) == stratum


def test_a_household_on_two_lists_is_in_the_frame_once_where_the_monitored_list_puts_it():
    village = village_code(0)
    frame = frame_of([ListedHousehold(village + "0001", village, "1"), ListedHousehold(village + "0001", village, "2")])
    assert [(one.hh_id, one.stratum) for one in frame.households] == [(village + "0001", Stratum.MONITORED)]
    assert [double.same for double in frame.doubles] == ["hh_id"]


def test_one_head_under_two_numbers_is_one_household_and_is_told():
    village = village_code(0)
    lines = [
        ListedHousehold(village + "0002", village, "5", head_idno="52990019600101000X"),
        ListedHousehold(village + "0001", village, "1", head_idno="52990019600101000X"),
    ]
    frame = frame_of(lines)
    assert [one.hh_id for one in frame.households] == [village + "0001"]
    assert (frame.doubles[0].kept, frame.doubles[0].dropped) == (village + "0001", village + "0002")
    assert frame == frame_of(reversed(lines))


def test_who_is_away_for_a_year_in_care_or_moved_to_town_is_left_out_whatever_another_list_says():
    village = village_code(0)
    lines = [
        ListedHousehold(village + f"{n:04d}", village, "1", left_out=reason)
        for n, reason in enumerate((LeftOut.AWAY, LeftOut.IN_CARE, LeftOut.IN_TOWN), start=1)
    ]
    lines.append(ListedHousehold(village + "0001", village, "2"))
    lines.append(ListedHousehold(village + "0009", village, ""))
    lines.append(ListedHousehold("52990010120", "52990010120", "1"))
    frame = frame_of(lines)
    assert frame.households == ()
    assert dict(frame.left_out) == {
        LeftOut.AWAY: 1, LeftOut.IN_CARE: 1, LeftOut.IN_TOWN: 1, LeftOut.NO_TYPE: 1, LeftOut.NO_VILLAGE: 1,
    }  # fmt: skip


# --- size -------------------------------------------------------------------------------------------------------------


def test_the_formula_of_the_specification_gives_324_households():
    assert needed_size() == 324
    assert needed_size(Decimal("0.6"), Decimal("0.05"), Decimal("1.5")) == 830
    assert expected_error(324) <= Decimal("0.081")


def test_strata_under_a_hundred_are_named():
    counts = {Stratum.POOR: 250, Stratum.MONITORED: 100, Stratum.CLEARED: 50, Stratum.ORDINARY: 99}
    assert too_small(counts) == (Stratum.CLEARED, Stratum.ORDINARY)


def test_forty_to_sixty_villages_unless_the_county_has_fewer():
    assert villages_for(made_up_frame(24)) == 24
    assert villages_for(made_up_frame(80, townships=10)) == 40


# --- chance -----------------------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_numbers_on_any_machine():
    chance = Chance(20260101, "villages", "other")
    assert [chance.below(1000) for _ in range(8)] == [854, 73, 72, 159, 495, 185, 227, 451]
    assert "".join(Chance(1, "a").shuffled("abcdefgh")) == "bdchafge"


def test_each_purpose_draws_for_itself():
    assert [Chance(1, "a").below(10**9)] != [Chance(1, "b").below(10**9)]


@given(st.integers(1, 60), st.integers(0, 70), st.integers())
def test_equal_distances_give_each_item_its_turn_once(count, n, seed):
    drawn = Chance(seed, "x").every(range(count), n)
    assert len(set(drawn)) == len(drawn) == min(n, count)
    gaps = [b - a for a, b in pairwise(drawn)]
    assert not gaps or max(gaps) - min(gaps) <= 1


# --- stage 1 ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40), st.integers(1, 45), st.integers(0, 2**32))
def test_probabilities_of_villages_add_up_to_the_number_drawn(sizes, n, seed):
    named = {f"{k:03d}": size for k, size in enumerate(sizes)}
    probabilities, chosen = draw_by_size(named, n, Chance(seed, "v"))
    usable = sum(1 for size in sizes if size)
    assert sum(probabilities.values()) == len(chosen) == min(n, usable)
    assert all(0 <= one <= 1 for one in probabilities.values())
    assert all(probabilities[code] > 0 for code in chosen)
    assert {code for code, one in probabilities.items() if one == 1} <= chosen


def test_a_village_as_large_as_all_others_together_is_certain_and_the_others_share_the_rest():
    probabilities, chosen = draw_by_size({"a": 900, "b": 50, "c": 30, "d": 20}, 2, Chance(3, "v"))
    assert probabilities == {"a": 1, "b": Fraction(1, 2), "c": Fraction(3, 10), "d": Fraction(1, 5)}
    assert "a" in chosen


def test_over_many_seeds_villages_come_as_often_as_their_probability_says():
    sizes = {f"{k:02d}": size for k, size in enumerate((10, 20, 30, 40, 50, 120, 200))}
    rounds = 4000
    seen: Counter[str] = Counter()
    for seed in range(rounds):
        probabilities, chosen = draw_by_size(sizes, 3, Chance(seed, "v"))
        seen.update(chosen)
    for code, probability in probabilities.items():
        spread = 4 * (float(probability) * (1 - float(probability)) / rounds) ** 0.5
        assert abs(seen[code] / rounds - float(probability)) <= spread + 1e-9, code


def test_relocation_communities_get_a_point_and_key_villages_a_fifth():
    frame = made_up_frame(24)
    codes = sorted({one.village for one in frame.households})
    key, relocation = frozenset(codes[:11]), frozenset(codes[20:22])
    for seed in range(30):
        draw = draw_sample(frame, Design(6, relocation=relocation, key=key), seed)
        drawn = {one.code for one in draw.points}
        assert len(drawn) == 6
        assert len(drawn & relocation) >= 1
        assert 5 * len(drawn & key) >= len(key)


def test_points_go_in_proportion_to_size_beyond_what_is_forced():
    groups = {"relocation": {"r": 10}, "key": {"k1": 30, "k2": 30}, "other": {f"o{n}": 50 for n in range(10)}}
    assert share_points(groups, Design(6)) == {"relocation": 1, "key": 1, "other": 4}


@pytest.mark.parametrize(
    ("frame", "design"),
    [
        (frame_with(), Design(10)),
        (frame_with((village_code(0), "S4", 30)), Design(10)),
        (frame_with((village_code(0), "S1", 30)), Design(0)),
        (frame_with((village_code(0), "S1", 30)), Design(1, relocation=frozenset({village_code(1)}))),
        (frame_with((village_code(0), "S1", 30)), Design(1, key=frozenset({"529900999999"}))),
        (
            frame_with((village_code(0), "S1", 30), (village_code(1), "S1", 30)),
            Design(1, relocation=frozenset({village_code(0)}), key=frozenset({village_code(1)})),
        ),
    ],
)
def test_a_sample_that_cannot_be_is_refused_with_the_reason(frame, design):
    with pytest.raises(DrawRefused) as refused:
        draw_sample(frame, design, 1)
    assert refused.value.fields["reason"]


# --- stage 2 ----------------------------------------------------------------------------------------------------------


def test_a_village_gives_five_two_one_two():
    cells = [(village_code(n), code, 20) for n in range(8) for code in ("S1", "S2", "S3", "S4")]
    draw = draw_sample(frame_with(*cells), Design(4), 7)
    for point in draw.points:
        mine = Counter(str(one.stratum) for one in draw.households if one.village == point.code)
        assert mine == {"S1": 5, "S2": 2, "S3": 1, "S4": 2}
    assert len(draw.households) == 40
    assert draw.lacking == 0


def test_as_many_reserves_as_drawn_with_places_from_one_and_never_somebody_drawn():
    draw = draw_sample(made_up_frame(), Design(10), 11)
    taken = {one.hh_id for one in draw.households}
    assert taken.isdisjoint(one.hh_id for one in draw.reserves)
    for cell in draw.cells:
        places = [one.order for one in draw.reserves if (one.village, one.stratum) == (cell.village, cell.stratum)]
        left = cell.frame - sum(1 for one in taken if one[:12] == cell.village and one in _of(draw, cell))
        assert places == list(range(1, min(cell.drawn, left) + 1))


def _of(draw, cell):
    return {one.hh_id for one in draw.households if one.stratum == cell.stratum}


def test_what_a_village_lacks_comes_from_the_same_stratum_of_the_same_township():
    here, near, far = village_code(0), village_code(4), village_code(1)
    frame = frame_with((here, "S1", 20), (near, "S1", 20), (far, "S1", 20), (near, "S3", 9), (far, "S3", 9))
    draw = draw_sample(frame, Design(3), 3)
    cells = {(one.village, one.stratum): one for one in draw.cells}
    assert cells[here, Stratum.CLEARED].short == cells[here, Stratum.CLEARED].filled == 1
    assert cells[near, Stratum.CLEARED].extra == 1
    assert cells[near, Stratum.CLEARED].probability == Fraction(2, 9)
    assert [one.village for one in draw.households if one.point == here and one.stratum is Stratum.CLEARED] == [near]
    assert cells[far, Stratum.CLEARED].extra == 0
    assert draw.count(Stratum.CLEARED) == 3


def test_a_village_that_was_not_drawn_helps_out_when_the_points_of_the_township_cannot():
    here, near = village_code(0), village_code(4)
    frame = frame_with((here, "S1", 400), (near, "S1", 1), (near, "S2", 6))
    draw = next(
        drawn for drawn in (draw_sample(frame, Design(1), seed) for seed in range(50)) if drawn.points[0].code == here
    )
    helping = [one for one in draw.households if one.village == near]
    assert [one.stratum for one in helping] == [Stratum.MONITORED, Stratum.MONITORED]
    assert {one.point for one in helping} == {here}
    stage_one = next(one for one in draw.villages if one.code == near).probability
    assert {one.probability for one in helping} == {stage_one * Fraction(2, 6)}


def test_a_stratum_without_any_household_is_reported_as_lacking_and_nothing_breaks():
    cells = [(village_code(n), code, 12) for n in range(6) for code in ("S1", "S2", "S4")]
    draw = draw_sample(frame_with(*cells), Design(4), 2)
    assert draw.count(Stratum.CLEARED) == 0
    assert draw.lacking == 4
    assert len(draw.households) == 36


def test_a_village_of_fewer_than_ten_is_taken_whole():
    small = village_code(0)
    frame = frame_with((small, "S1", 3), (small, "S4", 1))
    draw = draw_sample(frame, Design(1), 1)
    assert len(draw.households) == 4
    assert draw.reserves == ()
    assert draw.lacking == 6
    assert {one.probability for one in draw.households} == {1}


def test_over_many_seeds_households_come_as_often_as_their_probability_says():
    cells = [
        (village_code(n, 2), code, size + n)
        for n in range(3)
        for code, size in (("S1", 6), ("S2", 3), ("S3", n % 3), ("S4", 5))
    ]
    frame = frame_with(*cells)
    design = Design(3)  # every village: nothing depends on which neighbours were drawn
    rounds = 900
    seen: Counter[str] = Counter()
    chances: dict[str, Fraction] = {}
    for seed in range(rounds):
        draw = draw_sample(frame, design, seed)
        seen.update(one.hh_id for one in draw.households)
        chances.update({one.hh_id: one.probability for one in draw.households})
    worst = 0.0
    for hh_id, chance in chances.items():
        p = float(chance)
        spread = (p * (1 - p) / rounds) ** 0.5
        worst = max(worst, abs(seen[hh_id] / rounds - p) / spread if spread else abs(seen[hh_id] - rounds))
    assert worst < 4.5


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 30), st.randoms(use_true_random=False))
def test_any_draw_holds_together(seed, villages, order):
    frame = made_up_frame(18, seed=seed % 7, townships=3)
    lines = list(frame.households)
    order.shuffle(lines)
    again = frame_of(
        ListedHousehold(one.hh_id, one.village, TYPE_OF[one.stratum], one.stratum is Stratum.CLEARED) for one in lines
    )
    assert again.households == frame.households
    draw = draw_sample(frame, Design(villages), seed)
    assert draw == draw_sample(again, Design(villages), seed)
    assert len(draw.points) == min(villages, 18)
    assert sum(one.probability for one in draw.villages) == len(draw.points)
    assert len({one.hh_id for one in draw.households}) == len(draw.households)
    for cell in draw.cells:
        assert cell.drawn == min(cell.frame, cell.wanted + cell.extra)
        assert cell.probability * cell.frame == cell.drawn
        assert cell.filled <= cell.short
    for stratum, n in {Stratum.POOR: 5, Stratum.MONITORED: 2, Stratum.CLEARED: 1, Stratum.ORDINARY: 2}.items():
        short = sum(cell.short - cell.filled for cell in draw.cells if cell.stratum == stratum)
        assert draw.count(stratum) == n * len(draw.points) - short
    groups = Counter((one.point, one.rotation_group) for one in draw.households)
    for point in draw.points:
        sizes = [groups[point.code, group] for group in range(1, 6)]
        assert max(sizes) - min(sizes) <= 1


def test_a_household_more_in_one_village_leaves_the_draw_within_the_others_alone():
    cells = [(village_code(n), code, 20) for n in range(4) for code in ("S1", "S2", "S3", "S4")]
    before = draw_sample(frame_with(*cells), Design(4), 9)
    after = draw_sample(frame_with((village_code(0), "S1", 21), *cells[1:]), Design(4), 9)
    others = [village_code(n) for n in range(1, 4)]
    assert [one.hh_id for one in before.households if one.village in others] == [
        one.hh_id for one in after.households if one.village in others
    ]


def test_the_draw_of_a_known_frame_and_seed_is_the_known_one():
    frame = frame_with(
        *(
            (village_code(n, 3), f"S{k - 2}", 4 + (n * k) % 9)
            for n in range(12)
            for k in range(3, 7)
        )
    )  # fmt: skip
    draw = draw_sample(frame, Design(3, key=frozenset({village_code(0, 3)})), 20261201)
    assert frame.digest == "d606eb060431b0b0d739ba8dfa01a6b5"
    assert [one.code for one in draw.points] == ["529900100200", "529900101202", "529900102203"]
    first = [one for one in draw.households if one.village == "529900100200"]
    numbers = ["1000", "1001", "1002", "1003", "2001", "2003", "3001", "4000", "4002"]
    assert [one.hh_id[-4:] for one in first] == numbers
    assert [one.rotation_group for one in first] == [4, 5, 1, 2, 4, 5, 1, 2, 3]
    reserves = [(one.hh_id[-4:], one.order) for one in draw.reserves if one.village == "529900100200"]
    assert reserves == [("2000", 1), ("2002", 2), ("3003", 1), ("4001", 1), ("4003", 2)]
