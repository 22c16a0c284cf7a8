"""One household is interviewed: begin or open, keep every answer, leave, hand in, note a visit.

Threads: :func:`begin`, :func:`open_interview`, :func:`hand_in_list`, :func:`hand_in`, ``OpenInterview.leave`` and everything on
``OpenInterview.interview`` belong to the thread that holds the interview (the window's). ``OpenInterview.save``, ``seal`` and
``remember_place`` touch the database alone and may run on the database thread, in order.
"""

from __future__ import annotations

from fieldapp.services.handing_in import hand_in, hand_in_list
from fieldapp.services.opened_interview import (
    HandInItem,
    HandInList,
    Header,
    OpenInterview,
    PinnedComment,
    Previous,
    TypingEvent,
    VisitOutcome,
    begin,
    comments_of,
    open_interview,
)
from fieldapp.services.visiting import record_visit

__all__ = [
    "HandInItem",
    "HandInList",
    "Header",
    "OpenInterview",
    "PinnedComment",
    "Previous",
    "TypingEvent",
    "VisitOutcome",
    "begin",
    "comments_of",
    "hand_in",
    "hand_in_list",
    "open_interview",
    "record_visit",
]
