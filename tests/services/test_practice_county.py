from __future__ import annotations

from datetime import date
from random import Random

from fieldapp.services import periods
from fieldapp.services.plausible import answer_plausibly
from fieldapp.services.sample_people import check_digit, household, phone_number
from forms.engine import Interview, Situation, load_form
from tests.services.conftest import FORM, START


def test_identity_numbers_have_a_right_check_digit_in_an_area_that_does_not_exist() -> None:
    for seed in range(30):
        for person in household(Random(seed), date(2026, 9, 22)):
            assert person.idno.startswith("529900")
            assert person.idno[6:14] == f"{person.born:%Y%m%d}"
            assert person.idno[-1] == check_digit(person.idno[:17])
            assert int(person.idno[16]) % 2 == person.male
            assert person.born <= date(2026, 9, 22)


def test_the_same_seed_gives_the_same_family() -> None:
    assert household(Random(7), date(2026, 9, 22)) == household(Random(7), date(2026, 9, 22))
    assert phone_number(Random(1)).startswith("169")


def test_any_form_is_answered_so_that_nothing_stands_against_it() -> None:
    form = load_form(FORM, name="quarterly.md")
    for seed in range(5):
        ids = iter(f"{n:032x}" for n in range(100))
        situation = Situation(now=lambda: START, new_row_id=lambda ids=ids: next(ids), random=lambda: 0.5)
        interview = Interview.begin(form, situation)
        assert answer_plausibly(interview, form, seed)
        assert interview.violations() == ()
        assert [check.id for check in interview.checks() if check.kind == "hard" and check.state != "passed"] == []


def test_periods_go_back_over_new_year() -> None:
    assert periods.before("2026Q1") == "2025Q4"
    assert periods.a_year_before("2026Q3") == "2025Q3"
    assert periods.before("2026") == "2025"
    assert periods.title("2026Q3") == "2026 年三季度"
    assert periods.at(date(2026, 9, 22)) == "2026Q3"
    assert periods.at(date(2026, 10, 10)) == "2026Q3"
    assert periods.at(date(2026, 10, 16)) == "2026Q4"
