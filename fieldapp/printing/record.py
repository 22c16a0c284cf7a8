"""What is known of one household, as the services hand it to paper.

An :class:`Answer` keeps the stored value beside the words a reader sees (a code's label, a figure with its unit), so that layout never
needs a questionnaire. Variables are addressed by name (unique within a questionnaire).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sync.project import UseMode


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: ``value`` as stored, ``text`` as read (choice labels joined by 、), both "" when there is none."""

    value: str
    text: str
    in_conflict: bool = False


Answers = Mapping[str, Answer]
NOTHING = Answer("", "")


@dataclass(frozen=True)
class Wave:
    """One approved or handed-in questionnaire of the household.

    Attributes:
        form_id: ``annual`` or ``quarterly``.
        period: ``2026`` or ``2026Q1``.
        answers: household-level variables, calculated ones included.
        rosters: rows by roster name (last part of the repeat's path), each row variable → answer.
    """

    form_id: str
    period: str
    status: str
    visited_on: date | None
    answers: Answers
    rosters: Mapping[str, tuple[Answers, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Words of a household-level answer; "" where there is none."""
        return self.answers.get(name, NOTHING).text

    def value(self, name: str) -> str:
        """Stored value of a household-level answer; "" where there is none."""
        return self.answers.get(name, NOTHING).value


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit: who came when, how, with what outcome (words)."""

    on: date
    minutes: int | None
    mode: str
    outcome: str
    enumerator: str


@dataclass(frozen=True)
class HouseholdRecord:
    """All that paper may need of one household; the role decides what of it is printed.

    Attributes:
        fields: the living household's own fields (variable names of the annual questionnaire).
        members: the living members, in order of member number.
        quarters: at most the last four quarterly waves, oldest first.
        open_conflicts: how many answers stand in conflict; printed as a mark, never hidden.
        content_hash: hex digest of everything above; names this version of the file.
    """

    hh_id: str
    county_name: str
    village_name: str
    fields: Answers
    members: tuple[Answers, ...]
    annual: Wave | None
    quarters: tuple[Wave, ...]
    visits: tuple[VisitLine, ...]
    open_conflicts: int
    content_hash: str

    def text(self, name: str) -> str:
        """Words of a field of the living household; "" where there is none."""
        return self.fields.get(name, NOTHING).text


@dataclass(frozen=True, slots=True)
class Printed:
    """Who prints, when and how much of it: stands on every page and in the register of prints."""

    by: str
    at: datetime
    version: int
    redacted: bool = True
    use_mode: UseMode = UseMode.WORK
    marks: tuple[tuple[str, str], ...] = ()  # 表号, 制定机关, 文号, 有效期 of a statistical survey: (name, value)
