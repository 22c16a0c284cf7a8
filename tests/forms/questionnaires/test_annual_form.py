"""The annual questionnaire as a file: any XLSForm tool reads it, the engine refuses nothing, and the catalog finds it."""

from __future__ import annotations

from datetime import date

import pytest
from pyxform.survey_element import SurveyElement
from pyxform.xls2xform import convert

from forms.engine import Form, Question
from forms.engine.workbook import compared_by_identity
from forms.questionnaires import (
    Parameter,
    UnknownQuestionnaire,
    catalog,
    default_parameters,
    load_questionnaire,
    parameters_csv,
    questionnaire,
    xform,
)
from tests.forms.questionnaires.annual_case import annual


def test_pyxform_converts_it_without_a_word() -> None:
    warnings: list[str] = []
    with compared_by_identity():
        convert(xlsform=questionnaire("annual").path, validate=False, warnings=warnings)
    assert warnings == []


def test_comparing_by_identity_is_undone_afterwards() -> None:
    before = SurveyElement.__eq__
    with pytest.raises(RuntimeError), compared_by_identity():
        raise RuntimeError
    assert SurveyElement.__eq__ is before


def test_the_engine_finds_nothing_wrong() -> None:
    assert isinstance(annual(), Form)
    assert annual().problems == ()
    assert (annual().form_id, annual().default_language) == ("annual", "中文 (zh)")
    assert annual().languages == ("中文 (zh)", "English (en)")


def test_the_file_is_utf_8_without_a_mark_and_ends_lines_plainly() -> None:
    data = questionnaire("annual").path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    data.decode("utf-8")


def test_lasting_ids_and_slow_facts_are_marked() -> None:
    assert annual().node("/data/member/row_uid").fa["rowid"] == "true"
    slow = {node.name for node in annual().walk() if isinstance(node, Question) and node.fa.get("prefill")}
    assert {"mem_no", "mem_name", "mem_idno", "mem_birth", "edu_level", "hou_struct", "hou_year", "hh_phone"} <= slow
    assert not slow & {"mem_months_home", "lab_year_pay", "med_total", "loan_balance", "dur_tv_n"}


def test_a_state_and_a_confirmation_merge_with_their_answer() -> None:
    assert annual().register("/data/qa1/hh_phone") == (
        "/data/qa1/hh_phone",
        "/data/qa1/hh_phone__st",
        "/data/qa1/hh_phone__ok",
    )


def test_the_catalog_tells_what_there_is() -> None:
    assert catalog()[0].name == "annual"
    assert questionnaire("annual").title == annual().title
    assert load_questionnaire("annual") is annual()
    with pytest.raises(UnknownQuestionnaire) as caught:
        xform("monthly")
    assert caught.value.sentence() == "没有名为“monthly”的问卷。可用的问卷见“问卷”列表。"


def test_every_default_parameter_says_where_it_comes_from() -> None:
    for parameter in default_parameters():
        assert parameter.document, parameter.name
        assert parameter.effective_from >= date(2021, 1, 1)


def test_of_several_values_the_latest_in_force_holds() -> None:
    values = (
        Parameter("monitor_line", "6000", date(2021, 1, 1), "a"),
        Parameter("monitor_line", "9000", date(2027, 1, 1), "c"),
        Parameter("monitor_line", "8000", date(2026, 1, 1), "b"),
    )
    assert parameters_csv(values, date(2026, 6, 1)) == b"name,value\nmonitor_line,8000\n"
    assert parameters_csv(values, date(2020, 6, 1)) == b"name,value\n"


def test_the_monitoring_line_of_today_has_to_be_entered() -> None:
    assert b"\nmonitor_line,\n" in parameters_csv(default_parameters(), date(2026, 1, 10))
    assert b"\nmonitor_line,6000\n" in parameters_csv(default_parameters(), date(2021, 6, 1))
