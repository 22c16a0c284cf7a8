"""Parts of the unlock screen: a person's line and the passphrase field."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.painting import RIGHT, draw_caps, text_width, write


class PersonLine(QAbstractButton):
    """One account: its key, the name, post and villages, and when it was last used."""

    def __init__(self, number: int, name: str, post: str, when: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = f"Alt+{number}"
        self._post, self._when = post, when
        self.setText(name)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setObjectName(f"unlock_person_{number}")
        self.setAccessibleName(f"{name} {post}")
        self.setAccessibleDescription(self._key)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(420), look.px(44))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen, edge = self.isChecked(), 2 if self.hasFocus() else 1
        frame = "focus" if self.hasFocus() else "accent" if chosen else "line"
        painter.setPen(QPen(look.colour(frame), edge))
        painter.setBrush(look.colour("selection" if chosen else "surface"))
        half = edge / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), look.px(4), look.px(4))
        middle = self.height() // 2
        x = draw_caps(painter, look.px(12), middle, (self._key,), ink=look.colour("text2"), frame=look.colour("line2"))
        x += look.px(12)
        font = look.font(15, chosen)
        area = QRect(x, 0, self.width() // 2, self.height())
        write(painter, area, self.text(), font=font, colour=look.colour("text"), elide=False)
        x += text_width(font, self.text()) + look.px(12)
        when = text_width(look.font(13), self._when)
        right = self.width() - look.px(14)
        area = QRect(x, 0, max(0, right - when - look.px(12) - x), self.height())
        write(painter, area, self._post, font=look.font(14), colour=look.colour("text2"))
        area = QRect(right - when, 0, when, self.height())
        write(painter, area, self._when, font=look.font(13), colour=look.colour("text3"), align=RIGHT, elide=False)


class PassphraseField(QLineEdit):
    """Takes a passphrase: the input method is off, and Alt+K shows it only while held.

    Signals:
        walked: ↑ (-1) or ↓ (1), for choosing the person without leaving the field.
        capitals: whether the last letter came in upper case without Shift.
    """

    walked = Signal(int)
    capitals = Signal(bool)

    def __init__(self, name: str, accessible: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setProperty("kind", "secret")
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
        )
        self._hide(True)

    def _hide(self, hidden: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Password if hidden else QLineEdit.EchoMode.Normal)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)  # setEchoMode turns it on again

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_K and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            self._hide(False)
            return
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.walked.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
            return
        letter = event.text()
        if len(letter) == 1 and letter.isascii() and letter.isalpha():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.capitals.emit(letter.isupper() != shift)
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_K, Qt.Key.Key_Alt) and not event.isAutoRepeat():
            self._hide(True)
        super().keyReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_K and event.modifiers() == Qt.KeyboardModifier.AltModifier:
                event.accept()
                return True
        elif event.type() == QEvent.Type.FocusOut:
            self._hide(True)
        return super().event(event)


class BarGround(QWidget):
    """A dark ground whose colours come from the bar of the style sheet."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent if isinstance(parent, QWidget) else None)
        self.setProperty("kind", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
