"""A county database of an older program is brought to the present tables; a newer one is refused."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from sync.scope import Role
from sync.server import schema, tables
from sync.server.cli import main
from sync.server.database import open_sqlite
from sync.server.errors import NewerServer
from sync.server.running import DATABASE_NAME, make_server, open_server
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.county import County

KEY = bytes(range(32))


def shape(database):
    """Tables with their columns, kinds, keys and blanks."""
    look = inspect(database.engine)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
            look.get_pk_constraint(name)["constrained_columns"],
        )
        for name in look.get_table_names()
    }


def age(database, number=1):
    """Takes a database back to what a program of an earlier number left."""
    with database.transaction() as connection:
        for table in (tables.file, tables.file_piece):
            table.drop(connection)
        if number == 1:
            tables.schema_version.drop(connection)


def test_the_steps_lead_to_the_tables_of_a_new_database(anywhere):
    fresh = shape(anywhere.service.database)
    age(anywhere.service.database)
    anywhere.service.database.create_tables()
    assert shape(anywhere.service.database) == fresh
    anywhere.service.database.create_tables()
    with anywhere.service.database.reading() as connection:
        assert connection.execute(select(tables.schema_version.c.number)).scalars().all() == [len(schema.STEPS)]


def test_an_older_server_opens_with_all_its_work_and_is_copied_first(tmp_path: Path):
    make_server(tmp_path, KEY, COUNTY, "样本县")
    with open_server(tmp_path, KEY) as service:
        service.enrolment.add_account("ce0001", "测试员", Role.ENUM, [VILLAGE])
    with contextlib.closing(open_sqlite(tmp_path / DATABASE_NAME, KEY)) as database:
        age(database)
    with open_server(tmp_path, KEY) as service:
        assert [one.account for one in service.enrolment.accounts()] == ["ce0001"]
        service.database.create_tables()
    with contextlib.closing(open_sqlite(tmp_path / "county.before-1.db", KEY)) as copy:
        assert "file" not in shape(copy)
        assert b"SQLite" not in (tmp_path / "county.before-1.db").read_bytes()[:16]


def test_a_database_of_a_newer_program_is_refused_in_one_sentence(tmp_path: Path, capsys):
    make_server(tmp_path / "s", KEY, COUNTY, "样本县")
    (tmp_path / "key").write_text(KEY.hex(), encoding="ascii")
    with contextlib.closing(open_sqlite(tmp_path / "s" / DATABASE_NAME, KEY)) as database:
        with database.transaction() as connection:
            connection.execute(tables.schema_version.update().values(number=99))
        with pytest.raises(NewerServer):
            database.create_tables()
    assert main(["verify", str(tmp_path / "s"), "--key-file", str(tmp_path / "key")]) == 1
    assert "新版" in capsys.readouterr().out


def test_a_step_that_fails_leaves_the_older_database_as_it_was(county: County, monkeypatch: pytest.MonkeyPatch):
    database = county.service.database
    age(database)
    before = shape(database)

    def break_down(connection):
        schema._files_in_ranges(connection)
        raise RuntimeError("power cut")

    monkeypatch.setattr(schema, "STEPS", (schema.STEPS[0], break_down))
    with pytest.raises(RuntimeError):
        database.create_tables()
    assert shape(database) == before
