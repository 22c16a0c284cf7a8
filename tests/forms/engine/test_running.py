"""``fieldapp forms``: run, check, list, export-xlsx, without a window."""

import json

import pytest

from fieldapp.cli import main
from forms.engine import load_form, running
from forms.engine.checking import is_rounded
from forms.engine.running import Run, run_job, run_jobs, situation_of
from tests.forms.conftest import survey

TABLE = """
    | type         | name | label | constraint |
    | integer      | age  | Age   | . < 120    |
    | begin_repeat | r    | R     |            |
    | text         | x    | X     |            |
    | end_repeat   |      |       |            |
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "问卷 1.md"
    path.write_text(survey(TABLE), encoding="utf-8")
    return path


def told(capsys):
    return json.loads(capsys.readouterr().out)


def test_a_form_runs_from_a_file_with_steps(file, tmp_path, capsys):
    steps = tmp_path / "steps.json"
    steps.write_text(
        json.dumps(
            [{"op": "set", "ref": "/data/age", "value": "130"}, {"op": "add_repeat", "ref": "/data/r", "count": 2}]
        )
    )
    assert main(["forms", "run", str(file), "--steps", str(steps), "--now", "2024-06-15T10:20:30Z"]) == 0
    state = told(capsys)
    assert state["violations"] == [{"ref": "/data/age", "condition": "constraint"}]
    assert [node["ref"] for node in state["nodes"]][:4] == ["/data", "/data/age", "/data/r[1]", "/data/r[1]/x"]
    assert sum(node["kind"] == "repeat" for node in state["nodes"]) == 3


def test_a_trace_tells_what_each_step_changed(file, tmp_path, capsys):
    steps = tmp_path / "steps.json"
    steps.write_text(
        json.dumps([{"op": "remove_repeat", "ref": "/data/r[1]"}, {"op": "set", "ref": "/data/nothing", "value": "1"}])
    )
    assert main(["forms", "run", str(file), "--steps", str(steps), "--trace"]) == 0
    first, removed, wrong = told(capsys)["trace"]
    assert first["state"]["valid"] is True
    assert removed["gone"] == ["/data/r[1]", "/data/r[1]/x"]
    assert (wrong["changed"], bool(wrong["error"])) == ([], True)


def test_the_clock_held_still_gives_the_same_twice():
    job = {"id": "1", "form": load_form(survey(TABLE), name="x.md").xml, "clock": "2024-06-15T10:20:30Z", "steps": []}
    assert run_job(job) == run_job(job)


def test_every_line_of_jobs_gets_an_answer():
    out = []
    run_jobs(iter(["no json\n", "\n", "[]\n", '{"id": "a", "form": "<x/>"}\n', '{"id": "b"}\n']), out.append)
    answers = [json.loads(line) for line in out]
    assert [answer["id"] for answer in answers] == [None, None, "a", "b"]
    assert all(answer["error"] for answer in answers)


def test_reopening_goes_on_edits_or_begins_anew():
    xml = load_form(survey(TABLE), name="x.md").xml
    steps = [
        {"op": "set", "ref": "/data/age", "value": "5"},
        *({"op": "reopen", "how": how} for how in ("restore", "edit", "new")),
    ]
    answer = run_job({"id": "1", "form": xml, "steps": steps})
    nodes = [
        {node["ref"]: node["value"] for node in entry["changed"] if "value" in node} for entry in answer["trace"][2:]
    ]
    assert nodes[0] == {}
    assert set(nodes[1]) == {"/data/meta/instanceID", "/data/meta/deprecatedID"}
    assert nodes[2]["/data/age"] == ""


def test_check_names_place_and_mend_and_refuses(tmp_path, capsys):
    path = tmp_path / "bad.md"
    path.write_text(
        survey("| type | name | label | relevant |\n| text | a | A | ${b} = |\n| text | b | B | |"), encoding="utf-8"
    )
    assert main(["forms", "check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "工作表“survey”第2行" in said
    assert "有1处必须改正" in said


def test_check_wants_money_rounded_to_fen(tmp_path, capsys):
    path = tmp_path / "money.md"
    table = """
        | type      | name | label | calculation               | bind::fa:unit |
        | decimal   | cash | Cash  |                           | 元            |
        | calculate | all  |       | ${cash} * 1.1             | 元            |
        | calculate | good |       | round(${cash} * 1.1, 2)   | 元            |
    """
    path.write_text(survey(table, settings='| namespaces |\n| fa="urn:fieldapp:xforms:1" |'), encoding="utf-8")
    assert main(["forms", "check", str(path), "--json"]) == 1
    [answer] = told(capsys)
    assert [(problem["code"], problem["node"]) for problem in answer["problems"]] == [("E080", "/data/all")]


@pytest.mark.parametrize(
    ("text", "rounded"),
    [
        ("round(/a * 2, 2)", True),
        ("if(/a = '', '', round(/a, 2))", True),
        ("/a + 1", False),
        ("round(/a, 3)", False),
        ("sum(/a)", False),
    ],
)
def test_rounding_is_seen_through_conditions(text, rounded):
    assert is_rounded(text) is rounded


def test_a_good_form_is_said_to_be_good(file, capsys):
    assert main(["forms", "check", str(file)]) == 0
    assert "可以使用" in capsys.readouterr().out


def test_the_exported_workbook_makes_the_same_form(tmp_path):
    source = tmp_path / "small.csv"
    source.write_text(
        'survey,,,\n,type,name,label\n,select_one yn,a,"001, =1+1"\nchoices,,,\n,list_name,name,label\n,yn,01,Yes\n',
        encoding="utf-8",
    )
    target = tmp_path / "small.xlsx"
    assert main(["forms", "export-xlsx", str(source), "--out", str(target)]) == 0
    assert load_form(target).xml == load_form(source).xml


def test_the_built_in_questionnaires_are_listed(capsys):
    assert main(["forms", "list"]) == 0
    assert "annual" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_one_sentence(capsys):
    assert main(["forms", "check", "nowhere.xlsx"]) == 1
    assert "读不到文件" in capsys.readouterr().out


def test_a_fraction_given_for_a_whole_number_loses_it():
    form = load_form(survey("| type | name | label |\n| integer | a | A |"), name="x.md")
    run = Run(form, situation_of(None, lambda _: None, {}), {})
    run.step({"op": "set", "ref": "/data/a", "value": "10.9"})
    assert run.interview.value("a") == "10"


def test_a_bug_in_one_job_is_the_answer_to_that_job_alone(monkeypatch):
    def broken(job):
        if job["id"] == 1:
            raise RuntimeError("a secret of the household")
        return {"id": job["id"], "final": {}}

    monkeypatch.setattr(running, "run_job", broken)
    out = []
    run_jobs(iter(['{"id": 1}\n', '{"id": 2}\n']), out.append)
    first, second = map(json.loads, out)
    assert (first["id"], second) == (1, {"id": 2, "final": {}})
    assert "RuntimeError" in first["error"]
    assert "secret" not in first["error"]


@pytest.mark.parametrize(
    "steps", ['{"op": "set"}', "[1]", '["set"]', '[{"op": "set"}]', '[{"op": "add_repeat", "ref": 5}]', "nonsense", ""]
)
def test_steps_that_are_none_are_refused_in_one_sentence(tmp_path, capsys, steps):
    (tmp_path / "f.md").write_text(survey(TABLE), encoding="utf-8")
    (tmp_path / "s.json").write_text(steps, encoding="utf-8")
    code = main(["forms", "run", str(tmp_path / "f.md"), "--steps", str(tmp_path / "s.json")])
    assert code == 1
    assert json.loads(capsys.readouterr().out)["error"]
