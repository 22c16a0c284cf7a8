"""One question as it stands on a page: fixed facts of the node, and what it shows now. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from fieldapp.ui.interview.codes import Option, is_code, options_of, plain
from fieldapp.ui.interview.figures import shown, understand
from fieldapp.ui.interview.moments import (
    understand_date,
    understand_date_time,
    understand_month,
    understand_time,
    understand_year,
    whole_time,
)
from fieldapp.words import _
from forms.engine import Cell, Form, Interview, Question

__all__ = ["CHOICES", "FIGURES", "Facts", "Shown", "facts_of", "look", "meant", "options_now", "value_in_words"]

FIGURES = frozenset({"integer", "decimal"})
MOMENTS = frozenset({"date", "time", "datetime", "month", "year"})
CHOICES = frozenset({"one", "many", "rank"})
_PICKS = {"select1": "one", "select": "many", "rank": "rank"}

_MASKED = re.compile(r"id_?no|card|phone|account|cert_?no")
"""Of what is classed as identity, numbers are covered on screen; names have to be read."""

_HINTS = {
    "geopoint": "坐标：纬度 经度 高度 精度",
    "geotrace": "坐标串：每点 纬度 经度 高度 精度，点间用分号",
    "geoshape": "坐标串：每点 纬度 经度 高度 精度，点间用分号",
    "barcode": "条码：打上面的号码",
    "binary": "文件：打文件名",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a question is, whoever answers it.

    Attributes:
        kind: text, long_text, integer, decimal, date, time, datetime, month, year, one, many, rank, trigger, note, computed.
        type_hint: for types without a field of their own (coordinates, bar code, file): what to type.
        datatype: the type in which the answer is saved (``string``, ``int``, ``decimal``, ``time`` …).
        picks: ``one``, ``many`` or ``rank`` where the value is taken from a list, computed or chosen; else "".
        reference: name of the parameter that holds the county's usual figure (``fa:ref``), "" if there is none.
    """

    path: str
    kind: str
    number: str
    unit: str
    short: str
    sensitive: bool
    nonresponse: tuple[str, ...]
    type_hint: str = ""
    datatype: str = ""
    picks: str = ""
    reference: str = ""

    @property
    def figure(self) -> bool:
        """Whether the value is a number; a string of digits is none."""
        return self.kind in FIGURES or self.datatype in ("int", "integer", "decimal")

    @property
    def typed(self) -> bool:
        """Whether it has a text cursor."""
        return self.kind not in CHOICES and self.kind not in ("trigger", "note", "computed")

    @property
    def input_method(self) -> bool:
        """Whether Chinese is typed here."""
        return self.kind in ("text", "long_text")


@lru_cache(maxsize=20_000)
def _facts(form: Form, path: str) -> Facts:
    node = form.node(path)
    assert isinstance(node, Question)
    return Facts(
        path=path,
        kind=_kind(node),
        number=node.number or "",
        unit=node.fa.get("unit", ""),
        short=node.fa.get("short", ""),
        sensitive=node.sensitive == "identity" and bool(_MASKED.search(node.name)),
        nonresponse=node.nonresponse,
        type_hint=_type_hint(node),
        datatype=node.type,
        picks=_PICKS.get(node.control or "", ""),
        reference=node.fa.get("ref", ""),
    )


def facts_of(form: Form, path: str) -> Facts:
    """Facts of the question at a path. Raises KeyError for an unknown path."""
    return _facts(form, path)


def _kind(node: Question) -> str:
    look = set(node.appearances)
    if node.control is None:
        return "computed"
    if node.is_note and not node.bind.preload:
        return "note"
    if node.calculated or node.bind.preload:
        return "computed"
    if node.control in ("select1", "select", "rank"):
        return _PICKS[node.control]
    if node.control == "trigger":
        return "trigger"
    if node.type in ("int", "integer"):
        return "integer"
    if node.type == "decimal":
        return "decimal"
    if node.type == "date":
        return "year" if "year" in look else "month" if look & {"month-year", "fa-month"} else "date"
    if node.type in ("time", "dateTime"):
        return {"time": "time", "dateTime": "datetime"}[node.type]
    if node.control == "range":
        return "decimal"
    return "long_text" if "multiline" in look else "text"


def _type_hint(node: Question) -> str:
    kind = "binary" if node.control == "upload" else node.type
    hint = _HINTS.get(kind, "")
    if node.control == "range" and node.range is not None:
        return f"{node.range.start}—{node.range.end}"
    return _(hint) if hint else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One question now, ready to draw.

    Attributes:
        text, hint: plain words; the hint stands grey behind the text.
        display: the answer as read: thousands commas, choice labels, 不清楚, 拒答; "" for none.
        confirm: it was filled in from elsewhere and waits for Space.
        problem: the constraint's own message while it is broken.
    """

    cell: Cell
    facts: Facts
    text: str
    hint: str
    value: str
    display: str
    options: tuple[Option, ...]
    status: str
    relevant: bool
    readonly: bool
    required: bool
    confirm: bool
    problem: str
    comment: str


def options_now(interview: Interview, form: Form, cell: Cell) -> tuple[Option, ...]:
    """The choices of a question. Rows of a roster chosen by number (``fa:label``) are read by the name that stands in them."""
    options = options_of(interview.choices(cell))
    names = _row_names(interview, form, cell.path)
    return (
        tuple(replace(option, label=names.get(option.value) or option.label) for option in options)
        if names
        else options
    )


def _row_names(interview: Interview, form: Form, path: str) -> dict[str, str]:
    """Value to name, where ``fa:label`` says which question of the roster names its rows."""
    node = form.node(path)
    wanted = node.fa.get("label", "") if isinstance(node, Question) and node.itemset is not None else ""
    label = form.path_of(wanted) if wanted else None
    if label is None or not isinstance(node, Question) or node.itemset is None:
        return {}
    repeat = label.rpartition("/")[0]
    found = form.find_node(repeat)
    if found is None or found.kind != "repeat" or repeat.count("/") != 2:
        return {}
    number = f"{repeat}/{node.itemset.value.strip('./ ')}"
    if form.find_node(number) is None:
        return {}
    rows = interview.rows(Cell(repeat))
    return {interview.value(Cell(number, (row,))): interview.value(Cell(label, (row,))) for row in rows}


def look(interview: Interview, form: Form, cell: Cell, *, texts: bool = True) -> Shown:
    """Reads one question; ``texts`` False leaves label, hint and options out (for cells of a grid)."""
    facts = facts_of(form, cell.path)
    state = interview.state(cell)
    options: tuple[Option, ...] = ()
    text = hint = comment = ""
    if texts:
        text = plain(interview.label(cell)) or facts.short or cell.path.rsplit("/", 1)[-1]
        hint = plain(interview.hint(cell)).replace("\n", " ")
        if facts.kind == "many" and not hint:
            hint = _("可多选")
        elif facts.kind == "rank" and not hint:
            hint = _("按先后打号码")
        if facts.type_hint:
            hint = f"{hint}　{facts.type_hint}".strip()
        if facts.kind in CHOICES:
            options = options_now(interview, form, cell)
        comment = interview.comment(cell)
    problem = ""
    if state.relevant and not state.constraint_ok:
        problem = plain(state.message) or _("这个数不合要求，核对后改")
    return Shown(
        cell=cell,
        facts=facts,
        text=text,
        hint=hint,
        value=state.value,
        display=_display(interview, form, facts, cell, state.value, state.status, options),
        options=options,
        status=state.status,
        relevant=state.relevant,
        readonly=state.readonly or facts.kind in ("computed", "note"),
        required=state.required,
        confirm=interview.confirmed(cell) is False and state.value != "",
        problem=problem,
        comment=comment,
    )


def _display(
    interview: Interview, form: Form, facts: Facts, cell: Cell, value: str, status: str, options: tuple[Option, ...]
) -> str:
    if status == "8":
        return _("不清楚")
    if status == "9":
        return _("拒答")
    if not value:
        return ""
    if facts.picks:
        known = {option.value: option for option in options}
        names = {} if options else _row_names(interview, form, cell.path)
        words = []
        for part in value.split() if facts.picks != "one" else [value]:
            option = known.get(part)
            label = option.label if option else names.get(part) or plain(interview.choice_label(cell, part))
            code = option.code if option else part
            words.append(f"{code} {label}" if len(code) <= 3 and code != label and is_code(code) else label)
        return (
            ("　".join(words) if facts.picks == "many" else " > ".join(words))
            if len(words) > 1
            else words[0]
            if words
            else ""
        )
    return value_in_words(facts, value)


def meant(facts: Facts, text: str, now: datetime) -> str:
    """The value as saved for what was typed. Times are kept as ODK keeps them: ``09:10:00.000+08:00``.

    Args:
        now: the moment in the field; its day fills in what a date leaves out, its offset stands behind a time.

    Raises:
        FigureUnclear, MomentUnclear: with the sentence for the person.
    """
    if facts.kind in FIGURES:
        return understand(text, integer=facts.kind == "integer", unit=facts.unit).value
    if facts.kind == "date":
        return understand_date(text, now.date())
    if facts.kind == "month":
        return understand_month(text, now.date())
    if facts.kind == "year":
        return understand_year(text)
    if facts.kind == "time":
        return whole_time(understand_time(text), now)
    if facts.kind == "datetime":
        return whole_time(understand_date_time(text, now.date()), now)
    return text.strip() if facts.kind == "text" else text


def value_in_words(facts: Facts, value: str) -> str:
    """A saved value as it stands in its field: figures with a unit get thousands commas, digits that count nothing (codes, years) do not."""
    if facts.figure:
        return shown(value) if facts.unit else value
    if facts.kind == "month":
        return value[:7]
    if facts.kind == "year":
        return value[:4]
    if facts.datatype == "time":
        return value[:5]
    if facts.datatype == "dateTime":
        return value[:16].replace("T", " ")
    return value
