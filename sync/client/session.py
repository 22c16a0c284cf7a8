"""One sync, phase by phase: hello, send what the county lacks, take in what is new, compare digests.

Every step is safe to repeat and whatever was complete when the line broke is kept, so a session may end anywhere.
Time, waiting and chance are handed in; the simulator runs this very code.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.codec import change_id_of, peek
from sync.errors import (
    BadBytes,
    NewEpoch,
    NotRecognised,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SyncCancelled,
    SyncError,
)
from sync.ids import REPLICA_BYTES
from sync.messages import hello_signed_part
from sync.project import other_project
from sync.protocol import (
    BLOCK,
    FIRST_SEGMENT,
    LARGEST_SEGMENT,
    SMALLEST_SEGMENT,
    ChangeLog,
    CountyServer,
    Cursor,
    ExchangeHead,
    FeedEntry,
    FeedHead,
    FeedItem,
    Have,
    Hello,
    Order,
    OwnChange,
    Verdict,
    Welcome,
    digests_of,
    fact_id,
    feed_digest,
)
from sync.scope import DeviceCertificate

T = TypeVar("T")
log = logging.getLogger(__name__)
_PAGE: Final = 64  # feed entries in one transaction of the laptop
_MOST_DOWN: Final = 256 * 1024
_GOOD_TIME_S: Final = 3.0
_MOST_FAILURES: Final = 5  # in a row, without anything getting through
_MOST_OFFERED: Final = 1000
_MOST_IDLE: Final = 4  # answers in a row that neither took nor brought anything


class Phase(StrEnum):
    """Where a sync is, for the progress bar."""

    SEALING = "sealing"
    HELLO = "hello"
    SENDING = "sending"
    RECEIVING = "receiving"
    CHECKING = "checking"
    DONE = "done"

    @property
    def zh(self) -> str:
        """In words."""
        return _PHASE_ZH[self]


_PHASE_ZH: Final = {
    "sealing": "正在整理本机的改动",
    "hello": "正在联系县里",
    "sending": "正在送出",
    "receiving": "正在接收",
    "checking": "正在核对",
    "done": "已完成",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far: changes sent or entries received, of how many (0: not known)."""

    phase: Phase
    done: int = 0
    total: int = 0


@dataclass(slots=True)
class SyncReport:
    """What one sync did. ``unsent`` is what the county still lacks of this laptop's work."""

    sealed: int = 0
    sent: int = 0
    admitted: int = 0
    quarantined: list[tuple[int, str]] = field(default_factory=list)  # seq, reason
    held: int = 0
    received: int = 0
    unsent: int = 0
    repaired: list[str] = field(default_factory=list)  # feeds
    dropped: list[str] = field(default_factory=list)  # feeds
    renewed: bool = False
    new_epoch: bool = False
    orders: tuple[Order, ...] = ()
    server_ms: int = 0
    complete: bool = False

    def sentence(self) -> str:
        """For the readable sync log: counts, no names."""
        parts = [f"送出 {self.sent} 条，收到 {self.received} 条"]
        if self.quarantined:
            parts.append(f"{len(self.quarantined)} 条在县里的隔离区等人处理，本机仍保留")
        if self.held:
            parts.append(f"{self.held} 条县里暂存待查")
        if self.repaired:
            parts.append(f"有 {len(self.repaired)} 处与县里对不上，已重新取过")
        if self.renewed:
            parts.append("本机换了新的副本编号")
        if self.new_epoch:
            parts.append("县服务器恢复过备份，已补送")
        parts.append("都对上了" if self.complete else f"没有做完，还有 {self.unsent} 条在本机等下次送")
        return "；".join(parts) + "。"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sync would do now: changes that leave and entries that arrive."""

    leaving: int
    arriving: int
    orders: tuple[Order, ...]


class SyncSession:
    """One meeting of a laptop's log with the county.

    Args:
        server: over HTTP, a stick, or in the same process.
        changes: the laptop's log.
        certificate: the laptop's, read.
        signing_key: the laptop's.
        now_ms: the laptop's clock.
        progress: called on the caller's thread.
        cancelled: asked between steps.
        elapsed_s, wait, chance: seams for tests.
    """

    def __init__(
        self,
        server: CountyServer,
        changes: ChangeLog,
        certificate: DeviceCertificate,
        signing_key: Ed25519PrivateKey,
        *,
        now_ms: Callable[[], int],
        progress: Callable[[Progress], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
        elapsed_s: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._server = server
        self._log = changes
        self._certificate = certificate
        self._key = signing_key
        self._now_ms = now_ms
        self._progress = progress
        self._cancelled = cancelled
        self._elapsed_s = elapsed_s
        self._wait = wait
        self._chance = chance
        self._segment = FIRST_SEGMENT
        self._welcome: Welcome | None = None
        self._have = Have(0)
        self.report = SyncReport()

    def run(self) -> SyncReport:
        """The whole sync.

        Raises:
            ServerUnreachable, ServerBusy, NotRecognised, SyncCancelled …: what had arrived is kept, ``report`` tells how
                much, and the next session goes on from there.
        """
        try:
            self._step(Progress(Phase.SEALING))
            self.report.sealed = self._log.seal_drafts()
            try:
                self._talk()
            except NewEpoch:
                self._talk()  # restored while we talked: begin again, once
        except SyncError as error:
            with suppress(SyncError):
                self.report.unsent = self._log.own_waiting(self._have)
            self._log.note_sync(f"{self.report.sentence()}{error.sentence()}")
            raise
        self._log.note_sync(self.report.sentence())
        self._step(Progress(Phase.DONE))
        return self.report

    def _talk(self) -> None:
        welcome = self._greet()
        if not self._nothing_to_do(welcome):
            self._exchange_all(welcome)
        self.report.unsent = self._log.own_waiting(self._have)
        self.report.complete = not self.report.unsent
        if welcome.token and self._welcome is welcome and Order.PUSH_FIRST not in welcome.orders:
            self._log.put_away_unplaced()  # a stick has no token and may hold only a part of the feeds

    def preview(self) -> Preview:
        """A dry run: what would leave and arrive. Seals nothing, changes nothing."""
        welcome = self._say_hello()
        at = {cursor.feed: cursor.vseq for cursor in self._log.cursors() if cursor.epoch == welcome.epoch}
        arriving = sum(max(head.vseq - at.get(head.feed, 0), 0) for head in welcome.feeds)
        return Preview(self._log.own_waiting(welcome.have), arriving, welcome.orders)

    # --- hello --------------------------------------------------------------------------------------------------------

    def _greet(self) -> Welcome:
        """Hello, until both sides agree on who speaks: a doubtful replica is renewed first."""
        for _ in range(3):
            welcome = self._say_hello()
            self._welcome, self._have = welcome, welcome.have
            self.report.orders, self.report.server_ms = welcome.orders, welcome.server_ms
            if welcome.certificate is not None:
                self._log.set_certificate(welcome.certificate)
            if Order.RENEW in welcome.orders or self._is_fork(welcome):
                self._renew(welcome)
                continue
            for feed in welcome.gone:
                self._log.drop_feed(feed)
                self.report.dropped.append(feed)
            known = self._log.cursors()
            if any(cursor.epoch != welcome.epoch for cursor in known):
                self._after_restore(welcome, known)
                continue
            self._log.record_verdicts([], welcome.have)
            if welcome.durable_upto:
                self._log.record_durable(welcome.durable_upto)
            return welcome
        raise NotRecognised("the county asks for a new replica again and again")

    def _say_hello(self) -> Welcome:
        self._step(Progress(Phase.HELLO))
        me = self._log.identity()
        plain = Hello(
            me.device,
            self._certificate.serial,
            self._chance(16),
            self._now_ms(),
            me.replica,
            me.max_seq,
            tuple(self._log.cursors()),
            use_mode=me.use_mode,
        )
        signature = self._key.sign(hello_signed_part(plain, me.county))
        started = self._elapsed_s()
        welcome = self._persistent(lambda: self._server.hello(replace(plain, signature=signature)))
        refusal = other_project(me.use_mode, str(welcome.policy.get("use_mode", "")))
        if refusal is not None:
            raise refusal
        self._log.observe_clock(welcome.server_ms, plain.local_ms, int((self._elapsed_s() - started) * 1000))
        return welcome

    def _is_fork(self, welcome: Welcome) -> bool:
        """Another disk has used this replica id: the county holds a different change at our number."""
        upto = welcome.have.upto
        if not upto or not welcome.upto_id or upto in welcome.have.gaps:
            return False
        ours = self._log.own_lacking(Have(upto - 1), 1)
        return bool(ours) and ours[0].seq == upto and ours[0].change_id != welcome.upto_id

    def _renew(self, welcome: Welcome) -> None:
        """Goes on under a new replica id. What the county truly holds is asked by change id, not by number."""
        own = self._log.own_lacking(Have(0), 1 << 62)
        lacking: set[bytes] = set()
        for start in range(0, len(own), _MOST_OFFERED):
            ids = [change.change_id for change in own[start : start + _MOST_OFFERED]]
            lacking.update(self._persistent(lambda ids=ids: self._server.offer(welcome.token, ids)))  # type: ignore[misc]
        gaps = tuple(change.seq for change in own if change.change_id in lacking)
        self._log.renew_replica(self._chance(REPLICA_BYTES), Have(self._log.identity().max_seq, gaps))
        self._give_back(welcome, self._own_of_former_lives())  # what could not be sealed anew: a newer program's
        self.report.renewed = True

    def _after_restore(self, welcome: Welcome, known: Sequence[Cursor]) -> None:
        """The server lost its youngest days: give back what this laptop holds of them, then follow its feeds anew."""
        self.report.new_epoch = True
        for cursor in known:
            items = self._log.feed_items(cursor.feed, 1, cursor.vseq)
            theirs: dict[int, bytes] = {}
            if cursor.feed in {head.feed for head in welcome.feeds} and items:
                blocks = self._persistent(
                    lambda cursor=cursor: self._server.digests(welcome.token, cursor.feed, 1, cursor.vseq)  # type: ignore[misc]
                )
                theirs = {block.first: block.digest for block in blocks}
            ours = {block.first: block.digest for block in digests_of(items)}
            doubtful = [item.item_id for item in items if _differs(item, ours, theirs)]
            self._give_back(welcome, doubtful)
        self._give_back(welcome, self._own_of_former_lives())
        self._log.forget_cursors(welcome.epoch)

    def _own_of_former_lives(self) -> Sequence[bytes]:
        """Own work under a replica id that this laptop no longer has; what waits in quarantine stands in no feed."""
        return self._log.own_of_former_replicas()

    def _give_back(self, welcome: Welcome, change_ids: Sequence[bytes]) -> None:
        for start in range(0, len(change_ids), _MOST_OFFERED):
            ids = change_ids[start : start + _MOST_OFFERED]
            needed = self._persistent(lambda ids=ids: self._server.offer(welcome.token, ids))  # type: ignore[misc]
            for raws in _in_segments(self._log.raw_of(needed), LARGEST_SEGMENT):
                self._persistent(lambda raws=raws: list(self._server.exchange(welcome.token, raws, (), 0)))  # type: ignore[misc]

    # --- exchange -----------------------------------------------------------------------------------------------------

    def _nothing_to_do(self, welcome: Welcome) -> bool:
        return not welcome.feeds and not self._log.own_waiting(welcome.have)

    def _exchange_all(self, welcome: Welcome) -> None:
        cursors = self._cursors_for(welcome)
        to_send, to_come = self._log.own_waiting(self._have), _distance(cursors.values(), welcome.feeds)
        heads: dict[str, FeedHead] = {head.feed: head for head in welcome.feeds}
        failures = idle = 0
        stuck: Have | None = None
        while True:
            segment = [] if stuck == self._have else self._log.own_lacking(self._have, self._segment)
            self._step(
                Progress(Phase.SENDING, self.report.sent, to_send)
                if segment
                else Progress(Phase.RECEIVING, self.report.received, to_come)
            )
            before, moved, at = self._have, self.report.received, self._places(cursors)
            # While there is work to send the answers carry little down, so that the work gets through first.
            room = _MOST_DOWN if not segment or self._segment >= LARGEST_SEGMENT // 4 else self._segment
            self._listen_where(segment, cursors, welcome)
            started = self._elapsed_s()
            try:
                head = self._one_exchange(welcome, [change.raw for change in segment], cursors, room)
            except (ServerUnreachable, ServerBusy) as error:
                failures = 0 if self.report.received > moved else failures + 1
                self._segment = max(self._segment // 2, SMALLEST_SEGMENT)
                if failures >= _MOST_FAILURES:
                    raise
                self._wait(_pause(error, failures, self._chance))
                continue
            failures = 0
            if self._elapsed_s() - started < _GOOD_TIME_S:
                self._segment = min(self._segment * 2, LARGEST_SEGMENT)
            if segment and self._have == before:
                stuck = self._have  # nothing of it was taken: leave it for another day, do not block what comes down
            heads.update({h.feed: h for h in head.heads})
            idle = idle + 1 if self._have == before and self._places(cursors) == at else 0
            if idle >= _MOST_IDLE:
                raise Refused("answers that bring nothing")
            self.report.unsent = self._log.own_waiting(self._have)
            behind = any(head.vseq > cursors[feed].vseq for feed, head in heads.items() if feed in cursors)
            if (not self.report.unsent or stuck == self._have) and not head.more and not behind:
                break
        self._check(welcome, cursors, heads)

    @staticmethod
    def _places(cursors: dict[str, Cursor]) -> int:
        return sum(cursor.vseq for cursor in cursors.values())

    def _one_exchange(
        self, welcome: Welcome, raws: Sequence[bytes], cursors: dict[str, Cursor], room: int
    ) -> ExchangeHead:
        parts = self._server.exchange(welcome.token, raws, tuple(cursors.values()), room)
        told: ExchangeHead | None = None
        page: list[FeedEntry] = []
        try:
            for part in parts:
                if isinstance(part, ExchangeHead):
                    told = part
                    self._record(part, welcome)
                    continue
                if page and (part.feed != page[0].feed or len(page) >= _PAGE):
                    self._take_in(page, cursors)
                    page = []
                    self._step(Progress(Phase.RECEIVING, self.report.received))
                page.append(self._whole(part, welcome))
        finally:
            # Also when the line broke: complete entries are good.
            if page:
                self._take_in(page, cursors)
        if told is None:
            raise ServerUnreachable("an answer without a head")
        return told

    def _whole(self, entry: FeedEntry, welcome: Welcome) -> FeedEntry:
        """The county names this laptop's own changes only; their bytes are here (or, after a loss, asked for)."""
        if entry.kind != "own":
            return entry
        raws = self._log.raw_of([entry.data])
        if raws:
            return replace(entry, kind="change", data=raws[0])
        found = self._persistent(lambda: list(self._server.feed(welcome.token, entry.feed, entry.vseq - 1, 1)))
        if not found:
            raise BadBytes("a place without a change")
        return found[0]

    def _record(self, head: ExchangeHead, welcome: Welcome) -> None:
        if head.epoch != welcome.epoch:
            raise NewEpoch("restored while we talked")
        lacked = self._have
        self._log.record_verdicts(head.verdicts, head.have)
        self._have = head.have
        for seq, verdict, reason in head.verdicts:
            if lacked.lacks(seq):
                self.report.sent += 1
            if verdict == Verdict.ADMITTED:
                self.report.admitted += 1
            elif verdict == Verdict.HELD:
                self.report.held += 1
            elif verdict in (Verdict.QUARANTINED, Verdict.BAD_SIGNATURE):
                self.report.quarantined.append((seq, reason))

    def _take_in(self, page: Sequence[FeedEntry], cursors: dict[str, Cursor]) -> None:
        feed = page[0].feed
        cursor = cursors.get(feed)
        if cursor is None or [entry.vseq for entry in page] != list(
            range(cursor.vseq + 1, cursor.vseq + 1 + len(page))
        ):
            raise BadBytes("feed entries out of order")
        items = [_item(entry) for entry in page]
        moved = replace(cursor, vseq=page[-1].vseq, digest=feed_digest(cursor.digest, items))
        self._log.take_in(page, moved)
        cursors[feed] = moved
        self.report.received += sum(entry.kind == "change" for entry in page)

    def _cursors_for(self, welcome: Welcome) -> dict[str, Cursor]:
        """Where to go on: the feeds with news, new ones from their beginning."""
        known = {cursor.feed: cursor for cursor in self._log.cursors()}
        return {
            head.feed: known.get(head.feed, Cursor(head.feed, welcome.epoch, 0, bytes(16))) for head in welcome.feeds
        }

    def _listen_where(self, segment: Sequence[OwnChange], cursors: dict[str, Cursor], welcome: Welcome) -> None:
        """Own changes come back as places of their feeds: take them in at once, not at the next sync."""
        named = {peek(change.raw).feed for change in segment} - cursors.keys()
        if named:
            known = {cursor.feed: cursor for cursor in self._log.cursors()}
            for feed in sorted(named):
                cursors[feed] = known.get(feed, Cursor(feed, welcome.epoch, 0, bytes(16)))

    # --- digests ------------------------------------------------------------------------------------------------------

    def _check(self, welcome: Welcome, cursors: dict[str, Cursor], heads: dict[str, FeedHead]) -> None:
        self._step(Progress(Phase.CHECKING))
        for feed, cursor in cursors.items():
            head = heads.get(feed)
            if head is not None and (
                head.vseq < cursor.vseq or (head.vseq == cursor.vseq and head.digest != cursor.digest)
            ):
                self._repair(welcome, cursor)
                self.report.repaired.append(feed)

    def _repair(self, welcome: Welcome, cursor: Cursor) -> None:
        """Fetches the blocks again that differ, and only those. Unsent work is never touched."""
        log.warning("digest of feed %s differs; comparing blocks", cursor.feed)
        blocks = self._persistent(lambda: self._server.digests(welcome.token, cursor.feed, 1, max(cursor.vseq, 1)))
        items = {item.vseq: item for item in self._log.feed_items(cursor.feed, 1, cursor.vseq)}
        ours = {block.first: block.digest for block in digests_of(items.values())}
        for block in blocks:
            if ours.get(block.first) == block.digest:
                continue
            entries = self._persistent(
                lambda block=block: list(self._server.feed(welcome.token, cursor.feed, block.first - 1, BLOCK))  # type: ignore[misc]
            )
            for entry in entries:
                items[entry.vseq] = _item(entry)
            last = max(cursor.vseq, *(entry.vseq for entry in entries))
            right = [items[vseq] for vseq in sorted(items)]
            self._log.put_right(entries, replace(cursor, vseq=last, digest=feed_digest(bytes(16), right)))

    # --- steps --------------------------------------------------------------------------------------------------------

    def _step(self, progress: Progress) -> None:
        if self._cancelled():
            raise SyncCancelled("by the person")
        self._progress(progress)

    def _persistent(self, ask: Callable[[], T]) -> T:
        """A small question, asked again when the line breaks."""
        failures = 0
        while True:
            try:
                return ask()
            except (ServerUnreachable, ServerBusy) as error:
                failures += 1
                if failures >= _MOST_FAILURES:
                    raise
                self._step(Progress(Phase.HELLO))
                self._wait(_pause(error, failures, self._chance))


def _item(entry: FeedEntry) -> FeedItem:
    return FeedItem(entry.vseq, fact_id(entry.data) if entry.kind == "fact" else change_id_of(entry.data))


def _differs(item: FeedItem, ours: dict[int, bytes], theirs: dict[int, bytes]) -> bool:
    first = (item.vseq - 1) // BLOCK * BLOCK + 1
    return ours.get(first) != theirs.get(first)


def _in_segments(raws: Iterable[bytes], most: int) -> Iterable[list[bytes]]:
    segment: list[bytes] = []
    size = 0
    for raw in raws:
        if segment and size + len(raw) > most:
            yield segment
            segment, size = [], 0
        segment.append(raw)
        size += len(raw)
    if segment:
        yield segment


def _distance(cursors: Iterable[Cursor], heads: Iterable[FeedHead]) -> int:
    at = {cursor.feed: cursor.vseq for cursor in cursors}
    return sum(max(head.vseq - at.get(head.feed, 0), 0) for head in heads)


def _pause(error: SyncError, failures: int, chance: Callable[[int], bytes]) -> float:
    """Jittered exponential wait, at least what the server asks for."""
    asked = error.after_s if isinstance(error, ServerBusy) else 0.0
    share = int.from_bytes(chance(2), "big") / 65535
    return max(asked, min(0.25 * 2.0**failures, 15.0)) * (0.5 + share / 2)
