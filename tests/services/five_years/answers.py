"""Answers of one quarter: the same kind of household every time, other amounts in every wave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from fieldapp.services import interviewing
from fieldapp.services.opened_interview import OpenInterview
from tests.services.five_years.county import MEMBER, Answers, answer, keep, rows

AWAY = {"qm_status": "2", "qm_months_home": "0.5", "qm_live_place": "6", "qm_absence": "01", "qm_health_new": "1",
        "ql_status": "02", "ql_work_m": "3", "ql_farm_m": "0", "ql_type": "2", "ql_place": "5", "ql_arrears": "0"}  # fmt: skip
_CALM = {
    "q_visit_start": "09:10:00.000+08:00", "q_visit_end": "10:31:00.000+08:00", "q_visit_mode": "1",
    "q_visit_outcome": "110",
}  # fmt: skip
_HOUSEHOLD = {
    "q_outcome": "110", "q_notice": "1", "q_present": "1", "q_doc": "3", "q_all_out_days": "0", "q_food_short": "1",
    "q_protein": "1", "q_cloth_ok": "1", "q_house_damage": "1", "q_wat_stop": "0", "q_wat_bad": "0", "q_aid_new": "00",
    "q_self_apply": "1", "q_db_change": "1", "q_crop_bad": "0", "q_animal_loss": "0", "q_market_bad": "2",
    "q_biz_fail": "1", "q_loan_new": "0", "q_loan_over": "0", "q_income_feel": "3", "q_next": "3", "q_hard": "00",
    "qo_coop": "1", "qo_trust": "1", "qo_risk": "2", "q_end_confirm": "1", "agri_gather": "0", "agri_ins_claim": "0",
    "cf_free_emp": "0", "cc_free_emp": "0", "cl_free_emp": "0", "cc_free_gov": "0", "cl_free_gov": "0",
    "ce_free_gov": "0", "has_wage": "1", "has_product": "1", "has_biz": "1",
    "sel_prop": "301", "sel_trf": "415 416", "sel_cost": "501 502", "sel_fa": "farm", "sel_te": "701 713", "sel_nr": "",
    "sel_ne": "856", "sel_f1": "F101 F110 F121", "sel_f2": "F201", "sel_f3": "F305 F309", "sel_f4": "", "sel_f5": "F511",
    "sel_f6": "F608", "sel_f7": "F705", "sel_f8": "",
}  # fmt: skip
_MONEY = {
    "agri_service": "120", "prop_interest": "35.20", "trf_med": "310", "trf_land": "401.15", "cost_seed": "260.40",
    "cost_fert": "815", "fa_buy_farm": "640", "pe_interest": "52.30", "te_med": "380", "ne_gift": "500",
    "cf_rice_cash": "90", "cf_pork_cash": "315.50", "cf_season_cash": "61", "cc_wear_cash": "420",
    "ch_elec_cash": "172.45", "ct_tel_cash": "190", "ce_book_cash": "96", "cm_out_cash": "405", "cf_free_gov": "30",
}  # fmt: skip
_OWN = {"cf_rice_sq": "55.5", "cf_rice_sp": "5.25", "cf_pork_sq": "12.25", "cf_pork_sp": "24.3", "ch_wood_sq": "210",
        "ch_wood_sp": "0.65"}  # fmt: skip


# Questions that only some members or quarters are asked.
_ASKED_OF_SOME = {
    "q_helper_visits": "2", "q_wat_fix": "1", "qm_med_ins": "1", "qm_dibao": "9", "qm_selfcare": "1", "qm_in_school": "1",
    "ql_train": "0", "ql_need": "2", "ql_out_wage": "9000", "ql_out_remit": "4000", "ql_arrears": "0", "qm_absence": "01",
    "ql_status": "01", "ql_work_m": "0", "ql_farm_m": "1", "qm_student_out": "2", "qm_plan_stay": "1", "cash_begin": "3000",
    "cash_end": "3000",
}  # fmt: skip
_ROUNDS = 3
_NOTE = "当面问过，看了凭据"


def settle(opened: OpenInterview) -> None:
    """Answers what only some are asked, confirms what was brought over, explains what is unusual."""
    interview = opened.interview
    for _ in range(_ROUNDS):
        steps = []
        for item in interviewing.hand_in_list(opened).blocking:
            if item.cell is None:
                continue
            name = item.cell.path.rsplit("/", 1)[-1]
            if item.kind == "required" and name in _ASKED_OF_SOME:
                steps.append(interview.answer(item.cell, _ASKED_OF_SOME[name]))
            elif item.kind == "unconfirmed":
                steps.append(interview.confirm(item.cell))
            elif item.kind == "soft":
                steps += [
                    interview.write_note(check.cell, _NOTE)
                    for check in interview.checks()
                    if check.kind == "soft" and check.state in ("failed", "fallen")
                ]
                break
        if not steps:
            return
        keep(opened, steps)


def money(base: str, wave: int) -> str:
    """Another amount in every wave, never round."""
    return str(
        (Decimal(base) * (100 + 7 * (wave % 5) + wave) / 100 + Decimal(wave) * Decimal("1.37")).quantize(
            Decimal("0.01")
        )
    )


def at_home(opened: OpenInterview, uid: str) -> dict[str, str]:
    """A member who was there all quarter."""
    known = {"qm_status": "1", "qm_months_home": "3", "qm_live_place": "1", "qm_health_new": "1"}
    path = opened.form.path_of("qm_age")
    assert path is not None
    born = opened.register.get(uid, {}).get("mem_birth", "2030-01-01")
    if int(opened.header.period[:4]) - int(born[:4]) > 16:
        known |= {"ql_status": "01", "ql_work_m": "0", "ql_farm_m": "2", "ql_train": "0", "ql_need": "2"}
    return known


def quarter(
    opened: OpenInterview,
    wave: int,
    today: date,
    *,
    changes: str = "00",
    people: Mapping[str, Answers] | None = None,
    more: Answers | None = None,
) -> None:
    """Answers one quarter.

    Args:
        wave: counts from 1; it sets the amounts.
        changes: QA01.
        people: answers of members, by uid, over those of somebody at home.
    """
    told = people or {}
    for uid in opened.interview.rows(MEMBER):
        known = dict(told.get(uid, {})) if told.get(uid, {}).get("qm_status", "1") != "1" else {}
        answer(opened, known or at_home(opened, uid) | dict(told.get(uid, {})), uid)
    answer(opened, _HOUSEHOLD | {"q_changes": changes, "q_hh_type_now": "1"} | dict(more or {}))
    (visit,) = rows(opened, "q_visits", 1)
    answer(opened, {"q_visit_date": today.isoformat()} | _CALM, visit)
    answer(opened, {name: money(base, wave) for name, base in _MONEY.items()} | _OWN)
    number = opened.form.path_of("mem_no")
    adult = next(
        uid for uid in opened.interview.rows(MEMBER) if "ql_farm_m" in at_home(opened, uid) and uid not in told
    )
    assert number is not None
    no = opened.register[adult]["mem_no"]
    answer(opened, {"q_resp_no": no})
    (wage,) = rows(opened, "wage", 1)
    answer(opened, {"w_member": no, "w_type": "4", "w_industry": "E", "w_place": "1", "w_months": "1", "w_days": "20",
                    "w_cash": money("2400.5", wave), "w_back": "0", "w_deduct": money("12.2", wave), "w_inkind": "80",
                    "w_arrears": "0"}, wage)  # fmt: skip
    (sale,) = rows(opened, "product", 1)
    amount = money("8850", wave)
    answer(
        opened,
        {"p_code": "303", "p_qty": "1", "p_price": amount, "p_amt": amount, "p_channel": "1", "p_due": "0"},
        sale,
    )
    (trade,) = rows(opened, "biz", 1)
    answer(opened, {"b_name": "小卖部", "b_industry": "F" if wave % 2 else "C", "b_members": no, "b_months": "3",
                    "b_gross": money("3100", wave), "b_goods": money("1700", wave), "b_labor": "0", "b_rent": "0",
                    "b_energy": money("90", wave), "b_interest": "0", "b_tax": money("8.4", wave), "b_other": "0",
                    "b_self": "45"}, trade)  # fmt: skip
    settle(opened)
