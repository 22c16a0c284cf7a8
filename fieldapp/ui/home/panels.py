"""登记到访 and 改约: two small sheets that stand where the slip was; nothing modal."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout

from fieldapp.services.interviewing import VisitOutcome
from fieldapp.ui import theme
from fieldapp.ui.choosing import ChoiceButton
from fieldapp.ui.interview.moments import MomentUnclear, date_echo, understand_date, understand_time
from fieldapp.ui.messages import CHINA
from fieldapp.ui.parts import button, in_line
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import label
from fieldapp.words import _
from forms.monitoring.visits import Company

Code = tuple[str, str]


def outcomes() -> tuple[Code, ...]:
    """Results of a visit without an interview (codelists 14.1: temporary, then final without completion)."""
    return (
        ("210", _("家中无人")),
        ("211", _("知情人不在，改约")),
        ("212", _("全家短期外出，本期内会回")),
        ("213", _("天气、道路不通")),
        ("214", _("生病、红白事不便")),
        ("216", _("电话未接通")),
        ("310", _("拒访（本期）")),
        ("311", _("中途拒访")),
        ("312", _("要求退出调查")),
        ("320", _("举家外出半年以上")),
        ("321", _("举家外出，下季可回")),
        ("330", _("三次以上到访均无人")),
        ("340", _("无合适受访人")),
        ("350", _("语言、沟通障碍且无翻译")),
        ("410", _("整户死亡、销户")),
        ("420", _("整户迁出本县")),
        ("430", _("分户，原户不再存在")),
        ("440", _("并入他户")),
        ("450", _("查无此户、地址错误")),
        ("460", _("空房、非住宅")),
        ("470", _("已不属农村住户范围")),
    )


def ways() -> tuple[Code, ...]:
    """访问方式 of such a visit (codelists visit_mode)."""
    return (
        ("1", _("入户面访")),
        ("2", _("约到村委会面访")),
        ("3", _("电话访问")),
        ("4", _("视频访问")),
    )


def refuse_reasons() -> tuple[Code, ...]:
    """拒访原因 (codelists refuse_reason)."""
    return (
        ("1", _("没时间")),
        ("2", _("怕影响低保等待遇")),
        ("3", _("不愿说收入")),
        ("4", _("不信任、怕诈骗")),
        ("5", _("认为没用")),
        ("6", _("对村里有意见")),
        ("7", _("访问太频繁")),
        ("9", _("其他")),
    )


class CodeTable(RowTable[Code]):
    """A choice list: typing a code goes to it, and ticks it where several may be taken."""

    def __init__(self, codes: tuple[Code, ...], name: str, accessible: str, *, several: bool = False) -> None:
        self._ticked: set[str] = set()
        self._several = several
        self._typed = ""
        model: RowsModel[Code] = RowsModel(
            [
                Column(
                    "",
                    lambda code: Shown(code[0], tone="quiet", box=(code[0] in self._ticked) if several else None),
                    76 if several else 52,
                ),
                Column("", lambda code: code[1]),
            ]
        )
        super().__init__(model, name, accessible, row_height=24, head=False, cursor_with_focus=several)
        self.show_rows(codes)
        self.typed.connect(self._type)
        if several:
            self.toggled.connect(lambda: self._tick(self.current_row()))

    def _type(self, letter: str) -> None:
        codes = [code for code, _words in self.rows_model().rows]
        self._typed = self._typed + letter if any(c.startswith(self._typed + letter) for c in codes) else letter
        at = next((i for i, code in enumerate(codes) if code.startswith(self._typed)), None)
        if at is None:
            self._typed = ""
            return
        self.go_to(at)
        if codes[at] == self._typed:
            self._typed = ""
            if self._several:
                self._tick(self.current_row())

    def _tick(self, row: Code | None) -> None:
        if row is not None:
            self._ticked ^= {row[0]}
            self.viewport().update()

    def forget(self) -> None:
        """Unticks everything."""
        self._ticked.clear()
        self._typed = ""
        self.viewport().update()

    @property
    def ticked(self) -> tuple[str, ...]:
        return tuple(sorted(self._ticked))


class _Panel(QFrame):
    """A sheet with a title, its keys, and a sentence for what cannot be taken.

    Signals:
        done: keep it. given_up: Esc.
    """

    done = Signal(object)
    given_up = Signal()

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        look = theme.current()
        self.setObjectName(name)
        self.setProperty("kind", "card")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(look.px(14), look.px(8), look.px(14), look.px(8))
        self._lines.setSpacing(look.px(6))
        self._lines.addWidget(label(title, "section"))
        self._sentence = label("", "hard", wrap=True)

    def _foot(self, words: str) -> None:
        keep = button(words, "F9", f"{self.objectName()}_keep", self.keep, "primary", shortcut=False)
        back = button(_("算了"), "Esc", f"{self.objectName()}_back", self.given_up.emit, shortcut=False)
        self._lines.addWidget(in_line([keep, back, self._sentence, None]))

    def keep(self) -> None:
        """F9."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


def _field(name: str, accessible: str, hint: str, *, words: bool = False, width: int = 0) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(accessible)
    field.setPlaceholderText(hint)
    field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, words)
    if width:
        field.setFixedWidth(theme.current().px(width))
    return field


class VisitPanel(_Panel):
    """A visit without an interview: result, reasons of a refusal, next visit, a word. Under 30 seconds."""

    def __init__(self, head_name: str, today: date, now: datetime) -> None:
        super().__init__("visit_panel", _("{name}户　登记到访").format(name=head_name))
        self._today, self._now = today, now
        look = theme.current()
        self.outcome = CodeTable(outcomes(), "visit_outcome", _("访问结果"))
        self.reasons = CodeTable(refuse_reasons(), "visit_reasons", _("拒访原因"), several=True)
        self.mode = ChoiceButton("visit_mode", _("访问方式"), "Alt+M")
        self.mode.offer(ways())
        self.company = ChoiceButton("visit_company", _("谁陪同"), "Alt+P")
        self.company.offer([(str(one), _(one.zh)) for one in Company])
        self.next_day = _field("visit_next_day", _("下次哪天去"), _("如 9.26，没约就空着"), width=190)
        self.remark = _field("visit_remark", _("备注"), _("如 邻居说下午 5 点收工"), words=True)
        self._reasons_title = label(_("拒访原因　打号码勾"), "hint")
        body = QHBoxLayout()
        body.setSpacing(look.px(16))
        left, middle, right = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        left.addWidget(label(_("结果　打三位号码，或 ↑ ↓ 选"), "hint"))
        left.addWidget(self.outcome, 1)
        middle.addWidget(self._reasons_title)
        middle.addWidget(self.reasons, 1)
        right.addWidget(self.mode)
        right.addWidget(self.company)
        right.addWidget(label(_("下次哪天去"), "hint"))
        right.addWidget(self.next_day)
        right.addWidget(label(_("备注"), "hint"))
        right.addWidget(self.remark)
        right.addStretch(1)
        body.addLayout(left, 5)
        body.addLayout(middle, 4)
        body.addLayout(right, 4)
        self._advice = label("", "soft", wrap=True)
        self._advice.hide()
        self._lines.addWidget(self._advice)
        self._lines.addLayout(body, 1)
        self._foot(_("记下"))
        self.outcome.moved.connect(self._show_reasons)
        self.outcome.opened.connect(lambda: (self.reasons if self._refused() else self.next_day).setFocus())
        self.reasons.opened.connect(lambda: self.next_day.setFocus())
        self.next_day.returnPressed.connect(lambda: self.remark.setFocus())
        self.remark.returnPressed.connect(self.keep)
        self._show_reasons()
        self.setFocusProxy(self.outcome)

    def show_advice(self, words: str) -> None:
        """How many visits there were, and what the next one should be."""
        self._advice.setText(words)
        self._advice.setVisible(bool(words))

    def _refused(self) -> bool:
        row = self.outcome.current_row()
        return row is not None and row[0] in ("310", "311", "312")

    def _show_reasons(self) -> None:
        self.reasons.setVisible(self._refused())
        self._reasons_title.setVisible(self._refused())
        row = self.outcome.current_row()
        if row is not None and row[0] == "216":
            self.mode.select("3")

    def keep(self) -> None:
        row = self.outcome.current_row()
        if row is None:
            return
        if self._refused() and not self.reasons.ticked:
            self._sentence.setText(_("拒访要选原因，打号码勾一个"))
            self.reasons.setFocus()
            return
        try:
            text = understand_date(self.next_day.text(), self._today)
        except MomentUnclear as unclear:
            self._sentence.setText(unclear.sentence)
            self.next_day.setFocus()
            return
        self.done.emit(
            VisitOutcome(
                outcome=row[0],
                visited_at=self._now,
                refuse_reasons=self.reasons.ticked if self._refused() else (),
                next_visit_on=date.fromisoformat(text) if text else None,
                remark=self.remark.text().strip(),
                mode=self.mode.value,
                company=self.company.value,
            )
        )


class ReplacePanel(_Panel):
    """申请替换: what proves it, and a word. The reason is the final result of this period's visits; nobody names who comes."""

    def __init__(self, head_name: str) -> None:
        super().__init__("replace_panel", _("{name}户　申请替换").format(name=head_name))
        self.evidence = _field("replace_evidence", _("佐证"), _("如 村委证明 2026-18 号"), words=True)
        self.words = _field("replace_words", _("说明"), _("如 全家搬去外省，房子已卖"), words=True)
        hint = label(_("原因就是本期访问的最终结果；由谁接替县里按备用顺序定，不能自选。"), "hint", wrap=True)
        self._lines.addWidget(hint)
        self._lines.addWidget(in_line([label(_("佐证"), "hint"), self.evidence]))
        self._lines.addWidget(in_line([label(_("说明"), "hint"), self.words]))
        self._lines.addStretch(1)
        self._foot(_("提出申请"))
        self.evidence.returnPressed.connect(lambda: self.words.setFocus())
        self.words.returnPressed.connect(self.keep)
        self.setFocusProxy(self.evidence)

    def keep(self) -> None:
        evidence = self.evidence.text().strip()
        if len(evidence) < 4:
            self._sentence.setText(_("要写明佐证（不少于 4 个字）"))
            self.evidence.setFocus()
            return
        self.done.emit((evidence, self.words.text().strip()))


class AppointmentPanel(_Panel):
    """约时间: day, hour and a word about it."""

    def __init__(self, head_name: str, today: date) -> None:
        super().__init__("appointment_panel", _("{name}户　约时间").format(name=head_name))
        self._today = today
        self.day = _field("appointment_day", _("哪天"), _("如 9.26"), width=190)
        self.time = _field("appointment_time", _("几点"), _("如 9:30"), width=120)
        self.remark = _field("appointment_remark", _("备注"), _("如 要带一卡通存折"), words=True)
        self._echo = label("", "echo")
        self._lines.addWidget(
            in_line([label(_("哪天"), "hint"), self.day, label(_("几点"), "hint"), self.time, self._echo, None])
        )
        self._lines.addWidget(in_line([label(_("备注"), "hint"), self.remark]))
        self._lines.addStretch(1)
        self._foot(_("约好"))
        self.day.textChanged.connect(self._show_echo)
        self.day.returnPressed.connect(lambda: self.time.setFocus())
        self.time.returnPressed.connect(lambda: self.remark.setFocus())
        self.remark.returnPressed.connect(self.keep)
        self.setFocusProxy(self.day)

    def _show_echo(self) -> None:
        try:
            self._echo.setText(date_echo(understand_date(self.day.text(), self._today)))
        except MomentUnclear:
            self._echo.setText("")

    def keep(self) -> None:
        try:
            day, clock = understand_date(self.day.text(), self._today), understand_time(self.time.text())
        except MomentUnclear as unclear:
            self._sentence.setText(unclear.sentence)
            return
        if not day:
            self._sentence.setText(_("先打哪天，如 9.26"))
            self.day.setFocus()
            return
        moment = datetime.fromisoformat(f"{day}T{clock or '09:00'}").replace(tzinfo=CHINA)
        self.done.emit((moment, self.remark.text().strip()))
