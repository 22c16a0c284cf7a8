"""One household for the annual questionnaire, complete and without a single failing check, and how to fill it in.

Identity numbers use the unassigned area code 529900, so they belong to nobody.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache

from forms.engine import Cell, Form, Interview, Question, Situation
from forms.questionnaires import default_parameters, load_questionnaire, parameters_csv

Answers = dict[str, str]
MONTH_ENDS = "2026-01-10T10:00:00"
NOW = datetime(2026, 1, 10, 10, 0, tzinfo=timezone(timedelta(hours=8)))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(birth: str, order: int) -> str:
    """A number with a right check digit (GB 11643) in area 529900; ``birth`` as 1980-05-06, an odd ``order`` is male."""
    body = "529900" + birth.replace("-", "") + f"{order:03}"
    rest = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


def person(name: str, relation: str, sex: str, birth: str, order: int, **more: str) -> Answers:
    return {
        "mem_name": name,
        "mem_relation": relation,
        "mem_sex": sex,
        "mem_id_type": "1",
        "mem_idno": identity_number(birth, order),
        "mem_birth": birth,
        "mem_ethnicity": "06",
        "mem_political": "13",
        "mem_hukou_here": "1",
        "mem_hukou_type": "1",
        "mem_months_home": "12",
        "mem_live_place": "1",
        "mem_econ_tied": "1",
        "mem_health": "1",
        "mem_tags": "0",
        **more,
    }


WORKER = {"mem_labour": "1", "mem_marital": "20", "ss_pension": "1", "ss_pension_payer": "1", "ss_pension_fee": "200"}
HEAD = person(
    "李斌", "02", "1", "1980-05-06", 1, **WORKER,
    mem_months_home="7", mem_live_place="6", mem_absence_reason="01", mem_absence_since="2025-03",
    edu_level="70", lab_status="02", lab_farm_months="2", lab_work_months="5", lab_type="2", lab_industry="E",
    lab_occupation="6", lab_place="5", lab_province="44", lab_start="2025-03", lab_days="25", lab_hours="9",
    lab_month_pay="4000", lab_year_pay="20000", lab_contract="3", lab_insur="4", lab_channel="1", lab_train="1",
    lab_train_kind="2", lab_train_days="5", lab_train_use="1", lab_cert="1", lab_change="1", lab_plan="1",
)  # fmt: skip
WIFE = person(
    "王秀英", "10", "2", "1982-03-04", 2, **WORKER,
    edu_level="70", lab_status="01", lab_farm_months="8", lab_work_months="0", lab_industry="A", lab_occupation="5",
    lab_change="7", lab_plan="4",
)  # fmt: skip
SON = person(
    "李小龙", "20", "1", "2012-06-07", 3, mem_guardian="3", edu_in_school="1", edu_stage="04", edu_level="80",
    edu_place="2", edu_board="1", edu_nutri="1", edu_aid="02", edu_aid_money="1000", edu_fee_tuition="300",
    edu_fee_live="2000", edu_fee_other="200",
)  # fmt: skip
MOTHER = person(
    "张桂芳", "52", "2", "1953-01-01", 4, mem_marital="30", mem_labour="5", mem_selfcare="1", mem_health="2",
    mem_chronic="01", ss_pension="1", ss_pension_get="1", ss_pension_get_type="1", ss_pension_month="140",
    ss_chronic_card="1", ss_doctor="1", med_out_n="4", med_total="1200", med_reimb="700", med_aid="0",
    edu_level="91", lab_status="09", lab_no_why="01",
)  # fmt: skip

HOUSEHOLD: Answers = {
    "cov_village_code": "529900100201",
    "cov_group": "一组",
    "cov_hh_no": "0007",
    "cov_stratum": "S1",
    "cov_sample_role": "1",
    "cov_outcome": "110",
    "cov_notice": "1",
    "cov_consent": "1",
    "cov_consent_minor": "1",
    "cov_resp_no": "02",
    "cov_present": "1",
    "hh_head_name": "李斌",
    "hh_phone": "19912345678",
    "hh_address": "一组 7 号",
    "hh_type_frame": "1",
    "hh_type_now": "1",
    "hh_exit_year": "2018",
    "hh_poor_cause": "08",
    "hh_lowinc_tags": "0",
    "hh_helper_name": "周强",
    "hh_helper_visits": "12",
    "hh_hukou_n": "4",
    "hh_split": "0",
    "hh_main_income": "1",
    "hh_income_book": "12000",
    "hh_income_trend": "3",
    "hh_all_out_months": "0",
    "land_contract": "5",
    "land_farm": "5",
    "land_in": "0",
    "land_out": "0",
    "land_idle": "0",
    "land_irrig": "2",
    "land_garden": "1",
    "land_forest": "3",
    "food_short": "1",
    "food_protein": "1",
    "cloth_ok": "1",
    "bedding_ok": "1",
    "cloth_source": "1",
    "raise_10k": "2",
    "hard_feel": "3",
    "hard_main": "00",
    "db_has": "2",
    "sscard_n": "4",
    "clinic_min": "15",
    "edu_burden": "3",
    "edu_km_mid": "6",
    "lab_service": "0",
    "lab_subsidy": "0",
    "sel_dur": "tv phone phonenet",
    "dur_tv_n": "1",
    "dur_tv_new": "0",
    "dur_phone_n": "3",
    "dur_phone_new": "1",
    "dur_phone_cost": "1200",
    "dur_phonenet_n": "2",
    "dur_phonenet_new": "0",
    "hou_n": "1",
    "hou_tenure": "1",
    "hou_source": "1",
    "hou_year": "2008",
    "hou_struct": "2",
    "hou_style": "1",
    "hou_floor_n": "2",
    "hou_area": "120",
    "hou_rooms": "4",
    "hou_value": "100000",
    "hou_cert": "1",
    "hou_level": "A",
    "hou_cert_month": "2019-05",
    "hou_risk_seen": "0",
    "hou_damage": "1",
    "wat_source": "1",
    "wat_supply": "1",
    "wat_home": "1",
    "wat_enough": "1",
    "wat_stop_days": "0",
    "wat_quality": "0",
    "wat_fee": "60",
    "toi_type": "1",
    "elec": "1",
    "heat": "2",
    "aid_measures": "07",
    "loan_has": "2",
    "deposit_band": "2",
    "obs_coop": "1",
    "obs_trust": "1",
    "obs_living": "1",
    "obs_food": "1",
    "obs_risk": "2",
    "end_confirm": "1",
}
VISIT = {
    "visit_date": "2026-01-10",
    "visit_start": "09:00:00.000+08:00",
    "visit_end": "10:10:00.000+08:00",
    "visit_mode": "1",
    "visit_outcome": "110",
}
# What a question that the case does not care about is answered with, by list.
PLAIN_CHOICES = {
    "yes_no": "2", "yes_no_dk": "2", "effect3": "2", "interview_lang": "2", "med_ins": "1", "ins_payer": "1",
    "tekun": "9", "extra_ins": "0", "mandarin": "1", "agri_ins": "0", "house_style": "1", "leak3": "1",
    "water_treat": "1", "repair_time": "1", "toilet_place": "1", "toilet_reform": "1", "bath": "2", "fuel": "1",
    "garbage": "1", "sewage": "2", "road": "1", "net": "2", "signal": "1", "courtyard": "1", "freq4": "3",
    "village_role": "0", "points": "0", "coop_gain": "1", "lead_by": "0", "feast": "1", "know3": "1",
    "satisfy5": "2", "need_aid": "00", "conf5": "2", "loan_refused": "1", "obs_doc": "1", "skill_cert": "1",
    "child_subsidy": "0", "old_subsidy": "0", "disab_subsidy": "0", "job_plan": "1", "job_change": "7",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What is different from the household above.

    ``answers`` are by variable; a member's are written "2.mem_age" (the second member), those of a visit, event or loan
    likewise, in the roster that has the variable. The text "" takes the answer away, "8" and "9" with "__st" are states.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Mapping[str, str], ...] = (HEAD, WIFE, SON, MOTHER)
    visits: tuple[Mapping[str, str], ...] = (VISIT,)
    shocks: tuple[Mapping[str, str], ...] = ()
    loans: tuple[Mapping[str, str], ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


@cache
def annual() -> Form:
    return load_questionnaire("annual")
