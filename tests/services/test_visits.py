"""Registering visits without an interview, by the rules of monitoring.md 9.8; what the log says afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from fieldapp.services import assigning, interviewing, visit_log, visiting
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.interviewing import VisitOutcome
from fieldapp.services.session import Session
from fieldapp.store.tables import ChangeRow, InterviewRow
from forms.engine import Cell, load_form
from forms.monitoring.visits import Company, TooManyVisits
from sync.change import Content, Kind, RootType, Write
from sync.records import FormStatus
from sync.scope import Role, register_feed
from sync.server.office import Office

PERIOD = "2026Q3"
VILLAGE = "529900101200"
START = datetime(2026, 9, 24, 1, tzinfo=UTC)
FORM = """
| survey |                            |                  |          |          |                                            |
|        | type                       | name             | label    | required | relevant                                   |
|        | begin_group                | cover            | 封面     |          |                                            |
|        | begin_repeat               | q_visits         | 访问记录 |          |                                            |
|        | date                       | q_visit_date     | 日期     | yes      |                                            |
|        | time                       | q_visit_start    | 开始     | yes      |                                            |
|        | time                       | q_visit_end      | 结束     | yes      |                                            |
|        | select_one mode            | q_visit_mode     | 方式     | yes      |                                            |
|        | select_one outcome         | q_visit_outcome  | 结果     | yes      |                                            |
|        | date                       | q_visit_next     | 下次     |          |                                            |
|        | end_repeat                 |                  |          |          |                                            |
|        | select_one outcome         | q_outcome        | 最终结果 | yes      |                                            |
|        | select_multiple why        | q_refuse_reason  | 拒访原因 | yes      | ${q_outcome} = '310' or ${q_outcome} = '312' |
|        | select_one mode            | q_hh_type_now    | 户类型   | yes      |                                            |
|        | end_group                  |                  |          |          |                                            |
|        | integer                    | q_days           | 断水     | yes      | ${q_outcome} = '110'                       |
| choices |                           |                  |          |
|        | list_name                  | name             | label    |
|        | mode                       | 1                | 面访     |
|        | mode                       | 3                | 电话     |
|        | outcome                    | 110              | 完成     |
|        | outcome                    | 210              | 无人     |
|        | outcome                    | 310              | 拒访     |
|        | outcome                    | 330              | 三次无人 |
|        | outcome                    | 420              | 迁出     |
|        | why                        | 3                | 不愿说   |
| settings |                          |                  |          |
|        | form_id                    | form_title       | version  |
|        | quarterly                  | 季度小卷         | 2        |
"""
Day = tuple[Session, Session, str, str]


class Field:
    """One enumerator and one supervisor; a household with its assignment for every test."""

    def __init__(self, county: Any) -> None:
        self.county = county
        Office(county.server, now_ms=county.now_ms).publish_form("quarterly", load_form(FORM, name="quarterly.md").xml)
        self.supervisor: Session = county.laptop("tsup01", "刘志远", Role.TSUP)
        self.enumerator: Session = county.laptop("enum01", "王建国", Role.ENUM)
        county.exchange(self.supervisor)
        made = [self._household(n) for n in range(12)]
        new = [NewAssignment(household, "quarterly", PERIOD, "enum01") for household in made]
        self.waiting = list(zip(made, assign(self.supervisor, new), strict=True))
        county.exchange(self.supervisor, self.enumerator)

    def _household(self, n: int) -> str:
        root = self.supervisor.changes.new_root()
        fields = {
            "hh_id": f"{VILLAGE}{n + 1:04d}", "cov_village_code": VILLAGE, "hh_head_name": "周德顺", "hh_type_now": "1",
        }  # fmt: skip
        writes = tuple(Write((), field, value) for field, value in fields.items())
        with self.supervisor.database.transaction() as writing:
            self.supervisor.changes.write(
                writing,
                Content(Kind.EDIT, writes),
                root=root,
                root_type=RootType.HOUSEHOLD,
                feed=register_feed(VILLAGE),
            )
        return root


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory, found_county: Callable[[Path], Any]) -> Iterator[Field]:
    county = found_county(tmp_path_factory.mktemp("visits"))
    yield Field(county)
    for session in county.sessions:
        session.lock()


@pytest.fixture
def county(field: Field) -> Any:
    field.county.clock.now = START
    return field.county


@pytest.fixture
def day(field: Field) -> Day:
    """(enumerator, supervisor, household, assignment) with a questionnaire that has a visit log."""
    return field.enumerator, field.supervisor, *field.waiting.pop()


def visit(county: Any, day: Day, outcome: str, after_days: int = 0, hour: int = 1, **more: Any) -> visiting.VisitNoted:
    at = datetime(2026, 9, 24, hour, tzinfo=UTC) + timedelta(days=after_days)
    county.clock.now = max(county.clock.now, at)
    return visiting.record_visit(day[0], day[3], VisitOutcome(outcome, at, **more))


def status(session: Session, interview: str) -> int:
    with session.database.reading() as reading:
        row = reading.get(InterviewRow, interview)
        return row.status if row else 0


def outcome_of(session: Session, assignment: str) -> str:
    with session.database.reading() as reading:
        return visit_log.final_outcome(session, reading, assignment)


def test_nobody_home_stands_in_the_visit_log_of_the_interview(county: Any, day: Day) -> None:
    noted = visit(county, day, "210", next_visit_on=date(2026, 9, 26))
    assert not noted.final
    opened = interviewing.open_interview(day[0], noted.interview)
    (row,) = opened.interview.rows(Cell("/data/cover/q_visits"))
    values = {name: opened.interview.value(Cell(f"/data/cover/q_visits/{name}", (row,))) for name in (
        "q_visit_date", "q_visit_mode", "q_visit_outcome", "q_visit_next"
    )}  # fmt: skip
    assert list(values.values()) == ["2026-09-24", "1", "210", "2026-09-26"]
    assert status(day[0], noted.interview) == FormStatus.DRAFT


def test_moved_out_of_the_county_settles_the_period_and_is_handed_in(county: Any, day: Day) -> None:
    noted = visit(county, day, "420")
    assert (noted.final, noted.handed_in) == (True, True)
    assert status(day[0], noted.interview) == FormStatus.SUBMITTED
    county.exchange(day[0], day[1])
    assert outcome_of(day[1], day[3]) == "420"


def test_a_first_refusal_is_noted_with_its_reason_and_settles_nothing(county: Any, day: Day) -> None:
    noted = visit(county, day, "310", refuse_reasons=("3",))
    assert not noted.final
    assert outcome_of(day[0], day[3]) == ""
    assert any("辅助调查员" in sentence for sentence in noted.sentences)


def test_the_third_refusal_after_assistant_and_supervisor_settles_it(county: Any, day: Day) -> None:
    visit(county, day, "310", refuse_reasons=("3",))
    second = visit(county, day, "310", 1, refuse_reasons=("3",), company=str(Company.ASSISTANT))
    assert any("乡镇审核员" in sentence for sentence in second.sentences)
    third = visit(county, day, "310", 2, refuse_reasons=("3",), company=str(Company.SUPERVISOR))
    assert (third.final, third.handed_in) == (True, True)
    with day[0].database.reading() as reading:
        log = visit_log.log_of(day[0], reading, third.interview)
    assert [one.company for one in log] == [Company.NOBODY, Company.ASSISTANT, Company.SUPERVISOR]


def test_330_too_early_is_noted_as_a_visit_and_later_settles(county: Any, day: Day) -> None:
    early = visit(county, day, "330")
    assert not early.final
    visit(county, day, "210", 1)
    done = visit(county, day, "330", 2, hour=10)  # six in the evening in China
    assert (done.final, done.handed_in) == (True, True)
    with day[0].database.reading() as reading:
        assert [one.outcome for one in visit_log.log_of(day[0], reading, done.interview)] == ["210"] * 3
    assert outcome_of(day[0], day[3]) == "330"


def test_the_seventh_visit_is_refused_and_the_six_stay(county: Any, day: Day) -> None:
    for n in range(6):
        noted = visit(county, day, "210", n)
    with pytest.raises(TooManyVisits):
        visit(county, day, "210", 6)
    with day[0].database.reading() as reading:
        assert len(visit_log.log_of(day[0], reading, noted.interview)) == 6
    assert interviewing.open_interview(day[0], noted.interview).header.readonly is False


def test_who_is_due_today_is_agreed_late_or_closing(county: Any, day: Day) -> None:
    enumerator, _, _, assignment = day

    def due() -> list[str]:
        return [one.why for one in visit_log.due_today(enumerator) if one.assignment == assignment]

    assert due() == []
    visit(county, day, "211", next_visit_on=date(2026, 9, 26))
    assert due() == []
    for on, why in ((26, "agreed"), (28, "late")):
        county.clock.now = datetime(2026, 9, on, 1, tzinfo=UTC)
        assert due() == [why]
    assigning.plan_visit(enumerator, assignment, datetime(2026, 10, 20, tzinfo=UTC))
    county.clock.now = datetime(2026, 10, 14, 1, tzinfo=UTC)
    assert due() == ["closing"]
    visit(county, day, "420", 20)
    assert due() == []


def test_the_progress_table_counts_by_township(county: Any, day: Day) -> None:
    before = visit_log.progress(day[0], PERIOD, "quarterly")[0].progress
    visit(county, day, "420")
    township, together = visit_log.progress(day[0], PERIOD, "quarterly")
    assert township.name == "青石镇"
    assert township.progress.due == before.due
    assert township.progress.out_of_scope == before.out_of_scope + 1
    assert township.progress.open == before.open - 1
    assert township.progress.completion == 0
    assert together.progress == township.progress


def test_the_refusal_and_its_reasons_stay_out_of_the_secretarys_feeds(county: Any, day: Day) -> None:
    visit(county, day, "310", refuse_reasons=("3",))
    secretary = county.laptop("vsec01", "杨秀兰", Role.VSEC)
    county.exchange(day[0], secretary)
    with secretary.database.reading() as reading:
        assert set(reading.exec(select(ChangeRow.root_type))).isdisjoint({"interview"})


def test_the_next_enumerator_sees_the_earlier_visits_and_goes_on(county: Any, day: Day) -> None:
    enumerator, supervisor, _, assignment = day
    noted = visit(county, day, "210")
    follower = county.laptop("enum02", "陈开富", Role.ENUM)
    county.exchange(enumerator, supervisor)
    assigning.reassign(supervisor, assignment, "enum02", "下午才在家")
    county.exchange(supervisor, enumerator, follower)
    with follower.database.reading() as reading:
        assert [one.outcome for one in visit_log.log_of(follower, reading, noted.interview)] == ["210"]
    found = assigning.find_assignment(follower, assignment)
    assert found is not None
    assert found.enumerator == "enum02"
    county.clock.now += timedelta(days=1)
    going_on = visiting.record_visit(follower, assignment, VisitOutcome("420", county.clock.now))
    assert going_on.interview == noted.interview
    county.exchange(follower, supervisor)
    assert outcome_of(supervisor, assignment) == "420"
    with follower.database.reading() as reading:
        states = reading.exec(select(ChangeRow.state).where(ChangeRow.origin == "own")).all()
    assert set(states) == {"admitted"}
