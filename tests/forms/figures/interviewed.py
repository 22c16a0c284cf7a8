"""A worked household, quarter by quarter, as answers to the real questionnaire; each quarter knows the ones before it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from itertools import count

from fieldapp.services.snapshots import Values, interview_values, to_csv
from forms.engine import Cell, Form, Interview, Question, Repeat, Situation
from forms.questionnaires import default_parameters
from tests.forms.figures.worked import DONT_KNOW, Quarter, Worked

_CHINA = timezone(timedelta(hours=8))
_LAST_DAY = {"1": (3, 31), "2": (6, 30), "3": (9, 30), "4": (12, 31)}
_ROSTERS = {"w": "wage", "p": "product", "b": "biz", "qs": "qs"}
Waves = dict[str, Values]


@dataclass(frozen=True)
class Questionnaire:
    """The loaded form and where its variables stand."""

    form: Form
    repeats: Mapping[str, str] = field(default_factory=dict)  # name of a repeat → path

    @cached_property
    def places(self) -> dict[str, tuple[str, str]]:
        """Variable → (path, path of its repeat or "")."""
        found: dict[str, tuple[str, str]] = {}
        repeats = [node.path for node in self.form.walk() if isinstance(node, Repeat)]
        for node in self.form.walk():
            if isinstance(node, Question):
                found[node.name] = (node.path, next((r for r in repeats if node.path.startswith(f"{r}/")), ""))
        return found

    def cell(self, interview: Interview, name: str, row_of: Mapping[str, str]) -> Cell:
        """The cell of ``w_cash@2`` (second row) or ``qm_age@03`` (member of this number)."""
        name, _, row = name.partition("@")
        path, repeat = self.places[name]
        if not repeat:
            return Cell(path)
        if row in row_of and repeat.endswith("/member"):
            return Cell(path, (row_of[row],))
        return Cell(path, (interview.rows(Cell(repeat))[int(row) - 1],))


def person(number: str) -> str:
    """The lasting id of a member."""
    return f"{int(number):032x}"


def _table(rows: Iterable[Mapping[str, str]]) -> bytes:
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(
        out, list(dict.fromkeys(key for row in rows for key in row)), restval="", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _sources(household: Worked, quarter: Quarter, waves: Waves) -> dict[str, bytes]:
    """What the program hands the form: parameters, the living household, the baseline, the quarters before."""
    year, number = int(quarter.period[:4]), int(quarter.period[5])
    values = (
        {one.name: one.value for one in default_parameters()}
        | {"q_period": quarter.period}
        | dict(household.parameters)
    )
    facts = {"row": "", "hh_id": "5299001012000077", **household.facts}
    facts["hh_type_now"] = facts.pop("q_hh_type_now")
    people = [
        {"row": person(number), "mem_no": number, "mem_family_pop": "1", **household.members[number]}
        for number in quarter.known
    ]
    found = {
        "params": _table({"name": name, "value": value} for name, value in values.items()),
        "register": _table([facts, *people]),
        "base": _table([{**facts, "cov_ref_year": "2025"}, *people]),
        "peers": _table([{"hh_id": "", "q_enum_id": "", "q_visit_date": "", "q_visit_start": "", "q_visit_end": ""}]),
    }
    for step in range(1, 9):
        past = (year * 4 + number - 1) - step
        period = f"{past // 4}Q{past % 4 + 1}"
        if period in waves:
            found[f"hist{step}"] = to_csv(waves[period])
            if step == 1:
                found["prev"] = to_csv(waves[period])
        elif period == "2025Q4" and step == 4:
            found["yoy"] = _table([{"row": "", **{k: v.replace("−", "-") for k, v in household.last_year.items()}}])
    return found


def _begun(questions: Questionnaire, household: Worked, quarter: Quarter, waves: Waves) -> Interview:
    sources = _sources(household, quarter, waves)
    year, (month, day) = int(quarter.period[:4]), _LAST_DAY[quarter.period[5]]
    numbers = count(0xF000)
    situation = Situation(
        now=lambda: datetime(year, month, day, 10, 40, tzinfo=_CHINA),
        new_row_id=lambda: f"{next(numbers):032x}",
        random=lambda: 0.5,
        properties={"username": "ENUM-0417"},
        resource=lambda name: sources.get(name.removesuffix(".csv")),
    )
    interview = Interview.begin(questions.form, situation)
    everyone = {"member": [person(number) for number in (*quarter.known, *quarter.new)]}
    stems = {
        name.partition("@")[0].partition("_")[0]: name.partition("@")[2] for name, _ in quarter.answers if "@" in name
    }
    for stem, roster in _ROSTERS.items():
        everyone[roster] = [f"{ord(stem[0]):030x}{i:02x}" for i in range(1, int(stems.get(stem, "0")) + 1)]
    for node in questions.form.walk():
        if isinstance(node, Repeat) and node.name in everyone:
            for row in interview.rows(Cell(node.path)):
                interview.remove_row(Cell(node.path, (row,)))
            for row in everyone[node.name]:
                interview.add_row(Cell(node.path), row_id=row)
    return interview


def asked(questions: Questionnaire, household: Worked, quarter: Quarter, waves: Waves) -> Interview:
    """One quarter, every answer of the table given; ``waves`` are the quarters before it."""
    interview = _begun(questions, household, quarter, waves)
    rows = {number: person(number) for number in household.members}
    answers: dict[str, str] = {name: "" for name in questions.places if name.startswith("sel_")}
    answers |= {"q_hh_type_now": household.facts["q_hh_type_now"]}
    for number in quarter.new:
        answers |= {f"{name}@{number}": value for name, value in household.members[number].items()}
    for name, value in (answers | dict(quarter.answers)).items():
        cell = questions.cell(interview, name, rows)
        if value == DONT_KNOW:
            interview.answer_state(cell, "8")
        elif interview.value(cell) != value:
            interview.answer(cell, value)
    return interview


def year_of(questions: Questionnaire, household: Worked) -> dict[str, Interview]:
    """The household's quarters in order, each begun with what the ones before it say."""
    done: dict[str, Interview] = {}
    waves: Waves = {}
    for period, quarter in household.quarters.items():
        done[period] = asked(questions, household, quarter, waves)
        waves[period] = interview_values(questions.form, done[period])
    return done
