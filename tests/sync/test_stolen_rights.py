"""A laptop that is enrolled and hostile: it says what no honest program would say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync import cbor, codec
from sync.change import Content, Kind, RootType
from sync.client.enrolment import enrol
from sync.codec import open_sealed, seal
from sync.errors import EnrolmentRefused
from sync.protocol import Have, Verdict
from sync.records import Level, review_step
from sync.scope import Role, interview_feed
from tests.sync.builders import VILLAGE
from tests.sync.county import County, Laptop

HOUSE, INTERVIEW = "aa" * 16, "cc" * 16
ELSEWHERE = "529921002002"


def push(county: County, laptop: Laptop, *raws: bytes):
    token = laptop.session(county.service)._say_hello().token
    (head,) = county.service.exchange(token, raws, (), 0)
    return [(verdict, reason) for _, verdict, reason in head.verdicts]


def last(laptop: Laptop) -> bytes:
    return laptop.log.own_lacking(Have(0), 10**9)[-1].raw


def test_a_laptop_does_not_speak_for_people_who_never_worked_at_it(county):
    li = county.laptop("ce0001")
    county.laptop("ts0001", Role.TSUP)
    li.put(INTERVIEW, "x", 1, root_type=RootType.INTERVIEW)
    li.sync(county.service)
    step = review_step(li.log.view(INTERVIEW), Kind.APPROVE, Level.TOWNSHIP)
    li.write(step, INTERVIEW, root_type=RootType.INTERVIEW)
    forged = seal(replace(open_sealed(last(li)), actor="ts0001"), li.enrolled.keys.signing)
    assert push(county, li, forged.raw) == [(Verdict.QUARANTINED, "account")]


def test_two_people_of_one_laptop_both_write(county):
    li = county.laptop("ce0001")
    county.service.enrolment.add_account("vs0001", "测试员", Role.VSEC, (VILLAGE,))
    enrol(county.service, li.enrolled.keys, county.service.enrolment.make_code("vs0001"))
    li.log.actor = "vs0001"
    li.put(HOUSE, "x", 1)
    assert li.sync(county.service).admitted == 1


def test_a_used_code_is_worth_nothing_on_another_enrolled_laptop(county):
    li = county.laptop("ce0001")
    boss = county.laptop("ts0001", Role.TSUP)
    code = county.service.enrolment.make_code("ts0001")
    enrol(county.service, boss.enrolled.keys, code)
    with pytest.raises(EnrolmentRefused):
        enrol(county.service, li.enrolled.keys, code)


def test_asking_again_with_an_old_code_does_not_widen_a_narrowed_laptop(county):
    li = county.laptop("ce0001")
    code = county.service.enrolment.make_code("ce0001")
    first = enrol(county.service, li.enrolled.keys, code)
    assert len(first.device.feeds) == 4
    county.service.enrolment.set_feeds(li.log.device, ["county"])
    again = enrol(county.service, li.enrolled.keys, code)
    assert again.device.feeds == ("county",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"village": ELSEWHERE, "portfolio": ""}, "scope"),
        ({"village": "a:b", "portfolio": ""}, "feed"),
        ({"village": VILLAGE, "portfolio": "x:*"}, "feed"),
        ({}, "feed"),
    ],
)
def test_nobody_moves_a_household_where_he_has_no_right(county, body, reason):
    boss = county.laptop("ts0001", Role.TSUP)
    boss.put(HOUSE, "x", 1)
    boss.sync(county.service)
    boss.write(Content(Kind.MOVE, body=body), HOUSE)
    assert [told for _, told in boss.sync(county.service).quarantined] == [reason]


def test_an_interview_moved_without_a_new_person_keeps_its_own_and_nobodys_sync_breaks(county):
    li = county.laptop("ce0001")
    chief = county.laptop("ca0001", Role.CADM, ())
    li.put(INTERVIEW, "x", 1, root_type=RootType.INTERVIEW)
    li.sync(county.service)
    chief.sync(county.service)
    move = Content(Kind.MOVE, body={"village": ELSEWHERE, "portfolio": ""})
    chief.write(move, INTERVIEW, root_type=RootType.INTERVIEW, feed=interview_feed(VILLAGE, "ce0001"))
    assert chief.sync(county.service).admitted == 1
    assert chief.sync(county.service).complete
    assert interview_feed(ELSEWHERE, "ce0001") in chief.log.at


@pytest.mark.parametrize("place", [2, 6])
def test_an_id_of_an_impossible_length_blocks_nothing(county, place):
    li = county.laptop("ce0001")
    li.put(HOUSE, "x", 1)
    good = open_sealed(last(li))
    items = cbor.loads(codec.encode_body(good))
    items[0], items[place] = 2, b"short"
    body = cbor.dumps(items)
    signed = codec._signed_bytes(1, good.county, good.replica, 7, body)
    raw = codec._container(good.county, good.replica, 7, li.enrolled.keys.signing.sign(signed), codec._pack(body))
    assert push(county, li, raw, last(li)) == [(Verdict.ADMITTED, "")]
    assert li.sync(county.service).complete
