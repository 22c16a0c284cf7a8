from __future__ import annotations

import random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync.bundle import CHUNK, BundleHeader, BundleReader, seal_bundle
from sync.codec import seal
from sync.errors import BadBytes, BadSignature, NewerProgram, NotForUs, NotYourCounty
from sync.frame import EntryKind, FrameReader, changes_in, frame_of_changes
from tests.sync.builders import COUNTY, KEY, A, put

OURS, RELAY, STRANGER = (X25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
HEADER = BundleHeader(b"b" * 16, COUNTY, "laptop", "county", 1000, {"replica": A})


def bundle(pieces, *recipients, header=HEADER):
    keys = [one.public_key() for one in recipients or (OURS,)]
    return b"".join(seal_bundle(header, pieces, keys, KEY, random.Random(1).randbytes))


def opened(data, key=OURS, step=1000):
    reader = BundleReader(key)
    plain = b"".join(b"".join(reader.take(data[i : i + step])) for i in range(0, len(data), step))
    return reader, plain


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_bundle_opens_for_every_recipient_and_says_who_sealed_it(size):
    content = random.Random(size).randbytes(size)
    sealed = bundle([content[:10], content[10:]], OURS, RELAY)
    for key in (OURS, RELAY):
        reader, plain = opened(sealed, key, step=7777)
        assert plain == content
        assert reader.complete
        reader.check_sender(KEY.public_key())
        assert (reader.header.county, reader.header.facts) == (COUNTY, {"replica": A})


def test_a_bundle_for_others_stays_shut_but_its_header_can_be_read():
    sealed = bundle([b"x"])
    with pytest.raises(NotForUs):
        opened(sealed, STRANGER)
    reader, plain = opened(sealed, None)
    assert (reader.header.receiver, plain) == ("county", b"")


def test_a_bundle_sealed_by_another_hand_is_noticed():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    reader, _ = opened(bundle([b"x"]))
    with pytest.raises(BadSignature):
        reader.check_sender(Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key())


def test_what_stands_before_a_cut_is_good_and_the_cut_is_noticed():
    changes = [seal(put(A, n + 1, "x" * 3000 + str(n)), KEY).raw for n in range(60)]
    noise = random.Random(1)
    content = [piece + b"" for piece in frame_of_changes(changes)]
    content.insert(1, b"".join([]))
    sealed = bundle(content)
    for cut in sorted(noise.sample(range(len(sealed)), 40)):
        reader = BundleReader(OURS)
        frame = FrameReader()
        found = [p for plain in reader.take(sealed[:cut]) for kind, p in frame.take(plain) if kind == EntryKind.CHANGE]
        assert found == changes[: len(found)]
        assert not reader.complete


def test_chunks_cannot_be_reordered_or_left_out():
    content = random.Random(1).randbytes(3 * CHUNK)
    sealed = bundle([content])
    start = len(sealed) - 3 * (CHUNK + 20)
    head, chunks = sealed[:start], [sealed[start + i * (CHUNK + 20) : start + (i + 1) * (CHUNK + 20)] for i in range(3)]
    for wrong in ([1, 0, 2], [0, 2], [1, 2], [0, 0, 1, 2]):
        with pytest.raises(BadBytes):
            opened(head + b"".join(chunks[i] for i in wrong))


def test_any_flipped_byte_is_noticed():
    sealed = bundle([b"some content"])
    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        try:
            reader, plain = opened(bytes(broken))
            reader.check_sender(KEY.public_key())
            whole = reader.complete and plain == b"some content"
        except (BadBytes, BadSignature, NotForUs, NewerProgram):
            whole = False
        assert not whole


@pytest.mark.parametrize(
    "noise", [b"", b"F", b"FSB1", b"FSB1\x01\x80", b"FSB1\xff\xff\xff\xff\x0f", b"FSB1\x05hello", b"nonsense"]
)
def test_noise_is_refused_or_waits_for_more(noise):
    try:
        reader, plain = opened(noise)
    except BadBytes:
        return
    assert (reader.header, plain, reader.complete) == (None, b"", False)


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_frame_cut_at_any_byte_gives_its_complete_entries(step):
    changes = [seal(put(A, n + 1, n), KEY).raw for n in range(5)]
    frame = b"".join(frame_of_changes(changes))
    ends = [len(b"".join(frame_of_changes(changes[:n]))) - 2 for n in range(6)]
    for cut in range(len(frame)):
        reader = FrameReader()
        found = [p for i in range(0, cut, step) for _, p in reader.take(frame[i : min(i + step, cut)])]
        assert found == changes[: sum(end <= cut for end in ends[1:])]
        assert not reader.complete
    assert list(changes_in([frame])) == changes


def test_an_entry_kind_of_a_newer_program_is_skipped():
    raw = seal(put(A, 1, 1), KEY).raw
    pieces = list(frame_of_changes([raw]))
    assert list(changes_in([pieces[0], b"\x03\x63zz", *pieces[1:]])) == [raw]


def test_a_stick_of_another_county_is_refused_by_name_even_without_a_key():
    reader, _ = opened(bundle([b"x"]), None)
    reader.check_county(COUNTY)
    with pytest.raises(NotYourCounty) as caught:
        reader.check_county("529922")
    assert COUNTY in caught.value.sentence()
