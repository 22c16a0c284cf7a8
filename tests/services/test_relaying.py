"""The township's laptop takes in for the county: over the office's network and by stick, and cannot lose or fake anything."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest

from fieldapp.errors import NotAllowed
from fieldapp.services import carrying, finding, interviewing, relaying, reviewing, syncing
from fieldapp.services.session import Session
from forms.engine import Cell
from sync.carriage import Vouched
from sync.client.relayed import RelayedBundle
from sync.errors import NotARelay, ServerUnreachable
from sync.records import FormStatus
from sync.scope import Role
from sync.server.carrying import take_stick
from sync.server.desk import CountyDesk
from sync.stick import Place, Stick
from tests.services.conftest import County, write_household
from tests.sync.cutting_proxy import CuttingProxy

Day = tuple[Session, Session, str, str]
DAYS, INCOME, PHONE = Cell("/data/qa/q_days"), Cell("/data/qa/q_income"), Cell("/data/qa/hh_phone")
OTHER_VILLAGE = "529900101299"


def hand_in(enumerator: Session, assignment: str) -> str:
    opened = interviewing.begin(enumerator, assignment)
    opened.save(opened.interview.confirm(PHONE))
    opened.save(opened.interview.answer(DAYS, "0"))
    opened.save(opened.interview.answer(INCOME, "5330"))
    interviewing.hand_in(opened)
    return opened.header.interview


def desk(county: County) -> CountyDesk:
    return CountyDesk(county.server, now_ms=county.now_ms)


def custody_of(session: Session, household: str) -> str:
    return next(row.custody for row in finding.list_households(session).rows if row.household == household)


def test_an_interview_goes_by_the_township_and_each_tick_means_what_it_says(field_day: Day, county: County) -> None:
    enumerator, supervisor, household, assignment = field_day
    assert custody_of(enumerator, household) == ""
    interview = hand_in(enumerator, assignment)
    assert custody_of(enumerator, household) == "unsent"
    with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
        report = relaying.hand_over(enumerator, at_work.addresses[0])
        assert "代收" in report.sentences[0]
        assert custody_of(enumerator, household) == "custody", "the first tick"
        assert syncing.unsent(enumerator).changes, "which is no acknowledgement"
        (line,) = relaying.laptops(supervisor)
        assert (line.who, line.ticks) == ("王建国", 1)
        assert [row.interview for row in reviewing.waiting(supervisor)] == [interview], "the supervisor sees it at once"
        assert relaying.push(supervisor, desk(county)).ok
        (line,) = relaying.laptops(supervisor)
        assert line.ticks == 2
        relaying.hand_over(enumerator, at_work.addresses[0])
    assert custody_of(enumerator, household) == "admitted", "the county's own answer came back through the township"
    assert syncing.unsent(enumerator).changes == 0
    county.exchange(supervisor, enumerator)
    assert [row.interview for row in reviewing.waiting(supervisor)] == [interview]


def test_an_interview_is_returned_and_corrected_at_the_township_before_the_county_knows_of_it(
    field_day: Day, county: County
) -> None:
    enumerator, supervisor, _, assignment = field_day
    interview = hand_in(enumerator, assignment)
    with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
        relaying.hand_over(enumerator, at_work.addresses[0])
        reviewing.open_sheet(supervisor, interview)
        reviewing.send_back(supervisor, interview, ("03",), "收入再问一下")
        assert relaying.hand_over(enumerator, at_work.addresses[0]).returned == 1
        opened = interviewing.open_interview(enumerator, interview)
        opened.save(opened.interview.answer(INCOME, "6000"))
        interviewing.hand_in(opened)
        relaying.hand_over(enumerator, at_work.addresses[0])
        reviewing.open_sheet(supervisor, interview)
        reviewing.approve(supervisor, interview)
    county.exchange(supervisor)
    assert relaying.push(supervisor, desk(county)).ok
    county.exchange(supervisor, enumerator)
    for session in (supervisor, enumerator):
        assert interviewing.open_interview(session, interview).header.status == FormStatus.APPROVED
    with enumerator.database.reading() as one, supervisor.database.reading() as other:
        assert enumerator.changes.state(one, interview).digest == supervisor.changes.state(other, interview).digest


def test_the_township_hands_on_what_the_county_has_signed(field_day: Day, county: County) -> None:
    enumerator, supervisor, _, _ = field_day
    household = write_household(supervisor, "新来户", "0077")
    county.exchange(supervisor)
    relaying.push(supervisor, desk(county))
    with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
        assert relaying.hand_over(enumerator, at_work.addresses[0]).received > 0
    with enumerator.database.reading() as reading:
        assert enumerator.changes.view(reading, household).value("hh_head_name") == "新来户"
    before = {cursor.feed: cursor.vseq for cursor in enumerator.changes.cursors()}
    assert syncing.exchange(enumerator, server=county.server).received == 0, "the line has nothing to add"
    assert {cursor.feed: cursor.vseq for cursor in enumerator.changes.cursors()}.keys() >= before.keys()


def test_a_stick_from_laptop_to_township_to_county_and_back(field_day: Day, county: County, tmp_path: Path) -> None:
    enumerator, supervisor, household, assignment = field_day
    interview = hand_in(enumerator, assignment)
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    carrying.carry_out(enumerator, one)
    assert relaying.meet_stick(supervisor, one).ok
    assert relaying.meet_stick(supervisor, one).sentences[0].count("0"), "the same stick again brings nothing twice"
    (line,) = relaying.laptops(supervisor)
    assert (line.who, line.ticks) == ("", 1), "sealed to the county alone: carried unopened"
    assert reviewing.waiting(supervisor) == ()
    relaying.meet_stick(supervisor, two)
    (delivery,) = take_stick(county.server, Stick(two), now_ms=county.now_ms)
    assert delivery.complete
    relaying.meet_stick(supervisor, two)
    assert relaying.laptops(supervisor)[0].ticks == 2
    relaying.meet_stick(supervisor, one)
    carrying.take_in(enumerator, one)
    assert custody_of(enumerator, household) == "admitted"
    county.exchange(supervisor)
    assert [row.interview for row in reviewing.waiting(supervisor)] == [interview]


def test_a_laptop_of_another_village_is_carried_unopened(field_day: Day, county: County) -> None:
    _, supervisor, *_ = field_day
    stranger = county.laptop("enum09", "外村人", Role.ENUM, (OTHER_VILLAGE,))
    county.exchange(stranger)
    root = write_household_in(stranger, OTHER_VILLAGE)
    with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
        relaying.hand_over(stranger, at_work.addresses[0])
    with supervisor.database.reading() as reading:
        assert supervisor.changes.view(reading, root).cells == {}
    assert OTHER_VILLAGE.encode() not in b"".join(
        path.read_bytes() for path in supervisor.laptop.folder.rglob("*") if path.is_file()
    )
    relaying.push(supervisor, desk(county))
    assert county.server.waiting() == []
    assert syncing.unsent(stranger).changes
    county.exchange(stranger)
    assert syncing.unsent(stranger).changes == 0


def write_household_in(session: Session, village: str) -> str:
    from sync.change import Content, Kind, RootType, Write
    from sync.scope import register_feed

    root = session.changes.new_root()
    content = Content(Kind.EDIT, (Write((), "hh_head_name", "外村户"),))
    with session.database.transaction() as writing:
        session.changes.write(writing, content, root=root, root_type=RootType.HOUSEHOLD, feed=register_feed(village))
    return root


def test_only_a_township_of_this_county_is_handed_anything(field_day: Day, county: County, tmp_path: Path) -> None:
    enumerator, supervisor, _, assignment = field_day
    hand_in(enumerator, assignment)
    colleague = county.laptop("enum02", "同事", Role.ENUM)
    with pytest.raises(NotAllowed):
        relaying.open_relay(colleague)
    elsewhere = County(tmp_path / "elsewhere", county.clock)
    foreign = elsewhere.laptop("tsup99", "外县人", Role.TSUP)
    with relaying.serve(foreign, "127.0.0.1", 0) as at_work, pytest.raises(NotARelay):
        relaying.hand_over(enumerator, at_work.addresses[0])
    foreign.lock()
    with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
        at_work.relay.serve_on(hashlib.sha256(b"another line").hexdigest())
        with pytest.raises(NotARelay):
            relaying.hand_over(enumerator, at_work.addresses[0])
    assert custody_of(enumerator, field_day[2]) == "unsent"


def test_a_relay_that_loses_everything_loses_nothing(field_day: Day, county: County) -> None:
    enumerator, supervisor, household, assignment = field_day
    hand_in(enumerator, assignment)
    with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
        relaying.hand_over(enumerator, at_work.addresses[0])
    for path in (supervisor.laptop.folder / "relay").rglob("*"):
        if path.is_file():
            path.unlink()
    county.exchange(enumerator)
    assert custody_of(enumerator, household) == "admitted"


def test_a_lying_relay_moves_no_cursor_and_fakes_no_change(field_day: Day, county: County) -> None:
    enumerator, supervisor, *_ = field_day
    write_household(supervisor, "真户", "0088")
    county.exchange(supervisor)
    relaying.push(supervisor, desk(county))
    at_first = list(enumerator.changes.cursors())
    book = relaying._book(supervisor)
    (real,) = [one for one in book.vouched() if one.cursor.feed.endswith(":r")]

    def sealed_by(lie: str) -> None:
        relay = relaying.open_relay(supervisor)
        true_entries, true_vouched = book.entries, book.vouched
        if lie == "a place left out":
            book.entries = lambda feed, after, upto: true_entries(feed, after, upto)[:-1]  # type: ignore[method-assign]
        elif lie == "another change in its place":
            book.entries = (
                lambda feed, after, upto: [  # type: ignore[method-assign]
                    *true_entries(feed, after, upto)[:-1],
                    type(real_entry)(real_entry.feed, upto, "change", true_entries(feed, 0, 1)[0].data),
                ]
            )
        else:
            digest = bytes(16)
            made_up = Vouched(
                type(real.cursor)(real.cursor.feed, real.cursor.epoch, real.cursor.vseq, digest), real.signature
            )
            book.vouched = lambda: [made_up]  # type: ignore[method-assign]
        relay._book = book
        with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
            at_work.relay._book = book
            relaying.hand_over(enumerator, at_work.addresses[0])
        book.entries, book.vouched = true_entries, true_vouched  # type: ignore[method-assign]

    real_entry = book.entries(real.cursor.feed, real.cursor.vseq - 1, real.cursor.vseq)[0]
    for lie in ("a place left out", "another change in its place", "a signature for another digest"):
        sealed_by(lie)
        assert list(enumerator.changes.cursors()) == at_first, lie
    county.exchange(enumerator)
    assert enumerator.changes.cursors() != at_first


def test_a_bundle_gets_through_a_line_that_dies_and_an_absent_relay_is_told(field_day: Day, tmp_path: Path) -> None:
    enumerator, supervisor, household, assignment = field_day
    hand_in(enumerator, assignment)
    with relaying.serve(supervisor, "127.0.0.1", 0) as at_work:
        port = int(at_work.addresses[0].rpartition(":")[2])
        with CuttingProxy(port, up=6000, down=20000) as line:
            relaying.hand_over(enumerator, f"https://127.0.0.1:{line.port}")
    assert custody_of(enumerator, household) == "custody"
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(ServerUnreachable):
        relaying.hand_over(enumerator, f"127.0.0.1:{port}")
    del tmp_path


def test_a_bundle_of_the_relay_for_somebody_else_opens_nothing(field_day: Day, county: County) -> None:
    enumerator, supervisor, *_ = field_day
    write_household(supervisor, "真户", "0088")
    county.exchange(supervisor)
    relaying.push(supervisor, desk(county))
    relay = relaying.open_relay(supervisor)
    token = relay.hello(carrying.porter_of(enumerator).introduce()).token
    assert token
    stick = Stick(supervisor.laptop.folder / "relay" / "custody")
    relay._hand_on(*relay._caller(token))
    (name,) = stick.names(Place.IN)
    data = b"".join(stick.pieces(Place.IN, name))
    with pytest.raises(Exception, match="sealed"):
        RelayedBundle(name, data, relay._sealing, county.server.keys.verify_key)
