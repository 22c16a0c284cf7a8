"""Files that come and go in ranges, named by their content: in the county's database, or in a relay's folder.

What had arrived when a line broke stays; a file counts when its content is what its name says.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from sync.carriage import LARGEST_BUNDLE, RANGE, name_of
from sync.errors import BadBytes, Refused, TooBig
from sync.server import tables
from sync.server.database import Database
from sync.stick import Place, Stick

_NAME: Final = re.compile(r"[0-9a-f]{32}")
_KEPT_MS: Final = 30 * 24 * 3600 * 1000


def check_range(name: str, offset: int, size: int) -> None:
    """Raises Refused or TooBig for what cannot be a range of a file."""
    if not _NAME.fullmatch(name) or offset < 0 or not size > 0:
        raise Refused("not a range of a file")
    if size > LARGEST_BUNDLE:
        raise TooBig(f"a file of {size} bytes")


def in_ranges(pieces: Iterable[bytes], most: int = RANGE) -> Iterator[bytes]:
    """The same bytes in pieces of at most so many, each given as soon as it is full, the last also when the line breaks."""
    waiting = bytearray()
    try:
        for piece in pieces:
            waiting += piece
            while len(waiting) >= most:
                yield bytes(waiting[:most])
                del waiting[:most]
    except BaseException:
        if waiting:
            yield bytes(waiting)
        raise
    if waiting:
        yield bytes(waiting)


class DatabaseShelf:
    """Files in the county's database, so that any node may go on with any of them."""

    def __init__(self, database: Database, county: str, now_ms: Callable[[], int]) -> None:
        self._database = database
        self._county = county
        self._now_ms = now_ms

    def _is(self, name: str) -> tuple[Any, ...]:
        return (tables.file.c.county_id == self._county, tables.file.c.name == name)

    def _pieces_of(self, name: str) -> tuple[Any, ...]:
        return (tables.file_piece.c.county_id == self._county, tables.file_piece.c.name == name)

    def held(self, name: str) -> int:
        """How many bytes are here, from the beginning."""
        with self._database.reading() as connection:
            return connection.execute(select(tables.file.c.held).where(*self._is(name))).scalar() or 0

    def size(self, name: str) -> int:
        """Of the whole file; 0 if nothing is known of it."""
        with self._database.reading() as connection:
            return connection.execute(select(tables.file.c.size).where(*self._is(name))).scalar() or 0

    def add(self, name: str, offset: int, size: int, pieces: Iterable[bytes], *, device: str, kind: str) -> int:
        """Adds a range at the end of what is here.

        Raises:
            Refused: it does not go on there. BadBytes: the whole is not what its name says; it is dropped.
        """
        check_range(name, offset, size)

        def begin(connection: Connection) -> int:
            made = self._database.insert_once(tables.file)
            connection.execute(
                made.values(
                    county_id=self._county, name=name, device=device, kind=kind, size=size, held=0, at=self._now_ms()
                )
            )
            row = connection.execute(select(tables.file).where(*self._is(name))).one()
            if row.size != size or row.held < offset:
                raise Refused("a range that does not go on where the file ends")
            return int(row.held)

        held = self._database.run(begin)
        if held == size:
            return held
        at = offset
        for piece in in_ranges(pieces):
            at = self._database.run(lambda connection, piece=piece, at=at: self._add(connection, name, at, piece))  # type: ignore[misc]
        held = self.held(name)
        if held == size and self._digest(name) != name:
            self.remove(name)
            raise BadBytes("a file that is not what its name says")
        return held

    def _add(self, connection: Connection, name: str, at: int, piece: bytes) -> int:
        row = connection.execute(self._database.locked(select(tables.file).where(*self._is(name)))).one()
        end = at + len(piece)
        if end > row.size:
            raise Refused("more than the file holds")
        fresh = piece[max(row.held - at, 0) :]  # a range sent twice adds nothing twice
        if fresh and at <= row.held:
            connection.execute(
                tables.file_piece.insert().values(county_id=self._county, name=name, offset=row.held, data=fresh)
            )
            connection.execute(tables.file.update().where(*self._is(name)).values(held=end))
        return end

    def _digest(self, name: str) -> str:
        digest = blake2b(digest_size=16)
        for piece in self.read(name, 0):
            digest.update(piece)
        return digest.hexdigest()

    def read(self, name: str, offset: int) -> Iterator[bytes]:
        """The file from this byte on, piece by piece."""
        table = tables.file_piece
        with self._database.reading() as connection:
            query = select(table.c.offset).where(*self._pieces_of(name)).order_by(table.c.offset)
            places = list(connection.execute(query).scalars())
        for place in places:
            with self._database.reading() as connection:
                data = connection.execute(
                    select(table.c.data).where(*self._pieces_of(name), table.c.offset == place)
                ).scalar()
            if data is not None and place + len(data) > offset:
                yield data[max(offset - place, 0) :]

    def put(self, pieces: Iterable[bytes], *, device: str, kind: str) -> str:
        """A whole file at once; its name. What waited for the same laptop before and is old goes."""
        data = b"".join(pieces)
        name = name_of(data)
        self._clear(device, kind)
        self.add(name, 0, len(data), [data], device=device, kind=kind)
        return name

    def _clear(self, device: str, kind: str) -> None:
        table = tables.file
        old = (table.c.county_id == self._county, table.c.device == device, table.c.kind == kind)
        with self._database.reading() as connection:
            query = select(table.c.name).where(*old, table.c.at < self._now_ms() - _KEPT_MS)
            names = list(connection.execute(query).scalars())
        for name in names:
            self.remove(name)

    def remove(self, name: str) -> None:
        """Takes a file away."""

        def work(connection: Connection) -> None:
            connection.execute(tables.file_piece.delete().where(*self._pieces_of(name)))
            connection.execute(tables.file.delete().where(*self._is(name)))

        self._database.run(work)


class FolderShelf:
    """Files of a relay: half ones in a place of their own, whole ones where a stick has its bundles for the county."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.stick = Stick(folder)
        self._half = folder / "half"

    def held(self, name: str) -> int:
        """How many bytes are here, from the beginning."""
        for path in (self._whole(name), self._half / name):
            with contextlib.suppress(OSError):
                return path.stat().st_size
        return 0

    def _whole(self, name: str) -> Path:
        return self.stick.root / Place.OUT / name

    def add(self, name: str, offset: int, size: int, pieces: Iterable[bytes]) -> int:
        """Adds a range at the end of what is here; forced to the disk before it counts.

        Raises:
            Refused: it does not go on there. BadBytes: the whole is not what its name says; it is dropped.
        """
        check_range(name, offset, size)
        held = self.held(name)
        if offset > held:
            raise Refused("a range that does not go on where the file ends")
        if self._whole(name).is_file():
            return held
        self._half.mkdir(parents=True, exist_ok=True)
        path = self._half / name
        with path.open("ab") as file:
            skip = held - offset
            for piece in in_ranges(pieces):
                fresh, skip = piece[skip:], max(skip - len(piece), 0)
                if file.tell() + len(fresh) > size:
                    raise Refused("more than the file holds")
                file.write(fresh)
                file.flush()
                os.fsync(file.fileno())
        held = path.stat().st_size
        if held == size:
            try:
                with path.open("rb") as whole:
                    made = self.stick.put(Place.OUT, iter(lambda: whole.read(RANGE), b""))
                if made != name:
                    self.stick.remove(Place.OUT, made)
                    raise BadBytes("a file that is not what its name says")
            finally:
                path.unlink()
        return held
