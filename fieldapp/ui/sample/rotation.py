"""轮换: the plan of a year, and its approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.parts import Band, button, in_line
from fieldapp.ui.sample.presenter import SamplePresenter
from fieldapp.ui.sample.saying import say, saying_line
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _
from forms.monitoring.rotation import RotationPlan


@dataclass(frozen=True, slots=True)
class Change:
    """One that leaves, and who comes; "" for nobody."""

    leaving: str
    entering: str
    stratum: str
    village: str


class RotationPage(QWidget):
    """A plan is looked at first; F9 carries it out."""

    def __init__(self, presenter: SamplePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter = presenter
        self._planned: int | None = None
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        self._band = Band(_("年度轮换"), _("从第三年起每年 20%；先出方案，批准才执行"))
        lines.addWidget(self._band)
        self.table: RowTable[Change] = RowTable(
            RowsModel(
                [
                    Column(_("退出的户"), lambda one: one.leaving, 200),
                    Column(_("进入的户"), lambda one: Shown(one.entering or _("没有户可补"), tone="" if one.entering else "soft"), 200),
                    Column(_("抽样层"), lambda one: one.stratum, 90),
                    Column(_("村代码"), lambda one: one.village),
                ]
            ),
            "sample_rotation",
            _("年度轮换"),
            row_height=31,
        )  # fmt: skip
        lines.addWidget(self.table, 1)
        lines.addWidget(hairline())
        self._year, self._reason = QLineEdit(), QLineEdit()
        for field, name, words, width in (
            (self._year, "sample_year", _("年"), 84),
            (self._reason, "sample_rotation_reason", _("重做理由"), 260),
        ):
            field.setObjectName(name)
            field.setAccessibleName(words)
            field.setMaximumWidth(look.px(width))
        self._plan = button(_("做方案"), "Alt+F", "sample_plan", self.plan)
        self._approve = button(_("批准执行"), "F9", "sample_rotate", self.approve, "primary", shortcut=False)
        foot = in_line(
            [label(_("年"), "hint"), self._year, label(_("重做理由"), "hint"), self._reason, self._plan, None, self._approve],
            gap=6,
        )  # fmt: skip
        foot.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        lines.addWidget(foot)
        self._said = saying_line()
        lines.addWidget(self._said)
        self._year.returnPressed.connect(self.plan)
        self._approve.setEnabled(False)
        presenter.planned.connect(self._show_plan)
        presenter.failed.connect(self._refused)

    def enter(self) -> None:
        """The person came here."""
        if not self._year.text():
            self._year.setText(str(self._presenter.session.today().year + 1))
        self._year.setFocus()
        self._year.selectAll()

    def plan(self) -> None:
        """做方案."""
        if not self._year.text().strip().isdigit():
            say(self._said, "hard", _("先打哪一年，如 2029"))
            self._year.setFocus()
            return
        self._presenter.plan_rotation(int(self._year.text()), self._reason.text())

    def approve(self) -> None:
        """F9: the plan that is shown."""
        if self._planned is not None:
            self._presenter.approve_rotation(self._planned)

    def _show_plan(self, plan: RotationPlan, done: bool) -> None:
        coming = {one.instead_of: one for one in plan.entering}
        rows = []
        for hh_id in plan.leaving:
            one = coming.get(hh_id)
            rows.append(
                Change(hh_id, one.hh_id, str(one.stratum), one.village) if one else Change(hh_id, "", "", hh_id[:12])
            )
        self.table.show_rows(rows, lambda row: row.leaving)
        words = (
            _("{year} 年轮换已执行：退 {out} 户，进 {come} 户")
            if done
            else _("{year} 年轮换方案：退 {out} 户，进 {come} 户，等批准")
        )
        say(
            self._said,
            "ok" if done else "",
            words.format(year=plan.year, out=len(plan.leaving), come=len(plan.entering)),
        )
        self._planned = None if done else plan.year
        self._approve.setEnabled(not done)
        self.table.setFocus()

    def _refused(self, sentence: str) -> None:
        if self.isVisible():
            say(self._said, "hard", sentence)

    def main_deed(self) -> None:
        """F9."""
        self.approve()

    def panes(self) -> Sequence[QWidget]:
        return (self._year, self.table)

    def strip(self) -> Sequence[Keys]:
        return (
            (("Enter",), _("做方案")),
            (("F6",), _("换栏")),
            (("F9",), _("批准执行")),
            (("Esc",), _("返回")),
        )
