"""Choosing by typing: codes on key caps, prefixes, pinyin initials."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from forms.engine import Choice

__all__ = ["Option", "Typing", "initials", "is_code", "matching", "options_of", "plain", "read_pinyin"]

_CODE = re.compile(r"[0-9]{1,4}|[A-Z][0-9]{0,2}")
_TAGS = re.compile(r"<[^>]{1,200}>")
_MARKS = re.compile(r"(\*\*|__)(.+?)\1")


def plain(text: str) -> str:
    """A label without markup: simple HTML tags and Markdown stars are gone, lines are kept."""
    if "<" in text:
        text = _TAGS.sub("", text)
    if "*" in text or "__" in text:
        text = _MARKS.sub(r"\2", text)
    return text.replace("\\n", "\n").strip().lstrip("#").strip()


@dataclass(frozen=True, slots=True)
class Option:
    """One choice as offered: what is typed for it, what is saved, what is read."""

    code: str
    value: str
    label: str


def is_code(value: str) -> bool:
    """Whether a saved value is short enough to be typed as it is: up to four digits (risk_type has them), or a capital letter with up to two."""
    return bool(_CODE.fullmatch(value))


def options_of(choices: Sequence[Choice]) -> tuple[Option, ...]:
    """Codes are the saved values where all of these are short numbers or capital letters, else running numbers, padded to equal length."""
    coded = all(is_code(choice.value) for choice in choices)
    width = len(str(len(choices)))
    return tuple(
        Option(choice.value if coded else str(at).zfill(width), choice.value, plain(choice.label) or choice.value)
        for at, choice in enumerate(choices, 1)
    )


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """Pinyin initials of Chinese characters and first letters of Latin words, lower case: 陪读 → pd."""
    from pypinyin import Style, lazy_pinyin  # A large table: read when somebody first types a letter.

    found = []
    for run in re.findall(r"[㐀-鿿\U00020000-\U0003ffff]+|[A-Za-z0-9]+", text):
        if run[0].isascii():
            found.append(run[0])
        else:
            found.extend(part[:1] for part in lazy_pinyin(run, style=Style.FIRST_LETTER))
    return "".join(found).lower()


def matching(options: Sequence[Option], typed: str) -> tuple[Option, ...]:
    """Options that the text fits, best first: the exact code, codes that begin so, labels and pinyin initials that begin so or hold it."""
    wanted = unicodedata.normalize("NFKC", typed).strip().lower()
    if not wanted:
        return tuple(options)
    if wanted.isdigit():
        return tuple(option for option in options if option.code.startswith(wanted))
    exact, first, second, third = [], [], [], []
    for option in options:
        label = option.label.lower()
        letters = initials(option.label)
        if wanted in (option.code.lower(), option.value.lower()):
            exact.append(option)
        elif option.code.lower().startswith(wanted) or label.startswith(wanted) or letters.startswith(wanted):
            first.append(option)
        elif wanted in letters or wanted in label:
            second.append(option)
        elif option.value.lower().startswith(wanted):
            third.append(option)
    return (*exact, *first, *second, *third)


def read_pinyin() -> None:
    """Reads the pinyin table ahead of the first letter; may run on another thread."""
    initials("拼")


class Typing:
    """What has been typed on a choice question, and what it comes to.

    A code counts as soon as it equals exactly one code and begins no other; otherwise Enter decides. There is no time-out.
    """

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = tuple(options)
        self.typed = ""

    @property
    def matches(self) -> tuple[Option, ...]:
        """What still fits."""
        return matching(self.options, self.typed)

    def feed(self, text: str) -> Option | None:
        """One more character; returns the option if it is decided now. A character that fits nothing is not taken."""
        typed = self.typed + unicodedata.normalize("NFKC", text).lower()
        if not matching(self.options, typed):
            return None
        self.typed = typed
        codes = [(option, option.code.lower()) for option in self.options]
        exact = [option for option, code in codes if code == self.typed]
        longer = [option for option, code in codes if code.startswith(self.typed) and code != self.typed]
        if len(exact) == 1 and not longer:
            return self._done(exact[0])
        return None

    def decide(self) -> Option | None:
        """Enter: the exact code, or the best match of what was typed; None if nothing was typed."""
        if not self.typed:
            return None
        exact = [option for option in self.options if option.code.lower() == self.typed]
        found = exact or self.matches
        return self._done(found[0]) if found else None

    def back(self) -> bool:
        """Backspace; False if nothing was typed."""
        had = bool(self.typed)
        self.typed = self.typed[:-1]
        return had

    def clear(self) -> None:
        """Esc."""
        self.typed = ""

    def _done(self, option: Option) -> Option:
        self.typed = ""
        return option
