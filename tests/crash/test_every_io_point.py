"""A sample of the crash laboratory in every run; ``FIELDAPP_CRASH=all`` takes every place and prints the table."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ALL = os.environ.get("FIELDAPP_CRASH", "") == "all"
SAMPLE_EVERY = {"laptop": 400, "county": 130}  # three strikes or so


@pytest.mark.crash
@pytest.mark.timeout(4 * 3600 if ALL else 300)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is a Linux tool")
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is missing: apt-get install strace")
def test_a_process_struck_at_any_io_call_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "tests.crash", "--folder", str(tmp_path)]
    if not ALL:
        side = random.choice(sorted(SAMPLE_EVERY))
        every = SAMPLE_EVERY[side]
        command += ["--side", side, "--every", str(every), "--offset", str(random.randrange(every))]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    if "strace cannot hold the process" in done.stdout + done.stderr:
        pytest.skip("strace may not trace here (ptrace is forbidden)")
    if ALL:
        with capsys.disabled():
            print(f"\n{done.stdout}")
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
