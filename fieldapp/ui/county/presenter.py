"""底册: tables are looked at, compared and taken in off the UI thread; parameters are read and entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from fieldapp.errors import Cancelled
from fieldapp.services import opening_county, opening_lists, parameters
from fieldapp.services.opening_county import Applied, Choices, LookedSheet, RegisterPlan
from fieldapp.services.opening_lists import ListPlan
from fieldapp.ui.workplace import Presenter, Workplace
from forms.monitoring.parameters import ParameterRecord

REGISTER = "register"
T = TypeVar("T")
Looked = tuple[tuple[LookedSheet, ...], RegisterPlan | ListPlan]


class CountyPresenter(Presenter):
    """Signals:
    planned: sheets as they were understood, and a :class:`RegisterPlan` or :class:`ListPlan`.
    progressed: phase, done, of how many. applied: :class:`Applied`, or how many lines of a list. stopped: the sentence.
    parameters_read: tuple of records, tuple of reminders. entered: how many differed.
    """

    planned = Signal(object, object)
    progressed = Signal(str, int, int)
    applied = Signal(object)
    stopped = Signal(str)
    parameters_read = Signal(object, object)
    entered = Signal(int)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)
        self._cancel: Event | None = None

    @property
    def running(self) -> bool:
        """Whether a table is being read or taken in."""
        return self._cancel is not None

    def plan(self, kind: str, paths: Sequence[Path], told: Mapping[str, str], quarter: str) -> None:
        """Reads and compares; writes nothing."""

        def job(cancel: Event) -> Looked:
            if kind != REGISTER:
                sheets = opening_county.look(self.session, paths, told, opening_lists.LIST_HEADS[kind])
                return sheets, opening_lists.plan_list(self.session, kind, paths, told, quarter)
            sheets = opening_county.look(self.session, paths, told)
            plan = opening_county.plan_register(self.session, paths, told, tell=self._tell, cancel=cancel)
            return sheets, plan

        self._run(job, lambda looked: self.planned.emit(*looked))

    def apply(self, plan: RegisterPlan | ListPlan, choices: Choices, take_changed: bool) -> None:
        """Takes in what was looked at."""

        def job(cancel: Event) -> Applied | int:
            if isinstance(plan, ListPlan):
                return opening_lists.apply_list(self.session, plan, take_changed=take_changed)
            return opening_county.apply_register(self.session, plan, choices, tell=self._tell, cancel=cancel)

        self._run(job, self.applied.emit)

    def cancel(self) -> None:
        """Stops after the batch under way; what is in stays in."""
        if self._cancel is not None:
            self._cancel.set()

    def _run(self, job: Callable[[Event], T], done: Callable[[T], object]) -> None:
        if self.running:
            return
        cancel = self._cancel = Event()

        def finish(outcome: T) -> None:
            self._cancel = None
            done(outcome)

        def stop(error: Exception) -> None:
            self._cancel = None
            self.stopped.emit("" if isinstance(error, Cancelled) else self.place.incidents.sentence(error))

        self.place.long_work.run(self, lambda: job(cancel), finish, stop)

    def _tell(self, phase: str, done: int, total: int) -> None:
        self.progressed.emit(phase, done, total)  # from the working thread: Qt queues it

    def read_parameters(self) -> None:
        """The parameter table and what is missing."""

        def job() -> tuple[tuple[ParameterRecord, ...], tuple[str, ...]]:
            return parameters.records(self.session), parameters.reminders(self.session)

        self.ask(job, lambda found: self.parameters_read.emit(*found), only_newest="parameters")

    def enter(self, record: ParameterRecord) -> None:
        """Enters or corrects one value."""

        def job() -> int:
            return parameters.enter(self.session, [record])

        def done(count: int) -> None:
            self.entered.emit(count)
            self.read_parameters()

        self.ask(job, done)
