"""``fieldapp bundle export|import|show``: the hand-over by stick or folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the commands."""
    bundle = commands.add_parser(
        "bundle", help="用 U 盘或文件夹交接 / hand over by stick or folder", description="U 盘交接 / by stick"
    )
    deeds = bundle.add_subparsers(required=True, metavar="export|import|show")
    for name, run, words in (
        ("export", _export, "把县里还没收到的都装进去 / put everything the county lacks onto it"),
        ("import", _import, "收县里给这台电脑的 / take in what the county put there"),
        ("show", _show, "只看看，不动 / look, change nothing"),
    ):
        one = deeds.add_parser(name, help=words, description=words)
        one.add_argument("--stick", type=Path, required=True, help="U 盘或文件夹 / the stick or folder")
        add_sign_in_options(one)
        one.set_defaults(run=run)


def _export(options: argparse.Namespace) -> int:
    from fieldapp.services.carrying import carry_out

    for sentence in carry_out(sign_in(options), options.stick).sentences:
        print(sentence)
    return 0


def _import(options: argparse.Namespace) -> int:
    from fieldapp.services.carrying import take_in

    report = take_in(sign_in(options), options.stick)
    for sentence in report.sentences:
        print(sentence)
    return 0 if not report.cancelled else 1


def _show(options: argparse.Namespace) -> int:
    from fieldapp.services.carrying import look_at

    seen = look_at(sign_in(options), options.stick)
    print(_("会装进去：{n} 条改动，另有 {d} 份没封的").format(n=seen.leaving, d=seen.drafts))
    print(_("会收进来：{n} 个数据包；县里已签收 {r} 个").format(n=seen.arriving, r=seen.receipted))
    return 0
