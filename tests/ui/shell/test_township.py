"""交接 with the township, the county's quarantine, a lease that has run out, a laptop that was wiped."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType, SimpleNamespace

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.services import admitting, leasing, relaying, syncing
from fieldapp.services.admitting import WaitingChange
from fieldapp.services.wiping import LaptopWiped
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.sync.township import TownshipPane

Press = Callable[..., None]
SignIn = Callable[[int], MainWindow]
ENUMERATOR, SUPERVISOR = 1, 3


def pane_of(window: MainWindow) -> TownshipPane:
    pane = window.findChild(TownshipPane, "township")
    assert pane is not None
    return pane


def test_the_supervisor_sees_each_laptops_ticks_and_takes_in_by_one_key(
    sign_in: SignIn, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    @contextlib.contextmanager
    def serve(_session: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(addresses=("https://192.168.1.5:8470",))
        closed.append(True)

    monkeypatch.setattr(relaying, "serve", serve)
    window = sign_in(SUPERVISOR)
    press("Ctrl+4")
    pane = pane_of(window)
    qtbot.waitUntil(lambda: len(pane.laptops.rows_model().rows) == 2)
    assert [(row.who, row.ticks) for row in pane.laptops.rows_model().rows] == [("王建国", 1), ("杨秀兰", 2)]
    press("Alt+T")
    address = window.findChild(QLabel, "relay_address")
    assert address is not None
    qtbot.waitUntil(lambda: "192.168.1.5:8470" in address.text())
    press("Ctrl+L")
    qtbot.waitUntil(lambda: bool(closed), timeout=3000)


def test_what_the_county_has_set_aside_is_let_in_by_enter(
    sign_in: SignIn, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, given: ModuleType
) -> None:
    one = WaitingChange(
        b"\x01" * 16, "王建国", "3f9a11c0", "周德顺", "电脑已停用", "填改", given.NOW, (("电话", "16900009999"),)
    )
    left = [one]
    monkeypatch.setattr(admitting, "waiting", lambda _s: tuple(left))
    monkeypatch.setattr(
        admitting, "admit", lambda _s, change_id: left.remove(one) if change_id == one.change_id else None
    )
    window = sign_in(SUPERVISOR)
    press("Ctrl+4", "Alt+G")
    pane = pane_of(window)
    qtbot.waitUntil(lambda: list(pane.waiting.rows_model().rows) == [one])
    press("Enter")
    qtbot.waitUntil(lambda: list(pane.waiting.rows_model().rows) == [])


def test_what_stays_out_needs_a_reason(
    sign_in: SignIn, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, given: ModuleType
) -> None:
    said: list[str] = []
    one = WaitingChange(b"\x01" * 16, "王建国", "3f9a11c0", "周德顺", "电脑已停用", "填改", given.NOW, ())
    monkeypatch.setattr(admitting, "waiting", lambda _s: (one,))
    monkeypatch.setattr(admitting, "leave_out", lambda _s, _id, reason: said.append(reason))
    window = sign_in(SUPERVISOR)
    press("Ctrl+4", "Alt+G", "Del", "Enter")
    assert said == []
    reason = window.findChild(QLineEdit, "leave_out_reason")
    assert reason is not None
    reason.setText("号码不对")
    press("Enter")
    qtbot.waitUntil(lambda: said == ["号码不对"])


def test_an_enumerator_hands_over_to_the_address_on_the_townships_screen(
    sign_in: SignIn, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, given: ModuleType
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(relaying, "hand_over", lambda _s, address, **_k: asked.append(address) or given.LAST)
    window = sign_in(ENUMERATOR)
    press("Ctrl+3", "Alt+T")
    line = window.findChild(QLineEdit, "relay_address")
    assert line is not None
    qtbot.waitUntil(line.hasFocus)
    line.setText("192.168.1.5")
    press("Alt+T")
    qtbot.waitUntil(lambda: asked == ["192.168.1.5"])


def test_with_the_lease_over_the_letters_to_read_out_are_shown_and_the_code_is_taken(
    sign_in: SignIn, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, given: ModuleType
) -> None:
    typed: list[str] = []
    over = leasing.Lease(given.NOW - timedelta(days=130), -10, expired=False)
    monkeypatch.setattr(leasing, "lease", lambda _s: over)
    monkeypatch.setattr(leasing, "challenge", lambda _s: "QQRR22")
    monkeypatch.setattr(leasing, "open_with_code", lambda _s, code: typed.append(code) or over)
    window = sign_in(ENUMERATOR)
    press("Ctrl+3")
    line = window.findChild(QWidget, "lease_line")
    assert line is not None
    qtbot.waitUntil(line.isVisible)
    assert any("QQRR22" in one.text() for one in line.findChildren(QLabel))
    code = window.findChild(QLineEdit, "lease_code")
    assert code is not None
    code.setFocus()
    code.setText("AAAA-BBBB-CCCC")
    press("Enter")
    qtbot.waitUntil(lambda: typed == ["AAAA-BBBB-CCCC"])


def test_a_laptop_that_was_wiped_stands_at_the_door_again(
    sign_in: SignIn, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wiped(*_: object, **__: object) -> None:
        raise LaptopWiped("by order")

    monkeypatch.setattr(syncing, "exchange", wiped)
    window = sign_in(ENUMERATOR)
    press("Ctrl+3", "F9")
    qtbot.waitUntil(lambda: window.unlock_view is not None)
