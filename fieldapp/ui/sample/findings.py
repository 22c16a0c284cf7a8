"""核查发现: what only several households, or several waves, together show; Enter goes to where it is looked into."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fieldapp.services import periods
from fieldapp.services.checking import PlaceFinding
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.parts import Band, button, in_line
from fieldapp.ui.sample.presenter import SamplePresenter
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _

_LEVELS = {"laptop": "本机", "township": "乡镇", "county": "县"}
HARD, ALL = "hard", ""


def findings_model() -> RowsModel[PlaceFinding]:
    """What was found, errors first."""

    def kind(one: PlaceFinding) -> Shown:
        hard = one.kind == HARD
        return Shown(_("错") if hard else _("核"), second=_(_LEVELS[one.level]), tone="hard" if hard else "soft")

    return RowsModel(
        [
            Column(_("级别"), kind, 84),
            Column(_("户主"), lambda one: Shown(one.head_name, second=one.check_id, bold=True), 170),
            Column(_("发现"), lambda one: Shown(one.sentence)),
            Column("", lambda one: Shown(_("名册的事") if not one.interview else "", tone="quiet"), 110),
        ],
        edge=lambda one: "hard" if one.kind == HARD else "",
    )


class FindingsPage(QWidget):
    """F9 checks; nothing here blocks anybody, the findings are for who reviews.

    Signals:
        wanted: place and subject to go to.
    """

    wanted = Signal(str, str)

    def __init__(self, presenter: SamplePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter = presenter
        self._found: tuple[PlaceFinding, ...] | None = None
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(Band(_("核查发现"), _("几户、几期放在一起才看得出的疑点，只提示，由审的人判断")))
        self.table: RowTable[PlaceFinding] = RowTable(findings_model(), "sample_findings", _("核查发现"), row_height=46)
        self.table.opened.connect(self._open)
        self.table.moved.connect(self._show_whole)
        lines.addWidget(self.table, 1)
        self._whole = label("", "label", wrap=True)
        self._whole.setContentsMargins(look.px(14), look.px(6), look.px(14), look.px(6))
        lines.addWidget(self._whole)
        lines.addWidget(hairline())
        self._period = ChoiceButton("sample_find_period", _("哪一期"), "Alt+K")
        self._kind = ChoiceButton("sample_find_kind", _("看哪些"), "Alt+E")
        self._kind.offer([(ALL, _("错和核都看")), (HARD, _("只看错"))])
        self._kind.chosen.connect(lambda _kind: self._show_rows())
        self._run = button(_("核查一遍"), "F9", "sample_find", self.main_deed, "primary", shortcut=False)
        self._said = label("", "", wrap=True)
        foot = in_line([self._period, self._kind, self._said, None, self._run])
        foot.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        lines.addWidget(foot)
        presenter.findings_read.connect(self._show)
        presenter.failed.connect(self._refused)

    def enter(self) -> None:
        """The person came here."""
        quarter = periods.at(self._presenter.session.today())
        wanted = [quarter, periods.before(quarter), quarter[:4]]
        self._period.offer([(one, periods.title(one)) for one in wanted])
        if self._found is None:
            self._said.setText(_("还没有核查"))
        self.table.setFocus()

    def main_deed(self) -> None:
        """F9: every interview of the period is gone through anew."""
        self._run.setEnabled(False)
        theme.restyle(self._said, kind="")
        self._said.setText(_("正在核查，份数多时要几分钟，可以先做别的……"))
        self._presenter.read_findings(self._period.value)

    def _show(self, found: tuple[PlaceFinding, ...]) -> None:
        self._run.setEnabled(True)
        self._found = found
        self._show_rows()

    def _show_rows(self) -> None:
        found = self._found or ()
        self.table.show_rows([one for one in found if self._kind.value in (ALL, one.kind)])
        hard = sum(one.kind == HARD for one in found)
        if self._found is not None:
            theme.restyle(self._said, kind="" if found else "ok")
            words = _("共 {n} 处，错 {hard} 处，核 {soft} 处。").format(n=len(found), hard=hard, soft=len(found) - hard)
            self._said.setText(words if found else _("没有发现什么"))
        self._show_whole()

    def _show_whole(self) -> None:
        row = self.table.current_row()
        self._whole.setText(row.sentence if row is not None else "")

    def _open(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.wanted.emit(*(("review", row.interview) if row.interview else ("households", row.household)))

    def _refused(self, sentence: str) -> None:
        self._run.setEnabled(True)
        if self.isVisible():
            theme.restyle(self._said, kind="hard")
            self._said.setText(sentence)

    def panes(self) -> Sequence[QWidget]:
        return (self.table, self._run)

    def strip(self) -> Sequence[Keys]:
        return (
            (("↑", "↓"), _("选")),
            (("Enter",), _("去看这份")),
            (("Alt+K",), _("换一期")),
            (("Alt+E",), _("只看错")),
            (("F9",), _("核查一遍")),
            (("Esc",), _("返回")),
        )
