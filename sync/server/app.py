"""Routes only: bytes in, ``CountyService``, bytes out. Handlers are synchronous; frames are read and written as they flow.

An HTTP status other than 200 is about the transport; what became of a change stands in its verdict.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Iterator
from typing import Annotated, Any, Final

import anyio.from_thread
from fastapi import FastAPI, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from sync import cbor
from sync.carriage import LARGEST_BUNDLE, Desk, pack_delivered, pack_vouched
from sync.codec import tightened
from sync.errors import (
    BadBytes,
    CarriesOnly,
    CertificateRefused,
    EnrolmentRefused,
    NewEpoch,
    NotRecognised,
    OtherProject,
    Refused,
    ServerBusy,
    ServerUnreachable,
    SyncError,
    TooBig,
)
from sync.frame import EntryKind, FrameReader
from sync.messages import (
    frame_of_parts,
    pack_digests,
    pack_enrolled,
    pack_ids,
    pack_waiting,
    pack_welcome,
    unpack_cursors,
    unpack_decision,
    unpack_enrol,
    unpack_hello,
    unpack_ids,
)
from sync.packing import PACKING, unpacked_pieces
from sync.protocol import CountyServer, WaitingRoom
from sync.server.errors import DatabaseTrouble
from sync.server.service import CountyService

log = logging.getLogger(__name__)
OCTETS: Final = "application/octet-stream"
_LARGEST_MESSAGE: Final = 256 * 1024
_LARGEST_REQUEST: Final = 64 * 1024 * 1024
_STATUS: Final[dict[type[SyncError], int]] = {
    NotRecognised: 401,
    EnrolmentRefused: 403,
    CertificateRefused: 403,
    CarriesOnly: 403,
    OtherProject: 403,
    NewEpoch: 409,
    TooBig: 413,
    BadBytes: 400,
    Refused: 400,
    ServerBusy: 503,
    DatabaseTrouble: 503,
}
_BINARY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}},
    **{
        code: {"description": text, "content": {OCTETS: {}}}
        for code, text in {
            400: "not understood",
            401: "token or device unknown",
            403: "code or certificate refused",
            409: "the server was restored: hello again",
            413: "too big",
            503: "come back later",
        }.items()
    },
}
FileName = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="of the file's content")]
Token = Annotated[str, Header(alias="authorization", description="Bearer and the token of the welcome, base64url")]


class Octets(Response):
    """Bytes, whatever they mean."""

    media_type = OCTETS


def make_app(service: CountyServer, desk: Desk) -> FastAPI:
    """The HTTP face of a county server, or of a township relay: the same routes, the relay refuses what only the county can do."""
    app = FastAPI(title="fieldapp county server", version="1", docs_url=None, redoc_url=None)
    route: dict[str, Any] = {"response_class": Octets, "responses": _ANSWERS}

    @app.exception_handler(SyncError)
    def refuse(_: Request, error: Exception) -> Response:
        status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
        log.info("%s: %s", type(error).__name__, error)
        headers = {"Retry-After": "5"} if status == 503 else {}
        return Octets(cbor.dumps([type(error).__name__, str(error)]), status_code=status, headers=headers)

    @app.post("/v1/hello", openapi_extra=_BINARY, **route)
    def hello(request: Request) -> Response:
        """Who is there, what the server has of it, where its feeds end."""
        return Octets(pack_welcome(service.hello(unpack_hello(_whole(request)))))

    @app.post("/v1/x", openapi_extra=_BINARY, **route)
    def exchange(request: Request, authorization: Token) -> Response:
        """A frame of changes in; verdicts and feed entries out, as a frame."""
        entries = _entries(request)
        kind, first = next(entries, (0, b""))
        if kind != EntryKind.HEAD:
            raise Refused("an exchange begins with its cursors")
        cursors, max_down = unpack_cursors(first)
        changes = (payload for kind, payload in entries if kind == EntryKind.CHANGE)
        parts = service.exchange(_token(authorization), changes, cursors, max_down)
        return StreamingResponse(frame_of_parts(parts), media_type=OCTETS)

    @app.get("/v1/feed/{feed}", **route)
    def feed(
        feed: Annotated[str, Path(max_length=200)],
        authorization: Token,
        after: Annotated[int, Query(ge=0, le=2**62)] = 0,
        most: Annotated[int, Query(ge=1, le=1000)] = 256,
    ) -> Response:
        """Entries of one feed, for repair."""
        return StreamingResponse(
            frame_of_parts(service.feed(_token(authorization), feed, after, most)), media_type=OCTETS
        )

    @app.get("/v1/digest/{feed}", **route)
    def digest(
        feed: Annotated[str, Path(max_length=200)],
        authorization: Token,
        first: Annotated[int, Query(alias="from", ge=1, le=2**62)] = 1,
        last: Annotated[int, Query(alias="to", ge=1, le=2**62)] = 1,
    ) -> Response:
        """Digests of the blocks that touch the range."""
        return Octets(pack_digests(service.digests(_token(authorization), feed, first, last)))

    @app.post("/v1/offer", openapi_extra=_BINARY, **route)
    def offer(request: Request, authorization: Token) -> Response:
        """Ids of changes in; the ones that the server lacks out."""
        return Octets(pack_ids(service.offer(_token(authorization), unpack_ids(_whole(request)))))

    @app.post("/v1/enrol", openapi_extra=_BINARY, **route)
    def enrol(request: Request) -> Response:
        """A one-time code and keys in; certificates out."""
        return Octets(pack_enrolled(service.enrol(unpack_enrol(_whole(request)))))

    _add_desk(app, desk, route)
    if isinstance(service, CountyService):
        _add_waiting(app, service, route)
    return app


def _add_waiting(app: FastAPI, room: WaitingRoom, route: dict[str, Any]) -> None:
    """The quarantine, for supervisors and the office."""

    @app.post("/v1/waiting", openapi_extra=_BINARY, **route)
    def waiting(request: Request, authorization: Token) -> Response:
        """The account that asks in (CBOR text); changes that wait for its decision out."""
        account = cbor.loads(_whole(request))
        if not isinstance(account, str):
            raise BadBytes("not an account")
        return Octets(pack_waiting(room.waiting_for(_token(authorization), account)))

    @app.post("/v1/decide", openapi_extra=_BINARY, **route)
    def decide(request: Request, authorization: Token) -> Response:
        """One decision in; whether the change still waited out."""
        return Octets(cbor.dumps(room.decide(_token(authorization), *unpack_decision(_whole(request)))))


def _add_desk(app: FastAPI, desk: Desk, route: dict[str, Any]) -> None:
    """Sealed bundles in ranges."""

    @app.get("/v1/card", **route)
    def card() -> Response:
        """Who serves here: a relay's card, nothing at the county."""
        return Octets(desk.card())

    @app.get("/v1/file/{name}/held", **route)
    def held(name: FileName, authorization: Token) -> Response:
        """How many bytes of this file are here."""
        return Octets(cbor.dumps(desk.held(_token(authorization), name)))

    @app.put("/v1/file/{name}", openapi_extra=_BINARY, **route)
    def put(
        request: Request,
        name: FileName,
        authorization: Token,
        offset: Annotated[int, Query(ge=0, le=LARGEST_BUNDLE)],
        size: Annotated[int, Query(ge=1, le=LARGEST_BUNDLE)],
    ) -> Response:
        """A range of a bundle."""
        return Octets(cbor.dumps(desk.put(_token(authorization), name, offset, size, _pieces(request))))

    @app.post("/v1/file/{name}/deliver", **route)
    def deliver(name: FileName, authorization: Token) -> Response:
        """The bundle is complete: receipts, and what waits for its laptop."""
        return Octets(pack_delivered(desk.deliver(_token(authorization), name)))

    @app.get("/v1/file/{name}", **route)
    def read(
        name: FileName, authorization: Token, offset: Annotated[int, Query(ge=0, le=LARGEST_BUNDLE)] = 0
    ) -> Response:
        """A file that waits here, from this byte on."""
        return StreamingResponse(desk.read(_token(authorization), name, offset), media_type=OCTETS)

    @app.post("/v1/vouch", openapi_extra=_BINARY, **route)
    def vouch(request: Request, authorization: Token) -> Response:
        """Cursors in; the county's signature under those that are right out."""
        cursors, _ = unpack_cursors(_whole(request))
        return Octets(pack_vouched(desk.vouch(_token(authorization), cursors)))


def _token(header: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(header.removeprefix("Bearer ").strip().encode())
    except (binascii.Error, ValueError) as error:
        raise NotRecognised("a token that cannot be read") from error


def _pieces(request: Request) -> Iterator[bytes]:
    """The request's body as it arrives, read from the handler's thread."""
    stream = request.stream()

    async def following() -> bytes | None:
        return await anext(stream, None)

    size = 0
    while True:
        try:
            piece = anyio.from_thread.run(following)
        except ClientDisconnect as error:
            raise ServerUnreachable("the client went away") from error
        if piece is None:
            return
        size += len(piece)
        if size > _LARGEST_REQUEST:
            raise TooBig("a request without end")
        if piece:
            yield piece


def _whole(request: Request) -> bytes:
    body = bytearray()
    for piece in _pieces(request):
        body += piece
        if len(body) > _LARGEST_MESSAGE:
            raise TooBig("a message that is too big")
    return bytes(body)


def _entries(request: Request) -> Iterator[tuple[int, bytes]]:
    """Complete entries of the frame in the body. A frame that ends early raises after its last complete entry."""
    reader = FrameReader()
    packed = request.headers.get("content-encoding") == PACKING
    pieces = _pieces(request)
    for piece in unpacked_pieces(pieces) if packed else pieces:
        for kind, payload in reader.take(piece):
            yield kind, tightened(payload) if packed and kind == EntryKind.CHANGE else payload
    if not reader.complete:
        raise BadBytes("the frame ends early")
