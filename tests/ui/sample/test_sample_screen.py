"""样本 by keys alone: the county draws once with a report, answers requests, rotates; the township sees progress and asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from fieldapp.services import drawing_sample, handing_out, replacing
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.sample.drawing import DrawPage
from tests.ui.sample.conftest import VILLAGES, Press, arrive, said


def test_the_county_draws_once_by_keys_and_a_second_time_only_with_a_reason(
    window: MainWindow, press: Press, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = arrive(window, press, qtbot, "office01", "Ctrl+9")
    session = screen._presenter.session
    press("Alt+2", "Space")
    page = screen._page
    assert isinstance(page, DrawPage)
    assert "进框 32 户" in said(screen)
    page._fields["name"].setFocus()
    press("text:2027A", "Return", "text:2027", "Return", "Ctrl+A", "text:2", "Return", "text:7", "F9")
    (stored,) = drawing_sample.draws(session)
    assert (stored.name, stored.draw.seed, stored.design.key) == ("2027A", 7, frozenset(VILLAGES[:1]))
    assert "抽好了" in said(screen)
    page._fields["name"].setFocus()
    press("text:2027B", "F9")
    assert "已经抽过样了" in said(screen)
    assert len(drawing_sample.draws(session)) == 1
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path / "report"))
    press("Ctrl+P")
    assert (tmp_path / "report" / "draw_report.pdf").read_bytes().startswith(b"%PDF")
    press("Alt+3", "Ctrl+A", "text:2028", "Return")
    assert "不轮换" in said(screen)
    press("Ctrl+A")
    screen._page._year.setFocus()
    press("Ctrl+A", "text:2029", "Return")
    assert "等批准" in said(screen)
    before = drawing_sample.find(session).standing()
    press("F9")
    assert "已执行" in said(screen)
    assert drawing_sample.find(session).standing() != before


def test_the_township_asks_and_the_county_answers_by_keys(
    window: MainWindow, press: Press, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replacing, "final_outcome", lambda *_: "420")
    screen = arrive(window, press, qtbot, "office01", "Ctrl+9")
    session = screen._presenter.session
    drawn = drawing_sample.draw(session, drawing_sample.Order("2026 年样本", "2026", villages=2, seed=3))
    handing_out.hand_out(session, "2026Q3", "quarterly")
    press("F5")
    assert screen._requests.progress.rows_model().rows[-1].progress.due == len(drawn.draw.households)
    old = next(one.hh_id for one in drawn.draw.households if one.stratum == "S1")
    screen._requests._household.setFocus()
    press(f"text:{old}", "Return", "text:paper 2026-18", "Return")
    assert [one.state for one in screen._requests.requests.rows_model().rows] == [replacing.ASKED]
    press("Shift+F9")  # a refusal needs words
    assert replacing.requests(session)[0].state == replacing.ASKED
    screen._requests.requests.setFocus()
    press("F9")
    (answered,) = replacing.requests(session)
    assert answered.state == replacing.APPROVED
    assert answered.replaced_by in {one.hh_id for one in drawn.draw.reserves}
