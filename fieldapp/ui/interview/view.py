"""The interview on screen: bars, sections, page, side panel, checks, summary; and the keys of all of it.

Keys come up from the field that has the focus: what a field does not use reaches :meth:`InterviewView.keyPressEvent`. A field with a
composition open uses every key. No shortcut objects are made, so that the window around may have its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, Qt, QThreadPool, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.codes import read_pinyin
from fieldapp.ui.interview.frame import InterviewFrame
from fieldapp.ui.interview.grid_panel import GridPanel
from fieldapp.ui.interview.keyboard import Keyboard
from fieldapp.ui.interview.keys import sheet_columns
from fieldapp.ui.interview.page import QuestionPanel
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.progress import CheckItem
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _
from forms.engine import Cell, Effects

__all__ = ["InterviewView"]

SAVING_MS = 400
PINYIN_MS = 2_000  # the table is large: not while the page is being painted


class InterviewView(InterviewFrame):
    """One interview, with bars of its own.

    Args:
        presenter: the interview.
        sentence: turns an exception into what a person reads.
        who: name, post and number at the right of the status bar.
        fact: one fact on work that is not handed over.
        down_first: whether Enter goes down in grids, as the person chose last (Alt+H).
        keep_direction: remembers that choice.

    Signals:
        left: the person went back and everything is on disk.
        handed_in: 交卷 is done; ``left`` follows.
    """

    left = Signal()
    handed_in = Signal()

    def __init__(
        self,
        presenter: InterviewPresenter,
        *,
        sentence: Callable[[Exception], str] = str,
        who: str = "",
        fact: str = "",
        down_first: bool = False,
        keep_direction: Callable[[bool], None] = lambda _down: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(presenter, who, fact, parent)
        self._sentence = sentence
        self._down_first, self._keep_direction = down_first, keep_direction
        self._leaving = False
        self._keyboard = Keyboard(self)
        self.back_wanted.connect(self.leave)
        self.deed_wanted.connect(self.main_deed)
        self._connect_parts()
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.setInterval(SAVING_MS)
        self._saving.timeout.connect(lambda: self.status.show_state("busy", _("正在保存……")))
        self._connect()
        self._say_saved(None)

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.changed.connect(self._changed)
        presenter.checks_changed.connect(self._checks_changed)
        presenter.saving.connect(self._is_saving)
        presenter.saved.connect(self._say_saved)
        presenter.failed.connect(self._failed)
        presenter.refused.connect(self._refused)
        presenter.told.connect(self._tell)
        presenter.moved.connect(self.go_to)
        presenter.handed_in.connect(self._is_handed_in)
        presenter.left.connect(self.left)
        theme.changes().changed.connect(self._rescale)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def _connect_parts(self) -> None:
        presenter = self.presenter
        self.sections.chosen.connect(lambda index: self.show_section(index, edge=0))
        self.body.entered.connect(self._entered)
        self.body.beyond.connect(self._beyond)
        self.body.told.connect(self._tell)
        self.body.number_wanted.connect(self._go_number)
        self.dock.chosen.connect(lambda item: self.go_to(item.cell))
        self.side.note_kept.connect(lambda cell, text: presenter.write_comment(cell, text))
        self.side.note_closed.connect(self._back_to_field)
        self.summary.go_to.connect(self._leave_summary)
        self.summary.hand_in_wanted.connect(self.main_deed)
        self.summary.told.connect(self._tell)

    # Coming and going

    def arrive(self) -> None:
        """Shows the interview where it was left, or at the first open question."""
        self._fit()
        QTimer.singleShot(PINYIN_MS, self, lambda: QThreadPool.globalInstance().start(read_pinyin))
        opened = self.presenter.opened
        if opened.cursor is not None and self.go_to(opened.cursor):
            return
        paths = [section.path for section in self.presenter.sections]
        index = paths.index(opened.section) if opened.section in paths else self._first_open_section()
        self.show_section(index, edge=0)

    def _first_open_section(self) -> int:
        counts = self.presenter.ledger.counts
        for index, count in enumerate(counts):
            if count.asked and count.answered < count.asked:
                return index
        return 0

    def leave(self) -> None:
        """Back; always allowed, nothing is asked. ``left`` comes when everything is on disk."""
        if not self._leaving:
            self._leaving = True
            self._commit_field()
            self.presenter.leave()

    def close_interview(self) -> None:
        """The window takes the page away: what was typed is kept, signals to the theme end."""
        self.leave()
        theme.changes().changed.disconnect(self._rescale)

    def _commit_field(self) -> None:
        """What stands typed in a field is handed on before the page goes."""
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            focus.clearFocus()

    def sheet(self) -> Sequence[tuple[str, Sequence[Keys]]]:
        """Columns of the key sheet beside the one that is the same everywhere."""
        return sheet_columns()

    # Showing

    def show_section(self, index: int, *, edge: int = 1) -> None:
        """Goes to a section. ``edge`` 1 puts the cursor on its first place, -1 on the last, 0 on the first open one."""
        if not self.presenter.sections:
            return
        self.stack.setCurrentWidget(self._interview)
        self._index = index
        section = self.presenter.sections[index]
        self._fit()
        self.body.show_section(section)
        self.presenter.enter_section(section.path)
        self._show_entries()
        self._show_dock()
        for panel in self.body.panels:
            if isinstance(panel, GridPanel):
                panel.view.down_first = self._down_first
        placed = self.body.focus_open() if edge == 0 else self.body.focus_edge(edge)
        if not placed:
            self.sections.setFocus(Qt.FocusReason.OtherFocusReason)
            self._show_strip()

    def go_to(self, cell: Cell) -> bool:
        """Puts the cursor on a cell wherever it is; False if it is not asked now."""
        index = self.presenter.section_at(cell)
        self.stack.setCurrentWidget(self._interview)
        if index != self._index or self.body.section is None:
            self.show_section(index)
        return self.body.focus_cell(cell)

    def _changed(self, effects: Effects) -> None:
        self.body.refresh(effects)
        if self._cell is not None and (self._cell in effects.changed or effects.rows):
            self._show_side()
        self.status.show_fact(self._fact)
        QTimer.singleShot(0, self, self._show_entries)

    def _checks_changed(self) -> None:
        self.body.refresh_checks()
        self._show_entries()
        self._show_dock()
        if self.stack.currentWidget() is self.summary:
            self.summary.refresh()

    def _entered(self, cell: Cell, panel: QuestionPanel | GridPanel) -> None:
        if self.stack.currentWidget() is self.summary:
            return
        self._cell, self._panel = cell, panel
        self.presenter.enter(cell)
        self._show_strip()
        QTimer.singleShot(0, self, self._show_side)  # The cursor is painted first.
        item = self.presenter.ledger.flags.get(cell)
        if item is not None:
            self.dock.highlight(item)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self.isAncestorOf(new):
            self._show_strip()

    # What is said

    def _is_saving(self) -> None:
        if not self._saving.isActive():
            self._saving.start()

    def _say_saved(self, moment: datetime | None) -> None:
        self._saving.stop()
        if moment is None:
            words = self.presenter.header.readonly_reason if self.presenter.readonly else _("都已保存，断电也不会丢")
            self.status.show_state("ageing" if self.presenter.readonly else "ok", words)
        else:
            local = moment.astimezone() if moment.tzinfo is not None else moment
            self.status.show_state("ok", _("已保存 {time}，断电也不会丢").format(time=f"{local:%H:%M:%S}"))
        if self.stack.currentWidget() is self.summary:
            self.summary.refresh()

    def _failed(self, error: Exception) -> None:
        self._saving.stop()
        self._leaving = False
        self.status.show_state("trouble", self._sentence(error))

    def _refused(self, cell: Cell | None, sentence: str) -> None:
        if cell is None or not self.body.show_refusal(cell, sentence):
            self._tell(sentence)

    def _is_handed_in(self) -> None:
        self.handed_in.emit()
        self.leave()

    # Moving

    def _beyond(self, step: int) -> None:
        index = self.presenter.next_section(self._index, step)
        if index != self._index:
            self.show_section(index, edge=step)
        elif step > 0:
            self.show_summary()

    def turn(self, step: int) -> bool:
        """Ctrl+PgDn, Ctrl+PgUp."""
        index = self.presenter.next_section(self._index, step)
        if index != self._index:
            self.show_section(index, edge=0)
        return True

    def next_oddity(self, step: int) -> bool:
        """F7, Shift+F7: the next open check, from where the cursor is."""
        if self.stack.currentWidget() is self.summary:
            return self.summary.list.step(step, only_open=True)
        items = [item for item in self.presenter.check_items() if item.is_open]
        if not items:
            self._tell(_("没有要改、要核实的"))
            return False
        order = sorted(items, key=lambda item: (self.presenter.section_at(item.cell), item.kind != "hard"))
        here = next((at for at, item in enumerate(order) if item.cell == self._cell), None)
        if here is None:
            later = [at for at, item in enumerate(order) if self.presenter.section_at(item.cell) >= self._index]
            here = (later[0] if later else 0) - (1 if step > 0 else 0)
        self._jump(order[(here + step) % len(order)])
        return True

    def _jump(self, item: CheckItem) -> None:
        if self.go_to(item.cell):
            self._tell(item.sentence)
            self.dock.highlight(item)

    def show_summary(self) -> None:
        """F9 from a page, Ctrl+J: the whole check and the summary."""
        cell, panel = self._cell, self._panel
        self._commit_field()
        self.stack.setCurrentWidget(self.summary)
        self.presenter.read_checks_now()
        self.summary.arrive()
        self._cell, self._panel = cell, panel  # Qt passed the focus through other fields on its way.
        self._show_strip()

    def _leave_summary(self, cell: Cell) -> None:
        if not self.go_to(cell):
            self._tell(_("这一题现在不用问"))

    def main_deed(self) -> bool:
        """F9: to the summary, and there 交卷."""
        if self.stack.currentWidget() is not self.summary:
            self.show_summary()
            return True
        self.summary.refresh()
        if self.summary.ready:
            self.summary.setEnabled(False)
            self.presenter.hand_in()
        else:
            self._tell(f"{self.summary.verdict.title.text()}{self.summary.verdict.sentence.text()}")
        return True

    def side_panel(self) -> bool:
        """F8: the side panel on and off."""
        roster = self._is_roster()
        self._side_on[roster] = not self.side.isVisible()
        self._fit(force=True)
        self._show_side()
        return True

    def panes(self) -> list[QWidget]:
        """The widgets F6 walks through."""
        middle = self.body.focusWidget() or self.body
        panes: list[QWidget] = [self.sections, middle]
        if self.dock.isVisible() and self.dock.items:
            panes.append(self.dock)
        if self.side.isVisible():
            panes.append(self.side.note)
        return panes

    def next_pane(self, step: int) -> bool:
        """F6, Shift+F6."""
        if self.stack.currentWidget() is self.summary:
            order: list[QWidget] = (
                [self.summary.list, self.summary.note] if self.summary.note.isVisible() else [self.summary.list]
            )
        else:
            order = self.panes()
        focus = QApplication.focusWidget()
        at = next(
            (i for i, pane in enumerate(order) if focus is not None and (pane is focus or pane.isAncestorOf(focus))), -1
        )
        target = order[(at + step) % len(order)]
        if target is order[1] and self.stack.currentWidget() is not self.summary:
            self._back_to_field()
        else:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._show_strip()
        return True

    def _back_to_field(self) -> None:
        if self._cell is None or not self.body.focus_cell(self._cell):
            self.body.focus_open()

    def _go_number(self, typed: str) -> None:
        if not typed:
            self._back_to_field()
            return
        cell = self.presenter.cell_of_number(typed)
        if cell is None:
            self._tell(_("没有“{number}”这一题，或者现在不用问").format(number=typed))
        else:
            self.body.number.hide()
            self.go_to(cell)

    def step_back(self) -> bool:
        """Esc, from the inside out; False when there is nothing left but to leave."""
        if self._popup is not None and self._popup.close_list():
            return True
        if self.stack.currentWidget() is self.summary:
            cell, panel = self._cell, self._panel
            self.stack.setCurrentWidget(self._interview)
            self._cell, self._panel = cell, panel
            self._back_to_field()
            return True
        if self.dock.hasFocus() or self.sections.hasFocus() or self.side.note.hasFocus():
            self._back_to_field()
            return True
        return any(isinstance(panel, GridPanel) and panel.close_refusals() for panel in self.body.panels)

    # Keys

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._keyboard.deed(event) is not None
        ):
            event.accept()  # Ours before any shortcut of the window around.
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        deed = self._keyboard.deed(event)
        if deed is not None:
            deed()
            return
        if event.key() == Qt.Key.Key_Escape:
            if not self.step_back():
                self.leave()
            return
        if event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and not event.modifiers():
            self.body.page(1 if event.key() == Qt.Key.Key_PageDown else -1)
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_K, Qt.Key.Key_Alt) and not event.isAutoRepeat():
            self.cover(True)
        super().keyReleaseEvent(event)

    # Deeds

    def undo(self) -> bool:
        """Ctrl+Z."""
        return self.presenter.undo()

    def redo(self) -> bool:
        """Ctrl+Y."""
        return self.presenter.redo()

    def copy_previous(self) -> None:
        """F3: last quarter's value; in a price that has none, the county's reference price."""
        cell = self._cell
        if cell is None or self.stack.currentWidget() is self.summary:
            return
        if isinstance(self._panel, QuestionPanel) and (row := self._panel.row_of(cell)) is not None:
            row.field.give_back()
        if isinstance(self._panel, GridPanel):
            self._panel.copy_previous()
        else:
            self.presenter.copy_previous(cell)

    def answer_state(self, state: str) -> None:
        """Ctrl+8, Ctrl+9."""
        cell = self._cell
        if cell is None:
            return
        if isinstance(self._panel, QuestionPanel) and (row := self._panel.row_of(cell)) is not None:
            row.field.give_back()
            if self.presenter.answer_state(cell, state):
                self._panel.step_from(row, 1)
        elif isinstance(self._panel, GridPanel) and self.presenter.answer_state(cell, state):
            self._panel.view.advance(1)

    def write_note(self) -> None:
        """Ctrl+B, Shift+F2: to the remark on this question."""
        if self._cell is None:
            return
        if not self.side.isVisible():
            self.side_panel()
        self.side.show_cell(self._cell)
        self.side.note.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._show_strip()

    def only_ticked(self) -> None:
        for panel in self.body.panels:
            if isinstance(panel, GridPanel) and panel.cells.is_lines:
                panel.toggle_only_ticked()
                return

    def toggle_direction(self) -> None:
        self._down_first = not self._down_first
        self._keep_direction(self._down_first)
        for panel in self.body.panels:
            if isinstance(panel, GridPanel):
                panel.view.down_first = self._down_first
        self._tell(_("Enter 往下走") if self._down_first else _("Enter 往右走，到头换行"))

    def cover(self, covered: bool) -> None:
        for panel in self.body.panels:
            if isinstance(panel, QuestionPanel):
                for row in panel.rows:
                    row.field.cover(covered)

    def say_safe(self) -> None:
        if self.presenter.unsaved:
            self.presenter.retry()
        else:
            self._tell(_("每一格都已存好"))

    def _rescale(self) -> None:
        """Another language, type size or contrast while the interview is open: everything is built anew, the cursor stays."""
        cell, index = self._cell, self._index
        at_the_door = self.stack.currentWidget() is self.summary
        self._commit_field()
        tone, sentence = self.status.tone, self.status.sentence
        for part in (self.top, self.stack, self.strip, self.status, self._popup):
            if part is not None:
                self._whole.removeWidget(part)
                part.hide()
                part.deleteLater()
        self._popup, self._panel = None, None
        self.presenter.use_language()
        self._build()
        self._connect_parts()
        self.status.show_state(tone, sentence)
        self.show_section(index, edge=0)
        if cell is not None:
            self.go_to(cell)
        if at_the_door:
            self.show_summary()
