"""A laptop's log in memory: the simplest thing that keeps the promises of ``ChangeLog``. For tests and the simulator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.change import Change, Content, Dot, change_of
from sync.clock import HybridClock
from sync.codec import change_id_of, open_any, open_sealed, seal
from sync.merge import RootState, empty, merge_all
from sync.protocol import Cursor, FeedEntry, FeedItem, Have, LogIdentity, OwnChange, Verdict, fact_id
from sync.records import RootView, view


@dataclass
class Kept:
    """One change of the log."""

    raw: bytes
    change: Change
    own: bool
    verdict: Verdict | None = None
    durable: bool = False


class MemoryLog:
    """Implements ``ChangeLog``; ``write`` is what a screen would do."""

    def __init__(
        self, county: str, device: str, replica: bytes, key: Ed25519PrivateKey, actor: str, certificate: bytes = b""
    ) -> None:
        self.county, self.device, self.replica, self.key, self.actor = county, device, replica, key, actor
        self.certificate = certificate
        self.kept: dict[bytes, Kept] = {}
        self.places: dict[str, dict[int, tuple[bytes, bytes]]] = {}  # feed → vseq → item id, fact
        self.at: dict[str, Cursor] = {}
        self.max_seq = 0
        self.clock = HybridClock()
        self.lines: list[str] = []
        self.drafts: list[tuple[Content, dict[str, object]]] = []

    # --- what a screen does ---------------------------------------------------------------------------------------

    def write(
        self, content: Content, *, root: str, root_type: str, feed: str, now_ms: int = 0, **more: object
    ) -> Change:
        """Seals one change on the spot."""
        self.clock = self.clock.tick(now_ms)
        self.max_seq += 1
        envelope = Change(
            1, content.kind, self.county, self.replica, self.max_seq, self.clock.last, 480, self.actor, root, root_type,
            feed=feed, save_id=self.replica[:4] + self.max_seq.to_bytes(4, "big"),
        )  # fmt: skip
        made = replace(change_of(content, envelope), **more)  # type: ignore[arg-type]
        sealed = seal(made, self.key)
        self.kept[sealed.change_id] = Kept(sealed.raw, made, own=True)
        return made

    def state(self, root: str) -> RootState:
        """What this laptop knows of a root: the feeds' changes and its own."""
        known = [kept.change for kept in self.kept.values() if kept.change.root == root]
        return merge_all(root, known) if known else empty(root)

    def view(self, root: str) -> RootView:
        """What its screen shows."""
        return view(self.state(root))

    def roots(self) -> list[str]:
        """All roots known."""
        return sorted({kept.change.root for kept in self.kept.values()})

    # --- ChangeLog ------------------------------------------------------------------------------------------------

    def identity(self) -> LogIdentity:
        return LogIdentity(self.county, self.device, self.replica, self.max_seq, self.certificate)

    def seal_drafts(self) -> int:
        waiting, self.drafts = self.drafts, []
        for content, place in waiting:
            self.write(content, **place)  # type: ignore[arg-type]
        return len(waiting)

    def append(self, raw: bytes) -> bool:
        change_id = change_id_of(raw)
        if change_id in self.kept:
            return False
        self.kept[change_id] = Kept(raw, open_any(raw), own=True)
        return True

    def _own(self) -> list[tuple[bytes, Kept]]:
        mine = [(i, k) for i, k in self.kept.items() if k.own and k.change.replica == self.replica]
        return sorted(mine, key=lambda pair: pair[1].change.seq)

    def own_lacking(self, have: Have, most_bytes: int) -> Sequence[OwnChange]:
        found: list[OwnChange] = []
        size = 0
        for change_id, kept in self._own():
            if not have.lacks(kept.change.seq):
                continue
            size += len(kept.raw)
            if found and size > most_bytes:
                break
            found.append(OwnChange(kept.change.seq, change_id, kept.raw, kept.change.root, kept.change.kind))
        return found

    def own_waiting(self, have: Have) -> int:
        return sum(have.lacks(kept.change.seq) for _, kept in self._own())

    def record_verdicts(self, verdicts: Sequence[tuple[int, Verdict, str]], have: Have) -> None:
        told = {seq: verdict for seq, verdict, _ in verdicts}
        for _, kept in self._own():
            seq = kept.change.seq
            if seq in told:
                kept.verdict = told[seq]
            elif kept.verdict is None and not have.lacks(seq):
                kept.verdict = Verdict.ADMITTED

    def answered(self) -> Have:
        open_ones = tuple(kept.change.seq for _, kept in self._own() if kept.verdict is None)
        return Have(self.max_seq, open_ones)

    def record_durable(self, upto: int) -> None:
        for _, kept in self._own():
            kept.durable = kept.durable or kept.change.seq <= upto

    def cursors(self) -> Sequence[Cursor]:
        return list(self.at.values())

    def take_in(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        places = self.places.setdefault(cursor.feed, {})
        for entry in entries:
            if entry.kind == "fact":
                places[entry.vseq] = (fact_id(entry.data), entry.data)
                continue
            change_id = change_id_of(entry.data)
            kept = self.kept.setdefault(change_id, Kept(entry.data, open_any(entry.data), own=False))
            kept.verdict = Verdict.ADMITTED
            self.clock = self.clock.absorb(kept.change.hlc, 2**44)
            places[entry.vseq] = (change_id, b"")
        self.at[cursor.feed] = cursor

    def put_right(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        self.take_in(entries, cursor)

    def feed_items(self, feed: str, first: int, last: int) -> Sequence[FeedItem]:
        places = self.places.get(feed, {})
        return [FeedItem(vseq, places[vseq][0]) for vseq in sorted(places) if first <= vseq <= last]

    def raw_of(self, change_ids: Sequence[bytes]) -> Sequence[bytes]:
        return [self.kept[change_id].raw for change_id in change_ids if change_id in self.kept]

    def forget_cursors(self, epoch: str) -> None:
        self.lines.append(f"epoch {epoch}")
        self.at.clear()
        self.places.clear()

    def drop_feed(self, feed: str) -> None:
        self.at.pop(feed, None)
        self.places.pop(feed, None)
        elsewhere = {item for places in self.places.values() for item, _ in places.values()}
        for change_id, kept in list(self.kept.items()):
            unsent = kept.own and kept.verdict is None
            if kept.change.feed == feed and not unsent and change_id not in elsewhere:
                del self.kept[change_id]

    def renew_replica(self, replica: bytes, have: Have) -> int:
        old = self.replica
        lacking = [(i, k) for i, k in self._own() if have.lacks(k.change.seq)]
        renamed: dict[Dot, Dot] = {(old, k.change.seq): (replica, n) for n, (_, k) in enumerate(lacking, 1)}
        self.replica, self.max_seq = replica, len(lacking)
        for n, (change_id, kept) in enumerate(lacking, 1):
            del self.kept[change_id]
            change = open_sealed(kept.raw)
            writes = tuple(replace(w, prev=tuple(renamed.get(d, d) for d in w.prev)) for w in change.writes)
            gone = tuple(replace(g, prev=tuple(renamed.get(d, d) for d in g.prev)) for g in change.deleted_rows)
            anew = replace(change, replica=replica, seq=n, writes=writes, deleted_rows=gone)
            sealed = seal(anew, self.key)
            self.kept[sealed.change_id] = Kept(sealed.raw, anew, own=True)
        return len(lacking)

    def set_certificate(self, certificate: bytes) -> None:
        self.certificate = certificate

    def observe_clock(self, server_ms: int, local_ms: int, round_trip_ms: int) -> None:
        pass

    def note_sync(self, line: str) -> None:
        self.lines.append(line)
