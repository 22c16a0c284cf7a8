"""Five years of a household: nothing of the past moves, the store reloads as it was, every figure can be computed from the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from sqlmodel import col, delete, select

from fieldapp.services import exporting
from fieldapp.services.registering import open_register
from fieldapp.services.snapshots import Values, interview_values, read_interview
from fieldapp.store import root_states
from fieldapp.store.tables import ChangeRow, PinnedSnapshot
from forms.monitoring.sample_weights import weighted_per_head
from tests.independent.fen import exact, fen, nearest
from tests.independent.files import read_fillings
from tests.independent.report import computed, differences, group_figures
from tests.services.five_years.county import FiveYears
from tests.services.five_years.people import BRIDE, GIRL, LI, PAN, SON, TIAN, WEI, YOUNG
from tests.services.five_years.story import ENTERED_LATER, MISSING, PUT_RIGHT, QUARTERS, Story

pytestmark = pytest.mark.timeout(900)  # five years on a busy machine
BEGUN_ELSEWHERE = "2027Q3"  # before the first quarter of that year was put right
ASKED = tuple(period for period in QUARTERS if period != MISSING)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    told = Story(FiveYears(tmp_path_factory.mktemp("five years")))
    told.run()
    yield told
    told.county.office.lock()


@pytest.fixture(scope="module")
def exported(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    report = exporting.export(story.county.office, folder, form_id="quarterly", period="", identities=True)
    assert report.interviews == report.final == len(ASKED)
    return folder


def digests(story: Story) -> dict[str, bytes]:
    session = story.county.office
    with session.database.reading() as reading:
        roots = reading.exec(select(ChangeRow.root).distinct()).all()
        return {root: session.changes.state(reading, root).digest for root in roots}


def values_now(story: Story) -> dict[str, Values]:
    session = story.county.office
    found = {}
    with session.database.reading() as reading:
        for period in story.accepted:
            root = story.county.interviews[story.home, "quarterly", period]
            found[period] = interview_values(*read_interview(session, reading, root))
    return found


def test_every_figure_of_every_wave_is_computed_again_from_the_files_alone(exported: Path) -> None:
    count, found = differences(exported)
    assert found == []
    assert count > 70 * len(ASKED)


def test_waves_were_not_all_alike(exported: Path) -> None:
    fillings = read_fillings(exported)
    assert [filling.period for filling in fillings] == list(ASKED)
    for name in ("disp_inc", "cons_total", "net_inc_mon", "net_inc_mon_pc12", "nonc_total"):
        assert len({filling.text(name) for filling in fillings}) == len(ASKED), name
    assert len({filling.text("q_resident_n") for filling in fillings}) > 3


def test_later_waves_look_back_on_what_stood_when_they_were_begun(exported: Path) -> None:
    fillings = read_fillings(exported)
    then, now = computed(fillings), computed(fillings, looking_back="now")
    differing = {period for household, period in then if then[household, period] != now[household, period]}
    assert differing == {"2027Q3"}  # the first quarter of 2027 was put right after it
    first, third = (next(f for f in fillings if f.period == period) for period in (PUT_RIGHT, "2027Q3"))
    assert third.earlier["hist2"][""]["disp_inc"] != first.text("disp_inc")


def test_a_quarter_entered_later_counts_in_the_windows_after_it(exported: Path) -> None:
    by_period = {filling.period: filling for filling in read_fillings(exported)}
    assert by_period["2028Q3"].earlier["prev"][""]["q_period"] == ENTERED_LATER
    assert by_period["2028Q3"].text("net_inc_est") == "0"
    assert "prev" not in by_period["2027Q3"].earlier  # the quarter before it is missing for good
    assert [by_period[p].text("net_inc_est") for p in ("2027Q3", "2027Q4", "2028Q1", "2028Q2")] == ["1", "1", "1", "0"]
    assert by_period["2027Q4"].text("disp_inc_pc12") == ""


def test_group_figures_weigh_people(exported: Path) -> None:
    by_period = defaultdict(list)
    for filling in read_fillings(exported):
        weight = Fraction(exact(filling.sample["sample_weight"]))
        by_period[filling.period].append((weight, fen(filling.text("disp_inc")), int(filling.text("q_resident_n"))))
    for group in group_figures(exported, by=""):
        mine = weighted_per_head(by_period[group.period])
        assert mine is not None
        assert group.disp_inc == nearest(mine)
    strata = {group.group for group in group_figures(exported)}
    assert strata == {"S1"}


def test_people_keep_their_uids_through_all_that_happened(story: Story) -> None:
    office = story.county.office
    home = open_register(office, story.home)
    here = {line.person_uid for line in home.people if line.here}
    assert here == {LI, SON, WEI, GIRL, PAN, story.born, story.adopted}
    gone = {line.person_uid: line.state for line in home.people if not line.here}
    assert set(gone) == {TIAN, YOUNG, BRIDE}
    new = open_register(office, story.new)
    assert {line.person_uid for line in new.people if line.here} == {YOUNG, BRIDE}
    pans = open_register(office, story.pans)
    assert pans.state == "2"  # united with another household
    married = pans.living.person(BRIDE)
    assert married is not None
    assert married.fact("mem_left") == "21"
    assert home.place.startswith("岩口村")
    assert home.head_name == "李建国"


def test_the_store_reloads_as_it_was_and_accepted_waves_say_what_they_said(story: Story) -> None:
    before = digests(story)
    story.county.reopen()
    assert digests(story) == before
    with story.county.office.database.transaction() as writing:
        assert root_states.rebuild_all(writing) == len(before)
    assert digests(story) == before
    assert values_now(story) == story.accepted


def test_an_office_that_did_not_open_the_interview_computes_what_the_enumerator_saw(
    story: Story, exported: Path, tmp_path: Path
) -> None:
    office = story.county.office
    root = story.county.interviews[story.home, "quarterly", BEGUN_ELSEWHERE]
    with office.database.transaction() as writing:  # the sources stay on the laptop where an interview was begun
        writing.execute(delete(PinnedSnapshot).where(col(PinnedSnapshot.root) == root))
    office.earlier_waves.clear()
    exporting.export(office, tmp_path, form_id="quarterly", period=BEGUN_ELSEWHERE, identities=True)
    for name in ("quarterly", "quarterly_member", "quarterly_known", "quarterly_earlier", "quarterly_sample"):
        there = (exported / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        here = (tmp_path / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert here[1:] == [line for line in there if root in line], name


def test_a_figure_that_is_one_fen_wrong_is_found(exported: Path, tmp_path: Path) -> None:
    for file in exported.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    disp_inc = read_fillings(exported)[4].text("disp_inc")
    wrong = f"{disp_inc}1" if "." in disp_inc else f"{disp_inc}.01"
    text = (exported / "quarterly.csv").read_text(encoding="utf-8")
    (tmp_path / "quarterly.csv").write_text(text.replace(f",{disp_inc},", f",{wrong},", 1), encoding="utf-8")
    _, found = differences(tmp_path)
    assert [one.exported for one in found] == [wrong]
