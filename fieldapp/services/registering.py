"""The register between interviews: people come and go, heads change, households divide, unite and move.

Every edit is one signed change of the household's root and names as parents what the screen showed (:class:`Register`), so that two
people who registered different things apart meet in an ordinary conflict. What concerns two households is written to both in one
transaction under one save id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import NoSuchHousehold
from fieldapp.services import periods
from fieldapp.services.codes import code_label
from fieldapp.services.household_page import age_on
from fieldapp.services.listing import listed_in_scope
from fieldapp.services.register_views import PersonLine, Register, household_of
from fieldapp.services.session import Session
from fieldapp.services.snapshots import USABLE
from fieldapp.store import activity, households
from fieldapp.store.ordering import key_between
from fieldapp.store.projections import ROSTER
from fieldapp.store.tables import AssignmentRow, InterviewRow, VillageRow
from fieldapp.words import _, say
from forms.errors import FieldAppError
from forms.monitoring import living, living_moves
from forms.monitoring.living import Corrected, Deed, HeadChanged, Joined, Left, Plan
from forms.monitoring.living_errors import SplitWrong
from forms.monitoring.living_problems import Problem, ProblemKind, problems_between, problems_of
from forms.monitoring.register_fields import HOUSEHOLD_STATES
from sync.change import Content, Kind, NewRow, RootType, Write
from sync.ids import row_id
from sync.records import RootView, same_row
from sync.scope import Role, register_feed

__all__ = [
    "Corrected",
    "HeadChanged",
    "Joined",
    "Left",
    "NoteNeeded",
    "Register",
    "change_facts",
    "check_village",
    "go_over",
    "merge",
    "move_away",
    "move_back",
    "open_register",
    "record",
    "register_problems",
    "same_person",
    "split",
    "track",
]

RECORDERS = (Role.ENUM, Role.ASST, Role.VSEC, Role.TSUP, Role.CADM)  # people-and-process.md 1
DIVIDERS = (Role.VSEC, Role.TSUP, Role.CADM)
MOVERS = (Role.TSUP, Role.CADM)
READERS = (*RECORDERS, Role.CMON)
TWIN_KINDS = (ProblemKind.DOUBLE, ProblemKind.SAME_HH_ID)
# Facts of a household that are kept up between interviews, and by whom.
FACTS: Mapping[str, tuple[Role, ...]] = {
    "hh_phone": RECORDERS,
    "hh_address": RECORDERS,
    "cov_group": (Role.VSEC, Role.TSUP, Role.CADM),
    "hh_type_now": (Role.VSEC, Role.TSUP, Role.CADM),
}
_AT_HOME = "1"  # live_place


class NoteNeeded(FieldAppError):
    """What is unusual passes with a note (【核】)."""

    zh = "要先核实：{doubts}。核实了就写一句说明再登记，名册还没有动。"


def open_register(session: Session, household: str) -> Register:
    """The register of one household.

    Raises:
        NoSuchHousehold: not in this person's scope.
    """
    session.require("看名册", *READERS)
    with session.database.reading() as reading:
        return open_in(session, reading, household)


def open_in(session: Session, reading: SqlSession, household: str) -> Register:
    """The same in the caller's transaction; raises NoSuchHousehold."""
    if not listed_in_scope(session, reading, pieces=[], root=household):
        raise NoSuchHousehold("outside the scope or not here")
    shown = session.changes.view(reading, household)
    known = household_of(shown, _covered(reading, household))
    writable = not shown.read_only and not session.changes.is_away(reading, household)
    return Register(
        household=household,
        hh_id=known.fact("hh_id"),
        head_name=known.fact("hh_head_name"),
        place=f"{known.fact('cov_village_name')}{known.fact('cov_group')}",
        state=known.state,
        state_label=_(HOUSEHOLD_STATES.get(known.state, known.state)),
        people=_people(known, shown, session.today()),
        problems=(*problems_of(known), *_problems_with_others(session, reading, known)),
        may_record=session.role in RECORDERS and writable,
        may_divide=session.role in DIVIDERS and writable,
        living=known,
        shown=shown,
    )


def _problems_with_others(session: Session, reading: SqlSession, known: living.Household) -> list[Problem]:
    """What is not in order between this household and those that its people came from or went to."""
    uids = [person.uid for person in known.people]
    numbers = [known.fact("hh_id"), *(person.fact("mem_moved_to") for person in known.people)]
    others = households.related(reading, known.root, uids, [number for number in numbers if number])
    listed = [known, *(household_of(session.changes.view(reading, root)) for root in others)]
    return [one for one in problems_between(listed) if known.root in (one.household, one.other)] if others else []


def _covered(reading: SqlSession, household: str) -> str:
    """The latest period of which an interview of this household is handed in, "" none here."""
    query = select(InterviewRow.period).where(
        InterviewRow.household == household, col(InterviewRow.status).in_([int(status) for status in USABLE])
    )
    return max(reading.exec(query), key=periods.order_key, default="")


def _people(known: living.Household, shown: RootView, today: date) -> tuple[PersonLine, ...]:
    disputed = {conflict.row[0] for conflict in shown.conflicts if conflict.row}
    lines = []
    for person in known.people:
        away = person.fact("mem_live_place") not in ("", _AT_HOME)
        here = _("外出") if away else _("在家")
        came, went = person.fact("mem_joined_on"), person.fact("mem_left_on")
        lines.append(
            PersonLine(
                person_uid=person.uid,
                mem_no=person.fact("mem_no"),
                name=person.fact("mem_name"),
                relation=person.fact("mem_relation"),
                relation_label=code_label("relation", person.fact("mem_relation")),
                sex=person.fact("mem_sex"),
                age=age_on(person.fact("mem_birth"), today),
                here=person.here,
                state=here if person.here else _(living.state_zh(person)),
                since=(came if person.here else went)[:7],
                where=person.fact("mem_joined_from") if person.here else _gone_to(person),
                possible=living.possible(person),
                conflict=person.uid in disputed,
            )
        )
    return tuple(sorted(lines, key=lambda line: (not line.here, line.mem_no)))


def _gone_to(person: living.Person) -> str:
    return person.fact("mem_moved_to") or person.fact("mem_left_to")


# --- people -----------------------------------------------------------------------------------------------------------


def record(session: Session, seen: Register, *deeds: Deed, note: str = "") -> Register:
    """Registers what happened to people of a household: one or several deeds as one change.

    A head who dies or leaves and the head who follows are stated together (Left, HeadChanged), since the household never stands
    without one. A new person's uid is made here; the uid of somebody who left gives the old row and number back.

    Args:
        seen: what the screen showed; its heads become the parents.
        note: needed where something is unusual.
    Returns:
        The register as it stands afterwards.
    Raises:
        RegisterRefused: the rules do not allow it. NoteNeeded. NotAllowed.
    """
    session.require("登记成员变动", *RECORDERS)
    save_id = session.changes.new_save_id()
    named: list[Deed] = []
    for deed in deeds:
        fresh = isinstance(deed, Joined) and not deed.uid
        named.append(replace(deed, uid=row_id(save_id, len(named))) if isinstance(deed, Joined) and fresh else deed)
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        coming = [deed.uid for deed in named if isinstance(deed, Joined | Corrected)]
        elsewhere = households.members_elsewhere(writing, seen.household, coming)
        plan = living.plan(seen.living, named, session.today(), elsewhere)
        ask_for_note(plan.doubts, note)
        write_plan(session, writing, seen.shown, plan, save_id, {"deed": "people"}, note)
        activity.note(writing, session.now(), session.account, "register", seen.household)
        return open_in(session, writing, seen.household)


def change_facts(session: Session, seen: Register, facts: Mapping[str, str], note: str = "") -> Register:
    """Changes what is known of the household itself: telephone, address, group, type.

    Raises:
        NotAllowed: this post does not keep that fact.
    """
    for name in facts:
        session.require("改这一项户情", *FACTS.get(name, ()))
    changed = tuple(("", name, value) for name, value in facts.items() if value != seen.living.fact(name))
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        if changed:
            write_plan(
                session, writing, seen.shown, Plan(changed), session.changes.new_save_id(), {"deed": "facts"}, note
            )
            activity.note(writing, session.now(), session.account, "register", seen.household)
        return open_in(session, writing, seen.household)


def same_person(session: Session, seen: Register, uids: Sequence[str], reason: str) -> Register:
    """Two rows are one person entered twice: the rows unite under the smallest uid, what differs in them becomes a conflict."""
    session.require("认定同一人", Role.ENUM, *DIVIDERS)
    for uid in uids:
        living.known_person(seen.living, uid)
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        content = same_row(seen.shown, [(uid,) for uid in uids], reason)
        session.changes.write(
            writing,
            content,
            root=seen.household,
            root_type=RootType.HOUSEHOLD,
            feed=_feed(session, writing, seen.shown),
        )
        activity.note(writing, session.now(), session.account, "register", seen.household)
        return open_in(session, writing, seen.household)


# --- households -------------------------------------------------------------------------------------------------------


def split(
    session: Session,
    seen: Register,
    group: Sequence[str],
    *,
    relations: Mapping[str, str],
    on: str,
    village: str = "",
    address: str = "",
    tracked: bool = False,
    note: str = "",
) -> tuple[Register, Register]:
    """A household divides: the side with the head keeps the number, the other side becomes a new household.

    Args:
        group: uids of one side, whichever.
        relations: of everybody who goes, to the new head (02).
        village: of the new household, by default the same one.
        tracked: followed as 分户跟踪户 (weight 0); the county decides that.
    Returns:
        The register of the old household and of the new one.
    """
    session.require("登记分户", *DIVIDERS)
    if tracked:
        session.require("定分户跟踪户", Role.CADM)
    where = village or seen.living.fact("cov_village_code") or seen.hh_id[:12]
    save_id = session.changes.new_save_id()
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        named = check_village(session, writing, where)
        hh_id = living_moves.next_household_number(where, households.numbers(writing, where))
        division = living_moves.split(
            seen.living, group, relations=relations, hh_id=hh_id, on=on, today=session.today(), tracked=tracked,
            address=address,
        )  # fmt: skip
        ask_for_note((*division.stays.doubts, *division.goes.doubts), note)
        goes = replace(division.goes, writes=(*division.goes.writes, ("", "cov_village_name", named)))
        root = session.changes.new_root()
        empty = session.changes.view(writing, root)
        write_plan(session, writing, seen.shown, division.stays, save_id, {"deed": "split", "with": root}, note)
        write_plan(
            session, writing, empty, goes, save_id, {"deed": "split", "with": seen.household}, note,
            feed=register_feed(where),
        )  # fmt: skip
        activity.note(writing, session.now(), session.account, "split household", seen.household)
        new = _unchecked(session, writing, root)
        return open_in(session, writing, seen.household), new


def _unchecked(session: Session, reading: SqlSession, household: str) -> Register:
    """A household just made by this person: an enumerator to whom it is not assigned would not find it."""
    shown = session.changes.view(reading, household)
    known = household_of(shown)
    return Register(
        household, known.fact("hh_id"), known.fact("hh_head_name"), known.fact("cov_village_name"), known.state,
        _(HOUSEHOLD_STATES[known.state]), _people(known, shown, session.today()), problems_of(known), False, False, known,
        shown,
    )  # fmt: skip


def merge(
    session: Session, one: Register, other: Register, *, relations: Mapping[str, str], on: str, note: str = ""
) -> tuple[Register, Register]:
    """Two households become one; which of them stays follows from the sample (:func:`living_moves.first_in_sample`).

    Args:
        relations: of everybody who comes over, to the head of the one that stays.
    Returns:
        The register of the one that stays and of the one that ended.
    """
    session.require("登记并户", *DIVIDERS)
    first, _last = living_moves.first_in_sample(one.living, other.living)
    stays, ends = (one, other) if first is one.living else (other, one)
    union = living_moves.merge(stays.living, ends.living, relations=relations, on=on, today=session.today())
    ask_for_note(union.stays.doubts, note)
    save_id = session.changes.new_save_id()
    with session.database.transaction() as writing:
        for seen in (stays, ends):
            open_in(session, writing, seen.household)
        write_plan(session, writing, stays.shown, union.stays, save_id, {"deed": "merge", "with": ends.household}, note)
        write_plan(session, writing, ends.shown, union.ends, save_id, {"deed": "merge", "with": stays.household}, note)
        activity.note(writing, session.now(), session.account, "merge households", stays.household)
        return open_in(session, writing, stays.household), open_in(session, writing, ends.household)


def go_over(
    session: Session, here: Register, there: Register, uid: str, *, code: str, relation: str, on: str, note: str = ""
) -> tuple[Register, Register]:
    """A person goes over to another household of the register under the same person_uid (married in, adopted, moved).

    Returns:
        The registers of the old and of the new household.
    """
    session.require("登记转户", *RECORDERS)
    out, come = living_moves.go_over(
        here.living, there.living, uid, code=code, relation=relation, on=on, today=session.today()
    )
    ask_for_note((*out.doubts, *come.doubts), note)
    save_id = session.changes.new_save_id()
    with session.database.transaction() as writing:
        for seen in (here, there):
            open_in(session, writing, seen.household)
        write_plan(session, writing, here.shown, out, save_id, {"deed": "over", "with": there.household}, note)
        write_plan(session, writing, there.shown, come, save_id, {"deed": "over", "with": here.household}, note)
        activity.note(writing, session.now(), session.account, "register", here.household)
        return open_in(session, writing, here.household), open_in(session, writing, there.household)


def move_away(
    session: Session, seen: Register, *, on: str, village: str = "", place: str = "", note: str = ""
) -> Register:
    """The whole household moves to another village of the county (and its register with it), or out of the county.

    Raises:
        NotAllowed: only the township and the county move households.
    """
    session.require("登记整户迁移", *MOVERS)
    plan = living_moves.move_away(seen.living, on=on, village=village, place=place, today=session.today())
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        if village:
            plan = replace(
                plan, writes=(*plan.writes, ("", "cov_village_name", check_village(session, writing, village)))
            )
        kind, body = (Kind.MOVE, {"village": village, "portfolio": ""}) if village else (Kind.EDIT, {})
        body = {**body, "deed": "move"}
        write_plan(session, writing, seen.shown, plan, session.changes.new_save_id(), body, note, kind=kind)
        if village:
            _take_tasks_along(session, writing, seen.household, village)
        activity.note(writing, session.now(), session.account, "move household", seen.household)
        return open_in(session, writing, seen.household)


def _take_tasks_along(session: Session, writing: SqlSession, household: str, village: str) -> None:
    """The tasks of a household travel in its new village from then on; who does them the supervisor says (``reassign``)."""
    for task in list(writing.exec(select(AssignmentRow.root).where(AssignmentRow.household == household))):
        session.changes.write(
            writing,
            Content(Kind.MOVE, body={"village": village, "portfolio": ""}),
            root=task,
            root_type=RootType.ASSIGNMENT,
            feed=session.changes.feed_of_root(writing, task, RootType.ASSIGNMENT),
        )


def move_back(session: Session, seen: Register, *, on: str, note: str = "") -> Register:
    """A household that had moved out of the county is back, under its old number."""
    session.require("登记整户迁回", *MOVERS)
    plan = living_moves.come_back(seen.living, on=on, today=session.today())
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        write_plan(session, writing, seen.shown, plan, session.changes.new_save_id(), {"deed": "back"}, note)
        activity.note(writing, session.now(), session.account, "move household", seen.household)
        return open_in(session, writing, seen.household)


def track(session: Session, seen: Register, note: str = "") -> Register:
    """The county follows a household that was split off from one of the sample (sample_role 4, weight 0)."""
    session.require("定分户跟踪户", Role.CADM)
    if not seen.living.fact("split_from") or len(seen.members) < living_moves.LEAST_TRACKED:
        raise SplitWrong("not to be followed", why="不是分出的户，或不到 2 人")
    plan = Plan((("", "cov_sample_role", living_moves.TRACKED), ("", "sample_weight", "0")))
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        write_plan(session, writing, seen.shown, plan, session.changes.new_save_id(), {"deed": "track"}, note)
        return open_in(session, writing, seen.household)


def register_problems(session: Session, village: str = "") -> tuple[Problem, ...]:
    """What is not in order in the registers of this person's scope, within households and between them."""
    session.require("看名册", *READERS)
    with session.database.reading() as reading:
        listed = listed_in_scope(session, reading, pieces=[], village=village)
        known = [household_of(session.changes.view(reading, one.root)) for one in listed]
    return (*(problem for one in known for problem in problems_of(one)), *problems_between(known))


# --- parts ------------------------------------------------------------------------------------------------------------


def check_village(session: Session, reading: SqlSession, code: str) -> str:
    """The name of a village of this person's scope.

    Raises:
        SplitWrong: no village of the county, or not one of this person's.
    """
    row = reading.get(VillageRow, code)
    if row is None or (session.role is not Role.CADM and code not in session.village_codes):
        raise SplitWrong("village", why="这个村不在本县或不归您管")
    return row.name


def ask_for_note(doubts: Sequence[str], note: str) -> None:
    """Raises NoteNeeded when something is unusual and no word is given."""
    if doubts and not note.strip():
        raise NoteNeeded("a note is needed", doubts="；".join(say(one) for one in doubts))


def _feed(session: Session, writing: SqlSession, shown: RootView) -> str:
    return session.changes.feed_of_root(writing, shown.root, RootType.HOUSEHOLD)


def write_plan(
    session: Session,
    writing: SqlSession,
    shown: RootView,
    plan: Plan,
    save_id: bytes,
    body: Mapping[str, object],
    note: str,
    *,
    kind: Kind = Kind.EDIT,
    feed: str = "",
) -> None:
    """Writes a plan as one signed change with what was shown as parents, in the caller's transaction."""
    cells = {(uid, name): value for uid, name, value in plan.writes}  # the last word of a cell
    writes = []
    for (uid, name), value in cells.items():
        row = (uid,) if uid else ()
        writes.append(Write(row, name, value or None, shown.prev(name, row)))
    rows, last = [], max((row.order for row in shown.roster(ROSTER)), default="")
    for uid in plan.new:
        last = key_between(last, "")
        rows.append(NewRow(ROSTER, (uid,), last))
    said: dict[str, object] = {**body, "events": [list(event) for event in plan.events]}
    if note.strip():
        said["note"] = note.strip()
    session.changes.write(
        writing,
        Content(kind, tuple(writes), tuple(rows), body=said),
        root=shown.root,
        root_type=RootType.HOUSEHOLD,
        feed=feed or _feed(session, writing, shown),
        save_id=save_id,
    )
