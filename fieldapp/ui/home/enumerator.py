"""The enumerator's first screen: today, returned, in progress at the left; find a household and its slip at the right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from fieldapp.services.finding import (
    EnumeratorHome,
    HouseholdCard,
    HouseholdList,
    HouseholdRow,
    InProgressLine,
    ReturnedLine,
    VisitPlan,
)
from fieldapp.services.interviewing import VisitOutcome
from fieldapp.ui import theme
from fieldapp.ui.home.panels import AppointmentPanel, ReplacePanel, VisitPanel
from fieldapp.ui.home.presenter import EnumeratorPresenter
from fieldapp.ui.home.seeking import SeekingHome
from fieldapp.ui.home.slip import HouseholdSlip, WaveBar
from fieldapp.ui.households.columns import household_marks
from fieldapp.ui.messages import day_words, local, local_now
from fieldapp.ui.parts import Band, Reminders, button, empty_stack, in_line, on_key
from fieldapp.ui.screen import Said
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, Mark, RowsModel, Shown
from fieldapp.ui.widgets.cards import column, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _


class EnumeratorScreen(SeekingHome):
    """首页 of an enumerator. The cursor is in 找户 on arrival; Enter opens or resumes at the very question."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("home")
        self._place = place
        self._presenter = EnumeratorPresenter(place, self)
        self._home: EnumeratorHome | None = None
        self._chosen: HouseholdRow | None = None
        self._panel: VisitPanel | AppointmentPanel | ReplacePanel | None = None
        look = theme.current()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        left = self._build_blocks()
        left.setFixedWidth(min(look.px(410), 560))
        self._left, self._line = left, column()
        self._right = self._build_right()
        whole.addWidget(left)
        whole.addWidget(self._line)
        whole.addWidget(self._right, 1)
        self._presenter.home_read.connect(self._show_home)
        self._presenter.found.connect(self._show_found)
        self._presenter.card_read.connect(self._show_card)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))
        self._presenter.noted.connect(self._noted)

    # building

    def _build_blocks(self) -> QWidget:
        area, lines = empty_stack()
        self._today_band = Band(_("今天约访"), "", "Alt+1")
        self._returned_band = Band(_("退回待改"), "", "Alt+2")
        self._progress_band = Band(_("进行中"), "", "Alt+3")
        self._today: RowTable[VisitPlan] = RowTable(
            RowsModel(
                [
                    Column("", lambda plan: Shown(f"{local(plan.visit_at):%H:%M}", bold=True), 60),
                    Column("", _plan_name, 142),
                    Column("", lambda plan: plan.household.group, 52),
                    Column("", lambda plan: Shown(plan.remark, tone="soft" if plan.remark_is_warning else "plain")),
                ]
            ),
            "home_today",
            _("今天约访"),
            row_height=31,
            head=False,
            cursor_with_focus=True,
        )
        self._returned: RowTable[ReturnedLine] = RowTable(
            RowsModel([Column("", _returned_words)], edge=lambda _line: "hard"),
            "home_returned",
            _("退回待改"),
            row_height=62,
            head=False,
            cursor_with_focus=True,
        )
        self._progress: RowTable[InProgressLine] = RowTable(
            RowsModel(
                [
                    Column("", _begun_name, 132),
                    Column(
                        "", lambda line: Shown(f"{line.household.progress}%", bar=line.household.progress / 100), 150
                    ),
                    Column("", _progress_words, right=True),
                ]
            ),
            "home_progress",
            _("进行中"),
            row_height=31,
            head=False,
            cursor_with_focus=True,
        )
        blocks: tuple[tuple[Band, RowTable[Any]], ...] = (
            (self._today_band, self._today),
            (self._returned_band, self._returned),
            (self._progress_band, self._progress),
        )
        self._reminders = Reminders()
        lines.addWidget(self._reminders)
        for number, (band, table) in enumerate(blocks, 1):
            lines.addWidget(band)
            lines.addWidget(table)
            lines.addSpacing(theme.current().px(8))
            on_key(self, f"Alt+{number}", partial(self._go_block, table))
            if band.key is not None:
                band.key.clicked.connect(table.setFocus)
            table.opened.connect(self._open_chosen)
            table.typed.connect(self._type_on)
            table.moved.connect(lambda table=table: self._choose_block(table))
            table.entered.connect(lambda table=table: self._choose_block(table))
        lines.addStretch(1)
        return area

    def _build_right(self) -> QWidget:
        look = theme.current()
        self._wave = WaveBar()
        self._assigned, self._done = label("", ""), label("", "ok")
        self._running, self._back, self._rest = label("", "accent"), label("", "hard"), label("", "label")
        self._window = label("", "label")
        area, lines = self._begin_right(
            [
                label(_("本期进度"), "strong"),
                self._assigned,
                self._wave,
                self._done,
                self._running,
                self._back,
                self._rest,
                None,
                self._window,
            ],
            _("姓名、拼音头字母、户号、身份证后四位、组都行"),
        )
        lines.addWidget(self._list, 3)
        self._below = QStackedWidget()
        self._slip = HouseholdSlip()
        self._below.addWidget(self._slip)
        self._below.setFixedHeight(look.px(236 if look.scale == 100 else 214))
        foot = self._make_foot()
        foot.addWidget(self._below)
        self._open = button(_("开始填"), "Enter", "home_open", self._open_chosen, "primary", shortcut=False)
        self._visit = button(_("登记到访、没人、拒访"), "Alt+D", "home_visit", self._show_visit)
        self._plan = button(_("约时间"), "Alt+Y", "home_plan", self._show_plan)
        self._replace = button(_("申请替换"), "Alt+T", "home_replace", self._show_replace)
        self._whole = button(_("看这户全部"), "Ctrl+2", "home_household", self._show_household, shortcut=False)
        self._buttons = in_line([self._open, self._visit, self._plan, self._replace, self._whole, None])
        foot.addWidget(self._buttons)
        lines.addLayout(foot)
        self._find.sought.connect(self._presenter.search)
        self._find.opened.connect(self._open_chosen)
        self._list.moved.connect(self._choose_listed)
        self._list.entered.connect(self._choose_listed)
        self._list.opened.connect(self._open_chosen)
        return area

    # what is shown

    def fit(self, narrow: bool) -> None:
        self._fit_left(narrow, min(theme.current().px(410), 560))
        for part in (self._wave, self._window, self._line):
            part.setVisible(not narrow)
        self._below.setVisible(not narrow or self._panel is not None)
        self._show_half("right")

    def heading(self) -> str:
        return self._home.progress.period_title if self._home is not None else ""

    def arrive(self) -> None:
        self._presenter.load()
        if self._panel is None:
            self._show_half("right")
            self._find.setFocus()

    def look_again(self) -> bool:
        self._presenter.load()
        return True

    def _show_home(self, home: EnumeratorHome) -> None:
        self._home = home
        self._reminders.say(home.reminders)
        self._today.show_rows(home.today, lambda plan: plan.household.household)
        self._returned.show_rows(home.returned, lambda line: line.household.interview)
        self._progress.show_rows(home.in_progress, lambda line: line.household.interview)
        sizes: tuple[tuple[RowTable[Any], int], ...] = ((self._today, 5), (self._returned, 2), (self._progress, 4))
        for table, most in sizes:
            shown = min(most, table.rows_model().rowCount())
            table.setFixedHeight(max(8, theme.current().px(table.row_height) * shown))
        upcoming = next((plan.household.head_name for plan in home.today), "")
        self._today_band.show_hint(
            _("{n} 户，下一户 {name}").format(n=len(home.today), name=upcoming)
            if home.today
            else _("今天没有约访。选一户，按 Alt+Y 约时间")
        )
        soonest = min((line.days_left for line in home.returned), default=0)
        self._returned_band.show_hint(
            _("{n} 份，{d} 天内改完").format(n=len(home.returned), d=soonest) if home.returned else _("没有")
        )
        self._progress_band.show_hint(_("{n} 份").format(n=len(home.in_progress)) if home.in_progress else _("没有"))
        progress = home.progress
        self._wave.show_progress(progress)
        self._assigned.setText(_("应访 {n} 户").format(n=progress.assigned))
        self._done.setText(_("完成 {n}").format(n=progress.done))
        self._running.setText(_("进行中 {n}").format(n=progress.in_progress))
        self._back.setText(_("退回 {n}").format(n=progress.returned))
        self._rest.setText(_("没到 {n}").format(n=progress.not_visited))
        if progress.window_until is not None:
            left = (progress.window_until - self._place.session.today()).days
            self._window.setText(_("窗口到 {day}，还有 {n} 天").format(day=day_words(progress.window_until), n=left))
        self.window().setWindowTitle(_("入户调查") + f" — {progress.period_title}")

    def _show_found(self, found: HouseholdList) -> None:
        self._show_rows(found)
        if not self._block_has_focus():
            self._choose_listed()

    def _show_card(self, card: HouseholdCard) -> None:
        if self._chosen is not None and card.household.household == self._chosen.household:
            self._slip.show_card(card)

    def _block_has_focus(self) -> bool:
        return any(table.hasFocus() for table in (self._today, self._returned, self._progress))

    def _choose_listed(self) -> None:
        if not self._block_has_focus():
            self._choose(self._list.current_row())

    def _choose_block(self, table: RowTable[Any]) -> None:
        line = table.current_row()
        if table.hasFocus() and line is not None:
            self._choose(line.household)

    def _choose(self, row: HouseholdRow | None) -> None:
        changed = (row.household if row else "") != (self._chosen.household if self._chosen else "")
        self._chosen = row
        for part in (self._open, self._visit, self._plan, self._replace):
            part.setEnabled(row is not None and bool(row.assignment or row.interview))
        self._whole.setEnabled(row is not None)
        if row is None:
            self._slip.show_card(None)
            return
        words = (
            _("开始填") if row.status in (0, 10, 20) else _("接着填") if row.status in (30, 40, 60) else _("看这份卷")
        )
        self._open.setText(words)
        self._open.setAccessibleName(words)
        self._open.updateGeometry()
        if changed:
            self._close_panel()
        self._presenter.read_card(row.household)

    # what is done

    def subject(self) -> str:
        return self._chosen.household if self._chosen is not None else ""

    def _open_chosen(self) -> None:
        row = self._chosen
        if self._panel is not None or row is None:
            return
        if not row.assignment and not row.interview:
            self.said.emit(Said("ageing", _("{name}户本期没有分给您，打不开问卷").format(name=row.head_name)))
            return
        self._place.open_interview(row.assignment, row.interview)

    def _show_household(self) -> None:
        if self._chosen is not None:
            self._place.go("households", self._chosen.household)

    def _show_visit(self) -> None:
        if self._chosen is not None and self._chosen.assignment:
            now = self._place.session.now()
            panel = VisitPanel(self._chosen.head_name, self._place.session.today(), now)
            panel.done.connect(self._note_visit)
            self._presenter.advice_read.connect(panel.show_advice)
            self._show_panel(panel)
            self._presenter.read_advice(self._chosen.assignment)

    def _show_plan(self) -> None:
        if self._chosen is not None and self._chosen.assignment:
            panel = AppointmentPanel(self._chosen.head_name, self._place.session.today())
            panel.done.connect(self._note_plan)
            self._show_panel(panel)

    def _show_replace(self) -> None:
        if self._chosen is not None and self._chosen.assignment:
            panel = ReplacePanel(self._chosen.head_name)
            panel.done.connect(self._ask_replacement)
            self._show_panel(panel)

    def _show_panel(self, panel: VisitPanel | AppointmentPanel | ReplacePanel) -> None:
        self._close_panel()
        self._panel = panel
        panel.given_up.connect(self.step_back)
        self._show_half("right")
        self._below.show()
        self._below.addWidget(panel)
        self._below.setCurrentWidget(panel)
        self._buttons.setVisible(False)
        self._below.setFixedHeight(theme.current().px(360 if isinstance(panel, VisitPanel) else 200))
        panel.setFocus()
        self.keys_changed.emit()

    def _close_panel(self) -> bool:
        panel, self._panel = self._panel, None
        if panel is None:
            return False
        self._below.removeWidget(panel)
        panel.deleteLater()
        self._below.setFixedHeight(theme.current().px(236 if theme.current().scale == 100 else 214))
        self._below.setVisible(not self.narrow)
        self._buttons.setVisible(True)
        self.keys_changed.emit()
        return True

    def _note_visit(self, visit: VisitOutcome) -> None:
        if self._chosen is not None:
            self._presenter.note_visit(self._chosen.assignment, visit)

    def _note_plan(self, plan: tuple[datetime, str]) -> None:
        if self._chosen is not None:
            self._presenter.plan_visit(self._chosen.assignment, *plan)

    def _ask_replacement(self, told: tuple[str, str]) -> None:
        if self._chosen is not None:
            self._presenter.ask_replacement(self._chosen.assignment, *told)

    def _noted(self, following: str) -> None:
        self._close_panel()
        self._find.setFocus()
        now = local_now()
        words = _("记下了 {time}，断电也不会丢").format(time=f"{now:%H:%M:%S}")
        self.said.emit(Said("ok", f"{words}　{following}" if following else words))
        self._presenter.load()
        self.facts_changed.emit()

    # keys

    def main_deed(self) -> bool:
        if self._panel is not None:
            self._panel.keep()
        else:
            self._place.go("sync", "")
        return True

    def step_back(self) -> bool:
        if self._close_panel():
            self._find.setFocus()
            return True
        if self._find.text():
            self._find.clear()
            self._find.setFocus()
            return True
        if not self._find.hasFocus():
            self._show_half("right")
            self._find.setFocus()
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        return (self._today, self._returned, self._progress, self._find, self._list)

    def strip(self) -> Sequence[Keys]:
        if isinstance(self._panel, VisitPanel):
            return (
                (("210",), _("打号码选结果")),
                (("Enter",), _("下一格")),
                (("Alt+M",), _("访问方式")),
                (("Alt+P",), _("谁陪同")),
                (("F9",), _("记下")),
                (("Esc",), _("算了")),
            )
        if isinstance(self._panel, ReplacePanel):
            return ((("Enter",), _("下一格")), (("F9",), _("提出申请")), (("Esc",), _("算了")))
        if self._panel is not None:
            return ((("Enter",), _("下一格")), (("F9",), _("约好")), (("Esc",), _("算了")))
        return (
            ((_("直接打字"),), _("找户")),
            (("↑", "↓"), _("选户")),
            (("Enter",), _("打开")),
            (("Esc",), _("清空")),
            (("Alt+1…3",), _("跳到左边三块")),
            (("F6",), _("换栏")),
            (("F9",), _("把做好的交出去")),
        )

    def sheet(self) -> Sequence[tuple[str, Sequence[Keys]]]:
        buttons = (
            (("Alt+D",), _("登记到访、没人、拒访")),
            (("Alt+Y",), _("约时间")),
            (("Alt+T",), _("申请替换")),
            (("Ctrl+2",), _("看这户全部")),
        )
        return ((_("首页"), self.strip()), (_("选中的户"), buttons))


def _plan_name(plan: VisitPlan) -> Shown:
    marks = (Mark(_("填了一半"), "accent"),) if plan.household.status == 30 else ()
    return Shown(plan.household.head_name, bold=bool(marks), marks=marks)


def _begun_name(line: InProgressLine) -> Shown:
    row = line.household
    return Shown(row.head_name, bold=True, marks=household_marks(row)) if row.ended else _name_and_group(row)


def _name_and_group(row: HouseholdRow) -> Shown:
    return Shown(f"{row.head_name}　{row.group}", bold=True)


def _returned_words(line: ReturnedLine) -> Shown:
    row = line.household
    late = line.days_left < 0
    left = _("晚了 {n} 天").format(n=-line.days_left) if late else _("还剩 {n} 天").format(n=line.days_left)
    day = day_words(local(line.returned_at).date())
    return Shown(
        f"{row.head_name}　{row.village_name}{row.group}　{line.form_title}",
        second=f"“{line.words}”",
        third=_("{who} {day}退回").format(who=line.returned_by, day=day) + "　" + left,
        third_tone="hard",
        bold=True,
    )


def _progress_words(line: InProgressLine) -> Shown:
    row = line.household
    parts = ([_("错 {n}").format(n=row.hard)] if row.hard else []) + (
        [_("核 {n}").format(n=row.soft)] if row.soft else []
    )
    if parts:
        return Shown(" ".join(parts), tone="hard" if row.hard else "soft")
    when = day_words(local(line.left_at).date()) + " " if line.left_at is not None else ""
    return Shown(when + _("停在 {place}").format(place=line.place) if line.place else when, tone="plain")
