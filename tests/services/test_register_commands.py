"""``fieldapp register``: what the screen does, without a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fieldapp.cli import main
from fieldapp.services.assigning import NewAssignment, assign
from tests.services.living_county import PEOPLE, VILLAGE, LivingCounty

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = LivingCounty(tmp_path_factory.mktemp("commands") / "store")
    home = [place.household([(place_uid, *rest) for place_uid, *rest in PEOPLE]) for _ in range(2)][-1]
    assign(place.office, [NewAssignment(home, "quarterly", "2026Q3", "enum01")])
    place.office.lock()
    return place.office.laptop.folder


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    secret = folder.parent / "secret"
    secret.write_text("xiong huai da zhi\n", encoding="utf-8")

    def command(deed: str, *given: str, account: str = "tsup01") -> tuple[int, str, str]:
        signed = ["--account", account, "--passphrase-file", str(secret)]
        code = main(["--folder", str(folder), "register", deed, *given, *signed])
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_a_year_of_a_household_is_registered_by_commands(run: Run) -> None:
    born = ("--name", "李小宝", "--sex", "1", "--birth", "2026-08-03", "--relation", "41")
    code, out, _ = run("join", "0001", "--how", "01", *born)
    assert (code, "06  李小宝  孙子  在家  2026-08" in out) == (0, True)
    relations = [f"--relation={one}" for one in ("03=20", "04=38", "05=42", "06=41")]
    code, out, _ = run("leave", "0001", "--no", "01", "--why", "11", "--on", "2026-09", "--head", "02", *relations)
    assert (code, out.splitlines()[0].split()[1]) == (0, "田秀英")
    young = ["--go", "03", "--go", "04", "--go", "05", "--go", "06", "--head", "03"]
    code, out, _ = run(
        "split", "0001", *young, "--relation", "04=10", "--relation", "05=30", "--relation", "06=20", "--on", "2026-10"
    )
    assert code == 0
    assert "0003  李建国" in out
    code, out, _ = run("over", "0003", "0002", "--no", "03", "--how", "04", "--to-relation", "42", "--on", "2026-10")
    assert code == 0
    code, out, _ = run("show", "0001", "--history")
    assert "李小宝：出生（2026-08-03）" in out
    # Both households began with people of the same names and birth dates.
    assert run("problems")[1] == "李小花登记了 2 次，可能是同一人\n"


def test_a_refusal_is_one_sentence_and_exit_code_one(run: Run) -> None:
    code, out, err = run("leave", "0002", "--no", "01", "--why", "11", "--on", "2026-09")
    assert (code, out) == (1, "")
    assert "没有户主" in err
    assert run("show", "0777")[0] == 1
    assert run("leave", "0002", "--no", "77", "--why", "11", "--on", "2026-09")[0] == 1
    assert run("move", "0002", "--place", "广东", "--on", "2026-09", account="vsec01")[0] == 1


def test_ended_households_are_marked_in_the_list_and_their_tasks_settled_by_commands(run: Run) -> None:
    number = f"{VILLAGE}0002"
    assert run("move", number, "--place", "广东", "--on", "2026-09")[0] == 0
    code, out, _ = run("list", number, "--ended", "only")
    assert (code, out.split("\t")[-1]) == (0, "已迁出本县\n")
    assert run("list", number, "--ended", "none")[1] == ""
    assert "访到了就交卷" in run("tasks")[1]
    assert run("close", number, "--outcome", "420", "--note", "不")[0] == 1
    assert run("close", number, "--outcome", "420", "--note", "村委出具证明")[0] == 0
    assert (run("tasks")[1], run("list", number)[1].split("\t")[3]) == ("", "办结：整户迁出本县")
    assert run("reopen", number)[0] == 0
    assert number in run("tasks")[1]
