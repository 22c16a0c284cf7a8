"""``python -m tests.independent FOLDER``: the exported figures of a folder, computed again."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.independent.report import tell

sys.exit(1 if tell(Path(sys.argv[1])) else 0)
