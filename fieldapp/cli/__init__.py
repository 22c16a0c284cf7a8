"""The command line: everything a screen does, without a window.

One module per noun, each with ``register(subparsers)``; what a command needs is imported when it runs, so that ``fieldapp forms``
works without PySide6, SQLCipher or reportlab and ``--help`` answers at once.

Exit codes: 0 done, 1 refused with one sentence, 2 the command was not understood. A person never sees a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fieldapp.cli import (
    bundle,
    checking,
    county,
    demo,
    export,
    forms,
    laptop,
    living,
    paper,
    relay,
    sample,
    versions,
    visits,
    waiting,
)
from fieldapp.incidents import note_incident
from forms.errors import FieldAppError


def default_folder() -> Path:
    """Where this person's store lies unless ``--folder`` says otherwise."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "fieldapp"


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fieldapp",
        description="入户监测：离线问卷、审核、交接、一户一档 / Household monitoring: offline interviews, review, sync, household files",
        epilog="不带命令就打开窗口 / Without a command the window opens. 退出码 exit codes: 0 好了 ok, 1 没做成 refused, 2 用法不对 usage",
    )
    parser.add_argument("--folder", type=Path, default=default_folder(), help="资料所在的文件夹 / folder of the store")
    parser.add_argument(
        "--language", choices=("zh", "en"), default="zh", help="文字用中文或英文 / language of messages"
    )
    commands = parser.add_subparsers(dest="command", metavar="命令 COMMAND")
    for module in (
        forms,
        laptop,
        checking,
        bundle,
        relay,
        waiting,
        paper,
        export,
        versions,
        county,
        living,
        visits,
        sample,
        demo,
    ):
        module.register(commands)
    return parser


def _speak_any_script() -> None:
    """A terminal in GBK or C must not stop a command: what it cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def tell(sentence: str) -> None:
    """One sentence to the person, where there is somewhere to say it (a windowed program has no stderr)."""
    if sys.stderr is not None:
        print(sentence, file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    _speak_any_script()
    try:
        options = _make_parser().parse_args(argv)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 2
    from fieldapp.words import _, sentence_of, set_language

    set_language(options.language)
    try:
        if options.command is None:
            return laptop.open_window(options)
        code: int = options.run(options)
        return code
    except FieldAppError as error:
        tell(sentence_of(error))
        return 1
    except KeyboardInterrupt:
        tell(_("停下了，已存的资料都在。"))
        return 1
    except BrokenPipeError:
        return 1
    except Exception as error:
        code_word = note_incident(error, options.folder)
        tell(_("出了没有料到的问题，已存的资料没有动。把编号告诉县里：{code}").format(code=code_word))
        return 1
