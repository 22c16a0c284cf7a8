"""A folder or a USB stick between laptops and the county: sealed bundles in three places, named by their content.

    FS/out/<name>   from a laptop to the county          FS/in/<name>   from the county to one laptop
    FS/ack/<name>   the county's receipt for the bundle of that name in ``out``

A file is written under a temporary name, forced to the disk, read back and only then given its name, so that a stick pulled out at
any moment leaves whole files and rubbish that nobody reads. A name is the BLAKE2b-128 of the content: a file that was cut or
changed shows by itself, one that stands there twice does no harm. Nothing else on the stick is looked at (sync.md 3.8).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from typing import Final

from sync.errors import BadBytes, StickFull, StickGone, StickReadOnly

_NAME: Final = re.compile(r"[0-9a-f]{32}")
_PIECE: Final = 64 * 1024
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class Place(StrEnum):
    """Where on the stick."""

    OUT = "out"
    IN = "in"
    ACK = "ack"


class Stick:
    """The places of one stick or folder.

    Args:
        folder: the root of the stick, or any folder.

    Raises:
        StickGone: there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise StickGone("no such folder")
        self.root = folder / "FS"

    def put(self, place: Place, pieces: Iterable[bytes], name: str = "") -> str:
        """Writes a whole file and gives its name.

        Args:
            name: of a receipt; "" names the file by its content.

        Raises:
            StickFull, StickReadOnly, StickGone: nothing new stands on the stick.
        """
        folder = self.root / place
        with _told():
            folder.mkdir(parents=True, exist_ok=True)
            half = folder / f"{secrets.token_hex(8)}.half"
            try:
                digest = _write(half, pieces)
                if _digest_of(half) != digest:
                    raise StickGone("what was written reads back differently")
                final = name or digest
                os.replace(half, folder / final)
            except BaseException:
                with contextlib.suppress(OSError):
                    half.unlink(missing_ok=True)
                raise
            _settle(folder)
        return final

    def names(self, place: Place) -> list[str]:
        """The files of a place that have a proper name, oldest first as far as the stick knows."""
        folder = self.root / place
        with _told():
            if not folder.is_dir():
                return []
            found = [one for one in folder.iterdir() if _NAME.fullmatch(one.name) and one.is_file()]
            return [one.name for one in sorted(found, key=lambda one: (one.stat().st_mtime, one.name))]

    def has(self, place: Place, name: str) -> bool:
        """Whether the file is there."""
        with _told():
            return (self.root / place / name).is_file()

    def pieces(self, place: Place, name: str) -> Iterator[bytes]:
        """A file in pieces.

        Raises:
            BadBytes: after the last piece, if the content is not what the name says; StickGone: pulled out meanwhile.
        """
        digest = blake2b(digest_size=16)
        with _told(), (self.root / place / name).open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                yield piece
        if place is not Place.ACK and digest.hexdigest() != name:
            raise BadBytes("a file that is not what its name says")

    def remove(self, place: Place, name: str) -> None:
        """Takes a file away; one that is gone already is no matter."""
        with _told():
            (self.root / place / name).unlink(missing_ok=True)


def _write(path: Path, pieces: Iterable[bytes]) -> str:
    digest = blake2b(digest_size=16)
    with path.open("xb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _digest_of(path: Path) -> str:
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _settle(folder: Path) -> None:
    """Forces the new name to the disk where the system lets a folder be opened (not on Windows)."""
    flag = getattr(os, "O_DIRECTORY", None)
    if flag is None:
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, flag)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What the system says about a stick, in our words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StickFull(str(error.errno)) from error
        if error.errno in _READ_ONLY:
            raise StickReadOnly(str(error.errno)) from error
        raise StickGone(str(error.errno)) from error
