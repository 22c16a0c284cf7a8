"""Qt without a screen, with the bundled font: set before the first Qt import, or Qt aborts the run."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from fieldapp.assets import resource_path
from fieldapp.words import set_language


@pytest.fixture(autouse=True)
def bundled_font(qapp: QApplication) -> None:
    """Metrics and screenshots must not depend on the fonts of the machine."""
    if "Noto Sans SC" not in QFontDatabase.families():
        for name in ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"):
            QFontDatabase.addApplicationFont(str(resource_path(f"fonts/{name}")))
        qapp.setFont(QFont("Noto Sans SC"))


@pytest.fixture(autouse=True)
def chinese_again() -> Iterator[None]:
    yield
    set_language("zh")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform has no window manager to tell sizes to, and says so each time."""
    for item in items:
        if "tests/ui" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints"))
