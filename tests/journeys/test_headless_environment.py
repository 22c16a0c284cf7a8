"""Where PySide6 cannot be imported, everything that needs no window works: forms, export, paper, the county server."""

from __future__ import annotations

import os
import queue
import re
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import col, select

from fieldapp.services.session import Laptop
from fieldapp.store.tables import HouseholdRow, InterviewRow
from tests.journeys.at_the_window import PASSPHRASE

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240
WITHOUT_QT = """
import sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6"):
            raise ImportError("no Qt in this environment: " + name)

sys.meta_path.insert(0, NoQt())
"""

pytestmark = pytest.mark.journey


class Environment:
    """Runs command lines where Qt cannot be imported."""

    def __init__(self, folder: Path) -> None:
        (folder / "sitecustomize.py").write_text(WITHOUT_QT, encoding="utf-8")
        self._variables = {
            **os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))), "PYTHONIOENCODING": "utf-8",
            "PYTHONUNBUFFERED": "1",
        }  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT, env=self._variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code and everything said."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=PATIENCE_S)
        return process.returncode, said

    def fieldapp(self, *arguments: object) -> str:
        """What a command says that must be done."""
        code, said = self.run("-m", "fieldapp", *map(str, arguments))
        assert code == 0, said
        return said


@pytest.fixture
def without_qt(tmp_path: Path) -> Environment:
    folder = tmp_path / "no qt"
    folder.mkdir()
    made = Environment(folder)
    code, said = made.run("-c", "import PySide6.QtCore")
    assert code == 1
    assert "no Qt in this environment" in said
    return made


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    path = tmp_path / "口令.txt"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return path


def test_questionnaires_are_checked_without_qt(without_qt: Environment) -> None:
    assert "可以使用" in without_qt.fieldapp("forms", "check", "quarterly")


def test_answers_are_exported_and_household_files_printed_without_qt(
    without_qt: Environment, laptop_folder: Callable[[str], Path], passphrase_file: Path, tmp_path: Path
) -> None:
    folder = laptop_folder("笔记本")
    with Laptop(folder).unlock("tsup01", PASSPHRASE) as session, session.database.reading() as reading:
        hh_id, name = reading.exec(select(HouseholdRow.hh_id, HouseholdRow.head_name)).one()
        form_id, period = reading.exec(
            select(InterviewRow.form_id, InterviewRow.period).order_by(col(InterviewRow.status).desc())
        ).first() or ("", "")
    signing_in = ("--account", "office01", "--passphrase-file", passphrase_file)
    pdf = tmp_path / "一户一档.pdf"
    said = without_qt.fieldapp("--folder", folder, "print", "household", hh_id, "--out", pdf, *signing_in)
    assert "页" in said
    assert _text_of(pdf).count(name) > 0
    out = tmp_path / "导出"
    said = without_qt.fieldapp(
        "--folder", folder, "export", form_id, period, "--format", "xlsx", "--out", out, *signing_in
    )
    assert re.search(r"[1-9]\d* 份", said), said
    assert [path.suffix for path in out.iterdir()].count(".xlsx") == 1


def _text_of(pdf: Path) -> str:
    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(pdf).pages).replace("\n", "")


def test_a_county_server_is_made_and_serves_without_qt(without_qt: Environment, tmp_path: Path) -> None:
    folder, key = tmp_path / "县 服务器", tmp_path / "钥匙.txt"
    code, said = without_qt.run(
        "-m", "sync.server.cli", "init", str(folder), "--key-file", str(key), "--county", "529900", "--name", "云岭县"
    )
    assert code == 0, said
    serving = without_qt.start(
        "-m", "sync.server.cli", "serve", str(folder), "--key-file", str(key), "--host", "127.0.0.1", "--port", "0"
    )
    try:
        address = _address(serving)
        trust = ssl.create_default_context(cafile=str(folder / "tls.pem"))
        with urllib.request.urlopen(f"{address}/openapi.json", context=trust, timeout=60) as answer:
            assert answer.status == 200
            assert b"openapi" in answer.read()
    finally:
        serving.kill()
        serving.communicate()


def _address(serving: subprocess.Popen[str]) -> str:
    """The address the server says it serves at."""
    lines: queue.Queue[str] = queue.Queue()
    stream = serving.stdout
    assert stream is not None

    def listen() -> None:
        for line in stream:
            lines.put(line)
        lines.put("")

    threading.Thread(target=listen, daemon=True).start()
    said = ""
    while line := lines.get(timeout=PATIENCE_S):
        said += line
        if found := re.search(r"https://\S+", line):
            return found.group()
    raise AssertionError(said)
