"""审核: waiting list, the sheet beside last quarter, and the deed: approve or return with reasons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.services.reviewing import DeskToday, Sheet, SheetLine, WaitingRow
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.home.panels import CodeTable
from fieldapp.ui.messages import local_now, moment_words
from fieldapp.ui.parts import Band, button, empty_stack, ground, in_line, on_key
from fieldapp.ui.review.lines import is_odd, sheet_columns, sheet_model, waiting_model
from fieldapp.ui.review.presenter import ReviewPresenter
from fieldapp.ui.screen import Said, Screen
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.widgets.cards import Card, column, hairline, label
from fieldapp.ui.widgets.keys import KeyCap, Keys
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _


class ReviewScreen(Screen):
    """The supervisor's desk. Enter on the list opens a sheet; F9 approves, Shift+F9 returns; no answer can be changed."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setObjectName("review")
        self._place = place
        self._presenter = ReviewPresenter(place, self)
        self._sheet: Sheet | None = None
        self._wanted = ""
        self._after_deed = False
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        look = theme.current()
        left, right = self._build_left(), self._build_right()
        left.setFixedWidth(look.px(296))
        right.setFixedWidth(look.px(290))
        self._left, self._right = left, right
        whole.addWidget(left)
        whole.addWidget(column())
        whole.addWidget(self._build_middle(), 1)
        whole.addWidget(column())
        whole.addWidget(right)
        self._presenter.waiting_read.connect(self._show_waiting)
        self._presenter.today_read.connect(self._show_today)
        self._presenter.sheet_read.connect(self._show_sheet)
        self._presenter.done.connect(self._deed_done)
        self._presenter.failed.connect(lambda sentence: self.said.emit(Said("trouble", sentence)))
        on_key(self, "Ctrl+B", self._go_comment)
        self._show_sheet(None)

    # building

    def _build_left(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._waiting_hint = label("", "hint")
        head = in_line([label(_("待审"), "section"), self._waiting_hint, None])
        head.setFixedHeight(look.px(40))
        head.setContentsMargins(look.px(14), 0, look.px(8), 0)
        lines.addWidget(head)
        self._waiting: RowTable[WaitingRow] = RowTable(
            waiting_model(), "review_waiting", _("待审"), row_height=48, head=False
        )
        lines.addWidget(self._waiting, 1)
        lines.addWidget(hairline())
        self._today = label("", "label")
        self._today.setContentsMargins(look.px(14), look.px(10), look.px(8), look.px(10))
        lines.addWidget(self._today)
        self._waiting.opened.connect(self._open_row)
        self._waiting.entered.connect(self.keys_changed)
        return area

    def _build_middle(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._name, self._where = label("", "title"), label("", "label")
        self._where.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._only = ChoiceButton("review_only", _("只看"), "Ctrl+E")
        self._only.offer([("", _("全部题")), ("important", _("只看要紧的")), ("changed", _("只看这版改的"))])
        self._only.chosen.connect(lambda _value: self._show_lines())
        head = QWidget()
        head.setFixedHeight(look.px(44))
        row = QHBoxLayout(head)
        row.setContentsMargins(look.px(14), 0, look.px(10), 0)
        row.setSpacing(look.px(12))
        row.addWidget(self._name)
        row.addWidget(self._where, 1)
        row.addWidget(self._only)
        lines.addWidget(head)
        self._model = sheet_model()
        self._lines: RowTable[SheetLine] = RowTable(self._model, "review_lines", _("审核单"), row_height=30)
        lines.addWidget(self._lines, 1)
        self._nothing = Card(_("还没有打开审核单"), _("左边选一份，按 Enter 打开。改得多、疑问多的排在前面。"))
        self._nothing.setContentsMargins(look.px(8), 0, look.px(8), 0)
        lines.addWidget(self._nothing)
        lines.addStretch(0)
        lines.addWidget(hairline())
        self._summary = label("", "label", wrap=True)
        self._summary.setContentsMargins(look.px(14), look.px(6), look.px(8), look.px(6))
        lines.addWidget(self._summary)
        self._lines.moved.connect(self._show_talk)
        self._lines.toggled.connect(self._clear_line)
        self._lines.opened.connect(self._go_comment)
        self._lines.entered.connect(self.keys_changed)
        return area

    def _build_right(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack("side")
        self._talk_band = Band(_("这一题的话"))
        lines.addWidget(self._talk_band)
        self._talk = QVBoxLayout()
        self._talk.setSpacing(look.px(6))
        inside = ground("side")
        box = QVBoxLayout(inside)
        box.setContentsMargins(look.px(12), look.px(8), look.px(12), 0)
        box.addLayout(self._talk)
        box.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        lines.addWidget(scroll, 3)
        writing = QVBoxLayout()
        writing.setContentsMargins(look.px(12), look.px(4), look.px(12), look.px(8))
        self._comment = QLineEdit()
        self._comment.setObjectName("review_comment")
        self._comment.setAccessibleName(_("在这题写话"))
        self._comment.setPlaceholderText(_("在这题写话，Ctrl+B"))
        self._comment.returnPressed.connect(self._keep_comment)
        writing.addWidget(self._comment)
        self._cleared = label("", "ok")
        writing.addWidget(in_line([label(_("这题清楚了"), "hint"), KeyCap("Space"), self._cleared, None]))
        lines.addLayout(writing)
        lines.addWidget(Band(_("退回原因"), _("退回时必选，打号码勾")))
        self._reasons = CodeTable((), "review_reasons", _("退回原因"), several=True)
        self._reasons.setMinimumHeight(look.px(120))
        lines.addWidget(self._reasons, 4)
        foot = QVBoxLayout()
        foot.setContentsMargins(look.px(12), look.px(6), look.px(12), look.px(10))
        foot.setSpacing(look.px(6))
        self._words = QLineEdit()
        self._words.setObjectName("review_words")
        self._words.setAccessibleName(_("退回时说的话"))
        self._words.setPlaceholderText(_("退回时说一句，空着就用题上的话"))
        self._words.returnPressed.connect(self.counter_deed)
        self._reasons.opened.connect(self._words.setFocus)
        foot.addWidget(self._words)
        self._blocked = label("", "soft", wrap=True)
        foot.addWidget(self._blocked)
        county = self._place.session.role == "CADM"
        self._approve = button(
            _("验收") if county else _("通过"), "F9", "review_approve", self.main_deed, "primary", shortcut=False
        )
        self._return = button(_("退回"), "Shift+F9", "review_return", self.counter_deed, "danger", shortcut=False)
        row = QHBoxLayout()
        row.setSpacing(look.px(8))
        row.addWidget(self._approve, 1)
        row.addWidget(self._return)
        foot.addLayout(row)
        lines.addLayout(foot)
        return area

    # what is shown

    def fit(self, _narrow: bool) -> None:
        self._show_half(waiting=self._sheet is None)
        if self._sheet is not None:
            self._show_columns(self._sheet)
            self._show_lines()

    def _show_columns(self, sheet: Sheet) -> None:
        self._model.show_columns(sheet_columns(sheet.prev_title, sheet.yoy_title, narrow=self.narrow))

    def _show_half(self, *, waiting: bool) -> None:
        """With large type the waiting list and the words beside the sheet take turns."""
        self._left.setVisible(not self.narrow or waiting)
        self._right.setVisible(not self.narrow or not waiting)

    def heading(self) -> str:
        return _("审核")

    def show_subject(self, subject: str) -> None:
        self._wanted = subject

    def arrive(self) -> None:
        self._presenter.load()
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self._presenter.open_sheet(wanted)
        (self._lines if self._sheet is not None and not wanted else self._waiting).setFocus()

    def look_again(self) -> bool:
        self._presenter.load()
        if self._sheet is not None:
            self._presenter.open_sheet(self._sheet.row.interview)
        return True

    def _show_waiting(self, rows: tuple[WaitingRow, ...]) -> None:
        self._waiting.show_rows(rows, lambda row: row.interview)
        self._waiting_hint.setText(_("{n} 份，疑问多的在前").format(n=len(rows)) if rows else _("都审完了"))

    def _show_today(self, today: DeskToday) -> None:
        self._today.setText(
            _("今天　审了 {n}　退 {r}　通过 {a}").format(n=today.reviewed, r=today.returned, a=today.approved)
        )

    def _show_sheet(self, sheet: Sheet | None) -> None:
        self._show_half(waiting=sheet is None)
        same = sheet is not None and self._sheet is not None and sheet.row.interview == self._sheet.row.interview
        self._sheet = sheet
        for part in (self._lines, self._comment, self._reasons, self._words, self._only, self._approve, self._return):
            part.setEnabled(sheet is not None)
        self._lines.setVisible(sheet is not None)
        self._nothing.setVisible(sheet is None)
        if sheet is None:
            for words in (self._name, self._where, self._summary, self._blocked):
                words.setText("")
            self._reasons.show_rows(())
            self._show_talk()
            return
        row = sheet.row
        self._name.setText(_("{name}户").format(name=row.head_name))
        self._where.setText(
            f"{row.village_name}{row.group}　{row.hh_no}　{_(sheet.hh_type_label)}　"
            + _("第 {n} 版").format(n=row.version)
        )
        self._summary.setText(sheet.summary)
        if not same:
            self._reasons.forget()
            self._reasons.show_rows(tuple((reason.code, _(reason.label)) for reason in sheet.reasons))
            self._words.clear()
            self._comment.clear()
            self._show_columns(sheet)
        self._show_lines()
        reasons = [reason for reason in (sheet.approve_blocked, sheet.return_blocked) if reason]
        self._blocked.setText("\n".join(_(reason) for reason in reasons))
        self._blocked.setVisible(bool(reasons))
        self._approve.setEnabled(not sheet.approve_blocked)
        self._return.setEnabled(not sheet.return_blocked)
        self.window().setWindowTitle(_("入户调查") + " — " + _("审核 {name}户").format(name=row.head_name))
        if not same:
            self._lines.setFocus()
        self.said.emit(
            Said(
                "ok",
                _("都已保存，断电也不会丢"),
                fact=_("退回 {n} 次（最多 3 次）　您只能退回或通过，不能替调查员改数").format(n=sheet.returns),
            )
        )

    def _show_lines(self) -> None:
        if self._sheet is None:
            return
        only = self._only.value
        keep = [
            line
            for line in self._sheet.lines
            if line.kind != "line" or not only or (line.important if only == "important" else bool(line.earlier))
        ]
        shown = [
            line
            for at, line in enumerate(keep)
            if line.kind == "line"
            or (at + 1 < len(keep) and keep[at + 1].kind == "line")
            or (
                at + 2 < len(keep)
                and line.kind == "section"
                and keep[at + 1].kind == "row"
                and keep[at + 2].kind == "line"
            )
        ]
        self._lines.show_rows(shown, lambda line: line.cell or line.label)
        self._show_talk()

    def _show_talk(self) -> None:
        while self._talk.count():
            item = self._talk.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        line = self._lines.current_row() if self._sheet is not None else None
        if self._sheet is None or line is None:
            self._talk_band.show_hint("")
            self._cleared.setText("")
            return
        self._talk_band.show_hint(f"{line.number} {line.label}")
        self._cleared.setText(_("已清楚") if line.cleared else "")
        for comment in self._sheet.comments:
            if comment.cell == line.cell or comment.cell is None:
                who = _("{name}（您）").format(name=comment.who) if comment.mine else comment.who
                self._talk.addWidget(Card(f"{who}　{moment_words(comment.at)}", comment.text))

    # what is done

    def _open_row(self) -> None:
        row = self._waiting.current_row()
        if row is not None:
            self._show_half(waiting=False)
            self._presenter.open_sheet(row.interview)

    def _go_comment(self) -> None:
        if self._sheet is not None and self._lines.current_row() is not None:
            self._comment.setFocus()
            self.keys_changed.emit()

    def _keep_comment(self) -> None:
        line, text = self._lines.current_row(), self._comment.text().strip()
        if self._sheet is not None and line is not None and text:
            self._presenter.comment(self._sheet.row.interview, line.cell, text)
            self._comment.clear()
            self.said.emit(
                Said("ok", _("写好了，钉在 {number}，退回时调查员看得到").format(number=line.number or line.label))
            )
        self._lines.setFocus()

    def _clear_line(self) -> None:
        line = self._lines.current_row()
        if self._sheet is not None and line is not None and line.cell is not None:
            self._presenter.clear(self._sheet.row.interview, line.cell, not line.cleared)

    def main_deed(self) -> bool:
        sheet = self._sheet
        if sheet is None or not self._approve.isEnabled():
            if sheet is not None:
                self.said.emit(Said("ageing", _("还不能通过：{why}").format(why=_(sheet.approve_blocked))))
            return True
        name = sheet.row.head_name
        if self._place.session.role == "CADM":
            self._presenter.accept(sheet.row.interview, _("{name}户 验收了").format(name=name))
        else:
            self._presenter.approve(
                sheet.row.interview, _("{name}户 第 {n} 版通过了").format(name=name, n=sheet.row.version)
            )
        return True

    def counter_deed(self) -> bool:
        sheet = self._sheet
        if sheet is None:
            return True
        if not self._return.isEnabled():
            self.said.emit(Said("ageing", _("还不能退回：{why}").format(why=_(sheet.return_blocked))))
            return True
        if not self._reasons.ticked:
            self._reasons.setFocus()
            self.said.emit(Said("ageing", _("先选退回原因：打号码勾，再按 Shift+F9")))
            return True
        mine = [comment.text for comment in sheet.comments if comment.mine]
        words = self._words.text().strip() or (mine[-1] if mine else "")
        if not words:
            self._words.setFocus()
            self.said.emit(Said("ageing", _("说一句要改什么，或先在题上按 Ctrl+B 写话")))
            return True
        self._presenter.send_back(
            sheet.row.interview,
            self._reasons.ticked,
            words,
            _("{name}户 退回给 {who}").format(name=sheet.row.head_name, who=sheet.row.enumerator_name),
        )
        return True

    def _deed_done(self, sentence: str) -> None:
        self._show_sheet(None)
        self._presenter.load()
        self._waiting.setFocus()
        self.said.emit(Said("ok", sentence + _("，{time} 存好，下次交接带走").format(time=f"{local_now():%H:%M:%S}")))
        self.facts_changed.emit()

    # keys

    def next_oddity(self, step: int) -> bool:
        rows = self._model.rows
        at = self._lines.currentIndex().row()
        order = range(at + step, len(rows)) if step > 0 else range(at - 1, -1, -1)
        found = next((i for i in order if is_odd(rows[i])), None)
        if found is not None:
            self._lines.go_to(found)
            self._lines.setFocus()
        return True

    def turn(self, step: int) -> bool:
        at = self._waiting.currentIndex().row() + step
        if 0 <= at < self._waiting.rows_model().rowCount():
            self._waiting.go_to(at)
            self._open_row()
        return True

    def subject(self) -> str:
        return self._sheet.row.household if self._sheet is not None else ""

    def step_back(self) -> bool:
        if self._comment.hasFocus() or self._reasons.hasFocus() or self._words.hasFocus():
            self._lines.setFocus()
            return True
        if self._lines.hasFocus() or self._only.hasFocus():
            self._show_half(waiting=True)
            self._waiting.setFocus()
            return True
        return False

    def panes(self) -> Sequence[QWidget]:
        return (self._waiting, self._lines, self._comment, self._reasons, self._words)

    def strip(self) -> Sequence[Keys]:
        if self._waiting.hasFocus() or self._sheet is None:
            return (
                (("↑", "↓"), _("选一份")),
                (("Enter",), _("打开审核单")),
                (("F6",), _("换栏")),
                (("F5",), _("再看一遍")),
                (("Esc",), _("返回")),
            )
        return (
            (("↑", "↓"), _("看题")),
            (("Ctrl+B",), _("在这题写话")),
            (("Space",), _("这题清楚了")),
            (("F7",), _("下一处疑问")),
            (("Ctrl+PgDn",), _("下一户")),
            (("F9",), _("通过")),
            (("Shift+F9",), _("退回")),
            (("Ctrl+E",), _("只看要紧的")),
            (("F6",), _("换栏")),
        )
