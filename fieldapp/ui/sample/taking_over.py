"""换人: what each enumerator has still to do, and giving it to another with a word of handing over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from fieldapp.services.workloads import Workload
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.parts import Band, button, in_line
from fieldapp.ui.sample.presenter import SamplePresenter
from fieldapp.ui.sample.saying import say, saying_line
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _


def workloads_model() -> RowsModel[Workload]:
    """Who has how much to do."""
    return RowsModel(
        [
            Column(_("调查员"), lambda one: Shown(one.name, second=one.account, bold=True), 220),
            Column(_("没交的"), lambda one: str(one.open), 100, right=True),
            Column(_("交了的"), lambda one: str(one.done), 100, right=True),
            Column("", lambda _one: "", 20),
            Column(
                _("管的村"),
                lambda one: Shown(
                    "、".join(one.villages) or _("不再管这里的村"),
                    second="　".join(f"{name} {count}" for _code, name, count in one.open_by_village),
                    tone="" if one.villages else "soft",
                ),
            ),
        ],
        edge=lambda one: "soft" if one.open and not one.villages else "",
    )


class TakeOverPage(QWidget):
    """The row under the cursor is who gives; Alt+G says who takes, Alt+C which village; F9 does it."""

    def __init__(self, presenter: SamplePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter = presenter
        self._rows: tuple[Workload, ...] = ()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(Band(_("换调查员"), _("没交的卷和以前各期的卷一起交过去；已填的不会丢")))
        self.table: RowTable[Workload] = RowTable(workloads_model(), "sample_workloads", _("换调查员"), row_height=46)
        self.table.moved.connect(self._offer)
        lines.addWidget(self.table, 1)
        lines.addWidget(hairline())
        self._taker = ChoiceButton("sample_taker", _("交给谁"), "Alt+G")
        self._village = ChoiceButton("sample_over_village", _("哪个村"), "Alt+C")
        self._village.chosen.connect(lambda _village: self._offer_takers())
        self._words = QLineEdit()
        self._words.setObjectName("sample_over_words")
        self._words.setAccessibleName(_("交接的话"))
        self._words.setPlaceholderText(_("如 水井边那户下午才在家"))
        self._give = button(_("交接"), "F9", "sample_over", self.give, "primary", shortcut=False)
        self._words.returnPressed.connect(self._give.setFocus)
        self.table.opened.connect(self._words.setFocus)
        self._from = label("", "strong")
        first = in_line(
            [label(_("从"), "hint"), self._from, self._village, label(_("交给"), "hint"), self._taker, None]
        )
        first.setContentsMargins(look.px(14), look.px(8), look.px(14), 0)
        second = in_line([label(_("交接的话"), "hint"), self._words, self._give], gap=6)
        second.setContentsMargins(look.px(14), look.px(6), look.px(14), look.px(4))
        self._said = saying_line()
        for part in (first, second, self._said):
            lines.addWidget(part)
        presenter.workloads_read.connect(self._show_rows)
        presenter.taken_over.connect(self._show_done)
        presenter.failed.connect(self._refused)

    def enter(self) -> None:
        """The person came here."""
        self._presenter.read_workloads()
        self.table.setFocus()

    def _show_rows(self, rows: tuple[Workload, ...]) -> None:
        self._rows = rows
        self.table.show_rows(rows, lambda one: one.account)
        self._offer()

    def _offer(self) -> None:
        """What may be said about the enumerator under the cursor."""
        row = self.table.current_row()
        self._from.setText(row.name if row is not None else "")
        left = row.open_by_village if row is not None else ()
        every = [("", _("所有村"))] if len(left) > 1 else []
        self._village.offer([*every, *((code, f"{name} {count}") for code, name, count in left)])
        self._offer_takers()

    def _offer_takers(self) -> None:
        """Only enumerators of the villages that are given away: anybody else would never see the work."""
        row = self.table.current_row()
        left = row.open_by_village if row is not None else ()
        wanted = {name for code, name, _n in left if self._village.value in ("", code)}
        takers = [one for one in self._rows if row is not None and one.account != row.account]
        self._taker.offer([(one.account, one.name) for one in takers if wanted and wanted <= set(one.villages)])
        self._give.setEnabled(bool(self._taker.value))
        nobody = row is not None and row.open > 0 and not self._taker.value
        say(
            self._said,
            "soft" if nobody else "",
            _("没有别的调查员管这些村：先请县里给人分村，或一个村一个村地交") if nobody else "",
        )

    def give(self) -> None:
        """F9."""
        row = self.table.current_row()
        if row is None or not row.open or not self._taker.value:
            return
        if not self._words.text().strip():
            say(self._said, "hard", _("先写一句交接的话"))
            self._words.setFocus()
            return
        self._presenter.take_over(row.account, self._taker.value, self._village.value, self._words.text().strip())

    def _show_done(self, _count: int) -> None:
        self._words.clear()
        self._presenter.read_workloads()
        self.table.setFocus()

    def _refused(self, sentence: str) -> None:
        if self.isVisible():
            say(self._said, "hard", sentence)

    def main_deed(self) -> None:
        """F9."""
        self.give()

    def panes(self) -> Sequence[QWidget]:
        return (self.table, self._words)

    def strip(self) -> Sequence[Keys]:
        return (
            (("↑", "↓"), _("选")),
            (("Alt+C",), _("哪个村")),
            (("Alt+G",), _("交给谁")),
            (("Enter",), _("写交接的话")),
            (("F9",), _("交接")),
            (("Esc",), _("返回")),
        )
