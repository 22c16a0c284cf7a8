"""Fills an interview by keyboard alone, the way an enumerator does: cell by cell, Enter to the next, digits for choices.

What to answer is thought out beforehand on a copy of the interview; the typist then reads from the screen's cursor where she is and
types what belongs there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from PySide6.QtCore import Qt

from fieldapp.demo.hands import Hands, WindowStuck
from fieldapp.services.plausible import answer_plausibly
from fieldapp.ui.interview.codes import options_of
from fieldapp.ui.interview.view import InterviewView
from forms.engine import Cell, Interview, Question

_STATE = "__st"  # the node beside a question that holds 不清楚 or 拒答
_STATE_KEYS = {"8": Qt.Key.Key_8, "9": Qt.Key.Key_9}
_STEPS_WITHOUT_PROGRESS = 400
_HOUSEHOLDS_TRIED = 6
_MOST_LEFT_OPEN = 30


def plan_answers(interview: Interview, seed: int, today: date) -> Mapping[Cell, str]:
    """What a household could answer: every cell of a copy of this interview after plausible answers.

    A few different households are tried; of those that contradict no hard check, the one with most to tell is taken (a refusal
    contradicts nothing either).
    """
    best: Mapping[Cell, str] = {}
    for attempt in range(_HOUSEHOLDS_TRIED):
        copy = Interview.resume(interview.form, interview.saved(), interview.situation)
        answer_plausibly(copy, interview.form, seed + attempt, today=today)
        if copy.violations() or any(c.kind == "hard" and c.state in {"failed", "undecided"} for c in copy.checks()):
            continue
        values = copy.saved().values
        plan = {
            cell: value for cell, value in values.items() if value and "@" not in cell.path and copy.is_relevant(cell)
        }
        best = max(best, plan, key=len)
    return best


class Typist:
    """Types planned answers into an open interview."""

    def __init__(
        self,
        hands: Hands,
        view: InterviewView,
        plan: Mapping[Cell, str],
        on_answer: Callable[[str], None] = lambda _section: None,
    ) -> None:
        self._hands, self._view, self._plan, self._on_answer = hands, view, plan, on_answer
        self.typed = 0

    def fill(self) -> int:
        """Goes through all sections from where the cursor is; returns how many answers were typed."""
        before, idle = self.typed, 0
        view = self._view
        while view.stack.currentWidget() is not view.summary:
            cell = view.cell
            if cell is not None and self._answer(cell):
                idle = 0
                self._on_answer(view.presenter.sections[view.section_index].path.rpartition("/")[2])
            else:
                idle += 1
            if idle > _STEPS_WITHOUT_PROGRESS:
                raise WindowStuck(f"no progress at {cell.path if cell else 'no cell'}")
            if view.cell == cell:
                self._hands.press(Qt.Key.Key_Return)
                if view.cell == cell and view.stack.currentWidget() is not view.summary:
                    self._hands.press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
        return self.typed - before

    def _answer(self, cell: Cell) -> bool:
        """Types what is planned for the cell under the cursor; False when there is nothing to type."""
        presenter = self._view.presenter
        interview = presenter.interview
        node = interview.form.find_node(cell.path)
        wanted = self._plan.get(cell, "")
        not_known = self._plan.get(Cell(cell.path + _STATE, cell.rows), "")
        if (
            not isinstance(node, Question)
            or node.calculated
            or not (wanted or not_known)
            or not presenter.relevant_or_line(cell)
        ):
            return False
        state = interview.state(cell)
        if not_known:
            if interview.value(Cell(cell.path + _STATE, cell.rows)) == not_known:
                return False
            self._hands.press(_STATE_KEYS[not_known], Qt.KeyboardModifier.ControlModifier)
        elif state.relevant and (state.readonly or state.value == wanted):
            if state.readonly or interview.confirmed(cell) is not False:
                return False
            self._hands.press(Qt.Key.Key_Space)
        elif node.control in {"select", "rank"}:
            for value in wanted.split():
                if value not in state.value.split():
                    self._hands.write(self._key_cap(cell, value))
        elif node.control == "select1":
            self._hands.write(self._key_cap(cell, wanted))
        else:
            self._hands.write(_as_typed(node, wanted))
        self.typed += 1
        if self._view.cell == cell:
            self._hands.press(Qt.Key.Key_Return)
        return True

    def _key_cap(self, cell: Cell, value: str) -> str:
        """What the screen shows on the key cap of a choice."""
        options = options_of(self._view.presenter.interview.choices(cell))
        return next((option.code for option in options if option.value == value), value)

    def missed(self) -> list[str]:
        """Names of planned questions that do not hold what was planned; for the message when a day gets stuck."""
        interview = self._view.presenter.interview
        wrong = [
            cell
            for cell, value in self._plan.items()
            if not interview.is_relevant(cell) or interview.value(cell) != value
        ]
        return [cell.path.rpartition("/")[2] for cell in wrong if self._is_typed(cell)]

    def _is_typed(self, cell: Cell) -> bool:
        node = self._view.presenter.interview.form.find_node(cell.path)
        return isinstance(node, Question) and not node.calculated and node.control is not None

    def confirm_rest(self) -> int:
        """On the summary: goes to every value that still waits for confirmation, confirms it, comes back; returns how many."""
        summary, confirmed = self._view.summary, 0
        while confirmed < _STEPS_WITHOUT_PROGRESS:
            at = next((i for i, one in enumerate(summary.list.points) if one.kind == "confirm" and one.is_open), None)
            if at is None:
                break
            self._select(at)
            self._hands.press(Qt.Key.Key_Return)
            self._hands.press(Qt.Key.Key_Space)
            self._hands.press(Qt.Key.Key_F9)
            confirmed += 1
        return confirmed

    def answer_rest(self, plan: Callable[[], Mapping[Cell, str]]) -> int:
        """On the summary: goes to every question still open or wrong and answers it by a plan made anew; returns how many."""
        view, answered = self._view, 0
        while answered < _MOST_LEFT_OPEN:
            points = view.summary.list.points
            at = next((i for i, one in enumerate(points) if one.kind in {"open", "hard"} and one.is_open), None)
            if at is None:
                break
            self._plan = plan()
            self._select(at)
            self._hands.press(Qt.Key.Key_Return)
            typed = view.cell is not None and self._answer(view.cell)
            if view.stack.currentWidget() is not view.summary:
                self._hands.press(Qt.Key.Key_F9)
            if not typed:
                break
            answered += 1
        return answered

    def _select(self, at: int) -> None:
        self._view.summary.list.setFocus()
        self._hands.press(Qt.Key.Key_Home)
        self._hands.press(Qt.Key.Key_Down, times=at)

    def explain(self, words: str) -> int:
        """On the summary: writes a note to every soft check that has none; returns how many."""
        summary = self._view.summary
        written = 0
        while True:
            at = next(
                (i for i, point in enumerate(summary.list.points) if point.kind == "soft" and point.is_open), None
            )
            if at is None or written > _STEPS_WITHOUT_PROGRESS:
                return written
            if not summary.note.hasFocus():
                self._select(at)
                self._hands.press(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
            self._hands.write(words)
            self._hands.press(Qt.Key.Key_Return)
            written += 1


def _as_typed(node: Question, value: str) -> str:
    if node.type == "time":
        return value[:5]
    return value
