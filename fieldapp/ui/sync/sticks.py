"""Which stick: the only one that is plugged in, else the person points at a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QStorageInfo
from PySide6.QtWidgets import QFileDialog, QWidget

from fieldapp.words import _

_MOUNTS = ("/media/", "/run/media/", "/mnt/")


def plugged_in() -> list[Path]:
    """Sticks that the system shows: removable volumes, as far as it tells them from disks."""
    found = []
    for volume in QStorageInfo.mountedVolumes():
        root = volume.rootPath()
        if not volume.isValid() or not volume.isReady() or volume.isReadOnly() or volume.isRoot():
            continue
        is_stick = root[:1].upper() not in ("C", "/") if sys.platform == "win32" else root.startswith(_MOUNTS)
        if is_stick:
            found.append(Path(root))
    return found


def choose_stick(parent: QWidget) -> Path | None:
    """The folder to use; None if the person thought better of it."""
    sticks = plugged_in()
    if len(sticks) == 1:
        return sticks[0]
    start = str(sticks[0]) if sticks else ""
    chosen = QFileDialog.getExistingDirectory(parent, _("选 U 盘或文件夹"), start)
    return Path(chosen) if chosen else None
