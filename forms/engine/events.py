"""Events and actions, preloads (spec: "Events", "Actions", "Preload Attributes")."""

from __future__ import annotations

from typing import Any

from forms.engine.datatypes import fit_computed
from forms.engine.filling import Filling
from forms.engine.program import CompiledAction
from forms.engine.rows import Row
from forms.engine.templates import Template
from forms.engine.xpath.functions import control, dates

_CHAIN_LIMIT = 100
_PROPERTIES = {"deviceid": "deviceid", "phonenumber": "phonenumber", "email": "email", "username": "username"}


def settle(filling: Filling) -> None:
    """Runs the queue, then the actions on new rows and on changed values, until nothing more happens."""
    filling.run()
    for _ in range(_CHAIN_LIMIT):
        rows, filling.new_rows = filling.new_rows, []
        changed, filling.changed_values = filling.changed_values, []
        if not rows and not changed:
            return
        acted = False
        for row in rows:
            acted = fire_new_row(filling, row) or acted
        if filling.program.changed_actions:
            for row, template in dict.fromkeys(changed):
                for action in filling.program.changed_actions.get(template, ()):
                    act(filling, action, row)
                    acted = True
        if acted:
            filling.run()


def fire(filling: Filling, event: str) -> None:
    """Runs the actions of an event of the whole form, in document order."""
    for action in filling.program.actions.get(event, ()):
        source = action.source
        rows = [filling.root] if source is None else filling.rows_of(source.scope, filling.root)
        for row in rows:
            act(filling, action, row, relevant_only=True)
            filling.run()


def fire_new_row(filling: Filling, row: Row) -> bool:
    """Runs the actions on ``odk-new-repeat`` of a new row."""
    acted = False
    for action in filling.program.actions.get("odk-new-repeat", ()):
        source = action.source
        if source is not None and source.scope is row.scope:
            act(filling, action, row)
            acted = True
    return acted


def act(filling: Filling, action: CompiledAction, row: Row, *, relevant_only: bool = False) -> None:
    """One action in one row; events of loading pass over nodes that are not relevant (E; JavaRosa writes them). A location or recording is the front end's to bring (``Interview.wanted``)."""
    if action.action.kind != "setvalue":
        filling.wanted.extend(action.place(row, None))
        return
    for target_row, target in targets(action, row):
        if relevant_only and not target_row.rel[target.slot]:
            continue
        if action.value is not None:
            text = str(filling.evaluate(action.value, target_row))
        else:
            text = action.action.text if action.action.value is None else ""
        filling.set_text(target_row, target, fit_computed(target.type, text), derived=True)


def targets(action: CompiledAction, row: Row) -> list[tuple[Row, Template]]:
    """The cells an action writes to, hidden ones too."""
    found: list[Any] = action.place(row, None)
    if found:
        return found
    target = action.target
    if target.scope in row.scope.chain():
        return [(row.up(row.scope.depth - target.scope.depth), target)]
    return found


def preload(filling: Filling) -> None:
    """What is filled in when a filling is begun."""
    situation = filling.situation
    for row in filling.rows_within(filling.root):
        for template in row.scope.templates:
            bind = template.node.bind
            if bind.preload is None:
                continue
            params = (bind.preload_params or "").strip()
            match bind.preload:
                case "timestamp" if params == "start":
                    text = dates.now_text(situation.now())
                case "date" if params in ("today", ""):
                    text = dates.today(situation.now())
                case "property":
                    text = situation.properties.get(_PROPERTIES.get(params.lower(), params), row.text[template.slot])
                case "uid":
                    text = "uuid:" + control.uuid(situation.random)
                case _:
                    continue
            filling.set_text(row, template, text, derived=True)


def end(filling: Filling) -> None:
    """What is filled in when a filling is finished."""
    for row in filling.rows_within(filling.root):
        for template in row.scope.templates:
            bind = template.node.bind
            if bind.preload == "timestamp" and (bind.preload_params or "").strip() == "end":
                filling.set_text(row, template, dates.now_text(filling.situation.now()), derived=True)
