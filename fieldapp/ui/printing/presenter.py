"""The print centre: what may be printed, which households, the PDF in memory, and where it goes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from fieldapp.errors import StoreError
from fieldapp.services import finding, printing
from fieldapp.services.finding import GroupCount
from fieldapp.services.printing import Document, Printed, PrintRow
from fieldapp.ui.printing.paper import draw_page
from fieldapp.ui.workplace import Presenter, Workplace


class PaperNotSaved(StoreError):
    """The PDF could not be written where the person wanted it."""

    zh = "没存成：那个文件夹写不进去，或盘满了。换个地方再存，资料都在。"


class PrintPresenter(Presenter):
    """Signals:
    documents_read: tuple of :class:`Document`. groups_read: tuple of :class:`GroupCount`. rows_read: tuple of :class:`PrintRow`.
    progressed: done, total, name. made: :class:`Printed`, whether it is only a preview. page_drawn: QImage, page number.
    saved: the path. stopped: the sentence.
    code_found: root id or "".
    """

    documents_read = Signal(object)
    groups_read = Signal(object)
    rows_read = Signal(object)
    progressed = Signal(int, int, str)
    made = Signal(object, bool)
    page_drawn = Signal(object, int)
    saved = Signal(str)
    stopped = Signal(str)
    code_found = Signal(str)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)
        self._cancel: Event | None = None
        self._previews = 0

    @property
    def running(self) -> bool:
        """Whether papers are being made."""
        return self._cancel is not None

    def load(self) -> None:
        """What may be printed, and the groups."""

        def documents() -> tuple[Document, ...]:
            return printing.documents(self.session)

        def groups() -> tuple[GroupCount, ...]:
            return finding.groups(self.session)

        self.ask(documents, self.documents_read.emit)
        self.ask(groups, self.groups_read.emit)

    def read_rows(self, village: str, group: str) -> None:
        """Households with what changed since their last print."""

        def job() -> tuple[PrintRow, ...]:
            return printing.print_rows(self.session, village=village, group=group)

        self.ask(job, self.rows_read.emit, only_newest="rows")

    def find_code(self, code: str) -> None:
        """The household of a number or short code."""
        self.ask(lambda: finding.find_by_code(self.session, code), lambda root: self.code_found.emit(root or ""))

    def preview(self, household: str) -> None:
        """Makes one household file for the screen alone; it is not noted as printed."""
        self._previews += 1
        turn = self._previews

        def done(printed: Printed) -> None:
            if turn == self._previews:
                self.made.emit(printed, True)

        self.place.long_work.run(
            self, lambda: printing.household_file(self.session, household, noted=False), done, self._preview_failed
        )

    def make_files(self, households: Sequence[str]) -> None:
        """一户一档 of these households in one PDF, noted in the register."""
        cancel = Event()
        self._make(
            lambda: printing.household_files(self.session, households, progress=self._progress, cancel=cancel), cancel
        )

    def cancel(self) -> None:
        """Stops; nothing half done stays."""
        if self._cancel is not None:
            self._cancel.set()

    def draw(self, printed: Printed, number: int, width_px: int) -> None:
        """One page for the preview."""

        def job() -> QImage:
            return draw_page(printed.pdf, number, width_px)

        self.place.long_work.run(self, job, lambda image: self.page_drawn.emit(image, number), self._preview_failed)

    def save(self, printed: Printed, path: Path) -> None:
        """Writes the PDF where the person said: whole, or not at all. It is no longer encrypted there."""

        def job() -> str:
            part = path.with_name(path.name + ".part")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(printed.pdf)
                os.replace(part, path)
            except OSError as error:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                raise PaperNotSaved(type(error).__name__) from error
            return str(path)

        self.place.long_work.run(self, job, self.saved.emit, self._stop)

    def _make(self, job: Callable[[], Printed], cancel: Event) -> None:
        if self.running:
            return
        self._cancel = cancel
        self._previews += 1
        self.place.long_work.run(self, job, self._done, self._stop)

    def _progress(self, done: int, total: int, name: str) -> None:
        self.progressed.emit(done, total, name)  # from the working thread: Qt queues it

    def _done(self, printed: Printed) -> None:
        self._cancel = None
        self.made.emit(printed, False)

    def _preview_failed(self, error: Exception) -> None:
        self.stopped.emit(self.place.incidents.sentence(error))

    def _stop(self, error: Exception) -> None:
        self._cancel = None
        self.stopped.emit(self.place.incidents.sentence(error))
