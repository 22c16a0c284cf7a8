"""Sticks in the simulator: the real bundles, carried in memory, with what happens to sticks in the field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING

from sync.client.carrying import Porter
from sync.errors import BadBytes, NothingForUs, NotYourCounty, StickFull, StickGone, SyncError
from sync.server.carrying import take_stick
from sync.stick import Place, Stick
from tests.sync.simulator.faults import Killed

if TYPE_CHECKING:
    from tests.sync.simulator.laptops import SimLaptop
    from tests.sync.simulator.world import World

_PIECE = 64 * 1024


class MemoryStick(Stick):
    """What ``Stick`` promises, without a disk."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.files: dict[Place, dict[str, tuple[int, bytes]]] = {place: {} for place in Place}
        self.drawer: list[tuple[Place, str, bytes]] = []  # copies of files that lie about

    def put(self, place: Place, pieces: Iterable[bytes], name: str = "") -> str:
        data = b"".join(pieces)
        if self._world.hit("stick_full", self._world.faults.stick_full):
            raise self._world.rng.choice((StickFull, StickGone))("no room, or pulled out")
        final = name or blake2b(data, digest_size=16).hexdigest()
        self.files[place][final] = (self._world.tick(), data)
        return final

    def names(self, place: Place) -> list[str]:
        return sorted(self.files[place], key=lambda name: (self.files[place][name][0], name))

    def has(self, place: Place, name: str) -> bool:
        return name in self.files[place]

    def pieces(self, place: Place, name: str) -> Iterator[bytes]:
        if name not in self.files[place]:
            raise StickGone("pulled out")
        data = self.files[place][name][1]
        for start in range(0, len(data), _PIECE):
            yield data[start : start + _PIECE]
        if place is not Place.ACK and blake2b(data, digest_size=16).hexdigest() != name:
            raise BadBytes("a file that is not what its name says")

    def remove(self, place: Place, name: str) -> None:
        self.files[place].pop(name, None)


def porter(world: World, laptop: SimLaptop) -> Porter:
    """Packs and unpacks for a laptop."""
    keys, reply = laptop.enrolled.keys, world.service.keys
    return Porter(
        laptop.log, laptop.certificate(world), keys.signing, keys.sealing, reply.verify_key, reply.sealing.public_key(),
        now_ms=laptop.now_ms, chance=world.chance,
    )  # fmt: skip


def carry(world: World, laptop: SimLaptop) -> None:
    """One leg of a stick's way: packed at a laptop, read at the county, read at a laptop; any stick, any laptop."""
    stick = world.rng.choice(world.sticks)
    legs = [
        lambda: pack(world, laptop, stick),
        lambda: at_the_county(world, stick),
        lambda: unpack(world, laptop, stick),
    ]
    if world.rng.random() < 0.5:
        legs = [world.rng.choice(legs)]
    for leg in legs:
        _mishap(world, stick)
        leg()


def pack(world: World, laptop: SimLaptop, stick: MemoryStick) -> None:
    """The laptop puts what the county has not answered for onto the stick."""
    try:
        porter(world, laptop).carry_out(stick)
        world.struck["stick packed"] += 1
    except SyncError:
        if world.calm:
            raise


def at_the_county(world: World, stick: MemoryStick) -> None:
    """The county reads the stick; its server may die over it."""
    if world.hit("stick_wrong", world.faults.stick_wrong):
        _elsewhere(world, stick)
    if world.hit("kill", world.faults.kill):
        world.killer.arm(world.rng.randint(1, 120))
    try:
        take_stick(world.service, stick, now_ms=world.now_ms, chance=world.chance)
        world.struck["stick read"] += 1
    except Killed:
        world.restart()
    except SyncError:
        if world.calm:
            raise
    finally:
        world.killer.disarm()


def unpack(world: World, laptop: SimLaptop, stick: MemoryStick) -> None:
    """The laptop takes in what the county wrote for it (as services/carrying.py does)."""
    carrier = porter(world, laptop)
    try:
        for server in carrier.carried_in(stick):
            laptop.session(server, chance=world.chance, elapsed_s=lambda: 0.0).run()
            carrier.clear(stick, [server] if server.whole else [])
            world.struck["stick taken in"] += 1
    except (NothingForUs, NotYourCounty):
        return
    except SyncError:
        return  # what needs question and answer waits for the line


def _elsewhere(world: World, stick: MemoryStick) -> None:
    """Put into another county's server: refused by name, nothing taken."""
    other = world.other_county
    before = {place: set(files) for place, files in stick.files.items()}
    told = take_stick(other, stick, now_ms=world.now_ms, chance=world.chance)
    if any(not one.refused or one.changes for one in told):
        raise AssertionError("another county took a bundle in")
    if {place: set(files) for place, files in stick.files.items()} != before:
        raise AssertionError("another county wrote on the stick")


def _mishap(world: World, stick: MemoryStick) -> None:
    faults = world.faults
    here = [(place, name) for place in Place for name in stick.names(place)]
    if here and world.hit("stick_copy", faults.stick_copy):
        place, name = world.rng.choice(here)
        stick.drawer.append((place, name, stick.files[place][name][1]))
    if stick.drawer and world.hit("stick_copy", faults.stick_copy):
        place, name, data = world.rng.choice(stick.drawer)
        stick.files[place].setdefault(name, (world.tick(), data))
        world.struck["stick found again"] += 1
    if here and world.hit("stick_damage", faults.stick_damage):
        place, name = world.rng.choice(here)
        at, data = stick.files[place][name]
        if world.rng.random() < 0.5:
            data = data[: world.rng.randint(0, len(data))]
        else:
            spot = world.rng.randrange(len(data))
            data = data[:spot] + bytes((data[spot] ^ (1 << world.rng.randrange(8)),)) + data[spot + 1 :]
        stick.files[place][name] = (at, data)
