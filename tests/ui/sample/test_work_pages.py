"""下发、换人、权数、核查 by keys: looked at first, done with F9, and told in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from fieldapp.services import drawing_sample, handing_out, replacing
from fieldapp.services.session import Session
from fieldapp.services.workloads import workloads
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.sample.findings import FindingsPage
from fieldapp.ui.sample.handing_out import HandOutPage
from fieldapp.ui.sample.taking_over import TakeOverPage
from fieldapp.ui.sample.view import SampleScreen
from fieldapp.ui.sample.weights import WeightsPage
from fieldapp.ui.settings.preferences import Looks
from tests.ui.sample.conftest import Press, arrive, said

ORDER = drawing_sample.Order("2026 年样本", "2026", villages=2, seed=3)


def load(session: Session) -> dict[str, int]:
    return {one.account: one.open for one in workloads(session)}


def test_a_period_is_looked_at_and_handed_out_by_keys(window: MainWindow, press: Press, qtbot: QtBot) -> None:
    screen = arrive(window, press, qtbot, "office01", "Ctrl+9")
    session = screen._presenter.session
    press("Alt+4")
    page = screen._page
    assert isinstance(page, HandOutPage)
    assert "还没有抽过管 2026Q3 的样本" in said(screen)
    drawn = drawing_sample.draw(session, ORDER)
    press("F5")
    assert f"要下发 {len(drawn.draw.households)} 户" in said(screen)
    assert sum(load(session).values()) == 0
    page._period.setFocus()
    press("Ctrl+A", "text:2026", "Return")
    assert "季度问卷的期写成 2027Q1" in said(screen)
    press("F9")
    assert sum(load(session).values()) == 0
    press("Ctrl+A", "text:2026q4", "Return", "F9")
    assert sum(load(session).values()) == len(drawn.draw.households)
    assert "下次交接" in said(screen)
    assert page.table.rows_model().rows == []


def test_open_work_is_handed_over_by_keys_with_a_word(window: MainWindow, press: Press, qtbot: QtBot) -> None:
    screen = arrive(window, press, qtbot, "office01", "Ctrl+9")
    session = screen._presenter.session
    drawing_sample.draw(session, ORDER)
    handing_out.hand_out(session, "2026Q3", "quarterly")
    before = load(session)
    press("Alt+5")
    page = screen._page
    assert isinstance(page, TakeOverPage)
    gives = page.table.current_row()
    assert gives is not None
    takes = next(account for account in before if account != gives.account)
    press("F9")  # without a word nothing moves
    assert load(session) == before
    assert "先写一句交接的话" in said(screen)
    press("text:home after noon", "F9")
    assert load(session) == {gives.account: 0, takes: sum(before.values())}


def test_weights_are_worked_out_and_written(
    window: MainWindow, press: Press, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = arrive(window, press, qtbot, "office01", "Ctrl+9")
    session = screen._presenter.session
    drawn = drawing_sample.draw(session, ORDER)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path / "weights"))
    press("Alt+6", "Ctrl+P")
    assert not (tmp_path / "weights").exists()
    press("F9")
    page = screen._page
    assert isinstance(page, WeightsPage)
    assert len(page.table.rows_model().rows) == len(drawn.draw.households)
    assert "S1 一户都没有访成，出不了数" in said(screen)
    press("Ctrl+P")
    assert "hh_id" in (tmp_path / "weights" / "weights_2026Q3.csv").read_text(encoding="utf-8-sig")


def test_findings_lead_to_the_household_they_are_about(window: MainWindow, press: Press, qtbot: QtBot) -> None:
    screen = arrive(window, press, qtbot, "office01", "Ctrl+9")
    session = screen._presenter.session
    with session.database.transaction() as writing:
        for hh_id in ("5299001012000001", "5299001012010001"):
            root = drawing_sample.roots_by_number(writing)[hh_id]
            shown = session.changes.view(writing, root)
            drawing_sample.mark_household(session, writing, shown, {"hh_phone": "16900000001"})
    press("Alt+7", "F9")
    page = screen._page
    assert isinstance(page, FindingsPage)
    qtbot.waitUntil(lambda: len(page.table.rows_model().rows) == 2)
    assert "共 2 处，错 0 处，核 2 处" in said(screen)
    press("Alt+E")
    assert page.table.rows_model().rows == []
    press("Alt+E", "Return")
    assert window.place == "households"


def test_the_home_of_the_county_shows_replacements_that_wait_and_leads_to_them_and_to_the_checks(
    window: MainWindow, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "final_outcome", lambda *_: "420")
    screen = arrive(window, press, qtbot, "office01", "Ctrl+9")
    session = screen._presenter.session
    drawn = drawing_sample.draw(session, ORDER)
    handing_out.hand_out(session, "2026Q3", "quarterly")
    old = next(one.hh_id for one in drawn.draw.households if one.stratum == "S1")
    replacing.ask(session, replacing.find(session, old), "", "村委证明 2026-18 号")
    press("Ctrl+1", "Alt+3")
    home = window.current_screen()
    assert home is not None
    assert "1 户，Enter 去批" in said(home)
    press("Return")
    assert window.place == "sample"
    assert [one.hh_id for one in screen._requests.requests.rows_model().rows] == [old]
    press("Ctrl+1", "Alt+H")
    assert isinstance(screen._page, FindingsPage)


def test_the_township_takes_over_and_checks_but_neither_draws_nor_weighs(
    window: MainWindow, press: Press, qtbot: QtBot
) -> None:
    screen = arrive(window, press, qtbot, "tsup01", "Ctrl+8")
    assert [type(page).__name__ for page in screen._pages] == ["RequestsPage", "TakeOverPage", "FindingsPage"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_large_type_does_not_make_the_window_wider_than_a_small_laptop(
    window: MainWindow, press: Press, qtbot: QtBot, language: str
) -> None:
    arrive(window, press, qtbot, "office01", "Ctrl+9")
    window.change_looks(Looks(language=language, scale=150))
    for place in ("Ctrl+1", "Ctrl+9", "Ctrl+8"):
        press(place)
        assert window.size().width() == 1366
    bar = window._top
    assert bar is not None
    assert bar.minimumSizeHint().width() <= 1366
    assert bar.findChildren(QLabel)[0].isHidden()  # the program's name gives way first
    window.change_looks(Looks(language="zh"))
    assert not window._top.findChildren(QLabel)[0].isHidden()


def test_every_page_speaks_english(window: MainWindow, press: Press, qtbot: QtBot) -> None:
    arrive(window, press, qtbot, "office01", "Ctrl+9")
    window.change_looks(Looks(language="en"))
    press("Ctrl+9")
    screen = window.current_screen()
    assert isinstance(screen, SampleScreen)
    for number in range(len(screen._pages)):
        screen._show_page(number)
        press("F5")
        words = said(screen).replace("王建国", "") + " ".join(str(keys) for keys in screen.strip())
        assert [letter for letter in words if "\u4e00" <= letter <= "\u9fff"] == []
