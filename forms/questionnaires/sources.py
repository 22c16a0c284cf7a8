"""Where the project's own questionnaires lie, and how they become forms.

A questionnaire is one CSV file in pyxform's single-file layout (sheet name in the first column, then that sheet's header and rows), complete by
itself: it opens in Excel and WPS, and changes to it are read line by line.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from pyxform.xls2xform import convert

from forms.engine import Form, load_form
from forms.engine.workbook import compared_by_identity
from forms.errors import FieldAppError

FOLDER = Path(__file__).resolve().parent


class UnknownQuestionnaire(FieldAppError):
    """No questionnaire of this name comes with the program."""

    zh = "没有名为“{name}”的问卷。可用的问卷见“问卷”列表。"


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One of the project's questionnaires.

    Attributes:
        name: form id and file name without its ending: "annual" or "quarterly".
        title: Chinese title, as printed.
        period: "year" or "quarter": what one interview stands for.
        path: the XLSForm source.
    """

    name: str
    title: str
    period: str
    path: Path


@dataclass(frozen=True, slots=True)
class Parameter:
    """A county parameter, from a date on (monitoring.md 3, people-and-process.md 6.1).

    Attributes:
        value: as text; "" means that the county has to enter it, and rules that need it do not run.
        effective_from: first day on which it holds.
        document: where the value comes from; a county enters the number of its document here.
    """

    name: str
    value: str
    effective_from: date
    document: str


_TITLES = (
    ("annual", "脱贫成效跟踪监测年度调查表", "year"),
    ("quarterly", "脱贫成效跟踪监测季度调查表", "quarter"),
)


def catalog() -> tuple[Questionnaire, ...]:
    """The questionnaires that come with the program, in the order in which a year begins."""
    return tuple(
        Questionnaire(name, title, period, FOLDER / f"{name}.csv")
        for name, title, period in _TITLES
        if (FOLDER / f"{name}.csv").is_file()
    )


def questionnaire(name: str) -> Questionnaire:
    """The questionnaire of this name.

    Raises:
        UnknownQuestionnaire: there is none.
    """
    for one in catalog():
        if one.name == name:
            return one
    raise UnknownQuestionnaire(f"no questionnaire {name!r}", name=name)


# pyxform writes straight quotation marks for “ and ”, the marks of Chinese; characters for private use get past it.
_QUOTES_AWAY = str.maketrans("“”‘’", "\ue001\ue002\ue003\ue004")
_QUOTES_BACK = str.maketrans("\ue001\ue002\ue003\ue004", "“”‘’")


def _with_readable_choices(xml: str) -> str:
    """Puts the node named by ``fa:label`` as label of choices that are rows of a roster.

    XLSForm writes the value itself as label there ("02"); XForms may name any node beside it ("王秀英").
    """
    for path, label in re.findall(r'<bind nodeset="([^"]+)"[^>]* fa:label="([^"]+)"', xml):
        opening = rf'<select1? ref="{re.escape(path)}".*?<itemset [^>]*>\s*<value ref="[^"]*"/>\s*<label ref="'
        xml = re.sub(rf'({opening})[^"]*"', rf'\g<1>{label}"', xml, count=1, flags=re.DOTALL)
    return xml


@lru_cache(maxsize=4)
def xform(name: str) -> str:
    """The questionnaire as ODK XForm XML.

    Raises:
        UnknownQuestionnaire: there is none of this name.
    """
    text = questionnaire(name).path.read_text(encoding="utf-8").translate(_QUOTES_AWAY)
    with compared_by_identity():
        made = str(convert(xlsform=text, file_type=".csv", validate=False, pretty_print=False).xform)
    return _with_readable_choices(made.translate(_QUOTES_BACK))


@lru_cache(maxsize=4)
def load_questionnaire(name: str) -> Form:
    """The questionnaire ready to be filled.

    Raises:
        UnknownQuestionnaire: there is none of this name.
        FormRefused: the source has a mistake, told with sheet and row.
    """
    return load_form(xform(name), name=f"{name}.xml")


def default_parameters() -> tuple[Parameter, ...]:
    """The parameters a new county starts with."""
    with (FOLDER / "params.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Parameter(row["name"], row["value"], date.fromisoformat(row["effective_from"]), row["document"])
            for row in csv.DictReader(file)
        )


def parameters_csv(parameters: tuple[Parameter, ...], on: date) -> bytes:
    """``params.csv`` as the forms read it: what holds on a day, one line a name, UTF-8.

    Of several values of one name the one with the latest ``effective_from`` not after ``on`` holds.
    """
    holding: dict[str, Parameter] = {}
    for parameter in sorted(parameters, key=lambda one: one.effective_from):
        if parameter.effective_from <= on:
            holding[parameter.name] = parameter
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "value"])
    for name in sorted(holding):
        writer.writerow([name, holding[name].value])
    return text.getvalue().encode()
