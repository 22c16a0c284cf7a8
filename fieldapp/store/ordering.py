"""Order keys of roster rows: text between two neighbours, so that adding or moving a row writes that row alone."""

from __future__ import annotations

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)


def key_between(low: str, high: str) -> str:
    """A key greater than ``low`` and smaller than ``high`` as text; "" stands for the very start and the very end.

    Keys never end in "0", so that there is always room below. Equal neighbours (two people added at the same place) get the key
    after ``low``: the row id then decides.
    """
    if high and low >= high:
        high = ""
    key = ""
    place = 0
    bounded = bool(high)
    while True:
        below = _DIGITS.index(low[place]) if place < len(low) else 0
        above = _DIGITS.index(high[place]) if bounded and place < len(high) else _BASE
        if not bounded and above - below > 2:
            # At the open end take a small step, so that appending rows keeps keys short.
            return key + _DIGITS[below + 1]
        if above - below > 1:
            return key + _DIGITS[(below + above) // 2]
        key += _DIGITS[below]
        if above > below:
            bounded = False
        place += 1
