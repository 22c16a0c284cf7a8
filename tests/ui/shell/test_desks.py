"""The desks of the supervisor: review and conflicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

import pytest
from PySide6.QtWidgets import QWidget

from fieldapp.services import deciding, reviewing
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.table_view import RowTable
from forms.engine import Cell

Press = Callable[..., None]
SignIn = Callable[[int], MainWindow]


def table(window: QWidget, name: str) -> RowTable[object]:
    found = window.findChild(RowTable, name)
    assert found is not None
    return found


def test_the_cursor_goes_from_the_waiting_list_to_the_lines(sign_in: SignIn, press: Press) -> None:
    window = sign_in(3)
    press("Ctrl+2", "Return")
    lines = table(window, "review_lines")
    assert lines.hasFocus()
    assert getattr(lines.current_row(), "number", "") == "QD1"
    press("F7")
    assert getattr(lines.current_row(), "number", "") == "F705"


def test_only_what_matters_leaves_out_the_ordinary_lines(sign_in: SignIn, press: Press) -> None:
    window = sign_in(3)
    press("Ctrl+2", "Return", "Ctrl+E")
    numbers = [getattr(row, "number", "") for row in table(window, "review_lines").rows_model().rows]
    assert [number for number in numbers if number] == ["F305", "F705", "QB01"]


def test_a_comment_is_pinned_to_the_line_under_the_cursor(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(3)
    said: list[tuple[str, Cell | None, str]] = []
    monkeypatch.setattr(reviewing, "comment", lambda _s, interview, cell, text: said.append((interview, cell, text)))
    press("Ctrl+2", "Return", "Down", "Down", "Ctrl+B", "text:3000 or 300", "Return")
    assert said == [("iv彭显华", Cell("/data/F305"), "3000 or 300")]


def test_a_line_is_cleared_by_space(sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(3)
    cleared: list[tuple[Cell, bool]] = []
    monkeypatch.setattr(reviewing, "clear", lambda _s, _i, cell, done=True: cleared.append((cell, done)))
    press("Ctrl+2", "Return", "Space")
    assert cleared == [(Cell("/data/QD1"), True)]


def test_a_return_asks_for_a_reason_before_anything_is_written(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sign_in(3)
    sent: list[tuple[tuple[str, ...], str]] = []

    def send_back(
        _s: object, _i: str, reasons: tuple[str, ...], words: str, pinned: Mapping[Cell, str] | None = None
    ) -> None:
        assert not pinned
        sent.append((reasons, words))

    monkeypatch.setattr(reviewing, "send_back", send_back)
    press("Ctrl+2", "Return", "Shift+F9")
    assert sent == []
    assert table(window, "review_reasons").hasFocus()
    press("text:02", "text:09", "Return", "text:look again", "Shift+F9")
    assert sent == [(("02", "09"), "look again")]
    assert table(window, "review_waiting").hasFocus()


def test_a_return_without_words_takes_the_last_own_comment(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(3)
    sent: list[str] = []
    monkeypatch.setattr(reviewing, "send_back", lambda _s, _i, _r, words, pinned=None: sent.append(words))  # noqa: ARG005
    press("Ctrl+2", "Return", "Shift+F9", "text:01", "Shift+F9")
    assert sent == ["电费 3000 是不是 300？打电话核。"]


def test_f9_approves_the_sheet_on_the_desk(sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    window = sign_in(3)
    approved: list[str] = []
    monkeypatch.setattr(reviewing, "approve", lambda _s, interview: approved.append(interview))
    press("Ctrl+2", "F9")
    assert approved == []
    press("Return", "F9")
    assert approved == ["iv彭显华"]
    status = window.findChild(QWidget, "status_bar")
    assert status is not None
    assert "第 2 版通过了" in status.accessibleDescription()


def test_what_is_in_conflict_is_not_approved(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch, given: ModuleType
) -> None:
    from dataclasses import replace

    window = sign_in(3)
    monkeypatch.setattr(
        reviewing, "open_sheet", lambda s, i: replace(given.sheet_of(s, i), approve_blocked="有 1 格冲突，先定")
    )
    monkeypatch.setattr(reviewing, "approve", lambda *_a: pytest.fail("approved"))
    press("Ctrl+2", "Return", "F9")
    status = window.findChild(QWidget, "status_bar")
    assert status is not None
    assert status.accessibleDescription() == "还不能通过：有 1 格冲突，先定"


def test_a_conflict_is_decided_by_choice_grounds_and_enter(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(3)
    taken: list[tuple[str, str, int, str]] = []
    monkeypatch.setattr(
        deciding, "take", lambda _s, root, _row, field, index, why: taken.append((root, field, index, why))
    )
    press("Ctrl+3", "Alt+2", "text:list of July", "Return")
    assert taken == [("r1", "qd/q404", 1, "list of July")]


def test_a_conflict_without_grounds_is_not_decided(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(3)
    monkeypatch.setattr(deciding, "take", lambda *_a: pytest.fail("decided"))
    press("Ctrl+3", "Alt+1", "Return")


def test_a_supervisor_is_offered_no_third_value(sign_in: SignIn, press: Press) -> None:
    window = sign_in(3)
    press("Ctrl+3")
    assert window.findChild(QWidget, "conflict_other") is None


def test_the_author_of_a_value_can_be_asked(sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(3)
    asked: list[tuple[int, str]] = []
    monkeypatch.setattr(deciding, "ask", lambda _s, _root, _row, _field, index, text: asked.append((index, text)))
    press("Ctrl+3", "Alt+4", "text:since when", "Return")
    assert asked == [(0, "since when")]
