"""Text → tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.engine.xpath import XPathSyntaxError, parse
from forms.engine.xpath.ast import (
    Binary,
    Call,
    KindTest,
    Literal,
    Logic,
    NameTest,
    Negate,
    Number,
    Path,
    Step,
    depth,
    to_text,
    walk,
)


def child(name):
    return Step("child", NameTest(name))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("1 - 2 - 3", "((1 - 2) - 3)"),
        ("-1 - -2", "(-1 - -2)"),
        ("- - 1", "--1"),
        ("-a | b", "-(a | b)"),
        ("a = b < c + d", "(a = (b < (c + d)))"),
        ("a or b and c or d", "(a or (b and c) or d)"),
        ("1 < 2 = 3 > 4", "((1 < 2) = (3 > 4))"),
        ("a div b mod c", "((a div b) mod c)"),
        ("a|b|c", "(a | b | c)"),
        ("0or a", "(0 or a)"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ("//x", "/descendant-or-self::node()/x"),
        (".//x", "./descendant-or-self::node()/x"),
        ("@id", "@id"),
        ("../../a[1]/b", "../../a[1]/b"),
        ("child::a/attribute::b", "a/@b"),
        ("count( /data/x [ . > 1 ] )", "count(/data/x[(. > 1)])"),
        ("instance('c')/root/item[name = current()/../x]", "instance('c')/root/item[(name = current()/../x)]"),
        ("(//a)[last()]", "(/descendant-or-self::node()/a)[last()]"),
        ("100000", "100000"),
        (".5", "0.5"),
        ("5.", "5"),
    ],
)
def test_operators_bind_as_xpath_says(text, meaning):
    assert to_text(parse(text)) == meaning


def test_a_star_is_a_name_or_a_product_by_what_stands_before():
    assert to_text(parse("* * *")) == "(* * *)"
    assert to_text(parse("/data/* * 2")) == "(/data/* * 2)"


def test_operator_words_are_names_where_an_operand_is_due():
    assert parse("div div mod") == Binary("div", Path(False, (child("div"),)), Path(False, (child("mod"),)))
    assert parse("and") == Path(False, (child("and"),))


def test_a_minus_inside_a_name_belongs_to_the_name():
    assert parse("a-b") == Path(False, (child("a-b"),))
    assert parse("a - b") == Binary("-", Path(False, (child("a"),)), Path(False, (child("b"),)))


@pytest.mark.parametrize("name", ["姓名", "户主-2.1", "é", "orx:meta", "_x", "𠮷野", "a.b"])
def test_names_of_every_script_and_with_prefix_are_names(name):
    assert parse(f"/data/{name}") == Path(True, (child("data"), child(name)))


def test_a_function_carries_its_prefix():
    assert parse("jr:choice-name(1, '/d/x')") == Call("jr:choice-name", (Number(1.0), Literal("/d/x")))


def test_abbreviated_steps_are_written_out():
    assert parse("./..") == Path(False, (Step("self", KindTest("node")), Step("parent", KindTest("node"))))


def test_a_chain_of_one_condition_is_one_node():
    tree = parse(" or ".join(f"a = {n}" for n in range(2000)))
    assert isinstance(tree, Logic)
    assert len(tree.operands) == 2000
    assert depth(tree) == 3


def test_equal_text_at_another_place_is_an_equal_tree():
    assert parse("a + 1") == parse("  a+1")
    assert hash(parse("a + 1")) == hash(parse("  a+1"))
    assert parse("a + 1") != parse("a + 2")


def test_quotes_of_one_kind_hold_the_other():
    assert parse('"it\'s"') == Literal("it's")
    assert parse("'说“好”'") == Literal("说“好”")


def test_walking_gives_every_part_predicates_included():
    paths = [e for e in walk(parse("-a[b = 1] + f(c)")) if isinstance(e, Path)]
    assert [to_text(p) for p in paths] == ["a[(b = 1)]", "b", "c"]
    assert Negate in {type(e) for e in walk(parse("-a"))}


@pytest.mark.parametrize(
    ("text", "at", "word"),
    [
        ("", 0, "不完整"),
        ("a +", 3, "不完整"),
        ("(1 + 2", 6, "“)”"),
        ("a b", 2, "缺少运算符"),
        ("'open", 0, "引号"),
        ("a）", 1, "全角"),
        ("a ＝ 1", 2, "半角“=”"),
        ("甲、乙", 1, "全角"),
        ("a &amp; b", 2, "&"),
        ("$x", 0, "变量"),
        ("a[1", 3, "“]”"),
        ("a/", 2, "题名"),
        ("sideways::a", 0, "轴"),
        ("a/f(1)", 2, "函数"),
        ("f(1,)", 4, "不应出现"),
        ("1 2", 2, "缺少运算符"),
        ("a\u00a0+ 1", 1, "空白"),
        ("(" * 500 + ")" * 500, 120, "太深"),
        ("-" * 500 + "1", 120, "太深"),
        ("+".join("1" * 2000), 1401, "太长"),
    ],
)
def test_rubbish_is_refused_with_its_place_in_chinese(text, at, word):
    with pytest.raises(XPathSyntaxError) as refused:
        parse(text)
    assert refused.value.at == at
    assert word in refused.value.sentence()
    assert f"第 {at + 1} 个" in refused.value.sentence()


@given(st.text(alphabet="ab1.'\"/@*()[],|+-=<>!:$ 题（\n" + "divor", max_size=30))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    place = 0
    try:
        tree = parse(text)
        again = parse(to_text(tree))
    except XPathSyntaxError as refused:
        tree = again = parse("1")
        place = refused.at
    assert again == tree
    assert 0 <= place <= len(text)
