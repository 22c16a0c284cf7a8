"""A laptop's day for the crash laboratory: sign in, answers, hand in, over the wire, out on a stick, in from a stick.

Every step may be done again; the day can be begun anew after any end it had.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlmodel import select

from fieldapp.services import carrying, enrolling, interviewing, syncing
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.session import Laptop, Session
from fieldapp.store.tables import ChangeRow, DocState, FeedCursor, InterviewRow
from forms.engine import Cell, load_form
from forms.errors import FieldAppError
from sync.client.http_server import HttpServer
from sync.scope import Role
from sync.server import feeds, tables
from sync.server.carrying import take_stick
from sync.server.office import Office
from sync.server.running import RunningServer, make_server, open_server
from sync.snapshot import unpack_state
from sync.stick import Stick
from tests.crash.struck import Line, Process, Strike
from tests.services.conftest import CHEAP, FORM, PASSPHRASE, PERIOD, START, VILLAGE, write_household

KEY: Final = bytes(range(32))
PHONE, DAYS, INCOME, CLOTH = (Cell(f"/data/qa/{name}") for name in ("hh_phone", "q_days", "q_income", "q_cloth"))
TYPED: Final = {DAYS: "3", INCOME: "5330"}
TYPED_LATER: Final = {CLOTH: "1"}


class Clock:
    """Now: a fixed day, moved a little by every look."""

    def __init__(self, hours: float) -> None:
        self._now = START + timedelta(hours=hours)

    def __call__(self) -> datetime:
        self._now += timedelta(milliseconds=3)
        return self._now

    def ms(self) -> int:
        return int(self().timestamp() * 1000)


def prepare(folder: Path) -> None:
    """A county with a household assigned to ``enum01``, on its laptop already."""
    clock = Clock(0)
    make_server(folder / "county", KEY, "529900", "云岭县")
    with open_server(folder / "county", KEY, now_ms=clock.ms) as county:
        office = Office(county, now_ms=clock.ms)
        office.publish_village(VILLAGE, "双河村", "青石镇")
        office.publish_form("quarterly", load_form(FORM, name="quarterly.md").xml)

        def laptop(account: str, name: str, role: Role) -> Session:
            county.enrolment.add_account(account, name, role, (VILLAGE,))
            code = county.enrolment.make_code(account)
            one = Laptop(folder / account, clock=clock, key_cost=CHEAP)
            enrolling.enrol(one, "http://127.0.0.1:1", code, device_name=account, server=county)
            return enrolling.set_first_passphrase(one, account, code, PASSPHRASE)

        supervisor, enumerator = laptop("tsup01", "刘志远", Role.TSUP), laptop("enum01", "王建国", Role.ENUM)
        syncing.exchange(supervisor, server=county)
        household = write_household(supervisor)
        assign(supervisor, [NewAssignment(household, "quarterly", PERIOD, "enum01")])
        for one in (supervisor, enumerator):
            assert syncing.exchange(one, server=county).ok
            one.lock()
    (folder / "stick").mkdir()


def serve(folder: Path, line: Line) -> None:
    """The county's process: says its address, reads the stick when asked."""
    with RunningServer(folder / "county", KEY, tls=False, now_ms=Clock(1).ms) as server:
        line.say(server.address.url)
        while line.hear() == "stick":
            take_stick(server.service, Stick(folder / "stick"), now_ms=Clock(1).ms)
            line.say("read")


class _GivenUp(Exception):
    """A step failed twice."""


class Day:
    """The script. Says ``done STEP`` for what is acknowledged and ``refused STEP ERROR`` for what the world forbade."""

    def __init__(self, folder: Path, url: str, line: Line, hours: float) -> None:
        self._folder, self._url, self._line = folder, url, line
        self._laptop = Laptop(folder / "enum01", clock=Clock(hours), key_cost=CHEAP)
        self._session: Session | None = None

    def run(self) -> None:
        try:
            self._step("sign in", self._sign_in)
            session = self.session
            assignment = _assignment(session)
            self._opened = self._step("begin", lambda: interviewing.begin(session, assignment))
            if self._opened.header.status < 50:
                self._type({PHONE: None, **TYPED})
                self._step("seal", self._opened.seal)
                self._step("wire", self._exchange)
                self._type(TYPED_LATER)
                self._step("hand in", lambda: interviewing.hand_in(self._opened))
            self._step("stick out", lambda: carrying.carry_out(session, self._folder / "stick"))
            self._line.say("read the stick")
            self._line.hear()
            self._step("stick in", lambda: carrying.take_in(session, self._folder / "stick"))
            self._step("wire again", self._exchange)
            self._step("lock", session.lock)
        except _GivenUp as error:
            self._line.say(f"gave up {error}")

    @property
    def session(self) -> Session:
        assert self._session is not None
        return self._session

    def _sign_in(self) -> None:
        self._session = self._laptop.unlock("enum01", PASSPHRASE)

    def _type(self, answers: dict[Cell, str | None]) -> None:
        for cell, value in answers.items():
            interview = self._opened.interview
            effects = interview.confirm(cell) if value is None else interview.answer(cell, value)
            self._step(f"saved {cell.path} {value or ''}", lambda effects=effects: self._opened.save(effects))

    def _exchange(self) -> None:
        with HttpServer(self._url, b"") as wire:
            syncing.exchange(self.session, server=wire)

    def _step(self, name: str, deed: Callable[[], object]) -> object:
        for _ in range(2):
            try:
                came = deed()
                self._line.say(f"done {name}")
                return came
            except FieldAppError as error:
                self._line.say(f"refused {name}: {type(error).__name__}")
        raise _GivenUp(name)


def _assignment(session: Session) -> str:
    with session.database.reading() as reading:
        return str(reading.exec(select(ChangeRow.root).where(ChangeRow.root_type == "assignment")).first())


def struck_day(folder: Path, strike: Strike | None = None, count: Path | None = None, *, hours: float = 2) -> list[str]:
    """One day with a strike, then the finish without. What is wrong afterwards, in words; empty when all is well."""
    county = Process(lambda line: serve(folder, line))
    url = county.line.hear()
    laptop = Process(lambda line: Day(folder, url, line, hours).run(), strike, count)
    said = _listen(laptop, county)
    code = laptop.end()
    wrong = [text for text in said if text.startswith("!")]
    if strike is not None and strike.fault != "kill":
        wrong += [text for text in said if text.startswith("gave up")]
    if code not in (0, -9) and not wrong:
        wrong.append(f"ended with {code}")
    later = Process(lambda line: _look_and_finish(folder, url, said, line, hours + 24))
    wrong += [text for text in _listen(later, county) if not text.startswith(("done", "refused"))]
    later.end()
    county.end(kill=True)
    return wrong


def warm_up(base: Path, folder: Path) -> None:
    """A day in this very process, so that the processes forked from it need not begin from nothing."""
    shutil.copytree(base, folder)
    county = Process(lambda line: serve(folder, line))
    url = county.line.hear()

    class Reader:
        def say(self, text: str) -> None:
            if text == "read the stick":
                county.line.say("stick")

        def hear(self) -> str:
            return county.line.hear()

    Day(folder, url, Reader(), 2).run()  # type: ignore[arg-type]
    county.end(kill=True)
    shutil.rmtree(folder)


def killed_day(folder: Path, after_s: float, *, hours: float) -> list[str]:
    """A day that is killed after so long; what of the acknowledged is missing on the laptop."""
    county = Process(lambda line: serve(folder, line))
    url = county.line.hear()
    laptop = Process(lambda line: Day(folder, url, line, hours).run())
    killer = threading.Timer(after_s, os.kill, (laptop.pid, signal.SIGKILL))
    killer.start()
    said = _listen(laptop, county)
    killer.join()
    laptop.end()
    later = Process(lambda line: _look(folder, said, line, hours + 0.5))
    wrong = [text for text in said if text.startswith("!")] + _listen(later, county)
    later.end()
    county.end(kill=True)
    return wrong


def _listen(laptop: Process, county: Process) -> list[str]:
    said = []
    while text := laptop.line.hear():
        if text == "read the stick":
            county.line.say("stick")
            laptop.line.say(county.line.hear())
        else:
            said.append(text)
    return said


def _look_and_finish(folder: Path, url: str, said: list[str], line: Line, hours: float) -> None:
    """Opens the store again, looks for what was acknowledged, does the day to its end and compares with the county."""
    _look(folder, said, line, hours)
    Day(folder, url, line, hours + 2).run()
    with (
        _signed_in(folder, hours + 4) as session,
        open_server(folder / "county", KEY, now_ms=Clock(hours + 4).ms) as county,
    ):
        left = syncing.unsent(session)
        if left.changes or left.drafts or left.quarantined:
            line.say(f"left on the laptop: {left}")
        values = _values(session)
        for cell, value in {**TYPED, **TYPED_LATER}.items():
            if values.get(cell) != value:
                line.say(f"lost in the end: {cell.path}")
        for problem in _differences(session, county):
            line.say(problem)


def _look(folder: Path, said: list[str], line: Line, hours: float) -> None:
    """Opens the store again and looks for what was acknowledged."""
    with _signed_in(folder, hours) as session:
        for problem in session.database.integrity_problems():
            line.say(f"store: {problem}")
        values = _values(session)
        acknowledged = dict(text.split(" ")[2:4] for text in said if text.startswith("done saved"))
        for path, value in acknowledged.items():
            if value and values.get(Cell(path)) != value:
                line.say(f"lost: {path}")


@contextmanager
def _signed_in(folder: Path, hours: float) -> Iterator[Session]:
    with Laptop(folder / "enum01", clock=Clock(hours), key_cost=CHEAP).unlock("enum01", PASSPHRASE) as session:
        yield session


def _values(session: Session) -> dict[Cell, str]:
    with session.database.reading() as reading:
        root = reading.exec(select(InterviewRow.root)).first()
    return dict(interviewing.open_interview(session, root).interview.saved().values) if root else {}


def _differences(session: Session, county: object) -> Iterator[str]:
    """Digests of feeds and roots, and the laptop's changes, on both sides."""
    service = county
    with service.database.reading() as connection:  # type: ignore[attr-defined]
        heads = {head.feed: (head.vseq, head.digest) for head in feeds.heads(connection, "529900", ("county", "v:*"))}
        states = {row.root: unpack_state(row.state).digest for row in connection.execute(tables.doc_state.select())}
        there = {row.change_id: row.verdict for row in connection.execute(tables.change.select())}
    with session.database.reading() as reading:
        for cursor in reading.exec(select(FeedCursor)):
            if heads.get(cursor.feed) != (cursor.vseq, cursor.digest):
                yield f"feed {cursor.feed} differs"
        for state in reading.exec(select(DocState)):
            if states.get(state.root) != state.digest:
                yield f"root {state.root_type} differs"
        for change in reading.exec(select(ChangeRow).where(ChangeRow.origin == "own")):
            if there.get(change.change_id) != 0:
                yield f"own change {change.seq} is not admitted"
