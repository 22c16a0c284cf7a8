"""The line under a page of the sample that says how a deed went."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from fieldapp.ui import theme
from fieldapp.ui.widgets.cards import label


def saying_line() -> QLabel:
    """An empty line, set in as far as the page's other lines."""
    look = theme.current()
    line = label("", "", wrap=True)
    line.setContentsMargins(look.px(14), look.px(2), look.px(14), look.px(8))
    return line


def say(line: QLabel, kind: str, sentence: str) -> None:
    """Shows a sentence; ``kind`` is "hard" for a refusal, "soft" for what needs a look, "ok" for done, "" otherwise."""
    line.setText(sentence)
    theme.restyle(line, kind=kind)
