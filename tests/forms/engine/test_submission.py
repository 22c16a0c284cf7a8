"""Submission XML, out and in."""

import re

import pytest

from forms.engine import InstanceRefused, Interview, load_form
from tests.forms.conftest import still

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:orx="http://openrosa.org/xforms"
 xmlns:jr="http://openrosa.org/javarosa" xmlns:ex="urn:example"><h:head><h:title>t</h:title><model>
<instance><data id="t" version="3" ex:origin="x"><name/><hidden>secret</hidden><r jr:template=""><x/></r><orx:meta><orx:instanceID/></orx:meta></data></instance>
<bind nodeset="/data/hidden" relevant="/data/name = 'show'"/></model></h:head><h:body><input ref="/data/name"/>
<repeat nodeset="/data/r"><input ref="/data/r/x"/></repeat></h:body></h:html>"""


@pytest.fixture
def interview():
    return Interview.begin(load_form(FORM), still())


def identifier(xml, name="instanceID"):
    found = re.search(rf"<orx:{name}>([^<]*)<", xml)
    return found and found[1]


def test_names_namespaces_and_attributes_of_the_instance_are_kept(interview):
    xml = interview.submission_xml()
    assert xml.startswith("<data ")
    assert 'id="t"' in xml
    assert 'version="3"' in xml
    assert 'ex:origin="x"' in xml
    assert 'xmlns:ex="urn:example"' in xml
    assert identifier(xml).startswith("uuid:")


def test_what_is_not_relevant_is_left_out(interview):
    assert "hidden" not in interview.submission_xml()
    interview.answer("name", "show")
    assert "<hidden>secret</hidden>" in interview.submission_xml()


def test_rows_stand_in_their_order_and_the_template_does_not(interview):
    assert "<r>" not in interview.submission_xml()
    for value in ("1", "2"):
        interview.add_row("/data/r")
        interview.answer(f"/data/r[{value}]/x", value)
    assert "<r><x>1</x></r><r><x>2</x></r>" in interview.submission_xml()


def test_signs_of_xml_are_escaped(interview):
    interview.answer("name", 'a<b & "c"')
    assert '<name>a&lt;b &amp; "c"</name>' in interview.submission_xml()


def test_a_draft_read_back_is_the_same(interview):
    interview.answer("name", "show")
    interview.add_row("/data/r")
    interview.answer("/data/r[1]/x", "7")
    again = Interview.from_submission(interview.form, interview.submission_xml(), still(), edit=False)
    assert again.submission_xml() == interview.submission_xml()


def test_an_edit_gets_a_new_identifier_and_names_the_old_one(interview):
    sent = interview.submission_xml()
    edited = Interview.from_submission(interview.form, sent, still(), edit=True).submission_xml()
    assert identifier(edited, "deprecatedID") == identifier(sent)
    assert identifier(edited).startswith("uuid:")
    assert identifier(sent, "deprecatedID") is None


@pytest.mark.parametrize("xml", ["<data", "<other/>", "<data id='u'/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><data/>"])
def test_what_is_no_filling_of_this_form_is_refused_in_one_sentence(interview, xml):
    with pytest.raises(InstanceRefused) as refused:
        Interview.from_submission(interview.form, xml, still(), edit=True)
    assert refused.value.sentence().endswith("请检查文件后再试。")
