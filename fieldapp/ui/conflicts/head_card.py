"""One of the values of a cell in conflict, with who, where, when and their own note."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from fieldapp.services.deciding import HeadCard
from fieldapp.ui import theme
from fieldapp.ui.messages import moment_words
from fieldapp.ui.widgets.painting import badge_size, draw_badge, draw_caps, draw_tick, line_height, write
from fieldapp.words import _


class HeadButton(QAbstractButton):
    """A press chooses this value; nothing is decided yet."""

    def __init__(self, head: HeadCard, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = head
        self._key = key
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setObjectName(f"conflict_head_{head.index + 1}")
        self.setAccessibleName(_("采用 {value}").format(value=head.value_label))
        self.setAccessibleDescription(f"{key} {head.who} {head.role} {moment_words(head.at)} {head.note}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._shortcut = QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WindowShortcut)
        self._shortcut.activated.connect(self.click)

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(300), look.px(260))

    def minimumSizeHint(self) -> QSize:
        look = theme.current()
        return QSize(look.px(220), look.px(236))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen, focused = self.isChecked(), self.hasFocus()
        painter.setPen(QPen(look.colour("focus" if focused else "accent" if chosen else "line2"), 2 if focused else 1))
        painter.setBrush(look.colour("selection" if chosen else "surface"))
        half = 1.0 if focused else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), look.px(4), look.px(4))
        edge, width = look.px(16), self.width() - 2 * look.px(16)
        middle = look.px(26)
        x = draw_caps(painter, edge, middle, (self._key,), ink=look.colour("text2"), frame=look.colour("line2"))
        words = _("采用了这个") if chosen else _("采用这个")
        area = QRect(x + look.px(8), middle - look.px(14), width, look.px(28))
        write(painter, area, words, font=look.font(15, True), colour=look.colour("accent" if chosen else "text"))
        if chosen:
            draw_tick(
                painter,
                QRect(edge + width - look.px(18), middle - look.px(9), look.px(18), look.px(18)),
                look.colour("accent"),
            )
        elif self.head.shown:
            shown = _("眼下显示的")
            draw_badge(painter, edge + width - badge_size(shown).width(), middle, "plain", shown, solid=False)
        y = look.px(46)
        big = look.font(24, True)
        area = QRect(edge, y, width, line_height(big))
        write(painter, area, self.head.value_label or _("（空）"), font=big, colour=look.colour("text"))
        y += line_height(big) + look.px(8)
        painter.fillRect(QRect(edge, y, width, 1), look.colour("line"))
        y += look.px(8)
        facts = (
            (_("谁"), self.head.who),
            (_("岗位"), _(self.head.role)),
            (_("电脑"), self.head.device),
            (_("时间"), moment_words(self.head.at)),
        )
        step = look.px(26)
        for name, value in facts:
            write(painter, QRect(edge, y, look.px(52), step), name, font=look.font(13), colour=look.colour("text3"))
            area = QRect(edge + look.px(52), y, width - look.px(52), step)
            write(painter, area, value, font=look.font(14), colour=look.colour("text"))
            y += step
        if self.head.note:
            write(
                painter, QRect(edge, y, look.px(52), step), _("他写的"), font=look.font(13), colour=look.colour("text3")
            )
            font = look.font(14)
            painter.setFont(font)
            painter.setPen(look.colour("text"))
            area = QRect(
                edge + look.px(52),
                y + (step - QFontMetrics(font).height()) // 2,
                width - look.px(52),
                self.height() - y - look.px(8),
            )
            painter.drawText(area, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop, f"“{self.head.note}”")
