"""The house itself: locks, errors, words, the rules that keep main shippable."""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
import sys
from pathlib import Path

import pytest

import fieldapp
import forms
import sync
from forms.errors import FieldAppError

ROOT = Path(__file__).resolve().parent.parent


def test_lock_files_carry_hashes_and_no_address():
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        pinned = re.findall(r"^[A-Za-z0-9_.\-\[\]]+==", text, re.MULTILINE)
        assert pinned, lock.name
        for block in re.split(r"\n(?=\S)", text.strip()):
            if "==" in block:
                assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_readme_and_the_one_command_name_the_same_tests():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "-m pytest -n 2" in readme
    assert "-m pytest -n 2" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def _all_errors(kind: type[FieldAppError]) -> set[type[FieldAppError]]:
    return {kind}.union(*(_all_errors(child) for child in kind.__subclasses__()))


def test_every_expected_failure_has_a_chinese_sentence_that_can_be_filled_in():
    for package in (forms, sync, fieldapp):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__") and ".migrations" not in module.name:
                importlib.import_module(module.name)
    for error in _all_errors(FieldAppError):
        if not error.__module__.startswith(("forms", "sync", "fieldapp")):
            continue
        names = {name for _, name, _, _ in string.Formatter().parse(error.zh) if name}
        assert re.search(r"[\u4e00-\u9fff]", error.zh), error
        assert not re.search(r"非法|无效|异常|失败|null|！", error.zh), error
        assert error.zh.format(**dict.fromkeys(names, "某")), error


def test_none_is_not_lost_by_the_window_toolkit():
    """PySide6 6.12.0 drops a reference to None per call on Python 3.11 and aborts after some thousand; the pin guards it."""
    widgets = pytest.importorskip("PySide6.QtCore")
    before = sys.getrefcount(None)
    thing = widgets.QObject()
    for _ in range(1000):
        thing.setObjectName("x")
        thing.parent()
    assert abs(sys.getrefcount(None) - before) < 500
