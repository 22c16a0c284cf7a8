"""How a line of the review sheet and of the waiting list looks."""

from __future__ import annotations

from fieldapp.services.reviewing import SheetLine, WaitingRow
from fieldapp.ui.messages import moment_words
from fieldapp.ui.tables import Column, Mark, RowsModel, Shown
from fieldapp.words import _

_BADGES = {
    "hard": ("错", "hard", True),
    "soft": ("核", "soft", True),
    "noted": ("核 已说明", "soft", False),
    "mended": ("改好", "ok", False),
    "conflict": ("冲突", "conflict", True),
}


def waiting_model() -> RowsModel[WaitingRow]:
    """待审: two lines at the left, what is odd at the right."""
    return RowsModel(
        [Column("", _who), Column("", _oddity, 108, right=True)],
        edge=lambda row: "conflict" if row.conflicts else "",
    )


def _who(row: WaitingRow) -> Shown:
    version = _("　第 {n} 版").format(n=row.version) if row.version > 1 else ""
    return Shown(
        f"{row.head_name}　{row.village_name.removesuffix('村')}{row.group}{version}",
        second=f"{row.enumerator_name}　{moment_words(row.handed_in_at)}",
        bold=row.version > 1,
    )


def _oddity(row: WaitingRow) -> Shown:
    minutes = _("{n} 分钟").format(n=row.duration_min) if row.duration_min else ""
    return Shown(_(row.oddity), second=minutes, tone=row.tone)


def sheet_columns(prev_title: str, yoy_title: str, *, narrow: bool = False) -> list[Column[SheetLine]]:
    """This quarter, previous, last year, change, notes; ``narrow`` leaves out last year and the notes."""
    columns: list[Column[SheetLine]] = [
        Column(_("题号"), lambda line: Shown(line.number, tone="quiet"), 60),
        Column(_("题目"), _label),
        Column(_("本季"), lambda line: Shown(line.value_label, bold=True), 86, right=True),
        Column(prev_title or _("上季"), lambda line: Shown(line.prev_label, tone="plain"), 78, right=True),
        Column(yoy_title or _("去年同季"), lambda line: Shown(line.yoy_label, tone="plain"), 82, right=True),
        Column(
            _("比上季"),
            lambda line: Shown(_(line.change), tone=line.change_tone or "plain", bold=bool(line.change_tone)),
            76,
            right=True,
        ),
        Column(_("说明、改动"), _note, 190),
    ]
    return [*columns[:4], columns[5]] if narrow else columns


def sheet_model() -> RowsModel[SheetLine]:
    """The lines of the sheet; sections and roster rows are heads that take no cursor."""
    return RowsModel(
        sheet_columns("", ""),
        heading=lambda line: line.label if line.kind in ("section", "row") else None,
        edge=lambda line: "soft" if line.badge == "soft" else "hard" if line.badge == "hard" else "",
    )


def is_odd(line: SheetLine) -> bool:
    """Whether F7 stops here."""
    return line.kind == "line" and (line.badge in ("hard", "soft", "conflict") or bool(line.change_tone))


def _label(line: SheetLine) -> Shown:
    marks: list[Mark] = []
    if line.badge in _BADGES:
        words, tone, solid = _BADGES[line.badge]
        marks.append(Mark(_(words), tone, solid))
    if line.comments:
        marks.append(Mark(_("话 {n}").format(n=line.comments), "accent"))
    if line.cleared:
        marks.append(Mark(_("清楚"), "ok"))
    return Shown(line.label, marks=tuple(marks))


def _note(line: SheetLine) -> Shown:
    earlier = _("上一版 {old} → {new}").format(old=line.earlier, new=line.value_label) if line.earlier else ""
    return Shown("，".join(part for part in (earlier, line.note) if part), tone="plain")
