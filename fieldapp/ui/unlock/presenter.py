"""Asks the laptop who works here and opens it; the key derivation takes its time off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fieldapp.ui.background import Background
from fieldapp.ui.messages import Incidents

if TYPE_CHECKING:  # The unlock screen takes keys before the services are imported.
    from fieldapp.services.session import Laptop, LaptopInfo, Person, Session

Arrival = tuple["LaptopInfo", tuple["Person", ...], bool]


class UnlockPresenter(QObject):
    """Between the unlock screen and the laptop.

    Args:
        make_laptop: makes the :class:`~fieldapp.services.session.Laptop`; called once, on the database thread.
        database_work: the one database thread; the session's connection is made on it.

    Signals:
        read: :class:`LaptopInfo`, the people, whether the laptop is enrolled.
        opened: the :class:`Session`.
        refused: the sentence, nothing was opened.
    """

    read = Signal(object, object, bool)
    opened = Signal(object)
    refused = Signal(str)

    def __init__(self, make_laptop: Callable[[], Laptop], database_work: Background, incidents: Incidents) -> None:
        super().__init__()
        self._make_laptop = make_laptop
        self._laptop: Laptop | None = None
        self._database_work = database_work
        self._incidents = incidents

    def load(self) -> None:
        """Reads who works here."""

        def job() -> Arrival:
            laptop = self._opened_laptop()
            return laptop.info(), laptop.people(), laptop.enrolled

        self._database_work.run(self, job, lambda facts: self.read.emit(*facts), self._fail)

    def unlock(self, account: str, passphrase: str) -> None:
        """Opens the store for one person."""
        self._run(lambda: self._opened_laptop().unlock(account, passphrase))

    def first_passphrase(self, account: str, code: str, passphrase: str) -> None:
        """First sign-in: the code from the office is replaced by the own passphrase."""

        def job() -> Session:
            from fieldapp.services.enrolling import set_first_passphrase

            return set_first_passphrase(self._opened_laptop(), account, code, passphrase)

        self._run(job)

    def enrol(self, address: str, code: str) -> None:
        """Joins the county with the one-time code."""

        def job() -> Arrival:
            from fieldapp.services.enrolling import enrol

            laptop = self._opened_laptop()
            enrol(laptop, address, code)
            return laptop.info(), laptop.people(), laptop.enrolled

        self._database_work.run(self, job, lambda facts: self.read.emit(*facts), self._fail)

    def confirm_clock(self, now: datetime) -> None:
        """The person says what time it is."""

        def job() -> Arrival:
            laptop = self._opened_laptop()
            laptop.confirm_clock(now)
            return laptop.info(), laptop.people(), laptop.enrolled

        self._database_work.run(self, job, lambda facts: self.read.emit(*facts), self._fail)

    def _opened_laptop(self) -> Laptop:
        if self._laptop is None:
            self._laptop = self._make_laptop()
        return self._laptop

    def _run(self, job: Callable[[], Session]) -> None:
        self._database_work.run(self, job, self.opened.emit, self._fail)

    def _fail(self, error: Exception) -> None:
        self.refused.emit(self._incidents.sentence(error))
