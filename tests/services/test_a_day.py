from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from fieldapp.errors import NotAllowed, NotReady, ReadOnlyInterview, ReasonMissing
from fieldapp.services import deciding, finding, interviewing, printing, reviewing, syncing
from fieldapp.services.session import Session
from fieldapp.store.tables import ChangeRow
from forms.engine import Cell
from sync.change import Content, Kind, RootType, Write
from sync.records import FormStatus
from sync.scope import Role, register_feed
from tests.services.conftest import HEAD, VILLAGE, WIFE, County

Day = tuple[Session, Session, str, str]
PHONE, DAYS, INCOME = Cell("/data/qa/hh_phone"), Cell("/data/qa/q_days"), Cell("/data/qa/q_income")


def _fill(opened: interviewing.OpenInterview, days: str = "0", income: str = "5330") -> None:
    opened.save(opened.interview.confirm(PHONE))
    for cell, value in ((DAYS, days), (INCOME, income)):
        opened.save(opened.interview.answer(cell, value))


def _answers(opened: interviewing.OpenInterview) -> dict[Cell, str]:
    return {
        cell: value for cell, value in opened.interview.saved().values.items() if "/meta/" not in cell.path and value
    }


def test_members_stand_in_the_roster_under_their_lasting_ids(field_day: Day) -> None:
    enumerator, _, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    assert opened.interview.rows("/data/member") == (HEAD, WIFE)
    assert opened.interview.value(Cell("/data/member/mem_name", (WIFE,))) == "田秀英"
    assert opened.interview.value(PHONE) == "16900002206"
    assert opened.interview.confirmed(PHONE) is False
    assert opened.header.head_name == "周德顺"
    assert opened.header.place == "双河村三组"


def test_a_draft_reopens_with_the_same_values_and_the_same_place(field_day: Day) -> None:
    enumerator, _, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.answer(DAYS, "3"))
    added = opened.interview.add_row(Cell("/data/member"))
    opened.save(added)
    new = opened.interview.rows("/data/member")[-1]
    opened.save(opened.interview.answer(Cell("/data/member/mem_name", (new,)), "周小宝"))
    opened.remember_place(DAYS, "/data/qa")
    again = interviewing.open_interview(enumerator, opened.header.interview)
    assert again.interview.saved().rows == opened.interview.saved().rows
    assert again.interview.value(DAYS) == "3"
    assert again.interview.value(Cell("/data/member/mem_name", (new,))) == "周小宝"
    assert (again.cursor, again.section) == (DAYS, "/data/qa")
    again.leave()
    sealed = interviewing.open_interview(enumerator, opened.header.interview)
    assert _answers(sealed) == _answers(opened)


def test_undo_is_on_disk_too(field_day: Day) -> None:
    enumerator, _, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.answer(DAYS, "3"))
    removed = opened.interview.remove_row(Cell("/data/member", (WIFE,)))
    opened.save(removed)
    opened.save(opened.interview.undo(removed))
    opened.leave()
    again = interviewing.open_interview(enumerator, opened.header.interview)
    assert again.interview.rows("/data/member") == (HEAD, WIFE)
    assert again.interview.value(Cell("/data/member/mem_name", (WIFE,))) == "田秀英"


def test_handing_in_is_refused_with_a_list_and_then_done(field_day: Day) -> None:
    enumerator, _, _, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    kinds = {item.kind for item in interviewing.hand_in_list(opened).blocking}
    assert {"required", "unconfirmed"} <= kinds
    with pytest.raises(NotReady) as told:
        interviewing.hand_in(opened)
    assert "没填" in told.value.sentence()
    _fill(opened, days="12", income="-1")
    kinds = {item.kind for item in interviewing.hand_in_list(opened).blocking}
    assert kinds == {"hard", "soft"}
    opened.save(opened.interview.answer(INCOME, "100"))
    opened.save(opened.interview.write_note(Cell("/data/qa/chk_days"), "水管冻裂，村里在修"))
    interviewing.hand_in(opened)
    assert opened.header.readonly
    with pytest.raises(ReadOnlyInterview):
        opened.save(opened.interview.answer(INCOME, "200"))


def test_a_whole_wave_goes_round(field_day: Day, county: County) -> None:
    enumerator, supervisor, household, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    _fill(opened)
    opened.save(opened.interview.answer(PHONE, "16900009999"))
    interviewing.hand_in(opened)
    assert syncing.unsent(enumerator).handed_in == 1
    county.exchange(enumerator, supervisor)
    assert syncing.unsent(enumerator).changes == 0

    (row,) = reviewing.waiting(supervisor)
    assert (row.head_name, row.enumerator_name, row.version) == ("周德顺", "王建国", 1)
    sheet = reviewing.open_sheet(supervisor, row.interview)
    values = {line.cell: line.value_label for line in sheet.lines if line.cell is not None}
    assert values[INCOME] == "5,330"
    assert values[PHONE] == "16900009999"
    assert finding.household_card(supervisor, household).phones[0].startswith("169****9999")
    with pytest.raises(ReasonMissing):
        reviewing.send_back(supervisor, row.interview, (), "再问问")
    reviewing.send_back(supervisor, row.interview, ("03",), "收入漏了", {INCOME: "低保金记了吗"})
    county.exchange(supervisor, enumerator)

    home = finding.home_summary(enumerator)
    assert [line.words for line in home.returned] == ["收入漏了 低保金记了吗"]
    mended = interviewing.open_interview(enumerator, row.interview)
    assert [one.text for one in mended.comments if one.cell == INCOME] == ["低保金记了吗"]
    mended.save(mended.interview.answer(INCOME, "6740"))
    interviewing.hand_in(mended)
    county.exchange(enumerator, supervisor)

    (row,) = reviewing.waiting(supervisor)
    assert (row.version, row.changed, row.conflicts) == (2, 1, 0)
    sheet = reviewing.open_sheet(supervisor, row.interview)
    (line,) = [line for line in sheet.lines if line.badge == "mended"]
    assert (line.cell, line.earlier, line.value_label) == (INCOME, "5,330", "6,740")
    reviewing.approve(supervisor, row.interview)
    county.exchange(supervisor, enumerator)
    assert finding.list_households(enumerator).rows[0].status == int(FormStatus.APPROVED)
    with enumerator.database.reading() as one, supervisor.database.reading() as other:
        for root in (household, row.interview):
            assert enumerator.changes.state(one, root).digest == supervisor.changes.state(other, root).digest
    pdf = printing.household_file(supervisor, household)
    assert pdf.pdf.startswith(b"%PDF")
    assert pdf.pages >= 1


def test_an_enumerator_can_neither_review_nor_print_and_a_supervisor_cannot_answer(field_day: Day) -> None:
    enumerator, supervisor, household, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    _fill(opened)
    interviewing.hand_in(opened)
    for deed in (
        lambda: reviewing.waiting(enumerator),
        lambda: reviewing.approve(enumerator, opened.header.interview),
        lambda: printing.household_file(enumerator, household),
        lambda: interviewing.begin(supervisor, assignment),
    ):
        with pytest.raises(NotAllowed) as told:
            deed()
        assert "不能" in told.value.sentence()


def test_a_conflict_blocks_approval_until_it_is_decided(field_day: Day, county: County) -> None:
    enumerator, supervisor, household, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    _fill(opened)
    opened.save(opened.interview.answer(PHONE, "16900001111"))
    # Meanwhile the township corrects the same telephone without having seen this.
    with supervisor.database.transaction() as writing:
        seen = supervisor.changes.view(writing, household).prev("hh_phone")
        supervisor.changes.write(
            writing,
            Content(Kind.EDIT, (Write((), "hh_phone", "16900002222", seen),)),
            root=household,
            root_type=RootType.HOUSEHOLD,
            feed=register_feed(VILLAGE),
        )
    interviewing.hand_in(opened)
    county.exchange(enumerator, supervisor, enumerator)
    (row,) = deciding.conflicts(supervisor)
    assert row.label == "电话"
    case = deciding.open_case(supervisor, row.root, row.row, row.field)
    assert {head.value for head in case.heads} == {"16900001111", "16900002222"}
    assert case.base_label == "16900002206"
    (waiting,) = reviewing.waiting(supervisor)
    assert reviewing.read_sheet(supervisor, waiting.interview).approve_blocked
    chosen = next(head for head in case.heads if head.value == "16900001111")
    deciding.take(supervisor, row.root, row.row, row.field, chosen.index, "打过电话")
    assert deciding.conflicts(supervisor) == ()
    reviewing.approve(supervisor, waiting.interview)
    county.exchange(supervisor, enumerator)
    assert deciding.conflicts(enumerator) == ()


def test_search_finds_by_name_initials_number_and_member(field_day: Day) -> None:
    enumerator, _, household, _ = field_day
    for query in ("周德顺", "德", "zd", "zhoudes", "0012", "三组", "2206", "txy", "田秀英"):
        assert [row.household for row in finding.list_households(enumerator, query=query).rows] == [household], query
    assert finding.list_households(enumerator, query="李").rows == ()
    assert finding.list_households(enumerator, query="zd").rows[0].name_matches == ((0, 2),)
    assert finding.find_by_code(enumerator, "0012") == household


def test_a_visit_without_an_interview_is_noted(field_day: Day, county: County) -> None:
    enumerator, _, _, assignment = field_day
    visit = interviewing.VisitOutcome(
        "210", datetime(2026, 9, 24, 2, tzinfo=UTC), next_visit_on=datetime(2026, 9, 25, tzinfo=UTC).date()
    )
    root = interviewing.record_visit(enumerator, assignment, visit).interview
    row = finding.list_households(enumerator).rows[0]
    assert (row.interview, row.status) == (root, int(FormStatus.DRAFT))
    assert row.next_visit_at is not None
    assert row.next_visit_at - datetime(2026, 9, 25, 1, tzinfo=UTC) == timedelta(0)
    county.exchange(enumerator)


def test_a_village_secretary_sees_the_register_and_no_interview(field_day: Day, county: County) -> None:
    enumerator, _, household, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    _fill(opened)
    interviewing.hand_in(opened)
    secretary = county.laptop("vsec01", "杨秀兰", Role.VSEC)
    county.exchange(enumerator, secretary)
    page = finding.household_page(secretary, household)
    assert [member.name for member in page.members] == ["周德顺", "田秀英"]
    assert page.interviews == ()
    assert page.card.incomes == ()
    with secretary.database.reading() as reading:
        assert not [feed for feed in reading.exec(select(ChangeRow.feed)) if ":q:" in feed or ":s:" in feed]
