"""``fieldapp print``: household files as PDF, without a window."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _
from forms.errors import FieldAppError

if TYPE_CHECKING:
    from fieldapp.services.session import Session


class NoSuchHousehold(FieldAppError):
    """No household of this person's scope goes by that number or code."""

    zh = "本机没有这一户：“{code}”。核对户编码，或先交接一次再打印。"


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``print household|village|questionnaire|summary``."""
    parser = commands.add_parser(
        "print", help="打印一户一档（存成 PDF）/ household files as PDF", description="打印 / print"
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="household|village|questionnaire|summary")
    one = kinds.add_parser("household", help="一户 / one household")
    one.add_argument("code", help="16 位户编码或档案上的短码 / household number or short code")
    village = kinds.add_parser("village", help="一个村 / a village")
    village.add_argument("village", help="12 位村代码 / village code")
    village.add_argument(
        "--changed", action="store_true", help="只印上次打印后变了的 / only what changed since the last print"
    )
    paper = kinds.add_parser("questionnaire", help="问卷通读稿 / a questionnaire written out")
    paper.add_argument("form", help="问卷 / questionnaire")
    wave = kinds.add_parser("summary", help="一期的汇总表（.pdf 或 .csv，限县级）/ summary of a wave (county)")
    wave.add_argument("period", help="期：2026Q1 / period")
    for kind in (one, village, paper, wave):
        kind.add_argument("--out", type=Path, required=True, help="写到哪个文件 / target file")
        add_sign_in_options(kind)
    one.set_defaults(run=_household)
    paper.set_defaults(run=_questionnaire)
    wave.set_defaults(run=_summary)
    village.set_defaults(run=_village)


def _household(options: argparse.Namespace) -> int:
    from fieldapp.services.printing import household_file

    session = sign_in(options)
    printed = household_file(session, _find(session, options.code))
    _write(options.out, printed.pdf)
    print(_("{name}：{pages} 页").format(name=options.out.name, pages=printed.pages))
    return 0


def _questionnaire(options: argparse.Namespace) -> int:
    from fieldapp.services.printing import questionnaire

    printed = questionnaire(sign_in(options), options.form)
    _write(options.out, printed.pdf)
    print(_("{name}：{pages} 页").format(name=options.out.name, pages=printed.pages))
    return 0


def _summary(options: argparse.Namespace) -> int:
    from fieldapp.services.summaries import summary_pdf, write_summary

    session = sign_in(options)
    if options.out.suffix.lower() == ".csv":
        path = write_summary(session, options.period, options.out.parent)
        print(_("已写到 {path}").format(path=path))
        return 0
    printed = summary_pdf(session, options.period)
    _write(options.out, printed.pdf)
    print(_("{name}：{pages} 页").format(name=options.out.name, pages=printed.pages))
    return 0


def _village(options: argparse.Namespace) -> int:
    from fieldapp.services.printing import household_files, print_rows

    session = sign_in(options)
    rows = print_rows(session, village=options.village)
    chosen = [row.household for row in rows if row.selected or not options.changed]
    if not chosen:
        raise NoSuchHousehold("nothing to print", code=options.village)
    printed = household_files(session, chosen)
    _write(options.out, printed.pdf)
    print(
        _("{name}：{households} 户，{pages} 页").format(
            name=options.out.name, households=printed.households, pages=printed.pages
        )
    )
    return 0


def _find(session: Session, code: str) -> str:
    from fieldapp.printing.short_code import household_ending
    from fieldapp.services.printing import print_rows

    ending = code if code.isdigit() else household_ending(code)
    for row in print_rows(session):
        if row.hh_id == code or (len(ending) == 10 and row.hh_id.endswith(ending)):
            return row.household
    raise NoSuchHousehold("unknown household", code=code)


def _write(path: Path, pdf: bytes) -> None:
    from fieldapp.exporting.files import write_whole

    write_whole(path, lambda file: _put(file, pdf))


def _put(file: BinaryIO, pdf: bytes) -> None:
    file.write(pdf)
