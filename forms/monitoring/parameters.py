"""The county's parameters: which value holds on a day, and which the county still owes (monitoring.md 3, quarterly.md 12).

A value record says from when to when it holds and by which document. A parameter of a period is looked up by the period's last day.
The monitoring line is of one year: without an end it ends with the year it began in. Reference prices are parameters
``price_<line>`` that hold from a quarter's first day until the next ones are issued.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from forms.phrases import Phrase

MONITOR_LINE: Final = "monitor_line"
PRICE: Final = "price_"
NOT_PARAMETERS: Final = frozenset(
    {"use_mode", "q_period", "period", "survey_year"}
)  # fixed at founding, or of the interview
OWED: Final = (MONITOR_LINE, "dibao_std", "med_fee_std")  # without a default: the county has to enter them


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """One value of a parameter.

    Attributes:
        value: as text; "" withdraws what was entered for that day.
        valid_from: first day; None is from the beginning.
        valid_to: last day; None is until another one begins (the monitoring line: until the year's end).
        doc_no: number of the document it comes from.
        entered_by: account; "" for a default that came with the questionnaires.
    """

    name: str
    value: str
    valid_from: date | None = None
    valid_to: date | None = None
    doc_no: str = ""
    entered_by: str = ""
    entered_at: datetime | None = None

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds."""
        if self.valid_to is None and self.name == MONITOR_LINE and self.valid_from is not None and self.entered_by:
            return date(self.valid_from.year, 12, 31)
        return self.valid_to

    def holds_on(self, day: date) -> bool:
        """Whether the day lies within its time."""
        last = self.last_day
        return (self.valid_from is None or self.valid_from <= day) and (last is None or day <= last)


def reference_day(period: str) -> date:
    """The last day of a quarter (2026Q3) or a year (2026).

    Raises:
        ValueError: neither.
    """
    if re.fullmatch(r"\d{4}Q[1-4]", period):
        year, month = int(period[:4]), int(period[5]) * 3
        return date(year, month, 31 if month in (3, 12) else 30)
    if re.fullmatch(r"\d{4}", period):
        return date(int(period), 12, 31)
    raise ValueError(f"not a period: {period!r}")


def first_day(quarter: str) -> date:
    """The first day of a quarter."""
    last = reference_day(quarter)
    return date(last.year, last.month - 2, 1)


def holding_on(
    defaults: Iterable[ParameterRecord], entered: Iterable[ParameterRecord], day: date
) -> dict[str, ParameterRecord]:
    """The record of each parameter that holds on a day.

    What the county entered goes before a default, and of several the one that began last. Where the county's value has run out
    the default holds again. Names that are no parameters are left out.
    """
    found: dict[str, ParameterRecord] = {}
    for records in (defaults, entered):
        here: dict[str, ParameterRecord] = {}
        for record in records:
            if record.name in NOT_PARAMETERS and record.entered_by:
                continue
            if record.holds_on(day) and (record.value or not record.entered_by):
                other = here.get(record.name)
                if other is None or (other.valid_from or date.min) <= (record.valid_from or date.min):
                    here[record.name] = record
        found |= here
    return found


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that the county has not entered for a period.

    Attributes:
        name: of the parameter, ``price`` for all reference prices.
        zh: the reminder, with ``fields`` to fill in.
        stops_rules: without it the income rules do not run.
    """

    name: str
    zh: str
    stops_rules: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


_OWED_ZH: Final[Mapping[str, str]] = {
    MONITOR_LINE: "未录入本年监测线",
    "dibao_std": "未录入农村低保月标准",
    "med_fee_std": "未录入居民医保个人缴费标准",
}


def owed(holding: Mapping[str, ParameterRecord], entered: Iterable[ParameterRecord], period: str) -> tuple[Owed, ...]:
    """What is missing for a period: the monitoring line first, since without it income rules do not run (monitoring.md 3.1)."""
    found = [
        Owed(name, _OWED_ZH[name], name == MONITOR_LINE)
        for name in OWED
        if name not in holding or not holding[name].value
    ]
    if len(period) == 6:
        issued = sorted(
            {
                one.valid_from
                for one in entered
                if one.name.startswith(PRICE) and one.value and one.valid_from is not None
            }
        )
        if first_day(period) not in issued:
            before = [day for day in issued if day < first_day(period)]
            if before:
                last = f"{before[-1].year}Q{(before[-1].month + 2) // 3}"
                found.append(Owed("price", "本季参考价还没有下发，先用 {quarter} 的", fields={"quarter": last}))
            else:
                found.append(Owed("price", "本季参考价还没有下发，先用问卷自带的"))
    return tuple(found)


def income_rules_run(values: Mapping[str, str]) -> bool:
    """Whether rules that compare an income with the monitoring line may run for a period (monitoring.md 3.1)."""
    return bool(values.get(MONITOR_LINE, ""))


# --- what a value may be -----------------------------------------------------------------------------------------------

_SWITCHES: Final[Mapping[str, tuple[str, ...]]] = {
    "resident_rule": ("new", "old"),
    "mon_dep": ("on", "off"),
    "imputed_rent_on": ("on", "off"),
    "cash_balance_on": ("on", "off"),
    "mon_trf_exp": ("on", "off"),
}
_TEXTS: Final = frozenset({"county_phone", "annual_from", "annual_to", "revisit_plan", "q_window", "student_labour"})
_RANGES: Final[Mapping[str, tuple[str, str]]] = {
    MONITOR_LINE: ("2000", "100000"),
    "dibao_std": ("50", "5000"),
    "med_fee_std": ("10", "5000"),
    "near_line_ratio": ("1", "3"),
    "income_drop_pct": ("0", "1"),
    "rigid_ratio": ("0", "1"),
    "rigid_total_ratio": ("0", "1"),
    "edu_ratio": ("0", "1"),
    "imputed_rent_rate": ("0", "0.2"),
    "dep_residual": ("0", "1"),
    "err_rate_max": ("0", "1"),
    "match_pct": ("0", "1"),
}


def value_problem(name: str, value: str, known: Sequence[str]) -> str:
    """Why a value cannot be taken, a Chinese half sentence; "" when it can."""
    if name in NOT_PARAMETERS:
        return "不是参数表里的项，改不了（用途在建项目时定下）"
    if name not in known:
        return "没有这个参数"
    if name in _SWITCHES:
        return (
            ""
            if value in _SWITCHES[name]
            else Phrase("只能是 {one} 或 {other}", one=_SWITCHES[name][0], other=_SWITCHES[name][1])
        )
    if name in _TEXTS:
        return ""
    if re.fullmatch(r"mon_\d+", name):
        return "" if value in ("Y", "N") else "只能是 Y 或 N"
    if name.startswith("harvest_"):
        return ""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "不是数"
    if not number.is_finite() or number < 0:
        return "不是正常的数"
    low, high = _RANGES.get(name, ("0", "100000000"))
    if not Decimal(low) <= number <= Decimal(high):
        return Phrase("不在 {low}—{high} 之间", low=low, high=high)
    return ""


PARAMETER_ZH: Final[Mapping[str, str]] = {
    "monitor_line": "监测线（元/人·年）",
    "near_line_ratio": "接近监测线的上限倍数",
    "income_drop_pct": "收入大幅缩减的比例",
    "income_drop_abs": "收入大幅缩减的绝对额（元/人）",
    "med_self_line": "医疗自付关注线（元/12 月）",
    "rigid_ratio": "医疗自付占家庭纯收入",
    "rigid_total_ratio": "全部刚性支出占家庭纯收入",
    "edu_ratio": "教育自付占家庭纯收入",
    "shock_line": "意外、灾害自担损失（元/次）",
    "debt_ratio": "债务余额与年收入之比",
    "arrears_amt": "欠薪（元）",
    "unemp_months": "连续失业（月）",
    "dibao_std": "农村低保月标准（元）",
    "med_fee_std": "居民医保年度个人缴费（元）",
    "water_min_lpd": "人均日用水量下限（升）",
    "water_max_min": "取水一次时间（分钟）",
    "water_max_m": "取水水平距离（米）",
    "water_max_h": "取水垂直距离（米）",
    "water_stop_days": "停水断水上限（天/年）",
    "water_stop_days_q": "停水断水上限（天/季）",
    "identify_days": "从发现线索到完成识别（天）",
    "publicity_days": "村内公示（天）",
    "aid_within_days": "识别后落实帮扶措施（天）",
    "dev_aid_months": "有劳动力户落实开发式帮扶（月）",
    "min_months_to_exit": "识别到标注消除的最短间隔（月）",
    "revisit_plan": "消除后回访（月）",
    "resident_rule": "常住口径",
    "mon_dep": "防返贫纯收入是否扣折旧",
    "imputed_rent_on": "折算租金",
    "imputed_rent_rate": "折算租金率",
    "dep_residual": "折旧残值率",
    "cash_balance_on": "现金平衡题",
    "cons_floor_pc": "人均消费过低（元/季）",
    "q_window": "入户窗口（季末月几日起、次月几日止）",
    "county_phone": "县里电话",
    "min_minutes_annual": "年度卷最短用时（分钟）",
    "min_minutes_quarter": "季度卷最短用时（分钟）",
    "max_forms_day": "同一调查员同日完成上限（份）",
    "tsup_accompany": "乡镇陪访比例",
    "tsup_phone": "乡镇电话核实比例",
    "cqc_phone": "县级电话回访比例",
    "cqc_revisit": "县级季度复查比例",
    "cqc_revisit_annual": "县级年度复查比例",
    "err_rate_max": "关键题差错率上限",
    "match_pct": "复查比对一致的比例差",
    "match_amt": "复查比对一致的金额差（元）",
}


def parameter_zh(name: str) -> str:
    """A parameter's name for people; the bare name for lines of the questionnaire (max_301 …)."""
    return PARAMETER_ZH.get(name, name)


def parameter_named(words: str, known: Iterable[str]) -> str:
    """The parameter that a county's table calls so: by its name, or by its words without units; "" for none."""
    bare = _bare(words)
    for name in known:
        if words.strip().strip("{}") == name or (bare and bare == _bare(PARAMETER_ZH.get(name, ""))):
            return name
    return {
        "监测线": MONITOR_LINE,
        "防返贫监测线": MONITOR_LINE,
        "监测标准": MONITOR_LINE,
        "低保标准": "dibao_std",
    }.get(bare, "")


def _bare(words: str) -> str:
    return re.sub(r"[（(].*?[)）]|\s", "", words)
