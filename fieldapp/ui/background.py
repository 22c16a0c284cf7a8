"""The one door off the UI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot
from shiboken6 import isValid

from forms.errors import FieldAppError

__all__ = ["Background"]

T = TypeVar("T")
log = logging.getLogger(__name__)


class Background(QObject):
    """Runs a job off the UI thread and hands the outcome back on it.

    ``Background(1)`` is for the database: its jobs run in the order given, all on one thread, since a SQLite connection belongs to
    its thread. ``Background(2)`` is for sync and PDF. Jobs touch no widget and no Interview.
    """

    _ready = Signal(object)

    def __init__(self, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(threads)
        self._pool.setExpiryTimeout(-1)  # The connection belongs to the thread: keep the thread.
        self._ready.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self, owner: QObject, job: Callable[[], T], on_done: Callable[[T], None], on_error: Callable[[Exception], None]
    ) -> None:
        """Runs ``job`` soon; neither callback runs if ``owner`` is gone by then."""

        def work() -> None:
            outcome: Callable[[], None]
            try:
                outcome = partial(on_done, job())
            except FieldAppError as error:  # the world's failure has its sentence; a trace would say nothing more
                log.info("%s: %s", type(error).__name__, error)
                outcome = partial(on_error, error)
            except Exception as error:
                log.exception("background job failed")
                outcome = partial(on_error, error)
            if isValid(self):
                self._ready.emit((owner, outcome))

        self._pool.start(work)

    def wait(self, timeout_ms: int = 30_000) -> bool:
        """Waits until all jobs have run; their callbacks come with the next turn of the event loop. False when time ran out."""
        return self._pool.waitForDone(timeout_ms)

    @Slot(object)
    def _deliver(self, delivery: tuple[QObject, Callable[[], None]]) -> None:
        owner, callback = delivery
        if isValid(owner):
            callback()
