"""A county for tests: the real service on SQLCipher in memory (or on a file, or PostgreSQL), laptops with logs in memory."""

from __future__ import annotations

import itertools
import random
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync.change import Change, Content, Kind, RootType, Write
from sync.client.enrolment import Enrolled, enrol, make_laptop_keys
from sync.client.session import SyncReport, SyncSession
from sync.protocol import CountyServer
from sync.scope import Role, interview_feed, register_feed
from sync.server.database import Database, open_sqlite
from sync.server.keys import make_keys, write_keys
from sync.server.service import CountyService
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.memory_log import MemoryLog

START_MS = 1_790_000_000_000


class FakeTime:
    """A clock that moves when asked."""

    def __init__(self) -> None:
        self.ms = START_MS

    def __call__(self) -> int:
        self.ms += 1
        return self.ms


def make_service(
    database: Database, now_ms: FakeTime, chance: Callable[[int], bytes] = secrets.token_bytes
) -> CountyService:
    """A new county in an empty database."""
    database.create_tables()
    keys = make_keys(COUNTY, "样本县")
    with database.transaction() as connection:
        write_keys(connection, keys)
    return CountyService(database, keys, now_ms=now_ms, chance=chance)


@dataclass
class Laptop:
    """A laptop with its person at it."""

    name: str
    enrolled: Enrolled
    log: MemoryLog
    now_ms: FakeTime

    def session(self, server: CountyServer, **seams: object) -> SyncSession:
        """A sync session over a log in memory that does not really wait."""
        given = {"wait": lambda _: None, **seams}
        return SyncSession(
            server, self.log, self.enrolled.device, self.enrolled.keys.signing, now_ms=self.now_ms, **given
        )  # type: ignore[arg-type]

    def sync(self, server: CountyServer, **seams: object) -> SyncReport:
        """A whole sync."""
        return self.session(server, **seams).run()

    def put(
        self, root: str, field: str, value: object, *, root_type: str = RootType.HOUSEHOLD, feed: str = ""
    ) -> Change:
        """Types a value, seeing what the screen shows now."""
        seen = self.log.view(root)
        content = Content(Kind.EDIT, (Write((), field, value, seen.prev(field)),))
        return self.write(content, root, root_type=root_type, feed=feed)

    def write(self, content: Content, root: str, *, root_type: str = RootType.HOUSEHOLD, feed: str = "") -> Change:
        """Seals any content."""
        place = feed or (
            interview_feed(VILLAGE, self.log.actor) if root_type == RootType.INTERVIEW else register_feed(VILLAGE)
        )
        return self.log.write(content, root=root, root_type=root_type, feed=place, now_ms=self.now_ms())


class County:
    """The service with a handful of people."""

    def __init__(self, database: Database | None = None, chance: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.now_ms = FakeTime()
        self.service = make_service(database or open_sqlite(None, bytes(32)), self.now_ms, chance)
        self._names = itertools.count(1)

    def laptop(
        self,
        account: str,
        role: Role = Role.ENUM,
        villages: Sequence[str] = (VILLAGE,),
        server: CountyServer | None = None,
        seed: int | None = None,
    ) -> Laptop:
        """A new account with an enrolled laptop."""
        self.service.enrolment.add_account(account, f"测试员{next(self._names)}", role, villages)
        code = self.service.enrolment.make_code(account)
        keys = make_laptop_keys() if seed is None else make_laptop_keys(random.Random(seed).randbytes)
        enrolled = enrol(server or self.service, keys, code, f"laptop {account}")
        log = MemoryLog(COUNTY, keys.device, keys.replica, keys.signing, account, enrolled.reply.device_certificate)
        return Laptop(account, enrolled, log, self.now_ms)
