"""Tables of parameters and of quarterly reference prices (monitoring.md 3, quarterly.md 12)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from forms.monitoring import opening_values as values
from forms.monitoring.opening import Level, Numeric, Problems, ReadTable, letters, plain
from forms.monitoring.parameters import (
    MONITOR_LINE,
    PRICE,
    ParameterRecord,
    first_day,
    parameter_named,
    parameter_zh,
    value_problem,
)
from forms.phrases import Phrase


def _heads(heads: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {plain(head): field for field, names in heads.items() for head in (*names, field)}


PARAMETER_HEADS: Final[Mapping[str, str]] = _heads(
    {
        "name": ("参数", "参数名", "参数名称", "名称", "项目", "指标", "标准名称"),
        "value": ("值", "参数值", "数值", "标准", "金额"),
        "valid_from": ("生效日期", "起始日期", "执行日期", "从", "from_on", "effective_from"),
        "valid_to": ("失效日期", "截止日期", "止", "until_on"),
        "year": ("年", "年度", "年份", "适用年度"),
        "doc_no": ("文号", "文件号", "依据文号", "发文字号", "文件文号", "依据", "document"),
    }
)
PRICE_HEADS: Final[Mapping[str, str]] = _heads(
    {
        "q_period": ("季度", "期", "调查期", "期别", "价格期"),
        "item": ("项目码", "项目编码", "代码", "编码", "行号", "item_code"),
        "item_name": ("项目", "项目名称", "品名", "品种", "商品"),
        "price": ("参考价", "价格", "单价", "参考单价"),
        "doc_no": ("文号", "依据", "依据文号"),
    }
)


def _cell(cells: tuple[str, ...], at: Mapping[str, int], field: str) -> str:
    place = at.get(field)
    return cells[place] if place is not None and place < len(cells) else ""


def read_parameters(table: ReadTable, known: Sequence[str], problems: Problems) -> tuple[ParameterRecord, ...]:
    """Parameter records of a table.

    Args:
        known: names of the parameters that rules and questionnaires read.
    """
    at = table.fields
    if "name" not in at or "value" not in at:
        problems.add(Level.FILE, "columns", (table.title, 0), "", "参数表要有参数名和值两列", "补上，或指明是哪一列")
        return ()
    found: dict[tuple[str, date], ParameterRecord] = {}
    for row in table.rows:
        where = (table.title, row.number)
        words = values.text(_cell(row.cells, at, "name"))
        if not words:
            continue
        name = parameter_named(words, known)
        if not name:
            problems.add(
                Level.ROW,
                "unknown",
                where,
                letters(at["name"]),
                Phrase("不认得参数“{said}”", said=words[:20]),
                "写参数表里的名称，如 monitor_line",
            )
            continue
        value = _parameter_value(values.text(_cell(row.cells, at, "value")))
        wrong = value_problem(name, value, known)
        if not value:
            wrong = "没有值"
        if wrong:
            problems.add(
                Level.ROW,
                "value",
                where,
                letters(at["value"]),
                Phrase("{item}：{wrong}", item=parameter_zh(name), wrong=wrong),
                "按文件核对后改",
            )
            continue
        try:
            begins = values.day(_cell(row.cells, at, "valid_from"))
            ends = values.day(_cell(row.cells, at, "valid_to"))
            year = values.year(_cell(row.cells, at, "year"))
        except ValueError:
            problems.add(
                Level.ROW,
                "day",
                where,
                "",
                Phrase("{item}：日期认不出来", item=parameter_zh(name)),
                "改成 2026-01-01 的样子",
            )
            continue
        begins = begins or (f"{year}-01-01" if year else "")
        ends = ends or (f"{year}-12-31" if year and name == MONITOR_LINE else "")
        doc_no = values.text(_cell(row.cells, at, "doc_no"))
        if not begins or (ends and ends < begins):
            problems.add(
                Level.ROW,
                "day",
                where,
                "",
                Phrase("{item}：缺生效日期，或失效早于生效", item=parameter_zh(name)),
                "补上生效日期",
            )
            continue
        if not doc_no:
            level = Level.ROW if name == MONITOR_LINE else Level.WARN
            problems.add(
                level,
                "doc_no",
                where,
                letters(at.get("doc_no", 0)),
                Phrase("{item}没有文号", item=parameter_zh(name)),
                "照录文件的文号",
            )
            if level is Level.ROW:
                continue
        record = ParameterRecord(
            name, value, date.fromisoformat(begins), date.fromisoformat(ends) if ends else None, doc_no
        )
        key = (name, date.fromisoformat(begins))
        if key in found and found[key] != record:
            problems.add(
                Level.ROW,
                "twice",
                where,
                "",
                Phrase("{item}从 {day} 起有两个值", item=parameter_zh(name), day=begins),
                "同一天起只留一行",
            )
            continue
        found[key] = record
    return tuple(found.values())


def _parameter_value(value: str) -> str:
    """30% is 0.3; a thousands comma and a currency word go."""
    bare = re.sub(r"[,，元\s]", "", value)
    if re.fullmatch(r"\d+(\.\d+)?%", bare):
        return format((Decimal(bare[:-1]) / 100).normalize(), "f")
    return bare if re.fullmatch(r"\d+(\.\d+)?", bare) else values.clean(value)


def read_prices(
    table: ReadTable, known: Sequence[str], names: Mapping[str, str], quarter: str, problems: Problems
) -> tuple[ParameterRecord, ...]:
    """Reference prices of a table as parameters ``price_<line>`` from their quarter's first day on.

    Args:
        known: names of all parameters; a line without a price of its own is refused.
        names: what a line is called → its code.
        quarter: for a table without a column for it.
    """
    at = table.fields
    if "price" not in at or not {"item", "item_name"} & at.keys() or ("q_period" not in at and not quarter):
        problems.add(
            Level.FILE,
            "columns",
            (table.title, 0),
            "",
            "参考价表要有项目码（或项目名）、参考价、季度三列",
            "补上；季度写成 2026Q3",
        )
        return ()
    found: dict[tuple[str, date], ParameterRecord] = {}
    for row in table.rows:
        where = (table.title, row.number)
        item = values.text(_cell(row.cells, at, "item")).upper() or names.get(
            plain(_cell(row.cells, at, "item_name")), ""
        )
        words = item or values.text(_cell(row.cells, at, "item_name"))
        if not words:
            continue
        name = f"{PRICE}{item}"
        if name not in known:
            problems.add(
                Level.ROW, "item", where, "", Phrase("“{said}”没有参考价这一项", said=words[:20]), "写项目码，如 F101"
            )
            continue
        period = _quarter(_cell(row.cells, at, "q_period")) if "q_period" in at else quarter
        if not period:
            problems.add(Level.ROW, "quarter", where, letters(at["q_period"]), "季度认不出来", "写成 2026Q3")
            continue
        price = _price(_cell(row.cells, at, "price"))
        if not price:
            problems.add(
                Level.ROW,
                "price",
                where,
                letters(at["price"]),
                Phrase("{item}的参考价不是正数", item=words[:20]),
                "写元，最多两位小数",
            )
            continue
        record = ParameterRecord(name, price, first_day(period), None, values.text(_cell(row.cells, at, "doc_no")))
        key = (name, first_day(period))
        if key in found and found[key].value != price:
            problems.add(
                Level.ROW,
                "twice",
                where,
                "",
                Phrase("{item}在 {period} 有两个价", item=words[:20], period=period),
                "只留一个",
            )
            continue
        found[key] = record
    return tuple(found.values())


def _quarter(value: str) -> str:
    found = values.clean(value).upper().replace(" ", "")
    match = re.fullmatch(r"(\d{4})(?:Q|年第?|-Q?)([1-4一二三四])(?:季度|季)?", found)
    return f"{match.group(1)}Q{match.group(2).translate(str.maketrans('一二三四', '1234'))}" if match else ""


def _price(value: str) -> str:
    """Yuan with at most two places; a number as Excel keeps it (6.1000000000000005) is 6.1."""
    bare = re.sub(r"[元￥¥,\s]", "", values.clean(value))
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", bare):
        return ""
    amount = Decimal(bare)
    exact = amount.quantize(Decimal("0.01"))
    if abs(amount - exact) > (Decimal("0.000001") if isinstance(value, Numeric) else 0):
        return ""
    return format(exact.normalize(), "f") if exact > 0 else ""
