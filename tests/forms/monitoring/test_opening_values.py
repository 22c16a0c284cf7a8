"""Single values of county tables, as people and spreadsheets write them."""

from __future__ import annotations

import pytest

from forms.monitoring import opening_values as values
from forms.monitoring.opening import Numeric


@pytest.mark.parametrize(
    "written",
    [
        "1963-1-5", "1963/01/05", "1963.1.5", "19630105", "1963年1月5日", "１９６３年１月５日", "一九六三年一月五日",
        " 1963-01-05 ", "1963-01-05 00:00:00", Numeric("23016"), "23016", "23016.0",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    assert values.day(written) == "1963-01-05"


@pytest.mark.parametrize("written", ["1963-13-01", "六三年", "1963", "0", "不详"])
def test_what_is_no_day_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        values.day(written)


@pytest.mark.parametrize(
    ("written", "said"),
    [("2021年5月", "2021-05"), ("202105", "2021-05"), ("2021-05-17", "2021-05"), ("", ""), ("无", "")],
)
def test_a_month_is_read(written: str, said: str) -> None:
    assert values.month(written) == said


@pytest.mark.parametrize(
    "written", ["5.29900196301E+17", Numeric("5.29900196301011E+17"), Numeric("529900196301010120")]
)
def test_a_number_that_a_spreadsheet_has_rounded_is_refused_and_never_used(written: str) -> None:
    with pytest.raises(values.Destroyed):
        values.code(written)


def test_long_codes_kept_as_text_and_short_ones_kept_as_numbers_are_read() -> None:
    assert values.code("５２９９００１９６３０１０１０１２ｘ") == "52990019630101012X"
    assert values.code("52990019630101012x ") == "52990019630101012X"
    assert values.code("'529900196301010123") == "529900196301010123"
    assert values.code(Numeric("529900101200")) == "529900101200"
    assert values.code(Numeric("529900101200.0")) == "529900101200"


@pytest.mark.parametrize(
    ("idno", "wrong"),
    [
        ("11010519491231002X", ""),
        ("110105194912310021", "校验码"),
        ("110105194913310025", "出生日期"),
        ("990105194912310026", "省份"),
        ("110105491231002", "15 位"),
        ("1101051949123100", "16 位"),
        ("11010519491231002X43", ""),
        ("11010519491231002X93", "残疾人证"),
        ("11010519491231002X43B1", ""),
    ],
)
def test_identity_numbers_are_judged_as_codelists_3_says(idno: str, wrong: str) -> None:
    found = values.idno_problem(idno)
    assert found == "" if wrong == "" else wrong in found


@pytest.mark.parametrize(
    ("written", "list_name", "code"),
    [
        ("之子", "relation", "20"), ("长女", "relation", "30"), ("本人或户主", "relation", "02"), ("土家", "ethnicity", "15"),
        ("汉族", "ethnicity", "01"), (Numeric("1"), "ethnicity", "01"), ("1", "sex", "1"), ("女", "sex", "2"),
        ("脱贫户（未纳入监测）", "hh_type", "1"), ("脱贫户", "hh_type", "1"), ("边缘易致贫户", "hh_type", "3"), ("是", "yes_no", "1"),
        ("无", "yes_no", "2"), ("", "sex", ""), ("弱劳动力或半劳动力", "labour_skill", "3"), ("举家外出一年以上", "frame_out", "1"),
    ],
)  # fmt: skip
def test_labels_and_codes_become_codes(written: str, list_name: str, code: str) -> None:
    assert values.chosen(written, list_name) == code


def test_several_labels_in_one_cell_are_several_codes() -> None:
    assert values.several("长期慢性病，残疾", "health") == "2 4"
    with pytest.raises(ValueError, match="code"):
        values.several("长期慢性病，感冒", "health")
