"""The specification's tables and the compiled questionnaires: none missing, none extra, and nothing different but what was reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from tests.forms.questionnaires.quarterly_source import lines
from tests.forms.questionnaires.specified import Key, options, present, table, told, told_checks, wanted

REVIEWED = Path(__file__).parent / "reviewed_differences.txt"
NAMES = ("annual", "quarterly")


@dataclass(frozen=True)
class Reviewed:
    questionnaire: str
    aspect: str
    subject: str
    change: str
    reason: str

    def covers(self, key: Key, change: str) -> bool:
        same = (self.questionnaire, self.aspect, self.change) == (*key[:2], change)
        return same and fnmatchcase(key[2], self.subject)


@cache
def reviewed() -> tuple[Reviewed, ...]:
    written = REVIEWED.read_text(encoding="utf-8").splitlines()
    parts = [line.split(" | ") for line in written if not line.startswith("#")]
    return tuple(Reviewed(*(part.strip() for part in one)) for one in parts)


@cache
def differences() -> dict[Key, str]:
    """ "said → held" of everything on which specification and form do not agree."""
    found: dict[Key, str] = {}
    for name in NAMES:
        said, held = wanted(name), present(name)
        for key in said.keys() | held.keys():
            if said.get(key) != held.get(key):
                found[key] = f"{said.get(key) or ''} → {held.get(key) or ''}".strip()
    return found


def test_questionnaires_are_as_specified_or_the_difference_was_reviewed() -> None:
    new = {
        key: change for key, change in differences().items() if not any(one.covers(key, change) for one in reviewed())
    }
    assert new == {}


def test_every_reviewed_difference_is_still_one_and_has_its_reason() -> None:
    stale = [one for one in reviewed() if not any(one.covers(key, change) for key, change in differences().items())]
    assert stale == []
    assert [one for one in reviewed() if len(one.reason) < 3] == []


def test_the_tables_are_read_whole() -> None:
    """quarterly.md 0.5 and annual.md 12 count the questions."""
    by_section: dict[str, int] = {}
    for one in table("annual").values():
        section = "0" if (one.no or "").startswith("0") else (one.no or "")[:-2]
        by_section[section] = by_section.get(section, 0) + 1
    assert by_section == {
        "0": 27, "A1": 27, "A2": 14, "A5": 19, "B1": 40, "C1": 30, "C2": 17, "D1": 25, "D2": 7, "E1": 36, "E2": 7,
        "G1": 27, "G2": 17, "G3": 17, "H1": 27, "J1": 11, "J2": 19, "K1": 12,
    }  # fmt: skip
    quarterly = {"Q0": 18, "QA": 28, "QB": 18, "QC": 12, "QD1": 13, "QD2": 8, "QD3": 14, "QG": 11, "QK": 8}
    for start, wanted_n in quarterly.items():
        assert sum((one.no or "").startswith(start) for one in table("quarterly").values()) == wanted_n, start
    spans = {("301", "310"): 10, ("401", "430"): 30, ("501", "519"): 19, ("701", "719"): 11, ("801", "811"): 11,
             ("851", "862"): 12, ("F101", "F131"): 31, ("F201", "F206"): 6, ("F301", "F314"): 14, ("F401", "F414"): 14,
             ("F501", "F513"): 13, ("F601", "F618"): 18, ("F701", "F708"): 8, ("F801", "F809"): 9}  # fmt: skip
    for (first, last), many in spans.items():
        assert sum(first <= code <= last and len(code) == len(first) for code in lines()) == many, first
    assert len([code for code in lines() if code.startswith("F")]) == 113


def test_lists_are_read_whole() -> None:
    assert [code for code, _, _ in options()["ethnicity"]][:56] == [f"{number:02}" for number in range(1, 57)]
    assert {name: len(options()[name]) for name in ("relation", "farm_product", "durable", "fixed_asset", "livestock_stock")} == {
        "relation": 40, "farm_product": 50, "durable": 26, "fixed_asset": 8, "livestock_stock": 8,
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_state_a_confirmation_and_an_explanation_belong_to_a_question(name: str) -> None:
    """What stands beside a question as ``x__st``, ``x__ok`` or ``x_oth`` is covered by a pattern: the question must be there."""
    for key in present(name):
        for end in ("__st", "__ok", "_oth"):
            if key[1] == "variable" and key[2].endswith(end) and key[2] not in told(name):
                assert key[2].removesuffix(end) in told(name), key[2]


def test_rows_carry_the_checks_that_every_row_has() -> None:
    """quarterly.md 0.4: 行.E3 is no check of a form: calculated cells cannot be typed, and a package that changed them is refused."""
    numbers = set(told_checks("quarterly"))
    assert {"F101.E1", "F101.E2", "F101.W1", "F101.W2", "F101.W3", "F101.W4"} <= numbers
    assert {"404.E1", "404.W1", "404.W4", "404.W5"} <= numbers
    assert not any(number.endswith(".E3") for number in numbers if number.split(".")[0] in lines())
