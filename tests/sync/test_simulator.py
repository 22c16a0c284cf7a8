"""A few seeds of the simulator in every run; ``SYNC_SEEDS`` takes more, ``python -m tests.sync.simulator`` takes a range."""

from __future__ import annotations

import logging
import os

import pytest

from sync.errors import SyncError
from tests.sync import simulator
from tests.sync.mutations import MUTATIONS
from tests.sync.simulator import Faults

SEEDS = int(os.environ.get("SYNC_SEEDS", "6"))
# Each bug with the faults that bring it to light; the swarm of the command line finds them too, more slowly (and
# "restored_server_not_noticed", which needs a lost server and a lost laptop in one seed).
BAD_LINE = Faults(lose_request=0.2, lose_answer=0.3, cut_answer=0.4, repeat=0.2)
FAULTS = {
    "last_writer_wins": BAD_LINE,
    "ghosts_dropped": Faults(reorder=0.6),
    "parents_of_all_that_is_known": BAD_LINE,
    "acknowledged_before_stored": BAD_LINE,
    "gaps_not_told": Faults(reorder=0.6),
    "forks_not_noticed_by_the_laptop": Faults(clone=0.2),
    "renewal_trusts_numbers": Faults(clone=0.2),
    "revocation_forgotten": Faults(revoke=0.2),
    "cursor_before_data": BAD_LINE,
    "signature_not_checked": Faults(forge=0.2),
    "forged_numbers_used_up": Faults(forge=0.2),
    "state_not_updated": BAD_LINE,
    "feed_order_by_arrival_of_names": Faults(repeat=0.5, lose_answer=0.5),
}
TRIES = 12


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_invariants_hold_whatever_goes_wrong(seed):
    simulator.run(seed)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_bug_put_in_on_purpose_is_noticed(name):
    with pytest.MonkeyPatch.context() as patch:
        MUTATIONS[name](patch)
        for seed in range(TRIES):
            try:
                simulator.run(seed, faults=FAULTS[name], steps=45)
            except (simulator.Broken, SyncError):
                return
    pytest.fail(f"{name} was not noticed in {TRIES} seeds")
