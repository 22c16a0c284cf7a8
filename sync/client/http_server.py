"""The county over HTTPS. One address, one pinned certificate; nothing else is ever spoken to."""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from sync import cbor
from sync.errors import (
    BadBytes,
    CarriesOnly,
    CertificateRefused,
    EnrolmentRefused,
    LaptopOfStatistics,
    LaptopOfWork,
    NewEpoch,
    NotRecognised,
    Refused,
    ServerBusy,
    ServerNotOurs,
    ServerUnreachable,
    SyncError,
    TooBig,
)
from sync.frame import MAGIC, EntryKind, entry
from sync.messages import (
    pack_cursors,
    pack_enrol,
    pack_hello,
    pack_ids,
    parts_in,
    unpack_digests,
    unpack_enrolled,
    unpack_ids,
    unpack_welcome,
)
from sync.packing import PACKING, packed_frame, to_send
from sync.protocol import (
    BlockDigest,
    Cursor,
    EnrolReply,
    EnrolRequest,
    ExchangePart,
    FeedEntry,
    Hello,
    Welcome,
)

T = TypeVar("T")
log = logging.getLogger(__name__)
_TIMEOUT: Final = httpx.Timeout(30.0, connect=15.0)
_HEADERS: Final = {"user-agent": "fieldapp", "accept-encoding": "identity", "accept": "*/*"}
_LARGEST_MESSAGE: Final = 1024 * 1024
_BY_NAME: Final[dict[str, type[SyncError]]] = {
    kind.__name__: kind
    for kind in (
        CarriesOnly,
        NotRecognised,
        EnrolmentRefused,
        CertificateRefused,
        NewEpoch,
        TooBig,
        BadBytes,
        Refused,
        ServerBusy,
        LaptopOfStatistics,
        LaptopOfWork,
    )
}
_BY_STATUS: Final[dict[int, type[SyncError]]] = {
    401: NotRecognised, 403: EnrolmentRefused, 409: NewEpoch, 413: TooBig,
}  # fmt: skip


class HttpServer:
    """A ``CountyServer`` over a wire.

    Args:
        url: ``https://host:port``; plain ``http://`` only to this machine itself.
        certificate_pem: the county's TLS certificate, from ``fetch_certificate`` at enrolment; b"" for plain http.

    Attributes:
        requests, sent, received: how many requests were made, and bytes of bodies each way.
    """

    def __init__(self, url: str, certificate_pem: bytes) -> None:
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ServerNotOurs("plain http to another machine")
        verify: ssl.SSLContext | bool = False
        if parts.scheme == "https":
            verify = _pinned(certificate_pem)
        # No redirects, no proxies from the environment: no other address, ever.
        self._client = httpx.Client(
            base_url=url, verify=verify, headers=_HEADERS, timeout=_TIMEOUT, trust_env=False, follow_redirects=False
        )
        self.requests = self.sent = self.received = 0
        self._packs = False  # until a welcome says that the server reads it

    def __enter__(self) -> HttpServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up."""
        self._client.close()

    # --- CountyServer -------------------------------------------------------------------------------------------------

    def hello(self, hello: Hello) -> Welcome:
        """Who is there; the county's answer."""
        welcome = self._ask("POST", "/v1/hello", unpack_welcome, body=pack_hello(hello))
        self._packs = welcome.policy.get("packing") == PACKING
        return welcome

    def exchange(
        self, token: bytes, sending: Iterable[bytes], cursors: Sequence[Cursor], max_down: int
    ) -> Iterator[ExchangePart]:
        """Sends changes; gives verdicts and feed entries as they arrive."""
        pieces = [MAGIC, entry(EntryKind.HEAD, pack_cursors(cursors, max_down))]
        pieces += [entry(EntryKind.CHANGE, to_send(raw) if self._packs else raw) for raw in sending]
        pieces.append(entry(EntryKind.END))
        body = packed_frame(pieces) if self._packs else b"".join(pieces)
        return self._stream("POST", "/v1/x", token, body, PACKING if self._packs else "")

    def feed(self, token: bytes, feed: str, after: int, most: int) -> Iterator[FeedEntry]:
        """Entries of one feed."""
        path = f"/v1/feed/{quote(feed, safe='')}?after={after}&most={most}"
        for part in self._stream("GET", path, token, None):
            if isinstance(part, FeedEntry):
                yield part

    def digests(self, token: bytes, feed: str, first: int, last: int) -> tuple[BlockDigest, ...]:
        """Digests of a feed's blocks."""
        path = f"/v1/digest/{quote(feed, safe='')}?from={first}&to={last}"
        return self._ask("GET", path, unpack_digests, token=token)

    def offer(self, token: bytes, change_ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """Which of these the server lacks."""
        return self._ask("POST", "/v1/offer", unpack_ids, body=pack_ids(change_ids), token=token)

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Certificates for a one-time code."""
        return self._ask("POST", "/v1/enrol", unpack_enrolled, body=pack_enrol(request))

    # --- wire ---------------------------------------------------------------------------------------------------------

    def _ask(
        self, method: str, path: str, read: Callable[[bytes], T], *, body: bytes | None = None, token: bytes = b""
    ) -> T:
        with self._open(method, path, token, body) as response:
            data = bytearray()
            for piece in self._body(response):
                data += piece
                if len(data) > _LARGEST_MESSAGE:
                    raise BadBytes("an answer without end")
        return read(bytes(data))

    def _stream(
        self, method: str, path: str, token: bytes, body: bytes | None, packing: str = ""
    ) -> Iterator[ExchangePart]:
        with self._open(method, path, token, body, packing) as response:
            try:
                yield from parts_in(self._body(response))
            except BadBytes as error:
                if response.is_stream_consumed:  # it only ended early: the line, not the data
                    raise ServerUnreachable("the answer was cut off") from error
                raise

    @contextmanager
    def _open(
        self, method: str, path: str, token: bytes, body: bytes | None, packing: str = ""
    ) -> Iterator[httpx.Response]:
        headers = {"authorization": "Bearer " + base64.urlsafe_b64encode(token).decode()} if token else {}
        if packing:
            headers["content-encoding"] = packing
        self.requests += 1
        self.sent += len(body or b"")
        with _told(), self._client.stream(method, path, content=body, headers=headers) as response:
            if response.status_code != 200:
                raise _refusal(response)
            yield response

    def _body(self, response: httpx.Response) -> Iterator[bytes]:
        with _told():
            for piece in response.iter_raw():
                self.received += len(piece)
                yield piece


def fetch_certificate(url: str, fingerprint: str) -> bytes:
    """The server's TLS certificate (PEM), if it is the one of the enrolment slip.

    Args:
        fingerprint: SHA-256 of the certificate, hex; spaces and colons do not matter.
    Raises:
        ServerUnreachable, ServerNotOurs.
    """
    parts = urlsplit(url)
    certificate = certificate_at(parts.hostname or "", parts.port or 443)
    wanted = fingerprint.replace(":", "").replace(" ", "").lower()
    if hashlib.sha256(certificate).hexdigest() != wanted:
        raise ServerNotOurs("the certificate has another fingerprint")
    return ssl.DER_cert_to_PEM_cert(certificate).encode()


def certificate_at(host: str, port: int) -> bytes:
    """The TLS certificate (DER) of whoever answers there; nothing is sent, and the caller decides whether it is the right one.

    Raises:
        ServerUnreachable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), timeout=15) as plain, context.wrap_socket(plain) as line:
            return line.getpeercert(binary_form=True) or b""
    except OSError as error:
        raise ServerUnreachable(f"no TLS there: {type(error).__name__}") from error


def _pinned(certificate_pem: bytes) -> ssl.SSLContext:
    """Trusts this certificate and no other; the name in it does not matter, addresses change in the field."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    try:
        context.load_verify_locations(cadata=certificate_pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise ServerNotOurs("no certificate is pinned") from error
    return context


@contextmanager
def _told() -> Iterator[None]:
    """Failures of the line as sentences."""
    try:
        yield
    except httpx.TransportError as error:
        if _certificate_failed(error):
            raise ServerNotOurs("another certificate than the pinned one") from error
        raise ServerUnreachable(f"{type(error).__name__}") from error
    except ssl.SSLError as error:
        raise ServerUnreachable(f"{type(error).__name__}") from error


def _certificate_failed(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _refusal(response: httpx.Response) -> SyncError:
    try:
        name, detail = cbor.loads(response.read()[:4096])
    except (BadBytes, ValueError, TypeError):
        name, detail = "", ""
    if response.status_code in (429, 502, 503, 504):
        wait = response.headers.get("retry-after", "5")
        return ServerBusy(str(detail), after_s=float(wait) if wait.isdigit() else 5.0)
    kind = _BY_NAME.get(str(name)) or _BY_STATUS.get(response.status_code, Refused)
    return kind(f"{response.status_code} {detail}")
