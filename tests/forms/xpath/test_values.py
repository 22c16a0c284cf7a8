"""The value model."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.engine.xpath import COMPARISONS, bound_boolean, to_boolean, to_number, to_saved, to_string
from forms.engine.xpath.values import ARITHMETIC, number_to_text, text_to_number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (5.0, "5"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e20, "100000000000000000000"),
        (1e-7, "0.0000001"),
        (1.5e300, "15" + "0" * 299),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
        (1 / 3, "0.3333333333333333"),
    ],
)
def test_numbers_are_written_without_exponent(number, text):
    assert number_to_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_itself(number):
    assert text_to_number(number_to_text(number)) == number


@pytest.mark.parametrize(
    ("text", "number"), [("12", 12), (" 12\n", 12), ("-.5", -0.5), ("5.", 5), ("2012-05-20", 15480), ("0001", 1)]
)
def test_text_that_is_a_number_or_date_is_a_number(text, number):
    assert to_number(text) == number


@pytest.mark.parametrize(
    "text", ["", " ", "abc", "1e3", "0x10", "+5", "1,000", "١", "５", "1_0", "nan", "Infinity", "- 5", "2012-13-40"]
)
def test_other_text_is_no_number(text):
    assert math.isnan(to_number(text))


def test_only_blank_text_zero_and_nan_are_false():
    assert not any(map(to_boolean, ["", 0.0, -0.0, math.nan, False]))
    assert all(map(to_boolean, ["false", "0", " ", 0.1, True, math.inf]))


def test_a_nodeset_is_true_if_one_node_is_not_blank():
    assert to_boolean(["", "x"])
    assert not to_boolean([""])
    assert not to_boolean([])


def test_a_question_bound_as_boolean_follows_its_type():
    assert [bound_boolean(t) for t in ("1", "true", "0", "false", "")] == [True, True, False, False, False]


def test_the_text_of_a_nodeset_is_its_first_node():
    assert to_string(["b", "a"]) == "b"
    assert to_string([]) == ""
    assert to_number(["7", "8"]) == 7.0


def test_no_number_is_stored_as_blank():
    assert to_saved(math.nan) == ""
    assert to_saved(2.0) == "2"
    assert to_saved(True) == "true"
    assert to_saved(["x"]) == "x"


@pytest.mark.parametrize(
    ("left", "op", "right", "holds"),
    [
        ("5", "=", 5.0, True),
        ("5", "=", "5.0", False),
        ("abc", "<", "abd", False),
        (True, "=", "false", True),
        (True, "=", "", False),
        (["1", "2"], "=", 2.0, True),
        (["1", "2"], "!=", 2.0, True),
        (["2", "2"], "!=", 2.0, False),
        (["a", "b"], "=", "b", True),
        (["a", "b"], "=", ["c", "b"], True),
        (["a"], "!=", ["a", "a"], False),
        (["a"], "!=", [], False),
        ([], "=", "", False),
        ([], "!=", "x", False),
        ([], "=", False, True),
        ([""], "=", "", True),
        (["1", "9"], ">", 8.0, True),
        (["1", "9"], "<", ["0", "2"], True),
        (3.0, "<=", ["2"], False),
        (math.nan, "=", math.nan, False),
        (math.nan, "!=", math.nan, True),
        ("", "<", 1.0, False),
        ("2024-06-15", ">", "2024-06-14", True),
        ("2024-06-15", "=", 19889.0, True),
        (["x"], "=", True, True),
        (["3"], ">", True, False),
    ],
)
def test_comparisons_go_by_xpath_with_dates_as_days(left, op, right, holds):
    assert COMPARISONS[op](left, right) is holds


def test_a_moment_lies_after_its_own_date_and_before_the_next(in_zone):
    in_zone("Asia/Shanghai")
    assert COMPARISONS[">"]("2024-06-15T03:00:00.000+08:00", "2024-06-15")
    assert COMPARISONS["<"]("2024-06-15T23:59:00.000+08:00", "2024-06-16")


def test_dividing_by_zero_is_infinite_and_the_remainder_has_the_sign_of_the_left():
    assert ARITHMETIC["div"](1.0, 0.0) == math.inf
    assert ARITHMETIC["div"](-1.0, 0.0) == -math.inf
    assert math.isnan(ARITHMETIC["div"](0.0, 0.0))
    assert ARITHMETIC["mod"](-7.0, 3.0) == -1.0
    assert math.isnan(ARITHMETIC["mod"](1.0, 0.0))
    assert ARITHMETIC["mod"](5.0, math.inf) == 5.0
