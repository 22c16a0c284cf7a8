"""A county in one process: the real server in memory, real laptops on disk with cheap keys, a small questionnaire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fieldapp.services import enrolling, syncing
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.session import Laptop, Session
from fieldapp.store.keys import KeyCost
from forms.engine import load_form
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.project import UseMode
from sync.scope import Role, register_feed
from sync.server.database import open_sqlite
from sync.server.keys import make_keys, write_keys
from sync.server.office import Office
from sync.server.service import CountyService

CHEAP = KeyCost(8, 1, 1)
PASSPHRASE = "xiong huai da zhi"
VILLAGE = "529900101200"
PERIOD = "2026Q3"
HEAD, WIFE = "a" * 32, "b" * 32
START = datetime(2026, 9, 24, 1, 0, tzinfo=UTC)

FORM = """
| survey |                  |               |        |                          |                  |                                |                                          |                  |               |                 |                  |
|        | type             | name          | label  | required                 | relevant         | constraint                     | calculation                              | bind::fa:prefill | bind::fa:check | bind::fa:id     | bind::fa:about   |
|        | begin_group      | qa            | 家庭   |                          |                  |                                |                                          |                  |               |                 |                  |
|        | text             | hh_phone      | 电话   | yes                      |                  |                                |                                          | household        |               |                 |                  |
|        | hidden           | hh_phone__ok  |        |                          |                  |                                |                                          |                  |               |                 |                  |
|        | integer          | q_days        | 断水   | yes                      |                  | . >= 0 and . <= 92             |                                          |                  |               |                 |                  |
|        | decimal          | q_income      | 收入   | yes                      |                  |                                |                                          |                  |               |                 |                  |
|        | select_one yn    | q_cloth       | 衣被   |                          |                  |                                |                                          |                  |               |                 |                  |
|        | note             | chk_days      | 断水 ${q_days} 天 |               | ${q_days} > 9    |                                |                                          |                  | soft          | W-1             | q_days           |
|        | note             | chk_inc       | 收入不能是负数 |                  | ${q_income} < 0  |                                |                                          |                  | hard          | E-1             | q_income         |
|        | end_group        |               |        |                          |                  |                                |                                          |                  |               |                 |                  |
|        | begin_repeat     | member        | 成员   |                          |                  |                                |                                          |                  |               |                 |                  |
|        | text             | mem_no        | 号     |                          |                  |                                |                                          | household        |               |                 |                  |
|        | text             | mem_name      | 姓名   | yes                      |                  |                                |                                          | household        |               |                 |                  |
|        | integer          | qm_months     | 几个月 |                          |                  |                                |                                          |                  |               |                 |                  |
|        | end_repeat       |               |        |                          |                  |                                |                                          |                  |               |                 |                  |
| choices |                 |               |        |
|        | list_name        | name          | label  |
|        | yn               | 1             | 是     |
|        | yn               | 2             | 否     |
| settings |                |               |        |
|        | form_id          | form_title    | version | namespaces                      |
|        | quarterly        | 季度小卷      | 1       | fa="urn:fieldapp:xforms:1"      |
"""


class Clock:
    """Now, moved by hand; every look moves it a little."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=3)
        return self.now


class County:
    """The office, its server and its laptops."""

    def __init__(self, folder: Path, clock: Clock, use_mode: UseMode = UseMode.WORK) -> None:
        self.folder, self.clock = folder, clock
        database = open_sqlite(None, bytes(32))
        database.create_tables()
        keys = make_keys("529900", "云岭县", use_mode)
        with database.transaction() as connection:
            write_keys(connection, keys)
        self.server = CountyService(database, keys, now_ms=self.now_ms)
        office = Office(self.server, now_ms=self.now_ms)
        office.publish_village(VILLAGE, "双河村", "青石镇")
        office.publish_form("quarterly", load_form(FORM, name="quarterly.md").xml)
        self.sessions: list[Session] = []
        self.codes: dict[str, str] = {}

    def now_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def code(self, account: str, name: str, role: Role, villages: tuple[str, ...] = (VILLAGE,)) -> str:
        self.server.enrolment.add_account(account, name, role, villages)
        return self.server.enrolment.make_code(account)

    def laptop(self, account: str, name: str, role: Role, villages: tuple[str, ...] = (VILLAGE,)) -> Session:
        """An enrolled laptop with its person signed in."""
        code = self.code(account, name, role, villages)
        laptop = Laptop(self.folder / account, clock=self.clock, key_cost=CHEAP)
        enrolling.enrol(laptop, "http://127.0.0.1:1", code, device_name=account, server=self.server)
        session = enrolling.set_first_passphrase(laptop, account, code, PASSPHRASE)
        self.sessions.append(session)
        return session

    def exchange(self, *sessions: Session) -> None:
        for session in sessions:
            assert syncing.exchange(session, server=self.server).ok


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def found_county() -> Callable[[Path], County]:
    """Founds a county of one's own in a folder, for a module of tests that share it."""
    return lambda folder: County(folder, Clock())


@pytest.fixture
def county(tmp_path: Path, clock: Clock) -> Iterator[County]:
    made = County(tmp_path, clock)
    yield made
    for session in made.sessions:
        session.lock()


def write_household(session: Session, name: str = "周德顺", hh_no: str = "0012") -> str:
    """Writes a household of two."""
    root = session.changes.new_root()
    fields = {
        "hh_id": VILLAGE + hh_no, "cov_village_code": VILLAGE, "cov_group": "三组", "hh_head_name": name,
        "hh_phone": "16900002206", "hh_address": "三组大坪", "hh_type_now": "1",
    }  # fmt: skip
    writes = [Write((), field, value) for field, value in fields.items()]
    for uid, number, person, birth in ((HEAD, "01", name, "1963-01-01"), (WIFE, "02", "田秀英", "1965-03-02")):
        known = {"mem_no": number, "mem_name": person, "mem_birth": birth, "mem_idno": f"52990019630101{number}23"}
        writes += [Write((uid,), field, value) for field, value in known.items()]
    rows = (NewRow("member", (HEAD,), "1"), NewRow("member", (WIFE,), "2"))
    with session.database.transaction() as writing:
        session.changes.write(
            writing,
            Content(Kind.EDIT, tuple(writes), rows),
            root=root,
            root_type=RootType.HOUSEHOLD,
            feed=register_feed(VILLAGE),
        )
    return root


@pytest.fixture
def make_household() -> Callable[..., str]:
    """Writes a household of two."""
    return write_household


@pytest.fixture
def field_day(county: County, make_household: Callable[..., str]) -> tuple[Session, Session, str, str]:
    """Enumerator and supervisor on their own laptops, one household assigned: (enumerator, supervisor, household, assignment)."""
    supervisor = county.laptop("tsup01", "刘志远", Role.TSUP)
    enumerator = county.laptop("enum01", "王建国", Role.ENUM)
    county.exchange(supervisor)
    household = make_household(supervisor)
    (assignment,) = assign(supervisor, [NewAssignment(household, "quarterly", PERIOD, "enum01")])
    county.exchange(supervisor, enumerator)
    return enumerator, supervisor, household, assignment
