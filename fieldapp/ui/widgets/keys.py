"""Keys where the eye is: key caps, buttons that carry their key, and the key strip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QMouseEvent, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.painting import CENTRE, caps_width, draw_caps, keycap_size, line_height, text_width, write
from fieldapp.words import _

__all__ = ["ActionButton", "KeyCap", "KeyStrip", "Keys"]

Keys = tuple[tuple[str, ...], str]
"""One entry of a key strip: the key caps and what they do, e.g. ``(("F3",), "抄上季")``."""


class KeyCap(QWidget):
    """Key caps with words behind them, for heads and bars: ``F8 口径``. A click does what the key does.

    Args:
        caps: the texts on the caps; one string is one cap.
        words: what the key does; empty for a bare cap.
        on_bar: whether it stands on the dark top bar.
    """

    clicked = Signal()

    def __init__(
        self, caps: str | Sequence[str], words: str = "", parent: QWidget | None = None, *, on_bar: bool = False
    ) -> None:
        super().__init__(parent)
        self._caps = (caps,) if isinstance(caps, str) else tuple(caps)
        self._words = words
        self._on_bar = on_bar
        self._size = 11 if on_bar else 12
        self.setAccessibleName(f"{words} {' '.join(self._caps)}".strip())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_words(self, words: str) -> None:
        """Changes the words."""
        if words != self._words:
            self._words = words
            self.setAccessibleName(f"{words} {' '.join(self._caps)}".strip())
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        style = theme.current()
        words = text_width(style.font(14 if self._on_bar else 13), self._words) + style.px(6) if self._words else 0
        height = max(keycap_size("F", self._size).height(), line_height(style.font(14)))
        return QSize(caps_width(self._caps, self._size) + words, height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        ink = style.colour("bar_text" if self._on_bar else "text2")
        frame = style.colour("bar_dim" if self._on_bar else "line2")
        x = draw_caps(painter, 0, self.height() // 2, self._caps, ink=ink, frame=frame, size=self._size)
        if self._words:
            area = QRect(x + style.px(6), 0, self.width(), self.height())
            write(painter, area, self._words, font=style.font(14 if self._on_bar else 13), colour=ink, elide=False)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.clicked.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.updateGeometry()
        super().changeEvent(event)


class ActionButton(QAbstractButton):
    """A button with its key printed on it: a verb of two to six characters and a key cap.

    Args:
        text: the verb.
        key: the key as printed (``F9``, ``Alt+Y``); also the shortcut inside the window of the button, unless ``shortcut`` is False.
        kind: ``primary`` (one a screen), ``plain``, ``danger`` or ``chosen``.
    """

    def __init__(
        self, text: str, key: str = "", kind: str = "plain", parent: QWidget | None = None, *, shortcut: bool = True
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._key = key
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.setAccessibleDescription(key)
        self._shortcut: QShortcut | None = None
        if key and shortcut:
            self._shortcut = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WindowShortcut)
            self._shortcut.activated.connect(self.animate_free_click)

    @property
    def key(self) -> str:
        """The key as printed."""
        return self._key

    def animate_free_click(self) -> None:
        """The key was pressed: the same as a click, without motion."""
        if self.isEnabled() and self.isVisible():
            self.click()

    def show_kind(self, kind: str) -> None:
        """Changes the look."""
        if kind != self._kind:
            self._kind = kind
            self.update()

    def sizeHint(self) -> QSize:
        style = theme.current()
        width = text_width(style.font(14, True), self.text()) + style.px(24)
        if self._key:
            width += keycap_size(self._key).width() + style.px(7)
        return QSize(width, style.px(34))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, ink, frame, bold = {
            "primary": ("accent", "accent_text", "accent", True),
            "danger": ("surface", "hard", "hard", False),
            "chosen": ("selection", "text", "accent", True),
        }.get(self._kind, ("surface", "text", "line2", False))
        if not self.isEnabled():
            ground, ink, frame, bold = "ro", "text3", "line", False
        focused = self.hasFocus()
        edge = 2 if focused else 1
        painter.setPen(QPen(style.colour("focus" if focused else frame), edge))
        painter.setBrush(style.colour(ground))
        half = edge / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), style.px(4), style.px(4))
        if focused and self._kind == "primary":
            painter.setPen(QPen(style.colour("accent_text"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3.5, 3.5, -3.5, -3.5), style.px(3), style.px(3))
        font = style.font(14, bold)
        words = text_width(font, self.text())
        whole = words + (keycap_size(self._key).width() + style.px(7) if self._key else 0)
        x = (self.width() - whole) // 2
        write(
            painter,
            QRect(x, 0, words + 2, self.height()),
            self.text(),
            font=font,
            colour=style.colour(ink),
            elide=False,
        )
        if self._key:
            draw_caps(
                painter,
                x + words + style.px(7),
                self.height() // 2,
                (self._key,),
                ink=style.colour(ink),
                frame=style.colour(ink if self._kind == "primary" and self.isEnabled() else "line2"),
            )


class KeyStrip(QWidget):
    """The line of keys above the status bar: five to eleven, most used first, for where the cursor is.

    What does not fit is left out from the end; nothing is cut in the middle.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._keys: tuple[Keys, ...] = ()
        self._right = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("键条"))

    def show_keys(self, keys: Sequence[Keys], right: str = "") -> None:
        """Shows the keys of the place where the cursor is now."""
        if (tuple(keys), right) != (self._keys, self._right):
            self._keys, self._right = tuple(keys), right
            self.setAccessibleDescription("，".join(f"{' '.join(caps)} {words}" for caps, words in self._keys))
            self.update()

    @property
    def keys(self) -> tuple[Keys, ...]:
        """What is shown."""
        return self._keys

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("head"))
        painter.fillRect(0, 0, self.width(), 1, style.colour("line"))
        font = style.font(13)
        right = text_width(font, self._right) + style.px(12) if self._right else 0
        if self._right:
            area = QRect(self.width() - right, 0, right - style.px(12), self.height())
            write(painter, area, self._right, font=font, colour=style.colour("text2"), align=CENTRE, elide=False)
        x = style.px(12)
        for caps, words in self._keys:
            width = caps_width(caps) + style.px(8) + text_width(font, words)
            if x + width > self.width() - right - style.px(6):
                break
            x = draw_caps(painter, x, self.height() // 2, caps, ink=style.colour("text"), frame=style.colour("line2"))
            area = QRect(x + style.px(8), 0, self.width(), self.height())
            write(painter, area, words, font=font, colour=style.colour("text2"), elide=False)
            x += style.px(8) + text_width(font, words) + style.px(14)
