"""A county server in a folder: made, opened, served. The command line, the demo and the tests all start it from here.

folder/county.db      the database (SQLCipher; absent when PostgreSQL is used)
folder/server.json    address of the database if it is PostgreSQL
folder/tls.pem        the certificate that laptops pin; its key lies in the database
key file              64 hex characters, kept OUTSIDE the folder
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

import uvicorn
from fastapi import FastAPI

from sync.project import UseMode
from sync.server.app import make_app
from sync.server.database import Database, open_postgresql, open_sqlite
from sync.server.desk import CountyDesk
from sync.server.errors import CannotServe, KeyMissing, NoServerHere, ServerExists
from sync.server.keys import CountyKeys, make_keys, read_keys, read_value, write_keys, write_value
from sync.server.service import CountyService
from sync.server.settings import SETTINGS_NAME, read_settings, write_settings
from sync.server.tls import fingerprint, locked_key, make_tls

DATABASE_NAME: Final = "county.db"
TLS_NAME: Final = "tls.pem"


def county_time_ms() -> int:
    """The server's clock."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """What a laptop must be told at enrolment."""

    url: str
    fingerprint: str  # SHA-256 of the TLS certificate, hex; "" without TLS


def make_key_file(path: Path) -> bytes:
    """A new data key in a new file that only its owner may read. Raises ServerExists if there is one."""
    key = secrets.token_bytes(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ServerExists("key file exists", folder=path.name) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def read_key_file(path: Path) -> bytes:
    """The data key. Raises KeyMissing."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise KeyMissing("key file cannot be read") from error
    if len(key) != 32:
        raise KeyMissing("key file of the wrong length")
    return key


def make_server(
    folder: Path,
    key: bytes,
    county: str,
    name: str,
    *,
    url: str = "",
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost"),
    use_mode: UseMode = UseMode.WORK,
) -> None:
    """Makes a new county server: tables, keys, TLS certificate. Raises ServerExists.

    Args:
        url: of a PostgreSQL database; "" for an encrypted file in the folder.
        hosts: names and addresses the server is reached by.
        use_mode: of the county project, for good (monitoring.md 2).
    """
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / DATABASE_NAME).exists() or (folder / SETTINGS_NAME).exists():
        raise ServerExists("server exists", folder=folder.name)
    database = open_postgresql(url, key) if url else open_sqlite(folder / DATABASE_NAME, key)
    with contextlib.closing(database):
        database.create_tables()
        keys = make_keys(county, name, use_mode)
        certificate, private = make_tls(county, hosts)
        with database.transaction() as connection:
            if read_keys(connection) is not None:
                raise ServerExists("the database holds a county", folder=folder.name)
            write_keys(connection, keys)
            write_value(connection, county, "tls", private)
    (folder / TLS_NAME).write_bytes(certificate)
    write_settings(folder, url, key)


@contextlib.contextmanager
def open_server(folder: Path, key: bytes, *, now_ms: Callable[[], int] = county_time_ms) -> Iterator[CountyService]:
    """The county's service on an existing folder. Raises NoServerHere, WrongServerKey, DatabaseTrouble."""
    url = read_settings(folder, key)
    if not url and not (folder / DATABASE_NAME).exists():
        raise NoServerHere("no database", folder=folder.name)
    database = open_postgresql(url, key) if url else open_sqlite(folder / DATABASE_NAME, key)
    with contextlib.closing(database):
        yield open_service(database, folder, now_ms=now_ms)


def open_service(database: Database, folder: Path, *, now_ms: Callable[[], int] = county_time_ms) -> CountyService:
    """The service on an open database, brought to this program's tables. Raises NoServerHere if it holds no county, NewerServer."""
    database.create_tables()
    with database.reading() as connection:
        keys = read_keys(connection)
    if keys is None:
        raise NoServerHere("no county in the database", folder=folder.name)
    service = CountyService(database, keys, now_ms=now_ms)
    service.after_upgrade()
    return service


class RunningServer:
    """A county server on loopback (or an address), in a thread of this process.

    ::

        with RunningServer(folder, key) as server:
            server.service.enrolment.make_code("ce0001"); server.address.url

    Args:
        folder: of an existing server (``make_server``).
        key: its data key.
        port: 0 takes a free one.
        tls: with the county's certificate; False speaks plain HTTP (loopback only).
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: bool = True,
        now_ms: Callable[[], int] = county_time_ms,
    ) -> None:
        self._folder, self._key, self._host, self._port, self._tls, self._now_ms = folder, key, host, port, tls, now_ms
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> RunningServer:
        with contextlib.ExitStack() as stack:
            self.service = stack.enter_context(open_server(self._folder, self._key, now_ms=self._now_ms))
            listening = stack.enter_context(listen(self._host, self._port))
            port = listening.getsockname()[1]
            scheme = "https" if self._tls else "http"
            certificate = (self._folder / TLS_NAME).read_bytes()
            self.address = ServerAddress(
                f"{scheme}://{self._host}:{port}", fingerprint(certificate) if self._tls else ""
            )
            context = tls_context(self._folder, self.service) if self._tls else None
            app = make_app(self.service, CountyDesk(self.service, now_ms=self._now_ms))
            stack.enter_context(serving(app, listening, context))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


@contextlib.contextmanager
def serving(app: FastAPI, listening: socket.socket, context: ssl.SSLContext | None) -> Iterator[None]:
    """Serves from a thread of this process while the block lasts.

    Raises:
        CannotServe.
    """
    config = uvicorn.Config(
        app,
        ssl_context_factory=(lambda *_: context) if context else None,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), name="county server", daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise CannotServe("the server did not start", address=str(listening.getsockname()))
            time.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        thread.join()


def tls_context(folder: Path, service: CountyService) -> ssl.SSLContext:
    """TLS 1.3 with the county's certificate."""
    with service.database.reading() as connection:
        private = read_value(connection, service.keys.county, "tls")
    if private is None:
        raise NoServerHere("no TLS key", folder=folder.name)
    return tls_of((folder / TLS_NAME).read_bytes(), private)


def tls_of(certificate: bytes, private: bytes) -> ssl.SSLContext:
    """TLS 1.3 with this certificate (PEM). OpenSSL reads keys from files only, so it gets one under a throw-away word."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    word = secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as private_folder:
        path, shown = Path(private_folder) / "key.pem", Path(private_folder) / "certificate.pem"
        path.write_bytes(locked_key(private, word))
        shown.write_bytes(certificate)
        context.load_cert_chain(shown, path, password=word)
    return context


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes calls. Raises CannotServe."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise CannotServe("cannot listen", address=f"{host}:{port}") from error


__all__ = [
    "CountyKeys",
    "RunningServer",
    "ServerAddress",
    "make_key_file",
    "make_server",
    "open_server",
    "read_key_file",
]
