"""The page of one household: members with those who left, questionnaires, who changed what, papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from fieldapp.services.finding import HistoryLine, HouseholdPage, InterviewLine, MemberLine, PrintLine
from fieldapp.ui import theme
from fieldapp.ui.messages import day_words, local, moment_words
from fieldapp.ui.parts import Band, Facts, button, empty_stack, in_line, on_key
from fieldapp.ui.places import places_of
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, RowsModel, Shown
from fieldapp.ui.widgets.cards import column, hairline, label
from fieldapp.ui.widgets.compare import SmallBars
from fieldapp.ui.widgets.marks import Badge
from fieldapp.words import _


class HouseholdPageView(QWidget):
    """Shows a :class:`HouseholdPage`.

    Signals:
        interview_wanted: root id of the assignment or "", root id of the interview or "".
        print_wanted: the household's papers.
        register_wanted: what happened to its people.
    """

    interview_wanted = Signal(str, str)
    print_wanted = Signal()
    register_wanted = Signal()

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fills_in, self._may_read = role == "ENUM", role in ("ENUM", "TSUP", "CADM")
        self._prints = "print" in places_of(role)
        self.page: HouseholdPage | None = None
        look = theme.current()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(look.px(49))
        line = QHBoxLayout(head)
        line.setContentsMargins(look.px(16), 0, look.px(16), 0)
        line.setSpacing(look.px(12))
        self._name, self._where = label("", "title"), label("", "label")
        self._type, self._state = Badge("plain", "", solid=False), Badge("accent", "", solid=False)
        self._clash = Badge("clash", "")
        self._code = label("", "strong")
        for part in (self._name, self._where, self._type, self._state, self._clash):
            line.addWidget(part)
        line.addStretch(1)
        line.addWidget(label(_("短码"), "hint"))
        line.addWidget(self._code)
        whole.addWidget(head)
        whole.addWidget(hairline())
        columns = QHBoxLayout()
        columns.setSpacing(0)
        self._left = self._build_left()
        columns.addWidget(self._left, 47)
        columns.addWidget(column())
        columns.addWidget(self._build_middle(), 54)
        columns.addWidget(column())
        right = self._build_right()
        right.setFixedWidth(look.px(330))
        self._right = right
        columns.addWidget(right)
        whole.addLayout(columns, 1)
        tables: tuple[RowTable[Any], ...] = (self.members, self.interviews, self.prints, self.history)
        for number, table in enumerate(tables, 1):
            on_key(self, f"Alt+{number}", table.setFocus)
        self.papers.setVisible(self._prints)
        self.interviews.opened.connect(self._open_line)
        self.members.opened.connect(self.open_current)
        self.history.opened.connect(self.open_current)
        self.prints.opened.connect(self.print_wanted)

    def _build_left(self) -> QWidget:
        area, lines = empty_stack()
        self._members_band = Band(_("成员"), "", "Alt+1", _("名册"))
        self.members: RowTable[MemberLine] = RowTable(
            RowsModel(
                [
                    Column(_("号"), lambda m: _member(m, m.mem_no or "—"), 40),
                    Column(_("姓名"), lambda m: _member(m, m.name), 76),
                    Column(_("关系"), lambda m: _member(m, m.relation), 60),
                    Column(_("年龄"), lambda m: _member(m, f"{m.sex} {m.age}" if m.age is not None else m.sex), 62),
                    Column(_("现在"), lambda m: _member(m, _(m.now)), 54),
                    Column(_("近况"), lambda m: Shown(m.remark, tone="quiet")),
                ]
            ),
            "household_members",
            _("成员"),
            row_height=29,
            cursor_with_focus=True,
        )
        self.history: RowTable[HistoryLine] = RowTable(
            RowsModel(
                [
                    Column("", lambda h: Shown(moment_words(h.at), tone="quiet"), 112),
                    Column("", lambda h: h.who, 86),
                    Column("", lambda h: Shown(h.what, tone=h.tone)),
                ]
            ),
            "household_history",
            _("来龙去脉"),
            row_height=28,
            head=False,
            cursor_with_focus=True,
        )
        lines.addWidget(self._members_band)
        lines.addWidget(self.members, 5)
        lines.addWidget(Band(_("来龙去脉"), _("谁改了什么"), "Alt+4"))
        lines.addWidget(self.history, 4)
        return area

    def _build_middle(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._interviews_model: RowsModel[InterviewLine] = RowsModel(_interview_columns(money=True))
        self.interviews: RowTable[InterviewLine] = RowTable(
            self._interviews_model, "household_interviews", _("历次问卷"), row_height=29, cursor_with_focus=True
        )
        lines.addWidget(Band(_("历次问卷"), _("Enter 打开；验收过的只能看"), "Alt+2", _("选")))
        lines.addWidget(self.interviews, 1)
        self._trend_band = Band(_("近几季人均纯收入"), _("元"))
        self._trend = SmallBars()
        self._trend.setFixedHeight(look.px(150))
        self._trend_box = QWidget()
        box = QHBoxLayout(self._trend_box)
        box.setContentsMargins(look.px(14), look.px(10), look.px(14), look.px(8))
        box.addWidget(self._trend)
        lines.addWidget(self._trend_band)
        lines.addWidget(self._trend_box)
        self._visits_band = Band(_("近三次到访"))
        self._visits = Facts(124)
        self._visits.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(8))
        lines.addWidget(self._visits_band)
        lines.addWidget(self._visits)
        return area

    def _build_right(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack("side")
        self._facts = Facts(60)
        self._facts.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(8))
        self.prints: RowTable[PrintLine] = RowTable(
            RowsModel([Column("", lambda p: _(p.title), 140), Column("", _printed)]),
            "household_prints",
            _("档案"),
            row_height=44,
            head=False,
            cursor_with_focus=True,
        )
        lines.addWidget(Band(_("住处和联系")))
        lines.addWidget(self._facts)
        lines.addWidget(Band(_("档案"), "", "Alt+3"))
        lines.addWidget(self.prints, 1)
        lines.addWidget(hairline())
        self.resume = button(_("接着填"), "Enter", "household_open", self.open_current, "primary", shortcut=False)
        self.resume.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.papers = button(_("打印"), "Ctrl+P", "household_print", self.print_wanted.emit, shortcut=False)
        foot = QVBoxLayout()
        foot.setContentsMargins(look.px(12), look.px(10), look.px(12), look.px(10))
        foot.setSpacing(look.px(8))
        self._resume_words = label("", "hint", wrap=True)
        foot.addWidget(self._resume_words)
        foot.addWidget(self.resume)
        self.changes = button(_("名册变动"), "F2", "household_register", self.register_wanted.emit)
        foot.addWidget(in_line([self.papers, self.changes, None]))
        lines.addLayout(foot)
        return area

    # what is shown

    def show_page(self, page: HouseholdPage) -> None:
        """Shows a household; columns of money are absent where the service gave none."""
        self.page = page
        row = page.card.household
        self._name.setText(_("{name}户").format(name=row.head_name))
        self._where.setText(
            _("{place}　{no} 号　户编码 {id}").format(
                place=page.card.address or row.village_name + row.group, no=row.hh_no, id=_spaced(row.hh_id)
            )
        )
        self._type.show_badge("plain", _(row.hh_type_label), solid=False)
        self._state.show_badge("accent", _("本季 {state}").format(state=_(row.status_label)), solid=False)
        self._clash.show_badge("clash", _("冲突 {n}").format(n=row.conflicts))
        self._type.setVisible(bool(row.hh_type_label))
        self._state.setVisible(row.status >= 20)
        self._clash.setVisible(row.conflicts > 0)
        self._code.setText(page.short_code)
        self._members_band.show_hint(_("登记 {n} 人　常住 {r}").format(n=page.registered_n, r=page.resident_n))
        self.members.show_rows(page.members)
        self.history.show_rows(page.history)
        money = any(line.income_yuan is not None or line.consumption_yuan is not None for line in page.interviews)
        self._interviews_model.show_columns(_interview_columns(money=money))
        self.interviews.show_rows(page.interviews)
        self.prints.show_rows(page.prints)
        figures = [(figure.label, figure.yuan) for figure in page.card.incomes]
        for part in (self._trend_band, self._trend_box):
            part.setVisible(bool(figures))
        self._trend.show_bars(figures)
        self._visits.show_facts([(moment_words(v.visited_at), f"{v.mode}　{v.result}", "") for v in page.card.visits])
        self._visits_band.setVisible(bool(page.card.visits))
        self._facts.show_facts(
            [
                (_("住址"), page.card.address, ""),
                (_("电话"), "\n".join(page.card.phones), ""),
                (_("好时候"), page.card.good_time, ""),
                (_("调查员"), row.enumerator_name, ""),
            ]
        )
        words = _("开始填") if row.status <= 20 else _("接着填") if row.status in (30, 40, 60) else _("看这份卷")
        if self._fills_in:
            can_open = bool(row.assignment or row.interview) and row.status >= 20
        else:
            can_open, words = self._may_read and bool(row.interview), _("看这份卷")
        self.resume.setText(words)
        self.resume.setAccessibleName(words)
        self.resume.setVisible(can_open)
        self._resume_words.setText(page.card.resume_sentence if self._fills_in and can_open else "")
        self._resume_words.setVisible(bool(self._resume_words.text()))

    def open_current(self) -> None:
        """Enter: the questionnaire of this period."""
        if self.page is not None and not self.resume.isHidden():
            row = self.page.card.household
            self.interview_wanted.emit(row.assignment if self._fills_in else "", row.interview)

    def _open_line(self) -> None:
        line = self.interviews.current_row()
        if self.page is None or line is None or not self._may_read:
            return
        row = self.page.card.household
        if line.interview and line.interview != row.interview:
            self.interview_wanted.emit("", line.interview)
        else:
            self.open_current()

    def fit(self, narrow: bool) -> None:
        """With large type members and questionnaires stay, papers and addresses give way."""
        self._right.setVisible(not narrow)
        self._where.setVisible(not narrow)

    def panes(self) -> Sequence[QWidget]:
        return (self.members, self.history, self.interviews, self.prints)


def _member(line: MemberLine, words: str) -> Shown:
    return Shown(words, tone="quiet" if line.gone else "")


def _interview_columns(*, money: bool) -> list[Column[InterviewLine]]:
    columns: list[Column[InterviewLine]] = [
        Column(_("问卷"), lambda line: Shown(line.period_title, bold=line.status == 30), 84),
        Column(_("状态"), _state, 104),
        Column(_("调查员"), lambda line: Shown(line.enumerator_name, tone="plain"), 70),
        Column(_("分钟"), lambda line: str(line.duration_min) if line.duration_min is not None else "", 52, right=True),
    ]
    if money:
        columns += [
            Column(_("人均收入"), lambda line: _yuan(line.income_yuan), 76, right=True),
            Column(_("人均消费"), lambda line: _yuan(line.consumption_yuan), 76, right=True),
        ]
    return [*columns, Column("", lambda line: Shown(line.remark, tone="quiet"))]


def _state(line: InterviewLine) -> Shown:
    tone = (
        "hard"
        if line.status in (60, 80)
        else "ok"
        if line.status in (70, 90, 99)
        else "accent"
        if line.status == 30
        else ""
    )
    return Shown(_(line.status_label), tone=tone or ("soft" if not line.interview else ""), bold=line.status == 30)


def _yuan(amount: int | None) -> str:
    return f"{amount:,}" if amount is not None else "—"


def _printed(line: PrintLine) -> Shown:
    if line.printed_at is None:
        return Shown(_("没印过"), tone="quiet")
    when = day_words(local(line.printed_at).date())
    version = _("{day} 印过 第 {v} 版").format(day=when, v=line.version)
    if line.changed_since:
        return Shown(
            version, third=_("之后改过 {n} 处，该重印").format(n=line.changed_since), third_tone="soft", tone="plain"
        )
    return Shown(version, tone="plain")


def _spaced(number: str) -> str:
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
