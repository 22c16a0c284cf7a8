"""``fieldapp demo``: a county server on loopback, a sample village, a laptop; with ``--headless`` a whole day played by itself."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``demo``."""
    parser = commands.add_parser(
        "demo",
        help="看它做事：县服务器、练习村、一台笔记本 / county server, sample village, a laptop",
        description="在本机起一个县服务器和一个练习村，打开窗口；数据都在临时文件夹里，关窗即删 / everything in a temporary folder",
    )
    parser.add_argument(
        "--headless", action="store_true", help="不要屏幕，自己把一天做完 / plays a whole day by itself"
    )
    parser.add_argument("--out", type=Path, help="PDF、截图、导出写到哪里 / where PDF, screenshots and export go")
    parser.add_argument("--households", type=int, default=12, help="练习村的户数 / households of the sample village")
    parser.add_argument("--keep", type=Path, help="资料放在这个文件夹里，做完不删 / keep all data in this folder")
    parser.set_defaults(run=_demo)


def _demo(options: argparse.Namespace) -> int:
    play: Callable[[Path, Path | None, int], int]
    if options.headless:
        from fieldapp.demo.day import play_a_day

        play = play_a_day
    else:
        from fieldapp.demo.window import open_demo_window

        play = open_demo_window
    if options.keep is not None:
        return play(options.keep, options.out, options.households)
    with tempfile.TemporaryDirectory(prefix="fieldapp-demo-", ignore_cleanup_errors=True) as folder:
        return play(Path(folder), options.out, options.households)
