"""What screens and the command line show of the living household. (``registering.py`` makes and changes it.)"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fieldapp.store.projections import ROSTER, text
from forms.monitoring import living
from forms.monitoring.living_problems import Problem
from sync.records import RootView


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of a household's register, whether still there or not."""

    person_uid: str
    mem_no: str
    name: str
    relation: str  # code
    relation_label: str
    sex: str  # code
    age: int | None
    here: bool
    state: str  # 在家, 外出, 已故, 已婚出 …
    since: str  # month of the last coming or going, "" unknown
    where: str  # hh_id or place he or she went to or came from
    possible: tuple[str, ...]  # codes of member_change that may happen now
    conflict: bool  # something about this person waits for a decision


@dataclass(frozen=True, slots=True)
class Register:
    """A household's register as it was shown: what is written next names exactly this as seen.

    Attributes:
        may_record: this post may register events of people here.
        may_divide: this post may split, merge and move households.
    """

    household: str
    hh_id: str
    head_name: str
    place: str
    state: str  # hh_state
    state_label: str
    people: tuple[PersonLine, ...]
    problems: tuple[Problem, ...]
    may_record: bool
    may_divide: bool
    living: living.Household = field(repr=False)
    shown: RootView = field(repr=False)

    @property
    def members(self) -> tuple[PersonLine, ...]:
        """Those who belong to it."""
        return tuple(line for line in self.people if line.here)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history of a household or person. Nothing of it is ever rewritten."""

    at: datetime  # when it was written down
    who: str
    on: str  # day or month when it happened, "" not said
    code: str  # of member_change, "" for other changes
    person_uid: str
    words: str
    source: str  # 26 年一季 季度卷; "" for a register edit
    household: str
    note: str = ""


def household_of(shown: RootView, covered: str = "") -> living.Household:
    """The household that the pure rules work on.

    Args:
        covered: the latest period of which an interview is handed in.
    """
    facts = {name: text(shown, name) for rows, name in shown.cells if not rows and not name.startswith("~")}
    known: dict[str, dict[str, str]] = {row.row[-1]: {} for row in shown.roster(ROSTER)}
    for rows, name in shown.cells:
        if len(rows) == 1 and rows[0] in known and not name.startswith("~"):
            known[rows[0]][name] = text(shown, name, rows)
    return living.Household(
        shown.root, facts, tuple(living.Person(uid, found) for uid, found in known.items()), covered
    )
