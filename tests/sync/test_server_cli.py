from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from sync.client.carrying import Porter
from sync.client.enrolment import enrol, make_laptop_keys
from sync.errors import ServerUnreachable
from sync.protocol import Have
from sync.scope import Role
from sync.server.cli import main
from sync.server.errors import DamagedServer, NoServerHere, WrongServerKey
from sync.server.maintenance import back_up, check, restore
from sync.server.running import DATABASE_NAME, RunningServer, make_server, open_server, read_key_file
from sync.server.settings import read_settings, write_settings
from sync.stick import Stick
from tests.sync.builders import COUNTY, VILLAGE
from tests.sync.county import FakeTime, Laptop
from tests.sync.memory_log import MemoryLog

KEY = bytes(range(32))
HOUSE = "aa" * 16


@pytest.fixture
def run():
    """Runs a command line; (exit code, what it said)."""

    def run(*arguments: str) -> tuple[int, str]:
        out = io.StringIO()
        code = main(list(arguments), out=out)
        return code, out.getvalue()

    return run


@pytest.fixture
def made(tmp_path, run):
    folder, key = tmp_path / "县 服务器", tmp_path / "保管" / "钥匙.txt"
    code, _ = run("init", str(folder), "--key-file", str(key), "--county", COUNTY, "--name", "样本县")
    assert code == 0
    return str(folder), str(key)


def test_an_administrator_can_do_the_whole_day_from_the_command_line(run, made, tmp_path):
    folder, key = made
    key_file = ("--key-file", key)
    assert (
        run("user", folder, *key_file, "add", "ce0001", "--name", "测试员", "--role", "ENUM", "--village", VILLAGE)[0]
        == 0
    )
    assert "调查员" not in run("user", folder, *key_file, "list")[1]
    code, said = run("enrol", folder, *key_file, "ce0001")
    assert code == 0
    assert re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
    villages = tmp_path / "村.csv"
    villages.write_text("code,name,township\n529921001001,样本村,样本镇\n", encoding="utf-8-sig")
    assert run("publish", folder, *key_file, "villages", str(villages)) == (0, "已下发 1 个村。\n")
    assert run("device", folder, *key_file, "list") == (0, "")
    assert run("quarantine", folder, *key_file, "list") == (0, "")
    assert run("verify", folder, *key_file)[0] == 0
    backup = tmp_path / "备份.db"
    assert run("backup", folder, *key_file, str(backup))[0] == 0
    assert run("restore", str(tmp_path / "新"), *key_file, str(backup), "--tls", folder + "/tls.pem")[0] == 0
    assert run("verify", str(tmp_path / "新"), *key_file)[0] == 0


def test_the_office_reads_out_a_code_to_a_laptop_and_orders_a_lost_one_to_wipe(run, made):
    folder, key = made
    with open_server(Path(folder), read_key_file(Path(key))) as service:
        service.enrolment.add_account("ce0001", "测试员", Role.ENUM, [VILLAGE])
        keys = make_laptop_keys()
        enrol(service, keys, service.enrolment.make_code("ce0001"))
    device = (folder, "--key-file", key)
    code, said = run("device", *device, "lease-code", keys.device[:8], "QQRR22")
    assert code == 0
    assert re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
    assert run("device", *device, "revoke", keys.device, "--wipe")[0] == 0
    assert run("device", *device, "list")[1].strip().endswith("wipe")
    assert run("device", *device, "lease-code", keys.device[:8], "QQRR22")[0] == 1, "a lost one is read nothing"


@pytest.mark.parametrize(
    "arguments",
    [
        ("enrol", "{folder}", "--key-file", "{key}", "nobody"),
        ("device", "{folder}", "--key-file", "{key}", "revoke", "nothing"),
        ("quarantine", "{folder}", "--key-file", "{key}", "admit", "zz", "--by", "x"),
        ("verify", "{folder}-not-there", "--key-file", "{key}"),
        ("verify", "{folder}", "--key-file", "{folder}/nothing"),
        ("publish", "{folder}", "--key-file", "{key}", "villages", "{folder}/nothing.csv"),
        ("init", "{folder}", "--key-file", "{key}", "--county", "1", "--name", "x"),
        ("init", "{folder}-2", "--key-file", "{folder}-2/key", "--county", "1", "--name", "x"),
    ],
)
def test_a_refusal_is_one_chinese_sentence_and_exit_code_1(run, made, arguments):
    folder, key = made
    code, said = run(*(argument.format(folder=folder, key=key) for argument in arguments))
    assert code == 1
    assert said.count("\n") == 1
    assert said.strip().endswith("。")
    assert "Traceback" not in said


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("user", "x", "add"), ("init", "x")])
def test_wrong_usage_is_exit_code_2(run, arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["init", "serve", "user", "enrol", "device", "quarantine", "publish", "backup", "restore", "verify"]
)
def test_every_command_explains_itself_in_two_languages(command, run, capsys):
    with pytest.raises(SystemExit) as caught:
        run(command, "--help")
    assert caught.value.code == 0
    assert re.search(r"[\u4e00-\u9fff]", capsys.readouterr().out)


def test_the_database_file_is_not_readable_without_its_key(made, tmp_path):
    assert made
    head = (tmp_path / "县 服务器" / DATABASE_NAME).read_bytes()[:16]
    assert head != b"SQLite format 3\x00"
    with pytest.raises(WrongServerKey), open_server(tmp_path / "县 服务器", bytes(32)):
        pass


def _laptop(server: RunningServer, account: str) -> Laptop:
    server.service.enrolment.add_account(account, "测试员", Role.ENUM, [VILLAGE])
    keys = make_laptop_keys()
    enrolled = enrol(server.service, keys, server.service.enrolment.make_code(account))
    log = MemoryLog(COUNTY, keys.device, keys.replica, keys.signing, account, enrolled.reply.device_certificate)
    return Laptop(account, enrolled, log, FakeTime())


def test_a_restored_server_gets_everything_back_from_the_laptops(tmp_path):
    folder = tmp_path / "s"
    make_server(folder, KEY, COUNTY, "样本县")
    with RunningServer(folder, KEY, tls=False) as server:
        li, wang = _laptop(server, "ce0001"), _laptop(server, "ce0002")
        li.put(HOUSE, "before", 1)
        li.sync(server.service)
        wang.sync(server.service)
        assert back_up(server.service, tmp_path / "backup.db", KEY) > 0
        assert li.sync(server.service).complete
        assert any(kept.durable for kept in li.log.kept.values() if kept.own)
        li.put(HOUSE, "after", 2)
        li.sync(server.service)
        wang.sync(server.service)
        old = wang.log.state(HOUSE)
    restored = tmp_path / "new"
    restore(tmp_path / "backup.db", restored, KEY, folder / "tls.pem")
    with RunningServer(restored, KEY, tls=False) as server:
        wang.put(HOUSE, "later", 3)
        report = wang.sync(server.service)  # Wang has Li's lost change and brings it, signed by Li's laptop
        assert report.new_epoch
        assert server.service.have(li.log.replica) == Have(2)
        li.sync(server.service)
        wang.sync(server.service)
        assert li.log.state(HOUSE).digest == wang.log.state(HOUSE).digest
        assert li.log.view(HOUSE).value("later") == 3
        assert old.included.keys() <= li.log.state(HOUSE).included.keys()
        check(server.service.database)


def test_a_damaged_backup_is_not_restored(tmp_path):
    make_server(tmp_path / "s", KEY, COUNTY, "样本县")
    with open_server(tmp_path / "s", KEY) as service:
        service.enrolment.add_account("ce0001", "测试员", Role.ENUM, [VILLAGE])
        back_up(service, tmp_path / "b.db", KEY)
    damaged = bytearray((tmp_path / "b.db").read_bytes())
    damaged[-2000] ^= 1
    (tmp_path / "b.db").write_bytes(damaged)
    with pytest.raises((DamagedServer, WrongServerKey)):
        restore(tmp_path / "b.db", tmp_path / "new", KEY)
    with pytest.raises(NoServerHere), open_server(tmp_path / "new", KEY):
        pass


def test_a_stopped_server_leaves_the_work_on_the_laptop(tmp_path):
    from sync.client.http_server import HttpServer

    make_server(tmp_path / "s", KEY, COUNTY, "样本县")
    with RunningServer(tmp_path / "s", KEY, tls=False) as server:
        li = _laptop(server, "ce0001")
        url = server.address.url
    li.put(HOUSE, "x", 1)
    with HttpServer(url, b"") as wire, pytest.raises(ServerUnreachable):
        li.sync(wire)
    with RunningServer(tmp_path / "s", KEY, tls=False) as server:
        assert li.sync(server.service).sent == 1


def test_a_survey_is_founded_with_its_marks_and_a_working_project_without(run, tmp_path):
    survey, key = str(tmp_path / "统计"), ("--key-file", str(tmp_path / "k1"))
    given = ("--table-no", "quarterly=滇贫监Q01表", "--issuing-office", "云岭县统计局")
    named = ("--county", COUNTY, "--name", "样本县")
    code, said = run("init", survey, *key, *named, "--mode", "STAT", *given)
    assert code == 0
    assert "统计调查（以后不能改）" in said
    code, said = run("project", survey, *key)
    assert (code, "滇贫监Q01表" in said, "还缺：批准或备案文号、有效期" in said) == (0, True, True)
    code, said = run("project", survey, *key, "--approval-no", "云统审〔2026〕3号", "--valid-until", "2027-12-31")
    assert (code, "四项齐全" in said) == (0, True)
    code, said = run("project", survey, *key, "--valid-until", "明年底")
    assert (code, said.count("\n")) == (1, 1)
    working = str(tmp_path / "工作")
    code, said = run("init", working, "--key-file", str(tmp_path / "k2"), *named, *given)
    assert (code, "工作监测" in said) == (1, True)
    assert not (tmp_path / "工作").exists()
    code, _ = run("init", working, "--key-file", str(tmp_path / "k2"), *named)
    assert code == 0
    assert run("project", working, "--key-file", str(tmp_path / "k2"), *given)[0] == 1


def test_a_password_in_the_database_s_address_does_not_stand_in_the_folder(tmp_path):
    key, url = bytes(32), "postgresql+psycopg://county:s3cret@db.example/county"
    write_settings(tmp_path, url, key)
    assert "s3cret" not in (tmp_path / "server.json").read_text(encoding="utf-8")
    assert read_settings(tmp_path, key) == url
    with pytest.raises(WrongServerKey):
        read_settings(tmp_path, b"\1" * 32)


@pytest.mark.parametrize("damaged", ["", "{}", "[]", '{"database": "", "sealed": "zz"}'])
def test_a_damaged_settings_file_is_no_server_and_no_crash(tmp_path, damaged):
    (tmp_path / "server.json").write_text(damaged, encoding="utf-8")
    with pytest.raises(NoServerHere):
        read_settings(tmp_path, bytes(32))


def test_a_stick_is_read_at_the_county_s_desk(run, made, tmp_path):
    folder, key_file = made
    with open_server(Path(folder), read_key_file(Path(key_file))) as service:
        service.enrolment.add_account("ce0001", "测试员", Role.ENUM, (VILLAGE,))
        keys = make_laptop_keys()
        enrolled = enrol(service, keys, service.enrolment.make_code("ce0001"))
        county_key, sealing = service.keys.verify_key, service.keys.sealing.public_key()
    log = MemoryLog(COUNTY, keys.device, keys.replica, keys.signing, "ce0001", enrolled.reply.device_certificate)
    laptop = Laptop("ce0001", enrolled, log, FakeTime())
    laptop.put(HOUSE, "a", 1)
    stick = Stick(tmp_path)
    porter = Porter(log, enrolled.device, keys.signing, keys.sealing, county_key, sealing, now_ms=laptop.now_ms)
    porter.carry_out(stick)
    code, said = run("stick", folder, str(tmp_path), "--key-file", key_file)
    assert code == 0
    assert "收下 1 条" in said
    for server_of_the_stick in porter.carried_in(stick):
        assert laptop.sync(server_of_the_stick).complete
    code, said = run("stick", folder, str(tmp_path), "--key-file", key_file)
    assert (code, "没有新的数据包" in said) == (0, True)


def test_a_new_version_says_which_questions_it_no_longer_has(run, made, tmp_path):
    folder, key = made
    form = tmp_path / "form.md"
    head = "| survey | | | |\n| | type | name | label |\n| | text | q_keep | 留着的 |\n"
    settings = "| settings | | |\n| | form_id | version |\n| | quarterly | {} |\n"
    form.write_text(head + "| | text | q_gone | 去掉的 |\n" + settings.format(1), encoding="utf-8")
    code, said = run("publish", folder, "--key-file", key, "form", str(form))
    assert (code, "与上一版相比" in said) == (0, False)
    form.write_text(head + settings.format(2), encoding="utf-8")
    code, said = run("publish", folder, "--key-file", key, "form", str(form))
    assert code == 0
    assert "新版没有：q_gone 去掉的。已填的答案都保留。" in said
    assert "新增 0 处，去掉 1 处" in said
