"""Data out: every label in place, nothing run, no half file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from fieldapp.exporting.csv_files import write_csv
from fieldapp.exporting.files import ExportNotWritten, write_whole
from fieldapp.exporting.table import Column, Table
from fieldapp.exporting.workbook import write_workbook

TABLE = Table(
    "household",
    "户",
    (
        Column("hh_id", "户编码"),
        Column("ss_med", "基本医保", "select1", (("1", "城乡居民医保"), ("9", "未参加"))),
        Column("seen", "看到的", "select", (("01", "墙裂"), ("02", "漏雨"))),
        Column("n", "人数", "integer"),
        Column("note", "备注"),
    ),
    (("5299001010010012", "1", "01 02", "4", "=1+1"), ("5299001010010013", "", "", "", "𬭚")),
)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_has_codes_and_labels_and_a_mark_for_wps(tmp_path):
    path = write_csv(TABLE, tmp_path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = rows_of(path)
    assert rows[0] == ["hh_id", "ss_med", "ss_med_label", "seen", "seen_label", "n", "note"]
    assert rows[1][1:5] == ["1", "城乡居民医保", "01 02", "墙裂；漏雨"]
    assert rows[2][6] == "𬭚"


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    rows = rows_of(write_csv(TABLE, tmp_path))
    assert rows[1][6] == "'=1+1"
    book = load_workbook(write_workbook([TABLE], tmp_path / "a.xlsx"))
    assert book["household"]["G3"].data_type == "s"


def test_workbook_reads_back_equal_with_frozen_headings_and_codebook(tmp_path):
    book = load_workbook(write_workbook([TABLE], tmp_path / "资料.xlsx"))
    sheet = book["household"]
    assert sheet.freeze_panes == "A3"
    assert [cell.value for cell in sheet[3]][:6] == ["5299001010010012", "1", "城乡居民医保", "01 02", "墙裂；漏雨", 4]
    assert [cell.value for cell in book["codebook"][3]] == [
        "household",
        "ss_med",
        "基本医保",
        "select1",
        "1=城乡居民医保；9=未参加",
        None,
    ]


def test_a_full_disk_leaves_no_half_file(tmp_path):
    def fill(_file):
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportNotWritten) as refused:
        write_whole(tmp_path / "a.csv", fill)
    assert "盘满了" in refused.value.sentence()
    assert list(tmp_path.iterdir()) == []
