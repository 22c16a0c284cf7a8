"""Signing in from the command line: the passphrase is typed, or read from a file or standard input; never an argument."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from forms.errors import FieldAppError

if TYPE_CHECKING:
    from fieldapp.services.session import Session


class NobodyEnrolled(FieldAppError):
    """The folder holds no enrolled laptop."""

    zh = "这个文件夹里还没有登记过的资料库：{folder}。先用 fieldapp enrol 登记，或用 --folder 指对文件夹。"


class WhichAccount(FieldAppError):
    """Several people work on this laptop and none was named."""

    zh = "这台电脑有几个人用，请用 --account 指明：{accounts}。"


def add_sign_in_options(parser: argparse.ArgumentParser) -> None:
    """``--account`` and ``--passphrase-file``."""
    parser.add_argument("--account", help="账号（工号）；只有一人时可不写 / account")
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        help="存口令的文件，“-”为标准输入；不写就当面输入 / file with the passphrase, - for stdin",
    )


def sign_in(options: argparse.Namespace) -> Session:
    """Opens the store in ``--folder`` for the named person.

    Raises:
        NobodyEnrolled, WhichAccount, and what ``Laptop.unlock`` raises.
    """
    from fieldapp.services.session import Laptop

    laptop = Laptop(options.folder)
    people = laptop.people()
    if not people:
        raise NobodyEnrolled("no account", folder=options.folder)
    account = options.account
    if account is None:
        if len(people) > 1:
            raise WhichAccount("account wanted", accounts="、".join(person.account for person in people))
        account = people[0].account
    return laptop.unlock(account, read_passphrase(options.passphrase_file))


def read_passphrase(file: Path | None) -> str:
    """The passphrase from a file (without its line end), from standard input for ``-``, or typed."""
    if file is None:
        return getpass.getpass("口令 / passphrase: ")
    if str(file) == "-":
        return (sys.stdin.readline() if sys.stdin is not None else "").rstrip("\r\n")
    return file.read_text(encoding="utf-8").rstrip("\r\n")
