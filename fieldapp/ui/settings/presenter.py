"""Passphrase and facts about this laptop; looks are kept by the window itself."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QObject, Signal

from fieldapp.ui.workplace import Presenter, Workplace


@dataclass(frozen=True, slots=True)
class About:
    """Version, licences of what is inside."""

    program: str
    parts: tuple[tuple[str, str, str], ...]  # name, version, licence


_PARTS = (
    ("PySide6-Essentials", "Qt", "LGPL-3.0"),
    ("sqlcipher3", "SQLCipher", "BSD-3-Clause"),
    ("SQLAlchemy", "SQLAlchemy", "MIT"),
    ("cryptography", "cryptography", "Apache-2.0"),
    ("reportlab", "ReportLab", "BSD-3-Clause"),
    ("pypdfium2", "PDFium", "Apache-2.0"),
    ("pyxform", "pyxform", "BSD-2-Clause"),
)


class SettingsPresenter(Presenter):
    """Signals:
    passphrase_changed: the new one is in force.
    """

    passphrase_changed = Signal()

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)

    def change_passphrase(self, old: str, new: str) -> None:
        """Wraps the key anew, off the UI thread."""
        self.ask(lambda: self.session.change_passphrase(old, new), lambda _none: self.passphrase_changed.emit())

    def about(self) -> About:
        """What this program is made of, from what is installed."""
        parts = tuple((words, found, licence) for package, words, licence in _PARTS if (found := _version(package)))
        return About(_version("fieldapp") or "0.1.0", (*parts, ("Noto Sans SC / Noto Serif SC", "", "OFL-1.1")))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
