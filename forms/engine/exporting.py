"""A questionnaire's CSV source as a workbook for editors. The workbook makes the same XForm."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from forms.engine.problems import FormRefused, Problem

_HEAD = PatternFill("solid", fgColor="E8EEF4")
_WIDTHS = {"type": 24, "name": 20, "relevant": 36, "calculation": 36, "constraint": 30}


def read_sheets(text: str) -> dict[str, list[list[str]]]:
    """Sheets of pyxform's single-file CSV: a sheet's name alone in the first column, then its rows in the further columns."""
    sheets: dict[str, list[list[str]]] = {}
    here: list[list[str]] | None = None
    for cells in csv.reader(io.StringIO(text)):
        if not any(cell.strip() for cell in cells):
            continue
        if cells[0].strip():
            here = sheets.setdefault(cells[0].strip(), [])
            if not any(cell.strip() for cell in cells[1:]):
                continue
        if here is not None:
            here.append(cells[1:])
    return sheets


def export_workbook(source: Path) -> bytes:
    """The workbook (.xlsx) of a CSV source.

    Raises:
        FormRefused: the source is no such CSV.
    """
    try:
        sheets = read_sheets(source.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FormRefused(
            (Problem("E000", f"读不到文件“{source.name}”。", "请检查文件是否还在。"),), source.name
        ) from error
    if "survey" not in sheets:
        raise FormRefused((Problem("E005", "这不是问卷的 CSV 源文件。", "第一列要写工作表名 survey。"),), source.name)
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        width = max(len(row) for row in rows) if rows else 0
        for row in rows:
            sheet.append([_cell(text) for text in row] + [None] * (width - len(row)))
        for cells in sheet.iter_rows():
            for cell in cells:
                cell.number_format = "@"
                cell.alignment = Alignment(vertical="top", wrap_text=cell.row > 1)
        for number, title in enumerate(rows[0] if rows else [], start=1):
            head = sheet.cell(1, number)
            head.font, head.fill = Font(bold=True), _HEAD
            default = 32 if title.startswith(("label", "hint")) else 14
            sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(title.strip(), default)
        sheet.freeze_panes = "D2" if name == "survey" else "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(text: str) -> str | None:
    """Cells are text, so that codes keep their zeros and a formula stays words."""
    return text if text != "" else None
