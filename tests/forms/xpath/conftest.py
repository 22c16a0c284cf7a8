"""Zones for the date tests. The probe holds our answers to those of other engines, which lie outside the repository."""

import os
import time
from collections.abc import Callable, Iterator

import pytest

from forms.engine.xpath import values

collect_ignore = [] if os.environ.get("FIELDAPP_ENGINE_PEER") else ["test_probe.py"]


def _local_zone_changed() -> None:
    time.tzset()
    values.text_to_number.cache_clear()
    values.text_to_comparable.cache_clear()


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the zone of the process for one test."""

    def choose(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        _local_zone_changed()

    yield choose
    monkeypatch.undo()
    _local_zone_changed()
