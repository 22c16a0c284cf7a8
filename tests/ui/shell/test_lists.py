"""Lists of frozen rows."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, Mark, RowsModel, Shown


@dataclass(frozen=True)
class Row:
    name: str
    head: bool = False


def model() -> RowsModel[Row]:
    return RowsModel(
        [
            Column("名", lambda row: row.name),
            Column("状态", lambda _row: Shown("通过", marks=(Mark("核 1"),), bar=0.5), right=True),
        ],
        heading=lambda row: row.name if row.head else None,
    )


ROWS = (Row("收入", True), Row("甲"), Row("乙"), Row("消费", True), Row("丙"))


def test_the_model_is_a_sound_qt_model(qtmodeltester: ModelTester) -> None:
    rows = model()
    rows.show(ROWS)
    qtmodeltester.check(rows)
    rows.show(())
    qtmodeltester.check(rows)


def test_a_cell_speaks_its_head_its_marks_and_its_bar() -> None:
    rows = model()
    rows.show(ROWS)
    spoken = rows.data(rows.index(1, 1), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "状态 通过 核 1 50%"


def test_the_cursor_never_stands_on_a_group_head(qtbot: QtBot) -> None:
    table = RowTable(model(), "list", "表")
    qtbot.addWidget(table)
    table.show_rows(ROWS)
    assert table.current_row() == Row("甲")
    for key, name in (
        (Qt.Key.Key_Up, "甲"),
        (Qt.Key.Key_Down, "乙"),
        (Qt.Key.Key_Down, "丙"),
        (Qt.Key.Key_Down, "丙"),
        (Qt.Key.Key_Home, "甲"),
    ):
        QTest.keyClick(table, key)
        row = table.current_row()
        assert row is not None
        assert row.name == name


def test_the_cursor_stays_on_its_row_when_rows_come_anew(qtbot: QtBot) -> None:
    table = RowTable(model(), "list", "表")
    qtbot.addWidget(table)
    table.show_rows(ROWS, lambda row: row.name)
    table.go_to(4)
    table.show_rows((Row("丙"), Row("甲")), lambda row: row.name)
    assert table.current_row() == Row("丙")


def test_typing_enter_and_space_are_reported_and_not_answered(qtbot: QtBot) -> None:
    table = RowTable(model(), "list", "表")
    qtbot.addWidget(table)
    table.show_rows(ROWS)
    with qtbot.waitSignal(table.typed) as typed:
        QTest.keyClick(table, Qt.Key.Key_Z)
    assert typed.args == ["z"]
    with qtbot.waitSignal(table.opened):
        QTest.keyClick(table, Qt.Key.Key_Return)
    with qtbot.waitSignal(table.toggled):
        QTest.keyClick(table, Qt.Key.Key_Space)
