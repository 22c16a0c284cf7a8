"""One test for each row of forms/engine/DIFFERENCES.md, under its number."""

import re
from pathlib import Path

import pytest

import forms.engine
from forms.engine import AnswerRefused, Cell, FormRefused, Interview, load_form
from forms.engine.running import Run, situation_of
from tests.forms.conftest import still

HEAD = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:odk="http://www.opendatakit.org/xforms"'
    ' xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>t</h:title><model>'
)
ROWS = "<r><x>1</x><y/></r><r><x>2</x><y/></r><total/>"
REPEAT = "<repeat nodeset='/data/r'><input ref='/data/r/x'/></repeat>"


def begin(instance, binds="", body="", **more):
    xml = f"{HEAD}<instance><data id='t'>{instance}</data></instance>{binds}</model></h:head><h:body>{body}</h:body></h:html>"
    return Interview.begin(load_form(xml), still(**more))


def bind(path, **logic):
    return f"<bind nodeset='/data/{path}' " + " ".join(f'{k}="{v}"' for k, v in logic.items()) + "/>"


def column(interview, name):
    return [interview.value(Cell(f"/data/r/{name}", (row,))) for row in interview.rows("/data/r")]


def reopened(interview):
    return Interview.resume(interview.form, interview.saved(), still())


def test_01_an_absolute_path_inside_a_repeat_is_the_own_row():
    assert column(begin(ROWS, bind("r/y", calculate="sum(/data/r/x)"), REPEAT), "y") == ["1", "2"]


def test_01_a_predicate_opens_it_to_all_rows():
    assert column(begin(ROWS, bind("r/y", calculate="sum(/data/r[x &gt; 0]/x)"), REPEAT), "y") == ["3", "3"]


def test_02_a_path_to_the_repeat_itself_is_all_rows():
    assert column(begin(ROWS, bind("r/y", calculate="count(/data/r)"), REPEAT), "y") == ["2", "2"]


def test_03_nodes_that_are_not_relevant_are_not_counted():
    binds = bind("r/x", relevant="../../total = 'all'") + bind("total", type="string")
    assert begin(ROWS + "<n/>", binds + bind("n", calculate="count(/data/r/x)"), REPEAT).value("n") == "0"


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [("boolean", "", False), ("boolean", "false", False), ("boolean", "1", True), ("int", "0", False)],
)
def test_04_the_boolean_of_a_typed_node_is_its_value(kind, value, shown):
    assert begin(f"<a>{value}</a><b/>", bind("a", type=kind) + bind("b", relevant="/data/a")).is_relevant("b") is shown


def test_05_the_row_before_may_be_read():
    calculate = "../x + sum(../../r[position() = position(current()/..) - 1]/y)"
    interview = begin(ROWS, bind("r/y", calculate=calculate), REPEAT)
    assert column(interview, "y") == ["1", "3"]
    interview.answer("/data/r[1]/x", "10")
    assert column(interview, "y") == ["10", "12"]


def test_06_a_calculation_may_read_its_own_value():
    interview = begin("<a/>", bind("a", calculate="coalesce(., 'x')"), "<input ref='/data/a'/>")
    assert interview.value("a") == "x"


def test_07_but_not_by_its_name():
    with pytest.raises(FormRefused) as refused:
        begin("<a/>", bind("a", calculate="../a + 1"))
    assert refused.value.problems[0].code == "E040"


def test_08_skips_that_hide_each_other_load():
    interview = begin("<a/><b/>", bind("a", relevant="/data/b = ''") + bind("b", relevant="/data/a = ''"))
    assert [problem.code for problem in interview.form.problems] == ["W040"]


def test_09_a_broken_constraint_is_stored_and_flagged():
    interview = begin("<a/>", bind("a", type="int", constraint=". &lt; 5"), "<input ref='/data/a'/>")
    interview.answer("a", "9")
    assert (interview.value("a"), interview.state("a").constraint_ok) == ("9", False)


def test_10_what_the_type_cannot_hold_is_refused():
    interview = begin("<a>3</a>", bind("a", type="int"), "<input ref='/data/a'/>")
    with pytest.raises(AnswerRefused):
        interview.answer("a", "x")
    assert interview.value("a") == "3"
    run = Run(interview.form, situation_of(None, lambda _: None, {}), {})
    with pytest.raises(AnswerRefused):
        run.step({"op": "set", "ref": "/data/a", "value": "x"})
    assert run.interview.value("a") == ""


def test_11_an_int_loses_its_fraction():
    assert begin("<a/>", bind("a", type="int", calculate="7 div 2")).value("a") == "3"


CHOICES = (
    "<select ref='/data/a'><itemset nodeset=\"instance('l')/root/item[in = /data/f or /data/f = '']\"><value ref='name'/></itemset></select>"
    "<odk:rank ref='/data/b'><itemset nodeset=\"instance('l')/root/item\"><value ref='name'/></itemset></odk:rank><input ref='/data/f'/>"
)
LIST = (
    "<instance id='l'><root>"
    + "".join(f"<item><name>{n}</name><in>{n}</in></item>" for n in "xyz")
    + "</root></instance>"
)


def test_12_a_choice_filtered_away_returns():
    interview = begin("<a/><b/><f/>", LIST, CHOICES)
    interview.answer("a", "x y")
    interview.answer("f", "y")
    assert interview.value("a") == "y"
    interview.answer("f", "")
    assert interview.value("a") == "x y"


def test_13_several_choices_stand_in_the_order_offered():
    interview = begin("<a/><b/><f/>", LIST, CHOICES)
    interview.answer("a", "z x")
    assert interview.value("a") == "x z"


def test_14_a_ranking_ranks_everything():
    interview = begin("<a/><b/><f/>", LIST, CHOICES)
    with pytest.raises(AnswerRefused):
        interview.answer("b", "z x")
    interview.answer("b", "z x y")
    assert interview.value("b") == "z x y"


COUNTED = "<repeat nodeset='/data/r' jr:count='/data/n'><input ref='/data/r/x'/></repeat><input ref='/data/n'/>"


def test_15_a_smaller_count_keeps_the_rows():
    interview = begin("<n/><r><x/></r>", bind("n", type="int"), COUNTED)
    interview.answer("n", "3")
    interview.answer("n", "1")
    assert len(interview.rows("/data/r")) == 3


def test_16_the_count_alone_makes_the_rows():
    assert begin("<n>0</n><r><x/></r><r><x/></r>", bind("n", type="int"), COUNTED).rows("/data/r") == ()


def test_17_a_fixed_repeat_has_a_row():
    body = "<repeat nodeset='/data/r' jr:noAddRemove='true()'><input ref='/data/r/x'/></repeat>"
    assert len(begin("<r jr:template=''><x/></r>", body=body).rows("/data/r")) == 1


def test_18_load_events_pass_over_what_is_not_relevant():
    action = "<setvalue event='odk-instance-first-load' ref='/data/a' value='1'/>"
    interview = begin("<a/><b/>", bind("a", relevant="/data/b = 1") + action, "<input ref='/data/b'/>")
    interview.answer("b", "1")
    assert interview.value("a") == ""


def test_19_a_preload_overrules_the_default():
    assert (
        begin("<a>x</a>", "<bind nodeset='/data/a' jr:preload='date' jr:preloadParams='today'/>").value("a")
        == "2024-06-15"
    )


def test_20_the_long_text_is_shown_not_the_short_one_too():
    text = "<itext><translation lang='en'><text id='a'><value form='long'>Long</value><value form='short'>S</value></text></translation></itext>"
    interview = begin("<a/>", text, "<input ref='/data/a'><label ref=\"jr:itext('a')\"/></input>")
    assert interview.label("a") == "Long"


def test_21_a_point_without_a_fix_is_blank():
    interview = begin("<a/>", bind("a", type="geopoint"), "<input ref='/data/a'/>")
    interview.answer("a", "0 0 0 0")
    assert interview.value("a") == ""


def test_22_accents_are_composed_in_the_submission():
    interview = begin("<a/>", body="<input ref='/data/a'/>")
    interview.answer("a", "e\u0301")
    assert "<a>\u00e9</a>" in interview.submission_xml()
    assert interview.value("a") == "e\u0301"


def test_23_what_was_typed_over_a_calculation_is_there_on_reopening():
    interview = begin("<a/><b/>", bind("b", calculate="/data/a"), "<input ref='/data/a'/><input ref='/data/b'/>")
    interview.answer("b", "mine")
    assert reopened(interview).value("b") == "mine"


def test_24_a_drawn_value_is_there_on_reopening():
    form = begin("<a/>", bind("a", calculate="random()")).form
    interview = Interview.begin(form, still())
    later = situation_of("2025-01-01T00:00:00Z", lambda _: None, {})
    assert Interview.resume(form, interview.saved(), later).value("a") == interview.value("a") == "0.25"


def test_25_rules_about_nodes_that_are_not_there_are_warnings():
    interview = begin("<a/>", bind("gone", relevant="1"), "<input ref='/data/lost'/>")
    assert [problem.code for problem in interview.form.problems] == ["W021", "W020"]


def test_26_an_expression_about_nothing_is_refused():
    with pytest.raises(FormRefused) as refused:
        begin("<a/>", bind("a", calculate="/data/gone"))
    assert [problem.code for problem in refused.value.problems] == ["E032"]


def test_27_a_missing_attachment_is_empty_here_and_refused_in_forms_run():
    form = begin(
        "<a/>", "<instance id='l' src='jr://file/l.csv'/>" + bind("a", calculate="count(instance('l')/root/item)")
    ).form
    assert Interview.begin(form, still()).value("a") == "0"
    with pytest.raises(FormRefused):
        Run(form, situation_of(None, lambda _: None, {}), {})
    assert Run(form, situation_of(None, lambda _: None, {}), {"missing": "BLANK"}).interview.value("a") == "0"


def test_28_a_place_that_is_none_is_refused_in_the_form_and_blank_later():
    binds = bind("b", calculate="distance(/data/a)")
    with pytest.raises(FormRefused):
        begin("<a>here; there</a><b/>", binds, "<input ref='/data/a'/>")
    interview = begin("<a/><b/>", binds, "<input ref='/data/a'/>")
    interview.answer("a", "here; there")
    assert interview.value("b") == ""


def test_29_a_value_that_no_choice_has_is_kept():
    body = "<select1 ref='/data/a'><item><label>X</label><value>x</value></item></select1>"
    interview = begin("<a>z</a><b/>", bind("b", calculate="/data/a"), body)
    assert (interview.value("a"), interview.value("b")) == ("z", "z")


def test_30_a_row_without_a_template_begins_blank():
    interview = begin("<r><x>1</x></r>", body=REPEAT)
    interview.add_row("/data/r")
    assert column(interview, "x") == ["1", ""]


def test_31_pulldata_finds_the_attachment_that_nobody_declared():
    binds = bind("b", calculate="pulldata('v', 'label', 'name', /data/a)")
    interview = begin("<a>k</a><b/>", binds, resources={"v.csv": "name,label\nk,K\n"})
    assert interview.value("b") == "K"


def test_32_a_fraction_for_a_whole_number_is_refused_or_cut_off():
    interview = begin("<a/>", bind("a", type="int"), "<input ref='/data/a'/>")
    with pytest.raises(AnswerRefused):
        interview.answer("a", "10.9")
    run = Run(interview.form, situation_of(None, lambda _: None, {}), {})
    run.step({"op": "set", "ref": "/data/a", "value": "10.9"})
    assert run.interview.value("a") == "10"


def test_every_row_has_a_test():
    table = (Path(forms.engine.__file__).parent / "DIFFERENCES.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| (\d+) \|", table, re.MULTILINE))
    tests = {str(int(name[5:7])) for name in globals() if re.match(r"test_\d\d_", name)}
    assert rows == tests
