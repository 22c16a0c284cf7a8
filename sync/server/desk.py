"""The county's desk for sealed bundles that come by wire: from a laptop itself, or from a township relay that carries others'.

What it does with a bundle is what it does with one on a stick (carrying.py): same admission, same receipt, same sealed answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence

from sync.carriage import Delivered, Vouched, name_of, sign_head
from sync.errors import BadBytes, Refused
from sync.protocol import Cursor, FeedItem, Hello, Welcome, feed_digest
from sync.scope import covers
from sync.server import feeds
from sync.server.carrying import Counter
from sync.server.service import CountyService
from sync.server.shelves import DatabaseShelf
from sync.stick import Place

_BUNDLE, _ANSWER = "bundle", "answer"


class CountyDesk:
    """Implements ``carriage.Desk`` on the county's database."""

    def __init__(
        self,
        service: CountyService,
        *,
        now_ms: Callable[[], int],
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._service = service
        self._shelf = DatabaseShelf(service.database, service.keys.county, now_ms)
        self._now_ms = now_ms
        self._chance = chance

    def card(self) -> bytes:
        """The county needs none: its TLS certificate is pinned."""
        return b""

    def hello(self, hello: Hello) -> Welcome:
        """As any hello."""
        return self._service.hello(hello)

    def held(self, token: bytes, name: str) -> int:
        """How many bytes of this file are here."""
        self._service.caller(token)
        return self._shelf.held(name)

    def put(self, token: bytes, name: str, offset: int, size: int, pieces: Iterable[bytes]) -> int:
        """Adds a range of a bundle."""
        certificate, _ = self._service.caller(token)
        return self._shelf.add(name, offset, size, pieces, device=certificate.device, kind=_BUNDLE)

    def deliver(self, token: bytes, name: str) -> Delivered:
        """Takes a complete bundle in. Once more for the same name is harmless: every change is known by its id."""
        certificate, active = self._service.caller(token)
        if not self._shelf.size(name) or self._shelf.held(name) != self._shelf.size(name):
            raise Refused("the bundle is not complete")
        tray = _Tray(self._shelf, certificate.device)
        counter = Counter(self._service, tray, self._now_ms, self._chance)
        delivery = counter.take(name)
        if delivery.complete or delivery.refused:
            self._shelf.remove(name)
        told = tuple(
            (change_id, int(verdict))
            for change_id, feed, verdict in counter.judged
            if active and covers(certificate.feeds, feed)
        )
        receipts = ((name, tray.receipt),) if tray.receipt else ()
        answers = ((tray.answer, self._shelf.size(tray.answer)),) if tray.answer else ()
        refused = delivery.refused or ("" if delivery.complete else BadBytes.zh)
        return Delivered(b"", receipts, answers, told, refused)

    def read(self, token: bytes, name: str, offset: int) -> Iterator[bytes]:
        """An answer from this byte on. It is sealed to its laptop, whoever carries it."""
        self._service.caller(token)
        if not self._shelf.size(name):
            raise Refused("no such file")
        return self._shelf.read(name, offset)

    def vouch(self, token: bytes, cursors: Sequence[Cursor]) -> tuple[Vouched, ...]:
        """Signs the places that are right."""
        certificate, active = self._service.caller(token)
        found = []
        for cursor in cursors if active else ():
            if cursor.epoch == self._service.epoch and covers(certificate.feeds, cursor.feed) and self._right(cursor):
                found.append(sign_head(self._service.keys.county, cursor, self._service.keys.signing))
        return tuple(found)

    def _right(self, cursor: Cursor) -> bool:
        county = self._service.keys.county
        with self._service.database.reading() as connection:
            items: Iterable[FeedItem] = feeds.items(connection, county, cursor.feed, cursor.vseq)
            return feed_digest(bytes(16), items) == cursor.digest


class _Tray:
    """What came by wire, as the counter sees it."""

    def __init__(self, shelf: DatabaseShelf, carrier: str) -> None:
        self._shelf = shelf
        self._carrier = carrier
        self.receipt = b""
        self.answer = ""

    def pieces(self, place: Place, name: str) -> Iterator[bytes]:
        """The bundle; checked by its name when it was complete."""
        del place
        return self._shelf.read(name, 0)

    def put(self, place: Place, pieces: Iterable[bytes], name: str = "") -> str:
        """Receipt or answer."""
        if place is Place.ACK:
            self.receipt = b"".join(pieces)
            return name or name_of(self.receipt)
        self.answer = self._shelf.put(pieces, device=self._carrier, kind=_ANSWER)
        return self.answer
