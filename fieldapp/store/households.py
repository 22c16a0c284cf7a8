"""Reading lists of households: bulk reads by Core, since lists have 20,000 rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text
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
    assignment: str
    form_id: str
    period: str
    enumerator: str
    visit_at: datetime | None
    interview: str
    status: int
    interview_conflicts: int
    progress: int
    hard: int
    soft: int


# The assignment shown is the one that is open for the longest: of several, the latest period.
_LIST = """
SELECT h.root, h.hh_id, h.hh_no, h.head_name, h.head_pinyin, h.village_code, h.village_name, h.grp, h.hh_type, h.n_conflict,
       coalesce(a.root, ''), coalesce(a.form_id, ''), coalesce(a.period, ''), coalesce(a.enumerator, ''), a.visit_at,
       coalesce(i.root, ''), coalesce(i.status, CASE WHEN a.root IS NULL THEN 0 ELSE 20 END), coalesce(i.n_conflict, 0),
       coalesce(p.progress, 0), coalesce(p.hard, 0), coalesce(p.soft, 0)
FROM household_row h
LEFT JOIN assignment_row a ON a.root = (
    SELECT b.root FROM assignment_row b WHERE b.household = h.root {mine} ORDER BY {preferred} b.period DESC, b.hlc DESC LIMIT 1)
LEFT JOIN interview_row i ON i.root = (
    SELECT j.root FROM interview_row j WHERE j.assignment = a.root AND j.status <> 95 ORDER BY j.status DESC LIMIT 1)
LEFT JOIN interview_place p ON p.root = i.root
WHERE 1 = 1 {where}
ORDER BY h.village_code, h.hh_no
"""


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
    """Households in order of village and number.

    Args:
        pieces: every one must occur in the household's search text (already lower case).
        villages: codes; None for all.
        enumerator: only households assigned to this account.
        period: preferred period of the assignment shown.
    """
    where, mine = "", ""
    given: dict[str, object] = {}
    for n, piece in enumerate(pieces):
        where += f" AND h.search LIKE :piece{n} ESCAPE '!'"
        given[f"piece{n}"] = piece
    if group:
        where += " AND h.grp = :grp"
        given["grp"] = group
    if root:
        where += " AND h.root = :root"
        given["root"] = root
    if enumerator:
        mine = "AND b.enumerator = :enumerator"
        where += " AND a.root IS NOT NULL"
        given["enumerator"] = enumerator
    preferred = ""
    if period:
        preferred = "(b.period = :period) DESC,"
        given["period"] = period
    if villages is not None:
        where += " AND h.village_code IN :villages"
        given["villages"] = list(villages)
    statement = text(_LIST.format(where=where, mine=mine, preferred=preferred))
    if villages is not None:
        statement = statement.bindparams(bindparam("villages", expanding=True))
    rows = session.connection().execute(statement, given)
    return [ListedHousehold(*[*row[:14], _moment(row[14]), *row[15:]]) for row in rows]


def _moment(value: object) -> datetime | None:
    from datetime import UTC

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
    return list(session.exec(select(HouseholdRow.root).where(col(field) == value)))
