"""A few kills in every run; ``FIELDAPP_KILL_LOOPS=200`` makes so many of each kind and prints a line for each."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

TIMES = int(os.environ.get("FIELDAPP_KILL_LOOPS", "0"))
SAMPLE = 3
KINDS = (
    ("--kill", "server"),
    ("--kill", "server", "--postgresql"),
    ("--kill", "postgresql"),
    ("--kill", "laptop"),
)


@pytest.mark.crash
@pytest.mark.postgres
@pytest.mark.timeout(300 + 60 * TIMES)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_kills_in_a_loop_over_a_cut_line_end_in_agreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in KINDS if TIMES else (random.choice(KINDS),):
        command = [
            sys.executable,
            "-m",
            "tests.crash.loops",
            *kind,
            "--times",
            str(TIMES or SAMPLE),
            "--folder",
            str(tmp_path),
        ]
        done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        if TIMES:
            with capsys.disabled():
                print(f"\n{done.stdout.strip()}")
