"""The enumerator's day: blocks, search, slip, visits and appointments."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal

from fieldapp.services import assigning, finding, interviewing, replacing, visit_log
from fieldapp.services.finding import EnumeratorHome
from fieldapp.services.interviewing import VisitOutcome
from fieldapp.ui.home.seeking import HomePresenter
from fieldapp.words import _


class EnumeratorPresenter(HomePresenter):
    """Signals carry what the services returned: :class:`EnumeratorHome`.

    Signals:
        noted: a visit, an appointment or a request is on disk; what is to be done next, "" for nothing.
        advice_read: what this period's visits ask for next.
    """

    home_read = Signal(object)
    noted = Signal(str)
    advice_read = Signal(str)

    def load(self) -> None:
        """The four blocks and the list, anew."""
        self.ask(lambda: finding.home_summary(self.session), self._home)
        self.search(self.query)

    def note_visit(self, assignment: str, visit: VisitOutcome) -> None:
        """登记到访."""
        self.ask(
            lambda: interviewing.record_visit(self.session, assignment, visit),
            lambda noted: self.noted.emit("；".join(noted.sentences)),
        )

    def read_advice(self, assignment: str) -> None:
        """The visits so far, and what the next one should be."""
        self.ask(
            lambda: visit_log.advice(self.session, assignment),
            lambda advice: self.advice_read.emit("；".join(advice.sentences) if advice.visits else ""),
            only_newest="advice",
        )

    def ask_replacement(self, assignment: str, evidence: str, words: str) -> None:
        """申请替换."""
        self.ask(
            lambda: replacing.ask(self.session, assignment, "", evidence, words),
            lambda _ruling: self.noted.emit(_("申请记下了，交接后县里就看得到")),
        )

    def plan_visit(self, assignment: str, visit_at: datetime | None, remark: str) -> None:
        """约时间; None takes the appointment away."""
        self.ask(
            lambda: assigning.plan_visit(self.session, assignment, visit_at, remark), lambda _none: self.noted.emit("")
        )

    def _home(self, home: EnumeratorHome) -> None:
        self.home_read.emit(home)
