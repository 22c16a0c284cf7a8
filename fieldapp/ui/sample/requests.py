"""进度与替换: T01 by township, the replacement requests, and their answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fieldapp.services.codes import code_label
from fieldapp.services.replacing import APPROVED, ASKED, ReplacementRequest
from fieldapp.services.visit_log import TownshipProgress
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.parts import Band, button, in_line
from fieldapp.ui.sample.presenter import ANNUAL, QUARTERLY, SamplePresenter, Shown
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel
from fieldapp.ui.tables import Shown as Cell
from fieldapp.ui.widgets.cards import label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _
from forms.monitoring.visits import Progress
from sync.scope import Role

_ROOMY = 125  # per cent of type size


def progress_model() -> RowsModel[TownshipProgress]:
    """T01 (monitoring.md 11.3); large type has room for one of the rates."""

    def count(head: str, of: Callable[[Progress], int], width: int = 84) -> Column[TownshipProgress]:
        return Column(head, lambda line: str(of(line.progress)), width, right=True)

    def rate(head: str, of: Callable[[Progress], Fraction | None], width: int = 100) -> Column[TownshipProgress]:
        return Column(head, lambda line: _rate(of(line.progress)), width, right=True)

    columns = [
        Column(_("乡镇"), lambda line: Cell(line.name, bold=not line.township)),
        count(_("应访"), lambda one: one.due, 66),
        count(_("完成"), lambda one: one.complete),
        count(_("部分"), lambda one: one.partial, 76),
        count(_("拒访"), lambda one: one.refused),
        count(_("无接触"), lambda one: one.no_contact, 90),
        count(_("替换"), lambda one: one.replaced),
        count(_("未完"), lambda one: one.open, 76),
        rate(_("完成率"), lambda one: one.completion),
    ]
    if theme.current().scale <= _ROOMY:
        columns.append(rate(_("拒访率"), lambda one: one.refusal))
        columns.append(rate(_("无接触率"), lambda one: one.without_contact, 126))
    return RowsModel(columns)


def _rate(share: Fraction | None) -> str:
    return "—" if share is None else f"{float(share) * 100:.1f}%"


def requests_model() -> RowsModel[ReplacementRequest]:
    """One request a line, evidence below."""
    return RowsModel(
        [
            Column(_("户"), lambda one: Cell(one.head_name, second=one.hh_id, bold=one.state == ASKED), 150),
            Column(_("村"), lambda one: one.village_name, 100),
            Column(_("期"), lambda one: one.period, 84),
            Column(_("原因"), lambda one: f"{one.outcome} {code_label('interview_outcome', one.outcome)}", 160),
            Column(_("佐证"), lambda one: Cell(one.evidence, second=one.words)),
            Column(_("申请人"), lambda one: one.asked_by_name, 90),
            Column(_("答复"), _answer, 160),
        ]
    )


def _answer(one: ReplacementRequest) -> Cell:
    if one.state == ASKED:
        return Cell(_("等县里"), tone="soft")
    if one.state == APPROVED:
        return Cell(_("由 {hh_id} 接替").format(hh_id=one.replaced_by), second=one.decision_words, tone="ok")
    return Cell(_("不批准"), second=one.decision_words, tone="quiet")


class RequestsPage(QWidget):
    """Progress above, requests below; the county answers with F9 and Shift+F9, everybody here may ask."""

    def __init__(self, presenter: SamplePresenter, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter, self._decides = presenter, role == Role.CADM
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        self._form = ChoiceButton("sample_form", _("哪张问卷"), "Alt+K")
        self._form.offer([(QUARTERLY, _("季度问卷")), (ANNUAL, _("年度问卷"))])
        self._form.chosen.connect(presenter.read_progress)
        self._band = Band(_("样本完成情况"))
        lines.addWidget(self._band)
        self.progress: RowTable[TownshipProgress] = RowTable(
            progress_model(), "sample_progress", _("样本完成情况"), row_height=31
        )
        lines.addWidget(self.progress, 2)
        lines.addWidget(Band(_("替换申请"), _("由谁接替按备用顺序定，不能自选")))
        self.requests: RowTable[ReplacementRequest] = RowTable(
            requests_model(), "sample_requests", _("替换申请"), row_height=46
        )
        lines.addWidget(self.requests, 3)
        self._household = self._make_field("sample_household", _("户号"), 170)
        self._evidence = self._make_field("sample_evidence", _("佐证"), 250)
        self._words = self._make_field("sample_words", _("答复的话"), 250)
        self._ask_button = button(_("提出申请"), "Alt+T", "sample_ask", self.ask)
        self._approve = button(_("批准"), "F9", "sample_approve", self.approve, "primary", shortcut=False)
        self._refuse = button(_("不批准"), "Shift+F9", "sample_refuse", self.refuse, shortcut=False)
        parts: list[QWidget | int | None] = [
            self._form, 12, label(_("户号"), "hint"), self._household, label(_("佐证"), "hint"), self._evidence,
            self._ask_button, None,
        ]  # fmt: skip
        if self._decides:
            parts += [label(_("答复的话"), "hint"), self._words, self._approve, self._refuse]
        foot = in_line(parts, gap=6)
        foot.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        lines.addWidget(foot)
        for part in (self._words, self._approve, self._refuse):
            part.setVisible(self._decides)
        self._household.returnPressed.connect(self._evidence.setFocus)
        self._evidence.returnPressed.connect(self.ask)
        self.requests.opened.connect(self._words.setFocus)
        presenter.progress_read.connect(self._show_progress)
        presenter.requests_read.connect(self._show_requests)

    @staticmethod
    def _make_field(name: str, words: str, width: int) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setAccessibleName(words)
        field.setMaximumWidth(theme.current().px(width))
        return field

    def read(self) -> None:
        """Everything anew."""
        self._presenter.read_progress(self._form.value)
        self._presenter.read_requests()

    def _show_progress(self, shown: Shown) -> None:
        self._band.show_hint(shown.title)
        self.progress.show_rows(shown.lines, lambda line: line.township)

    def _show_requests(self, found: tuple[ReplacementRequest, ...]) -> None:
        self.requests.show_rows(found, lambda one: one.assignment)

    def ask(self) -> None:
        """提出申请."""
        if not self._household.text().strip():
            self._household.setFocus()
            return
        if not self._evidence.text().strip():
            self._evidence.setFocus()
            return
        self._presenter.ask_replacement(self._household.text().strip(), self._evidence.text())

    def approve(self) -> None:
        """F9."""
        row = self.requests.current_row()
        if self._decides and row is not None and row.state == ASKED:
            self._presenter.approve(row.assignment, self._words.text())

    def refuse(self) -> None:
        """Shift+F9; the words are what the asker reads."""
        row = self.requests.current_row()
        if not self._decides or row is None or row.state != ASKED:
            return
        if not self._words.text().strip():
            self._words.setFocus()
            return
        self._presenter.refuse(row.assignment, self._words.text())

    def settled(self) -> None:
        """The deed is on disk."""
        for field in (self._household, self._evidence, self._words):
            field.clear()
        self.requests.setFocus()

    def main_deed(self) -> None:
        """F9."""
        self.approve()

    def panes(self) -> Sequence[QWidget]:
        return (self.progress, self.requests, self._household)

    def strip(self) -> Sequence[Keys]:
        decide: tuple[Keys, ...] = ((("F9",), _("批准")), (("Shift+F9",), _("不批准"))) if self._decides else ()
        return (
            (("↑", "↓"), _("选")),
            *decide,
            (("Alt+T",), _("提出申请")),
            (("Alt+K",), _("季度、年度")),
            (("F6",), _("换栏")),
            (("F5",), _("再看一遍")),
        )
