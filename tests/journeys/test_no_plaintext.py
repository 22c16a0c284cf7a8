"""A whole day leaves nothing readable on the disk, and the same scan would have found it.

The day of the demonstration is played twice in processes of their own, side by side: as it is, and with the keys taken out. The
second one is ended as soon as everything has been written, typed and handed over that the scan looks for; it still plays the same
journey up to there. Scanned are the folders of three laptops and of the server, temporary files, the home folder, logs, and at
three moments of the day the write-ahead logs as they lie on the disk.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlmodel import select

from fieldapp.demo import county as demo
from fieldapp.services.session import Laptop
from fieldapp.store.tables import HouseholdRow, InterviewRow
from sync.server.database import open_sqlite
from sync.server.running import DATABASE_NAME, read_key_file
from tests.journeys.plaintext_scan import find_secrets, is_plain_database

ROOT = Path(__file__).resolve().parents[2]
HOUSEHOLDS = 4
SECRETS_AT_LEAST = 50
LONGEST_DAY_S = 900
# A step that begins: the one before has left its pages in the logs. At the last one, the plain day is over.
MOMENTS = ("hand over", "return", "export")
ALL_WRITTEN = "return"
# What the screen shows before anybody has signed in stands in the key file, and is nobody's secret.
SHOWN_BEFORE_UNLOCK = {name for _, name, _ in demo.STAFF} | {
    demo.VILLAGE,
    demo.VILLAGE_NAME,
    demo.TOWNSHIP_NAME,
    demo.COUNTY_NAME,
}
TELLING = {"hh_head_name", "hh_phone", "mem_name", "mem_idno", "mem_birth", "mem_phone", "hh_id", "hh_address"}
DIGITS_AT_LEAST = 5  # of a figure answered; fewer stand in ciphered megabytes by chance


class Day:
    """One playing of the day; everything it writes lies below ``folder``, but for what is meant to be read (``out``)."""

    def __init__(self, folder: Path, *, ciphered: bool) -> None:
        self.folder, self.out = folder, folder.with_name(folder.name + " out")
        self.work = folder / "work"
        self._moments = folder / "moments"
        self._ciphered = ciphered
        self._process: subprocess.Popen[str] | None = None
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self.said: list[str] = []

    def start(self) -> None:
        """Starts playing, in a process that finds no other place to write to."""
        places = {name: self.folder / name.lower() for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
        for place in places.values():
            place.mkdir(parents=True)
        self.work.mkdir()
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "tests.journeys.playing_child", str(self.work), str(self.out), str(HOUSEHOLDS),
                *([] if self._ciphered else ["plain"]),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                **{name: str(place) for name, place in places.items()},
                "QT_QPA_PLATFORM": "offscreen",
                "PYTHONFAULTHANDLER": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )  # fmt: skip
        self._listening.start()

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with (self.folder / "day.log").open("w", encoding="utf-8") as log:
            for line in self._process.stdout:
                log.write(line)
                self.said.append(line)
                if line.strip() in MOMENTS:
                    self._keep_logs(line.strip())
                if line.strip() == ALL_WRITTEN and not self._ciphered:
                    self._process.kill()

    def _keep_logs(self, moment: str) -> None:
        """Copies what exists only for a while: write-ahead logs and temporary files."""
        for path in [*self.work.rglob("*-wal"), *self.work.rglob("*-journal"), *(self.folder / "tmpdir").rglob("*")]:
            if path.is_file():
                target = self._moments / moment / path.relative_to(self.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)

    def wait(self) -> None:
        """Until it is over; a day that did not end well is an error."""
        assert self._process is not None
        self._listening.join(LONGEST_DAY_S)
        code = self._process.wait(30)
        assert code == 0 or not self._ciphered, f"exit code {code}: " + "".join(self.said)[-3000:]
        assert f"{ALL_WRITTEN}\n" in self.said, f"exit code {code}: " + "".join(self.said)[-3000:]

    def end(self) -> None:
        """Ends it, whatever it is at."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._listening.join()
            if self._process.stdout is not None:
                self._process.stdout.close()

    @property
    def logs(self) -> list[Path]:
        """The write-ahead logs kept at the moments."""
        return [path for path in self._moments.rglob("*-wal") if path.stat().st_size]

    @property
    def databases(self) -> list[Path]:
        """Stores of the laptops and the server's database."""
        return sorted(self.work.rglob("*.db"))

    def secrets(self) -> set[str]:
        """Names and numbers that occurred: typed into the interviews, or facts of the households on the field laptop."""
        summary: Mapping[str, list[str]] = json.loads((self.out / "summary.json").read_text(encoding="utf-8"))
        found = {*summary["household_heads"], *summary["typed"]}
        laptop = Laptop(self.work / "field")
        with laptop.unlock(demo.ENUMERATOR, demo.PASSPHRASE) as session, session.database.reading() as reading:
            for root in reading.exec(select(HouseholdRow.root)).all():
                known = session.changes.view(reading, root).cells
                found |= {str(cell.value) for (_, name), cell in known.items() if name in TELLING}
            for root in reading.exec(select(InterviewRow.root)).all():
                answers = {str(cell.value) for cell in session.changes.view(reading, root).cells.values()}
                found |= {answer for answer in answers if answer.isdigit() and len(answer) >= DIGITS_AT_LEAST}
        # Two characters are four bytes in GBK: chance alone would find them in ciphered megabytes.
        return {one for one in found if len(one) > 2} - SHOWN_BEFORE_UNLOCK


@pytest.fixture
def days(tmp_path: Path) -> Iterator[tuple[Day, Day]]:
    ciphered, plain = Day(tmp_path / "ciphered", ciphered=True), Day(tmp_path / "plain", ciphered=False)
    both = (ciphered, plain)
    try:
        for day in both:
            day.start()
        for day in both:
            day.wait()
        yield both
    finally:
        for day in both:
            day.end()


@pytest.mark.journey
@pytest.mark.timeout(LONGEST_DAY_S + 300)
def test_a_day_leaves_no_plaintext_and_the_scan_would_have_found_it(
    days: tuple[Day, Day], capsys: pytest.CaptureFixture[str]
) -> None:
    ciphered, plain = days
    secrets = ciphered.secrets()
    assert len(secrets) >= SECRETS_AT_LEAST
    assert len(ciphered.databases) >= 4, "three laptops and the server"
    assert ciphered.logs, "a write-ahead log was caught"

    found = find_secrets(ciphered.folder, secrets)
    found_without_cipher = find_secrets(plain.folder, secrets)
    with capsys.disabled():
        print(
            f"\nsecrets: {len(secrets)}, found on the disk: {len(found)},"
            f" found with encryption off: {len(found_without_cipher)}"
        )
    assert found == {}
    assert secrets - found_without_cipher.keys() == set()

    assert [path for path in ciphered.folder.rglob("*") if path.is_file() and is_plain_database(path)] == []
    for path in ciphered.databases:
        assert _refused_by_the_standard_library(path), path.name
    assert all(is_plain_database(path) for path in plain.databases)
    assert _cipher_status_of_laptops(ciphered) == {"field": "1", "township": "1", "office": "1"}
    assert _cipher_status_of_the_server(ciphered) == "1"


def _refused_by_the_standard_library(path: Path) -> bool:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        return "not a database" in str(error)
    finally:
        connection.close()
    return False


def _cipher_status_of_laptops(day: Day) -> dict[str, str]:
    status = {}
    for name, account in (("field", demo.ENUMERATOR), ("township", demo.SUPERVISOR), ("office", demo.OFFICE)):
        with Laptop(day.work / name).unlock(account, demo.PASSPHRASE) as session, session.database.reading() as reading:
            status[name] = str(reading.connection().exec_driver_sql("PRAGMA cipher_status").scalar())
    return status


def _cipher_status_of_the_server(day: Day) -> str:
    database = open_sqlite(day.work / "server" / DATABASE_NAME, read_key_file(day.work / "server.key"))
    try:
        with database.reading() as connection:
            return str(connection.exec_driver_sql("PRAGMA cipher_status").scalar())
    finally:
        database.close()
