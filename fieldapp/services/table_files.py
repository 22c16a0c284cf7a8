"""Tables that a county hands over, as rows of text: XLSX, XLS, CSV in UTF-8 or GB18030.

A workbook is read as it is stored: for 70,000 rows of 18 columns openpyxl's own reader takes three times as long, and this one tells
what openpyxl's does not: hidden rows, formulas without a result, numbers that lost their last digits. Nothing is executed, nothing is
fetched; document types and entities are refused, and what a file unpacks to is bounded.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from fieldapp.services.merged_cells import MergedCells, column_of, find_merged
from forms.errors import FieldAppError
from forms.monitoring.opening import Computed, Faulty, Numeric, TableRow
from forms.phrases import Phrase

LARGEST_FILE: Final = 200 * 1024 * 1024
LARGEST_PART: Final = 600 * 1024 * 1024  # bytes of one part of a workbook once unpacked
UNREMARKABLE_PART: Final = 64 * 1024 * 1024  # up to here a part may be packed as tightly as it likes
TIGHTEST: Final = 200  # times smaller than unpacked; real sheets reach 20, with a million empty rows 100
MOST_STRINGS: Final = 4_000_000
MOST_ROWS: Final = 300_000  # of one sheet, empty ones not counted
MOST_COLUMNS: Final = 400
_CHUNK: Final = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class TableRefused(FieldAppError):
    """A file that cannot be read as a table."""

    zh = "“{name}”读不了：{why}。资料没有动。"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name ("" of a CSV), whether Excel hides it, and its rows anew at every call."""

    file: str
    name: str
    hidden: bool
    rows: Callable[[], Iterator[TableRow]]

    @property
    def title(self) -> str:
        """How it is named to a person."""
        return f"{self.file}·{self.name}" if self.name else self.file


def digest_of(path: Path) -> str:
    """The content of a file by name, 32 hex characters."""
    made = blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            made.update(block)
    return made.hexdigest()


def open_tables(path: Path) -> tuple[Sheet, ...]:
    """The sheets of a file, by what is in it and not by its ending.

    Raises:
        TableRefused: with the reason: locked with a password, a web page called .xls, a damaged file, one that unpacks too large.
    """
    if path.name.startswith("~$"):
        raise TableRefused(
            "lock file", name=path.name, why="这是 Excel 打开着表时的临时文件，请选名字前面没有 ~$ 的那一个"
        )
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise TableRefused("file", name=path.name, why="文件打不开，请核对位置，或先在 Excel 里关掉它") from error
    if size == 0:
        raise TableRefused("empty", name=path.name, why="文件是空的")
    if size > LARGEST_FILE:
        raise TableRefused("size", name=path.name, why="文件大于 200 MB，请分成几个")
    if head.startswith(b"PK"):
        return _workbook(path)
    if head.startswith(_OLE):
        return _old_workbook(path)
    if re.match(rb"\s*(\xef\xbb\xbf)?\s*<", head):
        raise TableRefused(
            "web page", name=path.name, why="这是网页格式的表，请用 Excel 或 WPS 打开，另存为 .xlsx 再导"
        )
    return (_text_table(path),)


# --- text ------------------------------------------------------------------------------------------------------------


def _text_table(path: Path) -> Sheet:
    data = path.read_bytes()
    if data.startswith(codecs.BOM_UTF8) and not _is_text(data, "utf-8-sig"):
        data = data.removeprefix(codecs.BOM_UTF8)  # some programs put the mark of UTF-8 before GBK
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = next((tried for tried in ("utf-8-sig", "gb18030") if _is_text(data, tried)), "")
    if not encoding or (encoding != "utf-16" and b"\x00" in data[:4096]):
        raise TableRefused("encoding", name=path.name, why="不是表格文件，也不是 UTF-8 或 GB18030 的文本")
    text = data.decode(encoding)
    first = text[:4096].partition("\n")[0]
    mark = max(",\t;", key=first.count)

    def rows() -> Iterator[TableRow]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        try:
            for cells in reader:
                if any(cells):
                    yield TableRow(reader.line_num, tuple(map(_bare_text, cells[:MOST_COLUMNS])))
        except csv.Error as error:
            raise TableRefused(
                "csv", name=path.name, why=Phrase("第 {row} 行读不通（引号没有成对？）", row=reader.line_num)
            ) from error

    return Sheet(path.name, "", False, rows)


def _is_text(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _bare_text(cell: str) -> str:
    """Without the ="…" by which exports keep Excel from making a number of an identity number."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


# --- .xls ------------------------------------------------------------------------------------------------------------


def _old_workbook(path: Path) -> tuple[Sheet, ...]:
    with path.open("rb") as file:
        if _ENCRYPTED in file.read():
            raise TableRefused("password", name=path.name, why="文件设了打开密码，请在 Excel 或 WPS 里去掉密码再导")
    import xlrd

    def read(*, formatting_info: bool) -> xlrd.book.Book:
        return xlrd.open_workbook(str(path), on_demand=False, logfile=io.StringIO(), formatting_info=formatting_info)

    try:
        try:
            book = read(formatting_info=True)  # merged cells are told with it alone
        except xlrd.XLRDError:
            raise
        except Exception:  # formats that a program other than Excel wrote
            book = read(formatting_info=False)
    except xlrd.XLRDError as error:
        why = (
            "文件设了打开密码，请去掉密码再导"
            if "ncrypt" in str(error)
            else "文件坏了，或不是 Excel 的表，请另存为 .xlsx 再导"
        )
        raise TableRefused("xls", name=path.name, why=why) from error
    except Exception as error:  # xlrd meets a damaged file with whatever its parsing runs into
        raise TableRefused("xls", name=path.name, why="文件坏了，请用 Excel 或 WPS 打开，另存为 .xlsx 再导") from error

    def rows_of(sheet: xlrd.sheet.Sheet) -> Callable[[], Iterator[TableRow]]:
        def rows() -> Iterator[TableRow]:
            merged = MergedCells((low, high - 1, left) for low, high, left, _right in sheet.merged_cells)
            for n in range(sheet.nrows):
                cells = [_old_cell(cell, book.datemode) for cell in sheet.row(n)[:MOST_COLUMNS]]
                if any(cells):
                    yield TableRow(n + 1, tuple(merged.filled(n, cells)))

        return rows

    return tuple(Sheet(path.name, sheet.name, bool(sheet.visibility), rows_of(sheet)) for sheet in book.sheets())


def _old_cell(cell: object, datemode: int) -> str:
    kind, value = cell.ctype, cell.value  # type: ignore[attr-defined]
    if kind == 2:
        return Numeric(_plain_number(repr(value)))
    if kind == 3:
        return _day_text(float(value), bool(datemode))
    if kind == 5:
        return Faulty("#错误")
    return str(int(value)) if kind == 4 else str(value) if kind == 1 else ""


# --- .xlsx -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Styles:
    dates: frozenset[str]  # style numbers that show days
    from_1904: bool


def _workbook(path: Path) -> tuple[Sheet, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            for part in archive.infolist():
                if part.flag_bits & 1:
                    raise TableRefused("password", name=path.name, why="压缩包设了密码，请去掉密码再导")
            if "xl/workbook.xml" not in archive.namelist():
                why = "不是 .xlsx 工作簿（可能是 .ods 或别的压缩包），请另存为 .xlsx 再导"
                raise TableRefused("no workbook", name=path.name, why=why)
            sheets = _sheets(path, archive)
            styles = _styles(path, archive)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        # zipfile says NotImplementedError for a packing it does not know, RuntimeError for one with a password.
        raise TableRefused("zip", name=path.name, why="文件坏了（没有拷完整？），请重新拷一份") from error
    strings: list[str] = []

    def rows_of(part: str) -> Callable[[], Iterator[TableRow]]:
        def rows() -> Iterator[TableRow]:
            try:
                with zipfile.ZipFile(path) as archive:
                    if not strings and "xl/sharedStrings.xml" in archive.namelist():
                        strings.extend(_strings(path, archive))
                    with _part(path, archive, part) as file:
                        merged = find_merged(file)
                    with _part(path, archive, part) as file:
                        yield from _rows(path.name, file, strings, styles, merged)
            except (zipfile.BadZipFile, EOFError, OSError, ET.ParseError, IndexError) as error:
                raise TableRefused("sheet", name=path.name, why="工作表读到一半坏了，请重新另存一份再导") from error

        return rows

    return tuple(Sheet(path.name, name, hidden, rows_of(part)) for name, hidden, part in sheets)


def _part(path: Path, archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """A part for reading. A bomb says in the archive's directory what it unpacks to, and zipfile reads no further."""
    info = archive.getinfo(name)
    tight = info.file_size > UNREMARKABLE_PART and info.file_size > TIGHTEST * info.compress_size
    if info.file_size > LARGEST_PART or tight:
        raise TableRefused("bomb", name=path.name, why="解开后大得不正常，像是压缩炸弹，没有打开")
    return archive.open(info)


def _small(path: Path, archive: zipfile.ZipFile, name: str) -> ET.Element:
    with _part(path, archive, name) as file:
        data = file.read(32 * 1024 * 1024)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise TableRefused("doctype", name=path.name, why="里面有不该有的声明，没有打开")
    try:
        return ET.fromstring(data)
    except ET.ParseError as error:
        raise TableRefused("xml", name=path.name, why="文件坏了，请用 Excel 或 WPS 重新另存一份") from error


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _sheets(path: Path, archive: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    names = set(archive.namelist())
    targets: dict[str, str] = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for one in _small(path, archive, "xl/_rels/workbook.xml.rels"):
            target = one.get("Target", "")
            targets[one.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = []
    for element in _small(path, archive, "xl/workbook.xml").iter():
        if _local(element.tag) == "sheet":
            wanted = next((value for key, value in element.attrib.items() if _local(key) == "id"), "")
            part = targets.get(wanted, "")
            if part in names and "chartsheets" not in part:
                hidden = element.get("state", "visible") != "visible"
                found.append((element.get("name", ""), hidden, part))
    if not found:
        raise TableRefused("no sheet", name=path.name, why="里面没有工作表")
    return found


def _styles(path: Path, archive: zipfile.ZipFile) -> _Styles:
    book = _small(path, archive, "xl/workbook.xml")
    from_1904 = any(one.get("date1904") in ("1", "true") for one in book.iter() if _local(one.tag) == "workbookPr")
    if "xl/styles.xml" not in archive.namelist():
        return _Styles(frozenset(), from_1904)
    root = _small(path, archive, "xl/styles.xml")
    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    dates = set()
    for element in root.iter():
        if _local(element.tag) == "numFmt" and element.get("numFmtId", "").isdigit():
            formats[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
    for element in root:
        if _local(element.tag) == "cellXfs":
            for n, one in enumerate(element):
                number = int(one.get("numFmtId", "0") or 0)
                code = formats.get(number, "")
                # 27–36 and 50–58 are the days of Chinese, Japanese and Korean Excel and have no code of their own.
                if 27 <= number <= 36 or 50 <= number <= 58 or (code and is_date_format(code)):
                    dates.add(str(n))
    return _Styles(frozenset(dates), from_1904)


def _pieces(name: str, file: IO[bytes], tag: str) -> Iterator[ET.Element]:
    """Elements of one kind, some thousand at a time: the tree builder of the standard library does the work, in C."""
    opening = re.compile(rf"<(\w+:)?{tag}[\s/>]".encode())
    head = b""
    match = None
    while match is None:
        block = file.read(_CHUNK)
        if not block:
            return
        head += block
        if b"<!DOCTYPE" in head[:65536] or b"<!ENTITY" in head[:65536]:
            raise TableRefused("doctype", name=name, why="里面有不该有的声明，没有打开")
        match = opening.search(head)
        if match is None and len(head) > 8 * _CHUNK:
            return
    declared = b" ".join(dict.fromkeys(re.findall(rb"xmlns(?::\w+)?=\"[^\"<]*\"", head[: match.start()])))
    prefix = match.group(1) or b""
    closing, empty = (
        b"</" + prefix + tag.encode() + b">",
        re.compile(rb"<" + prefix + tag.encode() + rb"(?:\s[^<>]*)?/>"),
    )
    rest = head[match.start() :]
    while True:
        cut = rest.rfind(closing)
        end = cut + len(closing) if cut >= 0 else 0
        if end == 0 and len(rest) > 4 * _CHUNK:
            # Rows without anything in them have no closing tag.
            end = max((match.end() for match in empty.finditer(rest)), default=0)
            if end == 0:
                raise TableRefused("row", name=name, why="有一行大得不正常，没有打开")
        if end:
            yield from ET.fromstring(b"<r " + declared + b">" + rest[:end] + b"</r>")
            rest = rest[end:]
        block = file.read(_CHUNK)
        if not block:
            return
        rest += block


def _strings(path: Path, archive: zipfile.ZipFile) -> Iterator[str]:
    with _part(path, archive, "xl/sharedStrings.xml") as file:
        for count, element in enumerate(_pieces(path.name, file, "si")):
            if count == MOST_STRINGS:
                raise TableRefused("strings", name=path.name, why="里面的文字多得不正常，没有打开")
            yield _text_of(element)


def _text_of(element: ET.Element) -> str:
    """Text of runs, without the reading aids (rPh) that stand beside Chinese and Japanese words."""
    words = []
    for one in element:
        kind = _local(one.tag)
        if kind == "t":
            words.append(one.text or "")
        elif kind == "r":
            words += [part.text or "" for part in one if _local(part.tag) == "t"]
    return "".join(words)


def _rows(name: str, file: IO[bytes], strings: list[str], styles: _Styles, merged: MergedCells) -> Iterator[TableRow]:
    number = count = 0
    columns: dict[str, int] = {}
    for row in _pieces(name, file, "row"):
        stated = row.get("r", "")
        number = int(stated) if stated.isdigit() else number + 1
        if not len(row):
            continue
        cells: list[str] = []
        filled = False
        for cell in row:
            place = cell.get("r")
            at = len(cells)
            if place:
                letters = place.rstrip("0123456789")
                known = columns.get(letters)
                if known is None:
                    known = columns[letters] = column_of(letters)
                at = known
            if at >= MOST_COLUMNS:
                continue
            while len(cells) < at:
                cells.append("")
            value = _cell(cell, strings, styles)
            filled = filled or bool(value)
            if at < len(cells):
                cells[at] = value
            else:
                cells.append(value)
        cells = merged.filled(number - 1, cells)
        if filled:
            count += 1
            if count > MOST_ROWS:
                raise TableRefused("rows", name=name, why=Phrase("一张表超过 {most:,} 行，请分成几个", most=MOST_ROWS))
            yield TableRow(number, tuple(cells), row.get("hidden") in ("1", "true"))


def _cell(cell: ET.Element, strings: list[str], styles: _Styles) -> str:
    kind = cell.get("t", "n")
    value: str | None = None
    formula = False
    for part in cell:
        tag = part.tag
        if tag.endswith("}v") or tag == "v":
            value = part.text
        elif tag.endswith("}is") or tag == "is":
            return _text_of(part)
        elif tag.endswith("}f") or tag == "f":
            formula = True
    if value is None:
        return Faulty("公式没有结果") if formula else ""
    if kind == "s":
        return strings[int(value)]
    if kind == "n":
        if cell.get("s", "") in styles.dates:
            return _day_text(float(value), styles.from_1904)
        number = _plain_number(value)
        return Computed(number) if formula else Numeric(number)
    if kind == "e":
        return Faulty(value)
    if kind == "d":
        return value[:10]
    return Computed(value) if formula else value


def _plain_number(value: str) -> str:
    """A whole number without its point; one that Excel could not hold exactly stays as it is written."""
    if "e" in value.lower() or len(value) > 16:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else value


def _day_text(serial: float, from_1904: bool) -> str:
    try:
        if from_1904:
            return (date(1904, 1, 1) + timedelta(days=int(serial))).isoformat()
        # Excel believes in 29 February 1900.
        start = date(1899, 12, 30) if serial >= 60 else date(1899, 12, 31)
        return (start + timedelta(days=int(serial))).isoformat()
    except (OverflowError, ValueError):
        return Faulty("日期")
