"""What went wrong that nobody expected: noted without a word of anybody's data.

An exception's message may carry an answer or a name (``KeyError: '王…'``), so the note holds only the kind of error and the places in
the code it came through.
"""

from __future__ import annotations

import faulthandler
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


def describe_incident(error: BaseException) -> str:
    """Kind and places of an error and its causes, one per line; never its message."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None:
        lines.append(type(current).__name__)
        for frame in traceback.extract_tb(current.__traceback__):
            lines.append(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
        current = current.__cause__ or current.__context__
    return "\n".join(lines)


def note_incident(error: BaseException, folder: Path) -> str:
    """Appends the incident to ``incidents.log`` in ``folder``; returns the code the person is shown.

    A disk that cannot be written loses the note, never the code.
    """
    code = secrets.token_hex(3)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "incidents.log").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {code}\n{describe_incident(error)}\n")
    except OSError:
        pass
    return code


@contextmanager
def watching_for_crashes(folder: Path) -> Iterator[None]:
    """While it lasts, a crash below Python leaves the places in the code it came through in ``crash.log`` in ``folder``.

    A disk that cannot be written loses the note, nothing else.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "crash.log").open("a", encoding="utf-8")
    except OSError:
        yield
        return
    with file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
