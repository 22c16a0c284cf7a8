"""Node-sets."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

from forms.engine.xpath.values import NodeSet, Value, text_to_number, to_string

_MODULUS = 2147483647
_FACTOR = 16807


def count(nodes: NodeSet) -> float:
    """How many nodes."""
    return float(len(nodes))


def count_non_empty(nodes: NodeSet) -> float:
    """How many nodes are not blank."""
    return float(sum(1 for text in nodes if text))


def seed_of(value: Value) -> int:
    """The seed that the second argument of ``randomize`` gives: a number without its fraction; text that is no number
    by the first 8 bytes of its SHA-256; 0 for blank."""
    number = value if type(value) is float else text_to_number(to_string(value))
    if number == number:
        return int(number) if math.isfinite(number) else 0
    text = to_string(value)
    if not text or type(value) is float:
        return 0
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big", signed=True)


def park_miller(seed: int) -> Callable[[], float]:
    """The generator of the specification: each call a number from [0, 1)."""
    # The remainder has the sign of the seed, as in Java and JavaScript.
    state = seed % _MODULUS if seed >= 0 else -(-seed % _MODULUS)
    if state <= 0:
        state += _MODULUS - 1

    def draw() -> float:
        nonlocal state
        state = state * _FACTOR % _MODULUS
        return (state - 1) / (_MODULUS - 1)

    return draw


def shuffled_order(count_of_nodes: int, chance: Callable[[], float]) -> list[int]:
    """Which node stands at each place after the inside-out Fisher-Yates shuffle.

    Args:
        chance: ``park_miller(seed_of(seed))`` where a seed is given, else the interview's own.
    """
    order: list[int] = []
    for here in range(count_of_nodes):
        place = int(chance() * (here + 1))
        order.append(here)
        if place != here:
            order[here] = order[place]
            order[place] = here
    return order
