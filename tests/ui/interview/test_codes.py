"""Choosing by code, prefix and pinyin."""

from __future__ import annotations

from fieldapp.ui.interview.codes import Typing, matching, options_of, plain
from forms.engine import Choice


def padded(*labels: str) -> tuple:
    return options_of([Choice(f"{at:02}", label) for at, label in enumerate(labels, 1)])


REASONS = padded("务工", "经商", "上学", "陪读", "照看孙辈", "随子女居住", "看病疗养", "参军", "服刑", "其他")


def test_a_code_decides_as_soon_as_it_is_the_only_one():
    typing = Typing(REASONS)
    assert typing.feed("0") is None
    decided = typing.feed("4")
    assert decided is not None
    assert decided.label == "陪读"


def test_a_code_that_begins_another_waits_for_enter():
    typing = Typing(options_of([Choice("1", "是"), Choice("12", "其他")]))
    assert typing.feed("1") is None
    decided = typing.decide()
    assert decided is not None
    assert decided.value == "1"


def test_full_width_digits_count():
    decided = Typing(options_of([Choice("1", "是"), Choice("2", "否")])).feed("２")
    assert decided is not None
    assert decided.label == "否"


def test_pinyin_initials_find_an_option():
    typing = Typing(REASONS)
    for letter in "pd":
        typing.feed(letter)
    assert [option.label for option in typing.matches] == ["陪读"]
    decided = typing.decide()
    assert decided is not None
    assert decided.code == "04"


def test_a_character_that_fits_nothing_is_not_taken():
    typing = Typing(REASONS)
    typing.feed("p")
    typing.feed("z")
    assert typing.typed == "p"


def test_names_get_running_numbers():
    options = options_of([Choice("red", "Red"), Choice("blue", "Blue")])
    assert [option.code for option in options] == ["1", "2"]
    assert matching(options, "bl")[0].value == "blue"


def test_a_label_is_shown_without_markup():
    assert plain("How many **children** <b>live</b> here?") == "How many children live here?"
    assert plain("## Head") == "Head"


INDUSTRIES = options_of(
    [Choice("G", "交通运输"), Choice("N", "水利、环境"), Choice("S", "公共管理、社会保障"), Choice("T", "国际组织")]
)


def test_letter_codes_are_typed_as_they_are_and_win_over_pinyin():
    assert [option.code for option in INDUSTRIES] == ["G", "N", "S", "T"]
    for typed in ("S", "s", "Ｓ"):
        decided = Typing(INDUSTRIES).feed(typed)
        assert decided is not None
        assert decided.value == "S"


def test_pinyin_still_finds_what_no_code_begins_with():
    assert [option.value for option in matching(INDUSTRIES, "jt")] == ["G"]


def test_the_value_of_a_named_choice_wins_over_labels_that_only_hold_it():
    options = options_of([Choice("other", "no other way"), Choice("no", "none of these")])
    typing = Typing(options)
    for letter in "no":
        typing.feed(letter)
    decided = typing.decide()
    assert decided is not None
    assert decided.value == "no"


def test_codes_of_four_digits_are_typed_as_they_stand_in_the_code_list():
    options = options_of(
        [Choice("01", "因病"), Choice("0201", "洪涝"), Choice("0202", "地质灾害"), Choice("99", "其他")]
    )
    typing = Typing(options)
    assert [typing.feed(digit) for digit in "020"] == [None, None, None]
    assert typing.feed("2").value == "0202"
    assert [typing.feed("9"), typing.feed("9").value] == [None, "99"]
