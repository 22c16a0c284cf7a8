"""Two households under one number, one household registered twice, two merges apart: shown to a person, put right, taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fieldapp.cli import main
from fieldapp.errors import NotAllowed
from fieldapp.services import finding, interviewing
from fieldapp.services.doubles import renumber, same_household, separate, twin_of
from fieldapp.services.listing import SeveralHouseholds
from fieldapp.services.register_history import household_history
from fieldapp.services.registering import (
    HeadChanged,
    Left,
    NoteNeeded,
    Register,
    change_facts,
    merge,
    open_register,
    record,
    register_problems,
    split,
)
from fieldapp.services.session import Session
from fieldapp.services.unsettled import open_tasks
from forms.monitoring.living_errors import RegisterRefused, SplitWrong
from forms.monitoring.living_problems import ProblemKind
from sync.scope import Role
from tests.services.conftest import County
from tests.services.living_county import GIRL, PEOPLE, SON, TIAN, VILLAGE, WEI, LivingCounty, write_household


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingCounty]:
    county = LivingCounty(tmp_path_factory.mktemp("doubles"))
    yield county
    county.office.lock()


def kinds(register: Register) -> list[ProblemKind]:
    return [problem.kind for problem in register.problems]


# --- one number for two -----------------------------------------------------------------------------------------------


def two_splits(county: County) -> tuple[Session, Session, str, str]:
    """Two laptops divide two households of one village without having met: (office, supervisor, new household of each)."""
    office, supervisor = county.laptop("office1", "县办公室", Role.CADM), county.laptop("tsup01", "刘志远", Role.TSUP)
    county.exchange(supervisor)
    homes = []
    for hh_no, mark in (("0011", "e"), ("0012", "f")):
        people = [(mark + uid[1:], *rest) for uid, *rest in PEOPLE]
        people[0], people[2] = ((*one[:5], f"{one[5][:3]}{len(homes)}-01-01") for one in (people[0], people[2]))
        fields = {"hh_id": VILLAGE + hh_no, "cov_village_code": VILLAGE, "hh_head_name": f"户主{mark}"}
        homes.append(write_household(supervisor, fields, people))
    county.exchange(supervisor, office)
    new = []
    for session, home, mark in ((supervisor, homes[0], "e"), (office, homes[1], "f")):
        son = mark + SON[1:]
        new.append(
            split(session, open_register(session, home), [son], relations={son: "02"}, on="2026-08")[1].household
        )
    county.exchange(supervisor, office, supervisor)
    return office, supervisor, new[0], new[1]


def test_two_laptops_that_gave_one_number_show_both_and_the_office_renumbers_one(county: County) -> None:
    office, supervisor, one, other = two_splits(county)
    number = f"{VILLAGE}0013"
    for session in (office, supervisor):
        assert [open_register(session, root).hh_id for root in (one, other)] == [number, number]
        assert kinds(open_register(session, one)) == [ProblemKind.SAME_HH_ID]
        with pytest.raises(SeveralHouseholds):
            finding.find_by_code(session, number)
    with pytest.raises(NotAllowed):
        renumber(supervisor, open_register(supervisor, other))
    seen = renumber(office, open_register(office, other), "两台电脑各分各的")
    assert (seen.hh_id, kinds(seen)) == (f"{VILLAGE}0014", [])
    county.exchange(office, supervisor)
    for session in (office, supervisor):
        # The old number leads to a choice between the two, never silently to one of them.
        assert {row.household for row in finding.list_households(session, query=number).rows} == {one, other}
        with pytest.raises(SeveralHouseholds):
            finding.find_by_code(session, number)
        assert finding.find_by_code(session, seen.hh_id) == other
        assert register_problems(session) == ()
    parent = next(row.household for row in finding.list_households(office).rows if row.head_name == "户主f")
    went = next(line for line in open_register(office, parent).people if line.name == "李建国")
    assert went.where == seen.hh_id
    assert household_history(office, other)[0].note == "两台电脑各分各的"


def test_a_number_that_was_given_up_is_not_given_out_again(county: County) -> None:
    office, _, one, other = two_splits(county)
    renumber(office, open_register(office, other))
    home = next(row.household for row in finding.list_households(office).rows if row.head_name == "户主e")
    wei = "e" + WEI[1:]
    _, third = split(office, open_register(office, home), [wei], relations={wei: "02"}, on="2026-09")
    assert third.hh_id == f"{VILLAGE}0015"
    with pytest.raises(SplitWrong):
        renumber(office, open_register(office, one))  # nobody else has its number any more


# --- one household twice ----------------------------------------------------------------------------------------------


def registered_twice(place: LivingCounty) -> tuple[Register, Register]:
    """The same list taken in at two offices: two roots, other uids, one number; the second knows one person more."""
    first = place.household(frame_hh_code="XC-77", hh_phone="16900001111", hh_address="")
    number = open_register(place.office, first).hh_id
    place.made += 1000
    fields = {
        "hh_id": number, "cov_village_code": VILLAGE, "hh_head_name": "李德顺", "frame_hh_code": "XC-77",
        "hh_phone": "16900002222", "hh_address": "四组",
    }  # fmt: skip
    people = [(place.uid(uid), *rest) for uid, *rest in PEOPLE]
    people.append((place.uid("9" * 32), "06", "李小宝", "41", "1", "2026-08-03"))
    second = write_household(place.office, fields, people)
    place.made -= 1000
    return open_register(place.office, first), open_register(place.office, second)


def test_a_household_that_two_offices_took_in_is_found_and_made_one(place: LivingCounty) -> None:
    one, other = registered_twice(place)
    assert kinds(one) == kinds(other) == [ProblemKind.DOUBLE]
    twin = twin_of(place.office, one)
    assert twin is not None
    with pytest.raises(NoteNeeded) as asked:
        same_household(place.office, one, twin)
    assert "联系电话" in asked.value.sentence()
    stays, ends = same_household(place.office, one, twin, "电话核对过")
    assert stays.household == one.household  # of the sample
    assert sorted(line.name for line in stays.members) == sorted([*(name for _, _, name, *_ in PEOPLE), "李小宝"])
    assert (stays.living.fact("hh_phone"), stays.living.fact("hh_address")) == ("16900001111", "四组")
    assert ends.living.fact("hh_phone") == "16900002222"  # still to be read
    assert (ends.state_label, ends.members) == ("登记重复", ())
    assert kinds(stays) == kinds(ends) == []
    assert finding.find_by_code(place.office, stays.hh_id) == stays.household


def test_the_word_that_two_are_one_can_be_taken_back(place: LivingCounty) -> None:
    one, twin = registered_twice(place)
    _, ends = same_household(place.office, one, twin, "电话核对过")
    stays, again = separate(place.office, ends, "问错了")
    assert [line.name for line in again.members] == [line.name for line in twin.members]
    assert [line.person_uid for line in stays.members] == [line.person_uid for line in one.members]
    assert kinds(stays) == [ProblemKind.DOUBLE]


def test_work_on_the_second_root_waits_for_a_decision_and_its_answers_stay(place: LivingCounty) -> None:
    one, twin = registered_twice(place)
    opened = place.interview(twin.household)
    stays, ends = same_household(place.office, open_register(place.office, one.household), twin, "电话核对过")
    assert stays.household == one.household
    assert open_tasks(place.office, ends.household) == ()  # handed in: it counts
    assert interviewing.open_interview(place.office, opened.header.interview).header.household == ends.household


def test_twins_are_put_right_by_commands(
    place: LivingCounty, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, _twin = registered_twice(place)
    secret = tmp_path_factory.mktemp("secret") / "word"
    secret.write_text("xiong huai da zhi\n", encoding="utf-8")

    def run(*given: str) -> tuple[int, str]:
        signed = ["--account", "office01", "--passphrase-file", str(secret)]
        code = main(["--folder", str(place.office.laptop.folder), "register", *given, *signed])
        told = capsys.readouterr()
        return code, told.out + told.err

    assert "几户用过" in run("show", one.hh_id)[1]
    assert run("separate", one.hh_id)[0] == 1
    assert "登记了两次" in run("problems")[1]
    code, said = run("double", one.hh_id, "--note", "电话核对过")
    assert (code, "登记重复" in said) == (0, True)
    assert one.hh_id in run("show", one.hh_id)[1]
    code, said = run("separate", one.hh_id, "--note", "问错了")
    assert (code, "登记重复" in said) == (0, False)


# --- merges -----------------------------------------------------------------------------------------------------------


def merged(place: LivingCounty) -> tuple[Register, Register, list[str]]:
    stays = place.household(sample_since="2025")
    ended = place.household(PEOPLE[:2], sample_since="2026")
    guests = [place.uid(one[0]) for one in PEOPLE[:2]]
    relations = {guests[0]: "71", guests[1]: "72"}
    both = merge(
        place.office, *(open_register(place.office, home) for home in (stays, ended)), relations=relations, on="2026-09"
    )
    return *both, guests


def test_a_merge_that_was_wrong_is_taken_back_with_everybodys_number(place: LivingCounty) -> None:
    stays, ended, guests = merged(place)
    stays, again = separate(place.office, ended, "两户没有并")
    assert [(line.person_uid, line.mem_no, line.relation) for line in again.members] == [
        (guests[0], "01", "02"),
        (guests[1], "02", "10"),
    ]
    assert (again.state, len(stays.members), again.problems, stays.problems) == ("1", 5, (), ())
    assert "撤销并户" in household_history(place.office, again.household)[0].words


def test_who_died_since_the_merge_is_dead_in_the_old_household_too(place: LivingCounty) -> None:
    stays, ended, guests = merged(place)
    record(place.office, stays, Left(guests[0], "13", "2026-09"))
    with pytest.raises(RegisterRefused):
        separate(
            place.office, ended, "两户没有并"
        )  # the old household would be without a head: somebody has to say who
    stays = open_register(place.office, stays.household)
    assert len(stays.members) == 6


def test_two_people_who_merge_the_same_two_households_into_each_other_are_told(place: LivingCounty) -> None:
    one, other = (open_register(place.office, place.household(PEOPLE[:1], sample_since=since)) for since in ("", ""))
    heads = [register.people[0].person_uid for register in (one, other)]
    merge(place.office, one, other, relations={heads[1]: "71"}, on="2026-09")
    # The other laptop knew of the sample what this one did not, and merged the other way round.
    other = change_facts(place.office, open_register(place.office, other.household), {})
    with place.office.database.transaction() as writing:
        from sync.change import Content, Kind, RootType, Write

        for seen, values in ((one, {"hh_state": "2", "merged_into": other.hh_id}),):
            shown = place.office.changes.view(writing, seen.household)
            writes = tuple(Write((), name, value, shown.prev(name)) for name, value in values.items())
            feed = place.office.changes.feed_of_root(writing, seen.household, RootType.HOUSEHOLD)
            place.office.changes.write(
                writing, Content(Kind.EDIT, writes), root=seen.household, root_type=RootType.HOUSEHOLD, feed=feed
            )
    found = [one_.kind for one_ in register_problems(place.office) if one.household in (one_.household, one_.other)]
    assert ProblemKind.NOWHERE in found
    separate(place.office, open_register(place.office, one.household), "并了两次")


def test_a_merge_of_merged_households_comes_apart_in_the_order_it_came_together(place: LivingCounty) -> None:
    middle, first, _guests = merged(place)
    last = open_register(place.office, place.household(PEOPLE[:1], sample_since="2020"))
    relations = {line.person_uid: "97" for line in middle.members}
    last, middle = merge(place.office, last, middle, relations=relations, on="2026-09")
    assert len(last.members) == 8
    with pytest.raises(RegisterRefused):
        separate(place.office, open_register(place.office, first.household), "先并的")
    _, middle = separate(place.office, middle, "后并的先撤")
    assert len(middle.members) == 7
    middle, first = separate(place.office, open_register(place.office, first.household), "再撤先并的")
    assert (len(middle.members), len(first.members)) == (5, 2)


def test_a_split_of_a_split_keeps_everybodys_way_back(place: LivingCounty) -> None:
    home = place.household()
    son, wei, girl, tian = (place.uid(one) for one in (SON, WEI, GIRL, TIAN))
    seen = open_register(place.office, home)
    _, second = split(place.office, seen, [son, wei, girl], relations={son: "02", wei: "10", girl: "30"}, on="2026-07")
    second, third = split(place.office, second, [wei, girl], relations={wei: "02", girl: "30"}, on="2026-08")
    assert third.living.fact("split_from") == second.hh_id
    back, ended = merge(place.office, second, third, relations={wei: "10", girl: "30"}, on="2026-09")
    assert (back.household, ended.household) == (second.household, third.household)
    whole, ended = merge(
        place.office,
        open_register(place.office, home),
        back,
        relations={son: "20", wei: "38", girl: "42"},
        on="2026-09",
    )
    assert [line.mem_no for line in whole.members] == ["01", "02", "03", "04", "05"]
    assert tian in [line.person_uid for line in whole.members]


def test_children_who_are_left_alone_have_a_head_by_a_word_of_doubt(place: LivingCounty) -> None:
    home = place.household((PEOPLE[0], PEOPLE[4], ("6" * 32, "06", "李小妹", "42", "2", "2018-01-01")))
    li, girl, sister = (place.uid(one) for one in (PEOPLE[0][0], GIRL, "6" * 32))
    seen = open_register(place.office, home)
    deeds = (Left(li, "13", "2026-08"), HeadChanged({girl: "02", sister: "75"}, "2026-08"))
    with pytest.raises(NoteNeeded):
        record(place.office, seen, *deeds)
    seen = record(place.office, seen, *deeds, note="只剩两个孩子，村里照看")
    assert (seen.head_name, seen.state) == ("李小花", "1")


def test_the_same_root_stays_whichever_household_was_open(place: LivingCounty) -> None:
    one, twin = registered_twice(place)
    stays, _ = same_household(place.office, twin, one, "电话核对过")
    assert stays.household == one.household
