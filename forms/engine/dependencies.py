"""One graph of templates: which expression has to run when something changes, and in which order.

Nodes are triggerables, an expression together with the template that it decides. An edge says that one writes what another
reads. Reading a *chosen* sibling row (``rep[position() = … - 1]/x`` inside ``rep``) and growing by ``jr:count`` are loose edges:
they do not order, since between rows there need be no cycle; the evaluator puts such work back into the queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from forms.engine.code import Dep, Fn
from forms.engine.templates import Scope, Template

KINDS = ("relevant", "calculate", "choices", "count", "readonly", "required")


@dataclass(eq=False)
class Trigger:
    """An expression that is kept up to date.

    Attributes:
        kind: what it decides, one of ``KINDS``.
        rank: place in the order of evaluation.
        volatile: reads the clock or chance.
        texts: reads texts in the active language.
    """

    kind: str
    template: Template
    fn: Fn
    deps: tuple[Dep, ...]
    volatile: bool = False
    texts: bool = False
    rank: int = 0
    after: set[Trigger] = field(default_factory=set, repr=False)

    @property
    def scope(self) -> Scope:
        """The scope whose rows the expression is evaluated in. A count belongs to the row that holds the list."""
        scope = self.template.scope
        if self.kind == "count":
            assert scope.parent is not None
            return scope.parent
        return scope


class Cycle(Exception):
    """Expressions that need each other; ``path`` names the templates in order, the first again at the end."""

    def __init__(self, ring: list[Trigger]) -> None:
        self.path = [trigger.template for trigger in [*ring, ring[0]]]
        self.kinds = {trigger.kind for trigger in ring}
        super().__init__(" → ".join(template.path for template in self.path))


class Graph:
    """Writers of every template, and the order of the triggers.

    Attributes:
        cycles: each one found.
    """

    def __init__(self, triggers: list[Trigger]) -> None:
        self._own: dict[Template, list[Trigger]] = {}
        for trigger in triggers:
            self._own.setdefault(trigger.template, []).append(trigger)
        self._above: dict[Template, tuple[Trigger, ...]] = {}
        self.cycles: list[Cycle] = []
        for trigger in triggers:
            self._link(trigger)
        self._order(triggers)

    def _inherited(self, template: Template) -> tuple[Trigger, ...]:
        """Relevance of the template and of everything around it."""
        found = self._above.get(template)
        if found is None:
            own = tuple(t for t in self._own.get(template, ()) if t.kind == "relevant")
            found = own if template.parent is None else (*self._inherited(template.parent), *own)
            self._above[template] = found
        return found

    def _writers(self, dep: Dep) -> Iterator[Trigger]:
        if dep.kind == "position":
            return
        yield from self._inherited(dep.template)
        if dep.kind == "value":
            for trigger in self._own.get(dep.template, ()):
                if trigger.kind in ("calculate", "choices"):
                    yield trigger

    def _link(self, trigger: Trigger) -> None:
        for dep in trigger.deps:
            if dep.own or _is_loose(trigger, dep):
                continue
            trigger.after.update(self._writers(dep))
        if trigger.kind == "choices":
            trigger.after.update(t for t in self._own[trigger.template] if t.kind == "calculate")
            trigger.after.discard(trigger)

    def _order(self, triggers: list[Trigger]) -> None:
        """Depth first, without recursion: forms of a thousand chained questions exist."""
        done: dict[Trigger, bool] = {}
        rank = 0
        for start in triggers:
            if start in done:
                continue
            trail: list[Trigger] = []
            stack: list[tuple[Trigger, Iterator[Trigger]]] = []
            done[start] = False
            trail.append(start)
            stack.append((start, iter(sorted(start.after, key=_document_order))))
            while stack:
                here, rest = stack[-1]
                following = next(rest, None)
                if following is None:
                    stack.pop()
                    trail.pop()
                    done[here] = True
                    here.rank = rank
                    rank += 1
                elif following not in done:
                    done[following] = False
                    trail.append(following)
                    stack.append((following, iter(sorted(following.after, key=_document_order))))
                elif not done[following]:
                    ring = trail[trail.index(following) :]
                    self.cycles.append(Cycle(ring[::-1]))


def _document_order(trigger: Trigger) -> tuple[int, int]:
    return trigger.template.order, KINDS.index(trigger.kind)


def _is_loose(trigger: Trigger, dep: Dep) -> bool:
    """Whether the reader stands in the same repeat as what it reads, and picks the row."""
    if not dep.picked:
        return False
    mine, theirs = trigger.template.scope.chain(), dep.template.scope.chain()
    level = dep.shared + 1
    return level < len(mine) and level < len(theirs) and mine[level] is theirs[level]
