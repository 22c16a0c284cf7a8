"""Questionnaires of more than 300 questions with rosters in rosters, in the manner of large public surveys, run through.

FIELDAPP_LARGE_FILLINGS sets how many fillings each gets (default: a few).
"""

import os
import xml.etree.ElementTree as ET
from functools import lru_cache

import pytest

from forms.engine import Form, Interview, Question, Repeat, load_form
from tests.forms.large.answering import Answerer, situation, snapshot
from tests.forms.large.budget import budget
from tests.forms.large.census import census
from tests.forms.large.facility import facility
from tests.forms.large.needs_assessment import needs_assessment
from tests.forms.large.verbal_autopsy import verbal_autopsy

FILLINGS = int(os.environ.get("FIELDAPP_LARGE_FILLINGS", "2"))
BOOKS = [verbal_autopsy, needs_assessment, census, facility, budget]
pytestmark = pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.__name__)


@lru_cache
def loaded(book):
    """The form as it comes back from disk, and the workbook it was made from."""
    sheets = book()
    form = load_form(sheets.csv(), name=f"{book.__name__}.csv", resources=sheets.resource)
    return Form.from_bytes(form.to_bytes()), sheets


@lru_cache
def fillings(book):
    form, sheets = loaded(book)
    return [Answerer(form, seed, resource=sheets.resource).fill() for seed in range(FILLINGS)]


def test_the_form_is_large_and_has_rosters_in_rosters(book):
    form, _ = loaded(book)
    nodes = list(form.walk())
    assert sum(1 for node in nodes if isinstance(node, Question) and node.control is not None) > 300
    rosters = [node.path for node in nodes if isinstance(node, Repeat)]
    assert any(inner.startswith(outer + "/") for inner in rosters for outer in rosters)


def test_every_filling_is_what_its_answers_alone_make(book, capsys):
    form, sheets = loaded(book)
    found = set()
    for filled in fillings(book):
        fresh = Interview.resume(form, filled.interview.saved(), situation(sheets.resource))
        assert snapshot(fresh) == snapshot(filled.interview)
        assert fresh.submission_xml() == filled.interview.submission_xml()
        found |= filled.branches
    skips = {path for path, _ in found}
    both = sum((path, True) in found and (path, False) in found for path in skips)
    steps = [len(filled.steps) for filled in fillings(book)]
    rows = [len(filled.interview.saved().rows) for filled in fillings(book)]
    asked = sum(isinstance(node, Question) and node.control is not None for node in form.walk())
    with capsys.disabled():
        told = f"{asked} questions, rows {rows}, steps {steps}, {both} of {len(skips)} conditions met and not met"
        print(f"\n{form.form_id}: {told}")
    assert all(steps)


def test_every_submission_is_well_formed_and_holds_what_is_relevant_in_the_order_of_the_form(book):
    form, _ = loaded(book)
    order = {node.path: number for number, node in enumerate(form.walk())}
    for filled in fillings(book):
        root = ET.fromstring(filled.interview.submission_xml())
        paths = [path for path, _ in leaves(root, f"/{local(root)}")]
        assert set(paths) <= order.keys()
        for parent in root.iter():
            places = [order[f"{path_of(root, parent)}/{local(child)}"] for child in parent]
            assert places == sorted(places)
        shown = sorted(cell.path for cell in filled.interview.relevant_questions())
        asked = {node.path for node in form.walk() if isinstance(node, Question) and node.control is not None}
        assert sorted(path for path in paths if path in asked) == shown


def test_a_submission_opened_again_holds_the_same_answers(book):
    form, sheets = loaded(book)
    filled = fillings(book)[0]
    again = Interview.from_submission(form, filled.interview.submission_xml(), situation(sheets.resource), edit=False)
    for cell, old in zip(again.relevant_questions(), filled.interview.relevant_questions(), strict=True):
        assert (cell.path, again.value(cell)) == (old.path, filled.interview.value(old))


def test_taking_steps_back_one_by_one_ends_where_it_began(book):
    form, sheets = loaded(book)
    interview = Interview.begin(form, situation(sheets.resource))
    begun = snapshot(interview)
    done = []
    for cell in list(interview.relevant_questions())[:40]:
        node = form.node(cell.path)
        codes = [choice.value for choice in interview.choices(cell)]
        typed = "2" if node.control == "input" and node.type in ("string", "int") else None
        value = codes[0] if codes and node.control == "select1" else typed
        if value is not None and interview.is_relevant(cell) and not interview.state(cell).readonly:
            done.append(interview.answer(cell, value))
    assert snapshot(interview) != begun
    for effects in reversed(done):
        interview.undo(effects)
    assert snapshot(interview) == begun


def local(element):
    return element.tag.rpartition("}")[2]


def leaves(element, path):
    if not len(element):
        yield path, element.text or ""
    for child in element:
        yield from leaves(child, f"{path}/{local(child)}")


@lru_cache(maxsize=8)
def parents(root):
    return {child: parent for parent in root.iter() for child in parent}


def path_of(root, element):
    names = []
    here = element
    while here is not None:
        names.append(local(here))
        here = parents(root).get(here)
    return "/" + "/".join(reversed(names))
