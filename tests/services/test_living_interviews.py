"""An interview that is handed in speaks for the living household; the next one begins from what is known since."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fieldapp.errors import NotReady
from fieldapp.services import interviewing, reviewing
from fieldapp.services.interview_people import bring_back, former_members
from fieldapp.services.registering import Left, Register, open_register, record
from forms.engine import Cell
from tests.services.living_county import GIRL, LI, SON, TIAN, WEI, LivingCounty, everybody_at_home, fill

MEMBER = Cell("/data/member")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingCounty]:
    county = LivingCounty(tmp_path_factory.mktemp("living"))
    yield county
    county.office.lock()


def register(place: LivingCounty, household: str) -> Register:
    return open_register(place.office, household)


def facts(place: LivingCounty, household: str, uid: str) -> dict[str, str]:
    person = register(place, household).living.person(uid)
    assert person is not None
    return dict(person.facts)


def gone(code: str, on: str, to: str = "") -> dict[str, str]:
    return {"qm_status": "4", "qm_change": code, "qm_change_date": on, "qm_change_to": to}


# member_change, date in the interview, what the register then says
DEPARTURES = (
    ("11", "2026-08-15", {"mem_left": "11", "mem_left_on": "2026-08"}),
    ("12", "2026-08-15", {"mem_left": "12", "mem_left_on": "2026-08"}),
    ("13", "2026-08-15", {"mem_left": "13", "mem_left_on": "2026-08"}),
    ("21", "2026-08-15", {"mem_left": "21", "mem_left_on": "2026-08-15", "mem_left_to": "邻县"}),
    ("22", "2026-08-15", {"mem_left": "22", "mem_left_on": "2026-08-15"}),
    ("23", "2026-08-15", {"mem_left": "23", "mem_left_on": "2026-08-15"}),
    ("24", "2026-08-15", {"mem_left": "24"}),
    ("25", "2026-08-15", {"mem_left": "25"}),
    ("26", "2026-08-15", {"mem_left": "26"}),
    ("27", "2026-08-15", {"mem_left": "27"}),
)


@pytest.mark.parametrize(("code", "on", "expected"), DEPARTURES)
def test_a_departure_of_the_quarter_stands_in_the_register(
    place: LivingCounty, code: str, on: str, expected: dict[str, str]
) -> None:
    home = place.household()
    wei = place.uid(WEI)
    place.interview(home, **{f"p{wei}": gone(code, on, "邻县")})
    known = facts(place, home, wei)
    assert {name: known.get(name) for name in expected} == expected
    if code in ("11", "12", "13"):
        assert "mem_left_to" not in known  # of a death nothing but month and kind is kept
    assert [line.person_uid for line in register(place, home).members] == [
        place.uid(one) for one in (LI, TIAN, SON, GIRL)
    ]
    following = place.begin(home, "2026Q4")
    assert wei not in following.interview.rows(MEMBER)
    assert following.register[wei]["mem_no"] == "04"


def test_a_birth_becomes_a_person_with_the_rows_uid_and_birth_date(place: LivingCounty) -> None:
    home = place.household()
    opened = place.begin(home)
    everybody_at_home(opened)
    opened.save(opened.interview.add_row(MEMBER))
    baby = opened.interview.rows(MEMBER)[-1]
    for name, value in {
        "mem_name": "李小宝", "mem_relation": "41", "qm_status": "3", "qm_change": "01", "qm_change_date": "2026-08-03",
        "qm_live_place": "1",
    }.items():  # fmt: skip
        fill(opened, name, value, baby)
    interviewing.hand_in(opened)
    known = facts(place, home, baby)
    assert (known["mem_birth"], known["mem_id_type"], known["mem_no"]) == ("2026-08-03", "8", "06")
    assert place.begin(home, "2026Q4").interview.rows(MEMBER)[-1] == baby


def test_who_comes_back_has_the_old_row_and_number(place: LivingCounty) -> None:
    home = place.household()
    son = place.uid(SON)
    place.interview(home, **{f"p{son}": gone("26", "2026-07-01")})
    opened = place.begin(home, "2026Q4")
    everybody_at_home(opened)
    (former,) = former_members(opened)
    assert (former.person_uid, former.mem_no, former.state) == (son, "03", "已入狱")
    for effects in bring_back(opened, son, "05"):
        opened.save(effects)
    fill(opened, "qm_change_date", "2026-09-01", son)
    interviewing.hand_in(opened)
    known = facts(place, home, son)
    assert (known["mem_left"], known["mem_joined"], known["mem_no"]) == ("0", "05", "03")
    assert len(register(place, home).people) == 5


def test_the_dead_are_not_offered_for_coming_back(place: LivingCounty) -> None:
    home = place.household()
    place.interview(home, **{f"p{place.uid(WEI)}": gone("11", "2026-08-01")})
    assert former_members(place.begin(home, "2026Q4")) == ()


def test_another_head_gives_the_household_another_name(place: LivingCounty) -> None:
    home = place.household()
    li, tian, son, wei, girl = (place.uid(one) for one in (LI, TIAN, SON, WEI, GIRL))
    answers = {
        li: gone("13", "2026-08-20"),
        tian: {"mem_relation": "02", "qm_status": "5", "qm_change": "31", "qm_change_date": "2026-08-21"},
        son: {"mem_relation": "20"},
        wei: {"mem_relation": "38"},
        girl: {"mem_relation": "42"},
    }
    place.interview(home, **{f"p{uid}": row for uid, row in answers.items()})
    after = register(place, home)
    assert (after.head_name, after.problems) == ("田秀英", ())


def test_a_household_without_a_head_is_not_handed_in(place: LivingCounty) -> None:
    home = place.household()
    with pytest.raises(NotReady):
        place.interview(home, **{f"p{place.uid(LI)}": gone("13", "2026-08-20")})


# --- bad input --------------------------------------------------------------------------------------------------------


def test_a_row_taken_out_by_mistake_is_asked_for_and_never_means_that_somebody_left(place: LivingCounty) -> None:
    home = place.household()
    girl = place.uid(GIRL)
    opened = place.begin(home)
    everybody_at_home(opened)
    opened.save(opened.interview.remove_row(Cell("/data/member", (girl,))))
    (item,) = interviewing.hand_in_list(opened).blocking
    assert "李小花" in item.sentence
    with pytest.raises(NotReady):
        interviewing.hand_in(opened)
    for effects in bring_back(opened, girl):
        opened.save(effects)
    fill(opened, "qm_status", "1", girl)
    interviewing.hand_in(opened)
    assert facts(place, home, girl)["mem_left"] == "0"


def test_a_departure_registered_in_the_meantime_explains_a_missing_row(place: LivingCounty) -> None:
    home = place.household()
    girl = place.uid(GIRL)
    opened = place.begin(home)
    everybody_at_home(opened)
    opened.save(opened.interview.remove_row(Cell("/data/member", (girl,))))
    record(place.office, register(place, home), Left(girl, "24", "2026-08"))
    interviewing.hand_in(opened)
    assert facts(place, home, girl)["mem_left"] == "24"


def test_an_emptied_roster_is_not_handed_in_and_the_register_stays(place: LivingCounty) -> None:
    home = place.household()
    opened = place.begin(home)
    for uid in opened.interview.rows(MEMBER):
        opened.save(opened.interview.remove_row(Cell("/data/member", (uid,))))
    (item,) = interviewing.hand_in_list(opened).blocking
    assert "名册空了" in item.sentence
    with pytest.raises(NotReady):
        interviewing.hand_in(opened)
    assert len(register(place, home).members) == 5


def test_a_household_that_was_not_met_keeps_all_its_people(place: LivingCounty) -> None:
    home = place.household()
    opened = place.begin(home)
    fill(opened, "q_met", "2")
    interviewing.hand_in(opened)
    assert [line.state for line in register(place, home).people] == ["在家"] * 5


# --- corrections ------------------------------------------------------------------------------------------------------


def returned(place: LivingCounty, interview: str) -> None:
    reviewing.send_back(place.person("tsup01"), interview, [interviewing_reason()], "再核实")


def interviewing_reason() -> reviewing.Reason:
    return reviewing.Reason(reviewing.reasons()[0].code, (), "", "再核实")
