"""The tables of the worked households add up by themselves, before any questionnaire is asked."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.forms.figures.arithmetic import WrittenWrong, add_up, rounded
from tests.forms.figures.worked import NAMES, Figure, Quarter, Worked, worked

_NAME = re.compile(r"[a-z][a-z_0-9]*(?:@\d+)?(?:\[\d{4}Q\d\])?")


def _number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


def _with_numbers(household: Worked, quarter: Quarter, figure: Figure) -> str:
    def number(found: re.Match[str]) -> str:
        if found[0] == "max":
            return "max"
        value = household.value(found[0], quarter.period).replace("-", "−")
        return f"({value})" if value.startswith("−") else value

    return _NAME.sub(number, figure.formula)


def lines(household: Worked) -> list[tuple[Quarter, Figure]]:
    return [(quarter, figure) for quarter in household.quarters.values() for figure in quarter.figures]


@pytest.mark.parametrize("name", NAMES)
def test_every_line_adds_up_to_the_fen(name: str) -> None:
    wrong = []
    for quarter, figure in lines(worked(name)):
        if figure.arithmetic:
            places = len(figure.result.partition(".")[2])
            if rounded(add_up(figure.arithmetic), places) != _number(figure.result):
                wrong.append((quarter.period, figure.name, figure.arithmetic, figure.result))
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_every_number_stands_in_the_table_under_the_name_that_the_formula_gives(name: str) -> None:
    household = worked(name)
    for quarter, figure in lines(household):
        if figure.arithmetic and not figure.formula.startswith("「"):
            assert _with_numbers(household, quarter, figure) == figure.arithmetic, (quarter.period, figure.name)


@pytest.mark.parametrize("name", NAMES)
def test_people_are_counted_from_the_lines_of_the_members(name: str) -> None:
    household = worked(name)
    for quarter in household.quarters.values():
        results = {figure.name: figure.result for figure in quarter.figures}
        assert results["q_resident_n"] == str(sum(one.resident == "1" for one in quarter.judged))
        assert results["q_family_n"] == str(sum(one.family == "1" for one in quarter.judged))


def test_a_wrong_sum_is_found() -> None:
    assert rounded(add_up("45 × 5.20 + 12 × 24.00")) == Decimal("522.00")
    assert rounded(add_up("(−13.5) ÷ 2 + max(0, |−3|, 1)")) == Decimal("-3.75")
    assert rounded(Fraction(-1, 200)) == Decimal("-0.01")
    with pytest.raises(WrittenWrong):
        add_up("45 × 5.20 plus 12")
    with pytest.raises(WrittenWrong):
        add_up("45 × (5.20")
