"""登记到访: a visit that became no interview, noted in half a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from fieldapp.services import assigning
from fieldapp.services.handing_in import hand_in, hand_in_list
from fieldapp.services.opened_interview import OpenInterview, VisitOutcome, begin
from fieldapp.services.session import CHINA, Session
from forms.engine import AnswerRefused, Cell, Effects, Repeat


def record_visit(session: Session, assignment: str, visit: VisitOutcome) -> str:
    """登记到访: a visit without an interview, in under 30 seconds. A final outcome (3xx, 4xx) also becomes the result of the
    interview, which is handed in when nothing else stands in the way. Returns the interview's root id."""
    opened = begin(session, assignment)
    steps: list[Effects] = []
    _visit_row(opened, visit, steps)
    final = visit.outcome[:1] in ("3", "4")
    if final:
        _answer(opened, ("cov_outcome", "q_outcome"), (), visit.outcome, steps)
        if visit.refuse_reasons:
            names = ("cov_refuse_reason", "q_refuse_reason")
            _answer(opened, names, (), " ".join(visit.refuse_reasons), steps)
    for effects in steps:
        opened.save(effects)
    if visit.next_visit_on is not None:
        day = visit.next_visit_on
        morning = datetime(day.year, day.month, day.day, 9, 0, tzinfo=CHINA)
        assigning.plan_visit(session, assignment, morning, visit.remark)
    if final and hand_in_list(opened).ready:
        hand_in(opened)
    else:
        opened.leave()
    return opened.header.interview


def _visit_row(opened: OpenInterview, visit: VisitOutcome, steps: list[Effects]) -> None:
    form, interview = opened.form, opened.interview
    repeat = next(
        (
            node
            for node in form.walk()
            if isinstance(node, Repeat) and any(child.name.endswith("visit_outcome") for child in node.children)
        ),
        None,
    )
    if repeat is None:
        return
    at = visit.visited_at.astimezone(CHINA)
    row = next((one for one in interview.rows(Cell(repeat.path)) if _is_blank(opened, repeat, one)), None)
    if row is None:
        before = set(interview.rows(Cell(repeat.path)))
        steps.append(interview.add_row(Cell(repeat.path)))
        row = next(one for one in interview.rows(Cell(repeat.path)) if one not in before)
    answers = {
        "visit_date": at.date().isoformat(),
        "visit_start": at.strftime("%H:%M:00.000+08:00"),
        "visit_end": (at + timedelta(minutes=5)).strftime("%H:%M:00.000+08:00"),
        "visit_mode": visit.mode,
        "visit_outcome": visit.outcome,
        "visit_next": visit.next_visit_on.isoformat() if visit.next_visit_on else "",
    }
    for child in repeat.children:
        for ending, value in answers.items():
            if child.name.endswith(ending) and value:
                _try_answer(opened, Cell(child.path, (row,)), value, steps)


def _is_blank(opened: OpenInterview, repeat: Repeat, row_id: str) -> bool:
    asked = [child for child in repeat.children if child.name.endswith(("visit_date", "visit_outcome"))]
    return all(opened.interview.value(Cell(child.path, (row_id,))) == "" for child in asked)


def _answer(
    opened: OpenInterview, names: tuple[str, ...], rows: tuple[str, ...], value: str, steps: list[Effects]
) -> None:
    for name in names:
        path = opened.form.path_of(name)
        if path:
            _try_answer(opened, Cell(path, rows), value, steps)
            return


def _try_answer(opened: OpenInterview, cell: Cell, value: str, steps: list[Effects]) -> None:
    """A form of another county may not ask this; then it is not written."""
    try:
        steps.append(opened.interview.answer(cell, value))
    except AnswerRefused:
        return
