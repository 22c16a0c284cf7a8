"""Beside the field: earlier values, small bars, the definition, helpers, what a reviewer said, the note. Always in this order."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.codes import plain
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.grid_model import readable
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.questions import FIGURES, value_in_words
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.compare import CompareLine, CompareTable, SmallBars
from fieldapp.ui.widgets.keys import KeyCap
from fieldapp.words import _
from forms.engine import Cell

__all__ = ["NoteBox", "SidePanel", "compare_lines", "helper_words"]


def change_words(now: str, before: str | None) -> str:
    """``−54%``; empty where either is no figure or the earlier one is zero."""
    try:
        new, old = Decimal(now), Decimal(before or "")
    except InvalidOperation:
        return ""
    if not new.is_finite() or not old.is_finite() or old == 0:
        return ""
    percent = round((new - old) / abs(old) * 100)
    return (
        f"{'−' if percent < 0 else '+'}{abs(percent)}%"
        if abs(percent) < 1000
        else ("−" if percent < 0 else "+") + ">999%"
    )


def compare_lines(presenter: InterviewPresenter, cell: Cell) -> tuple[CompareLine, ...]:
    """This time, last quarter, same quarter last year, baseline. What was skipped says 没问, never 0."""
    shown = presenter.look(cell, texts=False)
    header = presenter.header
    lines = [CompareLine(presenter.this_time, "", "", shown.display or "—")]
    if header.first_of_its_kind:
        return tuple(lines)
    before = presenter.previous(cell)
    figures = shown.facts.figure
    earlier = [(presenter.last_time, header.prev_title, before.prev, before.prev_label)]
    if presenter.quarterly:
        earlier.append((_("去年同季"), header.yoy_title, before.yoy, before.yoy_label))
        earlier.append((_("基线"), header.base_title, before.base, before.base_label))
    for word, when, value, words in earlier:
        change = change_words(shown.value, value) if figures and shown.value else ""
        text = words or (value_in_words(shown.facts, value) if value else "")
        note = _("没问") if value is None else change
        lines.append(
            CompareLine(word, when.removeprefix(word).strip(), note, "—" if value is None else text or _("没填"))
        )
    return tuple(lines)


def helper_words(kind: str, unit: str) -> str:
    """What can be typed besides plain digits."""
    if kind in FIGURES:
        words = [_("数字框里直接打算式，回车出结果：120+80、860*3")]
        if unit in ("元", ""):
            words.append(_("215y ＝ 每月 215，3 个月 645　1.2w ＝ 12,000"))
        if unit in ("公斤", "kg"):
            words.append(_("30j ＝ 30 斤 ＝ 15 公斤"))
        if unit == "亩":
            words.append(_("1 亩约 667 平方米，15 亩 ＝ 1 公顷"))
        return "\n".join(words)
    return {
        "date": _("打 0922、9.22、20260922 都行；-1 是昨天"),
        "month": _("打 202609 或 2026.9"),
        "time": _("打 930 或 9:30"),
        "many": _("打号码勾上、再打一次去掉，Enter 往下走"),
        "one": _("打号码就选上；打拼音头字母也行"),
    }.get(kind, "")


class NoteBox(QPlainTextEdit):
    """The remark on the question in hand; Enter keeps it and goes back to the field, Esc gives it up."""

    kept = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composing = False
        self.setTabChangesFocus(True)
        self.setPlaceholderText(_("按 Ctrl+B 写"))
        self.setAccessibleName(_("本题备注"))
        self._before = ""

    def show_note(self, text: str) -> None:
        """Shows the remark of a question."""
        self._before = text
        if not self.hasFocus() and text != self.toPlainText():
            self.setPlainText(text)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._composing:
            super().keyPressEvent(event)
        elif is_enter(event) and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.keep()
            self.closed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.setPlainText(self._before)
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def keep(self) -> None:
        """Hands a changed remark on."""
        text = self.toPlainText().strip()
        if text != self._before:
            self._before = text
            self.kept.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.keep()


class SidePanel(QWidget):
    """All of it for one cell."""

    note_kept = Signal(object, str)  # Cell, text
    note_closed = Signal()

    def __init__(self, presenter: InterviewPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._cell: Cell | None = None
        self.setProperty("kind", "side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        style = theme.current()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(style.px(12), style.px(11), style.px(12), style.px(10))
        self._lines.setSpacing(style.px(7))
        self.title = label("", "strong", wrap=True)
        self.table = CompareTable()
        self.bars = SmallBars()
        self.review = label("", "soft", wrap=True)
        self.definition_head, self.definition = label(_("口径"), "label"), label("", "label", wrap=True)
        self.helper_head, self.helper = label(_("换算与计算"), "label"), label("", "label", wrap=True)
        self.note = NoteBox()
        self.note.setFixedHeight(style.px(52))
        self.note.kept.connect(lambda text: self._cell and self.note_kept.emit(self._cell, text))
        self.note.closed.connect(self.note_closed)
        self._rules = [hairline() for _rule in range(4)]
        for part in (
            self.title, self._rules[0], self.table, self.bars, self.review, self._rules[1], self.definition_head,
            self.definition, self._rules[2], self.helper_head, self.helper, self._rules[3],
        ):  # fmt: skip
            self._lines.addWidget(part)
        head = QHBoxLayout()
        head.addWidget(label(_("本题备注"), "label"))
        head.addStretch(1)
        head.addWidget(KeyCap("Ctrl+B"))
        self._lines.addLayout(head)
        self._lines.addWidget(self.note)
        self._lines.addStretch(1)
        for part in (self.definition_head, self.helper_head):
            part.setProperty("kind", "strong")

    @property
    def cell(self) -> Cell | None:
        """The cell shown."""
        return self._cell

    def show_cell(self, cell: Cell) -> None:
        """Shows what belongs to one cell."""
        if self._cell is not None and self._cell != cell and self.note.hasFocus():
            self.note.keep()
        self._cell = cell
        shown = self._presenter.look(cell)
        facts = shown.facts
        self.title.setText(f"{facts.number} {facts.short if readable(facts.short) else shown.text}".strip())
        lines = compare_lines(self._presenter, cell)
        self.table.show_lines(lines)
        self.bars.hide()
        if facts.figure:
            self._show_bars(cell, shown.value)
        guidance = plain(self._presenter.interview.guidance(cell))
        hint = plain(self._presenter.interview.hint(cell))
        definition = "\n".join(part for part in (hint, guidance) if part)
        self._show(self.definition, definition, self.definition_head, self._rules[1])
        helper = [helper_words(facts.kind, facts.unit)]
        if price := self._presenter.reference(cell):
            helper.insert(0, _("参考价 {price} {unit}，按 F3 照抄").format(price=price, unit=facts.unit))
        self._show(self.helper, "\n".join(filter(None, helper)), self.helper_head, self._rules[2])
        said = [c for c in self._presenter.opened.comments if c.cell == cell and not c.cleared]
        self._show(self.review, "\n".join(f"{c.who}：{c.text}" for c in said))
        self.note.show_note(shown.comment)
        self.note.setReadOnly(self._presenter.readonly)

    def _show(self, part: QWidget, text: str, *around: QWidget) -> None:
        part.setText(text)  # type: ignore[attr-defined]
        for widget in (part, *around):
            widget.setVisible(bool(text))

    def _show_bars(self, cell: Cell, value: str) -> None:
        header, before = self._presenter.header, self._presenter.previous(cell)
        figures = [(header.prev_title or self._presenter.last_time, _number(before.prev))]
        if self._presenter.quarterly:
            figures.insert(0, (header.yoy_title or _("去年同季"), _number(before.yoy)))
        figures = [(name.split(" ")[-1], figure) for name, figure in figures]
        figures.append((self._presenter.this_time, _number(value)))
        some = sum(1 for _name, figure in figures if figure is not None) > 1 and not header.first_of_its_kind
        self.bars.setVisible(some)
        if some:
            self.bars.show_bars(figures)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
