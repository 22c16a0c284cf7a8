"""权数 of a period (monitoring.md 9.3): from the draw, the visits' results and the frame's counts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sqlmodel import Session as SqlSession
from sqlmodel import select

from fieldapp.exporting.csv_files import write_csv
from fieldapp.exporting.table import Column, Table
from fieldapp.services import draw_records
from fieldapp.services.drawing_sample import followed_households, roots_by_number
from fieldapp.services.leasing import require_contact
from fieldapp.services.session import Session
from fieldapp.services.visit_log import final_outcome
from fieldapp.store import activity
from fieldapp.store.tables import AssignmentRow
from fieldapp.words import _
from forms.monitoring.sample import Stratum
from forms.monitoring.sample_weights import TRACKED, PeriodWeights, Visited, period_weights, shown_weight
from sync.scope import Role


@dataclass(frozen=True, slots=True)
class Weighted:
    """The weights of a period, and the households they are of."""

    period: str
    households: tuple[Visited, ...]
    weights: PeriodWeights


def weights_of(session: Session, period: str, form_id: str, *, draw: str = "") -> Weighted:
    """Weights of the households of the sample in a period; a replacement carries the base weight of the one it replaced."""
    session.require("算权数", Role.CADM)
    require_contact(session, "算权数")
    with session.database.reading() as reading:
        stored = draw_records.find_draw(reading, draw, period)
        base = {one.hh_id: one.weight for one in stored.draw.households}
        for step in stored.steps(period):
            base[step.new] = base[step.old]
        roots = roots_by_number(reading)
        households = []
        for one in stored.standing(period):
            outcome = _outcome(session, reading, roots.get(one.hh_id, ""), period, form_id)
            # A household drawn elsewhere counts for the township it stands in.
            households.append(
                Visited(one.hh_id, one.village[:9], one.stratum, base[one.hh_id], one.sample_role, outcome)
            )
        for hh_id, village, _parent in followed_households(reading):
            outcome = _outcome(session, reading, roots.get(hh_id, ""), period, form_id)
            households.append(Visited(hh_id, village[:9], Stratum.POOR, Fraction(0), TRACKED, outcome))
        counts = {stratum: stored.frame.count(stratum) for stratum in Stratum}
    found = tuple(households)
    return Weighted(period, found, period_weights(found, counts))


def _outcome(session: Session, reading: SqlSession, root: str, period: str, form_id: str) -> str:
    query = select(AssignmentRow.root).where(
        AssignmentRow.household == root, AssignmentRow.period == period, AssignmentRow.form_id == form_id
    )
    assignment = reading.exec(query).first()
    return final_outcome(session, reading, assignment) if assignment else ""


def write_weights(session: Session, weighted: Weighted, folder: Path) -> Path:
    """Writes them as CSV, one line a household. Raises ExportNotWritten."""
    rows = tuple(
        (
            one.hh_id,
            str(one.stratum),
            one.sample_role,
            one.outcome,
            shown_weight(one.base_weight),
            shown_weight(weighted.weights.final[one.hh_id]),
        )
        for one in weighted.households
    )
    columns = (
        Column("hh_id", _("户编码")),
        Column("cov_stratum", _("抽样层")),
        Column("cov_sample_role", _("样本性质")),
        Column("outcome", _("最终结果")),
        Column("base_weight", _("基础权")),
        Column("weight", _("权数")),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = write_csv(Table(f"weights_{weighted.period}", _("权数"), columns, rows), folder)
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "export weights", detail=weighted.period)
    return path
