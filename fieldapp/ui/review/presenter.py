"""The desk where handed-in interviews are read, returned and approved. Nothing here writes an answer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from fieldapp.services import reviewing
from fieldapp.services.reviewing import DeskToday, Sheet, WaitingRow
from fieldapp.ui.workplace import Presenter, Workplace
from forms.engine import Cell


class ReviewPresenter(Presenter):
    """Signals:
    waiting_read: tuple of :class:`WaitingRow`. today_read: :class:`DeskToday`. sheet_read: :class:`Sheet`.
    done: 退回, 通过 or 验收 is on disk; carries the sentence.
    """

    waiting_read = Signal(object)
    today_read = Signal(object)
    sheet_read = Signal(object)
    done = Signal(str)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)

    def load(self) -> None:
        """The waiting list and today's counts, anew."""

        def waiting() -> tuple[WaitingRow, ...]:
            return reviewing.waiting(self.session)

        def today() -> DeskToday:
            return reviewing.desk_today(self.session)

        self.ask(waiting, self.waiting_read.emit, only_newest="waiting")
        self.ask(today, self.today_read.emit, only_newest="today")

    def open_sheet(self, interview: str) -> None:
        """Opens an interview for review; it becomes 审核中."""

        def job() -> Sheet:
            return reviewing.open_sheet(self.session, interview)

        self.ask(job, self.sheet_read.emit, only_newest="sheet")

    def _again(self, interview: str) -> None:
        def job() -> Sheet:
            return reviewing.read_sheet(self.session, interview)

        self.ask(job, self.sheet_read.emit, only_newest="sheet")

    def comment(self, interview: str, cell: Cell | None, text: str) -> None:
        """A word pinned to a question."""
        self.ask(lambda: reviewing.comment(self.session, interview, cell, text), lambda _none: self._again(interview))

    def clear(self, interview: str, cell: Cell, cleared: bool) -> None:
        """这题清楚了, or not yet."""
        self.ask(lambda: reviewing.clear(self.session, interview, cell, cleared), lambda _none: self._again(interview))

    def send_back(self, interview: str, reasons: tuple[str, ...], words: str, sentence: str) -> None:
        """退回."""
        self.ask(
            lambda: reviewing.send_back(self.session, interview, reasons, words), lambda _none: self.done.emit(sentence)
        )

    def approve(self, interview: str, sentence: str) -> None:
        """通过."""
        self.ask(lambda: reviewing.approve(self.session, interview), lambda _none: self.done.emit(sentence))

    def accept(self, interview: str, sentence: str) -> None:
        """县级验收."""
        self.ask(lambda: reviewing.accept(self.session, interview), lambda _none: self.done.emit(sentence))
