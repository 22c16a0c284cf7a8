"""``fieldapp export``: answers as CSV or a workbook, with labels and a codebook."""

from __future__ import annotations

import argparse
from pathlib import Path

from fieldapp.cli.signing_in import add_sign_in_options, sign_in


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``export``."""
    parser = commands.add_parser(
        "export",
        help="导出数据（不加密）/ data as plain files",
        description="导出的文件没有加密，只给管数据的人，用完删掉 / exported files are not encrypted",
    )
    parser.add_argument("form", choices=("annual", "quarterly"), help="问卷 / questionnaire")
    parser.add_argument("period", help="期：2026 或 2026Q1 / period")
    parser.add_argument("--format", choices=("csv", "xlsx"), default="csv", help="格式 / format")
    parser.add_argument("--out", type=Path, required=True, help="写到哪个文件夹 / target folder")
    parser.add_argument(
        "--identities", action="store_true", help="带姓名、证件号（限县级）/ with identities (county only)"
    )
    add_sign_in_options(parser)
    parser.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    from fieldapp.services.exporting import export

    report = export(
        sign_in(options),
        options.out,
        form_id=options.form,
        period=options.period,
        file_format=options.format,
        identities=options.identities,
    )
    print(report.sentence)
    return 0
