"""What loading accepts, and what it says about the rest."""

import io
import time
from datetime import UTC, datetime

import cbor2
import openpyxl
import pytest

from forms.engine import Form, FormRefused, Interview, load_form
from forms.engine.xpath.packed import from_data, to_data
from forms.engine.xpath.parser import parse
from tests.forms.conftest import still, survey

HEAD = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"'
    ' xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>t</h:title><model>'
)


def xform(instance, binds="", body=""):
    return f"{HEAD}<instance><data id='t'>{instance}</data></instance>{binds}</model></h:head><h:body>{body}</h:body></h:html>"


def codes(source, **more):
    with pytest.raises(FormRefused) as refused:
        load_form(source, **more)
    return [problem.code for problem in refused.value.problems]


def test_a_markdown_workbook_becomes_a_form():
    form = load_form(survey("| type | name | label |\n| integer | age | Age |"), name="x.md")
    assert form.node("/data/age").type == "int"
    assert form.node("/data/age").control == "input"


def test_a_csv_workbook_makes_the_same_form_as_its_markdown():
    markdown = load_form(survey("| type | name | label |\n| integer | age | Age |"), name="x.md")
    table = b"survey,,,\n,type,name,label\n,integer,age,Age\n"
    assert load_form(table, name="x.csv").xml == markdown.xml


def test_problems_are_gathered_with_the_row_of_the_workbook():
    table = """
        | type      | name | label | relevant      | calculation |
        | integer   | age  | Age   | ghost(${age2}) |             |
        | integer   | age2 | Age 2 |               |             |
        | calculate | sum  |       |               | ${age} +    |
    """
    with pytest.raises(FormRefused) as refused:
        load_form(survey(table), name="x.md")
    found = [(problem.code, problem.sheet, problem.row) for problem in refused.value.problems]
    assert found == [("E031", "survey", 2), ("E030", "survey", 4)]
    assert all(problem.zh and problem.mend for problem in refused.value.problems)


def test_mistakes_that_stop_the_conversion_are_all_told_too():
    table = """
        | type             | name | label   | relevant   |
        | integer          | age  | Age     | ${gone} = 1 |
        | select_one sorts | kind | Kind    |            |
        | text             | age  | Again   |            |
        | begin_group      | g    | Group   |            |
        | text             | 2nd  | ${also} |            |
    """
    with pytest.raises(FormRefused) as refused:
        load_form(survey(table), name="x.md")
    found = {(problem.code, problem.row) for problem in refused.value.problems}
    assert found == {("E102", 2), ("E103", 3), ("E104", 4), ("E105", 5), ("E101", 6), ("E102", 6)}


def test_the_refusal_is_one_chinese_sentence():
    with pytest.raises(FormRefused) as refused:
        load_form("<nothing", name="x.xml")
    assert refused.value.sentence().startswith("问卷“x.xml”不能使用，共1处问题")


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("<h:html", "E001"),
        (b"\x00\x01\x02", "E001"),
        ("<a/>", "E010"),
        ("<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>", "E003"),
        (xform("<a/>", "<bind nodeset='/data/a' calculate='/data/nothing + 1'/>"), "E032"),
        (xform("<a/>", "<bind nodeset='/data/a' calculate='1 +'/>"), "E030"),
        (xform("<a/>", "<bind nodeset='/data/a' calculate='z-score(1)'/>"), "E031"),
        (xform("<a/>", "<bind nodeset='/data/a' calculate=\"instance('no')/root/item\"/>"), "E033"),
        (xform("<a/>", "<bind nodeset='/data/a' calculate='sum(3)'/>"), "E034"),
        (
            xform("<r><a/></r>", body="<repeat nodeset='/data/r' jr:count='./a'><input ref='/data/r/a'/></repeat>"),
            "E056",
        ),
        (xform("<a/>", body="<repeat nodeset='/data'><input ref='/data/a'/></repeat>"), "E023"),
        (xform("<a/>", body="<upload ref='/data/a' mediatype='.jpg'/>"), "E050"),
        (xform("<a/>", body="<range ref='/data/a' start='x' end='5'/>"), "E051"),
        (xform("<a/>", "<setvalue event='xforms-dream' ref='/data/a'/>"), "E053"),
        (xform("<a/>", body="<select1 ref='/data/a' appearance=\"search('x')\"/>"), "E055"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(source, code):
    assert code in codes(source, name="x.xml")


def test_an_entity_bomb_is_refused_at_once():
    lines = ["<!ENTITY a0 'ha'>"] + [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)]
    begun = time.monotonic()
    assert codes(f"<!DOCTYPE x [{''.join(lines)}]><x>&a11;</x>", name="x.xml") == ["E003"]
    assert time.monotonic() - begun < 5


def test_a_form_of_fifty_megabytes_is_refused_by_its_size():
    assert codes("<x>" + "y" * (50 * 1024 * 1024) + "</x>", name="x.xml") == ["E002"]


def test_a_form_nested_without_end_is_refused():
    assert codes(xform("<a>" * 3000 + "</a>" * 3000), name="x.xml") == ["E004"]


def test_a_broken_workbook_is_refused():
    assert codes(b"PK\x03\x04 this is no zip", name="x.xlsx") == ["E005"]


def test_a_cycle_is_named_as_a_path():
    binds = "".join(f"<bind nodeset='/data/{a}' calculate='/data/{b} + 1'/>" for a, b in ("ab", "bc", "ca"))
    with pytest.raises(FormRefused) as refused:
        load_form(xform("<a/><b/><c/>", binds))
    [problem] = refused.value.problems
    assert problem.code == "E040"
    assert sorted(problem.zh.partition("：")[2].rstrip("。").split(" → ")[:3]) == ["a", "b", "c"]


def test_a_question_may_look_at_its_own_value():
    assert load_form(xform("<a/>", "<bind nodeset='/data/a' calculate=\"coalesce(., 'x')\"/>"))


def test_reading_the_row_before_is_no_cycle():
    bind = "<bind nodeset='/data/r/x' calculate='sum(../../r[position() = position(current()/..) - 1]/x) + 1'/>"
    assert load_form(xform("<r><x/></r>", bind, "<repeat nodeset='/data/r'><input ref='/data/r/x'/></repeat>"))


def test_skips_that_hide_each_other_are_a_warning():
    binds = "<bind nodeset='/data/a' relevant='/data/b = 1'/><bind nodeset='/data/b' relevant='/data/a = 1'/>"
    form = load_form(xform("<a/><b/>", binds))
    assert [problem.code for problem in form.problems] == ["W040"]


def test_a_wrong_attachment_is_a_problem_of_the_form():
    binds = "<instance id='v' src='jr://file-csv/v.csv'/>"
    body = "<select1 ref='/data/a'><itemset nodeset=\"instance('v')/root/item\"><value ref='code'/><label ref='name'/></itemset></select1>"
    source = xform("<a/>", binds, body)
    assert codes(source, resources=lambda _: b"co$de,x\n1,2\n") == ["E061"]
    assert codes(source, resources=lambda _: b"code,title\n1,2\n") == ["E062"]


def test_a_compiled_form_comes_back_the_same():
    form = load_form(
        survey("| type | name | label | relevant |\n| integer | age | Age | |\n| text | job | Job | ${age} > 17 |"),
        name="x.md",
    )
    again = Form.from_bytes(form.to_bytes())
    assert (again.hash, again.xml, again.problems) == (form.hash, form.xml, form.problems)
    assert [repr(node) for node in again.walk()] == [repr(node) for node in form.walk()]


EXPRESSIONS = (
    "1.5 + -/data/a * 2 mod 3 div 4",
    "/data/a[1]/b[position() = 2]/@c | ../d | current()/../e",
    "instance('x')/root/item[name = current()/../k][last()]/label",
    "if(. = 'a\"b' and not(../x = '') or true(), (//y)[1], string-length(.) >= 3)",
    "self::node() = parent::q:* and ancestor::f/text() != '' and /",
    "child::*/following-sibling::z[starts-with(., 'k')] and ..[a] and .",
)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_kept_expression_means_what_its_text_means(text):
    assert from_data(cbor2.loads(cbor2.dumps(to_data(parse(text))))) == parse(text)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: b"\xff" + data,
        lambda data: data[:-20] + bytes([data[-20] ^ 1]) + data[-19:],
    ],
)
def test_a_damaged_compiled_form_is_refused(damage):
    data = load_form(survey("| type | name | label |\n| integer | age | Age |"), name="x.md").to_bytes()
    with pytest.raises(FormRefused) as refused:
        Form.from_bytes(damage(data))
    assert refused.value.problems[0].code == "E006"


def test_our_own_columns_are_kept():
    table = """
        | type    | name | label | bind::fa:no | bind::fa:sensitive | bind::fa:nonresponse | appearance        |
        | integer | age  | Age   | A105        | identity           | dk refused           | fa-grid w1 x(a b) |
        | hidden  | age__st |    |             |                    |                      |                   |
    """
    settings = '| namespaces |\n| fa="urn:fieldapp:xforms:1" |'
    form = load_form(survey(table, settings=settings), name="x.md")
    age = form.node("/data/age")
    assert (age.number, age.sensitive, age.nonresponse) == ("A105", "identity", ("8", "9"))
    assert age.appearances == ("fa-grid", "w1", "x(a b)")
    assert form.register("/data/age__st") == ("/data/age", "/data/age__st")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_csv_workbook_opens_in_every_encoding_that_excel_writes(encoding):
    table = "survey,,,\n,type,name,label\n,text,a,姓名\n"
    form = load_form(table.encode(encoding), name="x.csv")
    assert form.node("/data/a").label.parts == ("姓名",)


def test_a_workbook_saved_under_the_other_ending_opens():
    book = openpyxl.Workbook()
    book.active.title = "survey"
    day = datetime(2024, 1, 5, tzinfo=UTC).replace(tzinfo=None)
    rows = [
        ["type", "name", "label", "default"],
        ["integer", "age", "Age", 5.0],
        [],
        ["note", "n", "${ age } years"],
        ["date", "d", "D", day],
    ]
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    form = load_form(out.getvalue(), name="x.xls")
    assert [form.node(f"/data/{name}").default for name in ("age", "d")] == ["5", "2024-01-05"]


def test_a_sum_of_hundreds_of_terms_is_no_depth():
    interview = Interview.begin(
        load_form(xform("<a/><b>2</b>", f"<bind nodeset='/data/a' calculate='{' + '.join(['/data/b'] * 600)} - 1'/>")),
        still(),
    )
    assert interview.value("a") == "1199"


@pytest.mark.parametrize(
    ("source", "name", "code"),
    [
        (b"", "x.csv", "E100"),
        (b"", "x.xlsx", "E005"),
        (b"", "x.xml", "E001"),
        (b"\xd0\xcf\x11\xe0 rest", "x.xls", "E100"),
        (b"survey,,,\n,type,name,label\n,text,a\x00,A\n", "x.csv", "E101"),
        (b"\xff\xfe\x00", "x.md", "E005"),
        (survey("| name | label |\n| a | A |"), "x.md", "E100"),
        (survey("| type | name | label |\n| text | a | A |\n| select_multiple ${a} | b | B |"), "x.md", "E106"),
        (survey("| type | name | label |\n| | a | A |"), "x.md", "E100"),
        (xform("<a/>", body="<group>" * 3000 + "<input ref='/data/a'/>" + "</group>" * 3000), "x.xml", "E004"),
        (xform("<a/>", f"<bind nodeset='/data/a' calculate='{'not(' * 3000}1{')' * 3000}'/>"), "x.xml", "E030"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "x.xml", "E001"),
        (xform("<a>\x00</a>"), "x.xml", "E001"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 9 else "",
)
def test_broken_files_are_refused_with_a_sentence_and_a_mend(source, name, code):
    with pytest.raises(FormRefused) as refused:
        load_form(source, name=name)
    first = refused.value.problems[0]
    assert first.code == code
    assert first.zh
    assert first.mend
