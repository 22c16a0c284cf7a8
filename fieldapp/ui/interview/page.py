"""Questions one under the other: rows with number, text, answer and badge. Rows are kept and used again between sections."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.choice_field import ChoiceField
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.fields import LongTextField, PlainField, TypedField
from fieldapp.ui.interview.figures import echo
from fieldapp.ui.interview.moments import date_echo
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.progress import CheckItem
from fieldapp.ui.interview.questions import CHOICES, Shown
from fieldapp.ui.widgets.painting import LEFT, badge_size, draw_badge, draw_corner, text_width, write
from fieldapp.words import _
from forms.engine import Cell, Effects

__all__ = ["QuestionPanel", "QuestionRow"]

AnswerField = TypedField | LongTextField | PlainField | ChoiceField

ONE_LINE = 37
TWO_LINES = 56
NUMBER_X, TEXT_X = 10, 62
FIGURE_WIDTH, COMPUTED_WIDTH = 128, 160


class QuestionRow(QWidget):
    """One question. It paints everything but the answer field, which is its only child."""

    def __init__(self, panel: QuestionPanel, field: AnswerField) -> None:
        super().__init__(panel)
        self._panel = panel
        self.field = field
        self.shown: Shown | None = None
        self.check: CheckItem | None = None
        self.heading = ""
        self._echo = ""
        self._refusal = ""
        self._text_width = 0
        field.setParent(self)
        field.entered.connect(self._entered)
        field.edited.connect(self._edited)
        field.committed.connect(self._committed)
        field.stepped.connect(lambda step: self._panel.step_from(self, step))
        field.confirmed.connect(self._confirmed)

    # What is shown

    def bind(self, shown: Shown, check: CheckItem | None, heading: str) -> None:
        """Shows a question, perhaps another one than before."""
        self.shown, self.check, self.heading = shown, check, heading
        self._refusal = ""
        self._echo = self._still_echo()
        self.field.show_answer(shown)
        unit = f" {shown.facts.unit}" if shown.facts.unit else ""
        self.field.setAccessibleName(f"{shown.facts.number} {shown.text}{unit}".strip())
        self._describe()
        self.lay_out()
        self.update()

    def refresh(self, shown: Shown, check: CheckItem | None) -> bool:
        """The same question after an effect; True if the height changed."""
        before = self.height_for(self.width())
        other = self.shown is not None and (self.shown.text, self.shown.hint) != (shown.text, shown.hint)
        if shown == self.shown and check == self.check:
            return False
        options = self.shown is None or self.shown.options != shown.options
        self.shown, self.check = shown, check
        self.field.show_answer(shown)
        if not self.field.dirty:
            self._echo = self._still_echo()
            self._refusal = ""
        if options:
            self.lay_out()
        self._describe()
        self.update()
        return other and self.height_for(self.width()) != before

    def _describe(self) -> None:
        assert self.shown is not None
        parts = [self.shown.display or _("没填")]
        if self.shown.confirm:
            parts.append(_("待确认，按空格"))
        if self.check is not None:
            parts.append(self.check.sentence)
        if self.shown.problem:
            parts.append(self.shown.problem)
        self.field.setAccessibleDescription("，".join(parts))
        state = ""
        if self._refusal or self.shown.problem or (self.check is not None and self.check.kind == "hard"):
            state = "hard"
        elif self.check is not None and self.check.is_open:
            state = "soft"
        elif self.shown.confirm:
            state = "confirm"
        if isinstance(self.field, TypedField):
            theme.restyle(self.field, state=state)

    def _still_echo(self) -> str:
        """What stands outside the field while it is not typed in."""
        assert self.shown is not None
        facts, value = self.shown.facts, self.shown.value
        if self.shown.confirm:
            return _("待确认　Space")
        if not value or self.shown.status in ("8", "9"):
            return ""
        if facts.kind in ("integer", "decimal"):
            return echo(value, integer=facts.kind == "integer", unit=facts.unit)
        if facts.kind == "date":
            return date_echo(value)
        return ""

    def show_refusal(self, sentence: str) -> None:
        """What was typed is kept on screen with the sentence beside it."""
        self._refusal = sentence
        self.field.hold()
        self._describe()
        self.update()

    # What the field reports

    def _entered(self) -> None:
        self._panel.entered_row(self)
        self.update()

    def _edited(self, text: str) -> None:
        if self.shown is None:
            return
        facts = self.shown.facts
        self._refusal = ""
        if facts.kind in ("integer", "decimal"):
            self._echo = echo(text, integer=facts.kind == "integer", unit=facts.unit)
        elif facts.kind in CHOICES:
            self._echo = text
        else:
            self._echo = ""
        self.update()

    def _committed(self, text: str, step: int) -> None:
        if self.shown is not None:
            self._panel.commit(self, text, step)

    def _confirmed(self) -> None:
        if self.shown is not None:
            self._panel.confirm(self)

    # Sizes

    def answer_x(self) -> int:
        """Left edge of the answers: the same for all rows of a page."""
        return max(theme.current().px(320), round(self.width() * 0.536))

    def height_for(self, width: int) -> int:
        """Height of this question at a width: 37, 56 for two lines, more for long texts."""
        style = theme.current()
        head = style.px(30) if self.heading else 0
        if self.shown is None:
            return head + style.px(ONE_LINE)
        lines = self._lines(width)
        line = style.px(21)
        high = style.px(ONE_LINE) if lines <= 1 else style.px(TWO_LINES) + (lines - 2) * line
        if isinstance(self.field, LongTextField):
            high = max(high, style.px(80))
        return head + high

    def _label_width(self, width: int) -> int:
        style = theme.current()
        if self.shown is not None and self.shown.facts.kind == "note":
            return width - style.px(TEXT_X) - style.px(60)
        return max(style.px(320), round(width * 0.536)) - style.px(TEXT_X) - style.px(12)

    def _lines(self, width: int) -> int:
        assert self.shown is not None
        style = theme.current()
        room = self._label_width(width)
        text = self._label_text()
        font = style.font(15, True)
        if "\n" not in text and text_width(font, text) <= room:
            return 1
        bound = QFontMetrics(font).boundingRect(QRect(0, 0, room, 10_000), Qt.TextFlag.TextWordWrap, text)
        return max(2, round(bound.height() / QFontMetrics(font).lineSpacing()))

    def _label_text(self) -> str:
        return self.shown.text if self.shown is not None else ""

    def lay_out(self) -> None:
        """Puts the field in its place."""
        if self.shown is None:
            return
        style = theme.current()
        head = style.px(30) if self.heading else 0
        kind, x = self.shown.facts.kind, self.answer_x()
        room = self.width() - x - style.px(12)
        high = style.px(30)
        if kind in ("integer", "decimal", "time", "date", "month", "year"):
            width = min(style.px(FIGURE_WIDTH), room)
        elif kind == "computed" and self.shown.facts.figure:
            width = min(style.px(COMPUTED_WIDTH), room)
        elif kind == "datetime":
            width = min(style.px(190), room)
        elif isinstance(self.field, ChoiceField):
            in_line = self.field.lay_out(room - style.px(40))
            width = room - style.px(40) if in_line else min(room - style.px(30), style.px(392))
        else:
            width = min(style.px(344), room - style.px(40))
        top = head + (self.height() - head - high) // 2
        if isinstance(self.field, LongTextField):
            high = style.px(70)
            top = head + style.px(5)
        self.field.setGeometry(x, top, max(width, style.px(60)), high)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.lay_out()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        if self.field.focusPolicy() != Qt.FocusPolicy.NoFocus:
            self.field.setFocus(Qt.FocusReason.MouseFocusReason)

    # Drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.shown is None:
            return
        style, shown = theme.current(), self.shown
        painter = QPainter(self)
        focused = self.field.hasFocus()
        head = style.px(30) if self.heading else 0
        body = self.rect().adjusted(0, head, 0, 0)
        if head:
            area = QRect(style.px(NUMBER_X), style.px(6), self.width(), head - style.px(6))
            write(painter, area, self.heading, font=style.font(14, True), colour=style.colour("text2"))
        painter.fillRect(body, style.colour("focus_row" if focused else "surface"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, style.colour("line"))
        edge = "focus" if focused else self._edge()
        if edge:
            painter.fillRect(body.adjusted(0, 0, style.px(4) - body.width(), -1), style.colour(edge))
        number = QRect(style.px(NUMBER_X), body.y(), style.px(TEXT_X - NUMBER_X - 4), body.height())
        write(painter, number, shown.facts.number, font=style.font(13), colour=style.colour("text3"))
        self._paint_text(painter, body, focused)
        if shown.comment:
            draw_corner(painter, QRect(style.px(4), body.y(), 10, 10), style.colour("accent"), left=True)
        if shown.facts.kind != "note":
            self._paint_right(painter, body, focused)

    def _edge(self) -> str:
        if self._refusal or (self.shown is not None and self.shown.problem):
            return "hard"
        if self.check is not None and self.check.is_open:
            return self.check.kind
        return ""

    def _paint_text(self, painter: QPainter, body: QRect, focused: bool) -> None:
        assert self.shown is not None
        style = theme.current()
        room = self._label_width(self.width())
        font = style.font(15, focused)
        text = self._label_text()
        area = QRect(style.px(TEXT_X), body.y(), room, body.height())
        painter.setFont(font)
        painter.setPen(style.colour("text" if self.shown.facts.kind != "note" else "text2"))
        if self._lines(self.width()) > 1:
            painter.drawText(area, LEFT | Qt.TextFlag.TextWordWrap, text)
            return
        painter.drawText(area, LEFT | Qt.TextFlag.TextSingleLine, text)
        used = text_width(font, text) + style.px(9)
        if self.shown.hint and room - used > style.px(40):
            rest = area.adjusted(used, 0, 0, 0)
            write(painter, rest, self.shown.hint, font=style.font(13), colour=style.colour("text3"))

    def _paint_right(self, painter: QPainter, body: QRect, focused: bool) -> None:
        assert self.shown is not None
        style = theme.current()
        right = self.width() - style.px(10)
        if self.check is not None:
            words = _("错") if self.check.kind == "hard" else _("核")
            right -= badge_size(words).width()
            draw_badge(painter, right, body.center().y(), self.check.kind, words, solid=self.check.is_open)
            right -= style.px(8)
        elif self.shown.problem:
            right -= badge_size(_("错")).width()
            draw_badge(painter, right, body.center().y(), "hard", _("错"))
            right -= style.px(8)
        words, token, bold = self._echo, "focus_text" if focused else "text3", focused
        if self._refusal or self.shown.problem:
            words, token, bold = self._refusal or self.shown.problem, "hard", True
        elif self.shown.confirm and not focused:
            token = "accent"
        x = self.field.geometry().right() + style.px(9)
        if words and right - x > style.px(30):
            area = QRect(x, body.y(), right - x, body.height())
            font = style.font(13, bold)
            if text_width(font, words) > area.width() and body.height() >= style.px(ONE_LINE):
                painter.setFont(style.font(12, bold))
                painter.setPen(style.colour(token))
                painter.drawText(area, LEFT | Qt.TextFlag.TextWordWrap, words)
            else:
                write(painter, area, words, font=font, colour=style.colour(token))


class QuestionPanel(QWidget):
    """The questions of one block. It lays the rows out itself and carries the cursor from one to the next."""

    entered = Signal(object)  # Cell: the cursor stands there
    beyond = Signal(int)  # the cursor wants to go before the first (-1) or behind the last (1) question
    grown = Signal()  # the height changed

    def __init__(
        self, presenter: InterviewPresenter, popup: Callable[[], ChoiceList], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._popup = popup
        self._rows: list[QuestionRow] = []
        self._by_cell: dict[Cell, QuestionRow] = {}
        self._spare: dict[str, list[QuestionRow]] = {}
        self._height = 0
        self._guard = False
        self.setProperty("kind", "page")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> list[QuestionRow]:
        """All rows of the block, shown or not."""
        return self._rows

    def show_cells(self, cells: list[Cell], headings: dict[str, str]) -> None:
        """Shows these questions, using the rows of the last section again."""
        for row in self._rows:
            row.hide()
            self._spare.setdefault(_field_class(row.shown.facts.kind) if row.shown else "", []).append(row)
        self._rows, self._by_cell = [], {}
        last: QWidget | None = None
        for cell in cells:
            shown = self._presenter.look(cell)
            row = self._take(_field_class(shown.facts.kind))
            heading = self._presenter.heading(headings[cell.path]) if cell.path in headings else ""
            row.resize(self.width(), row.height())
            row.bind(shown, self._presenter.ledger.flags.get(cell), heading)
            row.setProperty("asked", shown.relevant)
            self._rows.append(row)
            self._by_cell[cell] = row
            if last is not None:
                QWidget.setTabOrder(last, row.field)
            last = row.field
        self.lay_out()

    def _take(self, kind: str) -> QuestionRow:
        spare = self._spare.get(kind)
        if spare:
            return spare.pop()
        field: AnswerField
        if kind == "choice":
            field = ChoiceField(self._popup())
        elif kind == "long":
            field = LongTextField()
        elif kind == "plain":
            field = PlainField()
        else:
            field = TypedField()
        return QuestionRow(self, field)

    def lay_out(self) -> None:
        """Puts the rows under each other; those that are not asked take no room."""
        y, width = 0, self.width()
        for row in self._rows:
            asked = bool(row.shown and row.shown.relevant)
            if asked:
                high = row.height_for(width)
                row.setGeometry(0, y, width, high)
                row.lay_out()
                y += high
            if row.isHidden() == asked:
                row.setVisible(asked)
        if y != self._height:
            self._height = y
            self.setFixedHeight(max(1, y))
            self.grown.emit()

    def content_height(self) -> int:
        """Height of all questions asked now."""
        return self._height

    def sizeHint(self) -> QSize:
        return QSize(400, self._height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.oldSize().width() != event.size().width():
            self.lay_out()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.lay_out()
        super().changeEvent(event)

    def refresh(self, effects: Effects) -> None:
        """Repaints the questions named by an effect."""
        moved = False
        for cell in effects.changed:
            cell = Cell(cell.path.removesuffix("@comment"), cell.rows)
            row = self._by_cell.get(cell)
            if row is not None and row.shown is not None:
                shown = self._presenter.look(cell)
                moved |= shown.relevant != row.shown.relevant
                moved |= row.refresh(shown, self._presenter.ledger.flags.get(cell))
        if moved:
            self.lay_out()

    def refresh_checks(self) -> None:
        """The check list is new: badges and edges."""
        for cell, row in self._by_cell.items():
            check = self._presenter.ledger.flags.get(cell)
            if check != row.check and row.shown is not None:
                row.refresh(row.shown, check)

    # The cursor

    def stops(self) -> list[QuestionRow]:
        """Rows where the cursor can stand."""
        return [
            row
            for row in self._rows
            if row.shown is not None and row.shown.relevant and row.field.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]

    def row_of(self, cell: Cell) -> QuestionRow | None:
        """The row of a question, None if it is not here."""
        return self._by_cell.get(cell)

    def focus_cell(self, cell: Cell) -> bool:
        """Puts the cursor on a question; False if it is not here or not asked."""
        row = self._by_cell.get(cell)
        if row is None or row.shown is None or not row.shown.relevant or row.shown.facts.kind == "note":
            return False
        row.field.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def focus_edge(self, step: int) -> bool:
        """Puts the cursor on the first (1) or last (-1) question; False if there is none."""
        stops = self.stops()
        if not stops:
            return False
        (stops[0] if step > 0 else stops[-1]).field.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def first_open(self) -> Cell | None:
        """The first question without an answer."""
        for row in self.stops():
            if row.shown is not None and not row.shown.value and row.shown.status not in ("8", "9"):
                return row.shown.cell
        return None

    def step_from(self, row: QuestionRow, step: int) -> None:
        """The next or previous question."""
        stops = self.stops()
        if row in stops:
            at = stops.index(row) + step
        else:  # On a computed value: the stops around it.
            place = self._rows.index(row)
            behind = sum(1 for stop in stops if self._rows.index(stop) < place)
            at = behind if step > 0 else behind - 1
        if 0 <= at < len(stops):
            stops[at].field.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.beyond.emit(step)

    def entered_row(self, row: QuestionRow) -> None:
        """The cursor came to a row."""
        for other in self._rows:
            if other is not row and other.isVisible():
                other.update()
        if row.shown is not None:
            self.entered.emit(row.shown.cell)

    def commit(self, row: QuestionRow, text: str, step: int) -> None:
        """What was typed goes to the presenter; the cursor moves on only if it could be kept."""
        assert row.shown is not None
        if self._guard:
            return
        if self._presenter.answer(row.shown.cell, text):
            row.field.settle()
            if step:
                self._guard = True  # Leaving the field must not hand the same text on again.
                self.step_from(row, step)
                self._guard = False

    def confirm(self, row: QuestionRow) -> None:
        """Space on a filled-in answer: it holds; on to the next."""
        assert row.shown is not None
        if self._presenter.confirm(row.shown.cell):
            self.step_from(row, 1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.current().colour("surface"))


def _field_class(kind: str) -> str:
    if kind in CHOICES or kind == "trigger":
        return "choice"
    if kind == "long_text":
        return "long"
    if kind in ("note", "computed"):
        return "plain"
    return "typed"
