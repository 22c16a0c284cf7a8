"""Two households under one number, one household registered twice, a merge that was wrong: put right by a person, with its way back.

Laptops that work apart may give the next number of a village to two new households, and two offices may import the same list. Both
are shown among what waits for a person (``registering.register_problems``); nothing is ever united or renumbered by itself.
"""

from __future__ import annotations

from collections import Counter

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services import registering
from fieldapp.services.register_views import Register, household_of
from fieldapp.services.registering import DIVIDERS, ask_for_note, open_in, write_plan
from fieldapp.services.session import Session
from fieldapp.store import activity, households
from fieldapp.store.tables import HouseholdRow, InterviewRow
from forms.monitoring import living_doubles, living_moves
from forms.monitoring.living import Household
from forms.monitoring.living_errors import SplitWrong
from sync.records import FormStatus
from sync.scope import Role


def renumber(session: Session, seen: Register, note: str = "") -> Register:
    """县里给撞号的户改号: one of two households under one number gets the village's next one; the old one finds both.

    What other households say of it (gone to, split from, merged into) is changed along in the same transaction. A household that was
    drawn keeps its number: the draw knows it by that; then the other one is renumbered.

    Raises:
        SplitWrong: nobody else has the number, or the sample knows the household by it. NotAllowed: the county office alone.
    """
    session.require("改户编码", Role.CADM)
    with session.database.transaction() as writing:
        open_in(session, writing, seen.household)
        same = select(HouseholdRow.root).where(HouseholdRow.hh_id == seen.hh_id, HouseholdRow.root != seen.household)
        if writing.exec(same).first() is None:
            raise SplitWrong("no twin", why="这个号只有这一户用，不用改")
        if seen.living.fact("sample_draw"):
            raise SplitWrong("in the sample", why="这户在样本里，样本按这个号认它；请给另一户改号")
        village = seen.hh_id[:12]
        hh_id = living_moves.next_household_number(village, households.numbers(writing, village))
        others = households.related(writing, seen.household, [one.person_uid for one in seen.people], [seen.hh_id])
        shown = {root: session.changes.view(writing, root) for root in others}
        plans = living_doubles.references(seen.living, [household_of(one) for one in shown.values()], hh_id)
        save_id = session.changes.new_save_id()
        body = {"deed": "renumber", "before": seen.hh_id}
        write_plan(session, writing, seen.shown, living_doubles.renumber(seen.living, hh_id), save_id, body, note)
        for root, plan in plans.items():
            write_plan(session, writing, shown[root], plan, save_id, {"deed": "renumber", "with": seen.household}, note)
        activity.note(writing, session.now(), session.account, "renumber household", seen.household, hh_id[-4:])
        return open_in(session, writing, seen.household)


def same_household(session: Session, one: Register, other: Register, note: str = "") -> tuple[Register, Register]:
    """两户是同一户: one root stays (in the sample, or with more interviews, or registered first), the other is marked; what only
    the other knows goes over, its tasks wait for a decision, its interviews stay where they are.

    Returns:
        The register of the one that stays and of the one that is marked.
    Raises:
        NoteNeeded: where both know different things. RegisterRefused.
    """
    session.require("认定同一户", *DIVIDERS)
    with session.database.transaction() as writing:
        worked = _interviews(writing, one.household, other.household)
        first, _last = living_doubles.first_to_stay(one.living, other.living, worked)
        stays, ends = (one, other) if first is one.living else (other, one)
        union = living_doubles.unite(stays.living, ends.living, today=session.today())
        ask_for_note((*union.stays.doubts, *union.ends.doubts), note)
        return _write_both(session, writing, stays, ends, union, "same", note)


def _interviews(reading: SqlSession, *roots: str) -> dict[str, int]:
    query = select(InterviewRow.household).where(
        col(InterviewRow.household).in_(roots), InterviewRow.status != int(FormStatus.VOID)
    )
    return dict(Counter(reading.exec(query)))


def separate(session: Session, ended: Register, note: str = "") -> tuple[Register, Register]:
    """撤销并户: takes a merge, or the word that two are one household, back; the people stand in both registers as before.

    Returns:
        The register of the one that had stayed and of the one that is there again.
    Raises:
        SplitWrong: the household it went into is not here. RegisterRefused.
    """
    session.require("撤销并户", *DIVIDERS)
    with session.database.transaction() as writing:
        stays = _went_into(session, writing, ended)
        union = living_doubles.separate(stays.living, ended.living, today=session.today())
        ask_for_note((*union.stays.doubts, *union.ends.doubts), note)
        return _write_both(session, writing, stays, ended, union, "separate", note)


def _went_into(session: Session, reading: SqlSession, ended: Register) -> Register:
    into = ended.living.fact("merged_into")
    roots = [root for root in households.by_code(reading, "hh_id", into) if into and root != ended.household]
    known: list[tuple[int, Register]] = []
    gone = {person.uid for person in ended.living.people}
    for root in roots:
        there = open_in(session, reading, root)
        known.append((len(gone & {person.uid for person in there.living.people}), there))
    if not known:
        raise SplitWrong("not here", why="并入的那户不在本机，先交接一次")
    return max(known, key=lambda one: (one[0], one[1].household))[1]


def _write_both(
    session: Session,
    writing: SqlSession,
    stays: Register,
    ends: Register,
    union: living_moves.Union,
    deed: str,
    note: str,
) -> tuple[Register, Register]:
    for seen in (stays, ends):
        open_in(session, writing, seen.household)
    save_id = session.changes.new_save_id()
    write_plan(session, writing, stays.shown, union.stays, save_id, {"deed": deed, "with": ends.household}, note)
    write_plan(session, writing, ends.shown, union.ends, save_id, {"deed": deed, "with": stays.household}, note)
    activity.note(writing, session.now(), session.account, f"{deed} household", stays.household)
    return open_in(session, writing, stays.household), open_in(session, writing, ends.household)


def twin_of(session: Session, seen: Register) -> Register | None:
    """The household that probably is this one registered twice, or has its number; None when there is none here."""
    for problem in seen.problems:
        if problem.kind in registering.TWIN_KINDS and problem.other:
            other = problem.other if problem.household == seen.household else problem.household
            return registering.open_register(session, other)
    return None


def alike(one: Household, other: Household) -> bool:
    """Whether they look like one household registered twice (else they only share a number)."""
    return living_doubles.look_the_same(one, other)
