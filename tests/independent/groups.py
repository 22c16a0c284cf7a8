"""Figures of a village, a stratum, a county (quarterly.md 9.4)."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from tests.independent.fen import nearest

Household = tuple[Fraction, int, int]  # weight, amount in fen, residents


def per_head(households: Iterable[Household]) -> int | None:
    """Σ(weight × amount) ÷ Σ(weight × residents), in fen; who has no resident is not counted."""
    counted = [one for one in households if one[2] > 0]
    heads = sum((weight * residents for weight, _, residents in counted), Fraction(0))
    if not heads:
        return None
    return nearest(sum((weight * amount for weight, amount, _ in counted), Fraction(0)) / heads)


def median(households: Iterable[Household]) -> int | None:
    """Weighted median of the households' own figure a head, weighted by weight × residents, in fen.

    The smallest figure at which half of the people are reached.
    """
    counted = sorted(
        (Fraction(amount, residents), weight * residents) for weight, amount, residents in households if residents > 0
    )
    half = sum((people for _, people in counted), Fraction(0)) / 2
    reached = Fraction(0)
    for value, people in counted:
        reached += people
        if reached >= half and people:
            return nearest(value)
    return None
