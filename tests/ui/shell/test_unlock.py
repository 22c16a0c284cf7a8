"""Who is using this laptop."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from fieldapp.ui.main_window import MainWindow

Press = Callable[..., None]


def test_the_cursor_is_in_the_passphrase_field_with_the_input_method_off(window: MainWindow) -> None:
    unlock = window.unlock_view
    assert unlock is not None
    assert unlock.secret.hasFocus()
    assert not unlock.secret.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_the_locked_screen_shows_nothing_of_a_household(window: MainWindow, given: ModuleType) -> None:
    unlock = window.unlock_view
    assert unlock is not None
    shown = " ".join(label.text() for label in unlock.labels())
    assert "云岭县" in shown
    assert not any(row.head_name in shown or row.hh_id in shown for row in given.ROWS)


def test_alt_and_a_number_chooses_the_person_and_keeps_the_cursor(window: MainWindow, press: Press) -> None:
    press("Alt+2")
    unlock = window.unlock_view
    assert unlock is not None
    assert unlock.chosen is not None
    assert unlock.chosen.name == "杨秀兰"
    assert unlock.secret.hasFocus()
    press("Up")
    assert unlock.chosen.name == "王建国"


def test_a_wrong_passphrase_says_how_many_tries_are_left_and_empties_the_field(
    window: MainWindow, press: Press
) -> None:
    press("text:falsch-falsch", "Return")
    unlock = window.unlock_view
    assert unlock is not None
    assert unlock.message() == "口令不对，还能试 4 次。忘了带到乡镇重设，资料不丢"
    assert unlock.secret.text() == ""
    assert unlock.secret.hasFocus()


def test_the_passphrase_shows_only_while_alt_k_is_held(window: MainWindow) -> None:
    unlock = window.unlock_view
    assert unlock is not None
    QTest.keyClicks(unlock.secret, "geheim")
    QTest.keyPress(unlock.secret, Qt.Key.Key_K, Qt.KeyboardModifier.AltModifier)
    assert unlock.secret.echoMode() == QLineEdit.EchoMode.Normal
    QTest.keyRelease(unlock.secret, Qt.Key.Key_K, Qt.KeyboardModifier.AltModifier)
    assert unlock.secret.echoMode() == QLineEdit.EchoMode.Password
    assert unlock.secret.text() == "geheim"


def test_capitals_are_told_while_typing(window: MainWindow) -> None:
    unlock = window.unlock_view
    assert unlock is not None

    def letter(text: str, modifiers: Qt.KeyboardModifier) -> None:
        QApplication.sendEvent(unlock.secret, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, modifiers, text))

    letter("A", Qt.KeyboardModifier.ShiftModifier)
    assert "大写锁定没开" in unlock.message()
    letter("A", Qt.KeyboardModifier.NoModifier)
    assert "大写锁定开着" in unlock.message()


def test_the_right_passphrase_opens_the_home_of_the_post(sign_in: Callable[[int], MainWindow]) -> None:
    window = sign_in(3)
    assert window.place == "home"
    assert window.unlock_view is None
    screen = window.current_screen()
    assert screen is not None
    assert type(screen).__name__ == "SupervisorScreen"
