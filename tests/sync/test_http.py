"""The real wire: two laptops, one county server on loopback with TLS and an encrypted database file."""

from __future__ import annotations

import contextlib
import socket
from unittest.mock import Mock

import pytest
import sqlcipher3.dbapi2
from sqlalchemy.exc import OperationalError

from sync.client.enrolment import enrol, make_laptop_keys
from sync.client.http_server import HttpServer, fetch_certificate
from sync.errors import EnrolmentRefused, NotRecognised, ServerBusy, ServerNotOurs, ServerUnreachable
from sync.messages import pack_cursors
from sync.records import take_value
from sync.scope import Role
from sync.server.running import RunningServer, make_server
from sync.server.tls import make_tls
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.county import FakeTime, Laptop
from tests.sync.cutting_proxy import CuttingProxy
from tests.sync.memory_log import MemoryLog

KEY = bytes(range(32))
HOUSE = "aa" * 16


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("县 服务器")
    make_server(folder, KEY, COUNTY, "样本县")
    with RunningServer(folder, KEY) as server:
        yield server


@pytest.fixture
def wire(running):
    pem = fetch_certificate(running.address.url, running.address.fingerprint)
    with HttpServer(running.address.url, pem) as wire:
        yield wire


def _laptop(running, wire, account, role=Role.ENUM) -> Laptop:
    running.service.enrolment.add_account(account, "测试员", role, [VILLAGE])
    keys = make_laptop_keys()
    enrolled = enrol(wire, keys, running.service.enrolment.make_code(account), "laptop")
    log = MemoryLog(COUNTY, keys.device, keys.replica, keys.signing, account, enrolled.reply.device_certificate)
    return Laptop(account, enrolled, log, FakeTime())


def test_two_laptops_make_a_conflict_over_the_wire_and_a_third_settles_it(running, wire):
    li, sec = _laptop(running, wire, "ce0001"), _laptop(running, wire, "vs0001", Role.VSEC)
    boss = _laptop(running, wire, "ts0001", Role.TSUP)
    everyone = (li, sec, boss) * 2
    li.put(HOUSE, "hh_count", 4)
    for one in everyone:
        one.sync(wire)
    li.put(HOUSE, "hh_count", 5)
    sec.put(HOUSE, "hh_count", 6)
    for one in everyone:
        one.sync(wire)
    assert len(boss.log.view(HOUSE).conflicts) == 1
    boss.write(take_value(boss.log.view(HOUSE).cells[(), "hh_count"], (), "hh_count", 6, "电话核实"), HOUSE)
    for one in everyone:
        one.sync(wire)
    assert [one.log.view(HOUSE).value("hh_count") for one in (li, sec, boss)] == [6, 6, 6]
    assert len({one.log.state(HOUSE).digest for one in (li, sec, boss)}) == 1


def test_nothing_to_do_costs_one_request_and_less_than_a_kilobyte(running, wire):
    li = _laptop(running, wire, "ce0011")
    li.put(HOUSE, "x", 1)
    li.sync(wire)
    requests, bodies = wire.requests, wire.sent + wire.received
    assert li.sync(wire).complete
    assert wire.requests - requests == 1
    assert wire.sent + wire.received - bodies < 700  # headers of both ways stay below 300


def test_a_code_works_once_but_again_for_the_same_laptop(running, wire):
    running.service.enrolment.add_account("ce0021", "测试员", Role.ENUM, [VILLAGE])
    code = running.service.enrolment.make_code("ce0021")
    keys = make_laptop_keys()
    first = enrol(wire, keys, code.lower())
    assert enrol(wire, keys, code).device.device == first.device.device
    with pytest.raises(EnrolmentRefused):
        enrol(wire, make_laptop_keys(), code)
    with pytest.raises(EnrolmentRefused):
        enrol(wire, make_laptop_keys(), "AAAA-BBBB-CCCC")


def test_a_second_person_on_a_laptop_widens_its_feeds(running, wire):
    for account, role in (("vs0031", Role.VSEC), ("ce0031", Role.ENUM)):
        running.service.enrolment.add_account(account, "测试员", role, [VILLAGE])
    keys = make_laptop_keys()
    enrol(wire, keys, running.service.enrolment.make_code("vs0031"))
    both = enrol(wire, keys, running.service.enrolment.make_code("ce0031"))
    assert {f"v:{VILLAGE}:l", f"v:{VILLAGE}:q:ce0031"} <= set(both.device.feeds)
    assert both.user.account == "ce0031"


def test_another_fingerprint_is_not_our_server(running):
    with pytest.raises(ServerNotOurs):
        fetch_certificate(running.address.url, "00" * 32)


def test_a_server_with_another_certificate_hears_nothing(running):
    other, _ = make_tls(COUNTY, ["127.0.0.1"])
    with HttpServer(running.address.url, other) as wire, pytest.raises(ServerNotOurs):
        enrol(wire, make_laptop_keys(), "AAAA-BBBB-CCCC")
    assert wire.received == 0


def test_plain_http_is_spoken_to_this_machine_only():
    with pytest.raises(ServerNotOurs):
        HttpServer("http://county.example:8000", b"")


def test_no_server_gives_one_sentence_and_keeps_the_work(running, wire):
    li = _laptop(running, wire, "ce0041")
    li.put(HOUSE, "x", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with HttpServer(url, b"") as nobody, pytest.raises(ServerUnreachable) as caught:
            li.sync(nobody)
    assert "数据都在本机" in caught.value.sentence()
    assert li.sync(wire).sent == 1


def test_a_database_that_is_away_means_come_back_later(running, wire, monkeypatch):
    li = _laptop(running, wire, "ce0051")
    li.put(HOUSE, "x", 1)
    away = OperationalError("select", {}, sqlcipher3.dbapi2.OperationalError("disk I/O error"))
    with monkeypatch.context() as patch:
        patch.setattr(running.service.database.engine, "connect", Mock(side_effect=away))
        with pytest.raises(ServerBusy):
            list(wire.exchange(li.session(wire)._say_hello().token, [], (), 0))
    assert li.sync(wire).sent == 1


def test_a_token_that_is_not_ours_is_refused(wire):
    with pytest.raises(NotRecognised):
        list(wire.exchange(bytes(48), [], (), 0))


@pytest.mark.parametrize("path", ["/v1/hello", "/v1/enrol", "/v1/x", "/v1/offer"])
@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"\xff" * 100, b"FSF1", b"FSF1\x02\x02\x80\x01\x0f", pack_cursors((), 1)]
)
def test_noise_gets_a_refusal_and_no_fault(wire, path, body):
    answer = wire._client.post(path, content=body, headers={"authorization": "Bearer AAAA"})
    assert answer.status_code in (400, 401, 403, 413)


@pytest.mark.parametrize(("up", "down"), [(4000, 100_000), (100_000, 2500), (6000, 3500)])
def test_a_line_that_is_cut_again_and_again_completes(tmp_path, up, down):
    make_server(tmp_path / "s", KEY, COUNTY, "样本县")
    with RunningServer(tmp_path / "s", KEY, tls=False) as server, HttpServer(server.address.url, b"") as wire:
        li, wang = _laptop(server, wire, "ce0001"), _laptop(server, wire, "ce0002")
        for number in range(40):
            li.put(HOUSE, f"field_{number}", f"value {number} " + "甲乙丙丁" * 20)
        with CuttingProxy(int(server.address.url.rsplit(":", 1)[1]), up, down) as proxy:
            for one in (li, wang):
                _until_complete(one, f"http://127.0.0.1:{proxy.port}")
        assert wang.log.state(HOUSE).digest == li.log.state(HOUSE).digest
        assert len(wang.log.view(HOUSE).cells) == 40


def _until_complete(laptop: Laptop, url: str) -> None:
    for _ in range(60):
        with HttpServer(url, b"") as broken, contextlib.suppress(ServerUnreachable):
            if laptop.sync(broken).complete:
                return
    pytest.fail("never completed")
