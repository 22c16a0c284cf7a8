"""One household is interviewed: begin or open, keep every answer, leave, hand in, note a visit.

Threads: :func:`begin`, :func:`open_interview`, :func:`hand_in_list` and everything on ``OpenInterview.interview`` belong to the
thread that holds the interview (the window's). :meth:`OpenInterview.save`, :meth:`OpenInterview.seal` and
:meth:`OpenInterview.remember_place` touch the database alone and may run on the database thread, in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fieldapp.services.session import Session
from forms.engine import Cell, Effects, Form, Interview


@dataclass(frozen=True, slots=True)
class Previous:
    """What stood in the same cell before; None where that interview did not ask, "" where it was left blank."""

    prev: str | None  # last quarter (or the last interview of this form)
    yoy: str | None  # same quarter last year
    base: str | None  # the year's baseline
    prev_label: str = ""  # the value in words: choice labels, thousands comma, 拒答, 不清楚, 没问
    yoy_label: str = ""
    base_label: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """Facts of the interview in hand, for the head of the screen."""

    interview: str  # root id (hex)
    household: str
    assignment: str
    hh_id: str
    head_name: str
    place: str  # 双河村三组
    form_id: str
    form_title: str
    period: str
    period_title: str
    version: int  # 1 before the first return
    status: int
    status_label: str
    readonly: bool
    readonly_reason: str  # why nothing can be typed, "" when it can
    first_of_its_kind: bool  # 首季，没有上季数
    prev_title: str  # 上季 26年二季 column heads
    yoy_title: str
    base_title: str


@dataclass(frozen=True, slots=True)
class PinnedComment:
    """What a reviewer said about a question, and the answers to it."""

    cell: Cell | None  # None: about the whole interview
    who: str
    at: datetime
    text: str
    cleared: bool


@dataclass(frozen=True, slots=True)
class TypingEvent:
    """Paradata of one answer: never what was typed."""

    kind: str  # answer, note, row_add, row_remove, move, enter_section, leave_section
    cell: Cell | None
    section: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class HandInItem:
    """One thing that stands before handing in."""

    cell: Cell
    number: str  # QA19
    kind: str  # hard, undecided, unconfirmed, required, constraint, soft
    sentence: str


@dataclass(frozen=True, slots=True)
class HandInList:
    """Whether this interview can be handed in, and the 本户小结 that is read back."""

    blocking: tuple[HandInItem, ...]
    soft_noted: int
    states_8_9: int
    hidden: int  # answers put away by a skip
    recap: tuple[tuple[str, str], ...]  # label, value

    @property
    def ready(self) -> bool:
        """Nothing blocks."""
        return not self.blocking


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """A visit without an interview: nobody home, refused, away."""

    outcome: str  # code of interview_outcome: 210, 310 …
    visited_at: datetime
    mode: str = "1"
    refuse_reasons: tuple[str, ...] = ()
    next_visit_on: date | None = None
    remark: str = ""


class OpenInterview:
    """An interview in hand. ``interview`` is the engine's filling; screens answer on it and pass its effects to :meth:`save`."""

    session: Session
    header: Header
    form: Form
    interview: Interview
    cursor: Cell | None  # where the person left it
    section: str  # path of the section left
    comments: tuple[PinnedComment, ...]

    def previous(self, cell: Cell) -> Previous:
        """The same cell in earlier interviews (rows by person, not by position). Cheap: everything was read at opening."""
        raise NotImplementedError

    def save(self, effects: Effects, event: TypingEvent | None = None) -> datetime:
        """Puts the effects on disk: one transaction for answers and paradata, fsynced when it returns.

        Returns:
            The moment for 已保存.
        Raises:
            ReadOnlyInterview: handed in, or somebody else's.
            DiskFull: nothing was written; the answer is still on screen.
        """
        raise NotImplementedError

    def remember_place(self, cell: Cell | None, section: str = "") -> None:
        """Where the cursor is, for coming back."""
        raise NotImplementedError

    def seal(self) -> None:
        """Turns the drafts into one signed change (leaving a section, switching user, before an exchange)."""
        raise NotImplementedError

    def leave(self) -> None:
        """Seals and closes. Always allowed."""
        raise NotImplementedError


def begin(session: Session, assignment: str) -> OpenInterview:
    """Begins the interview of an assignment, or opens the one there is: members of the living household stand in the roster
    under their lasting ids, slow facts are filled in and wait for confirmation.

    Raises:
        NotAllowed: not this enumerator's household.
        FormMissing: the questionnaire has not arrived yet.
    """
    raise NotImplementedError


def open_interview(session: Session, interview: str) -> OpenInterview:
    """Opens an interview where it was left; read-only when handed in or somebody else's (header says why)."""
    raise NotImplementedError


def hand_in_list(opened: OpenInterview) -> HandInList:
    """What still blocks handing in: hard checks failed or undecided, unconfirmed facts, blank required questions, soft checks
    without a note. Touches no disk."""
    raise NotImplementedError


def hand_in(opened: OpenInterview) -> None:
    """交卷: seals, writes the submit change and the changed slow facts to the living household.

    Raises:
        NotReady: with the counts; :func:`hand_in_list` names each.
    """
    raise NotImplementedError


def record_visit(session: Session, assignment: str, visit: VisitOutcome) -> str:
    """登记到访: a visit without an interview, in under 30 seconds. A final outcome (3xx, 4xx) also becomes the result of the
    interview, which can then be handed in. Returns the interview's root id."""
    raise NotImplementedError
