"""The top bar and the status bar."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.painting import RIGHT, text_width, write
from fieldapp.words import _

__all__ = ["StatusBar", "TopBar"]


class TopBar(QWidget):
    """The dark bar, 44 px: parts from the left (:meth:`add`), then a stretch, then parts at the right (:meth:`add_right`)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._line = QHBoxLayout(self)
        self._left = 0
        self._line.addStretch(1)
        self.relayout()

    def relayout(self) -> None:
        """Takes the sizes of the theme in force."""
        style = theme.current()
        self.setFixedHeight(style.px(44))
        self._line.setContentsMargins(style.px(14), 0, style.px(14), 0)
        self._line.setSpacing(style.px(12))

    def add(self, part: QWidget) -> None:
        """Appends a part on the left."""
        self._line.insertWidget(self._left, part, 0, Qt.AlignmentFlag.AlignVCenter)
        self._left += 1

    def add_right(self, part: QWidget) -> None:
        """Appends a part on the right."""
        self._line.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)

    def add_label(self, text: str = "", kind: str = "dim", *, right: bool = False) -> QLabel:
        """Appends a label (kinds: ``name``, ``dim``, empty for plain) and returns it."""
        label = QLabel(text)
        label.setProperty("kind", kind)
        (self.add_right if right else self.add)(label)
        return label


_TONES = {"ok": "ok", "busy": "focus_text", "trouble": "hard", "ageing": "soft"}


class StatusBar(QWidget):
    """One true sentence, one fact on unsent work, and who sits here.

    The dot is a disc for ``ok`` and ``busy`` and a square for ``trouble`` and ``ageing``, so that the colour is not the only signal.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tone, self._sentence, self._fact, self._who = "ok", "", "", ""
        self.setAccessibleName(_("状态"))

    def show_state(self, tone: str, sentence: str) -> None:
        """The sentence; tones: ``ok``, ``busy``, ``trouble``, ``ageing``. Screen readers hear it when the tone changes."""
        spoken = tone != self._tone
        if (tone, sentence) == (self._tone, self._sentence):
            return
        self._tone, self._sentence = tone, sentence
        self.setAccessibleDescription(sentence)
        if spoken:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        self.update()

    def show_fact(self, fact: str) -> None:
        """One fact on work that is not handed over, e.g. ``本机 3 份未交    上次交接 9月18日 17:30``."""
        if fact != self._fact:
            self._fact = fact
            self.update()

    def show_who(self, who: str) -> None:
        """Name, post and number of the person at the right."""
        if who != self._who:
            self._who = who
            self.update()

    @property
    def fact(self) -> str:
        """The fact shown."""
        return self._fact

    @property
    def tone(self) -> str:
        """Tone of the sentence shown."""
        return self._tone

    @property
    def sentence(self) -> str:
        """The sentence shown."""
        return self._sentence

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(28))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("surface"))
        painter.fillRect(0, 0, self.width(), 1, style.colour("line"))
        font, bold = style.font(13), style.font(13, True)
        edge, height = style.px(12), self.height()
        who = text_width(font, self._who)
        if self._who:
            area = QRect(self.width() - edge - who, 0, who, height)
            write(painter, area, self._who, font=font, colour=style.colour("text2"), align=RIGHT, elide=False)
        room = self.width() - who - 3 * edge
        x = edge
        if self._sentence:
            colour = style.colour(_TONES[self._tone])
            dot = style.px(10)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            area = QRect(x, (height - dot) // 2, dot, dot)
            if self._tone in ("ok", "busy"):
                painter.drawEllipse(area)
            else:
                painter.drawRect(area)
            x += dot + style.px(6)
            width = min(text_width(bold, self._sentence) + 2, room - x)
            write(painter, QRect(x, 0, width, height), self._sentence, font=bold, colour=colour)
            x += width + style.px(16)
        if self._fact and room - x > style.px(60):
            write(painter, QRect(x, 0, room - x, height), self._fact, font=font, colour=style.colour("text2"))
