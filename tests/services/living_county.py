"""One cheap store with everybody of a small county in it and a quarterly form cut down to the roster of people (QB)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from fieldapp.services import assigning, interviewing
from fieldapp.services.assigning import NewAssignment
from fieldapp.services.opened_interview import OpenInterview
from fieldapp.services.sampling import as_person
from fieldapp.services.session import Founding, Laptop, Session
from fieldapp.store import households
from fieldapp.store.keys import KeyCost
from forms.engine import Cell, load_form
from forms.monitoring.living_moves import next_household_number
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.ids import content_id
from sync.scope import COUNTY_FEED, DeviceCertificate, Role, UserCertificate, feeds_of_role, issue, register_feed

VILLAGE, OTHER_VILLAGE = "529900101200", "529900101201"
LI, TIAN, SON, WEI, GIRL = ("1" * 32, "2" * 32, "3" * 32, "4" * 32, "5" * 32)
PEOPLE = (
    (LI, "01", "李德顺", "02", "1", "1960-01-01"),
    (TIAN, "02", "田秀英", "10", "2", "1962-03-02"),
    (SON, "03", "李建国", "20", "1", "1988-05-06"),
    (WEI, "04", "王小维", "38", "2", "1990-07-08"),
    (GIRL, "05", "李小花", "42", "2", "2015-09-10"),
)
STAFF = (
    ("office01", "县办公室", Role.CADM),
    ("tsup01", "刘志远", Role.TSUP),
    ("enum01", "王建国", Role.ENUM),
    ("vsec01", "杨秀兰", Role.VSEC),
)
START = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)
FORM = """
| survey |                  |                |            |          |                                                   |                  |
|        | type             | name           | label      | required | relevant                                          | bind::fa:prefill |
|        | select_one yn    | q_met          | 见到人了吗 | yes      |                                                   |                  |
|        | text             | hh_phone       | 电话       |          |                                                   | household        |
|        | begin_repeat     | member         | 成员       |          | ${q_met} = '1'                                    |                  |
|        | text             | mem_no         | 号         |          |                                                   | household        |
|        | text             | mem_name       | 姓名       | yes      |                                                   | household        |
|        | text             | mem_relation   | 关系       | yes      |                                                   | household        |
|        | text             | mem_sex        | 性别       |          |                                                   | household        |
|        | text             | mem_birth      | 出生       |          |                                                   | household        |
|        | text             | qm_status      | 现在       | yes      |                                                   |                  |
|        | text             | qm_change      | 变动       | yes      | ${qm_status} > 2                                  |                  |
|        | text             | qm_change_date | 变动日期   | yes      | ${qm_status} > 2                                  |                  |
|        | text             | qm_change_to   | 去向       |          | ${qm_status} > 2                                  |                  |
|        | text             | qm_live_place  | 住哪       |          | ${qm_status} != '4'                               |                  |
|        | text             | qm_absence     | 为何不在   |          | ${qm_live_place} > 1                              |                  |
|        | end_repeat       |                |            |          |                                                   |                  |
| choices |                 |                |            |
|        | list_name        | name           | label      |
|        | yn               | 1              | 是         |
|        | yn               | 2              | 否         |
| settings |                |                |            |
|        | form_id          | form_title     | version    | namespaces                      |
|        | quarterly        | 季度成员卷     | 1          | fa="urn:fieldapp:xforms:1"      |
"""


class Clock:
    """Now, moved by hand; every look moves it a little."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=3)
        return self.now


class LivingCounty:
    """The store, its people, households that are made as needed."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        laptop = Laptop(folder, clock=self.clock, key_cost=KeyCost(8, 1, 1))
        laptop.found(_founding())
        self.office = laptop.unlock("office01", "xiong huai da zhi")
        self.made = 0
        with self.office.database.transaction() as writing:
            for code, name in ((VILLAGE, "双河村"), (OTHER_VILLAGE, "岩口村")):
                root = content_id(f"village:{code}".encode()).hex()
                known = {"control": "village", "code": code, "name": name, "township": "青石镇"}
                writes = tuple(Write((), field, value) for field, value in known.items())
                self.office.changes.write(
                    writing, Content(Kind.EDIT, writes), root=root, root_type=RootType.CONTROL, feed=COUNTY_FEED
                )
            xml = load_form(FORM, name="quarterly.md").xml
            self.office.changes.write(
                writing,
                Content(Kind.EDIT, (Write((), "form_id", "quarterly"), Write((), "xml", xml))),
                root=content_id(b"form:quarterly").hex(),
                root_type=RootType.FORM_PACK,
                feed=COUNTY_FEED,
            )

    def person(self, account: str) -> Session:
        return as_person(self.office, account)

    def household(self, people: Sequence[tuple[str, ...]] = PEOPLE, **facts: str) -> str:
        """A household of the sample with these people; uids of the n-th household end in n."""
        self.made += 1
        with self.office.database.reading() as reading:
            hh_no = next_household_number(VILLAGE, households.numbers(reading, VILLAGE))[-4:]
        fields = {
            "hh_id": VILLAGE + hh_no, "cov_village_code": VILLAGE, "cov_group": "三组", "hh_head_name": people[0][2],
            "hh_address": "三组大坪", "hh_phone": "16900002206", "hh_type_now": "1", "cov_sample_role": "1",
            "cov_hh_no": hh_no, **facts,
        }  # fmt: skip
        rows = [(self.uid(one[0]), *one[1:]) for one in people]
        rows[0] = (*rows[0][:5], f"{1900 + self.made % 100}-01-01")  # no head is another household's head
        return write_household(self.office, fields, rows)

    def uid(self, base: str) -> str:
        """The uid of one of PEOPLE in the household made last."""
        return f"{base[:24]}{self.made:08x}"

    def begin(self, household: str, period: str = "2026Q3") -> OpenInterview:
        (assignment,) = assigning.assign(self.office, [NewAssignment(household, "quarterly", period, "enum01")])
        opened = interviewing.begin(self.person("enum01"), assignment)
        fill(opened, "q_met", "1")
        return opened

    def interview(self, household: str, period: str = "2026Q3", **rows: Mapping[str, str]) -> OpenInterview:
        """An interview that is handed in: everybody at home but those of ``rows`` (uid → answers)."""
        opened = self.begin(household, period)
        everybody_at_home(opened)
        for uid, answers in rows.items():
            for name, value in answers.items():
                fill(opened, name, value, uid.removeprefix("p"))
        interviewing.hand_in(opened)
        return opened


def write_household(session: Session, fields: Mapping[str, str], people: Sequence[tuple[str, ...]]) -> str:
    """A household's root as an import writes it."""
    writes = [Write((), field, value) for field, value in fields.items()]
    rows = []
    for n, (uid, number, name, relation, sex, birth) in enumerate(people):
        known = {"mem_no": number, "mem_name": name, "mem_relation": relation, "mem_sex": sex, "mem_birth": birth}
        writes += [Write((uid,), field, value) for field, value in known.items()]
        rows.append(NewRow("member", (uid,), f"{n + 1}"))
    root = session.changes.new_root()
    with session.database.transaction() as writing:
        session.changes.write(
            writing, Content(Kind.EDIT, tuple(writes), tuple(rows)), root=root, root_type=RootType.HOUSEHOLD,
            feed=register_feed(VILLAGE),
        )  # fmt: skip
    return root


def fill(opened: OpenInterview, name: str, value: str, uid: str = "") -> None:
    """Answers one question and keeps it."""
    path = opened.form.path_of(name)
    assert path is not None
    opened.save(opened.interview.answer(Cell(path, (uid,) if uid else ()), value))


def everybody_at_home(opened: OpenInterview) -> None:
    """QB01 and QB06 of everybody in the roster."""
    for uid in opened.interview.rows(Cell("/data/member")):
        fill(opened, "qm_status", "1", uid)
        fill(opened, "qm_live_place", "1", uid)


def _founding() -> Founding:
    county_key = Ed25519PrivateKey.generate()
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    start, end = (
        int((START - timedelta(days=900)).timestamp() * 1000),
        int((START + timedelta(days=3000)).timestamp() * 1000),
    )
    villages = (VILLAGE, OTHER_VILLAGE)
    people = []
    for account, name, role in STAFF:
        own = (VILLAGE,) if role in (Role.VSEC, Role.ENUM) else villages
        certificate = UserCertificate("529900", account, name, role, feeds_of_role(role, own, account), own, start, end)
        people.append(issue(certificate, county_key))
    device = secrets.token_hex(16)
    own_device = DeviceCertificate(
        "529900", device, "office01", Role.CADM, (COUNTY_FEED, "v:*"), signing.public_key().public_bytes_raw(),
        sealing.public_key().public_bytes_raw(), start, end, lease_days=36_500,
    )  # fmt: skip
    return Founding(
        county="529900",
        county_name="云岭县",
        county_signing_key=county_key.public_key().public_bytes_raw(),
        county_sealing_key=X25519PrivateKey.generate().public_key().public_bytes_raw(),
        device=device,
        device_name="练习机",
        device_certificate=issue(own_device, county_key),
        signing_key=signing,
        sealing_key=sealing,
        people=tuple(people),
        secrets={account: ("xiong huai da zhi", False) for account, _, _ in STAFF},
        facts={},
    )
