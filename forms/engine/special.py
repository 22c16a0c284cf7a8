"""Functions that need the form or the filling, and those whose arguments are evaluated only when wanted."""

# ruff: noqa: ARG001, ARG005 - all closures take (here, frame), whether they need both or not
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from forms.engine.code import Code, Ctx, Dep, Fn, Frame, Here
from forms.engine.columns import running
from forms.engine.definition import Question
from forms.engine.paths import compile_path, literal_of
from forms.engine.places import Place, Resolver
from forms.engine.rows import Row
from forms.engine.templates import Template
from forms.engine.trees import tree
from forms.engine.xpath.ast import Call, Expr, Filter, Path, Step
from forms.engine.xpath.errors import XPathError
from forms.engine.xpath.functions.sets import park_miller, seed_of, shuffled_order
from forms.engine.xpath.parser import parse
from forms.engine.xpath.values import NAN

if TYPE_CHECKING:
    from forms.engine.compiler import Compiler

Maker = Callable[["Compiler", Call, Ctx], Code]


def _refused(code: str, zh: str, mend: str = "") -> Exception:
    from forms.engine.compiler import ExpressionRefused

    return ExpressionRefused(code, zh, mend)


def _home(ctx: Ctx) -> Fn:
    if ctx.is_top:
        return lambda here, frame: here.home
    return lambda here, frame: frame.cur.home  # type: ignore[union-attr]


def _if(c: Compiler, call: Call, ctx: Ctx) -> Code:
    test = c.test(call.args[0], ctx)
    then, other = c.compile(call.args[1], ctx), c.compile(call.args[2], ctx)
    one, two = then.fn, other.fn
    kinds = {"str" if code.kind == "node" else code.kind for code in (then, other)}
    kind = kinds.pop() if len(kinds) == 1 else "any"
    return Code(
        lambda here, frame: one(here, frame) if test(here, frame) else two(here, frame),
        "any" if kind == "nodes" else kind,
    )


def _coalesce(c: Compiler, call: Call, ctx: Ctx) -> Code:
    texts = [c.string(argument, ctx) for argument in call.args]
    if len(texts) == 2:
        first, second = texts
        return Code(lambda here, frame: first(here, frame) or second(here, frame), "str")

    def run(here: Here, frame: Frame | None) -> str:
        for text in texts:
            found: str = text(here, frame)
            if found:
                return found
        return ""

    return Code(run, "str")


def _once(c: Compiler, call: Call, ctx: Ctx) -> Code:
    top = ctx.top.template
    assert top is not None
    slot = top.slot
    text = c.string(call.args[0], ctx)
    if ctx.is_top:
        return Code(lambda here, frame: here.text[slot] or text(here, frame), "str")
    return Code(lambda here, frame: frame.cur.text[slot] or text(here, frame), "str")  # type: ignore[union-attr]


def _constant(value: bool) -> Maker:
    return lambda c, call, ctx: Code(lambda here, frame: value, "bool")


def _current(c: Compiler, call: Call, ctx: Ctx) -> Code:
    return compile_path(c, Path(False, (), call), ctx)


def _instance(c: Compiler, call: Call, ctx: Ctx) -> Code:
    return compile_path(c, Path(False, (), call), ctx)


def _last(c: Compiler, call: Call, ctx: Ctx) -> Code:
    if ctx.is_top:
        scope = _row_scope(ctx)
        if scope is None:
            return Code(lambda here, frame: 1.0, "num")
        c.need(Dep(scope, scope.scope.depth - 1, "rows"))
        return Code(lambda here, frame: float(len(here.siblings.rows)), "num")
    ctx.used = True
    return Code(lambda here, frame: float(frame.size), "num")  # type: ignore[union-attr]


def _row_scope(ctx: Ctx) -> Template | None:
    """The repeat that the context node is a row of."""
    template = ctx.template
    return template if template is not None and template.is_repeat else None


def _position(c: Compiler, call: Call, ctx: Ctx) -> Code:
    if not call.args:
        if not ctx.is_top:
            ctx.used = True
            return Code(lambda here, frame: float(frame.pos), "num")  # type: ignore[union-attr]
        repeat = _row_scope(ctx)
        if repeat is None:
            return Code(lambda here, frame: 1.0, "num")
        c.need(Dep(repeat, repeat.scope.depth, "position"))
        return Code(lambda here, frame: here.index + 1.0, "num")
    argument = call.args[0]
    before = len(c.deps)
    code = (
        compile_path(c, argument, ctx, own_last=True)
        if isinstance(argument, Path | Filter)
        else c.compile(argument, ctx)
    )
    if code.refs is None or code.items:
        raise _refused("E034", "position() 要的是题组的引用。", "请写成 position(..)。")
    for dep in list(c.deps[before:]):
        if dep.template.is_repeat and dep.kind == "value":
            c.need(Dep(dep.template, dep.shared, "position"))
    refs = code.refs

    def run(here: Here, frame: Frame | None) -> float:
        found = refs(here, frame)
        if not found:
            return NAN
        row, template = found[0]
        return row.index + 1.0 if template.is_repeat else 1.0

    repeat = code.template
    own = ctx.template
    if (
        code.kind == "node"
        and repeat is not None
        and repeat.is_repeat
        and ctx.is_top
        and own is not None
        and own.scope is repeat.scope
    ):
        return Code(lambda here, frame: here.index + 1.0, "num")
    return Code(run, "num")


def _name(part: str) -> Maker:
    def make(c: Compiler, call: Call, ctx: Ctx) -> Code:
        code = c.compile(call.args[0], ctx)
        refs = code.refs
        if refs is None:
            raise _refused("E034", f"{call.name}() 要的是题目或题组的引用。", "请改成引用。")

        def run(here: Here, frame: Frame | None) -> str:
            found = refs(here, frame)
            if not found:
                return ""
            node = found[0][1] if type(found[0]) is tuple else found[0]
            name: str = node.name.lstrip("@")
            if part == "uri":
                return str(getattr(getattr(node, "node", None), "namespace", ""))
            return name.rpartition(":")[2] if part == "local" else name

        return Code(run, "str")

    return make


def _randomize(c: Compiler, call: Call, ctx: Ctx) -> Code:
    code = c.compile(call.args[0], ctx)
    source = code.rows
    if source is None:
        raise _refused("E034", "randomize() 要的是选项集的引用。", "请改成引用。")
    seed = c.compile(call.args[1], ctx).fn if len(call.args) > 1 else None
    if seed is None:
        c.volatile = True
    home_of = _home(ctx)

    def rows(here: Here, frame: Frame | None) -> list[Any]:
        found = source(here, frame)
        chance = home_of(here, frame).situation.random if seed is None else park_miller(seed_of(seed(here, frame)))
        return [found[index] for index in shuffled_order(len(found), chance)]

    if code.items:

        def item_texts(here: Here, frame: Frame | None) -> list[str]:
            return [item.string() for item in rows(here, frame)]

        return Code(item_texts, "nodes", nodes=item_texts, rows=rows, refs=rows, items=True)
    template = code.template
    if template is None:
        raise _refused("E034", "randomize() 要的是一种节点的引用。", "请改成引用。")
    slot = template.slot

    def texts(here: Here, frame: Frame | None) -> list[str]:
        return [row.seen[slot] for row in rows(here, frame)]

    def refs(here: Here, frame: Frame | None) -> list[Any]:
        return [(row, template) for row in rows(here, frame)]

    return Code(texts, "nodes", nodes=texts, rows=rows, refs=refs, template=template)


def _target(c: Compiler, expr: Expr, ctx: Ctx) -> Template | None:
    """The template that a reference means, whatever rows it is in."""
    if not isinstance(expr, Path) or ctx.top.template is None:
        return None
    plain = tuple(Step(step.axis, step.test) for step in expr.steps)
    resolver = Resolver(c.templates.root, c.names.of_text)
    top = ctx.top
    start = Place(top.template, "here", top.template.scope.depth, top.shared)  # type: ignore[union-attr, arg-type]
    places = resolver.absolute(plain, top, own_last=True) if expr.absolute else resolver.follow([start], plain)
    return places[0].template if places else None


def _indexed_repeat(c: Compiler, call: Call, ctx: Ctx) -> Code:
    target = _target(c, call.args[0], ctx)
    if target is None:
        return c.compile(call.args[0], ctx)
    numbers: dict[Template, Fn] = {}
    for place, number in zip(call.args[1::2], call.args[2::2], strict=True):
        repeat = _target(c, place, ctx)
        if repeat is None or not repeat.is_repeat:
            raise _refused("E036", "indexed-repeat() 的第二、四、六个参数要指向重复组。", "请改成重复组的引用。")
        numbers[repeat] = c.number(number, ctx)
    chain = [scope.templates[0] for scope in target.scope.chain()[1:]]
    top = ctx.top.template
    assert top is not None
    own = top.scope.chain()
    depth = 0
    for repeat in chain:
        if repeat in numbers or repeat.scope not in own:
            break
        depth += 1
    shared = min(depth, ctx.top.shared)
    for repeat in chain[depth:]:
        c.need(Dep(repeat, shared, "rows", picked=True))
    c.need(Dep(target, shared, "value", picked=True))
    up = top.scope.depth - depth
    moves = [(repeat.scope.list_index, numbers.get(repeat)) for repeat in chain[depth:]]
    slot = target.slot
    is_top = ctx.is_top

    def rows(here: Here, frame: Frame | None) -> list[Row]:
        cur = here if is_top else frame.cur  # type: ignore[union-attr]
        found = [cur.up(up)]
        for at, number in moves:
            if number is None:
                found = [row for parent in found for row in parent.lists[at].relevant()]
                continue
            index = number(here, frame)
            if not (index == index and 1 <= index < 1e9):
                return []
            every = [parent.lists[at].rows for parent in found]
            found = [some[int(index) - 1] for some in every if index <= len(some)]
        return [row for row in found if row.rel[slot]]

    def texts(here: Here, frame: Frame | None) -> list[str]:
        return [row.seen[slot] for row in rows(here, frame)]

    def refs(here: Here, frame: Frame | None) -> list[Any]:
        return [(row, target) for row in rows(here, frame)]

    return Code(texts, "nodes", nodes=texts, rows=rows, refs=refs, template=target)


def _pulldata(c: Compiler, call: Call, ctx: Ctx) -> Code:
    key = literal_of(call.args[0])
    if key is None:
        raise _refused("E033", "pulldata() 的第一个参数要直接写附件的名字。", "请写成 pulldata('名字', …)。")
    if key not in c.form.instances:
        raise _refused("E033", f"没有叫“{key}”的附属数据。", "请检查名字，或补上这份附件。")
    wanted, column, value = (c.string(argument, ctx) for argument in call.args[1:])
    home_of = _home(ctx)

    def run(here: Here, frame: Frame | None) -> str:
        items = home_of(here, frame).instance(key).items(("root", "item"))
        for item in items.by_text(column(here, frame)).get(value(here, frame), ()):
            for text in item.column(wanted(here, frame)):
                return str(text)
            break
        return ""

    return Code(run, "str")


def _choice_name(c: Compiler, call: Call, ctx: Ctx) -> Code:
    value = c.string(call.args[0], ctx)
    path = literal_of(call.args[1])
    try:
        place = parse(path.strip()) if path else call.args[1]
    except XPathError as error:
        raise _refused("E037", "jr:choice-name() 的第二个参数不是引用。", "请写成 '/data/题名'。") from error
    template = _target(c, place, ctx)
    if template is None:
        raise _refused("E037", "jr:choice-name() 的第二个参数没有指向任何题。", "请检查名称。")
    node = template.node
    if not isinstance(node, Question) or not (node.items or node.itemset is not None):
        raise _refused("E037", f"jr:choice-name() 指向的“{template.name}”没有选项。", "请指向单选或多选题。")
    top = ctx.top.template
    assert top is not None
    common = _common_depth(top, template)
    read = c.form.choice_outputs(node)
    if node.itemset is not None:
        read = (node.itemset.nodeset, *read)
    _need_of(c, read, template, common)
    up = top.scope.depth - common
    is_top = ctx.is_top

    def run(here: Here, frame: Frame | None) -> str:
        cur = here if is_top else frame.cur  # type: ignore[union-attr]
        row: Row | None = cur.up(up)
        for scope in template.scope.chain()[common + 1 :]:
            some = row.lists[scope.list_index].rows if row is not None else []
            row = some[0] if some else None
        text = value(here, frame)
        return "" if row is None else str(cur.home.texts.choice_name(row, template, text))

    return Code(run, "str")


def _need_of(c: Compiler, expressions: Iterable[str], template: Template, common: int) -> None:
    """Notes what expressions of another node read, so that a text with their values is made anew when those change.

    One that cannot be compiled is a problem of that node, told there.
    """
    from forms.engine.compiler import ExpressionRefused

    for expression in expressions:
        inner = type(c)(c.form, c.templates, c.names)
        try:
            inner.compile(tree(c.form, expression), Ctx(template, template.scope.depth))
        except (XPathError, ExpressionRefused):
            continue
        for dep in inner.deps:
            c.need(dep._replace(shared=min(dep.shared, common), own=False))


def _common_depth(one: Template, other: Template) -> int:
    depth = -1
    for left, right in zip(one.scope.chain(), other.scope.chain(), strict=False):
        if left is not right:
            break
        depth += 1
    return depth


def _itext(c: Compiler, call: Call, ctx: Ctx) -> Code:
    key = c.string(call.args[0], ctx)
    is_top = ctx.is_top
    known = literal_of(call.args[0])
    outputs = c.form.outputs_of
    read = {e: None for text, some in outputs.items() if known in (None, text) for e in some}
    if ctx.top.template is not None:
        around = ctx.top.template.scope.templates[0]
        _need_of(c, read, around, around.scope.depth)

    def run(here: Here, frame: Frame | None) -> str:
        cur = here if is_top else frame.cur  # type: ignore[union-attr]
        return str(cur.home.texts.itext(key(here, frame), cur))

    return Code(run, "str")


MAKERS: dict[str, Maker] = {
    "if": _if,
    "coalesce": _coalesce,
    "once": _once,
    "true": _constant(True),
    "false": _constant(False),
    "current": _current,
    "instance": _instance,
    "last": _last,
    "position": _position,
    "name": _name("full"),
    "local-name": _name("local"),
    "namespace-uri": _name("uri"),
    "randomize": _randomize,
    "indexed-repeat": _indexed_repeat,
    "pulldata": _pulldata,
    "jr:choice-name": _choice_name,
    "jr:itext": _itext,
    "sum": running,
    "count": running,
    "count-non-empty": running,
    "max": running,
    "min": running,
}
