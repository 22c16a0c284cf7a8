"""The county's parameters: which value an interview begins with, who may enter one, and what is said while one is missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest

from fieldapp.errors import NotAllowed
from fieldapp.services import interviewing, parameters, snapshots
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.parameters import BadParameter
from fieldapp.services.session import Session
from fieldapp.store import activity, root_states
from forms.monitoring.parameters import ParameterRecord
from sync.scope import Role
from tests.services.conftest import PERIOD, County

LINE = ParameterRecord("monitor_line", "8300", date(2026, 1, 1), None, "省乡振发〔2026〕3 号")


@pytest.fixture
def office(county: County) -> Session:
    session = county.laptop("office01", "周明", Role.CADM)
    county.exchange(session)
    return session


def begun_with(session: Session, period: str) -> dict[str, str]:
    with session.database.reading() as reading:
        made = snapshots.params_csv(session, period, parameters.values_for(session, reading, period))
    return {row["name"]: row["value"] for row in csv.DictReader(io.StringIO(made.decode()))}


def test_the_line_of_a_year_holds_in_its_quarters_and_not_in_the_next_year(office: Session) -> None:
    parameters.enter(office, [LINE])
    assert begun_with(office, "2026Q1")["monitor_line"] == "8300"
    assert begun_with(office, "2026Q4")["monitor_line"] == "8300"
    assert begun_with(office, "2027Q1")["monitor_line"] == ""
    assert begun_with(office, "2025Q4")["monitor_line"] == ""


def test_a_value_from_a_day_on_leaves_earlier_periods_alone(office: Session) -> None:
    parameters.enter(office, [ParameterRecord("med_self_line", "6000", date(2026, 7, 1), None, "县办〔2026〕9 号")])
    assert begun_with(office, "2026Q2")["med_self_line"] == "5000"
    assert begun_with(office, "2026Q3")["med_self_line"] == "6000"


def test_a_record_tells_its_document_and_who_entered_it_when(office: Session) -> None:
    parameters.enter(office, [LINE])
    with office.database.reading() as reading:
        found = {one.name: one for one in parameters.parameters_for(office, reading, PERIOD)}["monitor_line"]
    assert (found.value, found.doc_no, found.entered_by) == ("8300", "省乡振发〔2026〕3 号", "office01")
    assert found.entered_at is not None
    assert found.entered_at.date() == date(2026, 9, 24)


def test_a_corrected_document_number_changes_who_answers_for_the_value(office: Session, county: County) -> None:
    parameters.enter(office, [LINE])
    other = county.laptop("office02", "吴科", Role.CADM)
    county.exchange(office, other)
    assert (
        parameters.enter(other, [ParameterRecord("monitor_line", "8300", date(2026, 1, 1), None, "〔2026〕4 号")]) == 1
    )
    with other.database.reading() as reading:
        (found,) = parameters.entered(reading)
    assert (found.doc_no, found.entered_by) == ("〔2026〕4 号", "office02")


def test_the_same_record_again_writes_nothing(office: Session) -> None:
    assert parameters.enter(office, [LINE]) == 1
    before = office.changes.identity().max_seq
    assert parameters.enter(office, [LINE]) == 0
    assert office.changes.identity().max_seq == before


def test_only_the_county_office_enters_parameters_and_the_deed_is_noted(office: Session, county: County) -> None:
    supervisor = county.laptop("tsup01", "刘志远", Role.TSUP)
    with pytest.raises(NotAllowed):
        parameters.enter(supervisor, [LINE])
    parameters.enter(office, [LINE])
    with office.database.reading() as reading:
        newest = activity.lines(reading, 1)[0]
    assert (newest.actor, newest.deed, newest.subject) == ("office01", "parameter", "monitor_line")


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (ParameterRecord("monitor_line", "83", date(2026, 1, 1), None, "3 号"), "2000—100000"),
        (ParameterRecord("monitor_line", "8300", date(2026, 1, 1)), "文号"),
        (ParameterRecord("monitor_line", "8300", None, None, "3 号"), "生效日期"),
        (ParameterRecord("income_drop_pct", "30", date(2026, 1, 1)), "0—1"),
        (ParameterRecord("use_mode", "STAT", date(2026, 1, 1)), "改不了"),
        (ParameterRecord("moon_line", "1", date(2026, 1, 1)), "没有这个参数"),
        (ParameterRecord("med_self_line", "5000", date(2026, 1, 1), date(2025, 1, 1)), "失效日期"),
    ],
)
def test_a_value_that_no_rule_can_use_is_refused_by_name(office: Session, record: ParameterRecord, why: str) -> None:
    with pytest.raises(BadParameter) as refused:
        parameters.enter(office, [LINE, record])
    assert why in refused.value.sentence()
    with office.database.reading() as reading:
        assert parameters.entered(reading) == ()


def test_the_homes_say_that_the_line_of_the_year_is_missing_until_it_is_there(office: Session, county: County) -> None:
    enumerator = county.laptop("enum01", "王建国", Role.ENUM)
    county.exchange(enumerator)
    assert parameters.reminders(enumerator) == ("未录入本年监测线",)
    assert parameters.reminders(office)[:3] == (
        "未录入本年监测线",
        "未录入农村低保月标准",
        "未录入居民医保个人缴费标准",
    )
    parameters.enter(office, [LINE])
    county.exchange(office, enumerator)
    assert parameters.reminders(enumerator) == ()
    assert "未录入本年监测线" not in parameters.reminders(office)


def test_prices_of_a_quarter_are_its_own_and_else_those_issued_last(office: Session) -> None:
    parameters.enter(
        office,
        [
            ParameterRecord("price_F101", value, day)
            for value, day in (("6.1", date(2026, 1, 1)), ("6.4", date(2026, 7, 1)))
        ],
    )
    assert [begun_with(office, q)["price_F101"] for q in ("2025Q4", "2026Q1", "2026Q2", "2026Q3")] == [
        "5.2", "6.1", "6.1", "6.4",
    ]  # fmt: skip
    assert "本季参考价还没有下发，先用 2026Q1 的" in parameters.reminders(office, "2026Q2")
    assert not [one for one in parameters.reminders(office, "2026Q3") if "参考价" in one]


def test_an_interview_already_begun_keeps_its_parameters(
    office: Session, county: County, make_household: Callable[..., str]
) -> None:
    enumerator = county.laptop("enum01", "王建国", Role.ENUM)
    parameters.enter(office, [ParameterRecord("price_F101", "6.1", date(2026, 7, 1))])
    first, second = make_household(office), make_household(office, "田定国", "0013")
    begun, later = assign(office, [NewAssignment(one, "quarterly", PERIOD, "enum01") for one in (first, second)])
    county.exchange(office, enumerator)
    assert interviewing.begin(enumerator, begun).reference("price_F101") == "6.1"
    parameters.enter(office, [ParameterRecord("price_F101", "6.9", date(2026, 7, 1))])
    county.exchange(office, enumerator)
    assert interviewing.begin(enumerator, begun).reference("price_F101") == "6.1"
    assert interviewing.begin(enumerator, later).reference("price_F101") == "6.9"


def test_records_are_the_same_after_rebuilding_from_the_log(office: Session) -> None:
    parameters.enter(office, [LINE, ParameterRecord("monitor_line", "8000", date(2025, 1, 1), None, "旧 1 号")])
    with office.database.reading() as reading:
        before = parameters.entered(reading)
    with office.database.transaction() as writing:
        root_states.rebuild_all(writing)
    with office.database.reading() as reading:
        assert parameters.entered(reading) == before


def test_what_the_server_publishes_is_read_as_a_record(county: County) -> None:
    from sync.server.office import Office

    Office(county.server, now_ms=county.now_ms).publish_parameter("monitor_line", "7000", "2026-01-01")
    session = county.laptop("office01", "周明", Role.CADM)
    county.exchange(session)
    assert begun_with(session, "2026Q2")["monitor_line"] == "7000"
    assert begun_with(session, "2027Q2")["monitor_line"] == ""
