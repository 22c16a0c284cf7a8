"""Answers, skips, calculations and what a step says about itself."""

import pytest

from forms.engine import AnswerRefused, Cell, Interview, SetValue
from tests.forms.conftest import still

PERSON = """
    | type           | name   | label  | relevant     | calculation         | constraint | constraint_message | required | readonly |
    | select_one sex | sex    | Sex    |              |                     |            |                    | yes      |          |
    | integer        | births | Births | ${sex} = '2' |                     | . < 20     | Is ${births} true? |          |          |
    | calculate      | total  |        |              | ${births} + 1       |            |                    |          |          |
    | decimal        | price  | Price  |              |                     |            |                    |          |          |
    | date           | born   | Born   |              |                     |            |                    |          |          |
    | text           | typed  | Typed  |              | concat(${sex}, '!') |            |                    |          |          |
    | text           | fixed  | Fixed  |              |                     |            |                    |          | true()   |
"""
SEXES = """
    | list_name | name | label |
    | sex       | 1    | Man   |
    | sex       | 2    | Woman |
"""


@pytest.fixture
def person(interview_of):
    return interview_of(PERSON, SEXES)


def test_births_are_not_asked_of_a_man(person):
    person.answer("sex", "1")
    assert not person.is_relevant("births")


def test_a_hidden_answer_reads_as_blank_and_comes_back(person):
    person.answer("sex", "2")
    person.answer("births", "3")
    person.answer("sex", "1")
    assert (person.value("births"), person.value("total")) == ("3", "")
    assert "births>" not in person.submission_xml()
    assert person.hidden_count == 1
    person.answer("sex", "2")
    assert person.value("total") == "4"


def test_effects_name_the_cells_that_changed_and_no_others(person):
    person.answer("sex", "2")
    effects = person.answer("births", "3")
    assert effects.changed == {Cell("/data/births"), Cell("/data/total")}
    assert effects.stored == (SetValue(Cell("/data/births"), "3"), SetValue(Cell("/data/total"), "4", derived=True))


def test_an_answer_like_the_one_before_does_nothing(person):
    person.answer("sex", "2")
    effects = person.answer("sex", "2")
    assert (effects.changed, effects.stored) == (frozenset(), ())


def test_undo_puts_back_everything_that_followed(person):
    before = person.saved()
    effects = person.answer("sex", "2")
    births = person.answer("births", "3")
    person.undo(births)
    person.undo(effects)
    assert person.saved() == before
    assert not person.is_relevant("births")


def test_what_is_typed_over_a_calculation_stays_until_an_input_changes(person):
    person.answer("sex", "1")
    person.answer("typed", "mine")
    assert person.value("typed") == "mine"
    reopened = Interview.resume(person.form, person.saved(), still())
    assert reopened.value("typed") == "mine"
    person.answer("sex", "2")
    assert person.value("typed") == "2!"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("births", "1.5"),
        ("births", "x"),
        ("births", "2147483648"),
        ("price", "1,5"),
        ("born", "2024-02-30"),
        ("sex", "9"),
        ("fixed", "x"),
        ("total", "1"),
    ],
)
def test_what_a_question_cannot_hold_is_refused_and_changes_nothing(person, name, value):
    person.answer("sex", "2")
    before = person.saved()
    with pytest.raises(AnswerRefused) as refused:
        person.answer(name, value)
    assert refused.value.sentence().endswith("没有改动，请重新输入。")
    assert person.saved() == before


@pytest.mark.parametrize(
    ("answer", "relevant", "constraint_ok", "required_ok"),
    [
        ("", True, True, False),
        ("5", True, True, True),
        ("50", True, False, True),
        ("50", False, True, True),
        ("", False, True, True),
    ],
)
def test_conditions_hold_as_the_table_in_checks_says(interview_of, answer, relevant, constraint_ok, required_ok):
    interview = interview_of("""
        | type    | name | label | relevant    | constraint | required |
        | text    | on   | On    |             |            |          |
        | integer | age  | Age   | ${on} = '1' | . < 20     | yes      |
    """)
    interview.answer("on", "1")
    interview.answer("age", answer)
    interview.answer("on", "1" if relevant else "0")
    state = interview.state("age")
    assert (state.constraint_ok, state.required_ok) == (constraint_ok, required_ok)


def test_a_broken_constraint_is_told_in_the_words_of_the_form(person):
    person.answer("sex", "2")
    person.answer("births", "25")
    [violation] = person.violations()
    assert (violation.cell, violation.condition, violation.message) == (
        Cell("/data/births"),
        "constraint",
        "Is 25 true?",
    )


def test_non_response_satisfies_required_and_reads_as_blank(interview_of):
    interview = interview_of(
        """
        | type      | name    | label | required | calculation   | bind::fa:nonresponse |
        | integer   | age     | Age   | yes      |               | dk refused           |
        | hidden    | age__st |       |          |               |                      |
        | calculate | next    |       |          | ${age} + 1    |                      |
        """,
        settings='| namespaces |\n| fa="urn:fieldapp:xforms:1" |',
    )
    interview.answer("age", "40")
    interview.answer_state("age", "8")
    state = interview.state("age")
    assert (state.status, state.value, state.required_ok) == ("8", "", True)
    assert interview.value("next") == ""
    interview.answer("age", "41")
    assert (interview.state("age").status, interview.value("age__st"), interview.value("next")) == ("1", "", "42")


def test_a_refused_state_is_only_for_questions_that_allow_it(person):
    with pytest.raises(AnswerRefused):
        person.answer_state("births", "9")


def test_a_prefilled_answer_waits_for_its_confirmation(interview_of):
    interview = interview_of("""
        | type   | name      | label |
        | text   | phone     | Phone |
        | hidden | phone__ok |       |
    """)
    assert interview.confirmed("phone") is False
    interview.confirm("phone")
    assert interview.confirmed("phone") is True


def test_status_tells_zero_from_open_and_not_applicable(person):
    person.answer("sex", "2")
    assert person.state("births").status == ""
    person.answer("births", "0")
    assert person.state("births").status == "0"
    person.answer("sex", "1")
    assert person.state("births").status == "7"


def test_the_same_answers_give_the_same_state(form_of):
    form = form_of(PERSON, SEXES)
    fillings = []
    for _ in range(2):
        interview = Interview.begin(form, still())
        for name, value in (("sex", "2"), ("births", "3"), ("price", "1.50")):
            interview.answer(name, value)
        fillings.append((interview.saved(), interview.submission_xml()))
    assert fillings[0] == fillings[1]


def test_values_of_cells_that_the_form_lost_are_kept(form_of):
    old = Interview.begin(form_of("| type | name | label |\n| text | a | A |\n| text | b | B |"), still())
    old.answer("b", "kept")
    new = Interview.resume(form_of("| type | name | label |\n| text | a | A |"), old.saved(), still())
    assert new.saved().values[Cell("/data/b")] == "kept"


def test_remarks_are_stored_like_answers_and_undone_like_them(person):
    effects = person.write_comment("sex", "asked twice")
    assert effects.stored == (SetValue(Cell("/data/sex@comment"), "asked twice"),)
    assert Interview.resume(person.form, person.saved(), still()).comment("sex") == "asked twice"
    person.undo(effects)
    assert person.comment("sex") == ""


def test_labels_read_in_the_active_language_with_outputs(interview_of):
    interview = interview_of("""
        | type    | name | label::English (en) | label::中文 (zh) |
        | text    | who  | Name                | 姓名             |
        | integer | age  | How old is ${who}?  | ${who}几岁？     |
    """)
    interview.answer("who", "李")
    assert interview.label("age") == "How old is 李?"
    effects = interview.set_language("中文 (zh)")
    assert interview.label("age") == "李几岁？"
    assert Cell("/data/age") in effects.changed
    assert Cell("/data/age") in interview.answer("who", "王").changed


def test_a_value_changed_action_writes_before_the_calculations_settle(interview_of):
    interview = interview_of("""
        | type      | name  | label | trigger | calculation    |
        | text      | a     | A     |         |                |
        | dateTime  | asked | When  | ${a}    | now()          |
        | calculate | copy  |       |         | ${asked}       |
    """)
    interview.answer("a", "x")
    assert interview.value("asked").startswith("2024-06-15T")
    assert interview.value("copy") == interview.value("asked")


def test_metadata_is_filled_in_at_the_first_opening_alone(interview_of):
    interview = interview_of("""
        | type     | name | label |
        | start    | s    |       |
        | today    | t    |       |
        | username | u    |       |
        | end      | e    |       |
        | text     | a    | A     |
    """)
    assert interview.value("s").startswith("2024-06-15T")
    assert (interview.value("t"), interview.value("u"), interview.value("e")) == ("2024-06-15", "li", "")
    interview.finish()
    assert interview.value("e").startswith("2024-06-15T")


@pytest.mark.parametrize(
    ("typed", "saved"), [("12.50", "12.50"), (".5", "0.5"), ("5.", "5"), ("1e3", "1000"), ("-.25", "-0.25")]
)
def test_a_decimal_is_saved_as_written_but_in_plain_digits(interview_of, typed, saved):
    interview = interview_of("| type | name | label |\n| decimal | a | A |")
    interview.answer("a", typed)
    assert interview.value("a") == saved


def test_a_decimal_that_is_computed_as_words_is_blank(interview_of):
    table = """
        | type      | name | label | calculation | bind::type |
        | calculate | a    |       | 'none'      | decimal    |
        | calculate | b    |       | 10 div 4    | decimal    |
    """
    interview = interview_of(table)
    assert (interview.value("a"), interview.value("b")) == ("", "2.5")
