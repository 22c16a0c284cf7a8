"""These modules know nothing of the program: the rule is held by reading every import."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def imported(source: str) -> set[str]:
    """Every module named by an import statement or by ``__import__`` and ``import_module``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "__import__",
            "import_module",
            "run_module",
            "Popen",
            "run",
        ):
            found.add(f"called: {ast.unparse(node)}")
    return found


def test_only_the_standard_library_is_imported() -> None:
    allowed = {*sys.stdlib_module_names, "tests", "pytest"}
    for path in HERE.glob("*.py"):
        for name in imported(path.read_text(encoding="utf-8")):
            assert name.split(".")[0] in allowed, f"{path.name} imports {name}"
            if name.startswith("tests."):
                assert name.startswith("tests.independent"), f"{path.name} imports {name}"


def test_a_forbidden_import_would_be_seen() -> None:
    assert imported("from forms.engine import Form") == {"forms.engine.Form"}
    assert "called: import_module('sync')" in imported("from importlib import import_module\nimport_module('sync')")
