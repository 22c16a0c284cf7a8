"""The register between interviews: who may, what is written, and what two laptops do to each other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlmodel import select

from fieldapp import words
from fieldapp.errors import NoSuchHousehold, NotAllowed
from fieldapp.services import registering
from fieldapp.services.register_history import household_history
from fieldapp.services.registering import (
    Corrected,
    HeadChanged,
    Joined,
    Left,
    NoteNeeded,
    Register,
    go_over,
    merge,
    move_away,
    open_register,
    record,
    same_person,
    split,
)
from fieldapp.store import root_states
from fieldapp.store.tables import HouseholdRow, MemberRow
from forms.monitoring import living
from forms.monitoring.living_errors import NotNow, RegisterRefused, RelationsWrong
from sync.change import RootType
from sync.scope import Role, register_feed
from sync.server.office import Office
from tests.services.conftest import County
from tests.services.living_county import (
    GIRL,
    LI,
    OTHER_VILLAGE,
    PEOPLE,
    SON,
    TIAN,
    VILLAGE,
    WEI,
    LivingCounty,
    write_household,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingCounty]:
    county = LivingCounty(tmp_path_factory.mktemp("register"))
    yield county
    county.office.lock()


def numbers(register: Register) -> dict[str, str]:
    return {line.name: line.mem_no for line in register.people}


def test_people_come_and_go_and_keep_their_numbers(place: LivingCounty) -> None:
    secretary = place.person("vsec01")
    seen = open_register(secretary, place.household())
    girl = place.uid(GIRL)
    born = {"mem_name": "李小宝", "mem_sex": "1", "mem_birth": "2026-08-03", "mem_relation": "41"}
    seen = record(secretary, seen, Joined("01", "", born))
    assert numbers(seen)["李小宝"] == "06"
    seen = record(secretary, seen, Left(girl, "24", "2026-08"))
    assert next(line.state for line in seen.people if line.person_uid == girl) == "已被收养"
    seen = record(secretary, seen, Joined("04", "2026-09", {}, uid=girl))
    assert numbers(seen)["李小花"] == "05"
    assert [line.name for line in seen.members] == ["李德顺", "田秀英", "李建国", "王小维", "李小花", "李小宝"]


def test_a_head_who_dies_is_followed_by_another_in_the_same_save(place: LivingCounty) -> None:
    secretary = place.person("vsec01")
    seen = open_register(secretary, place.household())
    li, tian, son, wei, girl = (place.uid(one) for one in (LI, TIAN, SON, WEI, GIRL))
    death = Left(li, "11", "2026-08-15")
    with pytest.raises(RelationsWrong):
        record(secretary, seen, death)
    seen = record(secretary, seen, death, HeadChanged({tian: "02", son: "20", wei: "38", girl: "42"}))
    assert seen.head_name == "田秀英"
    with pytest.raises(NotNow):
        record(secretary, seen, Joined("04", "2026-09", {}, uid=li))


def test_a_split_and_a_merge_are_one_save_of_two_households(place: LivingCounty) -> None:
    secretary = place.person("vsec01")
    home = place.household()
    seen = open_register(secretary, home)
    li, tian, son, wei, girl = (place.uid(one) for one in (LI, TIAN, SON, WEI, GIRL))
    old, new = split(secretary, seen, [li, tian], relations={son: "02", wei: "10", girl: "30"}, on="2026-08")
    assert [line.person_uid for line in old.members] == [li, tian]
    assert numbers(new) == {"李建国": "01", "王小维": "02", "李小花": "03"}
    assert new.living.fact("split_from") == old.hh_id
    with pytest.raises(NotNow):  # a member of the new household comes back from there
        record(secretary, old, Joined("04", "2026-09", {}, uid=son))
    back, ended = merge(
        secretary,
        open_register(secretary, new.household),
        old,
        relations={son: "20", wei: "38", girl: "42"},
        on="2026-09",
    )
    assert (back.household, ended.state) == (home, living.MERGED)
    assert numbers(back) == {name: number for _, number, name, *_ in PEOPLE}
    told = [line.words for line in household_history(secretary, home)]
    assert f"并户（另一户 {new.hh_id} 李建国）" in told


def test_a_split_that_fails_half_way_leaves_both_as_they_were(
    place: LivingCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = place.person("tsup01")
    home = place.household()
    son = place.uid(SON)
    seen = open_register(supervisor, home)
    with place.office.database.reading() as reading:
        before = len(reading.exec(select(HouseholdRow.root)).all())
    written = registering.write_plan

    def dies_at_the_second(*given: object, **named: object) -> None:
        if named.get("feed"):
            raise OSError("power")
        written(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(registering, "write_plan", dies_at_the_second)
        with pytest.raises(OSError, match="power"):
            split(supervisor, seen, [son], relations={son: "02"}, on="2026-08")
    assert len(open_register(supervisor, home).members) == 5
    with place.office.database.reading() as reading:
        assert len(reading.exec(select(HouseholdRow.root)).all()) == before


def test_somebody_married_into_another_household_keeps_uid_and_papers(place: LivingCounty) -> None:
    secretary = place.person("vsec01")
    bride_home = place.household()
    girl = place.uid(GIRL)
    here = record(
        secretary,
        open_register(secretary, bride_home),
        Corrected(girl, {"mem_birth": "2000-01-01", "mem_relation": "30"}),
    )
    there = open_register(secretary, place.household())
    here, there = go_over(secretary, here, there, girl, code="02", relation="42", on="2026-09")
    person = there.living.person(girl)
    assert person is not None
    assert (person.fact("mem_birth"), person.fact("mem_no"), person.fact("mem_joined_from")) == (
        "2000-01-01",
        "06",
        here.hh_id,
    )
    assert next(line.where for line in here.people if line.person_uid == girl) == there.hh_id


def test_a_refusal_is_said_in_english_with_its_reason(place: LivingCounty) -> None:
    seen = open_register(place.office, place.household())
    words.set_language("en")
    try:
        with pytest.raises(RelationsWrong) as refused:
            record(place.office, seen, Left(place.uid(LI), "11", "2026-08-15"))
        assert "no head" in words.sentence_of(refused.value)
        with pytest.raises(NotNow) as late:
            record(place.office, seen, Left(place.uid(GIRL), "01", "2026-08"))
        assert "born" in words.sentence_of(late.value)
    finally:
        words.set_language("zh")


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["enum01", "vsec01", "tsup01", "office01"])
def test_events_of_people_are_registered_by_everybody_who_keeps_the_register(place: LivingCounty, account: str) -> None:
    home = place.household()
    place.begin(home)  # assigned to the enumerator
    session = place.person(account)
    assert len(record(session, open_register(session, home), Left(place.uid(GIRL), "24", "2026-08")).members) == 4


def test_an_enumerator_sees_and_changes_only_the_own_households(place: LivingCounty) -> None:
    home = place.household()
    with pytest.raises(NoSuchHousehold):
        open_register(place.person("enum01"), home)
    seen = open_register(place.office, home)
    with pytest.raises(NoSuchHousehold):
        record(place.person("enum01"), seen, Left(place.uid(GIRL), "24", "2026-08"))


def test_households_are_divided_and_moved_by_those_who_answer_for_them(place: LivingCounty) -> None:
    home = place.household()
    place.begin(home)
    son = place.uid(SON)
    seen = open_register(place.office, home)
    for account, deed in (
        ("enum01", lambda session: split(session, seen, [son], relations={son: "02"}, on="2026-08")),
        ("vsec01", lambda session: split(session, seen, [son], relations={son: "02"}, on="2026-08", tracked=True)),
        ("vsec01", lambda session: move_away(session, seen, on="2026-08", place="广东")),
        ("enum01", lambda session: registering.change_facts(session, seen, {"hh_type_now": "3"})),
    ):
        with pytest.raises(NotAllowed):
            deed(place.person(account))


def test_what_is_unusual_needs_a_word_and_keeps_it(place: LivingCounty) -> None:
    home = place.household()
    place.interview(home, "2026Q3")
    seen = open_register(place.office, home)
    late = Left(place.uid(GIRL), "24", "2026-05")
    with pytest.raises(NoteNeeded):
        record(place.office, seen, late)
    record(place.office, seen, late, note="家里当时没说")
    assert household_history(place.office, home)[0].note == "家里当时没说"


def test_a_household_that_moves_travels_in_its_new_village_from_then_on(place: LivingCounty) -> None:
    home = place.household()
    seen = move_away(place.office, open_register(place.office, home), on="2026-08", village=OTHER_VILLAGE)
    assert seen.living.fact("cov_village_name") == "岩口村"
    with place.office.database.reading() as reading:
        assert place.office.changes.feed_of_root(reading, home, RootType.HOUSEHOLD) == register_feed(OTHER_VILLAGE)
    with pytest.raises(NoSuchHousehold):  # the secretary of the old village no longer keeps it
        open_register(place.person("vsec01"), home)


# --- apart ------------------------------------------------------------------------------------------------------------


def test_one_person_entered_twice_is_united_under_one_row(place: LivingCounty) -> None:
    home = place.household()
    twin = {"mem_name": "李小花", "mem_sex": "2", "mem_birth": "2015-09-10", "mem_relation": "42"}
    seen = record(place.office, open_register(place.office, home), Joined("04", "2026-08", twin))
    (problem,) = seen.problems
    seen = same_person(place.office, seen, problem.people, "户口簿上是同一人")
    assert [line.name for line in seen.members].count("李小花") == 1
    assert seen.problems == ()


def test_two_laptops_that_register_different_things_of_one_person_meet_in_a_conflict(county: County) -> None:
    supervisor, secretary = county.laptop("tsup01", "刘志远", Role.TSUP), county.laptop("vsec01", "杨秀兰", Role.VSEC)
    county.exchange(supervisor)
    fields = {"hh_id": f"{VILLAGE}0012", "cov_village_code": VILLAGE, "hh_head_name": "李德顺"}
    home = write_household(supervisor, fields, PEOPLE)
    county.exchange(supervisor, secretary)
    record(supervisor, open_register(supervisor, home), Left(WEI, "21", "2026-07"))
    record(secretary, open_register(secretary, home), Left(WEI, "25", "2026-08"))
    county.exchange(supervisor, secretary, supervisor)
    for session in (supervisor, secretary):
        seen = open_register(session, home)
        assert {conflict.field for conflict in seen.shown.conflicts} == {"mem_left", "mem_left_on"}
        assert next(line.conflict for line in seen.people if line.person_uid == WEI)


def test_two_newcomers_under_one_number_are_told_and_one_gets_another(place: LivingCounty) -> None:
    home = place.household()
    seen = open_register(place.office, home)
    for name in ("周新", "吴来"):  # both were shown the same register
        record(place.office, seen, Joined("04", "2026-08", {"mem_name": name, "mem_sex": "1", "mem_relation": "97"}))
    seen = open_register(place.office, home)
    (problem,) = seen.problems
    assert problem.words in ("周新、吴来都是 06 号", "吴来、周新都是 06 号")
    seen = record(place.office, seen, Corrected(problem.people[-1], {"mem_no": "07"}))
    assert (sorted(numbers(seen).values())[-2:], seen.problems) == (["06", "07"], ())


def test_a_split_reaches_the_other_laptop_whole(county: County) -> None:
    supervisor, secretary = county.laptop("tsup01", "刘志远", Role.TSUP), county.laptop("vsec01", "杨秀兰", Role.VSEC)
    county.exchange(supervisor)
    fields = {"hh_id": f"{VILLAGE}0012", "cov_village_code": VILLAGE, "hh_head_name": "李德顺"}
    home = write_household(supervisor, fields, PEOPLE)
    _, new = split(supervisor, open_register(supervisor, home), [SON], relations={SON: "02"}, on="2026-08")
    county.exchange(supervisor, secretary)
    assert [line.name for line in open_register(secretary, new.household).members] == ["李建国"]
    assert len(open_register(secretary, home).members) == 4


def test_a_household_that_moves_arrives_in_its_new_village_and_is_kept_there(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    Office(county.server, now_ms=county.now_ms).publish_village(OTHER_VILLAGE, "岩口村", "青石镇")
    add = county.server.enrolment.add_account
    both, there = (VILLAGE, OTHER_VILLAGE), (OTHER_VILLAGE,)
    own = {"tsup01": both, "vsec02": there}
    monkeypatch.setattr(
        county.server.enrolment, "add_account", lambda who, name, role, _v: add(who, name, role, own[who])
    )
    supervisor, keeper = county.laptop("tsup01", "刘志远", Role.TSUP), county.laptop("vsec02", "石小兰", Role.VSEC)
    county.exchange(supervisor)
    home = write_household(
        supervisor, {"hh_id": f"{VILLAGE}0012", "cov_village_code": VILLAGE, "hh_head_name": "李德顺"}, PEOPLE
    )
    county.exchange(supervisor, keeper)
    with pytest.raises(NoSuchHousehold):
        open_register(keeper, home)
    move_away(supervisor, open_register(supervisor, home), on="2026-08", village=OTHER_VILLAGE)
    county.exchange(supervisor, keeper)
    seen = record(keeper, open_register(keeper, home), Left(GIRL, "24", "2026-09"))
    assert (seen.hh_id, len(seen.members)) == (f"{VILLAGE}0012", 4)
    county.exchange(keeper, supervisor)
    assert len(open_register(supervisor, home).members) == 4


# --- the log ----------------------------------------------------------------------------------------------------------


def test_whatever_is_registered_the_lists_follow_from_the_log_and_the_history_only_grows(tmp_path: Path) -> None:
    chance = Random(20260924)
    place = LivingCounty(tmp_path)
    office = place.office
    homes = [place.household() for _ in range(3)]
    done = 0
    for _ in range(16):
        seen = open_register(office, chance.choice(homes))
        told = len(household_history(office, seen.household))
        with contextlib.suppress(RegisterRefused):
            done += _something(chance, place, seen, homes)
            assert len(household_history(office, seen.household)) > told
    assert done > 6

    def rows() -> tuple[list[str], list[str]]:
        with office.database.reading() as reading:
            members = reading.exec(select(MemberRow).order_by(MemberRow.root, MemberRow.person_uid))
            listed = reading.exec(select(HouseholdRow).order_by(HouseholdRow.root))
            return [str(one.model_dump()) for one in members], [str(one.model_dump()) for one in listed]

    lists = rows()
    with office.database.transaction() as writing:
        root_states.rebuild_all(writing)
    assert rows() == lists
    office.lock()


def _something(chance: Random, place: LivingCounty, seen: Register, homes: list[str]) -> int:
    office, members = place.office, [line.person_uid for line in seen.members]
    match chance.randrange(4):
        case 0:
            facts = {"mem_name": f"新人{chance.randrange(1000)}", "mem_sex": "1", "mem_relation": "97"}
            record(office, seen, Joined("04", "2026-08", facts))
        case 1:
            gone = [line for line in seen.people if not line.here and line.possible]
            uid = chance.choice(members) if members else gone[0].person_uid
            others = [one for one in members if one != uid]
            deeds: list[living.Deed] = [Left(uid, chance.choice(living.LEAVING), "2026-08")]
            if others:
                deeds.append(HeadChanged({one: "02" if one == others[0] else "97" for one in others}))
            record(office, seen, *deeds)
        case 2:
            group = chance.sample(members, max(1, len(members) // 2)) if members else []
            _, goes = registering.living_moves.sides(seen.living, group)
            _, new = split(
                office,
                seen,
                group,
                relations={uid: "02" if n == 0 else "97" for n, uid in enumerate(goes)},
                on="2026-08",
            )
            homes.append(new.household)
        case _:
            other = open_register(office, chance.choice(homes))
            relations = {line.person_uid: "97" for line in (*seen.members, *other.members)}
            merge(office, seen, other, relations=relations, on="2026-09")
    return 1
