"""The scan for secrets finds what it must, or its silence would prove nothing."""

from __future__ import annotations

import base64
import sqlite3
import zlib

import pytest
import zstandard

from tests.journeys.plaintext_scan import find_secrets

SECRET = "周德顺秘密"


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("gbk"),
        lambda text: zstandard.compress(b"x" * 200 + text.encode()),
        lambda text: b"junk" + zlib.compress(text.encode("utf-16-be")),
        lambda text: b"<" + base64.b64encode(text.encode() * 3) + b">",
        lambda text: (text * 2).encode().hex().encode(),
        lambda text: base64.b64encode(zstandard.compress(text.encode() * 5)),
    ],
)
def test_a_secret_is_found_through_every_disguise(tmp_path, disguise):
    (tmp_path / "file.bin").write_bytes(b"\0" * 50 + disguise(SECRET) + b"\0" * 50)
    assert find_secrets(tmp_path, [SECRET, "不在这里"]) == {SECRET: {"file.bin"}}


def test_a_value_torn_across_database_pages_is_found(tmp_path):
    connection = sqlite3.connect(tmp_path / "plain.db")
    connection.execute("CREATE TABLE t (body BLOB)")
    noise = bytes(range(256)) * 60
    connection.execute("INSERT INTO t VALUES (?)", (zstandard.compress(noise + SECRET.encode() + noise, level=1),))
    connection.commit()
    connection.close()
    assert SECRET in find_secrets(tmp_path, [SECRET])
