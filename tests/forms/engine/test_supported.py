"""The check list of a complete engine, line by line: each item works, or the form is refused (or warned of) by its name."""

import re
from pathlib import Path

import pytest

import forms.engine
from forms.engine import FormRefused, load_form
from forms.engine.problems_en import MEANINGS
from forms.engine.xpath.functions.registry import FUNCTIONS
from tests.forms.conftest import xform

CALLS = {
    "current": "current()/../b", "instance": "instance('l')/root/item/v", "count": "count(/data/r)", "sum": "sum(/data/r/x)",
    "max": "max(/data/r/x)", "min": "min(/data/r/x)", "count-non-empty": "count-non-empty(/data/r/x)",
    "position": "position(/data/b)", "last": "count(/data/r[position() = last()])", "name": "name(/data/b)",
    "local-name": "local-name(/data/b)", "namespace-uri": "namespace-uri(/data/b)", "randomize": "join(' ', randomize(/data/r/x, 3))",
    "indexed-repeat": "indexed-repeat(/data/r/x, /data/r, 1)", "pulldata": "pulldata('l', 'v', 'k', '1')",
    "jr:choice-name": "jr:choice-name(/data/q, '/data/q')", "jr:itext": "jr:itext('t')", "join": "join(' ', /data/r/x)",
    "concat": "concat(/data/r/x, 'a')", "true": "true()", "false": "false()", "now": "now()", "today": "today()",
    "random": "random()", "uuid": "uuid()", "pi": "pi()", "version": "version()", "here": "here()",
}  # fmt: skip
SPECIFICATION = [
    "string",
    "concat",
    "join",
    "substr",
    "substring",
    "substring-before",
    "substring-after",
    "translate",
    "string-length",
    "normalize-space",
    "contains",
    "starts-with",
    "ends-with",
    "uuid",
    "digest",
    "base64-decode",
    "if",
    "coalesce",
    "once",
    "boolean",
    "boolean-from-string",
    "not",
    "regex",
    "checklist",
    "weighted-checklist",
    "true",
    "false",
    "number",
    "int",
    "round",
    "floor",
    "ceiling",
    "sum",
    "max",
    "min",
    "pow",
    "log",
    "log10",
    "abs",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sqrt",
    "exp",
    "exp10",
    "pi",
    "random",
    "count",
    "count-non-empty",
    "position",
    "last",
    "name",
    "local-name",
    "randomize",
    "today",
    "now",
    "date",
    "date-time",
    "format-date",
    "format-date-time",
    "decimal-date-time",
    "decimal-time",
    "selected",
    "selected-at",
    "count-selected",
    "jr:choice-name",
    "jr:itext",
    "indexed-repeat",
    "pulldata",
    "area",
    "distance",
    "geofence",
    "current",
    "instance",
]
VENDORS = [
    "difference-in-months",
    "add-date",
    "z-score",
    "cht:extension-lib",
    "parse-timestamp-to-date",
    "to-bikram-sambat",
    "device-info",
    "duration",
    "index",
    "search",
    "relevant",
    "rank-index",
    "comment-status",
]
LIST = "<instance id='l'><root><item><k>1</k><v>one</v></item></root></instance>"
ITEXT = "<itext><translation lang='en'><text id='t'><value>T</value></text></translation></itext>"
SELECT = "<select1 ref='/data/q'><item><label>A</label><value>a</value></item></select1>"


def codes(instance="", binds="", body=""):
    """Codes of the problems of a form; those of errors where it is refused."""
    source = xform(
        f"<b/><q/><r><x>1</x></r><n/>{instance}", LIST + ITEXT + binds, f"{SELECT}<repeat nodeset='/data/r'/>{body}"
    )
    try:
        return [problem.code for problem in load_form(source).problems]
    except FormRefused as refused:
        return [problem.code for problem in refused.problems]


def call_of(name):
    """A call with as many arguments as the function wants at least."""
    if name in CALLS:
        return CALLS[name]
    return f"{name}({', '.join(['/data/b'] * FUNCTIONS[name].min_args)})"


@pytest.mark.parametrize("name", SPECIFICATION)
def test_a_function_of_the_specification_is_there(name):
    call = call_of(name).replace("'", "&apos;")
    assert codes(binds=f"<bind nodeset='/data/n' calculate='{call}'/>") == []


@pytest.mark.parametrize("name", VENDORS)
def test_a_function_of_one_vendor_is_refused_by_its_name(name):
    with pytest.raises(FormRefused) as refused:
        load_form(xform("<n/>", f"<bind nodeset='/data/n' calculate='{name}(1)'/>"))
    [problem] = refused.value.problems
    assert problem.code == "E031"
    assert name in problem.zh
    assert problem.mend


@pytest.mark.parametrize(
    "event", ["odk-instance-first-load", "odk-instance-load", "odk-new-repeat", "xforms-value-changed", "xforms-ready"]
)
@pytest.mark.parametrize("action", ["setvalue", "odk:setgeopoint"])
def test_an_event_of_the_specification_is_there(event, action):
    assert codes(binds=f"<{action} event='{event}' ref='/data/b'/>") == []


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("<setvalue event='xforms-select' ref='/data/b'/>", "E053"),
        ("<setvalue ref='/data/b'/>", "E053"),
        ("<setvalue event='xforms-ready'/>", "E054"),
        ("<setvalue event='xforms-ready' ref='/data/nowhere'/>", "E054"),
        ("<insert event='xforms-ready' nodeset='/data/r'/>", "E053"),
        ("<orx:pollsensor event='xforms-ready' ref='/data/b'/>", "E053"),
        ("<odk:recordaudio event='odk-instance-load' ref='/data/b'/>", "W054"),
        ("<submission method='put'/>", "E052"),
        ("<submission base64RsaPublicKey='key'/>", "W056"),
        ("<bind nodeset='/data/b' jr:preload='context'/>", "W057"),
        ("<bind nodeset='/data/nowhere'/>", "W020"),
    ],
)
def test_what_the_model_wants_beyond_that_is_named(element, code):
    assert codes(binds=element) == [code]


@pytest.mark.parametrize(
    "control",
    [
        "<input ref='/data/b'/>", "<secret ref='/data/b'/>", "<trigger ref='/data/b'/>", "<upload ref='/data/b' mediatype='image/*'/>",
        "<range ref='/data/b' start='1' end='5' step='1'/>", "<select ref='/data/b'><item><label/><value>a</value></item></select>",
        "<odk:rank ref='/data/b'><itemset nodeset='instance(&apos;l&apos;)/root/item'><value ref='k'/></itemset></odk:rank>",
        "<group ref='/data'><label>G</label><input ref='/data/b'/></group>",
    ],
)  # fmt: skip
def test_a_control_of_the_specification_is_there(control):
    assert codes(body=control) == []


@pytest.mark.parametrize(
    ("control", "code"),
    [
        ("<textarea ref='/data/b'/>", "E057"),
        ("<odk:sketch ref='/data/b'/>", "E057"),
        ("<input/>", "E022"),
        ("<input ref='/data/nowhere'/>", "W021"),
        ("<input ref='/data/b'><insert event='xforms-value-changed'/></input>", "E053"),
        ("<select1 ref='/data/b' appearance='search(&apos;x&apos;)'/>", "E055"),
        ("<group><label>Caption</label><input ref='/data/b'/></group>", "W022"),
    ],
)
def test_what_the_body_wants_beyond_that_is_named(control, code):
    assert codes(body=control) == [code]


@pytest.mark.parametrize(
    "appearance",
    [
        "field-list",
        "minimal",
        "no-calendar",
        "multiline",
        "numbers",
        "signature",
        "label",
        "list-nolabel",
        "list",
        "map",
        "year",
        "month-year",
        "autocomplete",
        "maps",
        "quick",
        "placement-map",
        "likert",
        "annotate",
        "draw",
        "picker",
        "image-map",
        "no-buttons",
        "thousands-sep",
        "rating",
        "masked",
        "bearing",
        "ethiopian",
        "counter",
        "printer:x",
        "hidden-answer",
        "w1",
        "columns",
        "columns-3",
        "columns-pack",
        "pages",
    ],
)
def test_an_appearance_is_handed_over_as_it_stands(appearance):
    form = load_form(xform("<b/>", body=f"<input ref='/data/b' appearance='{appearance} w2'/>"))
    assert form.node("/data/b").appearances == (appearance, "w2")


def test_every_problem_code_has_an_english_sentence_too():
    folder = Path(forms.engine.__file__).parent
    used = set()
    for file in folder.rglob("*.py"):
        used |= set(re.findall(r'"([EW]\d{3})"', file.read_text(encoding="utf-8")))
    assert used == MEANINGS.keys()
    [problem] = load_form(xform("<b/>", "<bind nodeset='/data/x'/>")).problems
    assert problem.english() == "W020 /data/x: A bind names a node that does not exist."
