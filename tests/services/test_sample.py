"""The sample at the county: drawn once, handed out, replaced, rotated; reserves never leave the office (monitoring.md 9)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import select

from fieldapp.errors import NotAllowed
from fieldapp.services import (
    assigning,
    draw_report,
    drawing_sample,
    handing_out,
    replacing,
    rotating,
    snapshots,
    weighting,
)
from fieldapp.services.assigning import NewAssignment
from fieldapp.services.draw_records import NoSuchDraw, StoredDraw, find_draw
from fieldapp.services.drawing_sample import AlreadyDrawn, NameTaken, Order
from fieldapp.services.session import Session
from fieldapp.services.workloads import workloads
from fieldapp.store.tables import AssignmentRow, ChangeRow, DocState, FeedCursor, InterviewRow
from forms.engine import load_form
from forms.monitoring.replacement import BackFilling, NoReserveLeft, ReplacementRefused
from forms.monitoring.sample import LeftOut, Stratum
from sync.change import Content, Kind, RootType, Write
from sync.scope import Role, draw_feed, register_feed

QINGSHI, LONGTAN = "529900101", "529900102"
VILLAGES = (QINGSHI + "200", QINGSHI + "201", LONGTAN + "200", LONGTAN + "201")
MIX = (("1", 8), ("2", 4), ("3", 2), ("5", 3))  # type 3 has its risk cleared
PERIOD = "2027Q1"
ORDER = Order("2027 年样本", "2027", villages=3, seed=20261201)
Household = tuple[str, str]  # hh_id, root


def listed(hh_id: str, **facts: str) -> tuple[str, dict[str, str]]:
    return hh_id, {"hh_id": hh_id, "cov_village_code": hh_id[:12], "hh_head_name": "周德顺", **facts}


def the_register() -> Iterator[tuple[str, dict[str, str]]]:
    for village in VILLAGES:
        number = 0
        for hh_type, count in MIX:
            for _ in range(count):
                number += 1
                cleared = {"hh_risk_cleared": "1"} if hh_type == "3" else {}
                yield listed(f"{village}{number:04d}", hh_type_now=hh_type, **cleared)
    yield listed(VILLAGES[0] + "0090", hh_type_now="1", frame_out="1")
    yield listed(VILLAGES[0] + "0091", hh_type_now="5", hh_all_out_months="12")
    yield listed(VILLAGES[0] + "0092", hh_type_now="2", hh_state="2")


def fill_register(office: Session) -> None:
    with office.database.transaction() as writing:
        for hh_id, fields in the_register():
            writes = tuple(Write((), field, value) for field, value in fields.items())
            office.changes.write(
                writing,
                Content(Kind.EDIT, writes),
                root=office.changes.new_root(),
                root_type=RootType.HOUSEHOLD,
                feed=register_feed(hh_id[:12]),
            )


def from_csv_lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


class World:
    """An office with a register of four villages, its first sample, and the people of one township."""

    def __init__(self, county: Any) -> None:
        self.county = county
        self.office: Session = county.laptop("office01", "县办公室", Role.CADM, ())
        fill_register(self.office)
        self.draw = drawing_sample.draw(self.office, ORDER)
        here = tuple(code for code in VILLAGES if code.startswith(QINGSHI))
        self.enumerator: Session = county.laptop("enum01", "王建国", Role.ENUM, here)
        self.secretary: Session = county.laptop("vsec01", "杨秀兰", Role.VSEC, here)
        self.supervisor: Session = county.laptop("tsup01", "刘志远", Role.TSUP, here)
        county.code("enum02", "陈开富", Role.ENUM, VILLAGES[2:])
        county.exchange(self.office)
        self.handed = handing_out.hand_out(self.office, PERIOD, "quarterly")
        county.exchange(self.office, self.enumerator, self.secretary, self.supervisor)

    def exchange(self, *field: Session) -> None:
        self.county.exchange(*field, self.office, *field)

    def fields(self, hh_id: str, session: Session | None = None) -> dict[str, str]:
        with (session or self.office).database.reading() as reading:
            root = drawing_sample.roots_by_number(reading)[hh_id]
            shown = (session or self.office).changes.view(reading, root)
            return {field: cell.value for (row, field), cell in shown.cells.items() if not row}

    def stored(self) -> StoredDraw:
        with self.office.database.reading() as reading:
            return find_draw(reading)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, found_county: Callable[[Path], Any]) -> Iterator[World]:
    county = found_county(tmp_path_factory.mktemp("sample"))
    made = World(county)
    yield made
    for session in county.sessions:
        session.lock()


# --- the draw ---------------------------------------------------------------------------------------------------------


def test_the_frame_is_the_register_without_those_left_out(world: World) -> None:
    report = drawing_sample.survey_frame(world.office)
    assert len(report.frame.households) == len(VILLAGES) * 17
    assert report.listed == len(report.frame.households) + 3
    assert dict(report.frame.left_out) == {LeftOut.AWAY: 2, LeftOut.GONE: 1}
    assert {one.code for one in report.villages} == set(VILLAGES)


def test_only_the_county_draws_or_sees_a_draw(world: World) -> None:
    for session in (world.enumerator, world.secretary, world.supervisor):
        with pytest.raises(NotAllowed):
            drawing_sample.draw(session, ORDER)
        with pytest.raises(NotAllowed):
            drawing_sample.draws(session)
        with pytest.raises(NotAllowed):
            rotating.plan(session, 2029)


def test_the_households_drawn_carry_role_stratum_point_weight_and_first_period(world: World) -> None:
    one = world.draw.draw.households[0]
    fields = world.fields(one.hh_id)
    assert fields["cov_stratum"] == one.stratum
    assert fields["cov_sample_role"] == "1"
    assert fields["sample_point"] == one.point
    assert fields["sample_since"] == "2027"
    assert float(fields["sample_weight"]) == pytest.approx(float(one.weight), abs=1e-6)


def test_what_is_kept_gives_the_same_sample_again(world: World) -> None:
    assert drawing_sample.made_again(world.stored())


def test_asked_twice_the_first_draw_stays(world: World) -> None:
    with pytest.raises(AlreadyDrawn):
        drawing_sample.draw(world.office, Order("又一次", "2027", seed=1))
    with pytest.raises(NameTaken):
        drawing_sample.draw(world.office, Order(ORDER.name, "2027", seed=1, reason="名册更新了"))
    assert [one.name for one in drawing_sample.draws(world.office)] == [ORDER.name]
    assert world.stored().draw == world.draw.draw


def test_no_draw_of_another_name_is_made_up(world: World) -> None:
    with pytest.raises(NoSuchDraw), world.office.database.reading() as reading:
        find_draw(reading, "2020 年样本")


# --- reserves stay in the office --------------------------------------------------------------------------------------


def test_no_reserve_and_no_draw_reaches_a_laptop_of_the_field(world: World) -> None:
    secret = draw_feed("529900")
    reserves = {one.hh_id for one in world.draw.draw.reserves if one.village.startswith(QINGSHI)}
    assert reserves
    for session in (world.enumerator, world.secretary, world.supervisor):
        with session.database.reading() as reading:
            assert not reading.exec(select(ChangeRow.root).where(ChangeRow.feed == secret)).all()
            assert not reading.exec(select(FeedCursor).where(FeedCursor.feed == secret)).all()
            assert not reading.exec(select(DocState.root).where(DocState.type == RootType.DRAW)).all()
        for hh_id in sorted(reserves):
            known = world.fields(hh_id, session)
            marks = {name for name in known if name.startswith(("sample_", "cov_s", "cov_rep", "frame"))}
            assert marks == set(), (session.account, hh_id)
        listed_then = dict(the_register())
        assert all(world.fields(one, session) == listed_then[one] for one in reserves)
    with world.office.database.reading() as reading:
        assert reading.exec(select(ChangeRow.root).where(ChangeRow.feed == secret)).all()


def test_the_server_gives_the_draws_feed_to_the_office_alone(world: World) -> None:
    secret = draw_feed("529900")
    held = {session.account: {cursor.feed for cursor in session.changes.cursors()} for session in world.county.sessions}
    assert {account for account, feeds in held.items() if secret in feeds} == {"office01"}


# --- handing out ------------------------------------------------------------------------------------------------------


def test_every_household_of_the_sample_is_assigned_once_to_somebody_of_its_village(world: World) -> None:
    mine = {one.hh_id for one in world.draw.draw.households}
    assert len(world.handed.assignments) == len(mine)
    again = handing_out.hand_out(world.office, PERIOD, "quarterly")
    assert again.assignments == ()
    assert again.already == len(mine)


def test_a_village_without_an_enumerator_is_named(world: World) -> None:
    assert world.handed.nobody == ()
    assert handing_out.hand_out(world.office, "2027Q2", "quarterly", enumerators=("enum01",)).nobody == tuple(
        sorted({one.village for one in world.draw.draw.households if one.village.startswith(LONGTAN)})
    )


def test_a_household_whose_type_changes_keeps_its_stratum_and_role(world: World) -> None:
    one = next(one for one in world.draw.draw.households if one.stratum is Stratum.POOR)
    with world.office.database.transaction() as writing:
        root = drawing_sample.roots_by_number(writing)[one.hh_id]
        shown = world.office.changes.view(writing, root)
        drawing_sample.mark_household(world.office, writing, shown, {"hh_type_now": "2"})
    fields = world.fields(one.hh_id)
    assert (fields["hh_type_now"], fields["hh_type_frame"], fields["cov_stratum"]) == ("2", "1", "S1")
    assert {other.hh_id: other.stratum for other in world.stored().standing()}[one.hh_id] is Stratum.POOR
    assert drawing_sample.survey_frame(world.office).frame.count(Stratum.MONITORED) == 4 * len(VILLAGES) + 1


def test_of_two_offices_that_drew_unaware_of_each_other_the_first_draw_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing_sample, "_refuse_silent_redraw", lambda *_: None)
    monkeypatch.setattr(drawing_sample, "_mark_households", lambda *_: None)
    drawing_sample.draw(world.office, Order("另一台机器抽的", "2027", seed=99))
    assert [one.name for one in drawing_sample.draws(world.office)] == [ORDER.name, "另一台机器抽的"]
    assert world.stored().name == ORDER.name


# --- replacement ------------------------------------------------------------------------------------------------------


@pytest.fixture
def outcome_is(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What the visits of every assignment of a period came to."""

    def set_outcome(outcome: str, earlier: str = "110") -> None:
        def found(_session: Session, reading: Any, assignment: str) -> str:
            from fieldapp.store.tables import AssignmentRow

            return outcome if reading.get(AssignmentRow, assignment).period == PERIOD else earlier

        monkeypatch.setattr(replacing, "final_outcome", found)

    return set_outcome


def assignment_of(world: World, hh_id: str) -> str:
    with world.office.database.reading() as reading:
        root = drawing_sample.roots_by_number(reading)[hh_id]
    return next(one.assignment for one in assigning.assignments_of(world.office, root) if one.period == PERIOD)


def drawn_in(world: World, stratum: Stratum, place: str = QINGSHI) -> list[str]:
    standing = [one for one in world.stored().standing() if one.stratum == stratum and one.village.startswith(place)]
    return [one.hh_id for one in standing if one.sample_role == "1"]


def test_a_replacement_is_asked_for_in_the_field_and_decided_by_the_county_with_traces(
    world: World, outcome_is: Callable[..., None]
) -> None:
    outcome_is("420")
    old = drawn_in(world, Stratum.POOR)[0]
    assignment = assignment_of(world, old)
    replacing.ask(world.enumerator, assignment, "420", "村委证明 2027-3 号", "全家搬去外省")
    with pytest.raises(NotAllowed):
        replacing.approve(world.supervisor, assignment)
    world.exchange(world.enumerator)
    (waiting,) = replacing.requests(world.office, replacing.ASKED)
    assert (waiting.hh_id, waiting.outcome, waiting.evidence) == (old, "420", "村委证明 2027-3 号")
    done = replacing.approve(world.office, assignment)
    first = min(
        (one for one in world.draw.draw.reserves if (one.village, one.stratum) == (old[:12], Stratum.POOR)),
        key=lambda one: one.order,
    )
    assert done.hh_id == first.hh_id
    new = world.fields(done.hh_id)
    assert (new["cov_sample_role"], new["cov_replaced_hh"], new["sample_since"]) == ("2", old, PERIOD)
    assert new["sample_weight"] == world.fields(old)["sample_weight"]
    assert world.fields(old)["sample_until"] == PERIOD
    assert world.fields(old)["cov_sample_role"] == "1"
    record = world.stored().replaced[0]
    assert (record.old, record.new, record.asked_by, record.approved_by) == (old, done.hh_id, "enum01", "office01")
    with pytest.raises(replacing.AlreadyDecided):
        replacing.approve(world.office, assignment)
    world.exchange(world.enumerator)
    assert {one.household for one in assigning.assignments_of(world.enumerator, done.household)} == {done.household}
    assert replacing.requests(world.enumerator)[0].replaced_by == done.hh_id
    # What the questionnaire holds question 010 against.
    form = load_form("| survey |\n| | type | name | label |\n| | text | a | a |\n", name="small.md")
    with world.enumerator.database.transaction() as writing:
        made = snapshots.make(world.enumerator, writing, form, done.household, "quarterly", PERIOD)
    (line,) = from_csv_lines(made["assignment.csv"])
    assert (line["enum_id"], line["replaced_hh"]) == ("enum01", old)


def test_a_newcomer_is_never_asked_for_earlier_periods(world: World) -> None:
    newcomer = next(one for one in world.stored().replaced).new
    with world.office.database.reading() as reading:
        root = drawing_sample.roots_by_number(reading)[newcomer]
    with pytest.raises(BackFilling):
        assigning.assign(world.office, [NewAssignment(root, "quarterly", "2026Q4", "enum01")])
    with pytest.raises(BackFilling):
        assigning.assign(world.office, [NewAssignment(root, "annual", "2027", "enum01")])


def test_a_refusal_of_this_period_alone_or_a_bare_wish_replaces_nobody(
    world: World, outcome_is: Callable[..., None]
) -> None:
    assignment = assignment_of(world, drawn_in(world, Stratum.ORDINARY)[0])
    outcome_is("310")
    with pytest.raises(ReplacementRefused):
        replacing.ask(world.enumerator, assignment, "310", "村组长在场证明")
    outcome_is("")
    with pytest.raises(ReplacementRefused):
        replacing.ask(world.enumerator, assignment, "420", "村组长在场证明")
    assert all(one.assignment != assignment for one in replacing.requests(world.office))


def test_an_enumerator_asks_for_the_own_households_alone(world: World, outcome_is: Callable[..., None]) -> None:
    outcome_is("420")
    far = drawn_in(world, Stratum.POOR, LONGTAN)[0]
    with pytest.raises((NotAllowed, replacing.NoSuchAssignment)):
        replacing.ask(world.enumerator, assignment_of(world, far), "420", "村委证明 2027-4 号")


def test_a_household_that_moved_to_another_sample_village_is_not_replaced(
    world: World, outcome_is: Callable[..., None]
) -> None:
    outcome_is("420")
    old = drawn_in(world, Stratum.ORDINARY)[1]
    there = next(one.code for one in world.draw.draw.points if one.code != old[:12])
    with world.office.database.transaction() as writing:
        shown = world.office.changes.view(writing, drawing_sample.roots_by_number(writing)[old])
        drawing_sample.mark_household(world.office, writing, shown, {"cov_village_code": there})
    assignment = assignment_of(world, old)
    replacing.ask(world.office, assignment, "420", "户口迁移证明")
    with pytest.raises(ReplacementRefused, match="moved within"):
        replacing.approve(world.office, assignment)
    assert "sample_until" not in world.fields(old)


def test_a_refused_request_leaves_the_household_and_tells_why(world: World, outcome_is: Callable[..., None]) -> None:
    outcome_is("320")
    old = drawn_in(world, Stratum.ORDINARY)[0]
    assignment = assignment_of(world, old)
    replacing.ask(world.supervisor, assignment, "320", "电话核实记录第 5 页")
    world.exchange(world.supervisor)
    replacing.refuse(world.office, assignment, "春节会回来，按 321 处理")
    world.exchange(world.supervisor)
    answered = next(one for one in replacing.requests(world.supervisor) if one.assignment == assignment)
    assert (answered.state, answered.decision_words) == (replacing.REFUSED, "春节会回来，按 321 处理")
    assert "sample_until" not in world.fields(old)


def test_when_village_and_township_have_no_reserve_left_nothing_changes(
    world: World, outcome_is: Callable[..., None]
) -> None:
    outcome_is("450")
    went = drawn_in(world, Stratum.MONITORED)[:1]

    def replace_the_last() -> None:
        assignment = assignment_of(world, went[-1])
        replacing.ask(world.office, assignment, "450", "县级核底册记录")
        went.append(replacing.approve(world.office, assignment, "整组撤并，见县办 12 号文").hh_id)

    there = [one for one in world.draw.draw.reserves if (one.village[:9], one.stratum) == (QINGSHI, Stratum.MONITORED)]
    for _ in there:
        replace_the_last()
    with pytest.raises(NoReserveLeft):
        replace_the_last()
    assert sorted(went[1:]) == sorted(one.hh_id for one in there)
    assert went[-1] in {one.hh_id for one in world.stored().standing()}


def test_above_fifteen_percent_of_the_year_the_county_must_explain(
    world: World, outcome_is: Callable[..., None]
) -> None:
    outcome_is("420")
    while True:
        stored = world.stored()
        old = drawn_in(world, Stratum.POOR)[0]
        assignment = assignment_of(world, old)
        replacing.ask(world.office, assignment, "420", "村委证明 2027-9 号")
        if (len(stored.replaced) + 1) / len(stored.standing()) > 0.15:
            break
        replacing.approve(world.office, assignment)
    with pytest.raises(ReplacementRefused, match="15 percent"):
        replacing.approve(world.office, assignment)
    assert "sample_until" not in world.fields(old)
    assert replacing.approve(world.office, assignment, "整组搬迁，见县办 12 号文").limit == "explain"


# --- change of enumerator ---------------------------------------------------------------------------------------------


def test_a_change_of_enumerator_takes_over_all_open_work(world: World) -> None:
    world.county.code("enum03", "李开明", Role.ENUM, VILLAGES[:2])
    world.county.exchange(world.supervisor)
    before = {one.account: one for one in workloads(world.supervisor)}
    moved = assigning.reassign_all(
        world.supervisor, "enum01", "enum03", village=VILLAGES[0], handover="水井边那户下午才在"
    )
    assert moved
    found = [assigning.find_assignment(world.supervisor, one) for one in moved]
    assert {one.enumerator for one in found if one} == {"enum03"}
    assert assigning.reassign_all(world.supervisor, "enum01", "enum03", village=VILLAGES[0]) == ()
    after = {one.account: one for one in workloads(world.supervisor)}
    assert after["enum03"].open_by_village == ((VILLAGES[0], "双河村", len(moved)),)
    assert after["enum01"].open == before["enum01"].open - len(moved)
    assigning.reassign_all(world.supervisor, "enum03", "enum01")


def test_open_work_goes_to_nobody_who_would_never_see_it(world: World) -> None:
    """A slip in the account, a post that does not interview, an enumerator of other villages."""
    before = workloads(world.supervisor)
    for wrong in ("enum10", "vsec01", "enum02"):
        with pytest.raises(assigning.NotWorkingThere) as refused:
            assigning.reassign_all(world.supervisor, "enum01", wrong)
        assert wrong in refused.value.sentence()
    assert workloads(world.supervisor) == before


def test_an_interview_that_was_given_back_goes_along_with_the_open_work(world: World) -> None:
    world.county.code("enum03", "李开明", Role.ENUM, VILLAGES[:2])
    world.county.exchange(world.supervisor)
    hh_id = drawn_in(world, Stratum.POOR)[0]
    assignment = assignment_of(world, hh_id)
    with world.supervisor.database.transaction() as writing:
        row = writing.get(AssignmentRow, assignment)
        assert row is not None
        told = {
            "household": row.household,
            "assignment": assignment,
            "form_id": "quarterly",
            "form_hash": "",
            "period": PERIOD,
        }
        given_back = InterviewRow(root="f" * 32, enumerator="enum01", status=60, **told)
        writing.add(given_back)
    try:
        assert assignment in assigning.reassign_all(world.supervisor, "enum01", "enum03", village=hh_id[:12])
    finally:
        with world.supervisor.database.transaction() as writing:
            writing.delete(writing.get(InterviewRow, "f" * 32))
    assigning.reassign_all(world.supervisor, "enum03", "enum01")


# --- rotation ---------------------------------------------------------------------------------------------------------


def test_rotation_is_a_plan_that_a_person_approves(world: World) -> None:
    before = world.stored().standing()
    plan = rotating.plan(world.office, 2029, seed=5)
    assert plan.group == 1
    assert plan.leaving
    assert world.stored().standing() == before
    assert rotating.plan(world.office, 2029, seed=6) == plan
    rotating.approve(world.office, 2029)
    after = world.stored().standing()
    assert {one.hh_id for one in before} - {one.hh_id for one in after} == set(plan.leaving)
    for one in plan.entering:
        fields = world.fields(one.hh_id)
        assert (fields["cov_sample_role"], fields["sample_since"]) == ("3", "2029")
        assert world.fields(one.instead_of)["sample_until"] == "2029"
    with pytest.raises(rotating.RotationDone):
        rotating.approve(world.office, 2029)
    with pytest.raises(rotating.NoPlan):
        rotating.approve(world.office, 2030)


# --- another draw -----------------------------------------------------------------------------------------------------


def test_a_redraw_is_a_new_draw_with_a_reason_and_the_old_record_stays(world: World) -> None:
    order = Order("2032 年样本", "2032", villages=3, seed=8, reason="五年周期已满，重新抽样")
    redrawn = drawing_sample.draw(world.office, order)
    names = [one.name for one in drawing_sample.draws(world.office)]
    assert (names[0], names[-1]) == (ORDER.name, "2032 年样本")
    assert drawing_sample.draws(world.office)[0].draw == world.draw.draw
    chosen = {one.hh_id for one in redrawn.draw.households}
    assert handing_out.hand_out(world.office, "2031Q4", "quarterly").assignments  # still the first sample
    for one in world.draw.draw.households:
        if one.hh_id not in chosen:
            assert world.fields(one.hh_id)["sample_until"] in ("2032", "2029", PERIOD)


# --- weights and paper ------------------------------------------------------------------------------------------------


def test_the_weights_of_a_period_add_up_to_the_frame_and_a_newcomer_carries_the_old_weight(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighting, "final_outcome", lambda *_: "110")
    found = weighting.weights_of(world.office, PERIOD, "quarterly", draw=ORDER.name)
    replaced = next(one for one in drawing_sample.find(world.office, ORDER.name).replaced)
    base = {one.hh_id: one.base_weight for one in found.households}
    drawn = {one.hh_id: one.weight for one in world.draw.draw.households}
    assert base[replaced.new] == drawn[replaced.old]
    assert replaced.old not in base
    assert sum(found.weights.final.values()) == len(world.draw.frame.households)


def test_the_report_names_seed_and_probabilities_and_keeps_the_reserve_off_the_paper(
    world: World, tmp_path: Path
) -> None:
    stored = drawing_sample.find(world.office, ORDER.name)
    pdf, villages, _cells, sample, reserve = draw_report.write_report(world.office, stored, tmp_path)
    text = "".join(page.extract_text() for page in PdfReader(pdf).pages).replace("\n", "")
    assert str(ORDER.seed) in text
    assert all(one.hh_id in text for one in stored.draw.households)
    assert not any(one.hh_id in text for one in stored.draw.reserves)
    lines = sample.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + len(stored.draw.households)
    assert len(reserve.read_text(encoding="utf-8-sig").splitlines()) == 1 + len(stored.draw.reserves)
    assert len(villages.read_text(encoding="utf-8-sig").splitlines()) == 1 + len(VILLAGES)
    with pytest.raises(NotAllowed):
        draw_report.write_report(world.supervisor, stored, tmp_path / "elsewhere")
