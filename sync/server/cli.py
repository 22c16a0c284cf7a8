"""``fieldapp-server``: the administrator's command line. Exit codes: 0 done, 1 refused with one sentence, 2 usage."""

from __future__ import annotations

import argparse
import csv
import getpass
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from forms.errors import FieldAppError
from sync.lease import GRANTED_DAYS
from sync.project import APPROVAL_NO, ISSUING_OFFICE, TABLE_NO, VALID_UNTIL, UseMode, read_day
from sync.scope import Role
from sync.server.errors import BadProjectFact, KeyMissing, NoSuchThing, NoTableNumbers
from sync.server.maintenance import back_up, check, restore
from sync.server.office import Office
from sync.server.running import (
    TLS_NAME,
    RunningServer,
    county_time_ms,
    make_key_file,
    make_server,
    open_server,
    read_key_file,
)
from sync.server.tls import fingerprint

if TYPE_CHECKING:
    from forms.engine import Form


class _Unreadable(FieldAppError):
    """An input file of the command line."""

    zh = "文件“{name}”读不出来，没有改动任何资料。请核对文件名和格式（UTF-8）。"


def main(arguments: Sequence[str] | None = None, *, out: TextIO | None = None) -> int:
    """Runs one command; the process's exit code."""
    say = _speaker(out)
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(asctime)s %(message)s")
    try:
        command: Callable[[argparse.Namespace, Callable[[str], None]], int] = options.command
        return command(options, say)
    except FieldAppError as error:
        logging.getLogger(__name__).info("%s: %s", type(error).__name__, error)
        say(error.sentence())
        return 1
    except OSError as error:
        say(f"读写文件时出错（{type(error).__name__}），资料没有动。请检查路径、权限和磁盘空间。")
        return 1


def _speaker(out: TextIO | None) -> Callable[[str], None]:
    """Prints whatever the console can show: a GBK console must not stop the program."""

    def say(line: str) -> None:
        stream = out or sys.stdout
        if stream is None:
            return
        encoding = getattr(stream, "encoding", None) or "utf-8"
        stream.write(line.encode(encoding, "replace").decode(encoding) + "\n")
        stream.flush()

    return say


def _key(options: argparse.Namespace) -> bytes:
    if options.key_file:
        return read_key_file(Path(options.key_file))
    typed = getpass.getpass("数据钥匙（64 位十六进制） / data key (64 hex digits): ").strip()
    try:
        key = bytes.fromhex(typed)
    except ValueError as error:
        raise KeyMissing("typed key is not hex") from error
    if len(key) != 32:
        raise KeyMissing("typed key of the wrong length")
    return key


# --- commands ---------------------------------------------------------------------------------------------------------


def _database(given: str) -> str:
    """The address; "-" is typed in, so that a password stands in no list of processes and no history."""
    if given != "-":
        return given
    return (getpass.getpass("PostgreSQL 地址 / URL: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()


def _init(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    folder, key_file = Path(options.folder), Path(options.key_file)
    if folder.resolve() in key_file.resolve().parents:
        raise KeyMissing("the key file must lie outside the data folder")
    mode, given = UseMode(options.mode), project_facts(options)
    if given and mode is not UseMode.STAT:
        raise NoTableNumbers("a working project")
    key = read_key_file(key_file) if key_file.exists() else make_key_file(key_file)
    hosts = tuple(options.host or ("127.0.0.1", "localhost"))
    make_server(folder, key, options.county, options.name, url=_database(options.database), hosts=hosts, use_mode=mode)
    if given:
        with open_server(folder, key) as service:
            Office(service, now_ms=county_time_ms).publish_project(given)
    say(f"县服务器已建好：{folder.name}，用途：{mode.zh}（以后不能改）。钥匙文件请另存两份，丢了钥匙数据就打不开了。")
    say(f"证书指纹 / certificate fingerprint: {fingerprint((folder / TLS_NAME).read_bytes())}")
    return 0


def project_facts(options: argparse.Namespace) -> dict[str, str]:
    """The marks given on the command line, by their names in the county feed. Raises BadProjectFact."""
    facts: dict[str, str] = {}
    for given in options.table_no or []:
        form, _, number = given.partition("=")
        if not form.strip() or not number.strip():
            raise BadProjectFact("table number", what=given)
        facts[TABLE_NO + form.strip()] = number.strip()
    if options.valid_until and read_day(options.valid_until) is None:
        raise BadProjectFact("day", what=options.valid_until)
    told = {ISSUING_OFFICE: options.issuing_office, APPROVAL_NO: options.approval_no, VALID_UNTIL: options.valid_until}
    return {**facts, **{name: value.strip() for name, value in told.items() if value}}


def _project(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    given = project_facts(options)
    with open_server(Path(options.folder), _key(options)) as service:
        office = Office(service, now_ms=county_time_ms)
        if given:
            office.publish_project(given)
        project = office.project()
    say(f"{project.county_name}（{project.county}）  用途：{project.use_mode.zh}")
    for form, number in project.table_numbers.items():
        say(f"表号 {form}：{number}")
    if project.is_stat:
        missing = project.missing()
        say(f"制定机关：{project.issuing_office}  文号：{project.approval_no}  有效期至：{project.valid_until or ''}")
        say(f"还缺：{'、'.join(missing)}，补齐之前不能印问卷和汇总表。" if missing else "四项齐全。")
    return 0


def _serve(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    key = _key(options)
    host = "127.0.0.1" if options.no_tls else options.host  # nothing unencrypted leaves this machine
    with RunningServer(Path(options.folder), key, host=host, port=options.port, tls=not options.no_tls) as server:
        say(f"正在服务 / serving: {server.address.url}")
        if server.address.fingerprint:
            say(f"证书指纹 / certificate fingerprint: {server.address.fingerprint}")
        try:
            stopped = threading.Event()
            while not stopped.wait(0.5):  # a wait without end cannot be interrupted on Windows
                pass
        except KeyboardInterrupt:
            say("已停下。")
    return 0


def _user(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    with open_server(Path(options.folder), _key(options)) as service:
        if options.action == "add":
            service.enrolment.add_account(options.account, options.name, Role(options.role), options.village or [])
            say(f"账号 {options.account} 已登记为{Role(options.role).zh}。")
        elif options.action == "close":
            service.enrolment.close_account(options.account)
            say(f"账号 {options.account} 已停用，之后送来的改动会进隔离区。")
        else:
            for one in service.enrolment.accounts():
                say(f"{one.account}\t{one.name}\t{one.role}\t{','.join(one.villages)}\t{one.status}")
    return 0


def _enrol(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    folder = Path(options.folder)
    with open_server(folder, _key(options)) as service:
        code = service.enrolment.make_code(options.account, options.days)
    say(f"登记码 / code: {code}（{options.days} 天内用一次）")
    say(f"证书指纹 / certificate fingerprint: {fingerprint((folder / TLS_NAME).read_bytes())}")
    return 0


def _device(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    with open_server(Path(options.folder), _key(options)) as service:
        if options.action == "revoke":
            service.enrolment.revoke_device(options.device, wipe=options.wipe)
            say("这台电脑已停用：不再给它数据，它送来的改动进隔离区，由人逐条认领。")
            if options.wipe:
                say("它下次联系县里时，先把没送的都送来，再清除本机的资料和钥匙。")
        elif options.action == "lease-code":
            code = service.enrolment.lease_code(options.device, options.letters)
            say(f"念给对方 / read out: {code}（这台电脑可再看 {GRANTED_DAYS} 天）")
        else:
            for one in service.enrolment.devices():
                say(f"{one.device}\t{one.name}\t{one.holder}\t{one.role}\t{one.status}")
    return 0


def _quarantine(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    with open_server(Path(options.folder), _key(options)) as service:
        if options.action == "admit":
            try:
                change_id = bytes.fromhex(options.change)
            except ValueError as error:
                raise NoSuchThing("not an id", what=options.change) from error
            if not service.admit(change_id, options.by):
                raise NoSuchThing("change", what=options.change)
            say("已认领这条变更。")
        else:
            for change_id, device, actor, kind, reason in service.waiting():
                say(f"{change_id.hex()}\t{device}\t{actor}\t{kind}\t{reason}")
    return 0


def _publish(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    with open_server(Path(options.folder), _key(options)) as service:
        office = Office(service, now_ms=county_time_ms)
        if options.what == "form":
            _publish_form(office, options, say)
        elif options.what == "villages":
            rows = _rows(Path(options.file), ("code", "name", "township"))
            for code, name, township in rows:
                office.publish_village(code, name, township)
            say(f"已下发 {len(rows)} 个村。")
        else:
            rows = _rows(Path(options.file), ("name", "value", "from_on"))
            for name, value, from_on in rows:
                office.publish_parameter(name, value, from_on)
            say(f"已下发 {len(rows)} 个参数。")
    return 0


def _publish_form(office: Office, options: argparse.Namespace, say: Callable[[str], None]) -> None:
    from forms.engine import load_form  # pyxform takes a while to import: only where it is wanted

    form = load_form(Path(options.file))
    resources = {}
    for name in options.resource or []:
        try:
            resources[Path(name).name] = Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise _Unreadable("resource", name=Path(name).name) from error
    before = office.published_form(form.form_id)
    office.publish_form(form.form_id, form.xml, resources)
    say(f"问卷 {form.form_id}（{form.title}）已下发。")
    if before and before != form.xml:
        _tell_differences(load_form(before), form, say)


def _tell_differences(before: Form, now: Form, say: Callable[[str], None]) -> None:
    """What a newly published version changes; above all which questions it no longer has."""
    from forms.questionnaires.versions import compare

    found = compare(before, now)
    for one in found:
        if (one.kind, one.what) == ("removed", "question"):
            say(f"新版没有：{one.name} {one.before}。已填的答案都保留。")
    kinds = {kind: sum(one.kind == kind for one in found) for kind in ("added", "removed", "moved", "changed")}
    say(
        f"与上一版相比：新增 {kinds['added']} 处，去掉 {kinds['removed']} 处，挪动 {kinds['moved']} 处，"
        f"改动 {kinds['changed']} 处。已开始的卷照旧版填完；要迁到新版，先用 fieldapp forms compare 拟对照。"
    )


def _rows(path: Path, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [tuple((row[column] or "").strip() for column in columns) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise _Unreadable("csv", name=path.name) from error


def _stick(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    from sync.server.carrying import take_stick
    from sync.stick import Stick

    with open_server(Path(options.folder), _key(options)) as service:
        taken = take_stick(service, Stick(Path(options.stick)), now_ms=county_time_ms)
    for one in taken:
        if one.refused:
            say(f"{one.name[:8]}\t{one.refused}")
        else:
            whole = "" if one.complete else "；数据包不完整，完整的部分已收，请那台电脑再装一次"
            say(
                f"{one.name[:8]}\t{one.sender}\t收下 {one.admitted} 条，待人看 {one.waiting} 条，回 {one.answered} 条{whole}"
            )
    say(f"看过 {len(taken)} 个数据包。U 盘可以拔了。" if taken else "U 盘上没有新的数据包。")
    return 1 if any(one.refused or not one.complete for one in taken) else 0


def _backup(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    key = _key(options)
    with open_server(Path(options.folder), key) as service:
        count = back_up(service, Path(options.file), key)
    say(f"备份已写好并核对过：{count} 条变更。请把它放到另一块盘上。")
    return 0


def _restore(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    tls = Path(options.tls) if options.tls else None
    checked = restore(Path(options.file), Path(options.folder), _key(options), tls)
    say(f"已恢复：{checked.changes} 条变更。各电脑下次联系时会把之后的改动补送上来。")
    if not (Path(options.folder) / TLS_NAME).exists():
        say("没有找到 tls.pem：请把原服务器的 tls.pem 放进文件夹再开服务。")
    return 0


def _verify(options: argparse.Namespace, say: Callable[[str], None]) -> int:
    with open_server(Path(options.folder), _key(options)) as service:
        checked = check(service.database)
    say(f"全部核对无误：{checked.changes} 条变更，{checked.roots} 个对象，{checked.feeds} 个序列。")
    return 0


# --- usage ------------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fieldapp-server", description="县服务器：登记、下发、收取、备份。/ The county server."
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="多写日志 / more log lines")
    commands = parser.add_subparsers(required=True, metavar="命令/command")

    def command(name: str, run: Callable[..., int], help_text: str, *, key: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_text, description=help_text)
        made.set_defaults(command=run)
        made.add_argument("folder", help="服务器文件夹 / the server's folder")
        if key:
            made.add_argument(
                "--key-file", help="钥匙文件，放在数据文件夹之外；不给就现场输入 / key file, else it is asked for"
            )
        return made

    init = command("init", _init, "新建县服务器 / make a new county server", key=False)
    init.add_argument("--key-file", required=True, help="钥匙文件，没有就新建 / key file, made if missing")
    init.add_argument("--county", required=True, help="县区划代码 / area code of the county")
    init.add_argument("--name", required=True, help="县名 / its name")
    init.add_argument(
        "--database",
        default="",
        help="PostgreSQL 地址，“-”为当场输入；不给就用加密文件 / URL, “-” asks for it, else an encrypted file",
    )
    init.add_argument(
        "--mode",
        choices=[str(mode) for mode in UseMode],
        default=str(UseMode.WORK),
        help="用途：WORK 工作监测，STAT 统计调查；建好后不能改 / use of the project, fixed for good",
    )
    _add_project_options(init)
    init.add_argument("--host", action="append", help="服务器的地址，可多次 / names it is reached by")

    project = command(
        "project", _project, "项目用途；统计调查的表号、机关、文号、有效期 / use and marks of the project"
    )
    _add_project_options(project)

    serve = command("serve", _serve, "开服务 / serve")
    serve.add_argument("--host", default="0.0.0.0", help="监听地址 / address to listen on")
    serve.add_argument("--port", type=int, default=8443, help="端口 / port")
    serve.add_argument("--no-tls", action="store_true", help="不加密，只在本机试用 / plain http, this machine only")

    user = command("user", _user, "账号 / accounts")
    user_actions = user.add_subparsers(dest="action", required=True, metavar="add|close|list")
    add = user_actions.add_parser("add", help="登记或改权限 / add or change")
    add.add_argument("account", help="账号 / account")
    add.add_argument("--name", required=True, help="姓名 / name")
    add.add_argument("--role", required=True, choices=[str(role) for role in Role], help="岗位 / post")
    add.add_argument("--village", action="append", help="村代码，可多次 / village code, repeatable")
    user_actions.add_parser("close", help="停用 / close").add_argument("account")
    user_actions.add_parser("list", help="列出 / list")

    enrol = command("enrol", _enrol, "发一次性登记码 / a one-time code for a laptop")
    enrol.add_argument("account", help="这台电脑给谁用 / whose laptop")
    enrol.add_argument("--days", type=int, default=14, help="有效天数 / valid for days")

    device = command("device", _device, "电脑 / laptops")
    device_actions = device.add_subparsers(dest="action", required=True, metavar="revoke|lease-code|list")
    revoke = device_actions.add_parser("revoke", help="停用（丢失）/ revoke a lost one")
    revoke.add_argument("device")
    revoke.add_argument(
        "--wipe", action="store_true", help="它先把没送的送来，再清除本机资料和钥匙 / push first, then wipe"
    )
    lease = device_actions.add_parser(
        "lease-code", help="给太久没联系的电脑念一个码 / a code to read out to a laptop without contact"
    )
    lease.add_argument("device", help="电脑编号，开头几位也行 / id, or its beginning")
    lease.add_argument("letters", help="它屏幕上的六个字母 / the six letters on its screen")
    device_actions.add_parser("list", help="列出 / list")

    quarantine = command("quarantine", _quarantine, "隔离区 / waiting changes")
    waiting = quarantine.add_subparsers(dest="action", required=True, metavar="list|admit")
    waiting.add_parser("list", help="列出 / list")
    admit = waiting.add_parser("admit", help="认领一条 / admit one")
    admit.add_argument("change")
    admit.add_argument("--by", required=True, help="谁决定的 / who decides")

    publish = command("publish", _publish, "下发 / publish")
    what = publish.add_subparsers(dest="what", required=True, metavar="form|villages|parameters")
    form = what.add_parser("form", help="问卷（XForm 或 XLSForm）/ a questionnaire")
    form.add_argument("file")
    form.add_argument("--resource", action="append", help="附带的 CSV，可多次 / CSV files of the form")
    what.add_parser("villages", help="村表 CSV：code,name,township").add_argument("file")
    what.add_parser("parameters", help="参数 CSV：name,value,from_on").add_argument("file")

    stick = command(
        "stick", _stick, "收 U 盘上的数据包，把答复和回执写回去 / take in a stick, put answers and receipts on it"
    )
    stick.add_argument("stick", help="U 盘或文件夹 / the stick or folder")

    backup = command("backup", _backup, "备份 / back up")
    backup.add_argument("file", help="新文件 / a new file")
    back = command("restore", _restore, "从备份恢复到新文件夹 / restore into a new folder")
    back.add_argument("file", help="备份文件 / the backup")
    back.add_argument("--tls", help="原服务器的 tls.pem / the old server's tls.pem")
    command("verify", _verify, "核对全部数据 / check everything")
    return parser


def _add_project_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--table-no", action="append", help="表号，如 quarterly=XX101 表，可多次（限统计调查）/ table number of a form"
    )
    parser.add_argument("--issuing-office", default="", help="制定机关 / issuing office")
    parser.add_argument("--approval-no", default="", help="批准或备案文号 / number of approval or filing")
    parser.add_argument("--valid-until", default="", help="有效期至，2027-12-31 / valid until")


if __name__ == "__main__":
    sys.exit(main())
