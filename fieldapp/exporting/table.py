"""What every writer takes: named, labelled columns and rows of stored values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export.

    Attributes:
        name: variable name.
        label: question text.
        type: integer, decimal, text, date, select1 or select (several codes, separated by blanks).
        choices: (code, label) pairs of a choice question.
        sensitive: class of people-and-process.md 7.2, "" when none.
        versions: of the questionnaire that ask this, newest first; empty for columns that are no questions.
    """

    name: str
    label: str
    type: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    sensitive: str = ""
    versions: tuple[str, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether a column of labels stands beside it; states are read by their codes."""
        return bool(self.choices) and self.type != "state"

    def words(self, value: str) -> str:
        """Labels of the codes in ``value``, joined by ；; the value itself where it is no code."""
        labels = dict(self.choices)
        codes = value.split() if self.type == "select" else [value]
        return "；".join(labels.get(code, code) for code in codes if code)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: households' answers, or the rows of one roster.

    Attributes:
        name: short ASCII name, used for the file or sheet.
        rows: stored values as text, one per column; "" where there is none.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
