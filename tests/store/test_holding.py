from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fieldapp.errors import StoreBusy
from fieldapp.store.holding import Hold

ROOT = Path(__file__).parents[2]
OTHER = """
import sys
from pathlib import Path
from fieldapp.store.holding import Hold
hold = Hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_program_finds_the_folder_in_use_until_the_first_is_gone(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    with other:
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(StoreBusy):
            Hold(tmp_path)
        other.kill()
    with Hold(tmp_path):
        pass


def test_sessions_of_one_program_share_the_folder(tmp_path: Path) -> None:
    first, second = Hold(tmp_path), Hold(tmp_path)
    first.release()
    first.release()
    second.release()
    Hold(tmp_path).release()
