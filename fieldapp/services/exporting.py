"""Rows for analysis, with scope and masking by role, and an entry in the activity log."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
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
from fieldapp.services import snapshots
from fieldapp.services.export_sources import Pins, source_tables
from fieldapp.services.session import Session
from fieldapp.services.static_labels import choices, question_label
from fieldapp.store import activity, form_packs
from fieldapp.store.sealing import sensitive_class
from fieldapp.store.tables import HouseholdRow, InterviewRow
from fieldapp.words import _
from forms.engine import Form, Group, Question, Repeat
from sync.records import FormStatus
from sync.scope import Role

__all__ = ["Column", "ExportReport", "Table", "export", "tables"]

_EXPORTERS = (Role.TSUP, Role.CADM)
_IDENTITY = "identity"
_FINAL = (int(FormStatus.APPROVED), int(FormStatus.LOCKED), int(FormStatus.ARCHIVED))
_TYPES = {"int": "integer", "decimal": "decimal", "date": "date", "dateTime": "date"}
_HEAD = (
    Column("hh_key", "户（去标识）"),
    Column("interview", "问卷编号"),
    Column("period", "期"),
    Column("status", "状态", "select1", tuple((str(int(one)), one.zh) for one in FormStatus)),
    Column("final", "可作定稿：通过且无冲突", "select1", (("1", "是"), ("0", "否"))),
)
FORMATS = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written."""

    files: tuple[Path, ...]
    interviews: int
    final: int  # without conflict and approved
    sentence: str


def tables(session: Session, form_id: str, period: str, *, identities: bool = False) -> tuple[Table, ...]:
    """Answers of one form and period as tables: one of households, one for each roster (rows keyed by lasting id).

    Args:
        period: "" for all periods.
        identities: names, identity numbers and telephones; county office only.
    Raises:
        NotAllowed.
    """
    return _tables(session, form_id, period, identities)[0]


def _tables(session: Session, form_id: str, period: str, identities: bool) -> tuple[tuple[Table, ...], int, int]:
    session.require("导出数据", *_EXPORTERS)
    if identities and session.role is not Role.CADM:
        raise NotAllowed("identities", role=session.role.zh, deed="导出姓名和证件号")
    with session.database.reading() as reading:
        pack = form_packs.newest(reading, form_id)
        if pack is None:
            raise FormMissing("no such form")
        form = session.load_form(pack.hash)
        rows = _interviews(session, reading, form_id, period)
        filled = [(row, *snapshots.read_interview(session, reading, row.root)) for row, _ in rows]
        households = {row.root: household for row, household in rows}
        pins = {row.root: snapshots.pinned(reading, row.root) for row, _ in rows}
    layout = _layout(form, identities)
    data: dict[str, list[tuple[str, ...]]] = {name: [] for name in layout}
    final = 0
    begun: list[tuple[tuple[str, str, str], Pins]] = []
    for row, own_form, interview in filled:
        values = snapshots.interview_values(own_form, interview)
        good = row.status in _FINAL and not row.n_conflict
        final += good
        household = households[row.root]
        key = household.hh_id if identities else household.root[-12:]
        head = (key, row.root, row.period, str(row.status), "1" if good else "0")
        begun.append((head[:3], pins[row.root]))
        for name, (columns, repeat) in layout.items():
            if repeat is None:
                data[name].append((*head, *(values[""].get(column.name, "") for column in columns)))
                continue
            for row_id, answers in values.items():
                if row_id and any(column.name in answers for column in columns):
                    data[name].append((*head, row_id, *(answers.get(column.name, "") for column in columns)))
    made = []
    for name, (columns, repeat) in layout.items():
        row_column = () if repeat is None else (Column("row_id", "行（人）编号，各期相同"),)
        label = form.title if repeat is None else question_label(form, repeat.path)
        made.append(Table(name, label, (*_HEAD, *row_column, *columns), tuple(data[name])))
    return (*made, *source_tables(form_id, begun, identities)), len(filled), final


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
    return [(row, household) for row, household in reading.exec(query.order_by(col(HouseholdRow.hh_id)))]


def _layout(form: Form, identities: bool) -> dict[str, tuple[list[Column], Repeat | None]]:
    """Tables by name: their columns, and the roster whose rows they hold."""
    found: dict[str, tuple[list[Column], Repeat | None]] = {form.form_id: ([], None)}
    _columns(form, form.root, form.form_id, found, identities)
    return {name: one for name, one in found.items() if one[0]}


def _columns(
    form: Form,
    node: Group | Repeat,
    table: str,
    found: dict[str, tuple[list[Column], Repeat | None]],
    identities: bool,
) -> None:
    for child in node.children:
        if isinstance(child, Repeat):
            name = f"{form.form_id}_{child.name}"
            found.setdefault(name, ([], child))
            _columns(form, child, name, found, identities)
        elif isinstance(child, Group):
            _columns(form, child, table, found, identities)
        elif isinstance(child, Question) and not child.is_note and not child.name.endswith("__ok"):
            field = child.path.removeprefix(form.root.path + "/")
            sensitive = sensitive_class(form, field) or ""
            if child.path.split("/")[2] == "meta" or (sensitive == _IDENTITY and not identities):
                continue
            kind = {"select1": "select1", "select": "select"}.get(child.control or "", _TYPES.get(child.type, "text"))
            column = Column(child.name, question_label(form, child.path), kind, choices(form, child.path), sensitive)
            found[table][0].append(column)


def export(
    session: Session, folder: Path, *, form_id: str, period: str, file_format: str = "csv", identities: bool = False
) -> ExportReport:
    """Writes tables and a codebook to a folder outside the store. The files are not encrypted: screens ask first.

    Args:
        file_format: csv or xlsx.
    """
    made, interviews, final = _tables(session, form_id, period, identities)
    folder.mkdir(parents=True, exist_ok=True)
    if file_format == "xlsx":
        files = [write_workbook(made, folder / f"{form_id}_{period or 'all'}.xlsx")]
    else:
        files = [write_csv(table, folder) for table in made]
        files.append(_write_codebook(made, folder / f"{form_id}_codebook.csv"))
    with session.database.transaction() as writing:
        detail = f"{form_id} {period} {interviews}{' identities' if identities else ''}"
        activity.note(writing, session.now(), session.account, "export", file_format, detail)
    sentence = _("导出 {interviews} 份，其中 {final} 份是定稿，写了 {files} 个文件").format(
        interviews=interviews, final=final, files=len(files)
    )
    return ExportReport(tuple(files), interviews, final, sentence)


def _write_codebook(made: tuple[Table, ...], path: Path) -> Path:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(codebook_rows(made))

    def put(file: BinaryIO) -> None:
        file.write(out.getvalue().encode("utf-8-sig"))

    write_whole(path, put)
    return path
