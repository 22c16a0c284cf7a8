"""Bugs put into the shipped modules on purpose: the simulator must notice each, and nothing without them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from sync import merge, records
from sync.client.session import SyncSession
from sync.merge import Register
from sync.protocol import Have, Verdict
from sync.server import admission, feeds, service
from sync.server.admission import Admission, Answer

Patch = Callable[[pytest.MonkeyPatch], None]


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
        from sync.codec import peek

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
            from sync.codec import peek

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
    """An approval is shown although the content changed."""
    real = records.view

    def view(state: Any) -> Any:
        seen = real(state)
        return _Trusting(seen)

    from tests.sync import memory_log

    patch.setattr(memory_log, "view", view)


class _Trusting:
    """A view that calls everything approved that was approved once."""

    def __init__(self, seen: Any) -> None:
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._seen, name)

    @property
    def approved(self) -> bool:
        return bool(self._seen.status == 70)

    def __eq__(self, other: object) -> bool:
        return self._seen == (other._seen if isinstance(other, _Trusting) else other)

    __hash__ = None  # type: ignore[assignment]


MUTATIONS: Mapping[str, Patch] = {
    one.__name__: one
    for one in (
        last_writer_wins, ghosts_dropped, parents_of_all_that_is_known, acknowledged_before_stored, gaps_not_told,
        forks_not_noticed_by_the_laptop, renewal_trusts_numbers, scope_leak, revocation_forgotten,
        restored_server_not_noticed, cursor_before_data, signature_not_checked, forged_numbers_used_up,
        state_not_updated, feed_order_by_arrival_of_names, approval_not_bound_to_content,
    )
}  # fmt: skip
