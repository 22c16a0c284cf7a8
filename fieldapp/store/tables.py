"""The tables of the encrypted store (names of sync.md 3.4).

``change``, ``draft``, ``draft_op``, ``blob``, ``meta`` are precious; everything called a *projection* is a pure function of the
log of changes and can be dropped and rebuilt (``projections.py``). Roots, rows and hashes are hex text, replicas and change ids are
bytes, times are aware UTC, money is whole fen.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel):
    """Own metadata: the server's tables must not slip into the laptop's store."""

    metadata = MetaData(naming_convention=NAMING)


class Meta(Base, table=True):
    """Facts about the store itself: replica, next seq, clock, county, laptop keys."""

    __tablename__ = "meta"
    k: str = Field(primary_key=True)
    v: bytes = Field(sa_type=LargeBinary, repr=False)


class ChangeRow(Base, table=True):
    """A sealed change, own or received. Precious."""

    __tablename__ = "change"
    __table_args__ = (
        UniqueConstraint("replica", "seq"),
        CheckConstraint("state IN ('sealed','custody','admitted','durable','quarantined','held')", name="state"),
        CheckConstraint("origin IN ('own','feed','relay')", name="origin"),
        Index("ix_change_root", "root", "hlc"),
        Index("ix_change_own", "origin", "state"),
    )
    change_id: bytes = Field(primary_key=True, sa_type=LargeBinary)
    replica: bytes = Field(sa_type=LargeBinary)
    seq: int
    root: str
    root_type: str
    feed: str
    kind: str
    hlc: int
    actor: str
    form_version: str
    raw: bytes = Field(sa_type=LargeBinary, repr=False)
    origin: str
    state: str
    stored_at: datetime


class Quarantine(Base, table=True):
    """Bytes that were taken in and may not be merged: a fork, a bad signature, a change of no right."""

    __tablename__ = "quarantine"
    change_id: bytes = Field(primary_key=True, sa_type=LargeBinary)
    raw: bytes = Field(sa_type=LargeBinary, repr=False)
    reason: str
    opened_at: datetime


class Draft(Base, table=True):
    """The open change of one root: its save id derives the ids of new rows."""

    __tablename__ = "draft"
    root: str = Field(primary_key=True)
    root_type: str
    save_id: bytes = Field(sa_type=LargeBinary)
    form_hash: str
    actor: str
    started_at: datetime


class DraftOp(Base, table=True):
    """One unsealed write, on disk before 已保存 shows."""

    __tablename__ = "draft_op"
    __table_args__ = (
        CheckConstraint("op IN ('set','add','remove','move')", name="op"),
        Index("ix_draft_op_cell", "root", "path", "row_path"),
    )
    n: int | None = Field(default=None, primary_key=True)
    root: str = Field(foreign_key="draft.root", ondelete="CASCADE")
    op: str
    path: str  # generic path of the node; of the repeat for row operations
    row_path: str  # ids joined by "/", own id last for row operations
    value: str = Field(repr=False)  # the value; for add and move: the id of the sibling, "" none
    prev: str  # parents of the cell as JSON: [[replica hex, seq], …]
    at: datetime
    actor: str


class DocState(Base, table=True):
    """State of one root after merging all its changes. Projection."""

    __tablename__ = "doc_state"
    root: str = Field(primary_key=True)
    type: str = Field(index=True)
    village: str = ""
    form_version: str = ""
    body: bytes = Field(sa_type=LargeBinary, repr=False)
    digest: bytes = Field(sa_type=LargeBinary)
    n_conflict: int = 0
    status: int = 0


class ConflictItem(Base, table=True):
    """A cell with several heads. Projection."""

    __tablename__ = "conflict"
    root: str = Field(primary_key=True)
    row_path: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    kind: str
    found_at: datetime


class FeedCursor(Base, table=True):
    """How far a feed was taken in; moves in the same transaction as the data."""

    __tablename__ = "feed_cursor"
    feed: str = Field(primary_key=True)
    epoch: str
    vseq: int
    digest: bytes = Field(sa_type=LargeBinary)


class FeedPlace(Base, table=True):
    """What stands at one place of a feed: for digests and repair."""

    __tablename__ = "feed_place"
    feed: str = Field(primary_key=True)
    vseq: int = Field(primary_key=True)
    item_id: bytes = Field(sa_type=LargeBinary, index=True)
    kind: str
    fact: bytes = Field(default=b"", sa_type=LargeBinary, repr=False)


class Blob(Base, table=True):
    """Content-addressed bytes: photos, media of forms, pinned previous values."""

    __tablename__ = "blob"
    hash: str = Field(primary_key=True)
    size: int
    mime: str
    state: str
    have_map: bytes = Field(sa_type=LargeBinary)


class BlobPart(Base, table=True):
    """A piece of a blob."""

    __tablename__ = "blob_part"
    hash: str = Field(primary_key=True, foreign_key="blob.hash", ondelete="CASCADE")
    off: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary, repr=False)


class PinnedSnapshot(Base, table=True):
    """What an interview was begun with, for ever: params, base, prev, yoy, hist, register, and the heads shown."""

    __tablename__ = "pinned_snapshot"
    root: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    hash: str
    data: bytes = Field(sa_type=LargeBinary, repr=False)


class Certificate(Base, table=True):
    """Certificates signed by the county: of laptops and of people."""

    __tablename__ = "certificate"
    __table_args__ = (CheckConstraint("kind IN ('device','user')", name="kind"),)
    kind: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    raw: bytes = Field(sa_type=LargeBinary, repr=False)
    received_at: datetime


class Staff(Base, table=True):
    """People as the county feed names them. Projection of control roots and certificates."""

    __tablename__ = "staff"
    account: str = Field(primary_key=True)
    name: str
    role: str
    villages: str  # codes joined by blanks
    own: bool = False  # may sign in here


class VillageRow(Base, table=True):
    """Villages as the county feed names them."""

    __tablename__ = "village"
    code: str = Field(primary_key=True)
    name: str
    township: str = ""


class FormPack(Base, table=True):
    """A published questionnaire, and its compiled form for the engine that made it."""

    __tablename__ = "form_pack"
    hash: str = Field(primary_key=True)
    form_id: str = Field(index=True)
    version: str
    title: str
    xml: str = Field(repr=False)
    compiled: bytes = Field(sa_type=LargeBinary, repr=False)
    engine_version: int
    published_hlc: int
    root: str = ""


class HouseholdRow(Base, table=True):
    """A household in lists and search. Projection."""

    __tablename__ = "household_row"
    __table_args__ = (Index("ix_household_row_place", "village_code", "hh_no"),)
    root: str = Field(primary_key=True)
    hh_id: str = Field(index=True)
    hh_no: str
    village_code: str
    village_name: str
    grp: str
    head_name: str
    head_pinyin: str  # initials|syllables
    phone: str = Field(repr=False)
    address: str = Field(repr=False)
    hh_type: str
    members: int
    search: str = Field(repr=False)  # what a query is compared with, pieces between bars
    short_code: str = Field(index=True)
    n_conflict: int = 0
    state: str = "1"  # hh_state: what became of it
    ended_to: str = ""  # number of the household it went into, or the place it moved to
    sample_role: str = ""  # code of sample_role
    numbers_before: str = ""  # hh_ids it had before it was given another one, joined by blanks


class MemberRow(Base, table=True):
    """A member in lists and search. Projection."""

    __tablename__ = "member_row"
    root: str = Field(primary_key=True)
    person_uid: str = Field(primary_key=True)
    mem_no: str
    name: str
    relation: str
    sex: str
    birth: str
    id_tail: str = Field(repr=False)
    gone: bool = False


class AssignmentRow(Base, table=True):
    """An assignment. Projection."""

    __tablename__ = "assignment_row"
    __table_args__ = (Index("ix_assignment_row_who", "enumerator", "period"),)
    root: str = Field(primary_key=True)
    household: str = Field(index=True)
    form_id: str
    period: str
    enumerator: str
    due_on: date | None = None
    visit_at: datetime | None = None
    remark: str = ""
    hlc: int = 0
    closed: str = ""  # interview_outcome that the office gave it without an interview, "" none


class InterviewRow(Base, table=True):
    """An interview in lists. Projection, but for the columns of :class:`InterviewPlace`."""

    __tablename__ = "interview_row"
    __table_args__ = (
        Index("ix_interview_row_household", "household", "period"),
        Index("ix_interview_row_status", "status"),
    )
    root: str = Field(primary_key=True)
    household: str
    assignment: str = Field(index=True)
    form_id: str
    form_hash: str
    period: str
    status: int
    enumerator: str
    version: int = 0  # hand-ins so far
    returns: int = 0
    handed_in_at: datetime | None = None
    returned_at: datetime | None = None
    returned_by: str = ""
    returned_words: str = ""
    decided_at: datetime | None = None
    duration_s: int = 0
    soft_noted: int = 0
    states_8_9: int = 0
    changed: int = 0  # cells changed since the hand-in before
    n_conflict: int = 0
    figures: str = ""  # JSON of the figures handed in with it
    summary_hlc: int = 0


class InterviewPlace(Base, table=True):
    """Where a person left an interview on this laptop, and what its screen counted. Not sent."""

    __tablename__ = "interview_place"
    root: str = Field(primary_key=True)
    path: str = ""
    row_path: str = ""
    section: str = ""
    number: str = ""
    progress: int = 0
    hard: int = 0
    soft: int = 0
    left_at: datetime | None = None


class ParadataEvent(Base, table=True):
    """Times and moves while interviewing; never what was typed. Sealed at hand-in."""

    __tablename__ = "paradata_event"
    n: int | None = Field(default=None, primary_key=True)
    root: str = Field(index=True)
    at: datetime
    actor: str
    kind: str
    path: str
    row_path: str
    section: str
    duration_ms: int
    sealed: bool = False


class PrintRegister(Base, table=True):
    """What was printed, when, by whom, of which content."""

    __tablename__ = "print_register"
    n: int | None = Field(default=None, primary_key=True)
    household: str = Field(index=True)
    document: str
    version: int
    printed_at: datetime
    actor: str
    pages: int
    content: str  # JSON: digest of each part, to tell what changed since


class SyncLog(Base, table=True):
    """The readable log of exchanges."""

    __tablename__ = "sync_log"
    n: int | None = Field(default=None, primary_key=True)
    at: datetime
    sentence: str
    tone: str = ""
    report: str = ""  # JSON of the SyncReport on the closing line


class Activity(Base, table=True):
    """Who did what, each line holding the hash of the one before. Names no answer and no person of a household."""

    __tablename__ = "activity"
    n: int = Field(primary_key=True)
    at: str  # ISO 8601, as hashed
    actor: str
    deed: str
    subject: str
    detail: str
    prev_hash: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)


class Preference(Base, table=True):
    """A person's settings on this laptop."""

    __tablename__ = "preference"
    account: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str


class ClockObservation(Base, table=True):
    """What a county server's clock said, and how long the answer took."""

    __tablename__ = "clock_obs"
    n: int | None = Field(default=None, primary_key=True)
    at: datetime
    offset_ms: int
    round_trip_ms: int


class ControlFact(Base, table=True):
    """Facts of the county feed: parameters, windows, regions. Projection."""

    __tablename__ = "control_fact"
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    value: str
