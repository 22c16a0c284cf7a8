"""What is not in order in the register and waits for a person: nothing of it is mended by the program.

Laptops that worked apart can each be right and yet not go together: two people under one number, two heads, one person in two
households. Conflicts in one cell are shown as conflicts (sync); these are about several cells or several households.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from forms.monitoring.living import CORRECTION, DEATHS, IN_USE, MERGED, TWICE, Household, Person
from forms.monitoring.living_doubles import look_the_same, marks_of
from forms.monitoring.living_relations import relation_faults
from forms.phrases import Phrase


class ProblemKind(StrEnum):
    """What is amiss."""

    RELATIONS = "relations"  # no head, two heads, sexes
    SAME_NUMBER = "same-number"  # two people of a household under one mem_no
    TWINS = "twins"  # probably one person entered twice
    TWO_PLACES = "two-places"  # one person a member of two households (E-B10)
    ON_THE_WAY = "on-the-way"  # gone over to a household that does not have him yet
    SAME_HH_ID = "same-hh-id"  # two households under one number
    NOBODY = "nobody"  # in use, and nobody belongs to it
    DOUBLE = "double"  # probably one household registered twice
    NOWHERE = "nowhere"  # merged into a household that is no more, or not here


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    Attributes:
        household: root it is shown at.
        people: uids concerned.
        words: in the field's words, Chinese.
        other: root of another household concerned, "" none.
    """

    kind: ProblemKind
    household: str
    people: tuple[str, ...]
    words: str
    other: str = ""


def problems_of(household: Household) -> tuple[Problem, ...]:
    """What is not in order within one household."""
    found = [
        Problem(ProblemKind.RELATIONS, household.root, tuple(one.uid for one in household.heads()), fault)
        for fault in relation_faults(household)
    ]
    for number, people in _groups(household.people, lambda person: person.fact("mem_no")):
        words = Phrase(
            "{names}都是 {number} 号", names="、".join(one.fact("mem_name") for one in people), number=number
        )
        found.append(Problem(ProblemKind.SAME_NUMBER, household.root, tuple(one.uid for one in people), words))
    # Somebody who left and came back under a new row is such a twin too.
    alive = [person for person in household.people if person.left not in (CORRECTION, *DEATHS)]
    said: set[tuple[str, ...]] = set()
    for same in (_papers, _name_and_birth):
        for _, people in _groups(alive, same):
            uids = tuple(one.uid for one in people)
            if uids not in said:
                words = Phrase("{name}登记了 {n} 次，可能是同一人", name=people[0].fact("mem_name"), n=len(people))
                found.append(Problem(ProblemKind.TWINS, household.root, uids, words))
            said.add(uids)
    if household.people and not household.members and household.state == IN_USE:
        found.append(Problem(ProblemKind.NOBODY, household.root, (), "户中已无人，户还在册"))
    return tuple(found)


def problems_between(households: Iterable[Household]) -> tuple[Problem, ...]:
    """What is not in order between households."""
    listed = list(households)
    numbers: dict[str, list[Household]] = {}
    for household in listed:
        for number in (household.fact("hh_id"), *household.fact("hh_id_before").split()):
            numbers.setdefault(number, []).append(household)
    homes: dict[str, list[Household]] = {}
    found = []
    for household in listed:
        for person in household.members:
            homes.setdefault(person.uid, []).append(household)
    for uid, places in homes.items():
        if len(places) > 1:
            one, other = sorted(places, key=lambda household: household.fact("hh_id"))[:2]
            named = one.person(uid)
            words = Phrase(
                "{name}同时在 {one} 和 {other} 两户在册", name=named.fact("mem_name") if named else "",
                one=one.fact("hh_id"), other=other.fact("hh_id"),
            )  # fmt: skip
            found.append(Problem(ProblemKind.TWO_PLACES, one.root, (uid,), words, other.root))
    for household in listed:
        for person in household.people:
            places = numbers.get(person.fact("mem_moved_to"), []) if household.state != TWICE else []
            there = next(iter(places), None)
            if not person.here and there is not None and all(one.person(person.uid) is None for one in places):
                words = Phrase(
                    "{name}转到 {hh_id}，那一户还没有他（她）", name=person.fact("mem_name"), hh_id=there.fact("hh_id")
                )
                found.append(Problem(ProblemKind.ON_THE_WAY, household.root, (person.uid,), words, there.root))
    found += _under_one_number(listed)
    found += _registered_twice(listed)
    found += _merged_into_nothing(listed)
    return tuple(found)


def _under_one_number(listed: Sequence[Household]) -> Iterator[Problem]:
    by_number: dict[str, list[Household]] = {}
    for household in listed:
        if household.state != TWICE:
            by_number.setdefault(household.fact("hh_id"), []).append(household)
    for number, same in by_number.items():
        if number and len(same) > 1 and not look_the_same(same[0], same[1]):
            words = Phrase(
                "{heads}两户都是 {number}，县里给其中一户改号",
                heads="、".join(one.fact("hh_head_name") for one in same),
                number=number,
            )
            yield Problem(ProblemKind.SAME_HH_ID, same[0].root, (), words, same[1].root)


def _registered_twice(listed: Sequence[Household]) -> Iterator[Problem]:
    """Pairs that share the number of an older system, or a head."""
    known: dict[str, list[Household]] = {}
    for household in listed:
        if household.state == IN_USE:
            for mark in marks_of(household):
                known.setdefault(mark, []).append(household)
    said: set[tuple[str, str]] = set()
    for same in known.values():
        for one, other in itertools.pairwise(sorted(same, key=lambda household: household.root)):
            if (one.root, other.root) not in said and look_the_same(one, other):
                said.add((one.root, other.root))
                numbers = "、".join(household.fact("hh_id") for household in (one, other))
                words = Phrase("{head}户可能登记了两次（{numbers}）", head=one.fact("hh_head_name"), numbers=numbers)
                yield Problem(ProblemKind.DOUBLE, one.root, (), words, other.root)


def _merged_into_nothing(listed: Sequence[Household]) -> Iterator[Problem]:
    """Two people may have merged the same two households apart, each into the other: then both ended."""
    numbers: dict[str, list[Household]] = {}
    for household in listed:
        numbers.setdefault(household.fact("hh_id"), []).append(household)
    for household in listed:
        if household.state not in (MERGED, TWICE) or _leads_somewhere(household, numbers):
            continue
        into = household.fact("merged_into")
        words = Phrase(
            "{head}户并入的 {into} 也不在册了，撤销其中一次并户", head=household.fact("hh_head_name"), into=into
        )
        there = next(one for one in numbers[into] if one.root != household.root)
        yield Problem(ProblemKind.NOWHERE, household.root, (), words, there.root)


def _leads_somewhere(household: Household, numbers: Mapping[str, Sequence[Household]]) -> bool:
    """Whether merge after merge ends at a household that was not merged, or at one not listed here; a ring ends nowhere."""
    seen: set[str] = set()
    waiting = [household]
    while waiting:
        one = waiting.pop()
        if one.state not in (MERGED, TWICE):
            return True
        if one.root in seen:
            continue
        seen.add(one.root)
        into = [other for other in numbers.get(one.fact("merged_into"), ()) if other.root != one.root]
        if not into:
            return True
        waiting += into
    return False


def _papers(person: Person) -> str:
    return person.fact("mem_idno").upper()


def _name_and_birth(person: Person) -> str:
    name, birth = person.fact("mem_name"), person.fact("mem_birth")
    return f"{name} {birth}" if name and birth else ""


def _groups(people: Sequence[Person], key: Callable[[Person], str]) -> list[tuple[str, list[Person]]]:
    groups: dict[str, list[Person]] = {}
    for person in people:
        groups.setdefault(key(person), []).append(person)
    return [(value, found) for value, found in groups.items() if value and len(found) > 1]
