"""Location paths → closures: on rows of the primary instance, and on items of secondary ones."""

# ruff: noqa: ARG005 - all closures take (here, frame), whether they need both or not
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from forms.engine.code import Code, Ctx, Dep, Fn, Frame, Here
from forms.engine.columns import whole_of
from forms.engine.places import AxisRefused, Op, Place, Resolver, start_current, start_here
from forms.engine.predicates import Predicates
from forms.engine.rows import Row
from forms.engine.templates import Template
from forms.engine.xpath.ast import Call, Expr, Filter, KindTest, Literal, NameTest, Path, Step, to_text
from forms.engine.xpath.values import text_to_number

if TYPE_CHECKING:
    from forms.engine.compiler import Compiler

_NUMERIC = frozenset({"int", "decimal"})


def compile_path(c: Compiler, expr: Path | Filter, ctx: Ctx, *, own_last: bool = False) -> Code:
    """A path or a filtered node-set."""
    if isinstance(expr, Path) and expr.plain is not None and ctx.is_top and not own_last:
        return _plain_path(c, expr, expr.plain, ctx)
    return _resolved_path(c, expr, ctx, own_last)


def _plain_path(c: Compiler, expr: Path, plain: str, ctx: Ctx) -> Code:
    """A path of names and dots alone, as nearly all are. What it means hangs on the reader's rows, or on where the reader stands."""
    template = ctx.template
    assert template is not None
    key = (plain, template.scope.index if expr.absolute else -1 - template.order)
    known = c.templates.reached.get(key)
    if known is None:
        before = len(c.deps)
        code = _resolved_path(c, expr, ctx, False)
        if code.kind == "node" and len(c.deps) == before + 1:
            c.templates.reached[key] = (c.deps[before], code)
        return code
    dep, code = known
    c.deps.append(dep)
    return code  # type: ignore[no-any-return]


def _resolved_path(c: Compiler, expr: Path | Filter, ctx: Ctx, own_last: bool) -> Code:
    from forms.engine.item_paths import compile_instance_path, compile_item_path, continue_from

    if isinstance(expr, Filter):
        return continue_from(c, c.compile(expr.expr, ctx), expr.predicates, (), ctx)
    start = expr.start
    if isinstance(start, Call) and start.name == "instance":
        return compile_instance_path(c, start, expr.steps, ctx)
    if start is not None and not (isinstance(start, Call) and start.name == "current"):
        return continue_from(c, c.compile(start, ctx), (), expr.steps, ctx)
    try:
        resolver = Resolver(c.templates.root, c.names.of_text)
        if expr.absolute:
            places = resolver.absolute(expr.steps, ctx, own_last=own_last)
        elif start is not None:
            places = resolver.follow([start_current(ctx)], expr.steps)
        elif ctx.template is None:
            ctx.used = True
            return compile_item_path(c, expr.steps, ctx)
        else:
            ctx.used = ctx.used or not ctx.is_top
            places = resolver.follow([start_here(ctx)], expr.steps)
    except AxisRefused as refused:
        from forms.engine.compiler import ExpressionRefused

        raise ExpressionRefused("E035", f"引用里的轴“{refused.axis}”不受支持。", "请改用 ../ 或名称。") from refused
    if not places:
        c.missing.append(to_text(expr))
        return Code(lambda here, frame: [], "nodes", nodes=lambda here, frame: [], refs=lambda here, frame: [])
    if len(places) == 1:
        return code_of_place(c, places[0], ctx, is_self=_is_dot(expr) and ctx.is_top)
    codes = [code_of_place(c, place, ctx) for place in places]
    return refs_of([code.refs for code in codes if code.refs is not None], False)


def _is_dot(expr: Path) -> bool:
    steps = [step for step in expr.steps if not (step.axis == "self" and isinstance(step.test, KindTest))]
    return not steps and not expr.absolute and not any(step.predicates for step in expr.steps)


def base_of(ctx: Ctx, base: str, depth: int) -> Fn:
    """The enclosing row at ``depth`` of the row that a place starts from."""
    template = ctx.top.template if base == "cur" else ctx.template
    assert template is not None
    up = template.scope.depth - depth
    if base == "here":
        match up:
            case 0:
                return lambda here, frame: here
            case 1:
                return lambda here, frame: here.parent
            case 2:
                return lambda here, frame: here.parent.parent
        return lambda here, frame: here.up(up)
    match up:
        case 0:
            return lambda here, frame: frame.cur  # type: ignore[union-attr]
        case 1:
            return lambda here, frame: frame.cur.parent  # type: ignore[union-attr]
    return lambda here, frame: frame.cur.up(up)  # type: ignore[union-attr]


def _slot_reader(ctx: Ctx, place: Place, slot: int) -> Fn:
    """Reads one slot of one enclosing row; written out for the usual distances, since most of all reads are these."""
    template = ctx.top.template if place.base == "cur" else ctx.template
    assert template is not None
    up = template.scope.depth - place.own
    if place.base == "here":
        match up:
            case 0:
                return lambda here, frame: here.seen[slot]
            case 1:
                return lambda here, frame: here.parent.seen[slot]
            case 2:
                return lambda here, frame: here.parent.parent.seen[slot]
    elif up == 0:
        return lambda here, frame: frame.cur.seen[slot]  # type: ignore[union-attr]
    row_of = base_of(ctx, place.base, place.own)
    return lambda here, frame: row_of(here, frame).seen[slot]


def code_of_place(c: Compiler, place: Place, ctx: Ctx, *, is_self: bool = False) -> Code:
    """The code of one place, with everything it reads noted."""
    template = place.template
    slot = template.slot
    for op in place.ops:
        if op.kind != "guard":
            c.need(Dep(op.template, op.shared, "rows", place.picked))
    c.need(Dep(template, place.shared, "value", place.picked, own=is_self))
    if not place.ops:
        return _single(place, ctx, is_self=is_self)
    rows = _walker(c, place, ctx)

    def refs(here: Here, frame: Frame | None) -> list[Any]:
        return [(row, template) for row in rows(here, frame) if row.rel[slot]]

    def texts(here: Here, frame: Frame | None) -> list[str]:
        return [row.seen[slot] for row in rows(here, frame) if row.rel[slot]]

    def relevant(here: Here, frame: Frame | None) -> list[Row]:
        return [row for row in rows(here, frame) if row.rel[slot]]

    test: Fn | None = None
    if not template.is_leaf:
        test = lambda here, frame: bool(refs(here, frame))  # noqa: E731
    elif _typed_test(template) is not None:
        typed = _typed_test(template)
        assert typed is not None
        test = lambda here, frame: any(map(typed, texts(here, frame)))  # noqa: E731
    whole = whole_of(place, base_of(ctx, place.base, place.own), ctx)
    return Code(texts, "nodes", nodes=texts, refs=refs, rows=relevant, test=test, template=template, whole=whole)


def _typed_test(template: Template) -> Callable[[str], bool] | None:
    if template.type == "boolean":
        return lambda text: text not in ("", "0", "false")
    if template.type in _NUMERIC:
        return lambda text: text_to_number(text) not in (0.0,) and text_to_number(text) == text_to_number(text)
    return None


def _single(place: Place, ctx: Ctx, *, is_self: bool) -> Code:
    template = place.template
    slot = template.slot
    row_of = base_of(ctx, place.base, place.own)
    read: Fn
    if is_self:
        read = lambda here, frame: here.text[slot]  # noqa: E731
    else:
        read = _slot_reader(ctx, place, slot)

    def nodes(here: Here, frame: Frame | None) -> list[str]:
        row = row_of(here, frame)
        return [row.seen[slot]] if row.rel[slot] else []

    def refs(here: Here, frame: Frame | None) -> list[Any]:
        row = row_of(here, frame)
        return [(row, template)] if row.rel[slot] else []

    def rows(here: Here, frame: Frame | None) -> list[Row]:
        row = row_of(here, frame)
        return [row] if row.rel[slot] else []

    test: Fn | None = None
    typed = _typed_test(template)
    if not template.is_leaf:
        test = lambda here, frame: row_of(here, frame).rel[slot]  # noqa: E731
    elif typed is not None:
        test = lambda here, frame: typed(read(here, frame))  # noqa: E731
    return Code(read, "node", nodes=nodes, refs=refs, rows=rows, test=test, template=template)


def _walker(c: Compiler, place: Place, ctx: Ctx) -> Fn:
    """A closure from the base row to all rows of the place."""
    row_of = base_of(ctx, place.base, place.own)
    moves = [_move(c, op, ctx) for op in place.ops]
    is_top = ctx.is_top
    if len(moves) == 1 and place.ops[0].kind == "rows" and not place.ops[0].predicates:
        at = place.ops[0].template.scope.list_index

        def all_rows(here: Here, frame: Frame | None) -> list[Row]:
            rows: list[Row] = row_of(here, frame).lists[at].relevant()
            return rows

        return all_rows

    def walk(here: Here, frame: Frame | None) -> list[Row]:
        cur = here if is_top else frame.cur  # type: ignore[union-attr]
        rows = [row_of(here, frame)]
        for move in moves:
            rows = move(rows, cur)
        return rows

    return walk


def _move(c: Compiler, op: Op, ctx: Ctx) -> Callable[[list[Row], Here], list[Row]]:
    inside = Ctx(op.template, op.shared, ctx.top)
    predicates = c.predicates(op.predicates, inside, lambda expr: _column(c, expr, op)) if op.predicates else None
    if op.kind == "guard":
        assert predicates is not None
        return lambda rows, cur: [row for row in rows if predicates.of_candidates([row], cur)]
    if op.kind == "rows":
        return _into_rows(op.template.scope.list_index, predicates)
    return _beside(op.kind == "after", predicates)


def _into_rows(at: int, predicates: Predicates | None) -> Callable[[list[Row], Here], list[Row]]:
    if predicates is None:
        return lambda rows, cur: [row for parent in rows for row in parent.lists[at].relevant()]
    return lambda rows, cur: [row for parent in rows for row in predicates.of_rows(parent.lists[at], cur)]


def _beside(after: bool, predicates: Predicates | None) -> Callable[[list[Row], Here], list[Row]]:
    def move(rows: list[Row], cur: Here) -> list[Row]:
        found: dict[int, Row] = {}
        for row in rows:
            around = row.siblings.rows
            # Positions count away from the node (XPath 1.0, 2.4).
            some = around[row.index + 1 :] if after else around[: row.index][::-1]
            some = [one for one in some if one.rel[0]]
            for one in some if predicates is None else predicates.of_candidates(some, cur):
                found[id(one)] = one
        return sorted(found.values(), key=row_key)

    return move


def _column(c: Compiler, expr: Expr, op: Op) -> int | None:
    """The slot that a plain reference below the candidate row means."""
    if op.kind != "rows" or not isinstance(expr, Path) or expr.absolute or expr.start is not None or not expr.steps:
        return None
    if any(
        s.axis != "child" or s.predicates or not isinstance(s.test, NameTest) or "*" in s.test.name for s in expr.steps
    ):
        return None
    start = Place(op.template, "here", op.template.scope.depth, op.shared)
    places = Resolver(c.templates.root, c.names.of_text).follow([start], expr.steps)
    if len(places) == 1 and not places[0].ops and places[0].template.is_leaf:
        return places[0].template.slot
    return None


def row_key(row: Row) -> tuple[int, ...]:
    """Document order of rows."""
    found: list[int] = []
    here = row
    while here.scope.parent is not None:
        found += (here.index, here.scope.templates[0].order)
        here = here.parent
    return tuple(reversed(found))


def _ref_key(ref: Any) -> tuple[int, ...]:
    row, template = ref
    return (*row_key(row), template.order)


def refs_of(sources: list[Fn], items: bool) -> Code:
    """The union of node-sets, without doubles, in document order where there is one."""

    def refs(here: Here, frame: Frame | None) -> list[Any]:
        found: dict[Any, Any] = {}
        for source in sources:
            for ref in source(here, frame):
                found.setdefault((id(ref[0]), ref[1].order) if type(ref) is tuple else id(ref), ref)
        every = list(found.values())
        return every if items else sorted(every, key=_ref_key)

    def nodes(here: Here, frame: Frame | None) -> list[str]:
        return [ref[0].seen[ref[1].slot] if type(ref) is tuple else ref.string() for ref in refs(here, frame)]

    return Code(nodes, "nodes", nodes=nodes, refs=refs, items=items, rows=refs if items else None)


def literal_of(expr: Expr) -> str | None:
    """The text of a literal."""
    return expr.value if isinstance(expr, Literal) else None


def plain_names(steps: tuple[Step, ...], name_of: Callable[[str], str]) -> list[str]:
    """Names of leading child steps without predicates."""
    names: list[str] = []
    for step in steps:
        if step.axis != "child" or step.predicates or not isinstance(step.test, NameTest):
            break
        names.append(name_of(step.test.name))
    return names
