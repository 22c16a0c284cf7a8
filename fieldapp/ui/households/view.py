"""农户: the list of this person's households, and one household's page over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from fieldapp.services.finding import GroupCount, HouseholdList, HouseholdPage, HouseholdRow
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.find_box import FindBox
from fieldapp.ui.households.columns import household_columns
from fieldapp.ui.households.page import HouseholdPageView
from fieldapp.ui.households.presenter import HouseholdsPresenter
from fieldapp.ui.parts import empty_stack, in_line
from fieldapp.ui.places import places_of
from fieldapp.ui.register.view import RegisterView
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import RowsModel
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _


class HouseholdsScreen(Screen):
    """Find a household; Enter opens its page, Esc comes back to the list."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("households")
        self._place = place
        self._presenter = HouseholdsPresenter(place, self)
        self._wanted = ""
        self._groups: tuple[GroupCount, ...] = ()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        whole.addWidget(self._stack)
        self._stack.addWidget(self._build_list())
        self._page = HouseholdPageView(place.session.role)
        self._stack.addWidget(self._page)
        self._register = RegisterView(place)
        self._stack.addWidget(self._register)
        self._register.said.connect(self.said)
        self._register.keys_changed.connect(self.keys_changed)
        self._register.changed.connect(self.facts_changed)
        self._page.register_wanted.connect(self.open_register)
        self._page.interview_wanted.connect(self._open_interview)
        self._page.print_wanted.connect(self.print_this)
        self._presenter.found.connect(self._show_found)
        self._presenter.groups_read.connect(self._show_groups)
        self._presenter.page_read.connect(self._show_page)
        self._presenter.code_found.connect(self._show_code)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))

    def _build_list(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._find = FindBox("households_find", _("找户"))
        self._find.setFixedWidth(look.px(330))
        self._village = ChoiceButton("households_village", _("村"), "Alt+C")
        self._group = ChoiceButton("households_group", _("组"), "Alt+Z")
        self._village.offer([("", _("全部村"))])
        self._group.offer([("", _("全部组"))])
        self._count = label("", "label")
        self._hint = label(_("姓名、拼音头字母、户号、短码、组都行"), "hint")
        seeking = in_line(
            [
                label(_("找户"), "strong"),
                self._find,
                self._village,
                self._group,
                self._count,
                None,
                self._hint,
            ],
            gap=10,
        )
        seeking.setFixedHeight(look.px(52))
        seeking.setContentsMargins(look.px(14), 0, look.px(14), 0)
        lines.addWidget(seeking)
        lines.addWidget(hairline())
        self._list: RowTable[HouseholdRow] = RowTable(RowsModel(household_columns()), "households_list", _("农户"))
        lines.addWidget(self._list, 1)
        self._empty = label("", "label")
        self._empty.setContentsMargins(look.px(16), look.px(12), 0, look.px(12))
        lines.addWidget(self._empty)
        self._find.sought.connect(self._presenter.search)
        self._find.walked.connect(self._walk)
        self._find.opened.connect(self._open_row)
        self._list.opened.connect(self._open_row)
        self._list.typed.connect(self._find.add)
        self._village.chosen.connect(self._choose_village)
        self._group.chosen.connect(self._choose_group)
        return area

    # what is shown

    def fit(self, narrow: bool) -> None:
        self._hint.setVisible(not narrow)
        self._page.fit(narrow)

    def heading(self) -> str:
        return _("农户")

    def on_page(self) -> bool:
        """Whether one household's page is shown."""
        return self._stack.currentWidget() is self._page

    def on_register(self) -> bool:
        """Whether one household's register is shown."""
        return self._stack.currentWidget() is self._register

    def open_register(self) -> None:
        """F2 on the page: what happened to the people of this household."""
        self._register.load(self.subject())
        self._stack.setCurrentWidget(self._register)
        self.keys_changed.emit()

    def show_subject(self, subject: str) -> None:
        self._wanted = subject

    def subject(self) -> str:
        if (self.on_page() or self.on_register()) and self._page.page is not None:
            return self._page.page.card.household.household
        row = self._list.current_row()
        return row.household if row is not None else ""

    def arrive(self) -> None:
        if self.on_register() and not self._wanted:
            if not self._register.asking():
                self._register.load(self.subject())
            return
        self._presenter.load()
        wanted, self._wanted = self._wanted, ""
        if wanted or self.on_page():
            self._presenter.read_page(wanted or self.subject())
        else:
            self._find.setFocus()

    def look_again(self) -> bool:
        self.arrive()
        return True

    def _show_groups(self, groups: tuple[GroupCount, ...]) -> None:
        self._groups = groups
        villages = dict.fromkeys((group.village_code, group.village_name) for group in groups)
        self._village.offer([("", _("全部村")), *villages])
        self._offer_groups()

    def _offer_groups(self) -> None:
        here = [group for group in self._groups if self._village.value in ("", group.village_code)]
        self._group.offer([("", _("全部组")), *dict.fromkeys((group.group, group.group) for group in here)])
        self._presenter.group = self._group.value

    def _choose_village(self, village: str) -> None:
        self._presenter.village = village
        self._offer_groups()
        self._presenter.search(self._find.query())

    def _choose_group(self, group: str) -> None:
        self._presenter.group = group
        self._presenter.search(self._find.query())

    def _show_found(self, found: HouseholdList) -> None:
        self._list.show_rows(found.rows, lambda row: row.household)
        self._count.setText(_("{total} 户里有 {n} 户").format(total=found.total, n=found.matching))
        more = found.matching - len(found.rows)
        if not found.rows:
            self._empty.setText(_("没有这样的户。改几个字，或按 Enter 当短码找"))
        else:
            self._empty.setText(_("下面还有 {n} 户，多打一个字就近了").format(n=more) if more > 0 else "")
        self._empty.setVisible(bool(self._empty.text()))

    def _walk(self, key: int) -> None:
        at = self._list.currentIndex().row()
        step = {
            int(Qt.Key.Key_Up): -1,
            int(Qt.Key.Key_Down): 1,
            int(Qt.Key.Key_PageUp): -12,
            int(Qt.Key.Key_PageDown): 12,
        }[key]
        self._list.go_to(max(0, min(self._list.rows_model().rowCount() - 1, at + step)))

    def _open_row(self) -> None:
        row = self._list.current_row()
        if row is not None:
            self._presenter.read_page(row.household)
        elif self._find.query():
            self._presenter.find_code(self._find.query())

    def _show_code(self, household: str) -> None:
        if household:
            self._presenter.read_page(household)
        else:
            self.said.emit(Said("ageing", _("这台电脑上没有“{code}”这个号").format(code=self._find.query())))

    def _show_page(self, page: HouseholdPage) -> None:
        self._page.show_page(page)
        fresh = not self.on_page()
        self._stack.setCurrentWidget(self._page)
        if fresh or not self._page.isAncestorOf(self.focusWidget() or self):
            self._page.interviews.setFocus()
        self.window().setWindowTitle(_("入户调查") + " — " + _("{name}户").format(name=page.card.household.head_name))
        if page.unsent_changes:
            self.said.emit(
                Said("ok", _("都已保存，断电也不会丢"), fact=_("本户有 {n} 处改动没交").format(n=page.unsent_changes))
            )
        self.keys_changed.emit()

    def _open_interview(self, assignment: str, interview: str) -> None:
        self._place.open_interview(assignment, interview)

    # keys

    def seek(self) -> bool:
        self._show_list()
        self._find.selectAll()
        return True

    def open_number(self) -> bool:
        return self.seek()

    def main_deed(self) -> bool:
        return self.on_register() and self._register.go_on()

    def _show_list(self) -> None:
        self._stack.setCurrentIndex(0)
        self._find.setFocus()
        self.keys_changed.emit()

    def turn(self, step: int) -> bool:
        if not self.on_page():
            return False
        rows = self._list.rows_model().rows
        at = next((i for i, row in enumerate(rows) if row.household == self.subject()), None)
        if at is not None and 0 <= at + step < len(rows):
            self._list.go_to(at + step)
            self._presenter.read_page(rows[at + step].household)
        return True

    def print_this(self) -> bool:
        self._place.go("print", self.subject())
        return True

    def step_back(self) -> bool:
        if self.on_register():
            if not self._register.step_back():
                self._presenter.read_page(self.subject())
            return True
        if self.on_page():
            self._show_list()
            return True
        if self._find.text():
            self._find.clear()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.on_page() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._page.open_current()
        else:
            super().keyPressEvent(event)

    def panes(self) -> Sequence[QWidget]:
        if self.on_register():
            return self._register.panes()
        return self._page.panes() if self.on_page() else (self._find, self._list)

    def strip(self) -> Sequence[Keys]:
        papers: tuple[Keys, ...] = ((("Ctrl+P",), _("打印")),) if "print" in places_of(self._place.session.role) else ()
        if self.on_register():
            return self._register.strip()
        if self.on_page():
            return (
                (("Alt+1…4",), _("进一块")),
                (("↑", "↓"), _("选")),
                (("Enter",), _("打开")),
                (("F2",), _("名册变动")),
                (("Ctrl+F",), _("找别的户")),
                (("Ctrl+PgUp", "Ctrl+PgDn"), _("上一户、下一户")),
                *papers,
                (("Esc",), _("回列表")),
            )
        return (
            ((_("直接打字"),), _("找户")),
            (("↑", "↓"), _("选户")),
            (("Enter",), _("打开")),
            (("Alt+C",), _("换村")),
            (("Alt+Z",), _("换组")),
            *papers,
            (("Esc",), _("清空、返回")),
        )
