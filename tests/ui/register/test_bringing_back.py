"""Somebody who had left stands in the roster of an interview again, by one key and the old number."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.ui import theme
from fieldapp.ui.background import Background
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.grid_panel import GridPanel
from fieldapp.ui.interview.layout import Roster, sections_of
from fieldapp.ui.interview.presenter import InterviewPresenter
from forms.engine import Cell
from tests.services.living_county import SON, LivingCounty


def test_who_was_in_prison_comes_back_under_the_old_number(qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> None:
    theme.apply(qapp)
    county = LivingCounty(tmp_path)
    home = county.household()
    son = county.uid(SON)
    county.interview(home, **{f"p{son}": {"qm_status": "4", "qm_change": "26", "qm_change_date": "2026-07-01"}})
    opened = county.begin(home, "2026Q4")
    work = Background(1)
    presenter = InterviewPresenter(opened, work)
    block = next(one for section in sections_of(opened.form) for one in section.blocks if isinstance(one, Roster))
    holder = QWidget()
    popup = ChoiceList(holder)
    panel = GridPanel(presenter, block, lambda: popup, holder)
    qtbot.addWidget(holder)
    holder.resize(1200, 400)
    panel.resize(1200, 400)
    holder.show()
    holder.activateWindow()
    qtbot.waitUntil(holder.isActiveWindow)
    presenter.changed.connect(panel.refresh)
    panel.view.setFocus()
    QTest.keyClick(panel.view, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert "03 李建国（已入狱）" in panel.back.words.text()
    QTest.keyClicks(panel.back.field, "03")
    QTest.keyClick(panel.back.field, Qt.Key.Key_Return)
    assert opened.interview.rows(Cell("/data/member"))[-1] == son
    said = {
        name: opened.interview.value(Cell(f"/data/member/{name}", (son,)))
        for name in ("mem_no", "qm_status", "qm_change")
    }
    assert said == {"mem_no": "03", "qm_status": "3", "qm_change": "05"}
    assert panel._back_button.isHidden()
    work.wait()
    county.office.lock()
