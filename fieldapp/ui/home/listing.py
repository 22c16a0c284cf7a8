"""The right half of homes without interviews of their own: find a household, its slip, its page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from fieldapp.services import finding
from fieldapp.services.finding import HouseholdCard, HouseholdRow, WaveProgress
from fieldapp.ui import theme
from fieldapp.ui.home.seeking import HomePresenter, SeekingHome
from fieldapp.ui.home.slip import HouseholdSlip, WaveBar
from fieldapp.ui.parts import Band, Reminders, button, empty_stack, in_line, on_key
from fieldapp.ui.screen import Said
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.widgets.cards import column, hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _


class ListingPresenter(HomePresenter):
    """Signals:
    progress_read: :class:`WaveProgress`.
    """

    progress_read = Signal(object)

    def read_progress(self) -> None:
        """How far this period is, over all households of the scope."""

        def job() -> WaveProgress:
            return progress_of(finding.list_households(self.session).rows)

        self.ask(job, self.progress_read.emit, only_newest="progress")


def progress_of(rows: Sequence[HouseholdRow]) -> WaveProgress:
    """Counts of the newest period among the rows."""
    period = max((row.period for row in rows if row.assignment), default="")
    here = [row for row in rows if row.assignment and row.period == period and not row.closed]
    here = [row for row in here if not row.ended or row.status > 20]  # begun before it ended: somebody has to decide
    returned = sum(row.status in (60, 80) for row in here)
    running = sum(row.status in (30, 40) for row in here)
    done = sum(row.status in (50, 55, 70, 90, 99) for row in here)
    return WaveProgress(period, period, len(here), done, running, returned, len(here) - done - running - returned, None)


class ListingHome(SeekingHome):
    """Blocks at the left (made by :meth:`blocks`), list and slip at the right."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("home")
        self._place = place
        self._presenter = ListingPresenter(place, self)
        self._chosen: HouseholdRow | None = None
        look = theme.current()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        left, lines = empty_stack()
        left.setFixedWidth(look.px(410))
        self._tables: list[RowTable[Any]] = []
        self._reminders = Reminders()
        lines.addWidget(self._reminders)
        for number, (band, table, share) in enumerate(self.blocks(), 1):
            lines.addWidget(band)
            table.setMinimumHeight(look.px(36))  # so that reminders above keep theirs with large type
            lines.addWidget(table, share)
            on_key(self, f"Alt+{number}", partial(self._go_block, table))
            if band.key is not None:
                band.key.clicked.connect(table.setFocus)
            table.entered.connect(self.keys_changed)
            table.typed.connect(self._type_on)
            self._tables.append(table)
        self._foot_words = label("", "label", wrap=True)
        self._foot_words.setContentsMargins(look.px(14), look.px(8), look.px(8), look.px(10))
        lines.addWidget(hairline())
        lines.addWidget(self._foot_words)
        self._left, self._line = left, column()
        self._right = self._build_right()
        whole.addWidget(left)
        whole.addWidget(self._line)
        whole.addWidget(self._right, 1)
        self._presenter.found.connect(self._show_rows)
        self._presenter.card_read.connect(self._show_card)
        self._presenter.progress_read.connect(self._show_progress)
        self._presenter.failed.connect(self.fail)

    def blocks(self) -> Sequence[tuple[Band, RowTable[Any], int]]:
        """Head, list and share of the height of each block."""
        return ()

    def fail(self, sentence: str) -> None:
        """Says what went wrong."""
        self.said.emit(Said("trouble", sentence))

    def _build_right(self) -> QWidget:
        look = theme.current()
        self._wave = WaveBar()
        self._counts = label("", "label")
        area, lines = self._begin_right(
            [label(_("本期进度"), "strong"), self._wave, self._counts, None], _("姓名、拼音头字母、户号、短码、组都行")
        )
        lines.addWidget(self._list, 1)
        self._slip = HouseholdSlip(resume=False)
        self._slip.setFixedHeight(look.px(236 if look.scale == 100 else 214))
        foot = self._make_foot()
        foot.addWidget(self._slip)
        self._whole = button(_("看这户全部"), "Enter", "home_household", self.open_household, "primary", shortcut=False)
        self._print = button(_("打印"), "Ctrl+P", "home_print", self.print_this, shortcut=False)
        foot.addWidget(in_line([self._whole, self._print, None]))
        lines.addLayout(foot)
        self._find.sought.connect(self._presenter.search)
        self._find.opened.connect(self.open_household)
        self._list.moved.connect(lambda: self.choose(self._list.current_row()))
        self._list.opened.connect(self.open_household)
        self._list.entered.connect(self.keys_changed)
        return area

    # what is shown

    def fit(self, narrow: bool) -> None:
        self._fit_left(narrow, theme.current().px(410))
        for part in (self._wave, self._line, self._slip):
            part.setVisible(not narrow)
        self._show_half("right" if self.first() is self._find else "left")

    def heading(self) -> str:
        return _("首页")

    def arrive(self) -> None:
        self._presenter.search(self._presenter.query)
        self._presenter.read_progress()
        self.load()
        self._show_half("right" if self.first() is self._find else "left")
        self.first().setFocus()

    def first(self) -> QWidget:
        """Where the cursor stands on arrival."""
        return self._find

    def load(self) -> None:
        """Reads the blocks."""

    def look_again(self) -> bool:
        self.arrive()
        return True

    def _show_progress(self, progress: WaveProgress) -> None:
        self._wave.show_progress(progress)
        self._counts.setText(
            _("应访 {a} 户　完成 {d}　进行中 {p}　退回 {r}　没到 {n}").format(
                a=progress.assigned,
                d=progress.done,
                p=progress.in_progress,
                r=progress.returned,
                n=progress.not_visited,
            )
        )

    def choose(self, row: HouseholdRow | None) -> None:
        """Shows the slip of a household."""
        self._chosen = row
        self._whole.setEnabled(row is not None)
        if row is None:
            self._slip.show_card(None)
        else:
            self._presenter.read_card(row.household)

    def _show_card(self, card: HouseholdCard) -> None:
        if self._chosen is not None and card.household.household == self._chosen.household:
            self._slip.show_card(card)

    # what is done

    def subject(self) -> str:
        return self._chosen.household if self._chosen is not None else ""

    def open_household(self) -> None:
        """Enter."""
        if self._chosen is not None:
            self._place.go("households", self._chosen.household)

    def print_this(self) -> bool:
        self._place.go("print", self.subject())
        return True

    def step_back(self) -> bool:
        if self._find.text():
            self._find.clear()
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        return (*self._tables, self._find, self._list)

    def strip(self) -> Sequence[Keys]:
        return (
            ((_("直接打字"),), _("找户")),
            (("↑", "↓"), _("选")),
            (("Enter",), _("打开")),
            ((f"Alt+1…{len(self._tables)}",), _("跳到左边")),
            (("F6",), _("换栏")),
            (("Ctrl+P",), _("打印")),
            (("Esc",), _("清空")),
        )
