"""Rows for analysis, with scope and masking by role, and an entry in the activity log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fieldapp.exporting.table import Table
from fieldapp.services.session import Session


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written."""

    files: tuple[Path, ...]
    interviews: int
    final: int  # without conflict and approved
    sentence: str


def tables(session: Session, form_id: str, period: str, *, identities: bool = False) -> tuple[Table, ...]:
    """Answers of one form and period as tables.

    Args:
        identities: names, identity numbers and telephones; county office only, noted in the log.
    Raises:
        NotAllowed.
    """
    raise NotImplementedError


def export(
    session: Session, folder: Path, *, form_id: str, period: str, file_format: str = "csv", identities: bool = False
) -> ExportReport:
    """Writes tables and a codebook to a folder outside the store. The files are not encrypted: screens ask first.

    Args:
        file_format: csv, xlsx, dta or sav.
    """
    raise NotImplementedError
