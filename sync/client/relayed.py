"""What a township relay hands on: places of feeds under the county's signature, and what its own supervisor wrote since.

Nothing in it is believed because the relay says so. A feed is taken in only if the entries lead exactly to a place that the county
has signed, from where this laptop stands; the supervisor's changes only with that laptop's signature, and they count as not yet
admitted until the county says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync.bundle import BundleReader
from sync.carriage import Vouched, head_holds, unpack_vouched
from sync.codec import change_id_of, peek, verify
from sync.errors import BadBytes, NotARelay, SyncError
from sync.frame import EntryKind, FrameReader
from sync.messages import parts_in
from sync.protocol import ChangeLog, Cursor, FeedEntry, FeedItem, fact_id, feed_digest
from sync.scope import DeviceCertificate, covers, read_device_certificate

_PAGE: Final = 64


class RelayedBundle:
    """One bundle of a relay for this laptop.

    Attributes:
        name: on the stick. relay: who sealed it. created_ms: by that laptop's clock.

    Raises:
        BadBytes, BadSignature, NotForUs: damaged or not what it claims. NotARelay: sealed by a laptop that takes nothing in.
    """

    def __init__(self, name: str, data: bytes, key: X25519PrivateKey, county_key: Ed25519PublicKey) -> None:
        self.name = name
        self._county_key = county_key
        reader = BundleReader(key)
        plain = list(reader.take(data))
        header = reader.header
        if header is None or not reader.complete:
            raise BadBytes("the bundle ends early")
        certificate = header.facts.get("relay")
        self.relay: DeviceCertificate = read_device_certificate(
            certificate if isinstance(certificate, bytes) else b"", county_key
        )
        if self.relay.device != header.sender or self.relay.role.level is None:
            raise NotARelay("sealed by a laptop that is no relay")
        reader.check_sender(self.relay.verify_key())
        self.created_ms = header.created_ms
        self._county = header.county
        self._vouched: tuple[Vouched, ...] = ()
        self._own: list[bytes] = []
        frame = FrameReader()
        for piece in plain:
            for kind, payload in frame.take(piece):
                if kind == EntryKind.VOUCHED:
                    self._vouched = unpack_vouched(payload)
                elif kind == EntryKind.CHANGE:
                    self._own.append(payload)
        self._entries = [part for part in parts_in(plain) if isinstance(part, FeedEntry)]

    def take_feeds(self, log: ChangeLog) -> int:
        """Takes in the feeds that lead to a signed place from where the log stands; how many entries that were."""
        known = {cursor.feed: cursor for cursor in log.cursors()}
        epochs = {cursor.epoch for cursor in known.values()}
        taken = 0
        for vouched in self._vouched:
            end = vouched.cursor
            start = known.get(end.feed, Cursor(end.feed, end.epoch, 0, bytes(16)))
            # Another incarnation of the county's database is the county's own to announce.
            if end.epoch not in (epochs or {end.epoch}) or not head_holds(vouched, self._county, self._county_key):
                continue
            entries = [one for one in self._entries if one.feed == end.feed and start.vseq < one.vseq <= end.vseq]
            if [one.vseq for one in entries] != list(range(start.vseq + 1, end.vseq + 1)) or not entries:
                continue
            if feed_digest(start.digest, [_item(one) for one in entries]) != end.digest:
                continue
            self._take(log, start, entries)
            taken += len(entries)
        return taken

    @staticmethod
    def _take(log: ChangeLog, at: Cursor, entries: Sequence[FeedEntry]) -> None:
        for first in range(0, len(entries), _PAGE):
            page = entries[first : first + _PAGE]
            digest = feed_digest(at.digest, [_item(one) for one in page])
            at = replace(at, vseq=page[-1].vseq, digest=digest)
            log.take_in(page, at)

    def provisional(self, mine: DeviceCertificate) -> list[bytes]:
        """The supervisor's own changes, signed by the laptop that is the relay, of feeds that both may know."""
        found = []
        for raw in self._own:
            try:
                verify(raw, self.relay.verify_key())
                seen = peek(raw)
            except SyncError:
                continue
            if all(covers(one.feeds, seen.feed) for one in (mine, self.relay)):
                found.append(raw)
        return found


def _item(entry: FeedEntry) -> FeedItem:
    return FeedItem(entry.vseq, fact_id(entry.data) if entry.kind == "fact" else change_id_of(entry.data))
