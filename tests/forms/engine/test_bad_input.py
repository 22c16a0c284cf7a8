"""Damaged forms, attachments and saved fillings: refused in words, or opened; never anything else.

FIELDAPP_FUZZ_RUNS sets how many damaged copies are tried of each (default: a few).
"""

import os
import random

import pytest

from forms.engine import Form, FormRefused, Interview, load_form
from forms.engine.running import run_job
from forms.errors import FieldAppError
from tests.forms.conftest import still, survey

RUNS = int(os.environ.get("FIELDAPP_FUZZ_RUNS", "60"))
TABLE = """
    | type                      | name   | label              | calculation                           | relevant        | constraint | choice_filter | repeat_count | default |
    | integer                   | n      | How many?          |                                       |                 | . < 5      |               |              | 2       |
    | select_one area           | area   | Area of ${n}       |                                       | ${n} > 0        |            |               |              |         |
    | select_one town           | town   | Town               |                                       |                 |            | in = ${area}  |              |         |
    | select_one_from_file v.csv | v     | Village            |                                       |                 |            | in = ${town}  |              |         |
    | begin_repeat              | member | Member             |                                       |                 |            |               | ${n}         |         |
    | date                      | born   | Born               |                                       |                 | . <= today() |             |              | today() |
    | calculate                 | age    |                    | int((today() - ${born}) div 365.25)   |                 |            |               |              |         |
    | begin_repeat              | visit  | Visit              |                                       | ${age} > 1      |            |               |              |         |
    | text                      | why    | Why, ${age}?       |                                       |                 |            |               |              |         |
    | end_repeat                |        |                    |                                       |                 |            |               |              |         |
    | end_repeat                |        |                    |                                       |                 |            |               |              |         |
    | calculate                 | oldest |                    | max(${age})                           |                 |            |               |              |         |
    | calculate                 | named  |                    | jr:choice-name(${area}, '${area}')    |                 |            |               |              |         |
"""
CHOICES = """
    | list_name | name | label::en | label::zh | in |
    | area      | a    | A of ${n} | 甲        |    |
    | area      | b    | B         | 乙        |    |
    | town      | t    | T         | 丙        | a  |
    | town      | u    | U         | 丁        | b  |
"""
VILLAGES = "name,label,in\nv1,One,t\nv2,Two,u\n"
WORKBOOK = survey(TABLE, CHOICES)
PIECES = [
    "",
    "<",
    ">",
    "'",
    '"',
    "&",
    "${",
    "}",
    "(",
    ")",
    "[",
    "]",
    "/",
    "..",
    "|",
    "\n",
    "\x00",
    "0",
    "-",
    "data",
    "instance",
    "\ufeff",
    "新",
    "\U00020bb7",
    "nodeset",
    "]]>",
]


@pytest.fixture(scope="module")
def form():
    return load_form(WORKBOOK, name="x.md")


def damaged(text, chance):
    """A copy with one to four places cut out, doubled, swapped or written over."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 1, 1, 3, 10, 60)))
        piece = chance.choice([*PIECES, text[start:end] * 2, text[end : end + 30]])
        text = text[:start] + piece + text[end:]
    return text


def tried(source, name, villages=VILLAGES):
    """Whether the form opened; what refuses it must be in words."""
    files = {"v.csv": villages}
    try:
        form = load_form(source, name=name, resources=still(files).resource)
        interview = Interview.begin(Form.from_bytes(form.to_bytes()), still(files))
        for cell in list(interview.relevant_questions()):
            interview.label(cell)
            interview.choices(cell)
        interview.submission_xml()
    except FieldAppError as refused:
        words = refused.sentence()
    else:
        return True
    assert words
    return False


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_xform_opens_or_is_refused_in_words(form, seed):
    chance = random.Random(seed)
    opened = [tried(damaged(form.xml, chance), "x.xml") for _ in range(RUNS // 2)]
    assert not all(opened)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_workbook_opens_or_is_refused_in_words(seed):
    chance = random.Random(seed)
    opened = [tried(damaged(WORKBOOK, chance), "x.md") for _ in range(RUNS // 12)]
    assert not all(opened)


@pytest.mark.parametrize("ending", ["csv", "xml", "geojson"])
def test_a_damaged_attachment_opens_or_is_refused_in_words(form, ending):
    chance = random.Random(ending)
    xml = "<root><item><name>v1</name><label>One</label><in>t</in></item></root>"
    places = '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"name":"v1","in":"t"}}]}'
    text = {"csv": VILLAGES, "xml": xml, "geojson": places}[ending]
    source = form.xml.replace("jr://file-csv/v.csv", f"jr://file/v.{ending}")
    loaded = load_form(source)
    said = []
    for _ in range(RUNS):
        files = {f"v.{ending}": damaged(text, chance)}
        try:
            interview = Interview.begin(loaded, still(files))
            interview.choices("v")
        except FieldAppError as refused:
            said.append(refused.sentence())
    assert all(said)


def test_a_damaged_saved_filling_opens_or_is_refused_in_words(form):
    chance = random.Random(5)
    interview = Interview.begin(form, still({"v.csv": VILLAGES}))
    interview.answer("area", "a")
    saved = interview.submission_xml()
    said = []
    for _ in range(RUNS):
        try:
            Interview.from_submission(form, damaged(saved, chance), still({"v.csv": VILLAGES}), edit=True)
        except FieldAppError as refused:
            said.append(refused.sentence())
    assert said
    assert all(said)


def test_random_steps_get_an_answer_each(form):
    chance = random.Random(6)
    refs = [node.path for node in form.walk()] + [
        "/data/member[1]",
        "/data/member[9]",
        "",
        "/",
        "member",
        "[1]",
        "/data/member[x]",
        5,
        None,
    ]
    values = ["", "1", "a", "a b", None, [], {"latitude": "x"}, True, -1, 1e400, "\x00", "2024-02-30", "9" * 400]
    for _ in range(RUNS // 4):
        steps = [
            {
                "op": chance.choice(
                    ["set", "set", "set", "add_repeat", "remove_repeat", "language", "reopen", "dance", None]
                ),
                "ref": chance.choice(refs),
                "value": chance.choice(values),
                "after": chance.choice([None, 0, 5, -1, "x"]),
                "count": chance.choice([None, 0, 1, 3, "x"]),
                "name": chance.choice(["zh", "xx", None]),
                "how": chance.choice(["restore", "edit", "new", None]),
            }
            for _ in range(8)
        ]
        job = {
            "id": 1,
            "form": form.xml,
            "resources": {"jr://file-csv/v.csv": VILLAGES},
            "clock": "2024-06-15T10:20:30Z",
        }
        answer = run_job({**job, "steps": steps})
        assert len(answer["trace"]) == len(steps) + 1


def test_a_refusal_names_every_problem_with_its_mend():
    with pytest.raises(FormRefused) as refused:
        load_form(
            survey("| type | name | label | relevant |\n| foo | a | A | ${b} = 1 |\n| text | c d | C | |"), name="x.md"
        )
    assert {problem.row for problem in refused.value.problems} >= {2, 3}
    assert all(problem.zh and problem.mend for problem in refused.value.problems)
