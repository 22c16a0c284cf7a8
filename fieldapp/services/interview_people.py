"""People of the household in an interview's roster: who is missing there, who may be brought back, what the roster would make of the
household. Nobody is ever taken for gone because a row is not there (quarterly.md 3: a departure is stated, with reason and day)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fieldapp.services.beginning import household_field, rosters_of_people, slow_questions
from fieldapp.services.opened_interview import HandInItem, OpenInterview
from fieldapp.services.register_views import household_of
from fieldapp.services.snapshots import Values
from fieldapp.store.projections import ROSTER
from fieldapp.words import _
from forms.engine import Cell, Effects, Interview, Repeat
from forms.monitoring import living
from forms.monitoring.living_relations import HEAD

LEFT_NOW, NEW_NOW = "4", "3"  # member_status
_MISSING_NOTED = "W-B08"  # the annual questionnaire lets a missing person pass with a note
_PROBE = "0" * 32


@dataclass(frozen=True, slots=True)
class FormerMember:
    """Somebody who may come (back) into the roster under the old row and number."""

    person_uid: str
    mem_no: str
    name: str
    state: str  # 已婚出, 已入狱 …; 不在名册里 of a row that was taken out
    codes: tuple[str, ...]  # of member_change, how he or she may come; () for a row that was taken out

    @property
    def usual(self) -> str:
        """The code to begin with, to be changed in the row: back from army or prison, otherwise moved back; "" if none is needed."""
        for code in (living.RELEASED, living.MOVED_IN):
            if code in self.codes:
                return code
        return self.codes[0] if self.codes else ""


@dataclass(frozen=True, slots=True)
class StatedRow:
    """What the roster says of one person. Blank where the form does not ask or it is not asked now."""

    uid: str
    status: str  # member_status
    change: str  # member_change
    on: str
    place: str  # where to or from


def is_roster_of_people(path: str) -> bool:
    """Whether a repeat holds the members of the household."""
    return path.rsplit("/", 1)[-1] == ROSTER


def asked(interview: Interview, repeat: Repeat) -> bool:
    """Whether the roster is asked at all: not of a household that refused. Leaves the filling as it was."""
    rows = interview.rows(Cell(repeat.path))
    if rows:
        return interview.is_relevant(Cell(repeat.path, (rows[0],)))
    # Relevance belongs to rows: with none, one is tried and taken back.
    effects = interview.add_row(Cell(repeat.path), row_id=_PROBE)
    relevant = interview.is_relevant(Cell(repeat.path, (_PROBE,)))
    interview.undo(effects)
    return relevant


def value_of(opened: OpenInterview, name: str, uid: str) -> str:
    """A variable of a person's row as it stands, "" where it is not asked (now)."""
    path = opened.form.path_of(name)
    if not path:
        return ""
    cell = Cell(path, (uid,))
    return opened.interview.value(cell) if opened.interview.is_relevant(cell) else ""


def stated(opened: OpenInterview, uid: str) -> StatedRow:
    """Status and change of one person (QB01–QB04)."""
    status, change, on, place = (
        value_of(opened, name, uid) for name in ("qm_status", "qm_change", "qm_change_date", "qm_change_to")
    )
    return StatedRow(uid, status, change, on, place)


def known_people(opened: OpenInterview) -> Values:
    """The register as it was when the interview began, by person; who had left has ``mem_left``."""
    return {uid: row for uid, row in opened.register.items() if uid}


def is_member(row: dict[str, str]) -> bool:
    """Whether a person of the pinned register belonged to the household."""
    return row.get("mem_left", "") in living.HERE


def missing(opened: OpenInterview) -> tuple[str, ...]:
    """Members who stand in no roster of this interview, though it is asked."""
    found: list[str] = []
    for repeat in rosters_of_people(opened.form):
        if asked(opened.interview, repeat):
            rows = set(opened.interview.rows(Cell(repeat.path)))
            found += [uid for uid, row in known_people(opened).items() if is_member(row) and uid not in rows]
    return tuple(found)


def former_members(opened: OpenInterview) -> tuple[FormerMember, ...]:
    """Who may be brought into the roster: members whose row was taken out, and those who left and may come back."""
    here = {uid for repeat in rosters_of_people(opened.form) for uid in opened.interview.rows(Cell(repeat.path))}
    found = []
    for uid, row in known_people(opened).items():
        if uid in here:
            continue
        person = living.Person(uid, row)
        codes = () if person.here else tuple(code for code in living.possible(person) if code in living.JOINING)
        if person.here or codes:
            state = _("不在这次的名册里") if person.here else _(living.state_zh(person))
            found.append(FormerMember(uid, row.get("mem_no", ""), row.get("mem_name", ""), state, codes))
    return tuple(found)


def bring_back(opened: OpenInterview, uid: str, code: str = "") -> tuple[Effects, ...]:
    """A person's row stands in the roster again, with uid, number and slow facts; the caller saves the effects.

    Args:
        code: how somebody who had left comes back (03, 04, 05 …); "" for a row that was only taken out.
    """
    interview, row = opened.interview, opened.register.get(uid, {})
    done: list[Effects] = []
    for repeat in rosters_of_people(opened.form)[:1]:
        done.append(interview.add_row(Cell(repeat.path), row_id=uid))
        for question in slow_questions(repeat):
            cell, value = Cell(question.path, (uid,)), row.get(household_field(question), "")
            if value and not question.calculated and interview.is_relevant(cell) and not interview.value(cell):
                state = interview.state(cell)
                if not state.readonly:
                    done.append(interview.answer(cell, value))
        for name, value in (("qm_status", NEW_NOW), ("qm_change", code)) if code else ():
            path = opened.form.path_of(name)
            if path and interview.is_relevant(Cell(path, (uid,))):
                done.append(interview.answer(Cell(path, (uid,)), value))
    return tuple(done)


def roster_items(opened: OpenInterview) -> Iterator[HandInItem]:
    """What the roster of people holds against handing in: it is empty, somebody is missing without a word, nobody is head.

    Reads the register only when somebody is missing: a departure registered in the meantime explains it.
    """
    for repeat in rosters_of_people(opened.form):
        if not asked(opened.interview, repeat):
            continue
        rows = opened.interview.rows(Cell(repeat.path))
        members = [uid for uid, row in known_people(opened).items() if is_member(row)]
        number = repeat.number or ""
        if members and not rows:
            sentence = _("成员名册空了，原来有 {n} 人。删错了就把人找回来").format(n=len(members))
            yield HandInItem(Cell(repeat.path), number, "hard", sentence)
            continue
        names = [known_people(opened)[uid].get("mem_name", "") for uid in _unexplained(opened)]
        if names and not _noted(opened.interview):
            sentence = _(
                "{names}不在名册里，也没有登记去向。删错了就把人找回来；真的离开了，写明变动或在户页登记"
            ).format(names="、".join(names))
            name = opened.form.path_of("mem_name")
            about = Cell(name, rows[:1]) if name else Cell(repeat.path)
            yield HandInItem(about, number, "hard", sentence)
        if opened.form.path_of("mem_relation") and rows:
            staying = [uid for uid in rows if stated(opened, uid).status != LEFT_NOW]
            heads = [uid for uid in staying if value_of(opened, "mem_relation", uid) == HEAD]
            if staying and len(heads) != 1:
                words = _("没有户主") if not heads else _("有 {n} 个户主").format(n=len(heads))
                sentence = _("名册里{words}：户主离开了要改定新户主，并逐人改关系").format(words=words)
                about = Cell(opened.form.path_of("mem_relation") or repeat.path, ((heads or staying)[0],))
                yield HandInItem(about, number, "hard", sentence)


def _noted(interview: Interview) -> bool:
    return any(check.id == _MISSING_NOTED and check.state == "noted" for check in interview.checks())


def _unexplained(opened: OpenInterview) -> list[str]:
    gone = missing(opened)
    if not gone:
        return []
    with opened.session.database.reading() as reading:
        now = household_of(opened.session.changes.view(reading, opened.header.household))
    known = {person.uid: person for person in now.people}
    return [uid for uid in gone if uid in known and known[uid].here]
