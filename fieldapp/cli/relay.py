"""``fieldapp relay serve|stick|push|show``: the township's laptop takes in for the county."""

from __future__ import annotations

import argparse
from pathlib import Path

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the commands."""
    relay = commands.add_parser(
        "relay",
        help="乡镇代收代转 / the township takes in for the county",
        description="乡镇代收代转：各台电脑的数据包先交到乡镇，再转到县里 / laptops hand over at the township, which carries on",
    )
    deeds = relay.add_subparsers(required=True, metavar="serve|stick|push|show")
    made = {}
    for name, run, words in (
        ("serve", _serve, "在办公室网络上代收，按 Ctrl+C 停 / take in over the office's network until Ctrl+C"),
        ("stick", _stick, "收 U 盘上的、把要转的装上去 / take in from a stick, put what goes on onto it"),
        ("push", _push, "把代收的送县里，带回答复 / carry custody to the county, fetch the answers"),
        ("show", _show, "各台电脑到哪一步了 / how far each laptop's work has come"),
    ):
        one = made[name] = deeds.add_parser(name, help=words, description=words)
        add_sign_in_options(one)
        one.set_defaults(run=run)
    made["serve"].add_argument("--host", default="0.0.0.0", help="监听地址 / address to listen on")
    made["serve"].add_argument("--port", type=int, default=8470, help="端口 / port")
    made["stick"].add_argument("--stick", type=Path, required=True, help="U 盘或文件夹 / the stick or folder")


def _serve(options: argparse.Namespace) -> int:
    import threading

    from fieldapp.services import relaying

    with relaying.serve(sign_in(options), options.host, options.port) as at_work:
        for address in at_work.addresses:
            print(_("正在代收，各台电脑上填：{address}").format(address=address.removeprefix("https://")), flush=True)
        stopped = threading.Event()
        try:
            while not stopped.wait(0.5):  # a wait without end cannot be interrupted on Windows
                pass
        except KeyboardInterrupt:
            print(_("停下了，已代收的都在。"))
    return 0


def _stick(options: argparse.Namespace) -> int:
    from fieldapp.services.relaying import meet_stick

    return _told(*meet_stick(sign_in(options), options.stick).sentences)


def _push(options: argparse.Namespace) -> int:
    from fieldapp.services.relaying import push

    done = push(sign_in(options))
    _told(*done.sentences)
    return 0 if done.ok else 1


def _show(options: argparse.Namespace) -> int:
    from fieldapp.services.relaying import laptops

    for line in laptops(sign_in(options)):
        state = _("县里已收") if line.ticks > 1 else _("在乡镇代收")
        print(f"{line.device}  {line.who}  {line.changes}  {line.at:%Y-%m-%d %H:%M}  {state}")
    return 0


def _told(*sentences: str) -> int:
    for sentence in sentences:
        print(sentence)
    return 0
