"""Two households under one number, one household registered twice, a merge that was wrong: what is written to put it right.

Nothing is taken out: a number that was given up stays findable (``hh_id_before``), a household that was registered twice keeps its
rows, its facts and its interviews, and both deeds can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from forms.monitoring.living import (
    CORRECTION,
    IN_USE,
    MERGED,
    MOVED_OUT,
    STILL_HERE,
    TWICE,
    Household,
    Person,
    Plan,
    added,
    apply,
    finish,
    next_number,
)
from forms.monitoring.living_errors import NotNow, SplitWrong
from forms.monitoring.living_moves import IN_SAMPLE, Union
from forms.monitoring.register_fields import REGISTER_FIELDS

_REFERENCES: Final = ("split_from", "merged_into")
_PERSON_REFERENCES: Final = ("mem_moved_to", "mem_joined_from")
# What says where a row or a household stands, not what it is like.
_STANDING: Final = frozenset(
    ("hh_id", "cov_hh_no", "hh_id_before", "hh_state", "hh_state_on", "merged_into", "mem_no", "mem_left", "mem_left_on",
     "mem_moved_to", "mem_joined", "mem_joined_on", "mem_joined_from")
)  # fmt: skip


def renumber(household: Household, hh_id: str) -> Plan:
    """Another number for one of two households that got the same one; the old one stays findable."""
    before = [*household.fact("hh_id_before").split(), household.fact("hh_id")]
    writes = (("hh_id", hh_id), ("cov_hh_no", hh_id[-4:]), ("hh_id_before", " ".join(dict.fromkeys(before))))
    return Plan(tuple(("", name, value) for name, value in writes))


def references(household: Household, others: Iterable[Household], hh_id: str) -> dict[str, Plan]:
    """Root → what changes where other households name the one that gets another number, by the people they share.

    Args:
        household: as it was before. hh_id: its new number.
    """
    old = household.fact("hh_id")
    people = {person.uid for person in household.people}
    found = {}
    for other in others:
        shared = [person for person in other.people if person.uid in people]
        cells = [
            (person.uid, name, hh_id) for person in shared for name in _PERSON_REFERENCES if person.fact(name) == old
        ]
        cells += [("", name, hh_id) for name in _REFERENCES if shared and other.fact(name) == old]
        if cells:
            found[other.root] = Plan(tuple(cells))
    return found


def look_the_same(one: Household, other: Household) -> bool:
    """Whether two households are probably one registered twice: the number of an older system, or the head, is the same, and
    nobody is known to have gone from one to the other."""
    if one.state != IN_USE or other.state != IN_USE or not marks_of(one) & marks_of(other):
        return False
    known = [{person.uid for person in household.people if person.left != CORRECTION} for household in (one, other)]
    return not known[0] & known[1]


def marks_of(household: Household) -> frozenset[str]:
    """What a household is known by: the number of an older system, the papers of its head, or the head's name and birth date."""
    code = household.fact("frame_hh_code")
    heads = household.heads()
    return frozenset({f"code {code}"} if code else ()) | (_who(heads[0]) if heads else frozenset())


def _who(person: Person) -> frozenset[str]:
    """What a person is known by: the identity number; name and birth date together."""
    name, birth = person.fact("mem_name"), person.fact("mem_birth")
    known = (person.fact("mem_idno").upper(), f"{name} {birth}" if name and birth else "")
    return frozenset(one for one in known if one)


def first_to_stay(one: Household, other: Household, worked: dict[str, int]) -> tuple[Household, Household]:
    """Which of two roots of one household stays: the one of the sample, the one with more interviews, the one registered first.

    Args:
        worked: root → interviews that there are of it.
    """

    def rank(household: Household) -> tuple[bool, int, str]:
        return (household.fact("cov_sample_role") not in IN_SAMPLE, -worked.get(household.root, 0), household.root)

    return (one, other) if rank(one) <= rank(other) else (other, one)


def unite(stays: Household, ends: Household, *, today: date) -> Union:
    """One household registered twice: the second root ends, what only it knows goes over to the first.

    People are told by identity number, or by name and birth date. Where both know something different the first one's word stands,
    the other's stays readable in the second root; that it does is a doubt and needs a note.
    """
    if stays.root == ends.root:
        raise SplitWrong("the same root", why="是同一户")
    for household in (stays, ends):
        if household.state != IN_USE:
            raise NotNow("closed", name=household.fact("hh_head_name"), state="已不在册", event="认定同一户")
    come, differing = _facts_over("", stays.facts, ends.facts)
    now = apply(stays, come)
    gone = Plan()
    for person in ends.members:
        known = _counterpart(stays, person)
        if known is not None:
            step, more = _facts_over(known.uid, known.facts, person.facts)
            differing += more
        else:
            step = _newcomer(now, person)
        now, come = apply(now, step), added(come, step)
        gone = added(gone, _sent(person, stays.fact("hh_id")))
    doubts = (f"两边登记得不一样：{'、'.join(dict.fromkeys(differing))}，留先登记那户的",) if differing else ()
    closing = (
        ("", "hh_state", TWICE),
        ("", "hh_state_on", today.isoformat()[:7]),
        ("", "merged_into", stays.fact("hh_id")),
    )
    union = finish(stays, now, come, today)
    return Union(replace(union, doubts=(*union.doubts, *doubts)), replace(gone, writes=(*gone.writes, *closing)))


def _counterpart(stays: Household, person: Person) -> Person | None:
    """The same person in the other root: by what he is known by, else by name and relation, since the household is one."""
    by_papers = (one for one in stays.members if _who(one) & _who(person))
    named = [
        one for one in stays.members
        if all(one.fact(name) == person.fact(name) for name in ("mem_name", "mem_relation"))
    ]  # fmt: skip
    return next(by_papers, named[0] if len(named) == 1 else None)


def _facts_over(uid: str, here: Mapping[str, str], there: Mapping[str, str]) -> tuple[Plan, list[str]]:
    """What only the second knows, to be written at the first; and what both know differently, in words."""
    new = tuple(
        (uid, name, value) for name, value in there.items() if value and not here.get(name) and name not in _STANDING
    )
    differing = [
        REGISTER_FIELDS[name].zh if name in REGISTER_FIELDS else name
        for name, value in there.items()
        if value and here.get(name, value) not in ("", value) and name not in _STANDING
    ]
    return Plan(new), differing


def _newcomer(stays: Household, person: Person) -> Plan:
    facts = {name: value for name, value in person.facts.items() if value and name not in ("mem_no", "mem_left")}
    facts["mem_no"] = next_number(stays)
    known = stays.person(person.uid)
    if known is not None:
        facts |= {"mem_no": known.fact("mem_no"), "mem_left": STILL_HERE}
    return Plan(tuple((person.uid, name, value) for name, value in facts.items()), () if known else (person.uid,))


def _sent(person: Person, hh_id: str) -> Plan:
    return Plan(((person.uid, "mem_left", CORRECTION), (person.uid, "mem_moved_to", hh_id)))


def separate(stays: Household, ended: Household, *, today: date) -> Union:
    """Takes a merge, or the word that two roots are one household, back: the household that ended is there again with its people.

    Who has left or died since in the household that stayed has left the other one too.
    """
    if ended.state not in (MERGED, TWICE):
        raise NotNow("not merged", name=ended.fact("hh_head_name"), state="没有并走", event="撤销并户")
    if stays.state in (MERGED, TWICE) and stays.fact("merged_into") != ended.fact("hh_id"):
        raise NotNow(
            "merged since", name=stays.fact("hh_head_name"), state="后来又并走了，先撤后面那次", event="撤销并户"
        )
    code = MOVED_OUT if ended.state == MERGED else CORRECTION
    back: list[tuple[str, str, str]] = [("", "hh_state", IN_USE), ("", "hh_state_on", today.isoformat()[:7])]
    back.append(("", "merged_into", ""))
    out: list[tuple[str, str, str]] = []
    events: list[tuple[str, str, str]] = []
    for person in ended.people:
        mine = person.left == code and person.fact("mem_moved_to") == ended.fact("merged_into")
        if not mine or (code == MOVED_OUT and person.fact("mem_left_on")[:7] != ended.fact("hh_state_on")):
            continue
        there = stays.person(person.uid)
        if there is None or there.here:
            back += [
                (person.uid, "mem_left", STILL_HERE),
                (person.uid, "mem_moved_to", ""),
                (person.uid, "mem_left_on", ""),
            ]
        else:
            back += [(person.uid, name, there.fact(name)) for name in ("mem_left", "mem_left_on", "mem_moved_to")]
        if there is not None and there.here:
            out += [(person.uid, "mem_left", CORRECTION), (person.uid, "mem_moved_to", ended.fact("hh_id"))]
            events.append((CORRECTION, person.uid, ""))
    leaves, comes = Plan(tuple(out), (), tuple(events)), Plan(tuple(back))
    return Union(finish(stays, apply(stays, leaves), leaves, today), finish(ended, apply(ended, comes), comes, today))
