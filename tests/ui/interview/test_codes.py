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
