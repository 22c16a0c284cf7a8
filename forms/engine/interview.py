"""One filling of a form: what a front end talks to. The rules live in ``filling.py``, ``events.py`` and ``checks.py``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from forms.engine import checks, events, opening
from forms.engine.cells import (
    COMMENT,
    NOTE,
    AddRow,
    Cell,
    Effects,
    MoveRow,
    RemoveRow,
    RowPath,
    SavedInterview,
    SetValue,
    Situation,
    StoredOp,
)
from forms.engine.checks import message
from forms.engine.datatypes import Unfit, fit
from forms.engine.definition import Form, Question, Repeat, StartRow
from forms.engine.filling import Filling
from forms.engine.problems import AnswerRefused
from forms.engine.rows import Row, RowList
from forms.engine.state import CheckResult, Choice, NodeState, Violation
from forms.engine.submission import submission_xml
from forms.engine.templates import Template

_NEW_CHECK = ("passed", "")
_PART = re.compile(r"^(.*?)(?:\[(\d+)\])?$")


class Interview:
    """One filling of a form. Every method that changes something returns the ``Effects``; a refused step changes nothing.

    A cell may be given as a ``Cell`` or as text: a reference (``/data/member[2]/age``) or the name of a node; without a number
    the only row is meant.

    Attributes:
        opening: what opening stored: defaults, preloads, actions, first calculations.
    """

    opening: Effects

    def __init__(self, filling: Filling) -> None:
        """Not for callers: ``begin`` and ``resume`` make interviews."""
        self._filling = filling
        self._program = filling.program
        self._states: dict[tuple[Row, int], tuple[str, str]] = {}
        self._aside: dict[Cell, str] = {}
        self.opening = Effects()

    # Opening

    @classmethod
    def begin(
        cls,
        form: Form,
        situation: Situation,
        *,
        language: str | None = None,
        defaults: Mapping[Cell, str] | None = None,
    ) -> Interview:
        """A new filling: first-load events run, ``defaults`` overrule the form's own.

        Raises:
            FormRefused: the form's own defaults cannot be computed with.
            InstanceRefused: an attachment cannot be read.
        """
        interview = cls(opening.new_filling(form, situation, language))
        opening.begin(interview._filling, defaults or {})
        interview._note_checks()
        interview.opening = interview._finish()
        return interview

    @classmethod
    def resume(
        cls, form: Form, saved: SavedInterview, situation: Situation, *, language: str | None = None
    ) -> Interview:
        """A filling from disk; first-load events do not run again. Cells that the form no longer has are kept and saved again."""
        interview = cls(opening.new_filling(form, situation, language))
        interview._aside = opening.resume(interview._filling, saved)
        interview._note_checks()
        interview.opening = interview._finish()
        return interview

    @classmethod
    def from_submission(
        cls, form: Form, xml: str | bytes, situation: Situation, *, edit: bool, language: str | None = None
    ) -> Interview:
        """A filling from submission XML: a draft to go on with, or (``edit``) a sent one to correct, under a new instanceID.

        Raises:
            InstanceRefused: the XML is not a filling of this form.
        """
        interview = cls(opening.new_filling(form, situation, language))
        opening.from_xml(interview._filling, xml, edit=edit)
        interview._note_checks()
        interview.opening = interview._finish()
        return interview

    def saved(self) -> SavedInterview:
        """All that has to be kept, hidden values, notes and remarks included."""
        filling = self._filling
        rows: list[tuple[str, RowPath]] = []
        values: dict[Cell, str] = dict(self._aside)
        for row in filling.rows_within(filling.root):
            if row.scope.parent is not None:
                rows.append((row.scope.path, row.ids()))
            ids = row.ids()
            for template in row.scope.templates:
                text = row.text[template.slot]
                if text:
                    values[Cell(template.path, ids)] = text
        for path, notes in filling.notes.items():
            for row, text in notes.items():
                if text:
                    values[Cell(path, row.ids())] = text
        rows.sort(key=lambda entry: len(entry[1]))
        return SavedInterview(tuple(rows), values)

    # Steps

    def answer(self, cell: Cell | str, value: str) -> Effects:
        """Puts an answer; "" is blank, several choices are separated by spaces.

        Raises:
            AnswerRefused: the type cannot hold it, or the node is read-only, computed or not a question.
        """
        row, template = self._find(cell)
        node = template.node
        if not isinstance(node, Question):
            raise AnswerRefused("这里不是一道题，")
        if row.ro[template.slot]:
            raise AnswerRefused("这道题是只读的，")
        if node.control is None and node.calculated:
            raise AnswerRefused("这个值是算出来的，")
        text = self._fit(node, value)
        if node.control == "select" and " " in text:
            text = self._in_order(row, template, text)
        state = self._program.state_of.get(template)
        with _Step(self) as step:
            if state is not None and text:
                step.filling.set_text(row, state, "", derived=True)
            step.filling.set_text(row, template, text, derived=False)
        return step.effects

    @staticmethod
    def _fit(node: Question, value: str) -> str:
        if node.control in ("select", "rank"):
            return " ".join(value.split())
        if node.control == "trigger":
            return "OK" if value in ("OK", "true", "1") else ""
        try:
            text = fit(node.type, value)
        except Unfit as unfit:
            raise AnswerRefused(unfit.zh, unfit=True) from unfit
        if node.control == "range" and node.range is not None and text:
            low, high = sorted((float(node.range.start), float(node.range.end)))
            if not low <= float(text) <= high:
                raise AnswerRefused(f"要在{node.range.start}到{node.range.end}之间，", unfit=True)
        return text

    def _in_order(self, row: Row, template: Template, text: str) -> str:
        """Several choices in the order in which they are offered, whatever order they were ticked in (E); unknown ones last."""
        chosen = dict.fromkeys(text.split())
        offered = [choice.value for choice in self.choices(row.cell(template)) if choice.value in chosen]
        return " ".join(dict.fromkeys([*offered, *chosen]))

    def answer_state(self, cell: Cell | str, state: str) -> Effects:
        """Puts 不清楚 "8", 拒答 "9" or "" (back to an answer) on a question with ``fa:nonresponse``.

        The value goes blank with 8 or 9 and stays blank with "".

        Raises:
            AnswerRefused: the question does not allow this state.
        """
        row, template = self._find(cell)
        holder = self._program.state_of.get(template)
        node = template.node
        if holder is None or not isinstance(node, Question) or state not in ("", *node.nonresponse):
            raise AnswerRefused("这道题不能这样作答，")
        if row.ro[template.slot]:
            raise AnswerRefused("这道题是只读的，")
        with _Step(self) as step:
            step.filling.set_text(row, holder, state, derived=False)
            if state:
                step.filling.set_text(row, template, "", derived=False)
        return step.effects

    def confirm(self, cell: Cell | str) -> Effects:
        """Says that a pre-filled answer still holds (``x__ok`` = 1).

        Raises:
            AnswerRefused: the question needs no confirming.
        """
        row, template = self._find(cell)
        holder = self._program.confirm_of.get(template)
        if holder is None:
            raise AnswerRefused("这道题不用确认，")
        with _Step(self) as step:
            step.filling.set_text(row, holder, "1", derived=False)
        return step.effects

    def confirmed(self, cell: Cell | str) -> bool | None:
        """Whether a pre-filled answer was confirmed; None for questions that need no confirming."""
        row, template = self._find(cell)
        holder = self._program.confirm_of.get(template)
        return None if holder is None else row.text[holder.slot] == "1"

    def add_row(self, repeat: Cell | str, *, after: str | None = None, row_id: str | None = None) -> Effects:
        """A new row: at the end, or after the row with id ``after``. ``repeat`` carries the rows of the parents alone.

        Raises:
            AnswerRefused: rows of this repeat are not added by hand, or the id is there already.
        """
        rows = self._list(repeat)
        assert rows.scope.repeat is not None
        if rows.scope.repeat.fixed:
            raise AnswerRefused("这一组的行数由问卷决定，")
        if row_id is not None and rows.find(row_id) is not None:
            raise AnswerRefused("这一行已经有了，")
        index = len(rows.rows)
        if after is not None:
            previous = rows.find(after)
            if previous is None:
                raise AnswerRefused("前面的那一行已经不在，")
            index = previous.index + 1
        with _Step(self) as step:
            new_id = row_id or step.filling.situation.new_row_id()
            row = step.filling.make_row(rows.scope, rows.parent, new_id)
            step.filling.insert_row(rows, index, row)
        return step.effects

    def remove_row(self, row: Cell | str) -> Effects:
        """Takes a row away; ``undo`` brings it back with its values.

        Raises:
            AnswerRefused: rows of this repeat are not removed by hand.
        """
        found, template = self._find(row)
        if not isinstance(template.node, Repeat):
            raise AnswerRefused("这里不是一行，")
        if template.node.fixed:
            raise AnswerRefused("这一组的行数由问卷决定，")
        with _Step(self) as step:
            step.filling.remove_row(found)
        return step.effects

    def move_row(self, row: Cell | str, before: str | None) -> Effects:
        """Moves a row in front of the sibling ``before``, or to the end.

        Raises:
            AnswerRefused: the sibling is not there.
        """
        found, template = self._find(row)
        if not template.is_repeat:
            raise AnswerRefused("这里不是一行，")
        siblings = [one for one in found.siblings.rows if one is not found]
        index = len(siblings)
        if before is not None:
            index = next((at for at, one in enumerate(siblings) if one.id == before), -1)
            if index < 0 and before != found.id:
                raise AnswerRefused("要移到前面的那一行已经不在，")
            index = found.index if index < 0 else index
        with _Step(self) as step:
            if index != found.index:
                step.filling.move_row(found, index)
        return step.effects

    def write_note(self, check: Cell | str, text: str) -> Effects:
        """The written explanation that passes a soft check as long as the values it read stay the same.

        Raises:
            AnswerRefused: it is no edit check.
        """
        row, template = self._find(check)
        if template not in self._program.check_reads:
            raise AnswerRefused("这里没有校验，")
        with _Step(self) as step:
            self._write_aside(row, template, NOTE, checks.write_note(step.filling, template, row, text.strip()))
            step.filling.stale_checks[row, template.order] = (row, template)
        return step.effects

    def write_comment(self, cell: Cell | str, text: str) -> Effects:
        """The enumerator's remark on a question."""
        row, template = self._find(cell)
        with _Step(self) as step:
            self._write_aside(row, template, COMMENT, text.strip())
            step.filling.touched[row, template.order] = (row, template)
        return step.effects

    def comment(self, cell: Cell | str) -> str:
        """The remark on a question, "" if none."""
        row, template = self._find(cell)
        return self._filling.notes.get(template.path + COMMENT, {}).get(row, "")

    def note(self, check: Cell | str) -> str:
        """The words of the note on a check, "" if none."""
        row, template = self._find(check)
        return checks.note_words(self._filling.notes.get(template.path + NOTE, {}).get(row, ""))

    def _write_aside(self, row: Row, template: Template, suffix: str, stored: str) -> None:
        filling = self._filling
        notes = filling.notes.setdefault(template.path + suffix, {})
        old = notes.get(row, "")
        if old == stored:
            return
        notes[row] = stored
        cell = Cell(template.path + suffix, row.ids())
        filling.ops.append(SetValue(cell, stored))
        filling.undo.append(SetValue(cell, old))

    def undo(self, effects: Effects) -> Effects:
        """Puts back what a step changed. The latest step is undone first."""
        with _Step(self, actions=False) as step:
            filling = step.filling
            for op in effects.before:
                self._apply(op)
            filling.new_rows.clear()
            filling.changed_values.clear()
            filling.run()
            filling.frozen.clear()
        return step.effects

    def _apply(self, op: StoredOp) -> None:
        """One stored operation, without events."""
        filling = self._filling
        match op:
            case SetValue(cell, value):
                path, mark, suffix = (
                    cell.path.partition("@") if cell.path.endswith((NOTE, COMMENT)) else (cell.path, "", "")
                )
                row, template = self._find(Cell(path, cell.rows))
                if mark:
                    self._write_aside(row, template, mark + suffix, value)
                    filling.touched[row, template.order] = (row, template)
                    filling.stale_checks[row, template.order] = (row, template)
                    return
                filling.frozen.add((row, template.order))
                filling.set_text(row, template, value, derived=op.derived)
            case AddRow(cell, after):
                rows = self._list(Cell(cell.path, cell.rows[:-1]))
                previous = rows.find(after) if after is not None else None
                row = filling.make_row(rows.scope, rows.parent, cell.rows[-1], StartRow({}, {}))
                filling.insert_row(rows, 0 if previous is None else previous.index + 1, row)
            case RemoveRow(cell):
                filling.remove_row(self._find(cell)[0])
            case MoveRow(cell, before):
                row, _ = self._find(cell)
                others = [one for one in row.siblings.rows if one is not row]
                index = next((at for at, one in enumerate(others) if one.id == before), len(others))
                filling.move_row(row, index)

    def set_language(self, name: str) -> Effects:
        """Changes the language of labels, hints, choices and messages.

        Raises:
            AnswerRefused: the form does not have it.
        """
        if name not in self._program.form.languages:
            raise AnswerRefused("问卷没有这种语言，")
        with _Step(self) as step:
            filling = step.filling
            filling.language = name
            for key in filling.shown:
                if key[2] != "valid":
                    filling.stale[key] = filling.where[key]
            for trigger in self._program.triggers:
                if trigger.texts:
                    for row in filling.rows_of(trigger.scope, filling.root):
                        filling.enqueue(trigger, row)
        return step.effects

    def finish(self) -> Effects:
        """Fills in what belongs to the end of a filling (``timestamp end``), before it is handed in."""
        with _Step(self) as step:
            events.end(step.filling)
        return step.effects

    # Addresses

    def rows(self, repeat: Cell | str) -> tuple[str, ...]:
        """Ids of a repeat's rows in display order."""
        return tuple(row.id for row in self._list(repeat).rows)

    def cell(self, ref: str) -> Cell:
        """The cell at a reference with positions, or of a name.

        Raises:
            KeyError: there is none.
        """
        row, template, rows = self._resolve(ref)
        inside = rows.parent if rows is not None else row
        return Cell(template.path, inside.ids() if inside is not None else ())

    def ref(self, cell: Cell) -> str:
        """The reference with positions, for display."""
        row, template = self._find(cell)
        return reference(row, template)

    def _resolve(self, ref: str) -> tuple[Row | None, Template, RowList | None]:
        """(row, template, None), or for a repeat without a number (None, its template, its list)."""
        templates = self._program.templates
        if not ref.startswith("/"):
            path = self._program.form.path_of(ref)
            if path is None:
                raise KeyError(ref)
            ref = path
        row = self._filling.root
        here = ""
        template = templates.root
        parts = ref.split("/")[1:]
        for number, part in enumerate(parts):
            found = _PART.match(part)
            assert found is not None
            here = f"{here}/{found[1]}"
            at = templates.by_path.get(here)
            if at is None:
                raise KeyError(ref)
            template = at
            if not template.is_repeat:
                continue
            rows = row.lists[template.scope.list_index]
            if found[2] is None and number == len(parts) - 1:
                return None, template, rows
            index = int(found[2]) - 1 if found[2] is not None else 0
            if not 0 <= index < len(rows.rows) or (found[2] is None and len(rows.rows) > 1):
                raise KeyError(ref)
            row = rows.rows[index]
        return row, template, None

    def _find(self, cell: Cell | str) -> tuple[Row, Template]:
        """Row and template of a cell.

        Raises:
            KeyError: there is none.
        """
        if isinstance(cell, str):
            row, template, _ = self._resolve(cell)
            if row is None:
                raise KeyError(cell)
            return row, template
        template = self._program.templates.by_path[cell.path]
        row = self._filling.root
        scopes = template.scope.chain()[1:]
        if len(scopes) != len(cell.rows):
            raise KeyError(cell.path)
        for scope, row_id in zip(scopes, cell.rows, strict=True):
            found = row.lists[scope.list_index].find(row_id)
            if found is None:
                raise KeyError(cell.path)
            row = found
        return row, template

    def _list(self, repeat: Cell | str) -> RowList:
        if isinstance(repeat, str):
            _, _, rows = self._resolve(repeat)
            if rows is None:
                raise KeyError(repeat)
            return rows
        template = self._program.templates.by_path[repeat.path]
        scope = template.scope
        if not template.is_repeat or scope.parent is None:
            raise KeyError(repeat.path)
        parent, _ = self._find(Cell(scope.parent.path, repeat.rows))
        return parent.lists[scope.list_index]

    # Looking

    def state(self, cell: Cell | str) -> NodeState:
        """All about one cell but its texts and choices."""
        row, template = self._find(cell)
        slot = template.slot
        node = template.node
        relevant = row.rel[slot]
        if not isinstance(node, Question):
            return NodeState(row.cell(template), node.kind, relevant, row.ro[slot], False)
        constraint, required = self._valid(row, template)
        words = "" if constraint and required else message(self._filling, row, template, required=not required)
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
        row, template = self._find(cell)
        text = self._label(row, template)
        self._keep(row, template, "label", text)
        return text

    def _label(self, row: Row, template: Template) -> str:
        return self._filling.texts.read(template.node.label, row, template)

    def hint(self, cell: Cell | str) -> str:
        """The hint."""
        row, template = self._find(cell)
        return self._filling.texts.read(template.node.hint, row, template)

    def guidance(self, cell: Cell | str) -> str:
        """The guidance hint, for training and paper."""
        row, template = self._find(cell)
        return self._filling.texts.read(template.node.hint, row, template, "guidance")

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
                    words = message(self._filling, row, template, required=constraint)
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

    # Effects

    def _finish(self) -> Effects:
        """Gathers what the step did and gets ready for the next."""
        filling = self._filling
        changed: set[Cell] = set()
        for row, template in filling.touched.values():
            if _alive(row):
                changed.add(row.cell(template))
        for key, (row, template, aspect) in filling.stale.items():
            if _alive(row) and self._has_changed(key, row, template, aspect):
                changed.add(row.cell(template))
        for key, (row, template) in filling.touched.items():
            if (*key, "valid") in filling.shown:
                filling.shown.pop((*key, "valid"))
        failed: set[Cell] = set()
        for check_key, (row, template) in filling.stale_checks.items():
            if _alive(row) and self._check_changed(check_key, row, template):
                failed.add(row.cell(template))
        effects = Effects(
            frozenset(changed),
            frozenset(
                Cell(rows.scope.path, rows.parent.ids())
                for rows in filling.touched_lists.values()
                if _alive(rows.parent)
            ),
            frozenset(failed),
            tuple(filling.ops),
            tuple(reversed(filling.undo)),
        )
        self._clear()
        return effects

    def _has_changed(self, key: tuple[Row, int, str], row: Row, template: Template, aspect: str) -> bool:
        filling = self._filling
        old = filling.shown.pop(key, None)
        new: object
        match aspect:
            case "label":
                new = self._label(row, template)
                self._keep(row, template, aspect, new)
            case "choices":
                new = filling.texts.choices(row, template)
                self._keep(row, template, aspect, new)
            case _:
                new = self._valid(row, template)
        return old != new

    def _check_changed(self, key: tuple[Row, int], row: Row, template: Template) -> bool:
        """Whether the state changed, or the words of one that is shown as failed."""
        filling = self._filling
        state = checks.state_of(filling, self._program.check_of[template], template, row)
        words = checks.words_of(filling, template, row) if row.rel[template.slot] else ""
        old = self._states.get(key, _NEW_CHECK)
        now = (state, words)
        self._states[key] = now
        return old != now

    def _note_checks(self) -> None:
        """The states at the start, which later ones are compared with."""
        for check in self._program.form.checks:
            template = self._program.templates.by_path[check.path]
            for row in self._filling.rows_of(template.scope, self._filling.root):
                self._check_changed((row, template.order), row, template)

    def _clear(self) -> None:
        filling = self._filling
        filling.touched.clear()
        filling.touched_lists.clear()
        filling.stale.clear()
        filling.stale_checks.clear()
        filling.frozen.clear()
        filling.ops = []
        filling.undo = []
        filling.changed_values.clear()
        filling.new_rows.clear()


class _Step:
    """One step: on success its effects, on any error everything as before."""

    effects: Effects

    def __init__(self, interview: Interview, *, actions: bool = True) -> None:
        self._interview = interview
        self._actions = actions
        self.filling = interview._filling

    def __enter__(self) -> _Step:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            try:
                if self._actions:
                    events.settle(self.filling)
                self.effects = self._interview._finish()
            except BaseException:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        back = tuple(reversed(self.filling.undo))
        self._interview._clear()
        for op in back:
            self._interview._apply(op)
        self.filling.new_rows.clear()
        self.filling.changed_values.clear()
        self.filling.run()
        self._interview._clear()


def _alive(row: Row) -> bool:
    while row.scope.parent is not None:
        if row.index < 0:
            return False
        row = row.parent
    return True


def reference(row: Row, template: Template) -> str:
    """A path with the numbers of its rows."""
    if template.scope.parent is None:
        return template.path
    parent_scope = template.scope.parent
    above = reference(row.parent, parent_scope.templates[0]) if parent_scope.parent is not None else ""
    lead = parent_scope.path if parent_scope.parent is not None else ""
    middle = template.scope.path[len(lead) :]
    return f"{above}{middle}[{row.index + 1}]{template.path[len(template.scope.path) :]}"


def walk_nodes(template: Template, row: Row) -> Iterator[tuple[Row, Template]]:
    """A node and all below it with their rows, in document order, without attributes."""
    yield row, template
    for child in template.children.values():
        if child.is_repeat:
            for inner in row.lists[child.scope.list_index].rows:
                yield from walk_nodes(child, inner)
        else:
            yield from walk_nodes(child, row)
