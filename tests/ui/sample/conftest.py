"""A county office of two villages with thirty-two households, and its window worked by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from fieldapp.services import sampling
from fieldapp.services.session import Laptop, Session
from fieldapp.store.keys import KeyCost
from fieldapp.ui import theme
from fieldapp.ui.main_window import MainWindow
from fieldapp.ui.messages import Incidents
from fieldapp.ui.sample.view import SampleScreen
from fieldapp.ui.settings.preferences import Preferences
from sync.change import Content, Kind, RootType, Write
from sync.project import UseMode
from sync.scope import register_feed

PASSPHRASE = "xiong huai da zhi"
NOW = datetime(2026, 9, 24, 1, 6, tzinfo=UTC)
VILLAGES = ["529900101200", "529900101201"]
CHEAP = KeyCost(8, 1, 1)
Press = Callable[..., None]


def put(session: Session, root: str, root_type: str, feed: str, fields: dict[str, str]) -> None:
    writes = tuple(Write((), field, value) for field, value in fields.items())
    with session.database.transaction() as writing:
        session.changes.write(writing, Content(Kind.EDIT, writes), root=root, root_type=root_type, feed=feed)


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    made = Laptop(tmp_path / "laptop", clock=lambda: NOW, key_cost=CHEAP)
    made.found(sampling._founding(NOW, VILLAGES, PASSPHRASE, UseMode.WORK))
    with made.unlock("office01", PASSPHRASE) as office:
        for village, name in zip(VILLAGES, ("双河村", "岩口村"), strict=True):
            facts = {"control": "village", "code": village, "name": name, "township": "青石镇"}
            put(office, office.changes.new_root(), RootType.CONTROL, "county", facts)
            for n in range(16):
                fields = {
                    "hh_id": f"{village}{n + 1:04d}", "cov_village_code": village, "hh_head_name": "周德顺",
                    "hh_type_now": "12351"[n % 5], "hh_risk_cleared": "1" if n % 5 == 2 else "2",
                }  # fmt: skip
                put(office, office.changes.new_root(), RootType.HOUSEHOLD, register_feed(village), fields)
    return made


@pytest.fixture
def window(laptop: Laptop, tmp_path: Path, qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
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


@pytest.fixture
def press(window: MainWindow, qtbot: QtBot) -> Press:
    def go(*keys: str) -> None:
        for key in keys:
            target: QWidget = QApplication.focusWidget() or window
            if key.startswith("text:"):
                QTest.keyClicks(target, key[5:])
            else:
                combination = QKeySequence(key)[0]
                QTest.keyClick(target, combination.key(), combination.keyboardModifiers())
            for _turn in range(3):
                window.database_work.wait()
                qtbot.wait(10)

    return go


def arrive(window: MainWindow, press: Press, qtbot: QtBot, account: str, place: str) -> SampleScreen:
    unlock = window.unlock_view
    assert unlock is not None
    number = [person.account for person in unlock._people].index(account) + 1
    unlock.secret.setFocus()
    press(f"Alt+{number}", f"text:{PASSPHRASE}", "Return")
    qtbot.waitUntil(lambda: window.place == "home")
    press(place)
    found = window.current_screen()
    assert isinstance(found, SampleScreen)
    return found


def said(screen: QWidget) -> str:
    return " ".join(label.text() for label in screen.findChildren(QLabel) if label.isVisible())
