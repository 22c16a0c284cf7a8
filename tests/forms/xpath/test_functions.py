"""Facts about each function, told as expressions over a small instance."""

import math
import random

import pytest

from forms.engine.xpath import FUNCTIONS, FunctionRefused, Need, XPathValueError, check_call, parse
from forms.engine.xpath.functions.refused import REFUSED
from forms.engine.xpath.functions.registry import completed
from tests.forms.xpath.reference import value_of

HOUSEHOLD = """<data id="h"><a>5</a><e/><sel>a b c</sel><s> two  words </s><out/>
<m><x>1</x><n>安</n></m><m><x>2</x><n>波</n></m><m><x/><n>超</n></m><m><x>9</x><n/></m></data>"""


def facts(rows):
    return pytest.mark.parametrize(("text", "result"), rows, ids=[row[0] for row in rows])


def holds(text, result):
    shown = value_of(text, HOUSEHOLD, "/data/out")
    assert shown == result
    assert type(shown) is type(result)


@facts(
    [
        ("string(1.10)", "1.1"),
        ("string(true())", "true"),
        ("string()", ""),
        ("concat('a', 2, true())", "a2true"),
        ("concat(/data/m/n)", "安波超"),
        ("concat()", ""),
        ("join(', ', /data/m/x)", "1, 2, , 9"),
        ("join('-', 'a', /data/m/n, 3)", "a-安-波-超--3"),
        ("join(',')", ""),
        ("substr('hello', 1)", "ello"),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -3)", "llo"),
        ("substr('hello', -3, -1)", "ll"),
        ("substr('hello', 0, -1)", "hell"),
        ("substr('hello', 3, 2)", ""),
        ("substr('hello', 9)", ""),
        ("substr('hello', 'x')", "hello"),
        ("substring('12345', 2, 3)", "234"),
        ("substring('12345', 2)", "2345"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 0, 3)", "12"),
        ("substring('12345', 0 div 0, 3)", ""),
        ("substring('12345', -42, 1 div 0)", "12345"),
        ("substring('12345', -1 div 0, 1 div 0)", ""),
        ("substring-before('1999/04/01', '/')", "1999"),
        ("substring-before('abc', 'x')", ""),
        ("substring-before('abc', '')", ""),
        ("substring-after('1999/04/01', '/')", "04/01"),
        ("substring-after('abc', 'x')", ""),
        ("substring-after('abc', '')", "abc"),
        ("translate('--aaa--', 'abc-', 'ABC')", "AAA"),
        ("translate('aa', 'aa', 'xy')", "xx"),
        ("string-length('𠮷a')", 2.0),
        ("string-length()", 0.0),
        ("normalize-space(/data/s)", "two words"),
        ("normalize-space('\u3000x')", "\u3000x"),
        ("contains('abc', '')", True),
        ("contains('abc', 'bd')", False),
        ("starts-with('abc', 'ab')", True),
        ("ends-with('abc', 'bc')", True),
        ("ends-with('abc', 'ab')", False),
    ]
)
def test_texts(text, result):
    holds(text, result)


@facts(
    [
        ("regex('12', '^[0-9]{2}$')", True),
        ("regex('123', '^[0-9]{2}$')", False),
        ("regex('x1', '\\d')", True),
        ("regex('x１', '\\d')", False),
        ("regex('张三', '^\\p{IsHan}+$')", True),
        ("regex('abc', '^\\p{L}+$')", True),
        ("regex('a[b', '[[]')", True),
        ("regex('a-b', '^[\\w-]+$')", True),
        ("regex('2024', '(?<y>\\d{4})')", True),
        ("regex('a/b', 'a\\/b')", True),
        ("regex('a&b', '[&]')", True),
        ("regex('', '')", True),
    ]
)
def test_patterns_are_those_of_javascript_and_java(text, result):
    holds(text, result)


@pytest.mark.parametrize("pattern", ["(", "[", "a**", "[a-z&&[^b]]", "\\p{Klingon}", "\\Q", "(?<1"])
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(XPathValueError, match="regex"):
        value_of(f"regex('x', '{pattern}')")


@facts(
    [
        ("if(1 > 2, 'a', 'b')", "b"),
        ("if('false', 1, 2)", 1.0),
        ("coalesce('', 'b')", "b"),
        ("coalesce('', '')", ""),
        ("coalesce(/data/missing, '', 'c')", "c"),
        ("boolean('')", False),
        ("boolean(0)", False),
        ("not('')", True),
        ("boolean-from-string('1')", True),
        ("boolean-from-string(1)", True),
        ("boolean-from-string('yes')", False),
        ("checklist(1, 2, 1, 0, '')", True),
        ("checklist(2, -1, 1, 0, '')", False),
        ("checklist(-1, 2, /data/m/n)", False),
        ("checklist(3, 3, /data/m/n)", True),
        ("weighted-checklist(3, 5, 1, 2, 1, 2)", True),
        ("weighted-checklist(3, 5, 1, 2, 0, 2)", False),
        ("weighted-checklist(12, 12, /data/m/n, /data/m/x)", False),
        ("weighted-checklist(9, 9, /data/a, 9)", True),
        ("depend(7, 8)", 7.0),
        ("once('x')", "x"),
    ]
)
def test_conditions(text, result):
    holds(text, result)


@facts(
    [
        ("number('12')", 12.0),
        ("number(true())", 1.0),
        ("int(3.7)", 3.0),
        ("int(-3.7)", -3.0),
        ("int('2012-05-20')", 15480.0),
        ("round(2.5)", 3.0),
        ("round(2.4)", 2.0),
        ("round(0.49999999999999994)", 0.0),
        ("round(2.345, 2)", 2.35),
        ("round(1.005, 2)", 1.01),
        ("round(-2.345, 2)", -2.35),
        ("round(1234.5, -2)", 1200.0),
        ("round(1250, -2)", 1300.0),
        ("round(1 div 0)", math.inf),
        ("round(100000000000000000000.5, 2)", 1e20),
        ("floor(-2.5)", -3.0),
        ("ceiling(2.1)", 3.0),
        ("sum(/data/m/x)", 12.0),
        ("sum(/data/missing)", 0.0),
        ("max(/data/m/x)", 9.0),
        ("min(/data/m/x, 0.5)", 0.5),
        ("max(1, 5, 3)", 5.0),
        ("max('2012-05-20', '2012-05-21')", 15481.0),
        ("pow(2, 10)", 1024.0),
        ("pow(0, -1)", math.inf),
        ("pow(10, 400)", math.inf),
        ("log(0)", -math.inf),
        ("log10(1000)", 3.0),
        ("abs(-3)", 3.0),
        ("sqrt(16)", 4.0),
        ("exp(0)", 1.0),
        ("exp(1000)", math.inf),
        ("exp10(2)", 100.0),
        ("sin(0) + tan(0) + asin(0) + atan(0) + acos(1) + atan2(0, 1)", 0.0),
        ("cos(0)", 1.0),
        ("round(pi(), 4)", 3.1416),
    ]
)
def test_numbers(text, result):
    holds(text, result)


@pytest.mark.parametrize(
    "text", ["number('')", "sqrt(-1)", "log(-1)", "max(/data/e)", "min('')", "sum(/data/m/n)", "max(1, 'x')", "acos(2)",
             "int('')", "pow(-1, 0.5)", "sin(1 div 0)", "round(1, 99)", "number('abc')"]
)  # fmt: skip
def test_what_has_no_answer_is_no_number(text):
    assert math.isnan(value_of(text, HOUSEHOLD, "/data/out"))


@facts(
    [
        ("count(/data/m)", 4.0),
        ("count(/data/missing)", 0.0),
        ("count-non-empty(/data/m/x)", 3.0),
        ("count(/data/a | /data/m | /data/a)", 5.0),
        ("position(/data/m[n = '波'])", 2.0),
        ("string(/data/m[last()]/x)", "9"),
        ("string(/data/m[x > 1][1]/n)", "波"),
        ("name(/data/m)", "m"),
        ("current()/../a", ["5"]),
        ("/data/m[x = current()/../a - 4]/n", ["安"]),
    ]
)
def test_nodesets(text, result):
    holds(text, result)


SIX = "<data>" + "".join(f"<i>{c}</i>" for c in "abcdef") + "</data>"


def test_the_same_seed_gives_the_same_order_and_text_is_a_seed():
    first = value_of("randomize(/data/i, 'village')", SIX)
    assert first == value_of("randomize(/data/i, 'village')", SIX)
    assert sorted(first) == list("abcdef")
    assert first != value_of("randomize(/data/i, 'town')", SIX)
    assert value_of("randomize(/data/i[position() < 4], 'hello')", SIX) == ["c", "b", "a"]
    assert value_of("randomize(/data/i[position() < 4], 1)", SIX) == ["b", "a", "c"]
    assert value_of("randomize(/data/i[position() < 4], -5)", SIX) == ["b", "c", "a"]
    assert value_of("randomize(/data/i, '7')", SIX) == value_of("randomize(/data/i, 7.9)", SIX)
    assert value_of("randomize(/data/i, '')", SIX) == value_of("randomize(/data/i, 0)", SIX)


def test_without_a_seed_the_order_comes_from_the_given_chance():
    orders = {"".join(value_of("randomize(/data/i)", SIX, chance=random.Random(n).random)) for n in range(30)}
    assert len(orders) > 20


@facts(
    [
        ("selected('a b c', 'b')", True),
        ("selected('a b', 'ab')", False),
        ("selected('', '')", True),
        ("selected('a', '')", False),
        ("selected('a b', ' b ')", True),
        ("is-selected('a b', 'a')", True),
        ("selected-at('a b c', 2)", "c"),
        ("selected-at('a b c', 3)", ""),
        ("selected-at('a b c', -1)", ""),
        ("selected-at('a b c', 'x')", ""),
        ("count-selected(' a  b ')", 2.0),
        ("count-selected('')", 0.0),
    ]
)
def test_choices(text, result):
    holds(text, result)


@facts(
    [
        ("digest('a', 'MD5', 'hex')", "0cc175b9c0f1b6a831c399e269772661"),
        ("digest('a', 'SHA-1')", "hvfkN/qlp/zhXR3cuerq6jd2Z7g="),
        ("digest('a', 'SHA-256', 'base64')", "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="),
        ("string-length(digest('张', 'SHA-384', 'hex'))", 96.0),
        ("string-length(digest('张', 'SHA-512', 'hex'))", 128.0),
        ("base64-decode('5byg')", "张"),
        ("base64-decode('!!!')", ""),
        ("string-length(uuid())", 36.0),
        ("string-length(uuid(8))", 8.0),
        ("regex(uuid(), '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')", True),
        ("random() < 1 and random() >= 0", True),
    ]
)
def test_digests_and_identifiers(text, result):
    holds(text, result)


@pytest.mark.parametrize("text", ["digest('a', 'CRC')", "digest('a', 'sha-256')", "digest('a', 'MD5', 'octal')"])
def test_an_unknown_digest_is_refused(text):
    with pytest.raises(XPathValueError, match="digest"):
        value_of(text)


@facts(
    [
        ("round(distance('0 0 0 0;0 1 0 0'))", 111319.0),
        ("round(distance('0 0 0 0;0 1 0 0;'))", 111319.0),
        ("round(distance('0 1', '0 91'), 5)", 10018696.05193),
        ("distance('')", 0.0),
        ("distance(/data/missing)", 0.0),
        ("distance('1 1 0 0;1 1 0 0')", 0.0),
        ("round(area('0 0 0 0;0 1 0 0;1 1 0 0;0 0 0 0'))", 6195942628.0),
        ("area('0 0 0 0;0 1 0 0')", 0.0),
        ("area('')", 0.0),
        ("area('here')", 0.0),
        ("geofence('1 1 0 0', '0 0;0 2;2 2;2 0;0 0')", True),
        ("geofence('3 1 0 0', '0 0;0 2;2 2;2 0;0 0')", False),
        ("geofence('', '0 0;0 2;2 2;0 0')", False),
        ("intersects('0 0;2 2;0 2;2 0')", True),
        ("intersects('0 0;0 2;2 2;2 0;0 0')", False),
        ("intersects('0 0;0 1;0 2')", False),
        ("intersects('0 0;0 2;0 1')", True),
        ("intersects('')", False),
    ]
)
def test_places(text, result):
    holds(text, result)


@pytest.mark.parametrize(
    "text", ["distance('0 1 0 0;')", "distance('here')", "distance('0 1 0 0; 0 9 0 0;', '0 1 0 0')", "distance('0 181;0 0')",
             "distance('0 1 0 -1;0 2')", "distance('0 1 2 3 4;0 2')"]
)  # fmt: skip
def test_a_distance_of_what_is_no_pair_of_places_is_refused(text):
    with pytest.raises(XPathValueError, match="distance"):
        value_of(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("concatt('a')", "concat()"),
        ("frobnicate(1)", "没有这个函数"),
        ("if(1, 2)", "3 个参数，这里给了 2 个"),
        ("round(1, 2, 3)", "1 至 2 个参数"),
        ("join()", "至少 1 个"),
        ("true(1)", "0 个参数"),
        ("weighted-checklist(1, 2, 3)", "偶数个"),
        ("indexed-repeat(a, b, 1, c)", "奇数个"),
        ("z-score('x', 1, 2)", "CHT"),
        ("device-info()", "SurveyCTO"),
        ("search('x')", "choice_filter"),
    ],
)
def test_a_function_that_cannot_be_called_is_refused_with_the_reason(text, word):
    with pytest.raises(FunctionRefused) as refused:
        check_call(parse(text))
    assert word in refused.value.sentence()


def test_no_function_is_both_known_and_refused():
    assert not FUNCTIONS.keys() & REFUSED.keys()


def test_every_function_of_the_specification_is_known():
    named = """string concat join substr substring-before substring-after translate string-length normalize-space
        contains starts-with ends-with uuid digest pulldata if coalesce once true false boolean boolean-from-string not
        regex checklist weighted-checklist number random int sum max min round pow log log10 abs sin cos tan asin acos
        atan atan2 sqrt exp exp10 pi count count-non-empty position instance current randomize today now format-date
        format-date-time date decimal-date-time decimal-time selected selected-at count-selected jr:choice-name jr:itext
        indexed-repeat area distance geofence date-time base64-decode substring floor ceiling name local-name last"""
    assert set(named.split()) <= FUNCTIONS.keys()


def test_every_function_tells_what_its_arguments_become():
    for spec in FUNCTIONS.values():
        most = spec.min_args + 4 if spec.max_args is None else spec.max_args
        for count in range(spec.min_args, most + 1):
            assert len(spec.kinds(count)) == count
        assert (spec.call is not None) == (spec.need in (Need.NOTHING, Need.CLOCK, Need.CHANCE, Need.LANGUAGE)), (
            spec.name
        )


def test_pairs_of_arguments_repeat_their_kinds():
    kinds = [kind.name for kind in FUNCTIONS["indexed-repeat"].kinds(7)]
    assert kinds == ["NODES", "NODES", "NUMBER", "NODES", "NUMBER", "NODES", "NUMBER"]


def test_a_missing_argument_is_the_context_node():
    assert completed(parse("string-length()")) == parse("string-length(.)")
    assert completed(parse("now()")) == parse("now()")
