"""The window around the places."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.errors import StoreError
from fieldapp.ui import theme
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.messages import Incidents
from fieldapp.ui.places import places_of
from fieldapp.ui.settings.preferences import Looks, Preferences
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.widgets.keys import ActionButton
from fieldapp.words import language

Press = Callable[..., None]
SignIn = Callable[[int], MainWindow]
NEVER = ("Ctrl+Space", "Shift+Space", "Ctrl+.", "Ctrl+,", "Ctrl+;", "Alt+Space", "Alt+A", "F10", "F12")


@pytest.mark.parametrize(("number", "role"), [(1, "ENUM"), (2, "VSEC"), (3, "TSUP")])
def test_every_place_of_a_post_opens_by_its_key(sign_in: SignIn, press: Press, number: int, role: str) -> None:
    window = sign_in(number)
    for at, name in enumerate(places_of(role), 1):
        press(f"Ctrl+{at}")
        assert window.place == name


@pytest.mark.parametrize(("number", "role"), [(1, "ENUM"), (2, "VSEC"), (3, "TSUP")])
def test_every_control_has_a_name_and_every_button_a_key_that_is_used_once(
    sign_in: SignIn, press: Press, number: int, role: str
) -> None:
    window = sign_in(number)
    for name in places_of(role):
        window.go(name)
        press("F5")
        screen = window.current_screen()
        assert screen is not None
        buttons = [
            b for b in screen.findChildren(QAbstractButton) if type(b) is not QAbstractButton
        ]  # corners of tables
        controls: list[QWidget] = [*buttons, *screen.findChildren(QLineEdit), *screen.findChildren(RowTable)]
        nameless = [type(c).__name__ for c in controls if not c.accessibleName() or not c.objectName()]
        assert nameless == []
        keys = [b.key for b in screen.findChildren(ActionButton) if b.isVisible()]
        assert all(keys)
        assert len(keys) == len(set(keys)), (name, keys)
        assert not set(keys) & set(NEVER)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_place_says_its_keys(sign_in: SignIn, number: int) -> None:
    window = sign_in(number)
    for name in places_of(("ENUM", "VSEC", "TSUP")[number - 1]):
        window.go(name)
        screen = window.shown_screen()
        assert screen is not None
        assert 4 <= len(screen.strip()) <= 11


class _Windows(QObject):
    """Collects what appears as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


@pytest.mark.parametrize(("number", "role"), [(1, "ENUM"), (2, "VSEC"), (3, "TSUP")])
def test_nothing_flashes_up_as_a_window_of_its_own(
    sign_in: SignIn, press: Press, qapp: QApplication, number: int, role: str
) -> None:
    watch = _Windows()
    qapp.installEventFilter(watch)
    window = sign_in(number)
    for name in places_of(role):
        window.go(name)
        press("F5")
    qapp.removeEventFilter(watch)
    assert watch.shown == []


def test_escape_goes_back_to_the_first_place(sign_in: SignIn, press: Press) -> None:
    window = sign_in(1)
    press("Ctrl+3", "Esc")
    assert window.place == "home"


def test_locking_forgets_the_screens_and_locks_the_session(
    sign_in: SignIn, press: Press, laptop: object, qtbot: QtBot
) -> None:
    window = sign_in(1)
    press("Ctrl+L")
    assert window.place == "unlock"
    assert window.shown_screen() is None
    qtbot.waitUntil(lambda: laptop.sessions["ENUM-0417"].locked)  # type: ignore[attr-defined]


def test_the_screen_locks_itself_after_minutes_without_a_key(sign_in: SignIn, qtbot: QtBot) -> None:
    window = sign_in(1)
    idle = [timer for timer in window.findChildren(QTimer) if timer.isSingleShot() and timer.interval() == 600_000]
    assert len(idle) == 1
    idle[0].start(1)
    qtbot.waitUntil(lambda: window.place == "unlock")


def test_f1_shows_the_keys_of_the_screen_and_gives_the_cursor_back(sign_in: SignIn, press: Press) -> None:
    window = sign_in(1)
    before = QApplication.focusWidget()
    press("F1")
    sheet = window.findChild(QWidget, "key_sheet")
    assert sheet is not None
    assert sheet.isVisible()
    press("Ctrl+3")
    assert window.place == "home"
    press("Esc")
    assert not sheet.isVisible()
    assert QApplication.focusWidget() is before


def test_type_size_and_contrast_are_in_force_at_once_and_kept_for_the_person(
    sign_in: SignIn, press: Press, tmp_path: Path
) -> None:
    window = sign_in(1)
    press("Ctrl++", "Ctrl+Alt+H")
    assert (theme.current().scale, theme.current().high_contrast) == (115, True)
    assert window.place == "home"
    kept = json.loads((tmp_path / "window.json").read_text(encoding="utf-8"))
    assert kept["people"]["ENUM-0417"]["scale"] == 115
    press("Ctrl+0")
    assert theme.current().scale == 100


def test_a_village_secretary_starts_one_size_larger(sign_in: SignIn) -> None:
    sign_in(2)
    assert theme.current().scale == 115


def test_the_language_changes_in_the_open_window(sign_in: SignIn, press: Press) -> None:
    window = sign_in(1)
    press("Ctrl+4", "Alt+E")
    assert language() == "en"
    assert window.place == "settings"


def test_a_preferences_file_that_cannot_be_read_costs_only_the_habits(tmp_path: Path) -> None:
    (tmp_path / "window.json").write_text('{"people": [1]', encoding="utf-8")
    assert Preferences.load(tmp_path).of("x") == Looks()


def test_what_nobody_expected_becomes_one_sentence_with_a_code(tmp_path: Path) -> None:
    incidents = Incidents(tmp_path)
    sentence = incidents.sentence(KeyError("王建国"))
    assert "编号" in sentence
    assert "王建国" not in sentence
    assert "王建国" not in (tmp_path / "incidents.log").read_text(encoding="utf-8")
    assert incidents.sentence(StoreError("x")) == StoreError.zh


def test_an_error_in_the_event_loop_is_said_and_the_window_goes_on(
    sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sign_in(1)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    Incidents(tmp_path).install(lambda sentence: window.say("trouble", sentence))
    sys.excepthook(ValueError, ValueError("x"), None)
    status = window.findChild(QWidget, "status_bar")
    assert status is not None
    assert "编号" in status.accessibleDescription()
