"""What becomes of tasks and open interviews when their household is merged, moves away, moves within the county, or divides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fieldapp.errors import NotAllowed
from fieldapp.services import assigning, finding, interviewing, visit_log
from fieldapp.services.assigning import HouseholdEnded, NewAssignment, TaskClosed
from fieldapp.services.registering import Left, merge, move_away, move_back, open_register, record, split
from fieldapp.services.unsettled import NotToBeClosed, Why, close_task, open_tasks, reopen_task
from forms.engine import Cell
from sync.scope import Role
from sync.server.office import Office
from tests.services.conftest import County
from tests.services.living_county import (
    GIRL,
    OTHER_VILLAGE,
    PEOPLE,
    SON,
    VILLAGE,
    WEI,
    LivingCounty,
    everybody_at_home,
    fill,
    write_household,
)

MEMBER = Cell("/data/member")
COUPLE = PEOPLE[:2]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingCounty]:
    county = LivingCounty(tmp_path_factory.mktemp("unsettled"))
    yield county
    county.office.lock()


def row(place: LivingCounty, household: str) -> finding.HouseholdRow:
    return next(one for one in finding.list_households(place.office).rows if one.household == household)


def merged(place: LivingCounty, *, begun: bool) -> tuple[str, str, str]:
    """Two households of the sample, one of which has a task (begun or not) and goes into the other: (stays, ended, assignment)."""
    stays = place.household(sample_since="2025")
    ended = place.household(COUPLE, sample_since="2026")
    uids = [place.uid(one[0]) for one in COUPLE]
    if begun:
        opened = place.begin(ended)
        fill(opened, "hh_phone", "16900007777")
        opened.leave()
        assignment = opened.header.assignment
    else:
        (assignment,) = assigning.assign(place.office, [NewAssignment(ended, "quarterly", "2026Q3", "enum01")])
    one, other = (open_register(place.office, home) for home in (stays, ended))
    relations = {uids[0]: "71", uids[1]: "72"}
    merge(place.office, one, other, relations=relations, on="2026-09")
    return stays, ended, assignment


# --- marks ------------------------------------------------------------------------------------------------------------


def test_a_merged_household_is_marked_in_every_list_and_can_be_left_out(place: LivingCounty) -> None:
    stays, ended, _ = merged(place, begun=False)
    shown = row(place, ended)
    assert (shown.ended, shown.state_label) == (True, f"已并入 {row(place, stays).hh_no}")
    assert ended not in [one.household for one in finding.list_households(place.office, ended=False).rows]
    assert ended in [one.household for one in finding.list_households(place.office, ended=True).rows]
    assert not row(place, stays).ended


def test_nobody_is_sent_to_a_household_that_ended(place: LivingCounty) -> None:
    _, ended, assignment = merged(place, begun=False)
    enumerator = place.person("enum01")
    assigning.plan_visit(place.office, assignment, place.clock())
    assert ended not in [one.household for one in visit_log.due_today(enumerator)]
    home = finding.home_summary(enumerator)
    assert ended not in [one.household.household for one in home.today]
    with pytest.raises(HouseholdEnded) as refused:
        assigning.assign(place.office, [NewAssignment(ended, "quarterly", "2026Q4", "enum01")])
    assert "已并入" in refused.value.sentence()


def test_the_slip_says_that_nobody_needs_to_go(place: LivingCounty) -> None:
    _, ended, _ = merged(place, begun=False)
    assert "不用再访" in finding.household_card(place.person("enum01"), ended).resume_sentence


# --- merged -----------------------------------------------------------------------------------------------------------


def test_an_open_interview_of_a_merged_household_stays_and_the_supervisor_sees_it(place: LivingCounty) -> None:
    _, ended, assignment = merged(place, begun=True)
    (task,) = open_tasks(place.person("tsup01"), ended)
    assert (task.why, task.assignment, task.answered, task.outcome) == (Why.ENDED, assignment, True, "440")
    assert "已并入" in task.words
    opened = interviewing.begin(place.person("enum01"), assignment)
    assert not opened.header.readonly
    assert opened.interview.value(Cell("/data/hh_phone")) == "16900007777"


def test_a_task_that_is_closed_keeps_its_answers_counts_as_settled_and_can_be_opened_again(place: LivingCounty) -> None:
    _, ended, assignment = merged(place, begun=True)
    supervisor, enumerator = place.person("tsup01"), place.person("enum01")
    before = visit_log.progress(place.office, "2026Q3", "quarterly")[-1].progress
    close_task(supervisor, assignment, "440", "户主本人说并到儿子家")
    assert open_tasks(supervisor, ended) == ()
    after = visit_log.progress(place.office, "2026Q3", "quarterly")[-1].progress
    assert (after.out_of_scope, after.open) == (before.out_of_scope + 1, before.open - 1)
    opened = interviewing.begin(enumerator, assignment)
    assert (opened.header.readonly, opened.interview.value(Cell("/data/hh_phone"))) == (True, "16900007777")
    assert "并入他户" in opened.header.readonly_reason
    assert row(place, ended).status_label == "办结：并入他户"
    assert ended not in [one.household.household for one in finding.home_summary(enumerator).in_progress]
    reopen_task(supervisor, assignment, "查明没有并户")
    assert not interviewing.begin(enumerator, assignment).header.readonly
    assert [one.assignment for one in open_tasks(supervisor, ended)] == [assignment]


def test_a_closed_task_is_not_begun_any_more(place: LivingCounty) -> None:
    _, _, assignment = merged(place, begun=False)
    close_task(place.office, assignment, "440", "村里报告并户")
    with pytest.raises(TaskClosed):
        interviewing.begin(place.person("enum01"), assignment)


def test_an_interview_handed_in_before_anybody_knew_of_the_merge_counts(place: LivingCounty) -> None:
    _, ended, assignment = merged(place, begun=True)
    opened = interviewing.begin(place.person("enum01"), assignment)
    everybody_at_home(opened)
    interviewing.hand_in(opened)
    assert open_tasks(place.office, ended) == ()
    with pytest.raises(NotToBeClosed):
        close_task(place.office, assignment, "440", "村里报告并户")


def test_a_household_that_is_there_is_not_settled_from_the_desk(place: LivingCounty) -> None:
    home = place.household()
    (assignment,) = assigning.assign(place.office, [NewAssignment(home, "quarterly", "2026Q3", "enum01")])
    for session, outcome, words in (
        (place.office, "420", "听说搬走了"),
        (place.office, "110", "听说搬走了"),
        (place.office, "420", ""),
    ):
        with pytest.raises(NotToBeClosed):
            close_task(session, assignment, outcome, words)
    with pytest.raises(NotAllowed):
        close_task(place.person("enum01"), assignment, "420", "听说搬走了")


def test_people_who_came_with_a_merge_during_an_open_interview_stay_in_the_register(place: LivingCounty) -> None:
    stays = place.household(sample_since="2025")
    ended = place.household(COUPLE, sample_since="2026")
    guests = [place.uid(one[0]) for one in COUPLE]
    opened = place.begin(stays)
    merge(
        place.office, open_register(place.office, stays), open_register(place.office, ended),
        relations={guests[0]: "71", guests[1]: "72"}, on="2026-09",
    )  # fmt: skip
    everybody_at_home(opened)
    interviewing.hand_in(opened)
    seen = open_register(place.office, stays)
    assert set(guests) <= {line.person_uid for line in seen.members}
    assert seen.shown.conflicts == ()
    assert set(guests) <= set(place.begin(stays, "2026Q4").interview.rows(MEMBER))


# --- moved, empty -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("died", [True, False])
def test_a_household_without_anybody_is_out_of_scope_by_what_happened(place: LivingCounty, died: bool) -> None:
    home = place.household(COUPLE)
    uids = [place.uid(one[0]) for one in COUPLE]
    (assignment,) = assigning.assign(place.office, [NewAssignment(home, "quarterly", "2026Q3", "enum01")])
    gone = [Left(uid, "13" if died else "23", "2026-08") for uid in uids]
    seen = record(place.office, open_register(place.office, home), *gone)
    assert seen.state == "4"
    (task,) = open_tasks(place.office, home)
    assert (task.outcome, row(place, home).state_label) == ("410" if died else "420", "户中已无人")
    close_task(place.office, assignment, task.outcome, "村委证明")


def test_a_household_that_moved_out_and_is_back_has_its_task_again(place: LivingCounty) -> None:
    home = place.household()
    assigning.assign(place.office, [NewAssignment(home, "quarterly", "2026Q3", "enum01")])
    seen = move_away(place.office, open_register(place.office, home), on="2026-08", place="广东")
    (task,) = open_tasks(place.office, home)
    assert (task.outcome, row(place, home).state_label) == ("420", "已迁出本县")
    move_back(place.office, seen, on="2026-09")
    assert open_tasks(place.office, home) == ()
    assert row(place, home).state_label == ""


def test_a_household_that_moved_within_the_county_waits_for_an_enumerator_of_the_new_village(
    place: LivingCounty,
) -> None:
    home = place.household()
    opened = place.begin(home)
    fill(opened, "hh_phone", "16900008888")
    opened.leave()
    move_away(place.office, open_register(place.office, home), on="2026-08", village=OTHER_VILLAGE)
    (task,) = open_tasks(place.office, home)
    assert (task.why, task.outcome) == (Why.MOVED, "")
    assert "按 420 办结" in task.words  # nobody interviews in the new village
    still = interviewing.begin(place.person("enum01"), task.assignment)
    assert still.interview.value(Cell("/data/hh_phone")) == "16900008888"
    close_task(place.office, task.assignment, "420", "岩口村不是样本村")
    assert open_tasks(place.office, home) == ()


# --- divided ----------------------------------------------------------------------------------------------------------


def test_a_followed_split_household_asks_for_the_task_that_the_old_one_has(place: LivingCounty) -> None:
    home = place.household()
    son, wei, girl = (place.uid(one) for one in (SON, WEI, GIRL))
    place.begin(home)
    _, new = split(
        place.office, open_register(place.office, home), [son, wei, girl],
        relations={son: "02", wei: "10", girl: "30"}, on="2026-08", tracked=True,
    )  # fmt: skip
    (task,) = open_tasks(place.office, new.household)
    assert (task.why, task.form_id, task.period, task.assignment) == (Why.FOLLOWED, "quarterly", "2026Q3", "")
    assert row(place, new.household).state_label == "分户跟踪户"
    assigning.assign(place.office, [NewAssignment(new.household, task.form_id, task.period, task.enumerator)])
    assert open_tasks(place.office, new.household) == ()


def test_a_split_household_that_is_not_followed_asks_for_nothing(place: LivingCounty) -> None:
    home = place.household()
    son = place.uid(SON)
    place.begin(home)
    _, new = split(place.office, open_register(place.office, home), [son], relations={son: "02"}, on="2026-08")
    assert open_tasks(place.office, new.household) == open_tasks(place.office, home) == ()


# --- over the wire ----------------------------------------------------------------------------------------------------


def test_a_moved_household_goes_over_with_its_task_and_what_the_first_enumerator_hands_in_late_arrives(
    county: County,
) -> None:
    Office(county.server, now_ms=county.now_ms).publish_village(OTHER_VILLAGE, "岩口村", "青石镇")
    supervisor = county.laptop("tsup01", "刘志远", Role.TSUP, (VILLAGE, OTHER_VILLAGE))
    first = county.laptop("enum01", "王建国", Role.ENUM)
    second = county.laptop("enum02", "石小兰", Role.ENUM, (OTHER_VILLAGE,))
    county.exchange(supervisor)
    fields = {
        "hh_id": f"{VILLAGE}0012",
        "cov_village_code": VILLAGE,
        "hh_head_name": "李德顺",
        "hh_phone": "16900002206",
    }
    home = write_household(supervisor, fields, PEOPLE)
    (assignment,) = assigning.assign(supervisor, [NewAssignment(home, "quarterly", "2026Q3", "enum01")])
    county.exchange(supervisor, first, second)
    opened = interviewing.begin(first, assignment)
    fill(opened, "q_days", "3")
    opened.leave()
    move_away(supervisor, open_register(supervisor, home), on="2026-08", village=OTHER_VILLAGE)
    county.exchange(supervisor, first, second)
    (task,) = open_tasks(supervisor, home)
    assert "改派给那里的调查员" in task.words
    # The first enumerator has heard of the move and hands in all the same: nothing of it is put into quarantine.
    again = interviewing.begin(first, assignment)
    again.save(again.interview.confirm(Cell("/data/qa/hh_phone")))
    fill(again, "hh_phone", "16900009999")
    again.leave()
    assigning.plan_visit(first, assignment, None, "换了电话")
    record(first, open_register(first, home), Left(GIRL, "24", "2026-08"))
    county.exchange(first, supervisor)
    assert open_register(supervisor, home).living.person(GIRL).left == "24"  # type: ignore[union-attr]
    assigning.reassign(supervisor, assignment, "enum02", "已问到第三题")
    county.exchange(supervisor, second)
    taken_over = interviewing.begin(second, assignment)
    assert not taken_over.header.readonly
    assert taken_over.interview.value(Cell("/data/qa/q_days")) == "3"
    assert taken_over.interview.value(Cell("/data/qa/hh_phone")) == "16900009999"
    assert open_tasks(supervisor, home) == ()
    county.exchange(first)
    assert interviewing.open_interview(first, again.header.interview).header.readonly_reason == "这户分给了别人"
