"""Windows is the field's system: what would not work there is not written, and odd terminals and paths are taken as they come."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for room in ("forms", "sync", "fieldapp") for path in (ROOT / room).rglob("*.py"))

_BANNED_MODULES = {"fcntl", "pwd", "grp", "termios", "resource"}
_BANNED_CALLS = {"fork", "symlink", "symlink_to", "mkfifo", "getuid", "geteuid", "chown"}


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield node, function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_nothing_is_imported_or_called_that_windows_lacks():
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path.name}: {name}" for name in names if name.split(".")[0] in _BANNED_MODULES]
        found += [f"{path.name}: {name}()" for _, name in _calls(tree) if name in _BANNED_CALLS]
    assert found == []


def test_no_file_is_replaced_while_it_is_open():
    """``os.replace`` inside a ``with open(...)`` fails on Windows, where an open file cannot be renamed."""
    found = []
    for path in SOURCES:
        for block in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(block, ast.With) and any(
                isinstance(item.context_expr, ast.Call) and "open" in ast.unparse(item.context_expr.func)
                for item in block.items
            ):
                found += [
                    f"{path.name}:{call.lineno}"
                    for call, name in _calls(block)
                    if name in {"replace", "rename"} and "os." in ast.unparse(call)
                ]
    assert found == []


def test_text_files_are_opened_with_an_encoding():
    """Without one, Windows in China reads and writes GBK."""
    found = []
    for path in SOURCES:
        for call, name in _calls(ast.parse(path.read_text(encoding="utf-8"))):
            given = {keyword.arg for keyword in call.keywords}
            if name in {"read_text", "write_text"} and "encoding" not in given and not call.args[1:]:
                if name == "read_text" and call.args:
                    continue
                found.append(f"{path.relative_to(ROOT)}:{call.lineno} {name}")
            if name == "open" and isinstance(call.func, ast.Name) and "encoding" not in given:
                mode = ast.unparse(call.args[1]) if len(call.args) > 1 else "'r'"
                if "b" not in mode:
                    found.append(f"{path.relative_to(ROOT)}:{call.lineno} open")
    assert found == []


def test_tracked_file_names_suit_windows():
    names = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    )
    assert [name for name in names if set(name) & set(':*?"<>|')] == []


def _fieldapp(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "fieldapp", *arguments],
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=120,
    )


def test_help_speaks_chinese_in_a_gbk_terminal():
    done = _fieldapp("--help", PYTHONIOENCODING="gbk", LANG="C", LC_ALL="C")
    assert done.returncode == 0
    assert "入户监测" in done.stdout.decode("gbk")


def test_a_terminal_without_chinese_gets_question_marks_not_a_traceback():
    done = _fieldapp("--help", PYTHONIOENCODING="ascii", LANG="C", LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_a_broken_workbook_in_a_folder_with_chinese_and_blanks_is_one_sentence(tmp_path):
    folder = tmp_path / "调查 资料"
    folder.mkdir()
    workbook = folder / "坏 表.xlsx"
    workbook.write_bytes(b"PK\x03\x04 this is no workbook")
    done = _fieldapp("forms", "check", str(workbook), PYTHONIOENCODING="utf-8")
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr + done.stdout
    assert (done.stdout + done.stderr).decode().strip()


def test_a_windowed_program_without_stdout_still_runs_commands(monkeypatch):
    from fieldapp.cli import main

    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["forms", "check", "no-such-file.csv"]) == 1


@pytest.mark.parametrize("arguments", [["nonsense"], ["forms"], ["print", "household"]])
def test_a_call_that_is_not_understood_exits_with_2(arguments):
    assert _fieldapp(*arguments).returncode == 2
