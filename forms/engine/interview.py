"""One filling of a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forms.engine.cells import Cell, Effects, SavedInterview, Situation
from forms.engine.definition import Form
from forms.engine.state import CheckResult, Choice, NodeState, Violation


class Interview:
    """One filling of a form. Every method that changes something returns the ``Effects``.

    A cell may be given as a ``Cell`` or as text: a reference (``/data/member[2]/age``) or, where it is unique, a name.
    """

    opening: Effects
    """What the events of opening stored."""

    @classmethod
    def begin(
        cls,
        form: Form,
        situation: Situation,
        *,
        language: str | None = None,
        defaults: Mapping[Cell, str] | None = None,
    ) -> Interview:
        """A new filling: first-load events run, ``defaults`` overrule the form's own."""
        raise NotImplementedError

    @classmethod
    def resume(
        cls, form: Form, saved: SavedInterview, situation: Situation, *, language: str | None = None
    ) -> Interview:
        """A filling from disk; first-load events do not run again. Cells that the form no longer has are kept aside and saved."""
        raise NotImplementedError

    def saved(self) -> SavedInterview:
        """All that has to be kept, hidden values included."""
        raise NotImplementedError

    def answer(self, cell: Cell | str, value: str) -> Effects:
        """Puts an answer; "" is blank, several choices are separated by spaces.

        Raises:
            AnswerRefused: the type cannot hold it, or the node is read-only, not relevant or not a question.
        """
        raise NotImplementedError

    def answer_state(self, cell: Cell | str, state: str) -> Effects:
        """Puts 不清楚 "8", 拒答 "9" or "" (back to an answer) on a question with ``fa:nonresponse``."""
        raise NotImplementedError

    def confirm(self, cell: Cell | str) -> Effects:
        """Says that a pre-filled answer still holds (``x__ok`` = 1)."""
        raise NotImplementedError

    def confirmed(self, cell: Cell | str) -> bool | None:
        """Whether a pre-filled answer was confirmed; None for questions that need no confirming."""
        raise NotImplementedError

    def add_row(self, repeat: Cell | str, *, after: str | None = None, row_id: str | None = None) -> Effects:
        """A new row: at the end, or after the row with id ``after``. ``repeat`` carries the rows of the parents alone."""
        raise NotImplementedError

    def remove_row(self, row: Cell | str) -> Effects:
        """Takes a row away; ``undo`` brings it back with its values."""
        raise NotImplementedError

    def move_row(self, row: Cell | str, before: str | None) -> Effects:
        """Moves a row in front of the sibling ``before``, or to the end."""
        raise NotImplementedError

    def write_note(self, check: Cell | str, text: str) -> Effects:
        """The written explanation that passes a soft check as long as the values it read stay the same."""
        raise NotImplementedError

    def write_comment(self, cell: Cell | str, text: str) -> Effects:
        """The enumerator's remark on a question."""
        raise NotImplementedError

    def undo(self, effects: Effects) -> Effects:
        """Puts back what a step changed."""
        raise NotImplementedError

    def set_language(self, name: str) -> Effects:
        """Changes the language of labels, hints, choices and messages."""
        raise NotImplementedError

    def rows(self, repeat: Cell | str) -> tuple[str, ...]:
        """Ids of a repeat's rows in display order."""
        raise NotImplementedError

    def cell(self, ref: str) -> Cell:
        """The cell at a reference with positions. Raises KeyError."""
        raise NotImplementedError

    def ref(self, cell: Cell) -> str:
        """The reference with positions, for display."""
        raise NotImplementedError

    def state(self, cell: Cell | str) -> NodeState:
        """All about one cell but its texts and choices."""
        raise NotImplementedError

    def value(self, cell: Cell | str) -> str:
        """The value as saved, also while it is not relevant."""
        raise NotImplementedError

    def is_relevant(self, cell: Cell | str) -> bool:
        """Whether the cell is asked now."""
        raise NotImplementedError

    def label(self, cell: Cell | str) -> str:
        """The label in the active language, outputs filled in; "" if none."""
        raise NotImplementedError

    def hint(self, cell: Cell | str) -> str:
        """The hint."""
        raise NotImplementedError

    def guidance(self, cell: Cell | str) -> str:
        """The guidance hint, for training and paper."""
        raise NotImplementedError

    def media(self, cell: Cell | str) -> Mapping[str, str]:
        """Media of the label by form: image, audio, video, big-image."""
        raise NotImplementedError

    def choices(self, cell: Cell | str) -> tuple[Choice, ...]:
        """What can be chosen now."""
        raise NotImplementedError

    def choice_label(self, cell: Cell | str, value: str) -> str:
        """The label of one value in the active language; the value itself if it is not among the choices."""
        raise NotImplementedError

    def checks(self) -> tuple[CheckResult, ...]:
        """All edit checks of relevant rows, in document order."""
        raise NotImplementedError

    def violations(self) -> tuple[Violation, ...]:
        """Broken required and constraint conditions, in document order."""
        raise NotImplementedError

    def relevant_questions(self) -> Iterator[Cell]:
        """Visible questions (with a control) in document order."""
        raise NotImplementedError

    def submission_xml(self) -> str:
        """The submission: relevant nodes only."""
        raise NotImplementedError

    @property
    def hidden_count(self) -> int:
        """How many answers are kept but not relevant now."""
        raise NotImplementedError
