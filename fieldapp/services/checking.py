"""Checks of the levels laptop, township and county, on what this place holds."""

from __future__ import annotations

from dataclasses import dataclass

from fieldapp.services.session import Session


@dataclass(frozen=True, slots=True)
class PlaceFinding:
    """Something odd that only several households together show."""

    check_id: str
    level: str  # laptop, township, county
    kind: str  # hard, soft
    interview: str
    household: str
    head_name: str
    sentence: str


def findings(session: Session, period: str = "") -> tuple[PlaceFinding, ...]:
    """Odd things among the interviews of this place: same telephone, same identity number, same answers, too short, too many
    a day."""
    raise NotImplementedError
