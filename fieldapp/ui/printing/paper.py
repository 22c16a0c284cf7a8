"""PDF in memory to images, and to the printer. No file is written here."""

from __future__ import annotations

import pypdfium2
from PySide6.QtCore import QMarginsF, QPoint, QRectF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from fieldapp.services.printing import PDFIUM


def count_pages(pdf: bytes) -> int:
    """Pages of a PDF."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


def draw_page(pdf: bytes, number: int, width_px: int) -> QImage:
    """One page (0 is the first) as an image of this width; may be called off the UI thread."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[number]
            bitmap = page.render(scale=width_px / page.get_width(), prefer_bgrx=True, rev_byteorder=False)
            data = bytes(bitmap.buffer)
            return QImage(data, bitmap.width, bitmap.height, bitmap.stride, QImage.Format.Format_RGB32).copy()
        finally:
            document.close()


def print_pdf(pdf: bytes, title: str, parent: QWidget) -> bool:
    """Asks for the printer and prints; False when the person gave up or there is no printer."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    pages = count_pages(pdf)
    dialog = QPrintDialog(printer, parent)
    dialog.setMinMax(1, pages)
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return False
    first, last = printer.fromPage() or 1, printer.toPage() or pages
    painter = QPainter()
    if not painter.begin(printer):
        return False
    try:
        width = round(8.27 * min(printer.resolution(), 300))
        for number in range(first - 1, last):
            if number >= first:
                printer.newPage()
            image = draw_page(pdf, number, width)
            paper = printer.pageLayout().fullRectPixels(printer.resolution())
            paint = printer.pageLayout().paintRectPixels(printer.resolution())
            painter.drawImage(QRectF(paper.translated(-paint.topLeft())), image)
    finally:
        painter.end()
    return True


def print_widget(widget: QWidget, parent: QWidget) -> bool:
    """Prints a widget on one landscape page, for the key sheet beside the laptop."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    printer.setPageMargins(QMarginsF(12, 12, 12, 12), QPageLayout.Unit.Millimeter)
    dialog = QPrintDialog(printer, parent)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return False
    painter = QPainter()
    if not painter.begin(printer):
        return False
    try:
        share = printer.pageLayout().paintRectPixels(printer.resolution()).width() / max(1, widget.width())
        painter.scale(share, share)
        widget.render(painter, QPoint())
    finally:
        painter.end()
    return True
