"""Paths over items of secondary instances, and steps that go on from any node-set."""

# ruff: noqa: ARG001, ARG005 - all closures take (here, frame), whether they need both or not
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from forms.engine.code import Code, Ctx, Fn, Frame, Here
from forms.engine.paths import code_of_place, literal_of, plain_names
from forms.engine.places import Place, Resolver
from forms.engine.predicates import Predicates
from forms.engine.secondary import Item
from forms.engine.xpath.ast import Call, Expr, KindTest, NameTest, Path, Step

if TYPE_CHECKING:
    from forms.engine.compiler import Compiler

Move = Callable[[list[Any], Any], list[Any]]


def compile_instance_path(c: Compiler, call: Call, steps: tuple[Step, ...], ctx: Ctx) -> Code:
    """``instance('id')/root/item[…]/column``."""
    from forms.engine.compiler import ExpressionRefused

    key = literal_of(call.args[0])
    if key is None:
        raise ExpressionRefused("E033", "instance() 里要直接写附属数据的名字。", "请写成 instance('名字')。")
    if key not in c.form.instances:
        if key == c.form.form_id or key == c.form.root.name:
            return c.compile(Path(True, steps), ctx)
        raise ExpressionRefused("E033", f"没有叫“{key}”的附属数据。", "请检查名字，或补上这份附件。")
    names = plain_names(steps, c.names.of_text)
    rest = steps[len(names) :]
    first: Predicates | None = None
    if rest and rest[0].axis == "child" and isinstance(rest[0].test, NameTest):
        names.append(c.names.of_text(rest[0].test.name))
        first = c.predicates(rest[0].predicates, Ctx(None, ctx.shared, ctx.top), _column)
        rest = rest[1:]
    column: str | None = None
    if first is None and not rest and len(names) > 2:
        # Without predicates the last name is a column as well, so that the list of items stays one and the same.
        column = names.pop()
    path = tuple(names)
    is_top = ctx.is_top

    def start(here: Here, frame: Frame | None) -> list[Item]:
        cur = here if is_top else frame.cur  # type: ignore[union-attr]
        source = cur.home.instance(key)
        if not path:
            found: list[Item] = source.as_items()
            return found
        listed = source.items(path)
        chosen: list[Item] = listed.items if first is None else first.of_list(listed, cur)
        return chosen

    if column is not None:
        return _with_column(start, column)
    return _go_on(c, start, rest, ctx)


def compile_item_path(c: Compiler, steps: tuple[Step, ...], ctx: Ctx) -> Code:
    """A relative path inside a predicate over items, or in an itemset's value or label."""
    return _go_on(c, lambda here, frame: [here], steps, ctx, is_one=True)


def continue_from(c: Compiler, code: Code, predicates: tuple[Expr, ...], steps: tuple[Step, ...], ctx: Ctx) -> Code:
    """Predicates and steps on a node-set that an expression gave: ``(…)[1]``, ``randomize(…)/name``.

    Raises:
        ExpressionRefused: the expression gives no node-set.
    """
    from forms.engine.compiler import ExpressionRefused

    if code.rows is None or (code.template is None and not code.items):
        raise ExpressionRefused("E034", "这里要的是题目或题组的引用，给的是一个值。", "请改成引用。")
    source = code.rows
    template = None if code.items else code.template
    if predicates:
        inside = Ctx(template, min(ctx.shared, 0), ctx.top)
        chosen = c.predicates(predicates, inside, lambda expr: None)
        is_top = ctx.is_top
        before = source

        def source(here: Here, frame: Frame | None) -> list[Any]:
            return chosen.of_candidates(before(here, frame), here if is_top else frame.cur)  # type: ignore[union-attr]

    if template is None:
        return _go_on(c, source, steps, ctx)
    target = template
    if steps:
        start = Place(template, "here", template.scope.depth, 0)
        places = Resolver(c.templates.root, c.names.of_text).follow([start], steps)
        if len(places) != 1 or places[0].ops or places[0].template.scope is not template.scope:
            raise ExpressionRefused("E035", "选出题组之后的引用不受支持。", "请把条件直接写在引用里面。")
        target = places[0].template
        code_of_place(c, Place(target, "here", template.scope.depth, 0), Ctx(template, 0))
    slot = target.slot

    def rows(here: Here, frame: Frame | None) -> list[Any]:
        return [row for row in source(here, frame) if row.rel[slot]]

    def nodes(here: Here, frame: Frame | None) -> list[str]:
        return [row.seen[slot] for row in rows(here, frame)]

    return Code(
        nodes, "nodes", nodes=nodes, rows=rows, refs=lambda h, f: [(row, target) for row in rows(h, f)], template=target
    )


def _column(expr: Expr) -> str | None:
    """The child name or ``@attribute`` that an operand means on an item."""
    if not isinstance(expr, Path) or expr.absolute or expr.start is not None or len(expr.steps) != 1:
        return None
    step = expr.steps[0]
    if step.predicates:
        return None
    if step.axis == "self" and isinstance(step.test, KindTest):
        return "."
    if not isinstance(step.test, NameTest) or "*" in step.test.name:
        return None
    if step.axis == "attribute":
        return "@" + step.test.name
    return step.test.name if step.axis == "child" else None


def _with_column(start: Fn, column: str) -> Code:
    def nodes(here: Here, frame: Frame | None) -> list[str]:
        found: list[str] = []
        for item in start(here, frame):
            found += item.column(column)
        return found

    def rows(here: Here, frame: Frame | None) -> list[Item]:
        return [kid for item in start(here, frame) for kid in _kids(item, column)]

    return Code(nodes, "nodes", nodes=nodes, rows=rows, refs=rows, items=True)


def _kids(item: Item, column: str) -> list[Item]:
    if column[0] == "@":
        return [Item(column, text, item) for text in item.column(column)]
    return item.children(column)


def _go_on(c: Compiler, start: Fn, steps: tuple[Step, ...], ctx: Ctx, *, is_one: bool = False) -> Code:
    last = steps[-1] if steps else None
    if last is not None and not last.predicates and isinstance(last.test, NameTest) and "*" not in last.test.name:
        column = {"child": last.test.name, "attribute": "@" + last.test.name}.get(last.axis)
        if column is not None:
            if is_one and len(steps) == 1:
                return _one_column(column)
            return _with_column(_moved(c, start, steps[:-1], ctx), column)
    rows = _moved(c, start, steps, ctx)
    if is_one and all(step.axis == "self" and not step.predicates for step in steps):
        return Code(
            lambda here, frame: here.string(),
            "str",
            nodes=lambda here, frame: [here.string()],
            rows=rows,
            refs=rows,
            items=True,
        )

    def nodes(here: Here, frame: Frame | None) -> list[str]:
        return [item.string() for item in rows(here, frame)]

    return Code(
        nodes, "nodes", nodes=nodes, rows=rows, refs=rows, items=True, test=lambda here, frame: bool(rows(here, frame))
    )


def _one_column(column: str) -> Code:
    def nodes(here: Here, frame: Frame | None) -> list[str]:
        found: list[str] = here.column(column)
        return found

    def rows(here: Here, frame: Frame | None) -> list[Item]:
        return _kids(here, column)

    return Code(nodes, "nodes", nodes=nodes, rows=rows, refs=rows, items=True)


def _moved(c: Compiler, start: Fn, steps: tuple[Step, ...], ctx: Ctx) -> Fn:
    moves = [_move(c, step, ctx) for step in steps]
    if not moves:
        return start
    is_top = ctx.is_top

    def rows(here: Here, frame: Frame | None) -> list[Any]:
        cur = here if is_top else frame.cur  # type: ignore[union-attr]
        found = start(here, frame)
        for move in moves:
            found = move(found, cur)
        return found  # type: ignore[no-any-return]

    return rows


def _move(c: Compiler, step: Step, ctx: Ctx) -> Move:
    from forms.engine.compiler import ExpressionRefused

    predicates = (
        c.predicates(step.predicates, Ctx(None, ctx.shared, ctx.top), lambda expr: None) if step.predicates else None
    )
    name = step.test.name if isinstance(step.test, NameTest) else "*"
    any_node = isinstance(step.test, KindTest)
    find: Callable[[Item], list[Item]]
    match step.axis:
        case "child":
            find = lambda item: item.children(name)  # noqa: E731
        case "attribute":
            find = lambda item: _kids(item, "@" + name)  # noqa: E731
        case "self":
            find = lambda item: [item] if any_node or name in ("*", item.name) else []  # noqa: E731
        case "parent":
            find = lambda item: [item.parent] if item.parent is not None else []  # noqa: E731
        case "descendant":
            find = lambda item: [kid for kid in item.below() if name in ("*", kid.name)]  # noqa: E731
        case "descendant-or-self":
            find = lambda item: [kid for kid in (item, *item.below()) if name in ("*", kid.name)]  # noqa: E731
        case _:
            raise ExpressionRefused("E035", f"引用里的轴“{step.axis}”不受支持。", "请改用 ../ 或名称。")

    def move(items: list[Any], cur: Any) -> list[Any]:
        found: dict[int, Item] = {}
        kept: list[Item] = []
        for item in items:
            some = find(item)
            for one in some if predicates is None else predicates.of_candidates(some, cur):
                if id(one) not in found:
                    found[id(one)] = one
                    kept.append(one)
        return kept

    return move
