"""Looking for households: what every list of them asks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from fieldapp.services import finding
from fieldapp.services.finding import HouseholdList
from fieldapp.ui.workplace import Presenter, Workplace

MOST_ROWS = 500


class SeekingPresenter(Presenter):
    """Signals:
    found: :class:`HouseholdList`.
    """

    found = Signal(object)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)
        self.query = ""
        self.village = ""
        self.group = ""

    def search(self, query: str) -> None:
        """Households of the chosen village and group that match; the newest question wins."""
        self.query = query

        def job() -> HouseholdList:
            return finding.list_households(
                self.session, query=query, village=self.village, group=self.group, limit=MOST_ROWS
            )

        self.ask(job, self.found.emit, only_newest="search")
