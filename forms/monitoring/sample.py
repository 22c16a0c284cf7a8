"""The sampling frame and the size of a sample (monitoring.md 9.1, 9.2).

The frame is the county's register: the four lists (poor households, monitored ones with and without their risk cleared, ordinary ones)
put together once a household, without those that 9.1 leaves out. ``sample_draw.py`` draws from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import Final


class Stratum(StrEnum):
    """抽样层, codes of the code list ``stratum``."""

    POOR = "S1"
    MONITORED = "S2"
    CLEARED = "S3"
    ORDINARY = "S4"

    @property
    def zh(self) -> str:
        """The stratum's name."""
        return _STRATUM_ZH[self]


_STRATUM_ZH: Final = {
    "S1": "脱贫户（未纳入监测）",
    "S2": "监测对象（风险未消除）",
    "S3": "监测对象（风险已消除）",
    "S4": "一般农户",
}
# A household on two lists stands where the more particular list puts it: a monitored poor household is monitored.
_RANK: Final = {Stratum.MONITORED: 0, Stratum.CLEARED: 1, Stratum.POOR: 2, Stratum.ORDINARY: 3}
PER_VILLAGE: Final[Mapping[Stratum, int]] = {
    Stratum.POOR: 5,
    Stratum.MONITORED: 2,
    Stratum.CLEARED: 1,
    Stratum.ORDINARY: 2,
}
LEAST_OF_A_STRATUM: Final = 100  # when figures are published by stratum


class LeftOut(StrEnum):
    """Why a household of the register is not in the frame (monitoring.md 9.1)."""

    AWAY = "away"
    IN_CARE = "in_care"
    IN_TOWN = "in_town"
    NO_TYPE = "no_type"
    NO_VILLAGE = "no_village"
    GONE = "gone"

    @property
    def zh(self) -> str:
        """The reason in words."""
        return _LEFT_OUT_ZH[self]


_LEFT_OUT_ZH: Final = {
    "away": "举家外出一年以上",
    "in_care": "集中供养特困",
    "in_town": "已转居进城",
    "no_type": "名册上没有户类型",
    "no_village": "村代码不是 12 位数字",
    "gone": "已并户或销户",
}


@dataclass(frozen=True, slots=True)
class ListedHousehold:
    """One line of one of the four lists.

    Args:
        hh_id: 16 digits. village: 12 digits.
        hh_type: code of the list hh_type. risk_cleared: ``hh_risk_cleared`` is "1".
        head_idno: the head's identity number, to find the same household under two numbers; "" if unknown.
        left_out: why it is not to be drawn, None for most.
    """

    hh_id: str
    village: str
    hh_type: str
    risk_cleared: bool = False
    head_idno: str = ""
    left_out: LeftOut | None = None


@dataclass(frozen=True, slots=True, order=True)
class FrameHousehold:
    """A household that may be drawn. Nothing of its people is kept here."""

    hh_id: str
    village: str
    stratum: Stratum

    @property
    def township(self) -> str:
        """The first nine digits of the village code."""
        return self.village[:9]


@dataclass(frozen=True, slots=True)
class Double:
    """Two lines that are one household: what was kept and what was dropped. ``same`` is "hh_id" or "idno"."""

    kept: str
    dropped: str
    same: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame, households by number; equal registers give equal frames whatever the order of their lines."""

    households: tuple[FrameHousehold, ...]
    left_out: tuple[tuple[LeftOut, int], ...]
    doubles: tuple[Double, ...]

    def count(self, stratum: Stratum) -> int:
        """Households of a stratum."""
        return sum(1 for one in self.households if one.stratum == stratum)

    @property
    def digest(self) -> str:
        """BLAKE2b-128 (hex) of numbers, villages and strata: names the frame that a draw was made from."""
        lines = "\n".join(f"{one.hh_id} {one.village} {one.stratum}" for one in self.households)
        return blake2b(lines.encode("ascii", "replace"), digest_size=16).hexdigest()


def stratum_of(hh_type: str, risk_cleared: bool) -> Stratum | None:
    """The stratum of a type of household at the time of drawing; None for no type. Later the type may change, the stratum not (9.4)."""
    match hh_type:
        case "1":
            return Stratum.POOR
        case "2" | "3" | "4":
            return Stratum.CLEARED if risk_cleared else Stratum.MONITORED
        case "5":
            return Stratum.ORDINARY
        case _:
            return None


def frame_of(listed: Iterable[ListedHousehold]) -> Frame:
    """The frame of the four lists: once a household, without those left out.

    A line that is left out leaves the household out, whatever another list says of it.
    """
    lines = sorted(listed, key=_precedence)
    by_number: dict[str, ListedHousehold] = {}
    out: dict[str, LeftOut] = {}
    doubles: list[Double] = []
    for line in lines:
        if line.hh_id in by_number:
            doubles.append(Double(line.hh_id, line.hh_id, "hh_id"))
        by_number.setdefault(line.hh_id, line)
        reason = line.left_out or _unusable(line)
        if reason is not None and (reason is not LeftOut.NO_TYPE or by_number[line.hh_id] is line):
            out.setdefault(line.hh_id, reason)
    kept: list[FrameHousehold] = []
    heads: dict[str, str] = {}
    for line in by_number.values():  # in order of precedence
        if line.hh_id in out:
            continue
        if line.head_idno and line.head_idno in heads:
            doubles.append(Double(heads[line.head_idno], line.hh_id, "idno"))
            continue
        stratum = stratum_of(line.hh_type, line.risk_cleared)
        if stratum is None:
            continue
        if line.head_idno:
            heads[line.head_idno] = line.hh_id
        kept.append(FrameHousehold(line.hh_id, line.village, stratum))
    counted = Counter(out.values())
    reasons = tuple((reason, counted[reason]) for reason in LeftOut if counted[reason])
    return Frame(tuple(sorted(kept)), reasons, tuple(sorted(doubles, key=lambda one: (one.kept, one.dropped))))


def _precedence(line: ListedHousehold) -> tuple[int, str, str, str, str]:
    stratum = stratum_of(line.hh_type, line.risk_cleared)
    rank = 9 if stratum is None else _RANK[stratum]
    return (rank, line.hh_id, line.village, line.head_idno, line.left_out or "")


def _unusable(line: ListedHousehold) -> LeftOut | None:
    if not (len(line.village) == 12 and line.village.isascii() and line.village.isdigit()):
        return LeftOut.NO_VILLAGE
    return LeftOut.NO_TYPE if stratum_of(line.hh_type, line.risk_cleared) is None else None


def villages_for(frame: Frame, per_village: Mapping[Stratum, int] = PER_VILLAGE) -> int:
    """A sensible number of villages: enough for :func:`needed_size`, between 40 and 60, not more than there are (9.2)."""
    there = len({one.village for one in frame.households if one.stratum is not Stratum.ORDINARY})
    wanted = -(-needed_size() // max(1, sum(per_village.values())))
    return min(there, min(60, max(40, wanted)))


def needed_size(
    cv: Decimal = Decimal("0.6"), relative_error: Decimal = Decimal("0.08"), deff: Decimal = Decimal("1.5")
) -> int:
    """n = deff × (1.96 × CV ÷ r)²: the households needed for a relative error r at 95 %, to the nearest whole (9.2: 324).

    Raises:
        ValueError: a relative error that is not above 0.
    """
    if relative_error <= 0:
        raise ValueError("relative error must be above 0")
    exact = deff * (Decimal("1.96") * cv / relative_error) ** 2
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def expected_error(n: int, cv: Decimal = Decimal("0.6"), deff: Decimal = Decimal("1.5")) -> Decimal:
    """The relative error at 95 % that n households give: the same formula solved for r, rounded up to 0.1 %.

    Raises:
        ValueError: no household.
    """
    if n < 1:
        raise ValueError("no household")
    exact = Decimal("1.96") * cv * (deff / n).sqrt()
    return exact.quantize(Decimal("0.001"), rounding=ROUND_CEILING)


def too_small(counts: Mapping[Stratum, int]) -> tuple[Stratum, ...]:
    """Strata with too few drawn households for figures of their own (9.2: 100 each)."""
    return tuple(one for one in Stratum if counts.get(one, 0) < LEAST_OF_A_STRATUM)
