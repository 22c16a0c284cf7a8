"""The year of a household from its quarters, and what stands for a missing one (quarterly.md 12, 缺季; 9.4, 年度人均).

One quarter missing: imputed by the ratio of means of the same stratum and quarter, and marked. For household i of stratum h without
quarter q, over the households of h that have all four quarters:

    imputed = (sum of i's three quarters) × (mean of quarter q) ÷ (mean of the same three quarters together)

Two or more missing: the household takes no part in the year's figures per head; its quarters stay for monitoring. Everything is exact
until it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

QUARTERS: Final = (1, 2, 3, 4)
RESIDENTS: Final = "resident_n"
_MOST_MISSING: Final = 1


@dataclass(frozen=True, slots=True)
class Quarters:
    """The quarters of a year that a household was surveyed in.

    Args:
        household: any key. stratum: code, "" unknown. weight: 0 for a followed household, which makes no estimate.
        values: quarter → measure → amount in fen, or people.
    """

    household: str
    stratum: str
    weight: Fraction
    values: Mapping[int, Mapping[str, Fraction]]

    @property
    def missing(self) -> tuple[int, ...]:
        """Quarters without an interview."""
        return tuple(quarter for quarter in QUARTERS if quarter not in self.values)


@dataclass(frozen=True, slots=True)
class Year:
    """A household's year.

    Attributes:
        totals: measure → sum of four quarters, the imputed one included; of people the sum too. Empty when it takes no part.
        imputed: the quarter that was imputed, None for none.
        quarters: how many were surveyed.
    """

    household: str
    stratum: str
    weight: Fraction
    totals: Mapping[str, Fraction]
    imputed: int | None
    quarters: int

    @property
    def counts(self) -> bool:
        """Whether the year's figures per head are made of it too."""
        return bool(self.totals)

    def per_head(self, measure: str) -> Fraction | None:
        """Sum of the four quarters ÷ (residents of the four quarters ÷ 4); None without residents."""
        residents = self.totals.get(RESIDENTS, Fraction(0))
        return self.totals[measure] * 4 / residents if measure in self.totals and residents > 0 else None


def year_of(households: Iterable[Quarters]) -> tuple[Year, ...]:
    """Every household's year, in the order given.

    A missing quarter is not imputed when the stratum has no household with all four quarters, or when these have nothing or less than
    nothing in the other three: then no ratio can be formed and the household takes no part.
    """
    given = list(households)
    whole: dict[str, list[Quarters]] = {}
    for one in given:
        if not one.missing:
            whole.setdefault(one.stratum, []).append(one)
    return tuple(_year(one, whole.get(one.stratum, [])) for one in given)


def _year(one: Quarters, donors: Sequence[Quarters]) -> Year:
    there = [one.values[quarter] for quarter in QUARTERS if quarter in one.values]
    measures = set.intersection(*(set(values) for values in there)) if there else set()
    totals: dict[str, Fraction] = {}
    for measure in measures if len(one.missing) <= _MOST_MISSING else ():
        known = sum((values[measure] for values in there), Fraction(0))
        added = _imputed(known, one.missing[0], measure, donors) if one.missing else Fraction(0)
        if added is not None:
            totals[measure] = known + added
    if RESIDENTS not in totals:
        totals = {}
    imputed = one.missing[0] if one.missing and totals else None
    return Year(one.household, one.stratum, one.weight, totals, imputed, len(there))


def _imputed(known: Fraction, missing: int, measure: str, donors: Sequence[Quarters]) -> Fraction | None:
    usable = [one for one in donors if all(measure in one.values[quarter] for quarter in QUARTERS)]
    same = sum((one.values[missing][measure] for one in usable), Fraction(0))
    others = sum(
        (one.values[quarter][measure] for one in usable for quarter in QUARTERS if quarter != missing), Fraction(0)
    )
    return known * same / others if others > 0 else None


def stratum_per_head(years: Iterable[Year], measure: str) -> Fraction | None:
    """Σ(weight × amount) ÷ Σ(weight × residents ÷ 4) over the households that take part (quarterly.md 9.4); None without any."""
    amount = heads = Fraction(0)
    for one in years:
        if measure in one.totals and one.totals[RESIDENTS] > 0:
            amount += one.weight * one.totals[measure]
            heads += one.weight * one.totals[RESIDENTS] / 4
    return amount / heads if heads else None
