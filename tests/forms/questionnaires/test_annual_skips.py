"""Every skip of the annual questionnaire: answers that ask the question and answers that hide it."""

from __future__ import annotations

import pytest

from forms.engine import Cell
from tests.forms.questionnaires.annual_case import annual, cell_of, household, path_of, play, untouched
from tests.forms.questionnaires.families import table

SKIPS = [tuple(line) for line in table("annual_skips.txt")]


@pytest.mark.parametrize(("name", "asked", "hidden"), SKIPS, ids=[f"{line[0]} {line[1]}"[:60] for line in SKIPS])
def test_a_question_is_asked_and_hidden(name: str, asked: str, hidden: str) -> None:
    before = play(asked) if asked else untouched()
    assert before.is_relevant(cell_of(before, name))
    after = play(hidden) if hidden else untouched()
    assert not after.is_relevant(cell_of(after, name))


def test_a_hidden_answer_comes_back() -> None:
    interview = household()
    cell = Cell(path_of("hou_level"))
    interview.answer("hou_cert", "2")
    assert interview.state(cell).status == "7"
    assert interview.hidden_count > 0
    interview.answer("hou_cert", "1")
    assert (interview.state(cell).status, interview.value(cell)) == ("1", "A")


def test_every_variable_with_a_line_exists() -> None:
    for name, _, _ in SKIPS:
        assert annual().path_of(name.rpartition(".")[2]), name
