from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from fieldapp.errors import DamagedStore, DiskFull, StoreError, WrongKey
from fieldapp.store import facts
from fieldapp.store.database import STORE_FILE, Database, connect
from fieldapp.store.migrating import migrate

SECRET = "周德顺 529900196307150011"


def _write(database: Database, value: str) -> None:
    with database.transaction() as session:
        facts.write_text(session, "probe", value)


def test_neither_file_nor_write_ahead_log_holds_plaintext(database: Database) -> None:
    _write(database, SECRET * 20)
    files = [path for path in database.path.parent.iterdir() if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        content = path.read_bytes()
        assert not content.startswith(b"SQLite format 3\x00")
        for word in SECRET.split():
            assert word.encode("utf-8") not in content
            assert word.encode("utf-16-le") not in content
            assert word.encode("gbk") not in content


def test_the_cipher_is_active_and_every_commit_is_synced(database: Database) -> None:
    with database.reading() as session:
        connection = session.connection()
        assert str(connection.exec_driver_sql("PRAGMA cipher_status").scalar()) == "1"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_the_standard_library_cannot_open_it(database: Database) -> None:
    _write(database, "x")
    connection = sqlite3.connect(database.path)
    with pytest.raises(sqlite3.DatabaseError):
        connection.execute("SELECT count(*) FROM meta").fetchone()
    connection.close()


def test_a_wrong_key_is_told_in_one_sentence(database: Database) -> None:
    _write(database, "x")
    with pytest.raises(WrongKey) as told:
        Database(database.path, secrets.token_bytes(32))
    assert "打不开" in told.value.sentence()


def test_a_key_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongKey):
        connect(tmp_path / STORE_FILE, b"short")


def test_a_plain_database_is_never_taken_for_a_store(tmp_path: Path) -> None:
    plain = sqlite3.connect(tmp_path / STORE_FILE)
    plain.execute("CREATE TABLE meta(k, v)")
    plain.commit()
    plain.close()
    with pytest.raises(WrongKey):
        Database(tmp_path / STORE_FILE, secrets.token_bytes(32))


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    _write(database, "before")

    def half_done() -> None:
        with database.transaction() as session:
            facts.write_text(session, "probe", "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    with database.reading() as session:
        assert facts.read_text(session, "probe") == "before"


def test_a_full_disk_is_told_and_loses_nothing(database: Database) -> None:
    _write(database, "before")
    with database.reading() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar()
    database.fill_at_pages(pages)
    with pytest.raises(DiskFull) as told:
        _write(database, "x" * 200_000)
    assert "硬盘满了" in told.value.sentence()
    with database.reading() as session:
        assert facts.read_text(session, "probe") == "before"


def test_a_flipped_byte_is_found(database: Database, data_key: bytes) -> None:
    _write(database, SECRET * 5000)
    database.close()
    content = bytearray(database.path.read_bytes())
    content[len(content) // 2] ^= 0x10
    database.path.write_bytes(bytes(content))
    again = Database(database.path, data_key)
    try:
        assert again.integrity_problems()
    except DamagedStore:
        pass
    finally:
        again.close()


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    _write(database, "before")
    with database.transaction() as session:
        facts.write_text(session, "probe", "after")
        session.flush()
        with database.reading() as other:
            assert facts.read_text(other, "probe") == "before"


def test_the_repr_and_errors_hold_no_key_and_no_value(database: Database, data_key: bytes) -> None:
    assert data_key.hex() not in repr(database)
    with pytest.raises(StoreError) as told, database.transaction() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:v)"), {"v": SECRET})
    assert SECRET.split()[0] not in repr(told.value)


def test_a_copy_opens_with_the_same_key(database: Database, data_key: bytes, tmp_path: Path) -> None:
    _write(database, SECRET)
    database.copy_to(tmp_path / "copy.db")
    assert SECRET.split()[0].encode() not in (tmp_path / "copy.db").read_bytes()
    copy = Database(tmp_path / "copy.db", data_key)
    with copy.reading() as session:
        assert facts.read_text(session, "probe") == SECRET
    copy.close()


def test_migrating_twice_changes_nothing(database: Database, data_key: bytes) -> None:
    assert migrate(database.path, data_key) is False
