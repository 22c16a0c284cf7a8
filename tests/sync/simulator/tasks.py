"""What one process of ``python -m tests.sync.simulator`` is given to do."""

from __future__ import annotations

import logging
from collections import Counter

from tests.sync.mutations import caught
from tests.sync.simulator.world import run


def part_of(first: int, last: int) -> tuple[Counter[str], list[tuple[int, str]]]:
    """What struck in these seeds, and which of them failed."""
    logging.disable(logging.CRITICAL)
    struck: Counter[str] = Counter()
    failed = []
    for seed in range(first, last):
        try:
            struck += run(seed)
        except Exception as error:  # every kind of failure is a finding
            failed.append((seed, f"{type(error).__name__}: {str(error)[:300]}"))
    return struck, failed


def mutation(name: str, within: int) -> tuple[str, int | None, str]:
    """The first seed that catches a mutation, and in which words."""
    logging.disable(logging.CRITICAL)
    return (name, *caught(name, within))
