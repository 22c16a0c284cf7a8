"""Keeps one filling consistent: the queue of triggers, and what a change reaches.

A change marks the triggers that read it, each for the rows it concerns; the queue runs them in the order of the graph, every
one once. A new value equal to the old one goes no further. Nothing here knows about files, events of the form, or people.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any

from forms.engine.cells import AddRow, Cell, MoveRow, RemoveRow, SetValue, Situation, StoredOp
from forms.engine.code import Fn, Frame
from forms.engine.datatypes import fit_computed
from forms.engine.definition import Repeat, StartRow
from forms.engine.dependencies import Trigger
from forms.engine.noticing import Noticing
from forms.engine.program import Program, Watch
from forms.engine.rows import Row, RowList
from forms.engine.secondary import SecondaryInstance
from forms.engine.templates import Scope, Template
from forms.engine.xpath.errors import XPathValueError

if TYPE_CHECKING:
    from forms.engine.labels import Texts

ROUNDS_LIMIT = 200
"""How often one trigger may run again for one row in one step before it is left as it is."""
ROWS_LIMIT = 10_000


class Filling(Noticing):
    """The rows of one filling and the machinery that keeps them consistent.

    Attributes:
        versions: one counter a template, up with every change in any row.
        touched_lists: row lists whose rows changed in this step.
        ops, undo: what this step stores, and what undoes it.
        frozen: cells whose calculation does not run in this step (undo and restore put the value there).
        on_changed: told of each changed value, for the form's actions.
        strict: a value that a function cannot take is an error (while the form's own defaults are computed) and not blank.
    """

    def __init__(self, program: Program, situation: Situation, language: str) -> None:
        super().__init__(program)
        self.situation = situation
        self.language = language
        self.versions = [0] * len(program.templates.all)
        self.touched_lists: dict[int, RowList] = {}
        self.ops: list[StoredOp] = []
        self.undo: list[StoredOp] = []
        self.frozen: set[tuple[Row, int]] = set()
        self.new_rows: list[Row] = []
        self.changed_values: list[tuple[Row, Template]] = []
        self.wanted: list[tuple[Row, Template]] = []
        self.recording = False
        self.strict = False
        self.missing_is_error = False
        self.texts: Texts
        self.notes: dict[str, dict[Row, str]] = {}
        self._worded = {
            trigger.template: trigger
            for trigger in program.triggers
            if trigger.kind == "calculate"
            and trigger.texts
            and not trigger.volatile
            and not trigger.template.is_typable
        }
        self._heap: list[int] = []
        self._pending: dict[int, dict[Row, None]] = {}
        self._runs: dict[tuple[int, Row], int] = {}
        self._instances: dict[str, SecondaryInstance] = {}
        self.root = Row(program.templates.root.scope, None, self, "")

    # Secondary instances

    def instance(self, key: str) -> SecondaryInstance:
        """A secondary instance, read on first use; one that is missing is empty."""
        found = self._instances.get(key)
        if found is None:
            from forms.engine.attachments import read_instance

            found = self._instances[key] = read_instance(self.program, key, self.situation)
        return found

    # Rows

    def make_row(
        self, scope: Scope, parent: Row, row_id: str, start: StartRow | None = None, *, saved: bool = False
    ) -> Row:
        """A row, with the rows that the form's own instance has inside it. It stands in no list yet.

        ``saved``: ``start`` is from a saved filling, whose counted rows are taken as they are.
        """
        row = Row(scope, parent, self, row_id)
        for template in scope.templates:
            if start is not None and template.is_leaf:
                row.text[template.slot] = start.values.get(template.path, "")
            if "rowid" in template.node.fa:
                row.text[template.slot] = row_id
            if row.text[template.slot]:
                row.text[template.slot] = fit_computed(template.type, row.text[template.slot])
        parent_template = scope.templates[0].parent
        visible = parent.rel[parent_template.slot] if parent_template is not None else True
        if not visible:
            row.rel = [False] * len(row.rel)
        else:
            self.read_afresh(row)
        if parent_template is not None and parent.ro[parent_template.slot]:
            row.ro = [True] * len(row.ro)
        for rows in row.lists:
            repeat = rows.scope.repeat
            assert repeat is not None
            for inner in self.start_rows(repeat, start, saved=saved):
                made = self.make_row(rows.scope, row, self.situation.new_row_id(), inner, saved=saved)
                rows.insert(len(rows.rows), made)
        return row

    @staticmethod
    def start_rows(repeat: Repeat, start: StartRow | None, *, saved: bool) -> tuple[StartRow, ...]:
        """The rows at the start: those of the surrounding row's own text, else those of the form. A count makes its rows later."""
        if repeat.count is not None and not saved:
            return ()
        if start is not None:
            return start.rows.get(repeat.path, ())
        if not repeat.start and repeat.fixed and repeat.count is None:
            # Nobody could ever add one (E; JavaRosa too makes the first row of a repeat itself).
            return (StartRow({}, {}),)
        return repeat.start

    def read_afresh(self, row: Row) -> None:
        """What expressions read of a row before anything is computed: its texts, blank where a state of 8 or 9 stands for them."""
        row.seen = row.text.copy()
        for template, state in self.program.state_of.items():
            if template.scope is row.scope and row.text[state.slot] in ("8", "9"):
                row.seen[template.slot] = ""

    def insert_row(self, rows: RowList, index: int, row: Row) -> None:
        """Puts a made row into its list and marks all that this reaches."""
        before = rows.rows[index - 1].id if index > 0 else None
        rows.insert(index, row)
        self._record_new(row, before)
        self._rows_changed(rows, index)
        self.enqueue_all(row)
        every = list(self.rows_within(row))
        self.born.update(every)
        self.new_rows.extend(every)

    def _record_new(self, row: Row, before: str | None) -> None:
        cell = row.cell(row.scope.templates[0])
        if self.recording:
            self.ops.append(AddRow(cell, before))
            self.undo.append(RemoveRow(cell))
            for template in row.scope.templates:
                if row.text[template.slot]:
                    self.ops.append(SetValue(row.cell(template), row.text[template.slot], derived=True))
        for rows in row.lists:
            previous: str | None = None
            for inner in rows.rows:
                self._record_new(inner, previous)
                previous = inner.id

    def remove_row(self, row: Row) -> None:
        """Takes a row away."""
        rows = row.siblings
        index = row.index
        if self.recording:
            cell = row.cell(row.scope.templates[0])
            self.ops.append(RemoveRow(cell))
            back: list[StoredOp] = []
            self._record_back(row, rows.rows[index - 1].id if index else None, back)
            self.undo.extend(reversed(back))
        for notes in self.notes.values():
            for inner in self.rows_within(row):
                notes.pop(inner, None)
        rows.remove(row)
        row.index = -1
        self._rows_changed(rows, index)

    def _record_back(self, row: Row, before: str | None, back: list[StoredOp]) -> None:
        back.append(AddRow(row.cell(row.scope.templates[0]), before))
        for template in row.scope.templates:
            if row.text[template.slot] or template.is_typable:  # a blank put over a calculation comes back too
                back.append(SetValue(row.cell(template), row.text[template.slot]))
        back += [SetValue(Cell(path, row.ids()), notes[row]) for path, notes in self.notes.items() if notes.get(row)]
        for rows in row.lists:
            previous: str | None = None
            for inner in rows.rows:
                self._record_back(inner, previous, back)
                previous = inner.id

    def move_row(self, row: Row, index: int) -> None:
        """Puts a row at another position among its siblings (counted without it)."""
        rows = row.siblings
        old = row.index
        cell = row.cell(row.scope.templates[0])
        following = rows.rows[old + 1].id if old + 1 < len(rows.rows) else None
        rows.remove(row)
        target = rows.rows[index].id if index < len(rows.rows) else None
        rows.insert(index, row)
        if self.recording:
            self.ops.append(MoveRow(cell, target))
            self.undo.append(MoveRow(cell, following))
        self._rows_changed(rows, min(old, index))

    def _rows_changed(self, rows: RowList, index: int) -> None:
        template = rows.scope.templates[0]
        self.versions[template.order] += 1
        self.touched_lists[id(rows)] = rows
        self._mark_rows(rows)
        watch = self.program.position_watch.get(template)
        if watch is not None:
            for row in rows.rows[index:]:
                self._mark(watch, row)

    def _mark_rows(self, rows: RowList) -> None:
        template = rows.scope.templates[0]
        watch = self.program.rows_watch.get(template)
        if watch is not None:
            self._mark(watch, rows.parent)
        self.mark_shown(template, rows.parent)

    # Marking

    def enqueue_all(self, row: Row) -> None:
        """Marks every trigger of a row and of the rows inside it."""
        for inner in self.rows_within(row):
            for trigger in self.program.of_scope.get(inner.scope, ()):
                self.enqueue(trigger, inner)

    def enqueue(self, trigger: Trigger, row: Row) -> None:
        """Marks one trigger in one row."""
        pending = self._pending.get(trigger.rank)
        if pending is None:
            self._pending[trigger.rank] = {row: None}
            heappush(self._heap, trigger.rank)
        else:
            pending[row] = None

    def follows_language(self, row: Row, template: Template) -> bool:
        """Whether a calculation reads texts; it is marked then, since what it gave before may be in another language."""
        trigger = self._worded.get(template)
        if trigger is not None:
            self.enqueue(trigger, row)
        return trigger is not None

    def _mark(self, watch: Watch, row: Row) -> None:
        depth = row.scope.depth
        for trigger, shared in watch:
            base = row if depth == shared else row.up(depth - shared)
            if trigger.scope is base.scope:
                self.enqueue(trigger, base)
            else:
                for one in self.rows_of(trigger.scope, base):
                    self.enqueue(trigger, one)

    def touch(self, row: Row, template: Template) -> None:
        """What expressions read of a node has changed."""
        order = template.order
        self.versions[order] += 1
        scope = row.scope
        if scope.parent is not None:
            row.parent.lists[scope.list_index].forget(template.slot, row)
            if template.slot == 0:
                self._mark_rows(row.siblings)
        watch = self.program.value_watch[order]
        if watch:
            self._mark(watch, row)
        self.mark_shown(template, row)

    # Values

    def set_text(self, row: Row, template: Template, text: str, *, derived: bool) -> bool:
        """Stores a value; says whether it is another one."""
        slot = template.slot
        old = row.text[slot]
        if old == text:
            return False
        self.note(row, template)
        owner = self.program.owner_of.get(template)
        if owner is not None:
            self.note(row, owner)
        row.text[slot] = text
        if self.recording:
            cell = Cell(template.path, row.ids())
            self.ops.append(SetValue(cell, text, derived))
            self.undo.append(SetValue(cell, old, derived))
        self.changed_values.append((row, template))
        choosing = self.program.choices_of.get(template)
        if choosing is not None:
            if row.kept:
                row.kept.pop(slot, None)
            self.enqueue(choosing, row)
        self.refresh_seen(row, template)
        if owner is not None:
            self.refresh_seen(row, owner)
            self.mark_shown(owner, row)
        return True

    def refresh_seen(self, row: Row, template: Template) -> None:
        """Sets what expressions read from text, relevance, state and choices."""
        slot = template.slot
        if not row.rel[slot]:
            seen = ""
        else:
            seen = row.text[slot]
            if row.kept is not None and slot in row.kept:
                seen = row.kept[slot]
            state = self.program.state_of.get(template)
            if state is not None and row.text[state.slot] in ("8", "9"):
                seen = ""
        if seen != row.seen[slot]:
            self.note(row, template)
            row.seen[slot] = seen
            self.touch(row, template)

    def _set_relevant(self, row: Row, template: Template, own: bool) -> None:
        if row.own[template.slot] is not own:
            row.own[template.slot] = own
        self._refresh_relevant(row, template)

    def _refresh_relevant(self, row: Row, template: Template) -> None:
        slot = template.slot
        parent = template.parent
        now = row.own[slot]
        if now and parent is not None:
            now = row.parent.rel[parent.slot] if template.is_repeat else row.rel[parent.slot]
        if now is row.rel[slot]:
            return
        self.note(row, template)
        row.rel[slot] = now
        self.touch(row, template)
        if template.is_leaf:
            self.refresh_seen(row, template)
        self._each_child(row, template, self._refresh_relevant)

    def _set_readonly(self, row: Row, template: Template, own: bool) -> None:
        row.own_ro[template.slot] = own
        self._refresh_readonly(row, template)

    def _refresh_readonly(self, row: Row, template: Template) -> None:
        slot, parent = template.slot, template.parent
        now = row.own_ro[slot]
        if not now and parent is not None:
            now = row.parent.ro[parent.slot] if template.is_repeat else row.ro[parent.slot]
        if now is row.ro[slot]:
            return
        self.note(row, template)
        row.ro[slot] = now
        self._each_child(row, template, self._refresh_readonly)

    @staticmethod
    def _each_child(row: Row, template: Template, visit: Any) -> None:
        for attribute in template.attributes.values():
            visit(row, attribute)
        for child in template.children.values():
            if child.is_repeat:
                for inner in row.lists[child.scope.list_index].rows:
                    visit(inner, child)
            else:
                visit(row, child)

    # Running

    def run(self) -> None:
        """Runs everything marked, in order, until nothing is."""
        triggers = self.program.triggers
        self._runs.clear()
        while self._heap:
            rank = heappop(self._heap)
            rows = self._pending.pop(rank)
            trigger = triggers[rank]
            evaluate = _EVALUATE[trigger.kind]
            for row in rows:
                if row.alive and self._may_run(trigger, row):
                    evaluate(self, trigger, row)

    def settle_seen(self) -> None:
        """Decides what of the stored answers is seen (relevance, choices) before any calculation runs.

        After a step back and after a restart the answers stand as they were, but every row starts as relevant: a calculation that
        keeps what it saw first (``once``) would keep what nobody is shown.
        """
        triggers = self.program.triggers
        self._runs.clear()
        aside: list[int] = []
        while self._heap:
            rank = heappop(self._heap)
            trigger = triggers[rank]
            if trigger.kind not in ("relevant", "choices"):
                aside.append(rank)
                continue
            evaluate = _EVALUATE[trigger.kind]
            for row in self._pending.pop(rank):
                if row.alive and self._may_run(trigger, row):
                    evaluate(self, trigger, row)
        heapify(aside)
        self._heap = aside

    def _may_run(self, trigger: Trigger, row: Row) -> bool:
        key = (trigger.rank, row)
        runs = self._runs.get(key, 0) + 1
        self._runs[key] = runs
        return runs <= ROUNDS_LIMIT

    def evaluate(self, fn: Fn, row: Row) -> Any:
        """The value of an expression; one that a function cannot make sense of is blank, unless ``strict``."""
        try:
            return fn(row, None)
        except XPathValueError:
            if self.strict:
                raise
            return ""

    def _calculate(self, trigger: Trigger, row: Row) -> None:
        template = trigger.template
        if self.frozen and (row, template.order) in self.frozen:
            return
        text = self.evaluate(trigger.fn, row)
        if text == "NaN":
            text = ""
        if template.type != "string":
            text = fit_computed(template.type, text)
        changed = self.set_text(row, template, text, derived=True)
        if not changed and template.is_typable and self.recording:
            # What was typed happens to be the result too: undoing must not compute it anew from what was before.
            self.undo.append(SetValue(row.cell(template), text, derived=True))

    def _relevant(self, trigger: Trigger, row: Row) -> None:
        self._set_relevant(row, trigger.template, bool(self.evaluate(trigger.fn, row)))

    def _readonly(self, trigger: Trigger, row: Row) -> None:
        self._set_readonly(row, trigger.template, bool(self.evaluate(trigger.fn, row)))

    def _required(self, trigger: Trigger, row: Row) -> None:
        slot = trigger.template.slot
        now = bool(self.evaluate(trigger.fn, row))
        if now is not row.req[slot]:
            self.note(row, trigger.template)
            row.req[slot] = now

    def _choices(self, trigger: Trigger, row: Row) -> None:
        """Blanks what can no longer be chosen; it returns with the choice."""
        template = trigger.template
        slot = template.slot
        text = row.text[slot]
        kept = text
        if text:
            choosing = self.program.itemset(template)
            assert choosing is not None
            value = choosing.value
            offered = {value(one, self.frame(row)) for one in choosing.rows(row, None)}
            node = template.node
            if getattr(node, "control", None) in ("select", "rank"):
                kept = " ".join(code for code in text.split() if code in offered)
            else:
                kept = text if text in offered else ""
        if kept == text:
            if row.kept and slot in row.kept:
                self.note(row, template)
                del row.kept[slot]
        else:
            if row.kept is None:
                row.kept = {}
            if row.kept.get(slot) != kept:
                self.note(row, template)
                row.kept[slot] = kept
        self.refresh_seen(row, template)

    def _count(self, trigger: Trigger, parent: Row) -> None:
        """Adds rows up to the count; fewer later keeps the rows that are there (JavaRosa, E since 1.0.1); blank changes nothing."""
        rows = parent.lists[trigger.template.scope.list_index]
        number = self.evaluate(trigger.fn, parent)
        if type(number) is not float or number != number:
            return
        wanted = min(int(max(number, 0.0)) if number < 1e9 else ROWS_LIMIT, ROWS_LIMIT)
        given = _written(rows)
        while len(rows.rows) < wanted:
            # The rows that the form's own instance writes out are the first ones (both peers).
            start = given[len(rows.rows)] if len(rows.rows) < len(given) else None
            row = self.make_row(rows.scope, parent, self.situation.new_row_id(), start)
            self.insert_row(rows, len(rows.rows), row)

    @staticmethod
    def frame(row: Row) -> Frame:
        """A frame for expressions on items, whose outermost row is ``row``."""
        return Frame(row)


def _written(rows: RowList) -> tuple[StartRow, ...]:
    """The rows of a list that the form's own instance writes out, by the places of the rows around it."""
    repeat, parent = rows.scope.repeat, rows.parent
    assert repeat is not None
    if parent.scope.parent is None:
        return repeat.start
    around = _written(parent.siblings)
    return around[parent.index].rows.get(repeat.path, ()) if parent.index < len(around) else repeat.start


_EVALUATE = {
    "calculate": Filling._calculate,
    "relevant": Filling._relevant,
    "readonly": Filling._readonly,
    "required": Filling._required,
    "choices": Filling._choices,
    "count": Filling._count,
}
