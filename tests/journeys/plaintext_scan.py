"""Looks for secrets in every file below a folder, through the disguises data puts on by itself.

A secret counts as found in UTF-8, UTF-16 (both orders) or GBK, as it stands or inside zstd, zlib, base64 or hex, nested up to three
deep. A file that opens as an ordinary SQLite database is also read cell by cell, since a long value is torn across its pages.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

_DEPTH = 3
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){12,}")
_LIMIT = 8 << 20
_SMALL = 1 << 16
_PARTED = b"\0" * 4
_LEAST_WRAPPED = 12  # less than that is no compressed or encoded secret


def forms_of(secret: str) -> set[bytes]:
    """The secret's bytes in each encoding it could stand in."""
    encoded = {secret.encode("utf-8"), secret.encode("utf-16-le"), secret.encode("utf-16-be")}
    return encoded | ({secret.encode("gbk")} if _fits_gbk(secret) else set())


def _fits_gbk(secret: str) -> bool:
    try:
        secret.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def find_secrets(folder: Path, secrets: Iterable[str]) -> dict[str, set[str]]:
    """Which secrets stand in which files: secret → names of files below ``folder``. No entry, not found."""
    wanted = {secret: forms_of(secret) for secret in secrets}
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for block in _blocks(_pieces_of_file(path)):
                for secret, encodings in wanted.items():
                    if any(encoding in block for encoding in encodings):
                        found.setdefault(secret, set()).add(str(path.relative_to(folder)))
    return found


def is_plain_database(path: Path) -> bool:
    """Whether the file has the header of an unencrypted SQLite database."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Small pieces side by side, parted by zeros that no secret has: a database has hundred thousands of them."""
    gathered: list[bytes] = []
    size = 0
    for piece in pieces:
        if len(piece) >= _SMALL:
            yield piece
            continue
        gathered.append(piece)
        size += len(piece)
        if size >= _LIMIT:
            yield _PARTED.join(gathered)
            gathered, size = [], 0
    yield _PARTED.join(gathered)


def _pieces_of_file(path: Path) -> Iterator[bytes]:
    yield from _pieces(path.read_bytes(), _DEPTH)
    if is_plain_database(path):
        for value in _cells(path):
            yield from _pieces(value, _DEPTH)


def _cells(path: Path) -> Iterator[bytes]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        seen: set[bytes] = set()
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    held = value.encode() if isinstance(value, str) else value
                    if isinstance(held, bytes) and held not in seen:
                        seen.add(held)
                        yield held
    finally:
        connection.close()


def _pieces(data: bytes, depth: int) -> Iterator[bytes]:
    """The data and whatever can be unwrapped from it."""
    yield data
    if depth and len(data) >= _LEAST_WRAPPED:
        for inner in _unwrapped(data):
            yield from _pieces(inner, depth - 1)


def _unwrapped(data: bytes) -> Iterator[bytes]:
    at = data.find(_ZSTD_MAGIC)
    while at != -1:
        with contextlib.suppress(zstandard.ZstdError):
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[at:])
        at = data.find(_ZSTD_MAGIC, at + 1)
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[match.start() :], _LIMIT)
    for match in _BASE64.finditer(data):
        with contextlib.suppress(binascii.Error, ValueError):
            yield base64.b64decode(match.group().replace(b"-", b"+").replace(b"_", b"/") + b"==")
    for match in _HEX.finditer(data):
        yield binascii.unhexlify(match.group())
