"""A small county in one encrypted store, driven through the services for five years, with the project's own questionnaires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from fieldapp.services import assigning, interviewing, parameters, periods, reviewing
from fieldapp.services.assigning import NewAssignment
from fieldapp.services.opened_interview import OpenInterview
from fieldapp.services.plausible import answer_plausibly
from fieldapp.services.sampling import as_person
from fieldapp.services.session import CHINA, Laptop, Session
from fieldapp.store.keys import KeyCost
from forms.engine import Cell, Effects
from forms.monitoring.parameters import ParameterRecord
from forms.questionnaires import xform
from sync.change import Content, Kind, RootType, Write
from sync.ids import content_id
from sync.scope import COUNTY_FEED
from tests.services.living_county import OTHER_VILLAGE, VILLAGE, Clock, _founding

PASSPHRASE = "xiong huai da zhi"
MEMBER = Cell("/data/member")
Answers = Mapping[str, str]
_ATTEMPTS = 12


@dataclass
class FiveYears:
    """The store, opened, and who works in it. Time is moved from wave to wave.

    Attributes:
        interviews: (household, form, period) → interview.
    """

    folder: Path
    clock: Clock = field(default_factory=Clock)
    interviews: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock.now = datetime(2025, 12, 1, 9, tzinfo=CHINA)
        self.laptop = Laptop(self.folder, clock=self.clock, key_cost=KeyCost(8, 1, 1))
        self.laptop.found(_founding())
        self.office = self.laptop.unlock("office01", PASSPHRASE)
        with self.office.database.transaction() as writing:
            for code, name in ((VILLAGE, "双河村"), (OTHER_VILLAGE, "岩口村")):
                known = {"control": "village", "code": code, "name": name, "township": "青石镇"}
                self._say(writing, f"village:{code}", known, RootType.CONTROL)
            for form_id in ("annual", "quarterly"):
                self._say(writing, f"form:{form_id}", {"form_id": form_id, "xml": xform(form_id)}, RootType.FORM_PACK)

    def _say(self, writing: object, name: str, facts: Mapping[str, str], kind: RootType) -> None:
        writes = tuple(Write((), key, value) for key, value in facts.items())
        self.office.changes.write(
            writing,  # type: ignore[arg-type]
            Content(Kind.EDIT, writes),
            root=content_id(name.encode()).hex(),
            root_type=kind,
            feed=COUNTY_FEED,
        )

    def parameter(self, name: str, value: str, since: str, document: str = "云政办〔2025〕1 号") -> None:
        """Enters a county parameter from a day on."""
        record = ParameterRecord(name, value, date.fromisoformat(since), None, document)
        parameters.enter(self.office, [record])

    def person(self, account: str) -> Session:
        """The store in somebody's hands."""
        return as_person(self.office, account)

    def reopen(self) -> None:
        """Locks the store and unlocks it again, as on the next morning."""
        self.office.lock()
        self.laptop = Laptop(self.folder, clock=self.clock, key_cost=KeyCost(8, 1, 1))
        self.office = self.laptop.unlock("office01", PASSPHRASE)

    def on(self, day: str) -> None:
        """Moves the calendar; it never goes back."""
        self.clock.now = max(self.clock.now, datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=CHINA))

    # --- interviews ---------------------------------------------------------------------------------------------------

    def begin(self, household: str, form_id: str, period: str) -> OpenInterview:
        """Assigns and begins; the day is in the period's entry window, or later where the calendar says so already."""
        window = periods.window(period)
        self.on((window[0] + timedelta(days=2)).isoformat() if window else f"{int(period) + 1}-01-08")
        (assignment,) = assigning.assign(self.person("tsup01"), [NewAssignment(household, form_id, period, "enum01")])
        opened = interviewing.begin(self.person("enum01"), assignment)
        self.interviews[household, form_id, period] = opened.header.interview
        return opened

    def finish(self, opened: OpenInterview) -> None:
        """What is still blank is answered somehow, checks are explained, then handed in, approved and accepted."""
        for seed in range(1, _ATTEMPTS):
            if interviewing.hand_in_list(opened).ready:
                break
            keep(opened, answer_plausibly(opened.interview, opened.form, seed, today=self.office.today()))
        interviewing.hand_in(opened)
        self.pass_on(opened.header.interview)

    def pass_on(self, interview: str) -> None:
        """Township approves, county accepts."""
        reviewing.approve(self.person("tsup01"), interview)
        reviewing.accept(self.office, interview)


def keep(opened: OpenInterview, steps: Iterable[Effects]) -> None:
    """Stores steps of an interview in one transaction."""
    with opened.session.database.transaction() as writing:
        opened.put(writing, tuple(one for effects in steps for one in effects.stored))


def answer(opened: OpenInterview, answers: Answers, row: str = "") -> None:
    """Answers questions of the household, or of one row of a roster; ``不清楚`` is the state 8."""
    steps = []
    for name, value in answers.items():
        path = opened.form.path_of(name)
        assert path is not None, name
        cell = Cell(path, (row,) if row else ())
        interview = opened.interview
        steps.append(interview.answer_state(cell, "8") if value == "不清楚" else interview.answer(cell, value))
    keep(opened, steps)


def rows(opened: OpenInterview, roster: str, count: int) -> tuple[str, ...]:
    """Makes a roster have so many rows; their ids."""
    path = opened.form.path_of(roster)
    assert path is not None
    cell, steps = Cell(path), []
    there = opened.interview.rows(cell)
    steps += [opened.interview.remove_row(Cell(path, (row,))) for row in there[count:]]
    steps += [opened.interview.add_row(cell) for _ in range(count - len(there))]
    keep(opened, steps)
    return opened.interview.rows(cell)
