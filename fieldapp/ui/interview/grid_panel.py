"""A grid with what stands around it: the sentence to read aloud, the sums, the keys for rows, reasons and refusals."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.services.interview_people import FormerMember, is_roster_of_people
from fieldapp.ui import theme
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.figures import echo
from fieldapp.ui.interview.grid import GridView
from fieldapp.ui.interview.grid_heads import TotalsRow
from fieldapp.ui.interview.grid_model import GridModel
from fieldapp.ui.interview.layout import Lines, Roster
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.questions import FIGURES
from fieldapp.ui.interview.returning import ReturnLine
from fieldapp.ui.widgets.cards import label
from fieldapp.ui.widgets.keys import ActionButton
from fieldapp.ui.widgets.painting import RIGHT, text_width, write
from fieldapp.words import _
from forms.engine import Cell, Effects, Repeat

__all__ = ["GridPanel", "QuestionBar"]

LEAST_REASON = 2


class QuestionBar(QWidget):
    """The full sentence for the active cell, large enough to read aloud, with the echo of what is typed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number, self._text, self._right, self._tone = "", "", "", "focus_text"
        self._lit = False
        self._idle = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_question(self, number: str, text: str, right: str = "", tone: str = "focus_text") -> None:
        """Printed number, sentence, and what stands at the right."""
        fresh = (number, text.replace("\n", " "), right, tone)
        if fresh != (self._number, self._text, self._right, self._tone):
            self._number, self._text, self._right, self._tone = fresh
            self.setAccessibleName(f"{number} {text} {right}")
            self.update()

    def light(self, lit: bool, idle: str) -> None:
        """Glows while the cursor is in the grid; otherwise ``idle`` stands there, the title of the grid."""
        if (lit, idle) != (self._lit, self._idle):
            self._lit, self._idle = lit, idle
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(43))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("focus_row" if self._lit else "surface"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, style.colour("line2"))
        if not self._lit:
            area = self.rect().adjusted(style.px(14), 0, -style.px(14), 0)
            write(painter, area, self._idle, font=style.font(15, True), colour=style.colour("text2"))
            return
        painter.fillRect(0, 0, style.px(4), self.height(), style.colour("focus"))
        x, right = style.px(14), self.width() - style.px(14)
        number = text_width(style.font(13), self._number)
        write(
            painter,
            QRect(x, 0, number, self.height()),
            self._number,
            font=style.font(13),
            colour=style.colour("text3"),
            elide=False,
        )
        x += number + (style.px(9) if number else 0)
        if self._right:
            font = style.font(15 if self._tone != "text2" else 13, self._tone != "text2")
            width = min(text_width(font, self._right), self.width() // 2)
            area = QRect(right - width, 0, width, self.height())
            write(painter, area, self._right, font=font, colour=style.colour(self._tone), align=RIGHT)
            right -= width + style.px(12)
        room = right - x
        size = next((s for s in (18, 16, 15) if text_width(style.font(s, True), self._text) <= room), 0)
        if size:
            write(
                painter,
                QRect(x, 0, room, self.height()),
                self._text,
                font=style.font(size, True),
                colour=style.colour("text"),
            )
            return
        painter.setFont(style.font(14, True))
        painter.setPen(style.colour("text"))
        painter.drawText(
            QRect(x, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, self._text
        )


class ReasonLine(QWidget):
    """Why a row goes: asked in place of the question, never in a window of its own."""

    given = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.current().px(14), 2, theme.current().px(14), 2)
        self.words = label("", "strong")
        self.field = _ReasonField(self)
        self.field.setAccessibleName(_("删行的原因"))
        line.addWidget(self.words)
        line.addWidget(self.field, 1)
        line.addWidget(label(_("Enter 删掉　Esc 不删"), "hint"))

    def ask(self, name: str) -> None:
        """Asks for one row."""
        self.words.setText(_("删掉“{name}”这一行，为什么：").format(name=name))
        self.field.clear()
        self.show()
        self.field.setFocus()


class _ReasonField(QLineEdit):
    def __init__(self, line: ReasonLine) -> None:
        super().__init__(line)
        self._line = line

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_enter(event):
            if len(self.text().strip()) >= LEAST_REASON:
                self._line.given.emit(self.text().strip())
        elif event.key() == Qt.Key.Key_Escape:
            self._line.closed.emit()
        else:
            super().keyPressEvent(event)


class GridPanel(QWidget):
    """One grid on a page."""

    entered = Signal(object)  # Cell
    beyond = Signal(int)
    told = Signal(str)

    def __init__(
        self,
        presenter: InterviewPresenter,
        block: Roster | Lines,
        popup: Callable[[], ChoiceList],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter, self.block = presenter, block
        self.setProperty("kind", "page")
        self.cells = GridModel(presenter, block, self)
        self.bar = QuestionBar()
        self.reason = ReasonLine()
        self.reason.hide()
        self.back = ReturnLine()
        self.back.hide()
        self.view = GridView(presenter, self.cells, popup)
        self.totals = TotalsRow(self.cells, self.view)
        self.refusals = label("", "hard", wrap=True)
        self.refusals.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(self.reason)
        whole.addWidget(self.back)
        whole.addWidget(self.view, 1)
        whole.addWidget(self.totals)
        whole.addWidget(self.refusals)
        self._add_button: ActionButton | None = None
        foot = QHBoxLayout()
        foot.setContentsMargins(
            theme.current().px(12), theme.current().px(4), theme.current().px(12), theme.current().px(4)
        )
        if self.can_add:
            self._add_button = ActionButton(_("增一行"), "Ctrl+I", shortcut=False)
            self._add_button.clicked.connect(self.add_row)
            foot.addWidget(self._add_button)
            foot.addSpacing(theme.current().px(12))
        self._back_button = ActionButton(_("找回人"), "Ctrl+H")
        self._back_button.clicked.connect(self._ask_who)
        foot.addWidget(self._back_button)
        foot.addSpacing(theme.current().px(12))
        self.foot_words = label("", "label")
        foot.addWidget(self.foot_words, 1)
        if isinstance(block, Roster):
            whole.addLayout(foot)
        self.totals.setVisible(self.totals.needed and bool(self.cells.rows))
        self.view.entered_cell.connect(self._entered)
        self.view.focus_changed.connect(self._light)
        self._light(False)
        self.view.typing.connect(self._echo)
        self.view.beyond.connect(self.beyond)
        self.view.add_wanted.connect(self.add_row)
        self.view.remove_wanted.connect(self._ask_reason)
        self.view.pasted.connect(self._show_refusals)
        self.reason.given.connect(self._remove)
        self.reason.closed.connect(self._close_reason)
        self.back.given.connect(self._bring_back)
        self.back.closed.connect(self._close_reason)
        self._tell_foot()
        self._show_empty()

    # Rows

    @property
    def can_add(self) -> bool:
        """Whether rows are added by hand here."""
        if not isinstance(self.block, Roster) or self._presenter.readonly:
            return False
        node = self._presenter.form.node(self.block.repeat)
        return isinstance(node, Repeat) and not node.fixed and node.count is None

    def add_row(self) -> None:
        """Ctrl+I: a row after the last one of the same parents; the cursor goes there."""
        if not self.can_add or not isinstance(self.block, Roster):
            return
        parents = self._parents_of_new()
        if parents is None:
            self.told.emit(_("先在上一级的表里增一行"))
            return
        added = self._presenter.add_row(Cell(self.block.repeat, parents))
        if added is not None:
            for column in range(len(self.cells.columns)):
                place = self.cells.place(Cell(self.cells.columns[column].path, added.rows))
                if place is not None and self.cells.takes_keys(*place):
                    self.view.setFocus(Qt.FocusReason.OtherFocusReason)
                    self.view.setCurrentIndex(self.cells.index(*place))
                    break

    def _parents_of_new(self) -> tuple[str, ...] | None:
        """Where a new row belongs: to the row above where the cursor stood last if that has none yet, else beside the row in hand."""
        assert isinstance(self.block, Roster)
        above = self._presenter.repeats_above(self.block.repeat)
        if not above:
            return ()
        last = self._presenter.rows_at(above[-1])
        if last is None or not self._presenter.interview.rows(Cell(self.block.repeat, last)):
            return last
        at = self.view.currentIndex().row()
        row = self.cells.rows[at].row if 0 <= at < len(self.cells.rows) else None
        return row.rows[:-1] if row is not None else last

    def _ask_reason(self) -> None:
        row = self.view.currentIndex().row()
        if self.can_add and 0 <= row < len(self.cells.rows):
            self.bar.hide()
            self.reason.ask(f"{self.cells.rows[row].number} {self.cells.rows[row].name}")

    @property
    def _of_people(self) -> bool:
        return isinstance(self.block, Roster) and is_roster_of_people(self.block.repeat)

    def _ask_who(self) -> None:
        """Ctrl+H: who had left is back, or a row was taken out by mistake."""
        people = self._presenter.former_members() if self._of_people else ()
        if people:
            self.bar.hide()
            self.back.ask(people)

    def _bring_back(self, person: FormerMember) -> None:
        self._close_reason()
        self._presenter.bring_back(person)
        if self.cells.rows:
            self.view.setCurrentIndex(self.cells.index(len(self.cells.rows) - 1, 0))

    def _close_reason(self) -> None:
        self.reason.hide()
        self.back.hide()
        self.bar.show()
        self.view.setFocus()

    def _remove(self, reason: str) -> None:
        at = self.view.currentIndex()
        row = self.cells.rows[at.row()] if 0 <= at.row() < len(self.cells.rows) else None
        self._close_reason()
        if row is not None and row.row is not None and isinstance(self.block, Roster):
            self._presenter.remove_row(row.row, reason, self.block.name_path or self.block.columns[0].path)
            if self.cells.rows:
                self.view.setCurrentIndex(self.cells.index(min(at.row(), len(self.cells.rows) - 1), at.column()))

    # What is shown

    def _light(self, lit: bool) -> None:
        self.bar.light(lit, self._title())

    def _title(self) -> str:
        path = self.block.repeat if isinstance(self.block, Roster) else self.block.group
        title = self._presenter.heading(path) or path.rsplit("/", 1)[-1]
        if self.cells.rows or not isinstance(self.block, Roster):
            return title
        return (_("{title}：还没有，按 Ctrl+I 增一行") if self.can_add else _("{title}：没有")).format(title=title)

    def _entered(self, cell: Cell) -> None:
        self._show_question(cell)
        self.entered.emit(cell)

    def _show_question(self, cell: Cell, echoed: str = "", tone: str = "focus_text") -> None:
        if not self._presenter.relevant_or_line(cell):
            return  # Its row goes in the next part of the same step.
        shown = self._presenter.look(cell)
        index = self.view.currentIndex()
        text = shown.text
        check = self._presenter.ledger.flags.get(cell)
        right = echoed
        if not right and (shown.problem or (check is not None and check.is_open)):
            right = shown.problem or (check.sentence if check is not None else "")
            tone = "hard" if shown.problem or (check is not None and check.kind == "hard") else "soft"
        elif not right and shown.confirm:
            right, tone = _("待确认，按 Space"), "accent"
        elif not right and isinstance(self.block, Roster):
            right = _("第 {n} 行，共 {all} 行").format(n=index.row() + 1, all=len(self.cells.rows))
            tone = "text2"
        self.bar.show_question(shown.facts.number, text, right, tone)

    def _echo(self, text: str) -> None:
        cell = self.view.current_cell
        if cell is None:
            return
        facts = self._presenter.facts(cell)
        words = echo(text, integer=facts.kind == "integer", unit=facts.unit) if facts.kind in FIGURES else ""
        self._show_question(cell, words)

    def show_refusal(self, cell: Cell, sentence: str) -> bool:
        """A value that cannot be kept: the sentence stands in the question bar."""
        if self.cells.place(cell) is None:
            return False
        self._show_question(cell, sentence, "hard")
        return True

    def _show_refusals(self, taken: int, sentences: list[str]) -> None:
        if not sentences:
            self.refusals.hide()
            if taken:
                self.told.emit(_("填进 {n} 格").format(n=taken))
            return
        shown = sentences[:6] + ([_("……还有 {n} 格").format(n=len(sentences) - 6)] if len(sentences) > 6 else [])
        head = _("填进 {n} 格，{m} 格没填上：").format(n=taken, m=len(sentences))
        self.refusals.setText(head + "\n" + "\n".join(shown))
        self.refusals.setContentsMargins(theme.current().px(14), 4, 4, 4)
        self.refusals.show()

    def close_refusals(self) -> bool:
        """Esc: puts the list of refused cells away; False if there was none."""
        was = not self.refusals.isHidden()
        self.refusals.hide()
        return was

    def refresh(self, effects: Effects) -> None:
        """Repaints what an effect named."""
        self.cells.refresh(effects)
        self.totals.update()
        cell = self.view.current_cell
        if cell is not None and cell in effects.changed and self.view.has_cursor:
            self._show_question(cell)
        if effects.rows:
            self._tell_foot()
            self._show_empty()
            self.totals.setVisible(self.totals.needed and bool(self.cells.rows))

    def refresh_checks(self) -> None:
        """The check list is new."""
        self.cells.refresh_checks()
        cell = self.view.current_cell
        if cell is not None and self.view.has_cursor:
            self._show_question(cell)

    def _tell_foot(self) -> None:
        self._back_button.setVisible(self.can_add and self._of_people and bool(self._presenter.former_members()))
        if isinstance(self.block, Roster):
            self.foot_words.setText(_("登记 {n} 行").format(n=len(self.cells.rows)))

    def _show_empty(self) -> None:
        self.bar.light(self.view.has_cursor, self._title())
        if not self.cells.rows:
            self.bar.show_question("", self._title())

    def copy_previous(self) -> None:
        """F3 in a cell: reference price or last quarter's value, ticking the row if need be."""
        cell = self.view.current_cell
        if cell is None:
            return
        place, value = self.cells.place(cell), self._presenter.figure_to_copy(cell)
        ticked = place is None or self.cells.is_ticked(place[0]) is not False
        if value and not ticked and place is not None and isinstance(self.block, Lines):
            self._presenter.answer_line(Cell(self.block.tick), self.cells.rows[place[0]].code, cell, value)
        else:
            self._presenter.copy_previous(cell)

    def toggle_only_ticked(self) -> None:
        """Ctrl+E."""
        cell = self.view.current_cell
        self.cells.show_only_ticked(not self.cells.only_ticked)
        if cell is None or not self.view.focus_cell(cell):
            self.view.focus_edge(1)

    def wish_height(self) -> int:
        """Height that shows everything without scrolling."""
        style = theme.current()
        around = style.px(43) + (style.px(31) if not self.totals.isHidden() else 0)
        return around + (style.px(44) if isinstance(self.block, Roster) else 0) + self.view.content_height()

    def least_height(self) -> int:
        """Height below which a grid is of no use: heads and seven rows."""
        rows = min(7, max(1, len(self.cells.rows)))
        return self.wish_height() - (len(self.cells.rows) - rows) * self.view.verticalHeader().defaultSectionSize()
