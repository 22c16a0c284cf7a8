"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from fieldapp.words import _
from forms.errors import FieldAppError


class ExportNotWritten(FieldAppError):
    """The disk would not take the file."""

    zh = "“{name}”没有写成：{why}。库里的资料没有动，换个地方再导一次。"


def write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Writes beside the target and renames when everything is on disk; on failure nothing new is left.

    Raises:
        ExportNotWritten: full or write-protected disk, or the target is open in another program.
    """
    half = path.with_name(path.name + ".part")
    try:
        with half.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
        why = {
            errno.ENOSPC: _("盘满了"),
            errno.EACCES: _("这里不许写，或文件正开着"),
            errno.EROFS: _("这个盘只能读"),
        }.get(error.errno or 0, _("盘上写不进去"))
        raise ExportNotWritten(type(error).__name__, name=path.name, why=why) from error
