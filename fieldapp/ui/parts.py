"""Small parts of the desks and lists: heads of blocks, lines of facts, columns."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.cards import label
from fieldapp.ui.widgets.keys import ActionButton, KeyCap


def ground(kind: str = "page") -> QWidget:
    """A plain area with a ground of the style sheet: ``page``, ``side`` or ``head``."""
    area = QWidget()
    area.setProperty("kind", kind)
    area.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return area


def empty_stack(kind: str = "page") -> tuple[QWidget, QVBoxLayout]:
    """An area with its layout, edge to edge, for what is put under each other."""
    area = ground(kind)
    lines = QVBoxLayout(area)
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setSpacing(0)
    return area, lines


def stacked(
    parts: list[QWidget | int], *, kind: str = "page", edge: int = 0, gap: int = 0, stretch: QWidget | None = None
) -> QWidget:
    """Parts under each other; a number is empty space in px at 100 %, ``stretch`` takes what is left."""
    look = theme.current()
    area = ground(kind)
    lines = QVBoxLayout(area)
    lines.setContentsMargins(look.px(edge) if edge else 0, 0, look.px(edge) if edge else 0, 0)
    lines.setSpacing(look.px(gap) if gap else 0)
    for part in parts:
        if isinstance(part, int):
            lines.addSpacing(look.px(part))
        else:
            lines.addWidget(part, 1 if part is stretch else 0)
    if stretch is None:
        lines.addStretch(1)
    return area


def in_line(parts: list[QWidget | int | None], *, gap: int = 8) -> QWidget:
    """Parts side by side; None is a stretch, a number empty space."""
    look = theme.current()
    area = QWidget()
    line = QHBoxLayout(area)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(look.px(gap))
    for part in parts:
        if part is None:
            line.addStretch(1)
        elif isinstance(part, int):
            line.addSpacing(look.px(part))
        else:
            line.addWidget(part)
    return area


class Band(QWidget):
    """The grey head of a block: its name, a quiet word, and its key at the right."""

    def __init__(
        self, title: str, hint: str = "", key: str = "", words: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        look = theme.current()
        self.setProperty("kind", "head")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(look.px(32))
        line = QHBoxLayout(self)
        line.setContentsMargins(look.px(12), 0, look.px(10), 0)
        line.setSpacing(look.px(8))
        self.title = label(title, "strong")
        self.hint = label(hint, "hint")
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        line.addWidget(self.title)
        line.addWidget(self.hint, 1)
        self.key: KeyCap | None = None
        if key:
            self.key = KeyCap(key, words)
            line.addWidget(self.key)

    def show_hint(self, words: str) -> None:
        self.hint.setText(words)


class Reminders(QLabel):
    """What the county has not entered yet, said until it is there; hidden when nothing is owed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self.setObjectName("home_reminders")
        self.setProperty("kind", "soft")
        self.setWordWrap(True)
        self.setContentsMargins(look.px(12), look.px(6), look.px(8), look.px(6))
        self.hide()

    def say(self, sentences: tuple[str, ...]) -> None:
        self.setText("\n".join(sentences))
        self.setVisible(bool(sentences))


class Facts(QWidget):
    """Grey names left, values right of them, under each other; shown anew by :meth:`show_facts`."""

    def __init__(self, name_width: int = 74, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(look.px(4))
        self._name_width = look.px(name_width)
        self._grid.setColumnMinimumWidth(0, self._name_width)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: list[tuple[str, str, str]]) -> None:
        """Name, value and kind of the value label (empty, ``soft``, ``hard``, ``ok``); lines without a value are left out."""
        shown = [fact for fact in facts if fact[1]]
        while len(self._lines) < len(shown):
            name, value = label("", "hint", wrap=True), label("", "", wrap=True)
            name.setAlignment(Qt.AlignmentFlag.AlignTop)
            name.setFixedWidth(self._name_width)
            row = len(self._lines)
            self._grid.addWidget(name, row, 0)
            self._grid.addWidget(value, row, 1)
            self._lines.append((name, value))
        for number, (name, value) in enumerate(self._lines):
            there = number < len(shown)
            name.setVisible(there)
            value.setVisible(there)
            if there:
                name.setText(shown[number][0])
                value.setText(shown[number][1])
                theme.restyle(value, kind=shown[number][2])


def button(
    text: str, key: str, name: str, act: Callable[[], object], kind: str = "plain", *, shortcut: bool = True
) -> ActionButton:
    """A named button; with ``shortcut=False`` its key is heard by the window or the list that has the cursor."""
    made = ActionButton(text, key, kind, shortcut=shortcut)
    made.setObjectName(name)
    made.clicked.connect(lambda: act())
    return made


def on_key(owner: QWidget, key: str, act: Callable[[], object]) -> QShortcut:
    """A key of a screen without a button of its own; heard while the owner is visible."""
    shortcut = QShortcut(QKeySequence(key), owner, context=Qt.ShortcutContext.WindowShortcut)
    shortcut.activated.connect(lambda: act())
    return shortcut
