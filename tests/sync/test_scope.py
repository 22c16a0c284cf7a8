from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.change import Kind, RootType
from sync.errors import BadBytes, CertificateRefused
from sync.scope import (
    DeviceCertificate,
    Role,
    UserCertificate,
    covers,
    draw_feed,
    feed_of,
    feeds_of_role,
    issue,
    may_write,
    parse_feed,
    read_device_certificate,
    read_user_certificate,
)
from tests.sync.builders import COUNTY, KEY, VILLAGE

DEVICE = DeviceCertificate(COUNTY, "ab" * 16, "ce0001", Role.ENUM, ("county",), bytes(32), bytes(32), 1000, 2000)


def test_a_certificate_is_read_back_with_the_county_key():
    user = UserCertificate(COUNTY, "ce0001", "测试员", Role.ENUM, ("county",), (VILLAGE,), 0, 9)
    assert read_device_certificate(issue(DEVICE, KEY), KEY.public_key(), now_ms=1500) == DEVICE
    assert read_user_certificate(issue(user, KEY), KEY.public_key()) == user


def test_a_certificate_of_another_county_key_is_refused():
    forged = issue(DEVICE, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(CertificateRefused):
        read_device_certificate(forged, KEY.public_key())


@pytest.mark.parametrize("now_ms", [999, 2001])
def test_a_certificate_counts_only_in_its_time(now_ms):
    with pytest.raises(CertificateRefused):
        read_device_certificate(issue(DEVICE, KEY), KEY.public_key(), now_ms=now_ms)


def test_a_certificate_of_one_kind_is_not_taken_for_the_other():
    with pytest.raises(CertificateRefused):
        read_user_certificate(issue(DEVICE, KEY), KEY.public_key())


@pytest.mark.parametrize("damaged", [b"", b"\x80", b"\x82\x40\x40", issue(replace(DEVICE), KEY)[:-1]])
def test_a_damaged_certificate_is_refused(damaged):
    with pytest.raises(CertificateRefused):
        read_device_certificate(damaged, KEY.public_key())


@pytest.mark.parametrize(
    ("role", "held"),
    [
        (Role.ENUM, {"county", f"v:{VILLAGE}:r", f"v:{VILLAGE}:q:ce0001", f"v:{VILLAGE}:s:ce0001"}),
        (Role.VSEC, {"county", f"v:{VILLAGE}:r", f"v:{VILLAGE}:l"}),
        (Role.ASST, {"county", f"v:{VILLAGE}:r"}),
    ],
)
def test_posts_hold_their_feeds_and_no_other(role, held):
    granted = feeds_of_role(role, [VILLAGE], "ce0001")
    every = {
        "county",
        *(f"v:{v}:{p}" for v in (VILLAGE, "529921002001") for p in ("r", "l", "q:ce0001", "q:ce0002", "s:ce0001")),
    }
    assert {feed for feed in every | held if covers(granted, feed)} == held


def test_a_supervisor_holds_all_of_the_own_villages_and_nothing_of_a_neighbour_with_a_longer_code():
    granted = feeds_of_role(Role.TSUP, [VILLAGE])
    assert covers(granted, f"v:{VILLAGE}:q:ce0002")
    assert not covers(granted, f"v:{VILLAGE}9:q:ce0002")


@pytest.mark.parametrize(
    ("feed", "root_type", "sensitive"),
    [
        (f"v:{VILLAGE}:r", RootType.HOUSEHOLD, None),
        (f"v:{VILLAGE}:s:ce0001", RootType.HOUSEHOLD, "identity"),
        (f"v:{VILLAGE}:q:ce0001", RootType.INTERVIEW, None),
        (f"v:{VILLAGE}:s:ce0001", RootType.INTERVIEW, "money"),
        (f"v:{VILLAGE}:l", RootType.LEAD, None),
        ("county", RootType.FORM_PACK, None),
    ],
)
def test_a_cell_travels_in_the_feed_of_its_class(feed, root_type, sensitive):
    assert feed_of(root_type, VILLAGE, "ce0001", sensitive) == feed
    assert str(parse_feed(feed)) == feed


@pytest.mark.parametrize("feed", ["", "v:x", "v::r", "v:x:q", "v:x:q:", "v:*:r", "w:x:r", "county:x", "v:x:r:y"])
def test_what_is_no_feed_is_refused(feed):
    with pytest.raises(BadBytes):
        parse_feed(feed)


@pytest.mark.parametrize(
    ("role", "root_type", "kind", "allowed"),
    [
        (Role.ENUM, RootType.INTERVIEW, Kind.EDIT, True),
        (Role.ENUM, RootType.INTERVIEW, Kind.APPROVE, False),
        (Role.VSEC, RootType.INTERVIEW, Kind.EDIT, False),
        (Role.TSUP, RootType.INTERVIEW, Kind.EDIT, False),
        (Role.TSUP, RootType.INTERVIEW, Kind.RETURN, True),
        (Role.TSUP, RootType.INTERVIEW, Kind.LOCK, False),
        (Role.CADM, RootType.INTERVIEW, Kind.LOCK, True),
        (Role.ENUM, RootType.CONTROL, Kind.EDIT, False),
        (Role.AUDR, RootType.HOUSEHOLD, Kind.NOTE, False),
        (Role.ENUM, RootType.INTERVIEW, "#77", True),
        (Role.VSEC, RootType.INTERVIEW, "#77", False),
    ],
)
def test_posts_write_what_people_and_process_lets_them(role, root_type, kind, allowed):
    assert may_write(role, root_type, kind) is allowed


def test_every_post_of_the_code_list_has_its_name():
    assert [role.value for role in Role] == ["ENUM", "ASST", "VSEC", "TSUP", "CADM", "CQC", "CMON", "AUDR"]
    assert all(role.zh for role in Role)


def test_no_village_certificate_reaches_the_samples_drawn():
    feed = draw_feed("529921")
    assert parse_feed(feed).part == "d"
    for role in (Role.ENUM, Role.ASST, Role.VSEC, Role.TSUP, Role.CMON, Role.CQC, Role.AUDR):
        granted = feeds_of_role(role, [VILLAGE, "529921002001"], "ce0001")
        assert not covers(granted, feed), role
        assert not may_write(role, RootType.DRAW, Kind.EDIT), role
    assert covers(feeds_of_role(Role.CADM, []), feed)
    assert may_write(Role.CADM, RootType.DRAW, Kind.EDIT)
    assert feed_of(RootType.DRAW, "529921", "") == feed
