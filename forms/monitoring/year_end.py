"""年末对账: four quarters against the annual questionnaire that looks back on them (quarterly.md 12).

Pure: values in, differences out. Amounts are text of yuan with at most two places; sums are of integer fen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

Values: TypeAlias = Mapping[str, Mapping[str, str]]
"""Row id ("" for the household) → variable → value."""

LARGEST_DIFFERENCE = Decimal("0.3")
"""差异超过 30% 的列入年度问卷的核实清单 (quarterly.md 12)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One item on which the quarters and the year do not agree.

    Attributes:
        item: key of the item: wage, pension, dibao, school, medical, gifts, repaid.
        zh: what it is called.
        quarters: sum of the four quarters, yuan.
        year: what the annual questionnaire says, yuan.
        about: number of the annual question.
    """

    item: str
    zh: str
    quarters: Decimal
    year: Decimal
    about: str


@dataclass(frozen=True, slots=True)
class _Item:
    key: str
    zh: str
    about: str
    quarterly: tuple[str, ...]  # variables of the household, added
    yearly: Callable[[Values], Decimal | None]


def _amount(text: str | None) -> Decimal | None:
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _said(name: str, times: int = 1) -> Callable[[Values], Decimal | None]:
    """A value of the household."""

    def read(year: Values) -> Decimal | None:
        value = _amount(year.get("", {}).get(name))
        return None if value is None else value * times

    return read


def _of_rows(name: str, times: int = 1) -> Callable[[Values], Decimal | None]:
    """The sum over the rows that have a value; None where nobody has one."""

    def read(year: Values) -> Decimal | None:
        found = [value for row, values in year.items() if row and (value := _amount(values.get(name))) is not None]
        return sum(found, Decimal(0)) * times if found else None

    return read


_ITEMS = (
    _Item("wage", "工资", "E117", ("wage_inc",), _said("lab_pay_resident")),
    _Item("pension", "养老金", "C113", ("trf_pen_emp", "trf_pen_res", "trf_pen_oth"), _of_rows("ss_pension_month", 12)),
    _Item("dibao", "低保金", "C203", ("trf_dibao",), _said("db_month", 12)),
    _Item("school", "教育支出", "D202", ("rig_edu",), _said("edu_fee_hh")),
    _Item("medical", "医疗总费用", "C123", ("aux_med_gross",), _of_rows("med_total")),
    _Item("gifts", "礼金支出", "H112", ("ne_gift",), _said("soc_gift_out")),
    _Item("repaid", "归还本金", "J212", ("ne_repay_bank", "ne_repay_pri"), _of_rows("loan_paid")),
)


def reconcile(quarters: Sequence[Values], year: Values) -> tuple[Difference, ...]:
    """What differs by more than 30% of the larger figure.

    Args:
        quarters: values of the four quarters of the year that the annual questionnaire asks about. With fewer nothing is compared:
            a missing quarter is no difference (quarterly.md 12, 缺季).
        year: values of the annual questionnaire; an item it does not say anything of is nothing as soon as the quarters have it.
    """
    if len(quarters) != 4:
        return ()
    found = []
    for item in _ITEMS:
        amounts = [_amount(one.get("", {}).get(name)) for one in quarters for name in item.quarterly]
        total = sum((amount for amount in amounts if amount is not None), Decimal(0))
        said = item.yearly(year) or Decimal(0)
        if abs(total - said) > max(abs(total), abs(said)) * LARGEST_DIFFERENCE:
            found.append(Difference(item.key, item.zh, total, said, item.about))
    return tuple(found)
