"""The enumerator's day: blocks, search, slip, visits and appointments."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QObject, Signal

from fieldapp.services import assigning, finding, interviewing
from fieldapp.services.finding import EnumeratorHome, HouseholdCard, HouseholdList
from fieldapp.services.interviewing import VisitOutcome
from fieldapp.ui.workplace import Presenter, Workplace

MOST_ROWS = 400


class EnumeratorPresenter(Presenter):
    """Signals carry what the services returned: :class:`EnumeratorHome`, :class:`HouseholdList`, :class:`HouseholdCard`.

    Signals:
        noted: a visit or an appointment is on disk.
    """

    home_read = Signal(object)
    found = Signal(object)
    card_read = Signal(object)
    noted = Signal()

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)
        self._query = ""

    def load(self) -> None:
        """The four blocks and the list, anew."""
        self.ask(lambda: finding.home_summary(self.session), self._home)
        self.search(self._query)

    def search(self, query: str) -> None:
        """Households that match; the newest question wins."""
        self._query = query

        def job() -> HouseholdList:
            return finding.list_households(self.session, query=query, limit=MOST_ROWS)

        self.ask(job, self.found.emit, only_newest="search")

    def read_card(self, household: str) -> None:
        """The slip of one household."""

        def job() -> HouseholdCard:
            return finding.household_card(self.session, household)

        self.ask(job, self.card_read.emit, only_newest="card")

    def note_visit(self, assignment: str, visit: VisitOutcome) -> None:
        """登记到访."""
        self.ask(lambda: interviewing.record_visit(self.session, assignment, visit), lambda _root: self.noted.emit())

    def plan_visit(self, assignment: str, visit_at: datetime | None, remark: str) -> None:
        """约时间; None takes the appointment away."""
        self.ask(
            lambda: assigning.plan_visit(self.session, assignment, visit_at, remark), lambda _none: self.noted.emit()
        )

    def _home(self, home: EnumeratorHome) -> None:
        self.home_read.emit(home)
