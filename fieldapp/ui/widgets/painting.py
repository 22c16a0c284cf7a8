"""Small drawings used by widgets and delegates alike: key caps, badges, ticks, hatches, corners.

Check marks are paths, since the glyphs differ in every typeface. Every function leaves the painter's state as it found it, except
for pen and brush.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPolygonF

from fieldapp.ui import theme

__all__ = [
    "badge_size",
    "caps_width",
    "draw_badge",
    "draw_caps",
    "draw_corner",
    "draw_hatch",
    "draw_keycap",
    "draw_state_mark",
    "draw_tick",
    "draw_tick_box",
    "elided",
    "keycap_size",
    "line_height",
    "text_width",
    "write",
]

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


def text_width(font: QFont, text: str) -> int:
    """Width of a line of text in pixels, enough to write it without an ellipsis."""
    return QFontMetrics(font).horizontalAdvance(text) + 1 if text else 0


def line_height(font: QFont) -> int:
    """Height that one line of text needs without clipping (Chinese typefaces are taller than their size)."""
    return QFontMetrics(font).height()


def elided(font: QFont, text: str, width: int) -> str:
    """The text, cut with an ellipsis when it is wider than ``width``."""
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def write(
    painter: QPainter,
    area: QRect,
    text: str,
    *,
    font: QFont,
    colour: QColor,
    align: Qt.AlignmentFlag = LEFT,
    elide: bool = True,
) -> None:
    """One line of text inside an area."""
    if not text:
        return
    if elide and len(text) * font.pixelSize() > area.width():  # No character is wider than the type is high.
        text = elided(font, text, area.width())
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(area, int(align) | int(Qt.TextFlag.TextSingleLine), text)


def keycap_size(text: str, size: int = 12) -> QSize:
    """Size of a key cap with this text."""
    style = theme.current()
    font = style.font(size)
    return QSize(max(text_width(font, text) + style.px(10), style.px(18)), style.px(size + 7))


def draw_keycap(
    painter: QPainter, x: int, middle: int, text: str, *, ink: QColor, frame: QColor, size: int = 12
) -> int:
    """A key cap whose left edge is ``x``, centred on the line ``middle``; returns the x behind it."""
    style = theme.current()
    box = keycap_size(text, size)
    area = QRect(x, middle - box.height() // 2, box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(frame, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), style.px(3), style.px(3))
    painter.restore()
    write(painter, area, text, font=style.font(size), colour=ink, align=CENTRE, elide=False)
    return x + box.width()


def caps_width(caps: Sequence[str], size: int = 12) -> int:
    """Width of several key caps side by side."""
    gap = theme.current().px(4)
    return sum(keycap_size(cap, size).width() for cap in caps) + gap * max(0, len(caps) - 1)


def draw_caps(
    painter: QPainter, x: int, middle: int, caps: Sequence[str], *, ink: QColor, frame: QColor, size: int = 12
) -> int:
    """Several key caps side by side; returns the x behind the last."""
    gap = theme.current().px(4)
    for at, cap in enumerate(caps):
        x = draw_keycap(painter, x + (gap if at else 0), middle, cap, ink=ink, frame=frame, size=size)
    return x


_BADGES = {
    "hard": ("hard", "hard_bg", "hard_text"),
    "soft": ("soft", "soft_bg", "soft_text"),
    "clash": ("clash", "clash_bg", "clash_text"),
    "ok": ("ok", "ok_bg", "surface"),
    "accent": ("accent", "accent_bg", "accent_text"),
    "plain": ("text3", "ro", "surface"),
}


def badge_size(text: str, size: int = 12) -> QSize:
    """Size of a badge with this text."""
    style = theme.current()
    return QSize(text_width(style.font(size, True), text) + style.px(10), style.px(size + 7))


def draw_badge(
    painter: QPainter, x: int, middle: int, kind: str, text: str, *, solid: bool = True, size: int = 12
) -> int:
    """A badge (kinds: hard soft clash ok accent plain), solid or outlined; returns the x behind it."""
    style = theme.current()
    ink, ground, on_ink = (style.colour(token) for token in _BADGES[kind])
    box = badge_size(text, size)
    area = QRect(x, middle - box.height() // 2, box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(ink, 1) if kind != "plain" or solid else QPen(style.colour("line"), 1))
    painter.setBrush(QBrush(ink if solid else ground))
    painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), style.px(3), style.px(3))
    painter.restore()
    write(painter, area, text, font=style.font(size, solid), colour=on_ink if solid else ink, align=CENTRE, elide=False)
    return x + box.width()


def draw_tick(painter: QPainter, area: QRect, colour: QColor, width: float = 2.0) -> None:
    """A check mark filling the area."""
    w, h = area.width(), area.height()
    path = QPainterPath(QPointF(area.x() + 0.12 * w, area.y() + 0.52 * h))
    path.lineTo(area.x() + 0.40 * w, area.y() + 0.80 * h)
    path.lineTo(area.x() + 0.90 * w, area.y() + 0.22 * h)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, width * theme.current().scale / 100, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPath(path)
    painter.restore()


def draw_tick_box(painter: QPainter, area: QRect, *, ticked: bool) -> None:
    """A tick box: filled with a check mark, or an empty frame."""
    style = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = style.colour("accent" if ticked else "line2")
    painter.setPen(QPen(frame, 1))
    painter.setBrush(QBrush(frame if ticked else style.colour("surface")))
    painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), style.px(3), style.px(3))
    painter.restore()
    if ticked:
        inner = area.adjusted(style.px(3), style.px(3), -style.px(3), -style.px(3))
        draw_tick(painter, inner, style.colour("accent_text"))


def draw_state_mark(painter: QPainter, area: QRect, state: str) -> None:
    """The mark of a section: ``done`` check mark, ``some`` half disc, ``none`` ring, ``here`` arrow."""
    style = theme.current()
    if state == "done":
        draw_tick(painter, area, style.colour("ok"))
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state == "here":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.colour("focus"))
        cut = area.adjusted(area.width() // 4, area.height() // 5, -area.width() // 5, -area.height() // 5)
        painter.drawPolygon(
            QPolygonF([QPointF(cut.topLeft()), QPointF(cut.right(), cut.center().y()), QPointF(cut.bottomLeft())])
        )
    else:
        ring = QRectF(area).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(style.colour("accent" if state == "some" else "line2"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(ring)
        if state == "some":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.colour("accent"))
            painter.drawPie(ring, 90 * 16, 180 * 16)
    painter.restore()


def draw_hatch(painter: QPainter, area: QRect) -> None:
    """The ground of a cell that is not asked."""
    style = theme.current()
    painter.fillRect(area, style.colour("ro"))
    painter.fillRect(area, QBrush(style.colour("line"), Qt.BrushStyle.BDiagPattern))


def draw_corner(painter: QPainter, area: QRect, colour: QColor, *, left: bool = False, size: int = 9) -> None:
    """A small triangle in the upper right (a check) or upper left (a note) corner of a cell."""
    side = theme.current().px(size)
    x = area.left() if left else area.right() + 1
    step = side if left else -side
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(
        QPolygonF([QPointF(x, area.top()), QPointF(x + step, area.top()), QPointF(x, area.top() + side)])
    )
    painter.restore()
