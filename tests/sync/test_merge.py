from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.change import DeletedRow, Kind, Meta, NewRow, Write
from sync.merge import RootState, empty, includes, join, merge, merge_all
from sync.records import (
    ConflictClass,
    Level,
    dots_of_row,
    drop_row,
    keep_row,
    review_step,
    same_row,
    summary,
    take_value,
    view,
)
from sync.snapshot import pack_state, unpack_state
from tests.sync.builders import ROOT, A, B, C, D, change, history, put, shuffled

seeds = st.integers(0, 2**32)
ROW, OTHER = ("11" * 16,), ("22" * 16,)
FIRST_FORMAT = (
    "28b52ffd209fd503005406880178203031386263666535363830303731643439333030616164636630373031383830816968"
    "6f757365686f6c64828248a1818201018248b283018248c3048184806868685f636f756e7482840061351a00010000666365"
    "30303031840161368102808007009ac91f2e534f0340edc5b4016433198002"
)


@given(seeds, seeds)
def test_order_and_repetition_do_not_matter(seed, order):
    made = history(seed)
    there = merge_all(ROOT, made)
    here = merge_all(ROOT, shuffled(made, order))
    assert here == there
    assert here.digest == there.digest
    assert view(here) == view(there)


def _subset(made, rng):
    return [one for one in made if rng.random() < 0.5]


@given(seeds)
def test_join_is_a_semilattice(seed):
    rng = random.Random(seed)
    made = history(seed, replicas=rng.randint(2, 5))
    a, b, c = (merge_all(ROOT, _subset(made, rng)) for _ in range(3))
    assert join(a, a) == a
    assert join(a, b) == join(b, a)
    assert join(join(a, b), c) == join(a, join(b, c))
    assert join(a, empty(ROOT)) == a


@given(seeds)
def test_state_of_a_union_is_the_join_of_the_states(seed):
    rng = random.Random(seed)
    made = history(seed, replicas=rng.randint(2, 5))
    one, other = _subset(made, rng), _subset(made, rng)
    assert merge_all(ROOT, [*one, *other]) == join(merge_all(ROOT, one), merge_all(ROOT, other))


@given(seeds)
def test_a_value_leaves_only_when_somebody_named_it(seed):
    made = history(seed)
    state = merge_all(ROOT, made)
    for one in made:
        for write in one.writes:
            named = any(
                one.dot in other.prev for later in made for other in later.writes
                if later.dot != one.dot and (other.row, other.field) == (write.row, write.field)
            )  # fmt: skip
            assert (one.dot in state.cells[write.row, write.field].heads) is not named


@given(seeds)
def test_the_county_files_a_root_under_what_its_view_shows(seed):
    state = merge_all(ROOT, history(seed))
    shown = view(state)
    assert summary(state) == (shown.root_type, len(shown.conflicts), shown.status)


@pytest.mark.parametrize("kind", [Kind.SUBMIT, Kind.APPROVE, Kind.RETURN, Kind.LOCK, Kind.VOID])
def test_a_reviewed_root_is_filed_under_its_status(kind):
    state = merge_all(ROOT, [put(A, 1, "5")])
    for replica in (B, C):
        step = review_step(view(state), kind, Level.COUNTY)
        state = merge(state, change(replica, 1, kind=str(kind), writes=step.writes, body=step.body))
        shown = view(state)
        assert summary(state) == (shown.root_type, len(shown.conflicts), shown.status)


def test_a_state_packed_by_the_first_program_is_read():
    packed = bytes.fromhex(FIRST_FORMAT)
    assert unpack_state(packed) == merge_all(ROOT, [put(A, 1, "5"), put(B, 1, "6", (C, 4))])


@given(seeds)
def test_a_packed_state_comes_back(seed):
    state = merge_all(ROOT, history(seed))
    assert unpack_state(pack_state(state)) == state


def test_the_head_count_example():
    """sync.md 3.5, with its wrong clock."""
    ours, li, secretary = put(A, 7, 4), put(B, 3, 5, (A, 7)), put(C, 9, 6, (A, 7), hlc=2**62)
    for order in itertools.permutations((ours, li, secretary)):
        seen = view(merge_all(ROOT, order))
        assert {head.value for head in seen.cells[(), "hh_count"].heads} == {5, 6}
        assert [conflict.kind for conflict in seen.conflicts] == [ConflictClass.CELL]
    decided = put(D, 2, 6, (B, 3), (C, 9))
    settled = view(merge_all(ROOT, (ours, li, secretary, decided)))
    assert settled.value("hh_count") == 6
    assert settled.conflicts == ()
    corrected = put(B, 4, 7, (B, 3))
    for order in itertools.permutations((ours, li, secretary, decided, corrected)):
        again = view(merge_all(ROOT, order))
        assert {head.value for head in again.cells[(), "hh_count"].heads} == {6, 7}
        assert len(again.conflicts) == 1


def test_clocks_choose_what_is_shown_and_nothing_else():
    late, early = put(A, 1, "a", hlc=9 << 16), put(B, 1, "b", hlc=1 << 16)
    seen = view(merge_all(ROOT, (early, late)))
    assert seen.value("hh_count") == "a"
    assert len(seen.cells[(), "hh_count"].heads) == 2


def test_equal_values_written_apart_are_no_conflict():
    assert view(merge_all(ROOT, (put(A, 1, "4"), put(B, 1, "4")))).conflicts == ()


def test_true_is_not_one():
    assert len(view(merge_all(ROOT, (put(A, 1, True), put(B, 1, 1)))).conflicts) == 1


def test_a_register_merges_as_a_whole():
    apart = put(A, 1, ["12", "kg"]), put(B, 1, ["12", "jin"])
    assert [one.kind for one in view(merge_all(ROOT, apart)).conflicts] == [ConflictClass.GROUP]


def test_a_parent_that_comes_late_stays_superseded():
    state = merge_all(ROOT, [put(B, 1, "new", (A, 1))])
    assert not includes(state, (A, 1))
    assert view(merge(state, put(A, 1, "old"))).value("hh_count") == "new"


def test_a_write_cannot_supersede_itself():
    state = merge_all(ROOT, [put(A, 1, "x", (A, 1))])
    assert view(state).value("hh_count") == "x"
    assert state.cells[(), "hh_count"].ghosts == frozenset()


def test_deciding_names_only_the_heads_that_the_screen_showed():
    shown = view(merge_all(ROOT, (put(A, 1, "a"), put(B, 1, "b"))))
    decision = take_value(shown.cells[(), "hh_count"], (), "hh_count", "a", "电话核实")
    decided = change(D, 1, kind=decision.kind, writes=decision.writes, body=decision.body)
    unseen = put(C, 1, "c")
    after = view(merge_all(ROOT, (put(A, 1, "a"), put(B, 1, "b"), decided, unseen)))
    assert {head.value for head in after.cells[(), "hh_count"].heads} == {"a", "c"}


def _household() -> list:
    first = change(A, 1, new_rows=(NewRow("member", ROW, "1"), NewRow("member", OTHER, "2")),
                   writes=(Write(ROW, "mem_age", 40), Write(OTHER, "mem_age", 9)))  # fmt: skip
    return [first]


def test_rows_unite_in_their_order():
    apart = change(B, 1, new_rows=(NewRow("member", ("33" * 16,), "15"),))
    seen = view(merge_all(ROOT, [*_household(), apart]))
    assert [row.row[0][:2] for row in seen.roster("member")] == ["11", "33", "22"]


def test_a_moved_row_takes_its_new_place():
    moved = change(B, 1, writes=(Write(OTHER, Meta.ORDER, "0"),))
    seen = view(merge_all(ROOT, [*_household(), moved]))
    assert [row.row for row in seen.roster("member")] == [OTHER, ROW]


def test_a_deleted_row_is_gone_with_its_cells():
    made = _household()
    gone = DeletedRow(ROW, "member", dots_of_row(merge_all(ROOT, made), ROW))
    seen = view(merge_all(ROOT, [*made, change(B, 1, kind=Kind.ROW_DEL, deleted_rows=(gone,))]))
    assert [row.row for row in seen.roster("member")] == [OTHER]
    assert (ROW, "mem_age") not in seen.cells
    assert ROW in seen.gone
    assert seen.conflicts == ()


def _edit_against_delete() -> RootState:
    made = _household()
    gone = DeletedRow(ROW, "member", dots_of_row(merge_all(ROOT, made), ROW))
    delete = change(B, 1, kind=Kind.ROW_DEL, deleted_rows=(gone,))
    edit = change(C, 1, writes=(Write(ROW, "mem_age", 41, ((A, 1),)),))
    one, other = merge_all(ROOT, [*made, delete, edit]), merge_all(ROOT, [edit, delete, *made])
    assert one == other
    return one


def test_an_edit_made_apart_keeps_a_deleted_row_flagged():
    seen = view(_edit_against_delete())
    assert [row.kept_by_edit for row in seen.roster("member")] == [True, False]
    assert [(one.row, one.kind) for one in seen.conflicts] == [(ROW, ConflictClass.EDIT_VS_DELETE)]
    assert seen.value("mem_age", ROW) == 41


@pytest.mark.parametrize("keep", [True, False])
def test_edit_against_delete_is_decided_by_a_person(keep):
    state = _edit_against_delete()
    content = keep_row(state, ROW, "在家") if keep else drop_row(state, ROW, "member", "已迁出")
    decided = change(D, 1, kind=content.kind, writes=content.writes, deleted_rows=content.deleted_rows)
    seen = view(merge(state, decided))
    assert seen.conflicts == ()
    assert (ROW in [row.row for row in seen.roster("member")]) is keep


def test_deleting_a_row_covers_the_rows_below_it_unless_one_was_written_apart():
    below = (*ROW, "44" * 16)
    made = [*_household(), change(A, 2, new_rows=(NewRow("member/job", below, "1"),))]
    gone = DeletedRow(ROW, "member", dots_of_row(merge_all(ROOT, made), ROW))
    delete = change(B, 1, kind=Kind.ROW_DEL, deleted_rows=(gone,))
    assert view(merge_all(ROOT, [*made, delete])).roster("member/job", ROW) == ()
    edit = change(C, 1, writes=(Write(below, "job_pay", "100"),))
    kept = view(merge_all(ROOT, [*made, delete, edit]))
    assert [row.row for row in kept.roster("member/job", ROW)] == [below]
    assert [row.row for row in kept.roster("member")] == [ROW, OTHER]


def test_twins_declared_the_same_become_one_row_whose_cells_may_conflict():
    state = merge_all(ROOT, _household())
    content = same_row(view(state), [OTHER, ROW], "同一人登记两次")
    seen = view(merge(state, change(D, 1, kind=content.kind, writes=content.writes, body=content.body)))
    assert [row.row for row in seen.roster("member")] == [ROW]
    assert {head.value for head in seen.cells[ROW, "mem_age"].heads} == {40, 9}
    assert [(one.row, one.kind) for one in seen.conflicts] == [(ROW, ConflictClass.CELL)]


def test_a_change_of_a_newer_program_makes_the_root_read_only_and_merges_nothing():
    state = merge_all(ROOT, [put(A, 1, "a"), put(B, 1, "b", (A, 1), kind="#77"), put(C, 1, "c", version=9)])
    seen = view(state)
    assert seen.read_only
    assert seen.value("hh_count") == "a"


def test_a_change_of_another_root_is_a_bug():
    with pytest.raises(ValueError, match="another root"):
        merge(empty("another"), put(A, 1, 1))
