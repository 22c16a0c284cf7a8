"""A plain evaluator over an ElementTree: slow, short, and obviously right. It holds the functions to their facts and
stands between our parser and another project's XPath in the differential tests."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from xml.etree import ElementTree

from forms.engine.xpath import (
    ARITHMETIC,
    COMPARISONS,
    Kind,
    Need,
    Value,
    check_call,
    completed,
    parse,
    to_boolean,
    to_number,
    to_string,
)
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
)
from forms.engine.xpath.functions import sets

NOW = datetime(2024, 6, 15, 10, 20, 30, tzinfo=UTC)


@dataclass(eq=False)
class Node:
    """Root (no name), element, attribute or text. ``order`` is the place in the document."""

    name: str
    kind: str
    parent: Node | None
    order: int
    text: str = ""
    children: list[Node] = field(default_factory=list)
    attributes: list[Node] = field(default_factory=list)

    def value(self) -> str:
        if self.kind in ("text", "attribute"):
            return self.text
        return "".join(child.value() for child in self.children)


def document(xml: str) -> Node:
    counter = iter(range(1_000_000))
    root = Node("", "root", None, next(counter))

    def take(element: ElementTree.Element, parent: Node) -> None:
        node = Node(element.tag, "element", parent, next(counter))
        parent.children.append(node)
        node.attributes = [Node(k, "attribute", node, next(counter), v) for k, v in element.attrib.items()]
        if element.text:
            node.children.append(Node("", "text", node, next(counter), element.text))
        for child in element:
            take(child, node)
            if child.tail:
                node.children.append(Node("", "text", node, next(counter), child.tail))

    take(ElementTree.fromstring(xml), root)
    return root


@dataclass(frozen=True)
class Context:
    root: Node
    node: Node
    current: Node
    position: int = 1
    size: int = 1
    instances: dict[str, Node] = field(default_factory=dict)
    now: datetime = NOW
    language: str = ""
    chance: Callable[[], float] = random.Random(1).random


Result = Value | list[Node]


def value_of(text: str, xml: str = "<data/>", at: str = "/data", **more: object) -> Value:
    """What an expression gives; a node-set as the list of its texts."""
    root = document(xml)
    start = Context(root, root, root)
    (node,) = nodes_of(parse(at), start)
    context = replace(start, node=node, current=node, **more)  # type: ignore[arg-type]
    return plain(evaluate(parse(text), context))


def nodes_of(expr: Expr, context: Context) -> list[Node]:
    result = evaluate(expr, context)
    assert isinstance(result, list), "a node-set was wanted"
    return result  # type: ignore[return-value]


def plain(result: Result) -> Value:
    return [n.value() if isinstance(n, Node) else n for n in result] if isinstance(result, list) else result


def evaluate(expr: Expr, context: Context) -> Result:
    match expr:
        case Literal(value) | Number(value):
            return value
        case Negate(operand):
            return -to_number(plain(evaluate(operand, context)))
        case Logic(op, operands):
            truths = (to_boolean(plain(evaluate(o, context))) for o in operands)
            return any(truths) if op == "or" else all(truths)
        case Binary(op, left, right):
            a, b = plain(evaluate(left, context)), plain(evaluate(right, context))
            return COMPARISONS[op](a, b) if op in COMPARISONS else ARITHMETIC[op](to_number(a), to_number(b))
        case Union(operands):
            return in_order({node for o in operands for node in nodes_of(o, context)})
        case Filter(inner, predicates):
            return keep(nodes_of(inner, context), predicates, context)
        case Path(absolute, steps, start):
            nodes = [context.root] if absolute else [context.node] if start is None else nodes_of(start, context)
            for step in steps:
                nodes = in_order({found for node in nodes for found in take_step(node, step, context)})
            return nodes
        case Call():
            return call(expr, context)
    raise TypeError(expr)


def in_order(nodes: set[Node]) -> list[Node]:
    return sorted(nodes, key=lambda n: n.order)


def keep(nodes: list[Node], predicates: tuple[Expr, ...], context: Context) -> list[Node]:
    for predicate in predicates:
        kept, size = [], len(nodes)
        for place, node in enumerate(nodes, 1):
            result = plain(evaluate(predicate, replace(context, node=node, position=place, size=size)))
            if result == place if type(result) is float else to_boolean(result):
                kept.append(node)
        nodes = kept
    return nodes


def take_step(node: Node, step: Step, context: Context) -> list[Node]:
    found = [n for n in along(node, step.axis) if fits(n, step)]
    return keep(found, step.predicates, context)


def fits(node: Node, step: Step) -> bool:
    match step.test:
        case NameTest("*"):
            return node.kind == ("attribute" if step.axis == "attribute" else "element")
        case NameTest(name):
            return node.name == name and node.kind in ("element", "attribute")
        case KindTest("node"):
            return True
        case KindTest(kind):
            return node.kind == kind


def along(node: Node, axis: str) -> list[Node]:
    """The nodes on an axis, in the order in which positions are counted."""
    siblings = [] if node.parent is None or node.kind == "attribute" else node.parent.children
    match axis:
        case "self":
            return [node]
        case "child":
            return node.children
        case "attribute":
            return node.attributes
        case "parent":
            return [node.parent] if node.parent else []
        case "ancestor":
            return [node.parent, *along(node.parent, axis)] if node.parent else []
        case "ancestor-or-self":
            return [node, *along(node, "ancestor")]
        case "descendant":
            return [d for c in node.children for d in (c, *along(c, axis))]
        case "descendant-or-self":
            return [node, *along(node, "descendant")]
        case "following-sibling":
            return [n for n in siblings if n.order > node.order]
        case "preceding-sibling":
            return [n for n in reversed(siblings) if n.order < node.order]
        case "following":
            here = [n for a in along(node, "ancestor-or-self") for n in along(a, "following-sibling")]
            return in_order({d for n in here for d in along(n, "descendant-or-self")})
        case "preceding":
            here = [n for a in along(node, "ancestor-or-self") for n in along(a, "preceding-sibling")]
            return in_order({d for n in here for d in along(n, "descendant-or-self")})[::-1]
    raise ValueError(axis)


def call(expr: Call, context: Context) -> Result:
    spec = check_call(expr)
    expr = completed(expr)
    if spec.need in (Need.NOTHING, Need.CLOCK, Need.CHANCE, Need.LANGUAGE):
        assert spec.call is not None
        first = {Need.CLOCK: context.now, Need.CHANCE: context.chance, Need.LANGUAGE: context.language}
        before = [first[spec.need]] if spec.need in first else []
        values = [plain(evaluate(a, context)) for a in expr.args]
        return spec.call(*before, *(convert(v, k) for v, k in zip(values, spec.kinds(len(values)), strict=True)))
    match expr.name:
        case "position" if expr.args:
            (node, *_) = nodes_of(expr.args[0], context)
            before = [n for n in along(node, "preceding-sibling") if n.name == node.name]
            return float(len(before) + 1)
        case "position":
            return float(context.position)
        case "last":
            return float(context.size)
        case "current":
            return [context.current]
        case "name" | "local-name":
            return next((n.name for n in nodes_of(expr.args[0], context)), "")
        case "instance":
            root = context.instances.get(to_string(plain(evaluate(expr.args[0], context))))
            return [root.parent or root] if root else []
        case "randomize":
            nodes = nodes_of(expr.args[0], context)
            seed = plain(evaluate(expr.args[1], context)) if len(expr.args) > 1 else None
            chance = context.chance if seed is None else sets.park_miller(sets.seed_of(seed))
            return [nodes[i] for i in sets.shuffled_order(len(nodes), chance)]
        case "once":
            return context.current.value() or to_string(plain(evaluate(expr.args[0], context)))
    raise NotImplementedError(expr.name)


def convert(value: Value, kind: Kind) -> Value:
    match kind:
        case Kind.STRING:
            return to_string(value)
        case Kind.NUMBER:
            return to_number(value)
        case Kind.BOOLEAN:
            return to_boolean(value)
        case Kind.NODES:
            assert type(value) is list, "a node-set was wanted"
    return value
