"""What is noted when the program dies below Python."""

import subprocess
import sys
from pathlib import Path

DYING = """
import faulthandler, sys
from pathlib import Path
from fieldapp.incidents import watching_for_crashes
def type_an_answer(name):
    faulthandler._sigabrt()
with watching_for_crashes(Path(sys.argv[1])):
    type_an_answer("王建国")
"""


def test_a_crash_below_python_leaves_its_places_and_nobodys_data(tmp_path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", DYING, str(tmp_path)], capture_output=True, check=False)
    note = (tmp_path / "crash.log").read_text(encoding="utf-8")
    assert died.returncode != 0
    assert "type_an_answer" in note
    assert "王建国" not in note
