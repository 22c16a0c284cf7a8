"""Finding households: lists, search, the enumerator's home, the slip read before knocking, the page of one household."""

from __future__ import annotations

from fieldapp.services.household_page import household_card, household_page
from fieldapp.services.household_views import (
    EnumeratorHome,
    GroupCount,
    HistoryLine,
    HouseholdCard,
    HouseholdList,
    HouseholdPage,
    HouseholdRow,
    InProgressLine,
    InterviewLine,
    MemberLine,
    PeriodFigure,
    PrintLine,
    ReturnedLine,
    VisitLine,
    VisitPlan,
    WaveProgress,
)
from fieldapp.services.listing import find_by_code, groups, home_summary, list_households, villages

__all__ = [
    "EnumeratorHome",
    "GroupCount",
    "HistoryLine",
    "HouseholdCard",
    "HouseholdList",
    "HouseholdPage",
    "HouseholdRow",
    "InProgressLine",
    "InterviewLine",
    "MemberLine",
    "PeriodFigure",
    "PrintLine",
    "ReturnedLine",
    "VisitLine",
    "VisitPlan",
    "WaveProgress",
    "find_by_code",
    "groups",
    "home_summary",
    "household_card",
    "household_page",
    "list_households",
    "villages",
]
