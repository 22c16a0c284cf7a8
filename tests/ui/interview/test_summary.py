"""The check list, notes and handing in."""

from __future__ import annotations

from fieldapp.ui.interview.points import own_length

FORM = (
    "begin_group | qa | QA 情况",
    "integer | days | 停水天数 | fa:no=QA10 | required=yes",
    "integer | loss | 损失 | fa:no=QA19 | fa:unit=元 | required=yes",
    "note | chk_soft | 停水 ${days} 天 | relevant=${days} > 9 | check=soft | fa:id=QA10.W1 | fa:about=days | fa:level=question",
    "note | chk_hard | 损失不能小于 0 | relevant=${loss} < 0 | check=hard | fa:id=QA19.E1 | fa:about=loss | fa:level=question",
    "end_group",
)


def door(sit, *answers):
    sitting = sit(*FORM)
    for name, value in answers:
        sitting.presenter.answer(sitting.cell(name), value)
    sitting.settle()
    sitting.press("F9")
    sitting.settle()
    return sitting, sitting.view.summary


def test_the_list_names_what_is_wrong_what_is_to_be_verified_and_what_is_not_asked(sit):
    _sitting, summary = door(sit, ("days", "12"), ("loss", "-5"))
    assert [(point.kind, point.title) for point in summary.list.points] == [
        ("hard", "损失不能小于 0"),
        ("soft", "停水 12 天"),
    ]
    _sitting, summary = door(sit, ("days", "3"))
    assert [point.kind for point in summary.list.points] == ["open"]


def test_the_reason_stands_above_the_button_that_is_off(sit):
    _sitting, summary = door(sit, ("days", "12"), ("loss", "-5"))
    assert not summary.hand_in.isEnabled()
    assert "错 1 条" in summary.verdict.sentence.text()
    assert "没写说明 1 条" in summary.verdict.sentence.text()


def test_enter_on_a_point_goes_to_its_field(sit):
    sitting, _summary = door(sit, ("days", "12"), ("loss", "-5"))
    sitting.press("Enter")
    assert sitting.here == "loss"
    assert sitting.focus() is sitting.view.body.panels[0].row_of(sitting.cell("loss")).field


def test_a_note_needs_words_of_its_own(sit):
    sitting, summary = door(sit, ("days", "12"), ("loss", "5"))
    sitting.press("Alt+2")
    assert sitting.focus() is summary.note
    sitting.press("Alt+4", "Enter")
    assert summary.list.points[0].is_open
    sitting.commit("八月井干了")
    sitting.press("Enter")
    sitting.settle()
    assert not summary.list.points[0].is_open
    assert summary.ready


def test_a_stock_phrase_is_a_start_and_not_a_note():
    assert own_length("看病住院") == 0
    assert own_length("看病住院，谭菊香手术") == 5
    assert own_length("，。 ") == 0


def test_f9_hands_in_when_nothing_is_open(sit, qtbot):
    sitting, summary = door(sit, ("days", "3"), ("loss", "5"))
    assert summary.ready
    with qtbot.waitSignals([sitting.view.handed_in, sitting.view.left]):
        sitting.press("F9")
    assert sitting.opened.handed_in
    assert sitting.opened.closed


def test_f9_says_why_not(sit):
    sitting, _summary = door(sit, ("days", "12"))
    sitting.press("F9")
    assert not sitting.opened.handed_in


def test_esc_goes_back_to_the_same_field(sit):
    sitting = sit(*FORM)
    sitting.view.go_to(sitting.cell("loss"))
    sitting.press("F9", "Esc")
    assert sitting.here == "loss"


def test_the_summary_reads_the_main_figures(sit):
    _sitting, summary = door(sit, ("days", "3"))
    texts = [summary.recap.itemAt(at).widget().text() for at in range(summary.recap.count())]
    assert texts == ["一共收入", "15,960 元"]
