"""Codes of choice questions: texts of codes with spaces between."""

from __future__ import annotations

import math


def selected(codes: str, code: str) -> bool:
    """Whether the code is among the codes; a blank code only of a blank answer."""
    code = code.strip()
    if codes == code:
        return True
    return code in codes.split() if code else False


def selected_at(codes: str, index: float) -> str:
    """The code at the 0-based index; blank beyond."""
    if not math.isfinite(index) or index <= -1:
        return ""
    every, place = codes.split(), int(index)
    return every[place] if place < len(every) else ""


def count_selected(codes: str) -> float:
    """How many codes there are."""
    return float(len(codes.split()))
