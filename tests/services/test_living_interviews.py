"""An interview that is handed in speaks for the living household; the next one begins from what is known since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import col

from fieldapp.errors import NotReady
from fieldapp.services import deciding, interviewing, reviewing
from fieldapp.services.household_page import household_page
from fieldapp.services.interview_people import bring_back, former_members
from fieldapp.services.opened_interview import OpenInterview
from fieldapp.services.register_history import household_history, person_history
from fieldapp.services.registering import (
    Corrected,
    Joined,
    Left,
    Register,
    merge,
    open_register,
    record,
    register_problems,
    same_person,
    split,
)
from fieldapp.services.snapshots import pinned
from fieldapp.store.tables import PinnedSnapshot
from forms.engine import Cell
from forms.monitoring.living_problems import ProblemKind
from sync.records import ConflictClass
from tests.services.living_county import GIRL, LI, PEOPLE, SON, TIAN, WEI, LivingCounty, everybody_at_home, fill

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


def corrected(place: LivingCounty, opened: OpenInterview, **rows: Mapping[str, str]) -> OpenInterview:
    """The interview is returned, answered otherwise, and handed in again."""
    root = opened.header.interview
    reviewing.send_back(place.person("tsup01"), root, tuple(reviewing_codes()), "再核实")
    again = interviewing.open_interview(place.person("enum01"), root)
    for uid, answers in rows.items():
        for name, value in answers.items():
            fill(again, name, value, uid.removeprefix("p"))
    interviewing.hand_in(again)
    return again


def reviewing_codes() -> list[str]:
    return [reviewing.reasons()[0].code]


def conflicts(place: LivingCounty, household: str) -> list[tuple[str, str]]:
    found = register(place, household).shown.conflicts
    assert all(one.kind is ConflictClass.CELL for one in found)
    return [(one.row[0], one.field) for one in found]


def test_a_departure_taken_back_in_the_correction_is_taken_back_in_the_register(place: LivingCounty) -> None:
    home = place.household()
    wei = place.uid(WEI)
    opened = place.interview(home, **{f"p{wei}": gone("27", "2026-08-15")})
    corrected(place, opened, **{f"p{wei}": {"qm_status": "2", "qm_live_place": "5", "qm_absence": "01"}})
    known = facts(place, home, wei)
    assert (known["mem_left"], known["mem_live_place"]) == ("0", "5")
    assert conflicts(place, home) == []


def test_a_person_registered_by_mistake_and_taken_out_in_the_correction_keeps_the_number(place: LivingCounty) -> None:
    home = place.household()
    opened = place.begin(home)
    everybody_at_home(opened)
    opened.save(opened.interview.add_row(MEMBER))
    wrong = opened.interview.rows(MEMBER)[-1]
    for name, value in {
        "mem_name": "李多", "mem_relation": "99", "qm_status": "3", "qm_change": "04", "qm_change_date": "2026-08-03",
    }.items():  # fmt: skip
        fill(opened, name, value, wrong)
    interviewing.hand_in(opened)
    reviewing.send_back(place.person("tsup01"), opened.header.interview, tuple(reviewing_codes()), "没有这个人")
    again = interviewing.open_interview(place.person("enum01"), opened.header.interview)
    again.save(again.interview.remove_row(Cell("/data/member", (wrong,))))
    interviewing.hand_in(again)
    assert (facts(place, home, wrong)["mem_left"], facts(place, home, wrong)["mem_no"]) == ("41", "06")


def test_a_correction_to_an_earlier_wave_flows_where_nobody_wrote_later(place: LivingCounty) -> None:
    home = place.household()
    wei = place.uid(WEI)
    third = place.interview(home, "2026Q3")
    fourth = place.interview(home, "2026Q4")
    with place.office.database.reading() as reading:
        before = pinned(reading, fourth.header.interview)
    corrected(place, third, **{f"p{wei}": {"mem_birth": "1991-07-08", "qm_live_place": "5", "qm_absence": "01"}})
    known = facts(place, home, wei)
    assert known["mem_birth"] == "1991-07-08"
    assert known["mem_live_place"] == "1"  # where she lives now the later wave has said
    assert conflicts(place, home) == []
    with place.office.database.reading() as reading:
        assert pinned(reading, fourth.header.interview) == before


def test_a_correction_against_what_a_later_wave_found_waits_for_a_person(place: LivingCounty) -> None:
    home = place.household()
    wei = place.uid(WEI)
    third = place.interview(home, "2026Q3")
    place.interview(home, "2026Q4")
    corrected(place, third, **{f"p{wei}": gone("27", "2026-08-15")})
    assert conflicts(place, home) == [(wei, "mem_left")]


def test_a_fact_that_was_registered_later_meets_the_correction_in_a_conflict(place: LivingCounty) -> None:
    home = place.household()
    wei = place.uid(WEI)
    third = place.interview(home, "2026Q3", **{f"p{wei}": {"mem_birth": "1990-07-09"}})
    record(place.office, register(place, home), Corrected(wei, {"mem_birth": "1990-07-18"}))
    corrected(place, third, **{f"p{wei}": {"mem_birth": "1990-07-28"}})
    assert conflicts(place, home) == [(wei, "mem_birth")]


def test_a_correction_by_another_enumerator_says_nothing_again_of_who_died_since(place: LivingCounty) -> None:
    home = place.household()
    wei, girl = place.uid(WEI), place.uid(GIRL)
    third = place.interview(home, "2026Q3")
    place.interview(home, "2026Q4", **{f"p{wei}": gone("11", "2026-11-03")})
    place.clock.now += timedelta(days=70)
    with (
        place.office.database.transaction() as writing
    ):  # the laptop that is given the interview has none of its sources
        writing.exec(delete(PinnedSnapshot).where(col(PinnedSnapshot.root) == third.header.interview))
    corrected(place, third, **{f"p{girl}": {"mem_birth": "2015-09-11"}, f"p{wei}": {"mem_birth": "1990-07-09"}})
    assert conflicts(place, home) == []
    assert facts(place, home, wei)["mem_left"] == "11"
    assert (facts(place, home, girl)["mem_birth"], facts(place, home, wei)["mem_birth"]) == ("2015-09-11", "1990-07-09")


def test_a_correction_from_before_another_head_leaves_the_head(place: LivingCounty) -> None:
    home = place.household()
    li, tian, son, wei, girl = (place.uid(one) for one in (LI, TIAN, SON, WEI, GIRL))
    third = place.interview(home, "2026Q3")
    place.interview(
        home, "2026Q4",
        **{f"p{li}": gone("13", "2026-09-20"), f"p{tian}": {"mem_relation": "02"}, f"p{son}": {"mem_relation": "20"},
           f"p{wei}": {"mem_relation": "38"}, f"p{girl}": {"mem_relation": "42"}},
    )  # fmt: skip
    corrected(place, third, **{f"p{li}": {"mem_birth": "1941-02-03"}, f"p{son}": {"mem_birth": "1988-05-07"}})
    after = register(place, home)
    assert (after.head_name, after.problems, conflicts(place, home)) == ("田秀英", (), [])
    assert facts(place, home, li)["mem_left"] == "13"
    assert facts(place, home, tian)["mem_relation"] == "02"


def test_twins_of_one_name_are_two_people_with_two_numbers_and_are_asked_about(place: LivingCounty) -> None:
    home = place.household()
    opened = place.begin(home)
    everybody_at_home(opened)
    for _baby in range(2):
        opened.save(opened.interview.add_row(MEMBER))
        uid = opened.interview.rows(MEMBER)[-1]
        born = {"mem_name": "李小宝", "mem_relation": "41", "mem_birth": "2026-08-03", "qm_status": "3"}
        for name, value in {**born, "qm_change": "01", "qm_change_date": "2026-08-03"}.items():
            fill(opened, name, value, uid)
    interviewing.hand_in(opened)
    after = register(place, home)
    assert sorted(line.mem_no for line in after.members if line.name == "李小宝") == ["06", "07"]
    assert [problem.kind for problem in after.problems] == [ProblemKind.TWINS]


def test_thirty_members_divide_and_unite_and_everybody_keeps_the_number(place: LivingCounty) -> None:
    crowd = [(f"a{n:02d}b" * 8, f"{n:02d}", f"成员{n}", "99", "1", f"19{60 + n}-01-01") for n in range(6, 31)]
    home = place.household((*PEOPLE, *crowd))
    going = [place.uid(one[0]) for one in crowd[:12]]
    relations = {uid: "02" if n == 0 else "99" for n, uid in enumerate(going)}
    old, new = split(place.office, register(place, home), going, relations=relations, on="2026-08")
    assert (len(old.members), len(new.members)) == (18, 12)
    whole, _ended = merge(place.office, old, new, relations=dict.fromkeys(going, "99"), on="2026-09")
    assert [line.mem_no for line in whole.members] == [f"{n:02d}" for n in range(1, 31)]


def test_a_departure_registered_while_the_interview_finds_the_person_at_home_waits_for_a_decision(
    place: LivingCounty,
) -> None:
    home = place.household()
    girl = place.uid(GIRL)
    opened = place.begin(home)
    record(place.person("vsec01"), register(place, home), Left(girl, "24", "2026-09"))
    everybody_at_home(opened)
    interviewing.hand_in(opened)
    assert conflicts(place, home) == [(girl, "mem_left")]
    line = next(line for line in register(place, home).people if line.person_uid == girl)
    assert line.conflict


def test_two_new_people_of_two_places_get_two_numbers(place: LivingCounty) -> None:
    home = place.household()
    opened = place.begin(home)
    everybody_at_home(opened)
    newcomer = {"mem_name": "周新", "mem_sex": "1", "mem_relation": "28"}
    record(place.person("vsec01"), register(place, home), Joined("02", "2026-09", newcomer))
    opened.save(opened.interview.add_row(MEMBER))
    baby = opened.interview.rows(MEMBER)[-1]
    for name, value in {
        "mem_no": "06", "mem_name": "李小宝", "mem_relation": "41", "qm_status": "3", "qm_change": "01",
        "qm_change_date": "2026-08-03",
    }.items():  # fmt: skip
        fill(opened, name, value, baby)
    interviewing.hand_in(opened)
    assert facts(place, home, baby)["mem_no"] == "07"


def test_a_split_during_an_open_interview_is_seen_as_a_conflict_and_decided(place: LivingCounty) -> None:
    home = place.household()
    li, son, wei, girl = (place.uid(one) for one in (LI, SON, WEI, GIRL))
    opened = place.begin(home)
    everybody_at_home(opened)
    _, new = split(
        place.person("tsup01"), register(place, home), [son, wei, girl], relations={son: "02", wei: "10", girl: "30"},
        on="2026-09",
    )  # fmt: skip
    interviewing.hand_in(opened)
    assert conflicts(place, home) == [(one, "mem_left") for one in sorted((son, wei, girl))]
    between = [one for one in register_problems(place.office) if one.household in (home, new.household)]
    assert {one.people for one in between if one.kind is ProblemKind.TWO_PLACES} == {(son,), (wei,), (girl,)}
    for root in (home, new.household):  # both pages say so
        assert [one.kind for one in register(place, root).problems].count(ProblemKind.TWO_PLACES) == 3
    supervisor = place.person("tsup01")
    for uid in (son, wei, girl):
        case = deciding.open_case(supervisor, home, (uid,), "mem_left")
        split_off = next(card.index for card in case.heads if card.value == "22")
        deciding.take(supervisor, home, (uid,), "mem_left", split_off, "电话核实已分户")
    assert conflicts(place, home) == []
    assert [line.person_uid for line in register(place, home).members] == [li, place.uid(TIAN)]
    between = [one for one in register_problems(place.office) if one.household in (home, new.household)]
    assert between == []


def test_what_was_said_of_a_person_entered_twice_is_found_under_the_one_row_that_stays(place: LivingCounty) -> None:
    home = place.household()
    wei = place.uid(WEI)
    place.interview(home, "2026Q3", **{f"p{wei}": {"qm_live_place": "5", "qm_absence": "01"}})
    twin = {"mem_name": "王小维", "mem_sex": "2", "mem_birth": "1990-07-08", "mem_relation": "38"}
    seen = record(place.office, register(place, home), Joined("04", "2026-09", twin), note="找到的")
    (problem,) = seen.problems
    same_person(place.office, seen, problem.people, "户口簿上是同一人")
    stays = min(problem.people)
    opened = place.begin(home, "2026Q4")
    assert stays in opened.interview.rows(MEMBER)
    assert opened.previous(Cell("/data/member/qm_live_place", (stays,))).prev == "5"


# --- the history ------------------------------------------------------------------------------------------------------


def test_the_history_tells_every_happening_with_day_author_and_source(place: LivingCounty) -> None:
    home = place.household()
    wei = place.uid(WEI)
    place.interview(home, "2026Q3", **{f"p{wei}": gone("26", "2026-07-01")})
    record(place.person("vsec01"), register(place, home), Joined("05", "2026-09", {}, uid=wei))
    told = [(line.words, line.who, line.source) for line in household_history(place.office, home)]
    assert told == [
        ("王小维：退役、刑满回家（2026-09）", "杨秀兰", ""),
        ("王小维：入狱（2026-07-01）", "王建国", "26年三季"),
        ("登记成员 5 人", "县办公室", ""),
    ]
    assert [line.code for line in person_history(place.office, wei)] == ["05", "26"]


def test_a_quarter_without_happenings_leaves_no_line_in_the_history(place: LivingCounty) -> None:
    home = place.household()
    place.interview(home, "2026Q3")
    assert [line.words for line in household_history(place.office, home)] == ["登记成员 5 人"]


def test_the_household_page_says_nothing_of_members_who_are_simply_there(place: LivingCounty) -> None:
    home = place.household()
    place.interview(home, "2026Q3", **{f"p{place.uid(WEI)}": gone("21", "2026-08-15")})
    page = household_page(place.office, home)
    assert [(line.now, line.remark) for line in page.members] == [*[("常住", "")] * 4, ("离户", "婚出")]
    assert page.history[-1].what == "登记成员 5 人"
    assert "王小维：婚出（2026-08-15）" in [line.what for line in page.history]
