"""``fieldapp county`` does without a window what the screen does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import fieldapp.services.session
from fieldapp.cli import main
from fieldapp.services import sampling
from fieldapp.services.session import Laptop
from fieldapp.store.keys import KeyCost
from sync.project import UseMode
from tests.services.conftest import PASSPHRASE, VILLAGE

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``fieldapp county …`` as the county office of an empty county; exit code and what was printed."""
    folder = tmp_path / "laptop"
    made = Laptop(folder, key_cost=KeyCost(8, 1, 1))
    made.found(sampling._founding(datetime.now(UTC), [VILLAGE], PASSPHRASE, UseMode.WORK))
    monkeypatch.setattr(fieldapp.services.session, "Laptop", lambda where: Laptop(where, key_cost=KeyCost(8, 1, 1)))
    (tmp_path / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    signing = ["--account", "office01", "--passphrase-file", str(tmp_path / "passphrase")]

    def go(*words: str) -> tuple[int, str]:
        code = main(["--folder", str(folder), "county", *words, *signing])
        told = capsys.readouterr()
        return code, told.out + told.err

    return go


def given(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_a_county_is_opened_from_the_command_line(run: Run, tmp_path: Path) -> None:
    regions = given(tmp_path, "区划.csv", f"代码,名称,乡镇\n{VILLAGE},双河村,青石镇\n")
    assert run("import", "regions", regions) == (0, "新增 1　一样 0　有不同 0\n导入好了：写了 1 条\n")
    lines = given(tmp_path, "参数.csv", f"参数,值,年度,文号\n监测线,8300,{datetime.now(UTC).year},省 3 号\n")
    assert run("import", "parameters", lines)[0] == 0
    assert "monitor_line\t监测线（元/人·年）\t8300" in run("parameters")[1]
    heads = "户编码,村代码,片区,户主姓名,户类型,联系电话"
    register = given(tmp_path, "册.csv", f"{heads}\n{VILLAGE}0001,{VILLAGE},三组,周德顺,脱贫户,16900000001\n")
    code, told = run("import", "register", register, "--map", "片区=cov_group", "--dry-run")
    assert (code, "新增 1　一样 0" in told, "导入好了" in told) == (0, True, False)
    assert "新增 1 户 1 人" in run("import", "register", register, "--map", "片区=cov_group")[1]
    later = given(tmp_path, "后.csv", f"{heads}\n{VILLAGE}0001,{VILLAGE},三组,周德顺,脱贫户,16900000002\n")
    code, told = run("import", "register", later)
    assert "hh_phone\t联系电话\t没人改过\t1" in told
    assert "改了 0 户 0 处，1 处不一样的没有动" in told
    assert "改了 1 户 1 处" in run("import", "register", later, "--take", "hh_phone")[1]


def test_a_table_that_cannot_be_read_is_refused_with_one_sentence(run: Run, tmp_path: Path) -> None:
    code, told = run("import", "register", given(tmp_path, "册.xlsx", "<html><table/></html>"))
    assert (code, "网页格式" in told) == (1, True)
    code, told = run("import", "register", given(tmp_path, "册.csv", "户主姓名,户类型\n周德顺,脱贫户\n"))
    assert (code, "[整表不收]" in told) == (1, True)
    code, told = run("import", "register", str(tmp_path / "没有.csv"))
    assert (code, "打不开" in told) == (1, True)
    assert run("import", "register", "x.csv", "--map", "户号")[0] == 1


def test_a_sample_is_drawn_once_handed_out_and_rotated_from_the_command_line(run: Run, tmp_path: Path) -> None:
    run("import", "regions", given(tmp_path, "区划.csv", f"代码,名称,乡镇\n{VILLAGE},双河村,青石镇\n"))
    types = ("脱贫户", "脱贫户", "脱贫不稳定户", "一般农户")
    lines = [f"{VILLAGE}{n + 1:04d},{VILLAGE},周德顺,{types[n % 4]}" for n in range(32)]
    register = given(tmp_path, "册.csv", "户编码,村代码,户主姓名,户类型\n" + "\n".join(lines) + "\n")
    assert "新增 32 户" in run("import", "register", register)[1]
    draw = ("draw", "--name", "2027年样本", "--from", "2027", "--villages", "1", "--seed", "7")
    code, told = run(*draw, "--report", str(tmp_path / "report"))
    assert (code, "1 个村 9 户，种子 7" in told, "完全一致" in told) == (0, True, True)
    assert (tmp_path / "report" / "draw_report.pdf").read_bytes().startswith(b"%PDF")
    code, told = run("draw", "--name", "又一次", "--from", "2027", "--villages", "1")
    assert (code, "已经抽过样了" in told) == (1, True)
    assert "下发 9 户" in run("hand-out", "2027Q1")[1]
    assert "青石镇\t9\t0" in run("progress", "2027Q1")[1]
    assert "等批准" in run("rotate", "2029")[1]
    assert "已执行" in run("rotate", "2029", "--approve")[1]
    assert run("weights", "2027Q1", "--out", str(tmp_path / "weights"))[0] == 0
    assert len((tmp_path / "weights" / "weights_2027Q1.csv").read_text(encoding="utf-8-sig").splitlines()) == 10
