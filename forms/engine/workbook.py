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

_MAX_UNPACKED = 64 * 1024 * 1024
_CONVERTING = threading.Lock()
_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*")


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
    if kind == ".md":
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        data = "\n".join(line.strip() for line in text.strip().splitlines())
    content = data.encode("utf-8") if isinstance(data, str) else data
    rows: dict[str, int] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheets = get_xlsform(io.BytesIO(content), kind)
            rows = _rows_of(sheets.survey or ())
            parts = {part: getattr(sheets, part) for part in sheets.__dataclass_fields__}
            with compared_by_identity():
                result = convert(parts, validate=False, pretty_print=False)
    except PyXFormError as error:
        raise FormRefused(tuple(translate(str(error))), name) from error
    except RecursionError as error:
        raise FormRefused((Problem("E004", "问卷嵌套太深。", "请减少分组的层数。"),), name) from error
    except Exception as error:  # pyxform and the readers below it raise whatever a broken file makes them raise
        raise FormRefused(
            (Problem("E005", "这不是可用的 XLSForm 文件。", "请用 Excel 或 WPS 打开检查，另存后再试。"),), name
        ) from error
    return Workbook(result.xform, [_warning(text) for text in result.warnings], rows)


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


def _kind(data: bytes | str, name: str) -> str:
    lower = name.lower()
    for ending in (".xlsx", ".xlsm", ".xls", ".csv", ".md"):
        if lower.endswith(ending):
            return ending
    if isinstance(data, bytes):
        if data[:4] == b"PK\x03\x04":
            return ".xlsx"
        if data[:4] == b"\xd0\xcf\x11\xe0":
            return ".xls"
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


_MESSAGES: tuple[tuple[str, str, str], ...] = (
    (r"There has been a problem trying to replace \$\{(?P<a>[^}]*)\}.*", "引用了不存在的题“{a}”。", "请改正名称。"),
    (r"The question name '(?P<a>[^']*)' .*duplicate.*", "题名“{a}”用了两次。", "请改名。"),
    (r".*There are (?:two|more than one) survey elements? named '(?P<a>[^']*)'.*", "题名“{a}”用了两次。", "请改名。"),
    (r".*Unknown question type '(?P<a>[^']*)'.*", "题型“{a}”不能识别。", "请改成标准题型。"),
    (r".*List name not in choices sheet: (?P<a>\S+).*", "选项表“{a}”在 choices 表里没有。", "请补上选项或改正名称。"),
    (r".*Unmatched 'end_(?P<a>\w+)'.*", "多了一个 end {a}。", "请检查分组的开头和结尾。"),
    (r".*Unmatched begin statement: (?P<a>\w+).*", "有一个 begin {a} 没有结尾。", "请补上 end。"),
    (r".*[Qq]uestion or group with no name.*", "有一行没有写题名（name）。", "请补上题名。"),
    (
        r".*[Ii]nvalid question name.*|.*The name '(?P<a>[^']*)' is (?:an )?invalid.*",
        "题名不合规则。",
        "题名只用字母、数字、下划线，以字母开头。",
    ),
    (
        r".*survey sheet is (?:either )?(?:empty|missing).*|.*You must have a sheet named 'survey'.*",
        "没有 survey 表，或它是空的。",
        "请检查工作表名。",
    ),
    (r".*choices.*(?:missing|no).*name.*", "选项表里有一项没有写代码（name）。", "请补上。"),
    (r".*Instance names? must be unique.*", "附属数据的名字重复。", "请改名。"),
)


def translate(text: str) -> list[Problem]:
    """pyxform's English message as Chinese problems; the original stays in brackets where no sentence fits."""
    found = []
    for part in text.splitlines() or [text]:
        if not part.strip():
            continue
        where = _ROW.search(part)
        row = int(where.group(1)) if where else None
        plain = _ROW.sub("", part).strip()
        zh, mend = f"问卷写得不对（{plain[:200]}）。", "请按提示修改工作簿。"
        for pattern, sentence, advice in _MESSAGES:
            match = re.fullmatch(pattern, plain, re.DOTALL)
            if match:
                zh, mend = sentence.format(**{k: v or "" for k, v in match.groupdict().items()}), advice
                break
        found.append(Problem("E100", zh, mend, sheet="survey" if row else None, row=row))
    return found


def _warning(text: str) -> Problem:
    where = _ROW.search(text)
    return Problem(
        "W100",
        f"制表工具提醒：{_ROW.sub('', text).strip()[:200]}",
        sheet="survey" if where else None,
        row=int(where.group(1)) if where else None,
    )
