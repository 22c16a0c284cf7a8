"""Reading lists of households: bulk reads by Core, since lists have 20,000 rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, text
from sqlmodel import Session, col, select

from fieldapp.store.tables import HouseholdRow, MemberRow


@dataclass(frozen=True, slots=True)
class ListedHousehold:
    """One household as lists need it, with the assignment of a period and how far its interview is."""

    root: str
    hh_id: str
    hh_no: str
    head_name: str
    head_pinyin: str
    village_code: str
    village_name: str
    grp: str
    hh_type: str
    n_conflict: int
    state: str
    ended_to: str
    sample_role: str
    assignment: str
    form_id: str
    period: str
    enumerator: str
    visit_at: datetime | None
    closed: str
    interview: str
    status: int
    interview_conflicts: int
    progress: int
    hard: int
    soft: int

    @property
    def ended(self) -> bool:
        """Nobody of it is to be visited any more: merged, moved out of the county, nobody left, registered twice."""
        return self.state in ENDED


ENDED = ("2", "3", "4", "5")  # hh_state
_HOUSEHOLDS = """
SELECT root, hh_id, hh_no, head_name, head_pinyin, village_code, village_name, grp, hh_type, n_conflict, state, ended_to,
sample_role
FROM household_row WHERE 1 = 1 {where} ORDER BY village_code, hh_no
"""
_ASSIGNMENTS = (
    "SELECT household, root, form_id, period, enumerator, visit_at, closed, hlc FROM assignment_row WHERE 1 = 1 {where}"
)
_INTERVIEWS = """
SELECT i.assignment, i.root, i.status, i.n_conflict, coalesce(p.progress, 0), coalesce(p.hard, 0), coalesce(p.soft, 0)
FROM interview_row i LEFT JOIN interview_place p ON p.root = i.root WHERE i.status <> 95 {where}
"""
_HEAD = "02"  # code of relation
_MOST_NAMED = 4000  # beyond that many, reading all is quicker than naming them
_NONE = ("", "", "", "", None, "")


def listed(
    session: Session,
    *,
    pieces: Sequence[str] = (),
    villages: Sequence[str] | None = None,
    group: str = "",
    enumerator: str = "",
    root: str = "",
    period: str = "",
) -> list[ListedHousehold]:
    """Households in order of village and number, each with one assignment and its interview.

    Three plain queries joined here: correlated ones cost four times as much on 20,000 households.

    Args:
        pieces: every one must occur in the household's search text (already lower case).
        villages: codes; None for all.
        enumerator: only households assigned to this account.
        period: preferred period of the assignment shown; of several, the latest.
    """
    where, given = "", {}
    for n, piece in enumerate(pieces):
        where += f" AND search LIKE :piece{n} ESCAPE '!'"
        given[f"piece{n}"] = piece
    for column, value in (("grp", group), ("root", root)):
        if value:
            where += f" AND {column} = :{column}"
            given[column] = value
    rows = _rows(session, _HOUSEHOLDS, where, given, "village_code", villages)
    mine = " AND enumerator = :enumerator" if enumerator else ""
    assignments: dict[str, Sequence[Any]] = {}
    for one in _rows(
        session, _ASSIGNMENTS, mine, {"enumerator": enumerator}, "household", _few(row[0] for row in rows)
    ):
        other = assignments.get(one[0])
        if other is None or _rank(one, period) > _rank(other, period):
            assignments[one[0]] = one
    wanted = _few(assignments[row[0]][1] for row in rows if row[0] in assignments)
    interviews: dict[str, Sequence[Any]] = {}
    for one in _rows(session, _INTERVIEWS, "", {}, "assignment", wanted):
        if one[0] not in interviews or one[2] > interviews[one[0]][2]:
            interviews[one[0]] = one
    found = []
    for row in rows:
        assignment = assignments.get(row[0])
        if assignment is None and enumerator:
            continue
        work = assignment[1:7] if assignment else _NONE
        interview = interviews.get(work[0]) if assignment else None
        seen = interview[1:] if interview else ("", 20 if assignment else 0, 0, 0, 0, 0)
        found.append(ListedHousehold(*[*row, *work[:4], _moment(work[4]), work[5], *seen]))
    return found


def _rank(assignment: Sequence[Any], period: str) -> tuple[bool, str, int]:
    return assignment[3] == period, assignment[3], assignment[7]


def _few(names: Iterable[str]) -> list[str] | None:
    found = list(names)
    return found if len(found) <= _MOST_NAMED else None


def _rows(
    session: Session, query: str, where: str, given: dict[str, str], column: str, named: Sequence[str] | None
) -> list[Sequence[Any]]:
    values: dict[str, object] = {name: value for name, value in given.items() if f":{name}" in where}
    if named is not None:
        where += f" AND {column} IN :named"
        values["named"] = list(named)
    statement = text(query.format(where=where))
    if named is not None:
        statement = statement.bindparams(bindparam("named", expanding=True))
    return list(session.connection().execute(statement, values))


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC) if value else None


def like(piece: str, *, whole: bool = False, start: bool = False) -> str:
    """A LIKE pattern for one piece of a query; ``start`` anchors it at the beginning of a piece of the search text."""
    safe = piece.replace("!", "!!").replace("%", "!%").replace("_", "!_").replace("|", "")
    if whole:
        return f"%|{safe}|%"
    return f"%|{safe}%" if start else f"%{safe}%"


def find(session: Session, root: str) -> HouseholdRow | None:
    """One household."""
    return session.get(HouseholdRow, root)


def members(session: Session, root: str) -> list[MemberRow]:
    """Members of a household, those who left at the end."""
    query = select(MemberRow).where(MemberRow.root == root).order_by(col(MemberRow.gone), col(MemberRow.mem_no))
    return list(session.exec(query))


def by_code(session: Session, column: str, value: str) -> list[str]:
    """Roots of households with this hh_id, hh_no or short code."""
    field = {"hh_id": HouseholdRow.hh_id, "hh_no": HouseholdRow.hh_no, "short_code": HouseholdRow.short_code}[column]
    before = f"% {value} %" if column == "hh_id" else f"%{value} %"  # a number that was given up is found too
    once = func.concat(" ", HouseholdRow.numbers_before, " ").like(before)
    return list(session.exec(select(HouseholdRow.root).where((col(field) == value) | once)))


def numbers(session: Session, village: str) -> list[str]:
    """Every hh_id that this village has or had on this laptop: of households that ended, moved away or got another number too."""
    query = select(HouseholdRow.hh_id, HouseholdRow.numbers_before).where(
        col(HouseholdRow.hh_id).startswith(village) | col(HouseholdRow.numbers_before).contains(village)
    )
    return [number for now, before in session.exec(query) for number in (now, *before.split())]


def of_person(session: Session, person_uid: str) -> list[MemberRow]:
    """The rows of a person in all households: where he or she belongs first."""
    query = select(MemberRow).where(MemberRow.person_uid == person_uid).order_by(col(MemberRow.gone))
    return list(session.exec(query))


def members_elsewhere(session: Session, root: str, uids: Iterable[str]) -> frozenset[str]:
    """Which of these people belong to another household than this one."""
    query = select(MemberRow.person_uid).where(
        MemberRow.root != root, col(MemberRow.gone).is_(False), col(MemberRow.person_uid).in_(list(uids))
    )
    return frozenset(session.exec(query))


def related(session: Session, root: str, uids: Iterable[str], hh_ids: Iterable[str]) -> list[str]:
    """Roots of other households that have one of these people in a row, or one of these numbers, or the same head."""
    by_head = _same_heads(session, root)
    by_person = select(MemberRow.root).where(MemberRow.root != root, col(MemberRow.person_uid).in_(list(uids)))
    by_number = select(HouseholdRow.root).where(HouseholdRow.root != root, col(HouseholdRow.hh_id).in_(list(hh_ids)))
    return sorted({*session.exec(by_person), *session.exec(by_number), *by_head})


def _same_heads(session: Session, root: str) -> list[str]:
    """Roots of households whose head has the name and the birth date of this one's."""
    mine = session.exec(select(MemberRow).where(MemberRow.root == root, MemberRow.relation == _HEAD)).first()
    if mine is None or not mine.birth:
        return []
    same = (MemberRow.relation == _HEAD, MemberRow.name == mine.name, MemberRow.birth == mine.birth)
    return list(session.exec(select(MemberRow.root).where(MemberRow.root != root, *same)))
