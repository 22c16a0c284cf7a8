"""Figures as typed, amounts in words, dates as typed."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from fieldapp.ui.interview.figures import FigureUnclear, echo, in_words, shown, understand
from fieldapp.ui.interview.moments import (
    MomentUnclear,
    understand_date,
    understand_date_time,
    understand_month,
    understand_time,
    whole_time,
)


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("120+80", "元", "200"),
        ("860*3", "元", "2580"),
        ("=2.5*480", "元", "1200"),
        ("(2+3)*4-1", "", "19"),
        ("-5", "", "-5"),
        ("30j", "公斤", "15"),
        ("30斤", "公斤", "15"),
        ("30j", "斤", "30"),
        ("215y", "元", "645"),
        ("1.2w", "元", "12000"),
        ("1.2万", "元", "12000"),
        ("１２００", "元", "1200"),
        ("12。5", "亩", "12.5"),
        ("1，200", "元", "1200"),
        ("1,234,567.80", "元", "1234567.8"),
        ("100元", "元", "100"),
        ("100/3", "元", "33.33"),
        ("", "元", ""),
        ("0", "元", "0"),
    ],
)
def test_a_figure_is_understood_as_it_is_said(typed, unit, value):
    assert understand(typed, unit=unit).value == value


@pytest.mark.parametrize("typed", ["abc", "12+", "1/0", "()", "3 4", "1" * 70, "9" * 20, "一百"])
def test_what_is_no_figure_is_refused_with_a_sentence(typed):
    with pytest.raises(FigureUnclear) as refused:
        understand(typed)
    assert len(refused.value.sentence) > 4


def test_a_whole_number_takes_no_fraction():
    assert understand("12", integer=True).value == "12"
    with pytest.raises(FigureUnclear):
        understand("12.5", integer=True)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零"),
        ("10", "十"),
        ("15", "十五"),
        ("105", "一百零五"),
        ("1200", "一千二百"),
        ("1005", "一千零五"),
        ("12000", "一万二千"),
        ("10005", "一万零五"),
        ("100050", "十万零五十"),
        ("12003400", "一千二百万三千四百"),
        ("100000000", "一亿"),
        ("2.5", "二点五"),
        ("-3", "负三"),
    ],
)
def test_an_amount_is_read_back_in_words(amount, words):
    assert in_words(Decimal(amount)) == words


def test_the_echo_tells_the_conversion():
    assert echo("1200", unit="元") == "一千二百元"
    assert echo("1200.5", unit="元") == "一千二百元五角"
    assert echo("30j", unit="公斤") == "30 斤 ＝ 15 公斤"
    assert echo("215y", unit="元") == "每月 215，3 个月 645"
    assert echo("2.5", unit="亩") == "约 1,667 平方米"
    assert echo("120+80", unit="元") == "＝ 200　二百元"
    assert echo("12", unit="天") == ""


def test_a_saved_figure_is_shown_with_commas():
    assert shown("1234567.5") == "1,234,567.5"
    assert shown("abc") == "abc"


TODAY = date(2026, 9, 22)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("20260922", "2026-09-22"),
        ("2026-9-2", "2026-09-02"),
        ("2026年9月2日", "2026-09-02"),
        ("0915", "2026-09-15"),
        ("9.5", "2026-09-05"),
        ("9。5", "2026-09-05"),
        ("22", "2026-09-22"),
        ("-1", "2026-09-21"),
        ("０９１５", "2026-09-15"),
        ("", ""),
    ],
)
def test_a_date_is_understood_as_it_is_typed(typed, day):
    assert understand_date(typed, TODAY) == day


def test_a_day_without_a_year_lies_in_the_past_when_it_would_be_far_ahead():
    assert understand_date("1220", date(2026, 1, 5)) == "2025-12-20"


@pytest.mark.parametrize("typed", ["0230", "13.40", "hello", "99999999"])
def test_a_day_that_is_none_is_refused(typed):
    with pytest.raises(MomentUnclear):
        understand_date(typed, TODAY)


def test_months_and_times_are_understood():
    assert understand_month("202609", TODAY) == "2026-09-01"
    assert understand_month("9", TODAY) == "2026-09-01"
    assert [understand_time(text) for text in ("930", "0930", "9:30", "9点半", "9")] == ["09:30"] * 4 + ["09:00"]
    assert understand_date_time("9.22 930", TODAY) == "2026-09-22T09:30"
    with pytest.raises(MomentUnclear):
        understand_time("2575")


def test_a_time_is_kept_as_odk_keeps_it():
    now = datetime(2026, 9, 22, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert whole_time("09:10", now) == "09:10:00.000+08:00"
    assert whole_time("2026-09-22T09:10", now) == "2026-09-22T09:10:00.000+08:00"
    assert whole_time("09:10", now.replace(tzinfo=None)) == "09:10:00.000"
    assert whole_time("", now) == ""
