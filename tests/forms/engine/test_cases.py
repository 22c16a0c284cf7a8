"""The engine against the recorded cases of other engines' public test suites (FIELDAPP_ENGINE_CASES names their folder).

Those left out are named with the reason in forms/engine/DIFFERENCES.md.
"""

import importlib.util
import json
import os
import re
import time
from pathlib import Path

import pytest

import forms.engine
from forms.engine.running import run_job

FOLDER = Path(os.environ["FIELDAPP_ENGINE_CASES"])
TABLE = (Path(forms.engine.__file__).parent / "DIFFERENCES.md").read_text(encoding="utf-8")
LEFT_OUT = set(re.findall(r"^\| `([^`]+--[^`]+)` \|", TABLE, re.MULTILINE))


def read_cases():
    cases = [json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "cases").rglob("*.json"))]
    return [case for case in cases if not case["volatile"]]


CASES = read_cases()


@pytest.fixture(scope="module")
def runner():
    spec = importlib.util.spec_from_file_location("run_cases", FOLDER / "run_cases.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def phoenix(monkeypatch):
    """The cases were recorded there."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of the process cannot be set here")
    monkeypatch.setenv("TZ", "America/Phoenix")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("case", [c for c in CASES if c["id"] not in LEFT_OUT], ids=lambda case: case["id"])
def test_a_recorded_case_comes_out_the_same(case, runner):
    assert runner.failures(case, run_job(runner.job_of(case))) == []


def test_every_case_left_out_is_among_the_recorded_ones():
    assert {case["id"] for case in CASES} >= LEFT_OUT
