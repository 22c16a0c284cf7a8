from __future__ import annotations

from sync.clock import FARTHEST_AHEAD_MS, HybridClock, hlc_at, hlc_ms


def test_a_clock_that_steps_back_never_repeats_a_value():
    clock = HybridClock().tick(5000)
    for now in (5000, 4000, 0, -1, 4999):
        after = clock.tick(now)
        assert after.last > clock.last
        clock = after
    assert hlc_ms(clock.last) == 5000


def test_a_value_seen_is_not_fallen_behind():
    assert HybridClock().tick(1000).absorb(hlc_at(2000), 1900).tick(1001).last > hlc_at(2000)


def test_a_laptop_in_the_year_2040_does_not_drag_the_others_along():
    clock = HybridClock().tick(1000)
    assert clock.absorb(hlc_at(1000 + FARTHEST_AHEAD_MS + 1), 1000) == clock


def test_a_laptop_in_the_year_2001_works():
    assert hlc_ms(HybridClock().tick(980_000_000_000).last) == 980_000_000_000
