"""The disk fills up in the middle of an interview: one sentence says so, nothing is lost, entry goes on when there is room again."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from fieldapp.demo.hands import Hands
from fieldapp.demo.typist import Typist
from fieldapp.errors import DiskFull
from fieldapp.services import interviewing
from fieldapp.services.session import Laptop
from fieldapp.ui.interview.view import InterviewView
from forms.engine import Cell, Question
from tests.journeys.at_the_window import ENUMERATOR, PASSPHRASE, open_first_household, planned, sign_in

_DISK_MIB = 24
_ANSWERS_BEFORE = 3
_ANSWERS_WHILE_FULL = 3
_MOST_ANSWERS = 200

pytestmark = [
    pytest.mark.journey,
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.parametrize("disk", ["file system", "database"], indirect=True),
]


class Disk:
    """Where the laptop's folder lies; can be filled up and cleared."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, view: InterviewView) -> None:
        raise NotImplementedError

    def make_room(self, view: InterviewView) -> None:
        raise NotImplementedError


class SmallFileSystem(Disk):
    """A file system of a few megabytes; another file takes all of it, to the last byte."""

    def fill(self, view: InterviewView) -> None:
        del view
        with self._other.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1 << 6, 1):
                _write_until_full(file, size)

    def make_room(self, view: InterviewView) -> None:
        del view
        self._other.unlink()

    @property
    def _other(self) -> Path:
        return self.folder.parent / "照片.zip"


class FullDatabase(Disk):
    """SQLite itself refuses every new page (``max_page_count``), with the error it has for a full disk."""

    def fill(self, view: InterviewView) -> None:
        database = view.presenter.opened.session.database
        with database.reading() as reading:
            pages = reading.connection().exec_driver_sql("PRAGMA page_count").scalar()
        database.fill_at_pages(pages)

    def make_room(self, view: InterviewView) -> None:
        view.presenter.opened.session.database.fill_at_pages(1 << 30)


def _write_until_full(file: object, size: int) -> None:
    try:
        while file.write(bytes(size)) == size:
            pass
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path, laptop_folder: Callable[[str], Path]) -> Iterator[Disk]:
    folder = laptop_folder("笔记本")
    if request.param == "database":
        yield FullDatabase(folder)
        return
    small = tmp_path / "小盘"
    small.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MIB}m", "none", str(small)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield SmallFileSystem(Path(shutil.copytree(folder, small / "笔记本")))
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


class Enough(Exception):
    """The typist has done what was wanted."""


def type_answers(hands: Hands, view: InterviewView, plan: dict[Cell, str], until: Callable[[int], bool]) -> int:
    """Types planned answers from the cursor on until somebody says enough of so many."""
    typed = 0

    def done(_section: str) -> None:
        nonlocal typed
        typed += 1
        assert typed < _MOST_ANSWERS
        if until(typed):
            raise Enough

    with pytest.raises(Enough):
        Typist(hands, view, plan, done).fill()
    return typed


def answered(view: InterviewView) -> dict[Cell, str]:
    """Answers of a person, without what is calculated from them."""
    interview = view.presenter.interview
    nodes = {cell: interview.form.find_node(cell.path) for cell in interview.relevant_questions()}
    asked = [cell for cell, node in nodes.items() if isinstance(node, Question) and not node.calculated]
    return {cell: interview.value(cell) for cell in asked if interview.value(cell)}


def values_on_disk(folder: Path, interview: str) -> dict[Cell, str]:
    """What another opening of the folder finds."""
    with Laptop(folder).unlock(ENUMERATOR[0], PASSPHRASE) as session:
        assert session.database.integrity_problems() == []
        return dict(interviewing.open_interview(session, interview).interview.saved().values)


def test_a_full_disk_is_one_sentence_and_typing_goes_on(qapp: QApplication, disk: Disk, tmp_path: Path) -> None:
    assert qapp is not None
    window, hands = sign_in(disk.folder)
    view = open_first_household(window, hands)
    presenter, status = view.presenter, view.status
    plan = planned(view, 1)
    try:
        type_answers(hands, view, plan, lambda typed: typed >= _ANSWERS_BEFORE)
        hands.wait_until(lambda: presenter.unsaved == 0, "everything saved")
        saved_before = answered(view)

        disk.fill(view)
        type_answers(hands, view, plan, lambda _typed: status.tone == "trouble")
        assert status.sentence == DiskFull().sentence()
        type_answers(hands, view, plan, lambda typed: typed >= _ANSWERS_WHILE_FULL)
        hands.wait_until(lambda: status.tone == "trouble", "still told")
        assert presenter.unsaved >= _ANSWERS_WHILE_FULL
        as_if_killed = values_on_disk(Path(shutil.copytree(disk.folder, tmp_path / "副本")), presenter.header.interview)
        assert {cell: as_if_killed.get(cell) for cell in saved_before} == saved_before

        disk.make_room(view)
        type_answers(hands, view, plan, lambda _typed: True)
        hands.wait_until(lambda: presenter.unsaved == 0 and status.tone == "ok", "everything saved after all")
        shown = dict(presenter.interview.saved().values)
        assert len(answered(view)) > len(saved_before)
    finally:
        disk.make_room(view) if status.tone == "trouble" else None
        window.close()
        window.deleteLater()
        hands.settle()
    assert values_on_disk(disk.folder, presenter.header.interview) == shown
