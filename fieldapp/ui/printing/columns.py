"""Columns of the list of households to print."""

from __future__ import annotations

from fieldapp.services.printing import PrintRow
from fieldapp.ui import theme
from fieldapp.ui.messages import day_words, local
from fieldapp.ui.tables import Column, Mark, Shown
from fieldapp.words import _


def file_columns(ticked: set[str]) -> list[Column[PrintRow]]:
    """Household, type, last print, what came since, what is printed now; the last one only where type is not enlarged.

    Args:
        ticked: root ids of the chosen households; read anew whenever the list is painted.
    """
    columns: list[Column[PrintRow]] = [
        Column(_("户"), lambda row: _name(row, ticked), 190),
        Column(_("户类型"), lambda row: Shown(_(row.hh_type_label), tone="plain"), 160),
        Column(_("上次印的"), _last, 120),
        Column(_("之后"), _since, 120 if theme.current().scale == 100 else 0),
        Column(_("这次印"), lambda row: Shown(_(row.what)), right=True),
    ]
    return columns if theme.current().scale == 100 else columns[:4]


def _name(row: PrintRow, ticked: set[str]) -> Shown:
    marks = (Mark(row.state_label),) if row.state_label else ()
    return Shown(f"{row.hh_no}　{row.head_name}", box=row.household in ticked, marks=marks)


def _last(row: PrintRow) -> Shown:
    if row.printed_at is None:
        return Shown(_("没印过"), tone="quiet")
    day = day_words(local(row.printed_at).date())
    return Shown(_("第 {v} 版 {day}").format(v=row.version, day=day), tone="plain")


def _since(row: PrintRow) -> Shown:
    if row.conflicts:
        return Shown(_("两人改了同一格"), tone="conflict")
    if row.printed_at is None:
        return Shown(_("新"), tone="accent")
    if row.changed_since:
        return Shown(_("改 {n} 处").format(n=row.changed_since), tone="soft")
    return Shown(_("没变"), tone="quiet")
