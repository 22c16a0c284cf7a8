"""What compiling an expression yields, and what it is compiled in.

A closure takes ``(here, frame)``. At the top ``here`` is the runtime row of the node that the expression belongs to and ``frame``
is None. Inside a predicate ``here`` is the candidate (a row, or an item of a secondary instance) and ``frame`` knows the
candidate's position and the row of the outermost node, which ``current()`` means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from forms.engine.templates import Template
from forms.engine.xpath.values import Value

if TYPE_CHECKING:
    from forms.engine.columns import Whole

Here: TypeAlias = Any
Fn: TypeAlias = Callable[[Here, "Frame | None"], Any]


class Frame:
    """The situation inside a predicate: position and size of the candidate's set (from 1), and the outermost row."""

    __slots__ = ("cur", "pos", "size")

    def __init__(self, cur: Here, pos: int = 1, size: int = 1) -> None:
        self.cur = cur
        self.pos = pos
        self.size = size


class Dep(NamedTuple):
    """One thing that an expression reads.

    Attributes:
        template: what is read; a repeat for its rows.
        shared: how many of the outermost enclosing rows are the reader's own. A change in rows (a, b) concerns the readers
            whose first ``shared`` rows are the same.
        kind: "value" (text and relevance), "rows" (which rows there are, in which order) or "position" (of the own row).
        picked: the rows are chosen by a predicate or an index, so that reading a sibling row need not be a cycle.
        own: written as ``.``: never a cycle.
    """

    template: Template
    shared: int
    kind: str = "value"
    picked: bool = False
    own: bool = False


@dataclass(slots=True)
class Code:
    """A compiled expression.

    Attributes:
        fn: gives the value.
        kind: what ``fn`` gives: "str", "num", "bool", "nodes" (list of texts), "node" (text of one node that is there), or "any".
        nodes: gives the node-set as list of texts, where it is one.
        refs: gives the nodes themselves: (row, template) pairs or items.
        rows: gives the context rows or items of a node-set of one template.
        test: gives the boolean, where it differs from ``to_boolean(fn)``.
        number: gives the number, where there is a shorter way than ``to_number(fn)``.
        template: the template of a "node", or of all nodes.
        whole: set where the node-set is one node of all rows of a list (``columns.py``).
    """

    fn: Fn
    kind: str
    nodes: Fn | None = None
    refs: Fn | None = None
    rows: Fn | None = None
    test: Fn | None = None
    template: Template | None = None
    items: bool = False
    whole: Whole | None = None
    constant: Value | None = None


@dataclass(slots=True)
class Ctx:
    """Where an expression stands.

    Attributes:
        template: the node that relative paths start from; None inside a secondary instance.
        shared: how many rows of ``here``'s chain are the outermost row's own.
        top: the outermost context (itself at the top).
        used: set when something reads ``here`` as a candidate, so that the expression cannot be taken out of the predicate.
    """

    template: Template | None
    shared: int
    top: Ctx = field(default=None)  # type: ignore[assignment]
    used: bool = False

    def __post_init__(self) -> None:
        if self.top is None:
            self.top = self

    @property
    def is_top(self) -> bool:
        """Not inside a predicate."""
        return self.top is self
