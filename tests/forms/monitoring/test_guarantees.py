"""两不愁三保障 lines: what each rule of monitoring.md 6.1–6.5 makes of the answers."""

from __future__ import annotations

import pytest

from forms.monitoring.guarantees import Standing, guarantee_lines


def line_of(name: str, annual=None, quarterly=None, annual_members=(), quarterly_members=()):
    lines = guarantee_lines(annual or {}, quarterly or {}, annual_members, quarterly_members)
    return next(line for line in lines if line.name == name)


def test_what_was_never_asked_is_not_called_met():
    assert {line.standing for line in guarantee_lines({}, {}, (), ())} == {Standing.NOT_ASKED}


@pytest.mark.parametrize(
    ("name", "answers", "standing", "rules"),
    [
        ("吃", {"annual": {"food_short": "1"}}, Standing.MET, ()),
        ("吃", {"annual": {"food_short": "2"}}, Standing.DOUBTFUL, ("F-01",)),
        ("吃", {"annual": {"food_short": "4"}}, Standing.NOT_MET, ("F-01",)),
        ("吃", {"annual": {"food_short": "1"}, "quarterly": {"q_food_short": "3"}}, Standing.NOT_MET, ("F-01",)),
        ("吃", {"annual": {"food_short": "1", "food_protein": "4", "food_veg_habit": "3"}}, Standing.MET, ()),
        ("穿", {"quarterly": {"q_cloth_ok": "2"}}, Standing.DOUBTFUL, ("F-03",)),
        ("穿", {"annual": {"cloth_ok": "2", "cloth_why": "1"}}, Standing.DOUBTFUL, ("F-03",)),
        (
            "住房安全",
            {"annual": {"hou_tenure": "1", "hou_level": "D", "hou_live_now": "1"}},
            Standing.NOT_MET,
            ("G2-01",),
        ),
        (
            "住房安全",
            {"annual": {"hou_tenure": "1", "hou_level": "C", "hou_live_now": "1"}},
            Standing.DOUBTFUL,
            ("G2-01",),
        ),
        (
            "住房安全",
            {"annual": {"hou_tenure": "1", "hou_risk_seen": "02 05", "hou_cert": "2"}},
            Standing.DOUBTFUL,
            ("G2-02",),
        ),
        ("住房安全", {"quarterly": {"q_house_damage": "4"}}, Standing.NOT_MET, ("G2-03",)),
        ("饮水安全", {"annual": {"wat_source": "1", "wat_stop_days": "36"}}, Standing.MET, ()),
        ("饮水安全", {"annual": {"wat_source": "1", "wat_stop_days": "37"}}, Standing.DOUBTFUL, ("G4-03",)),
        ("饮水安全", {"quarterly": {"q_wat_stop": "10"}}, Standing.DOUBTFUL, ("G4-03",)),
    ],
)
def test_answers_touch_the_rules_that_stand_in_the_rule_book(name, answers, standing, rules):
    line = line_of(name, **answers)
    assert (line.standing, line.rules) == (standing, rules)


def test_a_child_of_school_age_out_of_school_is_grave():
    child = {"mem_age": "12", "edu_in_school": "2", "edu_level": "80"}
    assert line_of("义务教育", annual_members=[child]).standing is Standing.NOT_MET
    assert line_of("义务教育", annual_members=[{**child, "edu_in_school": "1"}]).standing is Standing.MET
    assert line_of("义务教育", annual_members=[{"mem_age": "40"}]).standing is Standing.MET


def test_one_uninsured_member_puts_basic_medicine_in_doubt():
    insured, not_insured = {"ss_med": "1"}, {"ss_med": "9"}
    assert line_of("基本医疗", annual_members=[insured]).standing is Standing.MET
    assert line_of("基本医疗", annual_members=[insured, not_insured]).rules == ("G3-01",)
    assert line_of("基本医疗", annual_members=[{**insured, "med_unmet": "1", "med_unmet_why": "1"}]).rules == ("G3-03",)


def test_somebody_helpless_without_a_carer_shows_in_the_safety_net():
    helpless = {"mem_selfcare": "3", "mem_carer": "9"}
    assert line_of("兜底保障", annual={"db_has": "2"}, annual_members=[helpless]).rules == ("S-01",)
