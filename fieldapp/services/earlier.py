"""Values of the same cell in earlier interviews, from what was pinned when this one began."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from fieldapp.services.snapshots import Values, from_csv
from forms.engine import Cell, Form, Interview, Question

_STATES = {"8": "不清楚", "9": "拒答"}


class EarlierValues:
    """Looks up ``prev``, ``yoy`` and ``base`` by cell; rows are found by their lasting id, never by position."""

    def __init__(self, sources: Mapping[str, bytes], form: Form) -> None:
        self._form = form
        self._values: dict[str, Values] = {
            name: from_csv(sources.get(f"{name}.csv")) for name in ("prev", "yoy", "base", "register")
        }
        listed = csv.DictReader(io.StringIO(sources.get("params.csv", b"").decode("utf-8")))
        self.parameters: dict[str, str] = {row["name"]: row["value"] or "" for row in listed}
        self.periods: dict[str, str] = json.loads(sources.get("titles.json", b"{}"))

    def value(self, name: str, cell: Cell) -> str | None:
        """The stored value, ``"8"`` and ``"9"`` of a non-response as ``#8`` and ``#9``; None where nothing was asked."""
        node = self._form.find_node(cell.path)
        if not isinstance(node, Question) or node.fa.get("previous") == "none":
            return None
        if node.fa.get("previous") == "register" and name == "prev" and not self._values["prev"]:
            name = "register"
        row = self._values.get(name, {}).get(cell.rows[-1] if cell.rows else "")
        if row is None:
            return None
        state = row.get(f"{node.name}__st", "")
        if state in _STATES:
            return f"#{state}"
        return row.get(node.name) or None

    def label(self, interview: Interview, cell: Cell, value: str | None) -> str:
        """The value as a person reads it."""
        return "" if value is None else value_label(interview, self._form, cell, value)

    def rows(self, name: str) -> Values:
        """Everything pinned of one earlier interview."""
        return self._values.get(name, {})


def value_label(interview: Interview, form: Form, cell: Cell, value: str) -> str:
    """A stored value in words: labels of choices, thousands comma of amounts, 不清楚, 拒答."""
    if value.startswith("#") and value[1:] in _STATES:
        return _STATES[value[1:]]
    node = form.find_node(cell.path)
    if not isinstance(node, Question) or value == "":
        return value
    if node.control in ("select", "rank"):
        return "、".join(interview.choice_label(cell, one) for one in value.split())
    if node.control == "select1":
        return interview.choice_label(cell, value)
    if node.type in ("int", "decimal"):
        return figure(value) if node.type == "decimal" or node.fa.get("unit") else value  # a year is no amount
    if node.type == "time":
        return value[:5]
    return value[:16].replace("T", " ") if node.type == "dateTime" else value


def figure(value: str) -> str:
    """1410.50 → 1,410.5; anything that is no number stays."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if not number.is_finite():
        return value
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
