"""What a step tells is what changed, no less and no more; undo and reopening bring everything back."""

import pytest

from forms.engine import AnswerRefused, Cell, Interview, SavedInterview, load_form
from tests.forms.conftest import still

ROSTER = """
    | type         | name   | label              | relevant    | calculation | hint                 | bind::fa:check | bind::fa:nonresponse |
    | integer      | limit  | Limit              |             |             |                      |                |                      |
    | begin repeat | member | Member             |             |             |                      |                |                      |
    | text         | who    | No. ${place}       |             |             | at most ${limit}     |                |                      |
    | integer      | age    | Age                |             |             |                      |                | dk                   |
    | calculate    | place  |                    |             | position(..) |                     |                |                      |
    | note         | old    | Older than ${limit} | ${age} > 60 |            |                      | soft           |                      |
    | end repeat   |        |                    |             |             |                      |                |                      |
    | calculate    | total  |                    |             | sum(${age}) |                      |                |                      |
"""
SETTINGS = '| namespaces |\n | fa="urn:fieldapp:xforms:1" |'


@pytest.fixture
def roster(form_of):
    form = form_of(ROSTER, settings=SETTINGS)
    interview = Interview.begin(form, still())
    interview.add_row("/data/member")
    return interview


def named(interview, effects):
    return {interview.ref(cell) for cell in effects.changed}


def test_a_hint_that_follows_an_answer_is_told(roster):
    roster.hint("/data/member[1]/who")
    assert named(roster, roster.answer("/data/limit", "3")) == {"/data/limit", "/data/member[1]/who"}


def test_a_label_with_the_place_of_its_row_is_told_when_rows_move(roster):
    first, second = roster.rows("/data/member")
    roster.label("/data/member[1]/who")
    effects = roster.move_row(Cell("/data/member", (second,)), first)
    assert Cell("/data/member/who", (first,)) in effects.changed
    assert effects.rows == {Cell("/data/member")}


def test_cells_of_a_new_row_are_told_by_its_rows_alone(roster):
    effects = roster.add_row("/data/member")
    assert effects.rows == {Cell("/data/member")}
    assert named(roster, effects) == set()


def test_the_same_remark_again_changes_nothing(roster):
    assert named(roster, roster.write_comment("/data/limit", "asked twice")) == {"/data/limit"}
    assert named(roster, roster.write_comment("/data/limit", "asked twice")) == set()


def test_a_message_that_follows_an_answer_elsewhere_is_told(roster):
    roster.answer("/data/member[1]/age", "70")
    (check,) = [check for check in roster.checks() if check.state == "failed"]
    assert check.message == "Older than"
    effects = roster.answer("/data/limit", "60")
    assert effects.checks == {check.cell}


def test_the_note_and_the_remark_of_a_row_come_back_with_it(roster):
    row = roster.rows("/data/member")[0]
    roster.answer("/data/member[1]/age", "70")
    roster.write_note(Cell("/data/member/old", (row,)), "seen his papers")
    roster.write_comment(Cell("/data/member/age", (row,)), "guessed")
    before = roster.saved()
    removed = roster.remove_row(Cell("/data/member", (row,)))
    assert not [cell for cell in roster.saved().values if cell.rows == (row,)]
    roster.undo(removed)
    assert roster.saved() == before
    assert roster.note(Cell("/data/member/old", (row,))) == "seen his papers"


def test_a_check_of_a_group_that_is_not_asked_any_more_is_told(interview_of):
    interview = interview_of(
        """
        | type        | name | label | relevant | bind::fa:check |
        | integer     | a    | A     |          |                |
        | begin group | g    | G     | ${a} = 1 |                |
        | integer     | b    | B     |          |                |
        | note        | k    | K     | ${b} > 5 | hard           |
        | end group   |      |       |          |                |
        """,
        settings=SETTINGS,
    )
    assert interview.answer("/data/a", "1").checks == {Cell("/data/g/k")}
    assert [check.state for check in interview.checks()] == ["undecided"]
    assert interview.answer("/data/a", "2").checks == {Cell("/data/g/k")}
    assert interview.checks() == ()


def test_not_known_meets_a_required_question_at_once(interview_of):
    interview = interview_of(
        """
        | type    | name  | label | required | bind::fa:nonresponse |
        | integer | a     | A     | yes      | dk                   |
        | hidden  | a__st |       |          |                      |
        """,
        settings=SETTINGS,
    )
    assert not interview.state("/data/a").required_ok
    assert Cell("/data/a") in interview.answer_state("/data/a", "8").changed
    assert interview.state("/data/a").required_ok


def test_confirming_is_told_of_the_question_itself(interview_of):
    interview = interview_of(
        """
        | type   | name  | label |
        | text   | a     | A     |
        | hidden | a__ok |       |
        """
    )
    assert Cell("/data/a") in interview.confirm("/data/a").changed


def test_a_calculation_made_blank_by_hand_stays_blank_when_reopened(interview_of):
    interview = interview_of(
        """
        | type    | name | label | calculation |
        | integer | a    | A     |             |
        | integer | b    | B     | ${a} * 2    |
        """
    )
    interview.answer("/data/a", "2")
    interview.answer("/data/b", "")
    again = Interview.resume(interview.form, interview.saved(), still())
    assert again.value("/data/b") == ""
    again.answer("/data/a", "3")
    assert again.value("/data/b") == "6"


def test_the_form_s_own_attributes_need_no_saving(interview_of):
    interview = interview_of("| type | name | label |\n | text | a | A |")
    again = Interview.resume(interview.form, SavedInterview((), {Cell("/data/a"): "x"}), still())
    assert f'id="{interview.form.form_id}"' in again.submission_xml()


def test_two_slashes_find_a_roster_inside_a_roster():
    binds = '<bind nodeset="/data/n" calculate="count(//v/z)"/>'
    form = load_form(
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title><model>'
        f'<instance><data id="t"><p><v><z/></v><v><z/></v></p><n/></data></instance>{binds}</model></h:head><h:body>'
        '<repeat nodeset="/data/p"><repeat nodeset="/data/p/v"><input ref="/data/p/v/z"/></repeat></repeat></h:body></h:html>',
        name="t.xml",
    )
    assert Interview.begin(form, still()).value("/data/n") == "2"


def test_what_was_typed_over_a_calculation_comes_back_even_if_it_was_the_result_in_between(interview_of):
    interview = interview_of(
        """
        | type         | name  | label | calculation                 |
        | integer      | a     | A     |                             |
        | integer      | twice | Twice | ${a} * 2                    |
        """
    )
    interview.answer("/data/a", "1")
    interview.answer("/data/twice", "6")
    step = interview.answer("/data/a", "3")
    assert interview.value("/data/twice") == "6"
    interview.undo(step)
    assert interview.value("/data/twice") == "6"


def test_a_broken_constraint_that_was_mended_is_not_told_of_again(interview_of):
    interview = interview_of(
        """
        | type    | name | label::English (en) | constraint | constraint_message::English (en) |
        | integer | a    | A                   | . < 5      | too much                         |
        """
    )
    interview.answer("/data/a", "7")
    assert interview.state("/data/a").message == "too much"
    interview.answer("/data/a", "")
    interview.state("/data/a")
    assert interview.set_language("English (en)").changed == set()


def test_what_is_only_there_in_between_is_not_stored():
    actions = "".join(
        f'<setvalue event="xforms-value-changed" ref="/data/said" value="{value}"/>' for value in ("'first'", "/data/a")
    )
    form = load_form(
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title><model>'
        '<instance><data id="t"><a/><said/></data></instance></model></h:head><h:body>'
        f'<input ref="/data/a">{actions}</input></h:body></h:html>',
        name="t.xml",
    )
    interview = Interview.begin(form, still())
    effects = interview.answer("/data/a", "x")
    assert [(op.cell.path, op.value) for op in effects.stored] == [("/data/a", "x"), ("/data/said", "x")]
    interview.undo(effects)
    assert interview.value("/data/said") == ""


def test_undo_after_a_change_of_language_speaks_the_new_one(interview_of):
    interview = interview_of(
        """
        | type         | name | label::English (en) | label::Chinese (zh) | calculation                               |
        | select_one c | a    | A                   | 甲                  |                                           |
        | integer      | n    | N                   | 数                  |                                           |
        | calculate    | said |                     |                     | concat(jr:choice-name(${a}, '${a}'), ${n}) |
        """,
        choices="| list_name | name | label::English (en) | label::Chinese (zh) |\n | c | 1 | One | 一 |",
    )
    interview.answer("/data/a", "1")
    step = interview.answer("/data/n", "5")
    spoken = interview.set_language("Chinese (zh)")
    assert interview.value("/data/said") == "一5"
    interview.undo(spoken)
    assert interview.value("/data/said") == "一5"
    interview.undo(step)
    assert interview.value("/data/said") == "一"


def test_a_blank_put_over_a_calculation_comes_back_with_its_row(interview_of):
    interview = interview_of(
        """
        | type         | name | label | calculation |
        | begin repeat | p    | P     |             |
        | integer      | a    | A     |             |
        | integer      | b    | B     | ${a} * 2    |
        | end repeat   |      |       |             |
        """
    )
    interview.answer("/data/p[1]/a", "2")
    interview.answer("/data/p[1]/b", "")
    interview.undo(interview.remove_row("/data/p[1]"))
    assert interview.value("/data/p[1]/a") == "2"
    assert interview.value("/data/p[1]/b") == ""


def test_nobody_fails_to_know_what_is_computed(interview_of):
    interview = interview_of(
        """
        | type      | name  | label | calculation | bind::fa:nonresponse |
        | integer   | a     | A     |             |                      |
        | calculate | b     |       | ${a} * 2    | dk                   |
        | hidden    | b__st |       |             |                      |
        """,
        settings=SETTINGS,
    )
    interview.answer("/data/a", "2")
    with pytest.raises(AnswerRefused):
        interview.answer_state("/data/b", "8")
    assert interview.value("/data/b") == "4"


def test_not_known_still_stands_for_a_computed_value_when_reopened(interview_of):
    interview = interview_of(
        """
        | type    | name  | label | calculation | bind::fa:nonresponse |
        | integer | a     | A     |             |                      |
        | integer | b     | B     | ${a} * 2    | dk                   |
        | hidden  | b__st |       |             |                      |
        | integer | c     | C     | ${b} + 1    |                      |
        """,
        settings=SETTINGS,
    )
    interview.answer_state("/data/b", "8")
    interview.answer("/data/a", "2")
    again = Interview.resume(interview.form, interview.saved(), still())
    assert again.submission_xml() == interview.submission_xml()
    assert again.value("/data/c") == interview.value("/data/c") == ""


def test_a_value_kept_for_ever_never_comes_from_what_is_hidden(interview_of):
    """The row brought back is read only after it is decided whether its answers are asked at all."""
    interview = interview_of(
        """
        | type            | name | label | calculation                                         | relevant    |
        | begin repeat    | p    | P     |                                                     |             |
        | calculate       | low  |       | once(min(/data/p[position() > 1][k != 2]/kept))      |             |
        | calculate       | kept |       | once(count-selected(${k}))                          | ${on} = 'y' |
        | text            | k    | K     |                                                     |             |
        | end repeat      |      |       |                                                     |             |
        | text            | on   | On    |                                                     |             |
        """
    )
    added = interview.add_row("/data/p")
    before = interview.submission_xml()
    interview.undo(interview.undo(added))
    assert interview.submission_xml() == before
    assert interview.value("/data/p[1]/low") == interview.value("/data/p[2]/low") == ""
