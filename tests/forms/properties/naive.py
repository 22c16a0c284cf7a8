"""A slow evaluator that shares neither the graph nor the paths of the engine.

It builds the tree of relevant nodes from what the interview shows, walks every path anew, and asks of every expression of the form
whether what the interview shows for it is what the tree says. Since no form has a cycle, a filling that agrees everywhere is the
only right one. The parser and the functions themselves are shared; ``tests/forms/xpath`` holds those to elementpath.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from forms.engine import Cell, Form, Interview
from forms.engine.datatypes import fit_computed
from forms.engine.definition import Question
from forms.engine.xpath import ARITHMETIC, COMPARISONS, Kind, Need, check_call, parse, to_boolean, to_number, to_string
from forms.engine.xpath.ast import (
    Binary,
    Call,
    Expr,
    Filter,
    KindTest,
    Literal,
    Logic,
    NameTest,
    Negate,
    Number,
    Path,
    Step,
    Union,
    to_text,
)  # fmt: skip
from forms.engine.xpath.errors import XPathValueError
from forms.engine.xpath.functions import sets
from forms.engine.xpath.values import text_to_number, to_saved
from tests.forms.properties.looking import NOW, View, short
from tests.forms.properties.tree import Node, Tree

parsed = lru_cache(maxsize=4096)(parse)


@dataclass(frozen=True)
class At:
    """Where an expression stands: ``one`` the current node, ``node`` the candidate of a predicate."""

    tree: Tree
    one: Node
    node: Node
    position: int = 1
    size: int = 1
    outside: bool = False

    @property
    def at_top(self) -> bool:
        return self.node is self.one and not self.outside


class Single(list[Node]):
    """The nodes of a path that can lead to one node at most: where it leads to nothing it reads as blank (JavaRosa)."""


def value_of(text: str, tree: Tree, cell: Cell) -> Any:
    """An expression at a cell: text, number, truth, or the texts of nodes."""
    node = tree.of[cell]
    return evaluate(parsed(text), At(tree, node, node))


def evaluate(expr: Expr, at: At) -> Any:
    match expr:
        case Literal(value) | Number(value):
            return value
        case Negate(operand):
            return -number(operand, at)
        case Logic("and", operands):
            return all(test(one, at) for one in operands)
        case Logic(_, operands):
            return any(test(one, at) for one in operands)
        case Binary(op, left, right) if op in ARITHMETIC:
            return ARITHMETIC[op](number(left, at), number(right, at))
        case Binary(op, left, right):
            return compare(op, evaluate(left, at), evaluate(right, at))
        case Union(operands):
            found = {id(node): node for one in operands for node in nodes(one, at)}
            return sorted(found.values(), key=lambda node: node.order)
        case Filter(inner, predicates):
            return keep(nodes(inner, at), predicates, at)
        case Path():
            return walk(expr, at)
        case Call():
            return call(expr, at)
    raise TypeError(expr)


def plain(value: Any) -> Any:
    """Texts in place of nodes; the text of a path to one node."""
    if isinstance(value, Single):
        return value[0].value() if value else ""
    return [node.value() if isinstance(node, Node) else node for node in value] if isinstance(value, list) else value


def compare(op: str, left: Any, right: Any) -> bool:
    if op in ("=", "!=") and (isinstance(left, bool) or isinstance(right, bool)):
        return (truth(left) is truth(right)) is (op == "=")
    if any(isinstance(side, list) and not isinstance(side, Single) for side in (left, right)):
        return COMPARISONS[op](plain(left), plain(right))
    if op not in ("=", "!=") or float in (type(left), type(right)):
        left, right = _by_type(left), _by_type(right)
    return COMPARISONS[op](plain(left), plain(right))


def _by_type(value: Any) -> Any:
    """A question of type boolean counts as 1 or 0 where a number is wanted."""
    if isinstance(value, Single) and value and value[0].type == "boolean":
        return {"true": 1.0, "false": 0.0}.get(value[0].value(), value)
    return value


def number(expr: Expr, at: At) -> float:
    value = evaluate(expr, at)
    if isinstance(value, Single) and value and value[0].type == "boolean":
        text = value[0].value()
        return {"true": 1.0, "false": 0.0}.get(text, text_to_number(text))
    return to_number(plain(value))


def test(expr: Expr, at: At) -> bool:
    return truth(evaluate(expr, at))


def truth(value: Any) -> bool:
    """A question counts by its type, a group or row by being there."""
    if isinstance(value, list):
        return any(_true(node) for node in value)
    return to_boolean(value)


def _true(node: Node | str) -> bool:
    if isinstance(node, str):
        return node != ""
    if not node.is_leaf:
        return True
    if node.type == "boolean":
        return node.text not in ("", "0", "false")
    if node.type in ("int", "decimal"):
        found = text_to_number(node.text)
        return found == found and found != 0
    return node.text != ""


def nodes(expr: Expr, at: At) -> list[Node]:
    found = evaluate(expr, at)
    assert isinstance(found, list), expr
    return found


def keep(found: list[Node], predicates: tuple[Expr, ...], at: At) -> list[Node]:
    for predicate in predicates:
        passed = []
        for place, node in enumerate(found, 1):
            outside = node.cell is None
            value = evaluate(predicate, replace(at, node=node, position=place, size=len(found), outside=outside))
            if value == place if type(value) is float else truth(value):
                passed.append(node)
        found = passed
    return found


def walk(path: Path, at: At) -> list[Node]:
    steps, start = list(path.steps), path.start
    settled = True
    if isinstance(start, Call) and start.name == "current":
        found = [at.one]
    elif start is not None:
        found, settled = nodes(start, at), False
    elif not path.absolute:
        found = [at.node]
        settled = at.node.cell is not None
    else:
        found, steps = absolute(steps, at)
    for step in steps:
        settled = settled and all(at.tree.is_settled(node, step) for node in found)
        found = take(found, step, at)
    found = [node for node in found if not node.is_hidden]
    return Single(found) if settled else found


def absolute(steps: list[Step], at: At) -> tuple[list[Node], list[Step]]:
    """An absolute path inside a roster means the own row as far as it goes in the same roster, but for a roster at its end."""
    reader = at.one if at.outside else at.node
    if not at.at_top and not at.outside and at.one.cell is not None:
        # Inside a predicate it is the candidate's own row, if the path goes into the candidate's roster at all.
        entered = {"/" + "/".join(_name_of(one) for one in steps[:n]) for n in range(1, len(steps))}
        inside = [node.cell.path for node in _line(at.node) if node.is_row and node.cell is not None]
        reader = at.node if entered.intersection(inside) else at.one
    here, rest = at.tree.root, list(steps)
    own = {node.cell.path: node for node in _line(reader) if node.cell is not None}
    while rest and rest[0].axis == "child" and not rest[0].predicates and isinstance(rest[0].test, NameTest):
        path = (here.cell.path if here.cell else "") + "/" + rest[0].test.name
        node = at.tree.form.find_node(path)
        if node is None or node.kind == "question" or (path not in own and node.kind == "repeat"):
            break
        if node.kind == "repeat" and len(rest) == 1:
            break
        following = own.get(path) or next(
            (one for one in at.tree.of.values() if one.parent is here and one.name == node.name), None
        )
        if following is None:
            break
        here, rest = following, rest[1:]
    return [here], rest


def _name_of(step: Step) -> str:
    return step.test.name if isinstance(step.test, NameTest) else ""


def _line(node: Node) -> list[Node]:
    found = [node]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def _rows(node: Node) -> tuple[str, ...]:
    return node.cell.rows if node.cell is not None else ()


def take(found: list[Node], step: Step, at: At) -> list[Node]:
    taken = {
        id(one): one
        for node in found
        for one in keep([n for n in along(node, step.axis) if fits(n, step)], step.predicates, at)
    }
    return sorted(taken.values(), key=lambda node: node.order)


def fits(node: Node, step: Step) -> bool:
    return isinstance(step.test, KindTest) or step.test.name in ("*", node.name)


def along(node: Node, axis: str) -> list[Node]:
    """The nodes on an axis, in the order in which positions are counted."""
    siblings = node.parent.children if node.parent is not None else []
    match axis:
        case "self":
            return [node]
        case "child":
            return node.children
        case "parent":
            return [node.parent] if node.parent is not None else []
        case "descendant-or-self":
            return [node, *node.below()]
        case "following-sibling":
            return [one for one in siblings if one.order > node.order]
        case "preceding-sibling":
            return [one for one in reversed(siblings) if one.order < node.order]
    raise ValueError(axis)


def call(expr: Call, at: At) -> Any:
    name, arguments = expr.name, expr.args
    match name:
        case "if":
            return plain(evaluate(arguments[1 if test(arguments[0], at) else 2], at))
        case "coalesce":
            return next((text for text in (to_string(plain(evaluate(one, at))) for one in arguments) if text), "")
        case "once":
            return stored(at) or to_string(plain(evaluate(arguments[0], at)))
        case "current":
            return Single([at.one])
        case "instance":
            return [at.tree.lists[to_string(plain(evaluate(arguments[0], at)))]]
        case "position":
            return place_of(arguments[0], at) if arguments else float(at.position)
        case "last":
            return float(at.size)
        case "randomize":
            chance = sets.park_miller(sets.seed_of(plain(evaluate(arguments[1], at))))
            found = nodes(arguments[0], at)
            return [found[n] for n in sets.shuffled_order(len(found), chance)]
        case "indexed-repeat":
            return indexed(arguments, at)
        case "pulldata":
            key, wanted, column, value = (to_string(plain(evaluate(one, at))) for one in arguments)
            return pulled(at.tree.lists[key], wanted, column, value)
        case "jr:choice-name":
            return choice_name(to_string(plain(evaluate(arguments[0], at))), str(arguments[1].value), at)  # type: ignore[union-attr]
    spec = check_call(expr)
    first = {Need.CLOCK: NOW, Need.LANGUAGE: at.tree.interview.language}
    before = [first[spec.need]] if spec.need in first else []
    values = [convert(one, kind, at, name) for one, kind in zip(arguments, spec.kinds(len(arguments)), strict=True)]
    assert spec.call is not None, name
    return spec.call(*before, *values)


def convert(expr: Expr, kind: Kind, at: At, name: str) -> Any:
    match kind:
        case Kind.STRING:
            return to_string(plain(evaluate(expr, at)))
        case Kind.NUMBER:
            return number(expr, at)
        case Kind.BOOLEAN:
            return test(expr, at)
        case Kind.NODES:
            return [node.value() for node in nodes(expr, at)]
    value = evaluate(expr, at)
    if name in ("number", "int") and isinstance(value, Single) and value and value[0].type == "boolean":
        return number(expr, at)
    return plain(value)


def stored(at: At) -> str:
    assert at.one.cell is not None
    return at.tree.interview.value(at.one.cell)


def place_of(expr: Expr, at: At) -> float:
    """The place of a row among all rows, hidden ones too; the own row has its place even while it is hidden itself."""
    own = next((node for node in _line(at.one) if node.is_row), None)
    if own is not None and at.at_top and to_text(expr) == "/".join([".."] * _line(at.one).index(own)):
        found = [own]
    else:
        found = nodes(expr, at)
    if not found:
        return float("nan")
    cell = found[0].cell
    assert cell is not None
    return float(at.tree.seen.rows[Cell(cell.path, cell.rows[:-1])].index(cell.rows[-1]) + 1)


def indexed(arguments: tuple[Expr, ...], at: At) -> list[Node]:
    """The rows of each named repeat by their number, hidden rows counted too."""
    path = _text(arguments[0])
    wanted = {_text(repeat): number(n, at) for repeat, n in zip(arguments[1::2], arguments[2::2], strict=True)}
    rows: tuple[str, ...] = ()
    own = {node.cell.path: node.cell.rows for node in _line(at.one) if node.cell is not None and node.is_row}
    here = ""
    for part in path.split("/")[1:]:
        here += f"/{part}"
        node = at.tree.form.node(here)
        if node.kind != "repeat":
            continue
        if here not in wanted:
            rows = own[here]
            continue
        every = at.tree.seen.rows.get(Cell(here, rows), ())
        index = wanted[here]
        if not (index == index and 1 <= index <= len(every)):
            return []
        rows = (*rows, every[int(index) - 1])
    found = at.tree.of[Cell(path, rows)]
    return [found] if at.tree.seen.cells[Cell(path, rows)][0].relevant else []


def _text(expr: Expr) -> str:
    assert isinstance(expr, Path)
    assert expr.absolute
    return "/" + "/".join(step.test.name for step in expr.steps if isinstance(step.test, NameTest))


def pulled(source: Node, wanted: str, column: str, value: str) -> str:
    for item in source.children[0].children:
        texts = {child.name: child.text for child in item.children}
        if texts.get(column) == value:
            return texts.get(wanted, "")
    return ""


def choice_name(value: str, path: str, at: At) -> str:
    """The label of a value among the choices of the question in the own row."""
    depth = sum(node.kind == "repeat" for node in _around(at.tree.form, path))
    cell = Cell(path, _rows(at.one)[:depth])
    if not value:
        return ""
    return next((label for code, label in choices(at.tree, cell) if code == value), "")


def _around(form: Form, path: str) -> Iterator[Any]:
    parts = path.split("/")
    for n in range(2, len(parts) + 1):
        node = form.find_node("/".join(parts[:n]))
        if node is not None:
            yield node


def choices(tree: Tree, cell: Cell) -> list[tuple[str, str]]:
    """(value, label) of everything offered."""
    node = tree.form.node(cell.path)
    assert isinstance(node, Question)
    if node.itemset is None:
        return [(item.value, tree.interview.choice_label(cell, item.value)) for item in node.items]
    one = tree.of[cell]
    at = At(tree, one, one)
    found = []
    for item in nodes(parsed(node.itemset.nodeset), at):
        inside = replace(at, node=item, outside=item.cell is None)
        value = to_string(plain(evaluate(parsed(node.itemset.value), inside)))
        label = to_string(plain(evaluate(parsed(node.itemset.label or node.itemset.value), inside)))
        if node.itemset.label_is_itext:
            label = f"Item {label.removeprefix('item')} {tree.interview.language}"
        found.append((value, label))
    return found


def disagreements(form: Form, interview: Interview, seen: View, typed: set[Cell]) -> str:
    """What the interview shows otherwise than the tree says, "" for nothing."""
    tree = Tree(form, interview, seen)
    told: list[str] = []
    for cell, sight in seen.cells.items():
        for what, shown, expected in _claims(tree, cell, sight, typed):
            if shown != expected:
                told.append(f"{short(cell)} {what}: shown {shown!r}, should be {expected!r}")
    shown, expected = _without_meta(seen.xml), _xml(tree.root.children[0])
    if shown != expected:
        told.append(f"submission: {shown}, should be {expected}")
    return "\n".join(told[:6])


def _xml(node: Node) -> str:
    if node.name.startswith("orx:"):
        return ""
    inside = escape(node.text) if node.is_leaf else "".join(map(_xml, node.children))
    return f"<{node.name}>{inside}</{node.name}>" if inside or not node.is_leaf else f"<{node.name}/>"


def _without_meta(xml: str) -> str:
    return re.sub(r"<orx:meta>.*</orx:meta>", "", re.sub(r"^<data [^>]*>", "<data>", xml), flags=re.DOTALL)


def _claims(tree: Tree, cell: Cell, sight: tuple[Any, ...], typed: set[Cell]) -> Iterator[tuple[str, Any, Any]]:
    """(what, shown, expected) of one cell."""
    node, state = tree.form.node(cell.path), sight[0]
    bind, parent = node.bind, tree.of[cell].parent
    above = tree.seen.cells[parent.cell][0] if parent is not None and parent.cell is not None else None
    yield (
        "relevant",
        state.relevant,
        (above is None or above.relevant) and _holds(bind.relevant, tree, cell, otherwise=True),
    )
    yield (
        "readonly",
        state.readonly,
        (above is not None and above.readonly) or _holds(bind.readonly, tree, cell, otherwise=False),
    )
    if not isinstance(node, Question):
        return
    yield "required", state.required, _holds(bind.required, tree, cell, otherwise=False)
    if bind.calculate is not None and cell not in typed:
        text = to_saved(_saved(bind.calculate, tree, cell))
        yield "value", state.value, fit_computed(node.type, "" if text == "NaN" else text)
    if bind.constraint is not None:
        answered = state.relevant and state.value != "" and state.status not in ("8", "9")
        yield "constraint", state.constraint_ok, not answered or _holds(bind.constraint, tree, cell, otherwise=True)
    if node.control in ("select", "select1", "rank"):
        offered = choices(tree, cell)
        yield "choices", [(choice.value, choice.label) for choice in sight[3]], offered
        codes = {code for code, _ in offered}
        text = tree.interview.saved().values.get(cell, "") if bind.calculate is None else ""
        if text and node.itemset is not None:
            kept = text if node.control == "select1" else " ".join(code for code in text.split() if code in codes)
            yield "answer among the choices", state.value, kept if node.control != "select1" or text in codes else ""
    yield from _texts(tree, cell, sight)


def _texts(tree: Tree, cell: Cell, sight: tuple[Any, ...]) -> Iterator[tuple[str, Any, Any]]:
    node = tree.form.node(cell.path)
    if node.label is not None and node.label.itext is not None:
        parts = tree.form.translations[tree.interview.language][node.label.itext]["plain"]
        yield "label", sight[1], "".join(_part(part, tree, cell) for part in parts).strip()
    if node.hint is not None:
        yield "hint", sight[2], "".join(_part(part, tree, cell) for part in node.hint.parts).strip()


def _part(part: Any, tree: Tree, cell: Cell) -> str:
    return part if isinstance(part, str) else to_saved(_saved(part.expression, tree, cell))


def _saved(text: str, tree: Tree, cell: Cell) -> Any:
    try:
        return plain(value_of(text, tree, cell))
    except XPathValueError:
        return ""


def _holds(text: str | None, tree: Tree, cell: Cell, *, otherwise: bool) -> bool:
    if not text:
        return otherwise
    try:
        return truth(value_of(text, tree, cell))
    except XPathValueError:
        return False
