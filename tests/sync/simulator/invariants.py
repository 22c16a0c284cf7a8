"""The invariants of sync.md 5.3, looked at from outside: from the log alone, not through the code that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync.change import REVIEW_KINDS, Change, Dot, Kind, Meta
from sync.codec import open_any, peek
from sync.errors import SyncError
from sync.merge import Register, RootState, merge_all
from sync.protocol import Verdict
from sync.records import RootView, view
from sync.scope import covers, parse_feed, read_device_certificate
from sync.server import audit, tables
from sync.server.maintenance import check as check_server
from sync.snapshot import unpack_state
from tests.sync.simulator.laptops import SimLaptop

if TYPE_CHECKING:
    from tests.sync.simulator.world import World

_KNOWN = {str(kind) for kind in Kind}


class Broken(AssertionError):
    """An invariant does not hold."""


def check_laptop(world: World, laptop: SimLaptop) -> None:
    """What must hold at every moment at a laptop."""
    log = laptop.log
    for feed, cursor in log.at.items():
        places = log.places.get(feed, {})
        if len(places) < cursor.vseq or not all(vseq in places for vseq in range(1, cursor.vseq + 1)):
            raise Broken("I4: a cursor ahead of its data")
    here = {change_id for change_id, _ in log.held()}
    for places in log.places.values():
        for item, fact in places.values():
            if not fact and item not in here and item not in log.aside:
                raise Broken("I4: a place without its change")
    given = world.model.was_given[laptop.device]
    if any(not covers(given, feed) for feed in log.places):
        raise Broken("I5: a feed outside the certificates")
    if any(kept.change.actor == "liar" for _, kept in log.held()):
        raise Broken("a change is shown that nobody known has signed")


def check_acknowledged(world: World, laptop: SimLaptop) -> None:
    """I12 in the middle of things: what this laptop takes for received is at the county now."""
    told = {change_id for change_id, kept in laptop.log.held() if kept.own and kept.verdict is not None}
    with world.service.database.reading() as connection:
        here = set(connection.execute(select(tables.change.c.change_id)).scalars())
        raws = connection.execute(select(tables.quarantine.c.raw)).scalars().all()
    for raw in raws:
        try:
            here.add(peek(raw).change_id)
        except SyncError:
            continue
    if told - here:
        raise Broken("I12: acknowledged and not stored")


def check_all(world: World) -> None:
    """What must hold when all have met again."""
    check_server(world.service.database)  # I4 gapless feeds, I6 state = rebuild(log), I9 audit chains, signatures
    with world.service.database.reading() as connection:
        if audit.broken_lanes(connection, world.service.keys.county):
            raise Broken("I9: an audit chain does not verify")
    admitted = _admitted(world)
    _nothing_is_lost(world)
    _values_leave_only_by_name(world, admitted)
    _each_admitted_once(world)
    for laptop in world.laptops:
        check_laptop(world, laptop)
        for root in laptop.log.roots():
            _shown_in_full(laptop.log.state(root), laptop.log.view(root), laptop.log.changes_of(root))
        _approvals_stand_on_their_content(laptop)
    _revoked_stay_out(world)
    _rights_are_kept(world, admitted)
    _moved_whole(world, admitted)
    _all_see_the_same(world, admitted)


def tokens_of(change: Change) -> set[str]:
    """The unique values written in a change."""
    values = (
        write.value[0] if isinstance(write.value, list) and write.value else write.value for write in change.writes
    )
    return {value for value in values if isinstance(value, str) and value.startswith("t#")}


def tokens_in_drafts(laptop: SimLaptop) -> set[str]:
    """The unique values in open changes."""
    found: set[str] = set()
    for content, _ in laptop.log.drafts:
        for write in content.writes:
            value = write.value[0] if isinstance(write.value, list) else write.value
            found.add(value)
    return found


def _nothing_is_lost(world: World) -> None:
    """I1 and I12: whatever was written is at the county, admitted or in quarantine; what was acknowledged is stored."""
    with world.service.database.reading() as connection:
        stored = list(connection.execute(select(tables.change.c.raw)).scalars())
        aside = list(connection.execute(select(tables.quarantine.c.raw)).scalars())
    here: set[str] = set()
    ids: set[bytes] = set()
    for raw in (*stored, *aside):
        try:
            here |= tokens_of(open_any(raw))
            ids.add(peek(raw).change_id)
        except SyncError:
            continue
    unread = world.model.unreadable
    lost = set(world.model.written) - here - world.model.burnt - unread
    if lost:
        raise Broken(f"I1: {sorted(lost)} are nowhere at the county")
    for laptop in world.laptops:
        for change_id, kept in laptop.log.held():
            if kept.own and kept.verdict is not None and change_id not in ids:
                raise Broken("I12: acknowledged and not stored")


def _admitted(world: World) -> dict[str, list[Change]]:
    table = tables.change
    found: dict[str, list[Change]] = {}
    with world.service.database.reading() as connection:
        query = select(table.c.raw).where(table.c.verdict == int(Verdict.ADMITTED))
        for raw in connection.execute(query).scalars():
            change = open_any(raw)
            found.setdefault(change.root, []).append(change)
    return found


def _each_admitted_once(world: World) -> None:
    """I4: an admitted change stands in a feed, in each at most once, and nothing else does."""
    entries, changes = tables.feed_entry, tables.change
    with world.service.database.reading() as connection:
        rows = connection.execute(select(entries.c.feed_id, entries.c.item_id).where(entries.c.kind == "change")).all()
        verdicts = {
            one.change_id: one.verdict for one in connection.execute(select(changes.c.change_id, changes.c.verdict))
        }
    placed = [(row.feed_id, row.item_id) for row in rows]
    if len(placed) != len(set(placed)):
        raise Broken("I4: a change twice in one feed")
    standing = {item for _, item in placed}
    if standing != {change_id for change_id, verdict in verdicts.items() if verdict == Verdict.ADMITTED}:
        raise Broken("I4: feeds and verdicts do not tell the same")


def _values_leave_only_by_name(world: World, admitted: dict[str, list[Change]]) -> None:
    """I3, computed from the log alone and not by merge.py."""
    states = _server_states(world)
    for root, changes in admitted.items():
        wanted: dict[Any, set[Dot]] = {}
        named: dict[Any, set[Dot]] = {}
        for change in changes:
            if change.version > 1 or change.kind not in _KNOWN:
                continue
            cells = [((write.row, write.field), write.prev) for write in change.writes]
            cells += [((new.row, Meta.ROW), ()) for new in change.new_rows]
            cells += [((gone.row, Meta.GONE), gone.prev) for gone in change.deleted_rows]
            for key, prev in cells:
                wanted.setdefault(key, set()).add(change.dot)
                named.setdefault(key, set()).update(set(prev) - {change.dot})
        for key, dots in wanted.items():
            if set(states[root].cells[key].heads) != dots - named[key]:
                raise Broken("I3: heads are not the writes that nobody named")


def _server_states(world: World) -> dict[str, RootState]:
    with world.service.database.reading() as connection:
        rows = connection.execute(select(tables.doc_state.c.root, tables.doc_state.c.state)).all()
    return {row.root: unpack_state(row.state) for row in rows}


def _approvals_stand_on_their_content(laptop: SimLaptop) -> None:
    """I7, the content compared by hand: no write that the approval's author did not cover."""
    for root in laptop.log.roots():
        seen = laptop.log.view(root)
        if not seen.approved:
            continue
        if seen.conflicts or any(
            len({str(head.value) for head in cell.heads}) > 1
            for (_, name), cell in seen.cells.items()
            if not name.startswith("~")
        ):
            raise Broken("I7: an approval is shown over a conflict")
        standing = [review for review in seen.reviews if review.standing and review.kind in REVIEW_KINDS]
        if any(review.covers and review.covers != seen.content_digest for review in standing):
            raise Broken("I7: an approval is shown over changed content")


def _shown_in_full(state: RootState, seen: RootView, changes: list[Change]) -> None:
    """I3 on the screen: every head is to be seen, every disagreement is listed, a newer program's writing is not passed over."""
    listed = {(conflict.row, conflict.field) for conflict in seen.conflicts}
    for (row, name), cell in state.cells.items():
        if name in (Meta.ROW, Meta.GONE, Meta.ALIAS) or not cell.heads:
            continue
        if not set(cell.heads) <= _seen_by_deleters(state, row):
            shown = seen.cells.get((row, name))
            if shown is None or {head.dot for head in shown.heads} != set(cell.heads):
                raise Broken("I3: a value that nobody took out is not shown")
            different = len({repr(head.value) for head in cell.heads.values()}) > 1
            if different and not name.startswith("~") and (row, name) not in listed:
                raise Broken("I3: a disagreement is not listed")
    if any(change.version > 1 or change.kind not in _KNOWN for change in changes) and not seen.read_only:
        raise Broken("sync.md 3.10: a newer program's writing is passed over")


def _seen_by_deleters(state: RootState, row: tuple[str, ...]) -> set[Dot]:
    """What those had seen who took out this row or one around it; empty if somebody keeps it."""
    found: set[Dot] = set()
    for length in range(1, len(row) + 1):
        for head in state.cells.get((row[:length], Meta.GONE), Register()).heads.values():
            if not isinstance(head.value, list):
                return set()
            found |= {(dot[0], dot[1]) for dot in head.value}
    return found


def _rights_are_kept(world: World, admitted: dict[str, list[Change]]) -> None:
    """What a hostile program wrote beyond its rights, and what came after a lock, is in only if a person let it in."""
    let_in = world.dots_let_in()
    for changes in admitted.values():
        for change in changes:
            bad = (
                any(write.value == "trespass" for write in change.writes) or tokens_of(change) & world.model.trespasses
            )
            if bad and change.dot not in let_in:
                raise Broken("sync.md 3.11: admitted beyond its author's rights")
    for root, before in world.model.locked.items():
        later = [change for change in admitted.get(root, ()) if change.dot not in before and change.dot not in let_in]
        opened = any(change.kind in REVIEW_KINDS for change in later)
        if not opened and any(change.writes and change.kind == Kind.EDIT for change in later):
            raise Broken("sync.md 3.5: written into a locked interview")


def _moved_whole(world: World, admitted: dict[str, list[Change]]) -> None:
    """A root's whole history stands in its present home's feeds."""
    placed = _feeds_of_changes(world)
    table = tables.root_home
    with world.service.database.reading() as connection:
        rows = connection.execute(select(table).order_by(table.c.root, table.c.number)).all()
    homes = {row.root: (row.village, row.portfolio) for row in rows}
    for root, (village, portfolio) in homes.items():
        for change in admitted.get(root, ()):
            if change.feed == "county":
                continue
            parts = [parse_feed(feed) for feed in placed[change.dot]]
            if not any(part.village == village and part.portfolio in ("", portfolio) for part in parts):
                raise Broken("sync.md 3.6: a change stayed behind when its root moved")


def _revoked_stay_out(world: World) -> None:
    """I8: what came from a revoked laptop is in only if a person let it in."""
    for device, before in world.model.revoked_at.items():
        if world.admitted_of(device) - before - world.model.let_in:
            raise Broken("I8: a revoked laptop's work was admitted by nobody")


def _all_see_the_same(world: World, admitted: dict[str, list[Change]]) -> None:
    """I2: a laptop shows exactly the admitted changes of its feeds, and its own ones."""
    placed = _feeds_of_changes(world)
    patterns = _patterns(world)
    for laptop in world.laptops:
        if laptop.device in world.model.revoked_at:
            continue
        own: dict[str, list[Change]] = {}
        for _, kept in laptop.log.held():
            if kept.own:
                own.setdefault(kept.change.root, []).append(kept.change)
        for root in {*admitted, *own, *laptop.log.roots()}:
            mine = [c for c in admitted.get(root, ()) if any(covers(patterns[laptop.device], f) for f in placed[c.dot])]
            expected = merge_all(root, [*mine, *own.get(root, ())])
            here = laptop.log.state(root)
            if here.digest != expected.digest or laptop.log.view(root) != view(expected):
                raise Broken(f"I2: {laptop.name} does not see what the county sees of {root[:4]}")
        if laptop.log.aside:
            raise Broken("I2: a change stays set aside although its key is known")


def _patterns(world: World) -> dict[str, tuple[str, ...]]:
    with world.service.database.reading() as connection:
        rows = connection.execute(select(tables.device.c.device, tables.device.c.certificate)).all()
    key = world.service.keys.verify_key
    return {row.device: read_device_certificate(row.certificate, key).feeds for row in rows}


def _feeds_of_changes(world: World) -> dict[Dot, set[str]]:
    entries, changes = tables.feed_entry, tables.change
    found: dict[Dot, set[str]] = {}
    with world.service.database.reading() as connection:
        rows = connection.execute(
            select(entries.c.feed_id, changes.c.replica, changes.c.seq).select_from(
                entries.join(changes, changes.c.change_id == entries.c.item_id)
            )
        )
        for row in rows:
            found.setdefault((row.replica, row.seq), set()).add(row.feed_id)
    return found
