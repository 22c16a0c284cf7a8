"""What a revoked laptop sends late waits at the county; the supervisor lets it in or leaves it out, one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldapp.cli import main
from fieldapp.errors import NotAllowed, ReasonMissing
from fieldapp.services import admitting, carrying, deciding, interviewing, reviewing, syncing
from fieldapp.services.admitting import NotWaitingAnyMore
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.project import UseMode
from fieldapp.services.session import Session
from forms.engine import Cell
from sync.errors import Refused
from sync.scope import Role
from tests.services.conftest import PASSPHRASE, PERIOD, Clock, County, write_household

Day = tuple[Session, Session, str, str]
DAYS, INCOME, PHONE = Cell("/data/qa/q_days"), Cell("/data/qa/q_income"), Cell("/data/qa/hh_phone")


def late_work(enumerator: Session, county: County, assignment: str) -> str:
    """An interview handed in on a laptop that is revoked before it meets the county."""
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.answer(PHONE, "16900009999"))
    opened.save(opened.interview.confirm(PHONE))
    opened.save(opened.interview.answer(DAYS, "3"))
    opened.save(opened.interview.answer(INCOME, "5330"))
    interviewing.hand_in(opened)
    county.server.enrolment.revoke_device(enumerator.device)
    assert syncing.exchange(enumerator, server=county.server).quarantined
    return opened.header.interview


def test_late_work_of_a_revoked_laptop_is_let_in_change_by_change(field_day: Day, county: County) -> None:
    enumerator, supervisor, household, assignment = field_day
    interview = late_work(enumerator, county, assignment)
    found = admitting.waiting(supervisor, county.server)
    assert {one.who for one in found} == {"王建国"}
    assert {one.why for one in found} == {"电脑已停用"}
    assert "周德顺" in {one.household for one in found}
    assert ("q_income", "5330") in {(label.rpartition("/")[2], value) for one in found for label, value in one.values}
    assert "交卷" in {one.deed for one in found}
    county.exchange(supervisor)
    assert reviewing.waiting(supervisor) == (), "nothing is in by itself"
    of_register = [one for one in found if any(value == "16900009999" for _, value in one.values)]
    for one in found:
        if one not in of_register:
            admitting.admit(supervisor, one.change_id, county.server)
    for one in of_register:
        admitting.leave_out(supervisor, one.change_id, "号码问过了，不对", county.server)
    assert admitting.waiting(supervisor, county.server) == ()
    county.exchange(supervisor)
    assert [row.interview for row in reviewing.waiting(supervisor)] == [interview]
    assert deciding.conflicts(supervisor) == ()
    with supervisor.database.reading() as reading:
        assert supervisor.changes.view(reading, household).value("hh_phone") == "16900002206", "left out, and kept"
    assert county.server.waiting(), "the county has it all the same"


def test_a_decision_is_made_once_with_a_reason_and_only_by_whoever_decides_there(
    field_day: Day, county: County
) -> None:
    enumerator, supervisor, _, assignment = field_day
    late_work(enumerator, county, assignment)
    elsewhere = county.laptop("tsup02", "外村督导", Role.TSUP, ("529900101299",))
    colleague = county.laptop("enum02", "同事", Role.ENUM)
    assert admitting.waiting(elsewhere, county.server) == ()
    first = admitting.waiting(supervisor, county.server)[0]
    with pytest.raises(NotWaitingAnyMore):
        admitting.admit(elsewhere, first.change_id, county.server)
    with pytest.raises(NotAllowed):
        admitting.waiting(colleague, county.server)
    token = county.server.hello(carrying.porter_of(colleague).introduce()).token
    for account in ("enum02", "tsup01", "nobody"):
        with pytest.raises(Refused):  # nobody decides from another's laptop by giving another's name
            county.server.decide(token, account, first.change_id, None)
    with pytest.raises(ReasonMissing):
        admitting.leave_out(supervisor, first.change_id, "  ", county.server)
    admitting.admit(supervisor, first.change_id, county.server)
    with pytest.raises(NotWaitingAnyMore):
        admitting.admit(supervisor, first.change_id, county.server)


def test_in_a_statistical_survey_the_answers_are_not_shown_here(tmp_path: Path, clock: Clock) -> None:
    county = County(tmp_path, clock, UseMode.STAT)
    supervisor = county.laptop("tsup01", "刘志远", Role.TSUP)
    enumerator = county.laptop("enum01", "王建国", Role.ENUM)
    county.exchange(supervisor)
    household = write_household(supervisor)
    (assignment,) = assign(supervisor, [NewAssignment(household, "quarterly", PERIOD, "enum01")])
    county.exchange(supervisor, enumerator)
    late_work(enumerator, county, assignment)
    found = admitting.waiting(supervisor, county.server)
    assert found
    assert "5330" not in str([one.values for one in found])
    for session in county.sessions:
        session.lock()


def test_the_command_line_says_in_one_sentence_that_it_needs_a_line(
    field_day: Day, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = field_day[1]
    supervisor.lock()
    (tmp_path / "word").write_text(PASSPHRASE, encoding="utf-8")
    sign = ["--account", "tsup01", "--passphrase-file", str(tmp_path / "word")]
    assert main(["--folder", str(tmp_path / "tsup01"), "waiting", "list", *sign]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["--folder", str(tmp_path / "tsup01"), "waiting", "admit", "zz", *sign]) == 1
