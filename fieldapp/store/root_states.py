"""Merged states of roots: kept as bytes in ``doc_state``, always rebuildable from the log."""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import Session, col, select

from fieldapp.store import control, projections
from fieldapp.store.tables import (
    AssignmentRow,
    ChangeRow,
    ConflictItem,
    DocState,
    HouseholdRow,
    InterviewRow,
    MemberRow,
)
from sync.codec import open_any
from sync.merge import RootState, empty, merge
from sync.records import RootView, view
from sync.snapshot import pack_state, unpack_state

_OF_A_ROOT = (ConflictItem, HouseholdRow, MemberRow, AssignmentRow, InterviewRow, DocState)


def read(session: Session, root: str) -> RootState:
    """The state of a root; empty when nothing is known of it."""
    row = session.get(DocState, root)
    return empty(root) if row is None else unpack_state(row.body)


def write(session: Session, state: RootState, form_version: str = "") -> RootView:
    """Keeps a state and projects it into the lists."""
    shown = view(state)
    row = session.get(DocState, state.root) or DocState(root=state.root, type="", body=b"", digest=b"")
    row.type = shown.root_type
    row.village = projections.village_of(shown)
    row.form_version = form_version or row.form_version
    row.body = pack_state(state)
    row.digest = state.digest
    row.n_conflict = len(shown.conflicts)
    row.status = int(shown.status)
    session.add(row)
    session.flush()
    projections.project(session, state, shown)
    control.project(session, state, shown)
    return shown


def of_log(session: Session, root: str, upto_hlc: int | None = None) -> RootState:
    """The state of a root from the log alone, optionally only of changes up to a clock value."""
    query = select(ChangeRow.raw, ChangeRow.hlc).where(
        ChangeRow.root == root,
        # Own work is shown whatever the county has decided about it so far (sync.md 3.6).
        (col(ChangeRow.origin) == "own") | col(ChangeRow.state).not_in(("held", "quarantined")),
    )
    state = empty(root)
    for raw, hlc in session.exec(query.order_by(col(ChangeRow.hlc))):
        if upto_hlc is None or hlc <= upto_hlc:
            state = merge(state, open_any(raw))
    return state


def unread_roots(session: Session) -> list[str]:
    """Roots in which a newer program has written what this one, or the one before it, could not read."""
    rows = session.exec(select(DocState.root, DocState.body)).all()
    return [root for root, body in rows if unpack_state(body).unread]


def rebuild(session: Session, root: str) -> None:
    """Drops what is derived of a root and makes it anew from the log."""
    for table in _OF_A_ROOT:
        session.execute(delete(table).where(col(table.root) == root))
    session.expire_all()
    state = of_log(session, root)
    if state.included or state.unread:
        form_version = session.exec(
            select(ChangeRow.form_version).where(ChangeRow.root == root, ChangeRow.form_version != "").limit(1)
        ).first()
        write(session, state, form_version or "")


def rebuild_all(session: Session) -> int:
    """Every projection from the log; returns the number of roots."""
    # Order matters: lists of households name villages, lists of interviews name assignments.
    order = {"control": 0, "form_pack": 1, "household": 2, "assignment": 3}
    for table in _OF_A_ROOT:
        session.execute(delete(table))
    session.expire_all()
    roots = session.exec(select(ChangeRow.root, ChangeRow.root_type).distinct()).all()
    for root, _ in sorted(roots, key=lambda one: (order.get(one[1], 4), one[0])):
        rebuild(session, root)
    return len(roots)
