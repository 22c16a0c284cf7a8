"""Starts the window. Imports here are light: the passphrase field takes keys before services and screens are read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from fieldapp.incidents import watching_for_crashes
from fieldapp.ui import theme
from fieldapp.ui.collecting import Collecting
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.messages import Incidents
from fieldapp.ui.places import rooms_to_read
from fieldapp.ui.settings.preferences import Preferences
from fieldapp.words import set_language

if TYPE_CHECKING:
    from fieldapp.services.session import Laptop

SMALL_LAPTOP = (1366, 697)  # 1366×768 without title bar and task bar


def make_application() -> QApplication:
    """The one QApplication, with the bundled typefaces and Chinese dialogs."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QCoreApplication.setApplicationName("fieldapp")
    application = QApplication(sys.argv[:1] or ["fieldapp"])
    application.setApplicationDisplayName("")
    return application


def open_window(folder: Path, *, place: Sequence[int] | None = None, laptop: Laptop | None = None) -> MainWindow:
    """Makes and shows the window of a laptop's folder; the caller runs the event loop.

    Args:
        folder: holds the encrypted store; made when missing.
        place: x, y, width and height in pixels; by default the whole screen of a small laptop, otherwise as large as fits.
        laptop: an opened laptop to use (its clock and key cost), instead of making one of the folder.
    """
    application = make_application()
    preferences = Preferences.load(folder)
    looks = preferences.of(preferences.last_account)
    set_language(looks.language)
    theme.apply(application, looks.scale, high_contrast=looks.high_contrast)
    incidents = Incidents(folder)

    def make_laptop() -> Laptop:
        if laptop is not None:
            return laptop
        from fieldapp.services.session import Laptop

        return Laptop(folder)

    window = MainWindow(make_laptop, preferences, incidents)
    collecting = Collecting(window)
    window.arrived.connect(lambda place: None if place == "interview" else collecting.screen_left())
    incidents.install(lambda sentence: window.say("trouble", sentence))
    window.setMinimumSize(800, 500)
    if place is not None:
        x, y, width, height = place
        window.setGeometry(x, y, width, height)
        window.show()
    else:
        available = QGuiApplication.primaryScreen().availableGeometry()
        window.resize(min(SMALL_LAPTOP[0], available.width()), min(SMALL_LAPTOP[1], available.height()))
        window.showMaximized() if available.width() <= 1600 else window.show()
    window.activateWindow()
    window.when_read(lambda: _read_rooms(window, incidents))
    return window


def _read_rooms(window: MainWindow, incidents: Incidents) -> None:
    """Imports the screens off the UI thread while somebody types the passphrase."""

    def job() -> None:
        for room in rooms_to_read():
            import_module(room)

    window.long_work.run(
        window, job, lambda _none: None, lambda error: window.say("trouble", incidents.sentence(error))
    )


def run_window(folder: Path, *, place: Sequence[int] | None = None) -> int:
    """The window until it is closed. Returns the exit code of the event loop."""
    application = make_application()
    with watching_for_crashes(folder):
        window = open_window(folder, place=place)
        code = application.exec()
        window.deleteLater()
    return code
