"""Files that a county hands over: what is in them is read as it is stored, and what cannot be trusted is refused with a sentence."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from fieldapp.services import table_files
from fieldapp.services.table_files import TableRefused, open_tables
from forms.monitoring.opening import Computed, Faulty, Numeric, TableRow

HEADS = ["户编码", "户主姓名", "身份证号"]


def rows_of(path: Path) -> list[TableRow]:
    return [row for sheet in open_tables(path) for row in sheet.rows()]


def refusal(path: Path) -> str:
    with pytest.raises(TableRefused) as refused:
        rows_of(path)
    return refused.value.sentence()


def sheet_xml(rows: str, prefix: str = "") -> str:
    name = f"{prefix}:" if prefix else ""
    declared = f"xmlns{':' + prefix if prefix else ''}"
    return (
        f'<?xml version="1.0"?><{name}worksheet {declared}="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<{name}sheetData>{rows}</{name}sheetData></{name}worksheet>"
    )


def workbook(path: Path, sheet: str, **parts: str) -> Path:
    """A workbook of which the sheet is written by hand."""
    book = (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="户" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", book)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def text_cell(place: str, words: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>'


def test_a_workbook_is_read_with_its_days_numbers_and_gaps(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["户编码", None, "出生日期", "组"])
    sheet.append(["A1", None, date(1963, 1, 5), 3])
    sheet.append([None, None, None, None])
    sheet.append(["A2", "周德顺", "1963-01-05", 2.5])
    hidden = book.create_sheet("旧表")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "旧"
    book.save(tmp_path / "册.xlsx")
    first, second = open_tables(tmp_path / "册.xlsx")
    assert [tuple(row.cells) for row in first.rows()] == [
        ("户编码", "", "出生日期", "组"),
        ("A1", "", "1963-01-05", "3"),
        ("A2", "周德顺", "1963-01-05", "2.5"),
    ]
    assert [row.number for row in first.rows()] == [1, 2, 4]
    assert type(next(row for row in first.rows() if row.number == 2).cells[3]) is Numeric
    assert (second.name, second.hidden) == ("旧表", True)


def test_hidden_rows_formulas_and_errors_are_told_apart(tmp_path: Path) -> None:
    rows = (
        f'<row r="1">{text_cell("A1", "户编码")}</row>'
        '<row r="2" hidden="1"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>A2</f><v>甲</v></c>'
        '<c r="C2"><f>NOW()</f></c><c r="D2" t="e"><v>#N/A</v></c></row>'
    )
    first, second = rows_of(workbook(tmp_path / "a.xlsx", sheet_xml(rows)))
    assert (first.hidden, second.hidden) == (False, True)
    assert [type(cell) for cell in second.cells] == [Computed, Computed, Faulty, Faulty]
    assert second.cells[:2] == ("2", "甲")


def test_long_numbers_come_as_the_file_has_them_and_are_not_rounded(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>5.29900196301051E+17</v></c><c r="B1"><v>529900196301051012</v></c></row>'
    (row,) = rows_of(workbook(tmp_path / "a.xlsx", sheet_xml(rows)))
    assert row.cells == ("5.29900196301051E+17", "529900196301051012")
    assert {type(cell) for cell in row.cells} == {Numeric}


def test_a_workbook_with_prefixed_names_and_one_without_places_is_read(tmp_path: Path) -> None:
    rows = "<x:row><x:c t='inlineStr'><x:is><x:t>甲</x:t></x:is></x:c><x:c><x:v>3</x:v></x:c></x:row>"
    (row,) = rows_of(workbook(tmp_path / "a.xlsx", sheet_xml(rows, "x")))
    assert (row.number, row.cells) == (1, ("甲", "3"))


def test_a_million_empty_rows_are_no_rows(tmp_path: Path) -> None:
    data = f'<row r="1">{text_cell("A1", "甲")}</row>'
    empty = "".join(f'<row r="{n}" ht="15"/>' for n in range(2, 1_000_001))
    last = f'<row r="1000001">{text_cell("A1000001", "乙")}</row>'
    found = rows_of(workbook(tmp_path / "a.xlsx", sheet_xml(data + empty + last)))
    assert [(row.number, row.cells) for row in found] == [(1, ("甲",)), (1_000_001, ("乙",))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_the_encodings_of_the_field(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "册.csv"
    path.write_bytes('户编码,户主姓名\r\nA1,"周,德顺𬭚"\r\n\r\nA2,田\r\n'.encode(encoding))
    assert [(row.number, row.cells) for row in rows_of(path)] == [
        (1, ("户编码", "户主姓名")),
        (2, ("A1", "周,德顺𬭚")),
        (4, ("A2", "田")),
    ]


def test_a_csv_with_tabs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "册.txt"
    path.write_text("户编码\t户主姓名\nA1\t周\n", encoding="utf-8")
    assert rows_of(path)[1].cells == ("A1", "周")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000) + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "坏了"),
        (b"<html><body><table><tr><td>A1</td></tr></table></body></html>", "网页"),
        (b"PK\x03\x04" + bytes(100), "坏了"),
        (bytes(range(256)) * 20, "不是表格文件"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "册.xlsx"
    path.write_bytes(content)
    sentence = refusal(path)
    assert why in sentence
    assert "资料没有动" in sentence


def test_an_old_workbook_called_xlsx_is_read_by_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "册.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    opened: list[str] = []

    class Book:
        datemode = 0

        def sheets(self) -> list[object]:
            return []

    monkeypatch.setattr("xlrd.open_workbook", lambda name, **_given: opened.append(name) or Book())
    assert open_tables(path) == ()
    assert opened == [str(path)]


def test_a_workbook_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", sheet_xml(f'<row r="1">{text_cell("A1", "甲")}</row>')).read_bytes()
    for end in (40, len(whole) // 2, len(whole) - 30):
        (tmp_path / "b.xlsx").write_bytes(whole[:end])
        assert "重新拷一份" in refusal(tmp_path / "b.xlsx")


def test_a_sheet_that_is_no_xml_is_refused(tmp_path: Path) -> None:
    broken = sheet_xml('<row r="1"><c r="A1"><v>1</v></row>')
    assert "坏了" in refusal(workbook(tmp_path / "a.xlsx", broken))


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "LARGEST_PART", 10_000)
    path = workbook(tmp_path / "a.xlsx", sheet_xml("<row r='1'/>" * 10_000))
    assert path.stat().st_size < 10_000
    assert "压缩炸弹" in refusal(path)


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
    sheet = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>')
    assert "声明" in refusal(workbook(tmp_path / "a.xlsx", sheet.replace("?>", f"?>{doctype}", 1)))


def test_a_row_without_end_is_refused(tmp_path: Path) -> None:
    cells = "".join(text_cell("A1", "x" * 1000) for _ in range(6000))
    assert "不正常" in refusal(workbook(tmp_path / "a.xlsx", sheet_xml(f'<row r="1">{cells}')))


def test_more_rows_than_a_county_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "MOST_ROWS", 3)
    rows = "".join(f'<row r="{n}">{text_cell(f"A{n}", "甲")}</row>' for n in range(1, 6))
    assert "分成几个" in refusal(workbook(tmp_path / "a.xlsx", sheet_xml(rows)))


def test_another_archive_is_not_taken_for_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    path.write_bytes(buffer.getvalue())
    assert "另存为 .xlsx" in refusal(path)
