"""No threshold of the county's parameter table (monitoring.md 3) stands as a number in a questionnaire.

Numbers of the same size that the specification itself writes as numbers are reviewed here, each with where it stands.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from forms.questionnaires.sources import FOLDER, default_parameters

OWNED = (
    "near_line_ratio income_drop_pct income_drop_abs med_self_line rigid_ratio rigid_total_ratio edu_ratio shock_line debt_ratio "
    "arrears_amt unemp_months water_min_lpd water_max_min water_max_m water_max_h water_stop_days water_stop_days_q identify_days "
    "publicity_days aid_within_days dev_aid_months min_months_to_exit imputed_rent_rate dep_residual cons_floor_pc "
    "min_minutes_annual min_minutes_quarter max_forms_day monitor_line"
)
# What the rules of monitoring.md 6 compare with a parameter: no check may compare these with a number.
RULE_VARIABLES = {
    "lab_unemp_month": "I-05", "ql_stop_m": "I-05", "lab_arrears": "I-06", "ql_arrears": "I-06", "loan_bal_all": "X-06",
    "wat_lpd": "G4-01", "wat_min": "G4-02", "wat_m": "G4-02", "wat_h": "G4-02", "wat_stop_days": "G4-03",
    "q_wat_stop": "G4-03", "shock_self": "X-03", "qs_self": "X-03", "rig_med": "X-01", "net_inc_mon_pc12": "I-01",
    "hh_risk_cleared_month": "M-07",
}  # fmt: skip
# (questionnaire, name, number) as patterns → why it is no parameter.
REVIEWED = {
    r"\w+ \w+ constraint \S+": "取值范围和字数：题目表的【错】，不是预警阈值",
    r"quarterly chk_\w+_w4 (1000|5)": "行.W4：与上季相差 5 倍且 > 1000 元（quarterly.md 0.4）",
    r"quarterly aux_f\d+_price (0\.5|2)": "行.W3：参考价 50%—200%（quarterly.md 0.4）",
    r"\w+ edu_in_school 35": "年龄：3—35 岁问在校（D101）",
    r"annual edu_grad_job 30": "年龄：18—30 岁（D115）",
    r"annual chk_a205_w1 3000": "每亩流转费上限（A205）",
    r"annual chk_a3_w2_\w+ 0\.5": "与上年相差 50%（A3）",
    r"annual chk_a4_w1_fowl 5000": "家禽只数（A4）",
    r"annual med_pay_how 5000": "C126 ≥ 5000 才问 C130，是题目的跳转，规格写死",
    r"annual chk_d207_w1 40": "中学多远，公里（D207）",
    r"annual chk_w_d04 0\.5": "W-D04：教育支出超过收入的 50%",
    r"annual chk_w_f04 (1000|0\.5)": "W-F04：与四季合计的差",
    r"annual chk_g111_w1 5000": "每平方米造价（G111）",
    r"annual chk_g112_w1 3000": "房租（G112）",
    r"annual chk_g309_w1 30": "停电天数（G309）",
    r"annual chk_h111_w1 10000": "集体分红（H111）",
    r"annual chk_w_h03 0\.5": "W-H03：与四季礼金的差",
    r"annual chk_j213_w1 0\.5": "利息与利率推算的差（J213）",
    r"annual chk_w_j03 0\.4": "W-J03：还款超过收入的 40%",
    r"quarterly aux_(start|end|window_from|window_to) 10000": "把年和季拼成日期数",
    r"quarterly chk_qd107_w1 800": "日工资常见范围（QD107）",
    r"quarterly chk_qd110_w1 6000": "实物收入（QD110）",
    r"quarterly rig_pay 5000": "合计 ≥ 5000 才问怎么付的，是题目的跳转",
    r"quarterly chk_w_q0[678] 0\.5": "W-Q06—W-Q08：环比、同比变动过半",
    r"quarterly chk_w_q09 3000": "W-Q09：支出多于收入的差额",
    r"quarterly chk_w_q10 1\.2": "W-Q10：消费超过收入 1.2 倍",
    r"quarterly chk_w_q11 80": "W-Q11：恩格尔系数",
}


@dataclass(frozen=True)
class Literal:
    form: str
    name: str
    column: str
    number: str
    expression: str

    def __str__(self) -> str:
        where = f"{self.form} {self.name}"
        return f"{where} constraint {self.number}" if self.column == "constraint" else f"{where} {self.number}"


def expressions() -> Iterator[tuple[str, str, str, str]]:
    """(questionnaire, name, column, expression) of every expression that decides something."""
    for form in ("annual", "quarterly"):
        with (FOLDER / f"{form}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        start = next(n for n, row in enumerate(rows) if row[0] == "survey")
        heads = rows[start + 1]
        for row in rows[start + 2 :]:
            if row[0] not in ("", "survey"):
                break
            for column in ("relevant", "constraint", "calculation"):
                if heads.index(column) < len(row) and (expression := row[heads.index(column)]):
                    yield form, row[heads.index("name")], column, expression


COMPARED = re.compile(r"(?:<=|>=|<|>|\*)\s*(\d+(?:\.\d+)?)(?![\d.])")


def literals() -> Iterator[Literal]:
    """Numbers that something is compared with or multiplied by, outside of names and conditions on rows."""
    for form, name, column, expression in expressions():
        bare = re.sub(r"'[^']*'|\[[^\]]*\]", "", expression)
        for match in COMPARED.finditer(bare):
            yield Literal(form, name, column, match.group(1), expression)


def owned_numbers() -> frozenset[str]:
    """Values of the table that are large or broken enough to be told from counts and ages."""
    values = {one.value for one in default_parameters() if one.name in OWNED.split() and one.value}
    return frozenset(one for one in values if float(one) >= 30 or "." in one)


def test_no_number_of_the_parameter_table_stands_in_a_form_unreviewed() -> None:
    unreviewed = {
        str(one)
        for one in literals()
        if one.number in owned_numbers() and not any(re.fullmatch(pattern, str(one)) for pattern in REVIEWED)
    }
    assert unreviewed == set()


def test_the_reviewed_list_names_nothing_that_is_not_there() -> None:
    there = {str(one) for one in literals()}
    assert [pattern for pattern in REVIEWED if not any(re.fullmatch(pattern, one) for one in there)] == []


@pytest.mark.parametrize("variable", RULE_VARIABLES)
def test_what_a_rule_compares_with_a_parameter_no_check_compares_with_a_number(variable: str) -> None:
    with_number = re.compile(rf"\$\{{{variable}\}}\s*(?:<=|>=|<|>)\s*(?!0(?![\d.]))\d")
    found = [
        (form, name)
        for form, name, column, expression in expressions()
        if column == "relevant" and name.startswith("chk_") and with_number.search(expression)
    ]
    assert found == []
