"""What the homes of all posts share: blocks at the left, at the right how far the period is, the search, the list."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from fieldapp.services import finding
from fieldapp.services.finding import HouseholdCard, HouseholdList, HouseholdRow
from fieldapp.ui import theme
from fieldapp.ui.find_box import FindBox
from fieldapp.ui.households.columns import household_columns
from fieldapp.ui.households.seeking import SeekingPresenter
from fieldapp.ui.parts import empty_stack, in_line
from fieldapp.ui.screen import Screen
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import RowsModel
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.words import _

_QT_WIDEST = 16_777_215  # Qt's "no limit"


class HomePresenter(SeekingPresenter):
    """Signals:
    card_read: :class:`HouseholdCard`.
    """

    card_read = Signal(object)

    def read_card(self, household: str) -> None:
        """The slip of one household."""

        def job() -> HouseholdCard:
            return finding.household_card(self.session, household)

        self.ask(job, self.card_read.emit, only_newest="card")


class SeekingHome(Screen):
    """A home with a list of households; a child makes ``_left`` and ``_right`` and says what Enter does."""

    _left: QWidget
    _right: QWidget

    def _begin_right(self, progress: list[QWidget | int | None], hint: str) -> tuple[QWidget, QVBoxLayout]:
        """The right half down to the search: the line of progress, the search box with its count and hint, the list's model.

        Args:
            progress: parts of the line of progress.
            hint: what may be searched for.
        """
        area, lines = empty_stack()
        self._add_line(lines, progress, 39)
        lines.addWidget(hairline())
        self._find = FindBox("home_find", _("找户"))
        self._find.setFixedWidth(theme.current().px(330))
        self._count = label("", "label")
        self._hint = label(hint, "hint")
        self._add_line(lines, [label(_("找户"), "strong"), self._find, self._count, None, self._hint], 51)
        self._list: RowTable[HouseholdRow] = RowTable(
            RowsModel(household_columns(narrow=theme.current().scale > 100)), "home_list", _("农户")
        )
        self._find.walked.connect(self._walk)
        self._list.typed.connect(self._find.add)
        return area, lines

    @staticmethod
    def _add_line(lines: QVBoxLayout, parts: list[QWidget | int | None], height: int) -> None:
        look = theme.current()
        line = in_line(parts, gap=10)
        line.setFixedHeight(look.px(height))
        line.setContentsMargins(look.px(14), 0, look.px(14), 0)
        lines.addWidget(line)

    @staticmethod
    def _make_foot() -> QVBoxLayout:
        look = theme.current()
        foot = QVBoxLayout()
        foot.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(10))
        foot.setSpacing(look.px(10))
        return foot

    def _fit_left(self, narrow: bool, width: int) -> None:
        self._left.setMaximumWidth(_QT_WIDEST if narrow else width)
        self._left.setMinimumWidth(0 if narrow else width)
        self._hint.setVisible(not self.tight)

    def _show_half(self, half: str) -> None:
        """With large type the blocks and the list take turns."""
        self._left.setVisible(not self.narrow or half == "left")
        self._right.setVisible(not self.narrow or half == "right")

    def _show_rows(self, found: HouseholdList) -> None:
        self._list.show_rows(found.rows, lambda row: row.household)
        self._count.setText(_("{total} 户里有 {n} 户").format(total=found.total, n=found.matching))

    def _type_on(self, letter: str) -> None:
        self._show_half("right")
        self._find.add(letter)

    def _go_block(self, table: QWidget) -> None:
        self._show_half("left")
        table.setFocus()

    def _walk(self, key: int) -> None:
        at = self._list.currentIndex().row()
        step = {
            int(Qt.Key.Key_Up): -1,
            int(Qt.Key.Key_Down): 1,
            int(Qt.Key.Key_PageUp): -8,
            int(Qt.Key.Key_PageDown): 8,
        }[key]
        self._list.go_to(max(0, min(self._list.rows_model().rowCount() - 1, at + step)))

    def seek(self) -> bool:
        self._show_half("right")
        self._find.setFocus()
        self._find.selectAll()
        return True

    def open_number(self) -> bool:
        return self.seek()
