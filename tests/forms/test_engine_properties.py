"""Properties of the engine on random forms: whatever was answered in whatever order, the state is the one that the answers alone
make, and every step tells exactly what it did. What has to hold stands in ``properties/sequence.py``.

FIELDAPP_PROPERTY_RUNS sets how many forms are tried, each with a row of steps of its own: ``FIELDAPP_PROPERTY_RUNS=10000
pytest -n 2 tests/forms/test_engine_properties.py``. A run that fails is made small and printed with the command that repeats it.
"""

import os

import pytest

from tests.forms.properties.kinds import Tally
from tests.forms.properties.sequence import Run, walk
from tests.forms.properties.shrinking import report

RUNS = int(os.environ.get("FIELDAPP_PROPERTY_RUNS", "90"))
PART = 250
PARTS = [range(start, min(start + PART, RUNS)) for start in range(0, RUNS, PART)]


@pytest.mark.parametrize("seeds", PARTS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_after_every_step_all_is_as_if_computed_anew(seeds, record_property):
    tally = Tally()
    for run in map(Run, seeds):
        try:
            tally.take(run, walk(run))
        except Exception:  # whatever it is, it is a finding of this seed
            pytest.fail(report(run), pytrace=False)
    record_property("engine_properties", tally.as_data())
    if seeds.start == 0 and len(seeds) >= 90:
        assert not tally.missing(), "kinds of expressions that no run exercised"
