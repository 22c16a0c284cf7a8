"""How a person likes the window: language, type size, contrast. Nothing about any household is kept here."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

SCALES = (100, 115, 133, 150)
SECRETARY = "VSEC"


@dataclass(frozen=True, slots=True)
class Looks:
    """One person's window.

    Args:
        language: ``zh`` or ``en``.
        scale: type size in per cent, one of :data:`SCALES`.
        high_contrast: black ground.
        lock_minutes: minutes without a key until the screen locks, 0 for never.
    """

    language: str = "zh"
    scale: int = 100
    high_contrast: bool = False
    lock_minutes: int = 10


@dataclass(slots=True)
class Preferences:
    """The file ``window.json`` of a laptop's folder. A file that cannot be read or written costs only the habits."""

    folder: Path
    last_account: str = ""
    people: dict[str, Looks] = field(default_factory=dict)
    shared: Looks = field(default_factory=Looks)

    @classmethod
    def load(cls, folder: Path) -> Preferences:
        """What was kept, or the defaults."""
        kept = cls(folder)
        try:
            data = json.loads((folder / "window.json").read_text(encoding="utf-8"))
            kept.last_account = str(data.get("last_account", ""))
            kept.shared = _looks(data.get("shared"))
            kept.people = {str(account): _looks(value) for account, value in dict(data.get("people", {})).items()}
        except (OSError, ValueError, TypeError, AttributeError):
            pass
        return kept

    def of(self, account: str, role: str = "") -> Looks:
        """The looks of one person; a village secretary starts one size larger."""
        if account in self.people:
            return self.people[account]
        return replace(self.shared, scale=115) if role == SECRETARY and self.shared.scale == 100 else self.shared

    def keep(self, account: str, looks: Looks) -> None:
        """Remembers the looks of a person, or of the unlock screen (empty account)."""
        if account:
            self.people[account] = looks
        else:
            self.shared = looks
        self.write()

    def write(self) -> None:
        """Writes the file whole; a disk that is full or read-only changes nothing."""
        data = {
            "last_account": self.last_account,
            "shared": asdict(self.shared),
            "people": {account: asdict(looks) for account, looks in self.people.items()},
        }
        part = self.folder / "window.json.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
            os.replace(part, self.folder / "window.json")
        except OSError:
            pass


def _looks(value: object) -> Looks:
    if not isinstance(value, dict):
        return Looks()
    plain = Looks()
    scale = value.get("scale")
    minutes = value.get("lock_minutes")
    return Looks(
        language="en" if value.get("language") == "en" else "zh",
        scale=scale if scale in SCALES else plain.scale,
        high_contrast=value.get("high_contrast") is True,
        lock_minutes=minutes if isinstance(minutes, int) and 0 <= minutes <= 120 else plain.lock_minutes,
    )
