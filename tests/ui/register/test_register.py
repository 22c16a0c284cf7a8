"""名册变动 by keyboard alone, over a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.registering import merge, open_register
from fieldapp.ui import theme
from fieldapp.ui.background import Background
from fieldapp.ui.messages import Incidents
from fieldapp.ui.register.view import RegisterView
from fieldapp.ui.settings.preferences import Preferences
from fieldapp.ui.workplace import Workplace
from tests.services.living_county import PEOPLE, LivingCounty

Press = Callable[..., None]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingCounty]:
    made = LivingCounty(tmp_path_factory.mktemp("register_screen"))
    yield made
    made.office.lock()


@pytest.fixture
def view(county: LivingCounty, qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> Iterator[RegisterView]:
    theme.apply(qapp)
    work, long_work = Background(1), Background(1)
    place = Workplace(
        session=county.person("tsup01"), database_work=work, long_work=long_work, incidents=Incidents(tmp_path),
        preferences=Preferences(tmp_path), go=lambda *_: None, open_interview=lambda *_: None,
        change_looks=lambda _looks: None,
    )  # fmt: skip
    made = RegisterView(place)
    qtbot.addWidget(made)
    made.resize(1366, 640)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.load(county.household())
    settle(made, qtbot)
    yield made
    work.wait()
    long_work.wait()


def settle(view: RegisterView, qtbot: QtBot) -> None:
    for _turn in range(3):
        view.presenter.place.database_work.wait()
        qtbot.wait(5)


@pytest.fixture
def press(view: RegisterView, qtbot: QtBot) -> Press:
    """Keys where the cursor is; ``=…`` types text (an input method would have composed it)."""

    def go(*keys: str) -> None:
        for key in keys:
            target = QApplication.focusWidget() or view
            if key.startswith("="):
                assert isinstance(target, QLineEdit)
                target.insert(key[1:])
            else:
                combination = QKeySequence(key)[0]
                QTest.keyClick(target, combination.key(), combination.keyboardModifiers())
            settle(view, qtbot)

    return go


def names(view: RegisterView) -> list[tuple[str, str]]:
    return [(line.mem_no, line.name) for line in view.people.rows_model().rows if line.here]


def test_a_newcomer_is_registered_without_the_mouse(view: RegisterView, press: Press) -> None:
    press("Alt+N", "=02", "=周新妹", "Return", "=2", "=1990-03-02", "Return")
    press("=97", "Return", "=娘家", "Return", "Return", "Return")
    assert ("06", "周新妹") in names(view)
    assert not view.asking()
    assert view.people.hasFocus()
    first = view.history.rows_model().rows[0]
    assert first.words.startswith("周新妹：婚入（20")


def test_the_death_of_the_head_asks_every_relation_one_by_one(view: RegisterView, press: Press) -> None:
    press("Alt+Q", "=11", "Return", "Return", "=02")
    asked = [line.field.label for line in view._form.fields]
    assert asked == ["03 李建国（男）", "04 王小维（女）", "05 李小花（女）"]
    assert all(line.value() == "" for line in view._form.fields)
    press("=20", "=38", "=42")
    assert view.register is not None
    assert view.register.head_name == "田秀英"
    assert names(view)[0] == ("02", "田秀英")


def test_a_refusal_stands_in_the_panel_and_what_was_typed_can_be_put_right(view: RegisterView, press: Press) -> None:
    press("Alt+N", "=04", "=李多", "Return", "=1", "Return")
    press("=10", "Return", "Return", "Return", "Return")
    assert "配偶多于一人" in view._form._sentence.text()
    assert view._form.fields[0].value() == "10"
    view._form.fields[0].line.setFocus()
    view._form.fields[0].line.selectAll()
    press("=97", "F9")
    view.go_on()
    settle_all(view)
    assert ("06", "李多") in names(view)


def settle_all(view: RegisterView) -> None:
    for _turn in range(3):
        view.presenter.place.database_work.wait()
        QTest.qWait(5)


def test_escape_registers_nothing(view: RegisterView, press: Press, county: LivingCounty) -> None:
    press("Alt+Q", "=24", "Return")
    assert view.asking()
    assert view.step_back()
    assert not view.asking()
    assert view.register is not None
    assert len(open_register(county.office, view.register.household).members) == 5


def test_only_what_may_happen_now_can_be_pressed(view: RegisterView, press: Press) -> None:
    enabled = {name for name, made in view._buttons.items() if made.isEnabled()}
    assert "returning" not in enabled
    assert {"going", "splitting", "merging", "moving"} <= enabled
    view.people.go_to(4)
    press("Alt+Q", "=24", "Return", "Return", "Return")
    view.people.go_to(4)
    assert view._buttons["returning"].isEnabled()
    assert not view._buttons["going"].isEnabled()


def test_a_split_asks_who_goes_then_the_new_head_then_the_relations(view: RegisterView, press: Press) -> None:
    press("Alt+F", "=1", "=1", "=2", "=2", "=2", "=03", "=10", "=30", "Return", "=三组新屋", "Return", "Return")
    assert names(view) == [("01", "李德顺"), ("02", "田秀英")]
    assert view.history.rows_model().rows[0].words.startswith(("李建国：分户", "分户"))


def test_the_task_of_a_household_that_moved_out_is_settled_and_opened_again_by_keyboard(
    view: RegisterView, press: Press, county: LivingCounty
) -> None:
    assert view.register is not None
    home = view.register.household
    assign(county.office, [NewAssignment(home, "quarterly", "2026Q3", "enum01")])
    press("Alt+Y", "=广东", "Return", "Return", "Return")
    assert "已迁出本县；访到了就交卷" in view._problems.text()
    press("Alt+W", "=420")
    assert view._form.fields[1].line.hasFocus()
    press("=村委出具证明", "Return")
    assert "办结：整户迁出本县　村委出具证明" in view._problems.text()
    press("Alt+W", "=弄错了", "Return")
    assert "访到了就交卷" in view._problems.text()


def test_a_merge_is_taken_back_by_keyboard(view: RegisterView, press: Press, county: LivingCounty) -> None:
    assert view.register is not None
    here = view.register
    other = open_register(county.office, county.household(PEOPLE[:1], sample_since="2030", cov_sample_role=""))
    newcomer = other.people[0].person_uid
    merge(county.office, here, other, relations={newcomer: "71"}, on="2026-09")
    view.load(other.household)
    settle_all(view)
    assert view._buttons["twins"].isEnabled()
    press("Alt+R", "=没有并", "Return")
    assert view.register.state == "1"
    assert names(view) == [("01", "李德顺")]
