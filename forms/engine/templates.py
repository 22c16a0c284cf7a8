"""The form's nodes as the compiled program sees them: numbered templates, grouped in scopes.

A scope is the root or one repeat. Everything in one scope (outside nested repeats) lives in the same runtime row and has a slot
there, so that a reference within a row is one list access. The repeat itself is slot 0 of its own scope: the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms.engine.definition import Form, Group, Node, Question, Repeat


def is_constant(text: str | None, value: bool) -> bool:
    """Whether an expression is ``true()`` (or ``false()``) and nothing else."""
    return text is not None and "".join(text.split()) == ("true()" if value else "false()")


class Scope:
    """The root, or one repeat: what one runtime row holds.

    ``children`` are the repeats directly inside; a row keeps their row lists in the same order. ``readonly``, ``own_readonly`` and
    ``required`` are what holds outright (``true()``), slot by slot.
    """

    __slots__ = (
        "_chain",
        "children",
        "defaults",
        "depth",
        "index",
        "list_index",
        "own_readonly",
        "parent",
        "path",
        "readonly",
        "repeat",
        "required",
        "templates",
    )

    def __init__(self, path: str, parent: Scope | None, repeat: Repeat | None) -> None:
        self.path = path
        self.parent = parent
        self.repeat = repeat
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.templates: list[Template] = []
        self.children: list[Scope] = []
        self.defaults: list[str] = []
        self.readonly: list[bool] = []
        self.own_readonly: list[bool] = []
        self.required: list[bool] = []
        self.index = 0
        self.list_index = 0
        self._chain: tuple[Scope, ...] = (self,) if parent is None else (*parent._chain, self)
        if parent is not None:
            self.list_index = len(parent.children)
            parent.children.append(self)

    def chain(self) -> tuple[Scope, ...]:
        """Scopes from the root to this one."""
        return self._chain

    def __repr__(self) -> str:
        return f"Scope({self.path})"


class Template:
    """One node of the form, in all rows. ``order`` is its place in document order; a repeat (``is_repeat``) is its own rows;
    ``is_typable`` says that a person may type over its calculation."""

    __slots__ = (
        "attributes",
        "children",
        "is_leaf",
        "is_repeat",
        "is_typable",
        "name",
        "node",
        "order",
        "parent",
        "path",
        "scope",
        "slot",
        "type",
    )

    def __init__(self, node: Node, parent: Template | None, scope: Scope, order: int) -> None:
        self.node = node
        self.path = node.path
        self.name = node.name
        self.parent = parent
        self.scope = scope
        self.slot = len(scope.templates)
        self.order = order
        self.children: dict[str, Template] = {}
        self.attributes: dict[str, Template] = {}
        self.is_leaf = isinstance(node, Question)
        self.is_repeat = isinstance(node, Repeat)
        self.is_typable = (
            isinstance(node, Question) and node.calculated and node.control is not None and not node.readonly_static
        )
        self.type = node.type
        scope.templates.append(self)
        scope.defaults.append(node.default if isinstance(node, Question) else "")
        fixed = is_constant(node.bind.readonly, True)
        above = parent is not None and parent.scope is scope and scope.readonly[parent.slot]
        scope.own_readonly.append(fixed)
        scope.readonly.append(fixed or above)
        scope.required.append(self.is_leaf and is_constant(node.bind.required, True))

    def below(self) -> Iterator[Template]:
        """All templates inside, attributes too, in document order, without this one."""
        for child in (*self.attributes.values(), *self.children.values()):
            yield child
            yield from child.below()

    def __repr__(self) -> str:
        return f"Template({self.path})"


class Templates:
    """All templates and scopes of a form.

    ``reached`` keeps what plain paths were found to mean (``paths.py``), since most nodes are read by several expressions.
    """

    def __init__(self, form: Form) -> None:
        self.reached: dict[tuple[str, int], Any] = {}
        self.by_path: dict[str, Template] = {}
        self.all: list[Template] = []
        self.scopes: list[Scope] = []
        root_scope = Scope(form.root.path, None, None)
        self._add_scope(root_scope)
        self.root = self._build(form.root, None, root_scope)

    def _add_scope(self, scope: Scope) -> None:
        scope.index = len(self.scopes)
        self.scopes.append(scope)

    def _build(self, node: Node, parent: Template | None, scope: Scope) -> Template:
        if isinstance(node, Repeat):
            scope = Scope(node.path, scope, node)
            self._add_scope(scope)
        template = Template(node, parent, scope, len(self.all))
        self.all.append(template)
        self.by_path[node.path] = template
        for attribute in node.attributes:
            template.attributes[attribute.name[1:]] = self._build(attribute, template, scope)
        if isinstance(node, Group | Repeat):
            for child in node.children:
                template.children[child.name] = self._build(child, template, scope)
        return template
