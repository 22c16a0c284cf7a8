"""How every journey gets from a laptop's folder to an interview on the screen, by keys."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from fieldapp.demo.hands import Hands, WindowStuck
from fieldapp.demo.typist import plan_answers
from fieldapp.services.session import CHINA, Laptop
from fieldapp.ui.interview.view import InterviewView
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.start import open_window
from fieldapp.ui.table_view import RowTable

PASSPHRASE = "shanlu shuijing shaigu denghuo"
ENUMERATOR = ("enum01", "王建国")
_CONTROL = Qt.KeyboardModifier.ControlModifier


def sign_in(folder: Path, patience_s: float = 120) -> tuple[MainWindow, Hands]:
    """The window of a laptop with the enumerator signed in, at the home screen."""
    window = open_window(folder, place=(0, 0, 1366, 697), laptop=Laptop(folder))
    hands = Hands(window, patience_s=patience_s)

    def button() -> QAbstractButton | None:
        people = [b for b in window.findChildren(QAbstractButton) if b.objectName().startswith("unlock_person_")]
        return next((one for one in people if one.text() == ENUMERATOR[1]), None)

    hands.wait_until(lambda: button() is not None, "the people of this laptop")
    own = button()
    assert own is not None
    number = int(own.objectName().rpartition("_")[2])
    hands.press(Qt.Key(int(Qt.Key.Key_0) + number), Qt.KeyboardModifier.AltModifier)
    hands.write(PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.wait_until(lambda: window.place == "home", "the home screen")
    return window, hands


def open_first_household(window: MainWindow, hands: Hands) -> InterviewView:
    """Finds the household at the top of today's list by its number and opens its interview."""

    def rows() -> list[Any]:
        screen = window.current_screen()
        tables = [t for t in screen.findChildren(RowTable) if t.objectName() == "home_list"] if screen else []
        return list(tables[0].rows_model().rows) if tables else []

    hands.wait_until(lambda: bool(rows()), "the list of households")
    number = rows()[0].hh_no
    hands.press(Qt.Key.Key_F, _CONTROL)
    hands.write(number)
    hands.wait_until(lambda: [row.hh_no for row in rows()] == [number], "the household alone")
    hands.press(Qt.Key.Key_Return)
    hands.wait_until(lambda: window.place == "interview", "the interview")
    view = window.findChild(InterviewView)
    if not isinstance(view, InterviewView):
        raise WindowStuck("no interview on the screen")
    return view


def planned(view: InterviewView, seed: int) -> Any:
    """What this household could answer."""
    return plan_answers(view.presenter.interview, seed, datetime.now(CHINA).date())
