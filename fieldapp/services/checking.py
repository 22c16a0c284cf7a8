"""Checks of the levels laptop, township and county: what only several households, or several waves, together show.

Each place runs its own level and those below on what it holds (people-and-process.md 6.4): every interview handed in is opened for
reading with ``peers.csv`` beside what was pinned when it began, and the form's own checks of these levels are looked at. Then come
what no form can say: the register against itself, working days, and the four quarters against the year (quarterly.md 12).

``peers.csv`` has one line for each fact about another household: ``row`` ("" for the household, else the person's uid), ``hh_id``,
``hh_phone``, ``mem_idno``, ``mem_resident``, ``q_enum_id``, ``q_visit_date``, ``q_visit_start``, ``q_visit_end``. Only lines that can
matter to the interview are put there. ``closing.csv`` is the annual interview that looks back on the quarter's year.

Nothing here blocks anybody at a door: the findings are for the reviewer (people-and-process.md 6.4, 6.5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services import periods, snapshots
from fieldapp.services.household_page import mask_phone
from fieldapp.services.leasing import require_contact
from fieldapp.services.listing import current_period
from fieldapp.services.session import CHINA, Session
from fieldapp.services.snapshots import USABLE, Values
from fieldapp.store import facts
from fieldapp.store.households import ENDED
from fieldapp.store.projections import text
from fieldapp.store.tables import HouseholdRow, InterviewRow, MemberRow
from fieldapp.words import _
from forms.engine import CheckResult
from forms.monitoring.year_end import reconcile
from forms.questionnaires import default_parameters
from sync.scope import Role

_PLACE = {Role.ENUM: "laptop", Role.VSEC: "laptop", Role.TSUP: "township", Role.CADM: "county"}
_LEVELS = ("laptop", "township", "county")
_PEER = ("hh_phone", "mem_idno", "mem_resident", "q_enum_id", "q_visit_date", "q_visit_start", "q_visit_end")
_TAIL = 4


@dataclass(frozen=True, slots=True)
class PlaceFinding:
    """Something odd that only several households or waves together show."""

    check_id: str
    level: str  # laptop, township, county: of the check; for a matter of the register the place that found it
    kind: str  # hard, soft
    interview: str  # "" for a matter of the register
    household: str
    head_name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Wave:
    """An interview as it was handed in: its values, and its checks of the place's levels without knowing any other household."""

    row: InterviewRow
    household: HouseholdRow
    values: Values
    failed: tuple[CheckResult, ...]


def findings(session: Session, period: str = "") -> tuple[PlaceFinding, ...]:
    """Odd things among the households and interviews of this place, errors first.

    Args:
        period: of the interviews; by default the current one.
    """
    session.require("看核查结果", *_PLACE)
    require_contact(session, "看核查结果")
    place = _PLACE[session.role]
    levels = _LEVELS[: _LEVELS.index(place) + 1]
    with session.database.reading() as reading:
        households = _households(session, reading)
        found = [*_same_phone(households, place), *_same_identity(session, reading, households, place)]
        if session.role is not Role.VSEC:
            wanted = period or current_period(session, reading)
            waves = list(_waves(session, reading, households, wanted, levels))
            found += _of_the_forms(session, reading, households, waves, levels)
            found += _year_end(session, reading, waves)
            found += _working_days(session, reading, households, wanted)
    in_interviews = {(one.check_id, one.household) for one in found if one.interview}
    kept = [one for one in found if one.interview or (one.check_id, one.household) not in in_interviews]
    return tuple(sorted(kept, key=lambda one: (one.kind != "hard", one.check_id, one.head_name)))


def _households(session: Session, reading: SqlSession) -> dict[str, HouseholdRow]:
    query = select(HouseholdRow)
    if session.role is not Role.CADM:
        query = query.where(col(HouseholdRow.village_code).in_(session.village_codes))
    return {row.root: row for row in reading.exec(query)}


# ---- the forms' own checks -------------------------------------------------------------------------------------------


def _waves(
    session: Session, reading: SqlSession, households: dict[str, HouseholdRow], period: str, levels: tuple[str, ...]
) -> Iterator[_Wave]:
    query = select(InterviewRow).where(
        InterviewRow.period == period, col(InterviewRow.status).in_([int(status) for status in USABLE])
    )
    for row in reading.exec(query.order_by(col(InterviewRow.root))):
        household = households.get(row.household)
        if household is None or (session.role is Role.ENUM and row.enumerator != session.account):
            continue
        form, interview = snapshots.read_interview(session, reading, row.root)
        failed = tuple(one for one in interview.checks() if one.level in levels and one.state == "failed")
        yield _Wave(row, household, snapshots.interview_values(form, interview), failed)


def _of_the_forms(
    session: Session,
    reading: SqlSession,
    households: dict[str, HouseholdRow],
    waves: list[_Wave],
    levels: tuple[str, ...],
) -> Iterable[PlaceFinding]:
    """The checks of these levels that the forms carry, each interview beside what is known of the others."""
    everything = _peer_lines(households, waves)
    by_tail = _members_by_tail(reading, households)
    for wave in waves:
        more: dict[str, bytes] = {}
        peers = _peers_of(session, reading, wave, everything, by_tail)
        if peers:
            more["peers.csv"] = snapshots.lines_csv(("row", "hh_id", *_PEER), peers)
        closing = _closing(session, reading, wave.row)
        if closing:
            more["closing.csv"] = closing
        failed = wave.failed
        if more:
            _form, interview = snapshots.read_interview(session, reading, wave.row.root, more)
            failed = tuple(one for one in interview.checks() if one.level in levels and one.state == "failed")
        for one in failed:
            yield PlaceFinding(
                one.id, one.level, one.kind, wave.row.root, wave.household.root, wave.household.head_name, one.message
            )


def _peer_lines(households: dict[str, HouseholdRow], waves: list[_Wave]) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Every line that could stand in somebody's ``peers.csv``, by the fact by which it is looked for."""
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)

    def put(fact: str, value: str, line: dict[str, str]) -> None:
        if value:
            found[fact, value].append(line)

    for row in households.values():
        put("phone", row.phone, {"row": "", "hh_id": row.hh_id, "hh_phone": row.phone})
    for wave in waves:
        own, hh_id = wave.values.get("", {}), wave.household.hh_id
        phone = own.get("hh_phone") or own.get("q_phone", "")
        if phone != wave.household.phone:
            put("phone", phone, {"row": "", "hh_id": hh_id, "hh_phone": phone})
        done = own.get("aux_done_date", "")
        put("day", f"{own.get('q_enum_id', '')} {done}" if done else "", {
            "row": "", "hh_id": hh_id, "q_enum_id": own.get("q_enum_id", ""), "q_visit_date": done,
            "q_visit_start": own.get("aux_done_start", ""), "q_visit_end": own.get("aux_done_end", ""),
        })  # fmt: skip
        for person, values in wave.values.items():
            number = values.get("mem_idno", "")
            put("idno", number, {"row": person, "hh_id": hh_id, "mem_idno": number})
            if person and (values.get("mem_resident") or values.get("qm_resident")) == "1":
                put("person", person, {"row": person, "hh_id": hh_id, "mem_resident": "1"})
    return found


def _members_by_tail(reading: SqlSession, households: dict[str, HouseholdRow]) -> dict[str, list[MemberRow]]:
    found: dict[str, list[MemberRow]] = defaultdict(list)
    for member in reading.exec(select(MemberRow).where(MemberRow.id_tail != "", col(MemberRow.gone).is_(False))):
        if member.root in households:
            found[member.id_tail].append(member)
    return found


def _peers_of(
    session: Session,
    reading: SqlSession,
    wave: _Wave,
    everything: Mapping[tuple[str, str], list[dict[str, str]]],
    by_tail: Mapping[str, list[MemberRow]],
) -> list[dict[str, str]]:
    """The lines that can matter to one interview, never of its own household."""
    own = wave.values.get("", {})
    wanted = [("phone", own.get("hh_phone") or own.get("q_phone", "")), ("phone", wave.household.phone)]
    wanted.append(("day", f"{own.get('q_enum_id', '')} {own.get('aux_done_date', '')}"))
    lines: list[dict[str, str]] = []
    for person, values in wave.values.items():
        number = values.get("mem_idno", "")
        wanted += [("idno", number), ("person", person)]
        for member in by_tail.get(number[-_TAIL:], ()) if number else ():
            if member.root != wave.household.root:
                shown = session.changes.view(reading, member.root)
                registered = text(shown, "mem_idno", (member.person_uid,))
                if registered == number:
                    lines.append({"row": member.person_uid, "hh_id": "", "mem_idno": number})
    for fact in dict.fromkeys(wanted):
        lines += [line for line in everything.get(fact, ()) if line["hh_id"] != wave.household.hh_id]
    return lines


def _closing(session: Session, reading: SqlSession, row: InterviewRow) -> bytes:
    """The annual interview that looks back on a fourth quarter's year, "" if there is none yet."""
    if not periods.is_quarter(row.period) or not row.period.endswith("4"):
        return b""
    year = snapshots.earlier_interview(reading, row.household, "annual", str(int(row.period[:4]) + 1))
    return snapshots.wave_csv(session, reading, year.root) if year is not None else b""


def _year_end(session: Session, reading: SqlSession, waves: list[_Wave]) -> Iterable[PlaceFinding]:
    """年末对账: the annual interview, or the fourth quarter, with the three quarters before it and the year it belongs to."""
    for wave in waves:
        year = int(wave.row.period[:4]) - (wave.row.form_id == "annual")
        if wave.row.form_id != "annual" and not wave.row.period.endswith("4"):
            continue
        rows = [
            snapshots.earlier_interview(reading, wave.row.household, "quarterly", f"{year}Q{quarter}")
            for quarter in (1, 2, 3, 4)
        ]
        annual = snapshots.earlier_interview(reading, wave.row.household, "annual", str(year + 1))
        if annual is None or any(row is None for row in rows):
            continue
        quarters = [
            snapshots.from_csv(snapshots.wave_csv(session, reading, row.root)) for row in rows if row is not None
        ]
        said = snapshots.from_csv(snapshots.wave_csv(session, reading, annual.root))
        for one in reconcile(quarters, said):
            sentence = _("{item}：{year} 年四季合计 {quarters} 元，年度问卷 {about} 合 {said} 元，相差超过 30%").format(
                item=one.zh, year=year, quarters=one.quarters, about=one.about, said=one.year
            )
            yield PlaceFinding(
                f"Q12.{one.about}",
                "laptop",
                "soft",
                annual.root,
                wave.household.root,
                wave.household.head_name,
                sentence,
            )


# ---- the register against itself -------------------------------------------------------------------------------------


def _same_phone(households: dict[str, HouseholdRow], place: str) -> Iterable[PlaceFinding]:
    """A102.W1: one number in several households is usually somebody else's."""
    by_phone: dict[str, list[HouseholdRow]] = defaultdict(list)
    for row in households.values():
        if row.phone and row.state not in ENDED:
            by_phone[row.phone].append(row)
    for phone, rows in by_phone.items():
        for row in rows if len(rows) > 1 else ():
            others = "、".join(other.head_name for other in rows if other.root != row.root)
            sentence = _("电话 {phone} 和 {others}户一样，多半是代填，问清是谁的").format(
                phone=mask_phone(phone), others=others
            )
            yield PlaceFinding("A102.W1", place, "soft", "", row.root, row.head_name, sentence)


def _same_identity(
    session: Session, reading: SqlSession, households: dict[str, HouseholdRow], place: str
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
                yield PlaceFinding("B106.E2", place, "hard", "", row.root, row.head_name, sentence)


# ---- working days ----------------------------------------------------------------------------------------------------


def _working_days(
    session: Session, reading: SqlSession, households: dict[str, HouseholdRow], period: str
) -> Iterable[PlaceFinding]:
    """More interviews handed in on a day than one person can do (people-and-process.md 6.5); W-Q30 looks at the visits themselves."""
    limits = {one.name: one.value for one in default_parameters()} | facts.read_facts(reading, "param")
    most = int(limits["max_forms_day"]) if limits.get("max_forms_day", "").isdigit() else 0
    query = select(InterviewRow).where(
        InterviewRow.period == period, col(InterviewRow.status).in_([int(status) for status in USABLE])
    )
    by_day: dict[tuple[str, str], list[InterviewRow]] = defaultdict(list)
    for row in reading.exec(query):
        own = session.role is not Role.ENUM or row.enumerator == session.account
        if row.household in households and own and row.handed_in_at is not None:
            by_day[row.enumerator, row.handed_in_at.astimezone(CHINA).date().isoformat()].append(row)
    for (_account, day), rows in by_day.items():
        for row in rows if 0 < most < len(rows) else ():
            household = households[row.household]
            sentence = _("{day} 一天交了 {n} 份，多于 {most} 份，抽查这几户").format(day=day, n=len(rows), most=most)
            yield PlaceFinding("D-DAY", "township", "soft", row.root, household.root, household.head_name, sentence)
