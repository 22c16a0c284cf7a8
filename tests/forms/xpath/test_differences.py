"""One test for each row of forms/engine/xpath/DIFFERENCES.md, in its order."""

import re
from pathlib import Path

import pytest

import forms.engine.xpath as xpath
from forms.engine.xpath import FunctionRefused, XPathValueError, bound_boolean, check_call, parse, to_saved
from tests.forms.xpath.reference import value_of

XML = "<data><e/><f>false</f><s>x</s><d>2012-05-20</d><r>2</r><r/><r>5</r><out/></data>"


def shown(text, **more):
    """What would be stored."""
    return to_saved(value_of(text, XML, "/data/out", **more))


SHOWN = [
    (1, "if(/data/e, 'y', 'n')", "n"),
    (1, "not(/data/e)", "true"),
    (3, "if(/data/f, 'y', 'n')", "y"),
    (3, "boolean('false')", "true"),
    (4, "1 > 2", "false"),
    (5, "/data/missing = ''", "false"),
    (5, "/data/e = ''", "true"),
    (6, "/data/r = 5", "true"),
    (6, "/data/r != 5", "true"),
    (7, "/data/r", "2"),
    (7, "/data/r + 1", "3"),
    (8, "/data/d > '2012-01-01'", "true"),
    (8, "/data/d - '2012-05-18'", "2"),
    (9, "/data/d + 0", "15480"),
    (9, "(date('2020-01-01') - date('2000-01-01')) div 1", "7305"),
    (10, "number('2012-05-20T23:30:00')", "15480"),
    (10, "int('2012-05-20T23:30:00')", "15480"),
    (10, "number(now()) = number(today())", "true"),
    (11, "('2012-05-20T12:00:00Z' + 0) = 15480.5", "true"),
    (12, "'2012-05-20T03:00:00' >= '2012-05-20'", "true"),
    (13, "date('2012-05-20T12:00:00')", "2012-05-20"),
    (14, "date('not a date')", ""),
    (14, "format-date('abc', '%Y')", ""),
    (15, "date(15480)", "2012-05-20"),
    (15, "date(decimal-date-time('2012-05-20') + 1)", "2012-05-21"),
    (17, "format-date('2012-05-20', '%% %W')", "% %W"),
    (18, "round(-3.5)", "-4"),
    (19, "round(1.005, 2)", "1.01"),
    (20, "0.0000001 * 1", "0.0000001"),
    (20, "100000000000000000000 + 1", "100000000000000000000"),
    (21, "number('1e3')", ""),
    (21, "number('0x10')", ""),
    (21, "number('1,000')", ""),
    (21, "number('+5')", ""),
    (22, "sum(/data/r)", "7"),
    (22, "max(/data/r)", "5"),
    (22, "min(/data/r)", "2"),
    (23, "sum(/data/s)", ""),
    (23, "max(/data/s)", ""),
    (24, "max(/data/missing)", ""),
    (25, "regex('xabc', 'abc')", "true"),
    (26, "boolean-from-string('TRUE')", "false"),
    (27, "checklist(1, 2, 'yes', '1', 'false')", "false"),
    (28, "selected('', '')", "true"),
    (28, "selected('a', '')", "false"),
    (29, "coalesce('', '', 'c')", "c"),
    (30, "string(randomize(/data/r, 'hello')[1])", "5"),
    (31, "round(area('0 0 0 0;0 1 0 0;1 1 0 0;0 0 0 0'))", "6195942628"),
    (32, "round(distance('0 1 0 0;0 91 0 0'), 8)", "10018696.05193053"),
    (33, "distance('')", "0"),
    (35, "area('')", "0"),
    (35, "area('here')", "0"),
    (37, "decimal-time('06:00')", "0.25"),
    (38, "string-length('𠮷')", "1"),
    (39, "string(/data/r[last()])", "5"),
    (39, "count(//r[2]/preceding-sibling::r)", "1"),
    (40, "count(/data/e | /data/r)", "4"),
    (41, "floor(2.7) + ceiling(2.1)", "5"),
    (41, "substring('hello', 2, 3)", "ell"),
    (42, "is-selected('a b', 'b')", "true"),
    (42, "depend(1, 2)", "1"),
]


@pytest.mark.parametrize(("row", "text", "result"), SHOWN)
def test_what_is_stored(row, text, result):
    assert shown(text) == result, f"row {row}"


def test_2_a_question_bound_as_boolean_follows_its_type():
    assert [bound_boolean(t) for t in ("0", "false", "", "1", "true")] == [False, False, False, True, True]


def test_16_names_follow_the_language_of_the_form():
    assert shown("format-date('2012-05-20', '%b %a')") == "May Sun"
    assert shown("format-date('2012-05-20', '%b %a')", language="中文 (zh)") == "5月 周日"


@pytest.mark.parametrize("text", ["distance('0 1 0 0;')", "distance('x')"])
def test_34_a_distance_of_no_places_is_an_error(text):
    with pytest.raises(XPathValueError):
        value_of(text)


def test_36_an_unknown_digest_is_an_error():
    with pytest.raises(XPathValueError):
        value_of("digest('a', 'FOO')")


def test_43_functions_of_one_vendor_are_refused_by_name():
    for name in ("difference-in-months", "add-date", "z-score", "device-info", "duration", "index", "search"):
        with pytest.raises(FunctionRefused) as refused:
            check_call(parse(f"{name}()"))
        assert name in refused.value.sentence()


def test_44_a_short_identifier_has_the_length_asked_for():
    assert re.fullmatch("[0-9A-Z]{12}", value_of("uuid(12)"))


def test_45_a_sum_is_the_same_in_every_order():
    addends = ["0.1", "0.7", "1000000000000000", "0.2", "0.1", "-1000000000000000"]
    ways = (addends, addends[::-1], sorted(addends))
    sums = {value_of("sum(/data/r)", "<data>" + "".join(f"<r>{t}</r>" for t in way) + "</data>") for way in ways}
    assert len(sums) == 1


def test_every_row_of_the_table_has_its_test():
    table = (Path(xpath.__file__).parent / "DIFFERENCES.md").read_text(encoding="utf-8")
    rows = {int(n) for n in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    tested = {row for row, *_ in SHOWN} | {int(n) for name in globals() for n in re.findall(r"^test_(\d+)_", name)}
    assert rows == tested
    assert rows == set(range(1, len(rows) + 1))
