"""The register of one household: people with those who left, what happened, and the changes that may be registered, in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from fieldapp.services import periods
from fieldapp.services.register_views import Happening, PersonLine, Register
from fieldapp.services.registering import FACTS
from fieldapp.services.unsettled import OpenTask
from fieldapp.ui import theme
from fieldapp.ui.messages import moment_words
from fieldapp.ui.parts import Band, button, empty_stack, on_key
from fieldapp.ui.register import questions
from fieldapp.ui.register.deciding_tasks import DecidingTask
from fieldapp.ui.register.form import DeedForm
from fieldapp.ui.register.presenter import RegisterPresenter
from fieldapp.ui.register.questions import Talk
from fieldapp.ui.register.twins import Twins, can_be_put_right
from fieldapp.ui.screen import Said
from fieldapp.ui.table_view import RowTable
from fieldapp.ui.tables import Column, Mark, RowsModel, Shown
from fieldapp.ui.widgets.cards import column, hairline, label
from fieldapp.ui.widgets.keys import ActionButton, Keys
from fieldapp.ui.widgets.marks import Badge
from fieldapp.ui.workplace import Workplace
from fieldapp.words import _, say
from forms.monitoring import living
from forms.monitoring.living_errors import RegisterRefused
from forms.monitoring.living_problems import ProblemKind
from sync.scope import Role

_SELDOM = ("tasks", "twins")
_GIVE_WAY = ("unite", "returning", "coming", "head")


class RegisterView(QWidget):
    """Shows a :class:`Register`; each change is asked for in the panel at the right.

    Signals:
        changed: something was registered.
        said: a sentence for the status bar.
        keys_changed: the panel asks, or asks no longer.
    """

    changed = Signal()
    said = Signal(object)
    keys_changed = Signal()

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = place.session
        self.presenter = RegisterPresenter(place, self)
        self.register: Register | None = None
        self._talk: Talk | None = None
        self._tasks: tuple[OpenTask, ...] = ()
        self._answers: dict[str, str] = {}
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
        self._state = Badge("plain", "", solid=False)
        for part in (self._name, self._where, self._state):
            line.addWidget(part)
        line.addStretch(1)
        whole.addWidget(head)
        whole.addWidget(hairline())
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self._build_left(), 1)
        columns.addWidget(column())
        right = self._build_right()
        right.setFixedWidth(look.px(430))
        columns.addWidget(right)
        whole.addLayout(columns, 1)
        on_key(self, "Alt+1", self.people.setFocus)
        on_key(self, "Alt+2", self.history.setFocus)
        self.presenter.read.connect(self._show)
        self.presenter.written.connect(self._written)
        self.presenter.tasks_read.connect(self._show_tasks)
        self.presenter.found.connect(self._found)
        self.presenter.failed.connect(self._failed)

    def _build_left(self) -> QWidget:
        look = theme.current()
        area, lines = empty_stack()
        self._band = Band(_("名册"), "", "Alt+1", _("选人"))
        self.people: RowTable[PersonLine] = RowTable(
            RowsModel(
                [
                    Column(_("号"), lambda p: _of(p, p.mem_no), 40),
                    Column(_("姓名"), _name_of, 128),
                    Column(_("关系"), lambda p: _of(p, p.relation_label), 104),
                    Column(_("年龄"), lambda p: _of(p, str(p.age) if p.age is not None else ""), 52, right=True),
                    Column(_("现在"), lambda p: _of(p, p.state), 148),
                    Column(_("从"), lambda p: _of(p, p.since), 84),
                    Column(_("来处、去向"), lambda p: Shown(p.where, tone="quiet")),
                ]
            ),
            "register_people",
            _("名册"),
            row_height=31,
        )
        self.people.moved.connect(self._show_possible)
        self._problems = label("", "soft", wrap=True)
        self._problems.setContentsMargins(look.px(12), look.px(6), look.px(12), look.px(6))
        self.history: RowTable[Happening] = RowTable(
            RowsModel(
                [
                    Column("", lambda h: Shown(moment_words(h.at), tone="quiet"), 148),
                    Column("", lambda h: h.who, 86),
                    Column("", lambda h: Shown(h.source, tone="quiet"), 84),
                    Column("", lambda h: Shown(f"{h.words}　{h.note}" if h.note else h.words)),
                ]
            ),
            "register_history",
            _("来龙去脉"),
            row_height=28,
            head=False,
            cursor_with_focus=True,
        )
        lines.addWidget(self._band)
        lines.addWidget(self.people, 5)
        lines.addWidget(self._problems)
        lines.addWidget(Band(_("来龙去脉"), _("谁、什么时候、在哪份卷里记的"), "Alt+2"))
        lines.addWidget(self.history, 4)
        return area

    def _build_right(self) -> QWidget:
        look = theme.current()
        self._panel = QStackedWidget()
        menu, lines = empty_stack("side")
        inner = QVBoxLayout()
        inner.setContentsMargins(look.px(14), look.px(12), look.px(14), look.px(12))
        inner.setSpacing(look.px(9))
        self._who = label("", "strong", wrap=True)
        inner.addWidget(self._who)
        self._buttons: dict[str, ActionButton] = {}
        for name, words, key, act in self._deeds():
            made = button(words, key, f"register_{name}", act)
            self._buttons[name] = made
            if name in ("coming", "splitting"):
                inner.addSpacing(look.px(8))
                inner.addWidget(label(_("这一户") if name == "coming" else _("户的变动"), "hint"))
            inner.addWidget(made)
        inner.addStretch(1)
        lines.addLayout(inner, 1)
        self._form = DeedForm()
        self._form.answered.connect(self._answered)
        self._form.left.connect(self.step_back)
        form, form_lines = empty_stack("side")
        form_lines.addWidget(self._form)
        self._panel.addWidget(menu)
        self._panel.addWidget(form)
        return self._panel

    def _deeds(self) -> tuple[tuple[str, str, str, Callable[[], None]], ...]:
        return (
            ("going", _("离开、去世"), "Alt+Q", lambda: self._about_person(questions.Going)),
            ("returning", _("回来了"), "Alt+H", lambda: self._about_person(questions.Returning)),
            ("over", _("转到另一户"), "Alt+K", lambda: self._about_person(questions.GoingOver)),
            ("correction", _("更正"), "Alt+G", lambda: self._about_person(questions.Correction)),
            ("coming", _("新来的人"), "Alt+N", lambda: self._begin(questions.Coming)),
            ("head", _("换户主"), "Alt+E", lambda: self._begin(questions.NewHead)),
            ("facts", _("电话、住址"), "Alt+D", self._begin_facts),
            ("unite", _("是同一人"), "Alt+T", self._unite),
            ("splitting", _("分户"), "Alt+F", self._begin_split),
            ("merging", _("并户"), "Alt+B", lambda: self._begin(questions.Merging)),
            ("moving", _("整户迁移"), "Alt+Y", lambda: self._begin(questions.Moving)),
            ("tasks", _("任务怎么办"), "Alt+W", self._begin_task),
            ("twins", _("重户、撞号、撤销并户"), "Alt+R", lambda: self._begin(Twins)),
        )

    # --- what is shown --------------------------------------------------------------------------------------------

    def load(self, household: str) -> None:
        """Reads a household; the panel asks nothing."""
        self._close()
        self.presenter.load(household)

    def asking(self) -> bool:
        """Whether a change is being stated."""
        return self._talk is not None

    def _show(self, register: Register, history: Sequence[Happening]) -> None:
        self.register = register
        self._name.setText(_("{name}户 名册").format(name=register.head_name))
        self._where.setText(_("{place}　户编码 {id}").format(place=register.place, id=register.hh_id))
        self._state.show_badge(
            "plain" if register.state == living.IN_USE else "soft", register.state_label, solid=False
        )
        here = len(register.members)
        gone = len(register.people) - here
        self._band.show_hint(_("在册 {n} 人　离户 {m} 人").format(n=here, m=gone))
        self.people.show_rows(register.people, lambda line: line.person_uid)
        self.history.show_rows(tuple(history))
        self._tasks = tuple(task for task in self._tasks if task.household == register.household)
        self._show_problems()
        self._show_possible()
        if not self.asking():
            self.people.setFocus()
        self.keys_changed.emit()

    def _show_tasks(self, tasks: tuple[OpenTask, ...]) -> None:
        self._tasks = tasks
        self._show_problems()
        self._show_possible()

    def _show_problems(self) -> None:
        register = self.register
        if register is None:
            return
        problems = [_("要人定：{what}").format(what=say(problem.words)) for problem in register.problems]
        problems += [
            _("{period}的任务：{what}").format(period=periods.short_title(task.period), what=task.words)
            for task in self._tasks
        ]
        if register.shown.conflicts:
            problems.append(_("有 {n} 处冲突，到“冲突”里定").format(n=len(register.shown.conflicts)))
        self._problems.setText("\n".join(problems))
        self._problems.setVisible(bool(problems))

    def _show_possible(self) -> None:
        """Only what may happen now can be pressed."""
        register, line = self.register, self.people.current_row()
        if register is None:
            return
        closed = register.state in (living.MERGED, living.AWAY)
        write = register.may_record and not closed
        codes = line.possible if line is not None else ()
        member = line is not None and line.here
        can = {
            "going": write and any(code in living.LEAVING for code in codes),
            "returning": write and not member and any(code in living.JOINING for code in codes),
            "over": write and member,
            "correction": register.may_record and line is not None,
            "coming": write,
            "head": write and len(register.members) > 1,
            "facts": register.may_record,
            "unite": write and any(problem.kind is ProblemKind.TWINS for problem in register.problems),
            "splitting": register.may_divide and not closed and len(register.members) > 1,
            "merging": register.may_divide and not closed and bool(register.members),
            "moving": self._session.role in (Role.TSUP, Role.CADM) and register.state in (living.IN_USE, living.AWAY),
        }
        can["twins"] = can_be_put_right(register, self._session.role)
        can["tasks"] = any(task.assignment or task.workers for task in self._tasks)
        for name, made in self._buttons.items():
            made.setEnabled(can[name])
        # A screen 768 high has room for eleven: what is seldom asked shows when it is, in place of what cannot be done now.
        room = sum(can[name] for name in _SELDOM)
        for name in _SELDOM:
            self._buttons[name].setVisible(can[name])
        for name in _GIVE_WAY:
            self._buttons[name].setVisible(can[name] or room <= 0)
            room -= not can[name]
        self._buttons["moving"].setText(_("整户迁回") if register.state == living.AWAY else _("整户迁移"))
        self._who.setText(_("选中的人：{no} {name}").format(no=line.mem_no, name=line.name) if line else "")

    # --- asking ---------------------------------------------------------------------------------------------------

    def _month(self) -> str:
        return self._session.today().isoformat()[:7]

    def _begin(self, talk: Callable[[Register, str], Talk]) -> None:
        if self.register is not None:
            self._talk, self._answers = talk(self.register, self._month()), {}
            self._ask()

    def _about_person(self, talk: Callable[[Register, str, PersonLine], Talk]) -> None:
        line = self.people.current_row()
        if line is not None:
            self._begin(lambda register, month: talk(register, month, line))

    def _begin_split(self) -> None:
        may_track = self._session.role is Role.CADM
        self._begin(lambda register, month: questions.Splitting(register, month, may_track=may_track))

    def _begin_facts(self) -> None:
        names = [name for name, roles in FACTS.items() if self._session.role in roles]
        self._begin(lambda register, month: questions.Facts(register, month, names))

    def _begin_task(self) -> None:
        tasks = [task for task in self._tasks if task.assignment or task.workers]
        self._begin(lambda register, month: DecidingTask(register, month, tasks))

    def _unite(self) -> None:
        twins = [one for one in self.register.problems if one.kind is ProblemKind.TWINS] if self.register else []
        if twins and self.register is not None:
            self.presenter.unite(self.register, twins[0].people, _("登记重了"))

    def _ask(self) -> None:
        """The next stage, or the writing when all is said."""
        if self._talk is None:
            return
        try:
            stage = self._talk.next(self._answers)
        except RegisterRefused as error:
            self._failed(error.sentence())
            return
        if stage is None:
            self.presenter.write(self._talk, self._answers)
            return
        self._panel.setCurrentIndex(1)
        self._form.show_stage(stage)
        self.keys_changed.emit()

    def _answered(self, answers: dict[str, str]) -> None:
        self._answers |= answers
        wanted = self._talk.wanted(self._answers) if self._talk is not None else ""
        if wanted:
            self.presenter.find(wanted)
        else:
            self._ask()

    def _found(self, register: Register) -> None:
        if self._talk is not None:
            self._talk.found(register)
            self._ask()

    def _failed(self, sentence: str) -> None:
        if self._talk is not None:
            # What was typed last stands there still, to be put right.
            for line in self._form.fields:
                self._answers.pop(line.field.name, None)
            self._form.say(sentence)
        else:
            self.said.emit(Said("trouble", sentence))

    def _written(self, register: Register, history: Sequence[Happening]) -> None:
        self._close()
        self._show(register, history)
        self.said.emit(Said("ok", _("登记好了，已保存")))
        self.changed.emit()

    def _close(self) -> None:
        self._talk, self._answers = None, {}
        self._panel.setCurrentIndex(0)

    def step_back(self) -> bool:
        """Esc: nothing is registered; False when nothing was being asked."""
        if self._talk is None:
            return False
        self._close()
        self.people.setFocus()
        self.keys_changed.emit()
        return True

    def go_on(self) -> bool:
        """F9."""
        if self._talk is None:
            return False
        self._form.go_on()
        return True

    def panes(self) -> Sequence[QWidget]:
        return (self.people, self.history)

    def strip(self) -> Sequence[Keys]:
        if self.asking():
            return (
                ((_("直接打代码"),), _("选一个")),
                (("Enter",), _("下一格")),
                (("↑", "↓"), _("换一个")),
                (("F9",), _("下一步、登记")),
                (("Esc",), _("不登记")),
            )
        deeds = [((made.key,), made.text()) for made in self._buttons.values() if made.isEnabled()]
        return ((("↑", "↓"), _("选人")), *deeds[:8], (("Esc",), _("回户页")))


def _of(line: PersonLine, words: str) -> Shown:
    return Shown(words, tone="" if line.here else "quiet")


def _name_of(line: PersonLine) -> Shown:
    marks = (Mark(_("冲突"), "clash"),) if line.conflict else ()
    return Shown(line.name, tone="" if line.here else "quiet", bold=line.here, marks=marks)
