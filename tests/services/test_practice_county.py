from __future__ import annotations

from datetime import UTC, date, datetime
from random import Random

import pytest

from fieldapp.services import beginning, periods
from fieldapp.services.plausible import answer_plausibly
from fieldapp.services.sample_people import check_digit, household, phone_number
from fieldapp.services.snapshots import Values, to_csv
from forms.engine import Interview, Situation, load_form
from forms.questionnaires import default_parameters, load_questionnaire, parameters_csv
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


@pytest.mark.parametrize("seed", [4, 9])
def test_the_annual_questionnaire_is_answered_so_that_it_can_be_handed_in(seed: int) -> None:
    """The sample county is made of such interviews: none may be left open."""
    day = date(2026, 1, 12)
    interview = _annual_of_a_family(seed, day)
    answer_plausibly(interview, interview.form, seed, today=day)
    assert interview.violations() == ()
    checks = interview.checks()
    assert [one.id for one in checks if one.kind == "hard" and one.state != "passed"] == []
    assert [one.id for one in checks if one.kind == "soft" and one.state in ("failed", "fallen")] == []
    assert [cell for cell in interview.relevant_questions() if interview.confirmed(cell) is False] == []


def _annual_of_a_family(seed: int, day: date) -> Interview:
    people = household(Random(seed), day)
    fields = {"hh_id": "5299001012000001", "cov_village_code": "529900101200", "cov_hh_no": "0001", "cov_stratum": "S1"}
    known: Values = {"": {**fields, "cov_sample_role": "1", "hh_type_frame": "1", "hh_type_now": "1"}}
    for number, one in enumerate(people, 1):
        known[f"{number:032x}"] = {
            "mem_no": f"{number:02d}", "mem_name": one.name, "mem_relation": one.relation,
            "mem_sex": "1" if one.male else "2", "mem_birth": one.born.isoformat(), "mem_id_type": "1",
            "mem_idno": one.idno, "mem_ethnicity": one.ethnicity, "mem_hukou_here": "1", "mem_econ_tied": "1",
        }  # fmt: skip
    sources = {
        "params.csv": parameters_csv(default_parameters(), day),
        "register.csv": to_csv(known),
        "regions.csv": "code,name\n529900101200,双河村\n".encode(),
    }
    ids = iter(f"{n:032x}" for n in range(1000, 2000))
    now = datetime(day.year, day.month, day.day, 3, 0, tzinfo=UTC)
    situation = Situation(
        now=lambda: now, new_row_id=lambda: next(ids), random=lambda: 0.5, properties={"username": "enum01"},
        resource=sources.get,
    )  # fmt: skip
    return beginning.begin(load_questionnaire("annual"), situation, known)[0]
