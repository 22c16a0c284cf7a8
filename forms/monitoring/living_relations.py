"""Relations to the head (code list relation, GB/T 4761): one head, one spouse, sexes and ages that go together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final

from forms.monitoring.living_errors import RelationsWrong
from forms.phrases import Phrase

if TYPE_CHECKING:
    from forms.monitoring.living import Household, Person

HEAD, SPOUSE = "02", "10"
MALE, FEMALE = "1", "2"
# codelists.md 1.3, column 性别.
_MALE: Final = frozenset(
    ("20", "27", "28", "41", "43", "46", "47", "51", "53", "55", "57", "61", "63", "71", "73", "81", "83", "93")
)
_FEMALE: Final = frozenset(
    ("30", "37", "38", "42", "44", "45", "48", "52", "54", "56", "58", "62", "64", "72", "74", "75", "77", "94")
)
_CHILDREN: Final = ("20", "30")
_PARENTS: Final = ("51", "52")
RELATIONS: Final = frozenset({HEAD, SPOUSE, "97", "99", *_MALE, *_FEMALE})
LEAST_GENERATION = 13  # years, E-B02
YOUNGEST_HEAD = 18  # years, W-B09


def fitting(sex: str) -> tuple[str, ...]:
    """Codes of relation that a person of this sex may have, in the list's order of code."""
    wrong = _FEMALE if sex == MALE else _MALE if sex == FEMALE else frozenset()
    return tuple(sorted(RELATIONS - wrong))


def relation_faults(household: Household) -> tuple[str, ...]:
    """What must not be, in words: another number of heads than one as long as there are members, several spouses, sexes that do
    not go with the relation, parents too young (E-B01, E-B02, B103, B104)."""
    members = household.members
    if not members:
        return ()
    found = []
    heads = household.heads()
    if len(heads) != 1:
        found.append("没有户主" if not heads else "有两个户主")
    spouses = [person for person in members if person.fact("mem_relation") == SPOUSE]
    if len(spouses) > 1:
        found.append("配偶多于一人")
    if spouses and heads and _sex(spouses[0]) and _sex(spouses[0]) == _sex(heads[0]):
        found.append("户主与配偶性别相同")
    for person in members:
        relation = person.fact("mem_relation")
        if relation and relation not in RELATIONS:
            found.append(Phrase("没有“{relation}”这种关系", relation=relation))
        if (relation in _MALE and _sex(person) == FEMALE) or (relation in _FEMALE and _sex(person) == MALE):
            found.append(Phrase("{name}的关系与性别不符", name=person.fact("mem_name")))
    for elder, younger in _generations(household, heads[0]) if heads else ():
        years = _years(elder, younger)
        if years is not None and years < LEAST_GENERATION:
            found.append(
                Phrase("{name}与父母相差不到 {years} 岁", name=younger.fact("mem_name"), years=LEAST_GENERATION)
            )
    return tuple(found)


def check_relations(before: Household, now: Household) -> None:
    """Refuses what a register edit would bring about; what was amiss before stands in the list of things to mend.

    Raises:
        RelationsWrong: in words.
    """
    old = relation_faults(before)
    for fault in relation_faults(now):
        if fault not in old:
            raise RelationsWrong("relations", why=fault)


def relation_doubts(household: Household, today: date) -> tuple[str, ...]:
    """What is unusual: a head under age (W-B09)."""
    found = []
    for head in household.heads():
        born = _birth(head)
        age = None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if age is not None and age < YOUNGEST_HEAD:
            found.append(Phrase("户主未满 {years} 岁", years=YOUNGEST_HEAD))
    return tuple(found)


def _sex(person: Person) -> str:
    return person.fact("mem_sex")


def _birth(person: Person) -> date | None:
    try:
        return date.fromisoformat(person.fact("mem_birth"))
    except ValueError:
        return None


def _years(elder: Person, younger: Person) -> int | None:
    born, later = _birth(elder), _birth(younger)
    if born is None or later is None:
        return None
    return later.year - born.year - ((later.month, later.day) < (born.month, born.day))


def _generations(household: Household, head: Person) -> Iterator[tuple[Person, Person]]:
    for person in household.members:
        relation = person.fact("mem_relation")
        if relation in _CHILDREN:
            yield head, person
        elif relation in _PARENTS:
            yield person, head
