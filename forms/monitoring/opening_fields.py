"""What a county's register tables call things, and what each column becomes in the living household.

The heads are those of the national monitoring system's exports and of county books; fa variable names always do. Fields and codes:
register_fields.py, codelists.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from forms.monitoring import opening_values as values
from forms.monitoring.opening import plain

Convert = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ImportField:
    """A column that is read.

    Attributes:
        field: of the register, or one of the reader's own (beginning with "@").
        zh: for the list a person chooses from.
        convert: raises ValueError or Destroyed.
        heads: what tables call it.
    """

    field: str
    zh: str
    convert: Convert
    heads: tuple[str, ...]


def _choice(list_name: str) -> Convert:
    return partial(values.chosen, list_name=list_name)


def _several(list_name: str) -> Convert:
    return partial(values.several, list_name=list_name)


# Of the household. "@" fields help to find or check it and are not kept.
HOUSEHOLD: Final[tuple[ImportField, ...]] = (
    ImportField("hh_id", "户编码", values.code, ("户编码", "户编号", "户号", "家庭编号", "农户编码", "农户编号", "户代码")),
    ImportField(
        "frame_hh_code", "名册户编号（原系统的）", values.code, ("系统户编号", "建档立卡户编号", "原户编号", "名册户编号", "家庭编码")
    ),
    ImportField(
        "cov_village_code", "村代码", values.code, ("村代码", "村编码", "行政村代码", "行政区划代码", "区划代码", "村区划代码")
    ),
    ImportField("@village", "村名", values.text, ("村", "行政村", "村名", "所在村", "行政村名称", "村社区", "社区", "村居")),
    ImportField("@township", "乡镇名", values.text, ("乡镇", "乡", "镇", "所在乡镇", "乡镇名称", "乡镇街道", "街道")),
    ImportField("cov_group", "村民小组", values.text, ("组", "村民小组", "村民组", "小组", "自然村", "组别", "社", "自然村组", "寨")),
    ImportField("hh_head_name", "户主姓名", values.person, ("户主姓名", "户主", "户主名称")),
    ImportField(
        "@head_idno", "户主证件号码", values.code,
        ("户主身份证号", "户主身份证号码", "户主证件号码", "户主证件号", "户主身份证", "户主公民身份号码"),
    ),
    ImportField("hh_phone", "联系电话", values.code, ("联系电话", "户主电话", "户主联系电话", "电话", "手机号", "联系方式", "手机号码")),
    ImportField("hh_address", "住址", values.text, ("住址", "家庭住址", "地址", "详细地址", "门牌", "门牌号", "家庭地址")),
    ImportField(
        "hh_type_now", "户类型", _choice("hh_type"), ("户类型", "农户类型", "户属性", "农户属性", "现户类型", "家庭类型", "类型")
    ),
    ImportField("@monitor_type", "监测对象类别", _choice("hh_type"), ("监测对象类别", "监测类别", "监测类型", "监测对象类型")),
    ImportField("hh_was_poor", "是不是原脱贫户", _choice("yes_no"), ("是否脱贫户", "是否建档立卡户", "是否原建档立卡户", "原脱贫户")),
    ImportField("hh_exit_year", "脱贫年度", values.year, ("脱贫年度", "脱贫年份", "脱贫时间", "退出年度")),
    ImportField("hh_poor_cause", "主要致贫原因", _choice("poor_cause"), ("主要致贫原因", "致贫原因")),
    ImportField(
        "hh_monitor_start", "纳入监测的年月", values.month, ("纳入监测时间", "识别监测时间", "监测对象识别时间", "纳入监测年月", "识别时间")
    ),
    ImportField("hh_risk_cleared", "风险是否消除", _choice("yes_no"), ("风险是否消除", "是否消除风险", "风险是否已消除", "风险消除")),
    ImportField(
        "hh_risk_cleared_month", "标注消除的年月", values.month, ("风险消除时间", "消除时间", "风险消除年月", "消除年月")
    ),
    ImportField("hh_lowinc_tags", "低收入人口身份", _several("lowinc_tag"), ("低收入人口身份", "低收入类型", "低收入人口类型")),
    ImportField("hh_reloc", "是不是易地搬迁户", _choice("yes_no"), ("是否易地扶贫搬迁户", "是否易地搬迁户", "是否搬迁户", "易地搬迁户")),
    ImportField("hh_reloc_site", "安置方式", _choice("reloc_site"), ("安置方式", "搬迁安置方式")),
    ImportField("hh_helper_name", "帮扶责任人", values.text, ("帮扶责任人", "帮扶联系人", "帮扶人", "帮扶责任人姓名")),
    ImportField("frame_out", "不进抽样框的原因", _choice("frame_out"), ("不进抽样框", "框外原因")),
    ImportField(
        "@people", "家庭人口数", values.number, ("家庭人口", "家庭人口数", "家庭人数", "人口", "人口数", "户籍人口数", "家庭成员数")
    ),
)  # fmt: skip

# Of a member.
MEMBER: Final[tuple[ImportField, ...]] = (
    ImportField("mem_no", "成员号", values.code, ("成员号", "人员序号", "家庭成员序号")),
    ImportField(
        "mem_name", "姓名", values.person, ("姓名", "成员姓名", "家庭成员姓名", "人员姓名", "家庭成员")
    ),
    ImportField(
        "mem_relation", "与户主的关系", _choice("relation"), ("与户主关系", "与户主的关系", "关系", "家庭关系", "户主关系")
    ),
    ImportField("mem_sex", "性别", _choice("sex"), ("性别",)),
    ImportField("mem_id_type", "证件类型", _choice("id_type"), ("证件类型", "证件种类")),
    ImportField(
        "mem_idno", "证件号码", values.code,
        ("证件号码", "身份证号", "身份证号码", "公民身份号码", "公民身份证号码", "证件号", "身份证", "成员身份证号", "身份号码",
         "成员证件号码", "家庭成员身份证号", "家庭成员证件号码"),
    ),
    ImportField("mem_birth", "出生日期", values.birth, ("出生日期", "出生年月日", "出生年月", "生日", "出生时间")),
    ImportField("mem_ethnicity", "民族", _choice("ethnicity"), ("民族",)),
    ImportField("mem_political", "政治面貌", _choice("political"), ("政治面貌",)),
    ImportField("mem_marital", "婚姻状况", _choice("marital"), ("婚姻状况", "婚姻")),
    ImportField("mem_phone", "本人手机号", values.code, ("本人手机号", "本人电话", "成员电话", "成员联系电话")),
    ImportField("mem_on_register", "在不在名册上", _choice("yes_no"), ("是否在册", "是否在名册", "在册")),
    ImportField("mem_hukou_here", "户口是否在本户", _choice("yes_no"), ("户口是否在本户", "户籍是否在本户")),
    ImportField("mem_health", "健康状况", _several("health"), ("健康状况", "身体状况", "健康")),
    ImportField("mem_labour", "劳动能力", _choice("labour_skill"), ("劳动能力", "劳动技能", "劳动力情况", "劳动力")),
    ImportField("mem_disab_no", "残疾人证号", values.code, ("残疾证号", "残疾人证号", "残疾证号码")),
)  # fmt: skip

OF_HOUSEHOLD: Final[Mapping[str, ImportField]] = {one.field: one for one in HOUSEHOLD}
OF_MEMBER: Final[Mapping[str, ImportField]] = {one.field: one for one in MEMBER}
REGISTER_HEADS: Final[Mapping[str, str]] = {
    **{plain(head): one.field for one in HOUSEHOLD for head in (*one.heads, one.field)},
    **{plain(head): one.field for one in MEMBER for head in (*one.heads, one.field)},
}
IMPORTED: Final[tuple[str, ...]] = tuple(one.field for one in (*HOUSEHOLD, *MEMBER) if not one.field.startswith("@"))


def field_zh(field: str) -> str:
    """A column's meaning in words."""
    found = OF_HOUSEHOLD.get(field) or OF_MEMBER.get(field)
    return found.zh if found is not None else field


def value_zh(field: str, value: str) -> str:
    """A value as people read it: labels for codes, stars in the middle of an identity number."""
    known = OF_HOUSEHOLD.get(field) or OF_MEMBER.get(field)
    if field in ("mem_idno", "mem_disab_no", "@head_idno") and len(value) >= 15:
        return f"{value[:6]}…{value[-4:]}"
    convert = known.convert if known is not None else None
    list_name = convert.keywords["list_name"] if isinstance(convert, partial) else ""
    return "、".join(values.label(list_name, one) for one in value.split()) if list_name else value
