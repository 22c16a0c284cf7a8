"""The parameter table: every value with its days and document, and a line to enter one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.services.parameters import known_names
from fieldapp.ui import theme
from fieldapp.ui.county.lists import parameters_model
from fieldapp.ui.county.presenter import CountyPresenter
from fieldapp.ui.parts import Band, button, in_line
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.widgets.cards import hairline, label
from fieldapp.ui.widgets.keys import Keys
from fieldapp.words import _
from forms.monitoring import opening_values as values
from forms.monitoring.parameters import OWED, ParameterRecord, parameter_named, parameter_zh

_DIGITS = Qt.InputMethodHint.ImhPreferNumbers


class ParametersPage(QWidget):
    """Enter on a line takes it into the fields below; F9 enters it.

    Signals:
        left: back to the tables.
    """

    left = Signal()

    def __init__(self, presenter: CountyPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = theme.current()
        self._presenter = presenter
        self._names = known_names()
        self._sought = ""
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        lines.addWidget(Band(_("参数表"), _("改动只管以后的计算；已经开始的问卷不变")))
        self._missing = label("", "soft", wrap=True)
        self._missing.setContentsMargins(look.px(14), look.px(6), look.px(14), look.px(6))
        lines.addWidget(self._missing)
        self._table: RowTable[ParameterRecord] = RowTable(
            parameters_model(), "county_parameter_list", _("参数表"), row_height=46
        )
        self._table.opened.connect(self._take)
        self._table.typed.connect(self._seek)
        lines.addWidget(self._table, 1)
        lines.addWidget(hairline())
        self._fields: dict[str, QLineEdit] = {}
        parts: list[QWidget | int | None] = []
        for name, words, width in (
            ("name", _("参数"), 190),
            ("value", _("值"), 90),
            ("from", _("从"), 110),
            ("to", _("到（可空）"), 110),
            ("doc", _("文号"), 250),
        ):
            field = QLineEdit()
            field.setObjectName(f"county_parameter_{name}")
            field.setAccessibleName(words)
            field.setMaximumWidth(look.px(width))
            field.setMinimumWidth(look.px(min(width, 64)))
            field.returnPressed.connect(self._next)
            if name in ("value", "from", "to"):
                field.setInputMethodHints(_DIGITS)
            self._fields[name] = field
            parts += [label(words, "hint"), field]
        self._save = button(_("录入"), "F9", "county_parameter_save", self.save, "primary", shortcut=False)
        self._back = button(_("回到导入"), "Alt+B", "county_back", self.left.emit)
        line = in_line([*parts, None, self._save], gap=6)
        line.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        lines.addWidget(line)
        self._wrong = label("", "hard", wrap=True)
        self._wrong.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        foot = in_line([self._wrong, self._back])
        foot.setContentsMargins(look.px(14), 0, look.px(14), look.px(8))
        lines.addWidget(foot)
        presenter.failed.connect(self._wrong.setText)
        presenter.entered.connect(self._entered)

    def enter(self) -> None:
        """The person came here."""
        self._sought = ""
        self._table.setFocus()

    def show_records(self, records: tuple[ParameterRecord, ...], reminders: tuple[str, ...]) -> None:
        """The table, what the county entered first, and what is missing above it."""
        ordered = sorted(records, key=_rank)
        self._table.show_rows(ordered, lambda one: (one.name, one.valid_from, bool(one.entered_by)))
        self._missing.setText("　".join(reminders))
        self._missing.setVisible(bool(reminders))

    def _take(self) -> None:
        row = self._table.current_row()
        if row is None:
            return
        today = self._presenter.session.today()
        begins = row.valid_from if row.entered_by and row.valid_from else date(today.year, 1, 1)
        told = {
            "name": row.name,
            "value": row.value,
            "from": begins.isoformat(),
            "to": row.valid_to.isoformat() if row.valid_to and row.entered_by else "",
            "doc": row.doc_no if row.entered_by else "",
        }
        for name, words in told.items():
            self._fields[name].setText(words)
        self._wrong.setText("")
        self._fields["value"].setFocus()
        self._fields["value"].selectAll()

    def _seek(self, typed: str) -> None:
        """Typing goes to the first parameter that begins so; what leads nowhere begins anew."""
        for words in (self._sought + typed, typed):
            self._sought = words
            if self._table.go_to_where(partial(_begins, words)):
                return

    def _next(self) -> None:
        fields = list(self._fields.values())
        at = next((n for n, field in enumerate(fields) if field.hasFocus()), len(fields) - 1)
        (fields[at + 1] if at + 1 < len(fields) else self._save).setFocus()

    def save(self) -> None:
        """F9: enters what stands in the fields."""
        told = {name: values.clean(field.text()) for name, field in self._fields.items()}
        name = parameter_named(told["name"], self._names) or self._said_here(told["name"])
        if not name:
            self._refuse("name", _("不认得这个参数：写参数表里的名称，或在表里按 Enter 带下来"))
            return
        days: dict[str, date | None] = {}
        for one in ("from", "to"):
            try:
                found = values.day(told[one])
                days[one] = date.fromisoformat(found) if found else None
            except ValueError:
                self._refuse(one, _("日期写成 2026-01-01 的样子"))
                return
        self._wrong.setText("")
        self._presenter.enter(ParameterRecord(name, told["value"], days["from"], days["to"], told["doc"]))

    def _said_here(self, words: str) -> str:
        """The parameter whose words on this screen these are, in whatever language it speaks."""
        return next((name for name in self._names if words and words == _(parameter_zh(name))), "")

    def _refuse(self, field: str, sentence: str) -> None:
        self._wrong.setText(sentence)
        self._fields[field].setFocus()

    def _entered(self, _count: int) -> None:
        self._wrong.setText("")
        for field in self._fields.values():
            field.clear()
        self._table.setFocus()

    def step_back(self) -> bool:
        """Esc: out of the fields into the table."""
        if self._table.hasFocus():
            return False
        self._table.setFocus()
        return True

    def panes(self) -> Sequence[QWidget]:
        return (self._table, self._fields["name"])

    def strip(self) -> Sequence[Keys]:
        return (
            (("↑", "↓"), _("选")),
            (("Enter",), _("带下来改")),
            (("F6",), _("换栏")),
            (("F9",), _("录入")),
            (("Alt+B",), _("回到导入")),
            (("Esc",), _("返回")),
        )


def _begins(words: str, one: ParameterRecord) -> bool:
    return one.name.startswith(words) or _(parameter_zh(one.name)).startswith(words)


def _rank(one: ParameterRecord) -> tuple[bool, bool, bool, str]:
    """What the county entered, then what it owes, then what has a name of its own, then limits of single lines."""
    return not one.entered_by, one.name not in OWED, parameter_zh(one.name) == one.name, one.name
