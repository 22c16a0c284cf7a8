"""The reading text: what a person holds against the specification is what the form says, in words."""

from __future__ import annotations

import pytest

from forms.engine import Form, load_form
from forms.questionnaires import load_questionnaire
from forms.questionnaires.readable import Readable
from forms.questionnaires.reading_text import Entry, markdown, reading_text

SMALL = """
| survey  |                  |            |                        |          |                              |                          |                                              |              |                |             |                |          |
|         | type             | name       | label                  | required | relevant                     | constraint               | calculation                                  | bind::fa:no  | bind::fa:check | bind::fa:id | bind::fa:about | bind::fa:unit |
|         | csv-external     | params     |                        |          |                              |                          |                                              |              |                |             |                |          |
|         | csv-external     | prev       |                        |          |                              |                          |                                              |              |                |             |                |          |
|         | begin_group      | qa         | 家庭季度情况           |          |                              |                          |                                              | QA           |                |             |                |          |
|         | integer          | q_wat_stop | 停水的天数             | yes      |                              | . >= 0 and . <= 92       |                                              | QA10         |                |             |                | 天       |
|         | select_multiple water | q_wat_bad | 水质问题           | yes      |                              | not(selected(., '0') and count-selected(.) > 1) |                       | QA11         |                |             |                |          |
|         | select_one yn    | q_wat_fix  | 解决了没有             | yes      | ${q_wat_stop} > 0 or selected(${q_wat_bad}, '1') |  |                                          | QA12         |                |             |                |          |
|         | note             | chk_wat    | 停水 ${q_wat_stop} 天，太久 |     | ${q_wat_stop} > 9            |                          |                                              |              | soft           | QA10.W1     | q_wat_stop     |          |
|         | end_group        |            |                        |          |                              |                          |                                              |              |                |             |                |          |
|         | begin_repeat     | member     | 家庭成员               |          |                              |                          |                                              | QB           |                |             |                |          |
|         | select_one rel   | mem_rel    | 关系                   |          |                              |                          |                                              | QB03         |                |             |                |          |
|         | end_repeat       |            |                        |          |                              |                          |                                              |              |                |             |                |          |
|         | calculate        | heads      |                        |          |                              |                          | count(${member}[mem_rel = '02'])             |              |                |             |                |          |
| choices |                  |            |                        |
|         | list_name        | name       | label                  |
|         | yn               | 1          | 是                     |
|         | yn               | 2          | 否                     |
|         | water            | 0          | 清澈无异味             |
|         | water            | 1          | 浑浊                   |
|         | rel              | 02         | 户主                   |
| settings |                 |            |                        |
|         | form_id          | form_title | version | namespaces |
|         | small            | 小卷       | 1       | fa="urn:fieldapp:xforms:1" |
"""


@pytest.fixture(scope="module")
def small() -> Form:
    return load_form(SMALL, name="small.md")


@pytest.mark.parametrize(
    ("expression", "at", "words"),
    [
        ("${q} > 9", "", "QA10 大于 9"),
        ("9 < ${q}", "", "QA10 大于 9"),
        ("${q} = ''", "", "QA10 没有填"),
        ("${q} != ''", "", "QA10 已填"),
        (". >= 0 and . <= 92", "/data/qa/q_wat_stop", "本题 在 0 到 92 之间"),
        ("selected(/data/qa/q_wat_bad, '1')", "", "QA11 选了 “1 浑浊”"),
        ("not(selected(/data/qa/q_wat_bad, '1'))", "", "QA11 没有选 “1 浑浊”"),
        ("selected('0 1', /data/qa/q_wat_bad)", "", "QA11 为 “0 清澈无异味”、“1 浑浊” 之一"),
        ("/data/qa/q_wat_fix = '1' or /data/qa/q_wat_fix = '2'", "", "QA12 为 “1 是”、“2 否” 之一"),
        ("/data/qa/q_wat_fix = '1' or ${q} > 3 and ${q} < 5", "", "QA12 为 “1 是”；或 （QA10 大于 3，且 QA10 小于 5）"),
        ("${q} > instance('params')/root/item[name = 'water_stop_days']/value", "", "QA10 大于 {water_stop_days}"),
        ("${q} > 5 * instance('prev')/root/item[row = '']/q_wat_stop", "", "QA10 大于 （5 × 上季 QA10）"),
        ("(${q} + 1) * 2", "", "（QA10 ＋ 1） × 2"),
        ("${q} - (${q} - 1)", "", "QA10 － （QA10 － 1）"),
        ("count(/data/member[mem_rel = '02'])", "", "家庭成员中（QB03 为 “02 户主”）的行 的行数"),
        ("coalesce(${q}, 0) + 1", "", "QA10 ＋ 1"),
        ("coalesce(${q}, 3) * 2", "", "〔QA10，没有则取 3〕 × 2"),
        ("regex(., '^[0-9]{1,9}(\\.[0-9]{1,2})?$')", "/data/qa/q_wat_stop",
         "本题 是不小于 0 的数，整数部分最多 9 位，最多 2 位小数"),
        ("not(regex(., '^.*[0-9]{15,19}.*$'))", "/data/qa/q_wat_stop", "本题 不含 15—19 位连续数字"),
        ("round(., 2) = .", "/data/qa/q_wat_stop", "本题 最多 2 位小数"),
        ("pow(${q}, 2)", "", "pow(QA10，2)"),
        ("ancestor::x", "", "ancestor::x"),
        ("unclosed(", "", "unclosed("),
    ],
)  # fmt: skip
def test_a_rule_reads_in_words_and_what_has_no_words_stays_an_expression(
    small: Form, expression: str, at: str, words: str
) -> None:
    written = expression.replace("${q}", "/data/qa/q_wat_stop")
    assert Readable(small).words(written, at or "/data/qa/q_wat_fix") == words


def test_every_question_stands_with_its_number_type_unit_options_skip_and_checks(small: Form) -> None:
    text = markdown(reading_text(small))
    for line in (
        "**QA10** 停水的天数　`q_wat_stop`　整数，单位：天，必填",
        "- 取值：本题 在 0 到 92 之间",
        "**QA12** 解决了没有　`q_wat_fix`　单选，必填",
        "- 适用：QA10 大于 0；或 QA11 选了 “1 浑浊”",
        "- 选项：1 是；2 否",
        "**【核 QA10.W1】** 停水 〔QA10〕 天，太久　`chk_wat`　整卷，关于 QA10",
        "- 出现：QA10 大于 9",
        "## QB 家庭成员（名册，一行一条）",
    ):
        assert line in text.splitlines(), line


def test_nothing_that_is_asked_or_checked_is_left_out_of_the_annual_questionnaire() -> None:
    form = load_questionnaire("annual")
    text = reading_text(form)
    entries: dict[str, Entry] = {entry.name: entry for section in text.sections for entry in section.entries}
    asked = {node.name for node in form.walk() if getattr(node, "control", None) and node.kind == "question"}
    assert asked <= set(entries)
    assert {check.id for check in form.checks} == {
        one.number for one in entries.values() if one.kind in ("hard", "soft")
    }
    assert all(rule for entry in entries.values() for _, rule in entry.rules)
    assert entries["edu_km_kg"].rules[0] == ("适用", "家庭成员中（B108 在 3 到 5 之间）的行 的行数 大于 0")
    assert len(dict(text.lists)["ethnicity"]) >= 56


def test_any_workbook_of_the_ecosystem_reads_too() -> None:
    plain = load_form("| survey |  |  |  |\n| | type | name | label |\n| | integer | age | How old? |\n", name="p.md")
    assert "`age`" in markdown(reading_text(plain))
