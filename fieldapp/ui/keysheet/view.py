"""F1: the keys of the current screen over a dimmed window; F1 again or Esc closes, Ctrl+P prints it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.cards import column, label, rule
from fieldapp.ui.widgets.keys import KeyCap, Keys
from fieldapp.ui.widgets.painting import caps_width, draw_caps, text_width, write
from fieldapp.words import _, language

SheetColumn = tuple[str, Sequence[Keys]]


def everywhere() -> SheetColumn:
    """The keys that mean the same on every screen."""
    plus = "Ctrl+加号" if language() == "zh" else "Ctrl++"
    return (
        _("到处都一样"),
        (
            (("F1", "Ctrl+/"), _("这张键位表")),
            (("Esc",), _("收起、退一层；数都在")),
            (("F6", "Ctrl+Tab"), _("换栏（左、中、右、下）")),
            (("F7", "Alt+J"), _("下一条检查；Shift+F7 上一条")),
            (("F8", "Alt+L"), _("右栏开关")),
            (("F9", "Ctrl+T"), _("做完：交卷、通过、开始")),
            (("F5", "Ctrl+R"), _("再看一遍")),
            (("Ctrl+1…9",), _("首页、农户、交接……")),
            (("Ctrl+F",), _("找户（拼音头字母）")),
            (("Ctrl+O",), _("按短码、户号打开")),
            (("Ctrl+S",), _("说一声存在哪（早存好了）")),
            (("Ctrl+P",), _("打印")),
            (("Ctrl+L",), _("锁屏")),
            ((plus,), _("字大一档；减号小一档")),
            (("Ctrl+Alt+H",), _("高对比")),
            (("F11",), _("全屏")),
            ((_("Alt+字母"),), _("本屏按钮，拼音头字母")),
        ),
    )


class KeyList(QWidget):
    """One column of the sheet, painted: key caps left, words right."""

    def __init__(self, keys: Sequence[Keys], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = tuple(keys)
        look = theme.current()
        self._caps_width = max((caps_width(caps) for caps, _words in self._keys), default=0)
        self.setMinimumHeight(look.px(25) * len(self._keys))
        self.setAccessibleName("；".join(f"{' '.join(caps)} {words}" for caps, words in self._keys))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        line = look.px(25)
        widest = max((text_width(look.font(14), words) for _caps, words in self._keys), default=0)
        start = max(self._caps_width + look.px(12), min(look.px(134), self.width() - widest))
        for at, (caps, words) in enumerate(self._keys):
            middle = at * line + line // 2
            draw_caps(painter, 0, middle, caps, ink=look.colour("text"), frame=look.colour("line2"))
            area = QRect(start, at * line, self.width() - start, line)
            write(painter, area, words, font=look.font(14), colour=look.colour("text"))


class KeySheet(QWidget):
    """The overlay. It takes the keyboard while it is open and gives it back to where it was.

    Signals:
        print_wanted: Ctrl+P.
    """

    print_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("key_sheet")
        self.setAccessibleName(_("键位"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._before: QWidget | None = None
        self.columns: tuple[SheetColumn, ...] = ()
        self.title = ""
        self._frame: QFrame | None = None
        self.hide()

    def show_sheet(self, title: str, columns: Sequence[SheetColumn]) -> None:
        """Opens over the whole window."""
        host = self.parentWidget()
        self._before = host.window().focusWidget() if host is not None else None
        self.title, self.columns = title, (everywhere(), *columns)
        self._build()
        self.place()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def place(self) -> None:
        """Covers the window and centres the sheet."""
        host = self.parentWidget()
        if host is None:
            return
        self.setGeometry(host.rect())
        if self._frame is not None:
            size = self._frame.sizeHint()
            look = theme.current()
            width = min(self.width() - look.px(48), max(size.width(), look.px(1220)))
            height = min(self.height() - look.px(48), size.height())
            self._frame.setGeometry(
                (self.width() - width) // 2, max(look.px(24), (self.height() - height) // 3), width, height
            )

    def close_sheet(self) -> None:
        """Closes and puts the cursor back."""
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    def sheet_widget(self) -> QWidget | None:
        """The white sheet alone, for printing."""
        return self._frame

    def _build(self) -> None:
        if self._frame is not None:
            self._frame.deleteLater()
        look = theme.current()
        frame = QFrame(self)
        frame.setProperty("kind", "popup")
        whole = QVBoxLayout(frame)
        whole.setContentsMargins(look.px(24), look.px(14), look.px(24), look.px(18))
        whole.setSpacing(look.px(8))
        head = QHBoxLayout()
        head.setSpacing(look.px(12))
        head.addWidget(label(_("键位"), "title"))
        head.addWidget(label(_("{screen} 能用的").format(screen=self.title) if self.title else "", "label"))
        head.addStretch(1)
        head.addWidget(label(_("输入法正在选字时，键都归输入法，我们不抢"), "soft"))
        printing = KeyCap("Ctrl+P", _("印一张贴电脑旁"))
        printing.clicked.connect(self.print_wanted)
        closing = KeyCap("Esc", _("收起"))
        closing.clicked.connect(self.close_sheet)
        head.addWidget(printing)
        head.addWidget(closing)
        whole.addLayout(head)
        whole.addWidget(rule())
        body = QHBoxLayout()
        body.setSpacing(look.px(18))
        for number, (title, keys) in enumerate(self.columns):
            if number:
                body.addWidget(column())
            lines = QVBoxLayout()
            lines.setSpacing(look.px(6))
            name = QLabel(title)
            name.setProperty("kind", "section")
            lines.addWidget(name)
            lines.addWidget(KeyList(keys))
            lines.addStretch(1)
            body.addLayout(lines, 1)
        whole.addLayout(body, 1)
        frame.show()
        self._frame = frame

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        shade = QColor(theme.current().colour("bar"))
        shade.setAlpha(120)
        painter.fillRect(self.rect(), shade)
        if self._frame is not None and theme.current().high_contrast:
            painter.setPen(QPen(theme.current().colour("line2"), 1))
            painter.drawRect(self._frame.geometry().adjusted(-1, -1, 0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.close_sheet()
        elif event.key() == Qt.Key.Key_P and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.print_wanted.emit()
        # every other key stays here: nothing behind the sheet may answer

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            lock = event.key() == Qt.Key.Key_L and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if not lock:
                event.accept()  # taken from every shortcut behind the sheet
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isVisible() and event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.setFocus()
