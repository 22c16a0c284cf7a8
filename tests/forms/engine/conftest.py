"""The recorded cases are not part of the project: without FIELDAPP_ENGINE_CASES their tests are not collected."""

import os

collect_ignore = [] if os.environ.get("FIELDAPP_ENGINE_CASES") else ["test_cases.py"]
