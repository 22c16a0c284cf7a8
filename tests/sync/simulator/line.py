"""The line between a laptop and the county: real messages as bytes, cut at any byte, lost, repeated, out of order, altered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from sync import cbor
from sync.codec import open_sealed, seal
from sync.errors import BadBytes, NotRecognised, ServerUnreachable, SyncError
from sync.frame import MAGIC, EntryKind, FrameReader, entry
from sync.messages import (
    frame_of_parts,
    pack_cursors,
    pack_hello,
    pack_welcome,
    parts_in,
    unpack_cursors,
    unpack_hello,
    unpack_welcome,
)
from sync.protocol import Cursor, EnrolReply, EnrolRequest, ExchangePart, FeedEntry, Hello, Welcome
from tests.sync.simulator.faults import Killed

if TYPE_CHECKING:
    from tests.sync.simulator.world import World

T = TypeVar("T")


class Line:
    """A ``CountyServer`` that fails as the seed wants; what passes, passes as bytes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def hello(self, hello: Hello) -> Welcome:
        """A hello and its answer as bytes; a newer server appends what this program does not know."""
        packed = pack_welcome(self._served(lambda: self._world.service.hello(unpack_hello(pack_hello(hello)))))
        if self._world.faults.newer_server:
            items = cbor.loads(packed)
            items[7] = [*items[7], "sing"]
            packed = cbor.dumps([*items, "later", {"x": 1}])
        self._after()
        return unpack_welcome(packed)

    def exchange(
        self, token: bytes, sending: Sequence[bytes], cursors: Sequence[Cursor], max_down: int
    ) -> Iterator[ExchangePart]:
        """The real exchange behind a bad line."""
        world, faults = self._world, self._world.faults
        raws = list(sending)
        if len(raws) > 1 and world.hit("reorder", faults.reorder):
            raws = world.rng.sample(raws, world.rng.randint(1, len(raws)))
        pieces = [MAGIC, entry(EntryKind.HEAD, pack_cursors(cursors, max_down))]
        pieces += [entry(EntryKind.CHANGE, raw) for raw in raws]
        body = b"".join([*pieces, entry(EntryKind.END)])
        if raws and world.hit("repeat", faults.repeat):
            self._answered(token, body)
        if world.hit("cut_up", faults.cut_up):
            self._answered(token, body[: world.rng.randint(len(MAGIC), len(body))])
            raise ServerUnreachable("cut on the way up")
        if raws and world.hit("delay", faults.delay):
            world.later.append((world.now_ms.ms, lambda: self._answered(token, body)))
        answer = self._answered(token, body)
        self._after()
        if world.hit("liar", faults.liar):
            answer = self._altered(answer)
        cut = world.rng.randint(0, len(answer)) if world.hit("cut_down", faults.cut_down) else len(answer)
        return self._given(answer[:cut])

    def feed(self, token: bytes, feed: str, after: int, most: int) -> Iterator[FeedEntry]:
        """Entries of a feed."""
        return iter(self._served(lambda: list(self._world.service.feed(token, feed, after, most))))

    def digests(self, token: bytes, feed: str, first: int, last: int) -> Any:
        """Digests of blocks."""
        return self._served(lambda: self._world.service.digests(token, feed, first, last))

    def offer(self, token: bytes, change_ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """What the county lacks."""
        return self._served(lambda: self._world.service.offer(token, change_ids))

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Certificates."""
        return self._served(lambda: self._world.service.enrol(request))

    def _served(self, ask: Callable[[], T]) -> T:
        """One request to a server that may die over it."""
        world = self._world
        if world.hit("lose_request", world.faults.lose_request):
            raise ServerUnreachable("the request got lost")
        if world.hit("kill", world.faults.kill):
            world.killer.arm(world.rng.randint(1, 60))
        try:
            return ask()
        except Killed:
            world.restart()
            raise ServerUnreachable("the server went away") from None
        finally:
            world.killer.disarm()

    def _after(self) -> None:
        world = self._world
        if world.hit("lose_answer", world.faults.lose_answer):
            raise ServerUnreachable("the answer got lost")

    def _answered(self, token: bytes, body: bytes) -> bytes:
        """What the server's face does with a request's body (sync/server/app.py)."""

        def entries() -> Iterator[tuple[int, bytes]]:
            reader = FrameReader()
            step = self._world.rng.choice((50, 1000, len(body)))
            for start in range(0, len(body), step):
                yield from reader.take(body[start : start + step])
            if not reader.complete:
                raise ServerUnreachable("the client went away")

        def work() -> bytes:
            found = entries()
            kind, first = next(found, (0, b""))
            if kind != EntryKind.HEAD:
                raise ServerUnreachable("cut before the cursors")
            cursors, max_down = unpack_cursors(first)
            changes = (payload for kind, payload in found if kind == EntryKind.CHANGE)
            return b"".join(frame_of_parts(self._world.service.exchange(token, changes, cursors, max_down)))

        return self._served(work)

    @staticmethod
    def _given(answer: bytes) -> Iterator[ExchangePart]:
        try:
            yield from parts_in(iter((answer,)))
        except BadBytes as error:
            raise ServerUnreachable("cut on the way down") from error

    def _altered(self, answer: bytes) -> bytes:
        """Somebody in between rewrites a change of another; its key he does not have."""
        parts: list[ExchangePart] = list(parts_in(iter((answer,))))
        places = [n for n, part in enumerate(parts) if isinstance(part, FeedEntry) and part.kind == "change"]
        if not places:
            return answer
        place = self._world.rng.choice(places)
        part = parts[place]
        assert isinstance(part, FeedEntry)
        try:
            change = open_sealed(part.data)
        except SyncError:
            return answer
        writes = tuple(replace(write, value="lie") for write in change.writes)
        forged = seal(replace(change, writes=writes, actor="liar"), self._world.hostile_key)
        parts[place] = replace(part, data=forged.raw)
        return b"".join(frame_of_parts(parts))


def arrive_late(world: World) -> None:
    """Requests that wandered about for hours come to the server at last; their tokens may be too old."""
    due, world.later = world.later, []
    for _, send in due:
        try:
            send()
        except (ServerUnreachable, NotRecognised, SyncError):
            continue
