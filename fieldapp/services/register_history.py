"""The history of a household and of a person: what happened, when, who wrote it down, in which interview. Read from the log, which nothing
rewrites; a correction is a line of its own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services import periods
from fieldapp.services.listing import listed_in_scope, staff_names
from fieldapp.services.register_views import Happening
from fieldapp.services.register_words import lines_of
from fieldapp.services.registering import READERS, open_register
from fieldapp.services.session import Session
from fieldapp.store import households
from fieldapp.store.projections import at_of
from fieldapp.store.tables import ChangeRow, InterviewRow
from sync.codec import open_sealed


def household_history(session: Session, household: str) -> tuple[Happening, ...]:
    """Everything that was registered of a household, newest first.

    Raises:
        NoSuchHousehold: not in this person's scope.
    """
    open_register(session, household)
    with session.database.reading() as reading:
        return tuple(_of_root(session, reading, household))


def person_history(session: Session, person_uid: str) -> tuple[Happening, ...]:
    """What happened to a person in whichever household of this person's scope, newest first."""
    session.require("看名册", *READERS)
    found: list[Happening] = []
    with session.database.reading() as reading:
        for row in households.of_person(reading, person_uid):
            if listed_in_scope(session, reading, pieces=[], root=row.root):
                found += [line for line in _of_root(session, reading, row.root) if line.person_uid == person_uid]
    return tuple(sorted(found, key=lambda line: line.at, reverse=True))


def _of_root(session: Session, reading: SqlSession, root: str) -> Iterator[Happening]:
    """Newest first, by the order of the log: a laptop whose clock was set back writes many changes in one millisecond."""
    shown = session.changes.view(reading, root)
    names = staff_names(reading)
    query = select(ChangeRow).where(ChangeRow.root == root).order_by(col(ChangeRow.hlc).desc())
    for row in reading.exec(query):
        change = open_sealed(row.raw)
        source = _source(reading, str(change.body.get("interview", "")))
        for code, uid, on, words in lines_of(change, shown, reading):
            yield Happening(
                at=at_of(row.hlc),
                who=names.get(row.actor, row.actor),
                on=on,
                code=code,
                person_uid=uid,
                words=words,
                source=source,
                household=root,
                note=str(change.body.get("note", "")),
            )


def _source(reading: SqlSession, interview: str) -> str:
    row = reading.get(InterviewRow, interview) if interview else None
    return periods.short_title(row.period) if row is not None else ""
