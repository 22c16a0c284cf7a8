"""First screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.errors import StoreError
from fieldapp.services import assigning, interviewing, replacing
from fieldapp.services.interviewing import VisitOutcome
from fieldapp.services.visiting import VisitNoted
from fieldapp.ui.find_box import FindBox
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.table_view import RowTable

Press = Callable[..., None]
SignIn = Callable[[int], MainWindow]

NOTED = VisitNoted("iv", False, False, ("下次请辅助调查员或村组长陪同",))


def table(window: QWidget, name: str) -> RowTable[object]:
    found = window.findChild(RowTable, name)
    assert found is not None
    return found


def test_the_cursor_is_in_the_find_box(sign_in: SignIn) -> None:
    window = sign_in(1)
    focus = window.focusWidget()
    assert focus is not None
    assert focus.objectName() == "home_find"


def test_what_an_input_method_is_composing_is_searched_too(sign_in: SignIn, qtbot: QtBot) -> None:
    window = sign_in(1)
    box = window.findChild(FindBox, "home_find")
    assert box is not None
    with qtbot.waitSignal(box.sought) as sought:
        QApplication.sendEvent(box, QInputMethodEvent("zd", []))
    assert sought.args == ["zd"]
    assert box.text() == ""
    qtbot.waitUntil(lambda: len(table(window, "home_list").rows_model().rows) == 5)


def test_enter_opens_the_household_chosen_with_the_arrows(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sign_in(1)
    opened: list[str] = []

    def begin(_session: object, assignment: str) -> object:
        opened.append(assignment)
        raise StoreError("no form here")

    monkeypatch.setattr(interviewing, "begin", begin)
    press("Down", "Return")
    assert opened == ["as0027"]
    assert window.place == "home"
    status = window.findChild(QWidget, "status_bar")
    assert status is not None
    assert status.accessibleDescription() == StoreError.zh


def test_alt_numbers_go_to_the_blocks_and_the_slip_follows(sign_in: SignIn, press: Press) -> None:
    window = sign_in(1)
    press("Alt+2")
    assert table(window, "home_returned").hasFocus()
    slip = window.findChild(QWidget, "home_slip")
    assert slip is not None
    assert "彭显华户" in slip.accessibleName()


def test_a_visit_without_an_interview_is_noted_by_keys_alone(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(1)
    noted: list[tuple[str, VisitOutcome]] = []
    monkeypatch.setattr(
        interviewing, "record_visit", lambda _s, assignment, visit: noted.append((assignment, visit)) or NOTED
    )
    press("Alt+D", "text:310", "Return", "text:3", "Return", "text:9.26", "Return", "F9")
    assert [(a, v.outcome, v.refuse_reasons, v.next_visit_on) for a, v in noted] == [
        ("as0012", "310", ("3",), date(2026, 9, 26))
    ]


def test_the_sheet_says_how_often_one_was_there_and_when_to_go_next(sign_in: SignIn, press: Press) -> None:
    window = sign_in(1)
    press("Alt+D")
    assert any("本期到访 1 次" in label.text() and label.isVisible() for label in window.findChildren(QLabel))


def test_a_replacement_is_asked_for_by_keys_with_evidence(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(1)
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(replacing, "ask", lambda _s, *told: asked.append(told))
    press("Alt+T", "text:no", "F9")
    assert asked == []
    press("text: 2026-18", "Return", "text:moved", "Return")
    assert asked == [("as0012", "", "no 2026-18", "moved")]


def test_a_refusal_without_a_reason_is_not_taken(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sign_in(1)
    monkeypatch.setattr(interviewing, "record_visit", lambda *_a: pytest.fail("noted"))
    press("Alt+D", "text:310", "F9")
    assert any("拒访要选原因" in label.text() for label in window.findChildren(QLabel))


def test_an_appointment_is_made_by_keys_alone(sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(1)
    made: list[tuple[str, str, str]] = []
    monkeypatch.setattr(assigning, "plan_visit", lambda _s, a, at, remark: made.append((a, at.isoformat(), remark)))
    press("Alt+Y", "text:9.26", "Return", "text:930", "Return", "text:bring card", "F9")
    assert made == [("as0012", "2026-09-26T09:30:00+08:00", "bring card")]


def test_escape_gives_the_sheet_up_and_writes_nothing(sign_in: SignIn, press: Press) -> None:
    window = sign_in(1)
    press("Alt+D", "Esc")
    assert window.findChild(QWidget, "visit_panel") is None or not window.findChild(QWidget, "visit_panel").isVisible()
    focus = window.focusWidget()
    assert focus is not None
    assert focus.objectName() == "home_find"


def test_enter_on_the_waiting_list_of_the_supervisor_goes_to_the_desk(sign_in: SignIn, press: Press) -> None:
    window = sign_in(3)
    press("Return")
    assert window.place == "review"
    lines = table(window, "review_lines")
    assert lines.isVisible()


def test_the_secretary_sees_no_money_anywhere(sign_in: SignIn, press: Press) -> None:
    window = sign_in(2)
    press("Return")
    assert window.place == "households"
    page = window.current_screen()
    assert page is not None
    waves = table(window, "household_interviews")
    heads = [column.head for column in waves.rows_model().columns]
    assert "人均收入" not in heads
    assert not [field for field in page.findChildren(QLineEdit) if "收入" in field.accessibleName()]
    assert not window.findChild(QWidget, "household_open").isVisible()
