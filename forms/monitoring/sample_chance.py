"""Chance that comes out the same on every machine: whole numbers drawn from a seed, named for what they are drawn for.

Only ``random.Random.getrandbits`` is used (the Mersenne Twister, seeded with a whole number: the same since Python 3.2 and on every
system); nothing depends on floats, on ``shuffle`` or ``sample`` of the library, on hashes of the process or on the order of a set.
Each purpose (a village, a stratum of it) draws from a stream of its own, so one household more in one village changes no other
village's draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")
METHOD: Final = "fieldapp draw 1"  # written into the draw's report; another method gets another number


class Chance:
    """A stream of whole numbers.

    Args:
        seed: of the draw, any whole number.
        names: what is drawn for: stage, village, stratum.
    """

    def __init__(self, seed: int, *names: str) -> None:
        text = "\x1f".join((METHOD, str(seed), *names))
        self._bits = Random(int.from_bytes(blake2b(text.encode("utf-8"), digest_size=32).digest(), "big"))

    def below(self, n: int) -> int:
        """A whole number from 0 to n − 1, each equally likely. Raises ValueError for n < 1."""
        if n < 1:
            raise ValueError("nothing to draw from")
        size = n.bit_length()
        while (drawn := self._bits.getrandbits(size)) >= n:
            pass
        return drawn

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in random order (Fisher and Yates, from the end)."""
        left = list(items)
        for last in range(len(left) - 1, 0, -1):
            other = self.below(last + 1)
            left[last], left[other] = left[other], left[last]
        return left

    def every(self, items: Sequence[T], n: int) -> list[T]:
        """n of the items at equal distances from a random start; each item has the chance n ÷ len(items), exactly.

        All of them when there are not more than n.
        """
        count = len(items)
        if n >= count:
            return list(items)
        if n <= 0:
            return []
        start = self.below(count)
        return [items[(start + k * count) // n] for k in range(n)]
