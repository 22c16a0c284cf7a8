"""The county's last order to a laptop that was lost or given back: push first, then wipe (sync.md 3.11).

The order is obeyed only when it stands in the county's own answer and nothing is unsent here. What makes the store unreadable is
the loss of its key; the encrypted files go as well, as far as the disk lets them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from fieldapp.errors import FieldAppError
from fieldapp.services.session import Session
from fieldapp.store.database import STORE_FILE
from fieldapp.store.keys import KEY_FILE


class LaptopWiped(FieldAppError):
    """The order has been carried out."""

    zh = "县里已停用这台电脑：没送出的都送到了，本机资料和钥匙已清除。要再用，请向县里要新的登记码。"


def wipe(session: Session) -> None:
    """Closes the store, destroys every key to it on this laptop, then the files. Ends in LaptopWiped."""
    folder = session.laptop.folder
    session.close()
    stem = Path(KEY_FILE).stem
    for path in [*folder.glob(f"{stem}*"), *folder.glob(f"kept-*/{stem}*"), *folder.glob("enrolling.json")]:
        _destroy(path)
    for path in [*folder.glob(f"{Path(STORE_FILE).stem}*"), *folder.glob("kept-*"), *folder.glob("relay")]:
        with contextlib.suppress(OSError):  # unreadable without its key in any case
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    raise LaptopWiped("by order of the county")


def _destroy(path: Path) -> None:
    """Writes over a key file before it goes: a name taken off a disk leaves its bytes there."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
