"""One seed's county: people, laptops, sticks and a server, in virtual time and from one source of chance."""

from __future__ import annotations

import gc
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection, event, select

from sync.change import Content, Dot, Kind, NewRow, RootType, Write
from sync.client.enrolment import Enrolled, LaptopKeys, enrol, make_laptop_keys
from sync.client.session import SyncReport
from sync.errors import SyncError
from sync.merge import empty
from sync.protocol import Verdict
from sync.records import RootView, view
from sync.scope import Role, covers, register_feed
from sync.server import tables
from sync.server.database import Database, open_sqlite
from sync.server.keys import CountyKeys, write_keys
from sync.server.service import CountyService
from sync.snapshot import unpack_state
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.county import START_MS, FakeTime
from tests.sync.simulator import disasters, people
from tests.sync.simulator.faults import DiskFull, Faults, Killed, PowerCut
from tests.sync.simulator.invariants import (
    Broken,
    check_acknowledged,
    check_all,
    check_laptop,
    tokens_in_drafts,
    tokens_of,
)
from tests.sync.simulator.laptops import FragileLog, LaptopClock, SimLaptop, troubled
from tests.sync.simulator.line import Line, arrive_late
from tests.sync.simulator.people import HOUSES, INTERVIEWS, OTHER_VILLAGE
from tests.sync.simulator.sticks import MemoryStick, carry

ROUNDS = 10  # invariant I10: after the faults stop everything meets within so many rounds
PEOPLE: tuple[tuple[str, Role, tuple[str, ...]], ...] = (
    ("ce0001", Role.ENUM, (VILLAGE,)),
    ("ts0001", Role.TSUP, (VILLAGE, OTHER_VILLAGE)),
    ("ce0002", Role.ENUM, (VILLAGE, OTHER_VILLAGE)),
    ("vs0001", Role.VSEC, (VILLAGE,)),
)
SECOND = "ce0009"  # may sign in at the first laptop as well


class Killer:
    """Ends the server's process before its n-th statement from now; a dead server does nothing more."""

    def __init__(self) -> None:
        self._left: int | None = None

    def arm(self, statements: int) -> None:
        """It will be the ``statements``-th one."""
        self._left = statements

    def disarm(self) -> None:
        """Not this time."""
        self._left = None

    def watch(self, database: Database) -> None:
        """Counts this database's statements and commits."""
        event.listen(database.engine, "before_cursor_execute", self._one)
        event.listen(database.engine, "commit", self._one)

    def _one(self, *_: object) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self._left = 0
                raise Killed


_KILLER = Killer()  # one for the process: engines are used again by the next seeds, with what they have compiled
_free: list[Database] = []


@dataclass
class Model:
    """What must not be forgotten."""

    written: dict[str, str] = field(default_factory=dict)  # token → laptop
    burnt: set[str] = field(default_factory=set)  # on a disk that was lost before they left it
    unreadable: set[str] = field(default_factory=set)  # written by a newer program: this one cannot see them
    revoked_at: dict[str, set[bytes]] = field(default_factory=dict)  # device → what was admitted before
    let_in: set[bytes] = field(default_factory=set)  # by a person
    trespasses: set[str] = field(default_factory=set)  # tokens written where their author has no right
    locked: dict[str, set[Dot]] = field(default_factory=dict)  # interview → what was admitted before the county's lock
    was_given: dict[str, set[str]] = field(default_factory=dict)  # device → feeds of all its certificates


@dataclass(frozen=True)
class Founded:
    """A county as it is founded, with its people enrolled; copied for every seed."""

    database: Database
    keys: CountyKeys
    enrolled: dict[str, Enrolled]
    second_code: str


@lru_cache(maxsize=2)
def founded(county: str = COUNTY) -> Founded:
    """Founding takes longer than a seed, so it is done once a process."""
    chance = random.Random(county).randbytes
    database = open_sqlite(None, bytes(32))
    database.create_tables()
    keys = CountyKeys(
        county, "样本县", Ed25519PrivateKey.from_private_bytes(chance(32)),
        X25519PrivateKey.from_private_bytes(chance(32)), chance(32),
    )  # fmt: skip
    with database.transaction() as connection:
        write_keys(connection, keys)
    service = CountyService(database, keys, now_ms=FakeTime(), chance=chance)
    enrolled = {}
    for account, role, villages in PEOPLE:
        service.enrolment.add_account(account, f"测试员{account}", role, villages)
        made = make_laptop_keys(chance)
        enrolled[account] = enrol(service, made, service.enrolment.make_code(account), f"laptop {account}")
    service.enrolment.add_account(SECOND, "测试员乙", Role.ENUM, (VILLAGE,))
    return Founded(database, keys, enrolled, service.enrolment.make_code(SECOND))


def copied(database: Database) -> Database:
    """The same database once more, in memory."""
    if _free:
        new = _free.pop()
    else:
        new = open_sqlite(None, bytes(32))
        _KILLER.watch(new)
    with database.engine.connect() as here, new.engine.connect() as there:
        source: Any = here.connection.driver_connection
        source.rollback()
        source.backup(there.connection.driver_connection)
    return new


def let_go(database: Database | None) -> None:
    """No longer needed; the next seed writes over it."""
    if database is not None:
        _free.append(database)


class World:
    """The county of one seed."""

    def __init__(self, seed: int, *, faults: Faults | None = None) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.faults = faults or Faults.drawn(self.rng)
        self.chance: Callable[[int], bytes] = random.Random(seed + 1).randbytes
        self.calm = True
        self.struck: Counter[str] = Counter()
        self.now_ms = FakeTime()
        self.now_ms.ms = START_MS + 86_400_000
        self.killer = _KILLER
        self.killer.disarm()
        self.model = Model()
        self.later: list[tuple[int, Callable[[], object]]] = []
        self.evil: dict[str, int] = {}
        self.backup: Database | None = None
        self.revoked_then: dict[str, set[bytes]] = {}
        self.sticks = [MemoryStick(self) for _ in range(self.rng.randint(1, 3))]
        self.hostile_key = Ed25519PrivateKey.from_private_bytes(self.chance(32))
        self._tokens = 0
        self._ticks = 0
        start = founded()
        self.keys = start.keys
        self.begin_with(copied(start.database))
        self.laptops = [self._laptop(start, account) for account, _, _ in PEOPLE[: self.rng.choice((2, 2, 3, 3, 4))]]
        self._first_households()
        self.calm = False

    def _laptop(self, start: Founded, account: str) -> SimLaptop:
        enrolled = start.enrolled[account]
        keys: LaptopKeys = enrolled.keys
        if account == PEOPLE[0][0] and self.faults.second_person:
            enrolled = enrol(self.service, keys, start.second_code)
        log = FragileLog(
            COUNTY, keys.device, self.rng.randbytes(8), keys.signing, account, enrolled.reply.device_certificate
        )
        log.county_key = start.keys.verify_key
        log.chance = lambda: self.rng.getrandbits(16)
        clock = LaptopClock(lambda: self.now_ms.ms, self.faults.clock, self.rng)
        people_here = [account, SECOND] if enrolled is not start.enrolled[account] else [account]
        laptop = SimLaptop(account, enrolled, log, clock, people_here)
        log.trouble = troubled(self, laptop)
        self.model.was_given[keys.device] = set(enrolled.device.feeds)
        return laptop

    def _first_households(self) -> None:
        """Two households with a member each, and an interview that has been handed in."""
        for number, (root, village) in enumerate(zip(HOUSES, (VILLAGE, OTHER_VILLAGE), strict=True)):
            place = register_feed(village)
            laptop = next((one for one in self.laptops if covers(one.enrolled.device.feeds, place)), None)
            if laptop is not None:
                member = (f"{number}b" * 16,)
                writes = (Write((), "hh_count", self.token(laptop)), Write(member, "mem_name", self.token(laptop)))
                content = Content(Kind.EDIT, writes, (NewRow("member", member, "1"),))
                laptop.log.write(content, root=root, root_type=RootType.HOUSEHOLD, feed=place, now_ms=self.now_ms())
        first = self.laptops[0]
        people.put(self, first, INTERVIEWS[first.name], "p")
        people.review(self, first)

    # --- chance and time ------------------------------------------------------------------------------------------

    def hit(self, fault: str, chance: float) -> bool:
        """A fault strikes."""
        if self.calm or self.rng.random() >= chance:
            return False
        self.struck[fault] += 1
        return True

    def tick(self) -> int:
        """A number that grows."""
        self._ticks += 1
        return self._ticks

    def token(self, laptop: SimLaptop) -> str:
        """A value that nobody else writes."""
        self._tokens += 1
        token = f"t#{self._tokens}"
        self.model.written[token] = laptop.name
        return token

    @property
    def other_county(self) -> CountyService:
        """Another county's server."""
        start = founded("529922")
        return CountyService(start.database, start.keys, now_ms=self.now_ms, chance=self.chance)

    # --- the server -----------------------------------------------------------------------------------------------

    def begin_with(self, database: Database) -> None:
        """A server process on this database."""
        self.service = CountyService(database, self.keys, now_ms=self.now_ms, chance=self.chance)

    def restart(self) -> None:
        """The server process begins again on its database."""
        self.killer.disarm()
        self.service = CountyService(self.service.database, self.keys, now_ms=self.now_ms, chance=self.chance)

    def back_up(self) -> None:
        """A copy is put away, and the laptops will be told (as maintenance.back_up does)."""
        let_go(self.backup)
        self.backup = copied(self.service.database)
        self.revoked_then = dict(self.model.revoked_at)
        table = tables.replica
        with self.backup.reading() as connection:
            held = connection.execute(select(table.c.replica, table.c.upto)).all()

        def tell(connection: Connection) -> None:
            for row in held:
                where = (table.c.county_id == COUNTY, table.c.replica == row.replica)
                connection.execute(table.update().where(*where).values(durable_upto=row.upto))

        self.service.database.run(tell)
        self.struck["server backed up"] += 1

    def admitted_of(self, device: str) -> set[bytes]:
        """Ids of the admitted changes of a laptop."""
        table = tables.change
        with self.service.database.reading() as connection:
            where = (table.c.device == device, table.c.verdict == int(Verdict.ADMITTED))
            return set(connection.execute(select(table.c.change_id).where(*where)).scalars())

    def shown_at_the_county(self, root: str) -> RootView:
        """A root as the county office sees it."""
        with self.service.database.reading() as connection:
            table = tables.doc_state
            state = connection.execute(select(table.c.state).where(table.c.root == root)).scalar()
        return view(unpack_state(state) if state else empty(root))

    def owner_of(self, root: str) -> str:
        """Whose portfolio an interview is in."""
        table = tables.root_home
        with self.service.database.reading() as connection:
            query = select(table.c.portfolio).where(table.c.root == root).order_by(table.c.number.desc())
            return str(connection.execute(query).scalars().first())

    def admitted_dots(self, root: str) -> set[Dot]:
        """Dots of the admitted changes of a root."""
        table = tables.change
        with self.service.database.reading() as connection:
            where = (table.c.root == root, table.c.verdict == int(Verdict.ADMITTED))
            return {
                (row.replica, row.seq) for row in connection.execute(select(table.c.replica, table.c.seq).where(*where))
            }

    def dots_let_in(self) -> set[Dot]:
        """Dots of the changes that a person let in."""
        table = tables.change
        with self.service.database.reading() as connection:
            rows = connection.execute(select(table.c.change_id, table.c.replica, table.c.seq)).all()
        return {(row.replica, row.seq) for row in rows if row.change_id in self.model.let_in}

    def on_disk(self, laptop: SimLaptop) -> set[str]:
        """The tokens of a laptop's own work."""
        sealed = {token for _, kept in laptop.log.held() if kept.own for token in tokens_of(kept.change)}
        return sealed | tokens_in_drafts(laptop)

    # --- what happens ---------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One thing happens."""
        laptop = self.rng.choice(self.laptops)
        self.now_ms.ms += self.rng.choice((1000, 60_000, 3_600_000, 86_400_000))
        if self.later and self.rng.random() < 0.3:
            arrive_late(self)
        choice = self.rng.random()
        if choice < 0.55:
            self.rng.choice((people.edit, people.edit, people.roster, people.review, people.decide))(self, laptop)
        elif choice < 0.76:
            self.meet(laptop)
        else:
            self.disaster(laptop)
        check_laptop(self, laptop)
        # Of a restored server a laptop learns at its next meeting; of a copied disk's other half likewise.
        honest = not (self.struck["server restored"] or self.faults.clone or self.faults.restore_laptop)
        if honest and self.rng.random() < 0.3:
            check_acknowledged(self, laptop)

    def meet(self, laptop: SimLaptop) -> None:
        """By stick or by line."""
        if self.hit("stick", self.faults.stick):
            self._perhaps_dying(lambda: carry(self, laptop))
        else:
            self._perhaps_dying(lambda: self.sync(laptop))

    def _perhaps_dying(self, work: Callable[[], object]) -> None:
        try:
            work()
        except (PowerCut, DiskFull):
            return

    def sync(self, laptop: SimLaptop) -> SyncReport:
        """A meeting over the line, which may end anywhere."""
        session = laptop.session(Line(self), chance=self.chance, elapsed_s=lambda: 0.0)
        if self.faults.tiny:
            session._segment = 1
        try:
            session.run()
        except SyncError:
            if self.calm:
                raise
        return session.report

    def disaster(self, laptop: SimLaptop) -> None:
        """Perhaps something bad, or something rare."""
        faults = self.faults
        deeds: list[tuple[str, float, Callable[[World, SimLaptop], None]]] = [
            ("restart", faults.restart, disasters.restart),
            ("restore_server", faults.restore_server, disasters.back_up_or_restore_server),
            ("restore_laptop", faults.restore_laptop, disasters.restore_laptop),
            ("clone", faults.clone, disasters.clone),
            ("noise", faults.noise, disasters.noise),
            ("forge", faults.forge, disasters.forge),
            ("trespass", faults.trespass, disasters.trespass),
            ("replay", faults.replay, disasters.replay),
            ("giant", faults.giant, disasters.giant),
            ("bomb", faults.bomb, disasters.bomb),
            ("poison", faults.poison, disasters.poison),
            ("newer", faults.newer, people.newer),
            ("revoke", faults.revoke, disasters.revoke),
            ("narrow", faults.narrow, people.narrow),
            ("move", faults.move, people.move),
            ("office", 0.15, people.office),
        ]
        self.rng.shuffle(deeds)
        for name, chance, deed in deeds:
            if self.hit(name, chance):
                deed(self, laptop)
                return

    # --- the end --------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """The faults stop; everybody meets the county again and again, until nothing is new."""
        self.calm = True
        arrive_late(self)
        for _ in range(ROUNDS):
            before = self._standing()
            unsent = 0
            for laptop in self.laptops:
                unsent += self.sync(laptop).unsent
            if self._standing() == before:
                if unsent:
                    raise Broken("I10: the county does not take what it is sent")
                return
        raise Broken("I10: no rest after the faults have stopped")

    def _standing(self) -> object:
        with self.service.database.reading() as connection:
            table = tables.feed
            heads = [
                tuple(row)
                for row in connection.execute(select(table.c.feed_id, table.c.digest).order_by(table.c.feed_id))
            ]
        return heads, [
            (one.log.replica, one.log.max_seq, one.log.certificate, sorted((c.feed, c.vseq, c.digest) for c in one.log.at.values()),
             one.log.own_waiting(one.log.answered()))
            for one in self.laptops
        ]  # fmt: skip

    def check(self) -> None:
        """All invariants."""
        check_all(self)

    @staticmethod
    def let_go(database: Database) -> None:
        """A database that is no longer the county's."""
        let_go(database)

    def close(self) -> None:
        """Lets go of the databases."""
        let_go(self.service.database)
        let_go(self.backup)


def run(seed: int, *, steps: int = 0, faults: Faults | None = None) -> Counter[str]:
    """One seed from beginning to end; what struck. Raises Broken (or the bug itself)."""
    gc.disable()  # the circles of one seed are small; they go together every few seeds
    world = World(seed, faults=faults)
    try:
        for _ in range(steps or world.rng.randint(10, 35)):
            world.step()
        world.settle()
        world.check()
        return world.struck
    finally:
        world.close()
        if seed % 20 == 0:
            gc.collect()
        gc.enable()
