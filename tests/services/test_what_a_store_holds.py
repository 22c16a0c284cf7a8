"""A store opened with its own key holds what its person's certificate covers, and no byte more, in any table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import text

from fieldapp.services import interviewing
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.session import Session
from forms.engine import Cell
from sync.codec import open_sealed
from sync.scope import Role
from tests.services.conftest import PERIOD, County

DAYS, INCOME = Cell("/data/qa/q_days"), Cell("/data/qa/q_income")
TOLD = "533017.25"  # an answer that occurs nowhere else


def _everything(session: Session) -> Iterator[bytes]:
    """Every value of every table, sealed changes opened."""
    with session.database.reading() as reading:
        connection = reading.connection()
        for (name,) in connection.execute(text("select name from sqlite_master where type = 'table'")).all():
            for row in connection.execute(text(f'select * from "{name}"')):
                yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
        for (raw,) in connection.execute(text("select raw from change")).all():
            yield repr(open_sealed(raw)).encode()


def _interviews(session: Session) -> list[str]:
    with session.database.reading() as reading:
        query = text("select root from change where root_type = 'interview'")
        return list(reading.connection().execute(query).scalars())


def test_no_store_of_the_village_holds_a_colleagues_answers(county: County, make_household: Callable[..., str]) -> None:
    supervisor = county.laptop("tsup01", "刘志远", Role.TSUP)
    wang, zhao = county.laptop("enum01", "王建国", Role.ENUM), county.laptop("enum02", "赵小芳", Role.ENUM)
    secretary = county.laptop("vsec01", "杨秀兰", Role.VSEC)
    county.exchange(supervisor)
    household = make_household(supervisor)
    (assignment,) = assign(supervisor, [NewAssignment(household, "quarterly", PERIOD, "enum01")])
    county.exchange(supervisor, wang)
    opened = interviewing.begin(wang, assignment)
    opened.save(opened.interview.answer(DAYS, "7"))
    opened.save(opened.interview.answer(INCOME, TOLD))
    opened.seal()
    county.exchange(wang, supervisor, zhao, secretary)
    for holds in (wang, supervisor):
        assert _interviews(holds)
        assert any(TOLD.encode() in value for value in _everything(holds))
    for outside in (zhao, secretary):
        assert _interviews(outside) == []
        assert not any(TOLD.encode() in value for value in _everything(outside))
