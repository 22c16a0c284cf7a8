"""Conflicts: two people wrote the same cell without seeing each other; a person decides, nothing is discarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fieldapp.services.session import Session
from forms.engine import Cell


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
    raise NotImplementedError


def open_case(session: Session, root: str, row: tuple[str, ...], field: str) -> ConflictCase:
    """One conflict.

    Raises:
        NoConflict: already decided.
    """
    raise NotImplementedError


def take(session: Session, root: str, row: tuple[str, ...], field: str, index: int, reason: str) -> None:
    """采用这个: the head with this index; all heads that were shown are its parents.

    Raises:
        ReasonMissing, NotAllowed, NoConflict.
    """
    raise NotImplementedError


def other_value(session: Session, root: str, row: tuple[str, ...], field: str, value: str, reason: str) -> None:
    """都不对，另填: only the interview's own enumerator before hand-in, or whoever keeps the register."""
    raise NotImplementedError


def ask(session: Session, root: str, row: tuple[str, ...], field: str, index: int, text: str) -> None:
    """问这个人: a note to the author of one head."""
    raise NotImplementedError
