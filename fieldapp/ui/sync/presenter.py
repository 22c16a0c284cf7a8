"""交接: what would go, one exchange with progress and cancel, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal

from fieldapp.services import carrying, finding, syncing
from fieldapp.services.carrying import CarriedOut
from fieldapp.services.finding import HouseholdList
from fieldapp.services.syncing import Progress, SyncLine, SyncReport, Unsent
from fieldapp.ui.workplace import Presenter, Workplace

Facts = tuple[Unsent, SyncReport | None, tuple[SyncLine, ...], HouseholdList]


class SyncPresenter(Presenter):
    """Signals:
    facts_read: :class:`Unsent`, the last :class:`SyncReport` or None, log lines, households.
    progressed: :class:`Progress`. finished: :class:`SyncReport`. stopped: the sentence of what stopped the exchange.
    carried: :class:`CarriedOut`, what a stick now holds.
    """

    facts_read = Signal(object, object, object, object)
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
            return (
                syncing.unsent(self.session),
                syncing.last_exchange(self.session),
                syncing.log(self.session, 60),
                finding.list_households(self.session, order="status", limit=300),
            )

        self.ask(job, lambda facts: self.facts_read.emit(*facts), only_newest="facts")

    def exchange(self) -> None:
        """One exchange, off the UI thread and off the database thread."""
        self._hand_over(lambda cancel: syncing.exchange(self.session, progress=self._progress, cancel=cancel))

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
        self.stopped.emit(self.place.incidents.sentence(error))
        self.load()
