"""The living household: who belongs to it, what may happen to its people, and what the register then says.

Pure rules without disk, clock or chance (quarterly.md 3, annual.md 0.6 and 0.8, monitoring.md 9.6). A *deed* is what a person states
("died in March"); applying deeds gives a *plan*: the cells to write and the rows to add. Nothing is ever taken out: a person who
has left keeps row, number and history, and comes back under the old number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from forms.monitoring.living_errors import DayWrong, FactMissing, NoSuchPerson, NotNow
from forms.monitoring.living_papers import check_papers
from forms.monitoring.living_relations import HEAD, check_relations, relation_doubts

# Codes of the list member_change.
BORN, MARRIED_IN, ADOPTED_IN, MOVED_IN, RELEASED = "01", "02", "03", "04", "05"
DIED_ILL, DIED_ACCIDENT, DIED = "11", "12", "13"
MARRIED_OUT, SPLIT_OFF, MOVED_OUT, ADOPTED_OUT, ARMY, PRISON, LOST = "21", "22", "23", "24", "25", "26", "27"
HEAD_CHANGE, CORRECTION = "31", "41"
JOINING: Final = (BORN, MARRIED_IN, ADOPTED_IN, MOVED_IN, RELEASED)
DEATHS: Final = (DIED_ILL, DIED_ACCIDENT, DIED)
LEAVING: Final = (*DEATHS, MARRIED_OUT, SPLIT_OFF, MOVED_OUT, ADOPTED_OUT, ARMY, PRISON, LOST)
EVENT_ZH: Final[Mapping[str, str]] = {
    BORN: "出生", MARRIED_IN: "婚入", ADOPTED_IN: "收养、寄养来", MOVED_IN: "迁入、回乡", RELEASED: "退役、刑满回家",
    DIED_ILL: "死亡（因病）", DIED_ACCIDENT: "死亡（意外）", DIED: "死亡（其他、年老）", MARRIED_OUT: "婚出", SPLIT_OFF: "分户",
    MOVED_OUT: "迁出", ADOPTED_OUT: "被收养、送养", ARMY: "参军", PRISON: "入狱", LOST: "失联", HEAD_CHANGE: "户主变更",
    CORRECTION: "更正登记错误",
}  # fmt: skip
HERE: Final = ("", "0")  # values of mem_left of somebody who belongs to the household; "0" was said by an interview
STILL_HERE: Final = "0"
IN_USE, MERGED, AWAY, EMPTY, TWICE = "1", "2", "3", "4", "5"  # hh_state
NO_PAPERS: Final = "8"  # id_type
LAST_NUMBER: Final = 99
# What may come after somebody left for this reason; whoever died comes back only by a correction.
AFTER: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(DEATHS, ()),
    MARRIED_OUT: (MARRIED_IN, MOVED_IN),
    SPLIT_OFF: (MARRIED_IN, MOVED_IN),
    MOVED_OUT: (MARRIED_IN, ADOPTED_IN, MOVED_IN),
    ADOPTED_OUT: (ADOPTED_IN, MOVED_IN),
    ARMY: (RELEASED, MOVED_IN, *DEATHS, MOVED_OUT),
    PRISON: (RELEASED, MOVED_IN, *DEATHS, MOVED_OUT),
    LOST: (MOVED_IN, RELEASED, *DEATHS, MARRIED_OUT, MOVED_OUT, ARMY, PRISON),
    CORRECTION: (*JOINING,),
}
# What has to be known of somebody who joins, beside the month; a birth's month is its day.
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    BORN: ("mem_name", "mem_sex", "mem_birth", "mem_relation"),
    **dict.fromkeys((MARRIED_IN, ADOPTED_IN, MOVED_IN, RELEASED), ("mem_name", "mem_sex", "mem_relation")),
}


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the roster.

    Attributes:
        uid: person_uid, the row's id: for life and across households.
        facts: register fields of the row, text.
    """

    uid: str
    facts: Mapping[str, str]

    def fact(self, name: str) -> str:
        """A field, "" when nobody wrote it."""
        return self.facts.get(name, "")

    @property
    def here(self) -> bool:
        """Belongs to the household, at home or away."""
        return self.fact("mem_left") in HERE

    @property
    def left(self) -> str:
        """Code of why he or she left, "" for a member."""
        return "" if self.here else self.fact("mem_left")


@dataclass(frozen=True, slots=True)
class Household:
    """A household as the register has it.

    Attributes:
        root: opaque id.
        facts: register fields of the household, text.
        people: every row there ever was, in the roster's order.
        covered: the latest period of which an interview is handed in, as far as is known here; "" none.
    """

    root: str
    facts: Mapping[str, str]
    people: tuple[Person, ...] = ()
    covered: str = ""

    def fact(self, name: str) -> str:
        """A field, "" when nobody wrote it."""
        return self.facts.get(name, "")

    @property
    def members(self) -> tuple[Person, ...]:
        """Those who belong to it."""
        return tuple(person for person in self.people if person.here)

    @property
    def state(self) -> str:
        """Code of hh_state."""
        return self.fact("hh_state") or IN_USE

    def heads(self) -> tuple[Person, ...]:
        """Members who stand as head: one, unless something is to be mended."""
        return tuple(person for person in self.members if person.fact("mem_relation") == HEAD)

    def person(self, uid: str) -> Person | None:
        """The row of a person."""
        return next((person for person in self.people if person.uid == uid), None)


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody comes: born, married in, adopted, moved in, back from the army or prison.

    Attributes:
        uid: of somebody who left this household, or whom another household knows; "" for somebody new.
        code: 01–05 of member_change.
        on: day or month, ISO.
        facts: register fields known of the person.
        origin: where from: a place, or an hh_id.
    """

    code: str
    on: str
    facts: Mapping[str, str]
    uid: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """A member goes or dies. Of a death only month and whether by illness or accident are kept (quarterly.md 3)."""

    uid: str
    code: str
    on: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class HeadChanged:
    """Another head. Every member's relation has been asked anew.

    Attributes:
        relations: by uid, all members, the new head with 02.
    """

    relations: Mapping[str, str]
    on: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """Something was registered wrongly. ``mem_left`` "0" takes a departure back."""

    uid: str
    facts: Mapping[str, str]


Deed = Joined | Left | HeadChanged | Corrected


@dataclass(frozen=True, slots=True)
class Plan:
    """What a register edit will write.

    Attributes:
        writes: (uid or "" for the household, field, value); the last of one cell holds.
        new: uids of rows to add, in order.
        events: (code, uid, day or month) for the history.
        doubts: what is unusual and passes with a note (【核】).
    """

    writes: tuple[tuple[str, str, str], ...] = ()
    new: tuple[str, ...] = ()
    events: tuple[tuple[str, str, str], ...] = ()
    doubts: tuple[str, ...] = ()


def apply(household: Household, plan: Plan) -> Household:
    """The household as the plan leaves it."""
    people = {person.uid: dict(person.facts) for person in household.people}
    for uid in plan.new:
        people.setdefault(uid, {})
    facts = dict(household.facts)
    for uid, field, value in plan.writes:
        (people[uid] if uid else facts)[field] = value
    return replace(household, facts=facts, people=tuple(Person(uid, known) for uid, known in people.items()))


def plan(household: Household, deeds: Sequence[Deed], today: date, elsewhere: Collection[str] = ()) -> Plan:
    """What several deeds of one save write, checked together at the end: a head may die and be followed in one save.

    Args:
        deeds: new persons need a uid already.
        today: nothing happens later.
        elsewhere: uids of people who are members of another household: they come over from there (living_moves.go_over).
    Raises:
        FieldAppError: of living_errors.py; nothing is to be written.
    """
    if household.state in (MERGED, AWAY, TWICE):
        raise NotNow(
            "household is closed", name=household.fact("hh_head_name"), state="已并入他户或已迁走", event="变动"
        )
    done = Plan()
    now = household
    for deed in deeds:
        back = isinstance(deed, Joined) or (isinstance(deed, Corrected) and deed.facts.get("mem_left", "1") in HERE)
        if back and not isinstance(deed, Left | HeadChanged) and deed.uid in elsewhere:
            known = now.person(deed.uid)
            raise NotNow("elsewhere", name=known.fact("mem_name") if known else "", state="在另一户在册", event="来户")
        step = _step(now, deed, today)
        now = apply(now, step)
        done = added(done, step)
    return finish(household, now, done, today)


def finish(before: Household, now: Household, done: Plan, today: date) -> Plan:
    """The plan with what follows from it for the household: its head's name, whether anybody is left. Checks the relations."""
    check_relations(before, now)
    doubts = (*done.doubts, *(one for one in relation_doubts(now, today) if one not in relation_doubts(before, today)))
    follow: list[tuple[str, str, str]] = []
    heads = now.heads()
    if heads and heads[0].fact("mem_name") != now.fact("hh_head_name") and _head_known(before, heads[0], done):
        follow.append(("", "hh_head_name", heads[0].fact("mem_name")))
    state = now.state
    if now.members and state == EMPTY:
        state = IN_USE
    elif not now.members and state in (IN_USE, AWAY):
        state = EMPTY
    if state != now.state:
        follow.append(("", "hh_state", state))
        follow += [("", "hh_state_on", on[:7]) for on in [done.events[-1][2] if done.events else ""] if on]
    return replace(done, writes=(*done.writes, *follow), doubts=tuple(dict.fromkeys(doubts)))


def _head_known(before: Household, head: Person, done: Plan) -> bool:
    """The head is another one, or the head's name was corrected."""
    same = any(person.uid == head.uid for person in before.heads())
    return not same or any(uid == head.uid and field == "mem_name" for uid, field, _ in done.writes)


def added(one: Plan, other: Plan) -> Plan:
    """Two plans for one household, one after the other."""
    return Plan(
        (*one.writes, *other.writes),
        (*one.new, *other.new),
        (*one.events, *other.events),
        (*one.doubts, *other.doubts),
    )


def _step(household: Household, deed: Deed, today: date) -> Plan:
    match deed:
        case Joined():
            return _join(household, deed, today)
        case Left():
            return _leave(household, deed, today)
        case HeadChanged():
            return _change_head(household, deed, today)
        case Corrected():
            return _correct(household, deed, today)


# --- coming -----------------------------------------------------------------------------------------------------------


def _join(household: Household, deed: Joined, today: date) -> Plan:
    known = household.person(deed.uid)
    event = EVENT_ZH.get(deed.code, deed.code)
    if deed.code not in JOINING:
        raise NotNow("no joining", name="", state="", event=event)
    if known is not None and not may_follow(known, deed.code):
        raise NotNow("not in this state", name=known.fact("mem_name"), state=state_zh(known), event=event)
    on = deed.on or (deed.facts.get("mem_birth", "") if deed.code == BORN else "")
    facts = {**(known.facts if known else {}), **deed.facts}
    missing = [name for name in NEEDED[deed.code] if not facts.get(name)] + ([] if on else ["mem_joined_on"])
    if missing:
        raise FactMissing(deed.code, missing, event)
    check_day(on, today, event)
    check_birth(facts.get("mem_birth", ""), today, until=on)
    check_papers(facts)
    writes: dict[str, str] = dict(deed.facts)
    if known is None:
        writes["mem_no"] = next_number(household)
    if deed.code == BORN and not facts.get("mem_id_type"):
        writes["mem_id_type"] = NO_PAPERS
    writes |= {"mem_joined": deed.code, "mem_joined_on": on, "mem_joined_from": deed.origin}
    if known is not None:
        writes |= {"mem_left": STILL_HERE, "mem_moved_to": ""}
    cells = tuple((deed.uid, name, value) for name, value in writes.items() if value or facts_differ(known, name))
    new = () if known else (deed.uid,)
    return Plan(cells, new, ((deed.code, deed.uid, on),), late_doubts(household, on))


def facts_differ(known: Person | None, name: str) -> bool:
    """An empty value is written only over something."""
    return known is not None and known.fact(name) != ""


def next_number(household: Household) -> str:
    """The next member number, two digits; the numbers of people who left are not used again (annual.md 0.6).

    Raises:
        NotNow: 99 numbers are used.
    """
    used = [int(person.fact("mem_no")) for person in household.people if person.fact("mem_no").isdigit()]
    number = max(used, default=0) + 1
    if number > LAST_NUMBER:
        raise NotNow("numbers used up", name=household.fact("hh_head_name"), state="成员号已用完", event="新增成员")
    return f"{number:02d}"


# --- going ------------------------------------------------------------------------------------------------------------


def _leave(household: Household, deed: Left, today: date) -> Plan:
    person = known_person(household, deed.uid)
    event = EVENT_ZH.get(deed.code, deed.code)
    if deed.code not in LEAVING or not may_follow(person, deed.code):
        raise NotNow("not in this state", name=person.fact("mem_name"), state=state_zh(person), event=event)
    if not deed.on:
        raise FactMissing(deed.code, ["mem_left_on"], event)
    check_day(deed.on, today, event)
    if person.fact("mem_birth") and deed.on[:7] < person.fact("mem_birth")[:7]:
        raise DayWrong("before birth", what=event, why="早于出生日期")
    dead = deed.code in DEATHS
    on = deed.on[:7] if dead else deed.on
    writes = [(deed.uid, "mem_left", deed.code), (deed.uid, "mem_left_on", on)]
    if deed.to and not dead:
        writes.append((deed.uid, "mem_left_to", deed.to))
    return Plan(tuple(writes), (), ((deed.code, deed.uid, on),), late_doubts(household, on))


def may_follow(person: Person, code: str) -> bool:
    """Whether this may happen to the person now."""
    return code in LEAVING if person.here else code in AFTER.get(person.left, JOINING)


def possible(person: Person) -> tuple[str, ...]:
    """Codes of member_change that may happen to the person now, without corrections and changes of the head."""
    return LEAVING if person.here else AFTER.get(person.left, JOINING)


def state_zh(person: Person) -> str:
    """Where a person stands, in the field's words."""
    return "在册" if person.here else _GONE_ZH.get(person.left, "已离户")


_GONE_ZH: Final[Mapping[str, str]] = {
    **dict.fromkeys(DEATHS, "已故"), MARRIED_OUT: "已婚出", SPLIT_OFF: "已分户", MOVED_OUT: "已迁出", ADOPTED_OUT: "已被收养",
    ARMY: "已参军", PRISON: "已入狱", LOST: "已失联", CORRECTION: "登记错误",
}  # fmt: skip


# --- the head, corrections --------------------------------------------------------------------------------------------


def _change_head(household: Household, deed: HeadChanged, today: date) -> Plan:
    members = {person.uid for person in household.members}
    missing = [uid for uid in members if not deed.relations.get(uid)]
    if missing:
        raise FactMissing(HEAD_CHANGE, ["mem_relation"], EVENT_ZH[HEAD_CHANGE])
    if deed.on:
        check_day(deed.on, today, EVENT_ZH[HEAD_CHANGE])
    for uid in deed.relations:
        known_person(household, uid)
    head = next((uid for uid, code in deed.relations.items() if code == HEAD), "")
    cells = tuple((uid, "mem_relation", code) for uid, code in deed.relations.items())
    return Plan(cells, (), ((HEAD_CHANGE, head, deed.on),))


def _correct(household: Household, deed: Corrected, today: date) -> Plan:
    person = known_person(household, deed.uid)
    facts = dict(deed.facts)
    if "mem_no" in facts and any(
        facts["mem_no"] == one.fact("mem_no") for one in household.people if one is not person
    ):
        raise NotNow(
            "number is used", name=person.fact("mem_name"), state=f"成员号 {facts['mem_no']} 已用过", event="改号"
        )
    for name in ("mem_name", "mem_sex", "mem_relation"):
        if name in facts and not facts[name]:
            raise FactMissing(CORRECTION, [name], EVENT_ZH[CORRECTION])
    if facts.get("mem_birth"):
        check_birth(facts["mem_birth"], today, until=person.fact("mem_left_on") if not person.here else "")
    if "mem_left" in facts and facts["mem_left"] in HERE:
        facts["mem_left"] = STILL_HERE
        facts["mem_moved_to"] = ""
    elif "mem_left" in facts and facts["mem_left"] not in (*LEAVING, CORRECTION):
        raise NotNow("no leaving", name=person.fact("mem_name"), state=state_zh(person), event="更正")
    if {"mem_idno", "mem_birth", "mem_sex", "mem_id_type"} & facts.keys():
        check_papers({**person.facts, **facts})
    cells = tuple((deed.uid, name, value) for name, value in facts.items() if value != person.fact(name))
    return Plan(cells, (), ((CORRECTION, deed.uid, ""),))


# --- small checks -----------------------------------------------------------------------------------------------------


def known_person(household: Household, uid: str) -> Person:
    """The row of a person.

    Raises:
        NoSuchPerson: the register of this household has none.
    """
    person = household.person(uid)
    if person is None:
        raise NoSuchPerson("no such row")
    return person


def check_day(on: str, today: date, what: str) -> None:
    """A day or month that has been."""
    if not is_day(on):
        raise DayWrong("no day", what=what, why="要写成 2026-03 或 2026-03-15")
    if on > today.isoformat()[: len(on)]:
        raise DayWrong("in the future", what=what, why="还没有到")


def check_birth(birth: str, today: date, until: str = "") -> None:
    """A birth date from 1900 to today (annual B107), not after ``until``."""
    if not birth:
        return
    if len(birth) != len("2026-01-01") or not is_day(birth):
        raise DayWrong("no day", what="出生日期", why="要写成 2026-03-15")
    if birth > today.isoformat() or birth < "1900-01-01":
        raise DayWrong("out of range", what="出生日期", why="要在 1900 年到今天之间")
    if until and birth[:7] > until[:7]:
        raise DayWrong("born after", what="出生日期", why="晚于来户或离户的年月")


def is_day(text: str) -> bool:
    """An ISO day, or a year and month."""
    try:
        date.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")
    except ValueError:
        return False
    return len(text) in (len("2026-01"), len("2026-01-01"))


def late_doubts(household: Household, on: str) -> tuple[str, ...]:
    """Something before the quarter that an interview has covered already is entered late (QB03)."""
    known = household.covered
    first = f"{known[:4]}-{int(known[5]) * 3 - 2:02d}" if len(known) == len("2026Q1") and known[5].isdigit() else known
    return ("变动早于上次入户的季度，是补登",) if known and on[: len(first)] < first else ()
