"""工作监测 and 统计调查 are two projects with two databases (monitoring.md 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldapp.services import carrying, enrolling, syncing
from fieldapp.services.project import MarksExpired, MarksMissing, UseMode, marks, mode_line, project
from fieldapp.services.session import Session
from fieldapp.store import facts
from sync.errors import LaptopOfStatistics, LaptopOfWork
from sync.project import APPROVAL_NO, ISSUING_OFFICE, TABLE_NO, VALID_UNTIL
from sync.scope import Role
from sync.server.carrying import take_stick
from sync.server.errors import ModeIsFixed, NoTableNumbers, NotInStatistics
from sync.server.keys import read_keys
from sync.server.office import Office
from sync.stick import Stick
from tests.services.conftest import Clock, County

MARKS = {
    TABLE_NO + "quarterly": "滇贫监Q01表",
    TABLE_NO + "annual": "滇贫监N01表",
    ISSUING_OFFICE: "云岭县统计局",
    APPROVAL_NO: "云统审〔2026〕3号",
    VALID_UNTIL: "2027-12-31",
}


@pytest.fixture
def survey(tmp_path: Path, clock: Clock):
    made = County(tmp_path / "survey", clock, UseMode.STAT)
    yield made
    for session in made.sessions:
        session.lock()


def office(county: County) -> Office:
    return Office(county.server, now_ms=county.now_ms)


def meet(laptop: Session, county: County) -> None:
    syncing.exchange(laptop, server=county.server)


def test_a_laptop_has_the_mode_that_its_county_was_founded_with(county: County, survey: County) -> None:
    assert project(county.laptop("ts01", "刘志远", Role.TSUP)).use_mode is UseMode.WORK
    assert project(survey.laptop("ts01", "刘志远", Role.TSUP)).use_mode is UseMode.STAT


def test_laptop_and_server_of_different_projects_refuse_each_other_by_name(county: County, survey: County) -> None:
    working, statistical = county.laptop("ts01", "刘志远", Role.TSUP), survey.laptop("ts01", "刘志远", Role.TSUP)
    with pytest.raises(LaptopOfWork, match="STAT") as refused:
        meet(working, survey)
    assert "“工作监测”" in refused.value.sentence()
    with pytest.raises(LaptopOfStatistics):
        meet(statistical, county)
    assert syncing.exchange(statistical, server=survey.server).ok


def test_a_stick_of_the_other_project_is_refused_by_name(county: County, survey: County, tmp_path: Path) -> None:
    session = survey.laptop("ts01", "刘志远", Role.TSUP)
    carrying.carry_out(session, tmp_path)
    (delivery,) = take_stick(county.server, Stick(tmp_path), now_ms=county.now_ms)
    assert "“统计调查”项目，对方是“工作监测”项目" in delivery.refused
    (delivery,) = take_stick(survey.server, Stick(tmp_path), now_ms=survey.now_ms)
    assert delivery.refused == ""


def test_a_laptop_refuses_a_server_that_has_changed_its_mode_since(county: County) -> None:
    session = county.laptop("ts01", "刘志远", Role.TSUP)
    with session.database.transaction() as writing:
        facts.write_text(writing, "use_mode", "")  # enrolled by a program older than modes
    county.exchange(session)
    with session.database.transaction() as writing:
        facts.write_text(writing, "use_mode", "STAT")
    with pytest.raises(LaptopOfStatistics):
        meet(session, county)


def test_the_mode_is_no_parameter_that_the_office_could_send_out(survey: County) -> None:
    with pytest.raises(ModeIsFixed):
        office(survey).publish_parameter("use_mode", "WORK")
    session = survey.laptop("ts01", "刘志远", Role.TSUP)
    with session.database.transaction() as writing:
        facts.write_fact(writing, "param", "use_mode", "WORK")
    assert project(session).use_mode is UseMode.STAT


def test_the_mode_is_kept_with_the_keys_of_the_county(survey: County) -> None:
    with survey.server.database.reading() as connection:
        kept = read_keys(connection)
    assert kept is not None
    assert kept.use_mode is UseMode.STAT


def test_the_marks_of_a_survey_reach_its_laptops_and_stand_on_paper(survey: County) -> None:
    office(survey).publish_project(MARKS)
    session = survey.laptop("ts01", "刘志远", Role.TSUP)
    survey.exchange(session)
    assert marks(session, "问卷", "quarterly") == (
        ("表号", "滇贫监Q01表"),
        ("制定机关", "云岭县统计局"),
        ("批准或备案文号", "云统审〔2026〕3号"),
        ("有效期至", "2027-12-31"),
    )
    assert "滇贫监N01表" in mode_line(session, "annual")


@pytest.mark.parametrize("left_out", list(MARKS))
def test_a_paper_without_one_of_the_marks_is_refused(survey: County, left_out: str) -> None:
    office(survey).publish_project({name: value for name, value in MARKS.items() if name != left_out})
    session = survey.laptop("ts01", "刘志远", Role.TSUP)
    survey.exchange(session)
    form_id = left_out.partition(":")[2] or "quarterly"
    with pytest.raises(MarksMissing) as refused:
        marks(session, "问卷", form_id)
    assert refused.value.sentence().count("。") == 1


def test_after_its_last_day_nothing_of_a_survey_is_printed(survey: County) -> None:
    office(survey).publish_project({**MARKS, VALID_UNTIL: "2026-09-23"})
    session = survey.laptop("ts01", "刘志远", Role.TSUP)
    survey.exchange(session)
    with pytest.raises(MarksExpired, match="marks"):
        marks(session, "问卷", "quarterly")


def test_a_working_project_takes_no_marks_and_prints_none(county: County) -> None:
    with pytest.raises(NoTableNumbers):
        office(county).publish_project(MARKS)
    session = county.laptop("ts01", "刘志远", Role.TSUP)
    assert marks(session, "问卷", "quarterly") == ()
    assert mode_line(session, "quarterly") == "用途：工作监测"


def test_those_who_help_households_have_no_account_in_a_survey(survey: County) -> None:
    with pytest.raises(NotInStatistics):
        survey.code("mon01", "杨秀兰", Role.CMON)


def test_a_second_person_cannot_join_with_a_code_of_the_other_project(
    county: County, survey: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = county.laptop("ts01", "刘志远", Role.TSUP)
    code = survey.code("ts02", "陈开富", Role.TSUP)

    class Wire:
        def __init__(self, *_: object) -> None: ...

        def __enter__(self) -> object:
            return survey.server

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(enrolling, "HttpServer", Wire)
    with pytest.raises(LaptopOfWork):
        enrolling.add_person(session, code)
