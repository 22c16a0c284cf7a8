"""Location paths of the primary instance, resolved when the form is compiled (spec: "XPath Paths").

A path becomes places: a template and the way from the reader's row to its rows. Most ways are "go up n rows and read a slot".
Names, wildcards and axes are settled here once; only rows and predicates are left for run time.

An absolute path read from inside a repeat means the reader's own row as far as both lie in the same repeat and no predicate
says otherwise (JavaRosa, Enketo; the ODK specification gives paths in repeats this meaning). A path that ends in the repeat
itself means all its rows, so that ``count(/data/member)`` counts them from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from forms.engine.code import Ctx
from forms.engine.templates import Template
from forms.engine.xpath.ast import Expr, KindTest, NameTest, Step


@dataclass(frozen=True)
class Op:
    """One move at run time: "rows" into the repeat ``template``, "before" or "after" among the row's siblings, or "guard"."""

    kind: str
    template: Template
    predicates: tuple[Expr, ...] = ()
    shared: int = 0


@dataclass(frozen=True)
class Place:
    """A template and the way to it.

    Attributes:
        base: "here" or "cur", which runtime row to start from.
        own: depth of the enclosing row of the base from which the moves start.
        shared: how many enclosing rows of the result are the outermost reader's own.
        picked: a predicate chooses among the rows.
    """

    template: Template
    base: str
    own: int
    shared: int
    ops: tuple[Op, ...] = ()
    picked: bool = False


def matches(test: NameTest | KindTest, template: Template, name_of: Any) -> bool:
    """Whether a node test accepts a template."""
    if isinstance(test, KindTest):
        return test.kind == "node"
    name = test.name
    if name == "*":
        return not template.name.startswith("@")
    if name.endswith(":*"):
        return template.name.startswith(name[:-1])
    wanted: str = name_of(name)
    return template.name.lstrip("@") == wanted


def start_here(ctx: Ctx) -> Place:
    """The context node."""
    assert ctx.template is not None
    return Place(ctx.template, "here", ctx.template.scope.depth, ctx.shared)


def start_current(ctx: Ctx) -> Place:
    """``current()``."""
    top = ctx.top
    assert top.template is not None
    return Place(top.template, "here" if ctx.is_top else "cur", top.template.scope.depth, top.shared)


class Resolver:
    """Follows steps from a start."""

    def __init__(self, root: Template, name_of: Any) -> None:
        self.root = root
        self._name_of = name_of

    def absolute(self, steps: tuple[Step, ...], ctx: Ctx, *, own_last: bool = False) -> list[Place]:
        """Places of an absolute path. ``own_last``: a repeat at the end means the own row as well."""
        if ctx.template is None:
            return self._absolute(steps, ctx.top, "cur", own_last)
        if ctx.is_top:
            return self._absolute(steps, ctx, "here", own_last)
        places = self._absolute(steps, ctx, "here", own_last)
        if all(place.own <= ctx.shared for place in places):
            return self._absolute(steps, ctx.top, "cur", own_last)
        ctx.used = True
        return places

    def _absolute(self, steps: tuple[Step, ...], reader: Ctx, base: str, own_last: bool) -> list[Place]:
        assert reader.template is not None
        if not steps:
            return [Place(self.root, base, 0, 0)]
        first, rest = steps[0], steps[1:]
        above = Place(self.root, base, 0, 0)
        if first.axis == "descendant-or-self":
            return self.follow([above], steps) + self._through_root(rest, above)
        if first.axis not in ("child", "descendant") or not matches(first.test, self.root, self._name_of):
            return self.follow([above], rest) if first.axis == "self" else []
        if first.predicates:
            above = replace(above, ops=(Op("guard", self.root, first.predicates, 0),))
            return self.follow([above], rest)
        own = reader.template.scope.chain()
        here, depth, taken = self.root, 0, 0
        for number, step in enumerate(rest):
            child = None if step.predicates else self._plain_child(here, step)
            if child is None:
                break
            if child.is_repeat:
                if child.scope not in own or (number == len(rest) - 1 and not own_last):
                    break
                depth = child.scope.depth
            here = child
            taken = number + 1
        place = Place(here, base, depth, min(depth, reader.shared))
        return self.follow([place], rest[taken:]) if taken < len(rest) else [place]

    def _plain_child(self, template: Template, step: Step) -> Template | None:
        """The child that a step without predicates names outright."""
        if step.axis != "child" or not isinstance(step.test, NameTest):
            return None
        name = step.test.name
        return template.children.get(name if ":" not in name else self._name_of(name))

    def _plain_steps(self, place: Place, steps: tuple[Step, ...]) -> tuple[Place, tuple[Step, ...]]:
        """Goes as far as ``..``, ``.`` and plain names lead without entering a repeat: nearly all relative paths are no more."""
        here, depth, taken = place.template, place.own, 0
        for step in steps:
            if step.predicates:
                break
            if step.axis == "parent" and isinstance(step.test, KindTest) and here.parent is not None:
                if here.is_repeat:
                    depth -= 1
                here = here.parent
            elif step.axis == "self" and isinstance(step.test, KindTest):
                pass
            else:
                child = self._plain_child(here, step)
                if child is None or child.is_repeat:
                    break
                here = child
            taken += 1
        return Place(here, place.base, depth, min(place.shared, depth), (), place.picked), steps[taken:]

    def _through_root(self, rest: tuple[Step, ...], above: Place) -> list[Place]:
        """``//data`` names the root itself."""
        if rest and rest[0].axis == "child" and matches(rest[0].test, self.root, self._name_of):
            return self.follow([above], rest[1:])
        return []

    def follow(self, places: list[Place], steps: tuple[Step, ...]) -> list[Place]:
        """The places that further steps lead to, without doubles."""
        if len(places) == 1 and not places[0].ops:
            place, steps = self._plain_steps(places[0], steps)
            places = [place]
        skip = False
        for number, step in enumerate(steps):
            if skip:
                skip = False
                continue
            found: dict[Place, None] = {}
            following = steps[number + 1] if number + 1 < len(steps) else None
            if (
                step.axis == "descendant-or-self"
                and isinstance(step.test, KindTest)
                and following is not None
                and following.axis == "child"
            ):
                step = replace(following, axis="descendant")
                skip = True
            for place in places:
                for target in self._step(place, step):
                    found.setdefault(target)
            places = list(found)
        return places

    def _step(self, place: Place, step: Step) -> Iterator[Place]:
        template = place.template
        match step.axis:
            case "child":
                yield from self._children(place, step)
            case "attribute":
                for attribute in template.attributes.values():
                    if matches(step.test, attribute, self._name_of):
                        yield self._guarded(replace(place, template=attribute), step)
            case "self":
                if matches(step.test, template, self._name_of):
                    yield self._guarded(place, step)
            case "parent":
                above = self._parent(place)
                if above is not None and matches(step.test, above.template, self._name_of):
                    yield self._guarded(above, step)
            case "ancestor" | "ancestor-or-self":
                line = [place] if step.axis == "ancestor-or-self" else []
                above = self._parent(place)
                while above is not None:
                    line.append(above)
                    above = self._parent(above)
                for one in reversed(line):
                    if matches(step.test, one.template, self._name_of):
                        yield self._guarded(one, step)
            case "descendant" | "descendant-or-self":
                if step.axis == "descendant-or-self" and matches(step.test, template, self._name_of):
                    yield self._guarded(place, step)
                yield from self._descendants(place, step)
            case "following-sibling" | "preceding-sibling":
                yield from self._siblings(place, step)
            case _:
                raise AxisRefused(step.axis)

    def _children(self, place: Place, step: Step) -> Iterator[Place]:
        named = self._plain_child(place.template, step)
        if named is not None:
            yield self._into(place, named, step)
            return
        for child in place.template.children.values():
            if matches(step.test, child, self._name_of):
                yield self._into(place, child, step)

    def _into(self, place: Place, child: Template, step: Step) -> Place:
        if not child.is_repeat:
            return self._guarded(replace(place, template=child), step)
        shared = min(place.shared, child.scope.depth - 1)
        op = Op("rows", child, step.predicates, shared)
        picked = place.picked or bool(step.predicates)
        return replace(place, template=child, ops=(*place.ops, op), shared=shared, picked=picked)

    def _descendants(self, place: Place, step: Step) -> Iterator[Place]:
        bare = replace(step, predicates=())
        for child in place.template.children.values():
            hit = matches(step.test, child, self._name_of)
            if hit:
                yield self._into(place, child, step)
            yield from self._descendants(self._into(place, child, bare), step)

    def _siblings(self, place: Place, step: Step) -> Iterator[Place]:
        template = place.template
        parent = template.parent
        if parent is None:
            return
        after = step.axis == "following-sibling"
        if template.is_repeat and matches(step.test, template, self._name_of):
            shared = min(place.shared, template.scope.depth - 1)
            op = Op("after" if after else "before", template, step.predicates, shared)
            yield replace(place, ops=(*place.ops, op), shared=shared, picked=True)
        above = self._parent(place)
        if above is None:
            return
        for child in parent.children.values():
            if (
                child is not template
                and (child.order > template.order) == after
                and matches(step.test, child, self._name_of)
            ):
                yield self._into(above, child, step)

    def _parent(self, place: Place) -> Place | None:
        template = place.template
        if template.parent is None:
            return None
        if not template.is_repeat:
            return replace(place, template=template.parent)
        depth = template.scope.depth - 1
        ops = place.ops
        while ops:
            last = ops[-1]
            ops = ops[:-1]
            if last.kind == "rows":
                return replace(place, template=template.parent, ops=ops, shared=min(place.shared, depth))
        return replace(place, template=template.parent, own=depth, ops=(), shared=min(place.shared, depth))

    def _guarded(self, place: Place, step: Step) -> Place:
        if not step.predicates:
            return place
        return replace(place, ops=(*place.ops, Op("guard", place.template, step.predicates, place.shared)), picked=True)


class AxisRefused(Exception):
    """An axis that makes no sense in a form."""

    def __init__(self, axis: str) -> None:
        super().__init__(axis)
        self.axis = axis
