"""The demonstration with the window open: a county server behind it, one laptop for all three people."""

from __future__ import annotations

import sys
from pathlib import Path

from fieldapp.demo.county import ENUMERATOR, PASSPHRASE, SECRETARY, SUPERVISOR, demo_county
from fieldapp.ui.start import run_window
from fieldapp.words import _


def open_demo_window(folder: Path, _out: Path | None, households: int) -> int:
    """Builds the county in ``folder``, enrols one laptop and runs its window until it is closed.

    Returns:
        Exit code of the window.
    """
    with demo_county(folder, households=households, fresh=1, tell=_tell) as county:
        laptop = county.laptop("laptop", ENUMERATOR, SUPERVISOR, SECRETARY, device_name=_("演示笔记本"))
        _tell(_("口令（三个人都一样）：{passphrase}").format(passphrase=PASSPHRASE))
        return run_window(laptop.folder)


def _tell(sentence: str) -> None:
    if sys.stdout is not None:
        print(sentence, flush=True)
