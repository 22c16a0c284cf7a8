"""What a county project is for, and the marks that a statistical survey must carry (monitoring.md 2; quarterly.md, annual.md heads).

A project has one mode from its founding to its end. A county that uses one sample for both founds two projects, each with keys and
a database of its own; a laptop of one never exchanges with the server of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from sync.errors import LaptopOfStatistics, LaptopOfWork, SyncError

TABLE_NO: Final = "table_no:"  # fact "table_no:annual" = 表号 of that questionnaire
ISSUING_OFFICE: Final = "issuing_office"
APPROVAL_NO: Final = "approval_no"
VALID_UNTIL: Final = "valid_until"


class UseMode(StrEnum):
    """What the answers may be used for."""

    WORK = "WORK"
    STAT = "STAT"

    @property
    def zh(self) -> str:
        """In words."""
        return "工作监测" if self is UseMode.WORK else "统计调查"


@dataclass(frozen=True, slots=True)
class Project:
    """A county project as it was founded.

    Args:
        county: area code. county_name: in words.
        use_mode: never changes.
        table_numbers: questionnaire → 表号; empty under WORK.
        issuing_office: 制定机关. approval_no: 批准或备案文号. valid_until: 有效期, last day.
    """

    county: str
    county_name: str
    use_mode: UseMode = UseMode.WORK
    table_numbers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    issuing_office: str = ""
    approval_no: str = ""
    valid_until: date | None = None

    @property
    def is_stat(self) -> bool:
        """Whether this is a statistical survey."""
        return self.use_mode is UseMode.STAT

    def table_no(self, form_id: str) -> str:
        """表号 of a questionnaire, "" if there is none."""
        return self.table_numbers.get(form_id, "")

    def missing(self, form_id: str = "") -> tuple[str, ...]:
        """Which of the four marks are not there, in words; nothing under WORK.

        Args:
            form_id: the questionnaire whose 表号 is wanted; "" for a paper of the whole project, which needs any.
        """
        if not self.is_stat:
            return ()
        number = self.table_no(form_id) if form_id else "".join(self.table_numbers.values())
        held = (
            ("表号", number),
            ("制定机关", self.issuing_office),
            ("批准或备案文号", self.approval_no),
            ("有效期", self.valid_until),
        )
        return tuple(name for name, value in held if not value)

    @classmethod
    def of_facts(cls, county: str, county_name: str, use_mode: str, facts: Mapping[str, str]) -> Self:
        """From what the founding and the county feed say; an old project without a mode is WORK."""
        numbers = {name.removeprefix(TABLE_NO): value for name, value in facts.items() if name.startswith(TABLE_NO)}
        return cls(
            county,
            county_name,
            UseMode(use_mode or UseMode.WORK),
            MappingProxyType({form: number for form, number in sorted(numbers.items()) if number}),
            facts.get(ISSUING_OFFICE, ""),
            facts.get(APPROVAL_NO, ""),
            read_day(facts.get(VALID_UNTIL, "")),
        )


def read_day(text: str) -> date | None:
    """A day in ISO form, None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def other_project(laptop: str, county: str) -> SyncError | None:
    """The refusal, by name, if laptop and county server are of different modes; "" is a program from before there were modes."""
    mine = UseMode(laptop) if laptop in set(UseMode) else UseMode.WORK
    theirs = UseMode(county) if county in set(UseMode) else UseMode.WORK
    if mine is theirs:
        return None
    return LaptopOfStatistics("county is WORK") if mine is UseMode.STAT else LaptopOfWork("county is STAT")
