"""Dictionary 1 of the change codec: names that stand in almost every change, so that a change need not spell them out.

Made of the annual and the quarterly questionnaire of 2026 and the living household. A line is a group and the names in it;
indented lines go on. NEVER CHANGE THIS FILE: changes on disks and sticks are packed with it for ever (tests hold its
hash). New forms pack well enough without; if they do not, a dictionary 2 gets a file and a number of its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sync import cbor

_NAMES: Final = """
cover/ cov_village_code cov_group cov_hh_no cov_stratum cov_sample_role cov_replaced_hh cov_enum_id cov_assist_name
cover/cov_visits/ visit_date visit_start visit_end visit_mode visit_outcome visit_next
cover/ cov_outcome cov_refuse_reason cov_refuse_reason_oth notice_work notice_stat cov_notice cov_consent
  cov_consent_minor cov_resp_no cov_lang cov_present cov_present_oth
qa1/ hh_head_name hh_head_name__ok hh_phone hh_phone__st hh_phone__ok hh_address hh_address__ok hh_type_frame
  hh_type_now hh_type_now__ok hh_was_poor hh_was_poor__ok hh_exit_year hh_exit_year__ok hh_poor_cause
  hh_poor_cause_oth hh_poor_cause__st hh_poor_cause__ok hh_monitor_start hh_monitor_start__ok hh_monitor_risks
  hh_monitor_risks_oth hh_monitor_risks__ok hh_risk_cleared hh_risk_cleared_month hh_lowinc_tags hh_lowinc_tags_oth
  hh_reloc hh_reloc__ok hh_reloc_site hh_reloc_site__ok hh_reloc_month hh_reloc_month__st hh_reloc_month__ok
  hh_helper_name hh_helper_name__st hh_helper_name__ok hh_helper_visits hh_hukou_n hh_split hh_main_income
  hh_main_income_oth hh_income_book hh_income_book__st hh_income_trend hh_income_drop_why hh_income_drop_why_oth
  hh_all_out_months hh_note
qa2/ land_contract land_contract__st land_contract__ok land_farm land_in land_out land_out_income land_idle
  land_irrig land_garden land_forest land_return land_grass land_water land_taken land_coop
qa3/ sel_asset
qa3/asset_grid/asset_house/ fa_house_n fa_house_value fa_house_year
qa3/asset_grid/asset_farm/ fa_farm_n fa_farm_value fa_farm_year
qa3/asset_grid/asset_trans/ fa_trans_n fa_trans_value fa_trans_year
qa3/asset_grid/asset_animal/ fa_animal_n fa_animal_value fa_animal_year
qa3/asset_grid/asset_process/ fa_process_n fa_process_value fa_process_year
qa3/asset_grid/asset_shop/ fa_shop_n fa_shop_value fa_shop_year
qa3/asset_grid/asset_fishery/ fa_fishery_n fa_fishery_value fa_fishery_year
qa3/asset_grid/asset_other/ fa_other_n fa_other_value fa_other_year
qa4/stock_grid/stock_pig/ ls_pig_n
qa4/stock_grid/stock_sow/ ls_sow_n
qa4/stock_grid/stock_cattle/ ls_cattle_n
qa4/stock_grid/stock_sheep/ ls_sheep_n
qa4/stock_grid/stock_horse/ ls_horse_n
qa4/stock_grid/stock_fowl/ ls_fowl_n
qa4/stock_grid/stock_rabbit/ ls_rabbit_n
qa4/stock_grid/stock_bee/ ls_bee_n
qa5/ food_short food_short_months food_protein food_veg_habit food_veg_habit_oth cloth_ok bedding_ok cloth_why
  cloth_why_oth cloth_source cloth_source_oth shock_has
qa5/shock/ shock_type shock_type_oth shock_month shock_loss shock_loss__st shock_comp shock_effect
qa5/ raise_10k hard_feel hard_main hard_main_oth
member/qb/ mem_no mem_name mem_name__ok mem_relation mem_relation_oth mem_relation__ok mem_sex mem_sex__ok
  mem_id_type mem_id_type_oth mem_id_type__ok mem_idno mem_idno__st mem_idno__ok mem_birth mem_birth__ok
  mem_ethnicity mem_ethnicity_oth mem_ethnicity__ok mem_political mem_political__ok mem_marital mem_marital__ok
  mem_phone mem_phone__st mem_on_register mem_on_register__ok mem_hukou_here mem_hukou_here__ok mem_hukou_place
  mem_hukou_place__ok mem_hukou_type mem_hukou_type__ok mem_months_home mem_live_place mem_absence_reason
  mem_absence_reason_oth mem_absence_since mem_absence_since__st mem_econ_tied mem_student_out mem_plan_stay
  mem_health mem_health__st mem_chronic mem_chronic_oth mem_chronic__st mem_major_disease mem_major_disease_oth
  mem_major_disease__st mem_treat_status mem_treat_status__st mem_disab_cert mem_disab_cert__st mem_disab_cert__ok
  mem_disab_type mem_disab_type__st mem_disab_type__ok mem_disab_grade mem_disab_grade__st mem_disab_grade__ok
  mem_disab_no mem_selfcare mem_carer mem_carer_oth mem_labour mem_guardian mem_guardian_oth mem_tags mem_note
member/qc1/ ss_med ss_med_why ss_med_why_oth ss_med_payer ss_med_fee ss_major_ins ss_extra_ins ss_extra_ins_oth
  ss_pension ss_pension_why ss_pension_why_oth ss_pension_payer ss_pension_fee ss_pension_get ss_pension_get_type
  ss_pension_get_type_oth ss_pension_month ss_dibao ss_tekun ss_disab_sub ss_disab_sub_oth ss_old_sub ss_child_sub
  ss_child_sub_oth ss_chronic_card ss_doctor med_out_n med_out_n__st med_in_n med_total med_total__st med_reimb
  med_aid med_self_ok med_self_ok__st med_unmet med_unmet_why med_unmet_why_oth med_pay_how med_pay_how_oth
member/qd1/ edu_in_school edu_stage edu_level edu_level__ok edu_mandarin edu_school edu_place edu_board edu_commute
  edu_nutri edu_out_why edu_out_why_oth edu_out_since edu_home_teach edu_kg_why edu_kg_why_oth edu_drop15
  edu_drop15_oth edu_two_after edu_two_after_oth edu_aid edu_aid_oth edu_aid_money edu_fee_tuition edu_fee_live
  edu_fee_other edu_loan edu_loan_bal edu_grad_job edu_grad_job_oth
member/qe1/ lab_status lab_no_why lab_no_why_oth lab_want lab_unemp_month lab_farm_months lab_work_months lab_type
  lab_industry lab_occupation lab_place lab_province lab_employer lab_start lab_start__st lab_days lab_hours
  lab_month_pay lab_month_pay__st lab_year_pay lab_year_pay__st lab_arrears lab_contract lab_insur lab_channel
  lab_channel_oth lab_public_job lab_public_job_oth lab_public_month lab_public_pay lab_shop lab_second
  lab_second_type lab_second_pay lab_second_pay__st lab_train lab_train_kind lab_train_kind_oth lab_train_days
  lab_train_use lab_cert lab_cert_oth lab_change lab_return_why lab_return_why_oth lab_plan
qc2/ db_has db_n db_month db_since db_since__st db_kind tk_month ta_times ta_amount aid_other fpb_has fpb_payer
  fpb_claim agri_ins agri_ins_oth aid_apply aid_apply_why aid_apply_why_oth sscard_n clinic_min
qd2/ edu_burden edu_worry edu_km_kg edu_km_pri edu_km_mid
qe2/ lab_service lab_subsidy lab_subsidy_oth
qf/ sel_dur
qf/dur_grid/durable_car/ dur_car_n dur_car_new dur_car_cost
qf/dur_grid/durable_moto/ dur_moto_n dur_moto_new dur_moto_cost
qf/dur_grid/durable_ebike/ dur_ebike_n dur_ebike_new dur_ebike_cost
qf/dur_grid/durable_etrike/ dur_etrike_n dur_etrike_new dur_etrike_cost
qf/dur_grid/durable_washer/ dur_washer_n dur_washer_new dur_washer_cost
qf/dur_grid/durable_fridge/ dur_fridge_n dur_fridge_new dur_fridge_cost
qf/dur_grid/durable_tv/ dur_tv_n dur_tv_new dur_tv_cost
qf/dur_grid/durable_ac/ dur_ac_n dur_ac_new dur_ac_cost
qf/dur_grid/durable_wheater/ dur_wheater_n dur_wheater_new dur_wheater_cost
qf/dur_grid/durable_hood/ dur_hood_n dur_hood_new dur_hood_cost
qf/dur_grid/durable_micro/ dur_micro_n dur_micro_new dur_micro_cost
qf/dur_grid/durable_induct/ dur_induct_n dur_induct_new dur_induct_cost
qf/dur_grid/durable_ricec/ dur_ricec_n dur_ricec_new dur_ricec_cost
qf/dur_grid/durable_fan/ dur_fan_n dur_fan_new dur_fan_cost
qf/dur_grid/durable_rheater/ dur_rheater_n dur_rheater_new dur_rheater_cost
qf/dur_grid/durable_purif/ dur_purif_n dur_purif_new dur_purif_cost
qf/dur_grid/durable_stove/ dur_stove_n dur_stove_new dur_stove_cost
qf/dur_grid/durable_disinf/ dur_disinf_n dur_disinf_new dur_disinf_cost
qf/dur_grid/durable_phone/ dur_phone_n dur_phone_new dur_phone_cost
qf/dur_grid/durable_phonenet/ dur_phonenet_n dur_phonenet_new dur_phonenet_cost
qf/dur_grid/durable_pc/ dur_pc_n dur_pc_new dur_pc_cost
qf/dur_grid/durable_pcnet/ dur_pcnet_n dur_pcnet_new dur_pcnet_cost
qf/dur_grid/durable_tel/ dur_tel_n dur_tel_new dur_tel_cost
qf/dur_grid/durable_router/ dur_router_n dur_router_new dur_router_cost
qf/dur_grid/durable_camera/ dur_camera_n dur_camera_new dur_camera_cost
qf/dur_grid/durable_sewing/ dur_sewing_n dur_sewing_new dur_sewing_cost
qg1/ hou_n hou_tenure hou_tenure__ok hou_source hou_source_oth hou_source__ok hou_year hou_year__st hou_year__ok
  hou_struct hou_struct_oth hou_struct__ok hou_style hou_style_oth hou_style__ok hou_floor_n hou_floor_n__ok
  hou_area hou_area__ok hou_rooms hou_rooms__ok hou_value hou_value__st hou_rent hou_cert hou_level hou_cert_month
  hou_cert_month__st hou_risk_seen hou_leak hou_live_now hou_other_safe hou_fix_has hou_fix_year hou_fix_sub
  hou_fix_sub__st hou_fix_debt hou_hazard hou_damage hou_repaired hou_crowd
qg2/ wat_source wat_source_oth wat_supply wat_home wat_min wat_m wat_h wat_enough wat_lpd wat_stop_days
  wat_stop_long wat_dry wat_quality wat_test wat_treat wat_treat_oth wat_fee wat_repair wat_ok_self
qg3/ toi_type toi_place toi_own toi_reform bath fuel_cook fuel_cook_oth heat heat_oth elec elec_out garbage sewage
  road road_km bus_min net signal courtyard
qh/ tip_helper soc_meet soc_decide soc_open soc_role soc_labor soc_wfr soc_points soc_coop soc_coop_gain soc_lead
  soc_col_div soc_gift_out soc_gift_out__st soc_feast aid_know aid_self_apply aid_self_result aid_measures
  aid_measures_oth aid_ind_kind aid_ind_kind_oth aid_ind_money aid_effect aid_helper_ok reloc_fit reloc_back
  reloc_job need_aid need_aid_oth soc_conf soc_sat
qj1/ loan_has loan_has__st loan_n loan_refused loan_refused_why loan_refused_why_oth lend_bal lend_bal__st
  deposit_band deposit_band__st debt_feel guarantee_for
qj2/loan/ loan_source loan_source_oth loan_purpose loan_purpose_oth loan_month loan_month__st loan_amount loan_rate
  loan_rate__st loan_rate_unit loan_subsidy loan_term loan_secure loan_paid loan_interest loan_balance loan_over
  loan_over_amt loan_over_since loan_over_why loan_over_why_oth loan_plan
qk/ obs_coop obs_trust obs_living obs_food obs_doc obs_risk obs_risk_type obs_risk_type_oth obs_risk_note
  end_confirm end_sign end_next
cover/ q_hh_type_now q_enum_id q_assist_name
cover/q_visits/ q_visit_date q_visit_start q_visit_end q_visit_mode q_visit_outcome q_visit_next
cover/ q_outcome q_refuse_reason q_refuse_reason_oth q_notice q_resp_no q_present q_present_oth q_doc
qa/ q_changes q_changes_oth q_phone q_phone__ok q_all_out_days q_food_short q_protein q_cloth_ok q_house_damage
  q_house_live q_house_fix q_wat_stop q_wat_bad q_wat_fix q_aid_new q_aid_new_oth q_aid_money q_helper_visits
  q_self_apply q_db_change q_crop_bad q_crop_loss q_crop_loss__st q_animal_loss q_market_bad q_biz_fail q_loan_new
  q_loan_over q_income_feel q_drop_why q_drop_why_oth q_next q_hard q_hard_oth
member/ mem_no mem_name mem_relation mem_relation_oth mem_sex mem_birth
member/qb/ qm_status qm_fix qm_change qm_change_date qm_change_to qm_months_home qm_live_place qm_absence
  qm_absence_oth qm_plan_stay qm_student_out qm_health_new qm_disease qm_disease__st qm_disease_oth qm_in_school
  qm_out_why qm_out_why_oth qm_med_ins qm_dibao qm_selfcare
member/qn/ mem_id_type mem_id_type_oth mem_idno mem_idno__st mem_ethnicity mem_ethnicity_oth mem_political
  mem_marital mem_phone mem_phone__st mem_on_register mem_hukou_here mem_hukou_place mem_hukou_type mem_months_home
  mem_live_place mem_absence_reason mem_absence_reason_oth mem_absence_since mem_absence_since__st mem_econ_tied
  mem_student_out mem_plan_stay mem_health mem_health__st mem_chronic mem_chronic__st mem_chronic_oth
  mem_major_disease mem_major_disease__st mem_major_disease_oth mem_treat_status mem_disab_cert mem_disab_type
  mem_disab_grade mem_disab_no mem_selfcare mem_carer mem_carer_oth mem_labour mem_guardian mem_guardian_oth
  mem_tags ss_med ss_pension edu_in_school edu_stage edu_level
member/qc/ ql_status ql_work_m ql_farm_m ql_type ql_place ql_stop_why ql_stop_why_oth ql_stop_m ql_out_wage
  ql_out_wage__st ql_out_remit ql_arrears ql_train ql_train_oth ql_need
qd1/ has_wage
qd1/wage/ w_member w_type w_industry w_place w_months w_days w_cash w_cash__ok w_back w_deduct w_inkind w_arrears
  w_public w_public_oth
qd2/ has_product
qd2/product/ p_code p_code_oth p_out p_qty p_price p_channel p_channel_oth p_stock p_due
qd2/ agri_service agri_gather agri_ins_claim
qd3/ has_biz
qd3/biz/ b_name b_industry b_members b_months b_gross b_goods b_labor b_rent b_energy b_interest b_tax b_other
  b_self
qd4/ sel_prop
qd4/qd4_grid/r_301/ prop_interest
qd4/qd4_grid/r_302/ prop_div
qd4/qd4_grid/r_303/ prop_col_div
qd4/qd4_grid/r_304/ prop_coop_div
qd4/qd4_grid/r_305/ prop_land
qd4/qd4_grid/r_306/ prop_house
qd4/qd4_grid/r_307/ prop_asset
qd4/qd4_grid/r_308/ prop_ins
qd4/qd4_grid/r_309/ prop_other prop_other_note
qd5/ sel_trf
qd5/qd5_grid/r_401/ trf_pen_emp trf_pen_emp__ok
qd5/qd5_grid/r_402/ trf_pen_res trf_pen_res__ok
qd5/qd5_grid/r_403/ trf_pen_oth trf_pen_oth__ok
qd5/qd5_grid/r_404/ trf_dibao trf_dibao__ok
qd5/qd5_grid/r_405/ trf_tekun
qd5/qd5_grid/r_406/ trf_temp
qd5/qd5_grid/r_407/ trf_dis_life trf_dis_life__ok
qd5/qd5_grid/r_408/ trf_dis_care trf_dis_care__ok
qd5/qd5_grid/r_409/ trf_dis_oth
qd5/qd5_grid/r_410/ trf_old
qd5/qd5_grid/r_411/ trf_child
qd5/qd5_grid/r_412/ trf_birth
qd5/qd5_grid/r_413/ trf_vet
qd5/qd5_grid/r_414/ trf_edu
qd5/qd5_grid/r_415/ trf_med
qd5/qd5_grid/r_416/ trf_land
qd5/qd5_grid/r_417/ trf_crop
qd5/qd5_grid/r_418/ trf_mach
qd5/qd5_grid/r_419/ trf_eco
qd5/qd5_grid/r_420/ trf_ind
qd5/qd5_grid/r_421/ trf_job
qd5/qd5_grid/r_422/ trf_life
qd5/qd5_grid/r_423/ trf_resv
qd5/qd5_grid/r_424/ trf_disaster
qd5/qd5_grid/r_425/ trf_donate
qd5/qd5_grid/r_426/ trf_support
qd5/qd5_grid/r_429/ trf_col
qd5/qd5_grid/r_430/ trf_other trf_other_note
qe1/ sel_cost
qe1/qe1_grid/r_501/ cost_seed
qe1/qe1_grid/r_502/ cost_fert
qe1/qe1_grid/r_503/ cost_manure
qe1/qe1_grid/r_504/ cost_pest
qe1/qe1_grid/r_505/ cost_film
qe1/qe1_grid/r_506/ cost_mach
qe1/qe1_grid/r_507/ cost_water
qe1/qe1_grid/r_508/ cost_fuel
qe1/qe1_grid/r_509/ cost_labor
qe1/qe1_grid/r_510/ cost_land
qe1/qe1_grid/r_511/ cost_tool
qe1/qe1_grid/r_512/ cost_young
qe1/qe1_grid/r_513/ cost_feed
qe1/qe1_grid/r_514/ cost_vet
qe1/qe1_grid/r_515/ cost_forest
qe1/qe1_grid/r_516/ cost_repair
qe1/qe1_grid/r_517/ cost_ins
qe1/qe1_grid/r_518/ cost_int
qe1/qe1_grid/r_519/ cost_oth1 cost_oth1_note
qe3/ sel_fa
qe3/qe3_grid/r_house/ fa_buy_house
qe3/qe3_grid/r_farm/ fa_buy_farm
qe3/qe3_grid/r_trans/ fa_buy_trans
qe3/qe3_grid/r_animal/ fa_buy_animal
qe3/qe3_grid/r_process/ fa_buy_process
qe3/qe3_grid/r_shop/ fa_buy_shop
qe3/qe3_grid/r_fishery/ fa_buy_fishery
qe3/qe3_grid/r_other/ fa_buy_other fa_buy_other_note
qe4/ sel_te
qe4/qe4_grid/r_701/ pe_interest
qe4/qe4_grid/r_702/ pe_other pe_other_note
qe4/qe4_grid/r_711/ te_tax
qe4/qe4_grid/r_712/ te_pen
qe4/qe4_grid/r_713/ te_med
qe4/qe4_grid/r_714/ te_ins
qe4/qe4_grid/r_715/ te_support
qe4/qe4_grid/r_716/ te_out
qe4/qe4_grid/r_717/ te_donate
qe4/qe4_grid/r_718/ te_village
qe4/qe4_grid/r_719/ te_other te_other_note
qe5/ sel_nr
qe5/qe5_grid/r_801/ nr_bank
qe5/qe5_grid/r_802/ nr_private
qe5/qe5_grid/r_803/ nr_collect
qe5/qe5_grid/r_804/ nr_withdraw
qe5/qe5_grid/r_805/ nr_sell
qe5/qe5_grid/r_806/ nr_land_comp
qe5/qe5_grid/r_807/ nr_insur
qe5/qe5_grid/r_808/ nr_gift_in
qe5/qe5_grid/r_809/ nr_house_sub
qe5/qe5_grid/r_810/ nr_once
qe5/qe5_grid/r_811/ nr_other nr_other_note
qe5/loan/ loan_source loan_source_oth loan_purpose loan_purpose_oth loan_month loan_month__st loan_amount loan_rate
  loan_rate__st loan_rate_unit loan_subsidy loan_term loan_secure
qe6/ sel_ne
qe6/qe6_grid/r_851/ ne_repay_bank
qe6/qe6_grid/r_852/ ne_repay_pri
qe6/qe6_grid/r_853/ ne_lend
qe6/qe6_grid/r_854/ ne_save
qe6/qe6_grid/r_855/ ne_house
qe6/qe6_grid/r_856/ ne_gift
qe6/qe6_grid/r_857/ ne_bride
qe6/qe6_grid/r_858/ ne_insure
qe6/qe6_grid/r_859/ ne_invest
qe6/qe6_grid/r_860/ ne_loss
qe6/qe6_grid/r_861/ ne_car
qe6/qe6_grid/r_862/ ne_other ne_other_note
qe7/ cash_begin cash_end
qf1/ sel_f1
qf1/qf1_grid/r_f101/ cf_rice_cash cf_rice_sq cf_rice_sp
qf1/qf1_grid/r_f102/ cf_flour_cash cf_flour_sq cf_flour_sp
qf1/qf1_grid/r_f103/ cf_grain_cash cf_grain_sq cf_grain_sp
qf1/qf1_grid/r_f104/ cf_tuber_cash cf_tuber_sq cf_tuber_sp
qf1/qf1_grid/r_f105/ cf_bean_cash cf_bean_sq cf_bean_sp
qf1/qf1_grid/r_f106/ cf_oil_cash cf_oil_sq cf_oil_sp
qf1/qf1_grid/r_f107/ cf_lard_cash cf_lard_sq cf_lard_sp
qf1/qf1_grid/r_f108/ cf_veg_cash cf_veg_sq cf_veg_sp
qf1/qf1_grid/r_f109/ cf_fungi_cash cf_fungi_sq cf_fungi_sp
qf1/qf1_grid/r_f110/ cf_pork_cash cf_pork_sq cf_pork_sp
qf1/qf1_grid/r_f111/ cf_beef_cash cf_beef_sq cf_beef_sp
qf1/qf1_grid/r_f112/ cf_mutton_cash cf_mutton_sq cf_mutton_sp
qf1/qf1_grid/r_f113/ cf_meat_cash cf_meat_sq cf_meat_sp
qf1/qf1_grid/r_f114/ cf_fowl_cash cf_fowl_sq cf_fowl_sp
qf1/qf1_grid/r_f115/ cf_fish_cash cf_fish_sq cf_fish_sp
qf1/qf1_grid/r_f116/ cf_egg_cash cf_egg_sq cf_egg_sp
qf1/qf1_grid/r_f117/ cf_milk_cash cf_milk_sq cf_milk_sp
qf1/qf1_grid/r_f118/ cf_fruit_cash cf_fruit_sq cf_fruit_sp
qf1/qf1_grid/r_f119/ cf_nut_cash cf_nut_sq cf_nut_sp
qf1/qf1_grid/r_f120/ cf_sugar_cash
qf1/qf1_grid/r_f121/ cf_season_cash
qf1/qf1_grid/r_f122/ cf_other_cash cf_other_note
qf1/qf1_grid/r_f123/ cf_drink_cash
qf1/qf1_grid/r_f124/ cf_tea_cash cf_tea_sq cf_tea_sp
qf1/qf1_grid/r_f125/ cf_smoke_cash
qf1/qf1_grid/r_f126/ cf_liquor_cash
qf1/qf1_grid/r_f127/ cf_beer_cash
qf1/qf1_grid/r_f128/ cf_canteen_cash
qf1/qf1_grid/r_f129/ cf_out_cash
qf1/qf1_grid/r_f130/ cf_mill_cash
qf1/qf1_grid/r_f131/ cf_fete_cash
qf1/ cf_canteen_stu cf_free_emp cf_free_gov
qf2/ sel_f2
qf2/qf2_grid/r_f201/ cc_wear_cash
qf2/qf2_grid/r_f202/ cc_cloth_cash
qf2/qf2_grid/r_f203/ cc_acc_cash
qf2/qf2_grid/r_f204/ cc_make_cash
qf2/qf2_grid/r_f205/ cc_shoe_cash
qf2/qf2_grid/r_f206/ cc_shoefix_cash
qf2/ cc_free_emp cc_free_gov
qf3/ sel_f3
qf3/qf3_grid/r_f301/ ch_rent_cash
qf3/qf3_grid/r_f302/ ch_fix_cash
qf3/qf3_grid/r_f303/ ch_mgmt_cash
qf3/qf3_grid/r_f304/ ch_water_cash
qf3/qf3_grid/r_f305/ ch_elec_cash
qf3/qf3_grid/r_f306/ ch_lpg_cash
qf3/qf3_grid/r_f307/ ch_gas_cash
qf3/qf3_grid/r_f308/ ch_coal_cash
qf3/qf3_grid/r_f309/ ch_wood_cash ch_wood_sq ch_wood_sp
qf3/qf3_grid/r_f310/ ch_fuel_cash
qf3/qf3_grid/r_f311/ ch_heat_cash
qf3/qf3_grid/r_f312/ ch_ins_cash
qf3/qf3_grid/r_f313/ ch_other_cash ch_other_note
qf4/ sel_f4
qf4/qf4_grid/r_f401/ cl_furn_cash
qf4/qf4_grid/r_f402/ cl_deco_cash
qf4/qf4_grid/r_f403/ cl_big_cash
qf4/qf4_grid/r_f404/ cl_small_cash
qf4/qf4_grid/r_f405/ cl_tool_cash
qf4/qf4_grid/r_f406/ cl_bed_cash
qf4/qf4_grid/r_f407/ cl_curt_cash
qf4/qf4_grid/r_f408/ cl_kitchen_cash
qf4/qf4_grid/r_f409/ cl_wash_cash
qf4/qf4_grid/r_f410/ cl_misc_cash
qf4/qf4_grid/r_f411/ cl_makeup_cash
qf4/qf4_grid/r_f412/ cl_care_cash
qf4/qf4_grid/r_f413/ cl_serve_cash
qf4/qf4_grid/r_f414/ cl_repair_cash
qf4/ cl_free_emp cl_free_gov
qf5/ sel_f5
qf5/qf5_grid/r_f501/ ct_car_cash
qf5/qf5_grid/r_f502/ ct_moto_cash
qf5/qf5_grid/r_f503/ ct_ebike_cash
qf5/qf5_grid/r_f504/ ct_fuel_cash
qf5/qf5_grid/r_f505/ ct_fix_cash
qf5/qf5_grid/r_f506/ ct_fee_cash
qf5/qf5_grid/r_f507/ ct_long_cash
qf5/qf5_grid/r_f508/ ct_bus_cash
qf5/qf5_grid/r_f509/ ct_taxi_cash
qf5/qf5_grid/r_f510/ ct_phone_cash
qf5/qf5_grid/r_f511/ ct_tel_cash
qf5/qf5_grid/r_f512/ ct_net_cash
qf5/qf5_grid/r_f513/ ct_post_cash
qf6/ sel_f6
qf6/qf6_grid/r_f601/ ce_kg_cash
qf6/qf6_grid/r_f602/ ce_pri_cash
qf6/qf6_grid/r_f603/ ce_mid_cash
qf6/qf6_grid/r_f604/ ce_high_cash
qf6/qf6_grid/r_f605/ ce_voc_cash
qf6/qf6_grid/r_f606/ ce_univ_cash
qf6/qf6_grid/r_f607/ ce_dorm_cash
qf6/qf6_grid/r_f608/ ce_book_cash
qf6/qf6_grid/r_f609/ ce_tutor_cash
qf6/qf6_grid/r_f610/ ce_adult_cash
qf6/qf6_grid/r_f611/ ce_tv_cash
qf6/qf6_grid/r_f612/ ce_pc_cash
qf6/qf6_grid/r_f613/ ce_gear_cash
qf6/qf6_grid/r_f614/ ce_toy_cash
qf6/qf6_grid/r_f615/ ce_cable_cash
qf6/qf6_grid/r_f616/ ce_play_cash
qf6/qf6_grid/r_f617/ ce_trip_cash
qf6/qf6_grid/r_f618/ ce_other_cash ce_other_note
qf6/ ce_free_gov
qf7/ sel_f7
qf7/qf7_grid/r_f701/ cm_drug_cash
qf7/qf7_grid/r_f702/ cm_herb_cash
qf7/qf7_grid/r_f703/ cm_tonic_cash
qf7/qf7_grid/r_f704/ cm_device_cash
qf7/qf7_grid/r_f705/ cm_out_cash
qf7/qf7_grid/r_f706/ cm_in_cash
qf7/qf7_grid/r_f707/ cm_care_cash
qf7/qf7_grid/r_f708/ cm_exam_cash
qf8/ sel_f8
qf8/qf8_grid/r_f801/ co_jewel_cash
qf8/qf8_grid/r_f802/ co_bag_cash
qf8/qf8_grid/r_f803/ co_hotel_cash
qf8/qf8_grid/r_f804/ co_hair_cash
qf8/qf8_grid/r_f805/ co_funeral_cash
qf8/qf8_grid/r_f806/ co_oldcare_cash
qf8/qf8_grid/r_f807/ co_ins_cash
qf8/qf8_grid/r_f808/ co_fin_cash
qf8/qf8_grid/r_f809/ co_other_cash co_other_note
qg/qs/ qs_type qs_type_oth qs_member qs_date qs_loss qs_comp qs_pending qs_effect
qg/ rig_med_ok rig_med_ok__st rig_disab rig_house rig_accident rig_pay rig_pay_oth
qk/ qo_coop qo_trust qo_risk qo_risk_type qo_risk_type_oth qo_risk_note q_end_confirm q_next_visit
"""
_HOUSEHOLD: Final = (
    "hh_id hh_no hh_head_name hh_phone hh_address hh_type_now hh_type_frame cov_village_code cov_group "
    "mem_no mem_name mem_relation mem_sex mem_birth mem_idno mem_phone mem_live_place mem_left member"
)
_COMMON: Final = (
    "reason", "text", "level", "reasons", "township", "county", "submit", "return", "approve", "form_pack", "control",
    "~order", "~review", "~period", "~pins", "~form_hash", "~form", "~assignment", "~household", "assignment", "household",
    "interview",
)  # fmt: skip


@lru_cache(maxsize=1)
def known_names() -> tuple[str, ...]:
    """The questionnaires' fields, in their order."""
    names: list[str] = []
    group = ""
    for line in _NAMES.strip().split("\n"):
        words = line.split()
        if not line.startswith(" "):
            group = words.pop(0).rstrip("/")
        names += [f"{group}/{word}" if group else word for word in words]
    return tuple(names)


@lru_cache(maxsize=1)
def dictionary_1() -> bytes:
    """The bytes that zstd is given: each name as it stands in a body, the most frequent ones last."""
    return b"".join(cbor.dumps(name) for name in (*known_names(), *_HOUSEHOLD.split(), *_COMMON))
