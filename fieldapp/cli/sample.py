"""``fieldapp sample``: a plausible county without a real person in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from fieldapp.cli.signing_in import read_passphrase
from fieldapp.words import _


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds ``sample``."""
    parser = commands.add_parser(
        "sample",
        help="造一个练习用的县 / make a practice county",
        description="造一套像样的练习数据：区划代码 529900 未启用，证件号和电话都不属于任何人 / plausible data, no real person",
    )
    parser.add_argument("--households", type=int, default=20, help="户数 / households")
    parser.add_argument("--waves", type=int, default=2, help="往期问卷数 / earlier waves")
    parser.add_argument("--seed", type=int, default=1, help="同一个数造出同样的县 / seed")
    parser.add_argument(
        "--mode", choices=("WORK", "STAT"), default="WORK", help="用途：工作监测或统计调查 / use of the project"
    )
    parser.add_argument("--passphrase-file", type=Path, help="存口令的文件，“-”为标准输入 / file with the passphrase")
    parser.set_defaults(run=_sample)


def _sample(options: argparse.Namespace) -> int:
    from fieldapp.services.project import UseMode
    from fieldapp.services.sampling import sample_laptop

    report = sample_laptop(
        options.folder,
        households=options.households,
        waves=options.waves,
        seed=options.seed,
        passphrase=read_passphrase(options.passphrase_file),
        use_mode=UseMode(options.mode),
    )
    print(_("{households} 户 {members} 人，{interviews} 份往期问卷").format(**vars_of(report)))
    for account, name, role in report.accounts:
        print(f"{account}  {name}  {role}")
    return 0


def vars_of(report: object) -> dict[str, object]:
    """Fields of a slotted dataclass, for a sentence."""
    return {name: getattr(report, name) for name in getattr(report, "__slots__", ())}
