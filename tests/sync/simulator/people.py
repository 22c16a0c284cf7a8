"""What people do at their laptops and in the county office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync.change import Content, DeletedRow, Kind, Meta, NewRow, RootType, Write
from sync.ids import row_id
from sync.records import FormStatus, Level, dots_of_row, drop_row, keep_row, review_step, take_value
from sync.scope import COUNTY_FEED, interview_feed, register_after_move, register_feed
from sync.server.office import Office
from tests.sync.builders import VILLAGE
from tests.sync.simulator.laptops import SimLaptop

if TYPE_CHECKING:
    from tests.sync.simulator.world import World

OTHER_VILLAGE = "529921002002"
HOUSES = ("a1" * 16, "a2" * 16)
INTERVIEWS = {"ce0001": "c1" * 16, "ce0002": "c2" * 16}


def home(laptop: SimLaptop, root: str) -> str:
    """Where a root's changes travel as far as this laptop knows (as fieldapp/store/changes.py finds it)."""
    known = [kept.change for _, kept in laptop.log.held() if kept.change.root == root]
    moves = [change for change in known if change.kind == Kind.MOVE and register_after_move(change.body)]
    if moves:
        body = max(moves, key=lambda change: change.hlc).body
        if root in HOUSES:
            return register_feed(body["village"])
        return interview_feed(body["village"], body["portfolio"])
    if known:
        return min(known, key=lambda change: change.hlc).feed
    owner = next((account for account, one in INTERVIEWS.items() if one == root), "")
    return interview_feed(VILLAGE, owner) if owner else register_feed(VILLAGE)


def away(laptop: SimLaptop, root: str) -> bool:
    """The root has left for where this laptop does not reach: read-only here."""
    return root in laptop.log.roots_away()


def put(world: World, laptop: SimLaptop, root: str, name: str, *, row: tuple[str, ...] = (), feed: str = "") -> None:
    """Types a value, seeing the whole cell or (an old screen) only a part of it."""
    seen = laptop.log.view(root)
    prev = tuple(dot for dot in seen.prev(name, row) if world.rng.random() < 0.9)
    value: Any = world.token(laptop)
    if name == "z":
        value = [value, world.rng.choice(("1", "2"))]  # a register of two members
    save(world, laptop, root, Content(Kind.EDIT, (Write(row, name, value, prev),)), feed=feed)


def save(world: World, laptop: SimLaptop, root: str, content: Content, *, feed: str = "", root_type: str = "") -> None:
    """A save by the person at the laptop; sometimes it stays an open change until the next meeting."""
    kind = root_type or (RootType.INTERVIEW if root in INTERVIEWS.values() else RootType.HOUSEHOLD)
    place: dict[str, Any] = {"root": root, "root_type": kind, "feed": feed or home(laptop, root)}
    if root in INTERVIEWS.values():
        place["form_version"] = laptop.form_version
    if content.kind == Kind.EDIT and not content.new_rows and world.rng.random() < 0.3 and not laptop.log.drafts:
        laptop.log.draft(content, now_ms=laptop.now_ms(), **place)
        world.struck["draft"] += 1
        return
    laptop.log.write(content, now_ms=laptop.now_ms(), **place)


def edit(world: World, laptop: SimLaptop) -> None:
    """An answer in a household or in the own interview."""
    if world.hit("second_person", world.faults.second_person) and len(laptop.people) > 1:
        laptop.log.actor = world.rng.choice(laptop.people)
    own = INTERVIEWS.get(laptop.name)
    if own and laptop.log.actor == laptop.name and world.rng.random() < 0.5 and not away(laptop, own):
        if world.hit("upgrade", world.faults.upgrade):
            laptop.form_version = f"{world.rng.randint(1, 9)}f" * 32
            body = {"old": "", "new": laptop.form_version}
            save(world, laptop, own, Content(Kind.MIGRATE, body=body))
        put(world, laptop, own, world.rng.choice("pq"))
        return
    known = _houses(laptop)
    if known:
        put(world, laptop, world.rng.choice(known), world.rng.choice("xz"))


def _houses(laptop: SimLaptop) -> list[str]:
    known = laptop.log.roots()
    return [root for root in HOUSES if root in known and not away(laptop, root)]


def roster(world: World, laptop: SimLaptop) -> None:
    """A member comes, goes or is written."""
    known = _houses(laptop)
    if not known:
        return
    root = world.rng.choice(known)
    rows = laptop.log.view(root).roster("member")
    choice = world.rng.random()
    if not rows or choice < 0.4:
        new = (row_id(laptop.log.replica[:4] + (laptop.log.max_seq + 1).to_bytes(4, "big"), 0),)
        write = Write(new, "mem_name", world.token(laptop))
        save(world, laptop, root, Content(Kind.EDIT, (write,), (NewRow("member", new, world.rng.choice("123")),)))
    elif choice < 0.7:
        put(world, laptop, root, "mem_age", row=world.rng.choice(rows).row)
    else:
        row = world.rng.choice(rows).row
        gone = DeletedRow(row, "member", dots_of_row(laptop.log.state(root), row))
        save(world, laptop, root, Content(Kind.ROW_DEL, deleted_rows=(gone,)))


def review(world: World, laptop: SimLaptop) -> None:
    """A step of the review by whoever may take it."""
    own, known = INTERVIEWS.get(laptop.name), laptop.log.roots()
    if own and own in known and not away(laptop, own):
        save(world, laptop, own, review_step(laptop.log.view(own), Kind.SUBMIT, Level.TOWNSHIP))
    elif laptop.name.startswith("ts"):
        here = [root for root in INTERVIEWS.values() if root in known and not away(laptop, root)]
        if here:
            root = world.rng.choice(here)
            kind = world.rng.choice((Kind.OPEN, Kind.RETURN, Kind.APPROVE, Kind.APPROVE, Kind.VOID))
            save(world, laptop, root, review_step(laptop.log.view(root), kind, Level.TOWNSHIP))


def decide(world: World, laptop: SimLaptop) -> None:
    """A conflict is settled as the screen shows it."""
    for root in laptop.log.roots():
        if away(laptop, root):
            continue
        seen = laptop.log.view(root)
        for conflict in seen.conflicts:
            cell = seen.cells.get((conflict.row, conflict.field))
            if conflict.field == Meta.GONE:
                state = laptop.log.state(root)
                if world.rng.random() < 0.5:
                    save(world, laptop, root, keep_row(state, conflict.row, "核实"))
                else:
                    save(world, laptop, root, drop_row(state, conflict.row, "member", "核实"))
                return
            if cell is not None and not conflict.field.startswith("~"):
                made = take_value(cell, conflict.row, conflict.field, world.token(laptop), "核实")
                save(world, laptop, root, made)
                return


def move(world: World, laptop: SimLaptop) -> None:
    """The township moves a household to its other village, an interview to another enumerator."""
    if not laptop.name.startswith("ts"):
        return
    known = laptop.log.roots()
    if world.rng.random() < 0.6:
        here = [root for root in HOUSES if root in known and not away(laptop, root)]
        body = {"village": world.rng.choice((VILLAGE, OTHER_VILLAGE)), "portfolio": ""}
    else:
        here = [root for root in INTERVIEWS.values() if root in known and not away(laptop, root)]
        body = {"village": VILLAGE, "portfolio": world.rng.choice(list(INTERVIEWS))}
    if here:
        save(world, laptop, world.rng.choice(here), Content(Kind.MOVE, body=body))


def office(world: World, laptop: SimLaptop) -> None:
    """The county office publishes, looks through its quarantine, gives and takes scope."""
    del laptop
    choice = world.rng.random()
    hand = Office(world.service, now_ms=world.now_ms, chance=world.chance)
    if choice < 0.4:
        waiting = world.service.waiting()
        if waiting:
            change_id = world.rng.choice(waiting)[0]
            world.model.let_in.add(change_id)
            world.service.admit(change_id, "office")
            world.struck["admitted by a person"] += 1
    elif choice < 0.6:
        root = world.rng.choice(list(INTERVIEWS.values()))
        shown = world.shown_at_the_county(root)
        if shown.status == FormStatus.APPROVED and root not in world.model.locked:
            content = review_step(shown, Kind.LOCK, Level.COUNTY)
            hand.write_content(root, RootType.INTERVIEW, content, feed=interview_feed(VILLAGE, world.owner_of(root)))
            world.model.locked[root] = world.admitted_dots(root)
            world.struck["locked by the county"] += 1
    elif choice < 0.8:
        hand.publish_village(VILLAGE, f"村{world.rng.randint(1, 99)}", "乡")
    else:
        hand.publish_parameter("line", str(world.rng.randint(1, 99)), "2026-01-01")


def newer(world: World, laptop: SimLaptop) -> None:
    """A laptop with a newer program writes what this one does not know: kinds, fields of the envelope, a codec version."""
    known = _houses(laptop)
    if not known:
        return
    root, choice = world.rng.choice(known), world.rng.random()
    write = Write((), "future", world.token(laptop), laptop.log.view(root).prev("future"))
    world.model.unreadable.add(write.value)
    place: dict[str, Any] = {"root": root, "root_type": RootType.HOUSEHOLD, "feed": home(laptop, root)}
    if choice < 0.4:
        laptop.log.write(Content("census", (write,)), now_ms=laptop.now_ms(), **place)
    elif choice < 0.7:
        laptop.log.write(Content(Kind.EDIT, (write,)), now_ms=laptop.now_ms(), ext={"later": [1]}, **place)
    elif not (world.faults.clone or world.faults.restore_laptop):  # it cannot be sealed anew under another replica id
        laptop.log.write(Content(Kind.EDIT, (write,)), now_ms=laptop.now_ms(), version=2, **place)


def narrow(world: World, laptop: SimLaptop) -> None:
    """A laptop is given fewer villages, or all of its own again."""
    whole = laptop.enrolled.device.feeds
    fewer = tuple(feed for feed in whole if VILLAGE not in feed or feed == COUNTY_FEED)
    feeds = whole if world.rng.random() < 0.5 else fewer
    world.service.enrolment.set_feeds(laptop.device, feeds)
    world.model.was_given.setdefault(laptop.device, set()).update(feeds)
