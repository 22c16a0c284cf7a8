"""From a form to sections and grids."""

from __future__ import annotations

from fieldapp.ui.interview.layout import Lines, Questions, Roster, sections_of

FOOD = (
    "begin_group | qf1 | QF1 食品",
    "select_multiple food | sel | 有哪些",
    "begin_group | grid | 食品 | appearance=fa-grid",
    "begin_group | r_rice | 大米 | appearance=fa-row | relevant=selected(${sel}, 'F101') | fa:no=F101",
    "decimal | rice_cash | 大米：现金 | fa:unit=元 | fa:short=元 | fa:head=现金",
    "decimal | rice_sq | 大米：自产 | fa:unit=公斤 | fa:short=数量",
    "decimal | rice_amt | 大米：合计 | fa:unit=元 | fa:short=合计 | readonly=yes | calculation=round(coalesce(${rice_cash}, 0) * 1, 2)",
    "calculate | aux_rice | | calculation=1",
    "end_group",
    "begin_group | r_salt | 盐 | appearance=fa-row | relevant=selected(${sel}, 'F121') | fa:no=F121",
    "decimal | salt_cash | 盐：现金 | fa:unit=元 | fa:short=元 | fa:head=现金",
    "text | salt_note | 说明 | fa:short=说明",
    "end_group",
    "end_group",
    "decimal | gift | 免费得到的 | fa:unit=元",
    "end_group",
)
FOOD_CHOICES = "food:F101:大米;food:F121:盐"


def test_a_group_is_a_section_and_loose_questions_make_one(sit):
    form = sit(
        "text | a | 甲", "begin_group | g | 组", "text | b | 乙", "end_group", "text | c | 丙", shown=False
    ).opened.form
    assert [section.path.rsplit("/", 1)[-1] for section in sections_of(form)] == ["a", "g", "c"]


def test_fixed_rows_line_up_under_common_columns(sit):
    form = sit(*FOOD, choices=FOOD_CHOICES, shown=False).opened.form
    (section,) = sections_of(form)
    lines, rest = section.blocks
    assert isinstance(lines, Lines)
    assert isinstance(rest, Questions)
    assert [column.short for column in lines.columns] == ["元", "数量", "合计", "说明"]
    assert [line.code for line in lines.lines] == ["F101", "F121"]
    assert lines.tick.endswith("/sel")
    assert set(lines.lines[1].cells) == {"现金|元", "|说明"}
    assert [path.rsplit("/", 1)[-1] for path in rest.paths] == ["gift"]


def test_groups_of_a_repeat_are_sections_on_the_same_rows(sit):
    form = sit(
        "begin_repeat | member | 成员 | appearance=fa-grid",
        "text | mem_name | 姓名",
        "begin_group | qb | QB 状态",
        "integer | age | 年龄",
        "end_group",
        "begin_group | qc | QC 从业",
        "integer | months | 月数",
        "end_group",
        "end_repeat",
        shown=False,
    ).opened.form
    sections = sections_of(form)
    assert [section.path.rsplit("/", 1)[-1] for section in sections] == ["member", "qb", "qc"]
    rosters = [section.blocks[0] for section in sections]
    assert all(isinstance(roster, Roster) and roster.repeat.endswith("/member") for roster in rosters)
    assert all(isinstance(roster, Roster) and roster.name_path.endswith("/mem_name") for roster in rosters)


def test_a_repeat_in_a_repeat_is_a_grid_of_its_own(sit):
    form = sit(
        "begin_repeat | child | 孩子", "text | cname | 名字", "begin_repeat | toy | 玩具", "text | tname | 玩具名", "end_repeat", "end_repeat",
        shown=False,
    ).opened.form  # fmt: skip
    (section,) = sections_of(form)
    assert [block.repeat.rsplit("/", 1)[-1] for block in section.blocks if isinstance(block, Roster)] == [
        "child",
        "toy",
    ]
