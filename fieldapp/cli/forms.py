"""``fieldapp forms``: questionnaires without a window. Needs only the base dependencies (no PySide6, SQLAlchemy, reportlab)."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldapp.words import _, language

if TYPE_CHECKING:
    from forms.engine import Form, Problem

OK, REFUSED, USAGE = 0, 1, 2


def register(subparsers: Any) -> None:
    """Adds ``forms run|check|list|read|compare|export-xlsx``."""
    forms = subparsers.add_parser(
        "forms", help="问卷：检查、试填、列出、导出 / questionnaires: check, run, list, export"
    )
    actions = forms.add_subparsers(dest="action", metavar="做什么 ACTION", required=True)
    _register_run(actions)
    check = actions.add_parser("check", help="检查问卷，说明每一处问题 / check a form and name every problem")
    check.add_argument("form", nargs="+", help="问卷文件或自带问卷的名字 / file, or name of a built-in questionnaire")
    check.add_argument(
        "--resources", action="append", type=Path, default=[], help="附件所在的文件夹 / folder of attachments"
    )
    check.add_argument("--json", action="store_true", help="以 JSON 输出 / print JSON")
    check.set_defaults(run=run_check)
    checks = actions.add_parser("checks", help="列出问卷的每一条校验 / list every check of a questionnaire")
    checks.add_argument("form", help="自带问卷的名字 / name of a built-in questionnaire: annual, quarterly")
    checks.add_argument(
        "--level",
        choices=["question", "interview", "laptop", "township", "county"],
        help="只列这一级 / this level only",
    )
    checks.add_argument("--json", action="store_true", help="以 JSON 输出 / print JSON")
    checks.set_defaults(run=run_checks)
    listing = actions.add_parser("list", help="列出自带的问卷 / list the built-in questionnaires")
    listing.set_defaults(run=run_list)
    read = actions.add_parser(
        "read", help="把问卷写成通读稿，供对照规格 / write a questionnaire out for reading through"
    )
    read.add_argument("form", help="问卷文件或自带问卷的名字 / file, or name of a built-in questionnaire")
    read.add_argument(
        "--out", type=Path, help="写到 .md、.txt 或 .pdf；不给就印在屏幕上 / .md, .txt or .pdf, else the console"
    )
    read.set_defaults(run=run_read)
    compare = actions.add_parser("compare", help="比两个版本，拟一份对照 / compare two versions, propose a mapping")
    compare.add_argument("old", help="旧版 / the older version")
    compare.add_argument("new", help="新版 / the newer version")
    compare.add_argument("--mapping", type=Path, help="把拟的对照写到这个文件（JSON）/ write the proposed mapping here")
    compare.set_defaults(run=run_compare)
    export = actions.add_parser(
        "export-xlsx", help="把问卷存成工作簿，供县里修改 / write a questionnaire as a workbook"
    )
    export.add_argument("form", help="问卷名或 CSV 源文件 / name or CSV source")
    export.add_argument("--out", type=Path, required=True, help="写到哪个文件 / file to write (.xlsx)")
    export.set_defaults(run=run_export)


def _register_run(actions: Any) -> None:
    run = actions.add_parser("run", help="不开窗口试填问卷，输出 JSON / fill a form without a window, print JSON")
    run.add_argument(
        "form", nargs="?", help="XForm 或 XLSForm 文件，或自带问卷的名字 / XForm or XLSForm file, or a built-in name"
    )
    run.add_argument("--steps", type=Path, help="步骤 JSON 文件 / JSON list of steps")
    run.add_argument(
        "--resources", action="append", type=Path, default=[], help="附件所在的文件夹 / folder of attachments"
    )
    run.add_argument(
        "--missing", default="ERROR", choices=["ERROR", "BLANK"], help="缺附件时：报错或当空 / missing attachments"
    )
    run.add_argument("--edit", type=Path, help="打开一份交过的答卷来改 / saved submission to edit")
    run.add_argument("--now", help="把钟停在这一刻 / hold the clock at this instant (ISO 8601)")
    run.add_argument("--language", dest="form_language", help="问卷的语言 / language of the form")
    run.add_argument("--trace", action="store_true", help="每一步都输出 / print every step")
    run.add_argument(
        "--jobs", help="每行一个 JSON 任务的文件，- 为标准输入 / file with one JSON job a line, - for stdin"
    )
    run.set_defaults(run=run_run)


def run_run(options: argparse.Namespace) -> int:
    """``forms run``."""
    from forms.engine.running import main_run

    return main_run(options)


def run_check(options: argparse.Namespace) -> int:
    """``forms check``: every problem with its place and mend; 0 if there is none that refuses the form."""
    from forms.engine.checking import check_source

    worst = OK
    answers = []
    for name in options.form:
        found, title = check_source(_source(name), options.resources)
        errors = [problem for problem in found if not problem.code.startswith("W")]
        worst = max(worst, REFUSED if errors else OK)
        answers.append({"form": name, "title": title, "problems": [_as_json(problem) for problem in found]})
        if not options.json:
            _print_check(name, title, found, errors)
    if options.json:
        print(json.dumps(answers, ensure_ascii=False, indent=1))
    return worst


def _print_check(name: str, title: str, found: list[Problem], errors: list[Problem]) -> None:
    for problem in found:
        print(problem.sentence() if language() == "zh" else problem.english())
    warned = len(found) - len(errors)
    verdict = _("有{n}处必须改正").format(n=len(errors)) if errors else _("可以使用")
    hint = _("，{n}处提醒").format(n=warned) if warned else ""
    form = _("{name}（{title}）").format(name=name, title=title) if title else name
    print(_("{name}：{verdict}{warned}。").format(name=form, verdict=verdict, warned=hint))


def _as_json(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "sheet": problem.sheet,
        "row": problem.row,
        "node": problem.node,
        "zh": problem.zh,
        "en": problem.en,
        "mend": problem.mend,
    }


def run_checks(options: argparse.Namespace) -> int:
    """``forms checks``: number, level, kind, question numbers and message of every check, one a line, separated by tabs."""
    from dataclasses import asdict

    from forms.questionnaires.check_list import KINDS, LEVELS, list_checks

    listed = [one for one in list_checks(options.form) if options.level in (None, one.level)]
    if options.json:
        print(json.dumps([asdict(one) for one in listed], ensure_ascii=False, indent=1))
        return OK
    print("\t".join((_("编号"), _("级别"), _("错/核"), _("题号"), _("提示"))))
    for one in listed:
        about = " ".join(one.about)
        print("\t".join((one.number or "—", LEVELS[one.level], KINDS[one.kind], about, one.message)))
    counted = {level: sum(one.level == level for one in listed) for level in LEVELS}
    print(
        _("共 {n} 条：{levels}").format(
            n=len(listed), levels="，".join(f"{LEVELS[level]} {n}" for level, n in counted.items() if n)
        )
    )
    return OK


def run_list(options: argparse.Namespace) -> int:
    """``forms list``."""
    del options
    from forms.questionnaires import catalog

    for one in catalog():
        print(f"{one.name}\t{one.title}\t{one.path.name}")
    return OK


def run_read(options: argparse.Namespace) -> int:
    """``forms read``: every question with its number, options, skip and checks in words."""
    from forms.questionnaires.reading_text import markdown, reading_text

    text = reading_text(_load(options.form))
    if options.out is None:
        sys.stdout.write(markdown(text))
        return OK
    if options.out.suffix.lower() == ".pdf":
        from fieldapp.printing.questionnaire import questionnaire_pdf

        data = questionnaire_pdf(text)
    else:
        data = markdown(text).encode("utf-8")
    try:
        options.out.write_bytes(data)
    except OSError:
        print(_unwritten(options.out), file=sys.stderr)
        return REFUSED
    print(_("已写到 {path}").format(path=options.out))
    return OK


def _unwritten(path: Path) -> str:
    return _("写不了文件“{name}”。已存的资料没有动，请检查磁盘和权限。").format(name=path.name)


def _load(name: str) -> Form:
    """A file, or a built-in questionnaire, as a form. Raises FormRefused."""
    from forms.engine import load_form
    from forms.questionnaires import catalog, load_questionnaire

    if name in {one.name for one in catalog()}:
        return load_questionnaire(name)
    return load_form(_source(name))


def run_compare(options: argparse.Namespace) -> int:
    """``forms compare``: questions, options and checks that differ; and a mapping for a person to look through."""
    from forms.questionnaires.versions import KEPT, compare, propose

    old, new = _load(options.old), _load(options.new)
    kinds = {"added": _("新增"), "removed": _("去掉"), "moved": _("挪动"), "changed": _("改动")}
    things = {"question": _("题"), "option": _("选项"), "check": _("校验")}
    found = compare(old, new)
    for one in found:
        change = f"{one.before} → {one.after}" if one.before and one.after else one.before or one.after
        print(f"{kinds[one.kind]} {things[one.what]} {one.name}：{change}")
    mapping = propose(old, new)
    kept = [name for name, target in mapping.fields.items() if target == KEPT]
    print(
        _("共 {n} 处不同；对照：{moved} 题换位置，{codes} 题换代码，{kept} 题新版没有、答案保留。").format(
            n=len(found), moved=len(mapping.fields) - len(kept), codes=len(mapping.codes), kept=len(kept)
        )
    )
    if options.mapping is not None:
        try:
            options.mapping.write_text(mapping.to_json(), encoding="utf-8")
        except OSError:
            print(_unwritten(options.mapping), file=sys.stderr)
            return REFUSED
        print(_("已写到 {path}").format(path=options.mapping))
    return OK


def run_export(options: argparse.Namespace) -> int:
    """``forms export-xlsx``: a workbook that makes the same XForm as its source."""
    from forms.engine.exporting import export_workbook

    source = _source(options.form)
    try:
        options.out.write_bytes(export_workbook(source))
    except OSError:
        print(_unwritten(options.out), file=sys.stderr)
        return REFUSED
    print(_("已写到 {path}").format(path=options.out))
    return OK


def _source(name: str) -> Path:
    """A file, or the source of a built-in questionnaire."""
    path = Path(name)
    if path.exists() or path.suffix:
        return path
    from forms.questionnaires import questionnaire

    return questionnaire(name).path
