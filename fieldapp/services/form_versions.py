"""Versions of a questionnaire: an interview keeps its own until a person carries it over by a mapping that the county has reviewed.

compare, propose   forms/questionnaires/versions.py: what differs, and a mapping to look through
trial              the mapping tried on every interview held here; nothing is written, its digest is what is approved
publish            the county office sends the approved mapping to all laptops
migrate, undo      one interview is carried over, and back; answers without a place stay and are listed (sync.md 3.10)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import FieldAppError, NoSuchInterview, NotAllowed, ReadOnlyInterview
from fieldapp.services import snapshots
from fieldapp.services.codes import status_label
from fieldapp.services.fillings import path_of, saved_interview
from fieldapp.services.leasing import may_see, require_contact
from fieldapp.services.session import Session
from fieldapp.services.static_labels import choice_label, question_label
from fieldapp.store import activity, facts, form_packs, root_states
from fieldapp.store.drafts import Op, content_of
from fieldapp.store.sealing import parts_by_feed, register_lookup
from fieldapp.store.tables import ChangeRow, FormPack, HouseholdRow, InterviewRow
from fieldapp.words import _
from forms.engine import Cell, Form, Question
from forms.questionnaires.versions import (
    KEPT,
    BadMapping,
    Carried,
    Left,
    VersionMapping,
    Why,
    carry,
    check_mapping,
    field_of,
    unfit,
)
from sync.change import Content, Kind, Meta, RootType, RowPath, Write
from sync.codec import open_any
from sync.ids import content_id
from sync.records import FormStatus, RootView, view
from sync.scope import COUNTY_FEED, Role

FACTS = "mapping"  # kind of the control facts: "old new" → mapping as JSON
_OPEN = (
    int(FormStatus.DRAFT),
    int(FormStatus.CHECKED),
    int(FormStatus.RETURNED_TOWNSHIP),
    int(FormStatus.RETURNED_COUNTY),
)


class NotTried(FieldAppError):
    """A mapping is published without its trial having been looked at."""

    zh = "这份版本对照还没有试迁过，或试过之后又改了，没有下发；请先试迁，看过结果再批准。"


class NoMapping(FieldAppError):
    """No reviewed mapping leads from this interview's version to the newest."""

    zh = "这份卷的版本还没有县里批准的对照，照旧版接着填就行，资料没有动。"


class NothingToUndo(FieldAppError):
    """The interview has never been carried over."""

    zh = "这份卷没有迁移过，没有可退回的，资料没有动。"


@dataclass(frozen=True, slots=True)
class Version:
    """A published version: how many interviews here are filled in with it, and whether it is the newest."""

    hash: str
    version: str
    title: str
    interviews: int
    newest: bool


@dataclass(frozen=True, slots=True)
class LeftLine:
    """An answer that has no place in the interview's present version. Kept, and back when the interview goes back."""

    interview: str
    hh_id: str
    head_name: str
    period: str
    cell: Cell
    number: str
    label: str
    value: str
    value_label: str
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a mapping would do to the interviews held here.

    Attributes:
        digest: of the mapping and this outcome; what a person approves.
        approved: interviews among them that an approval stands on: it would have to be given again.
    """

    digest: str
    interviews: int
    approved: int
    carried: int
    left: tuple[LeftLine, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """What carrying one interview over did."""

    carried: int
    left: int
    sentence: str


def versions(session: Session, form_id: str) -> tuple[Version, ...]:
    """All versions published here, newest first."""
    with session.database.reading() as reading:
        packs = list(
            reading.exec(
                select(FormPack).where(FormPack.form_id == form_id).order_by(col(FormPack.published_hlc).desc())
            )
        )
        used = list(reading.exec(select(InterviewRow.form_hash).where(InterviewRow.form_id == form_id)))
        return tuple(
            Version(pack.hash, pack.version, pack.title, used.count(pack.hash), n == 0) for n, pack in enumerate(packs)
        )


# --- reviewing a mapping ----------------------------------------------------------------------------------------------


def trial(session: Session, mapping: VersionMapping) -> Trial:
    """Tries a mapping on every interview here that is filled in with the old version. Nothing is written.

    Raises:
        BadMapping, FormMissing.
    """
    session.require("试迁问卷", Role.CADM, Role.TSUP)
    require_contact(session, "试迁问卷")
    old, new = session.load_form(mapping.old), session.load_form(mapping.new)
    check_mapping(mapping, old, new)
    lines: list[LeftLine] = []
    interviews = approved = carried = 0
    parts = [mapping.to_json()]
    with session.database.reading() as reading:
        query = select(InterviewRow).where(InterviewRow.form_hash == mapping.old).order_by(col(InterviewRow.root))
        for row in reading.exec(query):
            shown = session.changes.view(reading, row.root)
            moved, left = carry(mapping, old, new, saved_interview(old, shown, ()).values)
            interviews += 1
            approved += row.status in (int(FormStatus.APPROVED), int(FormStatus.LOCKED))
            carried += len(moved)
            lines += [_line(reading, row, old, one) for one in left]
            parts.append(f"{row.root} {len(moved)} {len(left)}")
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
    sentence = _("{interviews} 份卷，{carried} 格换了位置或代码，{left} 格新版没有地方放、原样保留").format(
        interviews=interviews, carried=carried, left=len(lines)
    )
    if approved:
        sentence += _("；其中 {n} 份已经通过，迁移后要重新审").format(n=approved)
    return Trial(digest, interviews, approved, carried, tuple(lines), sentence)


def publish(session: Session, mapping: VersionMapping, seen: str) -> str:
    """Sends a mapping to all laptops once its trial has been looked at (county office).

    Args:
        seen: digest of the trial that the person approved.
    Raises:
        NotTried: another mapping, or other interviews, than were looked at.
    """
    session.require("批准版本对照", Role.CADM)
    if trial(session, mapping).digest != seen:
        raise NotTried("another trial")
    root = content_id(f"mapping:{mapping.old} {mapping.new}".encode()).hex()
    told: dict[str, str] = {
        "control": FACTS,
        "form_id": mapping.form_id,
        "old": mapping.old,
        "new": mapping.new,
        "mapping": mapping.to_json(),
        "reviewed_by": session.account,
        "reviewed_at": session.now().isoformat(),
    }
    with session.database.transaction() as writing:
        shown = session.changes.view(writing, root)
        writes = tuple(Write((), name, value, shown.prev(name)) for name, value in told.items())
        session.changes.write(
            writing, Content(Kind.EDIT, writes), root=root, root_type=RootType.CONTROL, feed=COUNTY_FEED
        )
        activity.note(writing, session.now(), session.account, "publish mapping", mapping.form_id, seen)
    return root


def mapping_onward(reading: SqlSession, row: InterviewRow) -> VersionMapping | None:
    """The reviewed mapping from an interview's version to the newest; None if it is the newest, or there is none."""
    newest = form_packs.newest(reading, row.form_id)
    if newest is None or newest.hash == row.form_hash:
        return None
    found = facts.read_facts(reading, FACTS).get(f"{row.form_hash} {newest.hash}")
    return VersionMapping.from_json(found) if found else None


def version_line(session: Session, interview: str) -> tuple[str, bool]:
    """What an interview says of its version, "" for the newest; and whether it can be carried over now."""
    with session.database.reading() as reading:
        row = reading.get(InterviewRow, interview)
        newest = form_packs.newest(reading, row.form_id) if row else None
        own = form_packs.find(reading, row.form_hash) if row else None
        if row is None or newest is None or own is None or newest.hash == own.hash:
            return "", False
        ready = mapping_onward(reading, row) is not None and row.status in _OPEN
    said = _("这份卷用的是旧版 {own}，现在新卷用 {newest}").format(own=own.version, newest=newest.version)
    if not ready:
        return _("{said}；照旧版填完就行").format(said=said), False
    return _("{said}；县里已批准对照，可以迁到新版").format(said=said), True


# --- carrying one interview over --------------------------------------------------------------------------------------


def migrate(session: Session, interview: str) -> Migrated:
    """Carries an interview over to the newest version by the reviewed mapping.

    The enumerator does it with an open interview of his own; the county office with any: an approval then has to be given again.

    Raises:
        NoMapping, ReadOnlyInterview, NotAllowed, NoSuchInterview.
    """
    session.require("迁移问卷", Role.ENUM, Role.CADM)
    with session.database.transaction() as writing:
        row = _own(session, writing, interview)
        mapping = mapping_onward(writing, row)
        if mapping is None:
            raise NoMapping("no mapping")
        session.changes.seal(writing, interview)
        done = _carry_over(session, writing, row, mapping)
        activity.note(writing, session.now(), session.account, "migrate", interview, mapping.new[:12])
    return done


def undo(session: Session, interview: str) -> Migrated:
    """Takes an interview back to the version it was carried over from: another migration, with what was kept in its place again.

    Raises:
        NothingToUndo, ReadOnlyInterview, NotAllowed, NoSuchInterview.
    """
    session.require("迁移问卷", Role.ENUM, Role.CADM)
    with session.database.transaction() as writing:
        row = _own(session, writing, interview)
        session.changes.seal(writing, interview)
        last = _last_migration(writing, interview)
        if last is None or last[0].new != row.form_hash:
            raise NothingToUndo("never carried over")
        mapping, hlc = last
        before = view(root_states.of_log(writing, interview, hlc - 1))
        done = _carry_over(session, writing, row, mapping.inverse(), _restored(session, mapping, before))
        activity.note(writing, session.now(), session.account, "undo migration", interview, mapping.old[:12])
    return done


def _own(session: Session, reading: SqlSession, interview: str) -> InterviewRow:
    row = reading.get(InterviewRow, interview)
    if row is None:
        raise NoSuchInterview("interview not here")
    if session.role is Role.ENUM:
        if row.enumerator != session.account:
            raise NotAllowed("another enumerator", role=session.name, deed="迁移别人的卷")
        if row.status not in _OPEN:
            raise ReadOnlyInterview("not open", reason=_("现在是“{status}”").format(status=status_label(row.status)))
    return row


def _restored(session: Session, mapping: VersionMapping, before: RootView) -> dict[Cell, tuple[str, str]]:
    """For going back: cell of the newer version → (what the migration wrote there, what stood in its place)."""
    old, new = session.load_form(mapping.old), session.load_form(mapping.new)
    carried, _left = carry(mapping, old, new, saved_interview(old, before, ()).values)
    return {one.new: (one.after, one.before) for one in carried}


def _carry_over(
    session: Session,
    writing: SqlSession,
    row: InterviewRow,
    mapping: VersionMapping,
    known: dict[Cell, tuple[str, str]] | None = None,
) -> Migrated:
    """Writes the ``migrate`` change: moved answers, and the version from here on."""
    old, new = session.load_form(mapping.old), session.load_form(mapping.new)
    shown = session.changes.view(writing, row.root)
    values = saved_interview(old, shown, ()).values
    carried, left = carry(mapping, old, new, values)
    carried = tuple(
        replace(one, after=known[one.old][1]) if known and known.get(one.old, ("", ""))[0] == one.before else one
        for one in carried
    )
    ops = _ops(old, new, mapping, shown, values, carried)
    content = content_of(ops, shown, register_lookup(new))
    meta = Write((), Meta.FORM_HASH, new.hash, shown.prev(Meta.FORM_HASH))
    body = {"from": mapping.old, "to": mapping.new, "mapping": mapping.to_json()}
    whole = Content(Kind.MIGRATE, (*content.writes, meta), body=body)
    feed = session.changes.feed_of_root(writing, row.root, RootType.INTERVIEW)
    save_id = session.changes.new_save_id()
    for part_feed, part in parts_by_feed(whole, new, feed):
        session.changes.write(
            writing, part, root=row.root, root_type=RootType.INTERVIEW, feed=part_feed, form_version=new.hash,
            save_id=save_id,
        )  # fmt: skip
    pinned = snapshots.pinned(writing, row.root)
    for name, data in snapshots.make(session, writing, new, row.household, row.form_id, row.period).items():
        if name not in pinned:  # what the newer version looks up and the older did not; what is pinned stays
            snapshots.pin(writing, row.root, name, data)
    sentence = _("已迁到 {version}：{carried} 格换了位置或代码，{left} 格原样保留").format(
        version=new.version or new.hash[:8], carried=len(carried), left=len(left)
    )
    return Migrated(len(carried), len(left), sentence)


def _ops(
    old: Form,
    new: Form,
    mapping: VersionMapping,
    shown: RootView,
    values: Mapping[Cell, str],
    carried: tuple[Carried, ...],
) -> list[Op]:
    """Writes of moved answers, each naming what it saw; and cells whose companions are others in the new version, written whole."""
    register_of = register_lookup(new)

    def op(cell: Cell, value: str) -> Op:
        name = field_of(new, cell.path)
        return Op("set", name, cell.rows, value, shown.prev(register_of(name)[0], cell.rows))

    ops = [op(one.new, one.after) for one in carried]
    written = {one.new for one in carried}
    for cell, value in values.items():
        source = field_of(old, cell.path)
        same = mapping.fields.get(source, source) == source and new.find_node(cell.path) is not None
        if same and cell not in written and old.register(cell.path) != new.register(cell.path):
            ops.append(op(cell, value))
    return ops


def _last_migration(reading: SqlSession, interview: str) -> tuple[VersionMapping, int] | None:
    """The mapping of the last migration, and its clock value."""
    query = select(ChangeRow.raw, ChangeRow.hlc).where(ChangeRow.root == interview, ChangeRow.kind == Kind.MIGRATE)
    found = reading.exec(query.order_by(col(ChangeRow.hlc).desc())).all()
    if not found:
        return None
    save_id = open_any(found[0][0]).save_id
    first = min(hlc for raw, hlc in found if open_any(raw).save_id == save_id)
    return VersionMapping.from_json(str(open_any(found[0][0]).body.get("mapping", ""))), first


# --- what has no place ------------------------------------------------------------------------------------------------


def unmapped(session: Session, interview: str) -> tuple[LeftLine, ...]:
    """Answers of this interview that its present version has no place for."""
    session.require("看问卷", Role.ENUM, Role.TSUP, Role.CADM)
    with session.database.reading() as reading:
        row = reading.get(InterviewRow, interview)
        if row is None:
            raise NoSuchInterview("interview not here")
        if not may_see(session, reading, row.household):
            return ()
        last = _last_migration(reading, interview)
        if last is None:
            return ()
        shown = session.changes.view(reading, interview)
        now, before = session.load_form(row.form_hash), session.load_form(last[0].old)
        values = saved_interview(before, shown, ()).values
        late = _late(reading, interview, last[0], before, now, values)
        late = [one for one in late if not _stands(now, shown, one)]
        found = [_line(reading, row, before, Left(one.old, one.before, Why.LATE)) for one in late]
        for cell, value in values.items():
            why = _why_left(last[0], before, now, cell, value)
            if why is not None:
                found.append(_line(reading, row, before, Left(cell, value, why)))
        return tuple(found)


def _late(
    reading: SqlSession, interview: str, mapping: VersionMapping, before: Form, now: Form, values: Mapping[Cell, str]
) -> list[Carried]:
    """Answers given in the old version by somebody who did not know yet that the interview had been carried over elsewhere."""
    told: dict[tuple[RowPath, str], list[str]] = {}
    query = select(ChangeRow.raw).where(ChangeRow.root == interview, ChangeRow.kind == Kind.MIGRATE)
    for raw in reading.exec(query):
        for write in open_any(raw).writes:
            value = write.value[0] if isinstance(write.value, list) and write.value else write.value
            told.setdefault((write.row, write.field), []).append(str(value))
    carried, _left = carry(mapping, before, now, values)
    moved = [one for one in carried if one.old != one.new]
    return [one for one in moved if one.after not in told.get((one.new.rows, field_of(now, one.new.path)), [one.after])]


def _stands(now: Form, shown: RootView, one: Carried) -> bool:
    """Whether the answer stands at its new place by now."""
    return saved_interview(now, shown, ()).values.get(one.new) == one.after


def _why_left(mapping: VersionMapping, before: Form, now: Form, cell: Cell, value: str) -> Why | None:
    path, mark, _suffix = cell.path.partition("@")
    node = before.find_node(path)
    if mark and node is not None and value:
        return Why.NO_PLACE if now.path_of(node.name) is None else None
    if not value or not isinstance(node, Question) or node.calculated or node.name.endswith(("__st", "__ok")):
        return None
    source = field_of(before, cell.path)
    if source.startswith(("meta/", "@")):
        return None
    target = mapping.fields.get(source, source)
    there = now.find_node(path_of(now, target)) if target != KEPT else None
    if not isinstance(there, Question):
        return Why.NO_PLACE
    return unfit(now, there, value) if target == source else None


def _line(reading: SqlSession, row: InterviewRow, form: Form, left: Left) -> LeftLine:
    household = reading.get(HouseholdRow, row.household)
    path = left.cell.path.partition("@")[0]
    node = form.find_node(path)
    said = left.value.rpartition("\x01")[2]  # a note carries what it was written about in front
    return LeftLine(
        interview=row.root,
        hh_id=household.hh_id if household else "",
        head_name=household.head_name if household else "",
        period=row.period,
        cell=left.cell,
        number=(node.number or node.name) if node else path,
        label=question_label(form, path),
        value=said,
        value_label=choice_label(form, path, said),
        why=_(str(left.why)),
    )


__all__ = [
    "BadMapping",
    "LeftLine",
    "Migrated",
    "Trial",
    "Version",
    "VersionMapping",
    "mapping_onward",
    "migrate",
    "publish",
    "trial",
    "undo",
    "unmapped",
    "version_line",
    "versions",
]
