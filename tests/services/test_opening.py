from __future__ import annotations

import pytest

from fieldapp.services import interviewing, preparing, snapshots
from fieldapp.services.session import Session
from fieldapp.store import facts, form_packs
from forms.engine import Cell

Day = tuple[Session, Session, str, str]


def test_a_reference_price_is_the_one_that_was_pinned_when_the_interview_began(field_day: Day) -> None:
    enumerator, _, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    assert opened.reference("price_F101") == "5.2"
    assert opened.reference("price_of_nothing") == ""
    with enumerator.database.transaction() as writing:
        facts.write_fact(writing, "param", "price_F101", "6.1")
    assert interviewing.begin(enumerator, assignment).reference("price_F101") == "5.2"


def test_what_is_made_ready_serves_the_opening_and_nothing_is_computed_twice(
    field_day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    enumerator, _, _, assignment = field_day
    assert preparing.prepare(enumerator) == 1
    loads: list[str] = []
    monkeypatch.setattr(form_packs, "load", lambda pack: loads.append(pack.hash))
    assert interviewing.begin(enumerator, assignment).header.head_name == "周德顺"
    assert not loads


def test_nothing_is_made_ready_for_whoever_does_not_interview(field_day: Day) -> None:
    _, supervisor, _, _ = field_day
    assert preparing.prepare(supervisor) == 0


def test_an_earlier_wave_is_read_once_until_it_changes(field_day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    enumerator, _, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    root = opened.header.interview
    reads: list[str] = []
    real = snapshots.read_interview
    monkeypatch.setattr(
        snapshots, "read_interview", lambda session, reading, one: (reads.append(one), real(session, reading, one))[1]
    )

    def wave() -> bytes:
        with enumerator.database.reading() as reading:
            return snapshots.wave_csv(enumerator, reading, root)

    first = wave()
    assert wave() == first
    assert len(reads) == 1
    opened.save(opened.interview.answer(Cell("/data/qa/q_days"), "3"))
    opened.seal()
    assert wave() != first
    assert len(reads) == 2


def test_a_preference_of_the_grid_comes_back_for_the_person(field_day: Day) -> None:
    enumerator, supervisor, _, _ = field_day
    enumerator.remember("grid_direction", "down")
    assert enumerator.remembered("grid_direction") == "down"
    assert supervisor.remembered("grid_direction") == ""
