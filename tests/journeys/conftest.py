"""A practice laptop made once, copied for whoever needs one; Qt without a screen."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fieldapp.services.sampling import sample_laptop
from fieldapp.store.keys import KeyCost
from tests.journeys.at_the_window import PASSPHRASE


@pytest.fixture(scope="session")
def _made_laptop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practice") / "练习 笔记本"
    sample_laptop(folder, households=1, waves=1, seed=3, passphrase=PASSPHRASE, key_cost=KeyCost(8, 1, 1))
    return folder


@pytest.fixture
def laptop_folder(_made_laptop: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copies the practice laptop (one household with an earlier wave, its quarterly interview waiting for ``enum01``) under a name."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(_made_laptop, tmp_path / name))

    return copy
