"""What each print, export and list may hold in a working project and in a statistical survey (monitoring.md 2, 10, 11.3).

A service function that gives something to see, or a command of the command line, that is not here has no mode rule, and the matrix
(test_mode_matrix.py) fails until it has one. ``module.*`` stands for modules of which nothing is ever shown to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from fieldapp.services import (
    assigning,
    checking,
    deciding,
    exporting,
    finding,
    form_versions,
    interviewing,
    parameters,
    printing,
    register_history,
    registering,
    replacing,
    reviewing,
    summaries,
    syncing,
    unsettled,
    visit_log,
    workloads,
    year_figures,
)
from fieldapp.services.session import Session


class InSurvey(Enum):
    """What a statistical survey allows."""

    NO_ANSWER = "names and numbers of the register may stand there, nothing that was answered"
    NOBODY = "neither answers nor anybody's name"
    NO_PERSON = "answers may stand there, nothing that leads to a household or a person"
    MARKED = "a paper without answers that carries the survey's marks, refused without them"
    OWN_WORK = "the interviewing, reviewing and correcting of the survey itself"
    OFFICE = "what the office does before anything has been answered: files it reads, frame, sample"
    INWARD = "handed to other functions of the program, shown to nobody"


@dataclass(frozen=True)
class Rule:
    """``call`` shows it to a role; None for what is not probed with answers (OFFICE, INWARD and what writes)."""

    survey: InSurvey
    call: Callable[[Session, World], Any] | None = None


@dataclass(frozen=True)
class World:
    """The household, its handed-in interview and assignment, and a folder for files."""

    household: str
    interview: str
    assignment: str
    period: str
    folder: Path


def _exported(**more: Any) -> Callable[[Session, World], Any]:
    return lambda session, world: (
        exporting.export(session, world.folder / session.account, form_id="quarterly", period="", **more).files
    )


S = InSurvey
SERVICES: dict[str, Rule] = {
    # prints
    "printing.household_file": Rule(S.MARKED, lambda s, w: printing.household_file(s, w.household).pdf),
    "printing.household_files": Rule(S.MARKED),  # what household_file goes through
    "printing.questionnaire": Rule(S.MARKED, lambda s, _: printing.questionnaire(s, "quarterly").pdf),
    "printing.documents": Rule(S.NOBODY, lambda s, _: printing.documents(s)),
    "printing.print_rows": Rule(S.NO_ANSWER, lambda s, _: printing.print_rows(s)),
    "printing.collect": Rule(S.INWARD),
    "draw_report.report_pdf": Rule(S.OFFICE),  # refused without the marks: test_without_its_marks_a_survey_prints_nothing
    "draw_report.report": Rule(S.OFFICE),
    "draw_report.tables": Rule(S.OFFICE),
    "draw_report.write_report": Rule(S.OFFICE),
    "summaries.summary_pdf": Rule(S.MARKED, lambda s, w: summaries.summary_pdf(s, w.period).pdf),
    "summaries.write_summary": Rule(S.MARKED, lambda s, w: summaries.write_summary(s, w.period, w.folder)),
    "summaries.summary": Rule(S.NOBODY, lambda s, w: summaries.summary(s, w.period)),
    # exports
    "exporting.export": Rule(S.NO_PERSON, _exported()),
    "exporting.tables": Rule(S.NO_PERSON, lambda s, _: exporting.tables(s, "quarterly", "")),
    "weighting.weights_of": Rule(S.OFFICE),
    "year_figures.year_figures": Rule(S.NOBODY, lambda s, w: year_figures.year_figures(s, w.period[:4]).lines),
    "year_figures.write_year": Rule(S.NO_PERSON),  # needs a year of quarters
    "weighting.write_weights": Rule(S.OFFICE),
    # lists
    "listing.list_households": Rule(S.NO_ANSWER, lambda s, _: finding.list_households(s)),
    "listing.home_summary": Rule(S.NO_ANSWER, lambda s, _: finding.home_summary(s)),
    "listing.groups": Rule(S.NOBODY, lambda s, _: finding.groups(s)),
    "listing.villages": Rule(S.NOBODY, lambda s, _: finding.villages(s)),
    "listing.find_by_code": Rule(S.NOBODY, lambda s, _: finding.find_by_code(s, "0012")),
    "listing.listed_in_scope": Rule(S.INWARD),
    "listing.current_period": Rule(S.INWARD),
    "household_page.household_card": Rule(S.NO_ANSWER, lambda s, w: finding.household_card(s, w.household)),
    "household_page.household_page": Rule(S.NO_ANSWER, lambda s, w: finding.household_page(s, w.household)),
    "admitting.waiting": Rule(S.NO_ANSWER),  # hides what an interview answered: test_admitting.py
    "assigning.assignments_of": Rule(S.NO_ANSWER, lambda s, w: assigning.assignments_of(s, w.household)),
    "assigning.find_assignment": Rule(S.NO_ANSWER, lambda s, w: assigning.find_assignment(s, w.assignment)),
    "workloads.workloads": Rule(S.NOBODY, lambda s, _: workloads.workloads(s)),
    "checking.findings": Rule(S.NO_ANSWER, lambda s, w: checking.findings(s, w.period)),
    "register_history.household_history": Rule(
        S.NO_ANSWER, lambda s, w: register_history.household_history(s, w.household)
    ),
    "register_history.person_history": Rule(S.INWARD),
    "registering.open_register": Rule(S.NO_ANSWER, lambda s, w: registering.open_register(s, w.household)),
    "registering.open_in": Rule(S.INWARD),
    "registering.register_problems": Rule(S.INWARD),
    "unsettled.open_tasks": Rule(S.NO_ANSWER, lambda s, _: unsettled.open_tasks(s)),
    "unsettled.closed_tasks": Rule(S.NO_ANSWER, lambda s, w: unsettled.closed_tasks(s, w.household)),
    "visit_log.due_today": Rule(S.NO_ANSWER, lambda s, _: visit_log.due_today(s)),
    "visit_log.progress": Rule(S.NOBODY, lambda s, w: visit_log.progress(s, w.period, "quarterly")),
    "visit_log.progress_now": Rule(S.NOBODY, lambda s, _: visit_log.progress_now(s, "quarterly")),
    "visit_log.advice": Rule(S.NO_ANSWER, lambda s, w: visit_log.advice(s, w.assignment)),
    "visit_log.log_of": Rule(S.INWARD),
    "visit_log.final_outcome": Rule(S.INWARD),
    "replacing.requests": Rule(S.NO_ANSWER, lambda s, _: replacing.requests(s)),
    "parameters.records": Rule(S.NOBODY, lambda s, _: parameters.records(s)),
    "parameters.missing": Rule(S.NOBODY),
    "parameters.reminders": Rule(S.NOBODY, lambda s, _: parameters.reminders(s)),
    "parameters.parameters_for": Rule(S.INWARD),
    "parameters.values_for": Rule(S.INWARD),
    "project.project": Rule(S.NOBODY),
    "project.read_project": Rule(S.INWARD),
    "project.marks": Rule(S.INWARD),
    "project.mode_line": Rule(S.NOBODY),
    "syncing.log": Rule(S.NOBODY, lambda s, _: syncing.log(s)),
    "syncing.last_exchange": Rule(S.NOBODY, lambda s, _: syncing.last_exchange(s)),
    "syncing.unsent": Rule(S.NOBODY, lambda s, _: syncing.unsent(s)),
    "syncing.exchange": Rule(S.NOBODY),
    "form_versions.versions": Rule(S.NOBODY, lambda s, _: form_versions.versions(s, "quarterly")),
    "form_versions.version_line": Rule(S.NOBODY, lambda s, w: form_versions.version_line(s, w.interview)),
    "form_versions.unmapped": Rule(S.OWN_WORK, lambda s, w: form_versions.unmapped(s, w.interview)),
    # the survey's own work: who interviews and who reviews
    "opened_interview.open_interview": Rule(
        S.OWN_WORK, lambda s, w: interviewing.open_interview(s, w.interview).interview.saved().values
    ),
    "reviewing.waiting": Rule(S.OWN_WORK, lambda s, _: reviewing.waiting(s)),
    "reviewing.returned": Rule(S.OWN_WORK, lambda s, _: reviewing.returned(s)),
    "reviewing.desk_today": Rule(S.NOBODY, lambda s, _: reviewing.desk_today(s)),
    "reviewing.read_sheet": Rule(S.OWN_WORK, lambda s, w: reviewing.read_sheet(s, w.interview)),
    "reviewing.state_history": Rule(S.OWN_WORK, lambda s, w: reviewing.state_history(s, w.interview)),
    "deciding.conflicts": Rule(S.NO_ANSWER, lambda s, _: deciding.conflicts(s)),
    **{
        name: Rule(S.OWN_WORK)
        for name in (
            "assigning.assign", "assigning.assign_in", "assigning.reassign_all", "deciding.open_case",
            "form_versions.migrate", "form_versions.publish", "form_versions.trial", "form_versions.undo",
            "handing_out.hand_out", "handing_out.look", "opened_interview.begin", "review_sheet.sheet_of", "reviewing.open_sheet",
            "visiting.record_visit",
        )
    },
    # the office's own work, and the register's keepers
    **{
        name: Rule(S.OFFICE)
        for name in (
            "drawing_sample.draw", "drawing_sample.draws", "drawing_sample.find", "drawing_sample.survey_frame",
            "opening_county.apply_register", "opening_county.look", "opening_county.plan_register",
            "opening_differences.compare", "opening_lists.apply_list", "opening_lists.plan_list", "parameters.enter",
            "parameters.publish", "registering.change_facts", "registering.check_village", "registering.go_over",
            "registering.merge", "registering.move_away", "registering.move_back", "registering.record",
            "registering.same_person", "registering.split", "registering.track", "replacing.approve", "replacing.ask",
            "doubles.renumber", "doubles.same_household", "doubles.separate", "doubles.twin_of", "unsettled.outcome_for",
            "replacing.find", "rotating.approve", "rotating.plan", "sampling.fill_store",
        )
    },
    # carried from hand to hand, sealed; or handed to other functions
    **{
        name: Rule(S.INWARD)
        for name in (
            "carrying.carry_out", "carrying.look_at", "carrying.porter_of", "carrying.take_in", "syncing.by_other_hand", "enrolling.*", "leasing.*", "preparing.*", "relaying.*",
            "sampling.as_person", "sampling.fill_in", "snapshots.*",
        )
    },
}  # fmt: skip

# Every command of the command line, and the service functions whose outcome it shows. A family ("register") stands for all its
# commands; what prints and exports is named one by one.
COMMANDS: dict[str, tuple[str, ...]] = {
    "print household": ("printing.household_file",),
    "print village": ("printing.household_files",),
    "print questionnaire": ("printing.questionnaire",),
    "print summary": ("summaries.summary_pdf", "summaries.write_summary"),
    "export": ("exporting.export",),
    "sync": ("syncing.exchange",),
    "relay": (),  # sealed bundles, counts, colleagues' names
    "waiting": ("admitting.waiting",),
    "lease": (),  # days and letters, nobody's data
    "versions": ("form_versions.versions", "form_versions.trial", "form_versions.unmapped"),
    "county import": ("opening_county.plan_register", "opening_lists.plan_list"),
    "county parameters": ("parameters.records",),
    "county draw": ("drawing_sample.draw", "draw_report.write_report"),
    "county hand-out": ("handing_out.hand_out", "handing_out.look"),
    "county workers": ("workloads.workloads",),
    "county rotate": ("rotating.plan",),
    "county replace": ("replacing.requests",),
    "county progress": ("visit_log.progress",),
    "county weights": ("weighting.write_weights",),
    "county year": ("year_figures.write_year",),
    "county take-over": ("assigning.reassign_all",),
    "findings": ("checking.findings",),
    "register": ("registering.open_register", "register_history.household_history"),
    "visits": ("visit_log.due_today", "visit_log.advice"),
    "bundle": ("carrying.carry_out", "carrying.look_at", "carrying.take_in"),
    # no store is opened: forms alone, a new laptop, made-up data
    **dict.fromkeys(("forms", "enrol", "self-test", "sample", "demo"), ()),
}
