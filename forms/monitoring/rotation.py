"""Rotation of the sample (monitoring.md 9.4): a cycle of five years, from the third year on a fifth of the households each year.

A monitored household whose risk is cleared stays until its rotation group goes; its stratum never changes, its type does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from forms.errors import FieldAppError
from forms.monitoring.sample import Frame, Stratum
from forms.monitoring.sample_chance import Chance
from forms.monitoring.sample_draw import Reserve

CYCLE_YEARS: Final = 5
FIRST_ROTATION: Final = 3  # the third year


class NoRotation(FieldAppError):
    """No household leaves in this year."""

    zh = "{year} 年不轮换：{reason}。样本没有动。"


@dataclass(frozen=True, slots=True)
class SampleHousehold:
    """A household of the sample as it stands.

    Args:
        point: the village it counts for. group: rotation group, 1 to 5. sample_role: code of the list sample_role.
    """

    hh_id: str
    village: str
    stratum: Stratum
    point: str
    group: int
    sample_role: str


@dataclass(frozen=True, slots=True)
class Entering:
    """A household that comes in for one that leaves; it takes over point and rotation group."""

    hh_id: str
    village: str
    stratum: Stratum
    point: str
    group: int
    instead_of: str


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """Who leaves and who comes; nothing happens until a person approves it.

    Args:
        ending: split households that were followed until now and are followed no longer.
        unfilled: households that leave without anybody to come for them.
    """

    year: int
    group: int
    seed: int
    leaving: tuple[str, ...]
    entering: tuple[Entering, ...]
    ending: tuple[str, ...]
    unfilled: tuple[str, ...]


def rotation_group(first_year: int, year: int) -> int:
    """The group that leaves before the visits of a year: 1 in the third year, 2 in the fourth, 3 in the fifth.

    Raises:
        NoRotation: the first two years, or the cycle is over and a new sample is due.
    """
    place = year - first_year + 1
    if place < 1:
        raise NoRotation("before the sample", year=year, reason=f"样本从 {first_year} 年开始")
    if place < FIRST_ROTATION:
        raise NoRotation("first two years", year=year, reason="周期的前两年样本不动，从第三年起每年轮换 20%")
    if place > CYCLE_YEARS:
        raise NoRotation("cycle over", year=year, reason="五年周期已满，请重新抽样")
    return place - FIRST_ROTATION + 1


def plan_rotation(
    sample: Iterable[SampleHousehold],
    frame: Frame,
    *,
    first_year: int,
    year: int,
    seed: int,
    used: Collection[str] = (),
    reserves: Iterable[Reserve] = (),
) -> RotationPlan:
    """Who leaves and who comes in a year.

    Newcomers are drawn from the present frame of the same village and stratum, else of the same township and stratum, among
    households that were never in the sample. Only where these are used up a reserve comes, the last in order first, so that
    replacements keep the first ones.

    Args:
        sample: as it stands, tracked households included.
        seed: of this rotation. used: hh_ids that were ever in the sample, or are reserves. reserves: those still to be had.
    Raises:
        NoRotation.
    """
    group = rotation_group(first_year, year)
    standing = sorted(sample, key=lambda one: one.hh_id)
    leaving = [one for one in standing if one.group == group and one.sample_role != "4"]
    gone = {one.hh_id for one in leaving}
    ending = tuple(one.hh_id for one in standing if one.sample_role == "4" and one.group == group)
    taken = {*used, *(one.hh_id for one in standing)}
    pools = _pools(frame, taken, seed, year)
    here = {one.hh_id for one in frame.households}
    spare = sorted(
        (one for one in reserves if one.hh_id in here and one.hh_id not in {other.hh_id for other in standing}),
        key=lambda one: (-one.order, one.hh_id),
    )
    entering, unfilled = [], []
    for one in leaving:
        # A household drawn elsewhere for its point is followed by one of the point, if there is one now.
        found = _take(pools, one.point, one.stratum, taken) or _take(pools, one.village, one.stratum, taken)
        found = found or _take(pools, one.point[:9], one.stratum, taken) or _take_spare(spare, one)
        if found is None:
            unfilled.append(one.hh_id)
            continue
        hh_id, village = found
        entering.append(Entering(hh_id, village, one.stratum, one.point, one.group, one.hh_id))
    return RotationPlan(year, group, seed, tuple(sorted(gone)), tuple(entering), ending, tuple(unfilled))


_Pools = dict[tuple[str, Stratum], list[tuple[str, str]]]


def _pools(frame: Frame, taken: Collection[str], seed: int, year: int) -> _Pools:
    """(village or township, stratum) → households that may come, in random order."""
    found: _Pools = defaultdict(list)
    for one in frame.households:
        if one.hh_id not in taken:
            found[one.village, one.stratum].append((one.hh_id, one.village))
            found[one.township, one.stratum].append((one.hh_id, one.village))
    return {
        (place, stratum): Chance(seed, "rotation", str(year), place, stratum).shuffled(sorted(members))
        for (place, stratum), members in found.items()
    }


def _take(pools: _Pools, place: str, stratum: Stratum, taken: set[str]) -> tuple[str, str] | None:
    for hh_id, village in pools.get((place, stratum), ()):
        if hh_id not in taken:
            taken.add(hh_id)
            return hh_id, village
    return None


def _take_spare(spare: list[Reserve], one: SampleHousehold) -> tuple[str, str] | None:
    mine = [other for other in spare if other.stratum == one.stratum and other.village[:9] == one.point[:9]]
    best = min(mine, key=lambda other: other.village != one.village, default=None)
    if best is None:
        return None
    spare.remove(best)
    return best.hh_id, best.village
