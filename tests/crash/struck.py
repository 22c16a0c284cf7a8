"""A real process that is struck at one system call: killed there, or told that the disk is full or broken.

The process is forked from one that has everything imported, waits until ``strace`` holds it, and only then does its work.
``strace`` counts calls thread by thread.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CALLS: Final = ("pwrite64", "write", "fsync", "fdatasync", "rename", "ftruncate")
FAULTS: Final = {"kill": "signal=SIGKILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
_SAME: Final = {"renameat": "rename", "renameat2": "rename"}
_TRACED: Final = ",".join((*CALLS, *_SAME))
_LONGEST_S: Final = 120.0


class Line:
    """Lines of text between two processes, over a socket: no ``write`` is spent on it."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._file = end.makefile("r", encoding="utf-8")

    def say(self, text: str) -> None:
        self._end.sendall(f"{text}\n".encode())

    def hear(self) -> str:
        """The next line; "" when the other end is gone."""
        try:
            return self._file.readline().rstrip("\n")
        except ConnectionError:
            return ""

    def close(self) -> None:
        self._file.close()
        self._end.close()


Work = Callable[[Line], None]


@dataclass(frozen=True)
class Strike:
    """What happens to the process: which call, which time, which fault."""

    call: str
    when: int
    fault: str

    @property
    def options(self) -> list[str]:
        names = ",".join([self.call, *(name for name, same in _SAME.items() if same == self.call)])
        return ["-e", f"trace={names}", "-e", f"inject={names}:{FAULTS[self.fault]}:when={self.when}"]


class Process:
    """A forked process that does ``work``.

    Args:
        strike: None lets it live.
        count: a file for the calls it makes, in place of a strike.
    """

    def __init__(self, work: Work, strike: Strike | None = None, count: Path | None = None) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(_LONGEST_S)
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _work(work, Line(theirs))
        theirs.close()
        self.line = Line(ours)
        self._strace: subprocess.Popen[bytes] | None = None
        if strike is not None or count is not None:
            options = strike.options if strike is not None else ["-e", f"trace={_TRACED}"]
            self._strace = _attach(self.pid, [*options, "-o", str(count or os.devnull)])
        self.line.say("go")

    @property
    def alive(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def end(self, *, kill: bool = False) -> int:
        """Waits for its end; minus the signal if one killed it, else its code."""
        if kill:
            os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        self.line.close()
        if self._strace is not None:
            assert self._strace.stderr is not None
            self._strace.stderr.close()
            self._strace.wait()
        return os.waitstatus_to_exitcode(status)


def _work(work: Work, line: Line) -> None:
    code = 1
    try:
        if line.hear() == "go":
            work(line)
            code = 0
    except BaseException:
        line.say("!" + traceback.format_exc().replace("\n", "\\n"))
    finally:
        os._exit(code)


def _attach(pid: int, options: list[str]) -> subprocess.Popen[bytes]:
    strace = subprocess.Popen(["strace", "-f", "-p", str(pid), *options], stderr=subprocess.PIPE)
    assert strace.stderr is not None
    said = strace.stderr.readline()
    if b"attached" not in said:
        os.kill(pid, signal.SIGKILL)
        raise RuntimeError(f"strace cannot hold the process: {said.decode().strip()}")
    return strace


def calls_counted(log: Path) -> dict[str, int]:
    """The most calls of each kind that one thread made, from a file of ``Process(count=…)``."""
    by_thread: Counter[tuple[str, str]] = Counter()
    for text in log.read_text(errors="replace").splitlines():
        thread, _, rest = text.partition(" ")
        name = rest.strip().partition("(")[0]
        name = _SAME.get(name, name)
        if name in CALLS:
            by_thread[thread, name] += 1
    return {call: max((n for (_, name), n in by_thread.items() if name == call), default=0) for call in CALLS}
