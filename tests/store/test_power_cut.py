"""A process that types answers is killed; every answer it reported as saved is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fieldapp.store import drafts
from fieldapp.store.database import STORE_FILE, Database
from fieldapp.store.migrating import migrate

KEY = bytes(range(32))
TYPING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from fieldapp.store import drafts
from fieldapp.store.database import Database
from fieldapp.store.drafts import Op
base = Database(Path(sys.argv[1]), bytes(range(32)))
print("ready", flush=True)
for n in range(100000):
    with base.transaction() as session:
        drafts.put(session, root="r", root_type="interview", save_id=b"saveid00", form_hash="", actor="a",
                   at=datetime.now(UTC), ops=[Op("set", f"q{n}", (), str(n)), Op("set", "last", (), str(n))])
    print(n, flush=True)  # what 已保存 stands for
"""


@pytest.mark.crash
@pytest.mark.parametrize("after_s", [0.02, 0.07, 0.15, 0.3])
def test_every_answer_marked_as_saved_survives_a_kill(tmp_path: Path, after_s: float) -> None:
    path = tmp_path / STORE_FILE
    migrate(path, KEY)
    process = subprocess.Popen(
        [sys.executable, "-c", TYPING, str(path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"ready"
    time.sleep(after_s)
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    marked = [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
    process.stdout.close()
    process.wait()
    base = Database(path, KEY)
    try:
        with base.reading() as session:
            kept = {op.path: op.value for op in drafts.ops_of(session, "r")}
        assert [n for n in marked if kept.get(f"q{n}") != str(n)] == []
        if marked:
            assert int(kept["last"]) >= marked[-1]
        assert base.integrity_problems() == []
    finally:
        base.close()
