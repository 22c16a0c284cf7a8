"""The household of ``quarterly_case`` as a running interview, and trials that leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from forms.engine import Cell, Effects, Form, Interview, Situation
from tests.forms.questionnaires.looking import states_of
from tests.forms.questionnaires.quarterly_case import NOW, PEOPLE, WHOLE, Answers, ref, resources


def situation(attachments: Mapping[str, bytes]) -> Situation:
    numbers = count(0xF00)
    return Situation(
        now=lambda: NOW,
        new_row_id=lambda: f"{next(numbers):032x}",
        random=lambda: 0.5,
        properties={"username": "ENUM-0417"},
        resource=lambda name: attachments.get(name.removesuffix(".csv")),
    )


def opened(
    form: Form, attachments: Mapping[str, bytes] | None = None, defaults: Mapping[Cell, str] | None = None
) -> Interview:
    """A new interview with the known members on its roster, nothing asked yet."""
    interview = Interview.begin(form, situation(attachments or resources()), defaults=defaults)
    roster = Cell("/data/member")
    for row in interview.rows(roster):
        interview.remove_row(Cell(roster.path, (row,)))
    for row in PEOPLE:
        interview.add_row(roster, row_id=row)
    return interview


def give(interview: Interview, answers: Answers) -> list[Effects]:
    """Puts answers; "+wage" adds a row, "!trf_med" confirms, "8:qa19" would be a state: ``name:8``."""
    done = []
    for name, value in answers:
        if name.startswith("+"):
            done.append(interview.add_row(Cell(ref(name[1:]))))
        elif name.startswith("-"):
            first = interview.rows(Cell(ref(name[1:])))[0]
            done.append(interview.remove_row(Cell(ref(name[1:]), (first,))))
        elif name.startswith("!"):
            done.append(interview.confirm(ref(name[1:])))
        elif name.startswith("?"):
            done.append(interview.answer_state(ref(name[1:]), value))
        else:
            done.append(interview.answer(ref(name), value))
    return done


def filled(form: Form, attachments: Mapping[str, bytes] | None = None) -> Interview:
    """The whole interview, every question answered."""
    interview = opened(form, attachments)
    give(interview, WHOLE)
    return interview


@contextmanager
def trial(interview: Interview, answers: Answers) -> Iterator[None]:
    """The interview with some answers changed; afterwards it is as before."""
    done: list[Effects] = []
    try:
        for answer in answers:
            done += give(interview, (answer,))
        yield
    finally:
        for effects in reversed(done):
            interview.undo(effects)


def check_states(interview: Interview, number: str) -> list[str]:
    """States of the check with this number, one for each row it stands in."""
    return states_of(interview, number)
