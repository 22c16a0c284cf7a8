from __future__ import annotations

from pathlib import Path

import pytest

from fieldapp.errors import NotAllowed
from fieldapp.services import exporting
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
