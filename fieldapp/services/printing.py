"""Household files and lists: collects what this role may see, lays it out, notes the print."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Event, Lock

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import Cancelled, FormMissing, NoSuchHousehold
from fieldapp.printing import record
from fieldapp.printing.fonts import missing_characters
from fieldapp.printing.household_sections import household_file as lay_out
from fieldapp.printing.questionnaire import questionnaire_pdf
from fieldapp.printing.record import Answer, HouseholdRecord, Wave
from fieldapp.services import periods, snapshots
from fieldapp.services.codes import code_label
from fieldapp.services.earlier import value_label
from fieldapp.services.household_states import state_words
from fieldapp.services.leasing import require_contact
from fieldapp.services.listing import listed_in_scope, staff_names
from fieldapp.services.project import UseMode, marks
from fieldapp.services.session import CHINA, Session
from fieldapp.store import activity, form_packs
from fieldapp.store.households import ListedHousehold
from fieldapp.store.projections import ROSTER, text
from fieldapp.store.tables import ChangeRow, DocState, InterviewRow, PrintRegister
from fieldapp.words import _
from forms.engine import Cell, Form, Interview, Question, Repeat
from forms.questionnaires.reading_text import reading_text
from sync.records import RootView
from sync.scope import Role

HOUSEHOLD_FILE = "household_file"
PDFIUM = Lock()  # PDFium keeps global state: one thread at a time, here and in the preview
_PRINTERS = (Role.VSEC, Role.TSUP, Role.CADM, Role.CMON)
_READERS = (Role.ENUM, Role.ASST, Role.VSEC, Role.TSUP, Role.CADM, Role.CQC)
_READ_QUARTERS = 4
_CODE_LISTS = {
    "hh_type_now": "hh_type",
    "hh_type_frame": "hh_type",
    "mem_relation": "relation",
    "mem_sex": "sex",
    "mem_ethnicity": "ethnicity",
    "mem_live_place": "live_place",
    "mem_id_type": "id_type",
    "mem_marital": "marital",
    "mem_political": "political",
    "mem_labour": "labour_skill",
    "mem_health": "health",
    "mem_selfcare": "selfcare",
    "edu_level": "edu_level",
    "edu_stage": "school_stage",
    "ss_med": "med_ins",
}


@dataclass(frozen=True, slots=True)
class Document:
    """Something that can be printed."""

    kind: str  # household_file
    title: str
    remark: str


@dataclass(frozen=True, slots=True)
class PrintRow:
    """A household in the print centre."""

    household: str
    hh_no: str
    hh_id: str
    head_name: str
    group: str
    village_name: str
    hh_type_label: str
    printed_at: datetime | None
    version: int  # of the last print, 0 never
    changed_since: int
    conflicts: int
    selected: bool  # changed or never printed
    what: str  # 全部 / 没变 / 新
    state_label: str = ""  # 已并入 0012, 已迁出本县 …


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished PDF."""

    pdf: bytes
    pages: int
    households: int
    missing_glyphs: tuple[str, ...]


def documents(session: Session) -> tuple[Document, ...]:
    """What this role may print."""
    if session.role not in _printers(session):
        return ()
    if session.use_mode is UseMode.STAT:
        remark = _("统计调查：只印名册，不印答案")
        return (Document(HOUSEHOLD_FILE, _("调查户名册页"), remark),)
    remark = _("脱敏版：不印收入、消费、欠债") if session.role is Role.VSEC else _("封面、各表、佐证目录")
    return (Document(HOUSEHOLD_FILE, _("一户一档"), remark),)


def _printers(session: Session) -> tuple[Role, ...]:
    """Those who help households have no part in a statistical survey (people-and-process.md 1)."""
    return _PRINTERS if session.use_mode is UseMode.WORK else tuple(one for one in _PRINTERS if one is not Role.CMON)


def questionnaire(session: Session, form_id: str) -> Printed:
    """The newest questionnaire of a name, written out for reading through, with the mode and the marks of the project.

    Raises:
        FormMissing: none has been published. MarksMissing, MarksExpired: a statistical survey without them.
    """
    session.require("打印问卷", *_READERS)
    carried = marks(session, "问卷", form_id)
    with session.database.reading() as reading:
        pack = form_packs.newest(reading, form_id)
    if pack is None:
        raise FormMissing("no form pack")
    text = reading_text(session.load_form(pack.hash))
    pdf = questionnaire_pdf(
        text, county_name=session.county_name, use=session.use_mode.zh, marks=carried, by=session.name,
        at=session.now().astimezone(CHINA),
    )  # fmt: skip
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "print", "questionnaire", form_id)
    return Printed(pdf, page_count(pdf), 0, ())


def print_rows(session: Session, *, village: str = "", group: str = "") -> tuple[PrintRow, ...]:
    """Households with what changed since their last print."""
    session.require("打印一户一档", *_printers(session))
    require_contact(session, "打印一户一档")
    with session.database.reading() as reading:
        last = {
            row.household: row
            for row in reading.exec(
                select(PrintRegister).where(PrintRegister.document == HOUSEHOLD_FILE).order_by(col(PrintRegister.n))
            )
        }
        return tuple(
            _print_row(reading, one, last.get(one.root))
            for one in listed_in_scope(session, reading, pieces=[], village=village, group=group)
        )


def _print_row(reading: SqlSession, one: ListedHousehold, last: PrintRegister | None) -> PrintRow:
    changed = 0
    if last is not None:
        roots = [one.root, *reading.exec(select(InterviewRow.root).where(InterviewRow.household == one.root))]
        later = select(ChangeRow.change_id).where(
            col(ChangeRow.root).in_(roots), col(ChangeRow.stored_at) > last.printed_at
        )
        changed = len(reading.exec(later).all())
    conflicts = one.n_conflict + one.interview_conflicts
    what = _("新") if last is None else _("全部") if changed else _("没变")
    return PrintRow(
        household=one.root,
        hh_no=one.hh_no,
        hh_id=one.hh_id,
        head_name=one.head_name,
        group=one.grp,
        village_name=one.village_name,
        hh_type_label=code_label("hh_type", one.hh_type),
        printed_at=last.printed_at if last else None,
        version=last.version if last else 0,
        changed_since=changed,
        conflicts=conflicts,
        selected=last is None or changed > 0,
        what=what,
        state_label=state_words(one.state, one.ended_to, one.sample_role),
    )


def household_file(session: Session, household: str, *, noted: bool = True) -> Printed:
    """一户一档 of one household as PDF, noted in the print register; ``noted=False`` is the preview on the screen."""
    return household_files(session, [household], noted=noted)


def household_files(
    session: Session,
    households: Sequence[str],
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancel: Event | None = None,
    noted: bool = True,
) -> Printed:
    """Household files of several households in one PDF. Cancelling leaves nothing half done.

    Args:
        progress: done, total, name of the household in work.
        noted: whether the print register takes them down; a preview is no print.
    Raises:
        Cancelled.
        MarksMissing, MarksExpired: a statistical survey without 表号 and the like prints nothing.
    """
    session.require("打印一户一档", *_printers(session))
    require_contact(session, "打印一户一档")
    carried = marks(session, "调查户名册页")
    parts: list[bytes] = []
    registered: list[PrintRegister] = []
    missing: set[str] = set()
    for n, household in enumerate(households):
        if cancel is not None and cancel.is_set():
            raise Cancelled("printing stopped")
        with session.database.reading() as reading:
            found = listed_in_scope(session, reading, pieces=[], root=household)
            if not found:
                raise NoSuchHousehold("outside the scope or not here")
            collected, digests = collect(session, reading, found[0])
            before = reading.exec(
                select(PrintRegister.version)
                .where(PrintRegister.household == household, PrintRegister.document == HOUSEHOLD_FILE)
                .order_by(col(PrintRegister.n).desc())
            ).first()
        if progress is not None:
            progress(n, len(households), found[0].head_name)
        version = (before or 0) + 1
        stamp = record.Printed(
            session.name, session.now().astimezone(CHINA), version, use_mode=session.use_mode, marks=carried
        )
        pdf = lay_out(collected, session.role, stamp)
        parts.append(pdf)
        missing.update(missing_characters("".join(_texts(collected))))
        registered.append(
            PrintRegister(
                household=household,
                document=HOUSEHOLD_FILE,
                version=version,
                printed_at=session.now(),
                actor=session.account,
                pages=page_count(pdf),
                content=json.dumps(digests),
            )
        )
    whole = merge_pdfs(parts)
    if noted:
        with session.database.transaction() as writing:
            writing.add_all(registered)
            activity.note(writing, session.now(), session.account, "print", HOUSEHOLD_FILE, str(len(registered)))
    if progress is not None:
        progress(len(households), len(households), "")
    pages = sum(row.pages for row in registered)
    return Printed(whole, pages, len(registered), tuple(sorted(missing)))


def page_count(pdf: bytes) -> int:
    """Pages of a PDF."""
    import pypdfium2

    with PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


def merge_pdfs(parts: Sequence[bytes]) -> bytes:
    """Several PDFs one after the other, in memory: nothing is spooled to disk."""
    if len(parts) == 1:
        return parts[0]
    import pypdfium2

    with PDFIUM:
        whole = pypdfium2.PdfDocument.new()
        try:
            for part in parts:
                source = pypdfium2.PdfDocument(part)
                whole.import_pages(source)
                source.close()
            out = io.BytesIO()
            whole.save(out)
            return out.getvalue()
        finally:
            whole.close()


def _texts(collected: HouseholdRecord) -> Iterable[str]:
    yield collected.village_name
    for answers in (collected.fields, *collected.members):
        yield from (answer.text for answer in answers.values())


# --- collecting -------------------------------------------------------------------------------------------------------


def collect(session: Session, reading: SqlSession, one: ListedHousehold) -> tuple[HouseholdRecord, dict[str, str]]:
    """All that is known here of one household, and a digest of each root it comes from.

    In a statistical survey no interview is read: what was answered reaches no household file (monitoring.md 2).
    """
    shown = session.changes.view(reading, one.root)
    usable = [int(status) for status in snapshots.USABLE]
    query = select(InterviewRow).where(InterviewRow.household == one.root, col(InterviewRow.status).in_(usable))
    rows = [] if session.use_mode is UseMode.STAT else list(reading.exec(query))
    rows.sort(key=lambda row: periods.order_key(row.period))
    annual = [row for row in rows if row.form_id == "annual"][-1:]
    quarters = [row for row in rows if row.form_id == "quarterly"][-_READ_QUARTERS:]
    names = staff_names(reading)
    waves = {row.root: _wave(session, reading, row) for row in (*annual, *quarters)}
    digests = {
        root: state.digest.hex() for root in (one.root, *waves) if (state := reading.get(DocState, root)) is not None
    }
    content_hash = hashlib.blake2b(json.dumps(digests, sort_keys=True).encode(), digest_size=16).hexdigest()
    collected = HouseholdRecord(
        hh_id=one.hh_id,
        county_name=session.county_name,
        village_name=one.village_name,
        fields=_fields(shown, (), shown),
        members=tuple(_member(shown, row.row) for row in shown.roster(ROSTER) if not _has_left(shown, row.row)),
        annual=waves[annual[0].root] if annual else None,
        quarters=tuple(waves[row.root] for row in quarters),
        visits=tuple(line for row in rows for line in _visits(waves.get(row.root), names.get(row.enumerator, ""))),
        open_conflicts=one.n_conflict + one.interview_conflicts,
        content_hash=content_hash,
    )
    return collected, digests


def _has_left(shown: RootView, row: tuple[str, ...]) -> bool:
    return text(shown, "mem_left", row) not in ("", "0")


def _fields(shown: RootView, rows: tuple[str, ...], _: RootView) -> dict[str, Answer]:
    conflicts = {(one.row, one.field) for one in shown.conflicts}
    return {
        field: Answer(text(shown, field, rows), _words(field, text(shown, field, rows)), (rows, field) in conflicts)
        for row, field in shown.cells
        if row == rows and not field.startswith("~")
    }


def _member(shown: RootView, row: tuple[str, ...]) -> dict[str, Answer]:
    return {**_fields(shown, row, shown), "row_id": Answer(row[-1], row[-1])}


def _words(field: str, value: str) -> str:
    listed = _CODE_LISTS.get(field)
    return "、".join(code_label(listed, code) for code in value.split()) if listed else value


def _wave(session: Session, reading: SqlSession, row: InterviewRow) -> Wave:
    form, interview = snapshots.read_interview(session, reading, row.root)
    answers: dict[str, Answer] = {}
    rosters: dict[str, tuple[dict[str, Answer], ...]] = {}
    _gather(form, interview, form.root, (), answers, rosters)
    return Wave(
        form_id=row.form_id,
        period=row.period,
        status=str(row.status),
        visited_on=_visited_on(rosters) or (row.handed_in_at.astimezone(CHINA).date() if row.handed_in_at else None),
        answers=answers,
        rosters=rosters,
    )


def _gather(
    form: Form,
    interview: Interview,
    node: object,
    rows: tuple[str, ...],
    answers: dict[str, Answer],
    rosters: dict[str, tuple[dict[str, Answer], ...]],
) -> None:
    for child in getattr(node, "children", ()):
        if isinstance(child, Question):
            cell = Cell(child.path, rows)
            if child.name.endswith(("__st", "__ok")) or not interview.is_relevant(cell):
                continue
            state = interview.state(cell)
            value = f"#{state.status}" if state.status in ("8", "9") else state.value
            if value:
                answers[child.name] = Answer(state.value, value_label(interview, form, cell, value))
        elif isinstance(child, Repeat):
            found = []
            for row_id in interview.rows(Cell(child.path, rows)):
                row_answers: dict[str, Answer] = {"row_id": Answer(row_id, row_id)}
                _gather(form, interview, child, (*rows, row_id), row_answers, rosters)
                found.append(row_answers)
            rosters[child.name] = (*rosters.get(child.name, ()), *found)
        else:
            _gather(form, interview, child, rows, answers, rosters)


def _visit_rows(rosters: object) -> list[tuple[str, dict[str, Answer]]]:
    found = []
    for rows in getattr(rosters, "values", tuple)():
        for row in rows:
            for name in row:
                if name.endswith("visit_date"):
                    found.append((name.removesuffix("visit_date"), row))
    return found


def _visited_on(rosters: dict[str, tuple[dict[str, Answer], ...]]) -> date | None:
    days = [row[f"{stem}visit_date"].value for stem, row in _visit_rows(rosters)]
    return max((date.fromisoformat(day) for day in days if day), default=None)


def _visits(wave: Wave | None, enumerator: str) -> list[record.VisitLine]:
    lines = []
    for stem, row in _visit_rows(wave.rosters if wave else {}):
        start, end = (row.get(f"{stem}visit_{end}", record.NOTHING).text for end in ("start", "end"))
        lines.append(
            record.VisitLine(
                on=date.fromisoformat(row[f"{stem}visit_date"].value),
                minutes=_minutes(start, end),
                mode=row.get(f"{stem}visit_mode", record.NOTHING).text,
                outcome=row.get(f"{stem}visit_outcome", record.NOTHING).text,
                enumerator=enumerator,
            )
        )
    return lines


def _minutes(start: str, end: str) -> int | None:
    try:
        begun, ended = (int(clock[:2]) * 60 + int(clock[3:5]) for clock in (start, end))
    except ValueError:
        return None
    return ended - begun if ended > begun else None
