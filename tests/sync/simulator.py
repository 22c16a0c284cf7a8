"""A deterministic county: the real service and the real session over a line, disks and clocks that fail, all from one seed.

    python -m tests.sync.simulator 0 300

One thread, virtual time, seeded chance. Each seed draws its own faults. Whatever goes wrong, the invariants of sync.md 5.3
hold; a failure names its seed. The laptops' logs are ``MemoryLog``; SQLCipher in memory holds the county.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from sync.change import Change, Content, DeletedRow, Kind, Meta, NewRow, RootType, Write
from sync.codec import open_any, open_sealed, peek, seal
from sync.errors import BadBytes, ServerUnreachable, SyncError
from sync.ids import row_id
from sync.merge import RootState, merge_all
from sync.protocol import ExchangePart, Verdict
from sync.records import Level, dots_of_row, drop_row, keep_row, review_step, take_value, view
from sync.scope import Role, covers, interview_feed, read_device_certificate, register_feed
from sync.server import tables
from sync.server.database import Database, open_sqlite
from sync.server.keys import write_value
from sync.server.maintenance import check
from sync.server.service import CountyService
from sync.snapshot import unpack_state
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.county import County, Laptop

ROUNDS = 8  # invariant I10: after the faults stop everything meets within so many rounds
OTHER_VILLAGE = "529921002002"
PEOPLE: tuple[tuple[str, Role, tuple[str, ...]], ...] = (
    ("ce0001", Role.ENUM, (VILLAGE,)),
    ("ts0001", Role.TSUP, (VILLAGE, OTHER_VILLAGE)),
    ("ce0002", Role.ENUM, (VILLAGE, OTHER_VILLAGE)),
    ("vs0001", Role.VSEC, (VILLAGE,)),
)
HOUSES = ("a1" * 16, "a2" * 16)
INTERVIEWS = {"ce0001": "c1" * 16, "ce0002": "c2" * 16}


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass
class Faults:
    """What may go wrong in this seed: chances between 0 and 1."""

    lose_request: float = 0.0
    lose_answer: float = 0.0
    cut_answer: float = 0.0
    repeat: float = 0.0
    restart: float = 0.0
    restore_server: float = 0.0
    restore_laptop: float = 0.0
    clone: float = 0.0
    skew_ms: int = 0
    noise: float = 0.0
    forge: float = 0.0
    trespass: float = 0.0
    revoke: float = 0.0
    tiny: bool = False
    reorder: float = 0.0  # a few of the changes, in any order: what sticks and relays do

    @classmethod
    def drawn(cls, rng: random.Random) -> Faults:
        """A swarm: each fault is on in about half of the seeds."""

        def some(most: float) -> float:
            return rng.choice((0.0, most * rng.random()))

        return cls(
            some(0.4), some(0.4), some(0.5), some(0.3), some(0.1), some(0.04), some(0.05), some(0.05),
            rng.choice((0, 0, 1000, 20 * 365 * 86_400_000)), some(0.1), some(0.1), some(0.1), some(0.04),
            rng.random() < 0.3,
            some(0.3),
        )  # fmt: skip


class Line:
    """A ``CountyServer`` that fails as the seed wants."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._world.service, name)
        if name not in ("hello", "feed", "digests", "offer"):
            return real

        def ask(*arguments: Any) -> Any:
            self._before()
            answer = real(*arguments)
            return list(answer) if name == "feed" else answer

        return ask

    def exchange(self, token: bytes, sending: Any, cursors: Any, max_down: int) -> Iterator[ExchangePart]:
        """The real exchange behind lost, repeated and cut messages."""
        world, faults = self._world, self._world.faults
        self._before()
        raws = list(sending)
        if world.hit(faults.reorder):
            raws = world.rng.sample(raws, world.rng.randint(0, len(raws)))
        if world.hit(faults.repeat):
            list(world.service.exchange(token, raws, cursors, max_down))
        if raws and world.hit(faults.cut_answer):
            raws = raws[: world.rng.randint(0, len(raws))]
            world.service.exchange(token, raws, cursors, max_down)
            raise ServerUnreachable("cut on the way up")
        parts = list(world.service.exchange(token, raws, cursors, max_down))
        if world.hit(faults.lose_answer):
            raise ServerUnreachable("the answer got lost")
        if world.hit(faults.restart):
            world.restart()
        cut = world.rng.randint(0, len(parts)) if world.hit(faults.cut_answer) else len(parts)
        return self._given(parts, cut)

    @staticmethod
    def _given(parts: list[ExchangePart], cut: int) -> Iterator[ExchangePart]:
        yield from parts[:cut]
        if cut < len(parts):
            raise ServerUnreachable("cut on the way down")

    def _before(self) -> None:
        if self._world.hit(self._world.faults.lose_request):
            raise ServerUnreachable("the request got lost")


@dataclass
class Model:
    """What must not be forgotten: the tokens (unique values) each person wrote and who holds them on which disk."""

    written: dict[str, str] = field(default_factory=dict)  # token → laptop
    revoked_at: dict[str, set[bytes]] = field(default_factory=dict)  # device → what was admitted before
    doubtful: set[str] = field(default_factory=set)  # tokens on a disk that burnt before they left it


class World:
    """One seed's county."""

    def __init__(self, seed: int, *, faults: Faults | None = None) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.faults = faults or Faults.drawn(self.rng)
        self._chance = random.Random(seed + 1).randbytes
        self.county = County(open_sqlite(None, bytes(32)), self._chance)
        self.service: CountyService = self.county.service
        self.model = Model()
        self.laptops: list[Laptop] = []
        self._backup: Database | None = None
        self._images: dict[str, tuple[dict[str, Any], set[str]]] = {}
        self._tokens = 0
        self.calm = False
        for number, (account, role, villages) in enumerate(PEOPLE[: self.rng.randint(2, 4)]):
            self.laptops.append(self.county.laptop(account, role, villages, seed=seed * 10 + number))
        for number, house in enumerate(HOUSES):
            place = register_feed(VILLAGE if number == 0 else OTHER_VILLAGE)
            laptop = self._first_of(place)
            if laptop is not None:
                self.put(laptop, house, "hh_count", feed=place)

    def _first_of(self, feed: str) -> Laptop | None:
        return next((one for one in self.laptops if covers(one.enrolled.device.feeds, feed)), None)

    def hit(self, chance: float) -> bool:
        """A fault strikes."""
        return not self.calm and self.rng.random() < chance

    # --- people work ----------------------------------------------------------------------------------------------

    def token(self, laptop: Laptop) -> str:
        """A value that nobody else writes."""
        self._tokens += 1
        token = f"t{self._tokens}"
        self.model.written[token] = laptop.name
        return token

    def put(self, laptop: Laptop, root: str, name: str, *, row: tuple[str, ...] = (), feed: str = "") -> None:
        """Types a value, seeing the whole cell or (an old screen) only a part of it."""
        seen = laptop.log.view(root)
        prev = tuple(dot for dot in seen.prev(name, row) if self.rng.random() < 0.9)
        self.seal(laptop, root, Content(Kind.EDIT, (Write(row, name, self.token(laptop), prev),)), feed=feed)

    def seal(self, laptop: Laptop, root: str, content: Content, *, feed: str = "", root_type: str = "") -> Change:
        """A save by the person at the laptop, with the laptop's wrong clock."""
        is_interview = root in INTERVIEWS.values()
        kind = root_type or (RootType.INTERVIEW if is_interview else RootType.HOUSEHOLD)
        owner = next((account for account, one in INTERVIEWS.items() if one == root), "")
        place = feed or (interview_feed(VILLAGE, owner) if is_interview else self._home(laptop, root))
        skew = self.faults.skew_ms * (1 if hash_of(laptop.name) % 2 else -1)
        return laptop.log.write(
            content, root=root, root_type=kind, feed=place, now_ms=max(self.county.now_ms() + skew, 0)
        )

    def _home(self, laptop: Laptop, root: str) -> str:
        known = [k.change.feed for k in laptop.log.kept.values() if k.change.root == root]
        return known[0] if known else register_feed(VILLAGE)

    def step(self) -> None:
        """One thing happens."""
        laptop = self.rng.choice(self.laptops)
        deed = self.rng.choice(
            (
                self.edit,
                self.edit,
                self.edit,
                self.roster,
                self.review,
                self.decide,
                self.sync,
                self.sync,
                self.disaster,
            )
        )
        deed(laptop)

    def edit(self, laptop: Laptop) -> None:
        """An answer in a household or in the own interview."""
        own = INTERVIEWS.get(laptop.name)
        if own and self.rng.random() < 0.5:
            self.put(laptop, own, self.rng.choice("pqr"))
            return
        known = [root for root in HOUSES if root in laptop.log.roots()]
        if known:
            self.put(laptop, self.rng.choice(known), self.rng.choice("xyz"))

    def roster(self, laptop: Laptop) -> None:
        """A member comes, goes or is written."""
        known = [root for root in HOUSES if root in laptop.log.roots()]
        if not known:
            return
        root = self.rng.choice(known)
        rows = laptop.log.view(root).roster("member")
        choice = self.rng.random()
        if not rows or choice < 0.4:
            new = (row_id(laptop.log.replica[:4] + (laptop.log.max_seq + 1).to_bytes(4, "big"), 0),)
            write = Write(new, "mem_name", self.token(laptop))
            self.seal(laptop, root, Content(Kind.EDIT, (write,), (NewRow("member", new, self.rng.choice("123")),)))
        elif choice < 0.7:
            self.put(laptop, root, "mem_age", row=self.rng.choice(rows).row)
        else:
            row = self.rng.choice(rows).row
            gone = DeletedRow(row, "member", dots_of_row(laptop.log.state(root), row))
            self.seal(laptop, root, Content(Kind.ROW_DEL, deleted_rows=(gone,)))

    def review(self, laptop: Laptop) -> None:
        """A step of the review by whoever may take it."""
        own = INTERVIEWS.get(laptop.name)
        if own and own in laptop.log.roots():
            self.seal(laptop, own, review_step(laptop.log.view(own), Kind.SUBMIT, Level.TOWNSHIP))
        elif laptop.name.startswith("ts"):
            known = [root for root in INTERVIEWS.values() if root in laptop.log.roots()]
            if known:
                root = self.rng.choice(known)
                kind = self.rng.choice((Kind.OPEN, Kind.RETURN, Kind.APPROVE))
                self.seal(laptop, root, review_step(laptop.log.view(root), kind, Level.TOWNSHIP))

    def decide(self, laptop: Laptop) -> None:
        """A conflict is settled as the screen shows it."""
        for root in laptop.log.roots():
            seen = laptop.log.view(root)
            for conflict in seen.conflicts:
                cell = seen.cells.get((conflict.row, conflict.field))
                if conflict.field == Meta.GONE:
                    state = laptop.log.state(root)
                    make = self.rng.choice((keep_row, lambda s, r, why: drop_row(s, r, "member", why)))
                    self.seal(laptop, root, make(state, conflict.row, "核实"))
                    return
                if cell is not None and not conflict.field.startswith("~"):
                    self.seal(laptop, root, take_value(cell, conflict.row, conflict.field, self.token(laptop), "核实"))
                    return

    def sync(self, laptop: Laptop) -> None:
        """A meeting with the county, which may end anywhere."""
        session = laptop.session(Line(self), chance=self._chance, elapsed_s=lambda: 0.0)
        if self.faults.tiny:
            session._segment = 1
        try:
            session.run()
        except SyncError:
            if self.calm:
                raise

    # --- disasters ------------------------------------------------------------------------------------------------

    def disaster(self, laptop: Laptop) -> None:
        """Perhaps something bad."""
        faults = self.faults
        if self._backup is None and faults.restore_server:
            self._backup = self._copy()
        deeds: tuple[tuple[float, Callable[[Laptop], None]], ...] = (
            (faults.restart, lambda _: self.restart()),
            (faults.restore_server, lambda _: self.restore_server()),
            (faults.restore_laptop, self.restore_laptop),
            (faults.clone, self.clone),
            (faults.noise, self.noise),
            (faults.forge, self.forge),
            (faults.trespass, self.trespass),
            (faults.revoke, self.revoke),
        )
        for chance, deed in deeds:
            if self.hit(chance * 4):
                deed(laptop)
                return

    def restart(self) -> None:
        """The server process dies between two requests."""
        self.service = CountyService(
            self.service.database, self.service.keys, now_ms=self.county.now_ms, chance=self._chance
        )

    def _copy(self) -> Database:
        copied = open_sqlite(None, bytes(32))
        with self.service.database.engine.connect() as here, copied.engine.connect() as there:
            source: Any = here.connection.driver_connection
            source.rollback()
            source.backup(there.connection.driver_connection)
        return copied

    def restore_server(self) -> None:
        """The server is set back to its backup, under a new epoch."""
        if self._backup is None:
            return
        lost = self.service.database
        self.service = CountyService(self._backup, self.service.keys, now_ms=self.county.now_ms, chance=self._chance)
        self._backup = None
        county = self.service.keys.county

        def renew(connection: Connection) -> None:
            write_value(connection, county, "epoch", self._chance(8))
            table = tables.county
            connection.execute(table.delete().where(table.c.county_id == county, table.c.name == "own_replica"))

        self.service.database.run(renew)
        lost.close()
        self.model.revoked_at.clear()  # the decision itself was lost with the server
        for one in self.laptops:
            if one.name + " revoked" in self.model.doubtful:
                self.model.doubtful.discard(one.name + " revoked")

    def restore_laptop(self, laptop: Laptop) -> None:
        """Yesterday's disk image comes back; what was only on today's disk is truly lost."""
        image = self._images.pop(laptop.name, None)
        if image is None:
            self._images[laptop.name] = (self._image(laptop), self._on_disk(laptop))
            return
        before = self._on_disk(laptop)
        laptop.log.__dict__.update(image[0])
        self.model.doubtful |= before - image[1]

    def _image(self, laptop: Laptop) -> dict[str, Any]:
        return {name: copy.deepcopy(value) for name, value in laptop.log.__dict__.items() if name != "key"}

    def _on_disk(self, laptop: Laptop) -> set[str]:
        return {token for kept in laptop.log.kept.values() if kept.own for token in tokens_of(kept.change)}

    def clone(self, laptop: Laptop) -> None:
        """A disk is copied and both go on working."""
        if any(one.name == laptop.name and one is not laptop for one in self.laptops):
            return
        twin_log = copy.copy(laptop.log)
        twin_log.__dict__.update(self._image(laptop))
        self.laptops.append(Laptop(laptop.name, laptop.enrolled, twin_log, laptop.now_ms))

    def _push(self, laptop: Laptop, raw: bytes) -> None:
        token = laptop.session(self.service, chance=self._chance)._say_hello().token
        list(self.service.exchange(token, [raw], (), 0))

    def noise(self, laptop: Laptop) -> None:
        """Garbage in a frame."""
        self._push(laptop, self.rng.choice((b"", b"\x01\x01", self.rng.randbytes(80), bytes(300_000))))

    def forge(self, laptop: Laptop) -> None:
        """A laptop signs a change in another one's name."""
        victim = self.rng.choice(self.laptops)
        own = [kept for kept in victim.log.kept.values() if kept.own]
        if own and victim.enrolled.keys.device != laptop.enrolled.keys.device:
            forged = seal(self.rng.choice(own).change, laptop.log.key)
            self._push(laptop, forged.raw)

    def trespass(self, laptop: Laptop) -> None:
        """A write outside one's rights."""
        content = Content(Kind.EDIT, (Write((), "x", self.token(laptop)),))
        self.seal(laptop, "f0" * 16, content, feed=register_feed("529921009009"))

    def revoke(self, laptop: Laptop) -> None:
        """A laptop is reported lost."""
        device = laptop.enrolled.keys.device
        if device not in self.model.revoked_at and len(self.model.revoked_at) < 1:
            self.service.enrolment.revoke_device(device)
            self.model.revoked_at[device] = self._admitted_of(device)

    def _admitted_of(self, device: str) -> set[bytes]:
        table = tables.change
        with self.service.database.reading() as connection:
            where = (table.c.device == device, table.c.verdict == int(Verdict.ADMITTED))
            return set(connection.execute(select(table.c.change_id).where(*where)).scalars())

    # --- the end --------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """The faults stop; everybody meets the county again and again."""
        self.calm = True
        for _ in range(ROUNDS):
            for laptop in self.laptops:
                self.sync(laptop)

    def check(self) -> None:
        """The invariants of sync.md 5.3 that this simulator can see."""
        check(self.service.database)  # I4 gapless feeds, I6 state = rebuild(log), I9 audit chain, signatures
        everything = self._everything_stored()
        self._nothing_is_lost(everything)
        admitted = self._admitted()
        self._values_leave_only_by_name(admitted)
        for laptop in self.laptops:
            self._cursors_have_their_data(laptop)
            self._nothing_outside_its_feeds(laptop)
            for root in laptop.log.roots():
                seen = laptop.log.view(root)
                if seen.approved and (seen.conflicts or seen.changed_after):
                    raise Broken("I7: an approval is shown over changed content")
        self._revoked_stay_out()
        self._all_see_the_same(admitted)

    def _everything_stored(self) -> list[Change]:
        with self.service.database.reading() as connection:
            raws = list(connection.execute(select(tables.change.c.raw)).scalars())
            raws += list(connection.execute(select(tables.quarantine.c.raw)).scalars())
        found = []
        for raw in raws:
            try:
                found.append(open_sealed(raw))
            except SyncError:
                continue
        return found

    def _nothing_is_lost(self, everything: list[Change]) -> None:
        here = {token for change in everything for token in tokens_of(change)}
        lost = set(self.model.written) - here - self.model.doubtful
        if lost:
            raise Broken(f"I1: {sorted(lost)} are nowhere at the county")
        ids = {(change.replica, change.seq) for change in everything}
        for laptop in self.laptops:
            for kept in laptop.log.kept.values():
                if kept.own and kept.verdict is not None and kept.change.dot not in ids:
                    raise Broken("I12: acknowledged and not stored")

    def _admitted(self) -> dict[str, list[Change]]:
        table = tables.change
        found: dict[str, list[Change]] = {}
        with self.service.database.reading() as connection:
            for raw in connection.execute(
                select(table.c.raw).where(table.c.verdict == int(Verdict.ADMITTED))
            ).scalars():
                change = open_any(raw)
                found.setdefault(change.root, []).append(change)
        return found

    def _values_leave_only_by_name(self, admitted: dict[str, list[Change]]) -> None:
        """I3, computed from the log alone and not by merge.py."""
        states = self._server_states()
        for root, changes in admitted.items():
            wanted: dict[Any, set[Any]] = {}
            named: dict[Any, set[Any]] = {}
            for change in changes:
                for write in change.writes:
                    wanted.setdefault((write.row, write.field), set()).add(change.dot)
                    named.setdefault((write.row, write.field), set()).update(set(write.prev) - {change.dot})
            for key, dots in wanted.items():
                if key[1] in (Meta.GONE, Meta.ROW):
                    continue
                if set(states[root].cells[key].heads) != dots - named[key]:
                    raise Broken("I3: heads are not the writes that nobody named")

    def _server_states(self) -> dict[str, RootState]:
        with self.service.database.reading() as connection:
            rows = connection.execute(select(tables.doc_state.c.root, tables.doc_state.c.state)).all()
        return {row.root: unpack_state(row.state) for row in rows}

    def _cursors_have_their_data(self, laptop: Laptop) -> None:
        for feed, cursor in laptop.log.at.items():
            places = laptop.log.places.get(feed, {})
            if not set(range(1, cursor.vseq + 1)) <= places.keys():
                raise Broken("I4: a cursor ahead of its data")
            for item, fact in places.values():
                if not fact and item not in laptop.log.kept:
                    raise Broken("I4: a place without its change")

    def _nothing_outside_its_feeds(self, laptop: Laptop) -> None:
        certificate = read_device_certificate(laptop.enrolled.reply.device_certificate, self.service.keys.verify_key)
        for feed in laptop.log.places:
            if not covers(certificate.feeds, feed):
                raise Broken("I5: a feed outside the certificate")

    def _revoked_stay_out(self) -> None:
        for device, before in self.model.revoked_at.items():
            if self._admitted_of(device) - before:
                raise Broken("I8: a revoked laptop's work was admitted by nobody")

    def _all_see_the_same(self, admitted: dict[str, list[Change]]) -> None:
        """I2: a laptop shows exactly the admitted changes of its feeds, and its own ones that wait."""
        placed = self._feeds_of_changes()
        for laptop in self.laptops:
            if laptop.enrolled.keys.device in self.model.revoked_at:
                continue
            feeds = laptop.enrolled.device.feeds
            for root, changes in admitted.items():
                mine = [c for c in changes if any(covers(feeds, feed) for feed in placed.get(c.dot, ()))]
                waiting = [
                    kept.change for kept in laptop.log.kept.values()
                    if kept.own and kept.change.root == root and kept.verdict not in (Verdict.ADMITTED, Verdict.DUPLICATE)
                ]  # fmt: skip
                theirs = merge_all(root, [*mine, *waiting])
                here = laptop.log.state(root)
                if (mine or waiting) and (here.digest != theirs.digest or view(here) != view(theirs)):
                    raise Broken(f"I2: {laptop.name} does not see what the county sees of {root[:4]}")

    def _feeds_of_changes(self) -> dict[Any, set[str]]:
        entries, changes = tables.feed_entry, tables.change
        found: dict[Any, set[str]] = {}
        with self.service.database.reading() as connection:
            rows = connection.execute(
                select(entries.c.feed_id, changes.c.raw).select_from(
                    entries.join(changes, changes.c.change_id == entries.c.item_id)
                )
            )
            for row in rows:
                found.setdefault(peek(row.raw).dot, set()).add(row.feed_id)
        return found

    def close(self) -> None:
        """Lets go of the databases."""
        self.service.database.close()
        if self._backup is not None:
            self._backup.close()


def tokens_of(change: Change) -> set[str]:
    """The unique values written in a change."""
    return {write.value for write in change.writes if isinstance(write.value, str) and write.value.startswith("t")}


def hash_of(name: str) -> int:
    """A number that is the same in every process."""
    return sum(name.encode())


def run(seed: int, *, steps: int = 60, faults: Faults | None = None) -> None:
    """One seed from beginning to end; raises Broken (or the bug itself)."""
    world = World(seed, faults=faults)
    try:
        for _ in range(steps):
            world.step()
        world.settle()
        world.check()
    finally:
        world.close()


def main() -> int:
    """Runs a range of seeds and prints what it found."""
    parser = argparse.ArgumentParser(description="Runs seeds FIRST … LAST-1 of the sync simulator.")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int)
    options = parser.parse_args()
    started = time.perf_counter()
    failed = []
    for seed in range(options.first, options.last):
        try:
            run(seed)
        except (Exception, AssertionError) as error:
            failed.append(seed)
            print(f"seed {seed}: {type(error).__name__}: {error}")
    count = options.last - options.first
    seconds = time.perf_counter() - started
    print(f"{count} seeds ({options.first}…{options.last - 1}), {len(failed)} failed, {seconds / count:.2f} s a seed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())


__all__ = ["COUNTY", "BadBytes", "Broken", "Faults", "World", "main", "run"]
