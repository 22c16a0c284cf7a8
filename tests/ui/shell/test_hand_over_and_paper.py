"""Hand-over, print centre, settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import ModuleType

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.services import carrying, printing, syncing
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.printing.paper import count_pages, draw_page
from sync.errors import SyncError

Press = Callable[..., None]
SignIn = Callable[[int], MainWindow]


def status_of(window: MainWindow) -> str:
    status = window.findChild(QWidget, "status_bar")
    assert status is not None
    return status.accessibleDescription()


def test_nothing_is_exchanged_before_f9(sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    window = sign_in(1)
    monkeypatch.setattr(syncing, "exchange", lambda *_a, **_k: pytest.fail("exchanged"))
    press("Ctrl+3")
    numbers = [label.text() for label in window.findChildren(QLabel) if label.property("kind") == "figure"]
    assert "35" in numbers


def test_the_result_of_an_exchange_stands_in_sentences(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch, given: ModuleType
) -> None:
    window = sign_in(1)

    def exchange(
        _session: object,
        *,
        progress: Callable[[syncing.Progress], None] | None = None,
        cancel: Event | None = None,
    ) -> syncing.SyncReport:
        assert cancel is not None
        if progress is not None:
            progress(syncing.Progress("sending", "正在交", 3, 6))
        report: syncing.SyncReport = given.LAST
        return report

    monkeypatch.setattr(syncing, "exchange", exchange)
    press("Ctrl+3", "F9")
    card = window.findChild(QWidget, "sync_result")
    assert card is not None
    words = "\n".join(label.text() for label in card.findChildren(QLabel))
    assert "交接做完了" in words
    assert "交上去 6 户\n收回 1 份退回" in words


def test_no_server_is_one_sentence_and_the_next_try_is_open(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sign_in(1)

    def exchange(*_a: object, **_k: object) -> None:
        raise SyncError("refused")

    monkeypatch.setattr(syncing, "exchange", exchange)
    press("Ctrl+3", "F9")
    assert status_of(window) == SyncError.zh
    start = window.findChild(QWidget, "sync_start")
    assert start is not None
    assert start.isEnabled()


def test_escape_stops_an_exchange(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch, given: ModuleType, qtbot: QtBot
) -> None:
    from dataclasses import replace

    window = sign_in(1)
    press("Ctrl+3")

    def exchange(_session: object, *, progress: object = None, cancel: Event | None = None) -> syncing.SyncReport:  # noqa: ARG001
        assert cancel is not None
        assert cancel.wait(20)
        report: syncing.SyncReport = replace(given.LAST, ok=False, cancelled=True, sentences=())
        return report

    monkeypatch.setattr(syncing, "exchange", exchange)
    screen = window.shown_screen()
    assert screen is not None
    screen.main_deed()
    assert screen.step_back()
    qtbot.waitUntil(lambda: "停下了" in status_of(window), timeout=20_000)


def test_a_stick_is_made_and_taken_in_with_two_keys(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch, given: ModuleType, tmp_path: Path
) -> None:
    window = sign_in(1)
    folders: list[Path] = []

    def carry_out(_session: object, folder: Path) -> carrying.CarriedOut:
        folders.append(folder)
        return carrying.CarriedOut(35, 6, 9000, ("装好了：35 条改动，9 KB",))

    def take_in(_session: object, folder: Path, **_more: object) -> syncing.SyncReport:
        folders.append(folder)
        report: syncing.SyncReport = given.LAST
        return report

    monkeypatch.setattr(carrying, "carry_out", carry_out)
    monkeypatch.setattr(carrying, "take_in", take_in)
    monkeypatch.setattr("fieldapp.ui.sync.view.choose_stick", lambda _parent: tmp_path)
    press("Ctrl+3", "Alt+U")
    assert status_of(window) == "U 盘装好了，可以拔"
    card = window.findChild(QWidget, "sync_result")
    assert card is not None
    assert "装好了：35 条改动，9 KB" in "\n".join(label.text() for label in card.findChildren(QLabel))
    press("Alt+I")
    assert status_of(window) == "交接做完了"
    assert folders == [tmp_path, tmp_path]


def test_no_stick_chosen_does_nothing(sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(1)
    monkeypatch.setattr("fieldapp.ui.sync.view.choose_stick", lambda _parent: None)
    monkeypatch.setattr(carrying, "carry_out", lambda *_a: pytest.fail("carried"))
    press("Ctrl+3", "Alt+U")


def test_a_page_of_a_pdf_becomes_an_image(given: ModuleType) -> None:
    pdf = given.a_pdf(3)
    assert count_pages(pdf) == 3
    image = draw_page(pdf, 1, 300)
    assert (image.width(), round(image.height() / image.width(), 2)) == (300, 1.42)


def test_changed_households_are_ticked_and_space_unticks(sign_in: SignIn, press: Press) -> None:
    window = sign_in(2)
    press("Ctrl+4")
    assert any(label.text() == "5 户里选了 4 户" for label in window.findChildren(QLabel))
    press("Space")
    assert any(label.text() == "5 户里选了 3 户" for label in window.findChildren(QLabel))


def test_the_pdf_is_kept_where_the_person_says(sign_in: SignIn, press: Press, tmp_path: Path, qtbot: QtBot) -> None:
    window = sign_in(2)
    press("Ctrl+4")
    field = window.findChild(QLineEdit, "print_path")
    assert field is not None
    field.setText(str(tmp_path / "村 档.pdf"))
    field.textEdited.emit(field.text())
    press("Shift+F9")
    qtbot.waitUntil(lambda: (tmp_path / "村 档.pdf").exists())
    assert count_pages((tmp_path / "村 档.pdf").read_bytes()) == 8
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_cannot_be_written_is_one_sentence(sign_in: SignIn, press: Press, tmp_path: Path) -> None:
    window = sign_in(2)
    press("Ctrl+4")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    field = window.findChild(QLineEdit, "print_path")
    assert field is not None
    field.setText(str(tmp_path / "file" / "a.pdf"))
    field.textEdited.emit(field.text())
    press("Shift+F9")
    assert status_of(window).startswith("没存成")


def test_a_preview_is_not_noted_as_a_print(
    sign_in: SignIn, press: Press, monkeypatch: pytest.MonkeyPatch, given: ModuleType, qtbot: QtBot
) -> None:
    sign_in(2)
    noted: list[bool] = []

    def household_file(_session: object, _household: str, **more: bool) -> object:
        noted.append(more["noted"])
        return printing.Printed(given.a_pdf(1), 1, 1, ())

    monkeypatch.setattr(printing, "household_file", household_file)
    press("Ctrl+4", "Down")
    qtbot.waitUntil(lambda: bool(noted))
    assert set(noted) == {False}


def test_the_passphrase_is_changed_only_when_both_new_ones_agree(sign_in: SignIn, press: Press, laptop: object) -> None:
    window = sign_in(1)
    press("Ctrl+4", "Alt+2", "text:chunjian-2026", "Return", "text:qiutian-2026", "Return", "text:other", "F9")
    session = laptop.sessions["ENUM-0417"]  # type: ignore[attr-defined]
    assert "passphrase" not in session.kept
    press("text:qiutian-2026", "F9")
    assert session.kept["passphrase"] == "qiutian-2026"
    assert status_of(window) == "口令换好了，下次开机用新的"
