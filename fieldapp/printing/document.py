"""Sections → PDF: A4 pages, tables that go on across pages, small charts, header, footer, watermark and the household's code.

Measures of monitoring.md 10: margins 20 / 18 / 25 (binding) / 18 mm, body in Song 10.5 pt, tables 9 pt.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, String
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from fieldapp.printing.fonts import HEI, HEI_BOLD, SONG, register_fonts, split_runs, to_markup

_TOP, _BOTTOM, _LEFT, _RIGHT = 20 * mm, 18 * mm, 25 * mm, 18 * mm
BODY_WIDTH = A4[0] - _LEFT - _RIGHT
_GRID = colors.HexColor("#838E88")
_HEAD = colors.HexColor("#E9EEEC")

_BODY = ParagraphStyle("body", fontName=SONG, fontSize=10.5, leading=15, wordWrap="CJK")
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=9, leading=12)
_ITEM = ParagraphStyle("item", parent=_BODY, fontSize=10, leading=14, keepWithNext=0)
_ITEM_LINE = ParagraphStyle("item-line", parent=_BODY, fontSize=8.5, leading=11.5, leftIndent=14)
_CELL = ParagraphStyle("cell", parent=_BODY, fontSize=9, leading=12)
_CELL_RIGHT = ParagraphStyle("cell-right", parent=_CELL, alignment=TA_RIGHT)
_CELL_CENTER = ParagraphStyle("cell-center", parent=_CELL, alignment=TA_CENTER)
_CELL_HEAD = ParagraphStyle("cell-head", parent=_CELL_CENTER, fontName=HEI)
_SECTION = ParagraphStyle(
    "section", fontName=HEI_BOLD, fontSize=12, leading=18, spaceBefore=8, spaceAfter=4, wordWrap="CJK"
)
_TITLE = ParagraphStyle("title", fontName=HEI_BOLD, fontSize=22, leading=32, alignment=TA_CENTER, wordWrap="CJK")


@dataclass(frozen=True)
class Facts:
    """Short facts side by side: (name, text) pairs, ``columns`` pairs a line."""

    pairs: tuple[tuple[str, str], ...]
    columns: int = 3


@dataclass(frozen=True)
class Grid:
    """A table whose heading row repeats on every page it reaches.

    Attributes:
        widths: relative widths of the columns.
        right: columns set flush right (figures).
        center: columns set in the middle.
        blank: what stands there when there is no row (never an empty line to be filled in afterwards).
        emphasised: rows set in the heading face (totals).
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    right: frozenset[int] = frozenset()
    center: frozenset[int] = frozenset()
    blank: str = "本期无"
    emphasised: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Trend:
    """A small line chart against a line: labels and values oldest first; a value may be missing."""

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    line: float | None
    line_name: str


@dataclass(frozen=True)
class Boxes:
    """Boxes to sign or seal in, side by side."""

    names: tuple[str, ...]
    height_mm: float = 26


@dataclass(frozen=True)
class Item:
    """A question in running text: a bold number and its words, the facts after them, indented lines below."""

    number: str
    words: str
    facts: str
    lines: tuple[str, ...] = ()


Block = Facts | Grid | Words | Trend | Boxes | Item


@dataclass(frozen=True)
class Section:
    """One numbered section; ``new_page`` starts it on a fresh page."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


@dataclass(frozen=True)
class Cover:
    """The first page: title, facts, contents, notice."""

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    contents: tuple[str, ...]
    notice: str


@dataclass(frozen=True)
class Document:
    """A whole paper.

    Attributes:
        header: in the middle above every page.
        footer: left of every page's foot; the page number follows it.
        watermark: faint and slanted over every page.
        qr: text of the QR on the cover, or "".
        short_code: typed code beside the QR.
    """

    title: str
    header: str
    footer: str
    watermark: str
    sections: tuple[Section, ...]
    cover: Cover | None = None
    qr: str = ""
    short_code: str = ""
    subject: str = ""
    keywords: tuple[str, ...] = field(default=())


def render(document: Document) -> bytes:
    """The PDF; the same document gives the same bytes."""
    register_fonts()
    out = io.BytesIO()
    template = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=_LEFT,
        rightMargin=_RIGHT,
        topMargin=_TOP,
        bottomMargin=_BOTTOM,
        title=document.title,
        subject=document.subject,
        author="fieldapp",
        invariant=1,
        initialFontName=SONG,
    )
    frame = Frame(_LEFT, _BOTTOM, BODY_WIDTH, A4[1] - _TOP - _BOTTOM, id="body", leftPadding=0, rightPadding=0)
    template.addPageTemplates([PageTemplate(id="page", frames=[frame])])
    template.build(_story(document), canvasmaker=_canvas_for(document))
    return out.getvalue()


def _story(document: Document) -> list[Flowable]:
    story: list[Flowable] = []
    if document.cover is not None:
        story += _cover(document, document.cover)
    for i, section in enumerate(document.sections):
        if section.new_page and (i > 0 or document.cover is not None):
            story.append(PageBreak())
        else:
            story.append(CondPageBreak(_heading_room(section) if section.title else 0))
        if section.title:
            story.append(Paragraph(to_markup(section.title, HEI_BOLD), _SECTION))
        for block in section.blocks:
            story += _flowables(block)
            story.append(Spacer(1, 5))
    return story


def _heading_room(section: Section) -> float:
    """Room that must be left on the page for a section to start there: boxes to sign in stay with their heading."""
    boxes = sum(block.height_mm for block in section.blocks if isinstance(block, Boxes))
    return float((30 + boxes) * mm)


def _cover(document: Document, cover: Cover) -> list[Flowable]:
    story: list[Flowable] = [Spacer(1, 30 * mm), Paragraph(to_markup(cover.title, HEI_BOLD), _TITLE), Spacer(1, 4 * mm)]
    subtitle = ParagraphStyle("subtitle", parent=_BODY, fontSize=13, alignment=TA_CENTER)
    story += [Paragraph(to_markup(cover.subtitle, SONG), subtitle), Spacer(1, 14 * mm)]
    rows = [[Paragraph(to_markup(n, HEI), _CELL_HEAD), Paragraph(to_markup(t, SONG), _BODY)] for n, t in cover.facts]
    facts = Table(rows, colWidths=[34 * mm, BODY_WIDTH - 74 * mm], hAlign="LEFT")
    facts.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, _GRID), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]))
    side: list[Flowable] = []
    if document.qr:
        side = [_qr(document.qr, 32 * mm), Paragraph(to_markup(f"短码 {document.short_code}", SONG), _CELL_CENTER)]
    together = Table([[facts, side]], colWidths=[BODY_WIDTH - 38 * mm, 38 * mm])
    together.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, 0), 0)]))
    story += [together, Spacer(1, 12 * mm)]
    if cover.contents:
        story.append(Paragraph(to_markup("目录", HEI_BOLD), _SECTION))
        story += [Paragraph(to_markup(line, SONG), _BODY) for line in cover.contents]
        story.append(Spacer(1, 10 * mm))
    story.append(Paragraph(to_markup(cover.notice, SONG), _SMALL))
    return story


def _qr(text: str, side: float) -> Drawing:
    widget = QrCodeWidget(text, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    drawing = Drawing(side, side, transform=[side / (right - left), 0, 0, side / (top - bottom), 0, 0])
    drawing.add(widget)
    return drawing


def _flowables(block: Block) -> list[Flowable]:
    match block:
        case Facts():
            return [_facts(block)]
        case Grid():
            return [_grid(block)]
        case Words():
            return [Paragraph(to_markup(block.text, SONG), _SMALL if block.small else _BODY)]
        case Item():
            return _item(block)
        case Trend():
            return [_trend(block)]
        case Boxes():
            return [_boxes(block)]


def _facts(block: Facts) -> Flowable:
    cells: list[list[Paragraph]] = []
    for start in range(0, len(block.pairs), block.columns):
        line: list[Paragraph] = []
        for name, text in block.pairs[start : start + block.columns]:
            line += [Paragraph(to_markup(name, HEI), _CELL), Paragraph(to_markup(text or "—", SONG), _CELL)]
        line += [Paragraph("", _CELL)] * (2 * block.columns - len(line))
        cells.append(line)
    pair = BODY_WIDTH / block.columns
    table = Table(cells, colWidths=[pair * 0.36, pair * 0.64] * block.columns)
    table.setStyle(_table_style([("BACKGROUND", (2 * i, 0), (2 * i, -1), _HEAD) for i in range(block.columns)]))
    return table


def _grid(block: Grid) -> Flowable:
    total = sum(block.widths)
    widths = [BODY_WIDTH * width / total for width in block.widths]
    head = [Paragraph(to_markup(heading, HEI), _CELL_HEAD) for heading in block.headings]
    body: list[list[Paragraph | str]] = []
    for i, row in enumerate(block.rows):
        face = HEI if i in block.emphasised else SONG
        body.append([Paragraph(to_markup(text, face), _cell_style(block, j, face)) for j, text in enumerate(row)])
    commands: list[tuple[object, ...]] = [("BACKGROUND", (0, 0), (-1, 0), _HEAD)]
    if not body:
        body = [[Paragraph(to_markup(block.blank, SONG), _CELL_CENTER), *[""] * (len(widths) - 1)]]
        commands.append(("SPAN", (0, 1), (-1, 1)))
    table = Table([head, *body], colWidths=widths, repeatRows=1)
    table.setStyle(_table_style(commands))
    return table


def _cell_style(block: Grid, column: int, face: str) -> ParagraphStyle:
    style = _CELL_RIGHT if column in block.right else _CELL_CENTER if column in block.center else _CELL
    return style if face == SONG else ParagraphStyle(style.name + face, parent=style, fontName=face)


def _table_style(more: Sequence[tuple[object, ...]]) -> TableStyle:
    return TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, _GRID),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            *more,
        ]
    )


def _item(block: Item) -> list[Flowable]:
    head = " ".join(part for part in (to_markup(block.number, HEI_BOLD), to_markup(block.words, SONG)) if part)
    if block.facts:
        head += f'<font size="8" color="#555555">　{to_markup(block.facts, SONG)}</font>'
    return [Paragraph(head, _ITEM), *(Paragraph(to_markup(line, SONG), _ITEM_LINE) for line in block.lines)]


def _trend(block: Trend) -> Drawing:
    width, height, low = 90 * mm, 34 * mm, 12.0
    drawing = Drawing(BODY_WIDTH, height)
    left = BODY_WIDTH - width
    known = [value for value in block.values if value is not None] + ([block.line] if block.line is not None else [])
    top = max(known, default=1.0) * 1.15 or 1.0
    step = width / max(len(block.values), 1)

    def place(i: int, value: float) -> tuple[float, float]:
        return left + step * (i + 0.5), low + (height - low - 12) * max(value, 0.0) / top

    drawing.add(Line(left, low, left + width, low, strokeColor=_GRID, strokeWidth=0.5))
    if block.line is not None:
        y = place(0, block.line)[1]
        drawing.add(Line(left, y, left + width, y, strokeWidth=0.7, strokeDashArray=[3, 2]))
        drawing.add(String(left + width, y + 2, block.line_name, fontName=SONG, fontSize=7, textAnchor="end"))
    points = [(i, value) for i, value in enumerate(block.values) if value is not None]
    if len(points) > 1:
        drawing.add(PolyLine([xy for i, value in points for xy in place(i, value)], strokeWidth=1))
    for i, value in points:
        x, y = place(i, value)
        drawing.add(Circle(x, y, 1.6, fillColor=colors.black))
        drawing.add(String(x, y + 4, f"{value:,.0f}", fontName=SONG, fontSize=7, textAnchor="middle"))
    for i, label in enumerate(block.labels):
        drawing.add(String(place(i, 0)[0], 2, label, fontName=SONG, fontSize=7, textAnchor="middle"))
    return drawing


def _boxes(block: Boxes) -> Flowable:
    cells = [[Paragraph(to_markup(name, SONG), _CELL) for name in block.names]]
    table = Table(
        cells, colWidths=[BODY_WIDTH / len(block.names)] * len(block.names), rowHeights=[block.height_mm * mm]
    )
    table.setStyle(_table_style([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _canvas_for(document: Document) -> type[Canvas]:
    """A canvas that knows the number of pages: footers are drawn when all pages are there."""

    class PagedCanvas(Canvas):  # type: ignore[misc]
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, object]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for i, page in enumerate(self._pages):
                self.__dict__.update(page)
                _furnish(self, document, i + 1, len(self._pages))
                super().showPage()
            super().save()

    return PagedCanvas


def _furnish(canvas: Canvas, document: Document, page: int, pages: int) -> None:
    """Header, footer and watermark; the watermark lets the print below it through."""
    width, height = A4
    canvas.saveState()
    canvas.setFillGray(0.0)
    canvas.setFillAlpha(0.10)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(38)
    _draw_text(canvas, 0, 0, document.watermark, 30, "center")
    canvas.restoreState()
    canvas.saveState()
    canvas.setFillGray(0.2)
    _draw_text(canvas, width / 2, height - 13 * mm, document.header, 9, "center")
    canvas.setLineWidth(0.4)
    canvas.line(_LEFT, height - 15 * mm, width - _RIGHT, height - 15 * mm)
    _draw_text(canvas, _LEFT, 10 * mm, document.footer, 8, "left")
    _draw_text(canvas, width - _RIGHT, 10 * mm, f"第 {page} 页，共 {pages} 页", 8, "right")
    canvas.restoreState()


def _draw_text(canvas: Canvas, x: float, y: float, text: str, size: float, align: str) -> None:
    """One line of Song, rare characters from the face that has them."""
    runs = split_runs(text, SONG)
    widths = [stringWidth(run, face, size) for face, run in runs]
    x -= {"left": 0.0, "center": sum(widths) / 2, "right": sum(widths)}[align]
    for (face, run), width in zip(runs, widths, strict=True):
        canvas.setFont(face, size)
        canvas.drawString(x, y, run)
        x += width
