"""Checks of the levels laptop, township and county: what only several households together show, on what this place holds.

Nothing here blocks anybody at a door: the findings are hints for the reviewer (people-and-process.md 6.4, 6.5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services import parameters
from fieldapp.services.household_page import mask_phone
from fieldapp.services.listing import current_period
from fieldapp.services.session import CHINA, Session
from fieldapp.services.snapshots import USABLE
from fieldapp.store.projections import text
from fieldapp.store.tables import HouseholdRow, InterviewRow, MemberRow
from fieldapp.words import _
from sync.scope import Role

_PLACE = {Role.ENUM: "laptop", Role.VSEC: "laptop", Role.TSUP: "township", Role.CADM: "county"}


@dataclass(frozen=True, slots=True)
class PlaceFinding:
    """Something odd that only several households together show."""

    check_id: str
    level: str  # laptop, township, county
    kind: str  # hard, soft
    interview: str  # "" for a matter of the register
    household: str
    head_name: str
    sentence: str


def findings(session: Session, period: str = "") -> tuple[PlaceFinding, ...]:
    """Odd things among the households and interviews of this place: the same telephone, the same identity number, too short,
    too many a day.

    Args:
        period: of the interviews; by default the current one.
    """
    session.require("看核查结果", *_PLACE)
    level = _PLACE[session.role]
    with session.database.reading() as reading:
        households = _households(session, reading)
        found = [*_same_phone(households, level), *_same_identity(session, reading, households, level)]
        if session.role is not Role.VSEC:
            wanted = period or current_period(session, reading)
            found += _working_days(session, reading, households, wanted, level)
    return tuple(sorted(found, key=lambda one: (one.kind != "hard", one.check_id, one.head_name)))


def _households(session: Session, reading: SqlSession) -> dict[str, HouseholdRow]:
    query = select(HouseholdRow)
    if session.role is not Role.CADM:
        query = query.where(col(HouseholdRow.village_code).in_(session.village_codes))
    return {row.root: row for row in reading.exec(query)}


def _same_phone(households: dict[str, HouseholdRow], level: str) -> Iterable[PlaceFinding]:
    """A102.W1: one number in several households is usually somebody else's."""
    by_phone: dict[str, list[HouseholdRow]] = defaultdict(list)
    for row in households.values():
        if row.phone:
            by_phone[row.phone].append(row)
    for phone, rows in by_phone.items():
        for row in rows if len(rows) > 1 else ():
            others = "、".join(other.head_name for other in rows if other.root != row.root)
            sentence = _("电话 {phone} 和 {others}户一样，多半是代填，问清是谁的").format(
                phone=mask_phone(phone), others=others
            )
            yield PlaceFinding("A102.W1", level, "soft", "", row.root, row.head_name, sentence)


def _same_identity(
    session: Session, reading: SqlSession, households: dict[str, HouseholdRow], level: str
) -> Iterable[PlaceFinding]:
    """B106.E2: one identity number belongs to one person."""
    tails: dict[tuple[str, str], list[MemberRow]] = defaultdict(list)
    for member in reading.exec(select(MemberRow).where(MemberRow.id_tail != "", col(MemberRow.gone).is_(False))):
        if member.root in households:
            tails[member.id_tail, member.birth].append(member)
    for members in tails.values():
        if len({(one.root, one.person_uid) for one in members}) < 2:
            continue
        whole: dict[str, list[MemberRow]] = defaultdict(list)
        for member in members:
            shown = session.changes.view(reading, member.root)
            whole[text(shown, "mem_idno", (member.person_uid,))].append(member)
        for same in whole.values():
            for member in same if len(same) > 1 else ():
                other = next(one for one in same if one is not member)
                row = households[member.root]
                sentence = _("{name} 的证件号码和 {household}户 {other} 一样，有一个写错了").format(
                    name=member.name, household=households[other.root].head_name, other=other.name
                )
                yield PlaceFinding("B106.E2", level, "hard", "", row.root, row.head_name, sentence)


def _working_days(
    session: Session, reading: SqlSession, households: dict[str, HouseholdRow], period: str, level: str
) -> Iterable[PlaceFinding]:
    """Too short a visit, and more interviews in a day than one person can do."""
    limits = parameters.values_for(session, reading, period)
    shortest = {"annual": _whole(limits, "min_minutes_annual"), "quarterly": _whole(limits, "min_minutes_quarter")}
    most = _whole(limits, "max_forms_day")
    query = select(InterviewRow).where(
        InterviewRow.period == period, col(InterviewRow.status).in_([int(status) for status in USABLE])
    )
    by_day: dict[tuple[str, str], list[InterviewRow]] = defaultdict(list)
    for row in reading.exec(query):
        household = households.get(row.household)
        if household is None or (session.role is Role.ENUM and row.enumerator != session.account):
            continue
        minutes = round(row.duration_s / 60)
        if 0 < minutes < shortest.get(row.form_id, 0):
            sentence = _("只用了 {minutes} 分钟，不到 {least} 分钟，问清怎么填的").format(
                minutes=minutes, least=shortest[row.form_id]
            )
            yield PlaceFinding("Q010.W1", level, "soft", row.root, household.root, household.head_name, sentence)
        if row.handed_in_at is not None:
            by_day[row.enumerator, row.handed_in_at.astimezone(CHINA).date().isoformat()].append(row)
    for (_account, day), rows in by_day.items():
        for row in rows if 0 < most < len(rows) else ():
            household = households[row.household]
            sentence = _("{day} 一天交了 {n} 份，多于 {most} 份，抽查这几户").format(day=day, n=len(rows), most=most)
            yield PlaceFinding("D-DAY", level, "soft", row.root, household.root, household.head_name, sentence)


def _whole(limits: dict[str, str], name: str) -> int:
    value = limits.get(name, "")
    return int(value) if value.isdigit() else 0
