"""交接: what would go, one exchange with progress and cancel, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal

from fieldapp.services import carrying, finding, leasing, relaying, syncing
from fieldapp.services.carrying import CarriedOut
from fieldapp.services.finding import HouseholdList
from fieldapp.services.leasing import Lease
from fieldapp.services.syncing import Progress, SyncLine, SyncReport, Unsent
from fieldapp.services.wiping import LaptopWiped
from fieldapp.ui.workplace import Presenter, Workplace

Facts = tuple[Unsent, SyncReport | None, tuple[SyncLine, ...], HouseholdList, Lease, str]


class SyncPresenter(Presenter):
    """Signals:
    facts_read: :class:`Unsent`, the last :class:`SyncReport` or None, log lines, households, the :class:`Lease` and, when it is over,
        the letters to read to the county.
    progressed: :class:`Progress`. finished: :class:`SyncReport`. stopped: the sentence of what stopped the exchange.
    carried: :class:`CarriedOut`, what a stick now holds.
    """

    facts_read = Signal(object, object, object, object, object, str)
    progressed = Signal(object)
    finished = Signal(object)
    stopped = Signal(str)
    carried = Signal(object)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)
        self._cancel: Event | None = None

    @property
    def running(self) -> bool:
        """Whether an exchange is under way."""
        return self._cancel is not None

    def load(self) -> None:
        """What is here alone, the last exchange, the log."""

        def job() -> Facts:
            lease = leasing.lease(self.session)
            return (
                syncing.unsent(self.session),
                syncing.last_exchange(self.session),
                syncing.log(self.session, 60),
                finding.list_households(self.session, order="status", limit=300),
                lease,
                leasing.challenge(self.session) if lease.over else "",
            )

        self.ask(job, lambda facts: self.facts_read.emit(*facts), only_newest="facts")

    def exchange(self) -> None:
        """One exchange, off the UI thread and off the database thread."""
        self._hand_over(lambda cancel: syncing.exchange(self.session, progress=self._progress, cancel=cancel))

    def hand_over(self, address: str) -> None:
        """To the township's laptop at this address."""
        self._hand_over(
            lambda cancel: relaying.hand_over(self.session, address, progress=self._progress, cancel=cancel)
        )

    def open_with_code(self, code: str) -> None:
        """The word that the county has read out."""
        self.ask(lambda: leasing.open_with_code(self.session, code), lambda _lease: self.load())

    def take_in(self, folder: Path) -> None:
        """The county's answers from a stick."""
        self._hand_over(lambda cancel: carrying.take_in(self.session, folder, progress=self._progress, cancel=cancel))

    def carry_out(self, folder: Path) -> None:
        """Everything that the county has not answered for, onto a stick."""
        if self.running:
            return
        self._cancel = Event()
        self.place.long_work.run(self, lambda: carrying.carry_out(self.session, folder), self._carried, self._stop)

    def _hand_over(self, work: Callable[[Event], SyncReport]) -> None:
        if self.running:
            return
        cancel = self._cancel = Event()
        self.place.long_work.run(self, lambda: work(cancel), self._done, self._stop)

    def _carried(self, out: CarriedOut) -> None:
        self._cancel = None
        self.carried.emit(out)
        self.load()

    def cancel(self) -> None:
        """Stops after the message under way; what has arrived stays."""
        if self._cancel is not None:
            self._cancel.set()

    def _progress(self, progress: Progress) -> None:
        self.progressed.emit(progress)  # from the working thread: Qt queues it

    def _done(self, report: SyncReport) -> None:
        self._cancel = None
        self.finished.emit(report)
        self.load()

    def _stop(self, error: Exception) -> None:
        self._cancel = None
        sentence = self.place.incidents.sentence(error)
        if isinstance(error, LaptopWiped):
            self.place.leave(sentence)
            return
        self.stopped.emit(sentence)
        self.load()
