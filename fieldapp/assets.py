"""Finds the bundled resources, from a checkout, a wheel or a frozen program alike."""

from __future__ import annotations

import sys
from pathlib import Path


def resource_path(relative: str) -> Path:
    """Path of a bundled file or folder below ``resources/``.

    A frozen program unpacks its data beside itself (``sys._MEIPASS``); everything else has the folder next to the package.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    base = Path(frozen) if frozen else Path(__file__).resolve().parent.parent
    return base / "resources" / relative
