"""``fieldapp register list|tasks|close|reopen``: households with what became of them, and the tasks that wait for a decision."""

from __future__ import annotations

import argparse

from fieldapp.cli.living_numbers import NoSuchNumber, household_root, root_named
from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.errors import NoSuchAssignment
from fieldapp.words import _


def add_commands(deeds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds them to ``fieldapp register``."""
    listing = deeds.add_parser("list", help="名单，并走迁走的标出来 / households, ended ones marked")
    listing.add_argument("find", nargs="?", default="", help="姓名、拼音头字母、户号 / what to find")
    listing.add_argument("--village", default="", help="12 位村代码 / village")
    listing.add_argument("--ended", choices=("all", "only", "none"), default="all",
                         help="已并走、迁走、无人的户：都列、只列、不列 / ended households")  # fmt: skip
    add_sign_in_options(listing)
    listing.set_defaults(run=_list)
    tasks = deeds.add_parser("tasks", help="户并走、迁走、分了户，等着定的任务 / tasks to be decided on")
    add_sign_in_options(tasks)
    tasks.set_defaults(run=_tasks)
    close = deeds.add_parser("close", help="办结任务，填过的都留着 / settle a task without an interview")
    close.add_argument("household", help="户编码、户号或短码 / household")
    close.add_argument("--outcome", required=True, help="410 420 430 440 450 470 520 / interview_outcome")
    close.add_argument("--note", required=True, help="依据，不少于 4 个字 / what it is decided on")
    again = deeds.add_parser("reopen", help="重开办结了的任务 / open it again")
    again.add_argument("household", help="户编码、户号或短码 / household")
    again.add_argument("--note", default="", help="为什么 / why")
    for parser, run in ((close, _close), (again, _reopen)):
        parser.add_argument("--period", default="", help="期，如 2026Q3，不写为最近一期 / period")
        add_sign_in_options(parser)
        parser.set_defaults(run=run)


def add_twin_commands(deeds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``register double|renumber|separate``."""
    double = deeds.add_parser("double", help="登记重了：两户是同一户 / one household registered twice")
    double.add_argument("household", help="户编码 / hh_id")
    double.add_argument(
        "other", nargs="?", default="", help="另一户的户编码，同号的不写 / the other, if it has another number"
    )
    number = deeds.add_parser("renumber", help="撞号的户改号（县里） / another number for one of two")
    number.add_argument("household", help="户编码 / hh_id")
    apart = deeds.add_parser("separate", help="撤销并户、撤销同一户 / takes a merge back")
    apart.add_argument("household", help="并走了的户的户编码 / hh_id of the household that ended")
    for parser, run in ((double, _double), (number, _renumber), (apart, _separate)):
        if parser is not double:
            parser.add_argument(
                "--head", default="", help="户主姓名，几户同号时写 / head, where several have the number"
            )
        parser.add_argument("--note", default="", help="说明 / a word about it")
        add_sign_in_options(parser)
        parser.set_defaults(run=run)


def _double(options: argparse.Namespace) -> int:
    from fieldapp.services.doubles import same_household, twin_of
    from fieldapp.services.finding import list_households
    from fieldapp.services.registering import open_register

    with sign_in(options) as session:
        rows = list_households(session, query=options.household, ended=False).rows
        root = next((row.household for row in rows if row.hh_id == options.household), "")
        if not root:
            raise NoSuchNumber("none", number=options.household)
        one = open_register(session, root)
        other = open_register(session, root_named(session, options.other)) if options.other else twin_of(session, one)
        if other is None:
            raise NoSuchNumber("no twin", number=options.household)
        for seen in same_household(session, one, other, options.note):
            print("\t".join((seen.hh_id, seen.head_name, seen.state_label, str(len(seen.members)))))
    return 0


def _renumber(options: argparse.Namespace) -> int:
    from fieldapp.services.doubles import renumber
    from fieldapp.services.registering import open_register

    with sign_in(options) as session:
        seen = renumber(
            session, open_register(session, root_named(session, options.household, options.head)), options.note
        )
        print(_("{head}户的号改成 {new}，旧号 {old} 照样找得到").format(
            head=seen.head_name, new=seen.hh_id, old=options.household
        ))  # fmt: skip
    return 0


def _separate(options: argparse.Namespace) -> int:
    from fieldapp.services.doubles import separate
    from fieldapp.services.registering import open_register

    with sign_in(options) as session:
        root = root_named(session, options.household, options.head, ended=True)
        for seen in separate(session, open_register(session, root), options.note):
            print("\t".join((seen.hh_id, seen.head_name, seen.state_label, str(len(seen.members)))))
    return 0


def _list(options: argparse.Namespace) -> int:
    from fieldapp.services.finding import list_households

    wanted = {"all": None, "only": True, "none": False}[options.ended]
    with sign_in(options) as session:
        found = list_households(session, query=options.find, village=options.village, ended=wanted)
        for row in found.rows:
            print(
                "\t".join(
                    (row.hh_id, row.head_name, f"{row.village_name}{row.group}", row.status_label, row.state_label)
                )
            )
    return 0


def _tasks(options: argparse.Namespace) -> int:
    from fieldapp.services.unsettled import open_tasks

    with sign_in(options) as session:
        for one in open_tasks(session):
            begun = _("已填过") if one.answered else ""
            print("\t".join((one.hh_id, one.head_name, one.period, one.enumerator_name, begun, one.words)))
    return 0


def _close(options: argparse.Namespace) -> int:
    from fieldapp.services.unsettled import close_task, open_tasks

    with sign_in(options) as session:
        household = household_root(session, options.household)
        found = [
            one for one in open_tasks(session, household) if one.assignment and one.period.startswith(options.period)
        ]
        if not found:
            raise NoSuchAssignment("no such task waits")
        close_task(session, found[-1].assignment, options.outcome, options.note)
        print(_("办结了，填过的都在"))
    return 0


def _reopen(options: argparse.Namespace) -> int:
    from fieldapp.services.unsettled import closed_tasks, reopen_task

    with sign_in(options) as session:
        household = household_root(session, options.household)
        found = [one for one in closed_tasks(session, household) if one.period.startswith(options.period)]
        if not found:
            raise NoSuchAssignment("no such task was settled")
        reopen_task(session, found[-1].assignment, options.note)
        print(_("任务又开着了"))
    return 0
