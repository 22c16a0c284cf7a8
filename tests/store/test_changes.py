from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlmodel import Session, select

from fieldapp.store import drafts, root_states
from fieldapp.store.changes import ChangeStore
from fieldapp.store.drafts import Op
from fieldapp.store.tables import ChangeRow, ConflictItem, HouseholdRow, MemberRow
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.codec import change_id_of
from sync.ids import row_id
from sync.protocol import Cursor, FeedEntry, Have, Verdict

NOW = datetime(2026, 9, 22, tzinfo=UTC)
FEED = "v:529900001001:r"
ROOT = "0" * 31 + "1"
PERSON = "a" * 32


def _household(store: ChangeStore, name: str = "周德顺") -> None:
    fields = {"hh_id": "5299000010010012", "hh_head_name": name, "cov_group": "三组", "hh_phone": "19900002206"}
    writes = [Write((), field, value) for field, value in fields.items()]
    writes.append(Write((PERSON,), "mem_name", name))
    content = Content(Kind.EDIT, tuple(writes), (NewRow("member", (PERSON,), "1"),))
    with store._database.transaction() as session:
        store.write(session, content, root=ROOT, root_type=RootType.HOUSEHOLD, feed=FEED)


def _edit(store: ChangeStore, field: str, value: str) -> None:
    with store._database.transaction() as session:
        seen = store.view(session, ROOT)
        content = Content(Kind.EDIT, (Write((), field, value, seen.prev(field)),))
        store.write(session, content, root=ROOT, root_type=RootType.HOUSEHOLD, feed=FEED)


def _entries(store: ChangeStore, start: int = 1) -> list[FeedEntry]:
    own = store.own_lacking(Have(0), 10**9)
    return [FeedEntry(FEED, vseq, "change", one.raw) for vseq, one in enumerate(own, start=start)]


def _digest(store: ChangeStore) -> bytes:
    with store._database.reading() as session:
        return store.state(session, ROOT).digest


def _draft(session: Session, *ops: Op, root: str = ROOT) -> None:
    drafts.put(
        session,
        root=root,
        root_type=RootType.HOUSEHOLD,
        save_id=b"saveid00",
        form_hash="",
        actor="a01",
        at=NOW,
        ops=ops,
    )


def test_a_change_taken_in_elsewhere_gives_the_same_state(store_of: Callable[[str], ChangeStore]) -> None:
    one, two = store_of("a"), store_of("b")
    _household(one)
    _edit(one, "hh_phone", "19900003333")
    two.take_in(_entries(one), Cursor(FEED, "e1", 2, bytes(16)))
    assert _digest(one) == _digest(two)
    assert [cursor.vseq for cursor in two.cursors()] == [2]
    with two._database.reading() as session:
        row = session.exec(select(HouseholdRow)).one()
        assert (row.head_name, row.hh_no, row.phone) == ("周德顺", "0012", "19900003333")
        assert "|zds|" in row.search
        assert session.exec(select(MemberRow.name)).all() == ["周德顺"]


def test_taking_in_twice_changes_nothing(store_of: Callable[[str], ChangeStore]) -> None:
    one, two = store_of("a"), store_of("b")
    _household(one)
    for _ in range(2):
        two.take_in(_entries(one), Cursor(FEED, "e1", 1, bytes(16)))
    with two._database.reading() as session:
        assert len(session.exec(select(ChangeRow)).all()) == 1


def test_two_who_did_not_see_each_other_are_in_conflict(store_of: Callable[[str], ChangeStore]) -> None:
    one, two = store_of("a"), store_of("b")
    _household(one)
    two.take_in(_entries(one), Cursor(FEED, "e1", 1, bytes(16)))
    _edit(one, "hh_phone", "19900001111")
    _edit(two, "hh_phone", "19900002222")
    one.take_in(_entries(two, 2), Cursor(FEED, "e1", 2, bytes(16)))
    two.take_in(_entries(one)[1:], Cursor(FEED, "e1", 3, bytes(16)))
    assert _digest(one) == _digest(two)
    for store in (one, two):
        with store._database.reading() as session:
            assert [item.field for item in session.exec(select(ConflictItem))] == ["hh_phone"]


def test_rebuilding_from_the_log_gives_the_same_rows(store_of: Callable[[str], ChangeStore]) -> None:
    store = store_of("a")
    _household(store)
    _edit(store, "hh_phone", "19900001111")
    before = _digest(store)
    with store._database.reading() as session:
        rows = session.exec(select(HouseholdRow)).one().model_dump()
    with store._database.transaction() as session:
        assert root_states.rebuild_all(session) == 1
    assert _digest(store) == before
    with store._database.reading() as session:
        assert session.exec(select(HouseholdRow)).one().model_dump() == rows


def test_drafts_seal_into_one_change_with_their_last_values(store_of: Callable[[str], ChangeStore]) -> None:
    store = store_of("a")
    _household(store)
    new = row_id(b"saveid00", 0)
    with store._database.transaction() as session:
        seen = store.view(session, ROOT).prev("hh_phone")
        _draft(session, Op("set", "hh_phone", (), "1", seen), Op("set", "hh_phone", (), "19900009999", seen))
        _draft(session, Op("add", "member", (new,), PERSON), Op("set", "mem_name", (new,), "周小宝"))
    assert store.seal_drafts() == 1
    with store._database.reading() as session:
        shown = store.view(session, ROOT)
        assert shown.value("hh_phone") == "19900009999"
        assert [row.row[-1] for row in shown.roster("member")] == [PERSON, new]
        assert shown.value("mem_name", (new,)) == "周小宝"
        assert not shown.conflicts
        assert drafts.open_roots(session) == []


def test_a_row_added_and_removed_again_leaves_no_trace(store_of: Callable[[str], ChangeStore]) -> None:
    store = store_of("a")
    _household(store)
    new = row_id(b"saveid00", 0)
    with store._database.transaction() as session:
        _draft(session, Op("add", "member", (new,), PERSON), Op("set", "mem_name", (new,), "错"))
        _draft(session, Op("remove", "member", (new,)))
    assert store.seal_drafts() == 0


def test_verdicts_and_have_mark_own_changes(store_of: Callable[[str], ChangeStore]) -> None:
    store = store_of("a")
    _household(store)
    _edit(store, "hh_phone", "1")
    _edit(store, "hh_phone", "2")
    store.record_verdicts([(3, Verdict.QUARANTINED, "scope")], Have(3))
    store.record_durable(1)
    with store._database.reading() as session:
        states = {row.seq: row.state for row in session.exec(select(ChangeRow))}
    assert states == {1: "durable", 2: "admitted", 3: "quarantined"}


def test_a_renewed_replica_seals_unsent_work_anew(store_of: Callable[[str], ChangeStore]) -> None:
    store = store_of("a")
    _household(store)
    _edit(store, "hh_phone", "1")
    _edit(store, "hh_phone", "2")
    assert store.renew_replica(b"newnewn0", Have(1)) == 2
    identity = store.identity()
    assert (identity.replica, identity.max_seq) == (b"newnewn0", 2)
    with store._database.reading() as session:
        states = {(row.replica, row.seq): row.state for row in session.exec(select(ChangeRow))}
        assert sorted(states.values()) == ["admitted", "sealed", "sealed"]
        shown = store.view(session, ROOT)
        assert shown.value("hh_phone") == "2"
        assert not shown.conflicts
    _edit(store, "hh_phone", "3")
    with store._database.reading() as session:
        assert store.view(session, ROOT).value("hh_phone") == "3"


def test_a_dropped_feed_keeps_unsent_own_work(store_of: Callable[[str], ChangeStore]) -> None:
    one, two = store_of("a"), store_of("b")
    _household(one)
    two.take_in(_entries(one), Cursor(FEED, "e1", 1, bytes(16)))
    _edit(two, "hh_phone", "7")
    two.drop_feed(FEED)
    with two._database.reading() as session:
        kept = session.exec(select(ChangeRow)).all()
        assert [row.origin for row in kept] == ["own"]
        assert two.cursors() == []


def test_a_fork_is_kept_aside(store_of: Callable[[str], ChangeStore]) -> None:
    one, two, three = store_of("a"), store_of("b"), store_of("c")
    for store in (one, two):
        with store._database.transaction() as session:
            from fieldapp.store import facts

            facts.write_meta(session, "replica", b"sameSAME")
        _household(store, "甲" if store is one else "乙")
    three.take_in(_entries(one), Cursor(FEED, "e1", 1, bytes(16)))
    three.take_in(_entries(two, 2), Cursor(FEED, "e1", 2, bytes(16)))
    with three._database.reading() as session:
        from fieldapp.store.tables import Quarantine

        aside = session.exec(select(Quarantine)).one()
        assert aside.change_id == change_id_of(_entries(two)[0].data)
        assert len(session.exec(select(ChangeRow)).all()) == 1
