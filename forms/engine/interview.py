"""One filling of a form: what a front end talks to. The rules live in ``filling.py``, ``events.py`` and ``checks.py``."""

from __future__ import annotations

from collections.abc import Mapping

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
from forms.engine.datatypes import Unfit, fit
from forms.engine.definition import Form, Question, Repeat, StartRow
from forms.engine.filling import Filling
from forms.engine.looking import Looking
from forms.engine.noticing import settled
from forms.engine.problems import AnswerRefused
from forms.engine.rows import Row
from forms.engine.templates import Template

_NEW_CHECK = ("passed", "", "")


class Interview(Looking):
    """One filling of a form (spec: "Events", "Repeats", "Metadata").

    Every method that changes something returns the ``Effects``; a refused step changes nothing. A cell that is not there (an unknown
    path, a row that is gone) is a ``KeyError`` everywhere.

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
        self._states: dict[tuple[Row, int], tuple[str, str, str]] = {}
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
        """All that has to be kept, hidden values, notes and remarks included; "" where a person made a calculation blank."""
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
        values.update(dict.fromkeys(opening.typed_blanks(filling), ""))
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
        if text and node.control in ("select", "select1", "rank"):
            text = self._offered(row, template, text)
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

    def _offered(self, row: Row, template: Template, text: str) -> str:
        """The codes of an answer, several in the order in which they are offered, whatever order they were ticked in (E).

        Raises:
            AnswerRefused: a code is not offered now, or a ranking leaves one out.
        """
        codes = dict.fromkeys(text.split()) if template.node.control != "select1" else {text: None}
        offered = self._filling.texts.codes(row, template)
        chosen = [code for code in offered if code in codes]
        if len(set(chosen)) < len(codes):
            raise AnswerRefused("现在的选项里没有这个代码，")
        if template.node.control != "rank":
            return " ".join(dict.fromkeys(chosen))
        if len(codes) < len(set(offered)):
            raise AnswerRefused("排序要把每一项都排上，")
        return " ".join(codes)

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
        if node.control is None and node.calculated:
            raise AnswerRefused("这个值是算出来的，")
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
        return step.effects

    def _write_aside(self, row: Row, template: Template, suffix: str, stored: str) -> None:
        filling = self._filling
        notes = filling.notes.setdefault(template.path + suffix, {})
        old = notes.get(row, "")
        if old == stored:
            return
        notes[row] = stored
        if suffix == COMMENT:
            filling.touched[row, template.order] = (row, template, None)
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
            filling.settle_seen()
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
                    if template in self._program.check_of:
                        filling.stale_checks[row, template.order] = (row, template)
                    return
                if not filling.follows_language(row, template):
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
                filling.stale[key] = filling.where[key]
            filling.stale_checks.update({key: (key[0], self._program.templates.all[key[1]]) for key in self._states})
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

    # Effects

    def _finish(self) -> Effects:
        """Gathers what the step did and gets ready for the next."""
        filling = self._filling
        changed: set[Cell] = set()
        for row, template, before in filling.touched.values():
            if row.alive and row not in filling.born and before != filling.sight(row, template):
                changed.add(row.cell(template))
        # Validity first: what is said about a broken condition follows from it.
        for key, (row, template, aspect) in sorted(filling.stale.items(), key=lambda entry: entry[0][2] != "valid"):
            if row.alive and self._has_changed(key, row, template, aspect):
                changed.add(row.cell(template))
        if filling.shown:
            for row, order in filling.touched:
                filling.forget_valid(row, order)
        failed: set[Cell] = set()
        for check_key, (row, template) in filling.stale_checks.items():
            if row.alive and self._check_changed(check_key, row, template):
                failed.add(row.cell(template))
        effects = Effects(
            frozenset(changed),
            frozenset(
                Cell(rows.scope.path, rows.parent.ids())
                for rows in filling.touched_lists.values()
                if rows.parent.alive and rows.parent not in filling.born
            ),
            frozenset(failed),
            *settled(filling.ops, filling.undo),
        )
        self._clear()
        return effects

    def _has_changed(self, key: tuple[Row, int, str], row: Row, template: Template, aspect: str) -> bool:
        filling = self._filling
        old = filling.shown.pop(key, None)
        if aspect == "valid":
            filling.forget_valid(row, template.order)
        new: object
        match aspect:
            case "label":
                new = {name: self._text(row, template, name) for name in old or ()}
                self._keep(row, template, aspect, new)
            case "choices":
                new = filling.texts.choices(row, template)
                self._keep(row, template, aspect, new)
            case _:
                new = self._valid(row, template)
        return bool(old != new)

    def _check_changed(self, key: tuple[Row, int], row: Row, template: Template) -> bool:
        """Whether the state changed, the words of one that is shown as failed, or the note. One that does not show counts as passed."""
        filling = self._filling
        old = self._states.get(key, _NEW_CHECK)
        now = _NEW_CHECK
        if checks.shows(row, template):
            state = checks.state_of(filling, self._program.check_of[template], template, row)
            words = checks.words_of(filling, template, row) if row.rel[template.slot] else ""
            now = (state, words, checks.note_of(filling, template, row))
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
        filling.born.clear()
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
        self.filling.settle_seen()
        self.filling.run()
        self._interview._clear()
