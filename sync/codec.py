"""Changes as bytes: canonical CBOR, zstd, one signature. The plainest encoding that meets the figures of sync.md 5.4.

    raw    = 0x01 ‖ suite ‖ replica (8) ‖ seq (varint) ‖ len, county ‖ signature (64) ‖ packing ‖ body
    signed = "fs" suite ‖ len, county ‖ replica ‖ seq (8) ‖ body as CBOR, unpacked

The signature covers the unpacked body, so the wire may pack it with a form's dictionary and the log without one, and the
change keeps its name. ``change_id`` is BLAKE2b-128 of the signed bytes. The first places of the body never move, so that
an old program can file a change that it cannot read (``peek``).
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import cbor
from sync.change import VERSION, Change, DeletedRow, Dot, Kind, Meta, NewRow, RowPath, Write
from sync.dictionary import dictionary_1
from sync.errors import BadBytes, BadSignature, NewerProgram, TooBig
from sync.ids import REPLICA_BYTES, content_id, row_id

SUITE_1: Final = 1  # Ed25519, BLAKE2b; bundles: HPKE X25519 HKDF-SHA256 AES-256-GCM
LARGEST_RAW: Final = 256 * 1024  # bytes of one change as it is stored and sent
LARGEST_BODY: Final = 4 * 1024 * 1024  # bytes once unpacked: a zip bomb stops here
SIGNATURE_BYTES: Final = 64
_CONTAINER: Final = 1
_PLAIN, _ZSTD, _ZSTD_DICTIONARY, _ZSTD_WORDS = 0, 1, 2, 3
_MOST_CELLS: Final = 20_000
_LEVEL: Final = 12

# Numbers on the wire, for ever. Never reuse one.
_KINDS: Final[tuple[Kind, ...]] = (
    Kind.EDIT, Kind.ROW_DEL, Kind.SUBMIT, Kind.RETURN, Kind.APPROVE, Kind.LOCK, Kind.UNLOCK, Kind.VOID, Kind.RECALL,
    Kind.RESOLVE, Kind.PARADATA, Kind.ALIAS, Kind.ATTACH, Kind.ASSIGN, Kind.MOVE, Kind.MIGRATE, Kind.NOTE, Kind.OPEN,
    Kind.ARCHIVE,
)  # fmt: skip
_KIND_NUMBER: Final = {str(kind): number for number, kind in enumerate(_KINDS)}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A change as it is kept and sent."""

    raw: bytes
    change_id: bytes


@dataclass(frozen=True, slots=True)
class Peek:
    """What every program can read of every change, whatever its codec version."""

    replica: bytes
    seq: int
    county: str
    version: int
    kind: str
    root: str
    root_type: str
    feed: str
    hlc: int
    actor: str
    change_id: bytes

    @property
    def dot(self) -> Dot:
        """The change's (replica, seq)."""
        return (self.replica, self.seq)


def seal(change: Change, signing_key: Ed25519PrivateKey) -> Sealed:
    """The change's bytes under the device's key.

    Raises:
        TooBig: more than LARGEST_RAW.
        ValueError: two writes to one cell, a bad replica or seq: a bug of the caller.
    """
    body = encode_body(change)
    signed = _signed_bytes(SUITE_1, change.county, change.replica, change.seq, body)
    raw = _container(change.county, change.replica, change.seq, signing_key.sign(signed), _pack(body))
    if len(raw) > LARGEST_RAW:
        raise TooBig(f"a change of {len(raw)} bytes")
    return Sealed(raw, content_id(signed))


def open_sealed(raw: bytes) -> Change:
    """The change in ``raw``. Does not look at the signature: that is ``verify``.

    Raises:
        BadBytes: damaged. TooBig: beyond the limits. NewerProgram: a codec version this program cannot read.
    """
    parts = _take_apart(raw)
    return _decoded(_items_of(parts), parts.county, parts.replica, parts.seq)


def open_any(raw: bytes) -> Change:
    """Like ``open_sealed``; of a newer codec version what ``peek`` can read, so that merging marks the root read-only."""
    try:
        return open_sealed(raw)
    except NewerProgram:
        seen = peek(raw)
        return Change(
            seen.version, seen.kind, seen.county, seen.replica, seen.seq, seen.hlc, 0, seen.actor, seen.root,
            seen.root_type, feed=seen.feed,
        )  # fmt: skip


def peek(raw: bytes) -> Peek:
    """The unmoving first places of a change of any version. Raises BadBytes or TooBig."""
    parts = _take_apart(raw)
    items = _items_of(parts)
    version, kind, root, root_type, feed, hlc, actor = items[:7]
    return Peek(
        parts.replica, parts.seq, parts.county, version, _kind_of(kind), _id_text(root), root_type, feed, hlc,
        _id_text(actor), content_id(parts.signed),
    )  # fmt: skip


def verify(raw: bytes, public_key: Ed25519PublicKey) -> None:
    """Nothing if ``raw`` was signed by this key; raises BadSignature (or BadBytes) otherwise."""
    parts = _take_apart(raw)
    try:
        public_key.verify(parts.signature, parts.signed)
    except InvalidSignature as error:
        raise BadSignature("signature does not verify") from error


def change_id_of(raw: bytes) -> bytes:
    """The name of the change in ``raw``."""
    return content_id(_take_apart(raw).signed)


def repacked(raw: bytes, dictionary: bytes | None) -> bytes:
    """The same change packed with a form's dictionary (for the wire), or without one (for the log)."""
    parts = _take_apart(raw, dictionary)
    return _container(parts.county, parts.replica, parts.seq, parts.signature, _pack(parts.body, dictionary))


def body_size(raw: bytes) -> int:
    """Bytes of the body, unpacked."""
    return len(_take_apart(raw).body)


def loosened(raw: bytes) -> bytes:
    """The same change with its body unpacked, for a stream that packs many of them together."""
    parts = _take_apart(raw)
    return _container(parts.county, parts.replica, parts.seq, parts.signature, bytes((_PLAIN,)) + parts.body)


def tightened(raw: bytes) -> bytes:
    """A loosened change packed again; whatever is no change stays as it is."""
    try:
        return repacked(raw, None) if _split(raw)[5] == _PLAIN else raw
    except (BadBytes, TooBig, NewerProgram):
        return raw


def words() -> zstandard.ZstdCompressionDict:
    """The words of the questionnaires, as a dictionary of one's own."""
    return zstandard.ZstdCompressionDict(dictionary_1(), dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def unpacked_with(raw: bytes, dictionary: bytes) -> bytes:
    """The self-contained form of a change that came packed with ``dictionary``."""
    parts = _take_apart(raw, dictionary)
    return _container(parts.county, parts.replica, parts.seq, parts.signature, _pack(parts.body))


def needs_dictionary(raw: bytes) -> bool:
    """True if ``raw`` was packed with a dictionary and cannot be opened without it."""
    return _split(raw)[5] == _ZSTD_DICTIONARY


def dictionary_of(fields: Sequence[str]) -> bytes:
    """The dictionary of a form: its field paths in document order, as they stand in a body."""
    return b"".join(cbor.dumps(field) for field in fields)


# --- body -------------------------------------------------------------------------------------------------------------


def encode_body(change: Change) -> bytes:
    """Canonical CBOR of all but county, replica and seq, which stand in the container."""
    if len(change.replica) != REPLICA_BYTES or change.seq < 1:
        raise ValueError("a dot is 8 bytes and a number from 1")
    if not _each_cell_once(change):
        raise ValueError("one change writes a cell once")
    rows = _RowTable(change)
    dots = _Table[Dot]()
    fields = _Table[str]()
    groups: list[list[Any]] = []
    start = 0
    while start < len(change.writes):
        stop = start
        while stop < len(change.writes) and change.writes[stop].row == change.writes[start].row:
            stop += 1
        part = change.writes[start:stop]
        groups.append(
            [
                rows.index(part[0].row),
                _run([fields.index(write.field) for write in part]),
                [write.value for write in part],
                _same([_few([dots.index(dot) for dot in write.prev]) for write in part]),
            ]
        )
        start = stop
    new_rows = [[fields.index(new.roster), rows.index(new.row), new.order] for new in change.new_rows]
    deleted = [
        [fields.index(gone.roster), rows.index(gone.row), [dots.index(dot) for dot in gone.prev]]
        for gone in change.deleted_rows
    ]
    replicas = _Table[bytes]()
    replicas.index(change.replica)  # place 0 is the author's own and is not spelt out
    dot_list = [[replicas.index(replica), seq] for replica, seq in dots.items]
    return cbor.dumps(
        [
            change.version, _KIND_NUMBER.get(change.kind, change.kind), _id_bytes(change.root), change.root_type,
            change.feed, change.hlc, _id_bytes(change.actor), change.tz_min, _id_bytes(change.form_version), change.save_id,
            replicas.items[1:], dot_list, rows.encoded(), fields.items, groups, new_rows, deleted, dict(change.body),
            dict(change.ext),
        ]
    )  # fmt: skip


def decode_body(body: bytes, *, county: str, replica: bytes, seq: int) -> Change:
    """The inverse of ``encode_body``; raises BadBytes, NewerProgram."""
    return _decoded(_items(body), county, replica, seq)


def _decoded(items: list[Any], county: str, replica: bytes, seq: int) -> Change:
    if items[0] > VERSION:
        raise NewerProgram(f"codec version {items[0]}")
    try:
        return _decode(items, county, replica, seq)
    except (TypeError, ValueError, IndexError, AttributeError, KeyError) as error:
        raise BadBytes(f"a change of the wrong shape: {type(error).__name__}") from error


def _decode(items: list[Any], county: str, replica: bytes, seq: int) -> Change:
    (version, kind, root, root_type, feed, hlc, actor, tz_min, form_version, save_id, replicas, dot_list, row_list,
     fields, groups, new_rows, deleted, body, ext) = items  # fmt: skip
    _must(isinstance(save_id, bytes) and isinstance(tz_min, int))
    _must(isinstance(body, dict) and isinstance(ext, dict) and abs(tz_min) <= 24 * 60)
    _must(all(isinstance(name, str) for name in fields))
    _must(all(isinstance(name, bytes) and len(name) == REPLICA_BYTES for name in replicas))
    dots: list[Dot] = []
    known = [replica, *replicas]
    for number, dot_seq in dot_list:
        _must(isinstance(dot_seq, int) and dot_seq >= 1)
        dots.append((known[_index(number)], dot_seq))
    rows = [_row_path(path, save_id) for path in row_list]
    writes: list[Write] = []
    for row, field_run, values, prevs in groups:
        names = _unrun(field_run, len(values))
        before = prevs if isinstance(prevs, list) else [prevs] * len(values)
        _must(len(names) == len(values) == len(before) and len(writes) + len(values) <= _MOST_CELLS)
        path = rows[_index(row)]
        writes.extend(
            Write(path, fields[_index(name)], value, tuple(dots[_index(d)] for d in _unfew(prev)))
            for name, value, prev in zip(names, values, before, strict=True)
        )
    added = tuple(NewRow(fields[_index(r)], rows[_index(p)], _text(order)) for r, p, order in new_rows)
    gone = tuple(
        DeletedRow(rows[_index(p)], fields[_index(r)], tuple(dots[_index(d)] for d in seen)) for r, p, seen in deleted
    )
    _must(all(new.row for new in added) and all(row.row for row in gone))
    change = Change(
        version=version, kind=_kind_of(kind), county=county, replica=replica, seq=seq, hlc=hlc, tz_min=tz_min,
        actor=_id_text(actor), root=_id_text(root), root_type=root_type, feed=feed, form_version=_id_text(form_version),
        writes=tuple(writes), new_rows=added, deleted_rows=gone, body=body, save_id=save_id, ext=ext,
    )  # fmt: skip
    _must(_each_cell_once(change))
    return change


def _each_cell_once(change: Change) -> bool:
    cells = [(write.row, write.field) for write in change.writes]
    cells += [(new.row, Meta.ROW) for new in change.new_rows]
    cells += [(gone.row, Meta.GONE) for gone in change.deleted_rows]
    return len(set(cells)) == len(cells)


def _items(body: bytes) -> list[Any]:
    items = cbor.loads(body)
    try:
        _must(isinstance(items, list) and len(items) >= 7)
        version, kind, root, root_type, feed, hlc, actor = items[:7]
        _must(isinstance(version, int) and version >= 1)
        _must(isinstance(kind, (int, str)) and not isinstance(kind, bool))
        _must(
            all(isinstance(name, str) or (isinstance(name, bytes) and len(name) in (16, 32)) for name in (root, actor))
        )
        _must(isinstance(root_type, str) and isinstance(feed, str))
        _must(isinstance(hlc, int) and 0 <= hlc < 2**64)
    except ValueError as error:
        raise BadBytes("not a change") from error
    return items  # type: ignore[no-any-return]


T = TypeVar("T", bound=Hashable)


class _Table(Generic[T]):
    """Distinct things in the order of first use."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._places: dict[T, int] = {}

    def index(self, item: T) -> int:
        place = self._places.get(item)
        if place is None:
            place = self._places[item] = len(self.items)
            self.items.append(item)
        return place


class _RowTable(_Table[RowPath]):
    """Row paths; an id derived from the save id is sent as its number."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}
        wanted = {new.row[-1] for new in change.new_rows if new.row}
        bound = 4 * len(wanted) + 16
        for k in range(bound if wanted else 0):
            self._numbers[row_id(change.save_id, k)] = k

    def encoded(self) -> list[list[int | bytes | str]]:
        return [
            [self._numbers[name] if name in self._numbers else _id_bytes(name) for name in path] for path in self.items
        ]


def _row_path(path: Any, save_id: bytes) -> RowPath:
    names: list[str] = []
    for name in path:
        if isinstance(name, int):
            _must(0 <= name < 2**20)
            names.append(row_id(save_id, name))
        else:
            names.append(_id_text(name))
    return tuple(names)


def _id_bytes(name: str) -> bytes | str:
    """Lower-case hex of an id (32) or a hash (64) as bytes, anything else as it is."""
    if len(name) in (32, 64):
        try:
            packed = bytes.fromhex(name)
        except ValueError:
            return name
        if packed.hex() == name:
            return packed
    return name


def _id_text(name: Any) -> str:
    if isinstance(name, bytes):
        _must(len(name) in (16, 32))
        return name.hex()
    return _text(name)


def _text(value: Any) -> str:
    _must(isinstance(value, str))
    return value  # type: ignore[no-any-return]


def _index(number: Any) -> int:
    # A negative number would silently count from the end.
    _must(isinstance(number, int) and not isinstance(number, bool) and number >= 0)
    return number  # type: ignore[no-any-return]


def _run(numbers: list[int]) -> int | list[int]:
    """1, 2, 3, 4 as 1: the usual case of questions answered in order."""
    first = numbers[0]
    return first if numbers == list(range(first, first + len(numbers))) else numbers


def _unrun(run: Any, count: int) -> list[int]:
    return list(range(run, run + count)) if isinstance(run, int) else run


def _few(numbers: list[int]) -> Any:
    """No parent as None, one as itself."""
    if not numbers:
        return None
    return numbers[0] if len(numbers) == 1 else numbers


def _unfew(few: Any) -> list[int]:
    if few is None:
        return []
    return few if isinstance(few, list) else [few]


def _same(column: list[Any]) -> Any:
    """A column of one and the same simple thing as that thing."""
    first = column[0]
    return first if not isinstance(first, list) and all(item == first for item in column) else column


def _kind_of(kind: int | str) -> str:
    if isinstance(kind, str):
        return kind
    return _KINDS[kind] if 0 <= kind < len(_KINDS) else f"#{kind}"


def _must(truth: bool) -> None:
    if not truth:
        raise ValueError("not the shape of a change")


# --- container --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    county: str
    replica: bytes
    seq: int
    signature: bytes
    body: bytes
    signed: bytes
    items: list[list[Any]] = field(default_factory=list)  # the body read, once it has been


def _items_of(parts: _Parts) -> list[Any]:
    if not parts.items:
        parts.items.append(_items(parts.body))
    return parts.items[0]


def _container(county: str, replica: bytes, seq: int, signature: bytes, packed: bytes) -> bytes:
    name = county.encode()
    return b"".join((bytes((_CONTAINER, SUITE_1)), replica, varint(seq), bytes((len(name),)), name, signature, packed))


def _split(raw: bytes) -> tuple[int, bytes, int, str, bytes, int, bytes]:
    if len(raw) > LARGEST_RAW:
        raise TooBig(f"a change of {len(raw)} bytes")
    try:
        _must(len(raw) > 2 + REPLICA_BYTES and raw[0] == _CONTAINER)
        if raw[1] != SUITE_1:
            raise NewerProgram(f"cipher suite {raw[1]}")
        place = 2 + REPLICA_BYTES
        replica = raw[2:place]
        seq, place = read_varint(raw, place)
        _must(seq >= 1)
        length = raw[place]
        county = raw[place + 1 : place + 1 + length].decode()
        place += 1 + length
        signature = raw[place : place + SIGNATURE_BYTES]
        place += SIGNATURE_BYTES
        _must(len(signature) == SIGNATURE_BYTES and place < len(raw))
        return raw[1], replica, seq, county, signature, raw[place], raw[place + 1 :]
    except (ValueError, IndexError) as error:
        raise BadBytes("not a sealed change") from error


def _take_apart(raw: bytes, dictionary: bytes | None = None) -> _Parts:
    """The parts of ``raw``. The last one taken apart is remembered: it is looked at, verified and read, one after the other."""
    last: tuple[bytes, _Parts] | None = getattr(_local, "last", None)
    if dictionary is None and last is not None and last[0] is raw:
        return last[1]
    parts = _take_apart_anew(raw, dictionary)
    if dictionary is None:
        _local.last = raw, parts
    return parts


def _take_apart_anew(raw: bytes, dictionary: bytes | None) -> _Parts:
    suite, replica, seq, county, signature, packing, packed = _split(raw)
    body = _unpack(packing, packed, dictionary)
    return _Parts(county, replica, seq, signature, body, _signed_bytes(suite, county, replica, seq, body))


def _signed_bytes(suite: int, county: str, replica: bytes, seq: int, body: bytes) -> bytes:
    name = county.encode()
    return b"".join((b"fs%d" % suite, bytes((len(name),)), name, replica, seq.to_bytes(8, "big"), body))


def varint(number: int) -> bytes:
    """LEB128 of a number from 0."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes | bytearray, place: int) -> tuple[int, int]:
    """The number at ``place`` and the place behind it; IndexError if cut off, ValueError if not the shortest form."""
    number = shift = 0
    while True:
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if not byte & 0x80:
            if (byte == 0 and shift) or number >= 2**63:
                raise ValueError("not a shortest varint")
            return number, place
        shift += 7
        if shift > 63:
            raise ValueError("varint too long")


_local = threading.local()  # zstd contexts are not for two threads at once


def _pack(body: bytes, dictionary: bytes | None = None) -> bytes:
    if dictionary is not None:
        given = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        helped = zstandard.ZstdCompressor(level=_LEVEL, dict_data=given, write_dict_id=False)
        return bytes((_ZSTD_DICTIONARY,)) + helped.compress(body)
    packer: zstandard.ZstdCompressor | None = getattr(_local, "packer", None)
    if packer is None:
        packer = _local.packer = zstandard.ZstdCompressor(level=_LEVEL, dict_data=_words(), write_dict_id=False)
    packed = packer.compress(body)
    return bytes((_ZSTD_WORDS,)) + packed if len(packed) < len(body) else bytes((_PLAIN,)) + body


@lru_cache(maxsize=1)
def _words() -> zstandard.ZstdCompressionDict:
    ready = words()
    ready.precompute_compress(level=_LEVEL)
    return ready


def _unpack(packing: int, packed: bytes, dictionary: bytes | None) -> bytes:
    if packing == _PLAIN:
        return packed
    if packing not in (_ZSTD, _ZSTD_DICTIONARY, _ZSTD_WORDS):
        raise BadBytes(f"packing {packing}")
    if packing == _ZSTD_DICTIONARY and dictionary is None:
        raise BadBytes("packed with a dictionary that is not here")
    try:
        size = zstandard.frame_content_size(packed)
        if not 0 <= size <= LARGEST_BODY:
            raise TooBig(f"unpacks to {size} bytes")
        if packing == _ZSTD_DICTIONARY and dictionary is not None:
            given = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            return zstandard.ZstdDecompressor(dict_data=given).decompress(packed, allow_extra_data=False)
        name = "unpacker" if packing == _ZSTD else "word_unpacker"
        unpacker: zstandard.ZstdDecompressor | None = getattr(_local, name, None)
        if unpacker is None:
            unpacker = zstandard.ZstdDecompressor(dict_data=None if packing == _ZSTD else _words())
            setattr(_local, name, unpacker)
        return unpacker.decompress(packed, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BadBytes("does not unpack") from error
