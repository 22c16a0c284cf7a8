"""Household files and lists: collects what this role may see, lays it out, notes the print."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event

from fieldapp.services.session import Session


@dataclass(frozen=True, slots=True)
class Document:
    """Something that can be printed."""

    kind: str  # household_file, slip, blank_form, prefilled_form, village_list
    title: str
    remark: str


@dataclass(frozen=True, slots=True)
class PrintRow:
    """A household in the print centre."""

    household: str
    hh_no: str
    hh_id: str
    head_name: str
    group: str
    village_name: str
    hh_type_label: str
    printed_at: datetime | None
    version: int  # of the last print, 0 never
    changed_since: int
    conflicts: int
    selected: bool  # changed or never printed
    what: str  # 全部 / 没变 / 新


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF."""

    pdf: bytes
    pages: int
    households: int
    missing_glyphs: tuple[str, ...]


def documents(session: Session) -> tuple[Document, ...]:
    """What this role may print."""
    raise NotImplementedError


def print_rows(session: Session, *, village: str = "", group: str = "") -> tuple[PrintRow, ...]:
    """Households with what changed since their last print."""
    raise NotImplementedError


def household_file(session: Session, household: str, *, noted: bool = True) -> Printed:
    """一户一档 of one household as PDF, noted in the print register; ``noted=False`` is the preview on the screen."""
    raise NotImplementedError


def household_files(
    session: Session,
    households: Sequence[str],
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Event | None = None,
) -> Printed:
    """Household files of several households in one PDF. Cancelling leaves nothing half done.

    Args:
        progress: done, total, name of the household in work.
    Raises:
        Cancelled.
    """
    raise NotImplementedError


def blank_form(session: Session, form_id: str) -> Printed:
    """A blank questionnaire from the form itself."""
    raise NotImplementedError


def prefilled_form(session: Session, assignment: str) -> Printed:
    """A questionnaire with members and slow facts of one household filled in."""
    raise NotImplementedError
