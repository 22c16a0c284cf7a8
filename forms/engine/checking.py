"""``fieldapp forms check``: everything wrong with a form, with more questions asked than loading asks.

Beyond what ``load_form`` refuses, our own conventions (design 3): a computed amount of money is rounded to fen, and an edit check
is a note with a level and an id.
"""

from __future__ import annotations

import re
from pathlib import Path

from forms.engine.definition import Form, Question
from forms.engine.loading import load_form
from forms.engine.problems import FormRefused, Problem
from forms.engine.xpath.ast import Call, Number
from forms.engine.xpath.errors import XPathError
from forms.engine.xpath.parser import parse

KINDS = frozenset({"hard", "soft"})
LEVELS = frozenset({"question", "interview", "laptop", "township", "county"})
_MONEY = re.compile(r"元")


def check_source(path: Path, folders: list[Path]) -> tuple[list[Problem], str]:
    """All problems of a form in a file, and its title ("" if it cannot be loaded)."""

    def resource(name: str) -> bytes | None:
        for folder in [*folders, path.parent]:
            file = folder / Path(name).name
            if file.is_file():
                return file.read_bytes()
        return None

    try:
        form = load_form(path, resources=resource)
    except FormRefused as refused:
        return list(refused.problems), ""
    return [*form.problems, *conventions(form)], form.title


def conventions(form: Form) -> list[Problem]:
    """What breaks the project's own conventions."""
    problems: list[Problem] = []
    for node in form.walk():
        if (
            isinstance(node, Question)
            and is_money(node)
            and node.bind.calculate
            and not is_rounded(node.bind.calculate)
        ):
            problems.append(
                Problem("E080", f"“{node.name}”算的是金额，没有四舍五入到分。", "请写成 round(…, 2)。", node=node.path)
            )
        kind = node.fa.get("check")
        if kind is None:
            continue
        if kind not in KINDS:
            problems.append(
                Problem("E081", f"“{node.name}”的校验类别“{kind}”不对。", "请写 hard 或 soft。", node=node.path)
            )
        if node.fa.get("level", "interview") not in LEVELS:
            zh = f"“{node.name}”的校验级别“{node.fa['level']}”不对。"
            problems.append(Problem("E082", zh, f"可用的有：{'、'.join(sorted(LEVELS))}。", node=node.path))
        if not node.bind.relevant:
            problems.append(
                Problem("E083", f"校验“{node.name}”没有写什么时候不通过。", "请写适用条件。", node=node.path)
            )
    return problems


def is_money(node: Question) -> bool:
    """Whether a node holds an amount in yuan."""
    unit = node.fa.get("unit", "")
    return bool(_MONEY.match(unit)) and "/" not in unit and node.fa.get("class") != "rate"


def is_rounded(text: str) -> bool:
    """Whether an expression gives at most two decimal places: ``round(…, 2)``, itself chosen by ``if`` or ``once``."""
    try:
        expr = parse(text)
    except XPathError:
        return True
    waiting = [expr]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Call) and one.name in ("if", "coalesce", "once"):
            waiting.extend(one.args[1:] if one.name == "if" else one.args)
        elif isinstance(one, Call) and one.name == "round":
            places = one.args[1] if len(one.args) > 1 else Number(0.0)
            if not isinstance(places, Number) or places.value > 2:
                return False
        elif isinstance(one, Call | Number) or not hasattr(one, "op"):
            if isinstance(one, Call) and one.name in ("int", "floor", "ceiling"):
                continue
            if isinstance(one, Call) and one.name not in ("string", "number", "pulldata"):
                return False
        else:
            return False
    return True
