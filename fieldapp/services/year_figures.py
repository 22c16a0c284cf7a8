"""年度汇总 of the quarters: every household's year, a missing quarter imputed and marked, and figures per head by stratum."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.exporting.csv_files import write_csv
from fieldapp.exporting.table import Column, Table
from fieldapp.services.leasing import require_contact
from fieldapp.services.session import Session
from fieldapp.store import activity
from fieldapp.store.projections import text
from fieldapp.store.tables import InterviewRow
from fieldapp.words import _
from forms.monitoring.missing_quarter import RESIDENTS, Quarters, Year, stratum_per_head, year_of
from forms.monitoring.sample import Stratum
from forms.monitoring.summaries import BLANK, LEAST_HOUSEHOLDS
from sync.records import FormStatus
from sync.scope import Role

INCOME, CONSUMPTION = "income_total", "consumption_total"
_MONEY = (INCOME, CONSUMPTION)
_FINAL = (int(FormStatus.APPROVED), int(FormStatus.LOCKED), int(FormStatus.ARCHIVED))


@dataclass(frozen=True, slots=True)
class StratumYear:
    """A line of the year's summary.

    Attributes:
        stratum: code, "" for all together.
        households: with any quarter; imputed: of which one quarter stands for itself by the ratio; left_out: which take no part.
        income, consumption: yuan a head as printed, blank for fewer than five households.
    """

    stratum: str
    label: str
    households: int
    imputed: int
    left_out: int
    income: str
    consumption: str


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A year: its households and the lines by stratum."""

    year: str
    households: tuple[Year, ...]
    lines: tuple[StratumYear, ...]


def year_figures(session: Session, year: str) -> YearFigures:
    """The year from approved quarterly questionnaires without conflict (county office).

    Args:
        year: 2026.
    """
    session.require("出年度汇总", Role.CADM)
    require_contact(session, "出年度汇总")
    with session.database.reading() as reading:
        years = year_of(_quarters(session, reading, year))
    lines = [_line(str(stratum), stratum.zh, [one for one in years if one.stratum == stratum]) for stratum in Stratum]
    return YearFigures(year, years, (*lines, _line("", "合计", list(years))))


def _quarters(session: Session, reading: SqlSession, year: str) -> list[Quarters]:
    query = select(InterviewRow).where(
        InterviewRow.form_id == "quarterly",
        col(InterviewRow.period).in_([f"{year}Q{n}" for n in range(1, 5)]),
        col(InterviewRow.status).in_(_FINAL),
        InterviewRow.n_conflict == 0,
    )
    found: dict[str, dict[int, dict[str, Fraction]]] = {}
    for row in reading.exec(query.order_by(col(InterviewRow.household), col(InterviewRow.root))):
        said = json.loads(row.figures or "{}")
        known = {name: Fraction(Decimal(said[name])) * 100 for name in _MONEY if name in said}
        if RESIDENTS in said:
            found.setdefault(row.household, {})[int(row.period[5])] = {
                **known,
                RESIDENTS: Fraction(Decimal(said[RESIDENTS])),
            }
    quarters = []
    for household, values in found.items():
        shown = session.changes.view(reading, household)
        weight = text(shown, "sample_weight")
        quarters.append(
            Quarters(household, text(shown, "cov_stratum"), Fraction(weight) if weight else Fraction(1), values)
        )
    return quarters


def _line(stratum: str, label: str, years: list[Year]) -> StratumYear:
    part = [one for one in years if one.counts and one.weight > 0]

    def shown(measure: str) -> str:
        fen = stratum_per_head(part, measure)
        return BLANK if fen is None or len(part) < LEAST_HOUSEHOLDS else _yuan(fen)

    return StratumYear(
        stratum=stratum,
        label=_(label),
        households=len(years),
        imputed=sum(one.imputed is not None for one in years),
        left_out=sum(not one.counts for one in years),
        income=shown(INCOME),
        consumption=shown(CONSUMPTION),
    )


def _yuan(fen: Fraction) -> str:
    exact = Decimal(fen.numerator) / Decimal(fen.denominator) / 100
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def write_year(session: Session, figures: YearFigures, folder: Path) -> Path:
    """Writes the households' years as CSV, a line each with the quarter that was imputed, named by a key that is no household number.

    Raises:
        ExportNotWritten.
    """
    rows = tuple(
        (
            one.household[-12:],
            one.stratum,
            str(one.quarters),
            str(one.imputed or ""),
            "1" if one.counts else "0",
            *(_yuan(one.totals[name]) if name in one.totals else "" for name in _MONEY),
            *("" if (head := one.per_head(name)) is None else _yuan(head) for name in _MONEY),
        )
        for one in figures.households
    )
    columns = (
        Column("household", _("户")),
        Column("cov_stratum", _("抽样层")),
        Column("quarters", _("有几季")),
        Column("imputed_quarter", _("插补的季")),
        Column("in_year", _("进入年度人均")),
        Column("disp_inc_year", _("年可支配收入（元）")),
        Column("cons_total_year", _("年消费支出（元）")),
        Column("disp_inc_pc_year", _("年人均可支配收入（元）")),
        Column("cons_pc_year", _("年人均消费（元）")),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = write_csv(Table(f"year_{figures.year}", _("年度汇总"), columns, rows), folder)
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "export", "year", figures.year)
    return path
