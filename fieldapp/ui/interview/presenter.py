"""Turns what is typed into engine calls, and their effects into signals. Knows no widget.

An answer goes: engine (in memory, at once) → ``changed`` (repaint exactly those cells) → disk in the background → ``saved``.
``saved`` is emitted only when the write is on disk. When a write fails, ``failed`` is emitted, what was typed stays in the
interview, and nothing more counts as saved until a write succeeds; the writes are repeated in order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from fieldapp.services import interview_people
from fieldapp.services.interview_people import FormerMember
from fieldapp.services.interviewing import HandInList, TypingEvent
from fieldapp.services.opened_interview import OpenInterview
from fieldapp.ui.background import Background
from fieldapp.ui.interview.figures import FigureUnclear
from fieldapp.ui.interview.moments import MomentUnclear
from fieldapp.ui.interview.progress import CheckItem
from fieldapp.ui.interview.questions import meant
from fieldapp.ui.interview.reading import InterviewReading, Opened
from fieldapp.ui.interview.saving import SaveQueue
from fieldapp.ui.messages import local_now
from fieldapp.words import _
from forms.engine import AnswerRefused, Cell, Effects
from forms.errors import FieldAppError

__all__ = ["InterviewPresenter", "Opened"]

log = logging.getLogger(__name__)
REMEMBER_MS = 300


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing the person did, as undo takes it back: value and cursor."""

    effects: tuple[Effects, ...]
    cell: Cell | None


class InterviewPresenter(InterviewReading):
    """One interview in hand.

    Args:
        opened: the interview with its way to the disk.
        database_work: ``Background(1)``, shared with the rest of the window.
        hand_in_list: what blocks handing in, and the summary.
        hand_in: 交卷; runs on the database thread.
        now: the moment in the field: its day completes dates typed without a year, its offset stands behind times.
        saved_pipe: file descriptor that gets ``cell<TAB>hash`` for every answer on disk.
    """

    changed = Signal(object)  # Effects: the cells to repaint
    checks_changed = Signal()  # the check list is new
    saving = Signal()
    saved = Signal(object)  # datetime: everything typed until then is on disk
    failed = Signal(object)  # the exception
    refused = Signal(object, str)  # Cell, sentence: what was typed cannot be kept here
    told = Signal(str)  # one sentence for the status bar
    moved = Signal(object)  # Cell to go to (undo, check)
    handed_in = Signal()
    left = Signal()

    def __init__(
        self,
        opened: Opened,
        database_work: Background,
        *,
        hand_in_list: Callable[[], HandInList] | None = None,
        hand_in: Callable[[], None] | None = None,
        now: Callable[[], datetime] = local_now,
        saved_pipe: int | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(opened, parent)
        self._work = database_work
        self._hand_in_list, self._hand_in = hand_in_list, hand_in
        self._now = now
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._queue = SaveQueue(opened.save, database_work, saved_pipe, self)
        self._queue.saving.connect(self.saving)
        self._queue.saved.connect(self._all_kept)
        self._queue.failed.connect(self.failed)
        self._afterwards: Callable[[], None] | None = None
        self._entered: tuple[Cell | None, float] = (None, time.monotonic())
        self._hidden = 0
        self._over = False
        self._rows_at: dict[str, tuple[str, ...]] = {}
        self._checks_timer = QTimer(self)
        self._checks_timer.setSingleShot(True)
        self._checks_timer.setInterval(0)
        self._checks_timer.timeout.connect(self._read_checks)
        self._place_timer = QTimer(self)
        self._place_timer.setSingleShot(True)
        self._place_timer.setInterval(REMEMBER_MS)
        self._place_timer.timeout.connect(self._remember)

    # What the person does ------------------------------------------------------------------------------------------

    def enter(self, cell: Cell | None) -> None:
        """The cursor stands on a cell: times are counted from here, and the place is remembered."""
        if cell != self._entered[0]:
            self._entered = (cell, time.monotonic())
            self._remember_soon()
            if cell is not None and cell.rows and (above := self.repeats_above(cell.path)):
                self._rows_at[above[-1]] = cell.rows

    def rows_at(self, repeat: str) -> tuple[str, ...] | None:
        """The row of a repeat where the cursor stood last; the first row before that, None if there is no row."""
        rows = self.roster_rows(repeat)
        kept = self._rows_at.get(repeat)
        return kept if kept in rows else rows[0] if rows else None

    def enter_section(self, path: str) -> None:
        """The person went to another section: the drafts of the last one become one signed change."""
        if path == self._section:
            return
        if self._section and not self.readonly:
            self._run(self.opened.seal)
        self._section = path
        self._remember_soon()

    def answer(self, cell: Cell, text: str) -> bool:
        """Puts what was typed; False when it cannot be kept (``refused`` says why) or nothing changed."""
        return self._do(cell, "answer", self._meant(cell, text)) if self._understands(cell, text) else False

    def meant_value(self, cell: Cell, text: str) -> str:
        """The value as saved for what was typed. Raises FigureUnclear or MomentUnclear."""
        return self._meant(cell, text)

    def answer_state(self, cell: Cell, state: str) -> bool:
        """不清楚 "8", 拒答 "9", or "" to take it back, where the question allows it."""
        if state and state not in self.facts(cell).nonresponse:
            self.refused.emit(cell, _("这一题没有“不清楚”和“拒答”，要问到答案"))
            return False
        return self._step(cell, "answer", lambda: self.interview.answer_state(cell, state))

    def confirm(self, cell: Cell) -> bool:
        """A filled-in answer still holds."""
        if self.interview.confirmed(cell) is not False:
            return False
        return self._step(cell, "answer", lambda: self.interview.confirm(cell))

    def copy_previous(self, cell: Cell) -> bool:
        """F3: the county's reference price, or last quarter's value, into this field alone."""
        value = self.figure_to_copy(cell)
        if not value:
            self.refused.emit(cell, _("上季没有这个数，抄不了"))
            return False
        return self._do(cell, "answer", value)

    def answer_line(self, question: Cell, code: str, cell: Cell, text: str) -> bool:
        """A figure typed into an unticked row of item lines: ticks the row and answers, as one step."""
        refused = self.answer_many([(cell, text)], tick=lambda _cell: (question, code))
        for _cell, sentence in refused:
            self.refused.emit(cell, sentence)
        return not refused

    def answer_many(
        self,
        answers: Sequence[tuple[Cell, str]],
        *,
        tick: Callable[[Cell], tuple[Cell, str] | None] = lambda _cell: None,
    ) -> list[tuple[Cell, str]]:
        """A pasted block or a filled-down column as one step; returns the cells refused, each with its sentence.

        Args:
            answers: cells and what was typed for each.
            tick: names the choice that must be ticked before a cell can be answered.
        """
        refusals: list[tuple[Cell, str]] = []
        done: list[Effects] = []
        for cell, text in answers:
            ticking = tick(cell)
            if ticking is not None and not self.readonly:
                codes = self._with_code(*ticking, on=True)
                done.append(self.interview.answer(ticking[0], codes))
            sentence = self._refusal(cell)
            if sentence:
                refusals.append((cell, sentence))
                continue
            try:
                done.append(self.interview.answer(cell, self._meant(cell, text)))
            except (FigureUnclear, MomentUnclear) as unclear:
                refusals.append((cell, unclear.sentence))
            except AnswerRefused as error:
                refusals.append((cell, error.sentence()))
            if refusals and refusals[-1][0] == cell and ticking is not None and done:
                self.interview.undo(done.pop())  # The row is not ticked by a figure that could not be kept.
        if done:
            self._finish(answers[0][0], "answer", tuple(done))
        return refusals

    def tick(self, question: Cell, code: str, on: bool) -> bool:
        """Ticks a row of item lines: one code of a select_multiple."""
        if (code in self.interview.value(question).split()) == on:
            return False
        return self._do(question, "answer", self._with_code(question, code, on=on))

    def _with_code(self, question: Cell, code: str, *, on: bool) -> str:
        codes = [other for other in self.interview.value(question).split() if other != code]
        codes += [code] if on else []
        order = [choice.value for choice in self.interview.choices(question)]
        codes.sort(key=lambda value: order.index(value) if value in order else len(order))
        return " ".join(codes)

    def add_row(self, repeat: Cell, after: str | None = None) -> Cell | None:
        """A new row; returns its cell."""
        before = set(self.interview.rows(repeat))
        if not self._step(None, "row_add", lambda: self.interview.add_row(repeat, after=after)):
            return None
        new = [row for row in self.interview.rows(repeat) if row not in before]
        return Cell(repeat.path, (*repeat.rows, new[0])) if new else None

    def former_members(self) -> tuple[FormerMember, ...]:
        """People of the household who may be brought into the roster again."""
        opened = self.opened
        return (
            interview_people.former_members(opened) if isinstance(opened, OpenInterview) and not self.readonly else ()
        )

    def bring_back(self, person: FormerMember) -> None:
        """The old row, with uid and number; how he or she came back stays to be said in the row."""
        opened = self.opened
        if isinstance(opened, OpenInterview):
            try:
                done = interview_people.bring_back(opened, person.person_uid, person.usual)
            except AnswerRefused as error:
                self.refused.emit(None, error.sentence())
                return
            self._finish(None, "row_add", done)

    def remove_row(self, row: Cell, reason: str, named_by: str) -> bool:
        """Takes a row away. The reason is first written as the remark on the question that names the row, so that the log keeps it."""
        if self.readonly:
            return False
        try:
            why = self.interview.write_comment(Cell(named_by, row.rows), reason)
            gone = self.interview.remove_row(row)
        except AnswerRefused as error:
            self.refused.emit(row, error.sentence())
            return False
        self._finish(None, "row_remove", (why, gone))
        return True

    def write_note(self, check: Cell, text: str) -> bool:
        """The explanation of a soft check."""
        return self._step(None, "note", lambda: self.interview.write_note(check, text))

    def write_comment(self, cell: Cell, text: str) -> bool:
        """The enumerator's remark on a question."""
        if self.interview.comment(cell) == text:
            return False
        return self._step(cell, "note", lambda: self.interview.write_comment(cell, text))

    def undo(self) -> bool:
        """Ctrl+Z: value and cursor as before."""
        return self._back(self._done, self._undone)

    def redo(self) -> bool:
        """Ctrl+Y."""
        return self._back(self._undone, self._done)

    def _back(self, source: list[_Step], target: list[_Step]) -> bool:
        if not source:
            self.told.emit(_("没有可撤销的了") if source is self._done else _("没有可重做的了"))
            return False
        step = source.pop()
        undone = tuple(self.interview.undo(effects) for effects in reversed(step.effects))
        target.append(_Step(undone, step.cell))
        for effects in undone:
            self._save(effects, TypingEvent("answer", step.cell, self._section, 0))
            self._show(effects)
        if step.cell is not None:
            self.moved.emit(step.cell)
        return True

    # Understanding -------------------------------------------------------------------------------------------------

    def _refusal(self, cell: Cell) -> str:
        if self.readonly:
            return self.header.readonly_reason or _("这份卷只能看，不能改")
        state = self.interview.state(cell)
        if not state.relevant:
            return _("这一格现在不用问")
        if state.readonly or self.facts(cell).kind in ("computed", "note"):
            return _("这一格是算出来的，不能打")
        return ""

    def _understands(self, cell: Cell, text: str) -> bool:
        sentence = self._refusal(cell)
        if not sentence:
            try:
                self._meant(cell, text)
            except (FigureUnclear, MomentUnclear) as unclear:
                sentence = unclear.sentence
        if sentence:
            self.refused.emit(cell, sentence)
        return not sentence

    def _meant(self, cell: Cell, text: str) -> str:
        return meant(self.facts(cell), text, self._now())

    # Doing and saving ----------------------------------------------------------------------------------------------

    def _do(self, cell: Cell, kind: str, value: str) -> bool:
        if value == self.interview.value(cell) and self.interview.state(cell).status not in ("8", "9"):
            return True
        return self._step(cell, kind, lambda: self.interview.answer(cell, value))

    def _step(self, cell: Cell | None, kind: str, act: Callable[[], Effects]) -> bool:
        if self.readonly:
            self.refused.emit(cell, self.header.readonly_reason or _("这份卷只能看，不能改"))
            return False
        try:
            effects = act()
        except AnswerRefused as error:
            self.refused.emit(cell, error.sentence())
            return False
        self._finish(cell, kind, (effects,))
        return True

    def _finish(self, cell: Cell | None, kind: str, effects: tuple[Effects, ...]) -> None:
        self._done.append(_Step(effects, cell))
        self._undone.clear()
        spent = time.monotonic() - self._entered[1] if self._entered[0] == cell else 0.0
        for part in effects:
            self._show(part)
        for part in effects:
            self._save(part, TypingEvent(kind, cell, self._section, round(spent * 1000)))

    def _show(self, effects: Effects) -> None:
        self._hidden += self.ledger.update(effects)
        self.changed.emit(effects)
        self._checks_timer.start()

    def _read_checks(self) -> None:
        if self._hidden:
            words = _("{n} 个答案收起了：原答案留在本机，不交上去。Ctrl+Z 撤销")
            self.told.emit(words.format(n=self._hidden))
        self._hidden = 0
        if self.ledger.read_checks():
            self.checks_changed.emit()

    def read_checks_now(self) -> None:
        """Reads the check list at once instead of after the next paint."""
        self._checks_timer.stop()
        self._read_checks()

    def check_items(self) -> tuple[CheckItem, ...]:
        """All open checks, hard ones first; read again after every change."""
        return self.ledger.items

    def _save(self, effects: Effects, event: TypingEvent) -> None:
        if effects.stored:
            self._queue.put(effects, event)

    def retry(self) -> None:
        """Tries the writes that failed once more."""
        self._queue.retry()

    @property
    def unsaved(self) -> int:
        """Steps that are not on disk yet."""
        return self._queue.waiting

    def _run(self, job: Callable[[], None], done: Callable[[], None] | None = None) -> None:
        self._work.run(self, job, lambda _nothing: done() if done else None, self.failed.emit)

    def _remember_soon(self) -> None:
        """Not started anew while it runs: somebody who types without a pause must find her place after a power cut, too."""
        if not self._place_timer.isActive():
            self._place_timer.start()

    def _remember(self) -> None:
        if not self.readonly:
            cell, section = self._entered[0], self._section
            self._run(lambda: self.opened.remember_place(cell, section))

    def leave(self) -> None:
        """Back to the home screen: always allowed. ``left`` comes when everything is on disk and sealed."""
        self._place_timer.stop()
        if not self._over:
            self._remember()
        self._when_saved(self._leave_now)

    def _leave_now(self) -> None:
        try:
            self.opened.leave()
        except FieldAppError as error:
            self.failed.emit(error)
            return
        self.left.emit()

    def _when_saved(self, then: Callable[[], None]) -> None:
        """Runs something on this thread when all writes are on disk; a write that fails keeps it waiting."""
        if self._queue.waiting:
            self._afterwards = then
            self._queue.retry()
        else:
            self._run(lambda: None, then)

    def _all_kept(self, moment: datetime) -> None:
        self.saved.emit(moment)
        then, self._afterwards = self._afterwards, None
        if then is not None:
            self._run(lambda: None, then)

    def hand_in_list(self) -> HandInList | None:
        """What blocks handing in; None where handing in is not possible here."""
        return self._hand_in_list() if self._hand_in_list else None

    def hand_in(self) -> None:
        """交卷; ``handed_in`` or ``failed`` follows."""
        if self._hand_in is not None:
            self._when_saved(self._hand_in_now)

    def _hand_in_now(self) -> None:
        assert self._hand_in is not None
        try:
            self._hand_in()
        except FieldAppError as error:
            self.failed.emit(error)
            return
        self._over = True
        self.handed_in.emit()
