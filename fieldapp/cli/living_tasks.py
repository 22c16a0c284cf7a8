"""``fieldapp register list|tasks|close|reopen``: households with what became of them, and the tasks that wait for a decision."""

from __future__ import annotations

import argparse

from fieldapp.cli.living_numbers import household_root
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
