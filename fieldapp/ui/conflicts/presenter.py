"""Conflicts of this person's scope, and the deed that settles one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from fieldapp.services import deciding
from fieldapp.services.deciding import ConflictCase, ConflictRow
from fieldapp.ui.workplace import Presenter, Workplace


class ConflictsPresenter(Presenter):
    """Signals:
    rows_read: tuple of :class:`ConflictRow`. case_read: :class:`ConflictCase`.
    settled: decided; asked: a question is on its way. Both carry nothing.
    """

    rows_read = Signal(object)
    case_read = Signal(object)
    settled = Signal()
    asked = Signal()

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)

    def load(self) -> None:
        """All conflicts, anew."""

        def job() -> tuple[ConflictRow, ...]:
            return deciding.conflicts(self.session)

        self.ask(job, self.rows_read.emit, only_newest="rows")

    def open_case(self, row: ConflictRow) -> None:
        """One conflict laid out."""

        def job() -> ConflictCase:
            return deciding.open_case(self.session, row.root, row.row, row.field)

        self.ask(job, self.case_read.emit, only_newest="case")

    def take(self, row: ConflictRow, index: int, reason: str) -> None:
        """采用这个."""
        self.ask(
            lambda: deciding.take(self.session, row.root, row.row, row.field, index, reason),
            lambda _none: self.settled.emit(),
        )

    def other_value(self, row: ConflictRow, value: str, reason: str) -> None:
        """都不对，另填."""
        self.ask(
            lambda: deciding.other_value(self.session, row.root, row.row, row.field, value, reason),
            lambda _none: self.settled.emit(),
        )

    def ask_author(self, row: ConflictRow, index: int, text: str) -> None:
        """问这个人."""
        self.ask(
            lambda: deciding.ask(self.session, row.root, row.row, row.field, index, text),
            lambda _none: self.asked.emit(),
        )
