"""Rows for analysis, with scope and masking by role, and an entry in the activity log.

One table a level: the household's answers, and each roster's rows, keyed by household, interview and period so that waves stand below
each other. Versions of a questionnaire are joined (export_joining.py); beside each table one of states tells why a cell is blank.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import FormMissing, NotAllowed
from fieldapp.exporting.codebook import codebook_rows
from fieldapp.exporting.csv_files import write_csv
from fieldapp.exporting.files import write_whole
from fieldapp.exporting.table import Column, Table
from fieldapp.exporting.workbook import write_workbook
from fieldapp.services import periods, snapshots
from fieldapp.services.export_joining import STATES, Level, Privacy, joined, rows_of, version_names
from fieldapp.services.export_sources import Pins, source_tables
from fieldapp.services.leasing import require_contact
from fieldapp.services.project import UseMode, forbid_in_statistics
from fieldapp.services.session import Session
from fieldapp.store import activity
from fieldapp.store.tables import FormPack, HouseholdRow, InterviewRow
from fieldapp.words import _
from forms.engine import Form
from sync.records import FormStatus
from sync.scope import Role

__all__ = ["Column", "ExportReport", "Table", "export", "tables"]

_EXPORTERS = {UseMode.WORK: (Role.TSUP, Role.CADM), UseMode.STAT: (Role.CADM,)}
_FINAL = (int(FormStatus.APPROVED), int(FormStatus.LOCKED), int(FormStatus.ARCHIVED))
_VILLAGE, _TOWNSHIP_DIGITS = "cov_village_code", 9
_KEYS = (
    Column("hh_key", "户（去标识）"),
    Column("interview", "问卷编号"),
    Column("period", "期"),
)
_HEAD = (
    *_KEYS,
    Column("form_version", "问卷版本"),
    Column("status", "状态", "select1", tuple((str(int(one)), one.zh) for one in FormStatus)),
    Column("final", "可作定稿：通过且无冲突", "select1", (("1", "是"), ("0", "否"))),
)
_ROW = Column("row_id", "行（人）编号，各期相同")
FORMATS = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written."""

    files: tuple[Path, ...]
    interviews: int
    final: int  # without conflict and approved
    sentence: str


@dataclass(frozen=True, slots=True)
class _Exported:
    tables: tuple[Table, ...]
    interviews: int
    final: int


def tables(session: Session, form_id: str, period: str, *, identities: bool = False) -> tuple[Table, ...]:
    """Answers of one form and period as tables: one of households, one for each roster (rows keyed by lasting id), their states,
    and what each interview was begun with.

    Args:
        period: "" for all periods.
        identities: names, identity numbers and telephones; county office of a working project only.
    Raises:
        NotAllowed, NotInStatistics.
    """
    return _collect(session, form_id, period, identities).tables


def _collect(session: Session, form_id: str, period: str, identities: bool) -> _Exported:
    session.require("导出数据", *_EXPORTERS[session.use_mode])
    require_contact(session, "导出数据")
    if identities:
        forbid_in_statistics(session, "导出姓名、证件号和户编码")
        if session.role is not Role.CADM:
            raise NotAllowed("identities", role=session.role.zh, deed="导出姓名和证件号")
    with session.database.reading() as reading:
        found = _interviews(session, reading, form_id, period)
        forms = _versions(session, reading, form_id, {row.form_hash for row, _ in found})
        filled = [(row, household, *snapshots.read_begun(session, reading, row.root)) for row, household in found]
    privacy = Privacy(identities, free_text=session.use_mode is UseMode.WORK)
    levels, names = joined(forms, privacy), version_names(forms)
    values: dict[str, list[tuple[str, ...]]] = {roster: [] for roster in levels}
    states: dict[str, list[tuple[str, ...]]] = {roster: [] for roster in levels}
    begun: list[tuple[tuple[str, str, str], Pins]] = []
    final = 0
    for row, household, form, interview, pins in filled:
        good = row.status in _FINAL and not row.n_conflict
        final += good
        keys = (household.hh_id if identities else household.root[-12:], row.root, row.period)
        begun.append((keys, pins))
        head = (*keys, names[form.hash], str(row.status), "1" if good else "0")
        for roster, rows, answers, why in rows_of(form, interview, levels, names[form.hash]):
            level = levels[roster]
            if not roster or answers:
                values[roster].append((*head, *rows[-1:], *(answers.get(name, "") for name in level.columns)))
                states[roster].append((*keys, *rows[-1:], *(why[name] for name in _answerable(level))))
    made = [_table(form_id, level, values[roster]) for roster, level in levels.items()]
    made += [_state_table(form_id, level, states[roster]) for roster, level in levels.items() if level.answerable]
    made += source_tables(form_id, begun, identities)
    if session.use_mode is UseMode.STAT:
        made = [_by_township(table) for table in made]
    return _Exported(tuple(made), len(filled), final)


def _interviews(
    session: Session, reading: SqlSession, form_id: str, period: str
) -> list[tuple[InterviewRow, HouseholdRow]]:
    usable = [int(status) for status in snapshots.USABLE]
    query = select(InterviewRow, HouseholdRow).where(
        InterviewRow.household == HouseholdRow.root,
        InterviewRow.form_id == form_id,
        col(InterviewRow.status).in_(usable),
    )
    if period:
        query = query.where(InterviewRow.period == period)
    if session.role is not Role.CADM:
        query = query.where(col(HouseholdRow.village_code).in_(session.village_codes))
    found = [(row, household) for row, household in reading.exec(query)]
    # Wave after wave of each household: the later ones look back on the earlier.
    return sorted(found, key=lambda one: (one[1].hh_id, periods.order_key(one[0].period), one[0].root))


def _versions(session: Session, reading: SqlSession, form_id: str, used: set[str]) -> list[Form]:
    """Versions that were filled in and the newest, newest first."""
    query = select(FormPack.hash).where(FormPack.form_id == form_id).order_by(col(FormPack.published_hlc).desc())
    hashes = list(reading.exec(query))
    if not hashes:
        raise FormMissing("no such form")
    return [session.load_form(one) for n, one in enumerate(hashes) if n == 0 or one in used]


def _answerable(level: Level) -> list[str]:
    return [name for name in level.columns if name in level.answerable]


def _name(form_id: str, level: Level) -> str:
    return f"{form_id}_{level.roster}" if level.roster else form_id


def _table(form_id: str, level: Level, rows: list[tuple[str, ...]]) -> Table:
    row_column = (_ROW,) if level.roster else ()
    return Table(_name(form_id, level), level.label, (*_HEAD, *row_column, *level.columns.values()), tuple(rows))


def _state_table(form_id: str, level: Level, rows: list[tuple[str, ...]]) -> Table:
    row_column = (_ROW,) if level.roster else ()
    columns = [Column(name, level.columns[name].label, "state", STATES) for name in _answerable(level)]
    label = f"{level.label}：每格的状态"
    return Table(f"{_name(form_id, level)}_states", label, (*_KEYS, *row_column, *columns), tuple(rows))


def _by_township(table: Table) -> Table:
    """A statistical survey's rows tell the township, never the village (people-and-process.md 7.2)."""
    places = [n for n, column in enumerate(table.columns) if column.name == _VILLAGE]
    if not places:
        return table
    cut = tuple(
        tuple(value[:_TOWNSHIP_DIGITS] if n in places else value for n, value in enumerate(row)) for row in table.rows
    )
    return replace(table, rows=cut)


def export(
    session: Session, folder: Path, *, form_id: str, period: str, file_format: str = "csv", identities: bool = False
) -> ExportReport:
    """Writes tables and a codebook to a folder outside the store. The files are not encrypted: screens ask first.

    Args:
        file_format: csv or xlsx.
    """
    made = _collect(session, form_id, period, identities)
    folder.mkdir(parents=True, exist_ok=True)
    if file_format == "xlsx":
        files = [write_workbook(made.tables, folder / f"{form_id}_{period or 'all'}.xlsx")]
    else:
        files = [write_csv(table, folder) for table in made.tables]
        files.append(_write_codebook(made.tables, folder / f"{form_id}_codebook.csv"))
    with session.database.transaction() as writing:
        detail = f"{form_id} {period} {made.interviews}{' identities' if identities else ''}"
        activity.note(writing, session.now(), session.account, "export", file_format, detail)
    sentence = _("导出 {interviews} 份，其中 {final} 份是定稿，写了 {files} 个文件").format(
        interviews=made.interviews, final=made.final, files=len(files)
    )
    return ExportReport(tuple(files), made.interviews, made.final, sentence)


def _write_codebook(made: tuple[Table, ...], path: Path) -> Path:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(codebook_rows(made))

    def put(file: BinaryIO) -> None:
        file.write(out.getvalue().encode("utf-8-sig"))

    write_whole(path, put)
    return path
