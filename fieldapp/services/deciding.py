"""Conflicts: two people wrote the same cell without seeing each other; a person decides, nothing is discarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import ChangedMeanwhile, NoConflict, NotAllowed, ReasonMissing
from fieldapp.services import periods
from fieldapp.services.fillings import path_of
from fieldapp.services.leasing import require_contact
from fieldapp.services.listing import staff_names
from fieldapp.services.session import Session
from fieldapp.services.static_labels import choice_label, household_label, household_value, question_label
from fieldapp.store import activity, root_states
from fieldapp.store.projections import at_of, text
from fieldapp.store.tables import (
    AssignmentRow,
    ChangeRow,
    ConflictItem,
    HouseholdRow,
    InterviewRow,
    Staff,
)
from fieldapp.words import _
from forms.engine import Cell, Form
from sync.change import Content, Dot, Meta, RootType, RowPath, Write
from sync.codec import open_sealed
from sync.merge import Head
from sync.records import (
    CellView,
    Conflict,
    ConflictClass,
    FormStatus,
    dots_of_row,
    drop_row,
    keep_row,
    note,
    take_value,
    view,
)
from sync.scope import Role, register_feed

_DECIDERS = (Role.ENUM, Role.VSEC, Role.TSUP, Role.CADM)
_BEFORE_SUBMIT = (
    int(FormStatus.ASSIGNED),
    int(FormStatus.DRAFT),
    int(FormStatus.CHECKED),
    int(FormStatus.RETURNED_TOWNSHIP),
    int(FormStatus.RETURNED_COUNTY),
)


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One cell with several values."""

    root: str
    root_type: str  # interview, household, assignment
    row: tuple[str, ...]
    field: str
    household: str
    head_name: str
    place: str  # 双河二组
    number: str  # QD5, "" for the register
    label: str
    kind: str  # cell, group, edit-vs-delete, duplicate
    found_at: datetime
    state: str  # 等您定 / 在等人
    may_decide: bool


@dataclass(frozen=True, slots=True)
class HeadCard:
    """One of the values."""

    index: int
    value: object
    value_label: str
    who: str
    role: str
    device: str
    at: datetime
    note: str
    shown: bool  # the one lists show now


@dataclass(frozen=True, slots=True)
class ConflictCase:
    """A conflict laid out for deciding."""

    row: ConflictRow
    cell: Cell | None
    base_label: str  # what both saw before, "" nothing
    base_words: str
    heads: tuple[HeadCard, ...]
    history: tuple[tuple[datetime, str], ...]
    earlier: tuple[tuple[str, str], ...]  # period label, value
    neighbours: tuple[tuple[str, str], ...]  # label, value of the questions around
    other_allowed: bool  # a third value: own interview before hand-in, or keeper of the register


def conflicts(session: Session) -> tuple[ConflictRow, ...]:
    """Conflicts in this person's scope, newest first."""
    session.require("看冲突", *_DECIDERS)
    require_contact(session, "看冲突")
    with session.database.reading() as reading:
        items = list(reading.exec(select(ConflictItem).order_by(col(ConflictItem.found_at).desc())))
        rows = [_row(session, reading, item) for item in items]
    return tuple(row for row in rows if row is not None)


def _row(session: Session, reading: SqlSession, item: ConflictItem) -> ConflictRow | None:
    root_type, household, interview = _place(reading, item.root)
    if household is None:
        return None
    if session.role is not Role.CADM and household.village_code not in session.village_codes:
        return None
    if session.role is Role.VSEC and root_type != RootType.HOUSEHOLD:
        return None
    row: RowPath = tuple(item.row_path.split("/")) if item.row_path else ()
    number, label = "", household_label(item.field)
    if interview is not None:
        form = session.load_form(interview.form_hash)
        node = form.find_node(path_of(form, item.field))
        number = (node.number or "") if node is not None else ""
        label = question_label(form, path_of(form, item.field)) if node is not None else label
    if row and root_type == RootType.HOUSEHOLD:
        named = text(session.changes.view(reading, item.root), "mem_name", row)
        label = f"{named} {label}" if named else label
    allowed = _may_decide(session, root_type, interview)
    return ConflictRow(
        root=item.root,
        root_type=root_type,
        row=row,
        field=item.field,
        household=household.root,
        head_name=household.head_name,
        place=f"{household.village_name}{household.grp}",
        number=number,
        label=label,
        kind=item.kind,
        found_at=item.found_at,
        state=_("等您定") if allowed else _("在等人"),
        may_decide=allowed,
    )


def _place(reading: SqlSession, root: str) -> tuple[str, HouseholdRow | None, InterviewRow | None]:
    interview = reading.get(InterviewRow, root)
    if interview is not None:
        return RootType.INTERVIEW, reading.get(HouseholdRow, interview.household), interview
    assignment = reading.get(AssignmentRow, root)
    if assignment is not None:
        return RootType.ASSIGNMENT, reading.get(HouseholdRow, assignment.household), None
    return RootType.HOUSEHOLD, reading.get(HouseholdRow, root), None


def _may_decide(session: Session, root_type: str, interview: InterviewRow | None) -> bool:
    """The enumerator before hand-in, the supervisor after, the county after acceptance; of the register who keeps it."""
    if root_type == RootType.HOUSEHOLD:
        return session.role in (Role.VSEC, Role.TSUP, Role.CADM)
    if root_type == RootType.ASSIGNMENT or interview is None:
        return session.role in (Role.TSUP, Role.CADM)
    if interview.status in _BEFORE_SUBMIT:
        return session.role is Role.ENUM and interview.enumerator == session.account
    if interview.status >= int(FormStatus.LOCKED):
        return session.role is Role.CADM
    return session.role in (Role.TSUP, Role.CADM)


def _standing(session: Session, reading: SqlSession, root: str, row: RowPath, field: str) -> Conflict:
    for conflict in session.changes.view(reading, root).conflicts:
        if conflict.row == row and conflict.field == field:
            return conflict
    raise NoConflict("already decided")


def _shown(session: Session, reading: SqlSession, root: str, conflict: Conflict) -> tuple[Dot, ...]:
    """What a decision of this conflict would replace, as it stands now."""
    dots = tuple(head.dot for head in conflict.heads)
    if conflict.kind is ConflictClass.EDIT_VS_DELETE:
        dots += dots_of_row(session.changes.state(reading, root), conflict.row)
    return dots


def _check_seen(session: Session, reading: SqlSession, root: str, conflict: Conflict) -> None:
    """Refuses what has come in since the case was opened: seen by nobody, it must be neither taken nor named as a parent."""
    shown = _shown(session, reading, root, conflict)
    if session.seen.get(("conflict", root, conflict.row, conflict.field), shown) != shown:
        raise ChangedMeanwhile("other heads than were shown")


def open_case(session: Session, root: str, row: tuple[str, ...], field: str) -> ConflictCase:
    """One conflict.

    Raises:
        NoConflict: already decided.
    """
    session.require("看冲突", *_DECIDERS)
    require_contact(session, "看冲突")
    with session.database.reading() as reading:
        item = reading.get(ConflictItem, (root, "/".join(row), field))
        listed = _row(session, reading, item) if item is not None else None
        if listed is None:
            raise NoConflict("already decided, or outside the scope")
        conflict = _standing(session, reading, root, row, field)
        session.seen["conflict", root, row, field] = _shown(session, reading, root, conflict)
        interview = _place(reading, root)[2]
        form = session.load_form(interview.form_hash) if interview is not None else None
        roles = {one.account: one.role for one in reading.exec(select(Staff))}
        names = staff_names(reading)
        base = _base(reading, root, row, field, conflict.heads)
        cards = []
        for index, head in enumerate(conflict.heads):
            role = roles.get(head.actor, "")
            cards.append(
                HeadCard(
                    index=index,
                    value=head.value,
                    value_label=_words(form, field, head.value, conflict.kind),
                    who=names.get(head.actor, head.actor),
                    role=_(Role(role).zh) if role else "",
                    device=_("本机") if head.dot[0] == session.replica else _("别的电脑"),
                    at=at_of(head.hlc),
                    note=_note_of(reading, root, row, field, head.actor),
                    shown=index == 0,
                )
            )
        cell = Cell(path_of(form, field), row) if form is not None and not field.startswith("~") else None
        return ConflictCase(
            row=listed,
            cell=cell,
            base_label=_words(form, field, base.value, conflict.kind) if base else "",
            base_words=f"{names.get(base.actor, base.actor)} {at_of(base.hlc):%Y-%m-%d}" if base else "",
            heads=tuple(cards),
            history=_history(form, reading, root, row, field, names, conflict.kind),
            earlier=_earlier(session, reading, interview, form, field, row),
            neighbours=(),
            other_allowed=_other_allowed(session, listed.root_type, interview),
        )


def _words(form: Form | None, field: str, value: object, kind: ConflictClass) -> str:
    if kind is ConflictClass.EDIT_VS_DELETE:
        return _("删掉这一行") if isinstance(value, list) else _("留着这一行")
    parts = value if isinstance(value, list) else [value]
    shown = []
    for place, part in enumerate(parts):
        if part in (None, ""):
            continue
        if form is None:
            shown.append(household_value(field, str(part)))
        else:
            members = form.register(path_of(form, field))
            path = members[place] if place < len(members) else members[0]
            if path.endswith("__st"):
                shown.append({"8": _("不清楚"), "9": _("拒答")}.get(str(part), ""))
            elif not path.endswith("__ok"):
                shown.append(choice_label(form, path, str(part)))
    return " ".join(one for one in shown if one) or _("没填")


def _writes_of(reading: SqlSession, root: str, row: RowPath, field: str) -> list[tuple[ChangeRow, Write]]:
    """Every write to a cell, oldest first, from the log."""
    found = []
    for line in reading.exec(select(ChangeRow).where(ChangeRow.root == root).order_by(col(ChangeRow.hlc))):
        for write in open_sealed(line.raw).writes:
            if write.row == row and write.field == field:
                found.append((line, write))
    return found


def _base(reading: SqlSession, root: str, row: RowPath, field: str, heads: tuple[Head, ...]) -> Head | None:
    """What all of them saw before they wrote: a parent common to every head."""
    by_dot: dict[Dot, tuple[ChangeRow, Write]] = {
        (line.replica, line.seq): (line, write) for line, write in _writes_of(reading, root, row, field)
    }
    common: set[Dot] | None = None
    for head in heads:
        parents = set(by_dot[head.dot][1].prev) if head.dot in by_dot else set()
        common = parents if common is None else common & parents
    for dot in sorted(common or ()):
        if dot in by_dot:
            line, write = by_dot[dot]
            return Head(dot, write.value, line.hlc, line.actor)
    return None


def _history(
    form: Form | None,
    reading: SqlSession,
    root: str,
    row: RowPath,
    field: str,
    names: dict[str, str],
    kind: ConflictClass,
) -> tuple[tuple[datetime, str], ...]:
    return tuple(
        (at_of(line.hlc), f"{names.get(line.actor, line.actor)} → {_words(form, field, write.value, kind)}")
        for line, write in reversed(_writes_of(reading, root, row, field))
    )


def _note_of(reading: SqlSession, root: str, row: RowPath, field: str, actor: str) -> str:
    """What the author wrote beside it: the remark on the question."""
    said = [write for line, write in _writes_of(reading, root, row, f"{field}@comment") if line.actor == actor]
    return str(said[-1].value or "") if said else ""


def _earlier(
    session: Session,
    reading: SqlSession,
    interview: InterviewRow | None,
    form: Form | None,
    field: str,
    row: RowPath,
) -> tuple[tuple[str, str], ...]:
    if interview is None or form is None:
        return ()
    query = select(InterviewRow).where(
        InterviewRow.household == interview.household, InterviewRow.form_id == interview.form_id
    )
    rows = sorted(reading.exec(query), key=lambda one: periods.order_key(one.period), reverse=True)
    found = []
    for one in rows:
        cell = session.changes.view(reading, one.root).cells.get((row, field))
        if cell is not None and one.root != interview.root:
            found.append((periods.short_title(one.period), _words(form, field, cell.value, ConflictClass.CELL)))
    return tuple(found[:6])


def _other_allowed(session: Session, root_type: str, interview: InterviewRow | None) -> bool:
    if root_type == RootType.HOUSEHOLD:
        return session.role in (Role.VSEC, Role.TSUP, Role.CADM)
    return interview is not None and interview.status in _BEFORE_SUBMIT and interview.enumerator == session.account


def take(session: Session, root: str, row: tuple[str, ...], field: str, index: int, reason: str) -> None:
    """采用这个: the head with this index; all heads that were shown are its parents.

    Raises:
        ReasonMissing, NotAllowed, NoConflict. ChangedMeanwhile: another value has arrived since :func:`open_case`.
    """
    _decide(session, root, row, field, reason, index=index)


def other_value(session: Session, root: str, row: tuple[str, ...], field: str, value: str, reason: str) -> None:
    """都不对，另填: only the interview's own enumerator before hand-in, or whoever keeps the register."""
    _decide(session, root, row, field, reason, value=value)


def _decide(
    session: Session,
    root: str,
    row: RowPath,
    field: str,
    reason: str,
    *,
    index: int | None = None,
    value: str = "",
) -> None:
    session.require("定冲突", *_DECIDERS)
    require_contact(session, "定冲突")
    if not reason.strip():
        raise ReasonMissing("a decision names its reason")
    with session.database.transaction() as writing:
        root_type, household, interview = _place(writing, root)
        if household is None:
            raise NoConflict("root not here")
        outside = session.role is not Role.CADM and household.village_code not in session.village_codes
        if outside or not _may_decide(session, root_type, interview):
            raise NotAllowed("not this person's to decide", role=session.role.zh, deed="定这一格")
        if index is None and not _other_allowed(session, root_type, interview):
            raise NotAllowed("no third value", role=session.role.zh, deed="另填一个数")
        conflict = _standing(session, writing, root, row, field)
        _check_seen(session, writing, root, conflict)
        if index is not None and not 0 <= index < len(conflict.heads):
            raise NoConflict("no such head")
        if conflict.field == Meta.REVIEW:
            raise NotAllowed("reviews are decided at the review desk", role=session.role.zh, deed="在这里定审核结论")
        content = _decision(writing, root, conflict, reason.strip(), index, value)
        feed = session.changes.feed_of_root(writing, root, root_type) or register_feed(household.village_code)
        before = session.changes.view(writing, root).content_digest
        session.changes.write(writing, content, root=root, root_type=root_type, feed=feed)
        if session.seen.get(("sheet", root)) == before:
            # Who had read the sheet knows what he has just decided in it.
            session.seen["sheet", root] = session.changes.view(writing, root).content_digest
        activity.note(writing, session.now(), session.account, "resolve", root)


def _decision(
    writing: SqlSession,
    root: str,
    conflict: Conflict,
    reason: str,
    index: int | None,
    value: str,
) -> Content:
    if conflict.kind is ConflictClass.EDIT_VS_DELETE:
        state = root_states.read(writing, root)
        drop = index is not None and isinstance(conflict.heads[index].value, list)
        roster = next(
            (name for (name, _), rows in view(state).rows.items() if any(r.row == conflict.row for r in rows)), ""
        )
        return drop_row(state, conflict.row, roster, reason) if drop else keep_row(state, conflict.row, reason)
    seen = CellView(conflict.heads[0].value, conflict.heads, True)
    chosen: object = conflict.heads[index].value if index is not None else value
    if index is None and isinstance(conflict.heads[0].value, list):
        chosen = [value, *conflict.heads[0].value[1:]]
    return take_value(seen, conflict.row, conflict.field, chosen, reason)


def ask(session: Session, root: str, row: tuple[str, ...], field: str, index: int, text: str) -> None:
    """问这个人: a note to the author of one head."""
    session.require("问填的人", Role.TSUP, Role.CADM)
    require_contact(session, "问填的人")
    if not text.strip():
        raise ReasonMissing("nothing asked")
    with session.database.transaction() as writing:
        root_type, _, _ = _place(writing, root)
        conflict = _standing(session, writing, root, row, field)
        _check_seen(session, writing, root, conflict)
        to = conflict.heads[index].actor
        feed = session.changes.feed_of_root(writing, root, root_type)
        content = note(text.strip(), row, field, to=to)
        session.changes.write(writing, content, root=root, root_type=root_type, feed=feed)
