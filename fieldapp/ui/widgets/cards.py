"""Quiet frames: hairlines, section heads, cards for what is empty, waiting or broken."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.keys import KeyCap
from fieldapp.ui.widgets.marks import Badge

__all__ = ["Card", "SectionHead", "column", "hairline", "label", "rule"]


def hairline() -> QFrame:
    """A pale line between two lines of a list."""
    return _frame("hairline")


def rule() -> QFrame:
    """A dark line under a head."""
    return _frame("rule")


def column() -> QFrame:
    """A pale line between two columns."""
    return _frame("column")


def _frame(kind: str) -> QFrame:
    frame = QFrame()
    frame.setProperty("kind", kind)
    return frame


def label(text: str = "", kind: str = "", *, wrap: bool = False) -> QLabel:
    """A label of a kind of the style sheet: figure title section question strong label hint small ok soft hard accent echo."""
    made = QLabel(text)
    made.setProperty("kind", kind)
    made.setWordWrap(wrap)
    return made


class SectionHead(QWidget):
    """A head with a dark line under it: title, hint beside it, keys at the right."""

    def __init__(
        self, title: str, hint: str = "", keys: tuple[KeyCap, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        style = theme.current()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(style.px(4))
        line = QHBoxLayout()
        line.setSpacing(style.px(8))
        self.title = label(title, "strong")
        self.hint = label(hint, "hint")
        line.addWidget(self.title)
        line.addWidget(self.hint)
        line.addStretch(1)
        for key in keys:
            line.addWidget(key)
        whole.addLayout(line)
        whole.addWidget(rule())


class Card(QFrame):
    """What is empty, waiting or broken, in its place: a title, a sentence, and what to press.

    Args:
        title: what is so.
        sentence: what is safe and what to do.
        state: empty, or ``hard``, ``soft``, ``ok`` for the coloured ones.
    """

    def __init__(self, title: str, sentence: str = "", state: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        style = theme.current()
        self.setProperty("kind", "card")
        self.setProperty("state", state)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(style.px(12), style.px(10), style.px(12), style.px(10))
        whole.setSpacing(style.px(4))
        head = QHBoxLayout()
        head.setSpacing(style.px(8))
        self._badge = Badge("hard", "错")
        self._badge.setVisible(state == "hard")
        self.title = label(title, "strong", wrap=True)
        self.sentence = label(sentence, "label", wrap=True)
        head.addWidget(self._badge)
        head.addWidget(self.title, 1)
        whole.addLayout(head)
        whole.addWidget(self.sentence)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)

    def show_words(self, title: str, sentence: str, state: str = "") -> None:
        """Changes the words and the colour."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self._badge.setVisible(state == "hard")
        theme.restyle(self, state=state)
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
