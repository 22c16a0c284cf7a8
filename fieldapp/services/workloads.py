"""谁手上有多少户: what each enumerator has still to do, and who could take it over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services.assigning import STILL_OPEN, VOID
from fieldapp.services.session import Session
from fieldapp.store.tables import AssignmentRow, HouseholdRow, InterviewRow, Staff, VillageRow
from sync.scope import Role


@dataclass(frozen=True, slots=True)
class Workload:
    """An enumerator of this place.

    Args:
        villages: names of those the enumerator works in. open: households not handed in yet, of all periods; done: handed in.
        open_by_village: code, name and open households of each village where some are left, also ones given up meanwhile.
    """

    account: str
    name: str
    villages: tuple[str, ...]
    open: int
    done: int
    open_by_village: tuple[tuple[str, str, int], ...]


def workloads(session: Session) -> tuple[Workload, ...]:
    """Enumerators of this place, those with most left to do first; also those who work here no more and left something."""
    session.require("看谁有多少户", Role.TSUP, Role.CADM)
    with session.database.reading() as reading:
        here = _villages(session, reading)
        open_here, done = _counted(reading, here)
        staff = {row.account: row for row in reading.exec(select(Staff).where(Staff.role == Role.ENUM))}
    found = []
    for account in {*staff, *(account for account, _ in open_here)}:
        row = staff.get(account)
        worked = tuple(here[code] for code in (row.villages.split() if row else ()) if code in here)
        left = tuple(
            (code, here[code], count) for (who, code), count in sorted(open_here.items()) if who == account and count
        )
        if worked or left:
            total = sum(count for _, _, count in left)
            found.append(Workload(account, row.name if row else account, worked, total, done[account], left))
    return tuple(sorted(found, key=lambda one: (-one.open, one.account)))


def _villages(session: Session, reading: SqlSession) -> dict[str, str]:
    """Code → name of the villages that this person answers for."""
    names = {row.code: row.name for row in reading.exec(select(VillageRow))}
    if session.role is Role.CADM:
        return names
    return {code: names.get(code, code) for code in session.village_codes}


def _counted(reading: SqlSession, here: dict[str, str]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Assignments not handed in by account and village, and those handed in by account."""
    settled = set(
        reading.exec(select(InterviewRow.assignment).where(col(InterviewRow.status).not_in([*STILL_OPEN, VOID])))
    )
    query = select(AssignmentRow.root, AssignmentRow.enumerator, HouseholdRow.village_code).where(
        AssignmentRow.household == HouseholdRow.root,
        AssignmentRow.closed == "",
        col(HouseholdRow.village_code).in_(list(here)),
    )
    left: Counter[tuple[str, str]] = Counter()
    done: Counter[str] = Counter()
    for root, account, village in reading.exec(query):
        if root in settled:
            done[account] += 1
        else:
            left[account, village] += 1
    return left, done
