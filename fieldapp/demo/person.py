"""One person at one laptop's window: what she does in a day, each deed as the keys she presses and what she waits to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget

from fieldapp.demo.county import PASSPHRASE, STAFF
from fieldapp.demo.hands import Hands, WindowStuck
from fieldapp.demo.typist import Typist, plan_answers
from fieldapp.services.session import CHINA, Laptop
from fieldapp.ui.interview.view import InterviewView
from fieldapp.ui.places import places_of
from fieldapp.ui.start import open_window
from fieldapp.ui.table_view import RowTable
from forms.engine import Cell

if TYPE_CHECKING:
    from fieldapp.demo.day import Summary

_NOTE = "当面问过户主，看了存折和票据"
_PINNED = "这个天数打电话再核一下，是不是多写了"
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier
_QUESTION = "QA10"  # days without water: what the supervisor asks about
_MENDED = "3"
_A_FEW = 6
_PICTURED = {"qa", "member", "qb", "qf1", "qg1", "b", "f"}

W = TypeVar("W", bound=QWidget)


@dataclass(frozen=True, slots=True)
class Returned:
    """What the supervisor sent back."""

    head_name: str
    number: str


class Person:
    """Signs in at a window of a laptop and works by keyboard; reads only what the screen shows."""

    def __init__(
        self, laptop: Laptop, account: str, out: Path, summary: Summary, window: tuple[int, int, int, int]
    ) -> None:
        self._name, self._role = next((name, role) for number, name, role in STAFF if number == account)
        self._out, self._summary = out, summary
        self._window = open_window(laptop.folder, place=window, laptop=laptop)
        self._hands = Hands(self._window, patience_s=180)
        self._answers: dict[str, int] = {}

    def close(self) -> None:
        """Closes the window; everything typed is on disk."""
        self._window.close()
        self._window.deleteLater()
        self._hands.settle()

    # --- the window ---------------------------------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Chooses the name by its number, types the passphrase."""
        hands = self._hands
        hands.wait_until(lambda: self._own_button() is not None, "the people of this laptop")
        button = self._own_button()
        assert button is not None
        number = int(button.objectName().rpartition("_")[2])
        hands.press(Qt.Key(int(Qt.Key.Key_0) + number), _ALT)
        self._picture("01-unlock")
        hands.write(PASSPHRASE)
        hands.press(Qt.Key.Key_Return)
        hands.wait_until(lambda: self._window.place == "home", "the home screen")

    def _own_button(self) -> QAbstractButton | None:
        buttons = [b for b in self._window.findChildren(QAbstractButton) if b.objectName().startswith("unlock_person_")]
        return next((button for button in buttons if button.text() == self._name), None)

    def _go(self, name: str) -> None:
        at = places_of(str(self._role)).index(name)
        self._hands.press(Qt.Key(int(Qt.Key.Key_1) + at), _CONTROL)
        self._hands.wait_until(lambda: self._window.place == name, f"the place {name}")

    def _widget(self, kind: type[W], name: str) -> W:
        screen = self._window.current_screen()
        found = [widget for widget in screen.findChildren(kind) if widget.objectName() == name] if screen else []
        if not found:
            raise WindowStuck(f"no {name} on the screen")
        return found[0]

    def _table(self, name: str) -> RowTable[Any]:
        return self._widget(RowTable, name)

    def _rows(self, name: str) -> Sequence[Any]:
        return tuple(self._table(name).rows_model().rows)

    def _choose(self, name: str, matches: Callable[[Any], bool], what: str) -> Any:
        """Moves the cursor of a list to the first row that matches, by keys; returns the row."""
        self._until(lambda: any(matches(row) for row in self._rows(name)), what)
        table = self._table(name)
        table.setFocus()
        self._hands.press(Qt.Key.Key_Home)
        for _ in range(len(self._rows(name))):
            if matches(table.current_row()):
                return table.current_row()
            self._hands.press(Qt.Key.Key_Down)
        raise WindowStuck(what)

    def _picture(self, name: str) -> None:
        path = self._out / f"{name}.png"
        if not path.exists():
            self._hands.picture(path)
            self._summary.screenshots.append(path.name)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        self._hands.wait_until(condition, what)

    # --- the enumerator -----------------------------------------------------------------------------------------------

    def interview(self, form_id: str) -> dict[str, int]:
        """Finds a household that waits for this form, fills it in and hands it in; counts of what was done."""
        self._go("home")
        self._hands.press(Qt.Key.Key_F, _CONTROL)
        self._hands.press(Qt.Key.Key_A, _CONTROL)
        self._hands.press(Qt.Key.Key_Delete)
        self._until(lambda: len(self._rows("home_list")) > 1, "the list of households")
        self._picture("02-home")
        for row in self._rows("home_list"):
            self._met(row.head_name)
        row = next(row for row in self._rows("home_list") if row.form_id == form_id and row.status <= 20)
        self._hands.write(row.hh_no)
        self._until(lambda: [found.hh_no for found in self._rows("home_list")] == [row.hh_no], "the household alone")
        self._hands.press(Qt.Key.Key_Return)
        view = self._arrived()

        def plan() -> Mapping[Cell, str]:
            return plan_answers(view.presenter.interview, len(form_id), datetime.now(CHINA).date())

        typist = Typist(self._hands, view, plan(), lambda section: self._answered(form_id, section))
        before = self._hands.keys
        answers = typist.fill() + typist.answer_rest(plan) + typist.confirm_rest()
        notes = typist.explain(_NOTE)
        self._picture(f"05-{form_id}-summary")
        self._remember_typed(view)
        self._hand_in(view, typist)
        return {"answers": answers, "notes": notes, "keys": self._hands.keys - before}

    def _hand_in(self, view: InterviewView, typist: Typist) -> None:
        self._until(lambda: view.presenter.unsaved == 0, "everything saved")
        if not view.summary.ready:
            blocking = view.presenter.hand_in_list()
            numbers = [item.number for item in blocking.blocking] if blocking else []
            raise WindowStuck(f"not ready: {numbers}; not as planned: {typist.missed()}")
        self._hands.press(Qt.Key.Key_F9)
        self._until(lambda: self._window.place == "home", "handed in")

    def _answered(self, form_id: str, section: str) -> None:
        """A picture of each section in work, once a few answers stand in it."""
        key = f"{form_id}-{section}"
        self._answers[key] = self._answers.get(key, 0) + 1
        if section in _PICTURED and self._answers[key] == _A_FEW:
            self._picture(f"04-{key}")

    def _arrived(self) -> InterviewView:
        self._until(lambda: self._window.place == "interview", "the interview")
        view = self._window.findChild(InterviewView)
        assert isinstance(view, InterviewView)
        self._met(view.presenter.header.head_name)
        return view

    def _met(self, head_name: str) -> None:
        if head_name not in self._summary.household_heads:
            self._summary.household_heads.append(head_name)

    def _remember_typed(self, view: InterviewView) -> None:
        """Names and numbers that stand in this interview: what a scan of the disk must not find."""
        interview = view.presenter.interview
        for cell in interview.relevant_questions():
            value = interview.value(cell)
            telling = (len(value) >= 3 and not value.isascii()) or (len(value) >= 9 and value.isdigit())
            if telling and value not in self._summary.typed:
                self._summary.typed.append(value)

    def mend(self, returned: Returned) -> None:
        """Opens the returned interview from the block on the home screen, corrects the answer, hands in again."""
        self._go("home")
        self._until(lambda: len(self._rows("home_returned")) > 0, "the returned interview")
        self._hands.press(Qt.Key.Key_2, _ALT)
        self._picture("10-home-returned")
        self._hands.press(Qt.Key.Key_Return)
        view = self._arrived()
        self._hands.press(Qt.Key.Key_G, _CONTROL)
        self._hands.write(returned.number)
        self._hands.press(Qt.Key.Key_Return)
        self._until(lambda: view.cell is not None and view.cell.path.endswith("q_wat_stop"), "the question returned")
        self._picture("11-returned-question")
        self._hands.write(_MENDED)
        self._hands.press(Qt.Key.Key_Return)
        # What the new figure opens up is asked too.
        typist = Typist(self._hands, view, plan_answers(view.presenter.interview, 1, datetime.now(CHINA).date()))
        typist.fill()
        typist.confirm_rest()
        typist.explain(_NOTE)
        self._hand_in(view, typist)

    # --- hand-over ----------------------------------------------------------------------------------------------------

    def exchange(self, picture: str = "") -> None:
        """交接: goes to the place, starts, waits until the screen says that it is done."""
        self._go("sync")
        start = self._widget(QAbstractButton, "sync_start")
        self._until(start.isEnabled, "the button")
        self._hands.press(Qt.Key.Key_F9)
        self._until(lambda: start.isEnabled(), "the exchange done")
        words = [label.text() for label in self._widget(QWidget, "sync_result").findChildren(QLabel)]
        if "交接做完了" not in words:
            raise WindowStuck(f"exchange: {words}")
        if picture:
            self._picture(picture)

    # --- the supervisor -----------------------------------------------------------------------------------------------

    def send_back(self) -> Returned:
        """Opens the quarterly sheet, pins a word to a question, chooses a reason and returns it."""
        self._go("review")
        row = self._open_sheet("quarterly")
        self._choose("review_lines", lambda line: line.number == _QUESTION, f"the line {_QUESTION}")
        self._hands.press(Qt.Key.Key_B, _CONTROL)
        self._hands.write(_PINNED)
        self._hands.press(Qt.Key.Key_Return)
        self._until(lambda: self._shows(_PINNED), "the word beside the question")
        self._picture("08-review-desk")
        self._hands.press(Qt.Key.Key_F9, _SHIFT)  # asks for a reason and puts the cursor there
        self._hands.write("05")
        self._hands.press(Qt.Key.Key_F9, _SHIFT)
        self._until(lambda: not self._waits(row.interview), "the sheet returned")
        self._picture("09-returned")
        return Returned(row.head_name, _QUESTION)

    def _open_sheet(self, form_id: str = "") -> Any:
        row = self._choose("review_waiting", lambda row: not form_id or row.form_id == form_id, "a sheet that waits")
        self._hands.press(Qt.Key.Key_Return)
        self._until(
            lambda: len(self._rows("review_lines")) > 0 and self._table("review_lines").isVisible(), "the sheet"
        )
        return row

    def _waits(self, interview: str) -> bool:
        return any(row.interview == interview for row in self._rows("review_waiting"))

    def _shows(self, words: str) -> bool:
        screen = self._window.current_screen()
        return screen is not None and any(words in label.text() for label in screen.findChildren(QLabel))

    def approve_all(self) -> int:
        """Opens each waiting sheet and approves it."""
        approved = 0
        self._go("review")
        self._until(lambda: len(self._rows("review_waiting")) > 0, "sheets that wait")
        while self._rows("review_waiting"):
            row = self._open_sheet()
            self._picture(f"12-review-{row.form_id}")
            self._hands.press(Qt.Key.Key_F9)
            self._until(lambda interview=row.interview: not self._waits(interview), "approved")  # type: ignore[misc]
            approved += 1
        self._picture("13-all-approved")
        return approved

    # --- paper --------------------------------------------------------------------------------------------------------

    def print_village(self, file_name: str) -> None:
        """Saves the household files of the village as one PDF from the print centre."""
        self._go("print")
        self._until(lambda: len(self._rows("print_list")) > 0, "households to print")
        preview = self._widget(QLabel, "print_preview")
        self._choose("print_list", lambda row: bool(row.household), "a household")
        self._until(lambda: not preview.pixmap().isNull(), "the preview")
        self._picture(f"14-print-centre-{self._role}")
        if not self._widget(QAbstractButton, "print_save").isEnabled():
            self._hands.press(Qt.Key.Key_A, _CONTROL)  # nothing has changed since the last print: print all the same
        target = self._out / file_name
        path = self._widget(QLineEdit, "print_path")
        path.setFocus()
        self._hands.press(Qt.Key.Key_A, _CONTROL)
        self._hands.write(str(target))
        self._hands.press(Qt.Key.Key_F9, _SHIFT)
        self._until(target.exists, "the PDF")
        self._summary.files.append(file_name)
