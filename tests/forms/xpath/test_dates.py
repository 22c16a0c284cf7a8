"""Dates and times, in three zones."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from forms.engine.xpath.values import local_moment
from tests.forms.xpath.reference import value_of


@pytest.mark.parametrize(
    ("zone", "today", "now"),
    [
        ("UTC", "2024-06-15", "2024-06-15T20:20:30.500+00:00"),
        ("America/Phoenix", "2024-06-15", "2024-06-15T13:20:30.500-07:00"),
        ("Asia/Shanghai", "2024-06-16", "2024-06-16T04:20:30.500+08:00"),
    ],
)
def test_today_and_now_are_local_with_offset(in_zone, zone, today, now):
    in_zone(zone)
    moment = datetime(2024, 6, 15, 20, 20, 30, 500_000, tzinfo=UTC).astimezone()
    assert value_of("today()", now=moment) == today
    assert value_of("now()", now=moment) == now


@pytest.mark.parametrize("zone", ["UTC", "America/Phoenix", "Asia/Shanghai"])
@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("number('2012-05-20')", 15480.0),
        ("'2012-05-20' - '2012-05-18'", 2.0),
        ("date('2012-05-20') + 30", 15510.0),
        ("date(15480)", "2012-05-20"),
        ("date('2012-05-20')", "2012-05-20"),
        ("date('2012-05-20' + 30)", "2012-06-19"),
        ("date(decimal-date-time('2012-05-20') + 30)", "2012-06-19"),
        ("date('')", ""),
        ("date('not a date')", ""),
        ("date('2012-13-40')", ""),
        ("date(0 div 0)", ""),
        ("date(1 div 0)", ""),
        ("date(999999999999)", ""),
        ("date-time('nonsense')", ""),
        ("format-date('2012-05-02', '%Y/%m/%d %e %n %y')", "2012/05/02 2 5 12"),
        ("format-date('2012-05-20', '%b %a')", "May Sun"),
        ("format-date('2012-05-20', '100%% %W %')", "100% %W %"),
        ("format-date(15480 + 30, '%Y-%m-%d')", "2012-06-19"),
        ("format-date('', '%Y')", ""),
        ("format-date('abc', '%Y')", ""),
        ("format-date-time('2012-05-20', '%H:%M:%S.%3 %h')", "00:00:00.000 0"),
        ("format-date-time(date-time('2012-05-20'), '%Y-%m-%d %H:%M')", "2012-05-20 00:00"),
        ("format-date-time('2012-05-20T08:05:06.789', '%H:%M:%S.%3 %h')", "08:05:06.789 8"),
        ("decimal-time('06:00:00.000')", 0.25),
        ("decimal-time('12:00')", 0.5),
        ("decimal-time('2012-05-20T18:00:00')", 0.75),
        ("decimal-time('2012-05-20')", 0.0),
        ("decimal-time(3.25)", 0.25),
        ("int(('2024-06-15' - '2004-06-15') div 365.25)", 20.0),
        ("'2024-06-15T03:00:00' > '2024-06-15'", True),
        ("'2024-06-15T03:00:00' < '2024-06-15'", False),
        ("int('2012-05-20T03:00:00')", 15480.0),
        ("number('2012-05-20T23:00:00')", 15480.0),
        ("date('2012-05-20T03:00:00') = '2012-05-20'", True),
    ],
)
def test_calendar_days_are_the_same_in_every_zone(in_zone, zone, text, result):
    in_zone(zone)
    assert value_of(text) == result


@pytest.mark.parametrize(
    "text", ["decimal-date-time('x')", "decimal-time('25:00')", "decimal-time('x')", "decimal-time('')"]
)
def test_what_is_no_time_is_no_number(text):
    result = value_of(text)
    assert result != result


@pytest.mark.parametrize(
    ("zone", "text", "result"),
    [
        ("UTC", "decimal-date-time('2012-05-20')", 15480.0),
        ("America/Phoenix", "round(decimal-date-time('2012-05-20'), 4)", 15480.2917),
        ("America/Phoenix", "round(decimal-date-time('2012-05-20T12:30:00.000Z'), 4)", 15480.5208),
        ("America/Phoenix", "date-time(15480.5)", "2012-05-20T05:00:00.000-07:00"),
        ("America/Phoenix", "date-time('2012-05-20T10:00:00.000+02:00')", "2012-05-20T01:00:00.000-07:00"),
        ("Asia/Shanghai", "date('2012-05-20T20:00:00Z')", "2012-05-21"),
        ("Asia/Shanghai", "date(15480.9)", "2012-05-21"),
        ("America/Phoenix", "number('2012-05-20T00:00:00Z')", 15479.0),
        ("Asia/Shanghai", "round(decimal-date-time('1951-05-20'), 4)", -6801.3333),
        ("Asia/Shanghai", "format-date('2012-05-20T20:00:00Z', '%d')", "21"),
        ("Asia/Shanghai", "decimal-time('2012-05-20T04:00:00Z')", 0.5),
        ("Asia/Shanghai", "decimal-time('12:00:00.000+08:00')", 0.5),
        ("Asia/Shanghai", "decimal-time('12:00:00.000Z')", 20 / 24),
        ("Asia/Shanghai", "round(('2012-05-20T12:00:00+08:00' - '2012-05-20T06:00:00+08:00') * 24, 6)", 6.0),
        ("Asia/Shanghai", "format-date-time(date-time('2012-05-20T12:00:00+08:00' + 0.5), '%d %H:%M')", "21 00:00"),
    ],
)
def test_moments_follow_the_local_zone(in_zone, zone, text, result):
    in_zone(zone)
    assert value_of(text) == pytest.approx(result)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("", "May Sun"),
        ("English (en)", "May Sun"),
        ("中文 (zh)", "5月 周日"),
        ("中文", "5月 周日"),
        ("Français (fr)", "mai dim."),
        ("es", "may dom"),
        ("Klingon (tlh)", "May Sun"),
        ("Some Language", "May Sun"),
    ],
)
def test_names_of_months_and_days_follow_the_language_of_the_form(language, names):
    assert value_of("format-date('2012-05-20', '%b %a')", language=language) == names


def test_a_birthday_before_1970_has_a_local_midnight_on_windows_too():
    zone = timezone(timedelta(hours=8))

    def like_windows(moment):
        if moment.year < 1970:
            raise OSError(22, "Invalid argument")
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)

    birthday = datetime(1951, 5, 20)  # noqa: DTZ001
    assert local_moment(birthday, like_windows) == datetime(1951, 5, 20, tzinfo=zone)
    assert local_moment(datetime(1948, 2, 28, 20, tzinfo=UTC), like_windows) == datetime(1948, 2, 29, 4, tzinfo=zone)
