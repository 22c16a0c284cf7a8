"""``fieldapp findings``: what the checks of this place find among the households and interviews it holds."""

from __future__ import annotations

import argparse
from typing import Any

from fieldapp.cli.signing_in import add_sign_in_options, sign_in
from fieldapp.words import _


def register(commands: Any) -> None:
    """Adds ``findings``."""
    findings = commands.add_parser(
        "findings", help="本机、乡镇、县级核查：几户、几期放在一起才看得出的问题 / checks over households and waves"
    )
    add_sign_in_options(findings)
    findings.add_argument(
        "--period", default="", help="期，如 2026Q3 或 2026；不写就是当期 / period, current if not given"
    )
    findings.set_defaults(run=_run_findings)


def _run_findings(options: argparse.Namespace) -> int:
    from fieldapp.services.checking import findings
    from forms.questionnaires.check_list import KINDS, LEVELS

    with sign_in(options) as session:
        found = findings(session, options.period)
    for one in found:
        print("\t".join((KINDS[one.kind], LEVELS[one.level], one.check_id, one.head_name, one.sentence)))
    hard = sum(one.kind == "hard" for one in found)
    print(_("共 {n} 处，错 {hard} 处，核 {soft} 处。").format(n=len(found), hard=hard, soft=len(found) - hard))
    return 0
