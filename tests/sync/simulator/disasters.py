"""What befalls laptops and the server: dead disks, copied disks, yesterday's backup, stolen laptops, hostile programs."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import zstandard

from sync import cbor
from sync.change import Change, Content, Kind, RootType, Write
from sync.codec import seal, varint
from sync.errors import BadBytes, SyncError, TooBig
from sync.scope import interview_feed, register_feed
from sync.server import maintenance
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.simulator import people
from tests.sync.simulator.laptops import SimLaptop, troubled

if TYPE_CHECKING:
    from tests.sync.simulator.world import World


def restart(world: World, laptop: SimLaptop) -> None:
    """The server process dies between two requests."""
    del laptop
    world.restart()


def back_up_or_restore_server(world: World, laptop: SimLaptop) -> None:
    """The server is backed up, or set back to its last backup under a new epoch (as maintenance.restore does)."""
    del laptop
    if world.backup is None or world.rng.random() < 0.25:
        world.back_up()
        return
    lost = world.service.database
    world.begin_with(world.backup)
    world.backup = None
    world.model.locked.clear()
    county = world.service.keys.county

    world.service.database.run(lambda connection: maintenance.begin_new_epoch(connection, county, world.chance))
    world.let_go(lost)
    world.model.revoked_at = dict(world.revoked_then)  # later decisions were lost with the server
    world.struck["server restored"] += 1


def restore_laptop(world: World, laptop: SimLaptop) -> None:
    """Yesterday's disk image comes back; what was only on today's disk is truly lost."""
    if laptop.image is None:
        laptop.image, laptop.on_image = laptop.log.image(), world.on_disk(laptop)
        return
    before = world.on_disk(laptop)
    laptop.log.put_back(laptop.image)
    world.model.burnt |= before - (laptop.on_image or set())
    laptop.image = None
    world.struck["laptop restored"] += 1


def clone(world: World, laptop: SimLaptop) -> None:
    """A disk is copied and both go on working."""
    if any(one.name == laptop.name and one is not laptop for one in world.laptops):
        return
    twin_log = copy.copy(laptop.log)
    twin_log.put_back(laptop.log.image())
    # Two machines' clocks never agree to the millisecond, not even two that stand still.
    twin = replace(laptop, log=twin_log, image=None, on_image=None, now_ms=laptop.now_ms.of_another_machine())
    twin_log.trouble = troubled(world, twin)
    world.laptops.append(twin)
    world.struck["laptop cloned"] += 1


def revoke(world: World, laptop: SimLaptop) -> None:
    """A laptop is reported lost."""
    if laptop.device not in world.model.revoked_at and len(world.model.revoked_at) < 1:
        world.service.enrolment.revoke_device(laptop.device, wipe=False)
        world.model.revoked_at[laptop.device] = world.admitted_of(laptop.device)
        world.struck["laptop revoked"] += 1


# --- hostile programs on enrolled laptops -----------------------------------------------------------------------------


def _push(world: World, laptop: SimLaptop, raw: bytes) -> None:
    """Past the honest log: straight to the server, under the laptop's own hello."""
    try:
        token = laptop.session(world.service, chance=world.chance)._say_hello().token
        list(world.service.exchange(token, [raw], (), 0))
    except SyncError:
        return


def _hostile(world: World, laptop: SimLaptop, **fields: Any) -> Change:
    """A change of a hostile program on this laptop, under a replica id of its own."""
    replica = bytes.fromhex(laptop.device)[:7] + b"!"
    world.evil[laptop.device] = seq = world.evil.get(laptop.device, 0) + 1
    plain = Change(
        1, Kind.EDIT, COUNTY, replica, seq, 5 << 16, 480, laptop.name, people.HOUSES[0], RootType.HOUSEHOLD,
        feed=register_feed(VILLAGE), save_id=replica,
    )  # fmt: skip
    return replace(plain, **fields)


def _push_hostile(world: World, laptop: SimLaptop, raw: bytes) -> None:
    """The hostile program says its own hello, so that its replica is known."""
    log = copy.copy(laptop.log)
    log.replica, log.max_seq = bytes.fromhex(laptop.device)[:7] + b"!", world.evil.get(laptop.device, 0)
    log.trouble = lambda _: None
    _push(world, replace(laptop, log=log), raw)


def noise(world: World, laptop: SimLaptop) -> None:
    """Garbage in a frame."""
    _push(world, laptop, world.rng.choice((b"", b"\x01\x01", world.rng.randbytes(80), bytes(300_000))))


def forge(world: World, laptop: SimLaptop) -> None:
    """A laptop signs a change in another one's name."""
    victim = world.rng.choice(world.laptops)
    own = [kept for _, kept in victim.log.held() if kept.own]
    if own and victim.device != laptop.device:
        _push(world, laptop, seal(world.rng.choice(own).change, laptop.enrolled.keys.signing).raw)


def trespass(world: World, laptop: SimLaptop) -> None:
    """A write outside one's rights: a foreign village, another's account, another county, a kind of the township's."""
    choice = world.rng.randrange(6)
    if choice == 0:
        token = world.token(laptop)
        world.model.trespasses.add(token)
        content = Content(Kind.EDIT, (Write((), "x", token),))
        people.save(world, laptop, "f0" * 16, content, feed=register_feed("529921009009"))
        return
    write = (Write((), "x", "trespass"),)
    bad = [
        {"actor": "ts0001" if laptop.name != "ts0001" else "ce0001", "writes": write},
        {"county": "529999", "writes": write},
        {"kind": Kind.LOCK, "root": people.INTERVIEWS["ce0001"], "root_type": RootType.INTERVIEW,
         "feed": interview_feed(VILLAGE, "ce0001"), "writes": (*write, Write((), "~review", ["lock", "county", "", None]))},
        {"feed": "county", "root_type": RootType.CONTROL, "root": "d1" * 16, "writes": write},
        {"root_type": RootType.LEAD, "writes": write},
    ][choice - 1]  # fmt: skip
    _push_hostile(world, laptop, seal(_hostile(world, laptop, **bad), laptop.enrolled.keys.signing).raw)


def replay(world: World, laptop: SimLaptop) -> None:
    """Another change under a number that is used already."""
    own = [kept for _, kept in laptop.log.held() if kept.own and kept.verdict is not None and kept.change.writes]
    if own:
        change = world.rng.choice(own).change
        other = replace(change, writes=(replace(change.writes[0], value="another"),))
        _push(world, laptop, seal(other, laptop.enrolled.keys.signing).raw)


def giant(world: World, laptop: SimLaptop) -> None:
    """A change of a hundred kilobytes, or of more than may be."""
    size = world.rng.choice((60_000, 120_000))
    blob = world.rng.randbytes(size).hex()
    try:
        raw = seal(_hostile(world, laptop, writes=(Write((), "big", blob),)), laptop.enrolled.keys.signing).raw
    except TooBig:
        raw = bytes(300_000)
    _push_hostile(world, laptop, raw)


def bomb(world: World, laptop: SimLaptop) -> None:
    """Few bytes that unpack to very many."""
    packed = zstandard.ZstdCompressor().compress(bytes(world.rng.choice((5, 20)) * 1024 * 1024))
    name, replica = COUNTY.encode(), laptop.log.replica
    raw = b"".join(
        (b"\x01\x01", replica, varint(laptop.log.max_seq + 1), bytes((len(name),)), name, bytes(64), b"\x01", packed)
    )
    _push(world, laptop, raw)


def poison(world: World, laptop: SimLaptop) -> None:
    """A well signed change that no program can show."""
    bad = world.rng.choice(
        (
            {"writes": (Write(("x",), "~alias", [{}]),)},
            {"writes": (Write((), "~review", [{}, [], {}]),)},
            {"writes": (Write((), "\x00", "\x00"),)},
            {"writes": (Write((), "x", 2**70),)},
            {"writes": (Write((), "x", -1),), "hlc": 2**64 - 1},
            {"kind": Kind.RETURN, "root": people.INTERVIEWS["ce0001"], "root_type": RootType.INTERVIEW,
             "feed": interview_feed(VILLAGE, "ce0001"), "body": {"reasons": [[{}, [[]], [], {}]]}},
        )
    )  # fmt: skip
    try:
        raw = seal(_hostile(world, laptop, **bad), laptop.enrolled.keys.signing).raw
    except (BadBytes, ValueError, TypeError, cbor.cbor2.CBORError):
        return
    _push_hostile(world, laptop, raw)
