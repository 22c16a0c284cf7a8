"""Outcome 120 lets an interview be handed in that somebody broke off (codelists.md 14.1); levels of other places never hold it up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.services import assigning, interviewing
from fieldapp.services.assigning import NewAssignment
from fieldapp.services.opened_interview import OpenInterview
from tests.services import living_county
from tests.services.living_county import LivingCounty, fill

FORM = """
| survey |
|  | type | name | label | required | relevant | bind::fa:partial | bind::fa:check | bind::fa:id | bind::fa:level |
|  | select_one outcome | q_outcome | 结果 | yes |  | 120 |  |  |  |
|  | integer | q_people | 人数 | yes |  |  |  |  |  |
|  | integer | q_land | 承包 | ${q_outcome} != '120' |  |  |  |  |  |
|  | integer | q_idle | 撂荒 | ${q_outcome} != '120' |  |  |  |  |  |
|  | note | chk_land | 撂荒多于承包 |  | ${q_idle} > ${q_land} |  | hard | E-1 | interview |
|  | note | chk_far | 与别的户重复 |  | ${q_people} > 90 |  | hard | E-2 | county |
| choices |
|  | list_name | name | label |
|  | outcome | 110 | 完成 |
|  | outcome | 120 | 部分完成 |
| settings |
|  | form_id | form_title | version | namespaces |
|  | quarterly | 季度小卷 | 1 | fa="urn:fieldapp:xforms:1" |
"""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenInterview]:
    monkeypatch.setattr(living_county, "FORM", FORM)
    county = LivingCounty(tmp_path / "store")
    (assignment,) = assigning.assign(
        county.office, [NewAssignment(county.household(), "quarterly", "2026Q3", "enum01")]
    )
    yield interviewing.begin(county.person("enum01"), assignment)
    county.office.lock()


def blocking(opened: OpenInterview) -> set[tuple[str, str]]:
    return {(item.kind, item.number) for item in interviewing.hand_in_list(opened).blocking}


def test_a_partial_interview_is_not_held_up_by_what_nobody_could_answer(opened: OpenInterview) -> None:
    fill(opened, "q_outcome", "110")
    fill(opened, "q_people", "4")
    assert {kind for kind, _ in blocking(opened)} == {"required", "undecided"}
    fill(opened, "q_outcome", "120")
    assert blocking(opened) == set()
    fill(opened, "q_land", "2")
    fill(opened, "q_idle", "3")
    assert blocking(opened) == {("hard", "E-1")}  # what is wrong stays wrong
    fill(opened, "q_idle", "")
    interviewing.hand_in(opened)
    assert opened.header.readonly


def test_a_key_section_is_wanted_of_a_partial_interview_too(opened: OpenInterview) -> None:
    fill(opened, "q_outcome", "120")
    assert {kind for kind, _ in blocking(opened)} == {"required"}


def test_what_only_the_county_can_tell_holds_nobody_up_at_the_door(opened: OpenInterview) -> None:
    fill(opened, "q_outcome", "120")
    fill(opened, "q_people", "91")
    assert [check.state for check in opened.interview.checks() if check.id == "E-2"] == ["failed"]
    assert blocking(opened) == set()
