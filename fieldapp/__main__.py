"""``python -m fieldapp`` and the frozen program start here."""

from __future__ import annotations

import sys

from fieldapp.cli import main

if __name__ == "__main__":
    sys.exit(main())
