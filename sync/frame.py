"""A frame: a header and self-delimiting entries. Whatever complete entries have arrived are good ("prefix-durable").

    frame = "FSF1" ‖ entry*          entry = varint length of the rest ‖ kind ‖ payload

The same frames travel by HTTP both ways and inside bundles on a stick. The last entry is END, so that a frame which a
proxy cut off without an error is known to be cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Final

from sync.codec import LARGEST_RAW, read_varint, varint
from sync.errors import BadBytes, TooBig

MAGIC: Final = b"FSF1"
LARGEST_ENTRY: Final = LARGEST_RAW + 1024


class EntryKind(IntEnum):
    """What stands in an entry. Unknown kinds are skipped by older programs."""

    CHANGE = 1  # a sealed change
    HEAD = 2  # CBOR of an ExchangeHead
    FEED = 3  # CBOR text: the feed that the following places belong to
    PLACE_CHANGE = 4  # varint vseq ‖ a sealed change
    PLACE_FACT = 5  # varint vseq ‖ CBOR of a fact
    PLACE_OWN = 6  # varint vseq ‖ change_id: a change of the laptop that is asking
    HELLO = 7  # a signed hello, ahead of the changes of a bundle
    WELCOME = 8  # its answer, ahead of a bundle for a laptop
    VOUCHED = 9  # places of feeds under the county's signature, ahead of what a relay hands on
    END = 15


def entry(kind: EntryKind, payload: bytes = b"") -> bytes:
    """One entry; raises TooBig beyond LARGEST_ENTRY."""
    if len(payload) >= LARGEST_ENTRY:
        raise TooBig(f"an entry of {len(payload)} bytes")
    return varint(len(payload) + 1) + bytes((kind,)) + payload


def frame_of_changes(changes: Iterable[bytes], hello: bytes = b"") -> Iterator[bytes]:
    """The pieces of a frame of sealed changes, each piece one entry; in a bundle a packed hello stands ahead of them."""
    yield MAGIC
    if hello:
        yield entry(EntryKind.HELLO, hello)
    for raw in changes:
        yield entry(EntryKind.CHANGE, raw)
    yield entry(EntryKind.END)


class FrameReader:
    """Takes a frame in pieces of any size and gives back its complete entries.

    Attributes:
        complete: END has been read.
    """

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._begun = False
        self.complete = False

    def take(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """The entries (kind, payload) that are complete now. Raises BadBytes or TooBig where the frame goes wrong;
        entries given before that are good."""
        self._waiting += piece
        if not self._begun:
            if not MAGIC.startswith(self._waiting[: len(MAGIC)]):
                raise BadBytes("not a frame")
            if len(self._waiting) < len(MAGIC):
                return
            del self._waiting[: len(MAGIC)]
            self._begun = True
        while not self.complete:
            try:
                length, place = read_varint(self._waiting, 0)
            except IndexError:
                return
            except ValueError as error:
                raise BadBytes("an entry without a length") from error
            if length == 0 or length > LARGEST_ENTRY:
                raise TooBig(f"an entry of {length} bytes")
            if len(self._waiting) < place + length:
                return
            kind, payload = self._waiting[place], bytes(self._waiting[place + 1 : place + length])
            del self._waiting[: place + length]
            if kind == EntryKind.END:
                self.complete = True
                return
            yield kind, payload


def changes_in(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The sealed changes of a frame, as they become complete. Raises BadBytes if it ends before its END."""
    reader = FrameReader()
    for piece in pieces:
        for kind, payload in reader.take(piece):
            if kind == EntryKind.CHANGE:
                yield payload
    if not reader.complete:
        raise BadBytes("the frame ends early")
