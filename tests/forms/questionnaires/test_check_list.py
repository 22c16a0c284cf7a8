"""The list of checks that a person reads: number, level, error or hint, questions, words."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from fieldapp.cli import main
from forms.questionnaires import UnknownQuestionnaire, load_questionnaire
from forms.questionnaires.check_list import ListedCheck, list_checks

# What only a place that knows other households can tell (people-and-process.md 6.4). Everything else runs in the interview.
ELSEWHERE = {
    "annual": {("011.E1", "laptop", "hard"), ("A102.W1", "township", "soft"), ("B106.E2", "county", "hard"), ("E-B10", "county", "hard")},
    "quarterly": {("Q002.E1", "laptop", "hard"), ("W-Q30", "laptop", "soft"), ("W-Q29", "township", "soft"), ("B106.E2", "county", "hard")},
}  # fmt: skip


@pytest.mark.parametrize("name", ["annual", "quarterly"])
def test_every_check_is_listed_with_where_it_runs(name: str) -> None:
    listed = list_checks(name)
    standing = Counter(check.id for check in load_questionnaire(name).checks)
    assert standing - Counter(one.number for one in listed) == Counter()
    assert {
        (one.number, one.level, one.kind) for one in listed if one.level not in ("question", "interview")
    } == ELSEWHERE[name]
    assert [one for one in listed if not one.message or not one.about or "${" in one.message] == []


def test_a_check_is_told_by_its_questions_and_words() -> None:
    found = {one.number: one for one in list_checks("annual")}
    assert found["A203.E1"] == ListedCheck("A203.E1", "question", "hard", ("A203", "A202"), found["A203.E1"].message)
    assert "〔A203〕" in found["A203.E1"].message
    assert (found["W-J02"].level, found["W-J02"].kind) == ("interview", "soft")
    assert found["A118.E1"].about == ("A118",)


def test_the_command_prints_a_level_alone_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forms", "checks", "quarterly", "--level", "county"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split("\t")[:4] == ["B106.E2", "县级", "错", "B106"]
    assert lines[-1] == "共 1 条：县级 1"
    assert main(["forms", "checks", "quarterly", "--level", "laptop", "--json"]) == 0
    assert {one["number"] for one in json.loads(capsys.readouterr().out)} == {"Q002.E1", "W-Q30"}
    with pytest.raises(UnknownQuestionnaire):
        list_checks("monthly")
