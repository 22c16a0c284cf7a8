"""A deterministic county: the real service and the real session over a line, sticks, disks and clocks that fail, all from one seed.

    python -m tests.sync.simulator --seeds 0 300

One thread, virtual time, seeded chance. Each seed draws its own faults. Whatever goes wrong, the invariants of sync.md 5.3
hold; a failure names its seed. The laptops' logs are ``MemoryLog``; SQLCipher in memory holds the county.
"""

from tests.sync.simulator.faults import Faults
from tests.sync.simulator.invariants import Broken
from tests.sync.simulator.world import World, run

__all__ = ["Broken", "Faults", "World", "run"]
