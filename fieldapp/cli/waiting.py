"""``fieldapp waiting list|admit|leave-out``: what the county has set aside, decided change by change."""

from __future__ import annotations

import argparse

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the commands."""
    words = "认领县里隔离的改动 / changes that the county has set aside"
    deeds = commands.add_parser("waiting", help=words, description=words).add_subparsers(
        required=True, metavar="list|admit|leave-out"
    )
    listed = deeds.add_parser("list", help="列出等您定的 / what waits for you")
    admit = deeds.add_parser("admit", help="认领一条 / let one in")
    leave = deeds.add_parser("leave-out", help="不收，写明原因 / leave one out, with a reason")
    for one in (admit, leave):
        one.add_argument("change", help="编号，list 里的第一列 / id, the first column of list")
    leave.add_argument("--reason", required=True, help="原因 / why")
    for one, run in ((listed, _list), (admit, _admit), (leave, _leave_out)):
        add_sign_in_options(one)
        one.set_defaults(run=run)


def _list(options: argparse.Namespace) -> int:
    from fieldapp.services.admitting import waiting

    for one in waiting(sign_in(options)):
        values = _("；").join(f"{label} {value}" for label, value in one.values)
        print(
            f"{one.change_id.hex()}  {one.at:%Y-%m-%d %H:%M}  {one.who}  {one.why}  {one.household}  {one.deed}  {values}"
        )
    return 0


def _admit(options: argparse.Namespace) -> int:
    from fieldapp.services.admitting import admit

    admit(sign_in(options), _change(options))
    print(_("已认领，下次交接就到各台电脑"))
    return 0


def _leave_out(options: argparse.Namespace) -> int:
    from fieldapp.services.admitting import leave_out

    leave_out(sign_in(options), _change(options), options.reason)
    print(_("没有收，县里留着底"))
    return 0


def _change(options: argparse.Namespace) -> bytes:
    from fieldapp.services.admitting import NotWaitingAnyMore

    try:
        return bytes.fromhex(options.change)
    except ValueError as error:
        raise NotWaitingAnyMore("not an id") from error
