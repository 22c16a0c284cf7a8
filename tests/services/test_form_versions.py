"""An interview keeps its version of the questionnaire until a person carries it over; nothing is lost on the way there or back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fieldapp.errors import NotAllowed
from fieldapp.services import exporting, form_versions, interviewing
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.session import Session
from forms.engine import Cell, Form, load_form
from forms.questionnaires.versions import KEPT, BadMapping, VersionMapping, propose
from sync.scope import Role
from sync.server.office import Office
from tests.services.conftest import FORM, HEAD, County

PHONE, DAYS, INCOME, CLOTH = (Cell(f"/data/qa/{name}") for name in ("hh_phone", "q_days", "q_income", "q_cloth"))
NAME = Cell("/data/member/mem_name", (HEAD,))
# Version 2: 收入 moved to a section of its own, 断水 is gone, 否 has another code, a question is new.
_INCOME_ROW = next(line for line in FORM.splitlines() if " q_income " in line and "decimal" in line)


def second_version() -> Form:
    lines = []
    for line in FORM.splitlines():
        if "q_days" in line or "q_income" in line:
            continue
        if "begin_repeat" in line:
            width = line.count("|") - 3
            blank = "|" * (width - 1)
            lines.append(f"|        | begin_group      | qd            | 收入   {blank}|")
            lines.append(_INCOME_ROW)
            lines.append(f"|        | text             | q_work        | 做什么活 {blank}|")
            lines.append(f"|        | end_group        |               |        {blank}|")
        lines.append(line)
    text = "\n".join(lines).replace(
        "| yn               | 2             | 否", "| yn               | 3             | 否"
    )
    return load_form(text.replace("| 季度小卷      | 1  ", "| 季度小卷      | 2  "), name="quarterly.md")


@pytest.fixture(scope="module")
def forms() -> tuple[Form, Form]:
    return load_form(FORM, name="quarterly.md"), second_version()


@pytest.fixture
def two_interviews(field_day, county: County, forms: tuple[Form, Form]):
    """One interview begun in version 1 and half filled; version 2 published since; the office's laptop."""
    enumerator, supervisor, household, assignment = field_day
    opened = interviewing.begin(enumerator, assignment)
    for cell, value in ((PHONE, "16900001111"), (DAYS, "12"), (INCOME, "5330"), (CLOTH, "2")):
        opened.save(opened.interview.answer(cell, value))
    opened.save(opened.interview.write_note(Cell("/data/qa/chk_days"), "水管冻裂在修"))
    opened.leave()
    Office(county.server, now_ms=county.now_ms).publish_form("quarterly", forms[1].xml)
    office = county.laptop("office1", "县办公室", Role.CADM)
    (second,) = assign(supervisor, [NewAssignment(household, "quarterly", "2026Q4", "enum01")])
    county.exchange(supervisor, enumerator, office)
    return enumerator, office, opened.header.interview, second


def approve(office: Session, mapping: VersionMapping) -> None:
    form_versions.publish(office, mapping, form_versions.trial(office, mapping).digest)


def test_an_open_interview_keeps_its_version_and_only_later_ones_begin_with_the_new(two_interviews, forms) -> None:
    enumerator, _, first, second = two_interviews
    assert interviewing.open_interview(enumerator, first).form.hash == forms[0].hash
    assert interviewing.begin(enumerator, second).form.hash == forms[1].hash


def test_a_laptop_that_comes_late_has_every_version(two_interviews) -> None:
    _, office, first, _ = two_interviews
    found = form_versions.versions(office, "quarterly")
    assert [(one.version, one.interviews, one.newest) for one in found] == [("2", 0, True), ("1", 1, False)]
    assert interviewing.open_interview(office, first).interview.value(DAYS) == "12"


def test_the_proposal_follows_names_and_labels(forms) -> None:
    mapping = propose(*forms)
    assert mapping.fields == {"qa/q_income": "qd/q_income", "qa/q_days": KEPT}
    assert mapping.codes == {"qa/q_cloth": {"2": "3"}}
    assert VersionMapping.from_json(mapping.to_json()) == mapping


def test_a_mapping_holds_only_when_its_trial_has_been_looked_at(two_interviews, forms, county: County) -> None:
    enumerator, office, first, _ = two_interviews
    mapping = propose(*forms)
    with pytest.raises(form_versions.NotTried):
        form_versions.publish(office, mapping, "0" * 16)
    with pytest.raises(NotAllowed):
        form_versions.publish(enumerator, mapping, "0" * 16)
    with pytest.raises(form_versions.NoMapping):
        form_versions.migrate(enumerator, first)
    tried = form_versions.trial(office, mapping)
    assert (tried.interviews, tried.approved, {line.value for line in tried.left}) == (1, 0, {"12", "水管冻裂在修"})
    approve(office, mapping)
    county.exchange(office, enumerator)
    assert form_versions.version_line(enumerator, first)[1]


def test_an_interview_is_carried_over_and_what_has_no_place_is_listed_and_kept(two_interviews, forms, county) -> None:
    enumerator, office, first, _ = two_interviews
    approve(office, propose(*forms))
    county.exchange(office, enumerator)
    form_versions.migrate(enumerator, first)
    opened = interviewing.open_interview(enumerator, first)
    assert opened.form.hash == forms[1].hash
    shown = [opened.interview.value(cell) for cell in (PHONE, Cell("/data/qd/q_income"), CLOTH, NAME)]
    assert shown == ["16900001111", "5330", "3", "周德顺"]
    left = form_versions.unmapped(enumerator, first)
    assert {(line.number, line.value, line.why) for line in left} == {
        ("q_days", "12", "新版没有这题"),
        ("chk_days", "水管冻裂在修", "新版没有这题"),
    }
    assert form_versions.version_line(enumerator, first) == ("", False)
    county.exchange(enumerator, office)
    assert interviewing.open_interview(office, first).form.hash == forms[1].hash


def test_going_back_brings_everything_back_and_keeps_what_was_changed_since(two_interviews, forms, county) -> None:
    enumerator, office, first, _ = two_interviews
    approve(office, propose(*forms))
    county.exchange(office, enumerator)
    form_versions.migrate(enumerator, first)
    opened = interviewing.open_interview(enumerator, first)
    opened.save(opened.interview.answer(Cell("/data/qd/q_income"), "6000"))
    opened.leave()
    form_versions.undo(enumerator, first)
    again = interviewing.open_interview(enumerator, first)
    assert again.form.hash == forms[0].hash
    assert [again.interview.value(cell) for cell in (PHONE, DAYS, INCOME, CLOTH)] == ["16900001111", "12", "6000", "2"]
    assert [check.note for check in again.interview.checks() if check.id == "W-1"] == ["水管冻裂在修"]


@pytest.mark.parametrize(
    ("fields", "codes", "words"),
    [
        ({"qa/q_income": "qd/nothing"}, {}, "“qd/nothing”在问卷里没有"),
        ({"qa/q_income": "qa/hh_phone"}, {}, "都对到"),
        ({"qa/q_days": "member/qm_months"}, {}, "不在同一个名册里"),
        ({"qa/never": "qd/q_income"}, {}, "“qa/never”在问卷里没有"),
        ({"qa/q_days": KEPT}, {"qa/q_cloth": {"2": "7"}}, "没有选项 7"),
    ],
)
def test_a_mapping_that_would_lose_or_mix_answers_is_refused_by_name(
    two_interviews, forms, fields, codes, words
) -> None:
    _, office, _, _ = two_interviews
    mapping = VersionMapping("quarterly", forms[0].hash, forms[1].hash, fields, codes)
    with pytest.raises(BadMapping) as refused:
        form_versions.trial(office, mapping)
    assert words in refused.value.sentence()


def test_another_enumerators_interview_is_not_ours_to_carry_over(two_interviews, forms, county: County) -> None:
    _, office, first, _ = two_interviews
    approve(office, propose(*forms))
    other = county.laptop("tsup02", "李四", Role.TSUP)
    county.exchange(office, other)
    with pytest.raises(NotAllowed):
        form_versions.migrate(other, first)


def test_exports_join_the_versions_and_say_why_a_cell_is_blank(two_interviews, tmp_path: Path, county: County) -> None:
    enumerator, office, first, second = two_interviews
    old = interviewing.open_interview(enumerator, first)
    old.save(old.interview.confirm(PHONE))
    interviewing.hand_in(old)
    new = interviewing.begin(enumerator, second)
    new.save(new.interview.confirm(PHONE))
    new.save(new.interview.answer(Cell("/data/qd/q_income"), "40"))
    interviewing.hand_in(new)
    county.exchange(enumerator, office)
    exporting.export(office, tmp_path, form_id="quarterly", period="")
    with (tmp_path / "quarterly.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["period"]: row for row in csv.DictReader(file)}
    with (tmp_path / "quarterly_states.csv").open(encoding="utf-8-sig", newline="") as file:
        states = {row["period"]: row for row in csv.DictReader(file)}
    assert [rows[period]["form_version"] for period in ("2026Q3", "2026Q4")] == ["1", "2"]
    assert [rows[period]["q_income"] for period in ("2026Q3", "2026Q4")] == ["5330", "40"]
    assert [rows[period]["q_days"] for period in ("2026Q3", "2026Q4")] == ["12", ""]
    assert [states[period]["q_days"] for period in ("2026Q3", "2026Q4")] == ["1", "N"]
    assert [states[period]["q_work"] for period in ("2026Q3", "2026Q4")] == ["N", ""]
    assert rows["2026Q3"]["q_cloth_label"] == "否"
    with (tmp_path / "quarterly_codebook.csv").open(encoding="utf-8-sig", newline="") as file:
        book = {(row["表"], row["变量"]): row for row in csv.DictReader(file)}
    assert book["quarterly", "q_cloth"]["代码"] == "1=是；3=否；2=否"
    assert (book["quarterly", "q_days"]["问卷版本"], book["quarterly", "q_income"]["问卷版本"]) == ("1", "2；1")


def test_two_laptops_that_carry_one_interview_over_apart_agree_and_either_goes_back_whole(
    two_interviews, forms, county: County
) -> None:
    enumerator, office, first, _ = two_interviews
    approve(office, propose(*forms))
    county.exchange(office, enumerator)
    form_versions.migrate(office, first)
    opened = interviewing.open_interview(enumerator, first)
    opened.leave()
    form_versions.migrate(enumerator, first)
    county.exchange(enumerator, office, enumerator)
    for session in (enumerator, office):
        there = interviewing.open_interview(session, first)
        assert there.form.hash == forms[1].hash
        assert [there.interview.value(cell) for cell in (PHONE, Cell("/data/qd/q_income"), CLOTH)] == [
            "16900001111", "5330", "3",
        ]  # fmt: skip
        with session.database.reading() as reading:
            assert session.changes.view(reading, first).conflicts == ()
    form_versions.undo(enumerator, first)
    again = interviewing.open_interview(enumerator, first)
    assert again.form.hash == forms[0].hash
    assert [again.interview.value(cell) for cell in (PHONE, DAYS, INCOME, CLOTH)] == ["16900001111", "12", "5330", "2"]
    county.exchange(enumerator, office)
    assert interviewing.open_interview(office, first).interview.value(CLOTH) == "2"


def test_what_an_enumerator_still_answered_in_the_old_version_is_kept_and_listed(
    two_interviews, forms, county: County
) -> None:
    enumerator, office, first, _ = two_interviews
    approve(office, propose(*forms))
    county.exchange(office, enumerator)
    opened = interviewing.open_interview(enumerator, first)
    opened.save(opened.interview.answer(INCOME, "7777"))
    form_versions.migrate(office, first)
    opened.leave()
    county.exchange(office, enumerator, office)
    for session in (enumerator, office):
        there = interviewing.open_interview(session, first)
        assert there.form.hash == forms[1].hash
        assert there.interview.value(Cell("/data/qd/q_income")) == "5330"
        late = {(line.value, line.why) for line in form_versions.unmapped(session, first)}
        assert ("7777", "别处迁移以后才收到，没有带到新位置") in late
    there = interviewing.open_interview(enumerator, first)
    there.save(there.interview.answer(Cell("/data/qd/q_income"), "7777"))
    there.leave()
    assert "7777" not in {line.value for line in form_versions.unmapped(enumerator, first)}
