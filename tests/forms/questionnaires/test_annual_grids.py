"""The fixed rows of the annual questionnaire: every asset, animal and durable has its columns, limits and checks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.forms.questionnaires.annual_case import cell_of, play, untouched
from tests.forms.questionnaires.conftest import FOLDER, read_codelists
from tests.forms.questionnaires.looking import states_of

LISTS = read_codelists((FOLDER / "spec" / "codelists.md").read_text(encoding="utf-8"))
DURABLES = [(code, facts) for code, _, facts in LISTS["durable"]]
ASSETS = [code for code, _, _ in LISTS["fixed_asset"]]
ANIMALS = [code for code, _, _ in LISTS["livestock_stock"]]


def failed(steps: str, number: str) -> bool:
    return "failed" in states_of(play(steps), number)


@pytest.mark.parametrize(("code", "facts"), DURABLES, ids=[code for code, _ in DURABLES])
def test_a_durable_has_its_own_limits(code: str, facts: dict[str, str]) -> None:
    bought = f"sel_dur={code}; dur_{code}_n=2; dur_{code}_new=2"
    low, high = Decimal(facts["price_min"]), Decimal(facts["price_max"])
    assert failed(f"sel_dur={code}; dur_{code}_n={int(facts['cap']) + 1}", "F.W1")
    assert not failed(f"sel_dur={code}; dur_{code}_n={facts['cap']}", "F.W1")
    for price, told in ((low, False), (low - 1, True), (high, False), (high + 1, True), (Decimal(0), False)):
        assert failed(f"{bought}; dur_{code}_cost={price * 2}", "F.W2") is told, price


@pytest.mark.parametrize("code", [code for code, _ in DURABLES])
def test_what_was_bought_costs_something(code: str) -> None:
    steps = f"sel_dur={code}; dur_{code}_n=1; dur_{code}_new="
    assert play(steps + "1").state(cell_of(untouched(), f"dur_{code}_cost")).required
    assert not play(steps + "0").is_relevant(cell_of(untouched(), f"dur_{code}_cost"))


@pytest.mark.parametrize("code", ASSETS)
def test_an_asset_has_number_cost_and_year(code: str) -> None:
    owned = f"sel_asset={code}; fa_{code}_n=2; fa_{code}_value="
    for value, told in (("100", False), ("99.98", True), ("400000", False), ("400000.01", True)):
        assert failed(owned + value, "A3.W1") is told, value
    assert play(owned).state(cell_of(untouched(), f"fa_{code}_value")).required


@pytest.mark.parametrize(("now", "told"), [("1500", False), ("1500.01", True), ("500", False), ("499.99", True)])
def test_assets_changed_by_more_than_half_without_anything_bought_are_to_be_verified(now: str, told: bool) -> None:
    before = "; ".join(f"prev.fa_{code}_value=1000" for code in ASSETS)
    owned = "; ".join(f"fa_{code}_n=2; fa_{code}_value={now}" for code in ASSETS)
    interview = play(f"{before}; hist.fa_buy_all=0; sel_asset={' '.join(ASSETS)}; {owned}")
    assert states_of(interview, "A3.W2") == ["failed" if told else "passed"] * len(ASSETS)


@pytest.mark.parametrize("code", ANIMALS)
def test_an_animal_has_its_number(code: str) -> None:
    interview = play(f"ls_{code}_n=0")
    assert interview.state(cell_of(interview, f"ls_{code}_n")).required
    assert interview.value(cell_of(interview, f"ls_{code}_n")) == "0"
