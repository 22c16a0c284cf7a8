from __future__ import annotations

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import change_id_of, loosened, seal, tightened, verify, words
from sync.errors import BadBytes, TooBig
from sync.frame import MAGIC, EntryKind, FrameReader, entry
from sync.packing import packed_frame, to_send, unpacked_pieces
from tests.sync.builders import KEY, A, interview, put

RAWS = [seal(put(A, seq, "3000", (A, seq + 100), field=f"q{seq}"), KEY).raw for seq in range(1, 31)]
ENTRIES = [MAGIC, *(entry(EntryKind.CHANGE, to_send(raw)) for raw in RAWS), entry(EntryKind.END)]


def _entries_of(data: bytes, size: int) -> list[bytes]:
    reader = FrameReader()
    found = []
    for piece in unpacked_pieces(data[i : i + size] for i in range(0, len(data), size)):
        found += [tightened(payload) for _, payload in reader.take(piece)]
    return found


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_changes_in_a_stream_come_out_as_they_were(size):
    data = packed_frame(ENTRIES)
    assert _entries_of(data, size) == RAWS
    assert len(data) < sum(map(len, RAWS)) * 0.65


@given(st.integers(0, 29))
def test_of_a_stream_that_is_cut_every_whole_change_is_read(whole):
    """Prefix-durable, as a frame that is not packed (sync.md 3.7)."""
    cut = len(packed_frame(ENTRIES[: whole + 1])) - 3  # without the end of the stream
    assert _entries_of(packed_frame(ENTRIES)[:cut], 4096) == RAWS[:whole]


def test_a_change_keeps_its_name_and_signature_loose_or_tight():
    raw = seal(interview()[0], KEY).raw
    assert tightened(loosened(raw)) == raw
    assert change_id_of(loosened(raw)) == change_id_of(raw)
    verify(loosened(raw), KEY.public_key())
    assert tightened(b"noise") == b"noise"


@pytest.mark.parametrize("data", [b"noise", packed_frame(ENTRIES)[4:]])
def test_noise_does_not_unpack(data):
    with pytest.raises(BadBytes):
        list(unpacked_pieces([data]))


def test_a_bomb_stops():
    bomb = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters.from_level(3, window_log=18), dict_data=words()
    ).compressobj()
    data = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(80)) + bomb.flush()
    assert len(data) < 100_000
    with pytest.raises(TooBig):
        max(len(piece) for piece in unpacked_pieces([data]))
    assert len(next(unpacked_pieces([data]))) <= 64 * 1024
