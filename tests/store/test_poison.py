"""Changes that an enrolled laptop can write and that no list can show: they are held, everybody else goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from sqlmodel import select

from fieldapp.store import root_states
from fieldapp.store.changes import ChangeStore
from fieldapp.store.tables import ChangeRow
from sync.change import Content, Kind, RootType, Write
from sync.protocol import Cursor, FeedEntry, Have, Verdict
from tests.store.test_changes import FEED, ROOT, _edit, _entries, _household

OTHER = "0" * 31 + "2"


def nested(depth: int) -> object:
    value: object = "王德顺"
    for _ in range(depth):
        value = [value]
    return value


def take(store: ChangeStore, entries: list[FeedEntry]) -> None:
    store.take_in(entries, Cursor(FEED, "e", len(entries), bytes(16)))


def write(store: ChangeStore, content: Content, root_type: str) -> None:
    """Past the writer's own lists, as a hostile program would."""
    with pytest.MonkeyPatch.context() as patched, store._database.transaction() as session:
        patched.setattr(root_states, "write", lambda *_: None)
        store.write(session, content, root=OTHER, root_type=root_type, feed=FEED)


@pytest.mark.parametrize(
    ("content", "root_type"),
    [
        (Content(Kind.SUBMIT, (Write((), "~review", ["submit"]),), body={"duration_s": 2**63}), RootType.INTERVIEW),
        (Content(Kind.EDIT, (Write((), "visit_at", "0001-01-01T00:00:00+14:00"),)), RootType.ASSIGNMENT),
        (Content(Kind.EDIT, (Write(("x",), "~alias", [{}]),)), RootType.HOUSEHOLD),
    ],
)
def test_a_poisonous_change_is_held_and_those_after_it_arrive(
    store_of: Callable[[str], ChangeStore], caplog: pytest.LogCaptureFixture, content: Content, root_type: str
) -> None:
    bad, good = store_of("bad"), store_of("good")
    write(bad, content, root_type)
    _household(bad)
    with caplog.at_level(logging.DEBUG):
        take(good, _entries(bad))
    with good._database.reading() as session:
        assert good.view(session, ROOT).value("hh_head_name") == "周德顺"
        states = {row.root: row.state for row in session.exec(select(ChangeRow))}
    assert states[ROOT] == "admitted"
    assert "周德顺" not in caplog.text


@pytest.mark.parametrize("depth", [17, 18, 19, 20, 21, 22])
def test_a_deeply_nested_value_does_not_make_its_household_unreadable(
    store_of: Callable[[str], ChangeStore], depth: int
) -> None:
    bad, good = store_of("bad"), store_of("good")
    try:
        write(bad, Content(Kind.NOTE, body={"text": nested(depth)}), RootType.HOUSEHOLD)
    except TypeError:
        pytest.skip("no change holds as much")
    with bad._database.transaction() as session:
        bad.write(
            session, Content(Kind.EDIT, (Write((), "hh_head_name", "周"),)), root=OTHER,
            root_type=RootType.HOUSEHOLD, feed=FEED,
        )  # fmt: skip
    take(good, _entries(bad))
    with good._database.reading() as session:
        assert good.view(session, OTHER).value("hh_head_name") == "周"
        assert {row.state for row in session.exec(select(ChangeRow))} == {"admitted"}


def test_own_work_in_quarantine_stays_on_screen_and_counts_once_the_county_lets_it_in(
    store_of: Callable[[str], ChangeStore],
) -> None:
    store = store_of("a")
    _household(store)
    _edit(store, "hh_phone", "19900009999")
    store.record_verdicts([(2, Verdict.QUARANTINED, "rights")], Have(2))
    with store._database.transaction() as session:
        root_states.rebuild(session, ROOT)
        assert store.view(session, ROOT).value("hh_phone") == "19900009999"
    take(store, _entries(store))
    with store._database.reading() as session:
        assert {row.state for row in session.exec(select(ChangeRow))} == {"admitted"}


def test_a_feed_that_is_taken_away_leaves_own_work_that_no_backup_holds(
    store_of: Callable[[str], ChangeStore],
) -> None:
    store = store_of("a")
    _household(store)
    _edit(store, "hh_phone", "1")
    _edit(store, "hh_phone", "2")
    store.record_verdicts(
        [(1, Verdict.ADMITTED, ""), (2, Verdict.QUARANTINED, "x"), (3, Verdict.ADMITTED, "")], Have(3)
    )
    store.record_durable(1)
    store.drop_feed(FEED)
    with store._database.reading() as session:
        assert sorted(row.seq for row in session.exec(select(ChangeRow))) == [2, 3]
