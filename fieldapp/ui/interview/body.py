"""The middle of the interview: one section's blocks under each other, the head above, the checks below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.grid_panel import GridPanel
from fieldapp.ui.interview.layout import Questions, Section
from fieldapp.ui.interview.page import QuestionPanel
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.widgets.cards import label, rule
from fieldapp.words import _
from forms.engine import Cell, Effects

__all__ = ["SectionBody"]

Panel = QuestionPanel | GridPanel


class NumberField(QLineEdit):
    """Ctrl+G: the number of the question to go to."""

    wanted = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(_("转到题号，如 QA19、F110"))
        self.setAccessibleName(_("转到题号"))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):
            self.wanted.emit(self.text())
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class SectionBody(QWidget):
    """Shows one section and carries the cursor through its blocks."""

    entered = Signal(object, object)  # Cell, Panel
    beyond = Signal(int)
    told = Signal(str)
    number_wanted = Signal(str)

    def __init__(
        self, presenter: InterviewPresenter, popup: Callable[[], ChoiceList], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._presenter, self._popup = presenter, popup
        self.setProperty("kind", "page")
        self.section: Section | None = None
        self.panels: list[Panel] = []
        self._spare: list[QuestionPanel] = []
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._head = QWidget()
        line = QHBoxLayout(self._head)
        line.setContentsMargins(theme.current().px(14), 0, theme.current().px(10), 0)
        self.title, self.hint, self.right = label("", "section"), label("", "hint"), label("", "hint")
        self.number = NumberField()
        self.number.setFixedWidth(theme.current().px(220))
        self.number.hide()
        self.number.wanted.connect(self.number_wanted)
        self.number.closed.connect(self._close_number)
        for part in (self.title, self.hint):
            line.addWidget(part)
        line.addStretch(1)
        line.addWidget(self.number)
        line.addWidget(self.right)
        whole.addWidget(self._head)
        whole.addWidget(rule())
        self.view_area = QScrollArea()
        self.view_area.setFrameShape(QFrame.Shape.NoFrame)
        self.view_area.setWidgetResizable(True)
        self.view_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inner = QWidget()
        self._inner.setProperty("kind", "page")
        self._lines = QVBoxLayout(self._inner)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self._lines.addStretch(0)
        self.view_area.setWidget(self._inner)
        whole.addWidget(self.view_area, 1)
        self.fit()

    def fit(self) -> None:
        """Takes the sizes of the theme in force."""
        self._head.setFixedHeight(theme.current().px(39))

    def sizeHint(self) -> QSize:
        return QSize(600, 400)

    # What is shown

    def show_section(self, section: Section) -> None:
        """Builds the blocks of a section; the rows of questions are used again."""
        self.section = section
        for old in self.panels:
            self._lines.removeWidget(old)
            old.hide()
            if isinstance(old, QuestionPanel):
                self._spare.append(old)
            else:
                old.setParent(None)
                old.deleteLater()
        self.panels = []
        self.title.setText(self._presenter.title(section))
        for at, block in enumerate(section.blocks):
            panel: Panel
            if isinstance(block, Questions):
                panel = self._spare.pop() if self._spare else self._make_questions()
                panel.setFixedWidth(self._page_width())
                panel.setMaximumWidth(16_777_215)
                panel.setMinimumWidth(0)
                panel.resize(self._page_width(), panel.height())
                panel.show_cells([Cell(path) for path in block.paths], block.headings)
            else:
                panel = GridPanel(self._presenter, block, self._popup)
                panel.entered.connect(lambda cell, panel=panel: self._entered(cell, panel))
                panel.beyond.connect(lambda step, panel=panel: self._go_on(panel, step))
                panel.told.connect(self.told)
            self.panels.append(panel)
            self._lines.insertWidget(at, panel)
            panel.show()
        self._share_height()
        self._tell_hints()
        self.view_area.verticalScrollBar().setValue(0)

    def _page_width(self) -> int:
        return self.view_area.viewport().width()

    def _make_questions(self) -> QuestionPanel:
        panel = QuestionPanel(self._presenter, self._popup)
        panel.entered.connect(lambda cell: self._entered(cell, panel))
        panel.beyond.connect(lambda step: self._go_on(panel, step))
        panel.grown.connect(self._share_height)
        return panel

    def _tell_hints(self) -> None:
        assert self.section is not None
        grids = [panel for panel in self.panels if isinstance(panel, GridPanel)]
        lines = any(grid.cells.is_lines for grid in grids)
        first = self._presenter.header.first_of_its_kind
        if lines:
            words = _("打数字就自动勾上") + ("" if first else _("　框里左边灰字是上季的数"))
        elif grids and self.section.is_grid:
            words = _("斜线格＝这一行不用问") + ("" if first else _("　灰字＝上季"))
        else:
            words = ""
        self.right.setText(words)
        path = self.section.path
        self.hint.setText(self._presenter.section_hint(path))

    def _share_height(self) -> None:
        """A lone grid fills the page; among other blocks it takes what it needs, at most a page."""
        grids = [panel for panel in self.panels if isinstance(panel, GridPanel)]
        room = self.view_area.viewport().height()
        alone = len(self.panels) == 1
        others = sum(panel.content_height() for panel in self.panels if isinstance(panel, QuestionPanel))
        for grid in grids:
            if alone:
                grid.setMinimumHeight(0)
                grid.setMaximumHeight(16_777_215)
                continue
            wish = grid.wish_height() + 2
            spare = (room - others) // max(1, len(grids))
            grid.setFixedHeight(min(wish, max(min(grid.least_height(), room), spare)))
        for at in range(self._lines.count()):
            self._lines.setStretch(at, 1 if alone and grids and at == 0 else 0)
        if not (alone and grids):
            self._lines.setStretch(self._lines.count() - 1, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def refresh(self, effects: Effects) -> None:
        """Repaints what an effect named."""
        for panel in self.panels:
            panel.refresh(effects)
        if effects.rows:
            self._share_height()

    def refresh_checks(self) -> None:
        """The check list is new."""
        for panel in self.panels:
            panel.refresh_checks()

    def show_refusal(self, cell: Cell, sentence: str) -> bool:
        """A value that cannot be kept; False if its field is not on this page."""
        for panel in self.panels:
            if isinstance(panel, GridPanel):
                if panel.show_refusal(cell, sentence):
                    return True
            elif (row := panel.row_of(cell)) is not None:
                row.show_refusal(sentence)
                return True
        return False

    # The cursor

    def _entered(self, cell: Cell, panel: Panel) -> None:
        if isinstance(panel, QuestionPanel) and (row := panel.row_of(cell)) is not None:
            top = row.mapTo(self._inner, row.rect().topLeft()).y()
            margin = theme.current().px(45)
            bar = self.view_area.verticalScrollBar()
            if top - margin < bar.value():
                bar.setValue(top - margin)
            elif top + row.height() + margin > bar.value() + self.view_area.viewport().height():
                bar.setValue(top + row.height() + margin - self.view_area.viewport().height())
        elif isinstance(panel, GridPanel) and len(self.panels) > 1:
            top = panel.mapTo(self._inner, panel.rect().topLeft()).y()
            bar, room = self.view_area.verticalScrollBar(), self.view_area.viewport().height()
            if top < bar.value() or top + panel.height() > bar.value() + room:
                bar.setValue(top)
        self.entered.emit(cell, panel)

    def _go_on(self, panel: Panel, step: int) -> None:
        at = self.panels.index(panel) + step
        while 0 <= at < len(self.panels):
            if self._focus_edge(self.panels[at], step):
                return
            at += step
        self.beyond.emit(step)

    @staticmethod
    def _focus_edge(panel: Panel, step: int) -> bool:
        return panel.view.focus_edge(step) if isinstance(panel, GridPanel) else panel.focus_edge(step)

    def focus_edge(self, step: int) -> bool:
        """Puts the cursor on the first or last place of the section."""
        return any(self._focus_edge(panel, step) for panel in (self.panels if step > 0 else reversed(self.panels)))

    def focus_open(self) -> bool:
        """Puts the cursor on the first question without an answer, else on the first one."""
        for panel in self.panels:
            if isinstance(panel, QuestionPanel):
                cell = panel.first_open()
                if cell is not None and panel.focus_cell(cell):
                    return True
            elif panel.view.focus_edge(1):
                return True
        return self.focus_edge(1)

    def focus_cell(self, cell: Cell) -> bool:
        """Puts the cursor on a cell; False if it is not in this section."""
        for panel in self.panels:
            found = panel.view.focus_cell(cell) if isinstance(panel, GridPanel) else panel.focus_cell(cell)
            if found:
                return True
        return False

    def ask_number(self) -> None:
        """Ctrl+G."""
        self.number.clear()
        self.number.show()
        self.number.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _close_number(self) -> None:
        self.number.hide()
        self.number_wanted.emit("")

    def page(self, step: int) -> bool:
        """PgUp and PgDn on a page of questions: the cursor goes along."""
        panel = next(
            (p for p in self.panels if isinstance(p, QuestionPanel) and p.isAncestorOf(self.focusWidget() or p)), None
        )
        if not isinstance(panel, QuestionPanel):
            return False
        stops = panel.stops()
        here = next((at for at, row in enumerate(stops) if row.field.hasFocus()), 0)
        rows = max(1, self.view_area.viewport().height() // theme.current().px(37) - 1)
        if stops:
            stops[max(0, min(here + step * rows, len(stops) - 1))].field.setFocus(Qt.FocusReason.TabFocusReason)
        return True
