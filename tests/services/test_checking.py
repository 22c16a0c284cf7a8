"""What only several households or several waves show: each place runs the forms' own checks of its levels on what it holds.

The questionnaires here are small, but the checks in them are those of the real ones, word for word.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.cli import main
from fieldapp.services import assigning, interviewing
from fieldapp.services.assigning import NewAssignment
from fieldapp.services.checking import PlaceFinding, findings
from fieldapp.services.opened_interview import OpenInterview
from forms.engine import Cell, load_form
from sync.change import Content, Kind, RootType, Write
from sync.ids import content_id
from sync.scope import COUNTY_FEED
from tests.forms.questionnaires.conftest import read_source
from tests.services import living_county
from tests.services.living_county import LI, LivingCounty

BOUGHT = ("ct_car_cash", "ct_moto_cash", "ct_ebike_cash", "ct_phone_cash", "ce_tv_cash", "ce_pc_cash", "cl_big_cash")
HEAD = "| survey |\n|  | type | name | label | relevant | calculation | bind::fa:prefill | bind::fa:rowid | bind::fa:check | bind::fa:id | bind::fa:level | bind::fa:about |\n"  # fmt: skip
SOURCES = ("params", "register", "peers", "assignment", "closing", "hist1", "hist2", "hist3", "base")


def line(
    kind: str, name: str, relevant: str = "", calculation: str = "", prefill: str = "", more: str = "||||||"
) -> str:
    return f"|  | {kind} | {name} | {name} | {relevant} | {calculation} | {prefill} {more}\n"


def check(form: str, name: str) -> str:
    """A check as it stands in the real questionnaire, without its text."""
    (row,) = [one for one in read_source(form)["survey"] if one.get("name") == name]
    facts = " | ".join(row[f"bind::fa:{key}"] for key in ("check", "id", "level"))
    return f"|  | note | {name} | 请核对 | {row['relevant']} |  |  |  | {facts} |  |\n"


def small_form(name: str, *lines: str) -> str:
    external = "".join(line("csv-external", one) for one in SOURCES)
    settings = f'| settings |\n|  | form_id | form_title | version | namespaces |\n|  | {name} | {name} | 1 | fa="urn:fieldapp:xforms:1" |\n'
    return HEAD + external + "".join(lines) + settings


ROW_ID = line("calculate", "row_uid", calculation="once(uuid())", more="| true |||||")
QUARTERLY = small_form(
    "quarterly",
    line("text", "q_period", calculation="instance('params')/root/item[name = 'q_period']/value"),
    line("text", "q_hh_id", calculation="instance('register')/root/item[row = '']/hh_id"),
    line("text", "q_enum_id"),
    line("calculate", "aux_year", calculation="number(substr(${q_period}, 0, 4))"),
    line("calculate", "aux_quarter", calculation="number(substr(${q_period}, 5, 6))"),
    *(line("decimal", name) for name in BOUGHT),
    line("date", "aux_done_date"),
    line("text", "aux_done_start"),
    line("text", "aux_done_end"),
    line("decimal", "wage_inc"),
    check("quarterly", "chk_q002_e1"),
    check("quarterly", "chk_w_q29"),
    check("quarterly", "chk_w_q30"),
    line("begin_repeat", "member"),
    ROW_ID,
    line("begin_group", "qn"),
    line("text", "mem_idno"),
    check("quarterly", "chk_b106_e2_county"),
    line("end_group", ""),
    line("end_repeat", ""),
)
ANNUAL = small_form(
    "annual",
    line("text", "cov_enum_id"),
    line("calculate", "cov_ref_year", calculation="2026"),
    line("text", "hh_phone"),
    line("decimal", "dur_tv_cost"),
    line("decimal", "lab_pay_resident"),
    check("annual", "chk_a102_w1"),
    line("begin_repeat", "member"),
    ROW_ID,
    line("begin_group", "qb"),
    line("text", "mem_idno"),
    line("integer", "mem_resident"),
    check("annual", "chk_e_b10"),
    check("annual", "chk_b106_e2_county"),
    line("end_group", ""),
    line("end_repeat", ""),
)


class Checked(LivingCounty):
    """A county with both small questionnaires."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        xml = load_form(ANNUAL, name="annual.md").xml
        with self.office.database.transaction() as writing:
            content = Content(Kind.EDIT, (Write((), "form_id", "annual"), Write((), "xml", xml)))
            root = content_id(b"form:annual").hex()
            self.office.changes.write(writing, content, root=root, root_type=RootType.FORM_PACK, feed=COUNTY_FEED)

    def handed_in(
        self, household: str, form: str, period: str, answers: dict[str, str], row: str = ""
    ) -> OpenInterview:
        """An interview with these answers; those of a member are of the row."""
        (assignment,) = assigning.assign(self.office, [NewAssignment(household, form, period, "enum01")])
        opened = interviewing.begin(self.person("enum01"), assignment)
        for name, value in answers.items():
            path = opened.form.path_of(name)
            assert path is not None
            opened.save(opened.interview.answer(Cell(path, (row,) if path.startswith("/data/member") else ()), value))
        interviewing.hand_in(opened)
        return opened

    def found(self, account: str, period: str) -> dict[str, set[str]]:
        """Check → households it was found in."""
        told: dict[str, set[str]] = {}
        for one in findings(self.person(account), period):
            told.setdefault(one.check_id, set()).add(one.household)
        return told


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Checked]:
    monkeypatch.setattr(living_county, "FORM", QUARTERLY)
    made = Checked(tmp_path / "store")
    yield made
    made.office.lock()


def visit(start: str, end: str) -> dict[str, str]:
    return {"q_enum_id": "enum01", "aux_done_date": "2026-09-22", "aux_done_start": start, "aux_done_end": end}


def test_visits_that_run_into_each_other_are_told_on_the_laptop(checked: Checked) -> None:
    first, second, third = (checked.household(hh_phone=f"1690000220{n}") for n in (1, 2, 3))
    for household, start, end in ((first, "09:00", "09:40"), (second, "09:45", "10:20"), (third, "11:00", "11:40")):
        checked.handed_in(household, "quarterly", "2026Q3", visit(start, end))
    assert checked.found("enum01", "2026Q3") == {"W-Q30": {first, second}}
    assert checked.found("tsup01", "2026Q3")["W-Q30"] == {first, second}
    assert checked.found("vsec01", "2026Q3") == {}


def test_one_telephone_in_two_households_is_told_in_the_township(checked: Checked) -> None:
    first, second = checked.household(hh_phone="16900002201"), checked.household(hh_phone="16900002202")
    checked.handed_in(first, "annual", "2027", {"hh_phone": "16900002201"})
    checked.handed_in(second, "annual", "2027", {"hh_phone": "16900002201"})
    assert "A102.W1" not in checked.found("enum01", "2027")
    assert checked.found("tsup01", "2027")["A102.W1"] == {first, second}


def test_one_person_or_one_number_in_two_households_is_told_by_the_county(checked: Checked) -> None:
    first = checked.household(hh_phone="16900002201")
    person = checked.uid(LI)
    second = checked.household(hh_phone="16900002202")
    other = checked.uid(LI)
    number = "529900196001010019"
    checked.handed_in(first, "annual", "2027", {"mem_idno": number, "mem_resident": "1"}, person)
    checked.handed_in(second, "annual", "2027", {"mem_idno": number, "mem_resident": "1"}, other)
    found = findings(checked.person("office01"), "2027")
    assert {(one.check_id, one.level, one.kind, one.household) for one in found} == {
        ("B106.E2", "county", "hard", first), ("B106.E2", "county", "hard", second),
    }  # fmt: skip
    assert checked.found("tsup01", "2027") == {}
    assert isinstance(found[0], PlaceFinding)
    assert found[0].interview != ""


def test_the_same_person_counted_in_two_households_is_told_by_the_county(checked: Checked) -> None:
    first = checked.household(hh_phone="16900002201")
    person = checked.uid(LI)
    checked.made -= 1  # the second household has the same person in it
    second = checked.household(hh_phone="16900002202", hh_id=f"{living_county.VILLAGE}0002")
    for household in (first, second):
        checked.handed_in(household, "annual", "2027", {"mem_resident": "1"}, person)
    assert checked.found("office01", "2027") == {"E-B10": {first, second}}


def test_the_year_that_closes_is_compared_with_its_quarters_where_both_are(checked: Checked) -> None:
    household = checked.household()
    for quarter, wages in ((1, "5000"), (2, "5000"), (3, "5000")):
        checked.handed_in(household, "quarterly", f"2026Q{quarter}", {"wage_inc": wages, "ce_tv_cash": "0"})
    checked.handed_in(household, "quarterly", "2026Q4", {"wage_inc": "5000", "ce_tv_cash": "0"})
    assert checked.found("tsup01", "2026Q4") == {}
    checked.handed_in(household, "annual", "2027", {"dur_tv_cost": "2500", "lab_pay_resident": "9000"})
    assert checked.found("enum01", "2026Q4") == {"Q12.E117": {household}}
    assert checked.found("tsup01", "2026Q4") == {"Q12.E117": {household}, "W-Q29": {household}}
    (told,) = [one for one in findings(checked.person("tsup01"), "2027") if one.check_id == "Q12.E117"]
    assert told.sentence == "工资：2026 年四季合计 20000 元，年度问卷 E117 合 9000 元，相差超过 30%"


def test_the_command_prints_what_a_place_finds(
    checked: Checked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for phone, start, end in (("16900002201", "09:00", "09:40"), ("16900002202", "09:41", "10:20")):
        checked.handed_in(checked.household(hh_phone=phone), "quarterly", "2026Q3", visit(start, end))
    checked.office.lock()
    secret = tmp_path / "passphrase"
    secret.write_text("xiong huai da zhi\n", encoding="utf-8")
    options = ["--folder", str(tmp_path / "store"), "findings", "--account", "enum01", "--passphrase-file", str(secret)]
    assert main([*options, "--period", "2026Q3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [one.split("\t")[:3] for one in lines[:-1]] == [["核", "本机", "W-Q30"], ["核", "本机", "W-Q30"]]
    assert lines[-1] == "共 2 处，错 0 处，核 2 处。"
