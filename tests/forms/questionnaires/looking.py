"""Looking at one check of an interview without working out the words of all the others."""

from __future__ import annotations

from functools import cache

from forms.engine import CheckResult, Form, Interview, checks
from forms.engine.definition import CheckDef


@cache
def _numbered(form: Form) -> dict[str, list[CheckDef]]:
    found: dict[str, list[CheckDef]] = {}
    for check in form.checks:
        found.setdefault(check.id, []).append(check)
    return found


def results_of(interview: Interview, number: str) -> list[CheckResult]:
    """Results of the checks with this number, one for each row they stand in."""
    filling = interview._filling
    found = []
    for check in _numbered(interview.form)[number]:
        template = filling.program.templates.by_path[check.path]
        found += [checks.result(filling, check, template, row) for row in checks.check_rows(filling, template)]
    return found


def states_of(interview: Interview, number: str) -> list[str]:
    """Their states alone."""
    return [result.state for result in results_of(interview, number)]
