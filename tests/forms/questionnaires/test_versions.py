"""Two versions of the real quarterly questionnaire: what was changed is told, and answers find their way."""

from __future__ import annotations

import re

import pytest

from forms.engine import Cell, Form, load_form
from forms.questionnaires import load_questionnaire
from forms.questionnaires.versions import KEPT, Difference, VersionMapping, Why, carry, compare, propose


@pytest.fixture(scope="module")
def changed() -> tuple[Form, Form]:
    """The quarterly questionnaire, and it with: QA05 dropped, QA06 moved to the end section, one question new, one constraint
    narrowed."""
    old = load_questionnaire("quarterly")
    xml = old.xml
    for gone in ("q_protein", "chk_qa05_w1"):
        xml = xml.replace(f"<{gone}/>", "", 1)
        xml = re.sub(rf'<bind nodeset="/data/qa/{gone}"[^>]*/>', "", xml)
        xml = re.sub(rf'<(select1|input) ref="/data/qa/{gone}".*?</\1>', "", xml, flags=re.DOTALL)
    xml = xml.replace("<q_cloth_ok/>", "", 1).replace("/data/qa/q_cloth_ok", "/data/qk/q_cloth_ok")
    xml = xml.replace("<qk>", "<qk><q_cloth_ok/><q_new_thing/>", 1)
    xml = xml.replace("</model>", '<bind nodeset="/data/qk/q_new_thing" type="string"/></model>', 1)
    xml = xml.replace("</h:body>", '<input ref="/data/qk/q_new_thing"><label>新问的一题</label></input></h:body>', 1)
    xml = re.sub(r'(nodeset="/data/qa/q_all_out_days"[^>]*&lt;= )92', r"\g<1>91", xml)
    return old, load_form(xml, name="quarterly.xml")


def test_what_was_changed_is_told_and_nothing_else(changed: tuple[Form, Form]) -> None:
    found = compare(*changed)
    assert {(one.kind, one.what, one.name) for one in found} == {
        ("removed", "question", "QA05 q_protein"),
        ("moved", "question", "QA06 q_cloth_ok"),
        ("added", "question", "q_new_thing"),
        ("changed", "question", "QA03 q_all_out_days 取值"),
        ("removed", "check", "QA05.W1"),
    }
    assert Difference("moved", "question", "QA06 q_cloth_ok", "qa/q_cloth_ok", "qk/q_cloth_ok") in found


def test_the_same_version_twice_differs_in_nothing(changed: tuple[Form, Form]) -> None:
    assert compare(changed[0], changed[0]) == ()
    assert propose(changed[0], changed[0]).fields == {}


def test_answers_go_with_their_questions_and_a_lost_question_keeps_its_answer(changed: tuple[Form, Form]) -> None:
    old, new = changed
    mapping = propose(old, new)
    assert mapping.fields == {"qa/q_protein": KEPT, "qa/q_cloth_ok": "qk/q_cloth_ok"}
    values = {
        Cell("/data/qa/q_protein"): "4",
        Cell("/data/qa/q_cloth_ok"): "1",
        Cell("/data/qa/q_phone"): "16900001111",
    }
    carried, left = carry(mapping, old, new, values)
    assert [(one.new.path, one.after) for one in carried] == [("/data/qk/q_cloth_ok", "1")]
    assert [(one.cell.path, one.value, one.why) for one in left] == [("/data/qa/q_protein", "4", Why.NO_PLACE)]


def test_the_way_back_leads_to_the_old_places(changed: tuple[Form, Form]) -> None:
    old, new = changed
    back = propose(old, new).inverse()
    assert isinstance(back, VersionMapping)
    carried, left = carry(back, new, old, {Cell("/data/qk/q_cloth_ok"): "2", Cell("/data/qk/q_new_thing"): "说了"})
    assert [(one.new.path, one.after) for one in carried] == [("/data/qa/q_cloth_ok", "2")]
    assert [(one.value, one.why) for one in left] == [("说了", Why.NO_PLACE)]
