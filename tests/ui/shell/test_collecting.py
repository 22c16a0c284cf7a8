"""Garbage is freed on the UI thread: a timer or a model freed by a worker takes Qt down with it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from fieldapp.ui.background import Background
from fieldapp.ui.collecting import Collecting


@pytest.fixture
def collecting() -> Iterator[set[int]]:
    """The threads on which the collector ran."""
    threads: set[int] = set()

    def seen(phase: str, _facts: dict[str, int]) -> None:
        if phase == "start":
            threads.add(threading.get_ident())

    gc.callbacks.append(seen)
    yield threads
    gc.callbacks.remove(seen)


def much_garbage() -> None:
    for _ in range(20_000):
        ring: list[object] = []
        ring.append(ring)


def work_with_garbage(qtbot: QtBot) -> None:
    background, done = Background(1), []
    background.run(background, much_garbage, done.append, done.append)
    qtbot.waitUntil(lambda: bool(done))


def test_nothing_is_collected_on_a_worker_thread(qtbot: QtBot, collecting: set[int]) -> None:
    window = QObject()
    Collecting(window)
    work_with_garbage(qtbot)
    qtbot.waitUntil(lambda: bool(collecting))
    assert collecting == {threading.get_ident()}
    window.deleteLater()
    qtbot.waitUntil(gc.isenabled)


def test_without_it_a_worker_would(qtbot: QtBot, collecting: set[int]) -> None:
    work_with_garbage(qtbot)
    assert collecting - {threading.get_ident()}
