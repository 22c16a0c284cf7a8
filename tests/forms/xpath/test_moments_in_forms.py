"""A date with time compared by size with a date counts by the local clock (DIFFERENCES.md, 12), in forms too."""

from forms.engine import Interview


def test_a_visit_at_three_in_the_morning_lies_in_its_own_day(in_zone, interview_of):
    in_zone("Asia/Shanghai")
    interview: Interview = interview_of(
        """
        | type      | name  | label | calculation        |
        | text      | visit | Visit |                    |
        | text      | day   | Day   |                    |
        | calculate | held  |       | ${visit} >= ${day} |
        """
    )
    interview.answer("visit", "2024-06-15T03:00:00.000+08:00")
    interview.answer("day", "2024-06-15")
    assert interview.value("held") == "true"
