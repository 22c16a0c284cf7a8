"""Every print, export and list, in a working project and in a statistical survey, for every role that may call it."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook

import fieldapp.services
from fieldapp.cli import _make_parser
from fieldapp.errors import FieldAppError, NotAllowed
from fieldapp.services import exporting, interviewing, printing, reviewing, summaries
from fieldapp.services.assigning import NewAssignment, assign
from fieldapp.services.draw_report import report_pdf
from fieldapp.services.project import MarksMissing, NotInStatistics, UseMode
from fieldapp.services.session import Session
from forms.engine import Cell, load_form
from sync.project import APPROVAL_NO, ISSUING_OFFICE, TABLE_NO, VALID_UNTIL
from sync.scope import Role
from sync.server.errors import NotInStatistics as NoSuchPost
from sync.server.office import Office
from tests.services.conftest import FORM, HEAD, PERIOD, Clock, County, write_household
from tests.services.mode_rules import COMMANDS, SERVICES, InSurvey, World

# The questionnaire's variables bear the names that lists and papers look for, and the answers are found again anywhere.
MATRIX_FORM = FORM.replace(" q_income ", " disp_inc_pc ").replace("${q_income}", "${disp_inc_pc}")
INCOME, PHONE, NOTE = "53307", "16900009999", "水管冻裂了整月"
ANSWERED = (INCOME, "53,307", PHONE, "169****9999", NOTE)
PERSONAL = ("周德顺", "田秀英", "529900196301010123", "5299001012000012", "三组大坪", "16900002206")
MARKS = {
    TABLE_NO + "quarterly": "滇贫监Q01表",
    ISSUING_OFFICE: "云岭县统计局",
    APPROVAL_NO: "云统审〔2026〕3号",
    VALID_UNTIL: "2027-12-31",
}
STAFF = {
    "tsup01": ("刘志远", Role.TSUP),
    "enum01": ("王建国", Role.ENUM),
    "vsec01": ("杨秀兰", Role.VSEC),
    "asst01": ("马会计", Role.ASST),
    "cqc001": ("陈质控", Role.CQC),
    "audr01": ("上级审计", Role.AUDR),
    "office": ("县办公室", Role.CADM),
}


@dataclasses.dataclass(frozen=True)
class Project:
    county: County
    people: Mapping[Role, Session]
    world: World


def _play(folder: Path, mode: UseMode) -> Project:
    """One household interviewed, handed in and approved; everybody has exchanged."""
    county = County(folder, Clock(), mode)
    office = Office(county.server, now_ms=county.now_ms)
    office.publish_form("quarterly", load_form(MATRIX_FORM, name="quarterly.md").xml)
    if mode is UseMode.STAT:
        office.publish_project(MARKS)
    people = {role: county.laptop(account, name, role) for account, (name, role) in STAFF.items()}
    if mode is UseMode.WORK:
        people[Role.CMON] = county.laptop("cmon01", "帮扶甲", Role.CMON)
    supervisor, enumerator = people[Role.TSUP], people[Role.ENUM]
    county.exchange(supervisor)
    household = write_household(supervisor)
    (assignment,) = assign(supervisor, [NewAssignment(household, "quarterly", PERIOD, "enum01")])
    county.exchange(supervisor, enumerator)
    opened = interviewing.begin(enumerator, assignment)
    for path, value in (("qa/hh_phone", PHONE), ("qa/q_days", "12"), ("qa/disp_inc_pc", INCOME)):
        opened.save(opened.interview.answer(Cell(f"/data/{path}"), value))
    opened.save(opened.interview.answer(Cell("/data/member/qm_months", (HEAD,)), "7"))
    opened.save(opened.interview.confirm(Cell("/data/qa/hh_phone")))
    opened.save(opened.interview.write_note(Cell("/data/qa/chk_days"), NOTE))
    interviewing.hand_in(opened)
    county.exchange(enumerator, supervisor)
    reviewing.open_sheet(supervisor, opened.header.interview)
    reviewing.approve(supervisor, opened.header.interview)
    county.exchange(supervisor, *people.values())
    return Project(county, people, World(household, opened.header.interview, assignment, PERIOD, folder / "out"))


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[UseMode, Project]]:
    made = {mode: _play(tmp_path_factory.mktemp(mode), mode) for mode in UseMode}
    yield made
    for one in made.values():
        for session in one.county.sessions:
            session.lock()


def _pdf_words(pdf: bytes) -> str:
    with printing.PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return "".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()


def words_of(thing: object) -> str:
    """Everything there is to read in what a function gave."""
    if isinstance(thing, bytes):
        return _pdf_words(thing) if thing.startswith(b"%PDF") else thing.hex()
    if isinstance(thing, Path):
        if thing.suffix == ".xlsx":
            return " ".join(str(cell) for sheet in load_workbook(thing) for row in sheet.values for cell in row)
        return thing.read_text(encoding="utf-8-sig")
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return " ".join(words_of(getattr(thing, one.name)) for one in dataclasses.fields(thing))
    if isinstance(thing, Mapping):
        return " ".join(f"{words_of(key)} {words_of(value)}" for key, value in thing.items())
    if isinstance(thing, (list, tuple, set, frozenset)):
        return " ".join(words_of(one) for one in thing)
    return str(thing)


# --- nothing without a rule -------------------------------------------------------------------------------------------


def shown_by_services() -> set[str]:
    """Functions that a signed-in person calls and that give something back."""
    found = set()
    for info in pkgutil.iter_modules(fieldapp.services.__path__):
        module = importlib.import_module(f"fieldapp.services.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            hints = typing.get_type_hints(function)
            if Session in hints.values() and hints.get("return") is not type(None):
                found.add(f"{info.name}.{name}")
    return found


def commands(parser: argparse.ArgumentParser, before: tuple[str, ...] = ()) -> Iterator[str]:
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield " ".join(before)
    for action in below:
        for name, child in action.choices.items():
            yield from commands(child, (*before, name))


def test_every_function_that_shows_something_has_a_mode_rule() -> None:
    shown = shown_by_services()
    without = {one for one in shown if one not in SERVICES and f"{one.split('.')[0]}.*" not in SERVICES}
    assert without == set(), "give these a rule in tests/services/mode_rules.py"
    gone = {one for one in SERVICES if one not in shown and not one.endswith(".*")}
    assert gone == set(), "these are gone: take their rules out"


def test_every_command_leads_to_functions_with_a_mode_rule() -> None:
    there = set(commands(_make_parser()))
    without = {one for one in there if one not in COMMANDS and one.split()[0] not in COMMANDS}
    assert without == set(), "give these a line in COMMANDS of tests/services/mode_rules.py"
    gone = {one for one in COMMANDS if not any(f"{command} ".startswith(f"{one} ") for command in there)}
    assert gone == set(), "these are gone: take them out of COMMANDS"
    assert {name for names in COMMANDS.values() for name in names} <= set(SERVICES)


# --- what they hold ---------------------------------------------------------------------------------------------------

PROBED = sorted(name for name, rule in SERVICES.items() if rule.call is not None)


@pytest.fixture(scope="module")
def shown(projects: dict[UseMode, Project]) -> dict[tuple[UseMode, str, Role], str]:
    """What everybody sees everywhere; a role that is refused has no entry."""
    found = {}
    for mode, project in projects.items():
        for name in PROBED:
            for role, session in project.people.items():
                try:
                    found[mode, name, role] = words_of(SERVICES[name].call(session, project.world))
                except FieldAppError:  # not for this post, or not on its laptop
                    continue
    return found


@pytest.mark.parametrize("name", PROBED)
def test_a_working_project_prints_no_table_number_anywhere(shown, name: str) -> None:
    seen = [words for (mode, one, _), words in shown.items() if (mode, one) == (UseMode.WORK, name)]
    assert seen
    for words in seen:
        for mark in ("表号", "制定机关", "批准或备案文号", *MARKS.values()):
            assert mark not in words


@pytest.mark.parametrize("name", PROBED)
def test_a_survey_shows_only_what_its_rule_allows(shown, name: str) -> None:
    rule = SERVICES[name].survey
    for (mode, one, role), words in shown.items():
        if (mode, one) != (UseMode.STAT, name):
            continue
        if rule is InSurvey.OWN_WORK:
            assert role in (Role.ENUM, Role.TSUP, Role.CADM)
        if rule in (InSurvey.NO_ANSWER, InSurvey.NOBODY, InSurvey.MARKED):
            assert [answer for answer in ANSWERED if answer in words] == []
        if rule in (InSurvey.NOBODY, InSurvey.NO_PERSON):
            assert [person for person in PERSONAL if person in words] == []
        if rule is InSurvey.NO_PERSON:
            assert role is Role.CADM
            assert PHONE not in words
            assert INCOME in words
        if rule is InSurvey.MARKED:
            assert [mark for mark in MARKS.values() if mark not in words] == []


def test_answers_do_reach_the_papers_and_pages_of_a_working_project(shown) -> None:
    """The other side of the rule: the same probes find the answers where they may stand."""
    assert "近四季收支表" in shown[UseMode.WORK, "printing.household_file", Role.TSUP]
    assert "53,307" in shown[UseMode.WORK, "printing.household_file", Role.CADM]
    assert "用途 工作监测" in " ".join(shown[UseMode.WORK, "printing.household_file", Role.CADM].split())
    assert INCOME in shown[UseMode.WORK, "household_page.household_page", Role.TSUP]
    assert NOTE in shown[UseMode.STAT, "reviewing.read_sheet", Role.TSUP]
    register_page = shown[UseMode.STAT, "printing.household_file", Role.VSEC]
    assert "名册部分" in register_page
    assert "近四季收支表" not in register_page


@pytest.mark.parametrize("role", [Role.ASST, Role.VSEC, Role.CQC, Role.AUDR])
@pytest.mark.parametrize("mode", list(UseMode))
def test_who_neither_interviews_nor_reviews_sees_nothing_that_was_answered(shown, mode: UseMode, role: Role) -> None:
    """people-and-process.md 1: names and appointments, the questions asked again, the log; never the amounts."""
    seen = {one: words for (project, one, who), words in shown.items() if (project, who) == (mode, role)}
    assert len(seen) > 3
    assert {one for one, words in seen.items() if any(answer in words for answer in (INCOME, "53,307", NOTE))} == set()


def test_those_who_help_households_see_nothing_of_a_survey(projects, shown) -> None:
    with pytest.raises(NoSuchPost):
        projects[UseMode.STAT].county.code("cmon01", "帮扶甲", Role.CMON)
    assert {role for mode, _, role in shown if mode is UseMode.STAT} <= {role for _, role in STAFF.values()}


def test_a_survey_gives_out_no_identities_and_no_rows_below_the_county(projects) -> None:
    survey = projects[UseMode.STAT]
    for role, refusal, identities in (
        (Role.CADM, NotInStatistics, True),
        (Role.TSUP, NotAllowed, False),
        (Role.VSEC, NotAllowed, False),
    ):
        with pytest.raises(refusal):
            exporting.tables(survey.people[role], "quarterly", "", identities=identities)
    working = projects[UseMode.WORK].people[Role.CADM]
    assert "周德顺" in words_of(exporting.tables(working, "quarterly", "", identities=True))


@pytest.mark.parametrize("file_format", exporting.FORMATS)
def test_the_files_of_a_survey_lead_to_nobody(projects, file_format: str, tmp_path: Path) -> None:
    office = projects[UseMode.STAT].people[Role.CADM]
    files = exporting.export(office, tmp_path, form_id="quarterly", period="", file_format=file_format).files
    words = " ".join(words_of(path) for path in files)
    assert INCOME in words
    assert [one for one in (*PERSONAL, PHONE, "529900101200") if one in words] == []


def test_without_its_marks_a_survey_prints_nothing(projects) -> None:
    survey = projects[UseMode.STAT]
    office = survey.people[Role.CADM]
    with office.database.transaction() as writing:
        from fieldapp.store import facts

        facts.write_fact(writing, "project", ISSUING_OFFICE, "")
    try:
        for refused in (
            lambda: printing.household_file(office, survey.world.household),
            lambda: printing.questionnaire(office, "quarterly"),
            lambda: report_pdf(office, None),  # type: ignore[arg-type]
            lambda: summaries.summary_pdf(office, PERIOD),
            lambda: summaries.write_summary(office, PERIOD, survey.world.folder),
        ):
            with pytest.raises(MarksMissing) as told:
                refused()
            assert "制定机关" in told.value.sentence()
    finally:
        with office.database.transaction() as writing:
            facts.write_fact(writing, "project", ISSUING_OFFICE, MARKS[ISSUING_OFFICE])
