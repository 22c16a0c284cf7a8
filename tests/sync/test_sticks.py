"""A stick between laptops and the county: everything arrives, nothing is believed that is not signed, nothing is lost with a stick."""

from __future__ import annotations

import errno
import os
import random
import shutil

import pytest

from sync.bundle import BundleHeader, BundleReader, seal_bundle
from sync.change import Kind, RootType
from sync.client.carrying import Porter
from sync.errors import NeedsTheLine, NothingForUs, NotYourCounty, StickFull, StickGone, StickReadOnly
from sync.protocol import Have
from sync.receipt import Receipt, make_receipt
from sync.records import Level, review_step
from sync.scope import Role
from sync.server.carrying import take_stick
from sync.stick import Place, Stick
from tests.sync.builders import COUNTY, ROOT

HOUSE = "aa" * 16


def porter(laptop, county, **more):
    keys = laptop.enrolled.keys
    return Porter(
        laptop.log, laptop.enrolled.device, keys.signing, keys.sealing, county.service.keys.verify_key,
        county.service.keys.sealing.public_key(), now_ms=laptop.now_ms, **more,
    )  # fmt: skip


def at_the_county(county, stick):
    return take_stick(county.service, stick, now_ms=county.now_ms)


def take_in(laptop, county, stick):
    """What the laptop does with a stick that comes back; the report of the last bundle."""
    carrier = porter(laptop, county)
    taken = carrier.carried_in(stick)
    report = None
    for server in taken:
        report = laptop.sync(server)
    carrier.clear(stick, [one for one in taken if one.whole])
    return report


@pytest.fixture
def stick(tmp_path):
    return Stick(tmp_path)


def files(stick, place):
    return stick.names(place)


def test_a_day_by_stick_ends_as_a_day_by_wire(county, stick):
    li, boss = county.laptop("ce0001"), county.laptop("ts0001", Role.TSUP)
    li.put(ROOT, "q1", "3000", root_type=RootType.INTERVIEW)
    li.write(review_step(li.log.view(ROOT), Kind.SUBMIT, Level.TOWNSHIP), ROOT, root_type=RootType.INTERVIEW)
    out = porter(li, county).carry_out(stick)
    assert out.changes == 2
    (delivery,) = at_the_county(county, stick)
    assert (delivery.changes, delivery.admitted, delivery.waiting, delivery.complete) == (2, 2, 0, True)
    report = take_in(li, county, stick)
    assert (report.sent, report.unsent, report.complete) == (2, 0, True)
    assert porter(li, county).waiting() == []
    boss.sync(county.service)
    assert boss.log.view(ROOT).status == 50
    assert boss.log.state(ROOT).digest == li.log.state(ROOT).digest
    assert [files(stick, place) for place in Place] == [[], [], []]


def test_what_others_wrote_comes_back_on_the_same_stick(county, stick):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    wang.put(HOUSE, "hh_head_name", "测试甲")
    wang.sync(county.service)
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    take_in(li, county, stick)
    assert li.log.view(HOUSE).value("hh_head_name") == "测试甲"
    assert li.sync(county.service).received == 0, "the line has nothing to add"


def test_a_lost_stick_loses_nothing(county, tmp_path):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    lost, found = Stick(tmp_path / "one"), Stick(tmp_path / "two")
    porter(li, county).carry_out(lost)
    li.put(HOUSE, "b", 2)
    assert porter(li, county).carry_out(found).changes == 2, "everything that is not answered for, not what is new"
    at_the_county(county, found)
    take_in(li, county, found)
    assert porter(li, county).waiting() == []


def test_a_stick_put_in_twice_or_found_again_after_weeks_does_no_harm(county, stick, tmp_path):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    porter(li, county).carry_out(stick)
    shutil.copytree(tmp_path / "FS", tmp_path / "again" / "FS")
    at_the_county(county, stick)
    assert at_the_county(county, stick) == [], "there is a receipt"
    again = Stick(tmp_path / "again")
    (delivery,) = at_the_county(county, again)
    assert (delivery.changes, delivery.admitted) == (1, 1)
    take_in(li, county, stick)
    assert take_in(li, county, again).complete
    assert li.log.view(HOUSE).value("a") == 1
    assert len(county.service.waiting()) == 0


def test_an_answer_that_is_older_than_what_the_line_brought_since_does_no_harm(county, stick):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    wang.put(HOUSE, "a", 1)
    wang.sync(county.service)
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    wang.put(HOUSE, "b", 2)
    wang.sync(county.service)
    li.sync(county.service)
    before = dict(li.log.at)
    report = take_in(li, county, stick)
    assert report.complete
    assert report.repaired == []
    assert li.log.at == before


def test_work_done_after_the_stick_left_waits_for_the_next(county, stick):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    li.put(HOUSE, "b", 2)
    report = take_in(li, county, stick)
    assert (report.sent, report.unsent, report.complete) == (1, 1, False)
    assert [change.seq for change in porter(li, county).waiting()] == [2]


def test_a_new_bundle_takes_the_place_of_the_older_one(county, stick):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    li.put(HOUSE, "a", 1)
    first = porter(li, county).carry_out(stick).name
    porter(wang, county).carry_out(stick)
    second = porter(li, county).carry_out(stick).name
    assert first not in files(stick, Place.OUT)
    assert second in files(stick, Place.OUT)
    assert len(files(stick, Place.OUT)) == 2, "the other laptop's stays"


def test_three_laptops_share_one_stick(county, stick):
    laptops = [county.laptop(f"ce000{n}") for n in (1, 2, 3)]
    for n, one in enumerate(laptops):
        one.put(HOUSE, f"f{n}", n)
        porter(one, county).carry_out(stick)
    assert len(at_the_county(county, stick)) == 3
    for one in laptops:
        take_in(one, county, stick)
    for one in laptops:
        porter(one, county).carry_out(stick)
    at_the_county(county, stick)
    for one in laptops:
        take_in(one, county, stick)
    assert len({one.log.state(HOUSE).digest for one in laptops}) == 1
    assert files(stick, Place.IN) == []


def test_a_bundle_cut_short_gives_what_is_whole_and_no_receipt(county, stick, tmp_path):
    li = county.laptop("ce0001")
    noise = random.Random(1)
    for n in range(40):
        li.put(HOUSE, f"f{n}", "".join(chr(0x4E00 + noise.randrange(20000)) for _ in range(2000)))
    name = porter(li, county).carry_out(stick).name
    path = tmp_path / "FS" / "out" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    (delivery,) = at_the_county(county, stick)
    assert 0 < delivery.admitted < 40
    assert not delivery.complete
    assert not stick.has(Place.ACK, name)
    take_in(li, county, stick)
    assert len(porter(li, county).waiting()) == 40 - delivery.admitted
    assert name in files(stick, Place.OUT), "not receipted, not cleared"
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    take_in(li, county, stick)
    assert porter(li, county).waiting() == []


def test_an_answer_cut_short_gives_what_is_whole_and_the_next_one_the_rest(county, stick, tmp_path):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    noise = random.Random(2)
    for n in range(30):
        wang.put(HOUSE, f"f{n}", "".join(chr(0x4E00 + noise.randrange(20000)) for _ in range(2000)))
    wang.sync(county.service)
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    (name,) = files(stick, Place.IN)
    path = tmp_path / "FS" / "in" / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    take_in(li, county, stick)
    had = len(li.log.view(HOUSE).cells)
    assert 0 < had < 30
    assert files(stick, Place.IN) == [name], "a damaged one is not cleared away silently"
    stick.remove(Place.IN, name)
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    take_in(li, county, stick)
    assert len(li.log.view(HOUSE).cells) == 30


def test_a_bundle_sealed_by_a_stranger_is_refused_and_the_others_go_on(county, stick):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    thief = porter(li, county)
    thief._signing = county.laptop("ce0009").enrolled.keys.signing
    thief.carry_out(stick)
    wang = county.laptop("ce0002")
    wang.put(HOUSE, "b", 2)
    porter(wang, county).carry_out(stick)
    told = {one.sender: one for one in at_the_county(county, stick)}
    assert any(one.refused for one in told.values())
    assert told[wang.enrolled.keys.device].admitted == 1
    assert len(files(stick, Place.IN)) == 1


def test_an_answer_that_the_county_did_not_sign_is_not_taken(county, stick):
    li, stranger = county.laptop("ce0001"), county.laptop("ce0009").enrolled.keys.signing
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    (name,) = files(stick, Place.IN)
    plain = b"".join(porter(li, county).carried_in(stick)[0]._plain())
    stick.remove(Place.IN, name)
    header = BundleHeader(bytes(16), COUNTY, "county", li.enrolled.keys.device, 1)
    recipient = li.enrolled.keys.sealing.public_key()
    stick.put(Place.IN, seal_bundle(header, [plain], [recipient], stranger, random.Random(1).randbytes))
    with pytest.raises(NothingForUs):
        porter(li, county).carried_in(stick)


def test_a_receipt_that_the_county_did_not_sign_clears_nothing(county, stick):
    li, stranger = county.laptop("ce0001"), county.laptop("ce0009").enrolled.keys.signing
    li.put(HOUSE, "a", 1)
    name = porter(li, county).carry_out(stick).name
    stick.put(Place.ACK, [make_receipt(Receipt(name, COUNTY, 1, 1), stranger)], name)
    assert porter(li, county).receipts(stick) == []
    porter(li, county).clear(stick, [])
    assert files(stick, Place.OUT) == [name]
    assert [one.admitted for one in at_the_county(county, stick)] == [1], "the county does not believe it either"


def test_a_stick_of_another_county_is_refused_by_name(county, stick):
    li = county.laptop("ce0001")
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    li.log.county = "530000"
    with pytest.raises(NotYourCounty) as refused:
        porter(li, county).carried_in(stick)
    assert county.service.keys.county in refused.value.sentence()


def test_a_laptop_s_bundle_for_another_county_is_refused_by_name_at_the_county(county, stick):
    li = county.laptop("ce0001")
    li.log.county = "530000"
    porter(li, county).carry_out(stick)
    (delivery,) = at_the_county(county, stick)
    assert "530000" in delivery.refused
    assert files(stick, Place.IN) == []


def test_a_stick_without_anything_for_this_laptop_says_so(county, stick):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    with pytest.raises(NothingForUs):
        porter(li, county).carried_in(stick)
    porter(wang, county).carry_out(stick)
    at_the_county(county, stick)
    with pytest.raises(NothingForUs):
        porter(li, county).carried_in(stick)


def test_the_stick_shows_a_finder_nothing(county, stick, tmp_path):
    li = county.laptop("ce0001")
    li.put(HOUSE, "hh_head_name", "测试甲某某")
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "测试甲某某".encode() not in held
    assert b"ce0001" not in held
    for name in files(stick, Place.OUT):
        reader = BundleReader()
        assert b"".join(b"".join(reader.take(piece)) for piece in stick.pieces(Place.OUT, name)) == b""


def test_a_lost_laptop_s_work_waits_for_a_person(county, stick):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    county.service.enrolment.revoke_device(li.enrolled.keys.device)
    porter(li, county).carry_out(stick)
    (delivery,) = at_the_county(county, stick)
    assert (delivery.admitted, delivery.waiting) == (0, 1)
    assert delivery.answered == 0, "nothing goes to a revoked laptop"


def test_a_restored_county_asks_for_the_line(county, stick):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    li.sync(county.service)
    li.log.at = {
        feed: cursor.__class__(feed, "00" * 8, cursor.vseq, cursor.digest) for feed, cursor in li.log.at.items()
    }
    li.put(HOUSE, "b", 2)
    porter(li, county).carry_out(stick)
    (delivery,) = at_the_county(county, stick)
    assert delivery.admitted == 1, "what the stick brings is taken all the same"
    with pytest.raises(NeedsTheLine):
        take_in(li, county, stick)


@pytest.mark.parametrize(
    ("number", "told"), [(errno.ENOSPC, StickFull), (errno.EROFS, StickReadOnly), (errno.EIO, StickGone)]
)
def test_a_stick_that_fails_says_how_and_keeps_what_it_had(county, stick, monkeypatch, number, told):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    before = porter(li, county).carry_out(stick).name
    li.put(HOUSE, "b", 2)

    def fails(_handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(told):
        porter(li, county).carry_out(stick)
    monkeypatch.undo()
    assert files(stick, Place.OUT) == [before]
    assert [path.name for path in (stick.root / "out").iterdir()] == [before], "no half file"
    assert len(porter(li, county).waiting()) == 2


def test_a_stick_pulled_out_half_way_leaves_whole_files_or_rubbish_nobody_reads(county, stick, monkeypatch):
    li = county.laptop("ce0001")
    li.put(HOUSE, "a", 1)

    def pulled(_source, _target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", pulled)
    monkeypatch.setattr("pathlib.Path.unlink", lambda *_a, **_k: None)
    with pytest.raises(KeyboardInterrupt):
        porter(li, county).carry_out(stick)
    monkeypatch.undo()
    assert len(list((stick.root / "out").iterdir())) == 1
    assert files(stick, Place.OUT) == []
    assert at_the_county(county, stick) == []
    porter(li, county).carry_out(stick)
    assert [one.admitted for one in at_the_county(county, stick)] == [1]


def test_files_that_are_not_ours_are_never_opened(county, stick, tmp_path):
    (tmp_path / "FS" / "out").mkdir(parents=True)
    for name in ("autorun.inf", "a" * 31, "A" * 32, "setup.exe", "ab" * 16 + ".lnk"):
        (tmp_path / "FS" / "out" / name).write_bytes(b"MZ")
    assert at_the_county(county, stick) == []
    (tmp_path / "FS" / "out" / ("ab" * 16)).write_bytes(b"MZ" * 100)
    (delivery,) = at_the_county(county, stick)
    assert delivery.refused


def test_no_stick_is_one_sentence(tmp_path):
    with pytest.raises(StickGone) as gone:
        Stick(tmp_path / "not there")
    assert "U 盘" in gone.value.sentence()


def test_both_kinds_of_county_take_sticks(anywhere, stick):
    li = anywhere.laptop("ce0001")
    li.put(HOUSE, "a", 1)
    porter(li, anywhere).carry_out(stick)
    assert [one.admitted for one in at_the_county(anywhere, stick)] == [1]
    assert take_in(li, anywhere, stick).complete


def test_a_stick_that_left_in_a_former_life_says_nothing_about_the_present_one(county, stick):
    li, wang = county.laptop("ce0001"), county.laptop("ce0002")
    wang.put(HOUSE, "c", 3)
    wang.sync(county.service)
    li.put(HOUSE, "a", 1)
    li.put(HOUSE, "b", 2)
    porter(li, county).carry_out(stick)
    at_the_county(county, stick)
    li.log.renew_replica(b"newnewne", Have(2))
    li.put(HOUSE, "d", 4)  # number 1 again
    take_in(li, county, stick)
    assert len(porter(li, county).waiting()) == 1, "the county knows a number 1 of the replica before, not this one"
    assert li.log.view(HOUSE).value("c") == 3, "what others wrote is good all the same"
