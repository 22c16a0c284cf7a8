"""Times and moves while interviewing; never what was typed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from fieldapp.store.tables import ParadataEvent

_PAUSE = timedelta(minutes=5)


def add(session: Session, event: ParadataEvent) -> None:
    """Keeps one event, in the transaction of the answer it belongs to."""
    session.add(event)


def unsealed(session: Session, root: str) -> list[ParadataEvent]:
    """Events of an interview that have not been sent with a hand-in yet, in order."""
    query = select(ParadataEvent).where(ParadataEvent.root == root, col(ParadataEvent.sealed).is_(False))
    return list(session.exec(query.order_by(col(ParadataEvent.n))))


def mark_sealed(session: Session, root: str) -> None:
    """They went out with a hand-in."""
    session.execute(update(ParadataEvent).where(col(ParadataEvent.root) == root).values(sealed=True))


def working_time_s(moments: Sequence[datetime]) -> int:
    """Time spent at the keyboard: gaps longer than five minutes count as pauses and are left out.

    Args:
        moments: any order, aware.
    Returns:
        Whole seconds, 0 for none or one.
    """
    ordered = sorted(moments)
    gaps = (later - earlier for earlier, later in itertools.pairwise(ordered))
    return int(sum((gap for gap in gaps if gap <= _PAUSE), timedelta()).total_seconds())


def summary(events: Sequence[ParadataEvent]) -> dict[str, object]:
    """What goes out with a hand-in, at most a few hundred bytes: seconds by section, number of edits by kind."""
    sections: dict[str, list[datetime]] = {}
    kinds: dict[str, int] = {}
    for event in events:
        sections.setdefault(event.section, []).append(event.at)
        kinds[event.kind] = kinds.get(event.kind, 0) + 1
    return {
        "sections": {name: working_time_s(moments) for name, moments in sections.items()},
        "kinds": kinds,
        "started": events[0].at.isoformat() if events else "",
        "ended": events[-1].at.isoformat() if events else "",
    }
