"""登记到访: a visit that became no interview, noted in half a minute, by the rules of monitoring.md 9.8."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldapp.services import assigning, visit_log
from fieldapp.services.handing_in import hand_in, hand_in_list
from fieldapp.services.opened_interview import OpenInterview, VisitOutcome, begin
from fieldapp.services.session import CHINA, Session
from fieldapp.store.drafts import Op
from fieldapp.words import _, sentence_of
from forms.engine import AnswerRefused, Cell, Effects, Repeat
from forms.monitoring.visits import (
    NO_CONTACT,
    Company,
    NotFinalYet,
    Visit,
    check_final,
    check_visit,
    final_at_once,
    is_final,
)

_NOBODY_HOME = "210"


@dataclass(frozen=True, slots=True)
class VisitNoted:
    """What became of a visit entered.

    Args:
        interview: root id. final: the period is settled by it. handed_in: and the interview is on its way.
        sentences: why it is not final yet, and what the next visit should be.
    """

    interview: str
    final: bool
    handed_in: bool
    sentences: tuple[str, ...]


def record_visit(session: Session, assignment: str, visit: VisitOutcome) -> VisitNoted:
    """登记到访: a visit without an interview, in under 30 seconds.

    A final outcome (3xx, 4xx) also becomes the result of the interview, which is handed in when nothing else stands in the way; a
    refusal or nobody met only when the visits made allow it (three days, the accompanied visits), else the visit alone is noted.

    Raises:
        TooManyVisits, VisitUnclear: nothing was entered.
    """
    opened = begin(session, assignment)
    with session.database.reading() as reading:
        log = visit_log.log_of(session, reading, opened.header.interview)
    company = Company(visit.company)
    local = visit.visited_at.astimezone(CHINA)
    passing = _NOBODY_HOME if visit.outcome == NO_CONTACT else visit.outcome
    entered = Visit(local, visit.mode, passing, company, visit.next_visit_on)
    try:
        check_visit(log, entered)
    except BaseException:
        opened.leave()
        raise
    whole = (*log, entered)
    said: list[str] = []
    final = is_final(visit.outcome) and final_at_once(whole, visit.outcome)
    if is_final(visit.outcome) and not final:
        try:
            check_final(whole, visit.outcome)
        except NotFinalYet as open_still:
            said.append(sentence_of(open_still))
    steps: list[Effects] = []
    row = _visit_row(opened, entered, steps)
    if final:
        _answer(opened, ("cov_outcome", "q_outcome"), (), visit.outcome, steps)
        _type_of_the_register(opened, steps)
    if visit.refuse_reasons:
        names = ("cov_refuse_reason", "q_refuse_reason")
        _answer(opened, names, (), " ".join(visit.refuse_reasons), steps)
    for effects in steps:
        opened.save(effects)
    if company is not Company.NOBODY and row:
        with session.database.transaction() as writing:
            opened.put_ops(writing, [Op("set", visit_log.COMPANY, (row,), str(company))])
    if visit.next_visit_on is not None:
        day = visit.next_visit_on
        morning = datetime(day.year, day.month, day.day, 9, 0, tzinfo=CHINA)
        assigning.plan_visit(session, assignment, morning, visit.remark)
    blocking = hand_in_list(opened).blocking if final else ()
    handed_in = final and not blocking
    if handed_in:
        hand_in(opened)
    else:
        said += [_("还不能交：{what}").format(what=f"{item.number} {item.sentence}") for item in blocking[:1]]
        opened.leave()
    said += visit_log.advice(session, assignment).sentences
    return VisitNoted(opened.header.interview, final, handed_in, tuple(said))


def _visit_row(opened: OpenInterview, visit: Visit, steps: list[Effects]) -> str:
    """Enters the visit into the roster of visits; the row's id, "" in a form without one."""
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
        return ""
    row = next((one for one in interview.rows(Cell(repeat.path)) if _is_blank(opened, repeat, one)), None)
    if row is None:
        before = set(interview.rows(Cell(repeat.path)))
        steps.append(interview.add_row(Cell(repeat.path)))
        row = next(one for one in interview.rows(Cell(repeat.path)) if one not in before)
    answers = {
        "visit_date": visit.at.date().isoformat(),
        "visit_start": visit.at.strftime("%H:%M:00.000+08:00"),
        "visit_end": (visit.at + timedelta(minutes=5)).strftime("%H:%M:00.000+08:00"),
        "visit_mode": visit.mode,
        "visit_outcome": visit.outcome,
        "visit_next": visit.next_on.isoformat() if visit.next_on else "",
    }
    for child in repeat.children:
        for ending, value in answers.items():
            if child.name.endswith(ending) and value:
                _try_answer(opened, Cell(child.path, (row,)), value, steps)
    return row


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


def _type_of_the_register(opened: OpenInterview, steps: list[Effects]) -> None:
    """Q004 is asked of every result; where nobody could be asked the township's register says it (Q004: 以乡镇名册为准)."""
    known = opened.register.get("", {}).get("hh_type_now", "")
    path = opened.form.path_of("q_hh_type_now")
    if path and known and opened.interview.value(Cell(path)) == "":
        _try_answer(opened, Cell(path), known, steps)


def _try_answer(opened: OpenInterview, cell: Cell, value: str, steps: list[Effects]) -> None:
    """A form of another county may not ask this; then it is not written."""
    try:
        steps.append(opened.interview.answer(cell, value))
    except AnswerRefused:
        return
