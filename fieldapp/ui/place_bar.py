"""The top bar with the places of a post."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.bars import TopBar
from fieldapp.ui.widgets.keys import KeyCap
from fieldapp.ui.widgets.painting import text_width, write
from fieldapp.words import _


class PlaceTab(QAbstractButton):
    """A place in the top bar: its word and its key; the current one is white."""

    def __init__(self, name: str, title: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self.setText(title)
        self.setCheckable(True)
        self.setObjectName(f"place_{name}")
        self.setAccessibleName(title)
        self.setAccessibleDescription(key)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        look = theme.current()
        words = text_width(look.font(15, True), self.text())
        return QSize(words + text_width(look.font(11), self._key) + look.px(26), look.px(30))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        here = self.isChecked()
        if here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("bar_text"))
            painter.drawRoundedRect(self.rect(), look.px(4), look.px(4))
        font = look.font(15, here)
        words, key = text_width(font, self.text()), text_width(look.font(11), self._key)
        x = (self.width() - words - key - look.px(6)) // 2
        ink = look.colour("bar" if here else "bar_text")
        write(painter, self.rect().adjusted(x, 0, 0, 0), self.text(), font=font, colour=ink, elide=False)
        area = self.rect().adjusted(x + words + look.px(6), 0, 0, 0)
        write(
            painter, area, self._key, font=look.font(11), colour=look.colour("bar" if here else "bar_dim"), elide=False
        )


class PlaceBar(TopBar):
    """Name of the program, the places, who sits here, and the two keys that are always there.

    Args:
        places: name and title of each place, in the order of Ctrl+1…9.
        who: name and post.

    Signals:
        chosen: name of a place. lock_wanted, keys_wanted: the key caps at the right were clicked.
    """

    chosen = Signal(str)
    lock_wanted = Signal()
    keys_wanted = Signal()

    def __init__(self, places: Sequence[tuple[str, str]], who: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top_bar")
        self.add_label(_("入户调查"), "name")
        self._tabs: dict[str, PlaceTab] = {}
        for number, (name, title) in enumerate(places, 1):
            tab = PlaceTab(name, title, f"Ctrl+{number}")
            tab.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
            self.add(tab)
            self._tabs[name] = tab
        self.add_label(who, "", right=True)
        locking = KeyCap("Ctrl+L", _("锁屏"), on_bar=True)
        locking.setObjectName("lock")
        locking.clicked.connect(self.lock_wanted)
        keys = KeyCap("F1", _("键位"), on_bar=True)
        keys.setObjectName("keys")
        keys.clicked.connect(self.keys_wanted)
        self.add_right(locking)
        self.add_right(keys)

    def show_place(self, name: str) -> None:
        """The place where the person is."""
        for tab_name, tab in self._tabs.items():
            tab.setChecked(tab_name == name)
