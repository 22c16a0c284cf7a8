"""Lists of households and the page of one."""

from __future__ import annotations

from PySide6.QtCore import Signal

from fieldapp.services import finding
from fieldapp.services.finding import GroupCount, HouseholdPage
from fieldapp.ui.households.seeking import SeekingPresenter


class HouseholdsPresenter(SeekingPresenter):
    """Signals:
    groups_read: tuple of :class:`GroupCount`. page_read: :class:`HouseholdPage`.
    code_found: root id of a household found by number or short code, "" when it is not here.
    """

    groups_read = Signal(object)
    page_read = Signal(object)
    code_found = Signal(str)

    def load(self) -> None:
        """Groups and the list, anew."""

        def job() -> tuple[GroupCount, ...]:
            return finding.groups(self.session)

        self.ask(job, self.groups_read.emit)
        self.search(self.query)

    def read_page(self, household: str) -> None:
        """Everything this role may see of one household."""

        def job() -> HouseholdPage:
            return finding.household_page(self.session, household)

        self.ask(job, self.page_read.emit, only_newest="page")

    def find_code(self, code: str) -> None:
        """By hh_id, the last four digits, or the short code on paper."""
        self.ask(lambda: finding.find_by_code(self.session, code), lambda root: self.code_found.emit(root or ""))
