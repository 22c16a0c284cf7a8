"""A decision is about what the screen showed, not about what has come in since."""

from __future__ import annotations

import pytest

from fieldapp.errors import ChangedMeanwhile
from fieldapp.services import deciding, interviewing, reviewing
from fieldapp.services.session import Session
from forms.engine import Cell
from sync.change import Content, Kind, RootType, Write
from sync.records import Level, review_step
from sync.scope import Role, register_feed
from tests.services.conftest import VILLAGE, County


def _phone(session: Session, household: str, value: str, prev: tuple[tuple[bytes, int], ...]) -> None:
    with session.database.transaction() as writing:
        content = Content(Kind.EDIT, (Write((), "hh_phone", value, prev),))
        session.changes.write(
            writing, content, root=household, root_type=RootType.HOUSEHOLD, feed=register_feed(VILLAGE)
        )


def test_a_value_that_came_in_meanwhile_is_neither_taken_nor_swallowed(
    county: County, field_day: tuple[Session, Session, str, str]
) -> None:
    enumerator, supervisor, household, _ = field_day
    secretary = county.laptop("vsec01", "李文书", Role.VSEC)
    county.exchange(secretary)
    with supervisor.database.reading() as reading:
        base = supervisor.changes.view(reading, household).prev("hh_phone")
    _phone(enumerator, household, "1", base)
    _phone(supervisor, household, "2", base)
    county.exchange(enumerator, supervisor)
    case = deciding.open_case(supervisor, household, (), "hh_phone")
    _phone(secretary, household, "3", base)
    county.exchange(secretary, supervisor)
    wanted = next(card for card in case.heads if card.value == "2")
    with pytest.raises(ChangedMeanwhile):
        deciding.take(supervisor, household, (), "hh_phone", wanted.index, "打过电话")
    again = deciding.open_case(supervisor, household, (), "hh_phone")
    assert {card.value for card in again.heads} == {"1", "2", "3"}
    wanted = next(card for card in again.heads if card.value == "2")
    deciding.take(supervisor, household, (), "hh_phone", wanted.index, "打过电话")
    with supervisor.database.reading() as reading:
        assert supervisor.changes.view(reading, household).value("hh_phone") == "2"


def test_answers_that_came_in_after_the_sheet_was_read_are_not_approved_unseen(
    county: County, field_day: tuple[Session, Session, str, str]
) -> None:
    enumerator, supervisor, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    opened.leave()
    root = opened.header.interview
    with enumerator.database.transaction() as writing:
        step = review_step(enumerator.changes.view(writing, root), Kind.SUBMIT, Level.TOWNSHIP)
        feed = enumerator.changes.feed_of_root(writing, root, RootType.INTERVIEW)
        enumerator.changes.write(writing, step, root=root, root_type=RootType.INTERVIEW, feed=feed)
    county.exchange(enumerator, supervisor)
    reviewing.open_sheet(supervisor, root)
    with enumerator.database.transaction() as writing:
        late = Content(Kind.EDIT, (Write((), "qa/q_days", "80"),))
        enumerator.changes.write(writing, late, root=root, root_type=RootType.INTERVIEW, feed=feed)
    county.exchange(enumerator, supervisor)
    with pytest.raises(ChangedMeanwhile):
        reviewing.approve(supervisor, root)
    assert [line.cell for line in reviewing.read_sheet(supervisor, root).lines if line.cell == Cell("/data/qa/q_days")]
    reviewing.approve(supervisor, root)
