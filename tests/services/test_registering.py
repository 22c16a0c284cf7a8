"""The register between interviews: who may, what is written, and what two laptops do to each other."""

from __future__ import annotations

import pytest

from fieldapp.services import registering
from fieldapp.services.registering import (
    HeadChanged,
    Joined,
    Left,
    Register,
    open_register,
    record,
)
from fieldapp.services.session import Session
from forms.monitoring import living
from forms.monitoring.living_errors import NotNow, RelationsWrong
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.scope import Role, register_feed
from tests.services.conftest import VILLAGE, County

LI, HUA, SON, WEI, GIRL = ("1" * 32, "2" * 32, "3" * 32, "4" * 32, "5" * 32)
PEOPLE = (
    (LI, "01", "李德顺", "02", "1", "1960-01-01"),
    (HUA, "02", "田秀英", "10", "2", "1962-03-02"),
    (SON, "03", "李建国", "20", "1", "1988-05-06"),
    (WEI, "04", "王小维", "38", "2", "1990-07-08"),
    (GIRL, "05", "李小花", "42", "2", "2015-09-10"),
)


def household(session: Session, hh_no: str = "0012", people: tuple[tuple[str, ...], ...] = PEOPLE) -> str:
    root = session.changes.new_root()
    fields = {
        "hh_id": VILLAGE + hh_no, "cov_village_code": VILLAGE, "cov_group": "三组", "hh_head_name": people[0][2],
        "hh_address": "三组大坪", "hh_type_now": "1", "cov_sample_role": "1", "cov_hh_no": hh_no,
    }  # fmt: skip
    writes = [Write((), field, value) for field, value in fields.items()]
    rows = []
    for n, (uid, number, name, relation, sex, birth) in enumerate(people):
        known = {
            "mem_no": number, "mem_name": name, "mem_relation": relation, "mem_sex": sex, "mem_birth": birth,
        }  # fmt: skip
        writes += [Write((uid,), field, value) for field, value in known.items()]
        rows.append(NewRow("member", (uid,), f"{n + 1}"))
    with session.database.transaction() as writing:
        session.changes.write(
            writing, Content(Kind.EDIT, tuple(writes), tuple(rows)), root=root, root_type=RootType.HOUSEHOLD,
            feed=register_feed(VILLAGE),
        )  # fmt: skip
    return root


@pytest.fixture
def secretary(county: County) -> Session:
    session = county.laptop("vsec01", "杨秀兰", Role.VSEC)
    county.exchange(session)
    return session


def numbers(register: Register) -> dict[str, str]:
    return {line.name: line.mem_no for line in register.people}


def test_people_come_and_go_and_keep_their_numbers(secretary: Session) -> None:
    seen = open_register(secretary, household(secretary))
    born = {"mem_name": "李小宝", "mem_sex": "1", "mem_birth": "2026-08-03", "mem_relation": "41"}
    seen = record(secretary, seen, Joined("01", "", born))
    assert numbers(seen)["李小宝"] == "06"
    seen = record(secretary, seen, Left(GIRL, "24", "2026-08"))
    seen = record(secretary, seen, Joined("04", "2026-09", {}, uid=GIRL))
    assert numbers(seen)["李小花"] == "05"
    assert [line.name for line in seen.members] == ["李德顺", "田秀英", "李建国", "王小维", "李小花", "李小宝"]
    baby = next(line for line in seen.people if line.name == "李小宝")
    assert seen.living.person(baby.person_uid).fact("mem_id_type") == "8"


def test_a_head_who_dies_is_followed_by_another_in_the_same_save(secretary: Session) -> None:
    seen = open_register(secretary, household(secretary))
    death = Left(LI, "11", "2026-08-15")
    with pytest.raises(RelationsWrong):
        record(secretary, seen, death)
    relations = {HUA: "02", SON: "20", WEI: "38", GIRL: "42"}
    seen = record(secretary, seen, death, HeadChanged(relations))
    assert seen.head_name == "田秀英"
    assert seen.living.person(LI).fact("mem_left_on") == "2026-08"  # the month alone is kept
    with pytest.raises(NotNow):
        record(secretary, seen, Joined("04", "2026-09", {}, uid=LI))


def test_a_split_keeps_number_and_people_and_the_rest_stays_with_the_head(secretary: Session) -> None:
    seen = open_register(secretary, household(secretary))
    old, new = registering.split(
        secretary, seen, [LI, HUA], relations={SON: "02", WEI: "10", GIRL: "30"}, on="2026-08", address="三组新屋"
    )
    assert (old.hh_id, [line.person_uid for line in old.members]) == (VILLAGE + "0012", [LI, HUA])
    assert (new.hh_id, numbers(new)) == (VILLAGE + "0013", {"李建国": "01", "王小维": "02", "李小花": "03"})
    assert new.living.fact("split_from") == old.hh_id
    assert {line.where for line in old.people if not line.here} == {new.hh_id}
    back, ended = registering.merge(secretary, old, new, relations={SON: "20", WEI: "38", GIRL: "42"}, on="2026-09")
    assert (back.hh_id, ended.state) == (old.hh_id, living.MERGED)
    assert numbers(back) == {"李德顺": "01", "田秀英": "02", "李建国": "03", "王小维": "04", "李小花": "05"}
