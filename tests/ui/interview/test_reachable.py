"""Every control has a name and can be reached; every key is free; every size and colour set is drawn whole."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview import keys
from fieldapp.words import set_language

FORM = (
    "begin_group | qa | QA 情况",
    "select_one yn | damage | 受损没有 | fa:no=QA07",
    "integer | days | 天数 | fa:no=QA03 | fa:unit=天",
    "text | why | 说明 | appearance=multiline",
    "geopoint | place | 坐标",
    "image | photo | 照片",
    "range | pain | 程度",
    "rank yn | order | 排序",
    "acknowledge | told | 告知",
    "barcode | code | 条码",
    "time | clock | 时间",
    "dateTime | moment | 时刻",
    "end_group",
    "begin_repeat | member | 成员",
    "text | mem_name | 姓名",
    "end_repeat",
)
NEVER = {
    "Ctrl+Space", "Shift+Space", "Ctrl+.", "Ctrl+,", "Ctrl+;", "Alt+Space", "Alt+A", "Ctrl+Alt+A", "Ctrl+Alt+W", "Ctrl+Alt+Z", "F10", "F12",
}  # fmt: skip


def test_every_control_has_a_name(sit):
    sitting = sit(*FORM, choices="yn:1:是;yn:2:否")
    for index in range(2):
        sitting.view.show_section(index)
        nameless = [
            widget
            for widget in sitting.view.findChildren(QWidget)
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.accessibleName()
        ]
        assert not nameless


def test_no_type_of_question_is_dropped(sit):
    sitting = sit(*FORM, choices="yn:1:是;yn:2:否")
    rows = [row for row in sitting.view.body.panels[0].rows if row.isVisible()]
    assert len(rows) == 11
    reached = set()
    for _press in range(11):
        reached.add(sitting.here)
        sitting.press("Enter")
    assert len(reached) == 11


def test_no_printed_key_is_one_of_those_never_used():
    printed = {cap for _words, column in keys.sheet_columns() for caps, _words in column for cap in caps}
    printed |= {cap for caps, _words in keys.summary_keys() for cap in caps}
    printed |= {cap for caps, _words in keys.grid_keys(lines=True, can_add=True) for cap in caps}
    assert not printed & NEVER


def test_the_strip_has_five_to_eleven_keys():
    strip = keys.question_keys(choice=True, confirm=False, nonresponse=("8", "9"), previous=True)
    assert 5 <= len(strip) <= 12
    assert 5 <= len(keys.summary_keys()) <= 11


@pytest.mark.parametrize("scale", [100, 150])
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_drawn_at_every_size_and_in_high_contrast(sit, qapp, scale, dark):
    sitting = sit(*FORM, choices="yn:1:是;yn:2:否")
    theme.apply(qapp, scale, high_contrast=dark)
    QApplication.processEvents()
    picture = sitting.view.grab().toImage()
    light = picture.pixelColor(1300, 360).lightness()
    assert light < 60 if dark else light > 200
    assert sitting.view.sections.rail is (scale == 150)
    assert sitting.view.side.isVisible() is (scale == 100)
    assert sitting.view.minimumSizeHint().width() <= 1366


def test_the_language_is_switched_while_the_interview_is_open(sit, qapp):
    sitting = sit(*FORM, choices="yn:1:是;yn:2:否")
    sitting.view.go_to(sitting.cell("days"))
    sitting.type("12")
    set_language("en")
    theme.apply(qapp)
    QApplication.processEvents()
    assert sitting.value("days") == "12"
    assert sitting.here == "days"
    assert sitting.view.strip.keys[0] == (("Enter",), "Next")
    sitting.press("Enter")
    assert sitting.here != "days"


def test_a_named_field_tells_its_state_to_a_screen_reader(sit):
    sitting = sit(*FORM, choices="yn:1:是;yn:2:否")
    sitting.view.go_to(sitting.cell("days"))
    assert sitting.focus().accessibleName() == "QA03 天数 天"
    assert sitting.focus().accessibleDescription() == "没填"
