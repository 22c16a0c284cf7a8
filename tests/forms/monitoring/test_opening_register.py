"""A county's register from the tables it has: heads, households, people, doubts and problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from forms.monitoring.opening import Computed, Faulty, Level, Numeric, Problems, TableRow, read_heads
from forms.monitoring.opening_fields import HOUSEHOLD, IMPORTED, MEMBER, REGISTER_HEADS
from forms.monitoring.opening_regions import Region, Regions
from forms.monitoring.opening_register import SAME_CODE, SAME_HEAD, TWO_HEADS, Entry, Register, RegisterReader
from forms.monitoring.opening_values import check_digit
from forms.monitoring.register_fields import REGISTER_FIELDS

VILLAGE, OTHER, OLD = "529900101200", "529900101201", "529900101299"
REGIONS = Regions.of(
    [
        Region(VILLAGE, "双河村", township="青石镇", groups=("一组", "二组", "三组")),
        Region(OTHER, "岩口村", township="青石镇"),
        Region("529900102200", "岩口村", township="龙塘乡"),
        Region(OLD, "老坝村", township="青石镇", new_code=OTHER),
    ]
)


def idno(born: str, number: str = "101") -> str:
    first = f"529900{born}{number}"
    return first + check_digit(first)


ZHOU, TIAN, SON = idno("19630105", "101"), idno("19650302", "202"), idno("19900607", "303")
HEADS = ("户编码", "村代码", "村民小组", "户主姓名", "户主身份证号", "户类型")
PEOPLE = ("户编码", "姓名", "与户主关系", "身份证号")


def lines(*rows: Sequence[str], first: int = 1, hidden: frozenset[int] = frozenset()) -> list[TableRow]:
    return [TableRow(n, tuple(row), n in hidden) for n, row in enumerate(rows, first)]


def read(
    *tables: list[TableRow], told: Mapping[str, str] | None = None, regions: Regions = REGIONS
) -> tuple[Register, Problems]:
    problems = Problems()
    reader = RegisterReader(regions, problems)
    for n, rows in enumerate(tables, 1):
        table = read_heads(f"表{n}", iter(rows), REGISTER_HEADS, told or {}, problems)
        if table is not None:
            reader.read(table)
    return reader.register(), problems


def household(code: str = VILLAGE + "0001", head: str = "周德顺", number: str = ZHOU, **other: str) -> tuple[str, ...]:
    known = {"村代码": VILLAGE, "村民小组": "三组", "户类型": "脱贫户"} | other
    return (code, known["村代码"], known["村民小组"], head, number, known["户类型"])


def only(register: Register) -> Entry:
    (entry,) = register.entries
    return entry


def kinds(problems: Problems) -> set[str]:
    return {one.kind for one in problems.found}


def test_a_table_of_households_and_one_of_people_become_one_register() -> None:
    code = VILLAGE + "0001"
    register, problems = read(
        lines(HEADS, household()), lines(PEOPLE, (code, "周德顺", "户主", ZHOU), (code, "田秀英", "配偶", TIAN))
    )
    entry = only(register)
    assert problems.found == []
    assert (entry.hh_id, entry.village) == (code, VILLAGE)
    assert entry.values == {"cov_group": "三组", "hh_head_name": "周德顺", "hh_type_now": "1"}
    assert entry.members == [
        {"mem_name": "周德顺", "mem_relation": "02", "mem_idno": ZHOU, "mem_id_type": "1", "mem_birth": "1963-01-05",
         "mem_sex": "1", "mem_no": "01"},
        {"mem_name": "田秀英", "mem_relation": "10", "mem_idno": TIAN, "mem_id_type": "1", "mem_birth": "1965-03-02",
         "mem_sex": "2", "mem_no": "02"},
    ]  # fmt: skip


def test_one_table_with_a_line_a_person_and_merged_household_cells_is_read() -> None:
    rows = lines(
        ("云岭县脱贫户花名册",),
        ("户编码", "村代码", "组", "户主姓名", "户类型", "家庭成员", "", ""),
        ("", "", "", "", "", "姓名", "与户主关系", "身份证号"),
        (VILLAGE + "0001", VILLAGE, "三组", "周德顺", "脱贫户", "周德顺", "户主", ZHOU),
        ("", "", "", "", "", "田秀英", "配偶", TIAN),
        ("合计", "", "", "", "", "2 人"),
    )
    register, _ = read(rows)
    assert [member["mem_name"] for member in only(register).members] == ["周德顺", "田秀英"]


def test_the_head_of_a_household_table_becomes_its_first_member() -> None:
    register, _ = read(lines(HEADS, household()))
    (member,) = only(register).members
    assert (member["mem_no"], member["mem_relation"], member["mem_birth"]) == ("01", "02", "1963-01-05")


def test_another_systems_code_is_kept_beside_and_the_village_is_found_by_name_and_township() -> None:
    heads = ("户编号", "乡镇", "行政村", "组", "户主姓名", "户类型")
    register, _ = read(lines(heads, ("JD-0017", "龙塘乡", "岩口村民委员会", "一组", "周德顺", "一般农户")))
    entry = only(register)
    assert (entry.hh_id, entry.values["frame_hh_code"], entry.village) == ("", "JD-0017", "529900102200")


def test_an_old_village_code_becomes_the_present_one_and_the_household_number_stays() -> None:
    register, problems = read(lines(HEADS, household(OLD + "0004", 村代码=OLD)))
    entry = only(register)
    assert (entry.hh_id, entry.village) == (OLD + "0004", OTHER)
    assert kinds(problems) == {"merged_village"}


def test_an_unknown_village_refuses_the_household_and_says_which_it_may_be() -> None:
    heads = ("户编码", "行政村", "组", "户主姓名", "户类型")
    register, problems = read(lines(heads, ("A1", "双合村", "三组", "周德顺", "脱贫户")))
    assert only(register).refused
    (problem,) = problems.found
    assert (problem.level, problem.row, problem.column) == (Level.ROW, 2, "B")
    assert "双河村" in problem.mend


def test_two_villages_of_one_name_are_not_guessed_between() -> None:
    heads = ("户编码", "行政村", "组", "户主姓名", "户类型")
    register, _ = read(lines(heads, ("A1", "岩口村", "三组", "周德顺", "脱贫户")))
    assert only(register).refused


def test_a_missing_group_and_one_that_the_village_has_not_are_told() -> None:
    _, problems = read(
        lines(HEADS, household(村民小组=""), household(VILLAGE + "0002", "田定国", TIAN, 村民小组="九组"))
    )
    assert kinds(problems) == {"no_group", "group"}


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (ZHOU[:-1] + ("0" if ZHOU[-1] != "0" else "1"), "idno"),
        (Numeric("5.29900196301051E+17"), "destroyed"),
        (Numeric("529900196301051000"), "destroyed"),
        (Faulty("#N/A"), "faulty"),
    ],
)
def test_a_bad_identity_number_is_left_out_and_the_person_stays(number: str, kind: str) -> None:
    code = VILLAGE + "0001"
    register, problems = read(
        lines((*PEOPLE, "村代码", "组", "户类型"), (code, "周德顺", "户主", number, VILLAGE, "三组", "脱贫户"))
    )
    (member,) = only(register).members
    assert "mem_idno" not in member
    assert kinds(problems) == {kind}
    assert problems.found[0].level is Level.CELL
    assert (problems.found[0].row, problems.found[0].column) == (2, "D")


def test_a_household_known_only_by_a_destroyed_code_is_refused_by_name() -> None:
    register, problems = read(lines(HEADS, household(Numeric("5.29900101200001E+15"), number="")))
    assert only(register).refused
    assert "科学计数" in next(one.zh for one in problems.found if one.level is Level.ROW)


def test_no_problem_tells_a_whole_identity_number() -> None:
    wrong = ZHOU[:-1] + ("0" if ZHOU[-1] != "0" else "1")
    _, problems = read(
        lines(HEADS, household(number=wrong), household(VILLAGE + "0002", number=ZHOU), household(VILLAGE + "0003"))
    )
    assert problems.found
    assert not [one for one in problems.found if wrong in one.zh or ZHOU in one.zh]


def test_the_same_head_in_two_households_waits_for_a_person() -> None:
    register, problems = read(lines(HEADS, household(), household(VILLAGE + "0002")))
    assert [entry.doubts for entry in register.entries] == [(), (SAME_HEAD,)]
    assert SAME_HEAD in kinds(problems)


def test_two_families_under_one_code_wait_for_a_person() -> None:
    register, _ = read(lines(HEADS, household(), household(head="田定国", number=TIAN)))
    assert only(register).doubts == (SAME_CODE,)


def test_a_household_on_two_lists_stands_once_and_as_the_monitored_one() -> None:
    monitored = (*household()[:5], "脱贫不稳定户")
    for order in ((household(), monitored), (monitored, household())):
        register, _ = read(lines(HEADS, order[0]), lines(HEADS, order[1]))
        assert only(register).values["hh_type_now"] == "2"


def test_two_heads_and_no_head_are_told() -> None:
    code = VILLAGE + "0001"
    more = ("村代码", "组", "户类型")
    register, _ = read(
        lines(PEOPLE + more, (code, "周德顺", "户主", ZHOU, VILLAGE, "三组", "脱贫户"), (code, "周小兵", "户主", SON))
    )
    assert only(register).doubts == (TWO_HEADS,)
    _, problems = read(lines(PEOPLE + more, (code, "田秀英", "配偶", TIAN, VILLAGE, "三组", "脱贫户")))
    assert "no_head" in kinds(problems)


def test_the_same_person_in_two_households_is_told_and_both_are_kept() -> None:
    one, two = VILLAGE + "0001", VILLAGE + "0002"
    register, problems = read(
        lines(HEADS, household(one), household(two, "田定国", TIAN)),
        lines(PEOPLE, (one, "周小兵", "之子", SON), (two, "周小兵", "之女婿", SON)),
    )
    assert "two_households" in kinds(problems)
    assert [len(entry.members) for entry in register.entries] == [2, 2]


def test_birth_and_sex_follow_the_identity_number_where_they_differ() -> None:
    heads = (*PEOPLE, "性别", "出生日期", "村代码", "组", "户类型")
    register, problems = read(
        lines(heads, (VILLAGE + "0001", "周德顺", "户主", ZHOU, "女", "1964-01-05", VILLAGE, "三组", "脱贫户"))
    )
    (member,) = only(register).members
    assert (member["mem_sex"], member["mem_birth"]) == ("1", "1963-01-05")
    assert kinds(problems) == {"birth", "sex"}


def test_brothers_are_older_or_younger_by_their_birth() -> None:
    code = VILLAGE + "0001"
    older, younger = idno("19600101", "107"), idno("19700101", "109")
    register, _ = read(
        lines(HEADS, household()),
        lines(
            PEOPLE,
            (code, "周德顺", "户主", ZHOU),
            (code, "周大", "之兄弟姐妹", older),
            (code, "周小", "之兄弟姐妹", younger),
        ),
    )
    assert [member["mem_relation"] for member in only(register).members] == ["02", "71", "73"]


def test_hidden_rows_are_read_and_told_and_formulas_are_told_once() -> None:
    rows = lines(HEADS, household(), household(VILLAGE + "0002", "田定国", TIAN), hidden=frozenset({3}))
    rows = [TableRow(row.number, (*row.cells[:5], Computed(row.cells[5])), row.hidden) for row in rows]
    register, problems = read(rows)
    assert len(register.entries) == 2
    assert problems.counts == {(Level.WARN, "hidden"): 1, (Level.WARN, "formula"): 1}


def test_two_columns_of_one_meaning_stop_the_table_until_a_person_says_which() -> None:
    heads = (*HEADS, "户类型")
    rows = lines(heads, (*household(), "一般农户"))
    _, problems = read(rows)
    assert {one.level for one in problems.found} == {Level.FILE}
    register, problems = read(rows, told={"F": "", "G": "hh_type_now"})
    assert problems.found == []
    assert only(register).values["hh_type_now"] == "5"


def test_a_person_names_a_column_that_nobody_could_guess() -> None:
    heads = ("户编码", "村代码", "片区", "户主姓名", "户主身份证号", "户类型")
    register, _ = read(lines(heads, household()), told={"片区": "cov_group"})
    assert only(register).values["cov_group"] == "三组"


def test_a_number_of_people_that_does_not_fit_is_told() -> None:
    _, problems = read(lines((*HEADS, "家庭人口数"), (*household(), "3")))
    assert kinds(problems) == {"people"}


def test_a_table_without_any_key_is_refused_as_a_whole() -> None:
    _, problems = read(lines(("户主姓名", "村代码", "户类型"), ("周德顺", VILLAGE, "脱贫户")))
    assert [(one.level, one.kind) for one in problems.found] == [(Level.FILE, "no_key")]


def test_a_household_number_of_another_village_is_told_and_kept() -> None:
    register, problems = read(lines(HEADS, household(OTHER + "0001")))
    assert only(register).hh_id == OTHER + "0001"
    assert kinds(problems) == {"hh_id_village"}


def test_member_numbers_that_stand_twice_are_given_anew() -> None:
    code = VILLAGE + "0001"
    people = (*PEOPLE, "成员号")
    register, _ = read(
        lines(HEADS, household()),
        lines(people, (code, "周德顺", "户主", ZHOU, "1"), (code, "田秀英", "配偶", TIAN, "1")),
    )
    assert [member["mem_no"] for member in only(register).members] == ["01", "02"]


def test_every_imported_field_is_listed_in_the_register_with_the_same_code_list() -> None:
    listed = {name: REGISTER_FIELDS[name] for name in IMPORTED}
    for one in (*HOUSEHOLD, *MEMBER):
        given = getattr(one.convert, "keywords", {}).get("list_name", "")
        if one.field in listed:
            assert listed[one.field].code_list == given
