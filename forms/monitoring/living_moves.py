"""Households that divide, unite and move, and people who go over to another household (monitoring.md 9.6).

Everybody keeps the person_uid. The row in the household that is left stays, with the reason and where to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from forms.monitoring.living import (
    AWAY,
    IN_USE,
    JOINING,
    MARRIED_IN,
    MARRIED_OUT,
    MERGED,
    MOVED_IN,
    MOVED_OUT,
    SPLIT_OFF,
    STILL_HERE,
    Household,
    Person,
    Plan,
    added,
    apply,
    check_day,
    finish,
    known_person,
    next_number,
)
from forms.monitoring.living_errors import FactMissing, NotNow, SplitWrong
from forms.monitoring.living_relations import HEAD

TRACKED, REPLACEMENT, ROTATED, DRAWN = "4", "2", "3", "1"  # sample_role
IN_SAMPLE: Final = (DRAWN, REPLACEMENT, ROTATED)
LEAST_TRACKED = 2  # people of a split household that is followed
# What of a member is about one household only and does not go along.
_OF_THE_ROW: Final = (
    "mem_no", "mem_relation", "mem_joined", "mem_joined_on", "mem_joined_from", "mem_left", "mem_left_on", "mem_left_to",
    "mem_moved_to",
)  # fmt: skip
# What a household that was split off takes from the old one.
_OF_THE_PLACE: Final = (
    "cov_village_code", "cov_village_name", "cov_group", "hh_address", "hh_type_now", "hh_was_poor", "hh_exit_year",
)  # fmt: skip
# The way a person leaves a household by the way he comes to the other.
_WAY_OUT: Final[Mapping[str, str]] = {MARRIED_IN: MARRIED_OUT, MOVED_IN: MOVED_OUT, "03": "24"}


@dataclass(frozen=True, slots=True)
class Division:
    """A split: two plans that are written together.

    Attributes:
        stays: of the household with the head, which keeps its hh_id.
        goes: of the new household, written on an empty one.
        leaving: uids of the new household, its head first.
        tracked: it is followed as 分户跟踪户.
    """

    stays: Plan
    goes: Plan
    leaving: tuple[str, ...]
    tracked: bool


@dataclass(frozen=True, slots=True)
class Union:
    """A merge: the plan of the household that stays, and of the one that ends."""

    stays: Plan
    ends: Plan


def sides(household: Household, group: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who stays and who goes when ``group`` separates from the others: the side with the head keeps the household's number.

    Raises:
        SplitWrong: nobody or everybody would go.
    """
    for uid in group:
        if not known_person(household, uid).here:
            raise SplitWrong("not a member", why="选中的人已经不在册")
    inside = tuple(person.uid for person in household.members if person.uid in group)
    outside = tuple(person.uid for person in household.members if person.uid not in group)
    heads = {person.uid for person in household.heads()}
    stays, goes = (inside, outside) if heads & set(inside) else (outside, inside)
    if not stays or not goes:
        raise SplitWrong("one side is empty", why="要有人留下，也要有人分出去")
    return stays, goes


def split(
    household: Household,
    group: Sequence[str],
    *,
    relations: Mapping[str, str],
    hh_id: str,
    on: str,
    today: date,
    tracked: bool = False,
    address: str = "",
) -> Division:
    """A split.

    Args:
        group: uids of one side, whichever.
        relations: of everybody who goes, to the new household's head (who has 02).
        hh_id: number of the new household, 12 digits of the village and 4 of its own.
        tracked: the county follows it (sample_role 4, weight 0); it needs two people and a household of the sample.
    """
    if household.state != IN_USE:
        raise NotNow("household is closed", name=household.fact("hh_head_name"), state="已不在册", event="分户")
    check_day(on, today, "分户")
    _, goes = sides(household, group)
    missing = [uid for uid in goes if not relations.get(uid)]
    if missing:
        raise FactMissing(SPLIT_OFF, ["mem_relation"], "分户")
    if tracked and len(goes) < LEAST_TRACKED:
        raise SplitWrong("too few to be followed", why=f"分出 {LEAST_TRACKED} 人以上才跟踪")
    if tracked and household.fact("cov_sample_role") not in IN_SAMPLE:
        raise SplitWrong("not of the sample", why="原户不是样本户，分出的户不跟踪")
    leaving = tuple(sorted(goes, key=lambda uid: (relations[uid] != HEAD, goes.index(uid))))
    out = Plan(
        writes=tuple(cell for uid in leaving for cell in _gone(uid, SPLIT_OFF, on, hh_id)),
        events=tuple((SPLIT_OFF, uid, on) for uid in leaving),
    )
    stays = finish(household, apply(household, out), out, today)
    facts = {name: household.fact(name) for name in _OF_THE_PLACE}
    facts |= {"hh_id": hh_id, "cov_hh_no": hh_id[-4:], "split_from": household.fact("hh_id"), "split_on": on}
    facts |= {"cov_village_code": hh_id[:12]}
    if address:
        facts["hh_address"] = address
    if tracked:
        facts |= {"cov_sample_role": TRACKED, "sample_weight": "0", "cov_stratum": household.fact("cov_stratum")}
    empty = Household("", {})
    given = Plan(writes=tuple(("", name, value) for name, value in facts.items() if value))
    for place, uid in enumerate(leaving, start=1):
        person = known_person(household, uid)
        come = _arrival(person, f"{place:02d}", relations[uid], SPLIT_OFF, on, household.fact("hh_id"))
        given = added(given, come)
    goes_plan = finish(empty, apply(empty, given), given, today)
    return Division(stays, goes_plan, leaving, tracked)


def first_in_sample(one: Household, other: Household) -> tuple[Household, Household]:
    """Which of two households stays when they merge, and which ends: the one in the sample, of two the one that entered first;
    otherwise the lower number (monitoring.md 9.6)."""

    def rank(household: Household) -> tuple[bool, str, str]:
        since = household.fact("sample_since") or "9999"
        return (household.fact("cov_sample_role") not in IN_SAMPLE, since, household.fact("hh_id"))

    return (one, other) if rank(one) <= rank(other) else (other, one)


def merge(stays: Household, ends: Household, *, relations: Mapping[str, str], on: str, today: date) -> Union:
    """A merge; ``stays`` is the first of :func:`first_in_sample`.

    Args:
        relations: of everybody who comes over, to the head of the household that stays.
    """
    if stays.root == ends.root:
        raise SplitWrong("the same household", why="是同一户")
    if first_in_sample(stays, ends)[0] is not stays:
        raise SplitWrong("the other one stays", why="两户并成一户，保留先入样的一户")
    for household in (stays, ends):
        if household.state not in (IN_USE,):
            raise NotNow("household is closed", name=household.fact("hh_head_name"), state="已不在册", event="并户")
    check_day(on, today, "并户")
    come, gone = Plan(), Plan()
    now = stays
    for person in ends.members:
        step = _over(now, person, relations.get(person.uid, ""), MOVED_IN, on, ends.fact("hh_id"))
        now = apply(now, step)
        come = added(come, step)
        gone = added(
            gone, Plan(_gone(person.uid, MOVED_OUT, on, stays.fact("hh_id")), (), ((MOVED_OUT, person.uid, on),))
        )
    closing = (("", "hh_state", MERGED), ("", "hh_state_on", on[:7]), ("", "merged_into", stays.fact("hh_id")))
    return Union(finish(stays, now, come, today), replace(gone, writes=(*gone.writes, *closing)))


def go_over(
    here: Household, there: Household, uid: str, *, code: str, relation: str, on: str, today: date
) -> tuple[Plan, Plan]:
    """A person goes over to another household of the register (married in, adopted, moved): (plan of the old, plan of the new).

    Args:
        code: how he comes: 02, 03 or 04.
    """
    person = known_person(here, uid)
    if code not in _WAY_OUT or code not in JOINING:
        raise SplitWrong("no way over", why="转户只能是婚入、收养、迁入")
    if not person.here:
        raise NotNow("not a member", name=person.fact("mem_name"), state="不在册", event="转户")
    if there.state != IN_USE:
        raise NotNow("household is closed", name=there.fact("hh_head_name"), state="已不在册", event="转入")
    check_day(on, today, "转户")
    out = Plan(_gone(uid, _WAY_OUT[code], on, there.fact("hh_id")), (), ((_WAY_OUT[code], uid, on),))
    come = _over(there, person, relation, code, on, here.fact("hh_id"))
    return finish(here, apply(here, out), out, today), finish(there, apply(there, come), come, today)


def move_away(household: Household, *, on: str, today: date, village: str = "", place: str = "") -> Plan:
    """The whole household moves: to another village of the county (it keeps its number), or out of the county.

    Args:
        village: 12 digits, within the county; ``place``: where to, outside of it. One of both.
    """
    if household.state != IN_USE:
        raise NotNow("household is closed", name=household.fact("hh_head_name"), state="已不在册", event="整户迁移")
    if bool(village) == bool(place):
        raise SplitWrong("where to", why="要写迁到本县哪个村，或县外什么地方")
    if village and village == household.fact("cov_village_code"):
        raise SplitWrong("the same village", why="村内搬家不改户，只改住址")
    check_day(on, today, "整户迁移")
    writes = [("", "hh_state_on", on[:7]), ("", "hh_moved_to", village or place)]
    writes.append(("", "cov_village_code", village) if village else ("", "hh_state", AWAY))
    return Plan(tuple(writes))


def come_back(household: Household, *, on: str, today: date) -> Plan:
    """A household that had moved out of the county lives here again, under its old number."""
    if household.state != AWAY:
        raise NotNow("not away", name=household.fact("hh_head_name"), state="在册", event="整户迁回")
    check_day(on, today, "整户迁回")
    return Plan((("", "hh_state", IN_USE), ("", "hh_state_on", on[:7]), ("", "hh_moved_to", "")))


def next_household_number(village: str, known: Sequence[str]) -> str:
    """The hh_id of a new household: the next number of the village, never one that was used.

    Args:
        known: every hh_id that there is or was.
    """
    used = [int(one[-4:]) for one in known if one[:12] == village and one[-4:].isdigit()]
    number = max(used, default=0) + 1
    if number > 9999:
        free = sorted(set(range(1, 10000)) - set(used))
        if not free:
            raise SplitWrong("numbers used up", why="这个村的户号用完了")
        number = free[-1]
    return f"{village}{number:04d}"


# --- parts ------------------------------------------------------------------------------------------------------------


def _gone(uid: str, code: str, on: str, hh_id: str) -> tuple[tuple[str, str, str], ...]:
    return ((uid, "mem_left", code), (uid, "mem_left_on", on), (uid, "mem_moved_to", hh_id))


def _arrival(person: Person, number: str, relation: str, code: str, on: str, hh_id: str) -> Plan:
    facts = {name: value for name, value in person.facts.items() if name not in _OF_THE_ROW and value}
    facts |= {"mem_no": number, "mem_relation": relation, "mem_joined": code, "mem_joined_on": on}
    facts["mem_joined_from"] = hh_id
    writes = tuple((person.uid, name, value) for name, value in facts.items())
    return Plan(writes, (person.uid,), ((code, person.uid, on),))


def _over(household: Household, person: Person, relation: str, code: str, on: str, hh_id: str) -> Plan:
    """A person of another household becomes a member; somebody who was one before gets the old number back."""
    if not relation:
        raise FactMissing(code, ["mem_relation"], "转入")
    known = household.person(person.uid)
    if known is None:
        return _arrival(person, next_number(household), relation, code, on, hh_id)
    if known.here:
        raise NotNow("a member of both", name=known.fact("mem_name"), state="在册", event="转入")
    come = _arrival(person, known.fact("mem_no"), relation, code, on, hh_id)
    back = ((person.uid, "mem_left", STILL_HERE), (person.uid, "mem_moved_to", ""))
    changed = tuple(cell for cell in (*come.writes, *back) if cell[2] != known.fact(cell[1]))
    return Plan(changed, (), come.events)
