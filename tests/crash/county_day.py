"""The county's day for the crash laboratory: changes admitted, feeds given out, a stick read and receipted.

The laptops live in the process that asks; only the server is struck, started again on its folder, and asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from sync.client.carrying import Porter
from sync.client.enrolment import enrol, make_laptop_keys
from sync.client.http_server import HttpServer
from sync.errors import NothingForUs, SyncError
from sync.protocol import Have, Verdict
from sync.scope import Role
from sync.server.carrying import take_stick
from sync.server.errors import ServerError
from sync.server.maintenance import check
from sync.server.running import RunningServer, make_server, open_server
from sync.server.service import CountyService
from sync.stick import Stick
from tests.crash.struck import Line, Process, Strike
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.county import FakeTime, Laptop
from tests.sync.memory_log import MemoryLog

KEY = bytes(range(32))
HOUSE, OTHER_HOUSE = "aa" * 16, "bb" * 16
_TRIES = 6


@dataclass
class People:
    """An enumerator and a supervisor with their laptops."""

    enumerator: Laptop
    supervisor: Laptop


def prepare(folder: Path) -> People:
    """A county in the folder; laptops that it knows."""
    now_ms = FakeTime()
    make_server(folder / "county", KEY, COUNTY, "样本县")
    (folder / "stick").mkdir()
    with open_server(folder / "county", KEY, now_ms=now_ms) as service:
        enumerator = enrolled_laptop(service, "ce0001", Role.ENUM)
        return People(enumerator, enrolled_laptop(service, "ts0001", Role.TSUP))


def enrolled_laptop(service: CountyService, account: str, role: Role) -> Laptop:
    """A new person of the village with a laptop."""
    service.enrolment.add_account(account, "测试员", role, [VILLAGE])
    keys = make_laptop_keys()
    enrolled = enrol(service, keys, service.enrolment.make_code(account))
    log = MemoryLog(COUNTY, keys.device, keys.replica, keys.signing, account, enrolled.reply.device_certificate)
    return Laptop(account, enrolled, log, FakeTime())


def serve(folder: Path, line: Line) -> None:
    """The process that is struck."""
    try:
        with RunningServer(folder / "county", KEY, tls=False, now_ms=FakeTime()) as server:
            line.say(server.address.url)
            while line.hear() == "stick":
                try:
                    delivered = take_stick(server.service, Stick(folder / "stick"), now_ms=FakeTime())
                    refused = [one.refused for one in delivered if one.refused]
                    line.say(f"refused: {refused}" if refused else "read")
                except (SyncError, ServerError) as error:
                    line.say(f"refused: {type(error).__name__}")
    except (SyncError, ServerError) as error:
        line.say(f"refused: {type(error).__name__}")


@dataclass
class Day:
    """The script, against a server that may die once."""

    folder: Path
    people: People
    strike: Strike | None = None
    count: Path | None = None
    wrong: list[str] = field(default_factory=list)
    restarts: int = 0

    def run(self) -> list[str]:
        self._start(self.strike, self.count)
        li, boss = self.people.enumerator, self.people.supervisor
        for number in range(3):
            li.put(HOUSE, f"x{number}", number)
        self._sync(li)
        self._sync(boss)
        boss.put(HOUSE, "x0", 7)
        li.put(HOUSE, "x0", 8)
        self._sync(boss)
        li.put(OTHER_HOUSE, "y", "石")
        self._by_stick(li)
        self._sync(li)
        self._sync(boss)
        self._server.end(kill=True)
        self._compare()
        return self.wrong

    def _start(self, strike: Strike | None = None, count: Path | None = None) -> None:
        self._server = Process(lambda line: serve(self.folder, line), strike, count)
        self._url = self._server.line.hear()
        if not self._url.startswith("http"):
            if self._url.startswith("!"):
                self.wrong.append(self._url)
            self._again()

    def _again(self) -> None:
        """The server is gone or does not come up: it is started anew, and this time nothing strikes."""
        self._server.end(kill=True)
        self.restarts += 1
        if self.restarts > 2:
            raise RuntimeError("the server does not come up any more")
        self._start()

    def _sync(self, laptop: Laptop) -> None:
        for _ in range(_TRIES):
            try:
                with HttpServer(self._url, b"") as wire:
                    report = laptop.sync(wire)
                if report.complete:
                    return
            except SyncError as error:
                if str(error).startswith("500"):
                    self.wrong.append(f"a fault in the server: {error}")
                if not self._server.alive:
                    self._again()
        self.wrong.append(f"{laptop.name} is never complete")

    def _by_stick(self, laptop: Laptop) -> None:
        stick = Stick(self.folder / "stick")
        keys, reply = laptop.enrolled.keys, laptop.enrolled.reply
        porter = Porter(
            laptop.log, laptop.enrolled.device, keys.signing, keys.sealing,
            Ed25519PublicKey.from_public_bytes(reply.county_signing_key),
            X25519PublicKey.from_public_bytes(reply.county_sealing_key), now_ms=laptop.now_ms,
        )  # fmt: skip
        carried = porter.carry_out(stick)
        for _ in range(_TRIES):
            if self._ask("stick") == "read":
                break
        else:
            self.wrong.append("the stick is never read")
        receipts = [receipt.bundle for receipt in porter.receipts(stick)]
        if receipts != [carried.name]:
            self.wrong.append(f"{len(receipts)} receipts")
        try:
            for server in porter.carried_in(stick):
                laptop.sync(server)
                porter.clear(stick, [server])
        except NothingForUs:
            self.wrong.append("no answer on the stick")

    def _ask(self, word: str) -> str:
        try:
            self._server.line.say(word)
            answer = self._server.line.hear()
        except (BrokenPipeError, ConnectionError):
            answer = ""
        if answer.startswith("!"):
            self.wrong.append(answer)
        if not answer or answer.startswith("!"):
            self._again()
        return answer

    def _compare(self) -> None:
        with open_server(self.folder / "county", KEY) as service:
            laptops = [self.people.enumerator, self.people.supervisor]
            self.wrong += differences(service, laptops)
        if len(laptops[0].log.view(HOUSE).conflicts) != 1:
            self.wrong.append("the conflict is gone")


def differences(service: CountyService, laptops: Sequence[Laptop]) -> Iterator[str]:
    """What the county's database says against itself, and what it and the laptops do not agree about."""
    try:
        check(service.database)  # pages, signatures, gapless feeds, states = log, audit chains
    except ServerError as error:
        yield f"check: {error}"
    for laptop in laptops:
        have = service.have(laptop.log.replica)
        if have != Have(laptop.log.max_seq):
            yield f"{laptop.name}: {have}"
        told = [kept for kept in laptop.log.kept.values() if kept.verdict not in (Verdict.ADMITTED, Verdict.DUPLICATE)]
        if told:
            yield f"{laptop.name}: {len(told)} changes without the county's yes"
    one, *others = laptops
    for other in others:
        shared = sorted(set(one.log.at) & set(other.log.at))
        if [one.log.at[feed] for feed in shared] != [other.log.at[feed] for feed in shared]:
            yield f"feeds differ: {one.name}, {other.name}"
        if _digests(one) != _digests(other):
            yield f"roots differ: {one.name}, {other.name}"


def _digests(laptop: Laptop) -> list[bytes]:
    return [laptop.log.state(root).digest for root in laptop.log.roots()]
