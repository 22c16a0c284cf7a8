"""The county's summary tables of a wave: counts by stratum, small cells blank, with the marks of a survey (monitoring.md 11.3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.exporting.csv_files import write_csv
from fieldapp.exporting.table import Column, Table
from fieldapp.printing.document import Document, Facts, Grid, Section, Words, render
from fieldapp.services import periods, snapshots
from fieldapp.services.leasing import require_contact
from fieldapp.services.printing import Printed, page_count
from fieldapp.services.project import marks
from fieldapp.services.session import CHINA, Session
from fieldapp.store import activity
from fieldapp.store.projections import text
from fieldapp.store.tables import InterviewRow
from fieldapp.words import _
from forms.monitoring.guarantees import guarantee_lines
from forms.monitoring.sample import Stratum
from forms.monitoring.summaries import RuleRow, Surveyed, guarantee_table
from sync.records import FormStatus
from sync.scope import Role

_FINAL = (int(FormStatus.APPROVED), int(FormStatus.LOCKED), int(FormStatus.ARCHIVED))
_INFERRED = "样本推断：只代表样本户。有效户数不足 5 户的格印“—”。"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a wave comes to: households with a final quarterly questionnaire, and the lines of T06."""

    period: str
    households: int
    rows: tuple[RuleRow, ...]


def summary(session: Session, period: str) -> Summary:
    """T06 两不愁三保障与饮水 of a quarter, from approved questionnaires without conflict (county office)."""
    session.require("出汇总表", Role.CADM)
    require_contact(session, "出汇总表")
    with session.database.reading() as reading:
        query = select(InterviewRow).where(
            InterviewRow.form_id == "quarterly",
            InterviewRow.period == period,
            InterviewRow.n_conflict == 0,
            col(InterviewRow.status).in_(_FINAL),
        )
        found = [_surveyed(session, reading, row) for row in reading.exec(query.order_by(col(InterviewRow.root)))]
    return Summary(period, len(found), guarantee_table(found))


def _surveyed(session: Session, reading: SqlSession, row: InterviewRow) -> Surveyed:
    quarter = snapshots.from_csv(snapshots.wave_csv(session, reading, row.root))
    base = snapshots.sources(reading, row.household, row.form_id, row.period).get("base")
    year = snapshots.from_csv(snapshots.wave_csv(session, reading, base.root)) if base else {}
    people = [[answers for row_id, answers in wave.items() if row_id] for wave in (year, quarter)]
    lines = guarantee_lines(year.get("", {}), quarter.get("", {}), *people)
    stratum = text(session.changes.view(reading, row.household), "cov_stratum")
    return Surveyed(stratum, lines)


def _headings() -> tuple[str, ...]:
    return (_("项目"), _("规则"), *(_(stratum.zh) for stratum in Stratum), _("合计"))


def summary_pdf(session: Session, period: str) -> Printed:
    """The table as a paper.

    Raises:
        MarksMissing, MarksExpired: a statistical survey without 表号 and the like prints nothing.
    """
    carried = marks(session, "汇总表")
    made = summary(session, period)
    facts = Facts(
        (
            (_("调查期"), periods.title(period)),
            (_("用途"), _(session.use_mode.zh)),
            (_("定稿户数"), str(made.households)),
            *carried,
        )
    )
    rows = tuple((one.line, one.rule, *one.cells) for one in made.rows)
    grid = Grid(_headings(), rows, (9, 6, *[10] * len(Stratum), 10), right=frozenset(range(2, 3 + len(Stratum))))
    stamp = session.now().astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    title = _("T06 两不愁三保障与饮水")
    pdf = render(
        Document(
            title=title,
            header=f"{session.county_name}　{title}",
            footer=_("打印：{name}　{at}").format(name=session.name, at=stamp),
            watermark="",
            sections=(Section(title, (facts, grid, Words(_(_INFERRED), small=True))),),
        )
    )
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "print", "summary", period)
    return Printed(pdf, page_count(pdf), made.households, ())


def write_summary(session: Session, period: str, folder: Path) -> Path:
    """The table as CSV, in a folder outside the store; nobody can be told from it.

    Raises:
        ExportNotWritten. MarksMissing, MarksExpired: as for the paper.
    """
    carried = marks(session, "汇总表")
    made = summary(session, period)
    names = ("line", "rule", *(str(stratum) for stratum in Stratum), "all")
    columns = (*(Column(name, label) for name, label in zip(names, _headings(), strict=True)),)
    columns += (Column("project", _("用途与标识")),)
    marked = "；".join(f"{name}：{value}" for name, value in (("用途", session.use_mode.zh), *carried))
    folder.mkdir(parents=True, exist_ok=True)
    rows = tuple((one.line, one.rule, *one.cells, marked) for one in made.rows)
    path = write_csv(Table(f"summary_{period}", "T06", columns, rows), folder)
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "export", "summary", period)
    return path
