"""Answers on their way to the disk: in order, one write at a time, and nothing is called saved before it is."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from fieldapp.services.interviewing import TypingEvent
from fieldapp.ui.background import Background
from forms.engine import Cell, Effects, SetValue

__all__ = ["SaveQueue", "cell_key", "saved_pipe_of_environment"]


def saved_pipe_of_environment() -> int | None:
    """File descriptor named by ``FIELDAPP_SAVED_FD``: whoever started the program learns there which answers are on disk."""
    text = os.environ.get("FIELDAPP_SAVED_FD", "")
    return int(text) if text.isdigit() else None


def cell_key(cell: Cell) -> str:
    """A cell as written into the pipe: the path and the row ids, parted by semicolons."""
    return ";".join((cell.path, *cell.rows))


class SaveQueue(QObject):
    """Writes effects on the database thread.

    A write that fails stays first in the queue: ``failed`` is emitted, and the next :meth:`put` or :meth:`retry` begins with it again.

    Args:
        save: puts one step on disk and returns the moment.
        work: ``Background(1)``.
        pipe: file descriptor that gets ``cell<TAB>hash<NEWLINE>`` for every answer that is on disk; never the value.
    """

    saving = Signal()
    saved = Signal(object)  # datetime: nothing is waiting any more
    failed = Signal(object)

    def __init__(
        self,
        save: Callable[[Effects, TypingEvent | None], datetime],
        work: Background,
        pipe: int | None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._save, self._work, self._pipe = save, work, pipe
        self._steps: deque[tuple[Effects, TypingEvent | None]] = deque()
        self._running = False

    @property
    def waiting(self) -> int:
        """Steps that are not on disk yet."""
        return len(self._steps)

    def put(self, effects: Effects, event: TypingEvent | None) -> None:
        """One more step."""
        self._steps.append((effects, event))
        self.saving.emit()
        self._pump()

    def retry(self) -> None:
        """Tries the first waiting step again."""
        self._pump()

    def _pump(self) -> None:
        if self._running or not self._steps:
            return
        self._running = True
        effects, event = self._steps[0]
        self._work.run(self, lambda: self._save(effects, event), self._kept, self._not_kept)

    def _kept(self, moment: datetime) -> None:
        self._running = False
        effects, _event = self._steps.popleft()
        self._report(effects)
        if self._steps:
            self._pump()
        else:
            self.saved.emit(moment)

    def _not_kept(self, error: Exception) -> None:
        self._running = False
        self.failed.emit(error)

    def _report(self, effects: Effects) -> None:
        if self._pipe is None:
            return
        lines = [
            f"{cell_key(op.cell)}\t{hashlib.sha256(op.value.encode()).hexdigest()[:16]}\n"
            for op in effects.stored
            if isinstance(op, SetValue)
        ]
        try:
            os.write(self._pipe, "".join(lines).encode())
        except OSError:
            self._pipe = None
