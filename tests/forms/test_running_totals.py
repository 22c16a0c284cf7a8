"""Totals over rows are kept up row by row, and are what adding up anew would give."""

from xml.sax.saxutils import quoteattr

import pytest

from forms.engine import Cell, Interview, load_form
from forms.engine.columns import Column
from tests.forms.properties.looking import situation

TOTALS = {
    "sum": "sum(/data/p/x)",
    "many": "count(/data/p)",
    "named": "count-non-empty(/data/p/n)",
    "most": "max(/data/p/x)",
    "least": "min(/data/p/x)",
    "big": "count(/data/p[x > /data/limit])",
    "bigsum": "sum(/data/p[x > /data/limit and n != '']/x)",
}


def bind(path, **attributes):
    return f"<bind nodeset={quoteattr(path)} " + " ".join(f"{k}={quoteattr(v)}" for k, v in attributes.items()) + "/>"


@pytest.fixture
def interview():
    totals = "".join(f"<{name}/>" for name in TOTALS)
    binds = "".join(bind(f"/data/{name}", type="string", calculate=text) for name, text in TOTALS.items())
    binds += bind("/data/limit", type="int") + bind("/data/p/x", type="decimal", relevant="../n != 'skip'")
    xml = (
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"'
        ' xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>t</h:title><model><instance><data id="t"><limit>2</limit>'
        f'<p jr:template=""><n/><x/></p>{totals}</data></instance>{binds}</model></h:head><h:body>'
        '<input ref="/data/limit"/><group ref="/data/p"><repeat nodeset="/data/p"><input ref="/data/p/n"/>'
        '<input ref="/data/p/x"/></repeat></group></h:body></h:html>'
    )
    return Interview.begin(load_form(xml, name="t.xml"), situation())


def fill(interview, *rows):
    for name, number in rows:
        interview.add_row("/data/p")
        row = interview.rows("/data/p")[-1]
        interview.answer(Cell("/data/p/n", (row,)), name)
        interview.answer(Cell("/data/p/x", (row,)), number)


def shown(interview):
    return {name: interview.value(f"/data/{name}") for name in TOTALS}


def test_totals_follow_every_row(interview):
    fill(interview, ("a", "1"), ("b", "5"), ("", "2.5"), ("d", ""))
    assert shown(interview) == {
        "sum": "8.5", "many": "4", "named": "3", "most": "5", "least": "1", "big": "2", "bigsum": "5",
    }  # fmt: skip


def test_totals_of_no_rows_are_blank_or_nothing(interview):
    assert shown(interview) == {
        "sum": "0", "many": "0", "named": "0", "most": "", "least": "", "big": "0", "bigsum": "0",
    }  # fmt: skip


def test_a_condition_on_a_question_outside_is_asked_again_of_every_row(interview):
    fill(interview, ("a", "1"), ("b", "5"), ("c", "9"))
    interview.answer("/data/limit", "6")
    assert (interview.value("/data/big"), interview.value("/data/bigsum")) == ("1", "9")
    interview.answer("/data/limit", "")
    assert (interview.value("/data/big"), interview.value("/data/bigsum")) == ("0", "0")


def test_a_row_that_goes_or_hides_its_number_counts_no_more(interview):
    fill(interview, ("a", "1"), ("b", "5"), ("c", "9"))
    first, second, _ = interview.rows("/data/p")
    removed = interview.remove_row(Cell("/data/p", (second,)))
    assert (interview.value("/data/sum"), interview.value("/data/many")) == ("10", "2")
    interview.answer(Cell("/data/p/n", (first,)), "skip")
    assert (interview.value("/data/sum"), interview.value("/data/least")) == ("9", "9")
    interview.answer(Cell("/data/p/n", (first,)), "a")
    interview.undo(removed)
    assert (interview.value("/data/sum"), interview.value("/data/many")) == ("15", "3")


def test_a_sum_of_money_has_no_dust_after_a_thousand_changes(interview):
    fill(interview, ("a", "0.1"), ("b", "0.2"), ("c", "0.3"))
    row = interview.rows("/data/p")[0]
    for number in range(500):
        interview.answer(Cell("/data/p/x", (row,)), f"{number}.37")
        interview.answer(Cell("/data/p/x", (row,)), "0.1")
    assert interview.value("/data/sum") == "0.6"


def test_an_answer_makes_the_totals_look_at_its_own_row_alone(interview, monkeypatch):
    fill(interview, *((f"n{k}", str(k)) for k in range(30)))
    looked = []
    plain = Column._look
    monkeypatch.setattr(Column, "_look", lambda self, row, frame: (looked.append(row.id), plain(self, row, frame)))
    row = interview.rows("/data/p")[17]
    interview.answer(Cell("/data/p/x", (row,)), "1000")
    assert interview.value("/data/most") == "1000"
    assert set(looked) == {row}
