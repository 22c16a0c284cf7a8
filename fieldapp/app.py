"""Builds everything once and wires services; no window. (``ui/start.py`` wires windows and is imported when one is wanted.)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fieldapp.services.session import Laptop
from fieldapp.store.keys import KeyCost


def system_clock() -> datetime:
    """Aware UTC now: the one place that asks the machine."""
    return datetime.now(UTC)


def open_laptop(
    folder: Path, *, clock: Callable[[], datetime] = system_clock, key_cost: KeyCost | None = None
) -> Laptop:
    """The laptop in a folder. Costs nothing until somebody signs in."""
    return Laptop(folder, clock=clock, key_cost=key_cost)
