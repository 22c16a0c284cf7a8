"""The county office opens a county by keys alone: look, decide, take in, enter the monitoring line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.services import finding, parameters, sampling
from fieldapp.services.session import Laptop
from fieldapp.store.keys import KeyCost
from fieldapp.ui import theme
from fieldapp.ui.county.view import CountyScreen
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.messages import Incidents
from fieldapp.ui.settings.preferences import Preferences
from sync.project import UseMode

PASSPHRASE = "xiong huai da zhi"
VILLAGE = "529900101200"
NOW = datetime(2026, 9, 22, 1, 6, tzinfo=UTC)


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    cheap = KeyCost(8, 1, 1)
    folder = tmp_path / "laptop"
    laptop = Laptop(folder, clock=lambda: NOW, key_cost=cheap)
    laptop.found(sampling._founding(NOW, [VILLAGE], PASSPHRASE, UseMode.WORK))
    with laptop.unlock("office01", PASSPHRASE) as office, office.database.transaction() as writing:
        parameters.publish(
            office, writing, "village", VILLAGE, {"code": VILLAGE, "name": "双河村", "township": "青石镇"}
        )
    theme.apply(qapp)
    made = MainWindow(lambda: laptop, Preferences(tmp_path), Incidents(tmp_path))
    made.resize(1366, 697)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: made.unlock_view is not None and made.unlock_view.chosen is not None)
    yield made
    made.lock()
    made.database_work.wait()
    made.long_work.wait()
    made.close()
    made.deleteLater()


def settle(window: MainWindow, qtbot: QtBot) -> None:
    for _turn in range(3):
        window.database_work.wait()
        window.long_work.wait()
        qtbot.wait(10)


@pytest.fixture
def press(window: MainWindow, qtbot: QtBot) -> Callable[..., None]:
    def go(*keys: str) -> None:
        for key in keys:
            target: QWidget = QApplication.focusWidget() or window
            if key.startswith("text:"):
                QTest.keyClicks(target, key[5:])
            else:
                combination = QKeySequence(key)[0]
                QTest.keyClick(target, combination.key(), combination.keyboardModifiers())
            settle(window, qtbot)

    return go


@pytest.fixture
def screen(window: MainWindow, press: Callable[..., None], qtbot: QtBot) -> CountyScreen:
    """Signed in as the county office, at 底册."""
    unlock = window.unlock_view
    assert unlock is not None
    place = [person.account for person in unlock._people].index("office01") + 1
    unlock.secret.setFocus()
    press(f"Alt+{place}", f"text:{PASSPHRASE}", "Return")
    qtbot.waitUntil(lambda: window.place == "home")
    press("Ctrl+8")
    found = window.current_screen()
    assert isinstance(found, CountyScreen)
    return found


def table(folder: Path, phone: str, name: str) -> str:
    path = folder / name
    path.write_text(
        f"户编码,村代码,组,户主姓名,联系电话,户类型,片区\n{VILLAGE}0777,{VILLAGE},三组,覃世杰,{phone},脱贫户,东\n",
        encoding="gb18030",
    )
    return str(path)


def test_a_county_is_opened_by_keys_alone(
    screen: CountyScreen,
    window: MainWindow,
    press: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[str] = [table(tmp_path, "16900000001", "先.csv")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_args: (given, ""))
    session = screen._place.session

    def names() -> list[str]:
        return [row.head_name for row in finding.list_households(session).rows if row.hh_id.endswith("0777")]

    press("Ctrl+O")
    assert "新增 1 户" in screen._headline.text()
    assert names() == []  # only looked at
    press("F9")
    assert "新增 1 户 1 人" in screen._headline.text()
    assert names() == ["覃世杰"]
    # A later table asks; without a word nothing changes.
    given[:] = [table(tmp_path, "16900000002", "后.csv")]
    press("Ctrl+O", "F9")
    assert "改了 0 户" in screen._headline.text()
    press("Ctrl+O", "Alt+4", "Space", "F9")
    assert "改了 1 户 1 处" in screen._headline.text()
    # A column nobody could guess is named by a person.
    press("Ctrl+O", "Alt+1", "End", "Return")
    assert screen._stack.currentIndex() == 4
    press("Escape")
    assert screen._stack.currentIndex() == 0
    assert window.place == "county"


def test_the_monitoring_line_is_entered_by_keys_and_its_document_is_asked_for(
    screen: CountyScreen, window: MainWindow, press: Callable[..., None]
) -> None:
    page = screen._parameters
    press("Alt+S", "text:mon", "Return")
    page._fields["name"].setFocus()
    press("Ctrl+A", "text:monitor_line", "Return", "Ctrl+A", "text:8300", "F9")
    assert "监测线须录文号" in page._wrong.text()
    page._fields["doc"].setFocus()
    press("text:No.3", "F9")
    assert page._wrong.text() == ""
    session = screen._place.session
    with session.database.reading() as reading:
        holding = parameters.values_for(session, reading, "2026Q3")
    assert holding["monitor_line"] == "8300"
    assert "未录入本年监测线" not in page._missing.text()
    press("Escape")
    assert window.place == "county"
