"""Every check, constraint and skip of the quarterly form: one case that trips it and one that does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import pytest

from forms.engine import Cell, Form, Interview
from forms.questionnaires.sources import load_questionnaire
from tests.forms.questionnaires.quarterly_case import (
    WHOLE,
    Answers,
    line_parameters,
    parameters,
    previous,
    ref,
    register_with,
    resources,
    table,
)
from tests.forms.questionnaires.quarterly_interview import check_states, filled, give, opened, trial
from tests.forms.questionnaires.quarterly_source import by_name, check_numbers, lines, lists
from tests.forms.questionnaires.quarterly_trials import CASES, CONSTRAINTS, OUTSIDE, SKIPS, a

FIXED = ("401", "402", "403", "404", "407", "408")
SECTIONS = {
    "3": "sel_prop",
    "4": "sel_trf",
    "5": "sel_cost",
    "7": "sel_te",
    "80": "sel_nr",
    "81": "sel_nr",
    "8": "sel_ne",
}
LIMITS = line_parameters()


@pytest.fixture(scope="module")
def form() -> Form:
    return load_questionnaire("quarterly")


@pytest.fixture(scope="module")
def household(form: Form) -> Interview:
    return filled(form)


def _amount(code: str) -> str:
    line = lines()[code]
    return f"{line.name}_cash" if code.startswith("F") else line.name


def _ticking(code: str) -> str:
    if code.startswith("F"):
        return f"sel_f{code[1]}"
    return next(name for start, name in sorted(SECTIONS.items(), key=lambda s: -len(s[0])) if code.startswith(start))


LINES = {code: (_ticking(code), _amount(code)) for code in lines() if code not in ("310", "427", "428", "F314")}
LINES |= {code: ("sel_fa", f"fa_buy_{code}") for code, _ in lists()["fixed_asset"]}
OWN = {code for code, line in lines().items() if code.startswith("F") and line.rest[0]}


def _stem(code: str) -> str:
    return LINES[code][1].removesuffix("_cash")


@pytest.fixture(scope="module")
def after_a_season(form: Form) -> Interview:
    """The household when every line had 100 yuan last quarter."""
    amounts = {(f"{_stem(code)}_amt" if code in OWN else name): "100" for code, (_, name) in LINES.items()}
    return filled(form, resources(prev=previous(amounts)))


def test_the_whole_interview_has_nothing_left_to_mend(household: Interview) -> None:
    assert [(check.id, check.state) for check in household.checks() if check.state != "passed"] == []
    assert [household.ref(broken.cell) for broken in household.violations()] == []
    assert household.value(ref("q_end_check")) == "0"


@pytest.mark.parametrize(("number", "trips", "passes"), CASES)
def test_check(household: Interview, number: str, trips: str, passes: str) -> None:
    with trial(household, a(passes)):
        states = check_states(household, number)
        assert set(states) <= {"passed"}
    with trial(household, a(trips)):
        assert "failed" in check_states(household, number)


@pytest.mark.parametrize(("number", "attachments", "answers"), OUTSIDE)
def test_check_against_what_is_known_from_elsewhere(
    form: Form, household: Interview, number: str, attachments: dict[str, bytes], answers: str
) -> None:
    if attachments:
        with trial(household, a(answers)):
            assert "failed" not in check_states(household, number)
    there = filled(form, resources(**attachments)) if attachments else household
    with trial(there, a(answers)):
        assert "failed" in check_states(there, number)


def test_pension_of_an_employee_passes_when_somebody_is_registered_for_it(form: Form) -> None:
    text = register_with(db_has="1").decode().replace(",1,1,130,", ",1,2,130,")
    there = filled(form, resources(register=text.encode()))
    with trial(there, a("sel_trf=401 404; trf_pen_emp=5000; trf_dibao=600")):
        assert check_states(there, "401.W6") == ["passed"]
        assert check_states(there, "404.W6") == ["passed"]


def test_a_household_that_is_not_in_the_sample_is_refused(form: Form, household: Interview) -> None:
    assert check_states(household, "Q002.E1") == ["passed"]
    stray = opened(form, defaults={Cell("/data/cover/q_hh_id"): "5299001012000099"})
    assert check_states(stray, "Q002.E1") == ["failed"]


def test_the_first_season_asks_for_no_comparison(form: Form) -> None:
    first = opened(form, resources(prev=table([{"row": "never"}]).split(b"\n")[0] + b"\n"))
    assert first.value(ref("aux_first")) == "1"
    assert not first.is_relevant(ref("q_income_feel"))
    give(first, a("qm_status@1=1"))
    assert first.is_relevant(ref("qm_med_ins@1"))
    assert first.is_relevant(ref("qm_dibao@1"))


@pytest.mark.parametrize(("number", "before", "name", "refused", "accepted"), CONSTRAINTS)
def test_constraint(household: Interview, number: str, before: str, name: str, refused: str, accepted: str) -> None:
    row = by_name()[name.partition("@")[0]]
    assert number in (row.get("bind::fa:id"), row["name"])
    with trial(household, (*a(before), (name, accepted))):
        assert household.state(ref(name)).constraint_ok
    with trial(household, (*a(before), (name, refused))):
        state = household.state(ref(name))
        assert not state.constraint_ok
        assert state.message


@pytest.mark.parametrize(("name", "opens", "closes"), SKIPS)
def test_skip(household: Interview, name: str, opens: str, closes: str) -> None:
    with trial(household, a(opens)):
        assert household.is_relevant(ref(name))
    with trial(household, a(closes)):
        assert not household.is_relevant(ref(name))


def _ticked(codes: Iterable[str]) -> Answers:
    """Exactly these lines ticked in every grid."""
    marks: dict[str, list[str]] = {name: [] for name, _ in LINES.values()}
    for code in codes:
        marks[LINES[code][0]].append(code)
    return tuple((name, " ".join(ticked)) for name, ticked in marks.items())


def _with(codes: Iterable[str], values: Mapping[str, str]) -> Answers:
    """Lines with these amounts in money, and no own produce."""
    codes = list(codes)
    own = tuple((f"{_stem(code)}{end}", "") for code in codes if code in OWN for end in ("_sq", "_sp"))
    return (*_ticked(codes), *own, *((LINES[code][1], values[code]) for code in codes))


def _states(interview: Interview, end: str, codes: Iterable[str]) -> dict[str, str]:
    found = {check.id: check.state for check in interview.checks()}
    return {code: found[f"{code}.{end}"] for code in codes}


def test_lines_bought_want_an_amount_above_zero(household: Interview) -> None:
    bought = [code for code in LINES if code not in OWN]
    for value, blank, holds in (("", True, True), ("0", False, False), ("12.34", False, True)):
        with trial(household, _with(bought, dict.fromkeys(bought, value))):
            for code in bought:
                state = household.state(ref(LINES[code][1]))
                assert (state.required_ok, state.constraint_ok) == (not blank, holds), (code, value)
    assert {by_name()[LINES[code][1]]["bind::fa:id"] for code in bought} == {f"{code}.E1" for code in bought}


def test_lines_with_own_produce_want_money_or_a_quantity(household: Interview) -> None:
    with trial(household, _with(OWN, dict.fromkeys(OWN, ""))):
        assert _states(household, "E1", OWN) == dict.fromkeys(OWN, "failed")
    with trial(household, _with(OWN, dict.fromkeys(OWN, "12.34"))):
        assert _states(household, "E1", OWN) == dict.fromkeys(OWN, "passed")


def test_lines_outside_their_usual_range_are_to_be_verified(household: Interview) -> None:
    ranged = [code for code in LINES if f"{code}.W1" in check_numbers()]
    most = {code: Decimal(LIMITS.get(f"cap_{code}") or LIMITS[f"max_{code}"]) for code in ranged}
    with trial(household, _with(ranged, {code: f"{most[code]}" for code in ranged})):
        assert _states(household, "W1", ranged) == dict.fromkeys(ranged, "passed")
    with trial(household, _with(ranged, {code: f"{most[code] + Decimal('0.01')}" for code in ranged})):
        assert _states(household, "W1", ranged) == dict.fromkeys(ranged, "failed")
    low = {code: Decimal(least) for code in ranged if (least := LIMITS.get(f"min_{code}", "0")) != "0"}
    with trial(household, _with(low, {code: f"{low[code] - Decimal('0.01')}" for code in low})):
        assert _states(household, "W1", low) == dict.fromkeys(low, "failed")
    assert len(low) >= 8


def _own(quantity: Mapping[str, str], price: Mapping[str, str]) -> Answers:
    answers = _with(OWN, dict.fromkeys(OWN, ""))
    for code in OWN:
        answers += ((f"{_stem(code)}_sq", quantity[code]), (f"{_stem(code)}_sp", price[code]))
    return answers


def test_own_produce_wants_quantity_and_price_together(household: Interview) -> None:
    none, one = dict.fromkeys(OWN, ""), dict.fromkeys(OWN, "1")
    price = {code: LIMITS[f"price_{code}"] for code in OWN}
    for quantity, priced, state in ((one, none, "failed"), (none, one, "failed"), (one, price, "passed")):
        with trial(household, _own(quantity, priced)):
            assert _states(household, "E2", OWN) == dict.fromkeys(OWN, state)
    with trial(household, _own(one, price)):
        for code in OWN:
            assert Decimal(household.value(ref(f"{_stem(code)}_sv"))) == Decimal(price[code])
        for end in ("E1", "W1", "W2", "W3"):
            assert _states(household, end, OWN) == dict.fromkeys(OWN, "passed"), end


def test_prices_outside_their_range_are_to_be_verified(household: Interview) -> None:
    one, fen = dict.fromkeys(OWN, "1"), Decimal("0.01")
    for key, beyond in (("pmin", -fen), ("pmax", fen)):
        with trial(household, _own(one, {code: f"{Decimal(LIMITS[f'{key}_{code}']) + beyond}" for code in OWN})):
            assert _states(household, "W3", OWN) == dict.fromkeys(OWN, "failed")


def test_prices_far_from_the_reference_are_to_be_verified(form: Form) -> None:
    one = dict.fromkeys(OWN, "1")
    wide = {f"{key}_{code}": value for code in OWN for key, value in (("pmin", "0"), ("pmax", "9999"), ("price", "10"))}
    there = filled(form, resources(params=parameters(**wide)))
    for price, state in (("4.99", "failed"), ("5", "passed"), ("20", "passed"), ("20.01", "failed")):
        with trial(there, _own(one, dict.fromkeys(OWN, price))):
            assert _states(there, "W3", OWN) == dict.fromkeys(OWN, state), price


def test_quantities_a_head_above_the_usual_are_to_be_verified(household: Interview) -> None:
    one = dict.fromkeys(OWN, "1")
    most = {code: Decimal(LIMITS[f"qmax_{code}"]) * 3 for code in OWN}  # three residents
    with trial(household, _own({code: f"{most[code]}" for code in OWN}, one)):
        assert _states(household, "W2", OWN) == dict.fromkeys(OWN, "passed")
    with trial(household, _own({code: f"{most[code] + Decimal('0.01')}" for code in OWN}, one)):
        assert _states(household, "W2", OWN) == dict.fromkeys(OWN, "failed")


def test_money_counts_as_quantity_at_the_lowest_usual_price(household: Interview) -> None:
    rice = "sel_f1=F101; cf_rice_sq=; cf_rice_sp=; cf_rice_cash={}"  # 3 yuan a kilo, 60 kilos for each of three
    with trial(household, a(rice.format("540"))):
        assert check_states(household, "F101.W2") == ["passed"]
    with trial(household, a(rice.format("540.03"))):
        assert check_states(household, "F101.W2") == ["failed"]


def test_lines_five_times_last_quarter_are_to_be_verified(after_a_season: Interview) -> None:
    """Last quarter 100: more than 500 and more than 1000 apart."""
    for amount, state in (("1100", "passed"), ("1100.01", "failed")):
        with trial(after_a_season, _with(LINES, dict.fromkeys(LINES, amount))):
            assert _states(after_a_season, "W4", LINES) == dict.fromkeys(LINES, state)


def test_lines_a_fifth_of_last_quarter_are_to_be_verified(form: Form) -> None:
    amounts = {(f"{_stem(code)}_amt" if code in OWN else name): "6000" for code, (_, name) in LINES.items()}
    there = filled(form, resources(prev=previous(amounts)))
    for amount, state in (("1200", "passed"), ("1199", "failed")):
        with trial(there, _with(LINES, dict.fromkeys(LINES, amount))):
            assert _states(there, "W4", LINES) == dict.fromkeys(LINES, state)


@pytest.mark.parametrize("code", FIXED)
def test_steady_income_of_last_quarter_must_not_be_forgotten(after_a_season: Interview, code: str) -> None:
    with trial(after_a_season, a("sel_trf=401 402 403 404 407 408")):
        assert check_states(after_a_season, f"{code}.W5") == ["passed"]
    with trial(after_a_season, a("sel_trf=430")):
        assert check_states(after_a_season, f"{code}.W5") == ["failed"]


@pytest.mark.parametrize(("name", "limit"), [("trf_remit", "60000"), ("trf_goods", "5000")])
def test_calculated_transfers_have_their_usual_range(household: Interview, name: str, limit: str) -> None:
    number = {"trf_remit": "427.W1", "trf_goods": "428.W1"}[name]
    asked = {"trf_remit": "ql_out_remit@3", "trf_goods": "cf_free_gov"}[name]
    with trial(household, ((asked, limit),)):
        assert check_states(household, number) == ["passed"]
    with trial(household, ((asked, f"{limit}.01"),)):
        assert check_states(household, number) == ["failed"]


def test_prefilled_steady_income_waits_for_confirmation(form: Form) -> None:
    there = filled(form)
    with trial(there, a("sel_trf=402; trf_pen_res=390")):
        assert there.value(ref("aux_unconfirmed")) == "1"
    assert there.confirmed(ref("trf_pen_res")) is False or there.confirmed(ref("trf_pen_res")) is None
    give(there, a("trf_pen_res=390; !trf_pen_res="))
    assert there.confirmed(ref("trf_pen_res")) is True
    assert there.value(ref("aux_unconfirmed")) == "0"


def test_steady_income_is_proposed_and_nothing_else(form: Form) -> None:
    fresh = opened(form)
    assert fresh.value(ref("sel_trf")) == "402"
    assert fresh.value(ref("trf_pen_res")) == "390"
    assert fresh.value(ref("q_phone")) == "19900000012"
    names = {name.partition("@")[0] for name, _ in WHOLE} - {"sel_trf", "trf_pen_res", "q_phone"}
    names = {name for name in names if not name.startswith("loan_")}  # no row before the number of loans is known
    assert [name for name in sorted(names) if fresh.value(ref(name)) != ""] == []
