"""Hybrid logical clock (Kulkarni 2014): 48 bits of milliseconds, 16 bits of counter, in one integer.

It orders what is shown and says who was last. It never decides what survives, is admitted or is revoked.
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTER_BITS = 16
FARTHEST_AHEAD_MS = 10 * 60 * 1000
_MOST = (1 << 64) - 1


def hlc_ms(hlc: int) -> int:
    """The milliseconds since 1970 in a clock value."""
    return hlc >> COUNTER_BITS


def hlc_at(ms: int, counter: int = 0) -> int:
    """A clock value from its parts."""
    return (max(ms, 0) << COUNTER_BITS) | counter


@dataclass(frozen=True, slots=True)
class HybridClock:
    """The last value given out; kept on disk by its owner, monotone for one replica."""

    last: int = 0

    def tick(self, now_ms: int, chance: int = 0) -> HybridClock:
        """The next value: the wall clock's if it has moved on, else one more than the last.

        Args:
            chance: 16 random bits. With them two copies of one disk never seal the same open change into the same bytes, so
                that the county sees the fork; they shift the value by a millisecond at most.
        """
        return HybridClock(min(max(hlc_at(now_ms), self.last + 1) + chance, _MOST))

    def absorb(self, remote: int, county_now_ms: int) -> HybridClock:
        """After seeing another's value: not behind it, unless it lies more than ten minutes in the county's future.

        A laptop set to the year 2040 thus cannot drag the others along.

        Args:
            remote: the clock value of a change that arrived.
            county_now_ms: estimated county time (last server time plus elapsed time since then).
        """
        if hlc_ms(remote) > county_now_ms + FARTHEST_AHEAD_MS or remote <= self.last:
            return self
        return HybridClock(remote)
