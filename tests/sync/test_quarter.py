"""One quarter of a county in one script: real stores on disk, a real county server over HTTPS, three sticks, one township relay.

Households are interviewed on laptops that meet the county by wire, by stick and through the township; facts are changed apart,
interviews are returned and corrected, the county's server is put back to a backup in the middle, a laptop is stolen and its late
work let in change by change. At the end every laptop and the county hold the same, and the conflicts are those of the script.

FIELDAPP_QUARTER_LAPTOPS says how many laptops there are, the two supervisors' among them: 5 in the ordinary run, 20 in the whole one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import select as find

from fieldapp.services import carrying, deciding, enrolling, interviewing, relaying, reviewing, syncing
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.session import Laptop, Session
from fieldapp.store.tables import ChangeRow, ConflictItem, DocState
from forms.engine import Cell, load_form
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.errors import NothingForUs
from sync.records import FormStatus
from sync.scope import Role, register_feed
from sync.server import tables
from sync.server.carrying import take_stick
from sync.server.maintenance import back_up, check, restore
from sync.server.office import Office
from sync.server.running import RunningServer, make_server
from sync.snapshot import unpack_state
from sync.stick import Stick
from tests.services.conftest import CHEAP, FORM, PASSPHRASE, PERIOD, Clock

LAPTOPS = int(os.environ.get("FIELDAPP_QUARTER_LAPTOPS", "5"))
KEY = bytes(range(32))
VILLAGES = ("529900101200", "529900101201")
DAYS, INCOME, PHONE = Cell("/data/qa/q_days"), Cell("/data/qa/q_income"), Cell("/data/qa/hh_phone")


@dataclass
class Enumerator:
    """An enumerator's laptop: the village's place in the list, the households and tasks, how it meets the county."""

    session: Session
    village: int
    households: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    interviews: list[str] = field(default_factory=list)


class Quarter:
    """The county, its people and its sticks."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        make_server(folder / "server", KEY, "529900", "云岭县")
        self.stack = contextlib.ExitStack()
        self.server = self._open(folder / "server", 0)
        office = Office(self.server.service, now_ms=self.now_ms)
        for number, code in enumerate(VILLAGES):
            office.publish_village(code, f"样本{number}村", "青石镇")
        office.publish_form("quarterly", load_form(FORM, name="quarterly.md").xml)
        self.sticks = [Stick(self._made(f"stick{number}")) for number in range(3)]
        self.folders = [folder / f"stick{number}" for number in range(3)]
        self.supervisors = [self.laptop(f"tsup0{n}", Role.TSUP, (code,)) for n, code in enumerate(VILLAGES)]
        self.people = [self._enumerator(number) for number in range(LAPTOPS - 2)]

    def _made(self, name: str) -> Path:
        (self.folder / name).mkdir()
        return self.folder / name

    def _open(self, folder: Path, port: int) -> RunningServer:
        return self.stack.enter_context(RunningServer(folder, KEY, port=port, now_ms=self.now_ms))

    def now_ms(self) -> int:
        return int(self.clock().timestamp() * 1000)

    def laptop(self, account: str, role: Role, villages: tuple[str, ...]) -> Session:
        self.server.service.enrolment.add_account(account, f"测试{account}", role, villages)
        code = self.server.service.enrolment.make_code(account)
        laptop = Laptop(self.folder / account, clock=self.clock, key_cost=CHEAP)
        address = self.server.address
        enrolling.enrol(laptop, address.url, code, device_name=account, fingerprint=address.fingerprint)
        session = enrolling.set_first_passphrase(laptop, account, code, PASSPHRASE)
        self.stack.callback(session.lock)
        return session

    def _enumerator(self, number: int) -> Enumerator:
        village = number % len(VILLAGES)
        return Enumerator(self.laptop(f"enum{number:02d}", Role.ENUM, (VILLAGES[village],)), village)

    def boss(self, person: Enumerator) -> Session:
        return self.supervisors[person.village]

    def everybody(self) -> list[Session]:
        return [*self.supervisors, *(person.session for person in self.people)]

    def restored_to(self, backup: Path) -> None:
        """The server is lost and put back to a backup, at its old address."""
        port = int(self.server.address.url.rpartition(":")[2])
        self.server.__exit__(None, None, None)
        restore(backup, self.folder / "anew", KEY, self.folder / "server" / "tls.pem")
        self.server = self._open(self.folder / "anew", port)

    # --- ways to the county -------------------------------------------------------------------------------------------

    def by_stick(self, session: Session, number: int) -> None:
        carrying.carry_out(session, self.folders[number])

    def sticks_at_the_county(self) -> None:
        for stick in self.sticks:
            assert all(one.complete for one in take_stick(self.server.service, stick, now_ms=self.now_ms))

    def sticks_come_back(self) -> None:
        for person in self.people:
            for folder in self.folders:
                with contextlib.suppress(NothingForUs):
                    carrying.take_in(person.session, folder)


def put(session: Session, root: str, name: str, value: str, village: str) -> None:
    """Types a fact of a household, seeing what the screen shows now."""
    with session.database.transaction() as writing:
        seen = session.changes.view(writing, root)
        content = Content(Kind.EDIT, (Write((), name, value, seen.prev(name)),))
        session.changes.write(writing, content, root=root, root_type=RootType.HOUSEHOLD, feed=register_feed(village))


def household(session: Session, village: str, number: int) -> str:
    root = session.changes.new_root()
    facts = {
        "hh_id": f"{village}{number:04d}", "cov_village_code": village, "cov_group": "一组", "hh_head_name": f"户主{number}",
        "hh_phone": "16900000000", "hh_type_now": "1",
    }  # fmt: skip
    uid = f"{number:032x}"
    writes = [Write((), name, value) for name, value in facts.items()]
    writes += [Write((uid,), "mem_no", "01"), Write((uid,), "mem_name", f"户主{number}")]
    content = Content(Kind.EDIT, tuple(writes), (NewRow("member", (uid,), "1"),))
    with session.database.transaction() as writing:
        session.changes.write(writing, content, root=root, root_type=RootType.HOUSEHOLD, feed=register_feed(village))
    return root


def interview(person: Enumerator, task: str, income: str) -> str:
    opened = interviewing.begin(person.session, task)
    opened.save(opened.interview.confirm(PHONE))
    opened.save(opened.interview.answer(DAYS, "0"))
    opened.save(opened.interview.answer(INCOME, income))
    interviewing.hand_in(opened)
    return opened.header.interview


def correct(person: Enumerator, root: str, income: str) -> None:
    opened = interviewing.open_interview(person.session, root)
    opened.save(opened.interview.answer(INCOME, income))
    interviewing.hand_in(opened)


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quarter]:
    made = Quarter(tmp_path_factory.mktemp("quarter"))
    with made.stack:
        yield made


def play(q: Quarter) -> set[tuple[str, str]]:
    """The script; the conflicts that it leaves: household and field."""
    _hand_out(q)
    first, *others = q.people
    for number, person in enumerate(q.people):
        person.interviews.append(interview(person, person.tasks[0], str(4000 + number)))
    backup = q.folder / "evening.db"

    # Week 1: by wire, by stick, through the township; what is at the township goes to the county over its line.
    with relaying.serve(q.supervisors[0], "127.0.0.1", 0) as township:
        for number, person in enumerate(q.people):
            match number % 3:
                case 0:
                    relaying.hand_over(person.session, township.addresses[0])
                case 1:
                    q.by_stick(person.session, number % len(q.sticks))
                case 2:
                    assert syncing.exchange(person.session).ok
        back_up(q.server.service, backup, KEY)
        assert relaying.push(q.supervisors[0]).ok
        q.sticks_at_the_county()
        for supervisor in q.supervisors:
            assert syncing.exchange(supervisor).ok
        _review_and_return(q)
        for person in q.people:
            if person.village == 0:
                relaying.hand_over(
                    person.session, township.addresses[0]
                )  # what was returned comes through the township
    q.sticks_come_back()

    # The server is put back to the evening before; facts are changed apart meanwhile.
    q.restored_to(backup)
    clashes = _change_facts_apart(q)
    for session in q.everybody():
        assert syncing.exchange(session).ok

    # Corrections, each by another way than before; the first laptop is stolen with its correction in it.
    for person in q.people:
        correct(person, person.interviews[0], "5000")
    q.server.service.enrolment.revoke_device(first.session.device)
    assert syncing.exchange(first.session).quarantined
    for number, person in enumerate(others):
        if number % 2:
            assert syncing.exchange(person.session).ok
        else:
            q.by_stick(person.session, number % len(q.sticks))
    for folder in q.folders:
        relaying.meet_stick(q.supervisors[1], folder)
    assert relaying.push(q.supervisors[1]).ok
    _admit_one_by_one(q)
    clashes -= {_decide_one(q, clashes)}
    for _ in range(2):
        for session in [*q.supervisors, *(person.session for person in others)]:
            assert syncing.exchange(session).ok
    return clashes


def _hand_out(q: Quarter) -> None:
    for supervisor in q.supervisors:
        assert syncing.exchange(supervisor).ok
    for number, person in enumerate(q.people):
        village = VILLAGES[person.village]
        for place in range(2):
            person.households.append(household(q.boss(person), village, 10 * number + place + 1))
        new = [NewAssignment(root, "quarterly", PERIOD, person.session.account) for root in person.households]
        person.tasks += assign(q.boss(person), new)
    for session in q.everybody():
        assert syncing.exchange(session).ok


def _review_and_return(q: Quarter) -> None:
    for person in q.people:
        supervisor, root = q.boss(person), person.interviews[0]
        reviewing.open_sheet(supervisor, root)
        reviewing.send_back(supervisor, root, ("03",), "收入再问一下")
    for supervisor in q.supervisors:
        assert syncing.exchange(supervisor).ok
        assert relaying.push(supervisor).ok


def _change_facts_apart(q: Quarter) -> set[tuple[str, str]]:
    """Each second household: telephone to two numbers (a conflict), group to the same (none), address by one alone (none)."""
    clashes = set()
    for number, person in enumerate(q.people):
        village, root = VILLAGES[person.village], person.households[1]
        put(person.session, root, "hh_phone", f"1690000{number:04d}", village)
        put(q.boss(person), root, "hh_phone", f"1691111{number:04d}", village)
        put(person.session, root, "cov_group", "二组", village)
        put(q.boss(person), root, "cov_group", "二组", village)
        put(person.session, root, "hh_address", "大坪", village)
        clashes.add((root, "hh_phone"))
    return clashes


def _admit_one_by_one(q: Quarter) -> None:
    waiting = [change_id for change_id, device, *_ in q.server.service.waiting()]
    assert waiting, "the stolen laptop's late work"
    for change_id in waiting:
        assert q.server.service.admit(change_id, "office")


def _decide_one(q: Quarter, clashes: set[tuple[str, str]]) -> tuple[str, str]:
    """The second supervisor decides the conflict of the first household that is in question there."""
    supervisor = q.supervisors[1]
    assert syncing.exchange(supervisor).ok
    row = next(one for one in deciding.conflicts(supervisor) if (one.root, one.field) in clashes)
    deciding.open_case(supervisor, row.root, row.row, row.field)
    deciding.take(supervisor, row.root, row.row, row.field, 0, "打过电话")
    return row.root, row.field


@pytest.mark.timeout(1800)
def test_a_quarter_ends_with_equal_digests_and_the_expected_conflicts(quarter: Quarter) -> None:
    expected = play(quarter)
    service = quarter.server.service
    assert service.waiting() == []
    assert check(service.database).changes > 0
    with service.database.reading() as connection:
        states = {row.root: unpack_state(row.state) for row in connection.execute(select(tables.doc_state))}
    stolen = quarter.people[0].session
    for session in quarter.everybody():
        if session is stolen:
            continue
        with session.database.reading() as reading:
            held = {row.root: row.digest for row in reading.exec(find(DocState))}
            clashes = {(row.root, row.field) for row in reading.exec(find(ConflictItem))}
            own = set(reading.exec(find(ChangeRow.state).where(ChangeRow.origin == "own")))
            strange = reading.exec(find(ChangeRow.change_id).where(ChangeRow.origin == "relay")).all()
        assert {root: states[root].digest for root in held} == held, session.account
        assert clashes == {one for one in expected if one[0] in held}, session.account
        assert own <= {"admitted", "durable"}, session.account
        assert not strange, "nothing is provisional any more"
    for person in quarter.people:
        shown = interviewing.open_interview(quarter.boss(person), person.interviews[0])
        assert shown.header.status == FormStatus.SUBMITTED
        assert shown.interview.value(INCOME) == "5000", "the correction, also the stolen laptop's"
