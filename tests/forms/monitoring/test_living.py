"""What may happen to people and households, and what the register then says (quarterly.md 3, monitoring.md 9.6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from forms.monitoring import living, living_moves
from forms.monitoring.living import (
    AFTER,
    JOINING,
    LEAVING,
    Corrected,
    HeadChanged,
    Household,
    Joined,
    Left,
    Person,
    apply,
    plan,
)
from forms.monitoring.living_errors import DayWrong, FactMissing, NotNow, RegisterRefused, RelationsWrong, SplitWrong
from forms.monitoring.living_papers import IdentityNumberWrong, check_papers
from forms.monitoring.living_problems import ProblemKind, problems_between, problems_of
from forms.monitoring.living_relations import fitting

TODAY = date(2026, 9, 24)
# uid, number, name, relation, sex, birth
LI, TIAN, SON, WEI, GIRL = "li", "tian", "son", "wei", "girl"
PEOPLE = (
    (LI, "01", "李德顺", "02", "1", "1960-01-01"),
    (TIAN, "02", "田秀英", "10", "2", "1962-03-02"),
    (SON, "03", "李建国", "20", "1", "1988-05-06"),
    (WEI, "04", "王小维", "38", "2", "1990-07-08"),
    (GIRL, "05", "李小花", "42", "2", "2015-09-10"),
)


def household(hh_no: str = "0001", people: tuple[tuple[str, ...], ...] = PEOPLE, **facts: str) -> Household:
    names = ("mem_no", "mem_name", "mem_relation", "mem_sex", "mem_birth")
    rows = tuple(Person(uid, dict(zip(names, known, strict=True))) for uid, *known in people)
    known = {"hh_id": f"529900101200{hh_no}", "hh_head_name": people[0][2], "cov_village_code": "529900101200"}
    return Household(hh_no, {**known, "cov_sample_role": "1", **facts}, rows)


def after(home: Household, *deeds: living.Deed) -> Household:
    return apply(home, plan(home, deeds, TODAY))


def fact(home: Household, uid: str, name: str) -> str:
    person = home.person(uid)
    assert person is not None
    return person.fact(name)


NEW = {"mem_name": "周新", "mem_sex": "2", "mem_relation": "30"}
# event (member_change), what is stated, what the register says of the person, how many members there are then
EVENTS: tuple[tuple[str, living.Deed, Mapping[str, str], int], ...] = (
    ("01", Joined("01", "", {**NEW, "mem_birth": "2026-08-03"}, uid="new"),
     {"mem_no": "06", "mem_joined": "01", "mem_joined_on": "2026-08-03", "mem_id_type": "8"}, 6),
    ("02", Joined("02", "2026-05", {**NEW, "mem_relation": "38"}, uid="new", origin="邻县"),
     {"mem_no": "06", "mem_joined": "02", "mem_joined_on": "2026-05", "mem_joined_from": "邻县", "mem_id_type": ""}, 6),
    ("03", Joined("03", "2026-05-03", {**NEW, "mem_relation": "37"}, uid="new"), {"mem_no": "06", "mem_joined": "03"}, 6),
    ("04", Joined("04", "2026-05", NEW, uid="new"), {"mem_no": "06", "mem_joined": "04"}, 6),
    ("05", Joined("05", "2026-05", NEW, uid="new"), {"mem_no": "06", "mem_joined": "05"}, 6),
    ("11", Left(WEI, "11", "2026-08-15", "医院"), {"mem_left": "11", "mem_left_on": "2026-08", "mem_left_to": ""}, 4),
    ("12", Left(WEI, "12", "2026-08"), {"mem_left": "12", "mem_left_on": "2026-08"}, 4),
    ("13", Left(WEI, "13", "2026-08"), {"mem_left": "13", "mem_left_on": "2026-08"}, 4),
    ("21", Left(WEI, "21", "2026-08-15", "邻县"), {"mem_left": "21", "mem_left_on": "2026-08-15", "mem_left_to": "邻县"}, 4),
    ("22", Left(WEI, "22", "2026-08"), {"mem_left": "22"}, 4),
    ("23", Left(WEI, "23", "2026-08"), {"mem_left": "23"}, 4),
    ("24", Left(GIRL, "24", "2026-08"), {"mem_left": "24"}, 4),
    ("25", Left(SON, "25", "2026-08"), {"mem_left": "25", "mem_no": "03"}, 4),
    ("26", Left(SON, "26", "2026-08"), {"mem_left": "26"}, 4),
    ("27", Left(SON, "27", "2026-08"), {"mem_left": "27"}, 4),
    ("31", HeadChanged({LI: "51", TIAN: "52", SON: "02", WEI: "10", GIRL: "30"}),
     {"mem_relation": "02", "mem_no": "03"}, 5),
    ("41", Corrected(WEI, {"mem_birth": "1991-07-08"}), {"mem_birth": "1991-07-08"}, 5),
)  # fmt: skip


@pytest.mark.parametrize(("code", "deed", "expected", "members"), EVENTS, ids=[event[0] for event in EVENTS])
def test_each_event_leaves_the_register_as_the_table_says(
    code: str, deed: living.Deed, expected: Mapping[str, str], members: int
) -> None:
    home = after(household(), deed)
    uid = SON if isinstance(deed, HeadChanged) else deed.uid
    assert {name: fact(home, uid, name) for name in expected} == expected
    assert len(home.members) == members
    assert [event[0] for event in plan(household(), [deed], TODAY).events] == [code]
    assert problems_of(home) == ()


def test_every_code_of_the_list_has_a_line_in_the_table() -> None:
    assert {event[0] for event in EVENTS} == {*JOINING, *LEAVING, "31", "41"} == set(living.EVENT_ZH)


@pytest.mark.parametrize("left", LEAVING)
@pytest.mark.parametrize("then", [*JOINING, *LEAVING])
def test_after_a_departure_only_what_the_table_allows_may_follow(left: str, then: str) -> None:
    home = after(household(), Left(GIRL, left, "2026-07"))
    deed = Joined(then, "2026-08", {}, uid=GIRL) if then in JOINING else Left(GIRL, then, "2026-08")
    if then not in AFTER[left]:
        with pytest.raises(NotNow):
            after(home, deed)
        return
    home = after(home, deed)
    assert fact(home, GIRL, "mem_no") == "05"
    assert fact(home, GIRL, "mem_left") == ("0" if then in JOINING else then)


@pytest.mark.parametrize("code", JOINING)
def test_a_member_does_not_join_again(code: str) -> None:
    with pytest.raises(NotNow):
        after(household(), Joined(code, "2026-08", NEW, uid=GIRL))


def test_a_number_is_never_given_out_again() -> None:
    home = after(household(), Left(GIRL, "24", "2026-07"))
    home = after(home, Joined("04", "2026-08", NEW, uid="new"))
    assert fact(home, "new", "mem_no") == "06"


@pytest.mark.parametrize("lacking", ["mem_name", "mem_sex", "mem_relation", "mem_birth", "day"])
def test_what_an_event_needs_is_asked_for(lacking: str) -> None:
    facts = {**NEW, "mem_birth": "2026-08-03"}
    deed = Joined("01", "", {name: value for name, value in facts.items() if name != lacking}, uid="new")
    if lacking == "day":
        deed = Joined("02", "", facts, uid="new")
    with pytest.raises(FactMissing):
        after(household(), deed)


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "deed",
    [
        Left(WEI, "11", "2026-10"),  # not yet
        Left(WEI, "11", "1989-01"),  # before birth
        Left(WEI, "11", "2026-13"),
        Joined("01", "", {**NEW, "mem_birth": "2026-12-01"}, uid="new"),
        Joined("02", "1999-01", {**NEW, "mem_birth": "2000-01-01"}, uid="new"),
        Corrected(WEI, {"mem_birth": "1899-01-01"}),
    ],
)
def test_days_that_cannot_be_are_refused(deed: living.Deed) -> None:
    with pytest.raises(DayWrong):
        after(household(), deed)


def test_a_birth_date_after_the_death_is_refused() -> None:
    home = after(household(), Left(WEI, "11", "2026-08"))
    with pytest.raises(DayWrong):
        after(home, Corrected(WEI, {"mem_birth": "2026-09-01"}))


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"mem_idno": "11010519491231002X"}, False),
        ({"mem_idno": "110105194912310021"}, True),  # check digit
        ({"mem_idno": "1101051949123100"}, True),
        ({"mem_idno": "11010519491231002X", "mem_birth": "1949-12-30"}, True),
        ({"mem_idno": "11010519491231002X", "mem_sex": "1"}, True),
        ({"mem_idno": "A1234567", "mem_id_type": "6"}, False),
    ],
)
def test_an_identity_number_must_hold_together(facts: dict[str, str], wrong: bool) -> None:
    if wrong:
        with pytest.raises(IdentityNumberWrong):
            check_papers(facts)
    else:
        check_papers(facts)


# --- the head ---------------------------------------------------------------------------------------------------------


def test_the_head_goes_only_with_another_head_named() -> None:
    death = Left(LI, "11", "2026-08")
    with pytest.raises(RelationsWrong):
        after(household(), death)
    relations = {TIAN: "02", SON: "20", WEI: "38", GIRL: "42"}
    for deeds in ((death, HeadChanged(relations)), (HeadChanged({LI: "10", **relations}), death)):
        home = after(household(), *deeds)
        assert home.fact("hh_head_name") == "田秀英"


def test_every_relation_is_asked_anew_when_the_head_changes() -> None:
    with pytest.raises(FactMissing):
        after(household(), HeadChanged({LI: "51", TIAN: "52", SON: "02", WEI: "10"}))


@pytest.mark.parametrize(
    "relations",
    [
        {LI: "51", TIAN: "52", SON: "20", WEI: "38", GIRL: "42"},  # no head
        {LI: "02", TIAN: "02", SON: "20", WEI: "38", GIRL: "42"},  # two
        {LI: "02", TIAN: "10", SON: "20", WEI: "10", GIRL: "42"},  # two spouses
        {LI: "02", TIAN: "51", SON: "20", WEI: "38", GIRL: "42"},  # a mother who is a father
        {LI: "02", TIAN: "10", SON: "10", WEI: "38", GIRL: "42"},
        {LI: "20", TIAN: "02", SON: "51", WEI: "38", GIRL: "42"},  # a parent younger than the child
        {LI: "02", TIAN: "10", SON: "77", WEI: "38", GIRL: "42"},
        {LI: "02", TIAN: "10", SON: "00", WEI: "38", GIRL: "42"},
    ],
)
def test_relations_that_do_not_hold_together_are_refused(relations: dict[str, str]) -> None:
    with pytest.raises(RelationsWrong):
        after(household(), HeadChanged(relations))


def test_a_head_under_age_is_doubted_and_not_refused() -> None:
    home = household(
        people=(("old", "01", "李婆婆", "02", "2", "1950-01-01"), ("kid", "02", "李小军", "41", "1", "2010-01-01"))
    )
    doubts = plan(home, [HeadChanged({"kid": "02", "old": "62"})], TODAY).doubts
    assert doubts == ("户主未满 18 岁",)


def test_what_was_amiss_before_does_not_hinder_other_events() -> None:
    unrelated = household(people=tuple((*one[:3], "", *one[4:]) for one in PEOPLE))
    home = after(unrelated, Left(GIRL, "24", "2026-08"))
    assert [one.kind for one in problems_of(home)] == [ProblemKind.RELATIONS]


def test_the_last_one_to_go_leaves_an_empty_household_that_somebody_may_come_back_to() -> None:
    home = household(people=PEOPLE[:1])
    home = after(home, Left(LI, "27", "2026-07"))
    assert (home.state, home.fact("hh_state_on")) == (living.EMPTY, "2026-07")
    home = after(home, Joined("04", "2026-08", {}, uid=LI))
    assert home.state == living.IN_USE


def test_an_event_before_the_last_interview_is_entered_late_and_needs_a_word() -> None:
    home = Household("1", household().facts, household().people, covered="2026Q3")
    assert plan(home, [Left(GIRL, "24", "2026-06")], TODAY).doubts
    assert not plan(home, [Left(GIRL, "24", "2026-07")], TODAY).doubts


def test_the_relations_offered_fit_the_sex() -> None:
    assert "51" in fitting("1")
    assert "51" not in fitting("2")
    assert {"02", "10", "97", "99"} <= set(fitting("1")) & set(fitting("2"))


# --- split, merge, move -----------------------------------------------------------------------------------------------

YOUNG = {SON: "02", WEI: "10", GIRL: "30"}
NEW_ID = "5299001012000009"


def divided(group: tuple[str, ...], **facts: str) -> tuple[Household, Household, living_moves.Division]:
    home = household(**facts)
    division = living_moves.split(
        home, group, relations=YOUNG, hh_id=NEW_ID, on="2026-08", today=TODAY, tracked=bool(facts)
    )
    return apply(home, division.stays), apply(Household("new", {}), division.goes), division


@pytest.mark.parametrize("group", [(SON, WEI, GIRL), (LI, TIAN)])
def test_the_side_with_the_head_keeps_the_number_whichever_side_was_chosen(group: tuple[str, ...]) -> None:
    old, new, division = divided(group)
    assert [person.uid for person in old.members] == [LI, TIAN]
    assert division.leaving == (SON, WEI, GIRL)
    assert (new.fact("hh_id"), new.fact("split_from"), new.fact("hh_head_name")) == (
        NEW_ID,
        old.fact("hh_id"),
        "李建国",
    )
    assert [(one.uid, one.fact("mem_no")) for one in new.members] == [(SON, "01"), (WEI, "02"), (GIRL, "03")]
    assert {fact(old, uid, "mem_moved_to") for uid in YOUNG} == {NEW_ID}
    assert problems_between([old, new]) == problems_of(old) == problems_of(new) == ()


def test_a_split_household_that_is_followed_has_role_four_and_no_weight() -> None:
    _, new, division = divided((LI, TIAN), sample_since="2024")
    assert division.tracked
    assert (new.fact("cov_sample_role"), new.fact("sample_weight")) == ("4", "0")


def test_one_person_alone_is_not_followed() -> None:
    with pytest.raises(SplitWrong):
        living_moves.split(
            household(), [GIRL], relations={GIRL: "02"}, hh_id=NEW_ID, on="2026-08", today=TODAY, tracked=True
        )


@pytest.mark.parametrize("group", [(), (LI, TIAN, SON, WEI, GIRL)])
def test_a_split_needs_two_sides(group: tuple[str, ...]) -> None:
    with pytest.raises(SplitWrong):
        living_moves.sides(household(), group)


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        ({"cov_sample_role": "1", "sample_since": "2026"}, {"cov_sample_role": "1", "sample_since": "2024"}, "0002"),
        ({"cov_sample_role": "", "sample_since": ""}, {"cov_sample_role": "3", "sample_since": "2026"}, "0002"),
        ({"cov_sample_role": "4"}, {"cov_sample_role": "2", "sample_since": "2026"}, "0002"),
        ({"cov_sample_role": ""}, {"cov_sample_role": ""}, "0001"),
    ],
)
def test_of_two_households_the_one_first_in_the_sample_stays(
    one: dict[str, str], other: dict[str, str], stays: str
) -> None:
    first = household("0001", **one)
    last = household("0002", (("zhou", "01", "周老", "02", "1", "1950-01-01"),), **other)
    assert living_moves.first_in_sample(first, last)[0].root == stays


def test_those_who_had_split_off_come_back_to_their_old_numbers_by_a_merge() -> None:
    old, new, _ = divided((LI, TIAN))
    relations = {SON: "20", WEI: "38", GIRL: "42"}
    union = living_moves.merge(old, new, relations=relations, on="2026-09", today=TODAY)
    old, new = apply(old, union.stays), apply(new, union.ends)
    assert [(one.uid, one.fact("mem_no")) for one in old.members] == [(one[0], one[1]) for one in PEOPLE]
    assert (new.state, new.fact("merged_into"), new.members) == (living.MERGED, old.fact("hh_id"), ())
    assert problems_between([old, new]) == ()
    with pytest.raises(NotNow):
        after(new, Joined("04", "2026-09", NEW, uid="x"))


def test_somebody_of_another_household_comes_by_the_same_uid_and_goes_back_by_it() -> None:
    bride = household(
        "0002", (("zhou", "01", "周老", "02", "1", "1950-01-01"), ("mei", "02", "周梅", "30", "2", "1999-01-01"))
    )
    home = household()
    out, come = living_moves.go_over(bride, home, "mei", code="02", relation="38", on="2026-08", today=TODAY)
    bride, home = apply(bride, out), apply(home, come)
    assert (fact(bride, "mei", "mem_left"), fact(home, "mei", "mem_no"), fact(home, "mei", "mem_birth")) == (
        "21", "06", "1999-01-01",
    )  # fmt: skip
    back, again = living_moves.go_over(home, bride, "mei", code="04", relation="30", on="2026-09", today=TODAY)
    home, bride = apply(home, back), apply(bride, again)
    assert fact(bride, "mei", "mem_no") == "02"
    assert problems_between([home, bride]) == ()


def test_a_household_keeps_its_number_wherever_it_moves() -> None:
    home = household()
    near = apply(home, living_moves.move_away(home, on="2026-08", village="529900101201", today=TODAY))
    assert (near.fact("hh_id"), near.fact("cov_village_code"), near.state) == (home.fact("hh_id"), "529900101201", "1")
    far = apply(home, living_moves.move_away(home, on="2026-08", place="广东", today=TODAY))
    assert far.state == living.AWAY
    with pytest.raises(NotNow):
        after(far, Left(GIRL, "24", "2026-08"))
    assert apply(far, living_moves.come_back(far, on="2026-09", today=TODAY)).state == living.IN_USE
    for where in ({}, {"village": "529900101200"}, {"village": "529900101201", "place": "广东"}):
        with pytest.raises(RegisterRefused):
            living_moves.move_away(home, on="2026-08", today=TODAY, **where)


def test_a_household_number_is_never_given_out_twice() -> None:
    village = "529900101200"
    assert living_moves.next_household_number(village, [f"{village}0007", "5299001012010099"]) == f"{village}0008"
    assert living_moves.next_household_number(village, [f"{village}9999", f"{village}0001"]) == f"{village}9998"


# --- what waits for a person ------------------------------------------------------------------------------------------


def test_what_two_places_did_apart_is_found() -> None:
    twice = Person("x", {"mem_no": "05", "mem_name": "李小花", "mem_relation": "42", "mem_birth": "2015-09-10"})
    home = household()
    both = Household(home.root, home.facts, (*home.people, twice))
    assert [one.kind for one in problems_of(both)] == [ProblemKind.SAME_NUMBER, ProblemKind.TWINS]
    other = household("0002", ((GIRL, "01", "李小花", "02", "2", "2015-09-10"),))
    same = Household("third", {**home.facts}, ())
    assert {one.kind for one in problems_between([home, other, same])} == {
        ProblemKind.TWO_PLACES,
        ProblemKind.SAME_HH_ID,
    }
    gone = apply(home, living.Plan(((GIRL, "mem_left", "21"), (GIRL, "mem_moved_to", "5299001012000003"))))
    empty = household("0003", (("y", "01", "周三", "02", "1", "1970-01-01"),))
    assert [one.kind for one in problems_between([gone, empty])] == [ProblemKind.ON_THE_WAY]
