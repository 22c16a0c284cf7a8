"""The compiled form: templates, triggers in order, who watches what, and the expressions evaluated on demand.

Values, relevance, read-only, required and counts are triggers and always up to date. Labels, hints, choices, constraints and
messages are compiled when first asked for and evaluated on demand; what they read is watched only for what was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from forms.engine.code import Code, Ctx, Dep, Fn
from forms.engine.compiler import Compiler, ExpressionRefused, as_string, as_test
from forms.engine.definition import Action, CheckDef, Form, Itemset, Question, Repeat, Text
from forms.engine.dependencies import Graph, Trigger
from forms.engine.problems import FormRefused, Problem
from forms.engine.quick import collecting_later
from forms.engine.secondary import SecondaryInstance
from forms.engine.templates import Scope, Template, Templates, is_constant
from forms.engine.trees import tree
from forms.engine.xml import XFORMS, Names
from forms.engine.xpath.ast import Binary, Call, Expr, Literal, Path, walk
from forms.engine.xpath.errors import XPathError
from forms.engine.xpath.values import to_saved

Watch = list[tuple[Trigger, int]]


@dataclass
class Shown:
    """An expression evaluated on demand: the closure and what it reads."""

    code: Code
    deps: tuple[Dep, ...]
    language: bool = False
    volatile: bool = False


@dataclass
class Choosing:
    """A compiled itemset. ``rows`` gives the items or rows; value and label are read on each."""

    rows: Fn
    value: Fn
    label: Fn | None
    label_is_itext: bool
    deps: tuple[Dep, ...]
    is_items: bool


@dataclass
class CompiledAction:
    """An action with its target and value."""

    action: Action
    target: Template
    place: Fn
    value: Fn | None
    source: Template | None


@dataclass
class Program:
    """Everything compiled. Built by ``compile_form``; shared by all fillings of the form."""

    form: Form
    templates: Templates
    names: Names
    triggers: list[Trigger] = field(default_factory=list)
    value_watch: list[Watch] = field(default_factory=list)
    rows_watch: dict[Template, Watch] = field(default_factory=dict)
    position_watch: dict[Template, Watch] = field(default_factory=dict)
    of_scope: dict[Scope, list[Trigger]] = field(default_factory=dict)
    choices_of: dict[Template, Trigger] = field(default_factory=dict)
    state_of: dict[Template, Template] = field(default_factory=dict)
    owner_of: dict[Template, Template] = field(default_factory=dict)
    confirm_of: dict[Template, Template] = field(default_factory=dict)
    actions: dict[str, list[CompiledAction]] = field(default_factory=dict)
    changed_actions: dict[Template, list[CompiledAction]] = field(default_factory=dict)
    check_of: dict[Template, CheckDef] = field(default_factory=dict)
    check_reads: dict[Template, tuple[Dep, ...]] = field(default_factory=dict)
    check_watch: dict[int, list[tuple[Template, int]]] = field(default_factory=dict)
    shown_watch: dict[int, list[tuple[Template, int, str]]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    inline: dict[str, SecondaryInstance] = field(default_factory=dict)
    _constraints: dict[Template, Fn | None] = field(default_factory=dict)
    _asked_about: dict[Template, frozenset[Template]] = field(default_factory=dict)
    _itemsets: dict[Template, Choosing | None] = field(default_factory=dict)
    _texts: dict[tuple[str, Template], Shown | None] = field(default_factory=dict)

    def compile(self, text: str, template: Template, what: str) -> Shown | None:
        """Compiles one expression of a template; a problem is noted and gives None."""
        compiler = Compiler(self.form, self.templates, self.names)
        try:
            code = compiler.compile(tree(self.form, text), Ctx(template, template.scope.depth))
        except (ExpressionRefused, XPathError) as error:
            self._refuse(error, template, what, text)
            return None
        for path in compiler.missing:
            self.problems.append(
                Problem(
                    "E032",
                    f"“{template.name}”的{what}里引用了不存在的“{path}”。",
                    "请检查名称，或删去这个引用。",
                    node=template.path,
                )
            )
        return Shown(code, tuple(dict.fromkeys(compiler.deps)), compiler.language, compiler.volatile)

    def _refuse(self, error: ExpressionRefused | XPathError, template: Template, what: str, text: str) -> None:
        shown = text if len(text) <= 80 else text[:77] + "…"
        if isinstance(error, ExpressionRefused):
            zh, mend, code = error.zh, error.mend, error.code
        else:
            reason = str(error.fields.get("problem", "")) or "写法不对"
            name = error.fields.get("name")
            zh = f"函数 {name}() {reason}。" if name else f"第{error.fields.get('position', 1)}个字符处{reason}。"
            mend, code = "请改正这个式子。", "E031" if name else "E030"
        self.problems.append(Problem(code, f"“{template.name}”的{what}“{shown}”不能用：{zh}", mend, node=template.path))

    def constraint(self, template: Template) -> Fn | None:
        """The test of a question's constraint, None if it has none."""
        if template not in self._constraints:
            text = template.node.bind.constraint
            shown = self.compile(text, template, "取值约束") if text and template.is_leaf else None
            if shown is not None:
                self._watch_shown(template, shown.deps, "valid")
            self._constraints[template] = None if shown is None else as_test(shown.code)
        return self._constraints[template]

    def asked_about(self, template: Template) -> frozenset[Template]:
        """Templates whose being blank a check's own condition asks about."""
        if template not in self._asked_about:
            self._asked_about[template] = self._find_asked_about(template)
        return self._asked_about[template]

    def _find_asked_about(self, template: Template) -> frozenset[Template]:
        found: set[Template] = set()
        try:
            expr = tree(self.form, template.node.bind.relevant or "''")
        except XPathError:
            return frozenset()
        for path in _blank_tests(expr):
            compiler = Compiler(self.form, self.templates, self.names)
            try:
                compiler.compile(path, Ctx(template, template.scope.depth))
            except (ExpressionRefused, XPathError):
                continue
            found.update(dep.template for dep in compiler.deps if dep.kind == "value")
        return frozenset(found)

    def itemset(self, template: Template) -> Choosing | None:
        """The compiled itemset of a select, None if its choices are written out."""
        if template not in self._itemsets:
            node = template.node
            found = None
            if isinstance(node, Question) and node.itemset is not None:
                found = self._compile_itemset(node.itemset, template)
            self._itemsets[template] = found
            if found is not None:
                self._watch_shown(template, found.deps, "choices")
        return self._itemsets[template]

    def _compile_itemset(self, itemset: Itemset, template: Template) -> Choosing | None:
        compiler = Compiler(self.form, self.templates, self.names)
        top = Ctx(template, template.scope.depth)
        try:
            code = compiler.compile(tree(self.form, itemset.nodeset), top)
            rows = code.rows
            if rows is None or (not code.items and code.template is None):
                if compiler.missing:
                    raise ExpressionRefused("E032", f"引用了不存在的“{compiler.missing[0]}”。", "请检查名称。")
                raise ExpressionRefused("E034", "选项集要指向一组节点。", "请改成引用。")
            shared = min((dep.shared for dep in compiler.deps if dep.template is code.template), default=0)
            inside = Ctx(None if code.items else code.template, shared, top)
            value = as_string(compiler.compile(tree(self.form, itemset.value), inside))
            label = as_string(compiler.compile(tree(self.form, itemset.label), inside)) if itemset.label else None
        except (ExpressionRefused, XPathError) as error:
            self._refuse(error, template, "选项集", itemset.nodeset)
            return None
        return Choosing(rows, value, label, itemset.label_is_itext, tuple(dict.fromkeys(compiler.deps)), code.items)

    def output(self, expression: str, template: Template) -> Shown | None:
        """An expression inside a text, compiled once per template."""
        key = (expression, template)
        if key not in self._texts:
            shown = self._texts[key] = self.compile(expression, template, "文字里的式子")
            if shown is not None:
                self._watch_shown(template, shown.deps, "label")
                if getattr(template.node, "items", ()) or getattr(template.node, "itemset", None) is not None:
                    self._watch_shown(template, shown.deps, "choices")
        return self._texts[key]

    def _watch_shown(self, template: Template, deps: tuple[Dep, ...], aspect: str) -> None:
        for dep in deps:
            self.shown_watch.setdefault(dep.template.order, []).append((template, dep.shared, aspect))

    def verify(self) -> None:
        """Compiles all that is otherwise compiled on demand, to find its problems."""
        for template in self.templates.all:
            self.constraint(template)
            self.itemset(template)
            node = template.node
            texts = [node.label, node.hint, node.bind.required_message, node.bind.constraint_message]
            if isinstance(node, Question):
                texts += [item.label for item in node.items]
                for expression in self.form.choice_outputs(node):
                    self.output(expression, template)
            if isinstance(node, Repeat):
                texts.append(node.row_label)
            for text in texts:
                self._verify_text(text, template)

    def _verify_text(self, text: Text | None, template: Template) -> None:
        if text is None:
            return
        if text.expression:
            self.output(text.expression, template)
        parts = list(text.parts)
        if text.itext is not None:
            tables = self.form.translations
            if tables and not any(text.itext in table for table in tables.values()):
                self.problems.append(
                    Problem(
                        "W070", f"“{template.name}”用到的译文“{text.itext}”没有写。", "请补上译文。", node=template.path
                    )
                )
            for table in tables.values():
                for form in table.get(text.itext, {}).values():
                    parts += form
        for part in parts:
            if not isinstance(part, str):
                self.output(part.expression, template)


def compile_form(form: Form) -> Program:
    """Compiles a form.

    Raises:
        FormRefused: with every expression that cannot be used and every cycle.
    """
    with collecting_later():
        return _Builder(form).build()


def check_form(form: Form) -> tuple[Program | None, list[Problem]]:
    """Compiles everything, on demand things too. Gives the program unless there are errors, and all problems."""
    with collecting_later():
        builder = _Builder(form)
        try:
            program = builder.build()
        except FormRefused:
            builder.program.verify()
            return None, builder.program.problems
        program.verify()
    failed = any(problem.code.startswith("E") for problem in program.problems)
    return None if failed else program, program.problems


class _Builder:
    def __init__(self, form: Form) -> None:
        templates = Templates(form)
        plain = frozenset({XFORMS, form.root.namespace})
        self.program = Program(form, templates, Names(dict(form.prefixes), plain))
        self.program.value_watch = [[] for _ in templates.all]

    def build(self) -> Program:
        program = self.program
        for template in program.templates.all:
            self._binds(template)
        self._pairs()
        self._actions()
        graph = Graph(program.triggers)
        for cycle in graph.cycles:
            names = " → ".join(template.name for template in cycle.path)
            if cycle.kinds == {"relevant"}:
                # Each question hides the other: no order is right, the last answer decides (as in the peers' own tests).
                zh, code = f"适用条件互相依赖：{names}。", "W040"
            else:
                zh, code = f"计算互相等待，成了循环：{names}。", "E040"
            program.problems.append(Problem(code, zh, "请去掉其中一个引用。", node=cycle.path[0].path))
        if any(problem.code.startswith("E") for problem in program.problems):
            raise FormRefused(tuple(program.problems), program.form.name)
        program.triggers.sort(key=lambda trigger: trigger.rank)
        for rank, trigger in enumerate(program.triggers):
            trigger.rank = rank
            program.of_scope.setdefault(trigger.scope, []).append(trigger)
            self._watch(trigger)
        return program

    def _add(self, kind: str, template: Template, text: str, what: str, finish: Callable[[Code], Fn]) -> None:
        shown = self.program.compile(text, template, what)
        if shown is None:
            return
        compiled = Trigger(kind, template, finish(shown.code), shown.deps, shown.volatile, shown.language)
        self.program.triggers.append(compiled)
        if kind == "calculate" and any(
            dep.template is template and dep.kind == "value" and dep.own for dep in shown.deps
        ):
            compiled.deps = tuple(dep for dep in shown.deps if not (dep.template is template and dep.own))

    def _binds(self, template: Template) -> None:
        node, bind = template.node, template.node.bind
        if bind.relevant and not is_constant(bind.relevant, True):
            self._add("relevant", template, bind.relevant, "适用条件", as_test)
        if bind.calculate and isinstance(node, Question):
            self._add("calculate", template, bind.calculate, "计算", _saved)
        if bind.readonly and not _is_settled(bind.readonly):
            self._add("readonly", template, bind.readonly, "只读条件", as_test)
        if bind.required and isinstance(node, Question) and not _is_settled(bind.required):
            self._add("required", template, bind.required, "必填条件", as_test)
        if isinstance(node, Repeat) and node.count:
            self._count(template, node.count)
        if isinstance(node, Question) and node.itemset is not None:
            choosing = self.program.itemset(template)
            if choosing is not None and choosing.deps:
                trigger = Trigger("choices", template, choosing.rows, choosing.deps)
                self.program.triggers.append(trigger)
                self.program.choices_of[template] = trigger

    def _count(self, template: Template, text: str) -> None:
        """A relative count may be written from the repeat or from what is around it; the specification says from the repeat."""
        parent = template.parent
        assert parent is not None
        before = len(self.program.problems)
        shown = self.program.compile(text, template, "重复次数")
        if shown is None or len(self.program.problems) > before:
            again = self.program.compile(text, parent, "重复次数")
            if again is not None:
                del self.program.problems[before:]
                self.program.triggers.append(Trigger("count", template, _number(again.code), again.deps))
            return
        fn = _number(shown.code)
        if any(dep.shared >= template.scope.depth for dep in shown.deps):
            zh = f"“{template.name}”的重复次数要看它自己那一行，可是行还没有。"
            self.program.problems.append(Problem("E056", zh, "请改看这一组外面的题。", node=template.path))
            return
        deps = tuple(dep._replace(shared=min(dep.shared, template.scope.depth - 1)) for dep in shown.deps)

        def count(here: Any, frame: Any) -> Any:
            return fn(_Inside(here), frame)

        self.program.triggers.append(Trigger("count", template, count, deps))

    def _pairs(self) -> None:
        program = self.program
        for path, template in program.templates.by_path.items():
            state = program.templates.by_path.get(path + "__st")
            if state is not None and isinstance(template.node, Question) and template.node.nonresponse:
                program.state_of[template] = state
                program.owner_of[state] = template
            confirm = program.templates.by_path.get(path + "__ok")
            if confirm is not None:
                program.confirm_of[template] = confirm
                program.owner_of[confirm] = template
        relevance = {trigger.template: trigger.deps for trigger in program.triggers if trigger.kind == "relevant"}
        for check in program.form.checks:
            template = program.templates.by_path[check.path]
            reads = relevance.get(template, ())
            program.check_of[template] = check
            program.check_reads[template] = reads
            for dep in reads:
                program.check_watch.setdefault(dep.template.order, []).append((template, dep.shared))
            for one in (template, template.parent):
                if one is not None:
                    program.check_watch.setdefault(one.order, []).append((template, one.scope.depth))

    def _actions(self) -> None:
        program = self.program
        for action in program.form.actions:
            compiled = self._action(action)
            if compiled is None:
                continue
            for event in action.events:
                if event == "xforms-value-changed":
                    if compiled.source is not None:
                        program.changed_actions.setdefault(compiled.source, []).append(compiled)
                else:
                    program.actions.setdefault(event, []).append(compiled)

    def _action(self, action: Action) -> CompiledAction | None:
        program = self.program
        source = program.templates.by_path.get(action.source) if action.source else None
        start = source or program.templates.root
        compiler = Compiler(program.form, program.templates, program.names)
        try:
            code = compiler.compile(tree(program.form, action.target), Ctx(start, start.scope.depth))
            value = None
            target = code.template
            if target is None or code.refs is None or not target.is_leaf:
                raise ExpressionRefused("E054", f"动作的目标“{action.target}”不是一道题。", "请改正目标。")
            if action.value is not None and action.value.strip():
                value = _saved(compiler.compile(tree(program.form, action.value), Ctx(target, target.scope.depth)))
        except (ExpressionRefused, XPathError) as error:
            program._refuse(error, start, "动作", action.value or action.target)
            return None
        return CompiledAction(action, target, code.refs, value, source)

    def _watch(self, trigger: Trigger) -> None:
        program = self.program
        seen: set[tuple[int, str, int]] = set()
        for dep in trigger.deps:
            key = (dep.template.order, dep.kind, dep.shared)
            if key in seen or (dep.own and dep.template is trigger.template):
                continue
            seen.add(key)
            entry = (trigger, dep.shared)
            match dep.kind:
                case "rows":
                    program.rows_watch.setdefault(dep.template, []).append(entry)
                case "position":
                    program.position_watch.setdefault(dep.template, []).append(entry)
                case _:
                    program.value_watch[dep.template.order].append(entry)


class _Inside:
    """A row that is not there yet, for counts written as seen from the repeat itself: its parent is the row that holds the list."""

    __slots__ = ("home", "parent")

    def __init__(self, parent: Any) -> None:
        self.parent = parent
        self.home = parent.home

    def up(self, levels: int) -> Any:
        """The row ``levels`` scopes further out."""
        return self.parent.up(levels - 1)


def _blank_tests(expr: Expr) -> Iterator[Path]:
    """References that an expression compares with blank, or gives a stand-in for."""
    for one in walk(expr):
        if isinstance(one, Binary) and one.op in ("=", "!="):
            for side, other in ((one.left, one.right), (one.right, one.left)):
                if isinstance(side, Path) and other == Literal(""):
                    yield side
        elif isinstance(one, Call) and one.name in ("coalesce", "string-length", "boolean", "count-selected"):
            for argument in one.args[:1]:
                if isinstance(argument, Path):
                    yield argument


def _is_settled(text: str) -> bool:
    return is_constant(text, True) or is_constant(text, False)


def _saved(code: Code) -> Fn:
    fn = code.fn
    if code.kind in ("str", "node"):
        return fn
    return lambda here, frame: to_saved(fn(here, frame))


def _number(code: Code) -> Fn:
    from forms.engine.compiler import as_number

    return as_number(code)
