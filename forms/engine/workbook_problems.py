"""What is wrong with a workbook, in Chinese: our own look at every row, and pyxform's first complaint translated.

pyxform stops at its first error. So when it does, the sheets are looked through for the usual mistakes, and all are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forms.engine.problems import Problem

_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_SHEET = re.compile(r"On the '([^']*)' sheet, the '([^']*)' value(?: '([^']*)')? is (?:invalid|problematic)\.\s*")
_REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}]*?)\s*\}")
_NAME = re.compile(r"^[^\W\d][\w.-]*$")
_LIST = re.compile(r"^(?:select_one|select_multiple|rank|select one|select multiple|select_one_or_other)\s+(\S+)")

_MESSAGES: tuple[tuple[str, str, str], ...] = (
    (
        r".*was not recognized as a supported type.*",
        "这不是可用的 XLSForm 文件，或者它是空的。",
        "请用 Excel 或 WPS 打开检查，另存后再试。",
    ),
    (r".*Question with no type.*", "有一行没有写题型（type）。", "请补上题型。"),
    (r".*Missing calculation.*", "calculate 一行没有写算式（calculation）。", "请补上算式。"),
    (r".*Duplicate column header: (?P<a>.*?)\.?", "有两列都叫“{a}”。", "请删去或改名一列。"),
    (
        r".*section has not been included.*",
        "include 题型要合并另一份问卷，这里不支持。",
        "请把那一部分的行直接写进来。",
    ),
    (r".*List name not in columns sheet: (?P<a>\S+).*", "循环（loop）用到的表“{a}”不在 columns 表里。", "请补上。"),
    (r".*Could not find the name '(?P<a>[^']*)'.*", "引用了不存在的题“{a}”。", "请改正名称。"),
    (r".*There is no survey element named '(?P<a>[^']*)'.*", "引用了不存在的题“{a}”。", "请改正名称。"),
    (
        r".*The name '(?P<a>[^']*)' appears more than once.*",
        "引用的“{a}”有好几个，不知道是哪一个。",
        "请给它们取不同的名字。",
    ),
    (
        r".*multiple survey elements named '(?P<a>[^']*)'.*",
        "引用的“{a}”有好几个，不知道是哪一个。",
        "请给它们取不同的名字。",
    ),
    (r".*must start with '\$\{.*", "引用写得不完整。", "引用要写成 ${{题名}}。"),
    (r".*must be unique within their nearest parent.*", "同一组里有两道题同名。", "请改名。"),
    (r".*[Rr]epeat names must.*", "重复组的名字已经用过。", "请改名。"),
    (r".*'meta' is reserved.*", "“meta”是保留的名字。", "请改名。"),
    (r".*Choices must have a name.*", "选项没有写代码（name）。", "请补上代码。"),
    (r".*Choice names must be unique.*", "同一个选项表里有两个相同的代码。", "请改代码。"),
    (r".*Choices should have a label.*", "选项没有写文字（label）。", "请补上文字。"),
    (
        r".*Names must begin with a letter.*",
        "名字不合规则。",
        "名字以字母或下划线开头，只用字母、数字、下划线、短横和点。",
    ),
    (r".*Unknown question type '(?P<a>[^']*)'.*", "题型“{a}”不能识别。", "请改成标准题型。"),
    (
        r".*[Ll]ist name not in choices sheet: (?P<a>\S+).*",
        "选项表“{a}”在 choices 表里没有。",
        "请补上选项或改正名称。",
    ),
    (r".*Unmatched 'end_?(?P<a>\w+)'.*", "多了一个 end {a}。", "请检查分组的开头和结尾。"),
    (
        r".*Unmatched 'begin_?(?P<a>\w+)'.*|.*Unmatched begin statement: (?P<b>\w+).*",
        "有一个 begin {a}{b} 没有结尾。",
        "请补上 end。",
    ),
    (
        r".*survey element named '(?P<a>[^']*)' has no label or hint.*",
        "“{a}”没有写题目文字。",
        "请在 label 列写上，或把题型改成 hidden。",
    ),
    (r".*[Qq]uestion or group with no name.*", "有一行没有写题名（name）。", "请补上题名。"),
    (r".*required column headers were not found: (?P<a>.*?)\..*", "缺少必要的列：{a}。", "请补上表头。"),
    (r".*different names for the same column were found: (?P<a>.*?)\..*", "同一列用了两个表头：{a}。", "请删去一个。"),
    (
        r".*must have a sheet named '?survey.*|.*'survey' sheet is (?:empty|missing).*",
        "没有 survey 表，或它是空的。",
        "请检查工作表名。",
    ),
    (r".*save_to.*|.*entity.*|.*[Ee]ntities.*", "实体（entities）写得不对。", "请检查 entities 表和 save_to 列。"),
)


def translate(text: str) -> list[Problem]:
    """pyxform's English message as Chinese problems; where no sentence fits, the original stands in brackets."""
    found = []
    for part in text.splitlines():
        if not part.strip() or part.lstrip()[:1] == "{":  # nothing, or a row printed as Python
            continue
        row = _ROW.search(part)
        plain = _ROW.sub("", part).strip()
        sheet = _SHEET.search(plain)
        zh, mend = f"写得不对（{plain[:200]}）。", "请按提示修改工作簿。"
        for pattern, sentence, advice in _MESSAGES:
            match = re.fullmatch(pattern, plain, re.DOTALL)
            if match:
                names = {"a": "", "b": "", **{k: v or "" for k, v in match.groupdict().items()}}
                zh, mend = sentence.format(**names), advice.format()
                break
        where = f"“{sheet[2]}”列" if sheet else ""
        name = sheet[1] if sheet else ("survey" if row else None)
        found.append(Problem("E100", where + zh, mend, sheet=name, row=int(row[1]) if row else None))
    return found or [Problem("E100", "写得不对。", "请按提示修改工作簿。")]


def warning(text: str) -> Problem:
    """A warning of pyxform's."""
    row = _ROW.search(text)
    return Problem(
        "W100",
        f"制表工具提醒：{_ROW.sub('', text).strip()[:200]}",
        sheet="survey" if row else None,
        row=int(row[1]) if row else None,
    )


def look_through(survey: Sequence[Mapping[str, Any]], choices: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """The usual mistakes on all rows: references to nothing, doubled and impossible names, lists that are not there, groups
    that do not close."""
    lists = {str(row.get("list_name") or row.get("list name") or "").strip() for row in choices}
    names = {str(row.get("name") or "").strip() for row in survey} - {""}
    return [*_rows(survey, names, lists), *_groups(survey)]


def _rows(survey: Sequence[Mapping[str, Any]], names: set[str], lists: set[str]) -> Iterator[Problem]:
    for number, row in enumerate(survey, start=2):
        name, kind = str(row.get("name") or "").strip(), str(row.get("type") or "").strip()
        if not kind and not name:
            continue
        if name and not _NAME.match(name):
            yield Problem(
                "E101",
                f"题名“{name[:60]}”不合规则。",
                "请以字母开头，只用字母、数字、下划线、短横和点。",
                "survey",
                number,
            )
        for column, value in row.items():
            for wanted in dict.fromkeys(_REFERENCE.findall(str(value))):
                if wanted not in names:
                    zh = f"“{column}”列引用了不存在的题“{wanted[:60]}”。"
                    yield Problem("E102", zh, "请改正名称。", "survey", number)
        wanted_list = _LIST.match(kind)
        if wanted_list and wanted_list[1] not in lists and not wanted_list[1].startswith("${"):
            yield Problem(
                "E103", f"选项表“{wanted_list[1]}”在 choices 表里没有。", "请补上选项或改正名称。", "survey", number
            )


def _groups(survey: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Begins and ends, and names used twice in one group."""
    open_groups: list[tuple[str, int]] = []
    seen: list[dict[str, int]] = [{}]
    for number, row in enumerate(survey, start=2):
        kind = str(row.get("type") or "").strip().replace(" ", "_").lower()
        name = str(row.get("name") or "").strip()
        if kind.startswith("end_"):
            what = kind[4:].split("_")[0]
            if not open_groups or open_groups[-1][0] != what:
                yield Problem(
                    "E105", f"这里的 end {what} 没有对应的开头。", "请检查分组的开头和结尾。", "survey", number
                )
            if open_groups:
                open_groups.pop()
                seen.pop()
            continue
        if name:
            if name in seen[-1]:
                zh = f"题名“{name}”和第{seen[-1][name]}行重复。"
                yield Problem("E104", zh, "请改名。", "survey", number)
            seen[-1].setdefault(name, number)
        if kind.startswith("begin_"):
            open_groups.append((kind[6:].split("_")[0], number))
            seen.append({})
    for what, number in open_groups:
        yield Problem("E105", f"这里的 begin {what} 没有结尾。", f"请补上 end {what}。", "survey", number)
