"""A plausible county without a real person in it, for training, demonstrations and benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fieldapp.services.session import Session
from forms.engine import Form, Interview


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was made."""

    households: int
    members: int
    interviews: int
    villages: tuple[str, ...]
    accounts: tuple[tuple[str, str, str], ...]  # account, name, role


def sample_laptop(
    folder: Path,
    *,
    households: int,
    waves: int,
    seed: int,
    passphrase: str,
    now: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SampleReport:
    """A laptop of its own with a made-up county in it: one person of each role, all with the same passphrase."""
    raise NotImplementedError


def fill_store(session: Session, *, households: int, waves: int, seed: int) -> SampleReport:
    """Writes a made-up county into an open store as real signed changes (county office only)."""
    raise NotImplementedError


def answer_plausibly(interview: Interview, form: Form, seed: int) -> int:
    """Walks the relevant questions of any form and answers by type, choices and constraints; returns how many answers."""
    raise NotImplementedError
