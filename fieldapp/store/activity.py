"""The activity log: every line holds the hash of the one before, so that deleting, editing or moving a line shows.

A line names accounts, roots and deeds; never an answer, a household's name or a number.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlmodel import Session, col, select

from fieldapp.store.tables import Activity

_START = bytes(32)


def note(session: Session, at: datetime, actor: str, deed: str, subject: str = "", detail: str = "") -> None:
    """Adds a line.

    Args:
        deed: what was done, in English: unlock, print, export, show, approve …
        subject: the root or document it was done to.
    """
    last = session.exec(select(Activity).order_by(col(Activity.n).desc()).limit(1)).first()
    n, before = (last.n + 1, last.hash) if last else (1, _START)
    moment = at.isoformat()
    digest = _digest(n, moment, actor, deed, subject, detail, before)
    session.add(
        Activity(n=n, at=moment, actor=actor, deed=deed, subject=subject, detail=detail, prev_hash=before, hash=digest)
    )


def first_broken_line(session: Session) -> int | None:
    """Number of the first line that does not follow from the one before; None when the whole chain holds."""
    before, expected = _START, 1
    for line in session.exec(select(Activity).order_by(col(Activity.n))):
        digest = _digest(line.n, line.at, line.actor, line.deed, line.subject, line.detail, before)
        if line.n != expected or line.prev_hash != before or line.hash != digest:
            return expected
        before, expected = line.hash, expected + 1
    return None


def lines(session: Session, limit: int = 200) -> list[Activity]:
    """The newest lines first."""
    return list(session.exec(select(Activity).order_by(col(Activity.n).desc()).limit(limit)))


def _digest(n: int, at: str, actor: str, deed: str, subject: str, detail: str, before: bytes) -> bytes:
    text = json.dumps([n, at, actor, deed, subject, detail, before.hex()], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).digest()
