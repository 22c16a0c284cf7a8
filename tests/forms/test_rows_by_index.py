"""Rows found by an equality are the rows that trying each one would find."""

from forms.engine import Cell, Interview, load_form
from tests.forms.conftest import still

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>t</h:title><model><instance><data id="t"><key/><p jr:template=""><asked/><x/></p><found/><tried/></data></instance>
<bind nodeset="/data/p/x" relevant="../asked = 'yes'"/>
<bind nodeset="/data/found" calculate="count(/data/p[x = /data/key])"/>
<bind nodeset="/data/tried" calculate="count(/data/p[x = /data/key or false()])"/></model></h:head>
<h:body><input ref="/data/key"/><repeat nodeset="/data/p"><input ref="/data/p/asked"/><input ref="/data/p/x"/></repeat></h:body>
</h:html>"""


def test_a_question_that_is_not_asked_counts_as_blank_with_and_without_an_index():
    interview = Interview.begin(load_form(FORM, name="t.xml"), still())
    for asked, x in (("yes", "1"), ("yes", ""), ("no", "")):
        interview.add_row("/data/p")
        row = interview.rows("/data/p")[-1]
        interview.answer(Cell("/data/p/asked", (row,)), asked)
        interview.answer(Cell("/data/p/x", (row,)), x)
    assert (interview.value("/data/found"), interview.value("/data/tried")) == ("2", "2")
    interview.answer("/data/key", "1")
    assert (interview.value("/data/found"), interview.value("/data/tried")) == ("1", "1")
