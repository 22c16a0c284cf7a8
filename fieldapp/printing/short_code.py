"""The code on a household file: what the QR says, and the short one a person types.

The QR carries household, version and content hash. The short code is the household number itself, without the county's six digits
that all households share, in letters that are not mistaken for one another, and a check letter: no two households of a county have
the same one, and a slip of the finger is told rather than another household opened.
"""

from __future__ import annotations

from dataclasses import dataclass

from forms.errors import FieldAppError

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0/O, 1/I: read aloud and copied by hand
_WITHIN_COUNTY = 10  # township 3, village 3, household 4 of the 16 digits
_PREFIX = "FA1"


class CodeRefused(FieldAppError):
    """A typed or scanned code that names no household."""

    zh = "这个码读不通：“{code}”。对着纸再打一遍，中间的横线可以不打。"


@dataclass(frozen=True, slots=True)
class FileCode:
    """What a household file's QR says."""

    hh_id: str
    version: int
    content_hash: str


def short_code(hh_id: str) -> str:
    """Eight letters in the form ``QS37-K2MA`` for a 16-digit household number."""
    number = int(hh_id[-_WITHIN_COUNTY:])
    letters = ""
    for _ in range(7):
        number, digit = divmod(number, len(_LETTERS))
        letters = _LETTERS[digit] + letters
    letters += _check_letter(letters)
    return f"{letters[:4]}-{letters[4:]}"


def _check_letter(letters: str) -> str:
    return _LETTERS[sum((i + 1) * _LETTERS.index(letter) for i, letter in enumerate(letters)) % 31]


def household_ending(typed: str) -> str:
    """The last ten digits of the household number that a typed short code names; dash, spaces and case do not matter.

    Raises:
        CodeRefused: wrong length, a letter that is never used, or the check letter does not fit.
    """
    letters = typed.upper().replace("-", "").replace(" ", "")
    if (
        len(letters) != 8
        or any(letter not in _LETTERS for letter in letters)
        or _check_letter(letters[:7]) != letters[7]
    ):
        raise CodeRefused("short code", code=typed)
    number = 0
    for letter in letters[:7]:
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    if number >= 10**_WITHIN_COUNTY:
        raise CodeRefused("short code", code=typed)
    return f"{number:0{_WITHIN_COUNTY}d}"


def qr_text(code: FileCode) -> str:
    """What the QR of a household file says."""
    return f"{_PREFIX}|{code.hh_id}|{code.version}|{code.content_hash[:16]}"


def parse_qr(text: str) -> FileCode:
    """The household file a scanned QR names.

    Raises:
        CodeRefused: the QR is not one of ours.
    """
    parts = text.split("|")
    if len(parts) != 4 or parts[0] != _PREFIX or not parts[2].isdigit():
        raise CodeRefused("not a household file's QR", code=text[:20])
    return FileCode(parts[1], int(parts[2]), parts[3])
