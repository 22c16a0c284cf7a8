"""Stores of every released version are kept for ever and opened by the newest code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlmodel import select

from fieldapp.errors import NewerStore
from fieldapp.store import drafts, root_states
from fieldapp.store.database import Database, connect
from fieldapp.store.migrating import _connection, migrate
from fieldapp.store.tables import ChangeRow, HouseholdRow

RELEASED = Path(__file__).parents[1] / "data" / "databases"
KEY = bytes.fromhex("5a" * 32)  # of the kept files alone; no real store has it


@pytest.mark.parametrize("name", sorted(path.name for path in RELEASED.glob("v*.db")))
def test_a_store_of_a_released_version_opens_with_all_its_work(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    shutil.copy(RELEASED / name, path)
    migrate(path, KEY)
    base = Database(path, KEY)
    try:
        with base.transaction() as session:
            assert root_states.rebuild_all(session) == 1
        with base.reading() as session:
            assert [row.head_name for row in session.exec(select(HouseholdRow))] == ["周德顺"]
            assert len(session.exec(select(ChangeRow)).all()) == 2
            assert [op.value for op in drafts.ops_of(session, "r" * 32)] == ["16900003333"]
        assert base.integrity_problems() == []
    finally:
        base.close()


def test_a_store_of_a_newer_program_is_left_alone(database: Database, data_key: bytes) -> None:
    raw = connect(database.path, data_key)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(NewerStore):
        migrate(database.path, data_key)


def test_recreating_a_parent_table_keeps_its_children(database: Database, data_key: bytes) -> None:
    with database.transaction() as session:
        from tests.store.test_changes import _draft

        _draft(session, drafts.Op("set", "hh_phone", (), "1"))
    database.close()
    with _connection(database.path, data_key) as connection, connection.begin():
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("draft", recreate="always") as batch:
            batch.add_column(sa.Column("remark", sa.String(), server_default=""))
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
        assert connection.exec_driver_sql("SELECT count(*) FROM draft_op").scalar() == 1
