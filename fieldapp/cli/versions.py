"""``fieldapp versions``: versions of a questionnaire on this laptop, and carrying interviews from one into the next."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _
from forms.errors import FieldAppError

if TYPE_CHECKING:
    from fieldapp.services.form_versions import LeftLine
    from forms.questionnaires.versions import VersionMapping


class NotReadable(FieldAppError):
    """The mapping's file cannot be read."""

    zh = "对照文件“{name}”读不出来，资料没有动；请核对文件名。"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``versions list|trial|publish|migrate|undo|left``."""
    parser = commands.add_parser(
        "versions",
        help="问卷的版本和迁移 / versions of a questionnaire, carrying interviews over",
        description="先用 forms compare 拟对照，再试迁、看结果、批准 / compare, try, look, approve",
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="list|trial|publish|migrate|undo|left")

    def command(name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = kinds.add_parser(name, help=words)
        add_sign_in_options(made)
        made.set_defaults(run=run)
        return made

    command("list", _list, "本机有哪些版本 / versions here").add_argument("form", help="问卷 / questionnaire")
    command("trial", _trial, "试迁，不写任何东西 / try a mapping, write nothing").add_argument("mapping", type=Path)
    publish = command("publish", _publish, "批准并下发（限县级）/ approve and send (county)")
    publish.add_argument("mapping", type=Path)
    publish.add_argument("--seen", required=True, help="试迁时给的编号 / the number that the trial gave")
    command("migrate", _migrate, "把一份卷迁到新版 / carry one interview over").add_argument("interview")
    command("undo", _undo, "退回旧版 / back to the older version").add_argument("interview")
    command("left", _left, "新版没有地方放的答案 / answers without a place").add_argument("interview")


def _list(options: argparse.Namespace) -> int:
    from fieldapp.services.form_versions import versions

    for one in versions(sign_in(options), options.form):
        mark = _("（新卷用这版）") if one.newest else ""
        print(
            _("{version}  {hash}  {n} 份{mark}").format(
                version=one.version, hash=one.hash[:12], n=one.interviews, mark=mark
            )
        )
    return 0


def _read(path: Path) -> VersionMapping:
    from forms.questionnaires.versions import VersionMapping

    try:
        return VersionMapping.from_json(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise NotReadable("mapping", name=path.name) from error


def _trial(options: argparse.Namespace) -> int:
    from fieldapp.services.form_versions import trial

    tried = trial(sign_in(options), _read(options.mapping))
    _say_left(tried.left)
    print(tried.sentence)
    print(_("看过以上结果并同意，用这个编号批准：{digest}").format(digest=tried.digest))
    return 0


def _publish(options: argparse.Namespace) -> int:
    from fieldapp.services.form_versions import publish

    publish(sign_in(options), _read(options.mapping), options.seen)
    print(_("对照已批准，下次交接时下发。"))
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from fieldapp.services.form_versions import migrate

    print(migrate(sign_in(options), options.interview).sentence)
    return 0


def _undo(options: argparse.Namespace) -> int:
    from fieldapp.services.form_versions import undo

    print(undo(sign_in(options), options.interview).sentence)
    return 0


def _left(options: argparse.Namespace) -> int:
    from fieldapp.services.form_versions import unmapped

    found = unmapped(sign_in(options), options.interview)
    _say_left(found)
    print(_("{n} 格，都保留着；退回旧版时会回到原处。").format(n=len(found)))
    return 0


def _say_left(lines: tuple[LeftLine, ...]) -> None:
    for line in lines:
        print(
            f"{line.hh_id} {line.head_name} {line.period}  {line.number} {line.label}：{line.value_label}（{line.why}）"
        )
