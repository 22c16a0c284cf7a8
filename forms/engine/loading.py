"""From a workbook or an XForm to a Form. Problems of every stage are gathered before anything is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from forms.engine.attachments import LAST_SAVED, file_name
from forms.engine.definition import Form, Question
from forms.engine.problems import FormRefused, Problem
from forms.engine.program import check_form
from forms.engine.quick import collecting_later
from forms.engine.secondary import InstanceProblem, SecondaryInstance, from_resource
from forms.engine.workbook import Workbook, is_workbook, read_workbook
from forms.engine.xform import read_xform
from forms.engine.xml import SIZE_LIMIT


def load_form(
    source: bytes | str | Path,
    *,
    name: str | None = None,
    resources: Callable[[str], bytes | None] | None = None,
) -> Form:
    """Loads a questionnaire: an XForm (spec: the whole of it), or an XLSForm by way of pyxform.

    Args:
        source: XForm XML (text or bytes), or an XLSForm: path or bytes of .xlsx .xls .csv .md, text of a markdown table.
        name: file name, for messages and to tell the format of bytes ("annual.csv").
        resources: attachments by file name, read at load only to find problems in them; None leaves them unread.

    Raises:
        FormRefused: with every problem found.
    """
    if isinstance(source, Path):
        name = name or source.name
        try:
            size = source.stat().st_size
            data: bytes | str = source.read_bytes() if size <= SIZE_LIMIT else b""
        except OSError as error:
            raise FormRefused(
                (Problem("E000", f"读不到文件“{source.name}”。", "请检查文件是否还在。"),), name
            ) from error
        if size > SIZE_LIMIT:
            zh = f"文件有{size // (1024 * 1024)}MB，超过{SIZE_LIMIT // (1024 * 1024)}MB的上限。"
            raise FormRefused((Problem("E002", zh, "请把大的选项表改成附件。"),), name)
    else:
        data = source
    label = name or ""
    workbook: Workbook | None = None
    if is_workbook(data, label):
        workbook = read_workbook(data, label)
        data = workbook.xml
    try:
        with collecting_later():
            form = read_xform(data, label)
        problems = list(form.problems)
        program, found = check_form(form)
        problems += found
        if resources is not None:
            problems += check_attachments(form, resources)
    except FormRefused as refused:
        # What refuses it comes first; reminders follow.
        told = sorted(refused.problems, key=lambda problem: problem.code.startswith("W"))
        raise FormRefused(_placed(tuple(told), workbook), label) from refused
    except RecursionError as error:
        raise FormRefused((Problem("E004", "问卷嵌套太深。", "请减少分组的层数。"),), label) from error
    if workbook is not None:
        problems += workbook.problems
    placed = _placed(tuple(dict.fromkeys(problems)), workbook)
    if any(problem.code.startswith(("E", "P")) for problem in placed):
        raise FormRefused(tuple(problem for problem in placed if not problem.code.startswith("W")) or placed, label)
    form = replace(form, problems=placed)
    if program is not None:
        # The program was compiled to find problems; there is no reason to do it twice.
        program.form = form
        form.__dict__["program"] = program
    return form


def _placed(problems: tuple[Problem, ...], workbook: Workbook | None) -> tuple[Problem, ...]:
    """Problems with sheet and row where the form came from a workbook."""
    if workbook is None:
        return problems
    return tuple(workbook.place(problem) for problem in problems)


def check_attachments(form: Form, resources: Callable[[str], bytes | None]) -> list[Problem]:
    """What is wrong with the attachments that are there: unreadable ones, and columns that a choice list wants and they lack."""
    problems: list[Problem] = []
    read: dict[str, SecondaryInstance] = {}
    for key, source in form.instances.items():
        if not source.src or file_name(source.src) == LAST_SAVED:
            continue
        name = file_name(source.src)
        data = resources(name)
        if data is None:
            continue
        try:
            read[key] = from_resource(name, data)
        except InstanceProblem as problem:
            problems.append(Problem("E061", f"附件“{name}”不能用：{problem.zh}。", "请换成正确的文件。"))
    for node in form.walk():
        if not isinstance(node, Question) or node.itemset is None:
            continue
        for key, instance in read.items():
            if f"instance('{key}')/root/item" not in node.itemset.nodeset.replace('"', "'").replace(" ", ""):
                continue
            items = instance.items(("root", "item")).items
            for column in filter(None, (node.itemset.value, node.itemset.label)):
                if items and column.replace("_", "").isalnum() and not items[0].column(column):
                    zh = f"“{node.name}”的选项要用附件里的“{column}”一列，附件里没有。"
                    problems.append(Problem("E062", zh, "请在附件里补上这一列。", node=node.path))
    return problems
