"""What every test of forms uses: a form written as a table, and a situation that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest

from forms.engine import Form, Interview, Situation, load_form

NOW = datetime(2024, 6, 15, 10, 20, 30, tzinfo=timezone(timedelta(hours=8)))


def survey(table: str, choices: str = "", settings: str = "") -> str:
    """A markdown workbook from tables without their sheet names."""
    sheets = [("survey", table), ("choices", choices), ("settings", settings)]
    return "\n".join(f"| {name} |\n{_indented(text)}" for name, text in sheets if text.strip())


def _indented(text: str) -> str:
    return "\n".join("| " + line.strip() for line in text.strip().splitlines())


XFORM = (
    '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"'
    ' xmlns:odk="http://www.opendatakit.org/xforms" xmlns:jr="http://openrosa.org/javarosa"'
    ' xmlns:orx="http://openrosa.org/xforms"><h:head><h:title>t</h:title><model>'
)


def xform(instance: str, binds: str = "", body: str = "") -> str:
    """An XForm with this content of ``data``, these further elements of the model, and this body."""
    start = f"{XFORM}<instance><data id='t'>{instance}</data></instance>{binds}"
    return f"{start}</model></h:head><h:body>{body}</h:body></h:html>"


def still(resources: Mapping[str, str] | None = None) -> Situation:
    """A clock and chance that stand still, row ids r1, r2 …"""
    ids: Iterator[int] = count(1)
    files = resources or {}

    def resource(name: str) -> bytes | None:
        return files[name].encode("utf-8") if name in files else None

    return Situation(lambda: NOW, lambda: f"r{next(ids)}", lambda: 0.25, {"username": "li"}, resource)


@pytest.fixture
def form_of() -> Callable[..., Form]:
    """A form from a survey table (and choices, settings)."""
    return lambda table, choices="", settings="": load_form(survey(table, choices, settings), name="test.md")


@pytest.fixture
def interview_of(form_of: Callable[..., Form]) -> Callable[..., Interview]:
    """A new filling of a form written as a table."""

    def begin(
        table: str,
        choices: str = "",
        settings: str = "",
        resources: Mapping[str, str] | None = None,
        language: str | None = None,
    ) -> Interview:
        return Interview.begin(form_of(table, choices, settings), still(resources), language=language)

    return begin
