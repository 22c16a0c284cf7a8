"""Tables as counties really send them: each trouble is one sentence with its place and what to do, and the rest is read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest

from fieldapp.services import table_files
from fieldapp.services.opening_county import RegisterPlan, apply_register, plan_register
from fieldapp.services.opening_lists import PARAMETERS, plan_list
from fieldapp.services.session import Session
from fieldapp.services.table_files import TableRefused, open_tables
from forms.monitoring import opening
from forms.monitoring.opening import Level
from sync.scope import Role
from tests.services.conftest import VILLAGE, County
from tests.services.test_opening_county import CODE, HEAD, HOUSEHOLDS, SON, TIAN, ZHOU, idno, table

OTHER = VILLAGE + "0002"
SECOND = [OTHER, VILLAGE, "三组", "田定国", SON, "16900000011", "脱贫户"]


@pytest.fixture(scope="module")
def office(found_county: Callable[[Path], County], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    county = found_county(tmp_path_factory.mktemp("county"))
    session = county.laptop("office01", "周明", Role.CADM)
    county.exchange(session)
    yield session
    session.lock()


def plan_of(office: Session, folder: Path, rows: Sequence[Sequence[object]]) -> RegisterPlan:
    return plan_register(office, [table(folder, 户=rows)])


def told(plan: RegisterPlan, kind: str) -> list[tuple[int, str]]:
    """Rows and sentences of the problems of a kind."""
    return [(one.row, one.zh) for one in plan.problems.found if one.kind == kind]


def csv_of(folder: Path, encoding: str, *lines: Sequence[str], mark: bytes = b"") -> Path:
    path = folder / "册.csv"
    path.write_bytes(mark + "\r\n".join(",".join(line) for line in lines).encode(encoding))
    return path


def test_a_village_merged_over_its_households_is_the_village_of_each(office: Session, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["云岭县名册"])
    sheet.append(["所在村", "村民小组", "户主", None, "户类型"])
    sheet.append([None, None, "姓名", "身份证号", None])
    sheet.append(["双河村", "三组", "周德顺", ZHOU, "脱贫户"])
    sheet.append([None, None, "田秀英", TIAN, "脱贫户"])
    sheet.append([None, None, "田定国", SON, "一般农户"])
    for merged in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3", "A4:A6", "B4:B5"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "册.xlsx")
    plan = plan_register(office, [tmp_path / "册.xlsx"])
    assert [(one.village, one.values.get("cov_group"), one.values["hh_head_name"]) for one in plan.new] == [
        (VILLAGE, "三组", "周德顺"),
        (VILLAGE, "三组", "田秀英"),
        (VILLAGE, None, "田定国"),
    ]
    assert told(plan, "no_group") == [(6, "没有村民小组")]


@pytest.mark.parametrize(("encoding", "mark"), [("gb18030", b""), ("gb18030", b"\xef\xbb\xbf"), ("utf-8-sig", b"")])
def test_a_csv_is_read_whatever_mark_its_program_put_before_it(
    office: Session, tmp_path: Path, encoding: str, mark: bytes
) -> None:
    line = [f'"=""{CODE}"""', VILLAGE, "三组", "周德顺", f"\t{ZHOU}", "16900000001", "脱贫户"]
    plan = plan_register(office, [csv_of(tmp_path, encoding, HOUSEHOLDS, line, mark=mark)])
    assert [(one.hh_id, one.head_idno, one.values["hh_head_name"]) for one in plan.new] == [(CODE, ZHOU, "周德顺")]


def test_an_identity_number_kept_as_a_number_is_named_and_not_rounded(office: Session, tmp_path: Path) -> None:
    broken = [CODE, VILLAGE, "三组", "周德顺", float(ZHOU[:17] + "0"), "16900000001", "脱贫户"]
    zeros = [OTHER, VILLAGE, "三组", "田定国", SON[:15] + "000", "16900000011", "脱贫户"]
    plan = plan_of(office, tmp_path, [HOUSEHOLDS, broken, zeros])
    assert [one.head_idno for one in plan.new] == ["", ""]
    assert told(plan, "destroyed") == [(2, "户主证件号码被 Excel 变成了数字（像 1.2E+17），后几位已经丢了，不能用")]
    tail = (SON[:15] + "000")[-4:]
    assert told(plan, "idno") == [(3, f"证件号码（尾号 {tail}）后三位是 000，多半被 Excel 抹掉了")]
    assert all(ZHOU[6:14] not in one.zh for one in plan.problems.found)


def test_stretched_names_full_width_digits_and_stray_blanks_change_nothing(office: Session, tmp_path: Path) -> None:
    wide = ZHOU.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    plan = plan_of(
        office, tmp_path, [HOUSEHOLDS, [f" {CODE} ", VILLAGE, "三组　", "周　顺", wide, "1690000 0001", " 脱贫户"]]
    )
    (entry,) = plan.new
    assert (entry.hh_id, entry.head_idno) == (CODE, ZHOU)
    assert entry.values["hh_head_name"] == "周顺"
    assert (entry.values["hh_phone"], entry.values["hh_type_now"]) == ("16900000001", "1")
    assert plan.problems.found == []


def test_days_of_birth_are_read_as_people_write_them_and_a_month_makes_up_no_day(
    office: Session, tmp_path: Path
) -> None:
    heads = ["户编码", "村代码", "姓名", "与户主关系", "出生年月"]
    days = [
        "1963-1-5",
        "1963/01/05",
        "1963.1.5",
        "19630105",
        "1963年1月5日",
        "一九六三年一月五日",
        23016,
        "1963.01",
        "昨天",
    ]
    lines = [
        [CODE, VILLAGE, f"人{chr(0x4E00 + n)}", "户主" if not n else "其他亲属", day] for n, day in enumerate(days)
    ]
    plan = plan_of(office, tmp_path, [heads, *lines])
    (entry,) = plan.new
    assert [one.get("mem_birth", "") for one in entry.members] == ["1963-01-05"] * 7 + ["", ""]
    assert told(plan, "value")[-1] == (10, "出生日期“昨天”认不出来")


def test_a_hidden_sheet_is_not_read_and_that_is_said(office: Session, tmp_path: Path) -> None:
    path = table(tmp_path, 户=[HOUSEHOLDS, HEAD], 去年=[HOUSEHOLDS, SECOND])
    book = openpyxl.load_workbook(path)
    book["去年"].sheet_state = "hidden"
    book.save(path)
    plan = plan_register(office, [path])
    assert [one.hh_id for one in plan.new] == [CODE]
    assert told(plan, "hidden_sheet") == [(0, "这张表在 Excel 里是隐藏的，没有读")]


def test_three_bad_lines_are_not_lost_among_thousands_that_only_lack_a_group(
    office: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST_OF_A_KIND", 20)
    good = [[f"{VILLAGE}{n:04d}", VILLAGE, "", f"户主{n}", "", "", "脱贫户"] for n in range(1, 200)]
    bad = [["", VILLAGE, "", "无号", "", "", "脱贫户"], ["X1", "520121101200", "", "外县", "", "", "脱贫户"]]
    plan = plan_of(office, tmp_path, [HOUSEHOLDS, *good, *bad])
    assert (len(plan.new), plan.refused) == (199, 2)
    assert [(one.level, one.row) for one in plan.problems.worst_first()[:2]] == [(Level.ROW, 201), (Level.ROW, 202)]
    assert plan.problems.counts[Level.WARN, "no_group"] == 200
    assert len(told(plan, "no_group")) == 20


def test_a_column_that_is_missing_is_said_once(office: Session, tmp_path: Path) -> None:
    heads = ["户编码", "村代码", "户主姓名"]
    plan = plan_of(office, tmp_path, [heads, [CODE, VILLAGE, "周德顺"], [OTHER, VILLAGE, "田定国"]])
    assert told(plan, "no_group") == [(2, "表里没有村民小组这一列")]
    assert told(plan, "no_type") == [(2, "表里没有户类型这一列")]


def test_a_household_in_two_files_is_one_household_and_what_they_say_differently_is_named(
    office: Session, tmp_path: Path
) -> None:
    first = table(tmp_path, "一.xlsx", 户=[HOUSEHOLDS, HEAD])
    second = table(tmp_path, "二.xlsx", 户=[HOUSEHOLDS, [*HEAD[:5], "16900000099", "脱贫户"]])
    plan = plan_register(office, [first, second])
    assert [one.values["hh_phone"] for one in plan.new] == ["16900000001"]
    assert told(plan, "said_twice") == [(2, "联系电话和 一.xlsx·户 第 2 行这户的不一样，用了先读到的")]


def test_a_child_without_a_number_that_two_sheets_name_is_taken_once(office: Session, tmp_path: Path) -> None:
    heads = ["户编码", "村代码", "姓名", "与户主关系", "出生日期"]
    rows = [[CODE, VILLAGE, "周德顺", "户主", ""], [CODE, VILLAGE, "周小宝", "孙子", "2025-03-01"]]
    plan = plan_register(office, [table(tmp_path, 甲=[heads, *rows], 乙=[heads, *rows])])
    assert [one["mem_name"] for one in plan.new[0].members] == ["周德顺", "周小宝"]
    assert [words for _, words in told(plan, "twice")] == [
        "周德顺 在这一户里登了两次，第二次没有收",
        "周小宝 在这一户里登了两次，第二次没有收",
    ]


def test_a_village_code_of_another_county_is_not_made_good_by_a_name(office: Session, tmp_path: Path) -> None:
    heads = [*HOUSEHOLDS, "村名"]
    foreign = [CODE, "520121101200", *HEAD[2:], "双河村"]
    typo = [OTHER, VILLAGE[:-3] + "299", *SECOND[2:], "双河村"]
    plan = plan_of(office, tmp_path, [heads, foreign, typo])
    assert told(plan, "village") == [(2, "村“双河村 520121101200”不在本县区划表里")]
    assert [(one.hh_id, one.village) for one in plan.new] == [(OTHER, VILLAGE)]
    assert told(plan, "merged_village") == [(3, f"村代码 {typo[1]} 不在区划表里，按村名认作 {VILLAGE}")]


@pytest.mark.parametrize("rows", [[HOUSEHOLDS], [["使用说明"], ["请各乡镇于月底前报来"]]])
def test_a_table_with_nothing_in_it_is_said_and_not_applied(
    office: Session, tmp_path: Path, rows: list[list[str]]
) -> None:
    plan = plan_of(office, tmp_path, rows)
    assert plan.stopped
    assert told(plan, "nothing") == [(0, "表里一户也没有")]
    with pytest.raises(TableRefused) as refused:
        apply_register(office, plan)
    assert "资料没有动" in refused.value.sentence()


def test_an_empty_list_of_parameters_is_said(office: Session, tmp_path: Path) -> None:
    plan = plan_list(office, PARAMETERS, [table(tmp_path, 表=[["参数名", "值", "文号"]])])
    assert plan.stopped
    assert plan.problems.found[0].zh == "表里一行也没有"


def test_the_file_that_excel_leaves_while_a_table_is_open_is_told_from_the_table(tmp_path: Path) -> None:
    path = tmp_path / "~$册.xlsx"
    path.write_bytes(b"\x06office" + bytes(158))
    with pytest.raises(TableRefused) as refused:
        open_tables(path)
    assert "名字前面没有 ~$" in refused.value.sentence()


def test_a_part_packed_tighter_than_any_sheet_is_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_files, "UNREMARKABLE_PART", 100_000)
    path = table(tmp_path, 户=[HOUSEHOLDS, HEAD])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + b"<si><t/></si>" * 100_000 + b"</sst>")
    with pytest.raises(TableRefused) as refused:
        list(open_tables(path)[0].rows())
    assert "压缩炸弹" in refused.value.sentence()


def test_a_formula_is_read_by_its_last_result_and_said_once(office: Session, tmp_path: Path) -> None:
    path = table(tmp_path, 户=[HOUSEHOLDS, HEAD, SECOND])
    formula = (
        f'<row r="2"><c r="A2" t="str"><f>B2&amp;"0001"</f><v>{CODE}</v></c><c r="B2"><v>{VILLAGE}</v></c>'
        f'<c r="D2" t="inlineStr"><is><t>周德顺</t></is></c></row>'
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    start, end = sheet.index('<row r="2"'), sheet.index('<row r="3"')
    parts["xl/worksheets/sheet1.xml"] = (sheet[:start] + formula + sheet[end:]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    plan = plan_register(office, [path])
    assert [one.hh_id for one in plan.new] == [CODE, OTHER]
    assert told(plan, "formula") == [(2, "户编码这一列是公式，用了算好的结果")]


def test_a_birth_on_a_wrong_day_keeps_the_household(office: Session, tmp_path: Path) -> None:
    wrong = idno("19630230")
    plan = plan_of(office, tmp_path, [HOUSEHOLDS, [*HEAD[:4], wrong, *HEAD[5:]]])
    assert [one.head_idno for one in plan.new] == [""]
    assert told(plan, "idno") == [(2, f"证件号码（尾号 {wrong[-4:]}）里面的出生日期不存在")]
