"""Laptops of the simulator: the real session over a log that may lose its power, its disk or its clock."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync.client.enrolment import Enrolled
from sync.client.session import SyncSession
from sync.protocol import CountyServer
from sync.scope import DeviceCertificate, read_device_certificate
from tests.sync.memory_log import MemoryLog
from tests.sync.simulator.faults import YEARS_20_MS, DiskFull, PowerCut

if TYPE_CHECKING:
    from tests.sync.simulator.world import World

_WRITING = (
    "append", "seal_drafts", "record_verdicts", "record_durable", "take_in", "put_right", "forget_cursors", "drop_feed",
    "renew_replica", "set_certificate", "note_sync",
)  # fmt: skip


class FragileLog(MemoryLog):
    """A log whose laptop may die or whose disk may fill up before or after any of its transactions."""

    trouble: Callable[[str], None] = staticmethod(lambda _: None)


def _fragile(name: str) -> Any:
    whole = getattr(MemoryLog, name)

    def method(self: FragileLog, *arguments: Any) -> Any:
        self.trouble("before")
        done = whole(self, *arguments)
        self.trouble("after")
        return done

    return method


for _name in _WRITING:
    setattr(FragileLog, _name, _fragile(_name))


class LaptopClock:
    """A laptop's clock: right, decades off, stepping to and fro, or standing still."""

    def __init__(self, county_ms: Callable[[], int], kind: str, rng: random.Random) -> None:
        self._county_ms, self._kind, self._rng = county_ms, kind, rng
        self._offset = {"far": rng.choice((-1, 1)) * YEARS_20_MS, "steps": 0}.get(kind, rng.randint(-5000, 5000))
        self._frozen = county_ms()

    def of_another_machine(self) -> LaptopClock:
        """A clock of the same kind that goes otherwise."""
        other = copy.copy(self)
        other._offset += 977
        other._frozen += 977
        return other

    def __call__(self) -> int:
        if self._kind == "frozen":
            return self._frozen
        if self._kind == "steps" and self._rng.random() < 0.2:
            self._offset = self._rng.randint(-30, 30) * 86_400_000
        return max(self._county_ms() + self._offset, 0)


@dataclass
class SimLaptop:
    """A laptop with the people at it."""

    name: str
    enrolled: Enrolled
    log: FragileLog
    now_ms: LaptopClock
    people: list[str]
    image: dict[str, Any] | None = None
    on_image: set[str] | None = None
    form_version: str = ""

    @property
    def device(self) -> str:
        """Its id."""
        return self.enrolled.keys.device

    def certificate(self, world: World) -> DeviceCertificate:
        """The one in its log."""
        return read_device_certificate(self.log.certificate, world.service.keys.verify_key)

    def session(self, server: CountyServer, **seams: Any) -> SyncSession:
        """A sync that does not really wait."""
        given = {"wait": lambda _: None, **seams}
        certificate = read_device_certificate(self.log.certificate, self.enrolled.county_key)
        return SyncSession(server, self.log, certificate, self.enrolled.keys.signing, now_ms=self.now_ms, **given)  # type: ignore[arg-type]


def troubled(world: World, laptop: SimLaptop) -> Callable[[str], None]:
    """What may happen at a transaction of this laptop's log."""

    def trouble(when: str) -> None:
        if when == "before" and world.hit("disk_full", world.faults.disk_full * 0.2):
            raise DiskFull
        if world.hit("power_cut", world.faults.power_cut * 0.2):
            raise PowerCut

    del laptop
    return trouble
