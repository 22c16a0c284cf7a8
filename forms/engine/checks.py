"""Conditions on answers: required, constraint, and edit checks (design 3, "Extensions").

    answer        relevant   required broken   constraint broken
    blank         yes        if required       never
    given         yes        never             if the expression is false
    state 8 or 9  yes        never             never
    any           no         never             never

An edit check is a note that is relevant when it fails. Its state:

    fails   something it reads is open   note              state
    no      no                           –                 passed
    –       yes                          –                 undecided
    yes     no                           none              failed
    yes     no                           for these values  noted (soft only)
    yes     no                           for others        fallen

Open means: relevant, a question that is asked, blank, without a state of 8 or 9. A question whose being blank the check itself asks
about (``x = ''``, ``coalesce(x, …)``) does not keep it from failing. The note carries a digest of the
values that the check reads, and so falls by itself when they change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from forms.engine.cells import NOTE, Cell
from forms.engine.code import Dep
from forms.engine.definition import CheckDef, Question
from forms.engine.filling import Filling
from forms.engine.rows import Row
from forms.engine.state import CheckResult
from forms.engine.templates import Template

_STATES = ("8", "9")
_MARK = "\u0001"


def state_code(filling: Filling, row: Row, template: Template) -> str:
    """The non-response state of a question, "" if none."""
    state = filling.program.state_of.get(template)
    if state is None:
        return ""
    code = row.text[state.slot]
    return code if code in _STATES else ""


def required_ok(filling: Filling, row: Row, template: Template) -> bool:
    """Whether an answer is not wanted, or given."""
    slot = template.slot
    if not row.req[slot] or not row.rel[slot]:
        return True
    return row.seen[slot] != "" or bool(state_code(filling, row, template))


def constraint_ok(filling: Filling, row: Row, template: Template) -> bool:
    """Whether the value satisfies its constraint."""
    slot = template.slot
    if not row.rel[slot] or row.seen[slot] == "":
        return True
    test = filling.program.constraint(template)
    return test is None or bool(filling.evaluate(test, row))


def message(filling: Filling, row: Row, template: Template, *, required: bool) -> str:
    """The form's own words for a broken condition."""
    bind = template.node.bind
    text = bind.required_message if required else bind.constraint_message
    return filling.texts.read(text, row, template)


def check_rows(filling: Filling, template: Template) -> list[Row]:
    """The rows that a check stands in, as far as what is around it is relevant."""
    return [row for row in filling.rows_of(template.scope, filling.root) if shows(row, template)]


def shows(row: Row, template: Template) -> bool:
    """Whether what is around a check is relevant."""
    parent = template.parent
    assert parent is not None
    return template.is_repeat or row.rel[parent.slot]


def state_of(filling: Filling, check: CheckDef, template: Template, row: Row) -> str:
    """The state alone, as in the table above."""
    fails = row.rel[template.slot]
    if is_open(filling, template, row, fails=fails):
        return "undecided"
    if not fails:
        return "passed"
    digest, _, note = filling.notes.get(template.path + NOTE, {}).get(row, "").partition(_MARK)
    if note and check.kind == "soft":
        return "noted" if digest == digest_of(filling, template, row) else "fallen"
    return "failed"


def words_of(filling: Filling, template: Template, row: Row) -> str:
    """The message in the active language."""
    return filling.texts.read(template.node.label, row, template)


def result(filling: Filling, check: CheckDef, template: Template, row: Row) -> CheckResult:
    """All about one check in one row."""
    note = note_of(filling, template, row)
    state = state_of(filling, check, template, row)
    words = words_of(filling, template, row)
    places = about(filling, check, template, row)
    return CheckResult(row.cell(template), check.id, check.kind, check.level, state, words, places, note)


def write_note(filling: Filling, template: Template, row: Row, text: str) -> str:
    """What is stored for a note: the digest of the values and the words; "" for no words."""
    return f"{digest_of(filling, template, row)}{_MARK}{text}" if text else ""


def note_of(filling: Filling, template: Template, row: Row) -> str:
    """The words of the note on a check, "" if none."""
    return note_words(filling.notes.get(template.path + NOTE, {}).get(row, ""))


def note_words(stored: str) -> str:
    """The words of a stored note."""
    return stored.partition(_MARK)[2]


def is_open(filling: Filling, template: Template, row: Row, *, fails: bool = False) -> bool:
    """Whether something that the check reads is still to be answered. For one that fails, other than what it asks about."""
    asked_about = filling.program.asked_about(template) if fails else frozenset()
    for dep in filling.program.check_reads[template]:
        target = dep.template
        node = target.node
        if dep.kind != "value" or not isinstance(node, Question) or dep.own:
            continue
        if node.control is None or node.is_note or target in asked_about:
            continue
        if dep.shared < target.scope.depth and dep.picked:
            continue
        for one in _rows_read(filling, dep, row):
            if one.rel[target.slot] and one.seen[target.slot] == "" and not state_code(filling, one, target):
                return True
    return False


def digest_of(filling: Filling, template: Template, row: Row) -> str:
    """Digest of the values that a check reads, in the order of the form."""
    digest = hashlib.blake2b(digest_size=8)
    for dep in sorted(filling.program.check_reads[template], key=lambda dep: (dep.template.order, dep.shared)):
        if dep.kind != "value":
            continue
        for one in _rows_read(filling, dep, row):
            text = one.seen[dep.template.slot] + "\u0002" + state_code(filling, one, dep.template)
            digest.update(f"{dep.template.path}\u0003{text}\u0004".encode())
    return digest.hexdigest()


def _rows_read(filling: Filling, dep: Dep, row: Row) -> list[Row]:
    return filling.rows_of(dep.template.scope, row.up(row.scope.depth - min(dep.shared, row.scope.depth)))


def about(filling: Filling, check: CheckDef, template: Template, row: Row) -> tuple[Cell, ...]:
    """The cells that a check is about: in its own row, or in all rows below what is around it."""
    found: list[Cell] = []
    for path in check.about or tuple(_asked(filling, template)):
        target = filling.program.templates.by_path.get(path)
        if target is None:
            continue
        base = row
        while base.scope not in target.scope.chain():
            base = base.parent
        found += [one.cell(target) for one in filling.rows_of(target.scope, base) if one.rel[target.slot]]
    return tuple(dict.fromkeys(found))


def _asked(filling: Filling, template: Template) -> Iterator[str]:
    for dep in filling.program.check_reads[template]:
        node = dep.template.node
        if dep.kind == "value" and isinstance(node, Question) and node.control is not None and not node.is_note:
            yield node.path
