"""Lists as functions of merged states: one root in, its rows out. Dropping all of it and projecting every root again gives the
same rows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any, Protocol

from sqlalchemy import delete
from sqlmodel import Session, col

from fieldapp.store import drafts
from fieldapp.store.pinyin import pinyin_of
from fieldapp.store.tables import (
    AssignmentRow,
    ConflictItem,
    HouseholdRow,
    InterviewRow,
    MemberRow,
    VillageRow,
)
from sync.change import Kind, Meta, RootType, Value
from sync.clock import hlc_ms
from sync.merge import RootState
from sync.records import Conflict, FormStatus, RootView, RowView, view

ROSTER = "member"
CLOSED = "closed"  # field of an assignment: {"outcome": code, "by": account, "on": day, "words": why}
LARGEST = 2**63 - 1


def at_of(hlc: int) -> datetime:
    """The wall clock in a hybrid clock value, aware UTC; a laptop's wild clock stays within what a calendar holds."""
    return datetime.fromtimestamp(min(hlc_ms(hlc), 253402300799000) / 1000, UTC)


def project(session: Session, state: RootState, seen: RootView | None = None) -> RootView:
    """Writes the rows of one root."""
    shown = seen or view(state)
    root_type = shown.root_type
    if not root_type:
        # Begun and not sealed yet: lists show it from its drafts.
        opened = drafts.open_change(session, state.root)
        root_type = opened.root_type if opened is not None else ""
    match root_type:
        case RootType.HOUSEHOLD:
            _household(session, shown)
        case RootType.ASSIGNMENT:
            _assignment(session, shown)
        case RootType.INTERVIEW:
            _interview(session, state, shown)
        case _:
            pass
    _conflicts(session, shown)
    return shown


def village_of(shown: Showing) -> str:
    """The village of a household root, "" for others."""
    return text(shown, "cov_village_code") or text(shown, "hh_id")[:12]


def text(shown: Showing, field: str, row: tuple[str, ...] = ()) -> str:
    """A value as text; "" for blank. Of a register the main member."""
    value = shown.value(field, row)
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)


def _conflicts(session: Session, shown: RootView) -> None:
    session.execute(delete(ConflictItem).where(col(ConflictItem.root) == shown.root))
    for conflict in shown.conflicts:
        newest = max((head.hlc for head in conflict.heads), default=0)
        session.add(
            ConflictItem(
                root=shown.root,
                row_path="/".join(conflict.row),
                field=conflict.field,
                kind=str(conflict.kind),
                found_at=at_of(newest),
            )
        )


def _household(session: Session, shown: RootView) -> None:
    session.execute(delete(MemberRow).where(col(MemberRow.root) == shown.root))
    named = session.get(VillageRow, village_of(shown))
    household, members = household_lines(shown, named.name if named else "")
    session.add_all(MemberRow(**line) for line in members)
    session.merge(HouseholdRow(**household))


class Showing(Protocol):
    """What the lists read of a root: a ``RootView``, or what stands for one."""

    @property
    def root(self) -> str: ...
    @property
    def conflicts(self) -> tuple[Conflict, ...]: ...
    def value(self, field: str, row: tuple[str, ...] = ()) -> Value: ...
    def roster(self, roster: str, parent: tuple[str, ...] = ()) -> tuple[RowView, ...]: ...


def household_lines(shown: Showing, village_name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The lines of a household root in the lists: of ``HouseholdRow`` and of ``MemberRow``, by column.

    Args:
        village_name: as the county feed names its village; "" when it does not, then the household's own word counts.
    """
    members: list[dict[str, Any]] = []
    for row in shown.roster(ROSTER):
        left = text(shown, "mem_left", row.row)
        members.append(
            {
                "root": shown.root,
                "person_uid": row.row[-1],
                "mem_no": text(shown, "mem_no", row.row),
                "name": text(shown, "mem_name", row.row),
                "relation": text(shown, "mem_relation", row.row),
                "sex": text(shown, "mem_sex", row.row),
                "birth": text(shown, "mem_birth", row.row),
                "id_tail": text(shown, "mem_idno", row.row)[-4:],
                "gone": bool(left) and left != "0",
            }
        )
    hh_id = text(shown, "hh_id")
    head = text(shown, "hh_head_name")
    initials, syllables = pinyin_of(head)
    living = [member for member in members if not member["gone"]]
    before = text(shown, "hh_id_before")
    pieces = [head, *initials, *syllables, hh_id[-4:], hh_id, text(shown, "cov_group"), text(shown, "hh_phone")[-4:]]
    pieces += [piece for number in before.split() for piece in (number, number[-4:])]
    for member in living:
        pieces += [member["name"], *pinyin_of(member["name"])[0], member["id_tail"]]
    household = {
        "root": shown.root,
        "hh_id": hh_id,
        "hh_no": text(shown, "cov_hh_no") or hh_id[-4:],
        "village_code": village_of(shown),
        "village_name": village_name or text(shown, "cov_village_name"),
        "grp": text(shown, "cov_group"),
        "head_name": head,
        "head_pinyin": " ".join((*initials, *syllables)),
        "phone": text(shown, "hh_phone"),
        "address": text(shown, "hh_address"),
        "hh_type": text(shown, "hh_type_now") or text(shown, "hh_type_frame"),
        "members": len(living),
        "search": "|" + "|".join(piece.lower() for piece in dict.fromkeys(pieces) if piece) + "|",
        "short_code": hh_id[-10:],  # what a printed short code stands for (printing/short_code.py)
        "n_conflict": len(shown.conflicts),
        "state": text(shown, "hh_state") or "1",
        "ended_to": text(shown, "merged_into") or text(shown, "hh_moved_to"),
        "sample_role": text(shown, "cov_sample_role"),
        "numbers_before": before,
    }
    return household, members


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _assignment(session: Session, shown: RootView) -> None:
    newest = max((cell.heads[0].hlc for cell in shown.cells.values() if cell.heads), default=0)
    session.merge(
        AssignmentRow(
            root=shown.root,
            household=text(shown, "household"),
            form_id=text(shown, "form_id"),
            period=text(shown, "period"),
            enumerator=text(shown, "enumerator"),
            due_on=_day(text(shown, "due_on")),
            visit_at=_moment(text(shown, "visit_at")),
            remark=text(shown, "visit_remark"),
            hlc=min(newest, LARGEST),
            closed=_closed(shown),
        )
    )


def _closed(shown: RootView) -> str:
    """The result that the office gave an assignment on which nobody can work any more."""
    said = shown.value(CLOSED)
    return str(said.get("outcome") or "") if isinstance(said, dict) else ""


def _interview(session: Session, state: RootState, shown: RootView) -> None:
    meta = {
        name: text(shown, name) for name in (Meta.HOUSEHOLD, Meta.ASSIGNMENT, Meta.FORM, Meta.FORM_HASH, Meta.PERIOD)
    }
    opened = drafts.open_change(session, shown.root)
    status = shown.status
    author = shown.cells[(), Meta.FORM].heads[0].actor if ((), Meta.FORM) in shown.cells else ""
    if opened is not None:
        meta |= {op.path: op.value for op in drafts.ops_of(session, shown.root) if op.path in meta and op.op == "set"}
        author = author or opened.actor
        if status in (FormStatus.UNASSIGNED, FormStatus.ASSIGNED, FormStatus.CHECKED):
            status = FormStatus.DRAFT
    submits = [review for review in shown.reviews if review.kind == Kind.SUBMIT]
    returns = [review for review in shown.reviews if review.kind == Kind.RETURN]
    decided = [review for review in shown.reviews if review.kind in (Kind.APPROVE, Kind.LOCK)]
    body = dict(state.events[submits[-1].dot].body) if submits else {}
    assignment = session.get(AssignmentRow, meta[Meta.ASSIGNMENT]) if meta[Meta.ASSIGNMENT] else None
    session.merge(
        InterviewRow(
            root=shown.root,
            household=meta[Meta.HOUSEHOLD],
            assignment=meta[Meta.ASSIGNMENT],
            form_id=meta[Meta.FORM],
            form_hash=meta[Meta.FORM_HASH],
            period=meta[Meta.PERIOD],
            status=int(status),
            enumerator=author or (assignment.enumerator if assignment else ""),
            version=len(submits),
            returns=len(returns),
            handed_in_at=at_of(submits[-1].hlc) if submits else None,
            returned_at=at_of(returns[-1].hlc) if returns else None,
            returned_by=returns[-1].actor if returns else "",
            returned_words=_return_words(returns[-1]) if returns else "",
            decided_at=at_of(decided[-1].hlc) if decided else None,
            duration_s=_whole(body.get("duration_s")),
            soft_noted=_whole(body.get("soft_noted")),
            states_8_9=_whole(body.get("states_8_9")),
            changed=_whole(body.get("changed")),
            n_conflict=len(shown.conflicts),
            figures=json.dumps(body.get("figures", {}), ensure_ascii=False),
            summary_hlc=min(submits[-1].hlc, LARGEST) if submits else 0,
        )
    )


def _return_words(review: object) -> str:
    words = str(getattr(review, "text", ""))
    pinned = [reason.text for reason in getattr(review, "reasons", ()) if reason.text and reason.field]
    return " ".join(dict.fromkeys([part for part in (words, *pinned) if part]))


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
