"""XLSX: one sheet a table with frozen headings, labels beside codes, and a codebook sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from fieldapp.exporting.codebook import codebook_rows
from fieldapp.exporting.files import write_whole
from fieldapp.exporting.table import Column, Table

_MAX_ROWS = 1_000_000  # a sheet holds 1,048,576; the rest goes on a sheet of its own


def write_workbook(tables: Sequence[Table], path: Path) -> Path:
    """Writes all tables into one workbook, row by row, so that memory stays flat.

    Raises:
        ExportNotWritten.
    """
    book = Workbook(write_only=True)
    for table in tables:
        for part, start in enumerate(range(0, max(len(table.rows), 1), _MAX_ROWS)):
            name = table.name if part == 0 else f"{table.name}_{part + 1}"
            _write_sheet(book.create_sheet(name[:31]), table, table.rows[start : start + _MAX_ROWS])
    _write_codebook(book.create_sheet("codebook"), tables)
    write_whole(path, book.save)
    return path


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table, rows: Iterable[tuple[str, ...]]) -> None:
    sheet.freeze_panes = "A3"
    sheet.append([_bold(sheet, heading) for column in table.columns for heading in _names(column)])
    sheet.append([_bold(sheet, column.label) for column in table.columns for _ in _names(column)])
    for row in rows:
        cells: list[object] = []
        for column, value in zip(table.columns, row, strict=True):
            cells.append(_typed(column, value))
            if column.has_words:
                cells.append(_plain(column.words(value)))
        sheet.append([_text_cell(sheet, cell) for cell in cells])


def _names(column: Column) -> tuple[str, ...]:
    return (column.name, f"{column.name}_label") if column.has_words else (column.name,)


def _bold(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _text_cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    if isinstance(value, str) and value.startswith("="):  # text of a person, never a formula
        cell = WriteOnlyCell(sheet, value=value)
        cell.data_type = "s"
        return cell
    return value


def _typed(column: Column, value: str) -> object:
    """Figures as figures; codes, numbers of identity and dates stay text, leading noughts and all."""
    if not value:
        return None
    try:
        if column.type == "integer":
            return int(value)
        if column.type == "decimal":
            return float(value)
    except ValueError:
        return value
    return value


def _plain(text: str) -> str | None:
    return text or None


def _write_codebook(sheet: WriteOnlyWorksheet, tables: Sequence[Table]) -> None:
    sheet.freeze_panes = "A2"
    for i, row in enumerate(codebook_rows(tables)):
        sheet.append([_bold(sheet, text) if i == 0 else text for text in row])
