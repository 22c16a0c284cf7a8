"""Columns of household lists, the same wherever households are listed."""

from __future__ import annotations

from fieldapp.services.finding import HouseholdRow
from fieldapp.ui.messages import moment_words
from fieldapp.ui.tables import Column, Mark, Shown
from fieldapp.words import _

CUSTODY = {"custody": 1, "admitted": 2, "durable": 3}
CUSTODY_WORDS = ("没交", "已代收", "已入库", "已备份")


def state_of(row: HouseholdRow) -> Shown:
    """The state of the interview of this period, in words and colour."""
    tone = (
        "hard" if row.status in (60, 80) else "ok" if row.status in (70, 90) else "accent" if row.status == 30 else ""
    )
    return Shown(_(row.status_label), tone=tone, bold=row.status in (30, 60))


def household_marks(row: HouseholdRow) -> tuple[Mark, ...]:
    """What has become of the household, where it is not simply there."""
    return (Mark(row.state_label, "soft" if row.ended else "plain"),) if row.state_label else ()


def marks_of(row: HouseholdRow) -> Shown:
    """Open checks, conflicts and how far the work has come."""
    marks = list(household_marks(row))
    if row.conflicts:
        marks.append(Mark(_("冲突 {n}").format(n=row.conflicts), "conflict"))
    if row.hard:
        marks.append(Mark(_("错 {n}").format(n=row.hard), "hard"))
    if row.soft:
        marks.append(Mark(_("核 {n}").format(n=row.soft), "soft"))
    if row.custody == "unsent":
        marks.append(Mark(_("没交")))
    reached = CUSTODY.get(row.custody)
    if reached is None:
        return Shown("", marks=tuple(marks))
    return Shown(_(CUSTODY_WORDS[reached]), tone="quiet", ticks=reached, marks=tuple(marks))


def household_columns(*, narrow: bool = False) -> list[Column[HouseholdRow]]:
    """Number, head, place, type, state, next visit, marks; ``narrow`` leaves out what a half-wide list has no room for."""
    columns: list[Column[HouseholdRow]] = [
        Column(_("户号"), lambda row: Shown(row.hh_no, tone="quiet"), 60),
        Column(
            _("户主"), lambda row: Shown(row.head_name, lit=row.name_matches, tone="quiet" if row.ended else ""), 100
        ),
        Column(_("村组"), lambda row: row.village_name.removesuffix("村") + row.group, 100),
        Column(_("户类型"), lambda row: _(row.hh_type_label), 164),
        Column(_("本期状态"), state_of, 140),
    ]
    if not narrow:
        columns.append(Column(_("下次约定"), lambda row: moment_words(row.next_visit_at), 128))
    return [*columns, Column(_("标记"), marks_of)]
