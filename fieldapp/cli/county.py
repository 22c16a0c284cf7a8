"""``fieldapp county``: opening a county without a window: register, regions, parameters and prices from tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fieldapp.cli import county_sample
from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _, say
from forms.errors import FieldAppError

if TYPE_CHECKING:
    from fieldapp.services.opening_county import Choices, RegisterPlan
    from fieldapp.services.opening_lists import ListPlan
    from forms.monitoring.opening import Problems

_SHOWN = 40


class MapWrong(FieldAppError):
    """``--map`` without its equals sign, or with a field that does not exist."""

    zh = "“{given}”看不懂：写成 表头=项，如 户号=hh_id；不要的列写 表头=。资料没有动。"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``county import`` and ``county parameters``."""
    parser = commands.add_parser(
        "county",
        help="开县：导入名册、区划、参数、参考价 / opening a county",
        description="县办公室用：从现成的表导入，先看再导，导过的不会再导第二遍 / from tables, looked at first; safe to run again",
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="做什么 ACTION")
    bring = actions.add_parser("import", help="导入 / import")
    bring.add_argument("what", choices=("register", "regions", "parameters", "prices"), help="什么表 / which kind")
    bring.add_argument("file", type=Path, nargs="+", help="xlsx、xls、csv，可几个 / one or more files")
    bring.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="表头=项",
        help="某列是什么；项空着为不用 / HEAD=FIELD, repeatable",
    )
    bring.add_argument("--dry-run", action="store_true", help="只看不写 / look only")
    bring.add_argument("--quarter", default="", help="参考价表没有季度一列时，写 2026Q3 / quarter of a price table")
    bring.add_argument(
        "--take", action="append", default=[], metavar="项",
        help="和库里不一样时，这一项听表的；项:people 连人改过的也听表的；all 全听表的（参数、区划、价也用它）/ differences to take from the table",
    )  # fmt: skip
    bring.add_argument("--take-doubtful", action="store_true", help="可疑的户也导 / doubtful households too")
    bring.add_argument(
        "--keep-rest",
        action="store_true",
        help="其余不一样的留库里的，以后不再问 / what is not taken is right, do not ask again",
    )
    bring.add_argument(
        "--ask-again", action="store_true", help="以前定过留库里的也再列出来 / list what was kept before too"
    )
    bring.add_argument("--problems", type=Path, help="问题清单写到这个 CSV / write all problems here")
    add_sign_in_options(bring)
    bring.set_defaults(run=_import)
    table = actions.add_parser("parameters", help="参数表 / what is entered, and what is missing")
    table.add_argument("--period", default="", help="期：2026 或 2026Q3 / period")
    add_sign_in_options(table)
    table.set_defaults(run=_parameters)
    county_sample.register(actions)


def _import(options: argparse.Namespace) -> int:
    told = {}
    for given in options.map:
        head, sign, field = given.partition("=")
        if not sign or not head:
            raise MapWrong("map", given=given)
        told[head.strip()] = field.strip()
    with sign_in(options) as session:
        from fieldapp.services import opening_county, opening_lists

        if options.what == "register":
            plan = opening_county.plan_register(session, options.file, told, tell=_tell, ask_again=options.ask_again)
            _say_plan(plan)
            _say_problems(plan.problems, options.problems)
            if options.dry_run or plan.stopped:
                return 1 if plan.stopped else 0
            done = opening_county.apply_register(session, plan, _choices(plan, options), tell=_tell)
            print(
                _("导入好了：新增 {new} 户 {members} 人，改了 {changed} 户 {cells} 处，{left} 处不一样的没有动").format(
                    new=done.new, members=done.members, changed=done.changed, cells=done.cells, left=done.left
                )
            )
            return 0
        listed = opening_lists.plan_list(session, options.what, options.file, told, options.quarter)
        _say_list(listed)
        _say_problems(listed.problems, options.problems)
        if options.dry_run or listed.stopped:
            return 1 if listed.stopped else 0
        written = opening_lists.apply_list(session, listed, take_changed="all" in options.take)
        print(_("导入好了：写了 {n} 条").format(n=written))
    return 0


def _choices(plan: RegisterPlan, options: argparse.Namespace) -> Choices:
    from fieldapp.services.opening_county import Choices

    kinds = set()
    for field, by_person in plan.kinds():
        if "all" in options.take or f"{field}:people" in options.take or (field in options.take and not by_person):
            kinds.add((field, by_person))
    return Choices(
        frozenset(kinds), doubtful=None if options.take_doubtful else frozenset(), keep_rest=options.keep_rest
    )


def _tell(phase: str, done: int, total: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        word = {"read": _("读表"), "compare": _("和库里比"), "write": _("写入")}.get(phase, phase)
        print(f"\r{word} {done:,}{f' / {total:,}' if total else ''}", end="", file=sys.stderr, flush=True)


def _say_plan(plan: RegisterPlan) -> None:
    from forms.monitoring.opening_fields import field_zh, value_zh

    print(
        _("表里 {households} 户 {members} 人").format(households=plan.households, members=plan.members)
        + "\n"
        + _("新增 {new}　一样 {same}　有不同 {different}　可疑 {doubtful}　不收 {refused}　表里没提 {absent}").format(
            new=len(plan.new), same=plan.same, different=plan.different, doubtful=len(plan.doubtful),
            refused=plan.refused, absent=plan.absent,
        )
    )  # fmt: skip
    if plan.settled:
        print(_("另有 {n} 处以前定过留库里的，不再问").format(n=plan.settled))
    for (field, by_person), count in sorted(plan.kinds().items()):
        who = _("人改过") if by_person else _("没人改过")
        print(f"  {field}\t{_(field_zh(field))}\t{who}\t{count}")
    for one in plan.differences[:_SHOWN]:
        when = f"{one.at:%Y-%m-%d}" if one.at else ""
        print(
            f"    {one.hh_id} {one.head_name} {one.person} {one.field}: {value_zh(one.field, one.here) or '-'} → {value_zh(one.field, one.table) or '-'}  {one.by} {when}"
        )


def _say_list(plan: ListPlan) -> None:
    print(
        _("新增 {new}　一样 {same}　有不同 {changed}").format(
            new=plan.count("new"), same=plan.count("same"), changed=plan.count("changed")
        )
    )
    for one in [line for line in plan.lines if line.state == "changed"][:_SHOWN]:
        print(f"    {one.name}: {one.here} → {one.table}")


def _say_problems(problems: Problems, file: Path | None) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print(file=sys.stderr)
    for (level, kind), count in sorted(problems.counts.items()):
        print(f"  {_(level.zh)}\t{kind}\t{count}")
    for one in problems.worst_first()[:_SHOWN]:
        place = f"{one.sheet} {one.row or ''}{one.column}".strip()
        print(
            f"    [{_(one.level.zh)}] {place}: "
            + _("{problem}。{mend}").format(problem=say(one.zh), mend=say(one.mend))
        )
    if file is not None:
        import csv

        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([_("级别"), _("表"), _("行"), _("列"), _("问题"), _("怎么办")])
            writer.writerows(
                [_(one.level.zh), one.sheet, one.row, one.column, say(one.zh), say(one.mend)]
                for one in problems.worst_first()
            )


def _parameters(options: argparse.Namespace) -> int:
    from fieldapp.services import parameters
    from forms.monitoring.parameters import parameter_zh

    with sign_in(options) as session:
        for sentence in parameters.reminders(session, options.period):
            print(sentence)
        if options.period:
            with session.database.reading() as reading:
                shown = parameters.parameters_for(session, reading, options.period)
        else:
            shown = parameters.records(session)
        for one in shown:
            if one.entered_by or not options.period:
                until = one.last_day or ""
                print(
                    f"{one.name}\t{_(parameter_zh(one.name))}\t{one.value}\t{one.valid_from or ''}\t{until}\t{one.doc_no}\t{one.entered_by}"
                )
    return 0
