"""What a laptop's store believes of others, and what it takes along when it goes on as another replica."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import select

from fieldapp.store import drafts, facts, incoming, root_states
from fieldapp.store.changes import ChangeStore
from fieldapp.store.tables import ChangeRow, PinnedSnapshot, Quarantine
from sync.change import Content, Kind, RootType, Write
from sync.protocol import Cursor, FeedEntry, Have
from sync.scope import COUNTY_FEED, DeviceCertificate, Role, issue
from tests.store.test_changes import FEED, ROOT, _edit, _entries, _household

MOVED_TO = "v:529900001002:r"


def certificate(store: ChangeStore, county: Ed25519PrivateKey, serial: int = 1) -> bytes:
    assert store._key is not None
    key = store._key.public_key().public_bytes_raw()
    device = store.identity().device
    made = DeviceCertificate("529900", device, "a01", Role.ENUM, (FEED,), key, bytes(32), 0, 2**50, serial=serial)
    return issue(made, county)


def enrolled(store: ChangeStore, county: Ed25519PrivateKey) -> None:
    with store._database.transaction() as session:
        facts.write_meta(session, "county_signing_key", county.public_key().public_bytes_raw())
        facts.write_meta(session, "certificate", certificate(store, county))


def test_what_nobody_known_has_signed_waits_aside_until_its_key_comes(
    store_of: Callable[[str], ChangeStore],
) -> None:
    county, office = Ed25519PrivateKey.generate(), store_of("office")
    li, wang = store_of("li"), store_of("wang")
    enrolled(wang, county)
    _household(li)
    wang.take_in(_entries(li), Cursor(FEED, "e", 1, bytes(16)))
    with wang._database.reading() as session:
        assert [row.reason for row in session.exec(select(Quarantine))] == [incoming.UNSIGNED]
        assert not wang.view(session, ROOT).cells
    office._key = county
    told = {"control": "device", "device": "li", "certificate": certificate(li, county)}
    content = Content(Kind.EDIT, tuple(Write((), field, value) for field, value in told.items()))
    with office._database.transaction() as session:
        office.write(session, content, root="d" * 32, root_type=RootType.CONTROL, feed=COUNTY_FEED)
    entry = FeedEntry(COUNTY_FEED, 1, "change", office.own_lacking(Have(0), 10**9)[0].raw)
    wang.take_in([entry], Cursor(COUNTY_FEED, "e", 1, bytes(16)))
    with wang._database.reading() as session:
        assert wang.view(session, ROOT).value("hh_head_name") == "周德顺"
        assert session.exec(select(Quarantine)).all() == []


def test_an_older_certificate_on_a_late_stick_replaces_nothing(store_of: Callable[[str], ChangeStore]) -> None:
    county, store = Ed25519PrivateKey.generate(), store_of("a")
    enrolled(store, county)
    newer = certificate(store, county, serial=3)
    store.set_certificate(newer)
    store.set_certificate(certificate(store, county, serial=2))
    assert store.identity().certificate == newer


def test_the_heads_an_interview_was_begun_with_are_renamed_with_the_replica(
    store_of: Callable[[str], ChangeStore],
) -> None:
    store = store_of("a")
    _household(store)
    old = store.identity().replica
    with store._database.transaction() as session:
        listed = [["", "hh_phone", [[old.hex(), 1], ["ff" * 8, 5]]]]
        session.add(PinnedSnapshot(root="1" * 32, name=drafts.HEADS, hash="", data=json.dumps(listed).encode()))
    store.renew_replica(b"newnewne", Have(0))
    with store._database.reading() as session:
        data = session.exec(select(PinnedSnapshot.data)).one()
    assert json.loads(data) == [["", "hh_phone", [[b"newnewne".hex(), 1], ["ff" * 8, 5]]]]


def test_a_feed_taken_away_leaves_what_also_stands_in_another(store_of: Callable[[str], ChangeStore]) -> None:
    one, two = store_of("a"), store_of("b")
    _household(one)
    two.take_in(_entries(one), Cursor(FEED, "e", 1, bytes(16)))
    moved = [FeedEntry(MOVED_TO, 1, "change", entry.data) for entry in _entries(one)]
    two.take_in(moved, Cursor(MOVED_TO, "e", 1, bytes(16)))
    two.drop_feed(FEED)
    with two._database.reading() as session:
        assert two.view(session, ROOT).value("hh_head_name") == "周德顺"
    two.drop_feed(MOVED_TO)
    with two._database.reading() as session:
        assert session.exec(select(ChangeRow)).all() == [], "whatever feed it names"


def test_after_a_restore_others_changes_that_came_back_in_no_feed_are_put_away(
    store_of: Callable[[str], ChangeStore],
) -> None:
    one, two = store_of("a"), store_of("b")
    _household(one)
    _edit(one, "hh_phone", "1")
    two.take_in(_entries(one), Cursor(FEED, "e", 2, bytes(16)))
    assert two.put_away_unplaced() == 0
    two.forget_cursors("f")
    two.take_in(_entries(one)[:1], Cursor(FEED, "f", 1, bytes(16)))
    assert two.put_away_unplaced() == 1
    with two._database.reading() as session:
        assert two.view(session, ROOT).value("hh_phone") != "1"
        assert session.exec(select(Quarantine.reason)).all() == ["unplaced"]


def test_what_could_not_be_merged_is_tried_again_by_a_newer_program(
    store_of: Callable[[str], ChangeStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = store_of("a"), store_of("b")
    _household(one)
    with monkeypatch.context() as older:
        older.setattr(incoming, "merge", lambda *_: [][0])
        two.take_in(_entries(one), Cursor(FEED, "e", 1, bytes(16)))
    with two._database.transaction() as session:
        assert root_states.read(session, ROOT).cells == {}
        assert incoming.after_upgrade(session) == 1
        assert incoming.after_upgrade(session) == 0
        assert two.view(session, ROOT).value("hh_head_name") == "周德顺"
