"""Rosters: rows with lasting ids, totals over them, positions, rows within rows."""

import pytest

from forms.engine import AddRow, AnswerRefused, Cell, Interview, MoveRow, SetValue, load_form
from tests.forms.conftest import still, xform

HOUSEHOLD = """
    | type         | name   | label | calculation                                                     | relevant      |
    | integer      | from   | From  |                                                                 |               |
    | begin_repeat | member | M     |                                                                 |               |
    | text         | who    | Who   |                                                                 |               |
    | integer      | age    | Age   |                                                                 |               |
    | text         | school | S     |                                                                 | ${age} < 18   |
    | calculate    | place  |       | position(..)                                                    |               |
    | calculate    | share  |       | ${age} div sum(../../member/age)                                |               |
    | calculate    | twins  |       | count(../../member[age = current()/../age])                     |               |
    | calculate    | before |       | ../../member[position() = position(current()/..) - 1]/who       |               |
    | begin_repeat | visit  | V     |                                                                 |               |
    | integer      | days   | D     |                                                                 |               |
    | calculate    | of     |       | ${who}                                                          |               |
    | end_repeat   |        |       |                                                                 |               |
    | calculate    | away   |       | sum(${days})                                                    |               |
    | end_repeat   |        |       |                                                                 |               |
    | calculate    | grown  |       | count(${member}[age >= ${from}])                                |               |
    | calculate    | oldest |       | max(${age})                                                     |               |
    | calculate    | second |       | indexed-repeat(${who}, ${member}, 2)                            |               |
    | calculate    | names  |       | join(' ', ${who})                                               |               |
    | calculate    | absent |       | sum(${days})                                                    |               |
"""


def column(interview, name):
    return [interview.value(Cell(f"/data/member/{name}", (row,))) for row in interview.rows("/data/member")]


@pytest.fixture
def home(interview_of):
    """Ann 40, Bob 10, Cy 40."""
    interview = interview_of(HOUSEHOLD)
    interview.add_row("/data/member")
    interview.add_row("/data/member")
    for number, (who, age) in enumerate((("Ann", "40"), ("Bob", "10"), ("Cy", "40")), start=1):
        interview.answer(f"/data/member[{number}]/who", who)
        interview.answer(f"/data/member[{number}]/age", age)
    return interview


def test_a_row_reads_its_own_answers(home):
    assert [home.is_relevant(f"/data/member[{n}]/school") for n in (1, 2, 3)] == [False, True, False]


def test_totals_over_rows_follow_every_row(home):
    home.answer("from", "18")
    assert [home.value(name) for name in ("grown", "oldest", "second", "names")] == ["2", "40", "Bob", "Ann Bob Cy"]


def test_a_total_inside_every_row_follows_an_answer_in_any_row(home):
    home.answer("/data/member[2]/age", "20")
    assert column(home, "share") == ["0.4", "0.2", "0.4"]


def test_comparing_with_the_other_rows_follows_them(home):
    assert column(home, "twins") == ["2", "1", "2"]
    home.answer("/data/member[3]/age", "10")
    assert column(home, "twins") == ["1", "2", "2"]


def test_a_moved_row_keeps_its_id_and_answers_and_gets_a_new_position(home):
    first, second, third = home.rows("/data/member")
    effects = home.move_row(Cell("/data/member", (third,)), first)
    assert home.rows("/data/member") == (third, first, second)
    assert column(home, "place") == ["1", "2", "3"]
    assert column(home, "before") == ["", "Cy", "Ann"]
    assert home.value("names") == "Cy Ann Bob"
    assert effects.stored[0] == MoveRow(Cell("/data/member", (third,)), first)
    home.undo(effects)
    assert home.rows("/data/member") == (first, second, third)
    assert column(home, "before") == ["", "Ann", "Bob"]


def test_a_removed_row_leaves_every_total_and_comes_back_by_undo(home):
    before = home.saved()
    _, second, _ = home.rows("/data/member")
    effects = home.remove_row("/data/member[2]")
    assert (home.value("names"), home.value("second")) == ("Ann Cy", "Cy")
    assert column(home, "share") == ["0.5", "0.5"]
    home.undo(effects)
    assert home.saved() == before
    assert home.rows("/data/member")[1] == second


def test_a_new_row_can_stand_after_a_given_one_with_a_given_id(home):
    first = home.rows("/data/member")[0]
    effects = home.add_row(Cell("/data/member"), after=first, row_id="given")
    assert home.rows("/data/member")[1] == "given"
    assert effects.stored[0] == AddRow(Cell("/data/member", ("given",)), first)
    assert Cell("/data/member") in effects.rows
    with pytest.raises(AnswerRefused):
        home.add_row(Cell("/data/member"), row_id="given")


def test_rows_within_rows_read_the_row_around_them(home):
    first, second, _ = home.rows("/data/member")
    assert home.rows(Cell("/data/member/visit", (second,))) == ()
    home.add_row(Cell("/data/member/visit", (second,)))
    home.add_row(Cell("/data/member/visit", (second,)))
    home.answer("/data/member[2]/visit[1]/days", "3")
    home.answer("/data/member[2]/visit[2]/days", "4")
    home.answer("/data/member[1]/visit[1]/days", "5")
    assert column(home, "away") == ["5", "7", "0"]
    assert home.value("absent") == "12"
    assert home.value("/data/member[2]/visit[2]/of") == "Bob"
    assert home.ref(home.cell("/data/member[2]/visit[2]/of")) == "/data/member[2]/visit[2]/of"
    home.remove_row(Cell("/data/member", (first,)))
    assert home.value("absent") == "7"


def test_a_closed_filling_opens_as_it_was(home):
    home.answer("/data/member[1]/visit[1]/days", "5")
    again = Interview.resume(home.form, home.saved(), still())
    assert again.saved() == home.saved()
    assert again.submission_xml() == home.submission_xml()


def test_counted_rows_grow_and_never_shrink_by_themselves(interview_of):
    interview = interview_of("""
        | type         | name | label | repeat_count |
        | integer      | n    | N     |              |
        | begin_repeat | r    | R     | ${n}         |
        | text         | x    | X     |              |
        | end_repeat   |      |       |              |
    """)
    assert interview.rows("/data/r") == ()
    effects = interview.answer("n", "3")
    assert len(interview.rows("/data/r")) == 3
    interview.answer("n", "1")
    interview.answer("n", "")
    assert len(interview.rows("/data/r")) == 3
    with pytest.raises(AnswerRefused):
        interview.add_row("/data/r")
    assert sum(isinstance(op, AddRow) for op in effects.stored) == 3


def test_undoing_a_count_takes_its_rows_away(interview_of):
    interview = interview_of("""
        | type         | name | label | repeat_count |
        | integer      | n    | N     |              |
        | begin_repeat | r    | R     | ${n}         |
        | text         | x    | X     |              |
        | end_repeat   |      |       |              |
    """)
    effects = interview.answer("n", "3")
    interview.undo(effects)
    assert (interview.rows("/data/r"), interview.value("n")) == ((), "")


def test_a_row_number_given_on_adding_is_never_used_again(interview_of):
    interview = interview_of("""
        | type         | name | label | calculation            | default                                      |
        | begin_repeat | r    | R     |                        |                                              |
        | integer      | no   | No    |                        | if(count(../../r[no != '']) = 0, 0, max(../../r/no)) + 1|
        | end_repeat   |      |       |                        |                                              |
    """)
    interview.add_row("/data/r")
    interview.add_row("/data/r")
    numbers = [interview.value(Cell("/data/r/no", (row,))) for row in interview.rows("/data/r")]
    assert numbers == ["1", "2", "3"]
    interview.remove_row("/data/r[2]")
    interview.add_row("/data/r")
    assert interview.value("/data/r[3]/no") == "4"


def test_a_row_knows_its_lasting_id(interview_of):
    interview = interview_of(
        """
        | type         | name | label | calculation  | bind::fa:rowid |
        | begin_repeat | r    | R     |              |                |
        | calculate    | uid  |       | once(uuid()) | true           |
        | text         | x    | X     |              |                |
        | end_repeat   |      |       |              |                |
        """,
        settings='| namespaces |\n| fa="urn:fieldapp:xforms:1" |',
    )
    interview.add_row("/data/r", row_id="person-7")
    assert interview.value(Cell("/data/r/uid", ("person-7",))) == "person-7"


def test_a_choice_among_the_rows_follows_them_and_returns_with_its_row(interview_of):
    interview = interview_of("""
        | type            | name   | label | calculation |
        | begin_repeat    | member | M     |             |
        | text            | no     | No    |             |
        | text            | who    | Who   |             |
        | end_repeat      |        |       |             |
        | select_one ${no} | head  | Head  |             |
        | calculate       | copy   |       | ${head}     |
    """)
    interview.add_row("/data/member")
    interview.answer("/data/member[1]/no", "01")
    interview.answer("/data/member[2]/no", "02")
    interview.answer("head", "02")
    effects = interview.remove_row("/data/member[2]")
    assert (interview.value("head"), interview.value("copy")) == ("", "")
    interview.undo(effects)
    assert (interview.value("head"), interview.value("copy")) == ("02", "02")


def test_the_effects_of_a_new_row_can_be_put_on_disk_and_read_back(home):
    saved = home.saved()
    effects = home.add_row("/data/member", row_id="n")
    values = dict(saved.values)
    for op in effects.stored:
        if isinstance(op, SetValue):
            values[op.cell] = op.value
    assert {cell: text for cell, text in values.items() if text} == dict(home.saved().values)


WRITTEN = (
    "<n/><r jr:template=''><x>new</x><s jr:template=''><y/></s></r><r><x>first</x><s><y>a</y></s></r>"
    "<t jr:template=''><k/><u jr:template=''><z/></u></t><t><k/><u><z/></u></t><v><w>old</w></v>"
)
WRITTEN_BODY = (
    "<repeat nodeset='/data/r' jr:count='/data/n'><input ref='/data/r/x'/><repeat nodeset='/data/r/s'><input ref='/data/r/s/y'/></repeat></repeat>"
    "<repeat nodeset='/data/t'><input ref='/data/t/k'/><repeat nodeset='/data/t/u' jr:count='../k'><input ref='/data/t/u/z'/></repeat></repeat>"
    "<repeat nodeset='/data/v'><input ref='/data/v/w'/></repeat><input ref='/data/n'/>"
)


def written():
    binds = "<bind nodeset='/data/n' type='int'/><bind nodeset='/data/t/k' type='int'/>"
    return Interview.begin(load_form(xform(WRITTEN, binds, WRITTEN_BODY)), still())


def test_a_count_takes_the_rows_that_the_form_writes_out_first():
    interview = written()
    interview.answer("n", "2")
    assert [interview.value(f"/data/r[{n}]/x") for n in (1, 2)] == ["first", "new"]
    assert [len(interview.rows(f"/data/r[{n}]/s")) for n in (1, 2)] == [1, 0]


def test_a_count_that_is_blank_makes_no_row_inside_a_row_that_the_form_writes_out():
    interview = written()
    assert (len(interview.rows("/data/t")), interview.rows("/data/t[1]/u")) == (1, ())
    interview.answer("/data/t[1]/k", "2")
    assert len(interview.rows("/data/t[1]/u")) == 2


def test_without_a_template_further_rows_begin_blank():
    interview = written()
    interview.add_row("/data/v")
    assert [interview.value(f"/data/v[{n}]/w") for n in (1, 2)] == ["old", ""]
