"""下发: what a period's tasks would be, looked at first; F9 hands them out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fieldapp.services import periods
from fieldapp.services.handing_out import HandedOut, Outlook, Task
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.parts import Band, button, in_line
from fieldapp.ui.sample.presenter import ANNUAL, QUARTERLY, SamplePresenter
from fieldapp.ui.sample.saying import say, saying_line
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _


def tasks_model() -> RowsModel[Task]:
    """Who would get which household."""

    def who(one: Task) -> Shown:
        if not one.enumerator:
            return Shown(_("没有调查员"), tone="hard")
        return Shown(one.enumerator_name, second=one.enumerator)

    return RowsModel(
        [
            Column(_("户主"), lambda one: Shown(one.head_name, second=one.hh_id, bold=True), 230),
            Column(_("村"), lambda one: one.village_name, 200),
            Column(_("给谁"), who, 230),
            Column("", lambda one: Shown(_("上期就是他") if one.stays else "", tone="quiet")),
        ],
        edge=lambda one: "" if one.enumerator else "hard",
    )


class HandOutPage(QWidget):
    """Alt+K and the period say what; Enter looks, F9 hands out what is shown."""

    def __init__(self, presenter: SamplePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter = presenter
        self._shown: tuple[str, str] | None = None
        self._done = ""
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        self._band = Band(_("下发任务"), _("样本户还没有任务的，各给本村的调查员；先看，按 F9 才下发"))
        lines.addWidget(self._band)
        self.table: RowTable[Task] = RowTable(tasks_model(), "sample_tasks", _("下发任务"), row_height=46)
        lines.addWidget(self.table, 1)
        lines.addWidget(hairline())
        self._form = ChoiceButton("sample_out_form", _("哪张问卷"), "Alt+K")
        self._form.offer([(QUARTERLY, _("季度问卷")), (ANNUAL, _("年度问卷"))])
        self._form.chosen.connect(self._change_form)
        self._period = QLineEdit()
        self._period.setObjectName("sample_out_period")
        self._period.setAccessibleName(_("哪一期"))
        self._period.setMaximumWidth(look.px(110))
        self._period.returnPressed.connect(self.look)
        self._look = button(_("看一遍"), "Alt+V", "sample_out_look", self.look)
        self._give = button(_("下发"), "F9", "sample_out", self.give, "primary", shortcut=False)
        foot = in_line([self._form, 6, label(_("哪一期"), "hint"), self._period, self._look, None, self._give], gap=6)
        foot.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(4))
        lines.addWidget(foot)
        self._said = saying_line()
        lines.addWidget(self._said)
        self._give.setEnabled(False)
        presenter.outlook_read.connect(self._show_outlook)
        presenter.handed_out.connect(self._show_done)
        presenter.failed.connect(self._refused)

    def enter(self) -> None:
        """The person came here."""
        if not self._period.text():
            self._change_form(self._form.value)
        else:
            self.look()
        self.table.setFocus()

    def _change_form(self, form_id: str) -> None:
        quarter = periods.at(self._presenter.session.today())
        self._period.setText(str(int(quarter[:4]) + 1) if form_id == ANNUAL else quarter)
        self.look()

    def look(self) -> None:
        """Enter: what would be handed out."""
        period = self._period.text().strip().upper()
        self._shown = None
        self._give.setEnabled(False)
        fits = periods.is_quarter(period) if self._form.value == QUARTERLY else len(period) == 4 and period.isdigit()
        if not fits:
            say(self._said, "hard", _("季度问卷的期写成 2027Q1，年度问卷写成 2027"))
            self._period.setFocus()
            return
        self._presenter.read_outlook(period, self._form.value)

    def _show_outlook(self, found: Outlook, form_id: str) -> None:
        ready = [one for one in found.tasks if one.enumerator]
        self.table.show_rows(sorted(found.tasks, key=lambda one: bool(one.enumerator)), lambda one: one.hh_id)
        self._shown = (found.period, form_id) if ready else None
        self._give.setEnabled(bool(ready))
        if self._done:
            say(self._said, "ok", self._done)
            self._done = ""
            return
        words = _("{period}：要下发 {n} 户，先前已下发 {already} 户").format(
            period=periods.title(found.period), n=len(ready), already=found.already
        )
        if found.due_on is not None:
            words += _("，{day} 前做完").format(day=found.due_on.isoformat())
        waiting = len(found.tasks) - len(ready)
        if waiting:
            words += _("；{n} 户的村没有调查员，先等着：{villages}").format(n=waiting, villages="、".join(found.nobody))
        if found.ended:
            words += _("；{n} 户已不在，要替换：{households}").format(
                n=len(found.ended), households="、".join(found.ended)
            )
        say(self._said, "soft" if waiting or found.ended else "", words)

    def give(self) -> None:
        """F9: what is shown."""
        if self._shown is not None:
            self._give.setEnabled(False)
            self._presenter.hand_out(*self._shown)
            self._shown = None

    def _show_done(self, done: HandedOut) -> None:
        self._done = _("下发了 {n} 户，下次交接各调查员就看得到").format(n=len(done.assignments))
        self.look()

    def _refused(self, sentence: str) -> None:
        if self.isVisible():
            self.table.show_rows([])
            say(self._said, "hard", sentence)

    def main_deed(self) -> None:
        """F9."""
        self.give()

    def panes(self) -> Sequence[QWidget]:
        return (self.table, self._period)

    def strip(self) -> Sequence[Keys]:
        return (
            (("↑", "↓"), _("选")),
            (("Alt+K",), _("季度、年度")),
            (("Alt+V",), _("看一遍")),
            (("F6",), _("换栏")),
            (("F9",), _("下发")),
            (("Esc",), _("返回")),
        )
