"""The village secretary's first screen: groups, what should be printed anew, the register. No income anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal

from fieldapp.services import finding, printing
from fieldapp.services.finding import GroupCount
from fieldapp.services.printing import PrintRow
from fieldapp.ui.home.listing import ListingHome
from fieldapp.ui.messages import day_words, local
from fieldapp.ui.parts import Band
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, Mark, RowsModel, Shown
from fieldapp.ui.workplace import Presenter, Workplace
from fieldapp.words import _


class SecretaryPresenter(Presenter):
    """Signals:
    groups_read: tuple of :class:`GroupCount`. prints_read: tuple of :class:`PrintRow` that changed since their last print.
    """

    groups_read = Signal(object)
    prints_read = Signal(object)

    def load(self) -> None:
        """The blocks, anew."""

        def groups() -> tuple[GroupCount, ...]:
            return finding.groups(self.session)

        def prints() -> tuple[PrintRow, ...]:
            return tuple(row for row in printing.print_rows(self.session) if row.selected)

        self.ask(groups, self.groups_read.emit, only_newest="groups")
        self.ask(prints, self.prints_read.emit, only_newest="prints")


class SecretaryScreen(ListingHome):
    """首页 of a village secretary."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(place)
        self._desk = SecretaryPresenter(place, self)
        self._desk.groups_read.connect(self._show_groups)
        self._desk.prints_read.connect(self._show_prints)
        self._desk.failed.connect(self.fail)

    def blocks(self) -> Sequence[tuple[Band, RowTable[Any], int]]:
        self._groups_band = Band(_("村、组"), _("Enter 只看这一组"), "Alt+1")
        self._prints_band = Band(_("该印的一户一档"), "", "Alt+2")
        self._groups: RowTable[GroupCount] = RowTable(
            RowsModel(
                [
                    Column(
                        "", lambda group: Shown(f"{group.village_name}　{group.group}" if group.group else _("全部"))
                    ),
                    Column(
                        "", lambda group: Shown(_("{n} 户").format(n=group.households), tone="plain"), 90, right=True
                    ),
                ]
            ),
            "home_groups",
            _("村、组"),
            row_height=31,
            head=False,
            cursor_with_focus=True,
        )
        self._prints: RowTable[PrintRow] = RowTable(
            RowsModel(
                [
                    Column("", _name, 190),
                    Column("", _since, right=True),
                ]
            ),
            "home_prints",
            _("该印的一户一档"),
            row_height=31,
            head=False,
            cursor_with_focus=True,
        )
        self._groups.opened.connect(self._choose_group)
        self._prints.opened.connect(self._open_print)
        return ((self._groups_band, self._groups, 2), (self._prints_band, self._prints, 3))

    def load(self) -> None:
        self._desk.load()

    def _show_groups(self, groups: tuple[GroupCount, ...]) -> None:
        whole = GroupCount("", "", "", sum(group.households for group in groups))
        self._groups.show_rows((whole, *groups), lambda group: (group.village_code, group.group))

    def _show_prints(self, rows: tuple[PrintRow, ...]) -> None:
        self._prints.show_rows(rows, lambda row: row.household)
        self._prints_band.show_hint(_("{n} 户，F9 去印").format(n=len(rows)) if rows else _("都印过了"))
        self._foot_words.setText(_("村文书版：收入、消费、欠债不在这台电脑上显示，也不印。"))

    def _choose_group(self) -> None:
        group = self._groups.current_row()
        if group is not None:
            self._presenter.village, self._presenter.group = group.village_code, group.group
            self._presenter.search(self._find.query())
            self._find.setFocus()

    def _open_print(self) -> None:
        row = self._prints.current_row()
        if row is not None:
            self._place.go("print", row.household)

    def main_deed(self) -> bool:
        self._place.go("print", "")
        return True


def _name(row: PrintRow) -> Shown:
    marks = (Mark(row.state_label),) if row.state_label else ()
    return Shown(f"{row.hh_no}　{row.head_name}", marks=marks)


def _since(row: PrintRow) -> Shown:
    if row.printed_at is None:
        return Shown(_("没印过"), tone="accent")
    day = day_words(local(row.printed_at).date())
    return Shown(_("{day} 印过，之后改 {n} 处").format(day=day, n=row.changed_since), tone="soft")
