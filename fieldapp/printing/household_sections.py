"""一户一档: which facts of a household stand in which section, and who gets to see them.

Source: monitoring.md 10 (sections, columns, who may print what). A section that a role may not print is absent in substance: its
title stays with "本版不含", so that a reader knows the file is not the whole one. What is blank says 本期无, never an empty line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from fieldapp.printing.document import Boxes, Cover, Document, Facts, Grid, Section, Trend, Words, render
from fieldapp.printing.record import NOTHING, Answers, HouseholdRecord, Printed, Wave
from fieldapp.printing.short_code import FileCode, qr_text, short_code
from forms.monitoring.guarantees import guarantee_lines
from sync.project import UseMode
from sync.scope import Role

_WITHHELD = "本版不含"
_NOTHING_YET = "本期无"
_MAX_VISITS = 12
_POINTS_OF_A_TREND = 2

# Sections whose figures a village secretary may not know (monitoring.md 10: 二、四、五、六 whole).
_FIGURES = frozenset({"二", "四", "五", "六"})


def may_print(role: Role, number: str) -> bool:
    """Whether a role prints the section with this Chinese number; the cover and the lists are for all printing roles."""
    if role is Role.VSEC:
        return number not in _FIGURES
    return role in {Role.TSUP, Role.CADM, Role.CMON}


def mask_id_number(value: str) -> str:
    """Identity number with its middle eight digits starred."""
    return value if len(value) < 15 else f"{value[:6]}{'*' * 8}{value[14:]}"


def mask_phone(value: str) -> str:
    """Phone number with its middle four digits starred."""
    return value if len(value) < 8 else f"{value[:3]}****{value[7:]}"


def household_file(record: HouseholdRecord, role: Role, printed: Printed) -> bytes:
    """The household file as PDF bytes, with the sections the role may see.

    Args:
        record: the household; ``content_hash`` names this state of it.
        role: who prints; decides the sections.
        printed: who, when, which version of the file.
    """
    return render(compose_household_file(record, role, printed))


def compose_household_file(record: HouseholdRecord, role: Role, printed: Printed) -> Document:
    """The household file before layout; tests and the farmer's summary read it.

    Of a statistical survey it is the register part of 一 alone (monitoring.md 10), with the marks of the survey.
    """
    if printed.use_mode is UseMode.STAT:
        return _register_page(record, printed)
    builders: tuple[tuple[str, str, Callable[[HouseholdRecord, Printed], Section]], ...] = (
        ("一", "家庭基本情况表", _basics),
        ("二", "土地与家产", _belongings),
        ("三", "两不愁三保障与饮水安全一览", _guarantees),
        ("四", "社会保障与救助", _social_security),
        ("五", "近四季收支表", _income_and_spending),
        ("六", "债务", _debts),
        ("十一", "走访与回访记录", _visits),
        ("十三", "佐证目录与签字", _signatures),
    )
    sections = []
    for number, title, build in builders:
        heading = f"{number}、{title}"
        if may_print(role, number):
            section = build(record, printed)
            sections.append(Section(heading, section.blocks, section.new_page))
        else:
            sections.append(Section(heading, (Words(_WITHHELD),)))
    code = FileCode(record.hh_id, printed.version, record.content_hash)
    stamp = printed.at.strftime("%Y-%m-%d %H:%M")
    return Document(
        title=f"一户一档 {record.hh_id}",
        header=f"{record.county_name}防止返贫监测一户一档",
        footer=f"{record.hh_id}　打印：{printed.by}　{stamp}　密级：内部",
        watermark=f"{record.hh_id}　{printed.by}",
        sections=tuple(sections),
        cover=_cover(record, printed, sections),
        qr=qr_text(code),
        short_code=short_code(record.hh_id),
    )


def _register_page(record: HouseholdRecord, printed: Printed) -> Document:
    """What a statistical survey may print of a household: who is on its register, and nothing that was answered."""
    facts = Facts(
        (
            ("户主", record.text("hh_head_name")),
            ("村组", f"{record.village_name} {record.text('cov_group')}"),
            ("户编码", record.hh_id),
        )
    )
    rows = tuple(
        (*(_text(member, name) for name in ("mem_no", "mem_name", "mem_relation", "mem_sex")),
         _text(member, "mem_birth")[:7])
        for member in record.members
    )  # fmt: skip
    grid = Grid(
        ("号", "姓名", "关系", "性别", "出生年月"),
        rows,
        (4, 12, 10, 6, 10),
        center=frozenset({0, 3, 4}),
        blank=_NOTHING_YET,
    )
    section = Section("一、家庭基本情况表（名册部分）", (facts, grid), new_page=True)
    stamp = printed.at.strftime("%Y-%m-%d %H:%M")
    cover = Cover(
        title="调查户名册页",
        subtitle=f"{record.county_name}　{record.village_name}",
        facts=(
            ("用途", "统计调查，只用于统计"),
            *printed.marks,
            ("户主", record.text("hh_head_name")),
            ("户编码", record.hh_id),
            ("版次", f"第 {printed.version} 版　{printed.at.strftime('%Y年%m月%d日')}"),
        ),
        contents=(section.title,),
        notice="统计调查项目只印名册，不印任何答案。能识别单个调查对象身份的资料不得对外提供，不得用于统计以外的目的。",
    )
    code = FileCode(record.hh_id, printed.version, record.content_hash)
    return Document(
        title=f"调查户名册页 {record.hh_id}",
        header=f"{record.county_name}统计调查调查户名册页",
        footer=f"{record.hh_id}　打印：{printed.by}　{stamp}　密级：内部",
        watermark=f"{record.hh_id}　{printed.by}",
        sections=(section,),
        cover=cover,
        qr=qr_text(code),
        short_code=short_code(record.hh_id),
    )


def _cover(record: HouseholdRecord, printed: Printed, sections: list[Section]) -> Cover:
    conflict = (
        f"本户有 {record.open_conflicts} 处答案两人填得不一样，尚未裁定，文中标“冲突”。"
        if record.open_conflicts
        else ""
    )
    return Cover(
        title="一户一档",
        subtitle=f"{record.county_name}　{record.village_name}",
        facts=(
            ("用途", "工作监测"),
            ("户主", record.text("hh_head_name")),
            ("住址", record.text("hh_address")),
            ("户编码", record.hh_id),
            ("户类型", record.text("hh_type_now")),
            ("帮扶责任人", record.text("hh_helper_name") or "—"),
            ("版次", f"第 {printed.version} 版　{printed.at.strftime('%Y年%m月%d日')}"),
        ),
        contents=tuple(section.title for section in sections),
        notice=conflict + "本档案含个人信息，只供履行职责使用，不得复印外传，用后归柜。身份证号、手机号已作遮盖。",
    )


# ------------------------------------------------------------------------------------------------------------ 一 to 四


def _basics(record: HouseholdRecord, printed: Printed) -> Section:
    facts = Facts(
        (
            ("户主", record.text("hh_head_name")),
            ("户类型", record.text("hh_type_now")),
            ("联系电话", mask_phone(record.text("hh_phone")) if printed.redacted else record.text("hh_phone")),
            ("村组", f"{record.village_name} {record.text('cov_group')}"),
            ("原建档立卡", _annual_text(record, "hh_was_poor")),
            ("脱贫年度", _annual_text(record, "hh_exit_year")),
            ("户口簿人数", _annual_text(record, "hh_hukou_n")),
            ("常住人口", _latest_text(record, "q_resident_n", "hh_resident_n")),
            ("家庭人口", _latest_text(record, "q_family_n", "hh_family_n")),
        )
    )
    return Section("", (facts, _member_table(record)), new_page=True)


def _member_table(record: HouseholdRecord) -> Grid:
    details = _by_row(record.annual, "member")
    latest = _by_row(record.quarters[-1], "member") if record.quarters else {}
    rows = []
    for member in record.members:
        row_id = member.get("row_id", NOTHING).value
        year, quarter = details.get(row_id, {}), latest.get(row_id, {})
        school = _text(year, "edu_stage") or _text(year, "edu_level")
        away = " ".join(part for part in (_text(quarter, "ql_place"), _text(quarter, "ql_months")) if part)
        rows.append(
            (
                _text(member, "mem_no"),
                _text(member, "mem_name") + ("（冲突）" if _any_conflict(member) else ""),
                _text(member, "mem_relation"),
                _text(member, "mem_sex"),
                _text(member, "mem_birth")[:7],
                school or "—",
                _health_class(year.get("mem_health", NOTHING).value),
                _text(year, "mem_labour") or "—",
                away or "—",
            )
        )
    headings = ("号", "姓名", "关系", "性别", "出生年月", "文化程度或在校", "健康", "劳动能力", "务工地、月数")
    return Grid(headings, tuple(rows), (3.4, 8, 6, 4, 7.5, 9, 7.5, 9, 9), center=frozenset({0, 3, 4}))


def _health_class(codes: str) -> str:
    """Health in broad classes only (monitoring.md 10): never which illness."""
    chosen = set(codes.split())
    classes = [word for code, word in (("2", "慢性病"), ("3", "大病"), ("4", "残疾")) if code in chosen]
    return "有" + "、".join(classes) if classes else ("健康" if chosen else "—")


def _belongings(record: HouseholdRecord, _printed: Printed) -> Section:
    if record.annual is None:
        return Section("", (Words(_NOTHING_YET),))
    facts = Facts(
        tuple(
            (name, record.annual.text(variable) + unit if record.annual.text(variable) else "")
            for name, variable, unit in (
                ("承包耕地", "land_contract", " 亩"),
                ("实种耕地", "land_farm", " 亩"),
                ("园地", "land_garden", " 亩"),
                ("林地", "land_forest", " 亩"),
                ("退耕还林", "land_return", " 亩"),
                ("撂荒", "land_idle", " 亩"),
                ("住房结构", "hou_struct", ""),
                ("建筑面积", "hou_area", " 平方米"),
                ("建成年份", "hou_year", ""),
            )
        )
    )
    lines = [Words("大件：" + (record.annual.text("sel_dur") or "没有登记"), small=True)]
    lines.append(Words("生产性固定资产：" + (record.annual.text("sel_asset") or "没有登记"), small=True))
    return Section("", (facts, *lines))


def _guarantees(record: HouseholdRecord, _printed: Printed) -> Section:
    quarter = record.quarters[-1] if record.quarters else None
    lines = guarantee_lines(
        _values(record.annual), _values(quarter), _row_values(record.annual, "member"), _row_values(quarter, "member")
    )
    last = max((w.visited_on for w in (record.annual, quarter) if w is not None and w.visited_on), default=None)
    day = last.isoformat() if last else "—"
    rows = tuple(
        (line.name, line.standing.value, "、".join(line.basis) or "—", "、".join(line.rules) or "无", day)
        for line in lines
    )
    grid = Grid(
        ("项目", "达标情况", "依据题号", "触发规则", "日期"), rows, (14, 12, 22, 22, 14), center=frozenset({1, 4})
    )
    return Section("", (grid, Boxes(("以上由软件按最近一次问卷填出，如有不符在此更正：",), height_mm=20)))


def _social_security(record: HouseholdRecord, _printed: Printed) -> Section:
    rows = []
    for member in _row_answers(record.annual, "member"):
        if not _text(member, "ss_med"):
            continue  # this section was not asked of the person
        rows.append(
            tuple(
                _text(member, name) or "—"
                for name in ("mem_no", "mem_name", "ss_med", "ss_pension", "ss_dibao", "ss_disab_sub", "ss_old_sub")
            )
        )
    grid = Grid(
        ("号", "姓名", "基本医保", "基本养老", "低保", "残疾补贴", "高龄津贴"),
        tuple(rows),
        (4, 9, 14, 14, 7, 14, 14),
        center=frozenset({0}),
    )
    facts = Facts(
        (
            ("农村低保", _annual_text(record, "db_has")),
            ("低保月金额", _annual_text(record, "db_month")),
            ("临时救助次数", _annual_text(record, "ta_times")),
        )
    )
    return Section("", (grid, facts))


# ----------------------------------------------------------------------------------------------------------- 五 to 十三

_MONEY_LINES: tuple[tuple[str, str, bool], ...] = (
    ("工资性收入", "wage_inc", False),
    ("经营净收入", "op_net", False),
    ("财产净收入", "prop_net", False),
    ("转移净收入", "trf_net", False),
    ("可支配收入", "disp_inc", True),
    ("\u00a0\u00a0\u00a0常住人口人均", "disp_inc_pc", False),
    ("防返贫纯收入", "net_inc_mon", True),
    ("生活消费支出", "cons_total", True),
    ("\u00a0\u00a0\u00a0食品烟酒", "cons_f1", False),
    ("\u00a0\u00a0\u00a0衣着", "cons_f2", False),
    ("\u00a0\u00a0\u00a0居住", "cons_f3", False),
    ("\u00a0\u00a0\u00a0生活用品及服务", "cons_f4", False),
    ("\u00a0\u00a0\u00a0交通通信", "cons_f5", False),
    ("\u00a0\u00a0\u00a0教育文化娱乐", "cons_f6", False),
    ("\u00a0\u00a0\u00a0医疗保健", "cons_f7", False),
    ("\u00a0\u00a0\u00a0其他用品和服务", "cons_f8", False),
)


def _income_and_spending(record: HouseholdRecord, _printed: Printed) -> Section:
    if not record.quarters:
        return Section("", (Words(_NOTHING_YET),), new_page=True)
    rows = []
    for title, variable, _ in _MONEY_LINES:
        amounts = [_amount(wave.value(variable)) for wave in record.quarters]
        known = [amount for amount in amounts if amount is not None]
        total = "" if variable.endswith("_pc") or len(known) < len(amounts) else _money(sum(known, Decimal(0)))
        rows.append((title, *(_money(amount) for amount in amounts), total))
    emphasised = frozenset(i for i, (_, _, bold) in enumerate(_MONEY_LINES) if bold)
    headings = ("项目（元）", *(_period_words(wave.period) for wave in record.quarters), "合计")
    count = len(record.quarters)
    grid = Grid(
        headings, tuple(rows), (17, *[11] * count, 12), right=frozenset(range(1, count + 2)), emphasised=emphasised
    )
    incomes = tuple(_per_head(wave) for wave in record.quarters)
    if sum(income is not None for income in incomes) < _POINTS_OF_A_TREND:
        return Section("", (grid, Words("少一季的不算合计。", small=True)), new_page=True)
    trend = Trend(tuple(_period_words(w.period) for w in record.quarters), incomes, None, "监测线")
    words = Words("图：各季防返贫口径人均纯收入（元）。少一季的不算合计。", small=True)
    return Section("", (grid, trend, words), new_page=True)


def _per_head(wave: Wave) -> float | None:
    income, people = _amount(wave.value("net_inc_mon")), _amount(wave.value("q_family_n"))
    return float(income / people) if income is not None and people else None


def _debts(record: HouseholdRecord, _printed: Printed) -> Section:
    rows = tuple(
        (
            _text(loan, "loan_source"),
            _text(loan, "loan_purpose"),
            _money(_amount(loan.get("loan_balance", NOTHING).value)),
            _text(loan, "loan_due")[:10] or "—",
            _text(loan, "loan_over") or "—",
        )
        for loan in _row_answers(record.annual, "loan")
    )
    grid = Grid(
        ("来源", "用途", "余额（元）", "到期", "逾期"),
        rows,
        (18, 18, 12, 12, 8),
        right=frozenset({2}),
        blank="没有登记借款",
    )
    return Section("", (grid,))


def _visits(record: HouseholdRecord, _printed: Printed) -> Section:
    rows = tuple(
        (
            visit.on.isoformat(),
            f"{visit.minutes} 分钟" if visit.minutes is not None else "—",
            visit.mode,
            visit.outcome,
            visit.enumerator,
        )
        for visit in record.visits[-_MAX_VISITS:]
    )
    return Section(
        "", (Grid(("日期", "用时", "方式", "结果", "调查员"), rows, (12, 9, 14, 22, 14), center=frozenset({0, 1})),)
    )


def _signatures(_record: HouseholdRecord, _printed: Printed) -> Section:
    return Section(
        "",
        (
            Words("佐证材料：" + _NOTHING_YET),
            Boxes(("农户确认签字：\n\n        年    月    日", "村（社区）签章：", "乡镇签章："), 32),
        ),
    )


# --------------------------------------------------------------------------------------------------------------- words


def _text(answers: Answers, name: str) -> str:
    return answers.get(name, NOTHING).text


def _any_conflict(answers: Answers) -> bool:
    return any(answer.in_conflict for answer in answers.values())


def _annual_text(record: HouseholdRecord, name: str) -> str:
    return record.annual.text(name) if record.annual else ""


def _latest_text(record: HouseholdRecord, quarterly_name: str, annual_name: str) -> str:
    if record.quarters and record.quarters[-1].text(quarterly_name):
        return record.quarters[-1].text(quarterly_name)
    return _annual_text(record, annual_name)


def _values(wave: Wave | None) -> Mapping[str, str]:
    return {} if wave is None else {name: answer.value for name, answer in wave.answers.items()}


def _row_answers(wave: Wave | None, roster: str) -> tuple[Answers, ...]:
    """Rows of a roster in which anything was answered."""
    rows = () if wave is None else wave.rosters.get(roster, ())
    return tuple(row for row in rows if any(answer.text for name, answer in row.items() if name != "row_id"))


def _row_values(wave: Wave | None, roster: str) -> list[Mapping[str, str]]:
    return [{name: answer.value for name, answer in row.items()} for row in _row_answers(wave, roster)]


def _by_row(wave: Wave | None, roster: str) -> dict[str, Answers]:
    return {row.get("row_id", NOTHING).value: row for row in _row_answers(wave, roster)}


def _amount(value: str) -> Decimal | None:
    try:
        return Decimal(value) if value else None
    except InvalidOperation:
        return None


def _money(amount: Decimal | None) -> str:
    return "—" if amount is None else f"{amount:,.2f}"


def _period_words(period: str) -> str:
    year, _, quarter = period.partition("Q")
    return f"{year[2:]}年{'一二三四'[int(quarter) - 1]}季" if quarter else f"{year}年"
