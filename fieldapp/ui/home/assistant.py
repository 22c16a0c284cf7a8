"""The assistant's first screen: whom to visit today, and what the visit needs (an agreed time, company, another hour)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from fieldapp.services import visit_log
from fieldapp.services.visit_log import DueToday
from fieldapp.ui.home.listing import ListingHome
from fieldapp.ui.messages import local
from fieldapp.ui.parts import Band
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.workplace import Presenter, Workplace
from fieldapp.words import _

WHY = {"agreed": "约好今天", "late": "约过没去", "closing": "期限快到"}
_TONES = {"agreed": "", "late": "hard", "closing": "soft"}


class TodayPresenter(Presenter):
    """Signals:
    due_read: tuple of :class:`DueToday`.
    """

    due_read = Signal(object)

    def load(self) -> None:
        """Who is due, anew."""
        self.ask(lambda: visit_log.due_today(self.session), self.due_read.emit, only_newest="due")


def due_model() -> RowsModel[DueToday]:
    """Households to be visited today, with what the visit needs."""

    def when(one: DueToday) -> Shown:
        time = f"{local(one.visit_at):%H:%M}" if one.visit_at is not None and one.why == "agreed" else ""
        return Shown(_(WHY.get(one.why, one.why)), second=time, tone=_TONES.get(one.why, ""))

    def who(one: DueToday) -> Shown:
        advice = "；".join(one.advice.sentences)
        return Shown(f"{one.head_name}　{one.village_name}　{one.hh_no}", second=advice, bold=True)

    return RowsModel([Column("", when, 104), Column("", who)], edge=lambda one: _TONES.get(one.why, ""))


class AssistantScreen(ListingHome):
    """首页 of an assistant, who makes appointments and shows the way."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(place)
        self._today = TodayPresenter(place, self)
        self._today.due_read.connect(self._show_due)
        self._today.failed.connect(self.fail)

    def blocks(self) -> Sequence[tuple[Band, RowTable[Any], int]]:
        self._due_band = Band(_("今天要访"), "", "Alt+1")
        self._due: RowTable[DueToday] = RowTable(
            due_model(), "home_due", _("今天要访"), row_height=46, head=False, cursor_with_focus=True
        )
        self._due.opened.connect(self._open_due)
        return ((self._due_band, self._due, 1),)

    def first(self) -> QWidget:
        return self._due

    def load(self) -> None:
        self._today.load()

    def _show_due(self, rows: tuple[DueToday, ...]) -> None:
        self._due.show_rows(rows, lambda row: row.assignment)
        self._due_band.show_hint(_("{n} 户").format(n=len(rows)) if rows else _("今天没有要访的户"))

    def _open_due(self) -> None:
        row = self._due.current_row()
        if row is not None:
            self._place.go("households", row.household)
