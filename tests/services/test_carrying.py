"""A whole hand-over by stick between real laptops and the real county."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldapp.cli import main
from fieldapp.services import carrying, interviewing, reviewing, syncing
from fieldapp.services.session import Session
from forms.engine import Cell
from sync.errors import NothingForUs, StickGone
from sync.records import FormStatus
from sync.server.carrying import take_stick
from sync.stick import Stick
from tests.services.conftest import County

Day = tuple[Session, Session, str, str]
DAYS, INCOME, PHONE = Cell("/data/qa/q_days"), Cell("/data/qa/q_income"), Cell("/data/qa/hh_phone")


def _handed_in(enumerator: Session, assignment: str) -> str:
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.confirm(PHONE))
    opened.save(opened.interview.answer(DAYS, "0"))
    opened.save(opened.interview.answer(INCOME, "5330"))
    interviewing.hand_in(opened)
    return opened.header.interview


def test_an_interview_handed_in_by_stick_is_returned_by_stick(field_day: Day, county: County, tmp_path: Path) -> None:
    enumerator, supervisor, _, assignment = field_day
    interview = _handed_in(enumerator, assignment)
    waiting = syncing.unsent(enumerator).changes
    seen = carrying.look_at(enumerator, tmp_path)
    assert (seen.leaving, seen.arriving) == (waiting, 0)
    out = carrying.carry_out(enumerator, tmp_path)
    assert (out.changes, syncing.unsent(enumerator).changes) == (waiting, waiting), "a stick is not the county"
    (delivery,) = take_stick(county.server, Stick(tmp_path), now_ms=county.now_ms)
    assert delivery.admitted == waiting
    syncing.exchange(supervisor, server=county.server)
    reviewing.open_sheet(supervisor, interview)
    reviewing.send_back(supervisor, interview, ("03",), "收入再问一下")
    syncing.exchange(supervisor, server=county.server)
    carrying.take_in(enumerator, tmp_path)
    assert syncing.unsent(enumerator).changes == 0
    carrying.carry_out(enumerator, tmp_path)
    take_stick(county.server, Stick(tmp_path), now_ms=county.now_ms)
    report = carrying.take_in(enumerator, tmp_path)
    assert report.returned == 1
    assert interviewing.open_interview(enumerator, interview).header.status == FormStatus.RETURNED_TOWNSHIP
    assert carrying.look_at(enumerator, tmp_path) == carrying.StickView(0, 0, 0, 0)


def test_a_stick_that_brings_nothing_says_so_and_changes_nothing(field_day: Day, tmp_path: Path) -> None:
    enumerator = field_day[0]
    with pytest.raises(NothingForUs):
        carrying.take_in(enumerator, tmp_path)
    with pytest.raises(StickGone):
        carrying.carry_out(enumerator, tmp_path / "gone")
    assert syncing.last_exchange(enumerator) is not None


def test_the_command_line_speaks_of_a_missing_stick_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bundle", "export", "--stick", str(tmp_path / "gone"), "--help"]) == 0
    assert "U 盘" in capsys.readouterr().out
