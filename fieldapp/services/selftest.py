"""fieldapp self-test: does everything work on this computer, in one minute, touching nothing of the person's data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelfTestLine:
    """One step."""

    name: str
    ok: bool
    sentence: str
    duration_ms: int


def run() -> Iterator[SelfTestLine]:
    """Opens a store in a temporary folder, loads a form, answers, prints a page, merges a change."""
    raise NotImplementedError
