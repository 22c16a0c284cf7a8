from __future__ import annotations

import pytest

from sync.change import Change, Kind, Meta, Write, change_of
from sync.merge import RootState, merge, merge_all
from sync.records import (
    ConflictClass,
    Content,
    FormStatus,
    Level,
    Reason,
    duplicate_attempts,
    note,
    review_step,
    view,
)
from tests.sync.builders import ROOT, A, B, C, change, put


class Desk:
    """An interview on several desks: every step is taken by someone who sees ``state``."""

    def __init__(self) -> None:
        self.seqs = {A: 0, B: 0, C: 0}
        self.made: list[Change] = []

    def add(self, replica: bytes, content: Content) -> Change:
        self.seqs[replica] += 1
        made = change_of(content, change(replica, self.seqs[replica], root_type="interview", hlc=len(self.made) << 16))
        self.made.append(made)
        return made

    def answer(self, replica: bytes, value: str, *, field: str = "x") -> Change:
        return self.add(replica, Content(Kind.EDIT, (Write((), field, value, view(self.state).prev(field)),)))

    def step(self, replica: bytes, kind: Kind, level: Level = Level.TOWNSHIP, **more: object) -> Change:
        return self.add(replica, review_step(view(self.state), kind, level, **more))  # type: ignore[arg-type]

    @property
    def state(self) -> RootState:
        return merge_all(ROOT, self.made)

    @property
    def status(self) -> FormStatus:
        return view(self.state).status


@pytest.fixture
def desk():
    desk = Desk()
    desk.answer(A, "1")
    return desk


def test_status_follows_the_steps_of_people_and_process(desk):
    assert desk.status == 30
    desk.add(A, Content(Kind.EDIT, (Write((), Meta.CHECKED, view(desk.state).content_digest),)))
    assert desk.status == 40
    steps = [
        (A, Kind.SUBMIT, Level.TOWNSHIP, 50),
        (B, Kind.OPEN, Level.TOWNSHIP, 55),
        (B, Kind.RETURN, Level.TOWNSHIP, 60),
        (A, Kind.SUBMIT, Level.TOWNSHIP, 50),
        (B, Kind.APPROVE, Level.TOWNSHIP, 70),
        (C, Kind.RETURN, Level.COUNTY, 80),
        (A, Kind.SUBMIT, Level.TOWNSHIP, 50),
        (B, Kind.APPROVE, Level.TOWNSHIP, 70),
        (C, Kind.LOCK, Level.COUNTY, 90),
        (C, Kind.ARCHIVE, Level.COUNTY, 99),
    ]
    for replica, kind, level, status in steps:
        desk.step(replica, kind, level)
        assert desk.status == status
    assert view(desk.state).returns == 1


def test_an_answer_after_checking_takes_the_mark_away(desk):
    desk.add(A, Content(Kind.EDIT, (Write((), Meta.CHECKED, view(desk.state).content_digest),)))
    desk.answer(A, "2")
    assert desk.status == FormStatus.DRAFT


def test_a_recalled_hand_in_is_a_draft_again(desk):
    desk.step(A, Kind.SUBMIT)
    desk.step(A, Kind.RECALL)
    assert desk.status == FormStatus.DRAFT


def test_reasons_of_a_return_are_pinned_to_questions(desk):
    desk.step(A, Kind.SUBMIT)
    reason = Reason("03", ("11" * 16,), "wage_amount", "工资与上季差太多")
    desk.step(B, Kind.RETURN, reasons=(reason,))
    last = view(desk.state).reviews[-1]
    assert last.reasons == (reason,)
    assert (last.kind, last.level, last.standing) == (Kind.RETURN, Level.TOWNSHIP, True)


def test_an_answer_after_approval_shows_as_changed_after(desk):
    desk.step(A, Kind.SUBMIT)
    desk.step(B, Kind.APPROVE)
    assert view(desk.state).approved
    desk.answer(A, "2")
    seen = view(desk.state)
    assert seen.status == FormStatus.APPROVED
    assert seen.changed_after
    assert not seen.approved


def test_a_conflict_after_approval_takes_the_approval_away(desk):
    desk.step(A, Kind.SUBMIT)
    desk.step(B, Kind.APPROVE)
    state = merge(desk.state, put(C, 9, "5", field="x", root_type="interview"))
    assert not view(state).approved


def test_concurrent_return_and_approval_show_the_return_and_flag_it(desk):
    desk.step(A, Kind.SUBMIT)
    before = view(desk.state)
    desk.add(B, review_step(before, Kind.APPROVE, Level.TOWNSHIP))
    desk.add(C, review_step(before, Kind.RETURN, Level.TOWNSHIP))
    seen = view(desk.state)
    assert seen.status == FormStatus.RETURNED_TOWNSHIP
    assert [conflict.kind for conflict in seen.conflicts] == [ConflictClass.REVIEW]


def test_void_wins_and_can_be_taken_back(desk):
    desk.step(A, Kind.SUBMIT)
    before = view(desk.state)
    desk.add(B, review_step(before, Kind.RETURN, Level.TOWNSHIP))
    desk.add(C, review_step(before, Kind.VOID, Level.COUNTY, text="整户迁出"))
    assert desk.status == FormStatus.VOID
    desk.step(C, Kind.UNLOCK, Level.COUNTY, back_to=FormStatus.RETURNED_TOWNSHIP)
    assert desk.status == FormStatus.RETURNED_TOWNSHIP
    assert view(desk.state).conflicts == ()


def test_a_note_is_kept_beside_the_answers(desk):
    desk.add(B, note("问一下电费", (), "x"))
    assert [event.body["text"] for event in view(desk.state).notes] == ["问一下电费"]


def test_two_interviews_of_one_assignment_are_named_and_not_blended():
    views = [
        view(merge_all(root, [change(root=root, root_type="interview", writes=(Write((), Meta.ASSIGNMENT, "a1"),))]))
        for root in ("r1", "r2")
    ]
    assert duplicate_attempts(views) == {"a1": ("r1", "r2")}


def test_content_digest_does_not_depend_on_who_wrote_when():
    assert (
        view(merge_all(ROOT, [put(A, 1, "4")])).content_digest
        == view(merge_all(ROOT, [put(B, 7, "4", hlc=99)])).content_digest
    )


def test_status_has_the_codes_of_the_code_list():
    assert [int(status) for status in FormStatus] == [10, 20, 30, 40, 50, 55, 60, 70, 80, 90, 95, 99]
    assert all(status.zh for status in FormStatus)
