"""Weights of a period: base weight, non-response, calibration to the frame (monitoring.md 9.3, quarterly.md 9.4).

Counts and weights are exact fractions until they are shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from forms.monitoring.sample import Stratum
from forms.monitoring.visits import COMPLETED

TRACKED: Final = "4"  # sample_role: a household split off, followed for monitoring alone
PRACTICE: Final = "9"
_ZERO: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Visited:
    """A household of the sample in one period.

    Args:
        township: nine digits. stratum: as drawn, whatever its type has become.
        base_weight: of the draw; a replacement carries the weight of the household it replaces.
        sample_role: code of the list sample_role.
        outcome: final interview_outcome, "" while there is none.
    """

    hh_id: str
    township: str
    stratum: Stratum
    base_weight: Fraction
    sample_role: str
    outcome: str

    @property
    def counts(self) -> bool:
        """Whether estimates are made from it: not tracked, not practice, not out of scope, not replaced or void (5xx)."""
        return self.sample_role not in (TRACKED, PRACTICE) and self.outcome[:1] not in ("4", "5")

    @property
    def completed(self) -> bool:
        """Interviewed wholly or in part."""
        return self.counts and self.outcome in COMPLETED


@dataclass(frozen=True, slots=True)
class PeriodWeights:
    """Weights of one period.

    Args:
        final: hh_id → weight; 0 for households without an interview, tracked ones and those out of scope.
        nonresponse: (township, stratum) → 应访 ÷ 完访; cells in which nobody answered are missing: the stratum's other
            households stand for them.
        calibration: stratum → factor to the frame's count.
        empty: strata that have households in the frame and no interview at all: no figure can be given.
    """

    final: Mapping[str, Fraction]
    nonresponse: Mapping[tuple[str, Stratum], Fraction]
    calibration: Mapping[Stratum, Fraction]
    empty: tuple[Stratum, ...]


def period_weights(visited: Iterable[Visited], frame_counts: Mapping[Stratum, int]) -> PeriodWeights:
    """Final weights: base weight × (应访 ÷ 完访 in township and stratum) × (frame count ÷ sum of weights in the stratum).

    A household without an interview this quarter has weight 0; its share goes to the others of its stratum.

    Args:
        frame_counts: households of the frame by stratum.
    """
    households = sorted(visited, key=lambda one: one.hh_id)
    due = Counter((one.township, one.stratum) for one in households if one.counts)
    done = Counter((one.township, one.stratum) for one in households if one.completed)
    nonresponse = {cell: Fraction(due[cell], done[cell]) for cell in sorted(done)}
    adjusted = {
        one.hh_id: one.base_weight * nonresponse[one.township, one.stratum] if one.completed else _ZERO
        for one in households
    }
    sums: dict[Stratum, Fraction] = defaultdict(lambda: _ZERO)
    for one in households:
        sums[one.stratum] += adjusted[one.hh_id]
    calibration = {stratum: Fraction(frame_counts.get(stratum, 0)) / total for stratum, total in sums.items() if total}
    final = {one.hh_id: adjusted[one.hh_id] * calibration.get(one.stratum, _ZERO) for one in households}
    empty = tuple(stratum for stratum in Stratum if frame_counts.get(stratum, 0) and not sums[stratum])
    return PeriodWeights(final, nonresponse, calibration, empty)


def weighted_per_head(households: Iterable[tuple[Fraction, int, int]]) -> Fraction | None:
    """Σ(weight × amount) ÷ Σ(weight × residents); never a mean of households' own means (quarterly.md 9.4).

    Args:
        households: (weight, amount of the household in fen, resident members); without residents it takes no part.
    Returns:
        Fen a head; None if nobody is left.
    """
    amount = heads = _ZERO
    for weight, fen, residents in households:
        if residents > 0:
            amount += weight * fen
            heads += weight * residents
    return amount / heads if heads else None


def shown_weight(weight: Fraction) -> str:
    """A weight as text with six decimals, for exports and reports."""
    exact = Decimal(weight.numerator) / Decimal(weight.denominator)
    return str(exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP))
