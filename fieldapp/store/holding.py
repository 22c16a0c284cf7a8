"""One program at a time works in a laptop's folder.

Two windows on one folder would each keep an interview in memory and write over the other's answers, and both rewrite ``keys.json``.
The mark is a lock that SQLite holds on an empty file: it works alike on every system, and it ends with the process, however that ends.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from pathlib import Path

from fieldapp.errors import StoreBusy

HOLD_FILE = "in-use.lock"
log = logging.getLogger(__name__)
_guard = threading.Lock()
_held: dict[Path, tuple[sqlite3.Connection, int]] = {}  # sessions of one process share the folder


class Hold:
    """This process's hand on a folder, until :meth:`release`.

    Args:
        folder: the laptop's.
    Raises:
        StoreBusy: another program has it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder: Path | None = folder.resolve()
        with _guard:
            connection, count = _held.get(self._folder, (None, 0))
            if connection is None:
                connection = _locked(self._folder / HOLD_FILE)
            if connection is None:
                self._folder = None
            else:
                _held[self._folder] = (connection, count + 1)

    def release(self) -> None:
        """Lets go; a second time does nothing."""
        folder, self._folder = self._folder, None
        if folder is None:
            return
        with _guard:
            connection, count = _held.pop(folder)
            if count > 1:
                _held[folder] = (connection, count - 1)
            else:
                connection.close()

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def _locked(path: Path) -> sqlite3.Connection | None:
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error:
        return None  # a folder that cannot be written: the store itself will say so
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise StoreBusy("another program works in this folder") from error
        log.warning("the folder cannot be marked as in use: %s", type(error).__name__)
        return None
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.close()
        raise
    return connection
