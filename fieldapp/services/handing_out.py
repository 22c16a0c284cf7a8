"""下发任务: a period's assignments for the households of the sample, each to an enumerator who works in its village."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session as SqlSession
from sqlmodel import select

from fieldapp.services import draw_records, periods
from fieldapp.services.assigning import NewAssignment, assign_in
from fieldapp.services.drawing_sample import followed_households, roots_by_number
from fieldapp.services.session import Session
from fieldapp.store import activity, facts
from fieldapp.store.households import ENDED
from fieldapp.store.tables import AssignmentRow, HouseholdRow, Staff
from sync.scope import Role


@dataclass(frozen=True, slots=True)
class Task:
    """A household that would be given to somebody; ``enumerator`` is an account, "" where nobody works in its village."""

    household: str
    hh_id: str
    head_name: str
    village: str
    village_name: str
    enumerator: str
    enumerator_name: str
    stays: bool  # with the enumerator who had it last


@dataclass(frozen=True, slots=True)
class Outlook:
    """What handing out a period would do. ``already``: households that have an assignment. ``due_on``: last day of the
    window. ``ended``: numbers of households that are no more."""

    period: str
    tasks: tuple[Task, ...]
    already: int
    due_on: date | None
    ended: tuple[str, ...] = ()

    @property
    def nobody(self) -> tuple[str, ...]:
        """Villages in which no enumerator works; their households wait."""
        return tuple(sorted({one.village for one in self.tasks if not one.enumerator}))


@dataclass(frozen=True, slots=True)
class HandedOut:
    """What was handed out.

    Args:
        assignments: roots of those made now. already: households that had one.
        nobody: villages in which no enumerator works; their households wait.
        ended: hh_ids of the sample that were merged, moved away or are empty: they are to be replaced, not visited.
    """

    assignments: tuple[str, ...]
    already: int
    nobody: tuple[str, ...]
    ended: tuple[str, ...] = ()


def look(session: Session, period: str, form_id: str, *, draw: str = "", enumerators: Sequence[str] = ()) -> Outlook:
    """What :func:`hand_out` with the same words would do; writes nothing."""
    session.require("下发任务", Role.CADM)
    with session.database.reading() as reading:
        return _look(reading, period, form_id, draw, enumerators)


def hand_out(
    session: Session, period: str, form_id: str, *, draw: str = "", enumerators: Sequence[str] = ()
) -> HandedOut:
    """Assigns a period's questionnaire to every household of the sample that has none yet.

    A household stays with the enumerator of its last assignment while that person works in its village (monitoring.md 9.8); others go
    to the one with the fewest. Followed split households (role 4) are visited too.

    Args:
        draw: name, "" for the newest that the period belongs to. enumerators: accounts that may get work, all by default.
    """
    session.require("下发任务", Role.CADM)
    with session.database.transaction() as writing:
        found = _look(writing, period, form_id, draw, enumerators)
        made = [
            assign_in(session, writing, NewAssignment(one.household, form_id, period, one.enumerator, found.due_on))
            for one in found.tasks
            if one.enumerator
        ]
        activity.note(writing, session.now(), session.account, "hand out", detail=f"{period} {form_id} {len(made)}")
    return HandedOut(tuple(made), found.already, found.nobody, found.ended)


def _look(reading: SqlSession, period: str, form_id: str, draw: str, enumerators: Sequence[str]) -> Outlook:
    stored = draw_records.find_draw(reading, draw, period)
    roots = roots_by_number(reading)
    workers = _workers(reading, enumerators)
    names = {row.account: row.name for row in reading.exec(select(Staff))}
    load: Counter[str] = Counter()
    tasks, already, ended = [], 0, []
    households = {one.hh_id: one.village for one in stored.standing(period)}
    households |= {hh_id: village for hh_id, village, parent in followed_households(reading) if parent in households}
    for hh_id, village in sorted(households.items()):
        root = roots.get(hh_id, "")
        there = reading.get(HouseholdRow, root)
        if there is not None and there.state in ENDED:
            ended.append(hh_id)
            continue
        # A household that moved within the county goes on where it lives now (monitoring.md 9.6).
        lives_in = there.village_code if there is not None and there.village_code in workers else village
        before = list(reading.exec(select(AssignmentRow).where(AssignmentRow.household == root)))
        if any((one.form_id, one.period) == (form_id, period) for one in before):
            already += 1
            continue
        last = max(before, key=lambda one: periods.order_key(one.period), default=None)
        worker = _worker(workers.get(lives_in, ()), last.enumerator if last else "", load)
        load[worker] += 1
        head, place = (there.head_name, there.village_name) if there is not None else ("", "")
        stays = last is not None and last.enumerator == worker
        tasks.append(Task(root, hh_id, head, lives_in, place or lives_in, worker, names.get(worker, worker), stays))
    return Outlook(period, tuple(tasks), already, _due(reading, period), tuple(ended))


def _due(reading: SqlSession, period: str) -> date | None:
    until = [*facts.read_facts(reading, "window").get(period, "").split("|"), "", ""][2]
    default = periods.window(period)
    return date.fromisoformat(until) if until else (default[1] if default else None)


def _workers(reading: SqlSession, wanted: Sequence[str]) -> dict[str, list[str]]:
    """Village → accounts of its enumerators."""
    found: dict[str, list[str]] = {}
    for row in reading.exec(select(Staff).where(Staff.role == Role.ENUM).order_by(Staff.account)):
        if not wanted or row.account in wanted:
            for village in row.villages.split():
                found.setdefault(village, []).append(row.account)
    return found


def _worker(there: Sequence[str], before: str, load: Counter[str]) -> str:
    if before in there:
        return before
    return min(there, key=lambda account: (load[account], account), default="")
