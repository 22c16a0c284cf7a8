from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sync import cbor
from sync.change import DeletedRow, Kind, NewRow, Write
from sync.codec import (
    LARGEST_BODY,
    change_id_of,
    dictionary_of,
    encode_body,
    needs_dictionary,
    open_sealed,
    peek,
    repacked,
    seal,
    unpacked_with,
    verify,
)
from sync.dictionary import dictionary_1
from sync.errors import BadBytes, BadSignature, NewerProgram, TooBig
from sync.ids import row_id
from tests.sync.builders import COUNTY, KEY, A, B, change, history, interview, put

VECTORS = Path(__file__).parent / "vectors"


def _once(items, key):
    return tuple({key(item): item for item in items}.values())


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=12) | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
dots = st.tuples(st.binary(min_size=8, max_size=8), st.integers(1, 2**40))
names = st.sampled_from(["aa" * 16, "zz", row_id(A, 0), row_id(A, 3)])
row_paths = st.tuples(names) | st.tuples(names, names)
paths = st.just(()) | row_paths
writes = st.builds(Write, paths, st.text(max_size=12), plain, st.lists(dots, max_size=3).map(tuple))
added = st.builds(NewRow, st.text(max_size=6), row_paths, st.text(max_size=4))
deleted = st.builds(DeletedRow, row_paths, st.text(max_size=6), st.lists(dots, max_size=3).map(tuple))
changes = st.builds(
    change,
    seq=st.integers(1, 2**40),
    kind=st.sampled_from([*Kind, "a kind of the year 2031"]),
    hlc=st.integers(0, 2**64 - 1),
    tz_min=st.integers(-720, 840),
    actor=st.text(max_size=20),
    root=st.sampled_from(["018bcfe5680071d49300aadcf0701880", "hh-1", "F" * 32]),
    form_version=st.text(max_size=8),
    writes=st.lists(writes, max_size=8).map(lambda w: _once(w, lambda one: (one.row, one.field))),
    new_rows=st.lists(added, max_size=3).map(lambda r: _once(r, lambda one: one.row)),
    deleted_rows=st.lists(deleted, max_size=2).map(lambda r: _once(r, lambda one: one.row)),
    body=st.dictionaries(st.text(max_size=6), plain, max_size=3),
    ext=st.dictionaries(st.text(max_size=6), plain, max_size=3),
)


@given(changes)
def test_a_change_comes_back_as_it_was_sealed(made):
    sealed = seal(made, KEY)
    assert open_sealed(sealed.raw) == made
    assert encode_body(open_sealed(sealed.raw)) == encode_body(made)
    assert change_id_of(sealed.raw) == sealed.change_id
    verify(sealed.raw, KEY.public_key())


def test_an_interview_of_300_answers_takes_at_most_750_bytes():
    made, _ = interview()
    assert len(made.writes) == 300
    assert len(seal(made, KEY).raw) <= 750


def test_an_interview_of_a_form_that_nobody_knew_takes_at_most_1500_bytes():
    made, _ = interview()
    words = ("crop", "wage", "gift", "house", "water", "food", "edu", "medic", "loan", "land", "asset", "work")
    writes = [
        replace(write, field=f"s{n // 12}/{words[n // 12 % 12]}_{words[n % 12]}") for n, write in enumerate(made.writes)
    ]
    assert len(seal(replace(made, writes=tuple(writes)), KEY).raw) <= 1500


def test_an_edit_of_three_answers_takes_at_most_300_bytes():
    made, fields = interview()
    edit = change(
        B, 1234, root=made.root, root_type="interview", feed=made.feed, form_version=made.form_version, hlc=made.hlc,
        writes=tuple(Write((), field, "3000.50", ((A, 1),)) for field in fields[20:23]),
    )  # fmt: skip
    assert len(seal(edit, KEY).raw) <= 300


def test_ids_of_new_rows_are_not_sent():
    made, _ = interview()
    body = encode_body(made)
    assert all(bytes.fromhex(new.row[-1]) not in body for new in made.new_rows)


def test_a_dictionary_shrinks_the_wire_and_leaves_name_and_signature():
    made, fields = interview()
    sealed = seal(made, KEY)
    dictionary = dictionary_of(fields)
    small = repacked(sealed.raw, dictionary)
    assert len(small) < len(sealed.raw)
    assert needs_dictionary(small)
    assert not needs_dictionary(sealed.raw)
    assert unpacked_with(small, dictionary) == sealed.raw
    with pytest.raises(BadBytes):
        open_sealed(small)


def test_a_kind_and_fields_of_a_newer_program_are_kept_verbatim():
    made = change(kind="#77", ext={"weather": ["rain", 3]}, body={"x": {"y": None}})
    assert open_sealed(seal(made, KEY).raw) == made


def test_a_newer_codec_version_is_filed_but_not_read():
    raw = seal(change(version=9), KEY).raw
    assert peek(raw).root == change().root
    assert peek(raw).version == 9
    with pytest.raises(NewerProgram):
        open_sealed(raw)


def test_a_signature_of_another_key_is_refused():
    raw = seal(change(), Ed25519PrivateKey.from_private_bytes(bytes(32))).raw
    with pytest.raises(BadSignature):
        verify(raw, KEY.public_key())


def test_a_change_moved_to_another_place_does_not_verify():
    raw = bytearray(seal(change(A, 1), KEY).raw)
    raw[2:10] = B
    with pytest.raises(BadSignature):
        verify(bytes(raw), KEY.public_key())


def test_a_flipped_bit_is_noticed_or_changes_nothing():
    """Packed bytes may be spelt in two ways (a match at another place of the dictionary); the signed ones may not."""
    sealed = seal(put(A, 1, "1"), KEY)
    for place in range(len(sealed.raw)):
        for bit in (0, 7):
            broken = bytearray(sealed.raw)
            broken[place] ^= 1 << bit
            try:
                verify(bytes(broken), KEY.public_key())
            except (BadBytes, BadSignature, TooBig, NewerProgram):
                continue
            assert change_id_of(bytes(broken)) == sealed.change_id


def test_every_cut_of_a_change_is_refused():
    raw = seal(put(A, 1, "1"), KEY).raw
    for length in range(len(raw)):
        with pytest.raises((BadBytes, BadSignature)):
            verify(raw[:length], KEY.public_key())


@given(st.binary(max_size=300))
def test_noise_is_refused_and_never_crashes(noise):
    for attempt in (noise, b"\x01\x01" + A + b"\x01\x06529921" + bytes(64) + b"\x00" + noise):
        with pytest.raises((BadBytes, TooBig, NewerProgram)):
            open_sealed(attempt)


def test_a_zip_bomb_is_not_unpacked():
    bomb = zstandard.ZstdCompressor(level=3).compress(bytes(LARGEST_BODY + 1))
    with pytest.raises(TooBig):
        open_sealed(b"\x01\x01" + A + b"\x01\x06529921" + bytes(64) + b"\x01" + bomb)


def test_one_change_writes_a_cell_once():
    twice = change(writes=(Write((), "x", 1), Write((), "x", 2)))
    with pytest.raises(ValueError, match="once"):
        seal(twice, KEY)


@pytest.mark.parametrize("tag", [0, 1, 2, 28, 29, 35, 37, 258, 55799])
def test_cbor_tags_are_refused(tag):
    import cbor2

    with pytest.raises(BadBytes):
        cbor.loads(cbor2.dumps(cbor2.CBORTag(tag, "2020-01-01T00:00:00Z")))


@pytest.mark.parametrize("value", [1.5, float("nan"), {1: 2}, {"a": object()}, 2**64])
def test_what_is_not_plain_data_cannot_be_signed(value):
    with pytest.raises(TypeError):
        cbor.dumps(value)


def test_golden_vectors_stay_readable_for_ever():
    """The files are never rewritten: laptops asleep for years hold such bytes."""
    listed = json.loads((VECTORS / "v1.json").read_text(encoding="utf-8"))
    made = {**dict(enumerate(history(5))), "interview": interview()[0], "newer": change(kind="#77", ext={"a": [1]})}
    for name, one in made.items():
        kept = listed[str(name)]
        raw = bytes.fromhex(kept["raw"])
        assert open_sealed(raw) == one
        assert encode_body(one).hex() == kept["body"]
        assert change_id_of(raw).hex() == kept["change_id"]
        verify(raw, KEY.public_key())
        assert peek(raw).county == COUNTY


def test_same_content_under_another_county_has_another_name():
    assert seal(change(), KEY).change_id != seal(replace(change(), county="529922"), KEY).change_id


def test_the_built_in_dictionary_never_changes():
    digest = hashlib.sha256(dictionary_1()).hexdigest()
    assert digest == "8b795e7b6d85e2cacf175afbd2a29cb520eae85bfc01afe593bb63d5475db2a2"


def test_changes_without_the_built_in_dictionary_are_read_too():
    made, _ = interview()
    body = encode_body(made)
    sealed = seal(made, KEY).raw
    head = sealed[: sealed.index(COUNTY.encode()) + len(COUNTY) + 64]
    for packed in (b"\x00" + body, b"\x01" + zstandard.ZstdCompressor().compress(body)):
        assert open_sealed(head + packed) == made
        verify(head + packed, KEY.public_key())
