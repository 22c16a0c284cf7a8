"""Fields of the living household: what each means, its code list, its sensitivity class.

Two kinds of field stand in a household's root: those of the household (row ``()``) and those of a member (roster ``member``, row id =
``person_uid``, for life and across households). Variables that a questionnaire also asks have the questionnaire's name; the others are
named here. The register keeps more than is listed: every slow fact of a questionnaire is a field under its own variable name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RegisterField:
    """One field of the register.

    Attributes:
        name: as in annual.md where that has one.
        zh: what it means, in a few words for the screen.
        code_list: of codelists.md; "" for text, numbers and days.
        sensitive: sensitivity class of people-and-process.md 7.2: "S3", "S2", "S1", "S0".
    """

    name: str
    zh: str
    code_list: str = ""
    sensitive: str = "S1"


# --- the household (annual.md 0.6, A1) --------------------------------------------------------------------------------

HOUSEHOLD_FIELDS: Final[tuple[RegisterField, ...]] = (
    RegisterField("hh_id", "户编码"),
    RegisterField("cov_village_code", "行政村代码"),
    RegisterField("cov_village_name", "行政村名称"),
    RegisterField("cov_group", "村民小组"),
    RegisterField("cov_hh_no", "样本户号"),
    RegisterField("hh_head_name", "户主姓名", sensitive="S2"),
    RegisterField("hh_phone", "联系电话", sensitive="S2"),
    RegisterField("hh_address", "住址", sensitive="S2"),
    RegisterField("hh_type_frame", "抽样时的户类型", "hh_type"),
    RegisterField("hh_type_now", "现在的户类型", "hh_type"),
    # What became of it (monitoring.md 9.6).
    RegisterField("hh_state", "户的状态", "hh_state"),
    RegisterField("hh_state_on", "户的状态变动年月"),
    RegisterField("split_from", "从哪一户分出（户编码）"),
    RegisterField("split_on", "分户年月"),
    RegisterField("merged_into", "并入哪一户（户编码）"),
    RegisterField("hh_moved_to", "整户迁往何处（村代码或地名）"),
    RegisterField("hh_id_before", "改号以前的户编码（几个，空格隔开）"),
)

# --- a member (annual.md B1; quarterly.md 3) --------------------------------------------------------------------------

MEMBER_FIELDS: Final[tuple[RegisterField, ...]] = (
    RegisterField("mem_no", "成员号"),
    RegisterField("mem_name", "姓名", sensitive="S2"),
    RegisterField("mem_relation", "与户主的关系", "relation", "S2"),
    RegisterField("mem_sex", "性别", "sex", "S2"),
    RegisterField("mem_birth", "出生日期", sensitive="S2"),
    RegisterField("mem_id_type", "证件类型", "id_type", "S2"),
    RegisterField("mem_idno", "证件号码", sensitive="S3"),
    RegisterField("mem_live_place", "现在主要住在哪里", "live_place"),
    RegisterField("mem_absence_reason", "不在家住的原因", "absence_reason"),
    RegisterField("mem_resident", "常住成员", "yes_no"),
    RegisterField("mem_family_pop", "家庭人口", "yes_no"),
    # Coming and going: what happened last; earlier happenings stand in the history (the log).
    RegisterField("mem_joined", "怎么来的", "member_change"),
    RegisterField("mem_joined_on", "来的日期或年月"),
    RegisterField("mem_joined_from", "从哪里来（户编码或地名）", sensitive="S2"),
    RegisterField("mem_left", "离户原因（0 或空为在册）", "member_change"),
    RegisterField("mem_left_on", "离户日期或年月"),
    RegisterField("mem_left_to", "去了哪里（地名）", sensitive="S2"),
    RegisterField("mem_moved_to", "转到哪一户（户编码）"),
)

# --- the sample (monitoring.md 9) -------------------------------------------------------------------------------------

SAMPLE_FIELDS: Final[tuple[RegisterField, ...]] = (
    RegisterField("cov_stratum", "抽样层", "stratum"),
    RegisterField("cov_sample_role", "样本性质", "sample_role"),
    RegisterField("sample_since", "入样的期（2026 或 2026Q3），以前各期不补"),
    RegisterField("sample_weight", "权数（分户跟踪户为 0）"),
    RegisterField("sample_draw", "哪一次抽样"),
    RegisterField("sample_point", "算在哪个抽样点（村代码）"),
    RegisterField("sample_until", "退出样本的期"),
    RegisterField("cov_replaced_hh", "被替换户的户编码"),
    RegisterField("frame_short", "补别处同层不足抽中", "yes_no"),
    RegisterField("frame_out", "不进抽样框的原因", "frame_out"),
)

# --- what the county's import brings -----------------------------------------------------------------

COUNTY_FIELDS: Final[tuple[RegisterField, ...]] = (
    RegisterField("frame_hh_code", "名册户编号（原系统的，照录）"),
    RegisterField("hh_was_poor", "是不是原建档立卡脱贫户", "yes_no"),
    RegisterField("hh_exit_year", "脱贫年度"),
    RegisterField("hh_poor_cause", "当年主要致贫原因", "poor_cause"),
    RegisterField("hh_monitor_start", "纳入监测的年月"),
    RegisterField("hh_risk_cleared", "风险是否已标注消除", "yes_no"),
    RegisterField("hh_risk_cleared_month", "标注消除的年月"),
    RegisterField("hh_lowinc_tags", "低收入人口身份（几项，空格隔开）", "lowinc_tag", "S2"),
    RegisterField("hh_reloc", "是不是易地扶贫搬迁户", "yes_no"),
    RegisterField("hh_reloc_site", "搬迁安置方式", "reloc_site"),
    RegisterField("hh_helper_name", "帮扶责任人姓名", sensitive="S2"),
    RegisterField("mem_ethnicity", "民族", "ethnicity", "S2"),
    RegisterField("mem_political", "政治面貌", "political", "S2"),
    RegisterField("mem_marital", "婚姻状况", "marital", "S2"),
    RegisterField("mem_phone", "本人手机号", sensitive="S2"),
    RegisterField("mem_on_register", "在不在脱贫户或监测对象名册上", "yes_no"),
    RegisterField("mem_hukou_here", "户口是否在本户", "yes_no"),
    RegisterField("mem_health", "健康状况（几项，空格隔开）", "health", "S2"),
    RegisterField("mem_labour", "劳动能力", "labour_skill"),
    RegisterField("mem_disab_no", "残疾人证号", sensitive="S3"),
)

REGISTER_FIELDS: Final[dict[str, RegisterField]] = {
    field.name: field for field in (*HOUSEHOLD_FIELDS, *MEMBER_FIELDS, *SAMPLE_FIELDS, *COUNTY_FIELDS)
}

# hh_state is the register's own list: what has become of a household.
HOUSEHOLD_STATES: Final[dict[str, str]] = {
    "1": "在册",
    "2": "已并入他户",
    "3": "整户迁出本县",
    "4": "户中已无人",
    "5": "登记重复",
}

# frame_out is the register's own list: why a household is not in the sampling frame (monitoring.md 9.1).
FRAME_OUT: Final[dict[str, str]] = {
    "1": "举家外出一年以上",
    "2": "集中供养特困",
    "3": "已转居进城",
}
