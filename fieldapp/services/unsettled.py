"""Tasks that somebody has to decide on, since their household ended, moved to another village or divided (monitoring.md 9.6).

Nothing of an assignment or an interview changes by itself when the register does: the answers stay, the task is marked, and the
supervisor settles it with a result of the office (interview_outcome 410 …), gives it to an enumerator of the new village, or hands
out one for a followed split household. A task that was settled can be opened again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services.assigning import Assignment, as_assignment, write_fields
from fieldapp.services.codes import code_label, status_label
from fieldapp.services.household_states import closed_words, state_words
from fieldapp.services.leasing import households_left, may_see
from fieldapp.services.listing import staff_names
from fieldapp.services.register_views import household_of
from fieldapp.services.session import Session
from fieldapp.services.visit_log import final_outcome
from fieldapp.store import activity
from fieldapp.store.households import ENDED
from fieldapp.store.projections import CLOSED
from fieldapp.store.tables import AssignmentRow, HouseholdRow, Staff
from fieldapp.words import _
from forms.errors import FieldAppError
from forms.monitoring import living
from forms.monitoring.living_moves import TRACKED
from sync.change import Kind
from sync.records import FormStatus
from sync.scope import Role

SETTLING = (Role.TSUP, Role.CADM)
OUTCOMES = ("410", "420", "430", "440", "450", "470", "520")
_LEAST_WORDS = 4
_RETURNED = (int(FormStatus.RETURNED_TOWNSHIP), int(FormStatus.RETURNED_COUNTY))


class NotToBeClosed(FieldAppError):
    """A task is to be settled without an interview that is not one of these."""

    zh = "这户的任务不能这样办结：{why}。任务和填过的都没有动。"


class Why(StrEnum):
    """Why a task waits for a decision."""

    ENDED = "ended"
    MOVED = "moved"
    FOLLOWED = "followed"
    CLOSED = "closed"  # settled already; it can be opened again


@dataclass(frozen=True, slots=True)
class OpenTask:
    """One task to be decided on.

    Attributes:
        assignment: root id; "" for a followed household that has none yet (``form_id`` and ``period`` say which).
        answered: an interview of it was begun; its answers stay whatever is decided.
        outcome: interview_outcome that fits what became of the household, "" none.
        words: what happened and what can be done, one sentence.
        workers: (account, name) of the enumerators of the household's village, for giving the task to one of them.
    """

    why: Why
    household: str
    hh_id: str
    head_name: str
    village_name: str
    assignment: str
    form_id: str
    period: str
    enumerator: str
    enumerator_name: str
    answered: bool
    status_label: str
    outcome: str
    words: str
    workers: tuple[tuple[str, str], ...] = ()


def open_tasks(session: Session, household: str = "") -> tuple[OpenTask, ...]:
    """What waits for a decision in this person's scope, an enumerator's own tasks for an enumerator.

    Args:
        household: of this one alone; "" for all.
    """
    session.require("看待定的任务", Role.ENUM, *SETTLING)
    with session.database.reading() as reading:
        left = households_left(session, reading)
        every = (*_changed(session, reading, household), *_followed(session, reading, household))
        found = [one for one in every if left is None or one.household in left]
    return tuple(sorted(found, key=_place))


def closed_tasks(session: Session, household: str) -> tuple[OpenTask, ...]:
    """Tasks of a household that the office settled without an interview, with what was written then."""
    session.require("看待定的任务", Role.ENUM, *SETTLING)
    found = []
    with session.database.reading() as reading:
        there = reading.get(HouseholdRow, household) if may_see(session, reading, household) else None
        for task in _tasks(reading, household) if there is not None else ():
            if task.closed and there is not None and _in_scope(session, there, task):
                said = session.changes.view(reading, task.root).value(CLOSED)
                why = str(said.get("words", "")) if isinstance(said, dict) else ""
                words = f"{closed_words(task.closed)}　{why}"
                found.append(
                    _line(Why.CLOSED, there, as_assignment(reading, task), staff_names(reading), task.closed, words)
                )
    return tuple(sorted(found, key=_place))


def _place(one: OpenTask) -> tuple[str, str, str]:
    return one.hh_id, one.period, one.form_id


def _in_scope(session: Session, household: HouseholdRow, task: AssignmentRow | None) -> bool:
    if session.role is Role.ENUM:
        return task is not None and task.enumerator == session.account
    return session.role is Role.CADM or household.village_code in session.village_codes


def _changed(session: Session, reading: SqlSession, household: str) -> Iterator[OpenTask]:
    villages = _villages(reading)
    names = staff_names(reading)
    query = select(AssignmentRow, HouseholdRow).where(
        AssignmentRow.household == HouseholdRow.root, AssignmentRow.closed == ""
    )
    if household:
        query = query.where(HouseholdRow.root == household)
    for task, there in reading.exec(query):
        ended = there.state in ENDED
        moved = task.enumerator in villages and there.village_code not in villages[task.enumerator]
        if not (ended or moved) or not _in_scope(session, there, task):
            continue
        known = as_assignment(reading, task)
        if known.status >= int(FormStatus.SUBMITTED) and known.status not in _RETURNED:
            continue
        outcome = outcome_for(session, reading, there) if ended else ""
        words = _ended_words(there, outcome) if ended else _moved_words(there, villages)
        line = _line(Why.ENDED if ended else Why.MOVED, there, known, names, outcome, words)
        yield line if ended else replace(line, workers=_workers(villages, names, there.village_code))


def _villages(reading: SqlSession) -> dict[str, list[str]]:
    """Account of every enumerator → villages worked in."""
    return {row.account: row.villages.split() for row in reading.exec(select(Staff).where(Staff.role == Role.ENUM))}


def _workers(villages: dict[str, list[str]], names: dict[str, str], village: str) -> tuple[tuple[str, str], ...]:
    return tuple((account, names[account]) for account in sorted(villages) if village in villages[account])


def _line(why: Why, there: HouseholdRow, task: Assignment, names: dict[str, str], outcome: str, words: str) -> OpenTask:
    return OpenTask(
        why=why,
        household=there.root,
        hh_id=there.hh_id,
        head_name=there.head_name,
        village_name=there.village_name,
        assignment=task.assignment,
        form_id=task.form_id,
        period=task.period,
        enumerator=task.enumerator,
        enumerator_name=names.get(task.enumerator, task.enumerator),
        answered=bool(task.interviews),
        status_label=status_label(task.status),
        outcome=outcome,
        words=words,
    )


def outcome_for(session: Session, reading: SqlSession, there: HouseholdRow) -> str:
    """The result that fits a household that ended: 440 merged, 420 moved out, 410 all died, 430 all went to other households."""
    if there.state == living.MERGED:
        return "440"
    if there.state == living.TWICE:
        return "520"
    if there.state == living.AWAY:
        return "420"
    gone = [person.left for person in household_of(session.changes.view(reading, there.root)).people]
    if gone and all(code in living.DEATHS for code in gone):
        return "410"
    return "430" if living.SPLIT_OFF in gone else "420"


def _ended_words(there: HouseholdRow, outcome: str) -> str:
    return _("{what}；访到了就交卷，没访到按 {code}（{label}）办结").format(
        what=state_words(there.state, there.ended_to), code=outcome, label=code_label("interview_outcome", outcome)
    )


def _moved_words(there: HouseholdRow, villages: dict[str, list[str]]) -> str:
    if any(there.village_code in codes for codes in villages.values()):
        return _("整户迁到{village}，改派给那里的调查员接着访").format(village=there.village_name)
    return _("整户迁到{village}，那里没有调查员，按 420 办结").format(village=there.village_name)


def _followed(session: Session, reading: SqlSession, household: str) -> Iterator[OpenTask]:
    """Followed split households without the tasks that the household they came from has."""
    if session.role is Role.ENUM:
        return
    names, villages = staff_names(reading), _villages(reading)
    query = select(HouseholdRow).where(HouseholdRow.sample_role == TRACKED, col(HouseholdRow.state).not_in(ENDED))
    for there in reading.exec(query.where(HouseholdRow.root == household) if household else query):
        shown = session.changes.view(reading, there.root)
        parent = reading.exec(
            select(HouseholdRow).where(HouseholdRow.hh_id == str(shown.value("split_from") or ""))
        ).first()
        if parent is None or shown.value("sample_until") or not _in_scope(session, there, None):
            continue
        own = {(one.form_id, one.period) for one in _tasks(reading, there.root)}
        since = str(shown.value("split_on") or "")[:7]
        waiting = [one for one in _tasks(reading, parent.root) if not one.closed and _ends(one.period) >= since]
        newest = max((one.period for one in waiting), default="")
        for task in waiting:
            known = as_assignment(reading, task)
            if (task.form_id, task.period) in own or task.period != newest:
                continue
            words = _("分户跟踪户，{period} 还没有任务；原户由{who}访").format(
                period=task.period, who=names.get(task.enumerator, task.enumerator)
            )
            line = _line(Why.FOLLOWED, there, known, names, "", words)
            workers = _workers(villages, names, there.village_code)
            yield replace(line, assignment="", answered=False, status_label=status_label(0), workers=workers)


def _tasks(reading: SqlSession, household: str) -> list[AssignmentRow]:
    return list(reading.exec(select(AssignmentRow).where(AssignmentRow.household == household)))


def _ends(period: str) -> str:
    """The last month of a period."""
    return f"{period[:4]}-{int(period[5]) * 3:02d}" if len(period) == len("2026Q1") else f"{period[:4]}-12"


# --- deeds ------------------------------------------------------------------------------------------------------------


def close_task(session: Session, assignment: str, outcome: str, words: str) -> None:
    """办结: nobody works on a task any more whose household ended or moved; what was answered stays and can still be read.

    The result counts where results are counted (progress, weights, replacement), as long as no interview states one.

    Args:
        outcome: one of :data:`OUTCOMES`. words: what it was decided on, at least four characters.
    Raises:
        NotToBeClosed, NotAllowed.
    """
    session.require("办结任务", *SETTLING)
    if outcome not in OUTCOMES:
        raise NotToBeClosed("outcome", why=_("结果要是 {codes} 之一").format(codes="、".join(OUTCOMES)))
    if len(words.strip()) < _LEAST_WORDS:
        raise NotToBeClosed("no words", why=_("要写明依据（不少于 4 个字）"))
    with session.database.transaction() as writing:
        row, there = _task_in_scope(session, writing, assignment)
        if not [one for one in _changed(session, writing, there.root) if one.assignment == assignment]:
            raise NotToBeClosed("nothing happened", why=_("这户还在册、没有迁走，或者卷已经交了、任务已经办结"))
        stated = final_outcome(session, writing, assignment)
        if stated:
            why = _("卷里已填最终结果 {code}，让调查员交卷").format(code=stated)
            raise NotToBeClosed("stated", why=why)
        said = {
            "outcome": outcome, "by": session.account, "on": session.today().isoformat(), "words": words.strip(),
        }  # fmt: skip
        write_fields(session, writing, row.root, Kind.NOTE, {CLOSED: said})
        activity.note(writing, session.now(), session.account, "close task", assignment, outcome)


def reopen_task(session: Session, assignment: str, words: str) -> None:
    """Takes a settlement back: the task is open as it was.

    Raises:
        NotToBeClosed: it is open. NotAllowed.
    """
    session.require("重开任务", *SETTLING)
    with session.database.transaction() as writing:
        row, _there = _task_in_scope(session, writing, assignment)
        if not row.closed:
            raise NotToBeClosed("open", why=_("任务本来就开着"))
        said = {"outcome": "", "by": session.account, "on": session.today().isoformat(), "words": words.strip()}
        write_fields(session, writing, row.root, Kind.NOTE, {CLOSED: said})
        activity.note(writing, session.now(), session.account, "reopen task", assignment)


def _task_in_scope(session: Session, reading: SqlSession, assignment: str) -> tuple[AssignmentRow, HouseholdRow]:
    row = reading.get(AssignmentRow, assignment)
    there = reading.get(HouseholdRow, row.household) if row is not None else None
    if row is None or there is None or not _in_scope(session, there, row):
        raise NotToBeClosed("not here", why=_("这项任务不在本机，或不归您管"))
    return row, there
