"""Who interviews which household with which form in which period, and when the next visit is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from fieldapp.services.session import Session


@dataclass(frozen=True, slots=True)
class Assignment:
    """分派任务: work on one household given to one enumerator."""

    assignment: str  # root id (hex)
    household: str
    form_id: str
    form_title: str
    period: str
    enumerator: str  # account
    due_on: date | None
    visit_at: datetime | None
    interviews: tuple[str, ...]  # attempts; the first is the primary one
    status: int


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """An assignment to be made."""

    household: str
    form_id: str
    period: str
    enumerator: str
    due_on: date | None = None
    visit_at: datetime | None = None


def assign(session: Session, assignments: Iterable[NewAssignment]) -> tuple[str, ...]:
    """Makes assignments (supervisor, county). Returns their root ids.

    Raises:
        NotAllowed: another role, or a household outside the scope.
    """
    raise NotImplementedError


def reassign(session: Session, assignment: str, enumerator: str) -> None:
    """Gives the work to another enumerator; what the first has entered stays."""
    raise NotImplementedError


def plan_visit(session: Session, assignment: str, visit_at: datetime | None, remark: str = "") -> None:
    """约时间: the next visit to this household, with a word about it."""
    raise NotImplementedError


def assignments_of(session: Session, household: str) -> tuple[Assignment, ...]:
    """All assignments of a household, newest period first."""
    raise NotImplementedError


def find_assignment(session: Session, assignment: str) -> Assignment | None:
    """One assignment, None when it is not on this laptop."""
    raise NotImplementedError
