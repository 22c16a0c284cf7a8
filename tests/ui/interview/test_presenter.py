"""Answers, undo, saving: without a widget."""

from __future__ import annotations

import os

from fieldapp.services.interviewing import Previous
from fieldapp.ui.interview.saving import SaveQueue, cell_key
from forms.engine import Cell

FORM = (
    "begin_group | qa | QA 情况",
    "select_one yn | damage | 受损没有 | fa:no=QA07",
    "select_one yn | live | 还住着吗 | relevant=${damage} = '1' | fa:no=QA08",
    "integer | days | 天数 | constraint=. <= 92 | constraint_message=最多 92 天 | fa:no=QA03 | fa:unit=天",
    "decimal | loss | 损失 | fa:no=QA19 | fa:unit=元 | fa:nonresponse=dk refused",
    "hidden | loss__st",
    "note | chk | 停水超过 9 天 | relevant=${days} > 9 | check=soft | fa:id=QA03.W1 | fa:about=days | fa:level=question",
    "end_group",
)
YN = "yn:1:是;yn:2:否"


def quiet(sit, **more):
    return sit(*FORM, choices=YN, shown=False, **more)


def test_an_answer_is_shown_at_once_and_saved_behind(sit, qtbot):
    sitting = quiet(sit)
    sitting.opened.may_save.clear()
    shown = []
    sitting.presenter.changed.connect(shown.append)
    assert sitting.presenter.answer(sitting.cell("days"), "12")
    assert sitting.value("days") == "12"
    assert shown
    assert sitting.presenter.unsaved == 1
    with qtbot.waitSignal(sitting.presenter.saved):
        sitting.opened.may_save.set()
    assert sitting.presenter.unsaved == 0
    assert len(sitting.opened.saves) == 1


def test_saved_is_not_said_after_a_write_that_did_not_succeed(sit, qtbot):
    sitting = quiet(sit)
    sitting.opened.failure = OSError("disk full")
    said = []
    sitting.presenter.saved.connect(said.append)
    with qtbot.waitSignal(sitting.presenter.failed):
        sitting.presenter.answer(sitting.cell("days"), "12")
    assert sitting.value("days") == "12"
    assert not said
    sitting.opened.failure = None
    with qtbot.waitSignal(sitting.presenter.saved):
        sitting.presenter.answer(sitting.cell("days"), "13")
    values = [op.value for effects in sitting.opened.saves for op in effects.stored if op.cell.path.endswith("/days")]
    assert values == ["12", "13"]


def test_undo_brings_back_value_and_cursor_and_redo_repeats(sit):
    sitting = quiet(sit)
    sitting.presenter.answer(sitting.cell("days"), "12")
    sitting.presenter.answer(sitting.cell("days"), "20")
    places = []
    sitting.presenter.moved.connect(places.append)
    assert sitting.presenter.undo()
    assert sitting.value("days") == "12"
    assert places == [sitting.cell("days")]
    assert sitting.presenter.redo()
    assert sitting.value("days") == "20"
    sitting.presenter.undo()
    sitting.presenter.undo()
    assert sitting.value("days") == ""
    assert not sitting.presenter.undo()


def test_every_undo_is_saved_too(sit):
    sitting = quiet(sit)
    sitting.presenter.answer(sitting.cell("days"), "12")
    sitting.presenter.undo()
    sitting.settle()
    assert [op.value for effects in sitting.opened.saves for op in effects.stored] == ["12", ""]


def test_what_is_no_figure_is_refused_and_nothing_is_saved(sit):
    sitting = quiet(sit)
    refused = []
    sitting.presenter.refused.connect(lambda _cell, sentence: refused.append(sentence))
    assert not sitting.presenter.answer(sitting.cell("days"), "十二天半")
    assert not sitting.presenter.answer(sitting.cell("live"), "1")
    sitting.settle()
    assert len(refused) == 2
    assert not sitting.opened.saves


def test_a_figure_outside_its_bounds_is_kept_and_stands_in_the_check_list(sit):
    sitting = quiet(sit)
    assert sitting.presenter.answer(sitting.cell("days"), "120")
    sitting.presenter.read_checks_now()
    kinds = [(item.kind, item.state, item.number) for item in sitting.presenter.check_items()]
    assert ("hard", "broken", "QA03") in kinds
    assert ("soft", "failed", "QA03") in kinds


def test_a_note_passes_a_soft_check_until_the_value_changes(sit):
    sitting = quiet(sit)
    sitting.presenter.answer(sitting.cell("days"), "12")
    sitting.presenter.read_checks_now()
    (item,) = sitting.presenter.check_items()
    assert item.is_open
    sitting.presenter.write_note(item.check, "八月水管坏了")
    sitting.presenter.read_checks_now()
    assert not sitting.presenter.check_items()[0].is_open
    sitting.presenter.answer(sitting.cell("days"), "15")
    sitting.presenter.read_checks_now()
    assert sitting.presenter.check_items()[0].state == "fallen"


def test_states_are_given_only_where_they_are_allowed(sit):
    sitting = quiet(sit)
    assert sitting.presenter.answer_state(sitting.cell("loss"), "8")
    assert sitting.presenter.look(sitting.cell("loss")).display == "不清楚"
    assert not sitting.presenter.answer_state(sitting.cell("days"), "9")


def test_last_quarter_is_copied_only_on_the_key(sit):
    sitting = quiet(sit, previous={"loss": Previous("2600", None, None)})
    assert sitting.value("loss") == ""
    assert sitting.presenter.copy_previous(sitting.cell("loss"))
    assert sitting.value("loss") == "2600"
    assert not sitting.presenter.copy_previous(sitting.cell("days"))


def test_progress_follows_the_answers(sit):
    sitting = quiet(sit)
    count = sitting.presenter.ledger.counts[0]
    assert (count.answered, count.asked, count.state) == (0, 3, "none")
    sitting.presenter.answer(sitting.cell("damage"), "1")
    assert (count.answered, count.asked, count.state) == (1, 4, "some")
    for name in ("live", "days", "loss"):
        sitting.presenter.answer(sitting.cell(name), "1")
    assert count.state == "done"


def test_answers_put_away_by_a_skip_are_told(sit):
    sitting = quiet(sit)
    sitting.presenter.answer(sitting.cell("damage"), "1")
    sitting.presenter.answer(sitting.cell("live"), "1")
    sitting.presenter.read_checks_now()
    told = []
    sitting.presenter.told.connect(told.append)
    sitting.presenter.answer(sitting.cell("damage"), "2")
    sitting.presenter.read_checks_now()
    assert told[0].startswith("1 个答案收起了")


def test_a_question_is_found_by_its_number(sit):
    sitting = quiet(sit)
    assert sitting.presenter.cell_of_number("qa19") == sitting.cell("loss")
    assert sitting.presenter.cell_of_number("19") == sitting.cell("loss")
    assert sitting.presenter.cell_of_number("QA08") is None
    assert sitting.presenter.cell_of_number("") is None


def test_a_handed_in_interview_can_be_read_and_not_changed(sit):
    sitting = quiet(sit, readonly=True)
    refused = []
    sitting.presenter.refused.connect(lambda _cell, sentence: refused.append(sentence))
    assert not sitting.presenter.answer(sitting.cell("days"), "12")
    assert refused == ["已交卷，只能看"]


def test_leaving_a_section_seals_and_leaving_waits_for_the_disk(sit, qtbot):
    sitting = quiet(sit)
    sitting.presenter.enter_section("/small/qa")
    sitting.presenter.enter_section("/small/qb")
    sitting.settle()
    assert sitting.opened.sealed == 1
    sitting.opened.may_save.clear()
    sitting.presenter.answer(sitting.cell("days"), "12")
    sitting.presenter.leave()
    assert not sitting.opened.closed
    with qtbot.waitSignal(sitting.presenter.left):
        sitting.opened.may_save.set()
    assert sitting.opened.closed


def test_the_pipe_learns_what_is_on_disk_and_never_a_value(sit, qtbot):
    sitting = quiet(sit)
    reader, writer = os.pipe()
    queue = SaveQueue(sitting.opened.save, sitting.work, writer)
    effects = sitting.interview.answer(sitting.cell("days"), "87")
    with qtbot.waitSignal(queue.saved):
        queue.put(effects, None)
    line = os.read(reader, 1000).decode()
    os.close(reader)
    os.close(writer)
    key, value_hash = line.splitlines()[0].split("\t")
    assert key == cell_key(sitting.cell("days"))
    assert len(value_hash) == 16
    assert "87" not in key


def test_a_comment_is_kept_beside_the_question(sit):
    sitting = quiet(sit)
    assert sitting.presenter.write_comment(sitting.cell("days"), "8月14日暴雨")
    assert sitting.presenter.look(sitting.cell("days")).comment == "8月14日暴雨"
    assert not sitting.presenter.write_comment(sitting.cell("days"), "8月14日暴雨")


def test_a_cell_key_names_its_rows():
    assert cell_key(Cell("/a/b", ("1", "2"))) == "/a/b;1;2"
