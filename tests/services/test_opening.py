from __future__ import annotations

from fieldapp.services import interviewing
from fieldapp.services.session import Session
from fieldapp.store import facts

Day = tuple[Session, Session, str, str]


def test_a_reference_price_is_the_one_that_was_pinned_when_the_interview_began(field_day: Day) -> None:
    enumerator, _, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    assert opened.reference("price_F101") == "5.2"
    assert opened.reference("price_of_nothing") == ""
    with enumerator.database.transaction() as writing:
        facts.write_fact(writing, "param", "price_F101", "6.1")
    assert interviewing.begin(enumerator, assignment).reference("price_F101") == "5.2"
