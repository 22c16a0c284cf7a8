"""``fieldapp`` (the window), ``enrol``, ``sync``, ``self-test``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fieldapp.cli.signing_in import add_sign_in_options, read_passphrase, sign_in
from fieldapp.words import _
from forms.errors import FieldAppError

if TYPE_CHECKING:
    from fieldapp.services.syncing import Progress


class NoWindow(FieldAppError):
    """The desktop part is not installed, or there is no screen."""

    zh = "这台机器上没有装窗口部分。命令照常能用；要窗口请装 fieldapp[desktop]。"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the laptop's own commands."""
    enrol = commands.add_parser(
        "enrol", help="把这台电脑登记到县里 / join a county", description="登记 / enrol this laptop"
    )
    enrol.add_argument("address", help="县服务器地址 / https address of the county server")
    enrol.add_argument("--code-file", type=Path, help="存登记码的文件，“-”为标准输入 / file with the one-time code")
    enrol.add_argument("--name", default="", help="给这台电脑起的名字 / name of this laptop")
    enrol.set_defaults(run=_enrol)
    sync = commands.add_parser(
        "sync", help="和县里交接一次 / exchange with the county", description="交接 / one exchange"
    )
    sync.add_argument(
        "--relay", help="交给这个地址上的乡镇电脑代收 / hand over to the township's laptop at this address"
    )
    add_sign_in_options(sync)
    sync.set_defaults(run=_sync)
    lease = commands.add_parser(
        "lease", help="多久没和县里联系了；输入县里念的码 / time without the county, and the code it reads out"
    )
    lease_deeds = lease.add_subparsers(required=True, metavar="show|open")
    show = lease_deeds.add_parser("show", help="还有几天、要念给县里的六个字母 / days left, letters to read out")
    opened = lease_deeds.add_parser("open", help="输入县里念的码 / type the county's code")
    opened.add_argument("code", help="县里念的码 / the code")
    for one, run in ((show, _lease_show), (opened, _lease_open)):
        add_sign_in_options(one)
        one.set_defaults(run=run)
    test = commands.add_parser(
        "self-test", help="检查程序在这台电脑上能不能用 / check this installation", description="自检 / self-test"
    )
    test.set_defaults(run=_self_test)


def open_window(options: argparse.Namespace) -> int:
    """The window on ``--folder``; runs until it is closed."""
    try:
        from fieldapp.ui.start import run_window
    except ImportError as error:
        if (error.name or "").startswith(("PySide6", "shiboken6")):
            raise NoWindow("PySide6 is missing") from error
        raise
    return run_window(options.folder)


def _enrol(options: argparse.Namespace) -> int:
    from fieldapp.services.enrolling import enrol
    from fieldapp.services.session import Laptop

    people = enrol(
        Laptop(options.folder), options.address, read_passphrase(options.code_file), device_name=options.name
    )
    for person in people:
        print(f"{person.account}  {person.name}  {person.role}")
    return 0


def _sync(options: argparse.Namespace) -> int:
    from fieldapp.services import relaying, syncing

    def show(progress: Progress) -> None:
        if sys.stderr is not None:
            print(progress.sentence, file=sys.stderr)

    session = sign_in(options)
    if options.relay:
        report = relaying.hand_over(session, options.relay, progress=show)
    else:
        report = syncing.exchange(session, progress=show)
    for sentence in report.sentences:
        print(sentence)
    return 0 if report.ok else 1


def _lease_show(options: argparse.Namespace) -> int:
    from fieldapp.services import leasing

    session = sign_in(options)
    now = leasing.lease(session)
    if now.over:
        letters, device = leasing.challenge(session), session.device[:8]
        print(now.sentence())
        print(_("念给县里：电脑 {device}，字母 {letters}").format(device=device, letters=letters))
        return 1
    print(now.sentence() or _("还有 {n} 天").format(n=now.days_left))
    return 0


def _lease_open(options: argparse.Namespace) -> int:
    from fieldapp.services import leasing

    now = leasing.open_with_code(sign_in(options), options.code)
    print(_("还有 {n} 天").format(n=now.days_left))
    return 0


def _self_test(_options: argparse.Namespace) -> int:
    from fieldapp.services.selftest import run

    ok = True
    for line in run():
        ok = ok and line.ok
        if sys.stdout is not None:
            print(f"{_('好') if line.ok else _('不行')}  {line.name}  {line.duration_ms} ms  {line.sentence}")
    return 0 if ok else 1
