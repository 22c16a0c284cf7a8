"""A desk for sealed bundles over HTTPS: the county's with its pinned certificate, or a township relay met on the office's network."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync import cbor
from sync.carriage import Delivered, Vouched, read_card, unpack_delivered, unpack_vouched
from sync.client.http_server import HttpServer, certificate_at
from sync.errors import BadBytes, NotARelay
from sync.messages import pack_cursors, pack_decision, unpack_waiting
from sync.protocol import Cursor, Waiting
from sync.scope import DeviceCertificate


class HttpDesk(HttpServer):
    """Implements ``carriage.Desk`` besides ``CountyServer``."""

    def card(self) -> bytes:
        """The relay's card; b"" at the county."""
        return self._ask("GET", "/v1/card", lambda data: data)

    def held(self, token: bytes, name: str) -> int:
        """How many bytes of this file are there."""
        return self._ask("GET", f"/v1/file/{name}/held", _number, token=token)

    def put(self, token: bytes, name: str, offset: int, size: int, pieces: Iterable[bytes]) -> int:
        """Sends a range."""
        path = f"/v1/file/{name}?offset={offset}&size={size}"
        return self._ask("PUT", path, _number, body=b"".join(pieces), token=token)

    def deliver(self, token: bytes, name: str) -> Delivered:
        """The bundle is complete."""
        return self._ask("POST", f"/v1/file/{name}/deliver", unpack_delivered, token=token)

    def read(self, token: bytes, name: str, offset: int) -> Iterator[bytes]:
        """A file from this byte on."""
        with self._open("GET", f"/v1/file/{name}?offset={offset}", token, None) as response:
            yield from self._body(response)

    def vouch(self, token: bytes, cursors: Sequence[Cursor]) -> tuple[Vouched, ...]:
        """The county's signature under these places."""
        return self._ask("POST", "/v1/vouch", unpack_vouched, body=pack_cursors(cursors, 0), token=token)


class HttpWaitingRoom(HttpServer):
    """Implements ``protocol.WaitingRoom`` besides ``CountyServer``."""

    def waiting_for(self, token: bytes, account: str) -> tuple[Waiting, ...]:
        """What waits for this person's decision."""
        return self._ask("POST", "/v1/waiting", unpack_waiting, body=cbor.dumps(account), token=token)

    def decide(self, token: bytes, account: str, change_id: bytes, refusal: str | None) -> bool:
        """Lets one in, or leaves it out."""
        body = pack_decision(account, change_id, refusal)
        return self._ask("POST", "/v1/decide", lambda data: bool(cbor.loads(data)), body=body, token=token)


def find_relay(url: str, county_key: Ed25519PublicKey) -> tuple[HttpDesk, DeviceCertificate, bytes]:
    """The relay at an address of the office's network, if it is a township's laptop of this county.

    Returns its desk, its certificate and that as bytes. Nothing has to be typed off a slip: the card's two signatures, the county's and the relay's own, say whose line this is.

    Raises:
        ServerUnreachable, NotARelay.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise NotARelay("not an https address")
    der = certificate_at(parts.hostname, parts.port or 443)
    desk = HttpDesk(url, ssl.DER_cert_to_PEM_cert(der).encode())
    try:
        return desk, *read_card(desk.card(), county_key, hashlib.sha256(der).hexdigest())
    except BaseException:
        desk.close()
        raise


def _number(data: bytes) -> int:
    number = cbor.loads(data)
    if not isinstance(number, int):
        raise BadBytes("not a number")
    return number
