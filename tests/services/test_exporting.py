from __future__ import annotations

from pathlib import Path

import pytest

from fieldapp.errors import NotAllowed
from fieldapp.services import exporting, interviewing, snapshots
from fieldapp.services.session import Session
from forms.engine import Cell
from sync.scope import Role
from tests.services.conftest import County


def test_names_and_identity_numbers_leave_the_county_office_only(county: County, tmp_path: Path) -> None:
    session = county.laptop("ts01", "刘志远", Role.TSUP)
    with pytest.raises(NotAllowed):
        exporting.export(session, tmp_path, form_id="quarterly", period="", file_format="csv", identities=True)
    assert list(tmp_path.glob("*.csv")) == []


@pytest.mark.parametrize("role", [Role.ENUM, Role.VSEC])
def test_who_neither_reviews_nor_runs_the_county_exports_nothing(county: County, tmp_path: Path, role: Role) -> None:
    session = county.laptop("some01", "王建国", role)
    with pytest.raises(NotAllowed):
        exporting.export(session, tmp_path, form_id="quarterly", period="", file_format="csv")


def test_a_wave_read_for_the_files_is_not_computed_again_for_the_waves_that_look_back_on_it(
    county: County, field_day: tuple[Session, Session, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a laptop that began none of them the sources are made anew from the log; a county has twenty waves of each household."""
    enumerator, supervisor, _household, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.confirm(Cell("/data/qa/hh_phone")))
    for name, value in (("q_days", "3"), ("q_income", "5330")):
        opened.save(opened.interview.answer(Cell(f"/data/qa/{name}"), value))
    interviewing.hand_in(opened)
    county.exchange(enumerator, supervisor)
    root = opened.header.interview
    with supervisor.database.reading() as reading:
        _form, interview, pins = snapshots.read_begun(supervisor, reading, root)
        assert interview.value(Cell("/data/qa/q_days")) == "3"
        assert "register.csv" in pins
        monkeypatch.setattr(snapshots, "_resumed", None)
        looked_back_on = snapshots.Then(supervisor, reading, 1 << 62).wave(root)
    assert snapshots.from_csv(looked_back_on)[""]["q_income"] == "5330"
