"""What trips each check and constraint of the quarterly form, and what opens and closes each skip."""

from __future__ import annotations

from tests.forms.questionnaires.quarterly_case import HH_ID, Answers, parameters, previous, table
from tests.forms.questionnaires.quarterly_case import PAST as PAST_ROW
from tests.forms.questionnaires.quarterly_case import register_with as with_register

Case = tuple[str, Answers, Answers]
"""Number of the check, answers on which it fails, answers on which it passes (none: as the household answered)."""


def a(text: str) -> Answers:
    """``"x=1; y=a b"`` as answers."""
    pairs = (part.strip().partition("=") for part in text.split(";") if part.strip())
    return tuple((name, value) for name, _, value in pairs)


NEWCOMER = (
    "+member=; qm_status@6=3; mem_name@6=周远; mem_relation@6=41; mem_sex@6=1; mem_birth@6=2000-05-05; "
    "qm_change@6=04; qm_change_date@6=2026-08-01; mem_id_type@6=8; mem_months_home@6=0; mem_live_place@6=6; "
)
STUDENT = NEWCOMER + "edu_in_school@6=1; edu_stage@6=22; "
TWICE = (
    "mem_id_type@6=1; mem_idno@6=529900200005050011; +member=; qm_status@7=3; mem_name@7=周近; mem_id_type@7=1; "
    "mem_idno@7=529900200005050011"
)
TEENAGER = "qm_fix@5=id; mem_birth@5={}; w_member=05; "
NOTHING = (
    "has_wage=2; has_product=2; has_biz=2; sel_prop=; sel_trf=; sel_cost=; sel_fa=; sel_te=; sel_nr=; sel_ne=; sel_f1=; "
    "sel_f3=; sel_f5=; sel_f6=; sel_f7=; "
)
ROUND = NOTHING + "sel_f2=F201 F202 F203 F204 F205 F206; sel_f4=" + " ".join(f"F4{i:02d}" for i in range(1, 15)) + "; "
ROUND += "; ".join(f"cc_{n}_cash=1000" for n in ("wear", "cloth", "acc", "make", "shoe", "shoefix")) + "; "
ROUND += "; ".join(
    f"cl_{n}_cash=1000"
    for n in ("furn", "deco", "big", "small", "tool", "bed", "curt", "kitchen", "wash", "misc", "makeup", "care",
              "serve", "repair")
)  # fmt: skip

CASES: list[tuple[str, str, str]] = [
    ("Q004.W1", "q_hh_type_now=2", ""),
    ("Q007.E1", "-q_visits=", ""),
    ("Q008.W1", "q_visit_date=2026-09-10", ""),
    ("Q010.E1", "q_visit_end=09:00:00.000+08:00", ""),
    ("Q010.W1", "q_visit_end=09:20:00.000+08:00", ""),
    ("Q013.E1", "q_outcome=330", ""),
    ("Q016.E1", "q_resp_no=05", "q_resp_no=02"),
    ("Q016.W1", "q_resp_no=02", ""),
    ("Q017.W1", "q_present=1 3", "q_present=2"),
    ("Q018.W1", "q_doc=0; has_product=2; has_biz=2; sel_prop=; sel_trf=402", "q_doc=0"),
    ("QA03.W1", "q_all_out_days=46", "q_all_out_days=45"),
    ("QA04.W1", "q_food_short=2", ""),
    ("QA05.W1", "q_protein=4", "q_protein=3"),
    ("QA07.W1", "q_house_damage=2", ""),
    ("QA10.W1", "q_wat_stop=10", "q_wat_stop=9"),
    ("QA20.W1", "q_animal_loss=20000.01", "q_animal_loss=20000"),
    ("QA22.W1", "q_biz_fail=4", "q_biz_fail=3"),
    ("QA23.W1", "q_loan_new=0", ""),
    ("QA24.W1", "q_loan_over=1", ""),
    ("QA25.W1", "q_income_feel=5", "q_income_feel=1"),
    ("QB03.E1", "qm_status@2=5; qm_change@2=41; qm_change_date@2=2026-09-23",
     "qm_status@2=5; qm_change@2=41; qm_change_date@2=2026-09-01"),
    ("QB03.W1", "qm_status@2=5; qm_change@2=41; qm_change_date@2=2026-06-01",
     "qm_status@2=5; qm_change@2=41; qm_change_date@2=2026-07-01"),
    ("QB03.E2", "qm_status@2=4; qm_change@2=13; qm_change_date@2=1966-09-30",
     "qm_status@2=4; qm_change@2=13; qm_change_date@2=1966-10-01"),
    ("QB12.W1", "qm_health_new@2=3", "qm_health_new@2=4"),
    ("QB15.W1", "qm_in_school@5=2; qm_out_why@5=03", ""),
    ("QB16.W1", "qm_fix@2=med; qm_med_ins@2=9", "qm_fix@2=med; qm_med_ins@2=1"),
    ("QC03.E2", "ql_farm_m@1=3", "ql_farm_m@1=2.5"),
    ("QC05.W1", "ql_status@3=09", ""),
    ("QC07.W1", "ql_status@4=07; ql_stop_m@4=3", "ql_status@4=07; ql_stop_m@4=2"),
    ("QC08.W1", "ql_out_wage@3=60001", "ql_out_wage@3=60000"),
    ("QC09.W1", "ql_out_remit@3=18001", "ql_out_remit@3=18000"),
    ("QC10.W1", "ql_arrears@3=3001", "ql_arrears@3=3000"),
    ("QD101.E1", "w_member=03", ""),
    ("QD101.W1", TEENAGER.format("2011-09-30"), TEENAGER.format("2010-09-30")),
    ("QD107.W1", "w_days=1", "w_days=4"),
    ("QD107.W2", "w_cash=60000.01", "w_cash=60000"),
    ("QD108.E1", "w_back=2400.51", "w_back=2400.5"),
    ("QD110.W1", "w_inkind=6001", "w_inkind=6000"),
    ("QD112.W1", "w_type=5; w_public=01; w_cash=199", "w_type=5; w_public=01; w_cash=200"),
    ("QD1.E1", "-wage=", ""),
    ("QD21.E1", "-product=", ""),
    ("QD3.E1", "-biz=", ""),
    ("E-Q04", TEENAGER.format("2009-09-30") + "w_months=3", TEENAGER.format("2009-09-30") + "w_months=2"),
    ("E-Q05", "w_cash=9000; w_member=03", "w_cash=8999; w_member=03"),
    ("QD211.E1", "+product=; p_code@2=303; p_qty@2=1; p_price@2=9000; p_amt@2=9000; p_channel@2=1; p_due@2=0",
     "+product=; p_code@2=303; p_qty@2=1; p_price@2=8000; p_amt@2=8000; p_channel@2=1; p_due@2=0"),
    ("QD212.W1", "p_code=102; p_out=5", "p_code=101; p_out=5"),
    ("QD214.W1", "p_price=4999", "p_price=30000"),
    ("QD215.E1", "p_amt=8000", "p_amt=8200"),
    ("QD305.W1", "b_gross=300001", "b_gross=300000"),
    ("QD309.W1", "sel_f5=F504 F511; ct_fuel_cash=100", "sel_f5=F504 F511; ct_fuel_cash=101"),
    ("QD314.W1", "b_goods=6000", ""),
    ("QD314.W2", "b_goods=0; b_energy=0; b_tax=0", ""),
    ("402.W6", "trf_pen_res=269", "trf_pen_res=270"),
    ("415.E4", "trf_med=1500.01", "trf_med=1500"),
    ("415.W6", "trf_med=900.01", "trf_med=900"),
    ("416.W6", "trf_land=1201", "trf_land=1200"),
    ("502.W6", "cost_fert=2501", "cost_fert=2500"),
    ("713.W6", "te_med=1999", ""),
    ("806.W6", "sel_nr=801 806; nr_land_comp=10", ""),
    ("J203.W1", "loan_source=01; loan_purpose=04", "loan_source=01; loan_purpose=01"),
    ("J205.W1", "loan_amount=500001", "loan_amount=500000"),
    ("J205.W2", "loan_source=01; loan_amount=50001", "loan_source=01; loan_amount=50000"),
    ("J206.W1", "loan_rate=15.41", "loan_rate=15.4"),
    ("J206.W2", "loan_rate=0", ""),
    ("QG1.E1", "q_changes=11; -qs=", "q_changes=11"),
    ("QG11.W1", "cm_out_cash=10000; rig_pay=3; sel_nr=", "cm_out_cash=10000; rig_pay=3"),
    ("QK02.W1", "qo_trust=5", "qo_trust=4"),
    ("E-Q01", "q_changes=01", NEWCOMER + "q_changes=08"),
    ("E-Q02", "trf_pen_res=390", "trf_pen_res=390; !trf_pen_res="),
    ("E-Q03", "; ".join(f"qm_months_home@{i}=0; qm_live_place@{i}=6" for i in (1, 2, 5)), ""),
    ("W-Q06", "w_cash=60000", ""),
    ("W-Q07", "cm_out_cash=9000", ""),
    ("W-Q08", "w_cash=60000", ""),
    ("W-Q09", "sel_nr=; cm_out_cash=40000", "cm_out_cash=40000"),
    ("W-Q10", "cm_out_cash=110000", ""),
    ("W-Q11", "cm_out_cash=50000", ""),
    ("W-Q12", "q_aid_new=01; q_aid_money=201", "q_aid_new=01; q_aid_money=200"),
    ("W-Q13", "cm_out_cash=100000", ""),
    ("W-Q14", "sel_f1=F121", ""),
    ("W-Q15", "sel_f5=", ""),
    ("W-Q16", "cf_rice_sq=400", ""),
    ("W-Q17", "has_wage=2", ""),
    ("W-Q19", "q_db_change=2; qm_dibao@1=1", "q_db_change=2; qm_dibao@1=9"),
    ("W-Q20", "sel_trf=415 416", ""),
    ("W-Q22", "cm_out_cash=40000", ""),
    ("W-Q25", "w_cash=100000", "w_cash=99000"),
    ("W-Q26", ROUND, ""),
    ("W-Q28", "cash_end=0", ""),
    ("W-Q31", "q_resp_no=04", ""),
    # the roster
    ("B102.W1", "+member=; mem_name@6=周文强", "+member=; mem_name@6=周远"),
    ("B103.E1", "qm_fix@2=rel; mem_relation@2=02", "qm_fix@1=rel; mem_relation@1=10; qm_fix@2=rel; mem_relation@2=02"),
    ("B103.E2", "qm_fix@4=rel; mem_relation@4=10", "qm_fix@4=rel; mem_relation@4=97"),
    ("B104.E3", NEWCOMER + "qm_fix@2=rel; mem_relation@2=97; mem_relation@6=10",
     NEWCOMER + "qm_fix@2=rel; mem_relation@2=97; mem_relation@6=10; mem_sex@6=2"),
    ("B108.W1", "qm_fix@1=id; mem_birth@1=1925-09-30", "qm_fix@1=id; mem_birth@1=1925-10-01"),
    ("B134.W1", NEWCOMER + "mem_health@6=4; mem_selfcare@6=3; ql_status@6=01",
     NEWCOMER + "mem_health@6=4; mem_selfcare@6=3; ql_status@6=09"),
    # new members
    ("B104.E1", NEWCOMER + "mem_sex@6=2", NEWCOMER),
    ("B104.E2", NEWCOMER + "mem_id_type@6=1; mem_idno@6=52990020000505002X",
     NEWCOMER + "mem_id_type@6=1; mem_idno@6=529900200005050011"),
    ("B107.E1", NEWCOMER + "mem_id_type@6=1; mem_idno@6=529900200005050011; mem_birth@6=2000-05-06",
     NEWCOMER + "mem_id_type@6=1; mem_idno@6=529900200005050011"),
    ("B110.E1", NEWCOMER + "mem_political@6=01; mem_birth@6=2009-05-05", NEWCOMER + "mem_political@6=01"),
    ("B110.W1", NEWCOMER + "mem_political@6=03; mem_birth@6=1990-05-05", NEWCOMER + "mem_political@6=03"),
    ("B111.E1", NEWCOMER + "mem_relation@6=10; mem_marital@6=10", NEWCOMER + "mem_relation@6=10; mem_marital@6=20"),
    ("B111.W1", NEWCOMER + "mem_marital@6=20; mem_birth@6=2005-05-05", NEWCOMER + "mem_marital@6=20"),
    ("B117.E2", NEWCOMER + "mem_birth@6=2025-11-05; mem_months_home@6=3",
     NEWCOMER + "mem_birth@6=2025-11-05; mem_months_home@6=2"),
    ("B118.W1", NEWCOMER + "mem_months_home@6=10", NEWCOMER),
    ("B131.E1", NEWCOMER + "mem_health@6=4; mem_disab_cert@6=1; mem_disab_grade@6=1; mem_disab_type@6=4; "
     "mem_disab_no@6=52990020000505001111", NEWCOMER + "mem_health@6=4; mem_disab_cert@6=1; mem_disab_grade@6=1; "
     "mem_disab_type@6=1; mem_disab_no@6=52990020000505001111"),
    ("B132.E1", NEWCOMER + "mem_health@6=4; mem_disab_cert@6=1; mem_disab_type@6=1; mem_disab_grade@6=2; "
     "mem_disab_no@6=52990020000505001111", NEWCOMER + "mem_health@6=4; mem_disab_cert@6=1; mem_disab_type@6=1; "
     "mem_disab_grade@6=1; mem_disab_no@6=52990020000505001111"),
    ("B135.W1", NEWCOMER + "mem_health@6=4; mem_selfcare@6=3; mem_carer@6=9", NEWCOMER),
    ("B136.E1", STUDENT + "mem_labour@6=1", STUDENT + "mem_labour@6=5"),
    ("B136.W1", NEWCOMER + "edu_in_school@6=2; mem_health@6=1; mem_labour@6=4",
     NEWCOMER + "edu_in_school@6=2; mem_health@6=1; mem_labour@6=1"),
    ("B136.W2", NEWCOMER + "edu_in_school@6=2; mem_health@6=3; mem_labour@6=1",
     NEWCOMER + "edu_in_school@6=2; mem_health@6=3; mem_labour@6=3"),
    ("B137.W1", NEWCOMER + "mem_birth@6=2015-05-05; mem_guardian@6=9",
     NEWCOMER + "mem_birth@6=2015-05-05; mem_guardian@6=4"),
    ("B139.W1", NEWCOMER + "mem_tags@6=01", NEWCOMER + "mem_tags@6=0"),
    ("C101.W1", NEWCOMER + "ss_med@6=9", NEWCOMER + "ss_med@6=1"),
    ("C101.W2", NEWCOMER + "ss_med@6=3", NEWCOMER + "ss_med@6=1"),
    ("C107.W1", NEWCOMER + "edu_in_school@6=2; ss_pension@6=9", NEWCOMER + "edu_in_school@6=2; ss_pension@6=1"),
    ("D102.E1", NEWCOMER + "edu_in_school@6=1; edu_stage@6=02", STUDENT),
    ("D102.W1", STUDENT.replace("edu_stage@6=22", "edu_stage@6=23"), STUDENT.replace("2000-05-05", "2006-05-05")),
    ("D103.E1", STUDENT + "edu_level@6=10", STUDENT + "edu_level@6=60"),
    ("D103.W1", NEWCOMER + "mem_birth@6=2016-05-05; edu_level@6=70", NEWCOMER + "edu_level@6=70"),
    ("D103.W2", "qm_fix@3=edu; edu_level@3=80", "qm_fix@3=edu; edu_level@3=60"),
]  # fmt: skip


def _past(**changed: str) -> bytes:
    return table([PAST_ROW | changed])


PEER = {
    "hh_id": "5299001012000013", "q_enum_id": "ENUM-0417", "q_visit_date": "2026-09-22", "q_visit_start": "10:36",
    "q_visit_end": "11:20",
}  # fmt: skip
# Checks against what other waves, the register, the parameters or other interviews say:
# number, attachments and answers on which it fails; it passes on the usual ones with the same answers.
OUTSIDE: list[tuple[str, dict[str, bytes], str]] = [
    ("Q011.W1", {"prev": previous({"aux_mode_last": "3"})}, "q_visit_mode=3"),
    ("401.W6", {}, "sel_trf=401; trf_pen_emp=5000"),
    ("404.W6", {}, "sel_trf=404; trf_dibao=600"),
    ("419.W6", {"register": with_register(land_forest="0")}, "sel_trf=402 419; trf_eco=100"),
    ("510.W6", {"register": with_register(land_in="0")}, "sel_cost=510; cost_land=100"),
    ("513.W6", {"register": with_register(ls_pig_n="0", ls_cattle_n="0", ls_fowl_n="0")}, "sel_cost=513; cost_feed=100"),
    ("W-Q18", {f"hist{i}": _past(op_cost_1="0") for i in (1, 2, 3)}, "sel_cost="),
    ("QE1.W1", {"params": parameters(q_period="2026Q4")} | {f"hist{i}": _past(op_cost_1="0") for i in (1, 2, 3)},
     "sel_cost="),
    ("W-Q21", {f"hist{i}": _past(aux_med_gross="0") for i in (1, 2)}, "sel_f7="),
    ("W-Q23", {"params": parameters(monitor_line="25000")}, ""),
    ("W-Q24", {"params": parameters(monitor_line="24000")}, ""),
    ("W-Q32", {"params": parameters(monitor_line="40000")}, ""),
    ("W-Q27", {"prev": previous({
        "cf_rice_amt": "420", "cf_oil_amt": "288", "cf_pork_amt": "720", "cf_season_cash": "60",
        "cf_canteen_cash": "800", "ch_elec_cash": "150", "ch_wood_amt": "240", "ct_tel_cash": "180",
        "ce_book_cash": "120", "cm_out_cash": "900", "prop_col_div": "300", "prop_other": "50", "trf_med": "300",
        "trf_land": "400", "cost_seed": "200", "cost_fert": "350.5", "fa_buy_farm": "1200", "pe_interest": "100",
        "te_med": "2000", "nr_bank": "5000", "ne_gift": "600"})}, ""),
    ("W-Q29", {"params": parameters(q_period="2026Q4"), "closing": table([{
        "row": "", "cov_ref_year": "2026", "dur_tv_cost": "2500"}])}, ""),
    ("W-Q30", {"peers": table([PEER])}, ""),
    ("B106.E2", {"peers": table([PEER | {"mem_idno": "529900200005050011"}])},
     NEWCOMER + "mem_id_type@6=1; mem_idno@6=529900200005050011"),
    ("B106.E2", {}, NEWCOMER + TWICE),
    ("QD1.W5", {"prev": previous({"aux_wage_public": "1800"})}, ""),
]  # fmt: skip

# Constraints: number (or variable where it has none), answers before, name, refused value, accepted value.
CONSTRAINTS: list[tuple[str, str, str, str, str]] = [
    ("Q008.E1", "", "q_visit_date", "2026-06-30", "2026-07-01"),
    ("Q008.E1", "", "q_visit_date", "2026-09-23", "2026-09-22"),
    ("Q013.E1", "", "q_outcome", "210", "110"),
    ("Q015.E1", "", "q_notice", "2", "1"),
    ("QA02.E1", "", "q_phone", "12900000001", "029-1234567"),
    ("QA03.E1", "", "q_all_out_days", "93", "92"),
    ("QA10.E1", "", "q_wat_stop", "93", "92"),
    ("QA15.E1", "", "q_helper_visits", "93", "92"),
    ("QA18.E1", "", "q_crop_bad", "7.51", "7.5"),
    ("QA28.E1", "", "q_hard", "01 02 03 04", "01 02 03"),
    ("q_hard", "", "q_hard", "00 01", "01"),
    ("q_changes", "", "q_changes", "00 05", "05 06"),
    ("q_crop_loss", "", "q_crop_loss", "10.125", "10.12"),
    ("QB05.E1", "", "qm_months_home@1", "3.5", "2.5"),
    ("QB05.E1", "", "qm_months_home@1", "1.2", "1.5"),
    ("QC02.E1", "", "ql_work_m@1", "3.1", "3"),
    ("QC03.E1", "", "ql_farm_m@1", "3.1", "2"),
    ("QD102.E1", "", "w_type", "1", "8"),
    ("QD105.E1", "", "w_months", "3.1", "3"),
    ("QD106.E1", "", "w_days", "0", "92"),
    ("QD213.E1", "", "p_qty", "0", "0.5"),
    ("QD302.E1", "", "b_industry", "A", "C"),
    ("QD304.E1", "", "b_months", "3.1", "3"),
    ("b_members", "", "b_members", "03", "01 03"),
    ("QG02.E1", "cm_out_cash=10000", "rig_med_ok", "9700.01", "9700"),
    ("QK07.E1", "", "q_end_confirm", "2", "1"),
    ("qo_risk_note", "qo_risk=1; qo_risk_type=01", "qo_risk_note", "刚住院", "主要劳动力刚住院，要花一大笔钱"),
    ("cf_canteen_stu", "", "cf_canteen_stu", "800.01", "800"),
    ("F121.E1", "", "cf_season_cash", "0", "0.01"),
    ("q_visit_next", "q_visit_outcome=210", "q_visit_next", "2026-09-22", "2026-09-23"),
    ("qs_date", "q_changes=15", "qs_date", "2026-06-30", "2026-07-01"),
    ("qs_date", "q_changes=15", "qs_date", "2026-10-01", "2026-09-30"),
    ("B102.E1", NEWCOMER, "mem_name@6", "周2", "周·远"),
    ("B106.E1", NEWCOMER + "mem_id_type@6=1", "mem_idno@6", "529900200005050012", "529900200005050011"),
    ("B107.E2", NEWCOMER, "mem_birth@6", "1899-12-31", "1900-01-01"),
    ("B112.E1", NEWCOMER, "mem_phone@6", "123", "19900000099"),
    ("B117.E1", NEWCOMER, "mem_months_home@6", "12.5", "12"),
    ("B120.E1", NEWCOMER + "mem_absence_reason@6=01", "mem_absence_since@6", "2026-10", "2026-09"),
    ("B133.E1", NEWCOMER + "mem_health@6=4; mem_disab_cert@6=1", "mem_disab_no@6", "529900", "52990020000505001111"),
    ("J204.E1", "", "loan_month", "2026-10", "2026-09"),
    ("J205.E1", "", "loan_amount", "0", "1"),
    ("J206.E1", "", "loan_rate", "100.01", "100"),
    ("J209.E1", "", "loan_term", "481", "480"),
]

LEFT = "qm_status@2=4; qm_change@2=23; qm_change_date@2={}; "
DISABLED = "qm_health_new@1=3"
# Skips: variable, answers on which it is asked, answers on which it is not (none: as the household answered).
SKIPS: list[tuple[str, str, str]] = [
    ("q_visit_next", "q_visit_outcome=210", ""),
    ("q_refuse_reason", "q_outcome=310", ""),
    ("q_notice", "", "q_outcome=310"),
    ("q_resp_no", "", "q_outcome=410"),
    ("q_present", "q_outcome=120", "q_outcome=320"),
    ("q_doc", "", "q_outcome=330"),
    ("q_changes", "", "q_outcome=310"),
    ("q_house_live", "q_house_damage=3", ""),
    ("q_house_fix", "q_house_damage=2", ""),
    ("q_wat_fix", "q_wat_stop=1", "q_wat_stop=0"),
    ("q_wat_fix", "q_wat_stop=0; q_wat_bad=1", "q_wat_stop=0; q_wat_bad=0"),
    ("q_aid_money", "q_aid_new=02", ""),
    ("q_helper_visits", "q_hh_type_now=4", "q_hh_type_now=5"),
    ("q_crop_loss", "", "q_crop_bad=0"),
    ("q_drop_why", "q_income_feel=4", ""),
    ("qm_change@2", "qm_status@2=5", ""),
    ("qm_change@2", "qm_status@2=4", "qm_status@2=2"),
    ("qm_change_date@2", "qm_status@2=4; qm_change@2=23", ""),
    ("qm_change_to@2", "qm_status@2=4; qm_change@2=23", ""),
    ("qm_months_home@2", LEFT.format("2026-07-01"), LEFT.format("2026-06-30")),
    ("qm_live_place@2", LEFT.format("2026-07-01"), LEFT.format("2026-06-30")),
    ("qm_absence@1", "qm_months_home@1=1", "qm_months_home@1=1.5"),
    ("qm_plan_stay@1", "qm_months_home@1=1", "qm_months_home@1=1; qm_live_place@1=6"),
    ("qm_student_out@3", "qm_absence@3=03", ""),
    ("qm_fix@1", "", "qm_status@1=4"),
    ("qm_health_new@2", "", LEFT.format("2026-07-01")),
    ("qm_disease@2", "qm_health_new@2=2", ""),
    ("qm_in_school@5", "", "qm_fix@5=id; mem_birth@5=2024-05-05"),
    ("qm_in_school@5", "qm_fix@5=id; mem_birth@5=2004-05-05", "qm_fix@5=id; mem_birth@5=2003-05-05"),
    ("qm_out_why@5", "qm_in_school@5=2", ""),
    ("qm_out_why@5", "qm_in_school@5=2; qm_fix@5=edu; edu_level@5=80",
     "qm_in_school@5=2; qm_fix@5=edu; edu_level@5=70"),
    ("qm_med_ins@1", "qm_fix@1=med", ""),
    ("qm_dibao@1", "q_db_change=3", ""),
    ("qm_selfcare@2", "qm_health_new@2=5", "qm_fix@2=id; mem_birth@2=1970-05-05"),
    ("ql_status@5", "qm_fix@5=id; mem_birth@5=2010-09-30", ""),
    ("ql_work_m@4", "ql_status@4=03", ""),
    ("ql_farm_m@4", "ql_status@4=01", ""),
    ("ql_type@2", "ql_work_m@2=0.5", ""),
    ("ql_place@2", "ql_work_m@2=0.5", ""),
    ("ql_stop_why@2", "ql_status@2=09", ""),
    ("ql_stop_m@2", "ql_status@2=07", "ql_status@2=09"),
    ("ql_out_wage@3", "", "qm_months_home@3=2"),
    ("ql_out_remit@3", "", "qm_fix@3=tied; mem_econ_tied@3=2"),
    ("ql_arrears@2", "ql_work_m@2=1; ql_type@2=3", "ql_work_m@2=1; ql_type@2=6"),
    ("ql_train@1", "qm_fix@1=id; mem_birth@1=1961-10-01", "qm_fix@1=id; mem_birth@1=1961-09-30"),
    ("ql_need@2", "ql_work_m@2=1.9", "ql_work_m@2=2"),
    ("w_member", "", "has_wage=2"),
    ("w_public", "w_type=5", ""),
    ("p_code", "", "has_product=2"),
    ("b_name", "", "has_biz=2"),
    ("cf_rice_cash", "", "sel_f1=F102"),
    ("cf_canteen_stu", "", "sel_f1=F101"),
    ("trf_dibao", "sel_trf=404", ""),
    ("loan_source", "", "q_loan_new=0"),
    ("loan_rate_unit", "", "loan_rate=0"),
    ("loan_subsidy", "", "loan_source=08"),
    ("loan_due", "", "loan_term=0"),
    ("qs_type", "q_changes=15", ""),
    ("qs_type", "q_changes=13 20", "q_changes=05"),
    ("rig_med_ok", "cm_out_cash=5300.01", "cm_out_cash=5300"),
    ("rig_disab", DISABLED, ""),
    ("rig_house", "q_house_damage=2", ""),
    ("rig_accident", "q_changes=20; qs_type=19", "q_changes=15; qs_type=05"),
    ("rig_pay", "cm_out_cash=5000", "cm_out_cash=4000"),
    ("qo_risk_type", "qo_risk=3", ""),
    ("qo_risk_note", "qo_risk=1", "qo_risk=3"),
    # new members
    ("mem_idno@6", NEWCOMER + "mem_id_type@6=1", NEWCOMER),
    ("mem_ethnicity@6", NEWCOMER, NEWCOMER + "qm_status@6=4"),
    ("mem_political@6", NEWCOMER, NEWCOMER + "mem_birth@6=2012-10-01"),
    ("mem_marital@6", NEWCOMER, NEWCOMER + "mem_birth@6=2011-10-01"),
    ("mem_phone@6", NEWCOMER, NEWCOMER + "mem_birth@6=2010-10-01"),
    ("mem_on_register@6", NEWCOMER, NEWCOMER + "q_hh_type_now=5"),
    ("mem_hukou_place@6", NEWCOMER + "mem_hukou_here@6=2", NEWCOMER + "mem_hukou_here@6=1"),
    ("mem_absence_reason@6", NEWCOMER, NEWCOMER + "mem_months_home@6=7; mem_live_place@6=1"),
    ("mem_absence_since@6", NEWCOMER + "mem_absence_reason@6=01", NEWCOMER),
    ("mem_student_out@6", NEWCOMER + "mem_absence_reason@6=03", NEWCOMER + "mem_absence_reason@6=01"),
    ("mem_plan_stay@6", NEWCOMER + "mem_live_place@6=1", NEWCOMER),
    ("mem_chronic@6", NEWCOMER + "mem_health@6=2", NEWCOMER + "mem_health@6=1"),
    ("mem_major_disease@6", NEWCOMER + "mem_health@6=3", NEWCOMER + "mem_health@6=2"),
    ("mem_treat_status@6", NEWCOMER + "mem_health@6=3", NEWCOMER + "mem_health@6=4"),
    ("mem_disab_cert@6", NEWCOMER + "mem_health@6=4", NEWCOMER + "mem_health@6=3"),
    ("mem_disab_type@6", NEWCOMER + "mem_health@6=4", NEWCOMER + "mem_health@6=3"),
    ("mem_disab_grade@6", NEWCOMER + "mem_health@6=4; mem_disab_cert@6=1",
     NEWCOMER + "mem_health@6=4; mem_disab_cert@6=2"),
    ("mem_disab_no@6", NEWCOMER + "mem_health@6=4; mem_disab_cert@6=1",
     NEWCOMER + "mem_health@6=4; mem_disab_cert@6=2"),
    ("mem_selfcare@6", NEWCOMER + "mem_health@6=2", NEWCOMER + "mem_health@6=1"),
    ("mem_carer@6", NEWCOMER + "mem_health@6=2; mem_selfcare@6=2", NEWCOMER + "mem_health@6=2; mem_selfcare@6=1"),
    ("mem_labour@6", NEWCOMER, NEWCOMER + "mem_birth@6=2010-10-01"),
    ("mem_guardian@6", NEWCOMER + "mem_birth@6=2010-10-01", NEWCOMER),
    ("ss_pension@6", NEWCOMER + "edu_in_school@6=2", STUDENT),
    ("edu_in_school@6", NEWCOMER, NEWCOMER + "mem_birth@6=1990-09-30"),
    ("edu_stage@6", STUDENT, NEWCOMER + "edu_in_school@6=2"),
    ("edu_level@6", NEWCOMER, NEWCOMER + "mem_birth@6=2020-10-01"),
    *(
        (f"{name}@6", NEWCOMER, NEWCOMER + "qm_status@6=4")
        for name in ("mem_hukou_type", "mem_months_home", "mem_live_place", "mem_health", "mem_tags", "mem_left_behind", "ss_med")
    ),
    # registered facts, asked again only where they changed
    ("mem_hukou_here@1", "qm_fix@1=hukou", ""),
    ("mem_econ_tied@1", "qm_fix@1=tied", ""),
    ("mem_id_type@1", "qm_fix@1=id", "qm_fix@1=rel"),
]  # fmt: skip

__all__ = ["CASES", "CONSTRAINTS", "HH_ID", "OUTSIDE", "SKIPS", "a"]
