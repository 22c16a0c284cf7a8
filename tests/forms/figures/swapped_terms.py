"""Wrong formulas made from the right ones: a term dropped, its sign turned, two terms exchanged, one written in place of another.

Only the measure under test and what it adds up are asked of the engine, as a small form of its own: every wrong formula is one
calculation beside the right one, and what it adds up comes from the tables of the worked households.

``python -m tests.forms.figures.swapped_terms`` prints, for every wrong formula, which households tell it from the right one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import permutations

from pyxform.xls2xform import convert

from forms.engine import Cell, Form, Interview, Situation, load_form
from forms.questionnaires import questionnaire
from tests.forms.figures.worked import NAMES, Quarter, Worked, worked

MEASURES = (
    "net_inc_mon", "disp_inc", "cons_total", "nonc_total", "wage_inc", "op_net", "op_net_1", "op_net_2", "op_net_3",
    "prop_net", "trf_net", "cash_inc", "surplus",
)  # fmt: skip
_TERM = re.compile(r"coalesce\(\$\{(\w+)\}, 0\)|\$\{(\w+)\}")


@dataclass(frozen=True)
class Wrong:
    """A formula that is not the questionnaire's."""

    measure: str
    how: str
    formula: str


@cache
def formulas() -> dict[str, str]:
    """The measures' formulas as the questionnaire's source has them."""
    with questionnaire("quarterly").path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    head = next(row for row in rows if "calculation" in row)
    name, calculation = head.index("name"), head.index("calculation")
    return {row[name]: row[calculation] for row in rows if len(row) > calculation and row[name] in MEASURES}


def wrong_formulas(measure: str) -> Iterator[Wrong]:
    """Every wrong formula of one measure; exchanges that only change the order of a sum are not wrong and left out."""
    formula = formulas()[measure]
    terms = list(_TERM.finditer(formula))
    names = [term[1] or term[2] for term in terms]

    def with_terms(*texts: str) -> str:
        ends = [0, *(term.end() for term in terms)]
        starts = [*(term.start() for term in terms), len(formula)]
        between = [formula[end:start] for end, start in zip(ends, starts, strict=True)]
        return "".join(part for pair in zip(between, [*texts, ""], strict=True) for part in pair)

    plain = [term[0] for term in terms]
    role = [_role(formula, term.start()) for term in terms]
    for i, name in enumerate(names):
        yield Wrong(measure, f"{name} left out", with_terms(*plain[:i], "0", *plain[i + 1 :]))
        yield Wrong(
            measure, f"{name} with the other sign", with_terms(*plain[:i], f"(0 - {plain[i]})", *plain[i + 1 :])
        )
    for i, j in permutations(range(len(terms)), 2):
        if i < j and role[i] != role[j]:
            texts = list(plain)
            texts[i], texts[j] = texts[j], texts[i]
            yield Wrong(measure, f"{names[i]} and {names[j]} exchanged", with_terms(*texts))
        yield Wrong(measure, f"{names[j]} written for {names[i]}", with_terms(*plain[:i], plain[j], *plain[i + 1 :]))


def _role(formula: str, at: int) -> tuple[str, str]:
    """How a term counts: its sign with all brackets opened, and the condition it stands under."""
    sign, condition, stack = 1, "", []
    operator = 1
    for index, char in enumerate(formula[:at]):
        if char == "(":
            stack.append((operator, condition))
            sign *= operator
            condition = formula[index - 2 :].split(",", 1)[0] if formula[:index].endswith("if") else condition
            operator = 1
        elif char == ")":
            before, condition = stack.pop()
            sign *= before
            operator = 1
        elif char in "+-" and formula[index - 1] == " ":
            operator = 1 if char == "+" else -1
        elif char == ",":
            operator = 1
    return ("+" if sign * operator > 0 else "-"), condition


def measure_form(measure: str, wrong: list[Wrong]) -> Form:
    """The right formula as ``right`` and the wrong ones as ``wrong_0`` …, over the terms as plain questions."""
    names = dict.fromkeys(term[1] or term[2] for term in _TERM.finditer(formulas()[measure]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["survey"])
    writer.writerow(["", "type", "name", "label", "calculation"])
    writer.writerow(["", "csv-external", "params", "", ""])
    writer.writerows(["", "decimal", name, name, ""] for name in names)
    calculations = {"right": formulas()[measure]} | {f"wrong_{i}": one.formula for i, one in enumerate(wrong)}
    writer.writerows(["", "calculate", name, "", formula] for name, formula in calculations.items())
    xml = str(convert(xlsform=out.getvalue(), file_type=".csv", form_name="data", validate=False).xform)
    return load_form(xml, name=f"{measure}.xml")


def _sum(values: list[str]) -> str:
    return str(sum((Decimal(value) for value in values), Decimal()))


def term(household: Worked, quarter: Quarter, name: str) -> str:
    """A term's value from the tables, as typed; sums that the questionnaire keeps under names of its own are made here."""
    answers = dict(quarter.answers)
    own = {
        "aux_wage_rows": lambda: _sum([f.result for f in quarter.figures if f.name.startswith("w_total@")]),
        "aux_wage_inkind": lambda: household.value("ch_free_emp", quarter.period),
        "aux_ne_all": lambda: _sum([value for key, value in answers.items() if key.startswith("ne_")]),
        "aux_mon_prop": lambda: household.value("mon_prop", quarter.period),
        "aux_mon_trf": lambda: household.value("mon_trf", quarter.period),
        "aux_out_wages": lambda: _sum(
            [household.value("mon_wage", quarter.period), f"-{household.value('wage_inc', quarter.period)}"]
        ),
    }
    try:
        found = own[name]() if name in own else household.value(name, quarter.period)
    except StopIteration:
        found = "0" if name == "prop_imputed" else ""  # the county does not impute rent; a line that was not ticked
    return found.replace("−", "-")


def told_apart(measure: str) -> tuple[list[Wrong], dict[str, list[str]], list[str]]:
    """Wrong formulas of a measure, for each the households that show it, and where the right one fails."""
    wrong = list(wrong_formulas(measure))
    form = measure_form(measure, wrong)
    names = {match[1] or match[2] for match in _TERM.finditer(formulas()[measure])}
    shown: dict[str, list[str]] = {one.how: [] for one in wrong}
    failing: list[str] = []
    for household in map(worked, NAMES):
        for period, quarter in household.quarters.items():
            answers = {Cell(f"/data/{name}"): term(household, quarter, name) for name in names}
            interview = _asked(form, household, answers)
            expected = Decimal(household.value(measure, period).replace("−", "-"))
            if Decimal(interview.value(Cell("/data/right"))) != expected:
                failing.append(f"{household.name} {period}")
            for i, one in enumerate(wrong):
                if Decimal(interview.value(Cell(f"/data/wrong_{i}")) or "NaN") != expected:
                    shown[one.how].append(f"{household.name} {period}")
    return wrong, shown, failing


def _asked(form: Form, household: Worked, answers: dict[Cell, str]) -> Interview:
    lines = [f"{name},{value}" for name, value in household.parameters.items()]
    parameters = "\n".join(["name,value", *lines, ""]).encode()
    situation = Situation(
        now=lambda: datetime(2026, 12, 31, tzinfo=UTC),
        new_row_id=lambda: "",
        random=lambda: 0.5,
        resource=lambda name: parameters if name == "params.csv" else None,
    )
    return Interview.begin(form, situation, defaults=answers)


def main() -> None:
    """Prints every wrong formula and who shows it."""
    for measure in MEASURES:
        wrong, shown, failing = told_apart(measure)
        missed = [one.how for one in wrong if not shown[one.how]]
        print(
            f"{measure}: {len(wrong)} wrong formulas, {len(missed)} not noticed; right formula fails: {failing or 'nowhere'}"
        )
        for one in wrong:
            print(f"    {one.how}: {len(shown[one.how])} of 23 quarters, first {next(iter(shown[one.how]), 'NONE')}")


if __name__ == "__main__":
    main()
