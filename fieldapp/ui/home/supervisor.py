"""The supervisor's first screen: what waits, what was returned and is not back, how far the period is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from fieldapp.services import replacing, reviewing
from fieldapp.services.codes import code_label
from fieldapp.services.replacing import ReplacementRequest
from fieldapp.services.reviewing import DeskToday, ReturnedRow, WaitingRow
from fieldapp.ui.home.listing import ListingHome
from fieldapp.ui.messages import day_words, local
from fieldapp.ui.parts import Band, on_key
from fieldapp.ui.review.lines import waiting_model
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.workplace import Presenter, Workplace
from fieldapp.words import _
from sync.scope import Role

DAYS_ALLOWED = 3  # from return to mending, people-and-process.md 3 rule 2


class SupervisorPresenter(Presenter):
    """Signals:
    waiting_read: tuple of :class:`WaitingRow`. returned_read: tuple of :class:`ReturnedRow`. today_read: :class:`DeskToday`.
    requests_read: tuple of :class:`ReplacementRequest`, for the county.
    """

    waiting_read = Signal(object)
    returned_read = Signal(object)
    today_read = Signal(object)
    requests_read = Signal(object)

    def load(self) -> None:
        """The blocks, anew."""
        if self.session.role is Role.CADM:
            self.ask(self._requests, self.requests_read.emit, only_newest="requests")

        def waiting() -> tuple[WaitingRow, ...]:
            return reviewing.waiting(self.session)

        def returned() -> tuple[ReturnedRow, ...]:
            return reviewing.returned(self.session)

        def today() -> DeskToday:
            return reviewing.desk_today(self.session)

        self.ask(waiting, self.waiting_read.emit, only_newest="waiting")
        self.ask(returned, self.returned_read.emit, only_newest="returned")
        self.ask(today, self.today_read.emit, only_newest="today")

    def _requests(self) -> tuple[ReplacementRequest, ...]:
        """Replacements that wait for the county's word, the oldest first."""
        waiting = (one for one in replacing.requests(self.session) if one.state == replacing.ASKED)
        return tuple(sorted(waiting, key=lambda one: (one.asked_on is None, one.asked_on, one.hh_id)))


class SupervisorScreen(ListingHome):
    """首页 of a township's supervisor and of the county."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(place)
        self._desk = SupervisorPresenter(place, self)
        self._desk.waiting_read.connect(self._show_waiting)
        self._desk.returned_read.connect(self._show_returned)
        self._desk.today_read.connect(self._show_today)
        self._desk.requests_read.connect(self._show_requests)
        self._desk.failed.connect(self.fail)
        on_key(self, "Alt+H", self._go_findings)

    def blocks(self) -> Sequence[tuple[Band, RowTable[Any], int]]:
        self._waiting_band = Band(_("待审"), "", "Alt+1")
        self._returned_band = Band(_("已退未回"), "", "Alt+2")
        self._waiting: RowTable[WaitingRow] = RowTable(
            waiting_model(), "home_waiting", _("待审"), row_height=46, head=False, cursor_with_focus=True
        )
        self._returned: RowTable[ReturnedRow] = RowTable(
            RowsModel([Column("", _returned), Column("", _late, 92, right=True)]),
            "home_returned",
            _("已退未回"),
            row_height=46,
            head=False,
            cursor_with_focus=True,
        )
        self._waiting.opened.connect(self._open_waiting)
        self._requests_band = Band(_("替换待批"), "", "Alt+3")
        self._requests: RowTable[ReplacementRequest] = RowTable(
            RowsModel([Column("", _asked), Column("", _asked_on, 92, right=True)]),
            "home_requests",
            _("替换待批"),
            row_height=46,
            head=False,
            cursor_with_focus=True,
        )
        self._requests.opened.connect(lambda: self._place.go("sample", "requests"))
        shown: list[tuple[Band, RowTable[Any], int]] = [
            (self._waiting_band, self._waiting, 3),
            (self._returned_band, self._returned, 2),
        ]
        if self._place.session.role is Role.CADM:
            shown.append((self._requests_band, self._requests, 2))
        return shown

    def first(self) -> QWidget:
        return self._waiting

    def load(self) -> None:
        self._desk.load()

    def _show_waiting(self, rows: tuple[WaitingRow, ...]) -> None:
        self._waiting.show_rows(rows, lambda row: row.interview)
        self._waiting_band.show_hint(_("{n} 份，Enter 去审").format(n=len(rows)) if rows else _("都审完了"))

    def _show_returned(self, rows: tuple[ReturnedRow, ...]) -> None:
        self._returned.show_rows(rows, lambda row: row.interview)
        late = sum(row.days > DAYS_ALLOWED for row in rows)
        words = _("{n} 份").format(n=len(rows)) + (
            _("，{n} 份过了 {d} 天").format(n=late, d=DAYS_ALLOWED) if late else ""
        )
        self._returned_band.show_hint(words if rows else _("没有"))

    def _show_requests(self, rows: tuple[ReplacementRequest, ...]) -> None:
        self._requests.show_rows(rows, lambda row: row.assignment)
        self._requests_band.show_hint(_("{n} 户，Enter 去批").format(n=len(rows)) if rows else _("没有"))

    def _go_findings(self) -> None:
        self._place.go("sample", "findings")

    def strip(self) -> Sequence[Keys]:
        keys = super().strip()
        return (*keys[:-1], (("Alt+H",), _("核查发现")), keys[-1])

    def _show_today(self, today: DeskToday) -> None:
        self._reminders.say(today.reminders)
        self._foot_words.setText(
            _("今天　审了 {n}　退 {r}　通过 {a}").format(n=today.reviewed, r=today.returned, a=today.approved)
        )

    def _open_waiting(self) -> None:
        row = self._waiting.current_row()
        if row is not None:
            self._place.go("review", row.interview)

    def main_deed(self) -> bool:
        self._open_waiting()
        return True


def _returned(row: ReturnedRow) -> Shown:
    return Shown(
        f"{row.head_name}　{row.village_name}{row.group}　{row.enumerator_name}",
        second=f"“{row.words}”" if row.words else "",
    )


def _asked(row: ReplacementRequest) -> Shown:
    why = code_label("interview_outcome", row.outcome)
    return Shown(f"{row.head_name}　{row.village_name}　{why}", second=row.evidence)


def _asked_on(row: ReplacementRequest) -> Shown:
    return Shown(day_words(row.asked_on) if row.asked_on else "", second=row.asked_by_name, tone="plain")


def _late(row: ReturnedRow) -> Shown:
    day = day_words(local(row.returned_at).date())
    return Shown(
        _("{n} 天").format(n=row.days), second=day + _(" 退回"), tone="hard" if row.days > DAYS_ALLOWED else "plain"
    )
