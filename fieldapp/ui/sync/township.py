"""The township's part of 交接: who has handed over here and how far it has come, and what the county has set aside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fieldapp.services import admitting, relaying
from fieldapp.services.admitting import WaitingChange
from fieldapp.services.relaying import LaptopLine, Relayed
from fieldapp.ui import theme
from fieldapp.ui.messages import moment_words
from fieldapp.ui.parts import Band, button, in_line, on_key
from fieldapp.ui.screen import Said
from fieldapp.ui.sync.sticks import choose_stick
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import label
from fieldapp.ui.workplace import Presenter, Workplace
from fieldapp.words import _

T = TypeVar("T")


class TownshipPresenter(Presenter):
    """Signals:
    laptops_read: tuple of :class:`LaptopLine`. waiting_read: tuple of :class:`WaitingChange`.
    serving: addresses that enumerators type, empty when it has stopped. told: :class:`Relayed`.
    """

    laptops_read = Signal(object)
    waiting_read = Signal(object)
    serving = Signal(object)
    told = Signal(object)

    def __init__(self, place: Workplace, parent: QObject | None = None) -> None:
        super().__init__(place, parent)
        self._line = contextlib.ExitStack()
        self._serves = False
        # The window drops its screens when the person locks it: nothing is taken in for a store that is closed.
        self.destroyed.connect(self._line.close)

    def load(self) -> None:
        """Who has handed over here."""
        self.ask(lambda: relaying.laptops(self.session), self.laptops_read.emit, only_newest="laptops")

    def toggle(self) -> None:
        """Begins or ends taking in over the office's network; what has been taken in stays."""
        if self._serves:
            self._line.close()
            self._show_serving(())
        else:
            self._long(lambda: self._line.enter_context(relaying.serve(self.session)).addresses, self._show_serving)

    def _show_serving(self, addresses: tuple[str, ...]) -> None:
        self._serves = bool(addresses)
        self.serving.emit(addresses)

    def meet_stick(self, folder: Path) -> None:
        """Takes from a stick into custody and puts onto it what goes on."""
        self._long(lambda: relaying.meet_stick(self.session, folder), self._done)

    def push(self) -> None:
        """Carries custody to the county by wire."""
        self._long(lambda: relaying.push(self.session), self._done)

    def look(self) -> None:
        """Asks the county what it has set aside for this person."""
        self._long(lambda: admitting.waiting(self.session), self.waiting_read.emit)

    def admit(self, change: WaitingChange) -> None:
        """Lets one in."""
        self._long(lambda: admitting.admit(self.session, change.change_id), lambda _done: self.look())

    def leave_out(self, change: WaitingChange, reason: str) -> None:
        """Leaves one out."""
        self._long(lambda: admitting.leave_out(self.session, change.change_id, reason), lambda _done: self.look())

    def _done(self, relayed: Relayed) -> None:
        self.told.emit(relayed)
        self.load()

    def _long(self, job: Callable[[], T], done: Callable[[T], None]) -> None:
        self.place.long_work.run(self, job, done, self.fail)


class TownshipPane(QWidget):
    """Two lists with their deeds: 代收 and 隔离."""

    said = Signal(object)  # Said

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("township")
        self._presenter = TownshipPresenter(place, self)
        look = theme.current()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(look.px(4))
        lines.addWidget(Band(_("乡镇代收"), _("收到的先存着，县里收了才算"), "Alt+J"))
        self._address = label("", "hint", wrap=True)
        self._address.setObjectName("relay_address")
        self._address.setContentsMargins(look.px(12), 0, look.px(12), 0)
        self._address.hide()
        lines.addWidget(self._address)
        self.laptops: RowTable[LaptopLine] = RowTable(
            RowsModel(
                [
                    Column(_("电脑"), lambda r: r.who or r.device, 96),
                    Column(_("改动"), lambda r: Shown(str(r.changes), tone="quiet"), 52),
                    Column(_("交到哪一步"), lambda r: Shown(moment_words(r.at), ticks=r.ticks)),
                ]
            ),
            "relay_laptops",
            _("各台电脑交到哪一步"),
            row_height=26,
            cursor_with_focus=True,
        )
        lines.addWidget(self.laptops, 1)
        self._serve = button(_("开始代收"), "Alt+T", "relay_serve", self._presenter.toggle)
        deeds: list[QWidget | int | None] = [
            self._serve,
            button(_("送县里"), "Alt+S", "relay_push", self._presenter.push),
            button(_("代收 U 盘"), "Alt+B", "relay_stick", self._meet_stick),
            None,
        ]
        row = in_line(deeds, gap=6)
        row.setContentsMargins(look.px(8), 0, look.px(8), 0)
        lines.addWidget(row)
        lines.addWidget(Band(_("县里隔离、等您定的"), _("Enter 认领　Del 不收"), "Alt+G"))
        self.waiting: RowTable[WaitingChange] = RowTable(
            RowsModel(
                [
                    Column("", lambda r: Shown(r.who, second=r.why), 112),
                    Column("", lambda r: Shown(_waiting_words(r), second=_values_words(r))),
                ]
            ),
            "waiting_changes",
            _("县里隔离、等您定的"),
            row_height=44,
            head=False,
            cursor_with_focus=True,
        )
        lines.addWidget(self.waiting, 1)
        self._reason = QLineEdit()
        self._reason.setObjectName("leave_out_reason")
        self._reason.setPlaceholderText(_("不收的原因，Enter 定下"))
        self._reason.setAccessibleName(_("不收的原因"))
        self._reason.returnPressed.connect(self._leave_out)
        self._reason.hide()
        lines.addWidget(self._reason)
        self.waiting.opened.connect(self._admit)
        leave = on_key(self.waiting, "Delete", self._ask_reason)
        leave.setContext(Qt.ShortcutContext.WidgetShortcut)
        on_key(self, "Alt+G", self._look)
        on_key(self, "Alt+J", self.laptops.setFocus)
        self._presenter.laptops_read.connect(lambda rows: self.laptops.show_rows(rows))
        self._presenter.waiting_read.connect(self._show_waiting)
        self._presenter.serving.connect(self._show_serving)
        self._presenter.told.connect(self._show_told)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("ageing", sentence)))

    def load(self) -> None:
        """Reads the list anew."""
        self._presenter.load()

    def _show_serving(self, addresses: tuple[str, ...]) -> None:
        self._serve.setText(_("停止代收") if addresses else _("开始代收"))
        shown = "　".join(address.removeprefix("https://") for address in addresses)
        self._address.setText(_("正在代收，各台电脑上填：{address}").format(address=shown))
        self._address.setVisible(bool(addresses))
        self.said.emit(Said("ok", _("正在代收") if addresses else _("停下了，已代收的都在。")))

    def _show_told(self, relayed: Relayed) -> None:
        self.said.emit(Said("ok" if relayed.ok else "ageing", _("；").join(relayed.sentences)))

    def _meet_stick(self) -> None:
        folder = choose_stick(self)
        if folder is not None:
            self._presenter.meet_stick(folder)

    def _look(self) -> None:
        self.waiting.setFocus()
        self._presenter.look()

    def _show_waiting(self, rows: tuple[WaitingChange, ...]) -> None:
        self.waiting.show_rows(rows)
        self.said.emit(Said("ok", _("有 {n} 条等您定").format(n=len(rows)) if rows else _("没有等您定的")))

    def _admit(self) -> None:
        row = self.waiting.current_row()
        if row is not None:
            self._presenter.admit(row)

    def _ask_reason(self) -> None:
        if self.waiting.current_row() is not None:
            self._reason.show()
            self._reason.setFocus()

    def _leave_out(self) -> None:
        row, reason = self.waiting.current_row(), self._reason.text().strip()
        if row is not None and reason:
            self._reason.clear()
            self._reason.hide()
            self.waiting.setFocus()
            self._presenter.leave_out(row, reason)


def _waiting_words(row: WaitingChange) -> str:
    return "　".join(part for part in (row.household, row.deed, moment_words(row.at)) if part)


def _values_words(row: WaitingChange) -> str:
    return _("；").join(f"{name} {value}" for name, value in row.values)
