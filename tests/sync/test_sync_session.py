from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from sync.change import Content, Kind, RootType, Write
from sync.codec import open_sealed
from sync.errors import NotRecognised, ServerUnreachable, SyncCancelled
from sync.protocol import Cursor, ExchangeHead, FeedEntry, Order
from sync.records import Level, review_step, take_value
from sync.scope import Role, interview_feed
from tests.sync.builders import ROOT, VILLAGE
from tests.sync.county import County

HOUSE = "aa" * 16


@pytest.fixture
def county():
    return County()


def test_two_laptops_end_with_the_same_picture(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    li.put(HOUSE, "hh_head_name", "测试甲")
    li.sync(county.service)
    wang.sync(county.service)
    assert wang.log.view(HOUSE).value("hh_head_name") == "测试甲"
    assert wang.log.state(HOUSE).digest == li.log.state(HOUSE).digest


def test_a_conflict_is_seen_by_both_and_settled_by_one(county):
    li, sec, boss = (
        county.laptop("ce0001"),
        county.laptop("vs0001", Role.VSEC),
        county.laptop("ts0001", Role.TSUP),
    )
    everyone = (li, sec, boss)
    li.put(HOUSE, "hh_count", 4)
    for one in (*everyone, *everyone):
        one.sync(county.service)
    li.put(HOUSE, "hh_count", 5)
    sec.put(HOUSE, "hh_count", 6)
    for one in (*everyone, *everyone):
        one.sync(county.service)
    views = [one.log.view(HOUSE) for one in everyone]
    assert all(len(view.conflicts) == 1 and view == views[0] for view in views)
    decision = take_value(views[2].cells[(), "hh_count"], (), "hh_count", 6, "电话核实")
    boss.write(decision, HOUSE)
    for one in (*everyone, *everyone):
        one.sync(county.service)
    assert [one.log.view(HOUSE).value("hh_count") for one in everyone] == [6, 6, 6]
    assert all(not one.log.view(HOUSE).conflicts for one in everyone)


def test_an_interview_goes_to_the_reviewer_and_comes_back(county):
    li, boss, other = county.laptop("ce0001"), county.laptop("ts0001", Role.TSUP), county.laptop("ce0002")
    li.put(ROOT, "q1", "3000", root_type=RootType.INTERVIEW)
    li.write(review_step(li.log.view(ROOT), Kind.SUBMIT, Level.TOWNSHIP), ROOT, root_type=RootType.INTERVIEW)
    li.sync(county.service)
    boss.sync(county.service)
    assert boss.log.view(ROOT).status == 50
    back = review_step(boss.log.view(ROOT), Kind.RETURN, Level.TOWNSHIP, text="电费是不是多写一个零")
    boss.write(back, ROOT, root_type=RootType.INTERVIEW, feed=interview_feed(VILLAGE, "ce0001"))
    boss.sync(county.service)
    li.sync(county.service)
    assert li.log.view(ROOT).status == 60
    other.sync(county.service)
    assert ROOT not in other.log.roots()


def test_nothing_to_do_takes_one_request(county):
    li = county.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    li.sync(county.service)

    class Counting:
        def __init__(self):
            self.asked = []

        def __getattr__(self, name):
            self.asked.append(name)
            return getattr(county.service, name)

    counting = Counting()
    report = li.sync(counting)
    assert counting.asked == ["hello"]
    assert report.complete
    assert report.sent == report.received == 0


def test_a_second_sync_sends_nothing_twice(county):
    li = county.laptop("ce0001")
    for value in range(5):
        li.put(HOUSE, "x", value)
    assert li.sync(county.service).sent == 5
    assert li.sync(county.service).sent == 0


def test_open_drafts_are_sealed_before_sending(county):
    li = county.laptop("ce0001")
    place = {"root": HOUSE, "root_type": "household", "feed": f"v:{VILLAGE}:r"}
    li.log.drafts.append((Content(Kind.EDIT, (Write((), "x", "1"),)), place))
    report = li.sync(county.service)
    assert (report.sealed, report.sent) == (1, 1)


class Cutting:
    """A line that dies after so many parts of every answer, and sometimes before the answer."""

    def __init__(self, service, after, *, lose_answer=False):
        self.service, self.after, self.lose_answer = service, after, lose_answer

    def __getattr__(self, name):
        return getattr(self.service, name)

    def exchange(self, token, sending, cursors, max_down):
        parts = self.service.exchange(token, sending, cursors, max_down)
        if self.lose_answer:
            raise ServerUnreachable("the answer got lost after the commit")
        return self._cut(parts)

    def _cut(self, parts):
        for number, part in enumerate(parts):
            if number >= self.after and not (number == 0):
                raise ServerUnreachable("cut")
            yield part


@pytest.mark.parametrize("after", [1, 2, 3, 7])
def test_a_line_that_dies_after_a_few_entries_still_completes(county, after):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    for value in range(20):
        li.put(HOUSE, f"f{value}", value)
    li.sync(county.service)
    line = Cutting(county.service, after)
    for _ in range(60):
        try:
            if wang.sync(line).complete:
                break
        except ServerUnreachable:
            continue
    wang.sync(county.service)
    assert wang.log.state(HOUSE).digest == li.log.state(HOUSE).digest


def test_an_answer_lost_after_the_commit_is_no_harm(county):
    li = county.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    with pytest.raises(ServerUnreachable):
        li.sync(Cutting(county.service, 0, lose_answer=True))
    report = li.sync(county.service)
    assert report.complete
    assert county.service.have(li.log.replica).upto == 1
    assert "没有做完" in li.log.lines[0]


def test_a_restored_laptop_goes_on_as_a_new_replica_and_loses_nothing(county):
    li = county.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    image = copy.deepcopy({k: v for k, v in li.log.__dict__.items() if k != "key"})
    li.put(HOUSE, "y", 2)
    li.sync(county.service)
    li.log.__dict__.update(image)  # the disk of yesterday
    li.put(HOUSE, "z", 3)
    li.put(HOUSE, "z2", 3)
    old = li.log.replica
    report = li.sync(county.service)
    assert report.renewed
    assert li.log.replica != old
    seen = li.log.view(HOUSE)
    assert [seen.value(name) for name in ("x", "y", "z", "z2")] == [1, 2, 3, 3]


def test_two_laptops_with_one_cloned_disk_both_keep_their_work(county):
    li = county.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    li.sync(county.service)
    clone = replace(li, log=copy.copy(li.log))
    clone.log.kept, clone.log.at = dict(li.log.kept), dict(li.log.at)
    clone.log.places = {feed: dict(places) for feed, places in li.log.places.items()}
    for number in range(3):
        li.put(HOUSE, f"mine{number}", number)
    for number in range(2):
        clone.put(HOUSE, f"clone{number}", number)
    for one in (li, clone, li, clone, li):
        one.sync(county.service)
    assert li.log.replica != clone.log.replica
    assert li.log.state(HOUSE).digest == clone.log.state(HOUSE).digest
    assert li.log.view(HOUSE).value("clone1") == 1
    assert clone.log.view(HOUSE).value("mine2") == 2


def test_a_wrong_digest_is_repaired_by_fetching_the_block_again(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    li.put(HOUSE, "x", 1)
    li.sync(county.service)
    wang.sync(county.service)
    feed = f"v:{VILLAGE}:r"
    broken = wang.log.at[feed]
    wang.log.places[feed][1] = (bytes(16), b"")
    wang.log.at[feed] = Cursor(feed, broken.epoch, broken.vseq, bytes(16))
    report = wang.sync(county.service)
    assert report.repaired == [feed]
    assert wang.log.at[feed] == broken
    assert "对不上" in wang.log.lines[-1]


def test_work_of_a_revoked_laptop_waits_and_can_be_admitted_one_by_one(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    li.sync(county.service)
    li.put(HOUSE, "x", 1)
    li.put(HOUSE, "y", 2)
    county.service.enrolment.revoke_device(li.log.device)
    report = li.sync(county.service)
    assert [reason for _, reason in report.quarantined] == ["revoked", "revoked"]
    assert report.orders == (Order.PUSH_FIRST,)
    wang.sync(county.service)
    assert wang.log.view(HOUSE).cells == {}
    first = county.service.waiting()[0]
    assert county.service.admit(first[0], "boss")
    wang.sync(county.service)
    assert wang.log.view(HOUSE).value("x") == 1
    assert wang.log.view(HOUSE).value("y") is None


def test_a_revoked_laptop_receives_nothing_and_is_told_to_wipe_only_when_all_is_sent(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    li.sync(county.service)
    li.put(HOUSE, "x", 1)
    county.service.enrolment.revoke_device(li.log.device, wipe=True)
    wang.put(HOUSE, "secret", 9)
    wang.sync(county.service)
    assert li.sync(county.service).orders == (Order.PUSH_FIRST,)
    assert li.sync(county.service).orders == (Order.PUSH_FIRST, Order.WIPE)
    assert li.log.view(HOUSE).value("secret") is None


def test_a_closed_account_cannot_write_from_its_laptop(county):
    li = county.laptop("ce0001")
    county.service.enrolment.close_account("ce0001")
    li.put(HOUSE, "x", 1)
    assert [reason for _, reason in li.sync(county.service).quarantined] == ["account"]


def test_a_narrowed_scope_takes_the_feed_away_and_a_widened_one_brings_it(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    wang.put(HOUSE, "x", 1)
    wang.sync(county.service)
    li.sync(county.service)
    enrolment = county.service.enrolment
    enrolment.set_feeds(li.log.device, ["county"])
    li.put(HOUSE, "late", 2)
    report = li.sync(county.service)
    assert report.dropped == [f"v:{VILLAGE}:r"]
    assert [reason for _, reason in report.quarantined] == ["feed"]
    enrolment.set_feeds(li.log.device, ["county", f"v:{VILLAGE}:r"])
    li.sync(county.service)
    assert li.log.view(HOUSE).value("x") == 1


def test_a_stranger_is_not_spoken_to(county):
    li = county.laptop("ce0001")
    li.log.device = "99" * 16
    with pytest.raises(NotRecognised):
        li.sync(county.service)


def test_a_sync_can_be_stopped_and_goes_on_later(county):
    li = county.laptop("ce0001")
    for value in range(30):
        li.put(HOUSE, f"f{value}", "x" * 300)
    asked = iter(range(100))
    with pytest.raises(SyncCancelled):
        li.sync(county.service, cancelled=lambda: next(asked) > 3)
    assert li.sync(county.service).complete


def test_a_preview_tells_what_leaves_and_arrives_and_changes_nothing(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    wang.put(HOUSE, "x", 1)
    wang.sync(county.service)
    li.sync(county.service)
    wang.put(HOUSE, "y", 1)
    wang.sync(county.service)
    li.put(HOUSE, "z", 1)
    preview = li.session(county.service).preview()
    assert (preview.leaving, preview.arriving) == (1, 1)
    assert li.log.view(HOUSE).value("y") is None


def test_progress_counts_what_is_sent(county):
    li = county.laptop("ce0001")
    for value in range(3):
        li.put(HOUSE, "x", value)
    seen = []
    li.sync(county.service, progress=seen.append)
    assert [p.phase for p in seen][:2] == ["sealing", "hello"]
    assert seen[-1].phase == "done"


def test_laptops_learn_their_colleagues_from_the_county_feed(county):
    li = county.laptop("ce0001")
    county.laptop("ts0001", Role.TSUP)
    li.sync(county.service)
    users = {
        view.value("account"): view.value("role")
        for view in (li.log.view(root) for root in li.log.roots())
        if view.value("control") == "user"
    }
    assert users == {"ce0001": "ENUM", "ts0001": "TSUP"}


def test_a_poison_change_does_not_hold_up_the_others(county, monkeypatch):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    from sync.server import admission

    real = admission.merge

    def merge(state, change):
        if any(write.value == "poison" for write in change.writes):
            raise ValueError("merging raised")
        return real(state, change)

    monkeypatch.setattr(admission, "merge", merge)
    li.put(HOUSE, "a", "poison")
    li.put("bb" * 16, "b", "good")
    report = li.sync(county.service)
    assert report.held == 1
    assert report.complete
    wang.sync(county.service)
    assert wang.log.view("bb" * 16).value("b") == "good"
    monkeypatch.undo()
    (waiting,) = county.service.waiting()
    assert county.service.admit(waiting[0], "boss")
    wang.sync(county.service)
    assert wang.log.view(HOUSE).value("a") == "poison"


def test_own_changes_come_back_by_name_and_others_byte_for_byte(county):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    made = li.put(HOUSE, "x", 1)
    li.sync(county.service)
    feed = f"v:{VILLAGE}:r"
    for one, kind in ((li, "own"), (wang, "change")):
        token = one.session(county.service)._say_hello().token
        parts = list(county.service.exchange(token, [], [Cursor(feed, "", 0, bytes(16))], 10**6))
        assert isinstance(parts[0], ExchangeHead)
        (entry,) = [part for part in parts if isinstance(part, FeedEntry)]
        assert entry.kind == kind
    assert open_sealed(entry.data) == made


def test_a_feed_that_promises_more_than_it_holds_ends_in_a_refusal_and_not_in_a_loop(county):
    from sqlalchemy import update

    from sync.errors import Refused
    from sync.server import tables

    li = county.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    li.sync(county.service)
    with county.service.database.transaction() as connection:
        connection.execute(update(tables.feed).values(last_vseq=tables.feed.c.last_vseq + 5))
    with pytest.raises(Refused):
        li.sync(county.service)
