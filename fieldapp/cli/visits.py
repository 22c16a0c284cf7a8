"""``fieldapp visits``: registering a visit without an interview, who is due today, what the next visit should be."""

from __future__ import annotations

import argparse
from datetime import date, datetime

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``visits note|due``."""
    parser = commands.add_parser(
        "visits", help="登记到访、今天要访的户 / visits", description="调查员用 / for enumerators"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="note|due")
    note = actions.add_parser("note", help="登记一次没有访成的到访 / a visit without an interview")
    note.add_argument("household", help="户编码或户号 / household")
    note.add_argument("outcome", help="结果代码：210、310、420 … / interview_outcome")
    note.add_argument("--period", default="", help="期，不写为当期 / period")
    note.add_argument("--at", type=datetime.fromisoformat, help="什么时候，如 2026-09-24T17:30，不写为现在 / when")
    note.add_argument("--mode", default="1", help="访问方式代码 / visit_mode")
    note.add_argument("--reasons", default="", help="拒访原因代码，逗号分开 / refuse_reason codes")
    note.add_argument("--next", dest="next_on", type=date.fromisoformat, help="下次哪天去：2026-09-26 / next visit")
    note.add_argument(
        "--with", dest="company", default="", choices=("", "assistant", "group_head", "supervisor"),
        help="谁陪同 / who went along",
    )  # fmt: skip
    note.add_argument("--remark", default="", help="备注 / remark")
    add_sign_in_options(note)
    note.set_defaults(run=_note)
    due = actions.add_parser("due", help="今天还要访哪些户 / who is due today")
    add_sign_in_options(due)
    due.set_defaults(run=_due)


def _note(options: argparse.Namespace) -> int:
    from fieldapp.services import replacing
    from fieldapp.services.opened_interview import VisitOutcome
    from fieldapp.services.session import CHINA
    from fieldapp.services.visiting import record_visit

    with sign_in(options) as session:
        at = options.at.replace(tzinfo=CHINA) if options.at else session.now()
        visit = VisitOutcome(
            outcome=options.outcome,
            visited_at=at,
            mode=options.mode,
            refuse_reasons=tuple(options.reasons.replace("，", ",").split(",")) if options.reasons else (),
            next_visit_on=options.next_on,
            remark=options.remark,
            company=options.company,
        )
        noted = record_visit(session, replacing.find(session, options.household, options.period), visit)
        print(_("到访记下了") + ("，" + _("本期结果已定") if noted.final else ""))
        for sentence in noted.sentences:
            print(sentence)
    return 0


def _due(options: argparse.Namespace) -> int:
    from fieldapp.services.visit_log import due_today

    with sign_in(options) as session:
        for one in due_today(session):
            print("\t".join((one.hh_no, one.head_name, one.village_name, one.why, "；".join(one.advice.sentences))))
    return 0
