"""``fieldapp forms read|compare`` and ``fieldapp versions``, ``print questionnaire|summary`` as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from fieldapp.cli import main
from fieldapp.services.sampling import Laptop
from sync.scope import Role
from tests.services.conftest import CHEAP, FORM, PASSPHRASE, County


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "小卷.md"
    path.write_text(FORM, encoding="utf-8")
    return path


def test_a_questionnaire_is_read_on_the_console_and_on_paper(form: Path, tmp_path: Path, capsys) -> None:
    assert main(["forms", "read", str(form)]) == 0
    assert "取值：本题 在 0 到 92 之间" in capsys.readouterr().out
    assert main(["forms", "read", str(form), "--out", str(tmp_path / "q.pdf")]) == 0
    words = "".join(page.extract_text() for page in PdfReader(tmp_path / "q.pdf").pages)
    assert "出现：q_days 大于 9" in words
    assert "没有连着任何项目" in words
    assert "表号" not in words


def test_versions_are_compared_and_a_mapping_proposed(form: Path, tmp_path: Path, capsys) -> None:
    newer = tmp_path / "新.md"
    newer.write_text("\n".join(line for line in FORM.splitlines() if "q_cloth" not in line), encoding="utf-8")
    mapping = tmp_path / "对照.json"
    assert main(["forms", "compare", str(form), str(newer), "--mapping", str(mapping)]) == 0
    assert "去掉 题 q_cloth：衣被" in capsys.readouterr().out
    assert '"qa/q_cloth": ""' in mapping.read_text(encoding="utf-8")


def test_a_folder_that_takes_no_file_is_one_sentence(form: Path, tmp_path: Path, capsys) -> None:
    assert main(["forms", "read", str(form), "--out", str(tmp_path / "no" / "q.md")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_papers_and_versions_of_a_laptop_by_command(county: County, tmp_path: Path, capsys) -> None:
    county.laptop("office", "县办公室", Role.CADM)
    county.exchange(county.sessions[0])
    folder = str(county.sessions[0].laptop.folder)
    county.sessions.pop().lock()
    word = tmp_path / "word.txt"
    word.write_text(PASSPHRASE, encoding="utf-8")
    signing = ("--passphrase-file", str(word))
    assert Laptop(Path(folder), key_cost=CHEAP).enrolled
    assert main(["--folder", folder, "versions", "list", "quarterly", *signing]) == 0
    assert "（新卷用这版）" in capsys.readouterr().out
    for arguments in (("questionnaire", "quarterly"), ("summary", "2026Q3")):
        out = tmp_path / f"{arguments[0]}.pdf"
        assert main(["--folder", folder, "print", *arguments, "--out", str(out), *signing]) == 0
        assert out.read_bytes().startswith(b"%PDF")
    bad = tmp_path / "对照.json"
    bad.write_text("{}", encoding="utf-8")
    assert main(["--folder", folder, "versions", "trial", str(bad), *signing]) == 1
    assert "不是版本对照" in capsys.readouterr().err
