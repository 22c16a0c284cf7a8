"""One zstd stream around a frame of small changes: what they have in common is sent once.

Each entry ends in a flush, so that whatever whole entries have arrived can be read, as without packing (frame.py). Inside the
stream small changes stand unpacked (``loosened``); the receiver packs them again, their names do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import zstandard

from sync.codec import body_size, loosened, words
from sync.errors import BadBytes, TooBig

PACKING: Final = (
    "fieldapp-zstd-1"  # the content-encoding; a server that reads it says so in its welcome (policy "packing")
)
_WINDOW_LOG: Final = 18
_LEVEL: Final = 12
_PIECE: Final = 64 * 1024
_LARGEST: Final = 64 * 1024 * 1024  # unpacked: a bomb stops here
_SMALL: Final = 1024  # bytes of a body; larger ones are packed well enough by themselves


def packed_frame(entries: Iterable[bytes]) -> bytes:
    """The entries of a frame as one stream."""
    parameters = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=_WINDOW_LOG)
    stream = zstandard.ZstdCompressor(compression_params=parameters, dict_data=words()).compressobj()
    parts: list[bytes] = []
    for piece in entries:
        parts += (stream.compress(piece), stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
    return b"".join([*parts, stream.flush()])


def to_send(raw: bytes) -> bytes:
    """A change as it is best put into a stream."""
    return loosened(raw) if body_size(raw) <= _SMALL else raw


def unpacked_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The frame again, in pieces of bounded size, as they can be read. Raises BadBytes."""
    source: Any = _Source(iter(pieces))
    reader = zstandard.ZstdDecompressor(dict_data=words(), max_window_size=1 << _WINDOW_LOG).stream_reader(source)
    size = 0
    while True:
        try:
            piece = reader.read1(_PIECE)
        except zstandard.ZstdError as error:
            raise BadBytes("does not unpack") from error
        if not piece:
            return
        size += len(piece)
        if size > _LARGEST:
            raise TooBig("a stream without end")
        yield piece


class _Source:
    """Pieces as a file to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int) -> bytes:  # noqa: ARG002 - a piece as it came; the reader takes what it is given
        return next(self._pieces, b"")
