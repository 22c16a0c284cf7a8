"""One stage of a change in place: fields under each other, Enter goes on, nothing covers the list."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from fieldapp.ui import theme
from fieldapp.ui.parts import button, in_line
from fieldapp.ui.register.questions import Field, Stage
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.words import _


class FieldLine(QWidget):
    """One field: its name above, what a code means beside it, its choices below while the cursor is here.

    Signals:
        entered: Enter, with something that can stand.
    """

    entered = Signal()

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self.field = field
        self.line = _Line(self)
        self.line.setObjectName(f"register_{field.name}")
        self.line.setAccessibleName(field.label)
        if field.choices:
            self.line.setFixedWidth(look.px(86))
            self.line.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
            self.line.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on=False)
        self._meaning = label("", "strong")
        codes = "　".join(f"{code} {words}" for code, words in field.choices)
        self._choices = label(codes or field.hint, "hint", wrap=True)
        self._wrong = label("", "hard", wrap=True)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(look.px(3))
        optional = _("{label}（可空）").format(label=field.label) if field.optional else field.label
        lines.addWidget(label(optional, "label"))
        lines.addWidget(in_line([self.line, self._meaning, None]) if field.choices else self.line)
        lines.addWidget(self._choices)
        lines.addWidget(self._wrong)
        self._wrong.hide()
        self._choices.setVisible(False)
        self.line.setText(field.value)
        self.line.textChanged.connect(self._read)
        self._read(field.value)

    def value(self) -> str:
        """What was typed; full-width digits count as digits."""
        text = self.line.text().strip()
        return text.translate(_NARROW) if self.field.choices else text

    def _read(self, _text: str) -> None:
        meanings = dict(self.field.choices)
        self._meaning.setText(meanings.get(self.value(), ""))
        self._wrong.hide()
        begun = [code for code in meanings if code.startswith(self.value()) and self.value()]
        if self.line.hasFocus() and begun == [self.value()]:
            QTimer.singleShot(0, self, self.entered.emit)  # a whole code that begins no other moves on

    def step(self, by: int) -> None:
        """Arrow keys walk through the choices."""
        codes = [code for code, _words in self.field.choices]
        if codes:
            at = codes.index(self.value()) + by if self.value() in codes else (0 if by > 0 else -1)
            self.line.blockSignals(True)
            self.line.setText(codes[at % len(codes)])
            self.line.blockSignals(False)
            self._meaning.setText(dict(self.field.choices)[self.value()])

    def ready(self) -> bool:
        """Whether it can stand; says why not."""
        value = self.value()
        wrong = ""
        if not value and not self.field.optional:
            wrong = _("这里要填")
        elif value and self.field.choices and value not in dict(self.field.choices):
            wrong = _("没有这个代码")
        self._wrong.setText(wrong)
        self._wrong.setVisible(bool(wrong))
        return not wrong

    def show_choices(self, shown: bool) -> None:
        self._choices.setVisible(shown and bool(self._choices.text()))


class _Line(QLineEdit):
    def __init__(self, owner: FieldLine) -> None:
        super().__init__()
        self._owner = owner

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._owner.entered.emit()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._owner.field.choices:
            self._owner.step(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            if event.key() == Qt.Key.Key_Down:
                self.focusNextChild()
            else:
                self.focusPreviousChild()
        else:
            super().keyPressEvent(event)


_NARROW = {ord("０") + digit: str(digit) for digit in range(10)}


class DeedForm(QWidget):
    """Shows a :class:`Stage`.

    Signals:
        answered: dict of field name → value, when the stage is complete.
        left: not wanted after all.
    """

    answered = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.px(14), look.px(10), look.px(14), look.px(10))
        whole.setSpacing(look.px(8))
        self._title, self._words = label("", "section"), label("", "", wrap=True)
        whole.addWidget(self._title)
        whole.addWidget(self._words)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setProperty("kind", "plain")
        whole.addWidget(self._scroll, 1)
        self._sentence = label("", "hard", wrap=True)
        whole.addWidget(self._sentence)
        whole.addWidget(hairline())
        self._go = button(_("下一步、登记"), "F9", "register_go", self.go_on, "primary", shortcut=False)
        self._leave = button(_("不登记"), "Esc", "register_leave", self.left.emit, shortcut=False)
        whole.addWidget(in_line([self._go, self._leave, None]))
        self.fields: list[FieldLine] = []

    def show_stage(self, stage: Stage) -> None:
        """Shows fields anew, the cursor in the first."""
        look = theme.current()
        self._title.setText(stage.title)
        self._words.setText(stage.words)
        self._words.setVisible(bool(stage.words))
        self.say("")
        area = QWidget()
        area.setProperty("kind", "side")
        area.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        lines = QVBoxLayout(area)
        lines.setContentsMargins(0, 0, look.px(8), 0)
        lines.setSpacing(look.px(10))
        self.fields = [FieldLine(field) for field in stage.fields]
        for number, line in enumerate(self.fields):
            lines.addWidget(line)
            line.entered.connect(lambda at=number: self._next(at))
        lines.addStretch(1)
        self._scroll.setWidget(area)
        if self.fields:
            self._focus(0)

    def say(self, sentence: str) -> None:
        """What stands against it."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def _next(self, at: int) -> None:
        if at >= len(self.fields) or not self.fields[at].ready():
            return
        if at + 1 < len(self.fields):
            self._focus(at + 1)
        else:
            self.go_on()

    def _focus(self, at: int) -> None:
        for number, line in enumerate(self.fields):
            line.show_choices(number == at)
        self.fields[at].line.setFocus()
        self.fields[at].line.selectAll()
        self._scroll.ensureWidgetVisible(self.fields[at])

    def go_on(self) -> None:
        """F9, or Enter in the last field."""
        for number, line in enumerate(self.fields):
            if not line.ready():
                self._focus(number)
                return
        self.answered.emit({line.field.name: line.value() for line in self.fields})
