"""A household interviewed for the third quarter of 2026: what was known before, and every answer, so that no check fails.

Nobody lives behind it: area code 529900 and telephone prefixes that are not given out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache

from tests.forms.questionnaires.quarterly_source import HERE, lines, lists, survey

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 9, 22, 10, 40, tzinfo=CHINA)
PEOPLE = tuple(f"{number:032x}" for number in range(1, 6))
HH_ID = "5299001012000012"
Answers = tuple[tuple[str, str], ...]

PARAMETERS = {
    "q_period": "2026Q3", "q_window_from": "20", "q_window_to": "15", "min_minutes_quarter": "20",
    "max_forms_day": "6", "water_stop_days_q": "9", "unemp_months": "3", "arrears_amt": "3000",
    "med_self_line": "5000", "near_line_ratio": "1.2", "rigid_ratio": "0.3", "cons_floor_pc": "600", "monitor_line": "8000",
    "med_fee_std": "400", "dibao_std": "500", "imputed_rent_on": "off", "imputed_rent_rate": "0.02",
    "cash_balance_on": "on", "mon_dep": "off", "mon_trf_exp": "off", "dep_residual": "0.05", "harvest_101": "3 4",
    "harvest_102": "2",
} | {f"dep_years_{kind}": years for kind, years in [
    ("house", "20"), ("farm", "10"), ("trans", "8"), ("animal", "5"), ("process", "10"), ("shop", "5"),
    ("fishery", "10"), ("other", "8")]}  # fmt: skip

# Monitoring definition (防返贫), one letter a line from 301 and from 401.
COUNTED = {"3": "YYYYYYYNYN", "4": "YYYYYNYYNYYYYNNYYNYNNYYNNYYNYN"}


def line_parameters() -> dict[str, str]:
    """Usual ranges of every line from the tables, as the county's parameters carry them."""
    found = {}
    for code, line in lines().items():
        cells = line.rest
        if code.startswith("F") and code != "F314":
            found[f"cap_{code}"] = cells[-1]
            if cells[0]:
                low, high = cells[2].split("—")
                found |= {f"pmin_{code}": low, f"pmax_{code}": high, f"qmax_{code}": cells[3]}
                found[f"price_{code}"] = str(round((float(low) + float(high)) / 2, 2))
        else:
            for cell in cells:
                low, _, high = cell.partition("—")
                if high and low.replace(".", "").isdigit():
                    found |= {f"min_{code}": low, f"max_{code}": high}
    found |= {f"max_{code}": "100000" for code, _ in lists()["fixed_asset"]}
    found |= {"max_855": "100000", "max_856": "5000", "max_860": "5000"}
    for first, letters in COUNTED.items():
        found |= {f"mon_{first}{i:02d}": letter for i, letter in enumerate(letters, 1)}
    return found


def table(rows: Iterable[Mapping[str, str]]) -> bytes:
    """CSV bytes of rows that need not have the same columns."""
    rows = list(rows)
    head = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, head, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


HOUSEHOLD = {
    "row": "", "hh_id": HH_ID, "hh_phone": "19900000012", "hh_type_now": "1", "land_farm": "5", "land_contract": "6",
    "land_in": "1", "land_forest": "3", "land_return": "0", "land_grass": "0", "hou_value": "80000", "db_has": "2",
    "ls_pig_n": "2", "ls_sow_n": "0", "ls_cattle_n": "1", "ls_sheep_n": "0", "ls_horse_n": "0", "ls_fowl_n": "9",
    "ls_rabbit_n": "0", "ls_bee_n": "0", "fa_farm_value": "4000", "fa_farm_year": "2022", "fa_process_value": "2000",
    "fa_process_year": "2020", "fa_shop_value": "1500", "fa_shop_year": "2024", "hh_income_book": "9000",
}  # fmt: skip
MEMBERS = [
    {"mem_name": "周德顺", "mem_relation": "02", "mem_sex": "1", "mem_birth": "1963-03-15", "ss_pension_get": "1",
     "ss_pension_get_type": "1", "ss_pension_month": "130", "mem_labour": "1", "edu_level": "70"},
    {"mem_name": "田秀英", "mem_relation": "10", "mem_sex": "2", "mem_birth": "1966-10-01", "ss_pension_get": "2",
     "mem_labour": "1", "edu_level": "80"},
    {"mem_name": "周文强", "mem_relation": "20", "mem_sex": "1", "mem_birth": "1990-10-01", "mem_labour": "2",
     "edu_level": "70"},
    {"mem_name": "谭菊香", "mem_relation": "38", "mem_sex": "2", "mem_birth": "1992-01-02", "mem_labour": "1",
     "edu_level": "60"},
    {"mem_name": "周雨桐", "mem_relation": "42", "mem_sex": "2", "mem_birth": "2015-09-30", "edu_level": "92"},
]  # fmt: skip
SHARED = {
    "mem_hukou_here": "1", "mem_econ_tied": "1", "mem_on_register": "1", "mem_family_pop": "1", "mem_health": "1",
    "ss_dibao": "2", "ss_tekun": "9", "ss_med": "1",
}  # fmt: skip
PAST = {
    "row": "", "disp_inc": "22000", "cons_total": "5200", "net_inc_mon": "30000", "q_family_n": "5", "q_resident_n": "3",
    "rig_total": "1000", "op_cost_1": "500", "cm_self": "200", "aux_med_gross": "500", "q_hh_type_now": "1",
    "aux_visit_last": "20260622", "aux_mode_last": "1", "aux_wage_public": "0", "trf_pen_res": "390",
}  # fmt: skip


def parameters(**changed: str) -> bytes:
    """The county's parameters, some of them changed."""
    every = PARAMETERS | line_parameters() | changed
    return table({"name": name, "value": value} for name, value in every.items())


def register_with(**changed: str) -> bytes:
    """The living household, with some facts of the household changed."""
    people = [
        SHARED | member | {"row": row, "mem_no": f"{i:02d}"}
        for i, (row, member) in enumerate(zip(PEOPLE, MEMBERS, strict=True), 1)
    ]
    return table([HOUSEHOLD | changed, *people])


def previous(changes: Mapping[str, str] | None = None) -> bytes:
    return table([PAST | dict(changes or {}), {"row": PEOPLE[2], "ql_place": "5"}])


def resources(**changed: bytes) -> dict[str, bytes]:
    """Attachments by file stem; ``changed`` replaces some."""
    usual = {
        "params": parameters(),
        "register": register_with(),
        "base": table([{"row": "", "cov_resp_no": "01", "hh_income_book": "9000", "cov_ref_year": "2025"}]),
        "prev": previous(),
        "yoy": table([PAST]),
        "hist1": table([PAST]),
        "hist2": table([PAST]),
        "hist3": table([PAST]),
        "peers": table([{"hh_id": "", "q_enum_id": "", "q_visit_date": "", "q_visit_start": "", "q_visit_end": ""}]),
    }
    return usual | changed


@dataclass(frozen=True)
class Place:
    """Where a variable stands: steps of its path and which of them are repeats."""

    path: str
    repeats: tuple[str, ...] = field(default=())


@cache
def places() -> dict[str, Place]:
    """Path of every named node of the form."""
    found: dict[str, Place] = {}
    stack: list[str] = []
    repeats: list[str] = []
    for row in survey():
        kind, name = row["type"], row.get("name", "")
        if kind.startswith("end"):
            stack.pop()
            repeats.pop()
            continue
        if kind == "csv-external":
            continue
        path = "/data" + "".join(f"/{step}" for step in [*stack, name])
        found[name] = Place(path, tuple(r for r in repeats if r))
        if kind.startswith("begin"):
            stack.append(name)
            repeats.append(path if kind == "begin_repeat" else "")
    return found


def ref(name: str) -> str:
    """Reference of a variable; ``qm_status@3`` is the one of the third row."""
    name, _, row = name.partition("@")
    place = places()[name]
    path = place.path
    for repeat in place.repeats:
        path = path.replace(repeat, f"{repeat}[{row or 1}]", 1)
    return path


def _member(row: int, *pairs: tuple[str, str]) -> Answers:
    return tuple((f"{name}@{row}", value) for name, value in pairs)


COVER: Answers = (
    ("q_hh_type_now", "1"), ("q_visit_date", "2026-09-22"), ("q_visit_start", "09:10:00.000+08:00"),
    ("q_visit_end", "10:31:00.000+08:00"), ("q_visit_mode", "1"), ("q_visit_outcome", "110"), ("q_outcome", "110"),
    ("q_notice", "1"), ("q_present", "1"), ("q_doc", "3"),
)  # fmt: skip
QA: Answers = (
    ("q_changes", "00"), ("q_phone", "19900000013"), ("q_all_out_days", "0"), ("q_food_short", "1"), ("q_protein", "1"),
    ("q_cloth_ok", "1"), ("q_house_damage", "1"), ("q_wat_stop", "2"), ("q_wat_bad", "0"), ("q_wat_fix", "1"),
    ("q_aid_new", "00"), ("q_helper_visits", "2"), ("q_self_apply", "1"), ("q_db_change", "1"), ("q_crop_bad", "2.5"),
    ("q_crop_loss", "1200"), ("q_animal_loss", "0"), ("q_market_bad", "2"), ("q_biz_fail", "1"), ("q_loan_new", "1"),
    ("q_loan_over", "0"), ("q_income_feel", "3"), ("q_next", "3"), ("q_hard", "00"),
)  # fmt: skip
ROSTER: Answers = (
    *_member(1, ("qm_status", "1"), ("qm_months_home", "3"), ("qm_live_place", "1"), ("qm_health_new", "1"),
             ("qm_selfcare", "1"), ("ql_status", "01"), ("ql_work_m", "1"), ("ql_farm_m", "2"), ("ql_type", "4"),
             ("ql_place", "1"), ("ql_arrears", "0"), ("ql_train", "0"), ("ql_need", "2")),
    *_member(2, ("qm_status", "1"), ("qm_months_home", "3"), ("qm_live_place", "1"), ("qm_health_new", "1"),
             ("ql_status", "01"), ("ql_work_m", "0"), ("ql_farm_m", "3"), ("ql_train", "0"), ("ql_need", "2")),
    *_member(3, ("qm_status", "2"), ("qm_months_home", "0.5"), ("qm_live_place", "6"), ("qm_absence", "01"),
             ("qm_health_new", "1"), ("ql_status", "02"), ("ql_work_m", "3"), ("ql_farm_m", "0"), ("ql_type", "2"),
             ("ql_place", "5"), ("ql_out_wage", "18000"), ("ql_out_remit", "9000"), ("ql_arrears", "0"),
             ("ql_train", "0")),
    *_member(4, ("qm_status", "2"), ("qm_months_home", "1"), ("qm_live_place", "4"), ("qm_absence", "04"),
             ("qm_health_new", "1"), ("ql_status", "08"), ("ql_out_remit", "0"), ("ql_train", "0")),
    *_member(5, ("qm_status", "1"), ("qm_months_home", "3"), ("qm_live_place", "1"), ("qm_health_new", "1"),
             ("qm_in_school", "1")),
    ("q_resp_no", "01"),
)  # fmt: skip
INCOME: Answers = (
    ("has_wage", "1"), ("w_member", "01"), ("w_type", "4"), ("w_industry", "E"), ("w_place", "1"), ("w_months", "1"),
    ("w_days", "20"), ("w_cash", "2400.5"), ("w_back", "0"), ("w_deduct", "12.25"), ("w_inkind", "100"),
    ("w_arrears", "0"), ("has_product", "1"), ("p_code", "303"), ("p_qty", "1"), ("p_price", "9000"), ("p_amt", "9000"),
    ("p_channel", "1"), ("p_due", "0"), ("agri_service", "0"), ("agri_gather", "0"), ("agri_ins_claim", "0"),
    ("has_biz", "1"), ("b_name", "小卖部"), ("b_industry", "F"), ("b_members", "02"), ("b_months", "3"),
    ("b_gross", "5000"), ("b_goods", "3000"), ("b_labor", "0"), ("b_rent", "0"), ("b_energy", "100"),
    ("b_interest", "0"), ("b_tax", "10"), ("b_other", "0"), ("b_self", "50"),
    ("sel_prop", "303 309"), ("prop_col_div", "300"), ("prop_other", "50"), ("prop_other_note", "卖旧报纸"),
    ("sel_trf", "402 415 416"), ("trf_pen_res", "400"), ("trf_med", "300"), ("trf_land", "400"),
)  # fmt: skip
SPENDING: Answers = (
    ("sel_cost", "501 502"), ("cost_seed", "200"), ("cost_fert", "350.5"), ("sel_fa", "farm"), ("fa_buy_farm", "1200"),
    ("sel_te", "701 713"), ("pe_interest", "100"), ("te_med", "2000"), ("sel_nr", "801"), ("nr_bank", "5000"),
    ("loan_source", "02"), ("loan_purpose", "02"), ("loan_month", "2026-08"), ("loan_amount", "5000"),
    ("loan_rate", "5.2"), ("loan_rate_unit", "1"), ("loan_subsidy", "2"), ("loan_term", "24"), ("loan_secure", "1"),
    ("sel_ne", "856"), ("ne_gift", "600"),
    ("sel_f1", "F101 F106 F110 F121 F128"), ("cf_rice_cash", "186"), ("cf_rice_sq", "45"), ("cf_rice_sp", "5.2"),
    ("cf_oil_sq", "12"), ("cf_oil_sp", "24"), ("cf_pork_cash", "360"), ("cf_pork_sq", "15"), ("cf_pork_sp", "24"),
    ("cf_season_cash", "60"), ("cf_canteen_cash", "800"), ("cf_canteen_stu", "800"), ("cf_free_emp", "0"),
    ("cf_free_gov", "200"), ("cc_free_emp", "0"), ("cc_free_gov", "0"), ("cl_free_emp", "0"), ("cl_free_gov", "0"),
    ("ce_free_gov", "0"), ("sel_f3", "F305 F309"), ("ch_elec_cash", "150"), ("ch_wood_sq", "300"),
    ("ch_wood_sp", "0.8"), ("sel_f5", "F511"), ("ct_tel_cash", "180"), ("sel_f6", "F608"), ("ce_book_cash", "120"),
    ("sel_f7", "F705"), ("cm_out_cash", "900"),
)  # fmt: skip
END: Answers = (
    ("cash_begin", "3000"), ("cash_end", "28000"), ("qo_coop", "1"), ("qo_trust", "1"), ("qo_risk", "2"),
    ("q_end_confirm", "1"),
)  # fmt: skip
WHOLE = COVER + QA + ROSTER + INCOME + SPENDING + END

__all__ = ["HERE", "NOW", "PEOPLE", "WHOLE", "places", "previous", "ref", "resources", "table"]
