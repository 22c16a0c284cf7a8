"""Whatever comes over the wire is refused or answered, never a fault in the server: fuzzed after the OpenAPI document.

``FIELDAPP_FUZZ=500`` makes so many attempts for each route and credential.
"""

from __future__ import annotations

import base64
import os
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync import cbor
from sync.client.enrolment import enrol, make_laptop_keys
from sync.client.http_server import HttpServer
from sync.frame import MAGIC, EntryKind, entry
from sync.messages import pack_cursors, pack_ids
from sync.protocol import Cursor, Have
from sync.scope import Role, interview_feed, register_feed
from sync.server.running import RunningServer, make_server
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.county import FakeTime, Laptop
from tests.sync.memory_log import MemoryLog

ATTEMPTS = int(os.environ.get("FIELDAPP_FUZZ", "4"))
KEY = bytes(range(32))
HOUSE = "aa" * 16
METHODS = ("get", "post", "put")

plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=20) | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


class Wire:
    """A running county with an enrolled laptop, and the laptop's token."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.address.url, trust_env=False, timeout=60)
        self.county = HttpServer(server.address.url, b"")
        self.laptop = self.enrolled("ce0001")
        self.laptop.put(HOUSE, "x", 1)
        self.raws = [change.raw for change in self.laptop.log.own_lacking(Have(0), 1 << 30)]
        self.token = self.laptop.session(self.county)._say_hello().token
        paths = self.http.get("/openapi.json").json()["paths"]
        self.operations: list[tuple[str, str, dict[str, Any]]] = [
            (path, method, how) for path, item in paths.items() for method, how in item.items() if method in METHODS
        ]

    def enrolled(self, account: str) -> Laptop:
        self.server.service.enrolment.add_account(account, "测试员", Role.ENUM, [VILLAGE])
        keys = make_laptop_keys()
        enrolled = enrol(self.county, keys, self.server.service.enrolment.make_code(account))
        log = MemoryLog(COUNTY, keys.device, keys.replica, keys.signing, account, enrolled.reply.device_certificate)
        return Laptop(account, enrolled, log, FakeTime())

    def close(self) -> None:
        self.http.close()
        self.county.close()


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county")
    make_server(folder / "s", KEY, COUNTY, "样本县")
    with RunningServer(folder / "s", KEY, tls=False) as server:
        wire = Wire(server)
        yield wire
        wire.close()


def _parameter(draw: Any, schema: dict[str, Any]) -> str:
    """A value that the document allows, or nearly."""
    if schema.get("type") == "integer":
        low, high = int(schema.get("minimum", 0)), int(schema.get("maximum", 2**63))
        return str(draw(st.sampled_from([low, high, low - 1, high + 1]) | st.integers(low, high)))
    known = [register_feed(VILLAGE), interview_feed(VILLAGE, "ce0001"), "county", "v:*:r", "../..", "0" * 32]
    return draw(st.sampled_from(known) | st.text(min_size=1, max_size=210))


def _body(draw: Any, wire: Wire) -> bytes:
    """Noise, plain CBOR, or a good message with a byte or more changed, cut or repeated."""
    cursors = pack_cursors([Cursor(register_feed(VILLAGE), "", 0, bytes(16))], 1000)
    frame = b"".join(
        [
            MAGIC,
            entry(EntryKind.HEAD, cursors),
            *(entry(EntryKind.CHANGE, raw) for raw in wire.raws),
            entry(EntryKind.END),
        ]
    )
    good = draw(st.sampled_from([frame, cursors, pack_ids([bytes(16)]), cbor.dumps([1, "a", {}])]))
    match draw(st.integers(0, 4)):
        case 0:
            return draw(st.binary(max_size=300))
        case 1:
            return cbor.dumps(draw(st.lists(plain, max_size=14)))
        case 2:
            return good[: draw(st.integers(0, len(good)))]
        case 3:
            place = draw(st.integers(0, len(good) - 1))
            return good[:place] + draw(st.binary(min_size=1, max_size=3)) + good[place + 1 :]
        case _:
            return good + draw(st.sampled_from([b"", good]))


@pytest.mark.parametrize("credential", ["none", "another's", "own"])
@settings(
    max_examples=ATTEMPTS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    phases=[Phase.generate],
)
@given(data=st.data())
def test_no_request_after_the_document_makes_a_fault_in_the_server(wire, credential, data):
    draw = data.draw
    for path, method, how in wire.operations:
        query: dict[str, str] = {}
        headers: dict[str, str] = {}
        for parameter in how.get("parameters", []):
            if parameter["in"] == "path":
                value = quote(_parameter(draw, parameter["schema"]), safe="")
                path = path.replace("{" + parameter["name"] + "}", value)
            elif parameter["in"] == "query" and draw(st.booleans()):
                query[parameter["name"]] = _parameter(draw, parameter["schema"])
        if credential == "own":
            headers["authorization"] = "Bearer " + base64.urlsafe_b64encode(wire.token).decode()
        elif credential == "another's":
            headers["authorization"] = (
                "Bearer " + base64.urlsafe_b64encode(draw(st.binary(min_size=1, max_size=64))).decode()
            )
        body = _body(draw, wire) if "requestBody" in how else None
        answer = wire.http.request(method, path, params=query, headers=headers, content=body)
        assert answer.status_code < 500, (method, path, query, answer.status_code, answer.content[:200])


def test_the_laptop_works_after_all_that(wire):
    assert wire.laptop.sync(wire.county).complete


def test_a_narrowed_laptop_is_given_no_byte_outside_its_feeds(wire):
    """Over the wire, by every route that gives feeds: the other's answers, their ids and the ends of their feeds."""
    li, wang = wire.enrolled("ce0011"), wire.enrolled("ce0012")
    li.put("dd" * 16, "q", "机密的回答", root_type="interview")
    li.put("ee" * 16, "hh_head_name", "欧阳测试名")
    assert li.sync(wire.county).complete
    wang.sync(wire.county)
    assert "ee" * 16 in wang.log.roots()
    wire.server.service.enrolment.set_feeds(wang.log.device, ["county"])
    answers = []
    headers = {
        "authorization": "Bearer " + base64.urlsafe_b64encode(wang.session(wire.county)._say_hello().token).decode()
    }
    for feed in (register_feed(VILLAGE), interview_feed(VILLAGE, "ce0011")):
        frame = b"".join(
            [MAGIC, entry(EntryKind.HEAD, pack_cursors([Cursor(feed, "", 0, bytes(16))], 10**6)), entry(EntryKind.END)]
        )
        answers.append(wire.http.post("/v1/x", content=frame, headers=headers))
        answers.append(wire.http.get(f"/v1/feed/{quote(feed, safe='')}", headers=headers))
        answers.append(
            wire.http.get(f"/v1/digest/{quote(feed, safe='')}", params={"from": 1, "to": 100}, headers=headers)
        )
    assert [answer.status_code for answer in answers] == [200, 400, 400] * 2
    ids = [i for i, kept in li.log.kept.items() if kept.own]
    for answer in answers:
        assert not any(change_id in answer.content for change_id in ids)
        assert b"ce0011" not in answer.content
    wang.sync(wire.county)
    assert all(kept.change.feed == "county" for kept in wang.log.kept.values())
