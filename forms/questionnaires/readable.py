"""Expressions of a questionnaire in readable Chinese: ``${q_wat_stop} > 9`` → ``QA10 大于 9``.

For people who hold a form against its specification. What has no words of its own here stays an expression, with its references
replaced by question numbers; nothing is left out and nothing is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property

from forms.engine import Form, Question
from forms.engine.xpath import XPathSyntaxError, parse
from forms.engine.xpath.ast import (
    Binary,
    Call,
    Expr,
    Filter,
    Literal,
    Logic,
    NameTest,
    Negate,
    Number,
    Path,
    Step,
    Union,
    to_text,
)
from forms.engine.xpath.values import number_to_text
from forms.questionnaires.written import text_words, written_choices

_COMPARED = {"=": "等于", "!=": "不等于", "<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于"}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COUNTED = {"+": "＋", "-": "－", "*": "×", "div": "÷", "mod": "除余"}
_TIGHT = {"+": 1, "-": 1, "*": 2, "div": 2, "mod": 2}
_SOURCES = {
    "prev": "上季",
    "yoy": "去年同季",
    "base": "年度基线",
    "register": "户底册",
    "closing": "年末",
    "params": "参数",
    **{f"hist{n}": f"前 {n} 季" for n in range(1, 9)},
}
_MONEY = re.compile(r"^\^\[0-9\]\{1,(\d+)\}\(\\\.\[0-9\]\{1,(\d+)\}\)\?\$$")
_LONG_DIGITS = re.compile(r"^\^?\.\*\[0-9\]\{(\d+),(\d+)\}\.\*\$?$")


class Readable:
    """Reads one form's expressions aloud.

    Args:
        form: whose numbers, labels and choice lists are used.
    """

    def __init__(self, form: Form) -> None:
        self._form = form

    def words(self, expression: str, at: str) -> str:
        """An expression in words.

        Args:
            at: path of the node that the expression belongs to; ``.`` is 本题 there.
        """
        try:
            return self._say(parse(expression), _Place(at, at))
        except XPathSyntaxError:
            return expression

    def name(self, path: str) -> str:
        """How a node is called: its number, with the variable name where several share the number; else the variable name."""
        node = self._form.find_node(path)
        if node is None:
            return path.rsplit("/", 1)[-1]
        if not node.number:
            return node.name
        number = f"题{node.number}" if node.number.isdigit() else node.number  # 301 alone would read as a figure
        return f"{number} {node.name}" if self._numbers[node.number] > 1 else number

    @cached_property
    def _numbers(self) -> Counter[str]:
        return Counter(
            node.number
            for node in self._form.walk()
            if node.number and isinstance(node, Question) and not node.fa.get("check")
        )

    # --- conditions ---------------------------------------------------------------------------------------------------

    def _say(self, expr: Expr, place: _Place) -> str:
        match expr:
            case Logic(op, operands):
                return self._logic(op, operands, place)
            case Binary(op, left, right) if op in _COMPARED:
                return self._compared(op, left, right, place)
            case Binary(op, left, right):
                return self._counted(op, left, right, place)
            case Literal(value):
                return f"“{value}”"
            case Number(value):
                return number_to_text(value)
            case Negate(operand):
                return f"－{self._inner(operand, place)}"
            case Call():
                return self._call(expr, place)
            case Path():
                return self._path(expr, place)
            case Filter(inner, predicates):
                said = "，且 ".join(self._say(one, place) for one in predicates)
                return f"{self._inner(inner, place)}中（{said}）的"
            case Union(operands):
                return "、".join(self._say(one, place) for one in operands)
            case _:
                return to_text(expr)

    def _inner(self, expr: Expr, place: _Place) -> str:
        """Within something tighter: what consists of several parts gets brackets."""
        said = self._say(expr, place)
        return f"（{said}）" if isinstance(expr, (Logic, Binary)) else said

    def _logic(self, op: str, operands: tuple[Expr, ...], place: _Place) -> str:
        one_of = self._one_of(op, operands, place)
        if one_of:
            return one_of
        between = self._between(op, operands, place)
        if between:
            return between
        said = [
            f"（{self._say(one, place)}）" if isinstance(one, Logic) and one.op != op else self._say(one, place)
            for one in operands
        ]
        return ("，且 " if op == "and" else "；或 ").join(said)

    def _one_of(self, op: str, operands: tuple[Expr, ...], place: _Place) -> str:
        """``x = 'a' or x = 'b'`` → x 为 a、b 之一; ``x != 'a' and x != 'b'`` → x 不为 a、b."""
        sign = "=" if op == "or" else "!="
        pairs = [(one.left, one.right) for one in operands if isinstance(one, Binary) and one.op == sign]
        if len(pairs) != len(operands) or len({left for left, _ in pairs}) != 1:
            return ""
        left = pairs[0][0]
        codes = [right.value for _, right in pairs if isinstance(right, Literal)]
        if len(codes) != len(pairs) or not isinstance(left, Path):
            return ""
        said = "、".join(self._coded(left, code, place) for code in codes if code)
        subject = self._say(left, place)
        if op == "or":
            return f"{subject} {'没有填，或' if '' in codes else ''}为 {said} 之一"
        return f"{subject} {'已填，且' if '' in codes else ''}不为 {said}"

    def _between(self, op: str, operands: tuple[Expr, ...], place: _Place) -> str:
        """``. >= 0 and . <= 92`` → 本题在 0 到 92 之间."""
        if op != "and" or len(operands) != 2:
            return ""
        low, high = operands
        if not (isinstance(low, Binary) and isinstance(high, Binary) and low.op == ">=" and high.op == "<="):
            return ""
        if low.left != high.left:
            return ""
        bounds = f"{self._inner(low.right, place)} 到 {self._inner(high.right, place)}"
        return f"{self._inner(low.left, place)} 在 {bounds} 之间"

    def _compared(self, op: str, left: Expr, right: Expr, place: _Place) -> str:
        if isinstance(left, (Literal, Number)) and not isinstance(right, (Literal, Number)):
            op, left, right = _MIRRORED[op], right, left
        if op == "=" and isinstance(left, Call) and left.name == "round" and left.args[0] == right:
            digits = self._say(left.args[1], place) if len(left.args) > 1 else "0"
            return f"{self._say(right, place)} 最多 {digits} 位小数"
        subject = self._inner(left, place)
        if op in ("=", "!=") and isinstance(right, Literal):
            if not right.value:
                return f"{subject} {'没有填' if op == '=' else '已填'}"
            coded = self._coded(left, right.value, place)
            return f"{subject} {'为' if op == '=' else '不为'} {coded}"
        return f"{subject} {_COMPARED[op]} {self._inner(right, place)}"

    def _coded(self, left: Expr, code: str, place: _Place) -> str:
        """A code with its label, if the left side is a question with a list."""
        if isinstance(left, Call) and left.name in ("string", "once") and left.args:
            left = left.args[0]
        labels: dict[str, str] = {}
        if isinstance(left, Path):
            path = self._generic(left, place)
            labels = dict(written_choices(self._form, path)) if path else {}
        return f"“{code} {labels[code]}”" if code in labels else f"“{code}”"

    def _counted(self, op: str, left: Expr, right: Expr, place: _Place) -> str:
        def side(expr: Expr, *, on_the_right: bool) -> str:
            said = self._say(expr, place)
            looser = isinstance(expr, Binary) and (
                expr.op in _COMPARED
                or _TIGHT[expr.op] < _TIGHT[op]
                or (on_the_right and _TIGHT[expr.op] == _TIGHT[op] and op in ("-", "div", "mod"))
            )
            return f"（{said}）" if looser or isinstance(expr, Logic) else said

        return f"{side(left, on_the_right=False)} {_COUNTED[op]} {side(right, on_the_right=True)}"

    # --- functions ----------------------------------------------------------------------------------------------------

    def _call(self, call: Call, place: _Place) -> str:
        known = _CALLS.get((call.name, len(call.args)))
        if known is not None:
            return known.format(*(self._say(arg, place) for arg in call.args))
        special = _SPECIAL.get(call.name)
        said = special(self, call, place) if special else ""
        if said:
            return said
        return f"{call.name}({'，'.join(self._say(arg, place) for arg in call.args)})"

    def _selected(self, call: Call, place: _Place) -> str:
        if len(call.args) != 2:
            return ""
        subject, code = call.args
        if isinstance(subject, Literal):  # selected('1 2 3', x): is x among these codes?
            codes = "、".join(self._coded(code, one, place) for one in subject.value.split())
            return f"{self._say(code, place)} 为 {codes} 之一"
        said = self._coded(subject, code.value, place) if isinstance(code, Literal) else self._inner(code, place)
        return f"{self._say(subject, place)} 选了 {said}"

    def _not(self, call: Call, place: _Place) -> str:
        if len(call.args) != 1:
            return ""
        said = self._say(call.args[0], place)
        inner = call.args[0]
        if isinstance(inner, Call) and inner.name == "selected" and " 选了 " in said:
            return said.replace(" 选了 ", " 没有选 ", 1)
        if isinstance(inner, Call) and inner.name == "regex" and " 含 " in said:
            return said.replace(" 含 ", " 不含 ", 1)
        return f"不是（{said}）"

    def _regex(self, call: Call, place: _Place) -> str:
        if len(call.args) != 2 or not isinstance(call.args[1], Literal):
            return ""
        subject, pattern = self._say(call.args[0], place), call.args[1].value
        money, digits = _MONEY.match(pattern), _LONG_DIGITS.match(pattern)
        if money:
            return f"{subject} 是不小于 0 的数，整数部分最多 {money[1]} 位，最多 {money[2]} 位小数"
        if digits:
            return f"{subject} 含 {digits[1]}—{digits[2]} 位连续数字"
        return f"{subject} 合乎式样 {pattern}"

    def _coalesce(self, call: Call, place: _Place) -> str:
        if len(call.args) == 2 and isinstance(call.args[1], Number) and call.args[1].value == 0:
            return self._inner(call.args[0], place)  # blank counts as nought, as on paper
        return f"〔{'，没有则取 '.join(self._say(one, place) for one in call.args)}〕"

    def _choice(self, call: Call, place: _Place) -> str:
        if len(call.args) != 3:
            return ""
        condition, then, other = (self._say(one, place) for one in call.args)
        return f"〔若 {condition}，取 {then}；否则取 {other}〕"

    def _rows(self, call: Call, place: _Place) -> str:
        if len(call.args) != 1:
            return ""
        return f"{self._say(call.args[0], place)} 的行数" if isinstance(call.args[0], Path) else ""

    def _substr(self, call: Call, place: _Place) -> str:
        part = _part(call)
        subject = self._inner(call.args[0], place)
        if part:
            return f"{subject} 的第 {part[0]}—{part[1]} 位" if part[0] != part[1] else f"{subject} 的第 {part[0]} 位"
        bounds = "到".join(f" {self._inner(one, place)} " for one in call.args[1:])
        return f"{subject} 的一段（自 0 数起，{bounds.strip()}）"

    def _concat(self, call: Call, place: _Place) -> str:
        return f"〔{' 接 '.join(self._inner(one, place) for one in call.args)}〕"

    # --- references ---------------------------------------------------------------------------------------------------

    def _path(self, path: Path, place: _Place) -> str:
        if isinstance(path.start, Call) and path.start.name == "instance" and path.start.args:
            return self._table(path, place)
        return self._spoken(path, place)

    def _table(self, path: Path, place: _Place) -> str:
        """``instance('prev')/root/item[row = '']/x`` → 上季 QD05; a parameter stands in braces, as in the specification."""
        start = path.start
        source = start.args[0].value if isinstance(start, Call) and isinstance(start.args[0], Literal) else ""
        item = path.steps[1] if len(path.steps) > 1 else None
        column = path.steps[-1].test.name if isinstance(path.steps[-1].test, NameTest) else "?"
        keys = [one for one in (item.predicates if item else ()) if isinstance(one, Binary)]
        if source == "params" and column == "value" and keys and isinstance(keys[0].right, Literal):
            return "{" + keys[0].right.value + "}"
        said_source = _SOURCES.get(source, f"表 {source}")
        if column == "item":
            said_column = ""
        else:
            known = self._form.path_of(column)
            said_column = self.name(known) if known else column
        row = ""
        for key in keys:
            if key.left == _ROW and key.right == Literal(""):
                continue
            if key.left == _ROW:
                row += "同一人（行）"
            else:
                row += f"（{self._plain(key.left)} {_COMPARED[key.op]} {self._inner(key.right, place)}）"
        odd = [one for one in (item.predicates if item else ()) if not isinstance(one, Binary)]
        row += "".join(f"（{self._say(one, place)}）" for one in odd)
        return f"{said_source}{row} {said_column}".rstrip()

    def _plain(self, expr: Expr) -> str:
        return to_text(expr) if isinstance(expr, Path) else str(expr)

    def _spoken(self, path: Path, place: _Place) -> str:
        parts, limits = self._resolved(path, place)
        if parts is None:
            return to_text(path)
        where = "/" + "/".join(parts)
        if where == place.at and not path.absolute and not limits:
            return "本题"
        node = self._form.find_node(where)
        if node is not None and not isinstance(node, Question):
            label = self._label_of(where)
            said = f"{label}" if label else self.name(where)
        else:
            said = self.name(where)
        rosters = [(at, words) for at, words in limits if not isinstance(self._form.find_node(at), Question)]
        own = "".join(f"（{words}）" for at, words in limits if (at, words) not in rosters)
        if rosters and rosters[-1][0] == where:
            said = "行"
        return "".join(f"{self._label_of(at) or self.name(at)}中（{words}）的" for at, words in rosters) + said + own

    def _label_of(self, path: str) -> str:
        node = self._form.find_node(path)
        return text_words(self._form, node.label).strip() if node is not None else ""

    def _generic(self, path: Path, place: _Place) -> str:
        parts, _ = self._resolved(path, place)
        return "" if parts is None else "/" + "/".join(parts)

    def _resolved(self, path: Path, place: _Place) -> tuple[list[str] | None, list[tuple[str, str]]]:
        """The generic path's parts, and what limits its rows: (path of the roster, condition in words)."""
        parts = [] if path.absolute else place.here.strip("/").split("/")
        if isinstance(path.start, Call) and path.start.name == "current":
            parts = place.at.strip("/").split("/")
        elif path.start is not None:
            return None, []
        limits = []
        for step in path.steps:
            if not _walk(parts, step):
                return None, []
            if step.predicates:
                here = "/" + "/".join(parts)
                inner = _Place(place.at, here)
                limits.append((here, "，且 ".join(self._say(one, inner) for one in step.predicates)))
        return parts, limits


class _Place:
    """Where an expression stands: ``at`` the node it belongs to, ``here`` what relative references start from."""

    __slots__ = ("at", "here")

    def __init__(self, at: str, here: str) -> None:
        self.at, self.here = at, here


def _walk(parts: list[str], step: Step) -> bool:
    """One step on the way; False where it cannot be followed by name."""
    if step.axis == "parent" and parts:
        parts.pop()
    elif step.axis == "child" and isinstance(step.test, NameTest):
        parts.append(step.test.name)
    elif step.axis != "self":
        return False
    return True


def _part(call: Call) -> tuple[int, int] | None:
    """First and last character, counted from 1, of ``substr(x, from, to)`` with plain numbers."""
    bounds = [one.value for one in call.args[1:] if isinstance(one, Number)]
    return (int(bounds[0]) + 1, int(bounds[1])) if len(bounds) == 2 == len(call.args) - 1 else None


_ROW = parse("row")
_CALLS: dict[tuple[str, int], str] = {
    ("string-length", 1): "{0} 的字数",
    ("normalize-space", 1): "{0}（不计空格）",
    ("count-selected", 1): "{0} 选的项数",
    ("abs", 1): "〔{0}〕的绝对值",
    ("number", 1): "{0}",
    ("string", 1): "{0}",
    ("boolean", 1): "{0}",
    ("date", 1): "{0}",
    ("int", 1): "〔{0}〕取整",
    ("round", 1): "〔{0}〕取整",
    ("round", 2): "〔{0}〕四舍五入到 {1} 位小数",
    ("once", 1): "{0}（只算一次）",
    ("today", 0): "今天",
    ("now", 0): "现在",
    ("true", 0): "是",
    ("false", 0): "否",
    ("uuid", 0): "随机编号",
    ("current", 0): "本题",
    ("sum", 1): "各行 {0} 之和",
    ("min", 1): "各行 {0} 中最小的",
    ("max", 1): "各行 {0} 中最大的",
    ("min", 2): "{0} 与 {1} 中较小的",
    ("max", 2): "{0} 与 {1} 中较大的",
    ("translate", 3): "{0}（把 {1} 换成 {2}）",
    ("format-date", 2): "{0} 写成 {1}",
    ("join", 2): "用 {0} 连起各行 {1}",
    ("contains", 2): "{0} 含 {1}",
    ("starts-with", 2): "{0} 以 {1} 开头",
}
_SPECIAL: dict[str, Callable[[Readable, Call, _Place], str]] = {
    "selected": Readable._selected,
    "not": Readable._not,
    "regex": Readable._regex,
    "coalesce": Readable._coalesce,
    "if": Readable._choice,
    "count": Readable._rows,
    "substr": Readable._substr,
    "concat": Readable._concat,
}
