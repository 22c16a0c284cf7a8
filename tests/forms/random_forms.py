"""Random forms and random answers to them, for the properties of the engine.

A form has questions outside and two nested rosters (``p`` persons, ``p/v`` visits), groups with skips, sums over rows, choices
filtered by answers and taken from rows, positions. Expressions look only at what stands before them, so no form has a cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from forms.engine import (
    AddRow,
    Cell,
    Effects,
    Form,
    Interview,
    MoveRow,
    SavedInterview,
    SetValue,
    Situation,
    StoredOp,
    load_form,
)
from forms.engine.definition import Question, Repeat
from forms.engine.problems import AnswerRefused

NAMESPACES = (
    'xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"'
    ' xmlns:jr="http://openrosa.org/javarosa"'
)
ITEMS = "".join(f"<item><name>{n}</name><label>Item {n}</label><k>{n % 4}</k></item>" for n in range(8))
VALUES = ["", "0", "1", "2", "3", "7", "40"]


@dataclass
class Level:
    """One level of the tree while a form is being made: what may be looked at from there.

    ``scalars`` are expressions that give one value from inside this level (relative paths), ``sets`` give several.
    """

    path: str
    scalars: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    binds: list[str] = field(default_factory=list)
    instance: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


def bind(path: str, **attributes: str | None) -> str:
    """One bind; attributes that are None are left out."""
    shown = {"nodeset": path} | {k: v for k, v in attributes.items() if v is not None}
    return "<bind " + " ".join(f"{k}={quoteattr(v)}" for k, v in shown.items()) + "/>"


@st.composite
def conditions(draw: Callable[..., Any], level: Level) -> str | None:
    """A condition over what stands before, or none."""
    if not level.scalars or draw(st.integers(0, 2)) == 0:
        return None
    one = draw(st.sampled_from(level.scalars))
    other = draw(st.sampled_from(level.scalars))
    forms = [f"{one} > 1", f"{one} != ''", f"not({one} = 2)", f"{one} > {other}", f"{one} = 3 or {other} = 1", f"{one}"]
    if level.sets:
        several = draw(st.sampled_from(level.sets))
        forms += [f"count({several}) > 1", f"sum({several}) > 4"]
    return str(draw(st.sampled_from(forms)))


@st.composite
def calculations(draw: Callable[..., Any], level: Level, row: bool) -> str:
    """A calculation over what stands before."""
    one = draw(st.sampled_from(level.scalars)) if level.scalars else "1"
    other = draw(st.sampled_from(level.scalars)) if level.scalars else "2"
    forms = [
        f"coalesce({one}, 0) + 1",
        f"if({one} > {other}, {one}, 'low')",
        f"concat({one}, '-', {other})",
        f"round({one} div 3, 2)",
    ]
    if level.sets:
        several = draw(st.sampled_from(level.sets))
        forms += [f"sum({several})", f"count-non-empty({several})", f"max({several})", f"join(',', {several})"]
        forms += [f"count({several})", f"min({several})"]
    if row:
        forms += ["position(..)", f"position(..) * 10 + coalesce({one}, 0)"]
    return str(draw(st.sampled_from(forms)))


@st.composite
def questions(draw: Callable[..., Any], level: Level, prefix: str, row: bool) -> None:
    """Puts a few questions, a group and calculations on a level."""
    for n in range(draw(st.integers(1, 3))):
        name = f"{prefix}{n}"
        kind = draw(st.sampled_from(["int", "int", "string", "select", "calc"]))
        add_question(draw, level, name, kind, row)
    if draw(st.booleans()):
        group = Level(f"{level.path}/{prefix}g", [f"../{s}" for s in level.scalars], [_deeper(s) for s in level.sets])
        relevant = draw(conditions(level))
        for n in range(draw(st.integers(1, 2))):
            add_question(draw, group, f"{prefix}g{n}", draw(st.sampled_from(["int", "select", "calc"])), False)
        level.binds += [bind(group.path, relevant=relevant), *group.binds]
        level.instance.append(f"<{prefix}g>{''.join(group.instance)}</{prefix}g>")
        level.body.append(f'<group ref="{group.path}"><label>g</label>{"".join(group.body)}</group>')
        level.scalars += [f"../{prefix}g/{s.removeprefix('../')}" for s in group.scalars if not s.startswith("../..")][
            :2
        ]


def add_question(draw: Callable[..., Any], level: Level, name: str, kind: str, row: bool) -> None:
    """One question or calculation; from now on what follows may look at it."""
    path = f"{level.path}/{name}"
    level.instance.append(f"<{name}/>")
    relevant = draw(conditions(level))
    if kind == "calc":
        level.binds.append(bind(path, type="string", calculate=draw(calculations(level, row)), relevant=relevant))
    elif kind == "select":
        level.binds.append(bind(path, type="string", relevant=relevant))
        chosen = [". > 0", "k > 1", "k < 3 and name != '2'", "position() < 5"]
        if level.scalars:
            one = draw(st.sampled_from(level.scalars)).removeprefix("../")
            chosen += [f"k = current()/../{one}", f"name > current()/../{one}", f"selected(current()/../{one}, k)"]
        nodeset = f"instance('items')/root/item[{draw(st.sampled_from(chosen))}]"
        level.body.append(
            f'<select1 ref="{path}"><label>{name}</label><itemset nodeset={quoteattr(nodeset)}>'
            '<value ref="name"/><label ref="label"/></itemset></select1>'
        )
    else:
        level.binds.append(
            bind(
                path,
                type=kind,
                relevant=relevant,
                required=draw(conditions(level)),
                constraint=draw(st.sampled_from([None, None, ". < 9", f"count(../{name}[. > 2]) = 0"])),
                readonly=None,
            )
        )
        level.body.append(
            f'<input ref="{path}"><label>{name} <output value={quoteattr(f"../{name}")}/></label></input>'
        )
    level.scalars.append(f"../{name}")


@st.composite
def forms(draw: Callable[..., Any]) -> str:
    """XForm XML of a random form."""
    root = Level("/data")
    draw(questions(root, "a", False))
    person = Level("/data/p", [f"../{s}" for s in root.scalars])
    person_relevant = draw(conditions(root))
    draw(questions(person, "b", True))
    own = _names(person)
    visit = Level("/data/p/v", [f"../{s}" for s in person.scalars], [f"../../../p/{s}" for s in own])
    visit_relevant = draw(conditions(person))
    draw(questions(visit, "c", True))
    inner = _names(visit)
    # After the inner rows: what looks back at them, from the row and from outside.
    person.sets = [f"../v/{s}" for s in inner] + [f"../../p/{s}" for s in own] + [f"../v[{inner[0]} > 1]/{inner[-1]}"]
    if draw(st.booleans()):
        person.sets.append(f"../../p[position() < position(current()/..)]/{own[0]}")
    if draw(st.booleans()):
        person.sets += [f"../v[{inner[0]} >= ../{own[0]}]/{inner[-1]}", f"../v[{inner[-1]} > current()/../{own[0]}]"]
        person.sets.append(f"../../p[{own[0]} > current()/../{own[0]}]/{own[-1]}")
    before_end = len(person.body)
    draw(questions(person, "d", True))
    late = _names(person)
    root.sets = [f"../p/{s}" for s in late] + [f"../p/v/{s}" for s in inner] + [f"../p[{own[0]} > 1]/{late[-1]}"]
    if root.scalars:
        one = root.scalars[0].removeprefix("../")
        root.sets += [
            f"../p[{own[0]} > /data/{one}]/{late[-1]}",
            f"../p/v[{inner[0]} = current()/../{one}]/{inner[-1]}",
        ]
        root.sets += [f"../p[{own[0]} > 1 and {late[-1]} != '']", f"../p[count(v) > 1]/{own[0]}"]
    end = Level("/data", list(root.scalars), root.sets)
    draw(questions(end, "e", False))
    if draw(st.booleans()):
        end.instance.append("<head/>")
        end.binds.append(bind("/data/head", type="string"))
        nodeset = f"/data/p[{own[0]} != '']"
        end.body.append(
            f'<select1 ref="/data/head"><label>head</label><itemset nodeset={quoteattr(nodeset)}>'
            f'<value ref="{own[0]}"/><label ref="{late[-1]}"/></itemset></select1>'
        )
    visits = f'<v jr:template="">{"".join(visit.instance)}</v>'
    instance = (
        "".join(root.instance) + f'<p jr:template="">{"".join(person.instance)}{visits}</p>' + "".join(end.instance)
    )
    binds = [*root.binds, bind("/data/p", relevant=person_relevant), *person.binds]
    binds += [bind("/data/p/v", relevant=visit_relevant), *visit.binds, *end.binds]
    visit_body = _repeat("/data/p/v", "".join(visit.body))
    person_body = "".join(person.body[:before_end]) + visit_body + "".join(person.body[before_end:])
    body = "".join(root.body) + _repeat("/data/p", person_body) + "".join(end.body)
    return (
        f"<h:html {NAMESPACES}><h:head><h:title>random</h:title><model>"
        f'<instance><data id="random" version="1">{instance}</data></instance>'
        f'<instance id="items"><root>{ITEMS}</root></instance>{"".join(binds)}</model></h:head>'
        f"<h:body>{body}</h:body></h:html>"
    )


def _deeper(path: str) -> str:
    """A path as it is written one group further in."""
    return "../" + path.replace("current()/", "current()/../")


def _names(level: Level) -> list[str]:
    """Paths from one row of the level to what stands in it."""
    return [s.removeprefix("../") for s in level.scalars if not s.startswith("../..")]


def _repeat(path: str, inside: str) -> str:
    return f'<group ref="{path}"><label>{escape(path)}</label><repeat nodeset="{path}">{inside}</repeat></group>'


DENSE = {
    "/data/a": ("int", {}),
    "/data/b": ("string", {"relevant": "../a > 1"}),
    "/data/p": ("", {"relevant": "not(/data/a = 7)"}),
    "/data/p/x": ("int", {"required": "../../a = 2"}),
    "/data/p/k": ("string", {}),
    "/data/p/g": ("", {"relevant": "../x > 0"}),
    "/data/p/g/y": ("int", {"constraint": ". <= ../../x"}),
    "/data/p/v": ("", {"relevant": "../x != 3"}),
    "/data/p/v/z": ("int", {}),
    "/data/p/v/w": ("string", {"calculate": "concat(position(../..), '.', position(..), '.', ../../k, ../../../a)"}),
    "/data/p/v/same": ("string", {"calculate": "count(../../../p[x = current()/../z])"}),
    "/data/p/place": ("string", {"calculate": "position(..)"}),
    "/data/p/before": ("string", {"calculate": "sum(../../p[position() < position(current()/..)]/x)"}),
    "/data/p/previous": ("string", {"calculate": "../../p[position() = position(current()/..) - 1]/k"}),
    "/data/p/twins": ("string", {"calculate": "count(../../p[k = current()/../k])"}),
    "/data/p/visits": ("string", {"calculate": "count(../v[z >= ../x])"}),
    "/data/p/days": ("string", {"calculate": "sum(../v/z) + count-non-empty(../v/w)"}),
    "/data/p/share": ("string", {"calculate": "round(coalesce(../x, 0) div sum(/data/p/g/y), 2)"}),
    "/data/total": ("string", {"calculate": "sum(/data/p/x)"}),
    "/data/allz": ("string", {"calculate": "concat(sum(/data/p/v/z), '/', max(/data/p/v/z), '/', min(/data/p/v/z))"}),
    "/data/over": ("string", {"calculate": "count(/data/p[x > /data/a])"}),
    "/data/overz": ("string", {"calculate": "sum(/data/p/v[z > /data/a and z >= ../x]/z)"}),
    "/data/ofkind": ("string", {"calculate": "join('-', /data/p[k = /data/b]/x)"}),
    "/data/second": ("string", {"calculate": "indexed-repeat(/data/p/k, /data/p, 2)"}),
    "/data/busy": ("string", {"calculate": "count(/data/p[count(v) > 1])", "relevant": "count(/data/p) > 1"}),
    "/data/head": ("string", {}),
    "/data/item": ("string", {}),
    "/data/end": ("string", {"calculate": "concat(/data/head, /data/item, /data/total, /data/busy)"}),
}
"""One form with everything that reads other rows: type and logic of each node."""
_DENSE_CHOICES = {
    "/data/b": "instance('items')/root/item[k <= /data/a]",
    "/data/p/k": "instance('items')/root/item[k = current()/../x or name = /data/a]",
    "/data/head": "/data/p[x != '']",
    "/data/item": "instance('items')/root/item[selected(/data/total, name) or k = count(/data/p)]",
}


def dense_form() -> str:
    """XForm XML of ``DENSE``."""
    binds = "".join(bind(path, type=kind or None, **logic) for path, (kind, logic) in DENSE.items())

    def inside(path: str) -> list[str]:
        return [one for one in DENSE if one.rpartition("/")[0] == path]

    def instance(path: str) -> str:
        name = path.rpartition("/")[2]
        template = ' jr:template=""' if name in ("p", "v") else ""
        return f"<{name}{template}>{''.join(map(instance, inside(path)))}</{name}>"

    def control(path: str) -> str:
        kind, logic = DENSE[path]
        if not kind:
            body = "".join(map(control, inside(path)))
            return (
                f'<group ref="{path}"><label>{path}</label>{body}</group>' if path[-1] == "g" else _repeat(path, body)
            )
        if "calculate" in logic:
            return ""
        nodeset = _DENSE_CHOICES.get(path)
        if nodeset is None:
            return f'<input ref="{path}"><label>{path} <output value="position(..)"/></label></input>'
        value, label = ("x", "k") if nodeset.startswith("/") else ("name", "label")
        return (
            f'<select1 ref="{path}"><label>{path}</label><itemset nodeset={quoteattr(nodeset)}><value ref="{value}"/>'
            f'<label ref="{label}"/></itemset></select1>'
        )

    top = inside("/data")
    return (
        f"<h:html {NAMESPACES}><h:head><h:title>dense</h:title><model>"
        f'<instance><data id="dense" version="1">{"".join(map(instance, top))}</data></instance>'
        f'<instance id="items"><root>{ITEMS}</root></instance>{binds}</model></h:head>'
        f"<h:body>{''.join(map(control, top))}</h:body></h:html>"
    )


@lru_cache(maxsize=64)
def loaded(xml: str) -> Form:
    """The form; the dense one is loaded once."""
    return load_form(xml, name="random.xml")


@dataclass(frozen=True)
class Step:
    """One thing a person does: ``kind`` and three numbers that choose the cell, the value and the place."""

    kind: str
    where: int
    what: int
    place: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["set", "set", "set", "set", "add", "add", "remove", "move", "choose"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    min_size=3,
    max_size=14,
)


class Ids:
    """Row ids that count up from where they are told to."""

    def __init__(self, start: int = 1) -> None:
        self.next = start

    def __call__(self) -> str:
        self.next += 1
        return f"{self.next:032x}"


def situation(ids: Callable[[], str] | None = None) -> Situation:
    """A still clock and chance."""
    return Situation(
        now=lambda: datetime(2024, 6, 15, 10, 20, 30, tzinfo=UTC),
        new_row_id=ids or Ids(),
        random=lambda: 0.5,
    )


def cells(form: Form, interview: Interview) -> Iterator[Cell]:
    """Every node of the filling: questions, groups and rows, in document order."""

    def below(node: Any, rows: tuple[str, ...]) -> Iterator[Cell]:
        if isinstance(node, Repeat):
            for row in interview.rows(Cell(node.path, rows)):
                yield Cell(node.path, (*rows, row))
                for child in node.children:
                    yield from below(child, (*rows, row))
            return
        yield Cell(node.path, rows)
        if not isinstance(node, Question):
            for child in node.children:
                yield from below(child, rows)

    yield from below(form.root, ())


def repeats(interview: Interview) -> list[Cell]:
    """Every repeat of the filling with the rows around it."""
    found = [Cell("/data/p")]
    found += [Cell("/data/p/v", (row,)) for row in interview.rows(Cell("/data/p"))]
    return found


def snapshot(form: Form, interview: Interview) -> dict[Cell, tuple[Any, ...]]:
    """All that a person could see of every node, choices and labels included."""
    shown: dict[Cell, tuple[Any, ...]] = {}
    for cell in cells(form, interview):
        node, state = form.node(cell.path), interview.state(cell)
        # Rows show their place: a moved row is seen elsewhere even where nothing in it changed.
        told: tuple[Any, ...] = (state.relevant, state.readonly, state.required, state.value)
        if isinstance(node, Question):
            told += (state.constraint_ok, state.required_ok, state.status)
            if node.control is not None:
                told += (interview.label(cell),)
            if node.itemset is not None:
                told += (interview.choices(cell),)
        shown[cell] = told
    return shown


class Disk:
    """A filling kept by nothing but the stored operations."""

    def __init__(self, saved: SavedInterview) -> None:
        self.rows: dict[Cell, list[str]] = {}
        self.values = dict(saved.values)
        for path, rows in saved.rows:
            self.rows.setdefault(Cell(path, rows[:-1]), []).append(rows[-1])

    def write(self, operations: tuple[StoredOp, ...]) -> None:
        for operation in operations:
            if isinstance(operation, SetValue):
                self.values[operation.cell] = operation.value
                continue
            row = operation.cell
            siblings = self.rows.setdefault(Cell(row.path, row.rows[:-1]), [])
            if isinstance(operation, AddRow):
                siblings.insert(0 if operation.after is None else siblings.index(operation.after) + 1, row.rows[-1])
                continue
            siblings.remove(row.rows[-1])
            if isinstance(operation, MoveRow):
                place = len(siblings) if operation.before is None else siblings.index(operation.before)
                siblings.insert(place, row.rows[-1])
            else:
                depth = len(row.rows)
                inside = [c for c in (*self.values, *self.rows) if c.rows[:depth] == row.rows]
                for cell in inside:
                    self.values.pop(cell, None)
                    self.rows.pop(cell, None)

    def saved(self) -> SavedInterview:
        ordered = sorted(self.rows.items(), key=lambda item: len(item[0].rows))
        rows = tuple((cell.path, (*cell.rows, own)) for cell, siblings in ordered for own in siblings)
        return SavedInterview(rows, self.values)


def take(form: Form, interview: Interview, step: Step) -> Effects | None:
    """Does one step; None if there is nothing to do it to, or the form refuses it."""
    lists = repeats(interview)
    rosters = lists[step.where % len(lists)]
    rows = interview.rows(rosters)
    try:
        match step.kind:
            case "add":
                after = rows[step.place % len(rows)] if rows and step.what % 2 else None
                return interview.add_row(rosters, after=after)
            case "remove" if rows:
                return interview.remove_row(Cell(rosters.path, (*rosters.rows, rows[step.place % len(rows)])))
            case "move" if rows:
                row = rows[step.place % len(rows)]
                others = [*(r for r in rows if r != row), None]
                return interview.move_row(Cell(rosters.path, (*rosters.rows, row)), others[step.what % len(others)])
            case "set" | "choose":
                asked = [c for c in interview.relevant_questions() if not interview.state(c).readonly]
                if not asked:
                    return None
                cell = asked[step.where % len(asked)]
                node = form.node(cell.path)
                assert isinstance(node, Question)
                if node.itemset is not None:
                    offered = ["", *(c.value for c in interview.choices(cell))]
                    return interview.answer(cell, offered[step.what % len(offered)])
                return interview.answer(cell, VALUES[step.what % len(VALUES)])
    except AnswerRefused:
        return None
    return None
