"""What can be asked about a filling; nothing here changes it. Texts and choices are evaluated when asked for.

What was shown is remembered, so that a step can say which of it changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forms.engine import checks
from forms.engine.addressing import Addresses, walk_nodes
from forms.engine.cells import COMMENT, Cell, Situation
from forms.engine.checks import message
from forms.engine.definition import Form, Question
from forms.engine.rows import Row
from forms.engine.state import CheckResult, Choice, NodeState, Violation
from forms.engine.submission import submission_xml
from forms.engine.templates import Template


class Looking(Addresses):
    """The part of an interview that answers questions."""

    def state(self, cell: Cell | str) -> NodeState:
        """All about one cell but its texts and choices."""
        row, template = self._find(cell)
        slot = template.slot
        node = template.node
        relevant = row.rel[slot]
        if not isinstance(node, Question):
            return NodeState(row.cell(template), node.kind, relevant, row.ro[slot], False)
        constraint, required = self._valid(row, template)
        words = "" if constraint and required else self._asked_text(row, template, "message")
        return NodeState(
            row.cell(template),
            node.kind,
            relevant,
            row.ro[slot],
            row.req[slot],
            node.type,
            self._value(row, template),
            constraint,
            required,
            words,
            self._status(row, template),
        )

    def _value(self, row: Row, template: Template) -> str:
        if row.kept is not None and template.slot in row.kept:
            return row.kept[template.slot]
        return row.text[template.slot]

    def _status(self, row: Row, template: Template) -> str:
        if not row.rel[template.slot]:
            return "7"
        code = checks.state_code(self._filling, row, template)
        if code:
            return code
        text = row.seen[template.slot]
        if not text:
            return ""
        if template.type in ("int", "decimal") and not text.strip("-0."):
            return "0"
        return "1"

    def _valid(self, row: Row, template: Template) -> tuple[bool, bool]:
        key = (row, template.order, "valid")
        found: tuple[bool, bool]
        if key in self._filling.shown and (row, template.order) not in self._filling.touched:
            found = self._filling.shown[key]
            return found
        found = (checks.constraint_ok(self._filling, row, template), checks.required_ok(self._filling, row, template))
        self._keep(row, template, "valid", found)
        return found

    def _keep(self, row: Row, template: Template, aspect: str, value: object) -> None:
        key = (row, template.order, aspect)
        self._filling.shown[key] = value
        self._filling.where[key] = (row, template, aspect)

    def value(self, cell: Cell | str) -> str:
        """The value as saved, also while it is not relevant; blank while its choice is filtered away."""
        return self._value(*self._find(cell))

    def is_relevant(self, cell: Cell | str) -> bool:
        """Whether the cell is asked now."""
        row, template = self._find(cell)
        return row.rel[template.slot]

    def label(self, cell: Cell | str) -> str:
        """The label in the active language, outputs filled in; "" if none."""
        return self._asked_text(*self._find(cell), "label")

    def hint(self, cell: Cell | str) -> str:
        """The hint."""
        return self._asked_text(*self._find(cell), "hint")

    def guidance(self, cell: Cell | str) -> str:
        """The guidance hint, for training and paper."""
        return self._asked_text(*self._find(cell), "guidance")

    def _asked_text(self, row: Row, template: Template, name: str) -> str:
        """A text of a cell, which a step from now on tells of when it changes."""
        text = self._text(row, template, name)
        key = (row, template.order, "label")
        shown: dict[str, str] | None = self._filling.shown.get(key)
        if shown is None:
            self._keep(row, template, "label", {name: text})
        else:
            shown[name] = text
        return text

    def _text(self, row: Row, template: Template, name: str) -> str:
        texts, node = self._filling.texts, template.node
        match name:
            case "label":
                return texts.read(node.label, row, template)
            case "hint":
                return texts.read(node.hint, row, template)
            case "guidance":
                return texts.read(node.hint, row, template, "guidance")
        constraint, required = self._valid(row, template)
        return "" if constraint and required else message(self._filling, row, template, required=constraint)

    def media(self, cell: Cell | str) -> Mapping[str, str]:
        """Media of the label by form: image, audio, video, big-image."""
        row, template = self._find(cell)
        return self._filling.texts.media(template.node.label, row, template)

    def choices(self, cell: Cell | str) -> tuple[Choice, ...]:
        """What can be chosen now."""
        row, template = self._find(cell)
        key = (row, template.order, "choices")
        found: tuple[Choice, ...] | None = self._filling.shown.get(key)
        if found is None:
            found = self._filling.texts.choices(row, template)
            self._keep(row, template, "choices", found)
        return found

    def choice_label(self, cell: Cell | str, value: str) -> str:
        """The label of one value in the active language; the value itself if it is not among the choices."""
        row, template = self._find(cell)
        return self._filling.texts.choice_name(row, template, value) or value

    def checks(self) -> tuple[CheckResult, ...]:
        """All edit checks of relevant rows, in document order."""
        filling = self._filling
        found = []
        for check in self._program.form.checks:
            template = self._program.templates.by_path[check.path]
            for row in checks.check_rows(filling, template):
                found.append(checks.result(filling, check, template, row))
        return tuple(found)

    def violations(self) -> tuple[Violation, ...]:
        """Broken required and constraint conditions, in document order."""
        found = []
        for row, template in self.walk():
            if template.is_leaf and row.rel[template.slot]:
                constraint, required = self._valid(row, template)
                if not (constraint and required):
                    condition = "constraint" if not constraint else "required"
                    words = self._asked_text(row, template, "message")
                    found.append(Violation(row.cell(template), condition, words))
        return tuple(found)

    def walk(self) -> Iterator[tuple[Row, Template]]:
        """All nodes with their rows, in document order; a repeat shows as its rows. For this package and ``running.py``."""
        yield from walk_nodes(self._program.templates.root, self._filling.root)

    def cells(self) -> Iterator[Cell]:
        """All cells in document order."""
        for row, template in self.walk():
            yield row.cell(template)

    def relevant_questions(self) -> Iterator[Cell]:
        """Visible questions (with a control) in document order."""
        for row, template in self.walk():
            node = template.node
            if isinstance(node, Question) and node.control is not None and row.rel[template.slot]:
                yield row.cell(template)

    def submission_xml(self) -> str:
        """The submission: relevant nodes only."""
        return submission_xml(self._filling)

    @property
    def language(self) -> str:
        """The active language, "" if the form has none."""
        return self._filling.language

    @property
    def situation(self) -> Situation:
        """What came from outside: clock, chance, files. A copy of the filling is made with it."""
        return self._filling.situation

    @property
    def form(self) -> Form:
        """The form."""
        return self._program.form

    @property
    def wanted(self) -> tuple[Cell, ...]:
        """Cells that an action wants a location or a recording for; the front end brings it by ``answer``."""
        return tuple(row.cell(template) for row, template in self._filling.wanted)

    @property
    def hidden_count(self) -> int:
        """How many answers are kept but not relevant now."""
        return sum(
            1
            for row, template in self.walk()
            if template.is_leaf
            and template.node.control is not None
            and not row.rel[template.slot]
            and row.text[template.slot]
        )

    def confirmed(self, cell: Cell | str) -> bool | None:
        """Whether a pre-filled answer was confirmed; None for questions that need no confirming."""
        row, template = self._find(cell)
        holder = self._program.confirm_of.get(template)
        return None if holder is None else row.text[holder.slot] == "1"

    def comment(self, cell: Cell | str) -> str:
        """The remark on a question, "" if none."""
        row, template = self._find(cell)
        return self._filling.notes.get(template.path + COMMENT, {}).get(row, "")

    def note(self, check: Cell | str) -> str:
        """The words of the note on a check, "" if none."""
        row, template = self._find(check)
        return checks.note_of(self._filling, template, row)
