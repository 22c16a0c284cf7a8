"""CSV: a file a table; beside each choice column a column of its labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from fieldapp.exporting.files import write_whole
from fieldapp.exporting.table import Table

# A cell that a spreadsheet would take for a formula is not run but read: the apostrophe is what WPS and Excel expect.
_FORMULA_STARTS = ("=", "+", "@", "\t", "\r")


def write_csv(table: Table, folder: Path, *, byte_order_mark: bool = True) -> Path:
    """Writes ``<table name>.csv`` in UTF-8.

    Args:
        byte_order_mark: WPS and Excel need it to read Chinese right; statistics programs do not.
    Returns:
        Path of the file.
    Raises:
        ExportNotWritten.
    """
    path = folder / f"{table.name}.csv"

    def write(file: BinaryIO) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8-sig" if byte_order_mark else "utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(_headings(table))
        writer.writerows(_wide_rows(table))
        text.flush()
        text.detach()

    write_whole(path, write)
    return path


def _headings(table: Table) -> list[str]:
    headings = []
    for column in table.columns:
        headings.append(column.name)
        if column.has_words:
            headings.append(f"{column.name}_label")
    return headings


def _wide_rows(table: Table) -> Iterable[list[str]]:
    for row in table.rows:
        wide = []
        for column, value in zip(table.columns, row, strict=True):
            wide.append(_unarmed(value))
            if column.has_words:
                wide.append(column.words(value))
        yield wide


def _unarmed(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
