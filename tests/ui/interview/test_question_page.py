"""A page of questions, by keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from fieldapp.services.interviewing import Previous
from fieldapp.ui.interview.choice_field import ChoiceField

FORM = (
    "begin_group | qa | QA 情况",
    "select_one yn | damage | 受损没有 | fa:no=QA07",
    "select_one yn | live | 还住着吗 | relevant=${damage} = '1' | fa:no=QA08",
    "integer | days | 天数 | constraint=. <= 92 | constraint_message=最多 92 天 | fa:no=QA03 | fa:unit=天",
    "select_multiple water | water | 水质 | fa:no=QA11",
    "select_one long | absent | 不在家原因 | fa:no=QA12",
    "text | why | 说明 | fa:no=QA13",
    "date | day | 日期 | fa:no=QA14",
    "decimal | loss | 损失 | fa:no=QA19 | fa:unit=元 | fa:nonresponse=dk refused",
    "hidden | loss__st",
    "note | chk | 停水 ${days} 天 | relevant=${days} > 9 | check=soft | fa:id=QA03.W1 | fa:about=days | fa:level=question",
    "end_group",
    "begin_group | qb | QB 其他",
    "integer | more | 还有 | fa:no=QB01",
    "end_group",
)
CHOICES = "yn:1:是;yn:2:否;water:1:浑浊;water:2:异味;water:3:虫子;" + ";".join(
    f"long:{code}:{label}"
    for code, label in [
        ("01", "务工"), ("02", "经商"), ("03", "上学"), ("04", "陪读"), ("05", "照看孙辈"), ("06", "住别处"), ("07", "看病"), ("08", "参军"),
        ("09", "服刑"), ("99", "其他"),
    ]
)  # fmt: skip


def page(sit, **more):
    return sit(*FORM, choices=CHOICES, **more)


def test_the_cursor_begins_at_the_first_open_question(sit):
    sitting = page(sit)
    assert sitting.here == "damage"
    assert isinstance(sitting.focus(), ChoiceField)


def test_a_digit_chooses_and_moves_on_past_what_is_not_asked(sit):
    sitting = page(sit)
    sitting.press("2")
    assert sitting.value("damage") == "2"
    assert sitting.here == "days"


def test_a_question_that_becomes_relevant_comes_next(sit):
    sitting = page(sit)
    sitting.press("1")
    assert sitting.here == "live"


def test_a_whole_page_is_filled_by_keys_alone(sit):
    sitting = page(sit)
    sitting.press("1", "2")
    sitting.type("12")
    sitting.press("Enter")
    sitting.press("1", "3", "Enter")
    sitting.press("0", "4")
    sitting.commit("病了")
    sitting.press("Enter")
    sitting.type("0814")
    sitting.press("Enter")
    sitting.type("120+80")
    sitting.press("Enter")
    sitting.settle()
    assert [sitting.value(name) for name in ("damage", "live", "days", "water", "absent", "why", "day", "loss")] == [
        "1", "2", "12", "1 3", "04", "病了", "2026-08-14", "200",
    ]  # fmt: skip
    assert sitting.here == "more"
    assert sitting.view.status.sentence.startswith("已保存")
    assert sitting.view.status.tone == "ok"


def test_enter_and_arrows_walk_without_changing_anything(sit):
    sitting = page(sit)
    sitting.press("Enter", "Down")
    assert sitting.here == "water"
    sitting.press("Shift+Enter")
    assert sitting.here == "days"
    sitting.press("Up")
    assert sitting.here == "damage"
    sitting.press("Tab")
    assert sitting.here == "days"
    sitting.press("Backtab")
    assert sitting.here == "damage"
    sitting.settle()
    assert not sitting.opened.saves


def test_a_multiple_choice_toggles_and_enter_goes_on(sit):
    sitting = page(sit)
    sitting.press("Enter", "Enter", "1", "2", "1")
    assert sitting.value("water") == "2"
    assert sitting.here == "water"
    sitting.press("Enter")
    assert sitting.here == "absent"


def test_a_list_opens_filters_by_pinyin_and_closes(sit):
    sitting = page(sit)
    sitting.press("Enter", "Enter", "Enter", "F4")
    assert sitting.view.popup().isVisible()
    sitting.press("Esc")
    assert not sitting.view.popup().isVisible()
    assert sitting.here == "absent"
    sitting.press("p", "d")
    assert sitting.view.popup().isVisible()
    sitting.press("Enter")
    assert sitting.value("absent") == "04"
    assert not sitting.view.popup().isVisible()
    assert sitting.here == "why"


def test_the_list_never_covers_its_own_field(sit):
    sitting = page(sit)
    sitting.press("Enter", "Enter", "Enter", "F4")
    field = sitting.focus()
    corner = field.mapTo(sitting.view, field.rect().topLeft())
    assert not sitting.view.popup().geometry().intersects(field.rect().translated(corner))


def test_what_is_no_figure_stays_with_its_sentence_and_the_cursor_does_not_move(sit):
    sitting = page(sit)
    sitting.press("Enter")
    sitting.type("12x")
    sitting.press("Enter")
    assert sitting.here == "days"
    assert sitting.focus().text() == "12x"
    assert sitting.focus().property("state") == "hard"
    sitting.press("Esc")
    assert sitting.focus().text() == ""


def test_the_echo_follows_the_typing(sit):
    sitting = page(sit)
    sitting.view.go_to(sitting.cell("loss"))
    sitting.type("1200")
    row = sitting.view.body.panels[0].row_of(sitting.cell("loss"))
    assert row._echo == "一千二百元"


def test_the_input_method_is_on_for_text_and_off_elsewhere(sit):
    sitting = page(sit)
    on = {}
    for name in ("damage", "days", "why", "day", "loss"):
        sitting.view.go_to(sitting.cell(name))
        on[name] = sitting.focus().testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    assert on == {"damage": False, "days": False, "why": True, "day": False, "loss": False}


def test_while_a_composition_is_open_every_key_belongs_to_it(sit):
    sitting = page(sit)
    sitting.view.go_to(sitting.cell("why"))
    sitting.compose("bao'xiao")
    sitting.press("Enter")
    assert sitting.here == "why"
    sitting.press("Down")
    assert sitting.here == "why"
    sitting.commit("报销𬭚")
    sitting.press("Enter")
    assert sitting.value("why") == "报销𬭚"
    assert sitting.here == "day"


def test_non_response_is_given_by_key_and_shown_as_a_word(sit):
    sitting = page(sit)
    sitting.view.go_to(sitting.cell("loss"))
    sitting.press("Ctrl+8")
    assert sitting.interview.state(sitting.cell("loss")).status == "8"
    field = sitting.view.body.panels[0].row_of(sitting.cell("loss")).field if sitting.view.section_index == 0 else None
    if field is None:
        sitting.view.go_to(sitting.cell("days"))
        field = sitting.view.body.panels[0].row_of(sitting.cell("loss")).field
    assert field.text() == "不清楚"


def test_f3_copies_last_quarter_into_this_field_alone(sit):
    sitting = page(sit, previous={"loss": Previous("2600", "1300", None), "days": Previous("5", None, None)})
    sitting.view.go_to(sitting.cell("loss"))
    sitting.press("F3")
    assert sitting.value("loss") == "2600"
    assert sitting.value("days") == ""
    assert sitting.focus().text() == "2600"


def test_earlier_values_stand_in_the_side_panel(sit):
    sitting = page(sit, previous={"loss": Previous("2600", "1300", None)})
    sitting.view.go_to(sitting.cell("loss"))
    sitting.type("1300")
    sitting.press("Enter")
    sitting.view.go_to(sitting.cell("loss"))
    sitting.settle()
    lines = [(line.label, line.value, line.change) for line in sitting.view.side.table._lines]
    assert lines == [
        ("本季", "1,300", ""),
        ("上季", "2,600", "−50%"),
        ("去年同季", "1,300", "+0%"),
        ("基线", "—", "没问"),
    ]


def test_ctrl_z_brings_value_and_cursor_back(sit):
    sitting = page(sit)
    sitting.press("2")
    sitting.type("12")
    sitting.press("Enter")
    assert sitting.here == "water"
    sitting.press("Ctrl+Z")
    assert sitting.value("days") == ""
    assert sitting.here == "days"
    sitting.press("Ctrl+Z")
    assert sitting.value("damage") == ""
    assert sitting.here == "damage"
    sitting.press("Ctrl+Y")
    assert sitting.value("damage") == "2"


def test_ctrl_g_goes_to_a_number(sit):
    sitting = page(sit)
    sitting.press("Ctrl+G")
    sitting.type("qb01")
    sitting.press("Enter")
    assert sitting.here == "more"
    assert sitting.view.section_index == 1


def test_sections_are_turned_by_key(sit):
    sitting = page(sit)
    sitting.press("Ctrl+PgDown")
    assert sitting.here == "more"
    sitting.press("Ctrl+PgUp")
    assert sitting.view.section_index == 0


def test_f7_goes_to_the_open_check(sit):
    sitting = page(sit)
    sitting.view.go_to(sitting.cell("days"))
    sitting.type("12")
    sitting.press("Enter")
    sitting.settle()
    sitting.view.go_to(sitting.cell("loss"))
    sitting.press("F7")
    assert sitting.here == "days"
    assert "停水 12 天" in sitting.view.dock.items[0].sentence


def test_a_note_is_written_beside_and_enter_goes_back(sit):
    sitting = page(sit)
    sitting.view.go_to(sitting.cell("days"))
    sitting.press("Ctrl+B")
    assert sitting.focus() is sitting.view.side.note
    sitting.commit("水管冻裂")
    sitting.press("Enter")
    assert sitting.interview.comment(sitting.cell("days")) == "水管冻裂"
    assert sitting.here == "days"
    assert isinstance(sitting.focus(), QLineEdit)


def test_f6_walks_through_the_panes(sit):
    sitting = page(sit)
    sitting.press("F6")
    assert sitting.focus() is sitting.view.side.note
    sitting.press("F6")
    assert sitting.focus() is sitting.view.sections
    sitting.press("F6")
    assert sitting.here == "damage"
    assert isinstance(sitting.focus(), ChoiceField)


def test_trouble_turns_the_status_red_and_keeps_what_was_typed(sit):
    sitting = page(sit)
    sitting.opened.failure = OSError("disk full")
    sitting.press("2")
    sitting.settle()
    assert sitting.view.status.tone == "trouble"
    assert sitting.value("damage") == "2"
    sitting.opened.failure = None
    sitting.press("Ctrl+S")
    sitting.settle()
    assert sitting.view.status.tone == "ok"


def test_esc_leaves_when_nothing_is_open(sit, qtbot):
    sitting = page(sit)
    with qtbot.waitSignal(sitting.view.left):
        sitting.press("Esc")
    assert sitting.opened.closed


def test_coming_back_lands_on_the_same_field(sit):
    sitting = page(sit)
    sitting.view.go_to(sitting.cell("loss"))
    sitting.qtbot.waitUntil(lambda: bool(sitting.opened.places))
    cell, section = sitting.opened.places[-1]
    assert cell == sitting.cell("loss")
    assert section.endswith("/qa")
    sitting.opened.cursor = cell
    sitting.view.show_section(1)
    sitting.view.arrive()
    assert sitting.here == "loss"


COMPUTED = (
    "begin_group | q0 | 封面",
    "text | code | 户编码 | readonly=yes | calculation='5299001010010001' | fa:no=Q002",
    "select_one type | before | 上期户类型 | readonly=yes | calculation='3' | fa:no=Q003",
    "calculate | year | | calculation=2026 | type=int | fa:no=Q010 | fa:short=年",
    "decimal | sum | 合计 | readonly=yes | calculation=1234.5 | fa:no=Q011 | fa:unit=元",
    "text | name | 姓名",
    "end_group",
)


def test_a_computed_code_is_shown_as_it_is_and_a_computed_choice_by_its_label(sit):
    sitting = sit(*COMPUTED, choices="type:3:边缘易致贫户")
    shown = {name: sitting.presenter.look(sitting.cell(name)).display for name in ("code", "before", "year", "sum")}
    assert shown == {"code": "5299001010010001", "before": "3 边缘易致贫户", "year": "2026", "sum": "1,234.5"}


def test_a_computed_text_has_room_and_stands_at_the_left(sit):
    sitting = sit(*COMPUTED, choices="type:3:边缘易致贫户")
    panel = sitting.view.body.panels[0]
    code, amount = (panel.row_of(sitting.cell(name)).field for name in ("code", "sum"))
    assert code.width() > code.fontMetrics().horizontalAdvance("5299001010010001") + 40
    assert amount.width() < code.width()


LETTERS = "industry:A:农业;industry:G:交通运输;industry:N:水利、环境;industry:S:公共管理、社会保障;industry:T:国际组织;industry:R:文化"


def test_a_letter_code_is_chosen_at_once_in_a_field(sit):
    sitting = sit("select_one industry | trade | 行业", "text | then | 其他", choices=LETTERS)
    sitting.press("S")
    assert sitting.value("trade") == "S"
    assert sitting.presenter.look(sitting.cell("trade")).display == "S 公共管理、社会保障"
    assert sitting.here == "then"


def test_times_are_kept_with_seconds_and_offset_and_read_as_typed(sit):
    sitting = sit("time | start | 开始", "dateTime | moment | 时刻", "text | then | 其他")
    for typed in ("0910", "09:10"):
        sitting.view.go_to(sitting.cell("start"))
        sitting.type(typed)
        sitting.press("Enter")
        assert sitting.value("start") == "09:10:00.000+08:00"
        assert sitting.presenter.look(sitting.cell("start")).display == "09:10"
    sitting.type("9.22 1805")
    sitting.press("Enter")
    assert sitting.value("moment") == "2026-09-22T18:05:00.000+08:00"
    assert sitting.presenter.look(sitting.cell("moment")).display == "2026-09-22 18:05"


PRICES = (
    "begin_group | qf | 食品",
    "decimal | rice_sp | 大米：单价 | fa:unit=元/公斤 | fa:ref=price_F101",
    "decimal | salt_sp | 盐：单价 | fa:unit=元/公斤 | fa:ref=price_F121",
    "decimal | rice | 大米 | fa:unit=公斤",
    "end_group",
)


def test_f3_in_a_price_copies_the_reference_price_and_last_quarters_where_there_is_none(sit):
    before = Previous("4.8", None, None, "4.8")
    sitting = sit(
        *PRICES, previous={"rice_sp": before, "salt_sp": before, "rice": Previous("#8", None, None, "不清楚")}
    )
    sitting.opened.references["price_F101"] = "5.2"
    sitting.press("F3", "Enter", "F3", "Enter", "F3")
    assert [sitting.value(name) for name in ("rice_sp", "salt_sp", "rice")] == ["5.2", "4.8", ""]


def test_the_reference_price_stands_beside_the_field(sit):
    sitting = sit(*PRICES)
    sitting.opened.references["price_F101"] = "5.2"
    sitting.view.go_to(sitting.cell("rice"))
    sitting.view.go_to(sitting.cell("rice_sp"))
    sitting.settle()
    assert sitting.view.side.helper.text().startswith("参考价 5.2 元/公斤，按 F3 照抄")


def test_a_list_of_letters_says_that_letters_choose(sit):
    sitting = sit("select_one industry | trade | 行业", choices=LETTERS)
    sitting.press("F4")
    assert sitting.view.popup()._hint() == "打左边的字母就选上"
