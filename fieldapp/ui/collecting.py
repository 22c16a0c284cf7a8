"""Freeing cyclic garbage, on the UI thread alone.

Python's collector runs on whichever thread happens to allocate. If a worker thread frees what a closed screen left behind (timers,
validators, models without a parent), Qt destroys them on the wrong thread, and the process dies without a word.
"""

from __future__ import annotations

import gc
from time import monotonic

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 1000
REST_MS = 500  # the new screen is painted and read first
WHOLE_EVERY_S = 60.0


class Collecting(QObject):
    """While this lives, nothing is collected automatically: young objects by a timer, all of them when a screen was left."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self.destroyed.connect(lambda: gc.enable())
        self._whole_at = monotonic()
        looking = QTimer(self)
        looking.timeout.connect(self._collect_young)
        looking.start(LOOK_MS)

    def screen_left(self) -> None:
        """The moment at which a pause of a tenth of a second is not felt: nobody is typing into a field."""
        if monotonic() - self._whole_at >= WHOLE_EVERY_S:
            self._whole_at = monotonic()
            QTimer.singleShot(REST_MS, self, lambda: gc.collect())

    @staticmethod
    def _collect_young() -> None:
        youngest, younger, _ = gc.get_count()
        at_youngest, at_younger, _ = gc.get_threshold()
        if youngest > at_youngest:
            gc.collect(1 if younger >= at_younger else 0)
