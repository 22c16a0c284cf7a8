"""Drawing the sample: villages by size, households within them, and the reserve (monitoring.md 9.2).

Stage 1  villages with probability proportional to size (poor and monitored households), systematically along the village codes;
         a village so large that its probability would reach 1 is taken with certainty. Relocation communities and key villages
         are drawn by themselves, so that the points that must be there are.
Stage 2  within a village, each stratum by itself, every k-th household from a random start along the household numbers.
         What a village lacks in a stratum is drawn from the same stratum of the same township (``frame_short``).
Reserve  of what is left of village and stratum, in random order, as many as were drawn; the order is fixed at once.

All probabilities are exact fractions. The draw is a pure function of frame, design and seed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from forms.errors import FieldAppError
from forms.monitoring.sample import PER_VILLAGE, Frame, Stratum
from forms.monitoring.sample_chance import Chance

ROTATION_GROUPS: Final = 5
RELOCATION, KEY, OTHER = "relocation", "key", "other"
_NONE: Final = Fraction(0)
_ALL: Final = Fraction(1)


class DrawRefused(FieldAppError):
    """No sample can be drawn like this."""

    zh = "按这样的设定抽不了样：{reason}。名册和已有的样本都没有动，改了设定再抽。"


@dataclass(frozen=True, slots=True)
class Design:
    """What the county decides before drawing.

    Args:
        villages: sample points in all.
        per_village: households a point by stratum; 5, 2, 1, 2 unless said otherwise.
        relocation: codes of relocation communities (易地搬迁安置社区); at least ``relocation_points`` of them are drawn.
        key: codes of key villages (重点帮扶村); at least ``key_share`` of them are drawn.
    """

    villages: int
    per_village: Mapping[Stratum, int] = field(default_factory=lambda: dict(PER_VILLAGE))
    relocation: frozenset[str] = frozenset()
    key: frozenset[str] = frozenset()
    relocation_points: int = 1
    key_share: Fraction = Fraction(1, 5)


@dataclass(frozen=True, slots=True)
class Village:
    """A village of the frame at stage 1.

    Args:
        size: poor and monitored households; 0 is never drawn.
        probability: of being drawn. group: relocation, key or other.
    """

    code: str
    size: int
    group: str
    probability: Fraction
    drawn: bool

    @property
    def certain(self) -> bool:
        """Taken with certainty."""
        return self.probability == _ALL


@dataclass(frozen=True, slots=True)
class Cell:
    """A stratum in a sample point.

    Args:
        frame: households there are. wanted: households a point should have.
        drawn: households drawn here. extra: of these, drawn for points of the township that lack some.
        short: ``frame_short``, households lacking here. filled: of these, drawn elsewhere in the township.
        probability: of a household here, once the village is drawn.
    """

    village: str
    stratum: Stratum
    frame: int
    wanted: int
    drawn: int
    extra: int
    short: int
    filled: int
    probability: Fraction


@dataclass(frozen=True, slots=True)
class DrawnHousehold:
    """A household of the sample.

    Args:
        point: the village it counts for: its own, or the one that lacked a household of this stratum.
        probability: of being in the sample. rotation_group: 1 to 5.
    """

    hh_id: str
    village: str
    stratum: Stratum
    point: str
    probability: Fraction
    rotation_group: int

    @property
    def weight(self) -> Fraction:
        """Base weight: 1 ÷ (probability of the village × probability within it) (9.3)."""
        return 1 / self.probability


@dataclass(frozen=True, slots=True)
class Reserve:
    """A household that may replace another one, by its fixed place from 1 in village and stratum. Never shown to an enumerator."""

    hh_id: str
    village: str
    stratum: Stratum
    order: int


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample as drawn."""

    seed: int
    frame_digest: str
    villages: tuple[Village, ...]
    cells: tuple[Cell, ...]
    households: tuple[DrawnHousehold, ...]
    reserves: tuple[Reserve, ...]

    @property
    def points(self) -> tuple[Village, ...]:
        """The villages drawn."""
        return tuple(one for one in self.villages if one.drawn)

    def count(self, stratum: Stratum) -> int:
        """Households drawn of a stratum."""
        return sum(1 for one in self.households if one.stratum == stratum)

    @property
    def lacking(self) -> int:
        """Households that could not be drawn anywhere in their township."""
        return sum(cell.short - cell.filled for cell in self.cells)


def draw_sample(frame: Frame, design: Design, seed: int) -> Draw:
    """Draws villages, households and the reserve.

    Raises:
        DrawRefused: no village to draw from, no household a village, or a forced point that is not in the frame.
    """
    by_village: dict[str, dict[Stratum, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in frame.households:
        by_village[one.village][one.stratum].append(one.hh_id)
    villages = _first_stage(by_village, design, seed)
    cells, drawn = _second_stage(by_village, villages, design, seed)
    reserves = _reserve(by_village, cells, {one.hh_id for one in drawn}, seed)
    return Draw(seed, frame.digest, villages, cells, _with_rotation(drawn, seed), reserves)


# --- stage 1: villages ------------------------------------------------------------------------------------------------


def _first_stage(
    by_village: Mapping[str, Mapping[Stratum, Sequence[str]]], design: Design, seed: int
) -> tuple[Village, ...]:
    sizes = {
        code: sum(len(lists) for stratum, lists in strata.items() if stratum is not Stratum.ORDINARY)
        for code, strata in by_village.items()
    }
    groups: dict[str, dict[str, int]] = {RELOCATION: {}, KEY: {}, OTHER: {}}
    for code in sorted(sizes):
        group = RELOCATION if code in design.relocation else KEY if code in design.key else OTHER
        groups[group][code] = sizes[code]
    _refuse_impossible(design, sizes)
    shares = share_points(groups, design)
    found: list[Village] = []
    for group, members in groups.items():
        probabilities, chosen = draw_by_size(members, shares[group], Chance(seed, "villages", group))
        found += [Village(code, members[code], group, probabilities[code], code in chosen) for code in members]
    return tuple(sorted(found, key=lambda one: one.code))


def _refuse_impossible(design: Design, sizes: Mapping[str, int]) -> None:
    usable = sum(1 for size in sizes.values() if size)
    if design.villages < 1 or sum(design.per_village.values()) < 1:
        raise DrawRefused("empty design", reason="村数和每村户数都要大于 0")
    if not usable:
        raise DrawRefused("empty frame", reason="名册里没有脱贫户和监测对象，没有村可抽")
    if design.relocation and not any(sizes.get(code) for code in design.relocation):
        raise DrawRefused("no relocation community in the frame", reason="安置社区在名册里没有脱贫户和监测对象")
    unknown = sorted((design.key | design.relocation) - sizes.keys())
    if unknown:
        raise DrawRefused("villages not in the frame", reason=f"这些村不在名册里 {'、'.join(unknown[:5])}")


def share_points(groups: Mapping[str, Mapping[str, int]], design: Design) -> dict[str, int]:
    """How many villages each group gives: in proportion to size, but for the least that 9.2 asks of the first two.

    Returns:
        group → points; together ``design.villages``, or all villages when there are fewer.
    """
    usable = {group: sum(1 for size in members.values() if size) for group, members in groups.items()}
    totals = {group: sum(members.values()) for group, members in groups.items()}
    all_points = min(design.villages, sum(usable.values()))
    least = {
        RELOCATION: min(usable[RELOCATION], design.relocation_points),
        KEY: min(usable[KEY], _ceil(design.key_share * usable[KEY])),
        OTHER: 0,
    }
    if sum(least.values()) > all_points:
        raise DrawRefused("more forced points than points", reason=f"必抽的点有 {sum(least.values())} 个，比要抽的村多")
    shares = dict(least)
    while sum(shares.values()) < all_points:
        # The next point goes where proportion to size is furthest from being met; equal cases in a fixed order.
        open_groups = [group for group in shares if shares[group] < usable[group]]
        behind = max(
            open_groups,
            key=lambda group: (Fraction(totals[group], shares[group] + 1), (RELOCATION, KEY, OTHER).index(group)),
        )
        shares[behind] += 1
    return shares


def _ceil(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def draw_by_size(sizes: Mapping[str, int], n: int, chance: Chance) -> tuple[dict[str, Fraction], frozenset[str]]:
    """Systematic drawing with probability proportional to size, in whole numbers.

    Args:
        sizes: code → size, not below 0. n: units to draw.
    Returns:
        Probability of every unit (they add up to the number drawn), and the units drawn. Units whose share reaches 1 are certain.
    """
    probabilities = dict.fromkeys(sizes, _NONE)
    rest = [code for code in sorted(sizes) if sizes[code] > 0]
    chosen: set[str] = set()
    while (left := n - len(chosen)) > 0 and rest:
        total = sum(sizes[code] for code in rest)
        certain = [code for code in rest if sizes[code] * left >= total]
        if not certain:
            break
        chosen.update(certain)
        probabilities.update(dict.fromkeys(certain, _ALL))
        rest = [code for code in rest if code not in chosen]
    left = n - len(chosen)
    if left <= 0 or not rest:
        return probabilities, frozenset(chosen)
    total = sum(sizes[code] for code in rest)
    point, passed = chance.below(total), 0
    for code in rest:
        probabilities[code] = Fraction(left * sizes[code], total)
        passed += left * sizes[code]
        if point < passed:
            chosen.add(code)
            point += total
    return probabilities, frozenset(chosen)


# --- stage 2: households ----------------------------------------------------------------------------------------------


@dataclass
class _Township:
    """A stratum in the points of one township while it is being shared out."""

    wanted: int
    frame: dict[str, int]
    extra: dict[str, int]
    short: dict[str, int]

    def fill_among_points(self) -> None:
        """What one point lacks is added to the points with most left, one by one."""
        for _ in range(sum(self.short.values())):
            spare = {code: n - self.wanted - self.extra[code] for code, n in self.frame.items()}
            most = max(sorted(spare), key=lambda code: spare[code], default="")
            if not most or spare[most] <= 0:
                return
            self.extra[most] += 1

    @property
    def still_short(self) -> int:
        return sum(self.short.values()) - sum(self.extra.values())


def _second_stage(
    by_village: Mapping[str, Mapping[Stratum, list[str]]], villages: Sequence[Village], design: Design, seed: int
) -> tuple[tuple[Cell, ...], list[DrawnHousehold]]:
    of_township: dict[str, list[Village]] = defaultdict(list)
    for village in villages:
        of_township[village.code[:9]].append(village)
    cells: list[Cell] = []
    drawn: list[DrawnHousehold] = []
    for members in of_township.values():
        points = [village for village in members if village.drawn]
        for stratum in Stratum:
            wanted = design.per_village.get(stratum, 0)
            if points and wanted:
                frame = {point.code: len(by_village[point.code].get(stratum, ())) for point in points}
                short = {code: max(0, wanted - n) for code, n in frame.items()}
                township = _Township(wanted, frame, dict.fromkeys(frame, 0), short)
                township.fill_among_points()
                elsewhere = _elsewhere(by_village, members, stratum, township, seed)
                inside = _inside(by_village, points, stratum, township, seed)
                counted = _counted_for(inside, elsewhere, township)
                drawn += counted
                cells += [_cell(point.code, stratum, township, counted) for point in points]
    return tuple(sorted(cells, key=lambda one: (one.village, one.stratum))), drawn


def _inside(
    by_village: Mapping[str, Mapping[Stratum, list[str]]],
    points: Sequence[Village],
    stratum: Stratum,
    township: _Township,
    seed: int,
) -> list[DrawnHousehold]:
    found = []
    for point in points:
        numbers = sorted(by_village[point.code].get(stratum, ()))
        n = min(len(numbers), township.wanted + township.extra[point.code])
        for hh_id in Chance(seed, "households", point.code, stratum).every(numbers, n):
            chance = point.probability * Fraction(n, len(numbers))
            found.append(DrawnHousehold(hh_id, point.code, stratum, point.code, chance, 0))
    return found


def _elsewhere(
    by_village: Mapping[str, Mapping[Stratum, list[str]]],
    members: Sequence[Village],
    stratum: Stratum,
    township: _Township,
    seed: int,
) -> list[DrawnHousehold]:
    """Households of villages of the township that were not drawn, when its points cannot give enough.

    Their probability is that of their own village's draw, as if it had been drawn: they stand for their own village.
    """
    others = {village.code: village for village in members if not village.drawn and village.probability}
    numbers = sorted(hh_id for code in others for hh_id in by_village[code].get(stratum, ()))
    need = min(township.still_short, len(numbers))
    home = {hh_id: code for code in others for hh_id in by_village[code].get(stratum, ())}
    found = []
    for hh_id in Chance(seed, "township", members[0].code[:9], stratum).every(numbers, need):
        code = home[hh_id]
        there = len(by_village[code][stratum])
        chance = others[code].probability * Fraction(min(township.wanted, there), there)
        found.append(DrawnHousehold(hh_id, code, stratum, "", chance, 0))
    return found


def _counted_for(
    inside: Sequence[DrawnHousehold], elsewhere: Sequence[DrawnHousehold], township: _Township
) -> list[DrawnHousehold]:
    """Each household beyond its village's number counts for a point that lacks one, in order of codes."""
    lacking = [code for code in sorted(township.short) for _ in range(township.short[code])]
    found: list[DrawnHousehold] = []
    taken: dict[str, int] = defaultdict(int)
    for one in inside:
        taken[one.village] += 1
        beyond = taken[one.village] > township.wanted
        found.append(_at_point(one, lacking.pop(0)) if beyond and lacking else one)
    found += [_at_point(one, lacking.pop(0)) for one in elsewhere if lacking]
    return found


def _at_point(one: DrawnHousehold, point: str) -> DrawnHousehold:
    return DrawnHousehold(one.hh_id, one.village, one.stratum, point, one.probability, one.rotation_group)


def _cell(code: str, stratum: Stratum, township: _Township, drawn: Sequence[DrawnHousehold]) -> Cell:
    here = sum(1 for one in drawn if one.village == code)
    filled = sum(1 for one in drawn if one.point == code and one.village != code)
    frame = township.frame[code]
    return Cell(
        village=code,
        stratum=stratum,
        frame=frame,
        wanted=township.wanted,
        drawn=here,
        extra=township.extra[code],
        short=township.short[code],
        filled=filled,
        probability=Fraction(here, frame) if frame else _NONE,
    )


def _reserve(
    by_village: Mapping[str, Mapping[Stratum, list[str]]], cells: Sequence[Cell], drawn: set[str], seed: int
) -> tuple[Reserve, ...]:
    found = []
    for cell in cells:
        left = [hh_id for hh_id in sorted(by_village[cell.village].get(cell.stratum, ())) if hh_id not in drawn]
        order = Chance(seed, "reserve", cell.village, cell.stratum).shuffled(left)[: cell.drawn]
        found += [Reserve(hh_id, cell.village, cell.stratum, place) for place, hh_id in enumerate(order, start=1)]
    return tuple(found)


def _with_rotation(drawn: Sequence[DrawnHousehold], seed: int) -> tuple[DrawnHousehold, ...]:
    """Every fifth household of a point gets the same rotation group, from a random start: about a fifth of point and stratum each."""
    by_point: dict[str, list[DrawnHousehold]] = defaultdict(list)
    for one in drawn:
        by_point[one.point].append(one)
    found = []
    for point in sorted(by_point):
        start = Chance(seed, "rotation", point).below(ROTATION_GROUPS)
        ordered = sorted(by_point[point], key=lambda one: (one.stratum, one.hh_id))
        for place, one in enumerate(ordered):
            group = (start + place) % ROTATION_GROUPS + 1
            found.append(DrawnHousehold(one.hh_id, one.village, one.stratum, one.point, one.probability, group))
    return tuple(found)
