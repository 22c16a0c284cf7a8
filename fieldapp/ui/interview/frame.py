"""The parts of the interview's screen, how much room each has, and what they show. It takes no keys and changes nothing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.body import SectionBody
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.dock import CheckDock, CompareStrip
from fieldapp.ui.interview.grid_panel import GridPanel
from fieldapp.ui.interview.keys import grid_keys, note_keys, question_keys, summary_keys
from fieldapp.ui.interview.layout import Roster
from fieldapp.ui.interview.page import QuestionPanel
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.project_line import ProjectLine
from fieldapp.ui.interview.questions import CHOICES
from fieldapp.ui.interview.section_list import Entry, SectionList
from fieldapp.ui.interview.side_panel import SidePanel, compare_lines, helper_words
from fieldapp.ui.interview.summary import SummaryPage
from fieldapp.ui.widgets.bars import StatusBar, TopBar
from fieldapp.ui.widgets.keys import KeyCap, KeyStrip
from fieldapp.words import _
from forms.engine import Cell

__all__ = ["InterviewFrame"]

WIDE, NARROW = 1280, 1024


class InterviewFrame(QWidget):
    """Bars, sections, page, checks, side panel and summary of one interview.

    Signals:
        back_wanted: the button of Esc was clicked.
        deed_wanted: the button of F9 was clicked.
        keys_wanted: the button of F1 was clicked.
    """

    back_wanted = Signal()
    deed_wanted = Signal()
    keys_wanted = Signal()

    def __init__(self, presenter: InterviewPresenter, who: str, fact: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("interview")
        self.setProperty("kind", "page")
        self.presenter = presenter
        self._fact, self._who = fact, who
        self._index = 0
        self._cell: Cell | None = None
        self._panel: QuestionPanel | GridPanel | None = None
        self._side_on = {True: False, False: True}  # by "is a roster"
        self._popup: ChoiceList | None = None
        self.project_line: ProjectLine | None = None
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._build()

    def _build(self) -> None:
        header = self.presenter.header
        self.top = TopBar()
        back = KeyCap("Esc", _("返回"), on_bar=True)
        back.clicked.connect(self.back_wanted)
        self.top.add(back)
        self.top.add_label(_("{name}户").format(name=header.head_name), "name")
        self.top.add_label(header.place)
        self.top.add_label(_("{number} 号").format(number=header.hh_id))
        self.top.add_label(header.status_label)
        self.top.add_label(f"{header.period_title} {header.form_title}".strip(), "", right=True)
        self._deed = KeyCap("F9", _("小结交卷"), on_bar=True)
        self._deed.clicked.connect(self.deed_wanted)
        keys = KeyCap("F1", _("键位"), on_bar=True)
        keys.clicked.connect(self.keys_wanted)
        self.top.add_right(self._deed)
        self.top.add_right(keys)
        self.sections = SectionList()
        self.body = SectionBody(self.presenter, self.popup)
        self.dock = CheckDock()
        self.compare = CompareStrip()
        self.side = SidePanel(self.presenter)
        self.summary = SummaryPage(self.presenter)
        self.strip = KeyStrip()
        self.status = StatusBar()
        self.status.show_who(self._who)
        self.status.show_fact(self._fact)
        middle = QWidget()
        lines = QVBoxLayout(middle)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(self.body, 1)
        lines.addWidget(self.compare)
        lines.addWidget(self.dock)
        self._interview = QWidget()
        row = QHBoxLayout(self._interview)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sections)
        row.addWidget(middle, 1)
        row.addWidget(self.side)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._interview)
        self.stack.addWidget(self.summary)
        self._whole.addWidget(self.top)
        self._whole.addWidget(self.stack, 1)
        self._whole.addWidget(self.strip)
        self._whole.addWidget(self.status)

    def put_project_line(self, line: ProjectLine) -> None:
        """Puts the line of the project under the top bar."""
        self.project_line = line
        self._whole.insertWidget(1, line)

    def popup(self) -> ChoiceList:
        """The one list that drops under fields and cells."""
        if self._popup is None:
            self._popup = ChoiceList(self)
        return self._popup

    def _show_entries(self) -> None:
        presenter = self.presenter
        if self.project_line is not None:
            self.project_line.show_for(self._index)
        entries = []
        for index, section in enumerate(presenter.sections):
            if not presenter.ledger.relevant(index) and index != self._index:
                continue
            count = presenter.ledger.counts[index]
            words = f"{count.answered}/{count.asked}" if count.answered else ""
            block = section.blocks[0]
            if section.is_roster and isinstance(block, Roster) and count.state == "done":
                words = _("{n} 行").format(n=len(presenter.roster_rows(block.repeat)))
            entries.append(
                Entry(
                    index,
                    presenter.title(section).partition("（")[0],
                    count.state,
                    words,
                    count.hard,
                    count.soft,
                    count.unconfirmed,
                )
            )
        self.sections.show_entries(tuple(entries), self._index, presenter.ledger.answered, presenter.ledger.asked)

    def _show_dock(self) -> None:
        items = tuple(
            item
            for item in self.presenter.check_items()
            if item.is_open and self.presenter.section_at(item.cell) == self._index
        )
        self.dock.show_items(items)
        self.dock.setVisible(bool(items) or not self.dock.bare)

    def _show_side(self) -> None:
        if self._cell is None or not self.presenter.relevant_or_line(self._cell):
            return
        if self.side.isVisibleTo(self):
            self.side.show_cell(self._cell)
        if self.compare.isVisibleTo(self):
            facts = self.presenter.facts(self._cell)
            hint = helper_words(facts.kind, facts.unit).split("\n")[0]
            self.compare.show_lines(facts.number, compare_lines(self.presenter, self._cell), hint)

    def _show_strip(self) -> None:
        if self.stack.currentWidget() is self.summary:
            self.strip.show_keys(summary_keys())
        elif self.side.note.hasFocus():
            self.strip.show_keys(note_keys())
        elif isinstance(self._panel, GridPanel):
            self.strip.show_keys(grid_keys(lines=self._panel.cells.is_lines, can_add=self._panel.can_add))
        elif self._cell is not None:
            facts = self.presenter.facts(self._cell)
            waiting = self.presenter.interview.confirmed(self._cell) is False
            self.strip.show_keys(
                question_keys(
                    choice=facts.kind in CHOICES,
                    confirm=waiting,
                    nonresponse=facts.nonresponse,
                    previous=bool(self.presenter.previous(self._cell).prev),
                )
            )

    @property
    def section_index(self) -> int:
        """Number of the section shown."""
        return self._index

    @property
    def cell(self) -> Cell | None:
        """The cell under the cursor."""
        return self._cell

    def _is_roster(self) -> bool:
        sections = self.presenter.sections
        return bool(sections) and sections[self._index].is_roster

    def _tell(self, sentence: str) -> None:
        self.status.show_fact(sentence)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self, *, force: bool = False) -> None:
        """Chooses columns by the width in pixels of 100 %."""
        style = theme.current()
        width = self.width() * 100 // style.scale
        roster = self._is_roster()
        lines = bool(self.presenter.sections) and any(
            not isinstance(block, Roster) and hasattr(block, "lines")
            for block in self.presenter.sections[self._index].blocks
        )
        rail = width < NARROW
        if self.sections.rail != rail:
            self.sections.rail = rail
        self.sections.setFixedWidth(style.px(56 if rail else 190 if roster or lines else 216))
        wide = width >= WIDE
        side = self._side_on[roster] if wide else (force and not self.side.isVisible())
        self.side.setFixedWidth(style.px(360 if width >= 1600 else 206 if lines and width < 1600 else 284))
        self.side.setVisible(side)
        self.compare.setVisible(not wide and not side)
        self.dock.bare = not wide
        self.dock.lines = 4 if self.height() * 100 // style.scale >= 900 else (1 if roster or lines else 2)
        self.dock.updateGeometry()
        self._deed.show_words(_("小结交卷"))
