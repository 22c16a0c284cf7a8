"""A window over a made-up laptop."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.ui import theme
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.messages import Incidents
from fieldapp.ui.settings.preferences import Preferences
from fieldapp.words import set_language

PASSPHRASE = "chunjian-2026"


def _load() -> ModuleType:
    name = "shell_given"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("given.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture
def given() -> ModuleType:
    return _load()


@pytest.fixture
def laptop(given: ModuleType, monkeypatch: pytest.MonkeyPatch) -> object:
    given.services_of_tests(monkeypatch)
    return given.FakeLaptop()


@pytest.fixture
def window(laptop: object, qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> Iterator[MainWindow]:
    set_language("zh")
    theme.apply(qapp)
    made = MainWindow(lambda: laptop, Preferences(tmp_path), Incidents(tmp_path))  # type: ignore[arg-type, return-value]
    made.resize(1366, 697)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    qtbot.waitUntil(lambda: made.unlock_view is not None and made.unlock_view.chosen is not None)
    yield made
    made.close()
    made.database_work.wait()
    made.long_work.wait()
    made.deleteLater()
    theme.apply(qapp)


@pytest.fixture
def sign_in(window: MainWindow, qtbot: QtBot) -> Callable[[int], MainWindow]:
    """Opens for person 1 (enumerator), 2 (secretary) or 3 (supervisor)."""

    def go(number: int) -> MainWindow:
        unlock = window.unlock_view
        assert unlock is not None
        QTest.keyClick(unlock.secret, Qt.Key(ord("0") + number), Qt.KeyboardModifier.AltModifier)
        QTest.keyClicks(unlock.secret, PASSPHRASE)
        with qtbot.waitSignal(window.arrived):
            QTest.keyClick(unlock.secret, Qt.Key.Key_Return)
        settle(window, qtbot)
        return window

    return go


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Until the services have answered and the screens show it."""
    for _turn in range(3):
        window.database_work.wait()
        window.long_work.wait()
        qtbot.wait(10)


@pytest.fixture
def press(window: MainWindow, qtbot: QtBot) -> Callable[..., None]:
    """Presses keys where the cursor is: ``press("Alt+1")``, ``press("text:zd")``."""
    from PySide6.QtGui import QKeySequence

    def go(*keys: str) -> None:
        for key in keys:
            target: QWidget = QApplication.focusWidget() or window.focusWidget() or window
            if key.startswith("text:"):
                QTest.keyClicks(target, key[5:])
            else:
                combination = QKeySequence(key)[0]
                QTest.keyClick(target, combination.key(), combination.keyboardModifiers())
            qtbot.wait(80)
            settle(window, qtbot)

    return go
