"""The top bar with the places of a post."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.bars import TopBar
from fieldapp.ui.widgets.keys import KeyCap
from fieldapp.ui.widgets.painting import text_width, write
from fieldapp.words import _

_SHORT_KEYS, _NO_NAME, _BRIEFEST = 1, 2, 3  # steps of brevity, each with those before


class PlaceTab(QAbstractButton):
    """A place in the top bar: its word and its key; the current one is white."""

    def __init__(self, name: str, title: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = self._whole_key = key
        self._edge = 26
        self.setText(title)
        self.setCheckable(True)
        self.setObjectName(f"place_{name}")
        self.setAccessibleName(title)
        self.setAccessibleDescription(key)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        look = theme.current()
        words = text_width(look.font(15, True), self.text())
        return QSize(words + text_width(look.font(11), self._key) + look.px(self._edge), look.px(30))

    def shorten(self, short: bool) -> None:
        """With the digit of its key alone, and less room around the word."""
        self._key = self._whole_key.rpartition("+")[2] if short else self._whole_key
        self._edge = 16 if short else 26
        self.updateGeometry()

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
        self._name = self.add_label(_("入户调查"), "name")
        self._tabs: dict[str, PlaceTab] = {}
        for number, (name, title) in enumerate(places, 1):
            tab = PlaceTab(name, title, f"Ctrl+{number}")
            tab.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
            self.add(tab)
            self._tabs[name] = tab
        self._who = self.add_label(who, "", right=True)
        locking = KeyCap("Ctrl+L", _("锁屏"), on_bar=True)
        locking.setObjectName("lock")
        locking.clicked.connect(self.lock_wanted)
        keys = KeyCap("F1", _("键位"), on_bar=True)
        keys.setObjectName("keys")
        keys.clicked.connect(self.keys_wanted)
        self.add_right(locking)
        self.add_right(keys)
        self._line.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._caps = {locking: _("锁屏"), keys: _("键位")}
        self._brevity = -1
        self._widths = [self._width_at(brevity) for brevity in range(_BRIEFEST + 1)]
        self._show_at(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_at(next((n for n, width in enumerate(self._widths) if width <= self.width()), _BRIEFEST))

    def minimumSizeHint(self) -> QSize:
        """Without the name, the person and the words of keys: the places always stand there."""
        return QSize(self._widths[-1], self.height())

    def _width_at(self, brevity: int) -> int:
        """What all parts need then, in px."""
        look = theme.current()
        self._show_at(brevity)
        parts: list[QWidget] = [*self._tabs.values(), *self._caps]
        parts += [one for one in (self._name, self._who) if not one.isHidden()]
        return sum(one.sizeHint().width() for one in parts) + len(parts) * self._line.spacing() + look.px(28)

    def _show_at(self, brevity: int) -> None:
        """Says as much as there is room for (large type, English, nine places)."""
        if brevity == self._brevity:
            return
        self._brevity = brevity
        self._line.setSpacing(theme.current().px(4 if brevity == _BRIEFEST else 12))
        self._name.setVisible(brevity < _NO_NAME)
        self._who.setVisible(brevity < _BRIEFEST)
        for tab in self._tabs.values():
            tab.shorten(brevity >= _SHORT_KEYS)
        for cap, words in self._caps.items():
            cap.show_words(words if brevity < _NO_NAME else "")

    def show_place(self, name: str) -> None:
        """The place where the person is."""
        for tab_name, tab in self._tabs.items():
            tab.setChecked(tab_name == name)
