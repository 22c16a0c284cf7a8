"""Some seeds of the simulator in every run, and every bug put in on purpose as far as a few seeds find it.

``FIELDAPP_SIMULATOR_SEEDS`` says how many seeds; ``FIELDAPP_SIMULATOR_MUTATIONS=all`` looks for every mutation within 500 seeds
(``python -m tests.sync.simulator`` does both over several processes).
"""

from __future__ import annotations

import logging
import os

import pytest

from tests.sync import simulator
from tests.sync.mutations import MUTATIONS, caught

SEEDS = int(os.environ.get("FIELDAPP_SIMULATOR_SEEDS", "60"))
ALL = os.environ.get("FIELDAPP_SIMULATOR_MUTATIONS") == "all"
AT_ONCE = 20
QUICK = ("last_writer_wins", "acknowledged_before_stored", "quarantine_dropped", "scope_leak")


@pytest.fixture(autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_the_invariants_hold_whatever_goes_wrong(first):
    for seed in range(first, min(first + AT_ONCE, SEEDS)):
        try:
            simulator.run(seed)
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")


def test_a_seed_tells_the_same_story_again():
    assert simulator.run(7) == simulator.run(7)


@pytest.mark.parametrize("name", MUTATIONS if ALL else QUICK)
def test_a_bug_put_in_on_purpose_is_noticed(name):
    seed, _ = caught(name, 500 if ALL else 30)
    assert seed is not None, f"{name} was not noticed"
