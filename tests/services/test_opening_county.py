"""Opening a county: an empty register is filled from tables, and a later table asks before it changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

import openpyxl
import pytest
from sqlmodel import select

from fieldapp.errors import Cancelled, NotAllowed
from fieldapp.services import opening_county, opening_lists, parameters
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.drawing_sample import Order, draw
from fieldapp.services.finding import home_summary
from fieldapp.services.opening_county import Choices, PlanStale, apply_register, look, plan_register
from fieldapp.services.opening_differences import CONFLICT, MEMBER_ABSENT, MEMBER_LEFT, MEMBER_NEW
from fieldapp.services.opening_lists import apply_list, plan_list
from fieldapp.services.session import Session
from fieldapp.services.table_files import TableRefused
from fieldapp.store import root_states
from fieldapp.store.tables import ChangeRow, DocState, HouseholdRow, MemberRow
from forms.monitoring.opening import Level
from forms.monitoring.opening_register import SAME_HEAD
from forms.monitoring.opening_values import check_digit
from forms.monitoring.sample import Stratum
from sync.change import Content, Kind, RootType, Write
from sync.scope import Role, register_feed
from tests.services.conftest import PERIOD, VILLAGE, County

CODE = VILLAGE + "0001"
HOUSEHOLDS = ["户编码", "村代码", "村民小组", "户主姓名", "户主身份证号", "联系电话", "户类型"]
PEOPLE = ["户编码", "姓名", "与户主关系", "证件号码"]


def idno(born: str, number: str = "101") -> str:
    first = f"529900{born}{number}"
    return first + check_digit(first)


ZHOU, TIAN, SON = idno("19630105", "101"), idno("19650302", "202"), idno("19900607", "303")
HEAD = [CODE, VILLAGE, "三组", "周德顺", ZHOU, "16900000001", "脱贫户"]


@pytest.fixture
def office(county: County) -> Session:
    session = county.laptop("office01", "周明", Role.CADM)
    county.exchange(session)
    return session


def table(folder: Path, name: str = "册.xlsx", **sheets: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def register(
    folder: Path, *households: Sequence[str], people: Sequence[Sequence[str]] = (), name: str = "册.xlsx"
) -> Path:
    rows = [["云岭县名册"], HOUSEHOLDS, *(households or (HEAD,))]
    members = people or [[CODE, "周德顺", "户主", ZHOU], [CODE, "田秀英", "配偶", TIAN]]
    return table(folder, name, 户=rows, 人=[PEOPLE, *members])


def imported(office: Session, path: Path, choices: Choices | None = None) -> opening_county.Applied:
    return apply_register(office, plan_register(office, [path]), choices)


def root_of(session: Session, hh_id: str = CODE) -> str:
    with session.database.reading() as reading:
        return reading.exec(select(HouseholdRow.root).where(HouseholdRow.hh_id == hh_id)).one()


def edit(session: Session, root: str, values: Mapping[str, str], row: tuple[str, ...] = ()) -> None:
    """A person changes the register."""
    with session.database.transaction() as writing:
        shown = session.changes.view(writing, root)
        writes = tuple(Write(row, name, value, shown.prev(name, row)) for name, value in values.items())
        session.changes.write(
            writing, Content(Kind.EDIT, writes), root=root, root_type=RootType.HOUSEHOLD, feed=register_feed(VILLAGE)
        )


def shown(session: Session, name: str, hh_id: str = CODE) -> object:
    with session.database.reading() as reading:
        return session.changes.view(reading, root_of(session, hh_id)).value(name)


def number_of_changes(session: Session) -> int:
    return session.changes.identity().max_seq


def test_a_dry_run_says_what_would_be_and_writes_nothing(office: Session, tmp_path: Path) -> None:
    before = number_of_changes(office)
    plan = plan_register(office, [register(tmp_path)])
    assert (plan.households, plan.members, len(plan.new), plan.same, plan.refused) == (1, 2, 1, 0, 0)
    assert plan.lines(plan.new)[0].head_name == "周德顺"
    assert number_of_changes(office) == before


def test_an_import_makes_households_with_members_and_the_second_one_finds_all_the_same(
    office: Session, tmp_path: Path
) -> None:
    path = register(tmp_path)
    assert imported(office, path) == opening_county.Applied(1, 2, 0, 0, 0)
    with office.database.reading() as reading:
        household = reading.exec(select(HouseholdRow)).one()
        people = reading.exec(select(MemberRow)).all()
    assert (household.hh_id, household.head_name, household.hh_type, household.members) == (CODE, "周德顺", "1", 2)
    assert household.village_name == "双河村"
    assert sorted((one.mem_no, one.name) for one in people) == [("01", "周德顺"), ("02", "田秀英")]
    before = number_of_changes(office)
    again = plan_register(office, [path])
    assert (len(again.new), again.same, again.differences) == (0, 1, ())
    assert apply_register(office, again) == opening_county.Applied(0, 0, 0, 0, 0)
    assert number_of_changes(office) == before


def test_lists_made_in_bulk_are_those_that_rebuilding_from_the_log_makes(office: Session, tmp_path: Path) -> None:
    imported(office, register(tmp_path))

    def held() -> list[object]:
        with office.database.reading() as reading:
            found: list[object] = []
            for kind in (HouseholdRow, MemberRow, DocState):
                found += sorted(str(row.model_dump()) for row in reading.exec(select(kind)))
            return found

    before = held()
    with office.database.transaction() as writing:
        root_states.rebuild_all(writing)
    assert held() == before


def test_person_ids_are_not_made_of_identity_numbers(office: Session, tmp_path: Path) -> None:
    imported(office, register(tmp_path))
    with office.database.reading() as reading:
        first = {one.person_uid for one in reading.exec(select(MemberRow))}
    assert len(first) == 2
    assert all(len(uid) == 32 and ZHOU not in uid for uid in first)


def test_a_later_table_changes_nothing_by_itself_and_says_who_said_what_stands(
    office: Session, county: County, tmp_path: Path
) -> None:
    imported(office, register(tmp_path))
    secretary = county.laptop("vsec01", "杨秀兰", Role.VSEC)
    county.exchange(office, secretary)
    edit(secretary, root_of(secretary), {"hh_phone": "16900000099"})
    county.exchange(secretary, office)
    later = register(tmp_path, [*HEAD[:2], "二组", *HEAD[3:5], "16900000002", "脱贫户"], name="后.xlsx")
    plan = plan_register(office, [later])
    found = {one.field: one for one in plan.differences}
    assert set(found) == {"cov_group", "hh_phone"}
    assert (found["hh_phone"].here, found["hh_phone"].table) == ("16900000099", "16900000002")
    assert (found["hh_phone"].by, found["hh_phone"].by_person) == ("vsec01", True)
    assert (found["cov_group"].by, found["cov_group"].by_person) == ("office01", False)
    before = number_of_changes(office)
    assert apply_register(office, plan).left == 2
    assert number_of_changes(office) == before
    assert shown(office, "hh_phone") == "16900000099"


def test_a_person_decides_by_kind_or_by_household(office: Session, tmp_path: Path) -> None:
    other = VILLAGE + "0002"
    second = [other, VILLAGE, "三组", "田定国", SON, "16900000011", "脱贫户"]
    people = [[CODE, "周德顺", "户主", ZHOU], [other, "田定国", "户主", SON]]
    imported(office, register(tmp_path, HEAD, second, people=people))
    moved = [[*HEAD[:5], "16900000002", "一般农户"], [*second[:5], "16900000012", "一般农户"]]
    later = register(tmp_path, *moved, people=people, name="后.xlsx")
    plan = plan_register(office, [later])
    assert plan.kinds() == {("hh_phone", False): 2, ("hh_type_now", False): 2}
    done = apply_register(
        office, plan, Choices(frozenset({("hh_phone", False)}), households={root_of(office, other): False})
    )
    assert (done.changed, done.cells, done.left) == (1, 1, 3)
    assert shown(office, "hh_phone") == "16900000002"
    assert shown(office, "hh_phone", other) == "16900000011"
    again = plan_register(office, [later], ask_again=True)  # what was kept is asked only on request
    apply_register(office, again, Choices(households={root_of(office, other): True}))
    assert (shown(office, "hh_phone", other), shown(office, "hh_type_now", other)) == ("16900000012", "5")
    assert shown(office, "hh_type_now") == "1"


def test_what_a_person_keeps_is_not_asked_again_until_table_or_register_says_something_else(
    office: Session, tmp_path: Path
) -> None:
    imported(office, register(tmp_path))
    root = root_of(office)
    edit(office, root, {"hh_phone": "16900009999"})
    other = [*HEAD[:2], "五组", *HEAD[3:]]
    later = register(tmp_path, other, name="后.xlsx")
    plan = plan_register(office, [later])
    assert {one.field for one in plan.differences} == {"hh_phone", "cov_group"}
    done = apply_register(office, plan, Choices(frozenset({("cov_group", False)}), keep_rest=True))
    assert (done.cells, done.left, done.settled) == (1, 1, 1)
    plan = plan_register(office, [later])
    assert (plan.differences, plan.settled, plan.same) == ((), 1, 1)
    assert [one.field for one in plan_register(office, [later], ask_again=True).differences] == ["hh_phone"]
    # Another word of the table is another question; so is another word of the register.
    third = register(tmp_path, [*other[:5], "16900007777", other[6]], name="再.xlsx")
    assert [one.table for one in plan_register(office, [third]).differences] == ["16900007777"]
    edit(office, root, {"hh_phone": "16900008888"})
    assert [one.here for one in plan_register(office, [later]).differences] == ["16900008888"]


def test_a_whole_household_that_is_kept_is_not_asked_again_at_another_office(
    office: Session, county: County, tmp_path: Path
) -> None:
    imported(office, register(tmp_path))
    stranger = register(tmp_path, people=[[CODE, "周德顺", "户主", ZHOU], [CODE, "周小", "之子", SON]], name="后.xlsx")
    plan = plan_register(office, [stranger])
    assert {one.field for one in plan.differences} == {MEMBER_NEW, MEMBER_ABSENT}
    apply_register(office, plan, Choices(households={root_of(office): False}))
    second = county.laptop("office02", "吴敏", Role.CADM)
    county.exchange(office, second)
    again = plan_register(second, [stranger])
    assert (again.differences, again.settled) == ((), 2)


def test_what_somebody_changes_between_look_and_apply_becomes_a_conflict_and_is_not_lost(
    office: Session, tmp_path: Path
) -> None:
    imported(office, register(tmp_path))
    later = register(tmp_path, [*HEAD[:5], "16900000002", "脱贫户"], name="后.xlsx")
    plan = plan_register(office, [later])
    edit(office, root_of(office), {"hh_phone": "16900000077"})
    apply_register(office, plan, Choices(frozenset({("hh_phone", False)})))
    with office.database.reading() as reading:
        cell = office.changes.view(reading, root_of(office)).cells[(), "hh_phone"]
    assert {head.value for head in cell.heads} == {"16900000077", "16900000002"}
    third = register(tmp_path, [*HEAD[:5], "16900000003", "脱贫户"], name="又后.xlsx")
    (difference,) = plan_register(office, [third]).differences
    assert (difference.field, difference.can_take) == (CONFLICT, False)


def test_new_absent_and_departed_members_are_told_and_only_new_ones_can_be_taken_in(
    office: Session, tmp_path: Path
) -> None:
    imported(office, register(tmp_path))
    with office.database.reading() as reading:
        wife = reading.exec(select(MemberRow.person_uid).where(MemberRow.name == "田秀英")).one()
    edit(office, root_of(office), {"mem_left": "11"}, (wife,))
    later = register(tmp_path, people=[[CODE, "田秀英", "配偶", TIAN], [CODE, "周小兵", "之子", SON]], name="后.xlsx")
    plan = plan_register(office, [later])
    kinds = {one.field: one.person for one in plan.differences}
    assert kinds == {MEMBER_LEFT: "田秀英", MEMBER_NEW: "周小兵"}
    assert plan.kinds() == {(MEMBER_NEW, False): 1}
    apply_register(office, plan, Choices(frozenset({(MEMBER_NEW, False)})))
    with office.database.reading() as reading:
        people = {one.name: (one.mem_no, one.gone) for one in reading.exec(select(MemberRow))}
    assert people == {"周德顺": ("01", False), "田秀英": ("02", True), "周小兵": ("03", False)}
    without = register(tmp_path, people=[[CODE, "周德顺", "户主", ZHOU]], name="又后.xlsx")
    assert [(one.field, one.person) for one in plan_register(office, [without]).differences] == [
        (MEMBER_ABSENT, "周小兵")
    ]


def test_a_blank_of_the_table_takes_nothing_away(office: Session, tmp_path: Path) -> None:
    imported(office, register(tmp_path))
    blank = register(tmp_path, [*HEAD[:5], "", ""], name="后.xlsx")
    assert plan_register(office, [blank]).differences == ()


def test_doubtful_households_wait_until_a_person_takes_them(office: Session, tmp_path: Path) -> None:
    twin = [VILLAGE + "0002", *HEAD[1:]]
    plan = plan_register(office, [register(tmp_path, HEAD, twin)])
    assert (len(plan.new), len(plan.doubtful)) == (1, 1)
    assert plan.lines(plan.doubtful)[0].words == SAME_HEAD
    assert apply_register(office, plan).new == 1
    again = plan_register(office, [register(tmp_path, HEAD, twin)])
    assert (len(again.new), len(again.doubtful), again.same) == (0, 1, 1)
    assert apply_register(office, again, Choices(doubtful=None)).new == 1


def test_a_household_that_is_here_under_another_code_is_doubtful(office: Session, tmp_path: Path) -> None:
    imported(office, register(tmp_path))
    renamed = [VILLAGE + "0777", *HEAD[1:]]
    plan = plan_register(office, [register(tmp_path, renamed, people=[[renamed[0], "周德顺", "户主", ZHOU]])])
    assert (len(plan.new), len(plan.doubtful), plan.absent) == (0, 1, 1)


def test_households_of_another_systems_code_get_numbers_of_their_village_and_keep_them(
    office: Session, tmp_path: Path
) -> None:
    rows = [HOUSEHOLDS, ["JD01", *HEAD[1:]], ["JD02", VILLAGE, "三组", "田定国", SON, "", "脱贫户"]]
    imported(office, table(tmp_path, 户=rows))
    with office.database.reading() as reading:
        numbers = {one.head_name: one.hh_id for one in reading.exec(select(HouseholdRow))}
    assert numbers == {"周德顺": VILLAGE + "0001", "田定国": VILLAGE + "0002"}
    more = [*rows, ["JD03", VILLAGE, "三组", "石门", idno("19700101", "505"), "", "脱贫户"]]
    plan = plan_register(office, [table(tmp_path, "后.xlsx", 户=more)])
    assert (len(plan.new), plan.same) == (1, 2)
    apply_register(office, plan)
    assert shown(office, "frame_hh_code", VILLAGE + "0003") == "JD03"


def many(folder: Path, count: int) -> Path:
    rows = [
        [f"{VILLAGE}{n:04d}", VILLAGE, "三组", f"周{n}", idno("19630105", f"{n:03d}"), "", "脱贫户"]
        for n in range(1, count + 1)
    ]
    return table(folder, 户=[HOUSEHOLDS, *rows])


def test_an_import_that_was_stopped_is_run_again_and_ends_the_same(
    office: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_county, "BATCH", 10)
    path, stop = many(tmp_path, 45), Event()

    def tell(phase: str, done: int, _total: int) -> None:
        if phase == "write" and done >= 20:
            stop.set()

    with pytest.raises(Cancelled):
        apply_register(office, plan_register(office, [path]), tell=tell, cancel=stop)
    rest = plan_register(office, [path])
    assert 0 < rest.same < 45
    assert rest.same + len(rest.new) == 45
    apply_register(office, rest)
    with office.database.reading() as reading:
        assert sorted(reading.exec(select(HouseholdRow.hh_no))) == [f"{n:04d}" for n in range(1, 46)]
        seqs = sorted(reading.exec(select(ChangeRow.seq).where(ChangeRow.origin == "own")))
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_plan_is_applied_once_and_not_to_another_register_than_was_looked_at(office: Session, tmp_path: Path) -> None:
    plan = plan_register(office, [register(tmp_path)])
    apply_register(office, plan)
    with pytest.raises(PlanStale):
        apply_register(office, plan)


def test_a_batch_that_fails_leaves_nothing_of_itself(
    office: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_county, "BATCH", 10)
    plan = plan_register(office, [many(tmp_path, 25)])
    real = opening_county._new_household

    def power_fails(session: Session, entry: object, numbers: object, given: object) -> object:
        if getattr(entry, "hh_id", "").endswith("0017"):
            raise KeyboardInterrupt
        return real(session, entry, numbers, given)  # type: ignore[arg-type]

    monkeypatch.setattr(opening_county, "_new_household", power_fails)
    with pytest.raises(KeyboardInterrupt):
        apply_register(office, plan)
    monkeypatch.setattr(opening_county, "_new_household", real)
    rest = plan_register(office, [many(tmp_path, 25)])
    assert (rest.same, len(rest.new)) == (10, 15)


def test_a_table_that_cannot_be_read_as_a_whole_is_not_applied_in_part(office: Session, tmp_path: Path) -> None:
    path = table(tmp_path, 户=[["户主姓名", "村代码", "户类型"], ["周德顺", VILLAGE, "脱贫户"]])
    plan = plan_register(office, [path])
    assert plan.stopped
    with pytest.raises(TableRefused):
        apply_register(office, plan)


def test_only_the_county_office_opens_a_county(county: County, tmp_path: Path) -> None:
    supervisor = county.laptop("tsup01", "刘志远", Role.TSUP)
    for deed in (look, plan_register):
        with pytest.raises(NotAllowed):
            deed(supervisor, [register(tmp_path)])
    with pytest.raises(NotAllowed):
        plan_list(supervisor, opening_lists.REGIONS, [register(tmp_path)])


def test_a_look_shows_what_each_column_was_taken_for(office: Session, tmp_path: Path) -> None:
    first, second = look(office, [register(tmp_path)])
    assert [one.field for one in first.columns][:3] == ["hh_id", "cov_village_code", "cov_group"]
    assert first.samples[0][3] == "周德顺"
    assert [one.field for one in second.columns] == ["hh_id", "mem_name", "mem_relation", "mem_idno"]


# --- regions, parameters, prices ---------------------------------------------------------------------------------------


def csv_file(folder: Path, text: str, name: str = "表.csv") -> Path:
    (folder / name).write_text(text, encoding="gb18030")
    return folder / name


def test_regions_come_from_a_table_and_what_differs_waits_for_a_word(office: Session, tmp_path: Path) -> None:
    text = "代码,名称,乡镇,村民小组\n529900101000,青石镇,,\n529900101200,双河村,,一组、二组\n529900101201,岩口村,,\n"
    plan = plan_list(office, opening_lists.REGIONS, [csv_file(tmp_path, text)])
    assert {one.name: one.state for one in plan.lines} == {
        "529900101000": "new", "529900101200": "changed", "529900101201": "new",
    }  # fmt: skip
    assert apply_list(office, plan) == 2
    plan = plan_list(office, opening_lists.REGIONS, [csv_file(tmp_path, text)])
    assert (plan.count("same"), plan.count("changed")) == (2, 1)
    assert apply_list(office, plan, take_changed=True) == 1
    with office.database.reading() as reading:
        regions = opening_lists.read_region_table(reading)
    assert regions.by_code["529900101200"].groups == ("一组", "二组")
    assert regions.by_code["529900101201"].township == "青石镇"
    assert plan_list(office, opening_lists.REGIONS, [csv_file(tmp_path, text)]).count("same") == 3


def test_a_table_of_merged_villages_leads_old_codes_to_new_ones(office: Session, tmp_path: Path) -> None:
    new = csv_file(tmp_path, "代码,名称,乡镇\n529900101299,老坝村,青石镇\n")
    apply_list(office, plan_list(office, opening_lists.REGIONS, [new]))
    merged = csv_file(tmp_path, "旧代码,新代码,停用日期\n529900101299,529900101200,2026年1月1日\n")
    apply_list(office, plan_list(office, opening_lists.REGIONS, [merged]), take_changed=True)
    with office.database.reading() as reading:
        regions = opening_lists.read_region_table(reading)
    assert regions.today("529900101299") == "529900101200"
    assert (regions.by_code["529900101299"].name, regions.by_code["529900101299"].valid_to) == ("老坝村", "2026-01-01")


def test_region_codes_of_another_county_are_refused(office: Session, tmp_path: Path) -> None:
    plan = plan_list(
        office, opening_lists.REGIONS, [csv_file(tmp_path, "代码,名称\n520102101200,别处村\n5299001,短村\n")]
    )
    assert (plan.lines, plan.problems.number(Level.ROW)) == ((), 2)


def test_parameters_come_from_a_table_with_their_documents(office: Session, tmp_path: Path) -> None:
    text = (
        "参数,值,年度,文号\n监测线,8300,2026,省乡振发〔2026〕3 号\n收入大幅缩减的比例,25%,2026,县办〔2026〕5 号\n"
        "监测线,8100,2025,\n不认得的,1,2026,x\ndibao_std,abc,2026,x\n"
    )
    plan = plan_list(office, opening_lists.PARAMETERS, [csv_file(tmp_path, text)])
    assert [(one.name, one.value) for one in plan.records] == [("monitor_line", "8300"), ("income_drop_pct", "0.25")]
    assert {one.kind for one in plan.problems.found} == {"doc_no", "unknown", "value"}
    assert apply_list(office, plan) == 2
    with office.database.reading() as reading:
        assert parameters.values_for(office, reading, PERIOD)["monitor_line"] == "8300"
    changed = plan_list(office, opening_lists.PARAMETERS, [csv_file(tmp_path, text.replace("8300", "8400"))])
    assert apply_list(office, changed) == 0
    assert apply_list(office, changed, take_changed=True) == 1


def test_prices_come_from_a_table_by_code_or_name(office: Session, tmp_path: Path) -> None:
    text = "季度,项目码,项目名称,参考价\n2026年三季度,F101,大米,6.1\n2026Q3,,食用菌,17.50 元\n2026Q3,F999,金子,1\n2026Q3,F102,面,-1\n"
    plan = plan_list(office, opening_lists.PRICES, [csv_file(tmp_path, text)])
    assert [(one.name, one.value) for one in plan.records] == [("price_F101", "6.1"), ("price_F109", "17.5")]
    assert {one.kind for one in plan.problems.found} == {"item", "price"}
    apply_list(office, plan)
    with office.database.reading() as reading:
        assert parameters.values_for(office, reading, "2026Q4")["price_F109"] == "17.5"


def test_an_empty_county_is_opened_and_its_work_reaches_the_enumerator(
    office: Session, county: County, tmp_path: Path
) -> None:
    regions = csv_file(tmp_path, "代码,名称,乡镇\n529900101200,双河村,青石镇\n")
    apply_list(office, plan_list(office, opening_lists.REGIONS, [regions]))
    line = csv_file(tmp_path, "参数,值,年度,文号\n监测线,8300,2026,省 3 号\n", "参数.csv")
    apply_list(office, plan_list(office, opening_lists.PARAMETERS, [line]))
    imported(office, many(tmp_path, 6))
    enumerator = county.laptop("enum01", "王建国", Role.ENUM)
    drawn = draw(
        office, Order("2026 年样本", PERIOD, villages=1, seed=7, per_village={Stratum.POOR: 2})
    ).draw.households
    assert len(drawn) == 2
    roots = [root_of(office, one.hh_id) for one in drawn]
    assign(office, [NewAssignment(root, "quarterly", PERIOD, "enum01") for root in roots])
    county.exchange(office, enumerator)
    assert home_summary(enumerator).progress.assigned == 2
    with enumerator.database.reading() as reading:
        row = reading.get(HouseholdRow, roots[0])
        assert parameters.values_for(enumerator, reading, PERIOD)["monitor_line"] == "8300"
    assert row is not None
    assert (row.hh_id, row.village_name, row.members) == (drawn[0].hh_id, "双河村", 1)
