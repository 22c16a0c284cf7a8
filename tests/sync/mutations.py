"""Bugs put into the shipped modules on purpose: the simulator must notice each, and nothing without them.

Each is a patch at a seam of a shipped module and names the invariant (sync.md 5.3) that it breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sync import known_keys, merge, records
from sync.client.carrying import CarriedServer, Porter
from sync.client.session import SyncSession
from sync.codec import peek
from sync.errors import SyncError
from sync.known_keys import Hand, KnownKeys
from sync.merge import Register
from sync.protocol import Have, Order, Verdict
from sync.records import RootView
from sync.server import admission, audit, feeds, maintenance, service
from sync.server.admission import Admission, Answer
from sync.server.database import Database
from sync.server.service import CountyService
from tests.sync.simulator import world

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutation:
    """A patch, and what it breaks."""

    put_in: Patch
    breaks: str


def caught(name: str, within: int) -> tuple[int | None, str]:
    """The first seed that notices this mutation, and in which words; None if none does."""
    world.founded()
    with pytest.MonkeyPatch.context() as patch:
        MUTATIONS[name].put_in(patch)
        for seed in range(within):
            try:
                world.run(seed)
            except Exception as error:
                return seed, f"{type(error).__name__}: {str(error)[:120]}"
    return None, ""


def last_writer_wins(patch: pytest.MonkeyPatch) -> None:
    """Only the head with the highest clock is kept."""
    real = merge._written

    def written(*arguments: Any) -> Register:
        cell = real(*arguments)
        best = sorted(cell.heads.values(), key=lambda head: head.rank)[-1:]
        return Register({head.dot: head for head in best}, cell.ghosts)

    patch.setattr(merge, "_written", written)


def ghosts_dropped(patch: pytest.MonkeyPatch) -> None:
    """Parents that have not arrived are forgotten."""
    real = merge._written
    patch.setattr(merge, "_written", lambda *arguments: replace(real(*arguments), ghosts=frozenset()))


def parents_of_all_that_is_known(patch: pytest.MonkeyPatch) -> None:
    """A write supersedes whatever the server holds, as a version vector would claim."""
    real = merge._written

    def written(cell: Register, change: Any, value: Any, prev: Any, included: Any) -> Register:
        return real(cell, change, value, (*prev, *cell.heads), included)

    patch.setattr(merge, "_written", written)


def acknowledged_before_stored(patch: pytest.MonkeyPatch) -> None:
    """Every seventh change is acknowledged and thrown away."""
    real = Admission.take
    count = [0]

    def take(self: Admission, raw: bytes, **more: Any) -> Answer:
        count[0] += 1
        if count[0] % 7 or len(raw) < 100 or more["via"] != "http":
            return real(self, raw, **more)
        seen = peek(raw)
        self._hold(seen)
        return Answer(seen.replica, seen.seq, Verdict.ADMITTED)

    patch.setattr(Admission, "take", take)


def gaps_not_told(patch: pytest.MonkeyPatch) -> None:
    """The server names its highest number and not what is missing below."""
    real = Admission.have
    patch.setattr(Admission, "have", lambda *arguments: Have(real(*arguments).upto))


def forks_not_noticed_by_the_laptop(patch: pytest.MonkeyPatch) -> None:
    """A cloned disk goes on under the old replica id."""
    patch.setattr(SyncSession, "_is_fork", lambda *_: False)


def renewal_trusts_numbers(patch: pytest.MonkeyPatch) -> None:
    """A renewing laptop believes the numbers of its twin."""

    def renew(self: SyncSession, welcome: Any) -> None:
        self._log.renew_replica(self._chance(8), welcome.have)
        self.report.renewed = True

    patch.setattr(SyncSession, "_renew", renew)


def scope_leak(patch: pytest.MonkeyPatch) -> None:
    """The server gives every feed to everybody."""
    patch.setattr(service, "covers", lambda *_: True)
    patch.setattr(feeds, "covers", lambda *_: True)


def revocation_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A revoked laptop's work is admitted as before."""
    real = Admission._judge

    def judge(self: Admission, change: Any, device: Any, now_ms: int) -> str:
        return real(self, change, replace(device, status="active"), now_ms)

    patch.setattr(Admission, "_judge", judge)


def restored_server_not_noticed(patch: pytest.MonkeyPatch) -> None:
    """Nothing is given back after a restore."""

    def forget(self: SyncSession, welcome: Any, _: Any) -> None:
        self._log.forget_cursors(welcome.epoch)

    patch.setattr(SyncSession, "_after_restore", forget)


def cursor_before_data(patch: pytest.MonkeyPatch) -> None:
    """Every fifth page moves the cursor and stores nothing."""
    real = SyncSession._take_in
    count = [0]

    def take_in(self: SyncSession, page: Any, cursors: Any) -> None:
        count[0] += 1
        real(self, page, cursors)
        if count[0] % 5 == 0:
            log: Any = self._log
            for entry in page:
                log.places[entry.feed].pop(entry.vseq)

    patch.setattr(SyncSession, "_take_in", take_in)


def signature_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Whoever claims to be a laptop is believed."""
    patch.setattr(admission, "verify", lambda *_: None)


def forged_numbers_used_up(patch: pytest.MonkeyPatch) -> None:
    """A forgery uses up the number of the laptop it names."""
    real = Admission._set_aside

    def aside(self: Admission, raw: bytes, replica: bytes, seq: int, why: str, now_ms: int) -> None:
        real(self, raw, replica, seq, why, now_ms)
        if why == "signature":
            self._hold(peek(raw))

    patch.setattr(Admission, "_set_aside", aside)


def state_not_updated(patch: pytest.MonkeyPatch) -> None:
    """Deletions do not reach the server's state."""
    real = admission.merge
    patch.setattr(admission, "merge", lambda state, change: real(state, replace(change, deleted_rows=())))


def feed_order_by_arrival_of_names(patch: pytest.MonkeyPatch) -> None:
    """A change is numbered twice in its feed when it is sent twice."""
    real = Admission._at_dot
    seen: set[bytes] = set()

    def at_dot(self: Admission, one: Any) -> Any:
        twin = real(self, one)
        if twin is not None and one.change_id not in seen and twin.change_id == one.change_id:
            seen.add(one.change_id)
            table = feeds.tables.feed
            where = (table.c.feed_id == one.feed,)
            self._connection.execute(table.update().where(*where).values(last_vseq=table.c.last_vseq + 1))
        return twin

    patch.setattr(Admission, "_at_dot", at_dot)


def approval_not_bound_to_content(patch: pytest.MonkeyPatch) -> None:
    """An approval stands whatever is written afterwards."""
    real = records._status
    patch.setattr(records, "_status", lambda *arguments: (real(*arguments)[0], False))


def committed_by_halves(patch: pytest.MonkeyPatch) -> None:
    """The numbers of what has arrived are committed before the changes."""
    real = CountyService.take_group

    def take_group(self: CountyService, raws: Any, replica: bytes, via: str) -> Any:
        def note(connection: Any) -> None:
            with self._desk(connection) as desk:
                for raw in raws:
                    try:
                        seen = peek(raw)
                    except SyncError:
                        continue
                    if seen.replica == replica:
                        desk._hold(seen)

        self.database.run(note)
        return real(self, raws, replica, via)

    patch.setattr(CountyService, "take_group", take_group)


def answered_without_commit(patch: pytest.MonkeyPatch) -> None:
    """Every ninth group is answered for and rolled back."""
    real, count = CountyService.take_group, [0]

    def take_group(self: CountyService, *arguments: Any) -> Any:
        count[0] += 1
        if count[0] % 9:
            return real(self, *arguments)
        kept = Database.transaction

        class Undone(Exception):
            pass

        answers: list[Any] = []
        run = Database.run

        def undone(database: Database, work: Any) -> Any:
            try:
                with kept(database) as connection:
                    answers.append(work(connection))
                    raise Undone
            except Undone:
                return answers[0]

        Database.run = undone  # type: ignore[method-assign]
        try:
            return real(self, *arguments)
        finally:
            Database.run = run  # type: ignore[method-assign]

    patch.setattr(CountyService, "take_group", take_group)


def numbers_held_not_written(patch: pytest.MonkeyPatch) -> None:
    """The server does not remember which numbers it holds."""
    patch.setattr(Admission, "_write_held", lambda _: None)


def quarantine_dropped(patch: pytest.MonkeyPatch) -> None:
    """What may not be merged is acknowledged and thrown away."""
    real = Admission._store
    doubtful: list[str] = [""]
    judge = Admission._judge

    def judged(self: Admission, *arguments: Any) -> str:
        doubtful[0] = judge(self, *arguments)
        return doubtful[0]

    def store(self: Admission, *arguments: Any) -> None:
        if not doubtful[0]:
            real(self, *arguments)

    patch.setattr(Admission, "_judge", judged)
    patch.setattr(Admission, "_store", store)


def forks_thrown_away(patch: pytest.MonkeyPatch) -> None:
    """Of two changes under one number the second is not kept."""
    real = Admission._set_aside

    def aside(self: Admission, raw: bytes, replica: bytes, seq: int, why: str, now_ms: int) -> None:
        if why != "fork":
            real(self, raw, replica, seq, why, now_ms)

    patch.setattr(Admission, "_set_aside", aside)
    patch.setattr(SyncSession, "_is_fork", lambda *_: False)


def renewal_not_ordered(patch: pytest.MonkeyPatch) -> None:
    """A restored laptop goes on under its old replica id."""
    real = CountyService._hello

    def hello(self: CountyService, *arguments: Any) -> Any:
        welcome = real(self, *arguments)
        return replace(welcome, orders=tuple(order for order in welcome.orders if order is not Order.RENEW))

    patch.setattr(CountyService, "_hello", hello)


def sent_is_taken_for_arrived(patch: pytest.MonkeyPatch) -> None:
    """The laptop believes that what it sent was stored, whatever the county says it has."""
    real = SyncSession._record

    def record(self: SyncSession, head: Any, welcome: Any) -> None:
        real(self, replace(head, have=Have(self._log.identity().max_seq)), welcome)

    patch.setattr(SyncSession, "_record", record)


def stick_counts_as_arrived(patch: pytest.MonkeyPatch) -> None:
    """What was put on a stick is taken for received by the county."""
    real = Porter.carry_out

    def carry_out(self: Porter, stick: Any) -> Any:
        done = real(self, stick)
        self._log.record_verdicts([], Have(self._log.identity().max_seq))
        return done

    patch.setattr(Porter, "carry_out", carry_out)


def stick_that_does_not_join_taken_in(patch: pytest.MonkeyPatch) -> None:
    """A stick is read on although entries before it are missing, and nobody looks whether they follow."""

    def take_in(self: SyncSession, page: Any, cursors: Any) -> None:
        moved = replace(cursors[page[0].feed], vseq=page[-1].vseq)
        self._log.take_in(page, moved)
        cursors[page[0].feed] = moved
        self.report.received += len(page)

    patch.setattr(CarriedServer, "_joins", lambda *_: True)
    patch.setattr(SyncSession, "_take_in", take_in)


def others_signatures_not_checked(patch: pytest.MonkeyPatch) -> None:
    """A laptop believes whoever passes changes on."""
    patch.setattr(KnownKeys, "hand", lambda *_: Hand.KNOWN)


def laptops_keys_not_told(patch: pytest.MonkeyPatch) -> None:
    """Keys in certificates are overlooked, so others' work never counts."""
    patch.setattr(known_keys.KnownKeys, "add", lambda *_: None)


def epoch_kept_at_restore(patch: pytest.MonkeyPatch) -> None:
    """A restored server says that it is the one before."""
    real = maintenance.write_value

    def write(connection: Any, county: str, name: str, value: bytes) -> None:
        if name != "epoch":
            real(connection, county, name, value)

    patch.setattr(maintenance, "write_value", write)


def office_numbers_used_again(patch: pytest.MonkeyPatch) -> None:
    """The office goes on under its old replica id after a restore and gives its numbers out again."""

    def begin(connection: Any, county: str, chance: Any) -> None:
        maintenance.write_value(connection, county, "epoch", chance(8))

    patch.setattr(maintenance, "begin_new_epoch", begin)


def offer_claims_everything(patch: pytest.MonkeyPatch) -> None:
    """A restored server says that it lacks nothing of what it is offered."""
    patch.setattr(CountyService, "offer", lambda *_: ())


def former_replicas_forgotten(patch: pytest.MonkeyPatch) -> None:
    """After a restore a laptop gives back only what stood in feeds, not its own work in quarantine."""
    patch.setattr(SyncSession, "_own_of_former_lives", lambda *_: ())


def rights_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Every post may write everything."""
    patch.setattr(admission, "may_write", lambda *_: True)


def account_not_checked(patch: pytest.MonkeyPatch) -> None:
    """A laptop may write in anybody's name."""
    patch.setattr(Admission, "_works_at", lambda *_: True)


def village_not_checked(patch: pytest.MonkeyPatch) -> None:
    """A laptop may write into any village."""
    patch.setattr(admission, "covers", lambda *_: True)


def county_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Changes of another county are merged here."""
    real = Admission._judge

    def judge(self: Admission, change: Any, device: Any, now_ms: int) -> str:
        return real(self, replace(change, county=self._county), device, now_ms)

    patch.setattr(Admission, "_judge", judge)


def lock_ignored(patch: pytest.MonkeyPatch) -> None:
    """Answers go into an interview that the county has locked."""
    real = Admission._judge_root

    def judge(self: Admission, *arguments: Any) -> str:
        reason = real(self, *arguments)
        return "" if reason == "locked" else reason

    patch.setattr(Admission, "_judge_root", judge)


def one_bad_change_stops_all(patch: pytest.MonkeyPatch) -> None:
    """What cannot be merged undoes its whole group, again and again."""
    real = Admission._admit

    def admit(self: Admission, *arguments: Any) -> Answer:
        answer = real(self, *arguments)
        if answer.verdict == Verdict.HELD:
            raise service.NotRecognised("poison")
        return answer

    patch.setattr(Admission, "_admit", admit)


def held_counts_as_admitted(patch: pytest.MonkeyPatch) -> None:
    """What could not be merged goes into the feed all the same."""
    real = Admission._merge

    def merge_it(self: Admission, change: Any) -> None:
        try:
            real(self, change)
        except (ValueError, TypeError, LookupError, AttributeError, SyncError):
            return

    patch.setattr(Admission, "_merge", merge_it)


def admitted_by_hand_not_merged(patch: pytest.MonkeyPatch) -> None:
    """What a person lets in stands in the feed and not in the state."""
    real = Admission._merge
    real_admit = Admission.admit_waiting

    def admit(self: Admission, *arguments: Any) -> Any:
        self._merge = lambda _: None  # type: ignore[method-assign]
        try:
            return real_admit(self, *arguments)
        finally:
            del self._merge

    del real
    patch.setattr(Admission, "admit_waiting", admit)


def history_left_behind(patch: pytest.MonkeyPatch) -> None:
    """A household that moves does not take its history with it."""
    real = feeds.append

    def append(*arguments: Any, **more: Any) -> int:
        if more.get("perhaps_there") and len(arguments) == 5:
            return 0
        return real(*arguments, **more)

    patch.setattr(feeds, "append", append)


def late_work_left_behind(patch: pytest.MonkeyPatch) -> None:
    """Work on a household that has moved goes to its old village."""
    real = Admission._route

    def route(self: Admission, change: Any) -> str:
        real(self, change)
        return str(change.feed)

    patch.setattr(Admission, "_route", route)


def taken_scope_kept(patch: pytest.MonkeyPatch) -> None:
    """A feed that was taken away stays on the laptop."""
    real = SyncSession._say_hello
    patch.setattr(SyncSession, "_say_hello", lambda self: replace(real(self), gone=()))


def conflict_hidden(patch: pytest.MonkeyPatch) -> None:
    """A disagreement of the same person with himself on two laptops is not shown."""
    real = records._cell_view

    def cell_view(heads: Any) -> Any:
        made = real(heads)
        one = len({head.actor for head in made.heads}) == 1
        return replace(made, conflict=made.conflict and not one)

    patch.setattr(records, "_cell_view", cell_view)


def shown_by_arrival(patch: pytest.MonkeyPatch) -> None:
    """Of several values the one that came last is shown."""

    def cell_view(heads: Any) -> Any:
        ordered = tuple(heads)[::-1]
        conflict = any(not records.same_value(head.value, ordered[0].value) for head in ordered[1:])
        return records.CellView(ordered[0].value, ordered, conflict)

    patch.setattr(records, "_cell_view", cell_view)


def delete_wins(patch: pytest.MonkeyPatch) -> None:
    """A member taken out is gone, whatever somebody else wrote of him meanwhile."""
    real = records._gone_rows

    def gone_rows(state: Any) -> Any:
        gone, kept = real(state)
        return gone | set(kept), {}

    patch.setattr(records, "_gone_rows", gone_rows)


def newer_program_overlooked(patch: pytest.MonkeyPatch) -> None:
    """What a newer program wrote is passed over in silence, and the screen stays open for writing."""
    real = records.view

    def view(state: Any) -> RootView:
        return replace(real(state), read_only=False)

    from tests.sync import memory_log

    patch.setattr(memory_log, "view", view)


def digests_not_compared(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the end whether both sides hold the same."""
    patch.setattr(SyncSession, "_check", lambda *_: None)


def audit_line_bent(patch: pytest.MonkeyPatch) -> None:
    """A line of the record names somebody else than its hash does."""
    real, link, told = audit.record, audit._link, [False]

    def record(*arguments: Any, **line: Any) -> None:
        told[0] = True
        try:
            real(*arguments, **line)
        finally:
            told[0] = False

    def bent(before: bytes, lane: str, aseq: int, at: int, actor: str, *rest: Any) -> bytes:
        return link(before, lane, aseq, at, "nobody" if told[0] else actor, *rest)

    patch.setattr(audit, "record", record)
    patch.setattr(audit, "_link", bent)


MUTATIONS: Mapping[str, Mutation] = {
    one.__name__: Mutation(one, breaks)
    for one, breaks in (
        (last_writer_wins, "I3"),
        (ghosts_dropped, "I3"),
        (parents_of_all_that_is_known, "I3"),
        (state_not_updated, "I6"),
        (conflict_hidden, "I3"),
        (shown_by_arrival, "I2"),
        (delete_wins, "I3"),
        (approval_not_bound_to_content, "I7"),
        (newer_program_overlooked, "sync.md 3.10"),
        (acknowledged_before_stored, "I12"),
        (committed_by_halves, "I12"),
        (answered_without_commit, "I12"),
        (numbers_held_not_written, "I10"),
        (gaps_not_told, "I1"),
        (quarantine_dropped, "I1"),
        (forks_thrown_away, "I1"),
        (forks_not_noticed_by_the_laptop, "I2"),
        (renewal_not_ordered, "I2"),
        (renewal_trusts_numbers, "I1"),
        (sent_is_taken_for_arrived, "I12"),
        (stick_counts_as_arrived, "I12"),
        (stick_that_does_not_join_taken_in, "I4"),
        (cursor_before_data, "I4"),
        (feed_order_by_arrival_of_names, "I4"),
        (digests_not_compared, "I2"),
        (restored_server_not_noticed, "I1"),
        (epoch_kept_at_restore, "I1"),
        (office_numbers_used_again, "I2"),
        (offer_claims_everything, "I1"),
        (former_replicas_forgotten, "I1"),
        (scope_leak, "I5"),
        (taken_scope_kept, "I5"),
        (revocation_forgotten, "I8"),
        (signature_not_checked, "I6"),
        (forged_numbers_used_up, "I1"),
        (others_signatures_not_checked, "sync.md 3.8"),
        (laptops_keys_not_told, "I2"),
        (rights_not_checked, "sync.md 3.11"),
        (account_not_checked, "sync.md 3.11"),
        (village_not_checked, "sync.md 3.11"),
        (county_not_checked, "sync.md 3.11"),
        (lock_ignored, "sync.md 3.5"),
        (one_bad_change_stops_all, "I10"),
        (held_counts_as_admitted, "I6"),
        (admitted_by_hand_not_merged, "I6"),
        (history_left_behind, "sync.md 3.6"),
        (late_work_left_behind, "sync.md 3.6"),
        (audit_line_bent, "I9"),
    )
}
