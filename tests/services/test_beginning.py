"""What a new interview opens with: steady wages of last quarter and unpaid loans of last year, each under its lasting row id."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import count

import pytest

from fieldapp.services import beginning
from fieldapp.services.earlier import EarlierValues
from forms.engine import Cell, Interview, SetValue, Situation
from forms.questionnaires import load_questionnaire
from tests.forms.questionnaires.quarterly_case import NOW, PEOPLE, previous, ref, resources, table
from tests.forms.questionnaires.quarterly_case import PAST as PAST_ROW

MONTHLY, DAILY = "a1" * 16, "a2" * 16
WAGES = [
    {"row": MONTHLY, "w_member": "01", "w_type": "5", "w_industry": "S", "w_place": "1", "w_months": "2", "w_cash": "1700",
     "w_back": "100", "w_days": "40", "w_public": "01"},
    {"row": DAILY, "w_member": "01", "w_type": "4", "w_months": "1", "w_cash": "900", "w_back": "0"},
]  # fmt: skip


def begun(name: str, attachments: dict[str, bytes], now: datetime = NOW) -> tuple[Interview, set[Cell]]:
    numbers = count(0xF00)
    situation = Situation(
        now=lambda: now,
        new_row_id=lambda: f"{next(numbers):032x}",
        random=lambda: 0.5,
        properties={"username": "ENUM-0417"},
        resource=lambda file: attachments.get(file.removesuffix(".csv")),
    )
    known = beginning.known_facts({"register.csv": attachments.get("register", b"")})
    interview, stored = beginning.begin(load_questionnaire(name), situation, known)
    return interview, {one.cell for one in stored if isinstance(one, SetValue)}


@pytest.fixture(scope="module")
def quarter() -> tuple[Interview, set[Cell]]:
    return begun("quarterly", resources(prev=table([PAST_ROW, *WAGES])))


def test_a_wage_by_the_month_is_opened_again_at_three_months_and_waits(quarter: tuple[Interview, set[Cell]]) -> None:
    interview, stored = quarter
    roster = Cell(ref("wage").removesuffix("[1]"))
    assert interview.rows(roster) == (MONTHLY,)  # work by the day is asked afresh
    shown = {name: interview.value(ref(name)) for name in ("w_member", "w_type", "w_industry", "w_place", "w_cash")}
    assert shown == {
        "w_member": "01",
        "w_type": "5",
        "w_industry": "S",
        "w_place": "1",
        "w_cash": "2400",
    }  # (1700 − 100) ÷ 2 × 3
    assert interview.value(ref("w_months")) == ""
    assert interview.confirmed(ref("w_cash")) is False
    assert interview.value(ref("has_wage")) == "1"
    assert Cell("/data/qd1/wage/w_cash", (MONTHLY,)) in stored


def test_what_was_proposed_blocks_handing_in_until_somebody_confirmed_it(quarter: tuple[Interview, set[Cell]]) -> None:
    interview, _ = quarter
    before = int(interview.value(ref("aux_unconfirmed")))
    effects = interview.confirm(ref("w_cash"))
    assert int(interview.value(ref("aux_unconfirmed"))) == before - 1
    interview.undo(effects)
    assert [check.state for check in interview.checks() if check.id == "E-Q02"] == ["failed"]


def test_the_value_of_last_quarter_stands_beside_the_row() -> None:
    earlier = EarlierValues({"prev.csv": table([PAST_ROW, *WAGES])}, load_questionnaire("quarterly"))
    row = (MONTHLY,)
    assert earlier.value("prev", Cell("/data/qd1/wage/w_days", row)) == "40"
    assert earlier.value("prev", Cell("/data/qd1/wage/w_cash", row)) == "1700"
    assert earlier.value("prev", Cell("/data/qd1/wage/w_days", ("b" * 32,))) is None


def test_without_wages_last_quarter_nothing_is_answered_for_anybody() -> None:
    interview, _ = begun("quarterly", resources(prev=previous()))
    assert interview.value(ref("has_wage")) == ""
    assert not set(interview.rows("/data/qd1/wage")) & {MONTHLY, DAILY}
    assert interview.rows("/data/member") == PEOPLE


def test_a_loan_that_was_not_paid_back_is_opened_again_next_year() -> None:
    owed, paid = "c1" * 16, "c2" * 16
    loans = [
        {"row": owed, "loan_source": "02", "loan_amount": "5000", "loan_balance": "3000"},
        {"row": paid, "loan_source": "08", "loan_amount": "900", "loan_balance": "0"},
    ]
    now = datetime(2026, 1, 10, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    interview, _ = begun("annual", {"prev": table([{"row": "", "loan_has": "1"}, *loans])}, now)
    assert interview.rows("/data/qj2/loan") == (owed,)
    interview.answer("loan_has", "1")
    assert [check.state for check in interview.checks() if check.id == "W-J04"] != ["failed"]
    assert [check.state for check in interview.checks() if check.id == "E-J01"] != ["failed"]
