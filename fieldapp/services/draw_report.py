"""抽样报告: seed, frame, probabilities, sample and reserve as tables and as a paper, for the office's file (monitoring.md 9.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from sqlmodel import select

from fieldapp.exporting.csv_files import write_csv
from fieldapp.exporting.files import write_whole
from fieldapp.exporting.table import Column, Table
from fieldapp.printing.document import Document, Facts, Grid, Section, Words, render
from fieldapp.services.draw_records import StoredDraw
from fieldapp.services.drawing_sample import made_again
from fieldapp.services.leasing import require_contact
from fieldapp.services.project import marks
from fieldapp.services.session import Session
from fieldapp.store import activity
from fieldapp.store.tables import HouseholdRow, Staff, VillageRow
from fieldapp.words import _
from forms.monitoring.sample import Stratum, expected_error, needed_size, too_small
from forms.monitoring.sample_draw import KEY, RELOCATION
from forms.monitoring.sample_weights import shown_weight
from sync.scope import Role


@dataclass(frozen=True, slots=True)
class StratumLine:
    """A stratum in the report: households of the frame, drawn, in reserve, lacking; sum of base weights."""

    stratum: Stratum
    frame: int
    drawn: int
    reserve: int
    lacking: int
    weights: Fraction


@dataclass(frozen=True, slots=True)
class DrawReport:
    """What the report says.

    Args:
        needed: households that the formula of 9.2 asks for. error: relative error at 95 % that the sample gives, in percent.
        small: strata with fewer than 100 households, for which no figures of their own may be given.
        again: whether the kept frame, design and seed give the same sample once more.
    """

    stored: StoredDraw
    made_by: str
    strata: tuple[StratumLine, ...]
    villages: tuple[tuple[str, ...], ...]  # code, name, kind, size, probability, drawn
    needed: int
    error: str
    small: tuple[Stratum, ...]
    again: bool

    @property
    def lacking(self) -> int:
        """Households that could not be drawn."""
        return self.stored.draw.lacking


def report(session: Session, stored: StoredDraw) -> DrawReport:
    """The report of a draw (county office)."""
    session.require("看抽样", Role.CADM)
    require_contact(session, "看抽样")
    draw = stored.draw
    with session.database.reading() as reading:
        names = {row.code: row.name for row in reading.exec(select(VillageRow))}
        maker = reading.get(Staff, stored.made_by)
    kinds = {RELOCATION: _("安置社区"), KEY: _("重点帮扶村")}
    villages = tuple(
        (
            one.code,
            names.get(one.code, one.code),
            kinds.get(one.group, ""),
            str(one.size),
            _percent(one.probability),
            _("抽中") if one.drawn else "",
        )
        for one in draw.villages
    )
    n = len(draw.households)
    return DrawReport(
        stored=stored,
        made_by=maker.name if maker else stored.made_by,
        strata=tuple(_stratum(stored, stratum) for stratum in Stratum),
        villages=villages,
        needed=needed_size(),
        error=f"{expected_error(n) * 100:.1f}" if n else "—",
        small=too_small({stratum: draw.count(stratum) for stratum in Stratum}),
        again=made_again(stored),
    )


def _stratum(stored: StoredDraw, stratum: Stratum) -> StratumLine:
    draw = stored.draw
    mine = [one for one in draw.households if one.stratum == stratum]
    return StratumLine(
        stratum=stratum,
        frame=stored.frame.count(stratum),
        drawn=len(mine),
        reserve=sum(1 for one in draw.reserves if one.stratum == stratum),
        lacking=sum(cell.short - cell.filled for cell in draw.cells if cell.stratum == stratum),
        weights=sum((one.weight for one in mine), Fraction(0)),
    )


def _percent(value: Fraction) -> str:
    return f"{float(value) * 100:.4f}"


def tables(session: Session, stored: StoredDraw) -> tuple[Table, ...]:
    """Villages, cells, sample and reserve as tables. For the office alone: the reserve's order is in it."""
    found = report(session, stored)
    with session.database.reading() as reading:
        heads = dict(reading.exec(select(HouseholdRow.hh_id, HouseholdRow.head_name)).all())
    return (
        _table("draw_villages", _("村"), _VILLAGE_COLUMNS, found.villages),
        _table(
            "draw_cells",
            _("村内各层"),
            ("cov_village_code", "cov_stratum", "frame_n", "wanted", "drawn", "frame_short", "filled", "probability"),
            (
                (
                    one.village,
                    str(one.stratum),
                    *map(str, (one.frame, one.wanted, one.drawn, one.short, one.filled)),
                    _percent(one.probability),
                )
                for one in stored.draw.cells
            ),
        ),
        _table("draw_sample", _("样本"), _SAMPLE_COLUMNS, _sample_rows(stored, heads)),
        _table(
            "draw_reserve",
            _("备用户（不公开给调查员）"),
            ("hh_id", "hh_head_name", "cov_village_code", "cov_stratum", "reserve_order"),
            (
                (one.hh_id, heads.get(one.hh_id, ""), one.village, str(one.stratum), str(one.order))
                for one in stored.draw.reserves
            ),
        ),
    )


_VILLAGE_COLUMNS = ("cov_village_code", "cov_village_name", "kind", "size", "probability", "drawn")
_SAMPLE_COLUMNS = (
    "hh_id", "hh_head_name", "cov_village_code", "cov_stratum", "sample_point", "probability", "sample_weight",
    "rotation_group",
)  # fmt: skip


def _sample_rows(stored: StoredDraw, heads: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (
            one.hh_id,
            heads.get(one.hh_id, ""),
            one.village,
            str(one.stratum),
            one.point,
            _percent(one.probability),
            shown_weight(one.weight),
            str(one.rotation_group),
        )
        for one in stored.draw.households
    ]


def _table(name: str, label: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    said = {
        "hh_id": _("户编码"), "hh_head_name": _("户主姓名"), "cov_village_code": _("村代码"), "cov_village_name": _("村"),
        "cov_stratum": _("抽样层"), "sample_point": _("抽样点"), "probability": _("入样概率（%）"), "drawn": _("抽中"),
        "sample_weight": _("权数"), "rotation_group": _("轮换组"), "reserve_order": _("备用顺序"), "kind": _("必抽"),
        "size": _("脱贫户与监测户"), "frame_n": _("框内户数"), "wanted": _("应抽"), "frame_short": _("不足"),
        "filled": _("补足"),
    }  # fmt: skip
    return Table(name, label, tuple(Column(one, said[one]) for one in columns), tuple(rows))


def write_report(session: Session, stored: StoredDraw, folder: Path) -> tuple[Path, ...]:
    """Writes the tables as CSV and the report as PDF; the files are not encrypted and are the office's.

    Raises:
        ExportNotWritten.
    """
    paper = report_pdf(session, stored)
    folder.mkdir(parents=True, exist_ok=True)
    pdf = folder / "draw_report.pdf"
    write_whole(pdf, lambda file: _put(file, paper))
    written = [pdf, *(write_csv(table, folder) for table in tables(session, stored))]
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "export draw", stored.root, str(len(written)))
    return tuple(written)


def _put(file: BinaryIO, paper: bytes) -> None:
    file.write(paper)


def report_pdf(session: Session, stored: StoredDraw) -> bytes:
    """The report as a paper: what was decided, frame, strata, villages, the sample; never the reserve.

    Raises:
        MarksMissing, MarksExpired: a statistical survey without 表号 and the like prints nothing.
    """
    carried = marks(session, "抽样报告")
    found = report(session, stored)
    draw = stored.draw
    facts = Facts(
        (
            (_("抽样"), stored.name),
            (_("起始调查期"), stored.first_period),
            (_("抽样人"), found.made_by),
            (_("随机种子"), str(draw.seed)),
            (_("方法"), stored.method),
            (_("日期"), stored.made_at.date().isoformat()),
            (_("抽样点"), f"{len(draw.points)} / {len(draw.villages)}"),
            (_("样本户"), str(len(draw.households))),
            (_("框校验码"), draw.frame_digest[:16]),
            (_("用途"), _(session.use_mode.zh)),
            *carried,
        )
    )
    words = [
        Words(
            _("精度：公式要求 {needed} 户，现有 {n} 户，95% 相对误差约 {error}%").format(
                needed=found.needed, n=len(draw.households), error=found.error
            )
        ),
        Words(_("按留存的框和种子重抽一遍：{same}").format(same=_("完全一致") if found.again else _("不一致，请报告"))),
    ]
    if stored.reason:
        words.append(Words(_("重抽理由：{reason}").format(reason=stored.reason)))
    if found.small:
        names = "、".join(_(one.zh) for one in found.small)
        words.append(Words(_("不足 100 户、不宜单独出数的层：{names}").format(names=names)))
    if found.lacking:
        words.append(Words(_("同乡镇同层也补不上的缺户：{n} 户").format(n=found.lacking)))
    left_out = tuple((_(reason.zh), str(n)) for reason, n in stored.frame.left_out)
    out = Grid((_("剔除原因"), _("户数")), left_out, (3, 1), frozenset({1}))
    strata = Grid(
        (_("抽样层"), _("框内户数"), _("样本户"), _("备用"), _("缺"), _("权数合计")),
        tuple(
            (
                f"{one.stratum} {_(one.stratum.zh)}",
                str(one.frame),
                str(one.drawn),
                str(one.reserve),
                str(one.lacking),
                f"{float(one.weights):.1f}",
            )
            for one in found.strata
        ),
        (4, 1.4, 1.2, 1, 1, 1.6),
        frozenset({1, 2, 3, 4, 5}),
    )
    villages = Grid(
        (_("村代码"), _("村"), _("必抽"), _("规模"), _("入样概率（%）"), _("抽中")),
        found.villages,
        (2.2, 2, 1.6, 1, 1.5, 1),
        frozenset({3, 4}),
    )
    sample = Grid(
        (_("户编码"), _("抽样层"), _("抽样点"), _("入样概率（%）"), _("权数"), _("轮换组")),
        tuple((row[0], *row[3:]) for row in _sample_rows(stored, {})),
        (2.6, 1, 2, 1.5, 1.6, 1),
        frozenset({3, 4, 5}),
    )
    heads = _("{county}抽样报告").format(county=session.county_name)
    return render(
        Document(
            title=heads,
            header=heads,
            footer=f"{stored.name}／{session.name}",
            watermark=session.name,
            sections=(
                Section(_("抽样"), (facts, *words)),
                Section(_("抽样框"), (strata, out)),
                Section(_("抽样点"), (villages,)),
                Section(_("样本"), (sample,), new_page=True),
            ),
        )
    )
