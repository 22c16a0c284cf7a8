"""What is asked when a supervisor decides on a task whose household ended, moved or divided. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldapp.services import assigning, periods, registering, unsettled
from fieldapp.services.assigning import NewAssignment
from fieldapp.services.codes import code_label
from fieldapp.services.register_views import Register
from fieldapp.services.session import Session
from fieldapp.services.unsettled import OpenTask, Why
from fieldapp.ui.register.questions import Field, Stage, Talk
from fieldapp.words import _

_CLOSE, _GIVE = "1", "2"


class DecidingTask(Talk):
    """Close a task, give it to somebody of the new village, hand out one for a followed household, open one again."""

    title = "任务怎么办"

    def __init__(self, register: Register, month: str, tasks: Sequence[OpenTask]) -> None:
        super().__init__(register, month)
        self.tasks = tasks

    def next(self, answers: Mapping[str, str]) -> Stage | None:
        which = tuple((str(n), _title(task)) for n, task in enumerate(self.tasks, 1))
        if len(self.tasks) > 1 and "task" not in answers:
            return Stage(_(self.title), (Field("task", _("哪一项任务"), which),))
        task = self._chosen(answers)
        said = f"{_title(task)}　{task.words}"
        if task.why is Why.MOVED and task.workers and "way" not in answers:
            ways = ((_CLOSE, _("按 420 办结")), (_GIVE, _("改派给那里的调查员")))
            return Stage(_(self.title), (Field("way", _("怎么办"), ways),), said)
        fields = self._fields(task, answers)
        return None if all(field.name in answers for field in fields) else Stage(_(self.title), fields, said)

    def _chosen(self, answers: Mapping[str, str]) -> OpenTask:
        return self.tasks[int(answers.get("task", "1")) - 1]

    def _fields(self, task: OpenTask, answers: Mapping[str, str]) -> tuple[Field, ...]:
        if task.why is Why.CLOSED:
            return (Field("words", _("为什么重开")),)
        if task.why is Why.FOLLOWED or answers.get("way") == _GIVE:
            codes = tuple((str(n), name) for n, (_account, name) in enumerate(task.workers, 1))
            return (Field("worker", _("给哪位调查员"), codes),)
        outcomes = tuple((code, code_label("interview_outcome", code)) for code in unsettled.OUTCOMES)
        hint = _("谁证明的、哪份材料，不少于 4 个字")
        return (Field("outcome", _("结果"), outcomes, task.outcome or "420"), Field("words", _("依据"), hint=hint))

    def do(self, session: Session, answers: Mapping[str, str]) -> Register:
        task = self._chosen(answers)
        if task.why is Why.CLOSED:
            unsettled.reopen_task(session, task.assignment, answers["words"])
        elif "outcome" in answers:
            unsettled.close_task(session, task.assignment, answers["outcome"], answers["words"])
        else:
            worker = task.workers[int(answers["worker"]) - 1][0]
            if task.assignment:
                assigning.reassign(session, task.assignment, worker)
            else:
                assigning.assign(session, [NewAssignment(task.household, task.form_id, task.period, worker)])
        return registering.open_register(session, self.register.household)


def _title(task: OpenTask) -> str:
    return f"{periods.short_title(task.period)}　{task.enumerator_name}　{task.status_label}"
