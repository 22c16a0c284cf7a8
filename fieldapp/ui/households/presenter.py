"""Lists of households and the page of one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from fieldapp.services import finding
from fieldapp.services.finding import GroupCount, HouseholdList, HouseholdPage
from fieldapp.ui.workplace import Presenter, Workplace

MOST_ROWS = 500


class HouseholdsPresenter(Presenter):
    """Signals:
    found: :class:`HouseholdList`. groups_read: tuple of :class:`GroupCount`. page_read: :class:`HouseholdPage`.
    code_found: root id of a household found by number or short code, "" when it is not here.
    """

    found = Signal(object)
    groups_read = Signal(object)
    page_read = Signal(object)
    code_found = Signal(str)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)
        self.query = ""
        self.village = ""
        self.group = ""

    def load(self) -> None:
        """Groups and the list, anew."""

        def job() -> tuple[GroupCount, ...]:
            return finding.groups(self.session)

        self.ask(job, self.groups_read.emit)
        self.search(self.query)

    def search(self, query: str) -> None:
        """Households of the chosen village and group that match; the newest question wins."""
        self.query = query

        def job() -> HouseholdList:
            return finding.list_households(
                self.session, query=query, village=self.village, group=self.group, limit=MOST_ROWS
            )

        self.ask(job, self.found.emit, only_newest="search")

    def read_page(self, household: str) -> None:
        """Everything this role may see of one household."""

        def job() -> HouseholdPage:
            return finding.household_page(self.session, household)

        self.ask(job, self.page_read.emit, only_newest="page")

    def find_code(self, code: str) -> None:
        """By hh_id, the last four digits, or the short code on paper."""
        self.ask(lambda: finding.find_by_code(self.session, code), lambda root: self.code_found.emit(root or ""))
