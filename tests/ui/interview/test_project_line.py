"""The line over an interview: use of the answers on the cover, the old version everywhere, and the key that carries it over."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fieldapp.ui.interview.project_line import ProjectLine

OLD = "这份卷用的是旧版 1，现在新卷用 2；县里已批准对照，可以迁到新版"


@pytest.fixture
def line(qtbot: QtBot):
    def make(version: str = "", *, can_carry: bool = False, always: bool = False) -> ProjectLine:
        made = ProjectLine("用途：工作监测", version, can_carry, always=always)
        qtbot.addWidget(made)
        return made

    return make


def test_the_use_of_the_answers_stands_on_the_cover_alone(line) -> None:
    made = line()
    made.show_for(0)
    assert not made.isHidden()
    made.show_for(1)
    assert made.isHidden()


@pytest.mark.parametrize("kept", [{"version": OLD}, {"always": True}])
def test_an_old_version_and_a_survey_are_said_on_every_section(line, kept) -> None:
    made = line(**kept)
    made.show_for(3)
    assert not made.isHidden()


def test_carrying_over_is_asked_twice(line, qtbot: QtBot) -> None:
    made = line(OLD, can_carry=True)
    made.show_for(0)
    made.ask()
    assert "再按一次" in made.version.text()
    with qtbot.waitSignal(made.carry_over_wanted):
        made.ask()


def test_the_button_does_what_the_key_does(line, qtbot: QtBot) -> None:
    made = line(OLD, can_carry=True)
    with qtbot.waitSignal(made.carry_over_wanted):
        QTest.mouseClick(made.key, Qt.MouseButton.LeftButton)
        QTest.mouseClick(made.key, Qt.MouseButton.LeftButton)


def test_without_a_reviewed_mapping_the_key_does_nothing(line, qtbot: QtBot) -> None:
    made = line("这份卷用的是旧版 1，现在新卷用 2；照旧版填完就行")
    with qtbot.assertNotEmitted(made.carry_over_wanted):
        made.ask()
        made.ask()
