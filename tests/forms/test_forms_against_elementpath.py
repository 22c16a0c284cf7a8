"""Random expressions compiled into a form of rosters in rosters, and what another project's XPath finds in its submission.

Only where both follow XPath 1.0 (see ``xpath/test_against_elementpath.py``): every question is answered with a text or a number, and
absolute paths stand outside the roster, since inside it they mean the own row here.
"""

from __future__ import annotations

import math
import os
from functools import lru_cache
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from elementpath import ElementPathError, XPath1Parser, XPathContext
from elementpath.xpath_nodes import XPathNode
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from forms.engine import Cell, FormRefused, Interview, load_form
from forms.engine.xpath.ast import Call, Expr, Logic, NameTest, Path, Union, children
from forms.engine.xpath.parser import parse
from forms.engine.xpath.values import number_to_text
from tests.forms.properties.looking import situation
from tests.forms.xpath.test_against_elementpath import EXPRESSIONS

RUNS = min(int(os.environ.get("FIELDAPP_PROPERTY_RUNS", "60")), 2000)
NAMESPACES = 'xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"'
VALUES = st.sampled_from(["1", "2.5", "-3", "x", "y z", "10"])
INNER = st.builds("<b><x>{}</x><a>{}</a></b>".format, VALUES, VALUES)
ROW = st.builds(
    lambda a, x, inner: f"<row><a>{a}</a><x>{x}</x>{''.join(inner)}<here/></row>",
    VALUES,
    VALUES,
    st.lists(INNER, min_size=1, max_size=3),
)
ROWS = st.lists(ROW, min_size=1, max_size=3).map("".join)
ABROAD = ("@", "text()", "following::", "preceding::", "here", "out", "name(")
ABSOLUTE = ("/data", "//", "/*")
COUNTED = ("count", "not", "boolean")


def reads_questions(expr: Expr, *, as_text: bool = True) -> bool:
    """Whether texts are taken of questions alone: the text of a group, all that stands in it, is no value of a form."""
    match expr:
        case Path(steps=steps):
            last = steps[-1].test if steps else None
            conditions = [predicate for step in steps for predicate in step.predicates]
            return (
                not as_text or (isinstance(last, NameTest) and last.name in ("a", "x") and steps[-1].axis != "self")
            ) and all(reads_questions(one, as_text=False) for one in conditions)
        case Call(name=name, args=arguments):
            return all(reads_questions(one, as_text=name not in COUNTED) for one in arguments)
        case Logic(_, operands):
            return all(reads_questions(one, as_text=False) for one in operands)
        case Union():
            return all(reads_questions(one, as_text=as_text) for one in children(expr))
    return all(reads_questions(one) for one in children(expr))


def form_of(rows: str, place: str, expression: str) -> str:
    bind = f"<bind nodeset={quoteattr(place)} calculate={quoteattr(expression)}/>"
    controls = "".join(
        f'<repeat nodeset="{path}">{"".join(f"<input ref={quoteattr(one)}/>" for one in (path + "/a", path + "/x"))}'
        for path in ("/data/row", "/data/row/b")
    )
    return (
        f"<h:html {NAMESPACES}><h:head><h:title>t</h:title><model><instance><data id='t'><a>1</a><x>y z</x>{rows}<out/></data></instance>"
        f"{bind}</model></h:head><h:body><input ref='/data/a'/><input ref='/data/x'/>{controls}</repeat></repeat></h:body></h:html>"
    )


@lru_cache(maxsize=1)
def document(rows: str) -> ElementTree.ElementTree:
    return ElementTree.ElementTree(ElementTree.fromstring(f"<data><a>1</a><x>y z</x>{rows}<out/></data>"))


def theirs(expression: str, rows: str, place: str) -> list[str]:
    tree = document(rows)
    found = []
    for element in tree.getroot().findall("." if place == "/data/out" else "row"):
        item = element.find("here" if element.tag == "row" else "out")
        try:
            result = XPath1Parser().parse(expression).evaluate(XPathContext(tree, item=item))
        except ElementPathError:  # it has no NaN where text meets a number
            reject()
        found.append(saved(result))
    return found


def saved(result: object) -> str:
    if isinstance(result, list):
        result = result[0] if result else ""
    if isinstance(result, XPathNode):
        return result.string_value
    if isinstance(result, bool):
        return "true" if result else "false"
    if isinstance(result, int | float):
        return "" if math.isnan(result) else number_to_text(float(result))
    return str(result)


@settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, ROWS, st.sampled_from(["/data/out", "/data/row/here"]))
def test_what_xpath_1_finds_in_the_submission_is_what_the_form_computes(expression, rows, place):
    assume(not any(word in expression for word in ABROAD))
    assume(place == "/data/out" or not any(word in expression for word in ABSOLUTE))
    assume(reads_questions(parse(expression)))
    try:
        form = load_form(form_of(rows, place, expression), name="t.xml")
    except FormRefused:
        reject()
    interview = Interview.begin(form, situation())
    if place == "/data/out":
        ours = [interview.value(place)]
    else:
        ours = [interview.value(Cell(place, (row,))) for row in interview.rows("/data/row")]
    assert ours == theirs(expression, rows, place)
