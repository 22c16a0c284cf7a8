"""The enumerator's day: blocks, search, slip, visits and appointments."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal

from fieldapp.services import assigning, finding, interviewing
from fieldapp.services.finding import EnumeratorHome
from fieldapp.services.interviewing import VisitOutcome
from fieldapp.ui.home.seeking import HomePresenter


class EnumeratorPresenter(HomePresenter):
    """Signals carry what the services returned: :class:`EnumeratorHome`.

    Signals:
        noted: a visit or an appointment is on disk.
    """

    home_read = Signal(object)
    noted = Signal()

    def load(self) -> None:
        """The four blocks and the list, anew."""
        self.ask(lambda: finding.home_summary(self.session), self._home)
        self.search(self.query)

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
