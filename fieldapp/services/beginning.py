"""The first moment of an interview: people of the household stand in the roster, slow facts are filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fieldapp.services.snapshots import Values, from_csv
from fieldapp.store.projections import ROSTER
from forms.engine import Cell, Form, Group, Interview, Question, Repeat, SavedInterview, SetValue, Situation, StoredOp
from forms.monitoring.living import HERE

PREFILL = "prefill"
CARRY = "carry"


def known_facts(sources: Mapping[str, bytes]) -> Values:
    """What the living household says: fields of the household and of each member by person uid."""
    return from_csv(sources.get("register.csv"))


def begin(form: Form, situation: Situation, known: Values) -> tuple[Interview, tuple[StoredOp, ...]]:
    """A new filling with members and slow facts in it, and what has to be stored of that.

    A pre-filled question that has a hidden ``x__ok`` beside it waits for its confirmation; one without stands as it is.
    """
    interview = Interview.begin(form, situation)
    stored: list[StoredOp] = list(interview.opening.stored)
    people = [row_id for row_id, row in known.items() if row_id and row.get("mem_left", "") in HERE]
    filled: dict[Cell, str] = {}
    for repeat in rosters_of_people(form):
        if people:
            # Forms of the ecosystem begin with one empty row; here the people are known.
            for row_id in interview.rows(Cell(repeat.path)):
                stored += interview.remove_row(Cell(repeat.path, (row_id,))).stored
        for person in sorted(people, key=lambda one: known[one].get("mem_no", "")):
            stored += interview.add_row(Cell(repeat.path), row_id=person).stored
            filled.update(_filled(repeat, (person,), known[person]))
    stored += _carry_rows(form, interview, from_csv(situation.resource("prev.csv")))
    filled.update(_filled(form.root, (), known.get("", {})))
    if filled:
        saved = interview.saved()
        interview = Interview.resume(form, SavedInterview(saved.rows, {**saved.values, **filled}), situation)
        stored += [SetValue(cell, value) for cell, value in filled.items()]
    # Defaults written into the form stand in the filling without any event having stored them.
    told = {one.cell for one in stored if isinstance(one, SetValue)}
    stored += [SetValue(cell, value) for cell, value in interview.saved().values.items() if value and cell not in told]
    return interview, tuple(stored)


def _carry_rows(form: Form, interview: Interview, before: Values) -> list[StoredOp]:
    """Opens rows of the last interview again under their lasting ids: repeats with ``fa:carry``.

    ``fa:carry="w_type 2 3 5"`` carries the rows whose ``w_type`` was one of these codes (wages by the month, quarterly.md 0.2),
    ``fa:carry="loan_balance"`` those whose value was neither blank nor zero (loans not paid back, annual.md J2). What they hold is
    for the form's own defaults to say; everything else only stands beside the question as last time's value.
    """
    stored: list[StoredOp] = []
    for repeat in form.walk():
        if not isinstance(repeat, Repeat) or not repeat.fa.get(CARRY):
            continue
        name, *codes = repeat.fa[CARRY].split()
        carried = [
            row_id
            for row_id, row in before.items()
            if row_id and (row.get(name, "") in codes if codes else row.get(name, "").strip("0.") != "")
        ]
        if carried:
            for row_id in interview.rows(Cell(repeat.path)):
                stored += interview.remove_row(Cell(repeat.path, (row_id,))).stored
        for row_id in carried:
            stored += interview.add_row(Cell(repeat.path), row_id=row_id).stored
    return stored


def rosters_of_people(form: Form) -> list[Repeat]:
    """Repeats whose rows are the members of the household."""
    return [node for node in form.walk() if isinstance(node, Repeat) and node.name == ROSTER]


def slow_questions(node: Group | Repeat) -> Iterator[Question]:
    """Questions filled from the living household below a node, not entering rosters."""
    for child in node.children:
        if isinstance(child, Question):
            if child.fa.get(PREFILL):
                yield child
        elif isinstance(child, Group):
            yield from slow_questions(child)


def household_field(question: Question) -> str:
    """The field of the living household behind a slow question: its own variable name, unless ``fa:prefill`` names another."""
    said = question.fa.get(PREFILL, "")
    return question.name if said in ("household", "true", "") else said


def _filled(node: Group | Repeat, rows: tuple[str, ...], known: Mapping[str, str]) -> dict[Cell, str]:
    return {
        Cell(question.path, rows): known[household_field(question)]
        for question in slow_questions(node)
        if known.get(household_field(question)) and not question.calculated
    }
