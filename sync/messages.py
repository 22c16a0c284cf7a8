"""Protocol messages as CBOR lists. A newer end may append items: older ones read the ones they know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from sync import cbor
from sync.codec import read_varint, varint
from sync.errors import BadBytes
from sync.frame import MAGIC, EntryKind, FrameReader, entry
from sync.protocol import (
    BlockDigest,
    Cursor,
    EnrolReply,
    EnrolRequest,
    ExchangeHead,
    ExchangePart,
    FeedEntry,
    FeedHead,
    Have,
    Hello,
    Order,
    Verdict,
    Waiting,
    Welcome,
)

T = TypeVar("T")
_PLACE_OF: Final = {
    "change": EntryKind.PLACE_CHANGE, "fact": EntryKind.PLACE_FACT, "own": EntryKind.PLACE_OWN,
}  # fmt: skip
_KIND_OF: Final[dict[int, str]] = {number: kind for kind, number in _PLACE_OF.items()}


def hello_signed_part(hello: Hello, county: str) -> bytes:
    """What the device signs of a hello."""
    return b"fieldapp hello" + cbor.dumps([county, *_hello_items(hello), *_mode(hello)])


def pack_hello(hello: Hello) -> bytes:
    """A hello with its signature."""
    mode = [hello.use_mode, hello.certificate] if hello.certificate else _mode(hello)
    return cbor.dumps([*_hello_items(hello), hello.signature, *mode])


def _mode(hello: Hello) -> list[Any]:
    return [hello.use_mode] if hello.use_mode else []  # what a program older than modes sends and signs


def _hello_items(hello: Hello) -> list[Any]:
    return [
        hello.protocol, bytes.fromhex(hello.device), hello.serial, hello.nonce, hello.local_ms, hello.replica,
        hello.max_seq, [_cursor(c) for c in hello.cursors], list(hello.dictionaries),
    ]  # fmt: skip


def unpack_hello(data: bytes) -> Hello:
    """Raises BadBytes."""

    def read(items: list[Any]) -> Hello:
        protocol, device, serial, nonce, local_ms, replica, max_seq, cursors, dictionaries, signature = items[:10]
        use_mode, certificate = [*items[10:12], "", b""][:2] if len(items) != 11 else (items[10], b"")
        _are(bytes, device, nonce, replica, signature, certificate, *dictionaries)
        _are(int, protocol, serial, local_ms, max_seq)
        _are(str, use_mode)
        return Hello(
            device.hex(), serial, nonce, local_ms, replica, max_seq, tuple(_uncursor(c) for c in cursors),
            tuple(dictionaries), signature, protocol, use_mode, certificate,
        )  # fmt: skip

    return _unpack(data, read)


def pack_welcome(w: Welcome) -> bytes:
    """The county's answer to a hello."""
    return cbor.dumps(
        [
            w.token, w.epoch, w.server_ms, _have(w.have), w.durable_upto, [_head(h) for h in w.feeds], list(w.gone),
            [str(order) for order in w.orders], dict(w.policy), w.certificate, w.upto_id,
        ]
    )  # fmt: skip


def unpack_welcome(data: bytes) -> Welcome:
    """Raises BadBytes. Orders unknown to this program are left out."""

    def read(items: list[Any]) -> Welcome:
        token, epoch, server_ms, have, durable, feeds, gone, orders, policy, certificate, upto_id = items[:11]
        _are(bytes, token, upto_id)
        _are(str, epoch, *gone, *orders)
        _are(int, server_ms, durable)
        known = tuple(Order(order) for order in orders if order in set(Order))
        return Welcome(
            token, epoch, server_ms, _unhave(have), durable, tuple(_unhead(h) for h in feeds), tuple(gone), known,
            dict(policy), certificate, upto_id,
        )  # fmt: skip

    return _unpack(data, read)


def pack_cursors(cursors: Sequence[Cursor], max_down: int) -> bytes:
    """The head of an exchange: where to send on from, and how much."""
    return cbor.dumps([[_cursor(c) for c in cursors], max_down])


def unpack_cursors(data: bytes) -> tuple[tuple[Cursor, ...], int]:
    """Raises BadBytes."""

    def read(items: list[Any]) -> tuple[tuple[Cursor, ...], int]:
        _are(int, items[1])
        return tuple(_uncursor(c) for c in items[0]), items[1]

    return _unpack(data, read)


def frame_of_parts(parts: Iterable[ExchangePart], welcome: Welcome | None = None) -> Iterator[bytes]:
    """The answer to an exchange as pieces of a frame; in a bundle the welcome stands ahead of it."""
    yield MAGIC
    if welcome is not None:
        yield entry(EntryKind.WELCOME, pack_welcome(welcome))
    feed = ""
    for part in parts:
        if isinstance(part, ExchangeHead):
            verdicts = [[seq, int(verdict), reason] for seq, verdict, reason in part.verdicts]
            heads = [_head(h) for h in part.heads]
            yield entry(EntryKind.HEAD, cbor.dumps([part.epoch, _have(part.have), verdicts, heads, part.more]))
            continue
        if part.feed != feed:
            feed = part.feed
            yield entry(EntryKind.FEED, feed.encode())
        yield entry(_PLACE_OF[part.kind], varint(part.vseq) + part.data)
    yield entry(EntryKind.END)


def parts_in(pieces: Iterable[bytes]) -> Iterator[ExchangePart]:
    """The parts of such a frame, as they become complete. Raises BadBytes where it goes wrong or ends early."""
    reader = FrameReader()
    feed = ""
    for piece in pieces:
        for kind, payload in reader.take(piece):
            if kind == EntryKind.HEAD:
                yield _unpack(payload, _read_head)
            elif kind == EntryKind.FEED:
                feed = _utf8(payload)
            elif kind in _KIND_OF:
                try:
                    vseq, place = read_varint(payload, 0)
                except (IndexError, ValueError) as error:
                    raise BadBytes("a place without a number") from error
                yield FeedEntry(feed, vseq, _KIND_OF[kind], payload[place:])
    if not reader.complete:
        raise BadBytes("the frame ends early")


def _read_head(items: list[Any]) -> ExchangeHead:
    epoch, have, verdicts, heads, more = items[:5]
    _are(str, epoch)
    return ExchangeHead(
        epoch,
        _unhave(have),
        tuple((int(seq), Verdict(verdict), str(reason)) for seq, verdict, reason in verdicts),
        tuple(_unhead(h) for h in heads),
        bool(more),
    )


def pack_digests(blocks: Sequence[BlockDigest]) -> bytes:
    """Digests of blocks of a feed."""
    return cbor.dumps([[block.first, block.last, block.digest] for block in blocks])


def unpack_digests(data: bytes) -> tuple[BlockDigest, ...]:
    """Raises BadBytes."""
    return _unpack(data, lambda items: tuple(BlockDigest(int(f), int(t), bytes(d)) for f, t, d in items))


def pack_waiting(found: Sequence[Waiting]) -> bytes:
    """What waits for a decision."""
    return cbor.dumps([[w.change_id, w.device, w.actor, w.reason, w.recv_ms, w.raw] for w in found])


def unpack_waiting(data: bytes) -> tuple[Waiting, ...]:
    """Raises BadBytes."""

    def one(items: Any) -> Waiting:
        change_id, device, actor, reason, recv_ms, raw = items[:6]
        _are(bytes, change_id, raw)
        _are(str, device, actor, reason)
        _are(int, recv_ms)
        return Waiting(change_id, device, actor, reason, recv_ms, raw)

    return _unpack(data, lambda items: tuple(one(item) for item in items))


def pack_decision(account: str, change_id: bytes, refusal: str | None) -> bytes:
    """A person's decision about one waiting change."""
    return cbor.dumps([account, change_id, refusal])


def unpack_decision(data: bytes) -> tuple[str, bytes, str | None]:
    """Raises BadBytes."""

    def read(items: list[Any]) -> tuple[str, bytes, str | None]:
        account, change_id, refusal = items[:3]
        _are(str, account, *([] if refusal is None else [refusal]))
        _are(bytes, change_id)
        return account, change_id, refusal

    return _unpack(data, read)


def pack_ids(ids: Sequence[bytes]) -> bytes:
    """A list of change ids."""
    return cbor.dumps(list(ids))


def unpack_ids(data: bytes) -> tuple[bytes, ...]:
    """Raises BadBytes."""

    def read(items: list[Any]) -> tuple[bytes, ...]:
        _are(bytes, *items)
        return tuple(items)

    return _unpack(data, read)


def enrol_signed_part(request: EnrolRequest) -> bytes:
    """What the laptop signs to show that it holds the key."""
    return b"fieldapp enrol" + cbor.dumps(_enrol_items(request))


def _enrol_items(r: EnrolRequest) -> list[Any]:
    return [r.code, bytes.fromhex(r.device), r.signing_key, r.sealing_key, r.device_name]


def pack_enrol(request: EnrolRequest) -> bytes:
    """A request to be known."""
    return cbor.dumps([*_enrol_items(request), request.signature])


def unpack_enrol(data: bytes) -> EnrolRequest:
    """Raises BadBytes."""

    def read(items: list[Any]) -> EnrolRequest:
        code, device, signing, sealing, name, signature = items[:6]
        _are(bytes, device, signing, sealing, signature)
        _are(str, code, name)
        if not len(device) == 16 or not len(signing) == len(sealing) == 32:
            raise ValueError("keys of the wrong length")
        return EnrolRequest(code, device.hex(), signing, sealing, name, signature)

    return _unpack(data, read)


def pack_enrolled(r: EnrolReply) -> bytes:
    """Certificates for a laptop and its holder."""
    return cbor.dumps(
        [
            r.county, r.county_name, r.county_signing_key, r.county_sealing_key, r.device_certificate,
            r.user_certificate, r.server_ms, r.use_mode,
        ]
    )  # fmt: skip


def unpack_enrolled(data: bytes) -> EnrolReply:
    """Raises BadBytes."""

    def read(items: list[Any]) -> EnrolReply:
        county, name, signing, sealing, device, user, server_ms = items[:7]
        use_mode = items[7] if len(items) > 7 else ""
        _are(str, county, name, use_mode)
        _are(bytes, signing, sealing, device, user)
        _are(int, server_ms)
        return EnrolReply(county, name, signing, sealing, device, user, server_ms, use_mode)

    return _unpack(data, read)


def _cursor(c: Cursor) -> list[Any]:
    return [c.feed, c.epoch, c.vseq, c.digest]


def _uncursor(items: Any) -> Cursor:
    feed, epoch, vseq, digest = items
    _are(str, feed, epoch)
    _are(int, vseq)
    _are(bytes, digest)
    if len(digest) != 16 or vseq < 0:
        raise ValueError("not a cursor")
    return Cursor(feed, epoch, vseq, digest)


def _head(h: FeedHead) -> list[Any]:
    return [h.feed, h.vseq, h.digest]


def _unhead(items: Any) -> FeedHead:
    feed, vseq, digest = items
    _are(str, feed)
    _are(int, vseq)
    _are(bytes, digest)
    return FeedHead(feed, vseq, digest)


def _have(h: Have) -> list[Any]:
    return [h.upto, *h.gaps]


def _unhave(items: Any) -> Have:
    _are(int, *items)
    return Have(items[0], tuple(items[1:]))


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadBytes("not text") from error


def _are(kind: type, *values: object) -> None:
    if not all(isinstance(value, kind) and not (kind is int and isinstance(value, bool)) for value in values):
        raise TypeError(f"expected {kind.__name__}")


def _unpack(data: bytes, read: Callable[[list[Any]], T]) -> T:
    items = cbor.loads(data)
    try:
        if not isinstance(items, list):
            raise TypeError("expected a list")
        return read(items)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        raise BadBytes("a message of the wrong shape") from error
