"""How a filling starts: new, from disk, or from submission XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forms.engine import events
from forms.engine.cells import COMMENT, NOTE, Cell, SavedInterview, SetValue, Situation
from forms.engine.datatypes import fit_computed
from forms.engine.definition import Form, Question, StartRow
from forms.engine.filling import Filling
from forms.engine.labels import Texts
from forms.engine.problems import FormRefused, Problem
from forms.engine.rows import Row
from forms.engine.submission import read_saved
from forms.engine.templates import Template
from forms.engine.xpath.errors import XPathValueError
from forms.engine.xpath.functions.control import uuid


def new_filling(form: Form, situation: Situation, language: str | None) -> Filling:
    """An empty filling in a language that the form has."""
    chosen = language if language in form.languages else form.default_language
    filling = Filling(form.program, situation, chosen or "")
    filling.texts = Texts(filling)
    return filling


def begin(filling: Filling, defaults: Mapping[Cell, str]) -> None:
    """A new filling.

    Raises:
        FormRefused: a function cannot make sense of the form's own defaults.
    """
    filling.recording = True
    _fill(filling, None)
    _record_start(filling)
    for cell, value in defaults.items():
        row, template = _cell(filling, cell)
        if template is not None and row is not None and template.is_leaf:
            filling.set_text(row, template, fit_computed(template.type, value), derived=False)
    events.preload(filling)
    _instance_id(filling)
    filling.strict = True
    try:
        filling.enqueue_all(filling.root)
        filling.run()
        filling.changed_values.clear()
        filling.new_rows.clear()
        events.fire(filling, "odk-instance-first-load")
        events.fire(filling, "xforms-ready")
        events.fire(filling, "odk-instance-load")
        events.settle(filling)
    except XPathValueError as error:
        problem = Problem(
            "E060", f"打开问卷时函数 {error.name}() 遇到不能用的值：{error.problem}。", "请检查问卷里的默认值。"
        )
        raise FormRefused((problem,), filling.program.form.name) from error
    finally:
        filling.strict = False


def _record_start(filling: Filling) -> None:
    for template in filling.root.scope.templates:
        text = filling.root.text[template.slot]
        if text and not template.name.startswith("@"):
            filling.ops.append(SetValue(Cell(template.path), text, derived=True))
            filling.undo.append(SetValue(Cell(template.path), "", derived=True))
    for rows in filling.root.lists:
        before: str | None = None
        for row in rows.rows:
            filling._record_new(row, before)
            before = row.id


def _fill(filling: Filling, start: StartRow | None) -> None:
    """Puts the form's own values, or those of ``start``, and their rows."""
    root = filling.root
    for template in root.scope.templates:
        if start is not None and template.is_leaf:
            known = start.values.get(template.path)
            root.text[template.slot] = known if known is not None else _missing(template)
        root.text[template.slot] = fit_computed(template.type, root.text[template.slot])
    filling.read_afresh(root)
    for rows in root.lists:
        repeat = rows.scope.repeat
        assert repeat is not None
        saved = start is not None
        for inner in filling.start_rows(repeat, start, saved=saved):
            made = filling.make_row(rows.scope, root, filling.situation.new_row_id(), inner, saved=saved)
            rows.insert(len(rows.rows), made)


def _missing(template: Template) -> str:
    """What stands in a node that a saved filling does not have: attributes keep what the form says, answers are blank."""
    node = template.node
    return node.default if isinstance(node, Question) and template.name.startswith("@") else ""


def _instance_id(filling: Filling) -> None:
    for template in filling.root.scope.templates:
        if (
            template.name.rpartition(":")[2] == "instanceID"
            and _in_meta(template)
            and not filling.root.text[template.slot]
        ):
            if template.node.bind.calculate is None:
                filling.set_text(filling.root, template, "uuid:" + uuid(filling.situation.random), derived=True)
            return


def _in_meta(template: Template) -> bool:
    parent = template.parent
    return parent is not None and parent.name.rpartition(":")[2] == "meta" and parent.parent is not None


def from_xml(filling: Filling, xml: str | bytes, *, edit: bool) -> None:
    """A filling from submission XML.

    Raises:
        InstanceRefused: the XML is not a filling of this form.
    """
    filling.recording = True
    _fill(filling, read_saved(filling.program.form, xml))
    if edit:
        _deprecate(filling)
    _instance_id(filling)
    filling.enqueue_all(filling.root)
    filling.run()
    filling.changed_values.clear()
    filling.new_rows.clear()
    events.fire(filling, "odk-instance-load")
    events.settle(filling)


def _deprecate(filling: Filling) -> None:
    """The identifier of the submission that is corrected moves to ``deprecatedID`` (spec: "Metadata")."""
    root = filling.root
    named = {t.name.rpartition(":")[2]: t for t in root.scope.templates if _in_meta(t)}
    current, deprecated = named.get("instanceID"), named.get("deprecatedID")
    if current is None or deprecated is None:
        return
    old = root.text[current.slot]
    filling.set_text(root, deprecated, old, derived=True)
    filling.set_text(root, current, "", derived=True)


def resume(filling: Filling, saved: SavedInterview) -> dict[Cell, str]:
    """A filling from disk. Gives the values of cells that the form does not have.

    Calculations run again, since the attachments or the form may have changed, but what a person typed over a calculation and what
    came from the clock or chance stays.
    """
    root = filling.root
    root.text = [_missing(template) for template in root.scope.templates]
    for path, ids in saved.rows:
        template = filling.program.templates.by_path.get(path)
        if template is None or not template.is_repeat or template.scope.parent is None:
            continue
        parent, _ = _cell(filling, Cell(template.scope.parent.path, ids[:-1]))
        if parent is not None:
            rows = parent.lists[template.scope.list_index]
            if rows.find(ids[-1]) is None:
                rows.insert(len(rows.rows), filling.make_row(template.scope, parent, ids[-1], StartRow({}, {})))
    aside: dict[Cell, str] = {}
    for cell, text in saved.values.items():
        suffix = next((mark for mark in (NOTE, COMMENT) if cell.path.endswith(mark)), "")
        row, template = _cell(filling, Cell(cell.path.removesuffix(suffix), cell.rows))
        if row is None or template is None:
            aside[cell] = text
        elif suffix:
            filling.notes.setdefault(cell.path, {})[row] = text
        else:
            row.text[template.slot] = text
    for row in filling.rows_within(root):
        filling.read_afresh(row)
    _keep_typed(filling, saved.values)
    filling.enqueue_all(root)
    filling.recording = True
    filling.settle_seen()
    filling.run()
    filling.frozen.clear()
    filling.changed_values.clear()
    filling.new_rows.clear()
    events.fire(filling, "odk-instance-load")
    events.settle(filling)
    return aside


def _keep_typed(filling: Filling, values: Mapping[Cell, str]) -> None:
    """A blank that is saved in so many words was typed too."""
    for trigger in filling.program.triggers:
        if trigger.kind != "calculate":
            continue
        template = trigger.template
        typed = template.is_typable
        if typed or trigger.volatile:
            for row in filling.rows_of(template.scope, filling.root):
                if row.text[template.slot] or (typed and row.cell(template) in values):
                    filling.frozen.add((row, template.order))


def typed_blanks(filling: Filling) -> Iterator[Cell]:
    """Cells whose calculation gives something but that a person made blank."""
    for trigger in filling.program.triggers:
        if trigger.kind == "calculate" and trigger.template.is_typable:
            for row in filling.rows_of(trigger.scope, filling.root):
                if not row.text[trigger.template.slot] and filling.evaluate(trigger.fn, row) not in ("", "NaN"):
                    yield row.cell(trigger.template)


def _cell(filling: Filling, cell: Cell) -> tuple[Row | None, Template | None]:
    template = filling.program.templates.by_path.get(cell.path)
    if template is None:
        return None, None
    row = filling.root
    scopes = template.scope.chain()[1:]
    if len(scopes) != len(cell.rows):
        return None, template
    for scope, row_id in zip(scopes, cell.rows, strict=True):
        found = row.lists[scope.list_index].find(row_id)
        if found is None:
            return None, template
        row = found
    return row, template
