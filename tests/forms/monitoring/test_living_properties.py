"""Whatever happens to people and households in whatever order, the register stays one that can be true."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from forms.monitoring import living, living_moves
from forms.monitoring.living import (
    AFTER,
    JOINING,
    LEAVING,
    Corrected,
    Deed,
    HeadChanged,
    Household,
    Joined,
    Left,
    Person,
    apply,
    plan,
)
from forms.monitoring.living_errors import RegisterRefused
from forms.monitoring.living_problems import problems_between, problems_of

VILLAGE, NEIGHBOUR = "529900101200", "529900101201"


class Village:
    """A few households and what happens to them; refused deeds change nothing."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.day = date(2022, 1, 10)
        self.made = 0
        self.homes: dict[str, Household] = {}
        self.trail: dict[
            tuple[str, str], list[str]
        ] = {}  # what mem_left was, one after the other, by household and person
        self.done = 0
        for n in range(1, 4):
            people = (self._first("02", "1"), self._first("10", "2"))
            facts = {
                "hh_id": f"{VILLAGE}{n:04d}",
                "cov_village_code": VILLAGE,
                "cov_sample_role": str(n),
                "sample_since": "2022",
            }
            known = [Person(uid, {**row, "mem_no": f"{k:02d}"}) for k, (uid, row) in enumerate(people, 1)]
            facts["hh_head_name"] = known[0].fact("mem_name")
            self.homes[str(n)] = Household(str(n), facts, tuple(known))

    def _first(self, relation: str, sex: str) -> tuple[str, dict[str, str]]:
        self.made += 1
        year = 1950 + self.chance.randrange(25)
        return f"p{self.made}", {
            "mem_name": f"人{self.made}", "mem_relation": relation, "mem_sex": sex, "mem_birth": f"{year}-01-01",
        }  # fmt: skip

    def step(self) -> None:
        self.day += timedelta(days=self.chance.randrange(1, 40))
        home = self.homes[self.chance.choice(sorted(self.homes))]
        try:
            self.chance.choice(
                [self.happen, self.happen, self.happen, self.head, self.split, self.merge, self.over, self.move]
            )(home)
            self.done += 1
        except RegisterRefused:
            pass

    def put(self, *homes: Household) -> None:
        for home in homes:
            self.homes[home.root] = home

    def happen(self, home: Household) -> None:
        deeds: list[Deed] = []
        on = self.day.isoformat()
        kind = self.chance.random()
        people = list(home.people)
        if kind < 0.4 or not people:
            self.made += 1
            sex = self.chance.choice("12")
            relation = self.chance.choice(["41" if sex == "1" else "42", "97", "02", "10"])
            facts = {"mem_name": f"人{self.made}", "mem_sex": sex, "mem_relation": relation}
            code = self.chance.choice(JOINING)
            if code == "01":
                facts["mem_birth"] = on
            deeds.append(Joined(code, on, facts, uid=f"p{self.made}"))
        elif kind < 0.9:
            person = self.chance.choice(people)
            code = self.chance.choice(LEAVING if person.here else [*AFTER.get(person.left, ()), "04"])
            fresh = {"mem_relation": "97"} if code in JOINING else {}
            deeds.append(Joined(code, on, fresh, uid=person.uid) if code in JOINING else Left(person.uid, code, on))
            if person.here and person in home.heads():
                others = [one.uid for one in home.members if one is not person]
                if others:
                    deeds.append(
                        HeadChanged({uid: "02" if uid == others[0] else "97" for uid in [*others, person.uid][:-1]})
                    )
        else:
            person = self.chance.choice(people)
            deeds.append(
                Corrected(person.uid, self.chance.choice([{"mem_name": "改名"}, {"mem_left": "0"}, {"mem_no": "01"}]))
            )
        elsewhere = {person.uid for one in self.homes.values() if one is not home for person in one.members}
        self.put(apply(home, plan(home, deeds, self.day, elsewhere)))

    def head(self, home: Household) -> None:
        uids = [person.uid for person in home.members]
        if uids:
            new = self.chance.choice(uids)
            relations = {uid: "02" if uid == new else "97" for uid in uids}
            self.put(apply(home, plan(home, [HeadChanged(relations)], self.day)))

    def split(self, home: Household) -> None:
        members = [person.uid for person in home.members]
        group = self.chance.sample(members, self.chance.randrange(len(members) + 1))
        _, goes = living_moves.sides(home, group)
        relations = {uid: "02" if n == 0 else "97" for n, uid in enumerate(goes)}
        hh_id = living_moves.next_household_number(VILLAGE, [one.fact("hh_id") for one in self.homes.values()])
        division = living_moves.split(
            home, group, relations=relations, hh_id=hh_id, on=self.day.isoformat(), today=self.day
        )
        root = str(len(self.homes) + 1)
        self.put(apply(home, division.stays), apply(Household(root, {}), division.goes))

    def merge(self, home: Household) -> None:
        other = self.homes[self.chance.choice(sorted(self.homes))]
        stays, ends = living_moves.first_in_sample(home, other)
        relations = {person.uid: "97" for person in ends.members}
        union = living_moves.merge(stays, ends, relations=relations, on=self.day.isoformat(), today=self.day)
        self.put(apply(stays, union.stays), apply(ends, union.ends))

    def over(self, home: Household) -> None:
        there = self.homes[self.chance.choice(sorted(self.homes))]
        if home.members and there is not home:
            uid = self.chance.choice(home.members).uid
            out, come = living_moves.go_over(
                home, there, uid, code="04", relation="97", on=self.day.isoformat(), today=self.day
            )
            self.put(apply(home, out), apply(there, come))

    def move(self, home: Household) -> None:
        if home.state == living.AWAY:
            self.put(apply(home, living_moves.come_back(home, on=self.day.isoformat(), today=self.day)))
        else:
            where = self.chance.choice([{"village": NEIGHBOUR}, {"village": VILLAGE}, {"place": "广东"}])
            self.put(apply(home, living_moves.move_away(home, on=self.day.isoformat(), today=self.day, **where)))

    def check(self, before: dict[str, Household]) -> None:
        homes = list(self.homes.values())
        assert len({one.fact("hh_id") for one in homes}) == len(homes)
        living_in: dict[str, str] = {}
        for home in homes:
            numbers = [person.fact("mem_no") for person in home.people]
            assert len(set(numbers)) == len(numbers)
            assert len(home.heads()) == (1 if home.members else 0)
            if home.members:
                assert home.fact("hh_head_name") == home.heads()[0].fact("mem_name")
            assert (home.state == living.IN_USE or home.state == living.AWAY) == bool(home.members)
            for person in home.members:
                assert living_in.setdefault(person.uid, home.root) == home.root
            old = before.get(home.root)
            for person in old.people if old else ():
                still = home.person(person.uid)
                assert still is not None
                assert still.fact("mem_no") == person.fact("mem_no")
        mended = [*problems_between(homes), *(one for home in homes for one in problems_of(home))]
        assert [one for one in mended if one.kind != "twins"] == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
@example(136)  # a household that took another in is itself merged into a third
def test_any_sequence_of_events_keeps_the_register_whole(seed: int) -> None:
    village = Village(Random(seed))
    for _ in range(40):
        before = dict(village.homes)
        village.step()
        village.check(before)
    assert village.done > 5
