"""A laptop's log in memory: the simplest thing that keeps the promises of ``ChangeLog``. For tests and the simulator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.change import VERSION, Change, Content, Dot, change_of
from sync.clock import HybridClock
from sync.codec import change_id_of, open_any, open_sealed, seal
from sync.known_keys import Hand, KnownKeys
from sync.merge import RootState, empty, merge, merge_all
from sync.moves import roots_away
from sync.protocol import Cursor, FeedEntry, FeedItem, Have, LogIdentity, OwnChange, Verdict, fact_id
from sync.records import RootView, view
from sync.scope import COUNTY_FEED, read_device_certificate

ANSWERED = (Verdict.ADMITTED, Verdict.DUPLICATE)


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
        self.county_key: Ed25519PublicKey | None = None  # None: a test that does not look at signatures
        self.aside: dict[bytes, bytes] = {}  # change id → bytes whose signature nobody known has made
        self.chance: Callable[[], int] = lambda: 0  # 16 random bits
        self._keys: KnownKeys | None = None
        self.replacing = False  # the server was restored; its feeds are being followed anew
        self._states: dict[str, RootState] = {}
        self._views: dict[str, RootView] = {}

    # --- what a screen does ---------------------------------------------------------------------------------------

    def write(
        self, content: Content, *, root: str, root_type: str, feed: str, now_ms: int = 0, **more: object
    ) -> Change:
        """Seals one change on the spot."""
        self.clock = self.clock.tick(now_ms, self.chance())
        self.max_seq += 1
        envelope = Change(
            1, content.kind, self.county, self.replica, self.max_seq, self.clock.last, 480, self.actor, root, root_type,
            feed=feed, save_id=self.replica[:4] + self.max_seq.to_bytes(4, "big"),
        )  # fmt: skip
        made = replace(change_of(content, envelope), **more)  # type: ignore[arg-type]
        sealed = seal(made, self.key)
        self._keep(sealed.change_id, Kept(sealed.raw, made, own=True))
        return made

    def draft(self, content: Content, **place: object) -> None:
        """An open change: on disk, not sealed yet."""
        self.drafts.append((content, place))

    def state(self, root: str) -> RootState:
        """What this laptop knows of a root: the feeds' changes and its own."""
        if root not in self._states:
            known = [kept.change for kept in self.kept.values() if kept.change.root == root]
            self._states[root] = merge_all(root, known) if known else empty(root)
        return self._states[root]

    def view(self, root: str) -> RootView:
        """What its screen shows."""
        if root not in self._views:
            self._views[root] = view(self.state(root))
        return self._views[root]

    def roots(self) -> list[str]:
        """All roots known."""
        return sorted({kept.change.root for kept in self.kept.values()})

    def changes_of(self, root: str) -> list[Change]:
        """The changes of a root."""
        return [kept.change for kept in self.kept.values() if kept.change.root == root]

    def held(self) -> Iterable[tuple[bytes, Kept]]:
        """Everything in the log."""
        return self.kept.items()

    def roots_away(self) -> frozenset[str]:
        """Roots that went where this laptop does not reach."""
        placed = ((feed, places) for feed, places in self.places.items())
        return roots_away((feed, vseq, fact) for feed, one in placed for vseq, (_, fact) in one.items() if fact)

    def image(self) -> dict[str, Any]:
        """A copy of the disk."""
        copied = {name: value for name, value in self.__dict__.items() if name not in ("key", "trouble", "chance")}
        copied |= {
            "kept": {change_id: replace(kept) for change_id, kept in self.kept.items()},
            "places": {feed: dict(places) for feed, places in self.places.items()},
            "at": dict(self.at), "drafts": list(self.drafts), "lines": [], "aside": dict(self.aside), "_keys": None,
            "_states": {}, "_views": {},
        }  # fmt: skip
        return copied

    def put_back(self, image: dict[str, Any]) -> None:
        """A copy of the disk takes the disk's place."""
        self.__dict__.update(image)

    def _keep(self, change_id: bytes, kept: Kept) -> None:
        self.kept[change_id] = kept
        root = kept.change.root
        if root in self._states:
            self._states[root] = merge(self._states[root], kept.change)
        self._views.pop(root, None)

    def _known(self, raw: bytes) -> bool:
        """Signed by the county or by a laptop that the county feed names."""
        if self.county_key is None:
            return True
        if self._keys is None:
            told = (k.change for k in self.kept.values() if k.change.feed == COUNTY_FEED)
            certificates = [write.value for change in told for write in change.writes if write.field == "certificate"]
            self._keys = KnownKeys(self.county_key, [self.certificate, *certificates])
        return self._keys.hand(raw) is Hand.KNOWN

    def _look_again(self) -> None:
        """Keys came: what was set aside may be good after all."""
        self._keys = None
        for change_id, raw in list(self.aside.items()):
            if self._known(raw):
                del self.aside[change_id]
                self._keep(change_id, Kept(raw, open_any(raw), own=False, verdict=Verdict.ADMITTED))

    def _drop(self, change_id: bytes) -> None:
        root = self.kept.pop(change_id).change.root
        self._states.pop(root, None)
        self._views.pop(root, None)

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
        self._keep(change_id, Kept(raw, open_any(raw), own=True))
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

    def own_of_former_replicas(self) -> Sequence[bytes]:
        return [i for i, k in self.kept.items() if k.own and k.change.replica != self.replica]

    def own_waiting(self, have: Have) -> int:
        return sum(have.lacks(kept.change.seq) for _, kept in self._own())

    def record_verdicts(self, verdicts: Sequence[tuple[int, Verdict, str]], have: Have) -> None:
        told = {seq: verdict for seq, verdict, _ in verdicts}
        for _, kept in self._own():
            seq = kept.change.seq
            if seq in told:
                if kept.verdict is None or told[seq] not in ANSWERED:
                    kept.verdict = told[seq]
            elif kept.verdict is None and not have.lacks(seq):
                kept.verdict = Verdict.ADMITTED

    def answered(self) -> Have:
        open_ones = tuple(kept.change.seq for _, kept in self._own() if kept.verdict is None)
        return Have(self.max_seq, open_ones)

    def record_durable(self, upto: int) -> None:
        for _, kept in self._own():
            kept.durable = kept.durable or (kept.verdict in ANSWERED and kept.change.seq <= upto)

    def cursors(self) -> Sequence[Cursor]:
        return list(self.at.values())

    def take_in(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        self._absorb(entries, cursor)

    def _absorb(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        places = self.places.setdefault(cursor.feed, {})
        for entry in entries:
            if entry.kind == "fact":
                places[entry.vseq] = (fact_id(entry.data), entry.data)
                continue
            change_id = change_id_of(entry.data)
            places[entry.vseq] = (change_id, b"")
            if change_id not in self.kept and not self._known(entry.data):
                self.aside[change_id] = entry.data
                continue
            if change_id not in self.kept:
                self._keep(change_id, Kept(entry.data, open_any(entry.data), own=False))
                if cursor.feed == COUNTY_FEED:
                    self._keys = None
            kept = self.kept[change_id]
            kept.verdict = Verdict.ADMITTED
            self.clock = self.clock.absorb(kept.change.hlc, 2**44)
        if self.aside and cursor.feed == COUNTY_FEED:
            self._look_again()
        self.at[cursor.feed] = cursor

    def put_right(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        believed = {self.places.get(cursor.feed, {}).get(entry.vseq, (b"", b""))[0] for entry in entries}
        self._absorb(entries, cursor)
        self._drop_orphans(believed)

    def feed_items(self, feed: str, first: int, last: int) -> Sequence[FeedItem]:
        places = self.places.get(feed, {})
        return [FeedItem(vseq, places[vseq][0]) for vseq in sorted(places) if first <= vseq <= last]

    def raw_of(self, change_ids: Sequence[bytes]) -> Sequence[bytes]:
        return [self.kept[change_id].raw for change_id in change_ids if change_id in self.kept]

    def forget_cursors(self, epoch: str) -> None:
        self.lines.append(f"epoch {epoch}")
        self.replacing = True
        self.at.clear()
        self.places.clear()
        self.aside.clear()  # what was good comes again
        for kept in self.kept.values():
            if kept.own and kept.verdict in ANSWERED:
                kept.verdict, kept.durable = None, False

    def put_away_unplaced(self) -> int:
        if not self.replacing:
            return 0
        self.replacing = False
        count = len(self.kept)
        self._drop_orphans([change_id for change_id, kept in self.kept.items() if not kept.own])
        return count - len(self.kept)

    def drop_feed(self, feed: str) -> None:
        self.at.pop(feed, None)
        stood = {item for item, fact in self.places.pop(feed, {}).values() if not fact}
        self._drop_orphans(stood, durable_too=True)

    def _drop_orphans(self, change_ids: Iterable[bytes], *, durable_too: bool = False) -> None:
        elsewhere = {item for places in self.places.values() for item, _ in places.values()}
        for change_id in change_ids:
            if change_id not in elsewhere:
                self.aside.pop(change_id, None)
            kept = self.kept.get(change_id)
            if (
                kept is not None
                and change_id not in elsewhere
                and not (kept.own and not (durable_too and kept.durable))
            ):
                self._drop(change_id)

    def renew_replica(self, replica: bytes, have: Have) -> int:
        old = self.replica
        lacking = [(i, k) for i, k in self._own() if have.lacks(k.change.seq) and k.change.version <= VERSION]
        renamed: dict[Dot, Dot] = {(old, k.change.seq): (replica, n) for n, (_, k) in enumerate(lacking, 1)}
        for _, kept in self._own():
            if kept.verdict is None:
                kept.verdict = Verdict.ADMITTED  # what is left under the old name is at the county
        self.replica, self.max_seq = replica, len(lacking)
        for n, (change_id, kept) in enumerate(lacking, 1):
            self._drop(change_id)
            change = open_sealed(kept.raw)
            writes = tuple(replace(w, prev=tuple(renamed.get(d, d) for d in w.prev)) for w in change.writes)
            gone = tuple(replace(g, prev=tuple(renamed.get(d, d) for d in g.prev)) for g in change.deleted_rows)
            anew = replace(change, replica=replica, seq=n, writes=writes, deleted_rows=gone)
            sealed = seal(anew, self.key)
            self._keep(sealed.change_id, Kept(sealed.raw, anew, own=True))
        return len(lacking)

    def set_certificate(self, certificate: bytes) -> None:
        if self.county_key is not None:
            new = read_device_certificate(certificate, self.county_key)
            if new.serial <= read_device_certificate(self.certificate, self.county_key).serial:
                return  # a stick brings an old one
        self.certificate = certificate

    def observe_clock(self, server_ms: int, local_ms: int, round_trip_ms: int) -> None:
        pass

    def note_sync(self, line: str) -> None:
        self.lines.append(line)
