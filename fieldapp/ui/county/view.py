"""底册: choose a table, see what its columns are, what is wrong, what is new and what differs; then take it in. And the parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fieldapp.services.opening_county import Applied, Choices, LookedSheet, RegisterPlan
from fieldapp.services.opening_lists import PARAMETERS, PRICES, REGIONS, ListPlan
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.county import lists
from fieldapp.ui.county.lists import ColumnRow, DifferenceRow, FieldRow, KindRow, NewRow, Row
from fieldapp.ui.county.parameters import ParametersPage
from fieldapp.ui.county.presenter import REGISTER, CountyPresenter
from fieldapp.ui.parts import button, empty_stack, in_line, on_key
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import RowsModel
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.widgets.marks import Progress
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _
from forms.monitoring.opening import Column, letters

MOST_SHOWN = 1000
COLUMNS, PROBLEMS, NEW, DIFFERENT, FIELDS = range(5)


class CountyScreen(Screen):
    """The county office's tables. Nothing is written before F9, and nothing that people changed unless Space says so."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("county")
        self._place = place
        self._presenter = CountyPresenter(place, self)
        self._paths: tuple[Path, ...] = ()
        self._told: dict[str, str] = {}
        self._plan: RegisterPlan | ListPlan | None = None
        self._kinds: set[tuple[str, bool]] = set()
        self._households: dict[str, bool] = {}
        self._doubtful: set[tuple[str, int]] = set()
        self._chosen_column: Column | None = None
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        self._parameters = ParametersPage(self._presenter)
        self._parameters.left.connect(partial(self._show_page, 0))
        self._pages.addWidget(self._build_import())
        self._pages.addWidget(self._parameters)
        whole.addWidget(self._pages)
        self._presenter.planned.connect(self._show_plan)
        self._presenter.progressed.connect(self._show_progress)
        self._presenter.applied.connect(self._show_applied)
        self._presenter.stopped.connect(self._show_stop)
        self._presenter.parameters_read.connect(self._parameters.show_records)
        self._presenter.entered.connect(self._entered)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))

    # building

    def _build_import(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._kind = ChoiceButton("county_kind", _("什么表"), "Alt+K")
        self._kind.offer(
            [(REGISTER, _("名册")), (REGIONS, _("区划表")), (PARAMETERS, _("参数和监测线")), (PRICES, _("季度参考价"))]
        )
        self._kind.chosen.connect(self._change_kind)
        self._open = button(_("选文件"), "Ctrl+O", "county_open", self.open_number, shortcut=False)
        self._start = button(_("导入"), "F9", "county_apply", self.main_deed, "primary", shortcut=False)
        self._stop = button(_("停下"), "Esc", "county_cancel", self._cancel, shortcut=False)
        self._table_button = button(_("参数表"), "Alt+S", "county_parameters", partial(self._show_page, 1))
        head = in_line([self._kind, self._open, self._start, self._stop, None, self._table_button])
        head.setContentsMargins(look.px(14), look.px(10), look.px(14), look.px(6))
        lines.addWidget(head)
        self._card = QFrame()
        self._card.setProperty("kind", "card")
        inside = QVBoxLayout(self._card)
        inside.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        inside.setSpacing(look.px(4))
        top = QHBoxLayout()
        self._headline, self._count = label("", "strong", wrap=True), label("", "label")
        top.addWidget(self._headline, 1)
        top.addWidget(self._count)
        self._bar, self._words = Progress(), label("", "label", wrap=True)
        self._bar.setFixedHeight(look.px(10))
        inside.addLayout(top)
        inside.addWidget(self._bar)
        inside.addWidget(self._words)
        framed = QVBoxLayout()
        framed.setContentsMargins(look.px(14), 0, look.px(14), look.px(8))
        framed.addWidget(self._card)
        lines.addLayout(framed)
        lines.addWidget(hairline())
        self._tables: list[RowTable[Row]] = []
        self._stack = QStackedWidget()
        self._tabs = []
        for number, (title, model) in enumerate(self._parts()):
            table: RowTable[Row] = RowTable(model, f"county_list_{number}", title, row_height=46 if number else 36)
            self._tables.append(table)
            self._stack.addWidget(table)
            if number != FIELDS:
                self._tabs.append(
                    button(title, f"Alt+{number + 1}", f"county_tab_{number}", partial(self._show_list, number))
                )
        tabs = in_line([*self._tabs, None])
        tabs.setContentsMargins(look.px(14), look.px(6), look.px(14), look.px(6))
        lines.addWidget(tabs)
        lines.addWidget(self._stack, 1)
        self._tables[COLUMNS].opened.connect(self._choose_field)
        self._tables[FIELDS].opened.connect(self._take_field)
        self._tables[NEW].toggled.connect(self._toggle_new)
        self._tables[DIFFERENT].toggled.connect(self._toggle_difference)
        on_key(self, "Alt+A", self._take_all)
        self._bar.hide()
        self._stop.hide()
        self._clear()
        return area

    @staticmethod
    def _parts() -> tuple[tuple[str, RowsModel[Row]], ...]:
        return (
            (_("各列"), lists.columns_model()),
            (_("问题"), lists.problems_model()),
            (_("新增"), lists.new_model()),
            (_("不一样的"), lists.differences_model()),
            (_("这一列是"), lists.fields_model()),
        )

    # what is shown

    def heading(self) -> str:
        return _("底册")

    def arrive(self) -> None:
        self._presenter.read_parameters()
        if not self._presenter.running:
            self._open.setFocus()

    def look_again(self) -> bool:
        if self._pages.currentIndex():
            self._presenter.read_parameters()
        else:
            self._read()
        return True

    def _show_page(self, page: int) -> None:
        self._pages.setCurrentIndex(page)
        if page:
            self._presenter.read_parameters()
            self._parameters.enter()
        else:
            self._open.setFocus()
        self.keys_changed.emit()

    def _show_list(self, number: int) -> None:
        self._stack.setCurrentIndex(number)
        for at, tab in enumerate(self._tabs):
            tab.show_kind("chosen" if at == number else "plain")
        self._tables[number].setFocus()
        self.keys_changed.emit()

    def _clear(self) -> None:
        self._plan = None
        self._kinds, self._households, self._doubtful = set(), {}, set()
        for table in self._tables:
            table.show_rows([])
        self._headline.setText(_("先选什么表（Alt+K），再选文件（Ctrl+O）"))
        self._words.setText(
            _("先看、后导：按 F9 之前什么也不写；人改过的不会被表盖掉。停了、断电了，再导一遍就接着来。")
        )
        self._start.setEnabled(False)
        theme.restyle(self._card, state="")

    def _change_kind(self, _kind: str) -> None:
        self._paths, self._told = (), {}
        self._clear()

    # reading

    def open_number(self) -> bool:
        if self._pages.currentIndex() or self._presenter.running:
            return True
        names, _filter = QFileDialog.getOpenFileNames(
            self, _("选文件，可以几个一起"), "", _("表格") + " (*.xlsx *.xls *.csv *.txt)"
        )
        if names:
            self.read_files([Path(name) for name in names])
        return True

    def read_files(self, paths: Sequence[Path]) -> None:
        """Looks at these files."""
        self._paths, self._told = tuple(paths), {}
        self._read()

    def _read(self) -> None:
        if not self._paths or self._presenter.running:
            return
        self._clear()
        self._headline.setText(_("正在看：{names}").format(names="、".join(path.name for path in self._paths)))
        self._presenter.plan(self._kind.value, self._paths, self._told, "")
        self._set_running(True)

    def _set_running(self, running: bool) -> None:
        self._bar.setVisible(running)
        self._bar.show_progress(0, 0)
        self._stop.setVisible(running)
        self._kind.setEnabled(not running)
        self._open.setEnabled(not running)
        self._start.setEnabled(not running and self._plan is not None and not self._plan.stopped)
        if running:
            self._stop.setFocus()
        else:
            self._count.setText("")
        self.keys_changed.emit()

    def _show_progress(self, phase: str, done: int, total: int) -> None:
        if self._presenter.running:
            words = {"read": _("读表"), "compare": _("和库里比"), "write": _("写入")}.get(phase, phase)
            self._count.setText(f"{words}　{done:,}" + (f" / {total:,}" if total else ""))
            self._bar.show_progress(done, total)
            self.said.emit(Said("busy", words))

    def _show_plan(self, sheets: tuple[LookedSheet, ...], plan: RegisterPlan | ListPlan) -> None:
        self._plan = plan
        self._set_running(False)
        problems = plan.problems
        rows: list[Row] = []
        for sheet in sheets:
            rows.append(sheet.title + (_("（隐藏的表）") if sheet.hidden else ""))
            rows += [ColumnRow(one, _sample(sheet, one.at)) for one in sheet.columns]
        self._tables[COLUMNS].show_rows(rows)
        self._tables[PROBLEMS].show_rows(problems.worst_first()[:MOST_SHOWN])
        if isinstance(plan, RegisterPlan):
            self._headline.setText(
                _("新增 {new} 户　一样 {same}　有不同 {different}　可疑 {doubtful}　不收 {refused}").format(
                    new=len(plan.new), same=plan.same, different=plan.different, doubtful=len(plan.doubtful),
                    refused=plan.refused,
                )
            )  # fmt: skip
            self._words.setText(
                _("表里 {households} 户 {members} 人；库里有、表里没提的 {absent} 户，不动").format(
                    households=plan.households, members=plan.members, absent=plan.absent
                )
                + (_("；另有 {n} 处以前定过留库里的，不再问").format(n=plan.settled) if plan.settled else "")
            )
        else:
            self._headline.setText(
                _("新增 {new}　一样 {same}　有不同 {changed}").format(
                    new=plan.count("new"), same=plan.count("same"), changed=plan.count("changed")
                )
            )
            self._words.setText("")
        self._show_choices()
        count = sum(problems.counts.values())
        self._tabs[PROBLEMS].setText(_("问题 {n}").format(n=count) if count else _("问题"))
        theme.restyle(self._card, state="hard" if plan.stopped else "")
        if plan.stopped:
            self._words.setText(_("有的表整张读不了，看“问题”里红的；改好再按 F5 看一遍。"))
        self.said.emit(Said("trouble" if plan.stopped else "ok", _("看完了，还没有写")))
        self._show_list(PROBLEMS if plan.stopped or (count and not rows) else COLUMNS if rows else NEW)

    def _show_choices(self) -> None:
        """What is new and what differs, with the word said so far."""
        plan = self._plan
        new: list[Row] = []
        different: list[Row] = []
        if isinstance(plan, RegisterPlan):
            if plan.doubtful:
                new.append(_("可疑的 {n} 户：空格键定要不要，Alt+A 全要").format(n=len(plan.doubtful)))
                lines = plan.lines(plan.doubtful, MOST_SHOWN)
                new += [NewRow(line, line.where in self._doubtful) for line in lines]
            if plan.new:
                new.append(_("新增的 {n} 户（先列这些）").format(n=len(plan.new)))
                new += [NewRow(line) for line in plan.lines(plan.new, 200)]
            kinds = plan.kinds()
            if kinds:
                different.append(_("按项定：空格键定听不听表的，不定的都不动"))
                different += [KindRow(kind, count, kind in self._kinds) for kind, count in sorted(kinds.items())]
                left = sum(not self._choices().takes(one) for one in plan.differences)
                different.append(KindRow(lists.KEEP_REST, left, lists.KEEP_REST in self._kinds))
            if plan.differences:
                different.append(_("逐户看：空格键定这一户"))
            said = self._choices()
            for one in plan.differences[:MOST_SHOWN]:
                different.append(DifferenceRow(one, self._households.get(one.root), said.takes(one)))
        elif plan is not None:
            new += [NewRow(line) for line in plan.lines if line.state == "new"][:MOST_SHOWN]
            changed = [line for line in plan.lines if line.state == "changed"]
            if changed:
                different.append(KindRow(("", False), len(changed), ("", False) in self._kinds))
                different += changed[:MOST_SHOWN]
        for number, rows in ((NEW, new), (DIFFERENT, different)):
            at = self._tables[number].currentIndex().row()
            self._tables[number].show_rows(rows)
            if at > 0:
                self._tables[number].go_to(at)
        self._tabs[DIFFERENT].setText(_("不一样的"))

    # what a person says

    def _choices(self) -> Choices:
        kinds = frozenset(self._kinds)
        keep_rest = lists.KEEP_REST in kinds
        return Choices(kinds, dict(self._households), frozenset(self._doubtful), keep_rest=keep_rest)

    def _choose_field(self) -> None:
        row = self._tables[COLUMNS].current_row()
        if not isinstance(row, ColumnRow) or self._presenter.running:
            return
        self._chosen_column = row.column
        known = [
            FieldRow(field, f"{words}　{field.lstrip('@')}")
            for field, words in lists.fields_of(self._kind.value).items()
        ]
        table = self._tables[FIELDS]
        table.show_rows([FieldRow("", _("不用这一列")), *known])
        table.go_to_where(lambda one: isinstance(one, FieldRow) and one.field == row.column.field)
        self._stack.setCurrentIndex(FIELDS)
        table.setFocus()
        self.keys_changed.emit()

    def _take_field(self) -> None:
        row, column = self._tables[FIELDS].current_row(), self._chosen_column
        if isinstance(row, FieldRow) and column is not None:
            self._told[column.head or letters(column.at)] = row.field
            self._read()

    def _toggle_new(self) -> None:
        row = self._tables[NEW].current_row()
        if isinstance(row, NewRow) and row.taken is not None:
            where = getattr(row.line, "where", ("", 0))
            self._doubtful ^= {where}
            self._show_choices()

    def _take_all(self) -> None:
        if isinstance(self._plan, RegisterPlan):
            self._doubtful = {one.where for one in self._plan.doubtful}
            self._show_choices()

    def _toggle_difference(self) -> None:
        row = self._tables[DIFFERENT].current_row()
        if isinstance(row, KindRow):
            self._kinds ^= {row.kind}
        elif isinstance(row, DifferenceRow):
            root = row.difference.root
            following = {None: True, True: False, False: None}[self._households.get(root)]
            self._households.pop(root, None)
            if following is not None:
                self._households[root] = following
        self._show_choices()

    # taking in

    def main_deed(self) -> bool:
        if self._pages.currentIndex():
            self._parameters.save()
        elif self._plan is not None and not self._presenter.running and not self._plan.stopped:
            plan = self._plan
            self._headline.setText(_("正在导入……"))
            self._presenter.apply(plan, self._choices(), ("", False) in self._kinds)
            self._set_running(True)
        return True

    def _show_applied(self, done: Applied | int) -> None:
        self._plan = None
        self._set_running(False)
        if isinstance(done, Applied):
            self._headline.setText(
                _("导入好了：新增 {new} 户 {members} 人，改了 {changed} 户 {cells} 处，{left} 处不一样的没有动").format(
                    new=done.new, members=done.members, changed=done.changed, cells=done.cells, left=done.left
                )
            )
        else:
            self._headline.setText(_("导入好了：写了 {n} 条").format(n=done))
        self._words.setText(_("下次交接就下发到各电脑。同一张表再导一遍，什么也不会变。"))
        theme.restyle(self._card, state="ok")
        self._open.setFocus()
        self.said.emit(Said("ok", _("导入好了")))
        self.facts_changed.emit()
        self._presenter.read_parameters()

    def _show_stop(self, sentence: str) -> None:
        self._set_running(False)
        self._headline.setText(sentence or _("停下了；导进来的都在，再导一遍就接着来"))
        theme.restyle(self._card, state="soft")
        self.said.emit(Said("ageing", self._headline.text()))

    def _entered(self, count: int) -> None:
        self.said.emit(Said("ok", _("录入好了，只管以后的计算") if count else _("和原来一样，没有改")))
        self.facts_changed.emit()

    def _cancel(self) -> None:
        self._presenter.cancel()
        self._headline.setText(_("正在停下……"))

    def step_back(self) -> bool:
        if self._pages.currentIndex():
            if not self._parameters.step_back():
                self._show_page(0)
            return True
        if self._presenter.running:
            self._cancel()
            return True
        if self._stack.currentIndex() == FIELDS:
            self._show_list(COLUMNS)
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        if self._pages.currentIndex():
            return self._parameters.panes()
        return (self._open, self._tables[self._stack.currentIndex()])

    def strip(self) -> Sequence[Keys]:
        if self._pages.currentIndex():
            return self._parameters.strip()
        if self._presenter.running:
            return ((("Esc",), _("停下")), (("Ctrl+1",), _("先去做别的")))
        space: dict[int, Keys] = {
            COLUMNS: (("Enter",), _("这列是什么")),
            FIELDS: (("Enter",), _("就是它")),
            NEW: ((_("空格"),), _("要、不要")),
            DIFFERENT: ((_("空格"),), _("听表的、不动")),
        }
        own = space.get(self._stack.currentIndex())
        return (
            (("Alt+K",), _("换一种表")),
            (("Ctrl+O",), _("选文件")),
            (("Alt+1…4",), _("看哪一栏")),
            *((own,) if own else ()),
            (("F5",), _("再看一遍")),
            (("F9",), _("导入")),
            (("Alt+S",), _("参数表")),
            (("Esc",), _("返回")),
        )


def _sample(sheet: LookedSheet, at: int) -> str:
    """The first cells of a column, long numbers starred."""
    cells = [row[at] for row in sheet.samples if at < len(row) and row[at]]
    cells = [re.sub(r"(\d{6})\d{5,}(\w{4})$", r"\1…\2", one) if len(one) >= 15 else one for one in cells]
    return "、".join(cells[:2])
