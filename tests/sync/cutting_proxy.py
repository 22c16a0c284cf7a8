"""A line that dies: passes bytes through and cuts each connection after so many of them, either way."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class CuttingProxy:
    """Listens on loopback as long as it is open.

    Args:
        port: of the server on this machine.
        up, down: bytes that a connection lets through before it is cut.
    """

    def __init__(self, port: int, up: int, down: int) -> None:
        self._port, self._most = port, (up, down)
        self._stack = contextlib.ExitStack()
        self._open = True

    def __enter__(self) -> CuttingProxy:
        self._listening = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._listening.settimeout(0.1)
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._thread.join()
        self._stack.close()

    def _serve(self) -> None:
        lines: list[threading.Thread] = []
        while self._open:
            with contextlib.suppress(TimeoutError):
                laptop, _ = self._listening.accept()
                line = threading.Thread(target=self._line, args=(laptop,))
                line.start()
                lines.append(line)
        for line in lines:
            line.join()

    def _line(self, laptop: socket.socket) -> None:
        with (
            contextlib.suppress(ConnectionRefusedError),  # nobody is there any more: the laptop sees its line close
            laptop,
            socket.create_connection(("127.0.0.1", self._port)) as server,
        ):
            up = threading.Thread(target=_pump, args=(laptop, server, self._most[0]))
            down = threading.Thread(target=_pump, args=(server, laptop, self._most[1]))
            for way in (up, down):
                way.start()
            for way in (up, down):
                way.join()


def _pump(one: socket.socket, other: socket.socket, most: int) -> None:
    with contextlib.suppress(OSError):
        while most > 0 and (data := one.recv(min(4096, most))):
            other.sendall(data)
            most -= len(data)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
