"""Rosters and item lines, by keyboard and by clipboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from fieldapp.services.interviewing import Previous
from fieldapp.ui.interview.grid_delegate import CellEdit
from fieldapp.ui.interview.grid_panel import GridPanel
from forms.engine import Cell

ROSTER = (
    "begin_repeat | member | 成员 | appearance=fa-grid",
    "text | mem_name | 姓名 | fa:no=B102 | fa:short=姓名",
    "select_one yn | home | ${mem_name}在家吗 | fa:no=QB01 | fa:short=现在",
    "select_one why | why | 不在家原因 | relevant=${home} = '2' | fa:no=QB07 | fa:short=原因",
    "decimal | months | 住了几个月 | constraint=. <= 3 | constraint_message=最多 3 个月 | fa:no=QB05 | fa:unit=月 | fa:short=月数 | fa:total=sum",
    "end_repeat",
)
ROSTER_CHOICES = "yn:1:是;yn:2:否;" + ";".join(
    f"why:{n:02}:{w}"
    for n, w in enumerate(["务工", "经商", "上学", "陪读", "照看", "住别处", "看病", "参军", "服刑", "其他"], 1)
)

FOOD = (
    "begin_group | qf1 | QF1 食品",
    "select_multiple food | sel | 有哪些",
    "begin_group | grid | 食品 | appearance=fa-grid",
    "begin_group | r_rice | 大米 | appearance=fa-row | relevant=selected(${sel}, 'F101') | fa:no=F101",
    "decimal | rice_cash | 大米：现金 | fa:unit=元 | fa:short=元 | fa:head=现金 | fa:no=F101",
    "decimal | rice_sq | 大米：自产 | fa:unit=公斤 | fa:short=数量 | fa:no=F101",
    "decimal | rice_amt | 大米：合计 | fa:unit=元 | fa:short=合计 | readonly=yes | calculation=round(coalesce(${rice_cash}, 0) + coalesce(${rice_sq}, 0) * 2, 2)",
    "end_group",
    "begin_group | r_salt | 盐 | appearance=fa-row | relevant=selected(${sel}, 'F121') | fa:no=F121",
    "decimal | salt_cash | 盐：现金 | fa:unit=元 | fa:short=元 | fa:head=现金 | fa:no=F121",
    "end_group",
    "end_group",
    "end_group",
)
FOOD_CHOICES = "food:F101:大米;food:F121:盐"


def roster(sit, rows=3, **more):
    sitting = sit(*ROSTER, choices=ROSTER_CHOICES, shown=False, **more)
    repeat = Cell(sitting.opened.form.path_of("member"))
    while len(sitting.interview.rows(repeat)) < rows:
        sitting.interview.add_row(repeat)
    shown = type(sitting)(sitting.opened, sitting.qtbot, **more)
    shown.ids = sitting.interview.rows(repeat)
    sitting.view = shown.view
    return shown


def grid(sitting):
    (panel,) = [panel for panel in sitting.view.body.panels if isinstance(panel, GridPanel)]
    return panel


def at(sitting):
    index = grid(sitting).view.currentIndex()
    return index.row(), index.column()


def test_the_model_keeps_the_rules_of_qt(sit):
    QAbstractItemModelTester(grid(roster(sit)).cells, QAbstractItemModelTester.FailureReportingMode.Fatal)


def test_enter_goes_right_skips_what_is_not_asked_and_on_to_the_next_row(sit):
    sitting = roster(sit)
    assert at(sitting) == (0, 0)
    sitting.press("Enter", "Enter")
    assert at(sitting) == (0, 3)
    sitting.press("Enter")
    assert at(sitting) == (1, 0)
    sitting.press("Shift+Enter")
    assert at(sitting) == (0, 3)


def test_typing_replaces_and_moving_commits(sit):
    sitting = roster(sit)
    first = sitting.ids[0]
    sitting.press("Enter", "Enter")
    sitting.type("2.5")
    sitting.press("Down")
    assert sitting.value("months", first) == "2.5"
    assert at(sitting) == (1, 3)
    sitting.press("Up")
    sitting.type("1")
    sitting.press("Enter")
    assert sitting.value("months", first) == "1"


def test_f2_edits_and_arrows_move_the_caret(sit):
    sitting = roster(sit)
    sitting.presenter.answer(sitting.cell("months", sitting.ids[0]), "25")
    sitting.press("Enter", "Enter", "F2", "Left", "Left")
    sitting.type("1.")
    assert at(sitting) == (0, 3)
    assert isinstance(sitting.focus(), CellEdit)
    assert sitting.focus().text() == "1.25"
    sitting.press("Enter")
    assert sitting.value("months", sitting.ids[0]) == "1.25"


def test_esc_gives_the_value_back(sit):
    sitting = roster(sit)
    sitting.presenter.answer(sitting.cell("months", sitting.ids[0]), "2")
    sitting.press("Enter", "Enter")
    sitting.type("9")
    sitting.press("Esc")
    assert sitting.value("months", sitting.ids[0]) == "2"
    assert at(sitting) == (0, 3)


def test_a_choice_is_made_by_its_digits_and_opens_the_cells_it_asks_for(sit):
    sitting = roster(sit)
    sitting.press("Enter", "2")
    assert sitting.value("home", sitting.ids[0]) == "2"
    assert at(sitting) == (0, 2)
    sitting.press("0", "4")
    assert sitting.value("why", sitting.ids[0]) == "04"
    assert at(sitting) == (0, 3)


def test_pinyin_and_the_list_work_inside_a_cell(sit):
    sitting = roster(sit)
    sitting.press("Enter", "2", "p", "d")
    popup = sitting.view.popup()
    assert popup.isVisible()
    sitting.press("Enter")
    assert sitting.value("why", sitting.ids[0]) == "04"
    assert not popup.isVisible()
    sitting.press("Left", "F4")
    assert popup.isVisible()
    sitting.press("Down", "Enter")
    assert sitting.value("why", sitting.ids[0]) == "05"


def test_a_name_is_composed_inside_a_cell_without_losing_the_first_letters(sit):
    sitting = roster(sit)
    sitting.compose("zhou")
    sitting.compose("zhou'")
    sitting.press("Enter") if False else None
    sitting.commit("周𬭚")
    sitting.press("Enter")
    assert sitting.value("mem_name", sitting.ids[0]) == "周𬭚"
    assert at(sitting) == (0, 1)


def test_a_comma_of_the_input_method_is_not_lost(sit):
    sitting = roster(sit)
    sitting.commit("，")
    sitting.commit("周")
    sitting.press("Enter")
    assert sitting.value("mem_name", sitting.ids[0]) == "，周"


def test_the_input_method_is_on_only_in_text_cells(sit):
    sitting = roster(sit)
    view = grid(sitting).view
    assert view.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    sitting.press("Enter")
    assert not view.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    sitting.press("Enter")
    assert not view.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_what_is_no_figure_stays_in_its_cell_with_the_sentence_above(sit):
    sitting = roster(sit)
    sitting.press("Enter", "Enter")
    sitting.type("1x")
    sitting.press("Enter")
    assert at(sitting) == (0, 3)
    assert isinstance(sitting.focus(), CellEdit)
    assert grid(sitting).bar._tone == "hard"
    sitting.press("Esc")
    assert sitting.value("months", sitting.ids[0]) == ""


def test_a_row_is_added_and_the_cursor_stands_in_it(sit):
    sitting = roster(sit, rows=1)
    sitting.press("Ctrl+I")
    rows = sitting.interview.rows(Cell(sitting.opened.form.path_of("member")))
    assert len(rows) == 2
    assert at(sitting) == (1, 0)


def test_a_row_is_removed_with_a_reason_and_ctrl_z_brings_it_back(sit):
    sitting = roster(sit)
    sitting.presenter.answer(sitting.cell("mem_name", sitting.ids[1]), "周文强")
    sitting.press("Down", "Ctrl+Delete")
    assert grid(sitting).reason.isVisible()
    sitting.press("Enter")
    assert len(grid(sitting).cells.rows) == 3
    sitting.commit("记重了")
    sitting.press("Enter")
    assert [row.name for row in grid(sitting).cells.rows] == ["还没填", "还没填"]
    sitting.press("Ctrl+Z")
    assert [row.name for row in grid(sitting).cells.rows] == ["还没填", "周文强", "还没填"]


def test_names_stand_at_the_rows_as_soon_as_they_are_typed(sit):
    sitting = roster(sit)
    sitting.commit("周德顺")
    sitting.press("Enter")
    assert grid(sitting).cells.rows[0].name == "周德顺"
    assert grid(sitting).bar._text == "周德顺在家吗"


def test_a_block_is_pasted_and_bad_cells_are_refused_one_by_one(sit):
    sitting = roster(sit)
    QGuiApplication.clipboard().setText("周德顺\t是\t\t3\n田秀英\t2\t陪读\t1\n周文强\t没有这个\t\tabc\n多出来\t1")
    sitting.press("Ctrl+V")
    ids = sitting.ids
    assert [sitting.value("mem_name", row) for row in ids] == ["周德顺", "田秀英", "周文强"]
    assert [sitting.value("home", row) for row in ids] == ["1", "2", ""]
    assert [sitting.value("months", row) for row in ids] == ["3", "1", ""]
    assert sitting.value("why", ids[1]) == "04"
    words = grid(sitting).refusals.text()
    assert words.startswith("填进 8 格，4 格没填上")
    assert "周文强 月数" in words
    sitting.press("Ctrl+Z")
    assert sitting.value("mem_name", ids[0]) == ""
    sitting.press("Esc")
    assert not grid(sitting).refusals.isVisible()


def test_a_block_is_copied_as_wps_takes_it(sit):
    sitting = roster(sit)
    QGuiApplication.clipboard().setText("周德顺\t1\n田秀英\t2")
    sitting.press("Ctrl+V", "Shift+Right", "Shift+Down", "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "周德顺\t1 是\n田秀英\t2 否"


def test_ctrl_d_takes_the_cell_above(sit):
    sitting = roster(sit)
    sitting.press("Enter", "1", "Down", "Left", "Ctrl+D")
    assert sitting.value("home", sitting.ids[1]) == "1"


def test_delete_clears_a_block(sit):
    sitting = roster(sit)
    QGuiApplication.clipboard().setText("甲\t1\n乙\t1")
    sitting.press("Ctrl+V", "Shift+Right", "Shift+Down", "Delete")
    assert [sitting.value(name, row) for row in sitting.ids[:2] for name in ("mem_name", "home")] == ["", "", "", ""]


def test_sums_follow(sit):
    sitting = roster(sit)
    sitting.press("Enter", "Enter")
    sitting.type("2")
    sitting.press("Down")
    sitting.type("0.5")
    sitting.press("Enter")
    assert grid(sitting).cells.total(3) == ("2.5", "")


def test_alt_h_lets_enter_go_down(sit):
    sitting = roster(sit)
    sitting.press("Alt+H", "Enter")
    assert at(sitting) == (1, 0)
    sitting.press("Alt+H", "Enter")
    assert at(sitting) == (1, 1)


def test_a_figure_ticks_its_row(sit):
    sitting = sit(*FOOD, choices=FOOD_CHOICES)
    panel = grid(sitting)
    assert panel.cells.is_ticked(0) is False
    sitting.type("150")
    sitting.press("Enter")
    sitting.type("30j")
    sitting.press("Enter")
    assert panel.cells.is_ticked(0) is True
    assert sitting.value("sel") == "F101"
    assert (sitting.value("rice_cash"), sitting.value("rice_sq"), sitting.value("rice_amt")) == ("150", "15", "180")
    assert sitting.here == "salt_cash"
    sitting.press("Ctrl+Z", "Ctrl+Z")
    assert sitting.value("sel") == ""


def test_a_refused_figure_does_not_tick(sit):
    sitting = sit(*FOOD, choices=FOOD_CHOICES)
    sitting.type("1x")
    sitting.press("Enter")
    assert sitting.value("sel") == ""
    sitting.press("Esc")


def test_space_ticks_and_unticking_keeps_the_figures_on_the_laptop(sit):
    sitting = sit(*FOOD, choices=FOOD_CHOICES)
    sitting.type("150")
    sitting.press("Enter", "Space")
    assert sitting.value("sel") == ""
    assert sitting.value("rice_cash") == "150"
    sitting.press("Space")
    assert sitting.value("sel") == "F101"


def test_f3_copies_last_quarter_into_an_unticked_row(sit):
    sitting = sit(*FOOD, choices=FOOD_CHOICES, previous={"rice_cash": Previous("186", "150", None)})
    assert grid(sitting).cells.look(0, 0).previous == "186"
    sitting.press("F3")
    assert sitting.value("rice_cash") == "186"
    assert sitting.value("sel") == "F101"


def test_only_ticked_rows_are_shown_on_request(sit):
    sitting = sit(*FOOD, choices=FOOD_CHOICES)
    sitting.type("150")
    sitting.press("Enter", "Ctrl+E")
    assert [row.code for row in grid(sitting).cells.rows] == ["F101"]
    sitting.press("Ctrl+E")
    assert len(grid(sitting).cells.rows) == 2


def test_nested_rows_say_to_whom_they_belong_and_go_to_the_row_in_hand(sit):
    sitting = sit(
        "begin_repeat | child | 孩子",
        "text | cname | 名字",
        "begin_repeat | toy | 玩具",
        "text | tname | 玩具名",
        "end_repeat",
        "end_repeat",
    )
    children, toys = (panel for panel in sitting.view.body.panels if isinstance(panel, GridPanel))
    sitting.press("Ctrl+I")
    sitting.commit("小兰")
    sitting.press("Enter")
    child = children.cells.rows[-1].row
    for row in list(sitting.presenter.roster_rows(toys.block.repeat)):
        sitting.presenter.remove_row(Cell(toys.block.repeat, row), "清空", toys.block.name_path)
    children.view.focus_cell(Cell(children.block.name_path, child.rows))
    toys.view.setFocus()
    sitting.press("Ctrl+I")
    assert [row.row.rows[:-1] for row in toys.cells.rows] == [child.rows]
    assert toys.cells.rows[0].second == "小兰"


def test_a_letter_code_is_chosen_at_once_in_a_cell(sit):
    sitting = sit(
        "begin_repeat | job | 工作 | appearance=fa-grid",
        "select_one industry | trade | 行业 | fa:short=行业",
        "text | where | 哪里 | fa:short=地点",
        "end_repeat",
        choices="industry:A:农业;industry:N:水利、环境;industry:S:公共管理、社会保障",
    )
    (row,) = sitting.interview.rows(sitting.cell("job"))
    sitting.press("s")
    assert sitting.value("trade", row) == "S"
    assert sitting.here == "where"


def test_f3_copies_the_reference_price_into_an_unticked_row(sit):
    food = [line.replace("fa:short=数量", "fa:short=数量 | fa:ref=price_F101") for line in FOOD]
    sitting = sit(*food, choices=FOOD_CHOICES)
    sitting.opened.references["price_F101"] = "5.2"
    grid(sitting).view.focus_cell(sitting.cell("rice_sq"))
    sitting.press("F3")
    assert sitting.value("sel") == "F101"
    assert sitting.value("rice_sq") == "5.2"


def test_a_time_in_a_cell_is_edited_as_it_is_read(sit):
    sitting = sit(
        "begin_repeat | visit | 访问 | appearance=fa-grid", "time | start | 开始 | fa:short=开始", "end_repeat"
    )
    (row,) = sitting.interview.rows(sitting.cell("visit"))
    sitting.type("0910")
    sitting.press("Enter")
    assert sitting.value("start", row) == "09:10:00.000+08:00"
    grid(sitting).view.focus_cell(Cell(sitting.cell("start").path, (row,)))
    sitting.press("F2")
    editor = sitting.focus()
    assert isinstance(editor, CellEdit)
    assert editor.text() == "09:10"


def test_the_direction_of_enter_is_handed_on_to_be_remembered(sit):
    kept: list[bool] = []
    sitting = roster(sit, keep_direction=kept.append)
    sitting.press("Alt+H")
    sitting.press("Alt+H")
    assert kept == [True, False]


def test_enter_goes_down_from_the_start_for_whoever_chose_it(sit):
    sitting = roster(sit, down_first=True)
    sitting.press("Enter")
    assert at(sitting) == (1, 0)
