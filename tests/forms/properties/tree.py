"""The relevant nodes of a filling and the lists of a form, as one plain tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from forms.engine import Cell, Form, Interview
from forms.engine.xpath.ast import NameTest, Step
from tests.forms.properties.looking import PEOPLE, View
from tests.forms.properties.specs import ITEMS


@dataclass(eq=False)
class Node:
    """An element: of the filling (``cell``) or of a list. Rows of a repeat are siblings of one name."""

    name: str
    parent: Node | None
    order: int
    text: str = ""
    type: str = "string"
    cell: Cell | None = None
    is_row: bool = False
    is_leaf: bool = True
    is_hidden: bool = False
    children: list[Node] = field(default_factory=list)

    def value(self) -> str:
        return self.text if self.is_leaf else "".join(child.value() for child in self.children)

    def below(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child.below()


class Tree:
    """The relevant nodes of a filling, and the lists."""

    def __init__(self, form: Form, interview: Interview, seen: View) -> None:
        self.form = form
        self.interview = interview
        self.seen = seen
        self.of: dict[Cell, Node] = {}
        self._order = 0
        self.root = Node("", None, -1, is_leaf=False)
        self._add(form.root, (), self.root, hidden=False)
        self.lists = {"items": self._items(), "people": self._people()}

    def _node(self, name: str, parent: Node, **more: Any) -> Node:
        self._order += 1
        return Node(name, parent, self._order, **more)

    def _add(self, node: Any, rows: tuple[str, ...], parent: Node, *, hidden: bool) -> None:
        """A hidden node knows its parent, so that expressions can start from it, but no path finds it."""
        if node.kind == "repeat":
            for row in self.seen.rows[Cell(node.path, rows)]:
                self._place(node, Cell(node.path, (*rows, row)), parent, hidden)
        else:
            self._place(node, Cell(node.path, rows), parent, hidden)

    def _place(self, node: Any, cell: Cell, parent: Node, hidden: bool) -> None:
        state = self.seen.cells[cell][0]
        here = self._node(
            node.name, parent, cell=cell, is_row=node.kind == "repeat", is_leaf=node.kind == "question", type=node.type
        )
        here.text = "" if state.status in ("8", "9") else state.value
        self.of[cell] = here
        here.is_hidden = hidden or not state.relevant
        if not here.is_hidden:
            parent.children.append(here)
        if node.kind != "question":
            for child in node.children:
                self._add(child, cell.rows, here, hidden=hidden or not state.relevant)

    def _list(self, rows: list[dict[str, str]]) -> Node:
        top = self._node("", self.root, is_leaf=False)
        root = self._node("root", top, is_leaf=False)
        top.children.append(root)
        for row in rows:
            item = self._node("item", root, is_leaf=False)
            root.children.append(item)
            item.children = [self._node(key, item, text=text) for key, text in row.items()]
        return top

    def _items(self) -> Node:
        return self._list(
            [{"name": f"{n}", "k": f"{n % 4}", "label": f"Item {n}", "itextId": f"item{n}"} for n in range(ITEMS)]
        )

    def _people(self) -> Node:
        head, *lines = PEOPLE.split()[0], *PEOPLE.splitlines()[1:]
        return self._list([dict(zip(head.split(","), line.split(","), strict=True)) for line in lines])

    def is_settled(self, node: Node, step: Step) -> bool:
        """Whether a step from an element of the form leads to one node at most."""
        if step.predicates:
            return False
        if step.axis in ("self", "parent"):
            return True
        if step.axis != "child" or node.cell is None or not isinstance(step.test, NameTest):
            return False
        found = self.form.find_node(f"{node.cell.path}/{step.test.name}")
        return found is not None and found.kind != "repeat"
