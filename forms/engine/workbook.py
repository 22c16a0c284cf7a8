"""XLSForm workbooks: conversion by pyxform, and where in the workbook a problem stands."""

from __future__ import annotations

import io
import re
import threading
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from forms.engine.problems import FormRefused, Problem
from forms.engine.workbook_problems import look_through, translate, warning

_MAX_UNPACKED = 64 * 1024 * 1024
_MIDNIGHT = re.compile(r"\d{4}-\d\d-\d\d[ T]00:00:00")
_SPACED = re.compile(r"\$\{\s*([^\s{}]+)\s*\}")
_CONVERTING = threading.Lock()


@dataclass
class Workbook:
    """A converted workbook: its XForm, warnings, and the row of each variable on the survey sheet (row 1 is the header)."""

    xml: str
    problems: list[Problem] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)

    def place(self, problem: Problem) -> Problem:
        """The problem with the row that its node was written in."""
        if problem.sheet is not None or not problem.node:
            return problem
        name = problem.node.rsplit("/", 1)[-1]
        row = self.rows.get(name)
        return problem if row is None else replace(problem, sheet="survey", row=row)


def is_workbook(data: bytes | str, name: str) -> bool:
    """Whether this is an XLSForm (and not XForm XML)."""
    if name.lower().endswith((".xlsx", ".xlsm", ".xls", ".csv", ".md")):
        return True
    if isinstance(data, bytes):
        head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
        return data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or (head[:1] not in (b"<", b"") and b"\x00" not in head)
    return data.lstrip()[:1] == "|"


def read_workbook(data: bytes | str, name: str) -> Workbook:
    """Converts an XLSForm.

    Raises:
        FormRefused: with what pyxform found, in Chinese.
    """
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import get_xlsform
    from pyxform.xls2xform import convert

    kind = _kind(data, name)
    if kind in (".xlsx", ".xlsm"):
        _refuse_bomb(data, name)
    if kind in (".md", ".csv"):
        data = data if isinstance(data, str) else _decoded(data, name)
        if kind == ".md":
            data = "\n".join(line.strip() for line in data.strip().splitlines())
    content = data.encode("utf-8", "replace") if isinstance(data, str) else data
    rows: dict[str, int] = {}
    found: list[Problem] = []
    sheets: Any = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheets = get_xlsform(io.BytesIO(content), kind)
            _tidy(sheets)
            rows = _rows_of(sheets.survey or ())
            found = look_through(sheets.survey or (), sheets.choices or ())
            parts = {part: getattr(sheets, part) for part in sheets.__dataclass_fields__}
            with compared_by_identity():
                result = convert(parts, validate=False, pretty_print=False)
    except PyXFormError as error:
        raise FormRefused(_all_problems(found, translate(str(error))), name) from error
    except RecursionError as error:
        raise FormRefused((Problem("E004", "问卷嵌套太深。", "请减少分组的层数。"),), name) from error
    except Exception as error:  # pyxform and the readers below it raise whatever a broken file makes them raise
        if sheets is not None:
            zh = f"制表工具转换到一半停下了（{type(error).__name__}：{str(error)[:80]}）。"
            mend = "请查看提到的名称在 survey 和 choices 表里怎么写；多选题不能从重复组取选项。"
            raise FormRefused(tuple(found) or (Problem("E106", zh, mend),), name) from error
        raise FormRefused(
            (Problem("E005", "这不是可用的 XLSForm 文件。", "请用 Excel 或 WPS 打开检查，另存后再试。"),), name
        ) from error
    return Workbook(result.xform, [warning(text) for text in result.warnings], rows)


def _tidy(sheets: Any) -> None:
    """Blanks inside ``${ name }`` are taken out: editors write them, pyxform refuses them. A day that Excel keeps as midnight is a day."""
    for part in sheets.__dataclass_fields__:
        rows = getattr(sheets, part)
        if isinstance(rows, list | tuple):
            for row in rows:
                if isinstance(row, dict):
                    if isinstance(day := row.get("default"), str) and _MIDNIGHT.fullmatch(day):
                        row["default"] = day[:10]
                    row.update(
                        {k: _SPACED.sub(r"${\1}", v) for k, v in row.items() if isinstance(v, str) and "${" in v}
                    )


@contextmanager
def compared_by_identity() -> Iterator[None]:
    """pyxform 4.5 compares every element with the survey by writing both out as JSON: 10 of 11 seconds of a long questionnaire.

    Elements of one survey are equal only to themselves, so identity gives the same XForm.
    """
    from pyxform.survey_element import SurveyElement

    with _CONVERTING:
        written_out = SurveyElement.__eq__
        SurveyElement.__eq__ = object.__eq__
        try:
            yield
        finally:
            SurveyElement.__eq__ = written_out


def _rows_of(survey: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Row of each name on the survey sheet (row 1 is the header)."""
    rows: dict[str, int] = {}
    for number, cells in enumerate(survey, start=2):
        found = next((str(cells[key]).strip() for key in ("name", "Name", "NAME") if cells.get(key)), "")
        if found:
            rows.setdefault(found, number)
    return rows


def _all_problems(found: list[Problem], said: list[Problem]) -> tuple[Problem, ...]:
    """What we found on all rows, and what pyxform said unless it is about a row that we have already."""
    rows = {problem.row for problem in found}
    more = [problem for problem in said if problem.row is None or problem.row not in rows]
    if found and all(problem.row is None for problem in more):
        more = []
    return tuple(sorted([*found, *more], key=lambda problem: problem.row or 0))


def _decoded(data: bytes, name: str) -> str:
    """Text as Excel and WPS write it: UTF-8 with or without a mark, UTF-16 with one, or the Chinese code page."""
    marked = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FormRefused((Problem("E005", "文件的文字编码不能识别。", "请存成 UTF-8 后再试。"),), name)


def _kind(data: bytes | str, name: str) -> str:
    """The format: what the content shows, else what the name says (a workbook is often saved under the other ending)."""
    if isinstance(data, bytes):
        if data[:4] == b"PK\x03\x04":
            return ".xlsx"
        if data[:4] == b"\xd0\xcf\x11\xe0":
            return ".xls"
    lower = name.lower()
    for ending in (".xlsx", ".xlsm", ".xls", ".csv", ".md"):
        if lower.endswith(ending):
            return ending
    if isinstance(data, bytes):
        return ".md" if data.lstrip()[:1] == b"|" else ".csv"
    return ".md" if data.lstrip()[:1] == "|" else ".csv"


def _refuse_bomb(data: bytes | str, name: str) -> None:
    try:
        assert isinstance(data, bytes)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, AssertionError, OSError, ValueError) as error:
        raise FormRefused(
            (Problem("E005", "这不是可用的 Excel 文件。", "请用 Excel 或 WPS 打开检查，另存后再试。"),), name
        ) from error
    if size > _MAX_UNPACKED:
        raise FormRefused((Problem("E002", "工作簿展开后太大，可能有害。", "请把大的选项表改成附件。"),), name)
