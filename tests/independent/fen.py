"""Money in whole fen, quantities exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def exact(text: str | None) -> Fraction:
    """A number as typed; nothing is zero."""
    return Fraction(Decimal(text)) if text else Fraction(0)


def fen(text: str | None) -> int:
    """Yuan as text → whole fen.

    Raises:
        ValueError: more than two decimals: not an amount of money.
    """
    value = exact(text) * 100
    if value.denominator != 1:
        raise ValueError(f"not whole fen: {text}")
    return int(value)


def nearest(value: Fraction) -> int:
    """The nearest whole number, a half away from zero."""
    size = int(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def yuan(amount: int | None) -> str:
    """Whole fen as yuan with two decimals; "" for None."""
    if amount is None:
        return ""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
