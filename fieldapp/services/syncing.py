"""交接: one exchange with the county server, and what is still on this laptop alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from fieldapp.services.session import Session


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an exchange stands."""

    phase: str  # greeting, sending, receiving, checking, done
    sentence: str
    done: int
    total: int  # 0 unknown


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one exchange did."""

    at: datetime
    ok: bool
    cancelled: bool
    sent: int  # changes
    sent_households: int
    received: int
    received_households: int
    quarantined: int
    new_conflicts: int
    returned: int  # interviews that came back
    new_assignments: int
    sentences: tuple[str, ...]  # for the person, in order


@dataclass(frozen=True, slots=True)
class Unsent:
    """What exists on this laptop alone."""

    drafts: int  # roots with answers not yet sealed
    changes: int
    households: int
    handed_in: int  # interviews handed in and not yet handed over
    quarantined: int


@dataclass(frozen=True, slots=True)
class SyncLine:
    """A line of the readable log."""

    at: datetime
    sentence: str
    tone: str  # "", ok, soft, hard


def exchange(
    session: Session, *, progress: Callable[[Progress], None] | None = None, cancel: Event | None = None
) -> SyncReport:
    """Seals drafts, sends what the county has not, takes what is new.

    Raises:
        ServerUnreachable: nothing is lost; the next exchange goes on from here.
    """
    raise NotImplementedError


def unsent(session: Session) -> Unsent:
    """Counts for the status bar."""
    raise NotImplementedError


def last_exchange(session: Session) -> SyncReport | None:
    """The last exchange that came to an end."""
    raise NotImplementedError


def log(session: Session, limit: int = 200) -> tuple[SyncLine, ...]:
    """The readable log, newest first."""
    raise NotImplementedError
