"""What an interview is begun with and keeps for ever: parameters, earlier interviews, the living household.

Each is a CSV as the form's secondary instances want it: a column ``row`` ("" for the household, else the lasting row id) and one
column per variable. They are made once, when the interview begins, and pinned; later changes of the sources do not move them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session as SqlSession
from sqlmodel import col, func, select

from fieldapp.services import parameters, periods
from fieldapp.services.fillings import saved_interview
from fieldapp.services.session import CHINA, Session
from fieldapp.services.survey_register import with_last_answers
from fieldapp.store import drafts, facts, root_states
from fieldapp.store.projections import ROSTER, at_of, text
from fieldapp.store.tables import AssignmentRow, ChangeRow, DocState, InterviewRow, PinnedSnapshot, VillageRow
from forms.engine import Cell, Form, Interview, Question, Repeat, SavedInterview, Situation
from forms.monitoring.living import HERE
from forms.monitoring.parameters import holding_on, reference_day
from sync.change import Dot, Meta, RowPath
from sync.ids import content_id
from sync.project import UseMode
from sync.records import FormStatus, RootView, view

USABLE = (
    FormStatus.SUBMITTED,
    FormStatus.IN_REVIEW,
    FormStatus.APPROVED,
    FormStatus.LOCKED,
    FormStatus.ARCHIVED,
)
HISTORY = 8
WAVES_KEPT = 64
_OF_WHO_LEFT = (
    "mem_no", "mem_name", "mem_relation", "mem_sex", "mem_birth", "mem_id_type", "mem_idno", "mem_ethnicity", "mem_left",
    "mem_left_on", "mem_moved_to",
)  # fmt: skip
Values = dict[str, dict[str, str]]  # row id ("" for the household) → variable → value
Finder = Callable[[SqlSession, str, str, str], "InterviewRow | None"]


def earlier_interview(reading: SqlSession, household: str, form_id: str, period: str) -> InterviewRow | None:
    """The interview of a household with this form in this very period, handed in at least."""
    query = select(InterviewRow).where(
        InterviewRow.household == household,
        InterviewRow.form_id == form_id,
        InterviewRow.period == period,
        col(InterviewRow.status).in_([int(status) for status in USABLE]),
    )
    return reading.exec(query.order_by(col(InterviewRow.status).desc())).first()


def sources(
    reading: SqlSession, household: str, form_id: str, period: str, find: Finder = earlier_interview
) -> dict[str, InterviewRow]:
    """Which earlier interview stands behind ``base``, ``prev``, ``yoy``, ``hist1`` … for an interview to be begun."""
    found: dict[str, InterviewRow] = {}
    yearly = not periods.is_quarter(period)
    for step in range(1, HISTORY + 1):
        # A year's questionnaire looks back on the quarters of the year it asks about.
        back = periods.before(f"{period}Q1", step) if yearly else periods.before(period, step)
        row = find(reading, household, "quarterly" if yearly else form_id, back)
        if row is not None:
            found[f"hist{step}"] = row
    before = find(reading, household, form_id, periods.before(period))
    if before is not None:
        found["prev"] = before
    last_year = find(reading, household, form_id, periods.a_year_before(period))
    if last_year is not None:
        found["yoy"] = last_year
    year = period[:4]
    for base_year in (year, periods.before(year)):
        base = find(reading, household, "annual", base_year)
        if base is not None and (base_year != year or form_id != "annual"):
            found["base"] = base
            break
    return found


def interview_values(form: Form, interview: Interview) -> Values:
    """Every relevant variable of a filling, computed ones included. Variables of nested rosters stand under the innermost row."""
    values: Values = {"": {}}

    def collect(node: object, rows: tuple[str, ...]) -> None:
        for child in getattr(node, "children", ()):
            if isinstance(child, Question):
                cell = Cell(child.path, rows)
                if child.name.endswith(("__ok",)) or not interview.is_relevant(cell):
                    continue
                value = interview.value(cell)
                if value != "":
                    values.setdefault(rows[-1] if rows else "", {})[child.name] = value
            elif isinstance(child, Repeat):
                for row_id in interview.rows(Cell(child.path, rows)):
                    values.setdefault(row_id, {})
                    collect(child, (*rows, row_id))
            else:
                collect(child, rows)

    collect(form.root, ())
    return values


def read_interview(
    session: Session, reading: SqlSession, root: str, more: Mapping[str, bytes] | None = None
) -> tuple[Form, Interview]:
    """A filling as it stands in the log, for reading alone: no events run, nothing is stored.

    Args:
        more: sources beside those that were pinned when it began, by file name (``peers.csv``).
    """
    form, interview, _pins = read_begun(session, reading, root, more)
    return form, interview


def read_begun(
    session: Session, reading: SqlSession, root: str, more: Mapping[str, bytes] | None = None
) -> tuple[Form, Interview, Mapping[str, bytes]]:
    """The same with the sources it was begun with.

    Where those had to be made anew from the log, what the filling came to is kept for the waves after it: read the waves of a
    household one after the other, and each is computed once instead of once for every later one.
    """
    shown = view(session.changes.state(reading, root))
    ops = drafts.ops_of(reading, root)
    opened = drafts.open_change(reading, root)
    form = session.load_form(text(shown, "~form_hash") or (opened.form_hash if opened else ""))
    pins = begun_with(session, reading, root, form, shown)
    interview = _resumed(session, form, saved_interview(form, shown, ops), {**pins, **(more or {})})
    if not ops and not more and not pinned(reading, root):
        _kept(session, _as_it_stood(root, shown), to_csv(interview_values(form, interview)))
    return form, interview, pins


def _resumed(session: Session, form: Form, saved: SavedInterview, pins: Mapping[str, bytes]) -> Interview:
    situation = Situation(
        now=session.now, new_row_id=lambda: "", random=lambda: 0.5, resource=lambda name: pins.get(name)
    )
    return Interview.resume(form, saved, situation)


def begun_with(session: Session, reading: SqlSession, root: str, form: Form, shown: RootView) -> Mapping[str, bytes]:
    """The sources of an interview: as pinned here, or, when it was begun on another laptop, as the log stood when it was begun."""
    here = pinned(reading, root)
    begun = reading.exec(select(func.min(ChangeRow.hlc)).where(ChangeRow.root == root)).one()
    if here or begun is None:
        return here
    household, form_id, period = (text(shown, name) for name in ("~household", "~form", "~period"))
    return make(session, reading, form, household, form_id, period, Then(session, reading, begun))


def wave_csv(session: Session, reading: SqlSession, root: str) -> bytes:
    """All values of an earlier interview as a source. Computed once for a state of it: a new change of the interview asks anew."""
    pins = reading.exec(select(PinnedSnapshot.hash).where(PinnedSnapshot.root == root).order_by(PinnedSnapshot.name))
    digest = reading.exec(select(DocState.digest).where(DocState.root == root)).first()
    key = (root, (digest or session.changes.state(reading, root).digest).hex(), *pins)
    made = session.earlier_waves.get(key)
    if made is None:
        made = _kept(session, key, to_csv(interview_values(*read_interview(session, reading, root))))
    return made


def _as_it_stood(root: str, shown: RootView) -> tuple[str, ...]:
    """What an interview came to depends on its answers and on what it was begun with, which never changes."""
    return root, shown.content_digest, "then"


def _kept(session: Session, key: tuple[str, ...], made: bytes) -> bytes:
    while len(session.earlier_waves) >= WAVES_KEPT:
        session.earlier_waves.pop(next(iter(session.earlier_waves)), None)
    session.earlier_waves[key] = made
    return made


@dataclass(frozen=True)
class Now:
    """The log as it stands."""

    session: Session
    reading: SqlSession

    def view(self, root: str) -> RootView:
        """A root."""
        return self.session.changes.view(self.reading, root)

    def interview(self, reading: SqlSession, household: str, form_id: str, period: str) -> InterviewRow | None:
        """The interview of a household in a period, handed in at least."""
        return earlier_interview(reading, household, form_id, period)

    def wave(self, root: str) -> bytes:
        """All values of an interview."""
        return wave_csv(self.session, self.reading, root)

    def parameters(self, period: str) -> Mapping[str, str]:
        """What holds for a period."""
        return parameters.values_for(self.session, self.reading, period)


@dataclass(frozen=True)
class Then(Now):
    """The log as it stood at a clock value: what came later, corrections too, is not seen.

    What reached the author's laptop only after the interview was begun is seen here all the same: the log does not tell when a
    change arrived.
    """

    upto: int

    def view(self, root: str) -> RootView:
        """A root as it stood."""
        return view(root_states.of_log(self.reading, root, self.upto))

    def interview(self, reading: SqlSession, household: str, form_id: str, period: str) -> InterviewRow | None:
        """The interview that was handed in by then."""
        query = select(InterviewRow).where(
            InterviewRow.household == household, InterviewRow.form_id == form_id, InterviewRow.period == period
        )
        ranked = [(self.view(row.root).status, row.root, row) for row in reading.exec(query)]
        return max((one for one in ranked if one[0] in USABLE), default=(None, "", None))[2]

    def wave(self, root: str) -> bytes:
        """All values of an interview as it stood."""
        shown = self.view(root)
        key = _as_it_stood(root, shown)
        made = self.session.earlier_waves.get(key)
        if made is None:
            form = self.session.load_form(text(shown, "~form_hash"))
            pins = begun_with(self.session, self.reading, root, form, shown)
            interview = _resumed(self.session, form, saved_interview(form, shown, ()), pins)
            made = _kept(self.session, key, to_csv(interview_values(form, interview)))
        return made

    def parameters(self, period: str) -> Mapping[str, str]:
        """What was entered by then and holds for a period."""
        at, records = at_of(self.upto), []
        for record in parameters.entered(self.reading):
            if record.entered_at is not None and record.entered_at > at:
                since = record.valid_from.isoformat() if record.valid_from else ""
                name = f"{record.name} {since}".strip()
                before = self.view(content_id(f"parameter:{name}".encode()).hex())
                if ((), "value") not in before.cells:
                    continue
                record = replace(record, value=text(before, "value"), valid_to=None)
            records.append(record)
        holding = holding_on(parameters.defaults(), records, reference_day(period))
        return {name: one.value for name, one in holding.items()}


def household_values(shown: RootView) -> Values:
    """The living household: its own fields, and each member.

    Of somebody who has left only who he or she is, with ``mem_left`` telling why: the number is not given out again, and whoever
    comes back finds the old row. Those rows count for nothing else.
    """
    values: Values = {"": {}}
    for (rows, field), cell in shown.cells.items():
        if not rows and not field.startswith("~") and cell.value not in (None, ""):
            values[""][field] = text(shown, field)
    for row in shown.roster(ROSTER):
        facts_of = {
            field: text(shown, field, rows) for rows, field in shown.cells if rows == row.row and field[0] != "~"
        }
        if facts_of.get("mem_left", "") not in HERE:
            facts_of = {field: value for field, value in facts_of.items() if field in _OF_WHO_LEFT}
        values[row.row[-1]] = facts_of
    return values


def to_csv(values: Values) -> bytes:
    """The shape that secondary instances are read in."""
    names = sorted({name for row in values.values() for name in row})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["row", *names])
    for row_id, row in values.items():
        writer.writerow([row_id, *(row.get(name, "") for name in names)])
    return out.getvalue().encode("utf-8")


def lines_csv(names: Sequence[str], lines: Sequence[Mapping[str, str]]) -> bytes:
    """A source whose rows need no id of their own: one line for each fact, cells that a line does not have are blank."""
    return _plain_csv(tuple(names), [tuple(line.get(name, "") for name in names) for line in lines])


def from_csv(data: bytes | None) -> Values:
    """The inverse of :func:`to_csv`; empty for None."""
    if not data:
        return {}
    rows = csv.DictReader(io.StringIO(data.decode("utf-8")))
    return {row.pop("row") or "": {name: value or "" for name, value in row.items()} for row in rows}


def united_rows(shown: RootView) -> dict[str, str]:
    """Uids of people who were entered twice → the uid that stands for them since somebody said that they are one."""
    direct = {
        rows[-1]: str(cell.value[-1]) for (rows, name), cell in shown.cells.items() if name == Meta.ALIAS and rows
    }
    found = {}
    for uid, same in direct.items():
        while same in direct and direct[same] < same:
            same = direct[same]
        found[uid] = same
    return found


def under_one_row(data: bytes, united: Mapping[str, str]) -> bytes:
    """A source with the rows of people who were entered twice under the uid that stands for them now.

    Args:
        united: uid → the uid it is the same as.
    """
    values = from_csv(data) if united else {}
    if not set(values) & set(united):
        return data
    found: Values = {}
    for row_id, row in values.items():
        known = found.setdefault(united.get(row_id, row_id), {})
        found[united.get(row_id, row_id)] = {**row, **known} if row_id in united else {**known, **row}
    return to_csv(found)


def pin(writing: SqlSession, root: str, name: str, data: bytes) -> None:
    """Keeps one source of an interview."""
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    writing.merge(PinnedSnapshot(root=root, name=name, hash=digest, data=data))


def pinned(reading: SqlSession, root: str) -> dict[str, bytes]:
    """All sources of an interview by file name."""
    rows = reading.exec(select(PinnedSnapshot).where(PinnedSnapshot.root == root))
    return {row.name: row.data for row in rows}


def make(
    session: Session,
    reading: SqlSession,
    form: Form,
    household: str,
    form_id: str,
    period: str,
    then: Then | None = None,
) -> dict[str, bytes]:
    """Every source that the form asks for, and the previous values that the screen shows.

    Args:
        then: as the log stood when an interview was begun on another laptop; by default as it stands.
    """
    log = then or Now(session, reading)
    wanted = {source.src.rsplit("/", 1)[-1] for source in form.instances.values() if source.src}
    shown = log.view(household)
    earlier = sources(reading, household, form_id, period, log.interview)
    known = household_values(shown)
    if session.use_mode is UseMode.STAT:
        last = [earlier[name] for name in ("base", "prev") if name in earlier]
        known = with_last_answers(
            known, [(session.load_form(row.form_hash), from_csv(log.wave(row.root))) for row in last]
        )
    made: dict[str, bytes] = {"register.csv": to_csv(known)}
    made["heads.json"] = heads_json({key: cell.prev for key, cell in shown.cells.items() if key[1][0] != "~"})
    titles: dict[str, str] = {}
    for name, row in earlier.items():
        titles[name] = row.period
        if name in ("prev", "yoy", "base") or f"{name}.csv" in wanted:
            made[f"{name}.csv"] = under_one_row(log.wave(row.root), united_rows(shown))
    made["titles.json"] = json.dumps(titles).encode()
    made["params.csv"] = params_csv(session, period, log.parameters(period))
    made["assignment.csv"] = _assignment_csv(
        reading, household, form_id, period, known.get("", {}).get("cov_replaced_hh", "")
    )
    villages = reading.exec(select(VillageRow).order_by(col(VillageRow.code)))
    made["regions.csv"] = _plain_csv(("code", "name", "township"), [(v.code, v.name, v.township) for v in villages])
    for name, content in facts.read_facts(reading, f"resource:{form.form_id}").items():
        made.setdefault(name, content.encode("utf-8"))
    return made


def params_csv(session: Session, period: str, holding: Mapping[str, str]) -> bytes:
    """Parameters that hold for the period, the county's over the questionnaires' defaults, and which period this is."""
    values: dict[str, str] = {
        **holding,
        "q_period": period,
        "period": period,
        "survey_year": period[:4],
        "use_mode": str(session.use_mode),  # of the project's founding, whatever a parameter table says
    }
    return _plain_csv(("name", "value"), sorted(values.items()))


def heads_json(heads: Mapping[tuple[RowPath, str], tuple[Dot, ...]]) -> bytes:
    """The heads of the living household that an interview's author has seen, by cell."""
    listed = [
        ["/".join(rows), field, [[dot[0].hex(), dot[1]] for dot in dots]] for (rows, field), dots in heads.items()
    ]
    return json.dumps(listed).encode()


def _assignment_csv(reading: SqlSession, household: str, form_id: str, period: str, replaced_hh: str) -> bytes:
    """Who is to interview, since when, and instead of which household (annual 010: as the county approved it)."""
    rows = reading.exec(
        select(AssignmentRow).where(
            AssignmentRow.household == household, AssignmentRow.form_id == form_id, AssignmentRow.period == period
        )
    )
    lines = [(row.enumerator, at_of(row.hlc).astimezone(CHINA).date().isoformat(), replaced_hh) for row in rows]
    return _plain_csv(("enum_id", "issued_on", "replaced_hh"), lines)


def _plain_csv(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
