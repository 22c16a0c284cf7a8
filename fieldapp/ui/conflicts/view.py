"""冲突: two values of one cell side by side, what both saw before, and a decision with its grounds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from fieldapp.services.deciding import ConflictCase, ConflictRow
from fieldapp.ui import theme
from fieldapp.ui.conflicts.head_card import HeadButton
from fieldapp.ui.conflicts.presenter import ConflictsPresenter
from fieldapp.ui.messages import local_now, moment_words
from fieldapp.ui.parts import Band, Facts, button, empty_stack, ground, in_line
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import Card, column, label
from fieldapp.ui.widgets.keys import ActionButton, Keys
from fieldapp.ui.widgets.marks import Badge
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _


class ConflictsScreen(Screen):
    """The desk. Alt+1/2 choose a value, the grounds are typed, Enter decides; nobody's value is ever deleted."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("conflicts")
        self._place = place
        self._presenter = ConflictsPresenter(place, self)
        self._case: ConflictCase | None = None
        self._heads: list[HeadButton] = []
        self._extra: list[QWidget] = []
        self._mode = "take"  # take, other, ask
        self._asked = 0
        look = theme.current()
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        left, right = self._build_left(), self._build_right()
        left.setFixedWidth(look.px(348))
        right.setFixedWidth(look.px(258))
        self._right = right
        whole.addWidget(left)
        whole.addWidget(column())
        whole.addWidget(self._build_middle(), 1)
        whole.addWidget(column())
        whole.addWidget(right)
        self._presenter.rows_read.connect(self._show_rows)
        self._presenter.case_read.connect(self._show_case)
        self._presenter.settled.connect(self._settled)
        self._presenter.asked.connect(self._question_sent)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))
        self._show_case(None)

    # building

    def _build_left(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._hint = label("", "hint")
        head = in_line([label(_("冲突"), "section"), self._hint, None])
        head.setFixedHeight(look.px(40))
        head.setContentsMargins(look.px(14), 0, look.px(8), 0)
        lines.addWidget(head)
        self._list: RowTable[ConflictRow] = RowTable(
            RowsModel(
                [
                    Column("", _what),
                    Column(
                        "",
                        lambda row: Shown(_(row.state), tone="conflict" if row.may_decide else "plain"),
                        84,
                        right=True,
                    ),
                ]
            ),
            "conflict_list",
            _("冲突"),
            row_height=52,
            head=False,
        )
        lines.addWidget(self._list, 1)
        words = label(_("没定之前：两个数都留着，访户照常进行，但不能通过，也不进汇总。"), "hint", wrap=True)
        words.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(10))
        lines.addWidget(words)
        self._list.moved.connect(self._open_row)
        self._list.opened.connect(lambda: self._reason.setFocus())
        self._list.entered.connect(self.keys_changed)
        return area

    def _build_middle(self) -> QWidget:
        look = theme.current()
        area = ground()
        lines = QVBoxLayout(area)
        lines.setContentsMargins(look.px(18), look.px(10), look.px(18), look.px(12))
        lines.setSpacing(look.px(10))
        self._badge = Badge("clash", _("冲突"))
        self._title, self._count = label("", "title"), label("", "label")
        lines.addWidget(in_line([self._badge, self._title, None, self._count]))
        self._base = Card("", "")
        lines.addWidget(self._base)
        self._cards = QGridLayout()
        self._cards.setSpacing(look.px(12))
        inside = ground()
        inside.setLayout(self._cards)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        lines.addWidget(self._scroll, 1)
        self._ways = QHBoxLayout()
        self._ways.setSpacing(look.px(10))
        lines.addLayout(self._ways)
        self._chosen = Card("", "")
        lines.addWidget(self._chosen)
        self._value_label = label(_("另填"), "strong")
        self._value = QLineEdit()
        self._value.setObjectName("conflict_value")
        self._value.setAccessibleName(_("另填的数"))
        self._reason_label = label(_("依据"), "strong")
        self._reason = QLineEdit()
        self._reason.setObjectName("conflict_reason")
        self._reason.setAccessibleName(_("依据"))
        self._decide = button(_("定了"), "Enter", "conflict_decide", self.decide, "primary", shortcut=False)
        row = QHBoxLayout()
        row.setSpacing(look.px(8))
        row.addWidget(self._value_label)
        row.addWidget(self._value, 1)
        row.addWidget(self._reason_label)
        row.addWidget(self._reason, 3)
        row.addWidget(self._decide)
        self._deciding = QWidget()
        row.setContentsMargins(0, 0, 0, 0)
        self._deciding.setLayout(row)
        lines.addWidget(self._deciding)
        self._reason.returnPressed.connect(self.decide)
        self._value.returnPressed.connect(lambda: self._reason.setFocus())
        return area

    def _build_right(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack("side")
        self._earlier, self._neighbours, self._history = Facts(84), Facts(124), Facts(104)
        self._earlier_band = Band(_("往期"))
        self._neighbour_band = Band(_("挨着的答案"))
        for band, facts in (
            (self._earlier_band, self._earlier),
            (self._neighbour_band, self._neighbours),
            (Band(_("这一格的经过")), self._history),
        ):
            facts.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(10))
            lines.addWidget(band)
            lines.addWidget(facts)
        lines.addStretch(1)
        return area

    # what is shown

    def fit(self, narrow: bool) -> None:
        for part in (self._right, self._base.sentence, self._chosen.sentence):
            part.setVisible(not narrow)

    def heading(self) -> str:
        return _("冲突")

    def arrive(self) -> None:
        self._presenter.load()
        self._list.setFocus()

    def look_again(self) -> bool:
        self._presenter.load()
        return True

    def _show_rows(self, rows: tuple[ConflictRow, ...]) -> None:
        self._list.show_rows(rows, lambda row: (row.root, row.row, row.field))
        self._hint.setText(_("{n} 件，新的在上").format(n=len(rows)) if rows else _("没有冲突"))
        if not rows:
            self._show_case(None)

    def _open_row(self) -> None:
        row = self._list.current_row()
        if row is not None and (self._case is None or self._case.row != row):
            self._presenter.open_case(row)

    def _show_case(self, case: ConflictCase | None) -> None:
        self._case = case
        for part in (*self._heads, *self._extra):
            part.hide()
            part.deleteLater()
        self._heads, self._extra = [], []
        self._mode = "take"
        self._value.clear()
        self._reason.clear()
        for widget in (self._badge, self._scroll, self._deciding, self._chosen):
            widget.setVisible(case is not None)
        if case is None:
            self._title.setText("")
            self._count.setText("")
            self._base.show_words(_("没有要定的"), _("两个人改了同一格、谁也没看见谁的，会排在这里等您定。"))
            for facts in (self._earlier, self._neighbours, self._history):
                facts.show_facts([])
            return
        row = case.row
        rows = self._list.rows_model().rows
        at = next(
            (
                i
                for i, other in enumerate(rows)
                if (other.root, other.row, other.field) == (row.root, row.row, row.field)
            ),
            0,
        )
        self._title.setText(
            "　".join(part for part in (_("{name}户").format(name=row.head_name), row.number, row.label) if part)
        )
        self._count.setText(_("第 {n} 件，共 {all} 件").format(n=at + 1, all=len(rows)))
        self._base.show_words(
            _("原来的数（两人动手前看到的）　{value}").format(value=case.base_label or _("空")), case.base_words
        )
        for number, head in enumerate(case.heads):
            key = f"Alt+{number + 1}" if number < 2 else f"Alt+{number + 4}"
            card = HeadButton(head, key)
            card.setEnabled(row.may_decide)
            card.clicked.connect(self._choose)
            self._cards.addWidget(card, number // 2, number % 2)
            self._heads.append(card)
        if case.other_allowed and row.may_decide:
            self._add_way(_("都不对，另填"), "Alt+3", "conflict_other", self._go_other)
        for number, head in enumerate(case.heads[:2]):
            self._add_way(
                _("问{who}").format(who=head.who),
                f"Alt+{number + 4}",
                f"conflict_ask_{number + 1}",
                lambda index=head.index: self._go_ask(index),
            )
        self._deciding.setVisible(True)
        self._earlier.show_facts([(name, value, "") for name, value in case.earlier])
        self._earlier_band.show_hint(row.label)
        self._neighbours.show_facts([(name, value, "") for name, value in case.neighbours])
        self._history.show_facts([(moment_words(moment), words, "") for moment, words in case.history])
        self._show_mode()
        self.window().setWindowTitle(_("入户调查") + " — " + _("冲突"))

    def _add_way(self, words: str, key: str, name: str, act: object) -> None:
        way: ActionButton = button(words, key, name, act if callable(act) else lambda: None)
        self._ways.addWidget(way, 1)
        self._extra.append(way)

    def _choose(self) -> None:
        for other in self._heads:
            other.update()
        self._mode = "take"
        self._show_mode()
        self._reason.setFocus()

    def _go_other(self) -> None:
        self._mode = "other"
        self._show_mode()
        self._value.setFocus()

    def _go_ask(self, index: int) -> None:
        self._mode, self._asked = "ask", index
        self._show_mode()
        self._reason.setFocus()

    def _show_mode(self) -> None:
        if self._case is None:
            return
        other = self._mode == "other"
        self._value_label.setVisible(other)
        self._value.setVisible(other)
        asking = self._mode == "ask"
        who = next((head.who for head in self._case.heads if head.index == self._asked), "")
        words = _("问他") if asking else _("依据")
        self._reason_label.setText(words)
        self._reason.setAccessibleName(words)
        self._reason.setPlaceholderText(
            _("写给{who}的一句话").format(who=who) if asking else _("如 民政所 7 月发放表第 14 行")
        )
        self._decide.setText(_("发出去") if asking else _("定了"))
        self._decide.setAccessibleName(self._decide.text())
        self._decide.setEnabled(asking or self._case.row.may_decide)
        chosen = next((card.head for card in self._heads if card.isChecked()), None)
        if asking:
            self._chosen.show_words(_("发一条话给{who}，等他回").format(who=who), "")
        elif other:
            self._chosen.show_words(_("都不对，另填一个数，写明依据"), _("谁的数都不会删"))
        elif chosen is not None:
            self._chosen.show_words(
                _("您选了 {n}：{value}（{who}填的）").format(
                    n=chosen.index + 1, value=chosen.value_label, who=chosen.who
                ),
                _("谁的数都不会删，经过都留着"),
            )
        elif self._case.row.may_decide:
            self._chosen.show_words(
                _("还没选。按 Alt+1 或 Alt+2 采用一个，写上依据，按 Enter"), _("谁的数都不会删，经过都留着")
            )
        else:
            self._chosen.show_words(_("这一格不归您定"), _("可以按 Alt+4、Alt+5 问填的人"))
        self.keys_changed.emit()

    # what is done

    def decide(self) -> None:
        """Enter: decides, or sends the question."""
        case, text = self._case, self._reason.text().strip()
        if case is None:
            return
        if not text:
            self.said.emit(
                Said("ageing", _("写一句依据再定：看了什么、问了谁") if self._mode != "ask" else _("先写一句话"))
            )
            self._reason.setFocus()
            return
        if self._mode == "ask":
            self._presenter.ask_author(case.row, self._asked, text)
        elif self._mode == "other":
            value = self._value.text().strip()
            if not value:
                self._value.setFocus()
                return
            self._presenter.other_value(case.row, value, text)
        else:
            chosen = next((card.head for card in self._heads if card.isChecked()), None)
            if chosen is None:
                self.said.emit(Said("ageing", _("先选一个：Alt+1 或 Alt+2")))
                return
            self._presenter.take(case.row, chosen.index, text)

    def _settled(self) -> None:
        self._case = None
        self._presenter.load()
        self._list.setFocus()
        self.said.emit(
            Said("ok", _("定了，{time} 存好；两个数都留着，下次交接带走").format(time=f"{local_now():%H:%M:%S}"))
        )
        self.facts_changed.emit()

    def _question_sent(self) -> None:
        self._reason.clear()
        self._mode = "take"
        self._show_mode()
        self._presenter.load()
        self.said.emit(Said("ok", _("话写好了，下次交接带给他")))
        self.facts_changed.emit()

    # keys

    def turn(self, step: int) -> bool:
        at = self._list.currentIndex().row() + step
        if 0 <= at < self._list.rows_model().rowCount():
            self._list.go_to(at)
        return True

    def subject(self) -> str:
        return self._case.row.household if self._case is not None else ""

    def open_number(self) -> bool:
        if self._case is not None:
            self._place.go("households", self._case.row.household)
        return True

    def step_back(self) -> bool:
        if self._mode != "take":
            self._mode = "take"
            self._show_mode()
            return True
        if not self._list.hasFocus():
            self._list.setFocus()
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        return (self._list, *self._heads, self._reason)

    def strip(self) -> Sequence[Keys]:
        return (
            (("Alt+1", "Alt+2"), _("采用哪个")),
            *(((("Alt+3",), _("另填")),) if self._case is not None and self._case.other_allowed else ()),
            (("Alt+4", "Alt+5"), _("发话问人")),
            (("Enter",), _("定了，看下一件")),
            (("Ctrl+PgUp", "Ctrl+PgDn"), _("上一件、下一件")),
            (("Ctrl+O",), _("看整户")),
            (("Esc",), _("返回")),
        )


def _what(row: ConflictRow) -> Shown:
    place = "　".join(part for part in (row.place, row.number, moment_words(row.found_at)) if part)
    return Shown(f"{row.head_name}　{row.label}", second=place, bold=row.may_decide)
