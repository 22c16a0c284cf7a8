"""The process that plays the day: the demonstration's whole day, or the same with encryption off.

    python -m tests.journeys.playing_child FOLDER OUT HOUSEHOLDS [plain]

``plain`` takes the key out of every connection to SQLCipher, so that laptops and server write ordinary SQLite files. Only here:
the program itself refuses plain files.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

import fieldapp.store.database
from fieldapp.demo.day import play_a_day

_connect = dbapi2.connect


class _Plain(dbapi2.Connection):
    """A connection that does not hear of keys and says that it ciphers."""

    def execute(self, statement: str, *given: Any) -> Any:
        if statement.startswith(("PRAGMA key", "PRAGMA cipher")):
            statement = "SELECT '1'"
        return super().execute(statement, *given)


def switch_encryption_off() -> None:
    """Laptops (store) and server open their files through the one ``connect`` of the library."""
    dbapi2.connect = lambda *given, **named: _connect(*given, factory=_Plain, **named)
    fieldapp.store.database._is_plain = lambda _path: False


if __name__ == "__main__":
    folder, out, households, *rest = sys.argv[1:]
    if "plain" in rest:
        switch_encryption_off()
    try:
        raise SystemExit(play_a_day(Path(folder), Path(out), int(households)))
    except Exception:  # the window has put a hook of its own in, which tells the person at it and nobody else
        traceback.print_exc()
        raise SystemExit(1) from None
