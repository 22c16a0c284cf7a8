"""权数 of a period: what each household of the sample counts for, and the file of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fieldapp.services import periods
from fieldapp.services.codes import code_label
from fieldapp.services.weighting import Weighted
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
from forms.monitoring.sample_weights import shown_weight


@dataclass(frozen=True, slots=True)
class Weight:
    """A household of the sample with its weights as they are written."""

    hh_id: str
    stratum: str
    outcome: str
    base: str
    final: str


class WeightsPage(QWidget):
    """Enter works them out, Ctrl+P writes them."""

    def __init__(self, presenter: SamplePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter = presenter
        self.weighted: Weighted | None = None
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(Band(_("权数"), _("入样概率的倒数，按访成的户放大，再按名册户数校准；没访成的为 0")))
        self.table: RowTable[Weight] = RowTable(
            RowsModel(
                [
                    Column(_("户编码"), lambda one: Shown(one.hh_id, bold=True), 230),
                    Column(_("抽样层"), lambda one: one.stratum, 110),
                    Column(_("最终结果"), lambda one: Shown(one.outcome, tone="plain")),
                    Column(_("基础权"), lambda one: one.base, 150, right=True),
                    Column(_("权数"), lambda one: one.final, 170, right=True),
                ]
            ),
            "sample_weights",
            _("权数"),
            row_height=31,
        )
        lines.addWidget(self.table, 1)
        lines.addWidget(hairline())
        self._form = ChoiceButton("sample_weight_form", _("哪张问卷"), "Alt+K")
        self._form.offer([(QUARTERLY, _("季度问卷")), (ANNUAL, _("年度问卷"))])
        self._form.chosen.connect(self._change_form)
        self._period = QLineEdit()
        self._period.setObjectName("sample_weight_period")
        self._period.setAccessibleName(_("哪一期"))
        self._period.setMaximumWidth(look.px(110))
        self._period.returnPressed.connect(self.main_deed)
        self._work = button(_("算权数"), "F9", "sample_weigh", self.main_deed, "primary", shortcut=False)
        self._write = button(_("写成 CSV"), "Ctrl+P", "sample_weight_write", self._ask_for_file, shortcut=False)
        foot = in_line([self._form, 6, label(_("哪一期"), "hint"), self._period, self._work, None, self._write], gap=6)
        foot.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(4))
        lines.addWidget(foot)
        self._said = saying_line()
        lines.addWidget(self._said)
        self._write.setEnabled(False)
        presenter.weighted.connect(self._show)
        presenter.failed.connect(self._refused)

    def enter(self) -> None:
        """The person came here."""
        if not self._period.text():
            self._change_form(self._form.value)
        self._period.setFocus()
        self._period.selectAll()

    def _change_form(self, form_id: str) -> None:
        quarter = periods.at(self._presenter.session.today())
        self._period.setText(quarter[:4] if form_id == ANNUAL else quarter)

    def main_deed(self) -> None:
        """F9, Enter: works them out."""
        say(self._said, "", _("正在算……"))
        self._presenter.read_weights(self._period.text().strip().upper(), self._form.value)

    def _ask_for_file(self) -> None:
        self._presenter.file_wanted.emit()

    def _show(self, found: Weighted) -> None:
        self.weighted = found
        self._write.setEnabled(True)
        self.table.show_rows(
            [
                Weight(
                    one.hh_id,
                    str(one.stratum),
                    code_label("interview_outcome", one.outcome) if one.outcome else _("还没有结果"),
                    shown_weight(one.base_weight),
                    shown_weight(found.weights.final[one.hh_id]),
                )
                for one in found.households
            ],
            lambda one: one.hh_id,
        )
        counted = sum(found.weights.final[one.hh_id] > 0 for one in found.households)
        words = _("{period}：{n} 户里 {counted} 户有权数，合计 {total}").format(
            period=periods.title(found.period), n=len(found.households), counted=counted,
            total=shown_weight(sum(found.weights.final.values(), Fraction(0))),
        )  # fmt: skip
        empty = "　".join(_("{stratum} 一户都没有访成，出不了数").format(stratum=one) for one in found.weights.empty)
        say(self._said, "soft" if empty else "", f"{words}　{empty}")
        self.table.setFocus()

    def _refused(self, sentence: str) -> None:
        if self.isVisible():
            say(self._said, "hard", sentence)

    def panes(self) -> Sequence[QWidget]:
        return (self.table, self._period)

    def strip(self) -> Sequence[Keys]:
        return (
            (("Alt+K",), _("季度、年度")),
            (("F9",), _("算权数")),
            (("Ctrl+P",), _("写成 CSV")),
            (("F6",), _("换栏")),
            (("Esc",), _("返回")),
        )
