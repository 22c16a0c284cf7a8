"""Every check, constraint and skip of the quarterly form: one case that trips it and one that does not."""

from __future__ import annotations

import pytest

from forms.engine import Cell, Form, Interview
from forms.questionnaires.sources import load_questionnaire
from tests.forms.questionnaires.quarterly_case import (
    WHOLE,
    line_parameters,
    previous,
    ref,
    register_with,
    resources,
    table,
)
from tests.forms.questionnaires.quarterly_interview import check_states, filled, give, opened, trial
from tests.forms.questionnaires.quarterly_source import by_name, check_numbers, lines, lists, survey
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
        assert "failed" not in states
        assert "undecided" not in states or not passes
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


def _ticked(code: str) -> tuple[tuple[str, str], ...]:
    return ((LINES[code][0], code),)


@pytest.mark.parametrize("code", LINES)
def test_line_wants_an_amount_above_zero(household: Interview, code: str) -> None:
    name = LINES[code][1]
    if code in OWN:
        with trial(household, (*_ticked(code), (name, ""), (f"{_stem(code)}_sq", ""), (f"{_stem(code)}_sp", ""))):
            assert check_states(household, f"{code}.E1") == ["failed"]
        with trial(household, (*_ticked(code), (name, "12.34"))):
            assert check_states(household, f"{code}.E1") == ["passed"]
        return
    assert by_name()[name]["bind::fa:id"] == f"{code}.E1"
    with trial(household, (*_ticked(code), (name, ""))):
        assert not household.state(ref(name)).required_ok
    with trial(household, (*_ticked(code), (name, "0"))):
        assert not household.state(ref(name)).constraint_ok
    with trial(household, (*_ticked(code), (name, "12.34"))):
        assert household.state(ref(name)).constraint_ok


@pytest.mark.parametrize("code", sorted(code for code in LINES if f"{code}.W1" in check_numbers()))
def test_line_above_its_usual_range_is_to_be_verified(household: Interview, code: str) -> None:
    name = LINES[code][1]
    most = float(LIMITS.get(f"cap_{code}") or LIMITS[f"max_{code}"])
    own = ((f"{_stem(code)}_sq", ""),) if code in OWN else ()
    with trial(household, (*_ticked(code), *own, (name, f"{most:g}"))):
        assert check_states(household, f"{code}.W1") == ["passed"]
    with trial(household, (*_ticked(code), *own, (name, f"{most + 0.01:.2f}"))):
        assert check_states(household, f"{code}.W1") == ["failed"]
    least = float(LIMITS.get(f"min_{code}", "0"))
    if least > 0:
        with trial(household, (*_ticked(code), (name, f"{least - 0.01:.2f}"))):
            assert check_states(household, f"{code}.W1") == ["failed"]


@pytest.mark.parametrize("code", sorted(OWN))
def test_own_produce_wants_quantity_and_price_in_their_usual_range(household: Interview, code: str) -> None:
    stem = _stem(code)
    low, high, price = (float(LIMITS[f"{key}_{code}"]) for key in ("pmin", "pmax", "price"))
    most = float(LIMITS[f"qmax_{code}"]) * 3
    alone = (*_ticked(code), (f"{stem}_cash", ""), (f"{stem}_sq", "1"))
    with trial(household, (*alone, (f"{stem}_sp", ""))):
        assert check_states(household, f"{code}.E2") == ["failed"]
    with trial(household, (*alone, (f"{stem}_sp", f"{price:g}"))):
        for number in ("E1", "E2", "W1", "W2", "W3"):
            assert check_states(household, f"{code}.{number}") == ["passed"], number
        assert household.value(ref(f"{stem}_sv")) == f"{price:g}"
    for wrong in (low - 0.01, high + 0.01):
        with trial(household, (*alone, (f"{stem}_sp", f"{wrong:.2f}"))):
            assert check_states(household, f"{code}.W3") == ["failed"]
    with trial(household, (*_ticked(code), (f"{stem}_cash", ""), (f"{stem}_sp", "1"), (f"{stem}_sq", f"{most:g}"))):
        assert check_states(household, f"{code}.W2") == ["passed"]
    with trial(
        household, (*_ticked(code), (f"{stem}_cash", ""), (f"{stem}_sp", "1"), (f"{stem}_sq", f"{most + 0.01:.2f}"))
    ):
        assert check_states(household, f"{code}.W2") == ["failed"]


@pytest.mark.parametrize("code", LINES)
def test_line_five_times_last_quarter_is_to_be_verified(after_a_season: Interview, code: str) -> None:
    name = LINES[code][1]
    own = ((f"{_stem(code)}_sq", ""), (f"{_stem(code)}_sp", "")) if code in OWN else ()
    with trial(after_a_season, (*_ticked(code), *own, (name, "1100"))):
        assert check_states(after_a_season, f"{code}.W4") == ["passed"]
    with trial(after_a_season, (*_ticked(code), *own, (name, "1100.01"))):
        assert check_states(after_a_season, f"{code}.W4") == ["failed"]


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


def test_every_check_and_every_constraint_has_a_case() -> None:
    tried = {case[0] for case in [*CASES, *OUTSIDE, *CONSTRAINTS]} | {"Q002.E1", "427.W1", "428.W1"}
    tried |= {f"{code}.{end}" for code in LINES for end in ("E1", "E2", "W1", "W2", "W3", "W4", "W5")}
    assert check_numbers() - tried == set()


def test_every_skip_of_the_tables_has_a_case() -> None:
    tried = {name.partition("@")[0] for name, _, _ in SKIPS}
    grids = ("fa-row",)
    open_to = {
        row["name"]
        for row in survey()
        if "relevant" in row
        and row["type"].split()[0] in ("select_one", "select_multiple", "integer", "decimal", "text", "date", "time")
        and not row["name"].endswith("_oth")
        and row.get("appearance") not in grids
    }
    assert open_to - tried == {"q_income_feel"}  # see the first season


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
    assert fresh.value(ref("q_phone")) == "10000000012"
    names = {name.partition("@")[0] for name, _ in WHOLE} - {"sel_trf", "trf_pen_res", "q_phone"}
    assert [name for name in sorted(names) if fresh.value(ref(name)) != ""] == []
