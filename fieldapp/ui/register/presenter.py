"""Reads a household's register and writes the changes stated on screen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal

from fieldapp.errors import NoSuchHousehold
from fieldapp.services import finding, register_history, registering, unsettled
from fieldapp.services.register_views import Happening, Register
from fieldapp.services.unsettled import OpenTask
from fieldapp.ui.register.questions import Talk
from fieldapp.ui.workplace import Presenter


class RegisterPresenter(Presenter):
    """Signals:
    read: :class:`Register` and tuple of :class:`Happening`.
    written: the same, after a change.
    found: :class:`Register` of another household that a change concerns.
    tasks_read: tuple of :class:`OpenTask` of this household, those settled already at the end.
    """

    read = Signal(object, object)
    written = Signal(object, object)
    found = Signal(object)
    tasks_read = Signal(object)

    def load(self, household: str) -> None:
        """The register and its history."""
        self.ask(lambda: self._both(household), lambda both: self.read.emit(*both), only_newest="register")
        self.read_tasks(household)

    def read_tasks(self, household: str) -> None:
        """What of this household's tasks waits for a supervisor, or was settled."""
        if self.session.role in unsettled.SETTLING:

            def job() -> tuple[OpenTask, ...]:
                open_still = unsettled.open_tasks(self.session, household)
                return (*open_still, *unsettled.closed_tasks(self.session, household))

            self.ask(job, self.tasks_read.emit, only_newest="tasks")

    def _both(self, household: str) -> tuple[Register, tuple[Happening, ...]]:
        register = registering.open_register(self.session, household)
        return register, register_history.household_history(self.session, household)

    def find(self, number: str) -> None:
        """Another household by its number."""

        def job() -> Register:
            root = finding.find_by_code(self.session, number)
            if root is None:
                raise NoSuchHousehold("no such number here")
            return registering.open_register(self.session, root)

        self.ask(job, self.found.emit)

    def write(self, talk: Talk, answers: Mapping[str, str]) -> None:
        """Registers what was stated; ``failed`` says why not."""
        known = dict(answers)

        def job() -> tuple[Register, tuple[Happening, ...]]:
            talk.do(self.session, known)
            return self._both(talk.register.household)

        self.ask(job, lambda both: self.written.emit(*both))
        self.read_tasks(talk.register.household)

    def unite(self, register: Register, uids: tuple[str, ...], reason: str) -> None:
        """Two rows are one person."""

        def job() -> tuple[Register, tuple[Happening, ...]]:
            registering.same_person(self.session, register, uids, reason)
            return self._both(register.household)

        self.ask(job, lambda both: self.written.emit(*both))
