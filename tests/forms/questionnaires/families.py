"""Trials made from the specification's lists and tables: what every explanation, amount, text, row and section of a kind has in common.

A trial names a question, answers that lead to it, values it must refuse and values it must take, or answers on which it is asked
and on which it is not. Hand-written tables stand beside this for everything that is of one kind only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from forms.engine import Cell, Interview, Repeat
from forms.questionnaires import load_questionnaire
from tests.forms.questionnaires.annual_case import cell_of, path_of, play
from tests.forms.questionnaires.annual_case import roster_of as annual_roster
from tests.forms.questionnaires.quarterly_case import places, ref
from tests.forms.questionnaires.quarterly_interview import filled, trial
from tests.forms.questionnaires.quarterly_source import lines
from tests.forms.questionnaires.quarterly_trials import NEWCOMER, SKIPS, STUDENT, a
from tests.forms.questionnaires.specified import CALCULATED_LINES, options, told

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Refusal:
    """Values that a question refuses and takes, once ``before`` was answered."""

    asked: str
    before: str
    refused: tuple[str, ...]
    taken: tuple[str, ...]


@dataclass(frozen=True)
class Skip:
    """Answers on which a question, a row or a section is asked, and on which it is not."""

    asked: str
    opens: str
    closes: str


@dataclass(frozen=True)
class Side:
    """One questionnaire with its household: how a variable of a row is written, how answers are tried."""

    name: str
    write: Callable[[str, str], str]  # variable, row → "2.mem_name" or "mem_name@2"
    find: Callable[[Interview, str], Cell]
    tried: Callable[[str], AbstractContextManager[Interview]]
    skips: dict[str, tuple[str, str]]  # variable → (as asked in the table, answers that lead to it)


def table(name: str) -> Iterator[list[str]]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split("|")]


@contextmanager
def _annual(steps: str) -> Iterator[Interview]:
    yield play(steps)


@cache
def _household() -> Interview:
    return filled(load_questionnaire("quarterly"))


@contextmanager
def _quarterly(steps: str) -> Iterator[Interview]:
    with trial(_household(), a(steps)):
        yield _household()


def _first_row(interview: Interview, path: str) -> Cell | None:
    """A repeat is asked where its first row is."""
    if isinstance(interview.form.find_node(path), Repeat):
        return Cell(path, (interview.rows(Cell(path))[0],))
    return None


def _cell_of(interview: Interview, asked: str) -> Cell:
    return _first_row(interview, path_of(asked.rpartition(".")[2])) or cell_of(interview, asked)


def _cell_at(interview: Interview, asked: str) -> Cell:
    place = places()[asked.partition("@")[0]]
    return _first_row(interview, place.path) or interview.cell(ref(asked))


@cache
def side(name: str) -> Side:
    skips: dict[str, tuple[str, str]] = {}
    if name == "annual":
        for asked, opens, _ in table("annual_skips.txt"):
            skips.setdefault(asked.rpartition(".")[2], (asked, opens))
        return Side(name, lambda variable, row: f"{row}.{variable}", _cell_of, _annual, skips)
    for asked, opens, _ in SKIPS:
        skips.setdefault(asked.partition("@")[0], (asked, opens))
    return Side(name, lambda variable, row: f"{variable}@{row}", _cell_at, _quarterly, skips)


# What leads into a roster, where the table of skips does not say it of the variable itself.
_INTO = {"shock": "shock_has=1", "loan": "loan_has=1", "qs": "q_changes=15", "biz": "", "wage": "", "product": ""}


def way_to(one: Side, variable: str) -> tuple[str, str]:
    """(as asked, answers that lead there) of a variable."""
    if variable in one.skips:
        return one.skips[variable]
    if one.name == "annual":
        roster = annual_roster(path_of(variable))
        if roster is None:
            return variable, ""
        return one.write(variable, "1"), _INTO.get(roster.rsplit("/", 1)[1], "")
    repeats = places()[variable].repeats
    if not repeats:
        return variable, ""
    if repeats[-1].endswith("/member") and variable.startswith(("mem_", "ss_", "edu_")):
        return one.write(variable, "6"), STUDENT if variable.startswith("edu_") else NEWCOMER
    return one.write(variable, "1"), _INTO.get(repeats[-1].rsplit("/", 1)[1], "") if repeats[-1].endswith("/qs") else ""


def _joined(*steps: str) -> str:
    return "; ".join(part.strip("; ") for part in steps if part.strip("; "))


def _renamed(asked: str, variable: str, other: str) -> str:
    return asked.replace(variable, other)


# ---- 其他：请说明 -----------------------------------------------------------------------------------------------------


def explained(name: str) -> Iterator[tuple[str, str, str, str]]:
    """(explanation as asked, way to its question, answer 其他, another answer) of every question with an option 其他."""
    one = side(name)
    nodes = {node.name for node in load_questionnaire(name).walk()}
    for variable, said in told(name).items():
        if f"{variable}_oth" not in nodes:
            continue
        asked, way = way_to(one, variable)
        offered = options()[said.options]
        others = [code for code, label, _ in offered if label.startswith("其他")]
        plain = [code for code, _, facts in offered if code not in others and not facts.get("exclusive")]
        for code in others:
            yield _renamed(asked, variable, f"{variable}_oth"), way, f"{asked}={code}", f"{asked}={plain[0]}"


def explanations_asked(name: str) -> Iterator[Skip]:
    for asked, way, other, plain in explained(name):
        yield Skip(asked, _joined(way, other), _joined(way, plain))


def explanations_written(name: str) -> Iterator[Refusal]:
    for asked, way, other, _ in explained(name):
        yield Refusal(asked, _joined(way, other), ("二", "字" * 51, "我的卡622202020011111"), ("两字", "字" * 50))


# ---- rows of grids ---------------------------------------------------------------------------------------------------

_TICKED = {
    "3": "sel_prop",
    "4": "sel_trf",
    "5": "sel_cost",
    "7": "sel_te",
    "80": "sel_nr",
    "81": "sel_nr",
    "8": "sel_ne",
}


def ticking(code: str) -> str:
    """The question by which a quarterly row is ticked (quarterly.md 0.3)."""
    if code.startswith("F"):
        return f"sel_f{code[1]}"
    return next(
        name for start, name in sorted(_TICKED.items(), key=lambda pair: -len(pair[0])) if code.startswith(start)
    )


def rows_of_grids(name: str) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Group of a fixed row → (ticking question, code, its money variables)."""
    if name == "annual":
        found = {f"asset_{code}": ("sel_asset", code, (f"fa_{code}_value",)) for code, _, _ in options()["fixed_asset"]}
        return found | {
            f"durable_{code}": ("sel_dur", code, (f"dur_{code}_cost",)) for code, _, _ in options()["durable"]
        }
    rows = {}
    for code, line in lines().items():
        if code not in CALCULATED_LINES:
            own = code.startswith("F") and bool(line.rest[0])
            money = (f"{line.name}_cash", *([f"{line.name}_sq", f"{line.name}_sp"] if own else []))
            rows[f"r_{code.lower()}"] = (ticking(code), code, money if code.startswith("F") else (line.name,))
    return rows | {f"r_{code}": ("sel_fa", code, (f"fa_buy_{code}",)) for code, _, _ in options()["fixed_asset"]}


def rows_asked(name: str) -> Iterator[Skip]:
    """Only ticked rows are opened: every second row is ticked, then the others."""
    by_question: dict[str, list[tuple[str, str]]] = {}
    for group, (question, code, _) in rows_of_grids(name).items():
        by_question.setdefault(question, []).append((group, code))
    for question, rows in by_question.items():
        halves = [f"{question}={' '.join(code for _, code in rows[start::2])}" for start in (0, 1)]
        for place, (group, _) in enumerate(rows):
            yield Skip(group, halves[place % 2], halves[1 - place % 2])


# ---- amounts, numbers, texts, months, lists --------------------------------------------------------------------------


def _all_ticked(name: str, question: str) -> str:
    return f"{question}={' '.join(code for asked, code, _ in rows_of_grids(name).values() if asked == question)}"


def amounts(name: str) -> Iterator[Refusal]:
    """Money and measures: never negative, at most two places; rows of incomes and expenses above zero (行.E1)."""
    one = side(name)
    in_rows = {
        variable: (_all_ticked(name, question), len(many) == 1)
        for question, _, many in rows_of_grids(name).values()
        for variable in many
    }
    for variable, said in told(name).items():
        if said.kind not in ("money", "decimal2") or said.required == "自动":
            continue
        if name == "annual" and variable.startswith(("fa_", "dur_")):
            continue
        if variable in in_rows:
            ticked, bought = in_rows[variable]  # own produce and money are looked at together (行.E1)
            yield Refusal(variable, ticked, ("0", "2.345") if bought else ("2.345",), ())
        else:
            asked, way = way_to(one, variable)
            yield Refusal(asked, way, ("-1", "2.345"), ("2.34",))


def grid_cells() -> Iterator[Refusal]:
    """annual.md A3, A4 and F, column by column."""
    assets = [code for code, _, _ in options()["fixed_asset"]]
    ticked = _all_ticked("annual", "sel_asset")
    owned, none = (_joined(ticked, *(f"fa_{code}_n={n}" for code in assets)) for n in (2, 0))
    for code in assets:
        yield Refusal(f"fa_{code}_n", ticked, ("-1",), ("0", "3"))
        yield Refusal(f"fa_{code}_value", owned, ("-1", "12.345"), ("0.01", "12.34"))
        yield Refusal(f"fa_{code}_year", owned, ("1969", "2026"), ("1970", "2025"))
        yield Refusal(f"fa_{code}_value", none, ("100",), ("0",))
        yield Refusal(f"fa_{code}_year", none, ("2010",), ())
    for code, _, _ in options()["livestock_stock"]:
        yield Refusal(f"ls_{code}_n", "", ("-1", "100001"), ("0", "100000"))
    durables = [code for code, _, _ in options()["durable"]]
    ticked = _all_ticked("annual", "sel_dur")
    bought = _joined(ticked, *(f"dur_{code}_n=2; dur_{code}_new=1" for code in durables))
    for code in durables:
        yield Refusal(f"dur_{code}_n", ticked, ("-1", "51"), ("0", "50"))
        yield Refusal(f"dur_{code}_new", bought, ("-1", "3"), ("0", "2"))
        yield Refusal(f"dur_{code}_cost", bought, ("-1", "12.345"), ("0", "12.34"))


def counts(name: str) -> Iterator[Refusal]:
    """Whole numbers and measures with one decimal are never negative."""
    one = side(name)
    for variable, said in told(name).items():
        if (
            said.kind in ("integer", "decimal1")
            and said.required != "自动"
            and not variable.startswith(("fa_", "dur_", "ls_"))
        ):
            asked, way = way_to(one, variable)
            yield Refusal(asked, way, ("-1",), ("5" if said.unit == "平方米" else "1",))


def explained_rows() -> Iterator[Refusal]:
    """quarterly.md 0.4: “其他”类行须填说明."""
    nodes = {node.name for node in load_questionnaire("quarterly").walk()}
    for group, (question, code, many) in rows_of_grids("quarterly").items():
        note = f"{many[0].removesuffix('_cash')}_note"
        if note in nodes:
            yield Refusal(note, f"{question}={code}", ("二", "字" * 51, "我的卡622202020011111"), ("两字",))
        else:
            assert not group.endswith("other"), group


def texts(name: str) -> Iterator[Refusal]:
    """text(n): at most n characters."""
    one = side(name)
    for variable, said in told(name).items():
        if said.kind.startswith("text(") and said.required != "自动" and not said.checks.startswith("【错】"):
            most = int(said.kind[5:-1])
            asked, way = way_to(one, variable)
            yield Refusal(asked, way, ("字" * (most + 1),), ("字" * most,))


def months(name: str) -> Iterator[Refusal]:
    one = side(name)
    for variable, said in told(name).items():
        if said.kind == "month" and said.required != "自动":
            asked, way = way_to(one, variable)
            # A shock happened between the year asked about and today (A512).
            yield Refusal(asked, way, ("2025-13", "2025-1", "二〇二五年"), ("2025-12",))


def exclusive(name: str) -> Iterator[Refusal]:
    """An option that is written "互斥" stands alone."""
    one = side(name)
    for variable, said in told(name).items():
        if said.kind == "select_multiple" and said.options in options():
            alone = [code for code, _, facts in options()[said.options] if facts.get("exclusive")]
            others = [code for code, _, facts in options()[said.options] if not facts.get("exclusive")]
            asked, way = way_to(one, variable)
            for code in alone:
                yield Refusal(asked, way, (f"{code} {others[0]}",), (code, others[0]))


# ---- sections and rosters --------------------------------------------------------------------------------------------

_ANNUAL_SECTIONS = "qa1 qa2 qa3 qa4 qa5 qb_sum qc2 qd2 qe2 qf qg1 qg2 qg3 qh qj1 qj2 qk member"
_QUARTERLY_SECTIONS = "qa qd1 qd2 qd3 qd4 qd5 qe1 qe3 qe4 qe5 qe6 qe7 qf1 qf2 qf3 qf4 qf5 qf6 qf7 qf8 qg qh qk member"


def sections(name: str) -> Iterator[Skip]:
    """A household that is not interviewed is done after the cover (annual.md 1); rosters open by their own questions."""
    outcome, listed = {
        "annual": ("cov_outcome", _ANNUAL_SECTIONS), "quarterly": ("q_outcome", _QUARTERLY_SECTIONS),
    }[name]  # fmt: skip
    for section in listed.split():
        for done in ("110", "120"):
            yield Skip(section, f"{outcome}={done}", f"{outcome}=320")
    if name == "annual":
        for code, _, _ in options()["durable"]:
            ticked = f"sel_dur={code}; dur_{code}_n=1; dur_{code}_new="
            yield Skip(f"dur_{code}_cost", f"{ticked}1", f"{ticked}0")
        yield Skip("shock", "shock_has=1", "shock_has=2")
        yield Skip("loan", "loan_has=1", "loan_has=2")
        yield Skip("3.qc1", "", "cov_consent_minor=2")
        yield Skip("3.qd1", "3.mem_id_type=8; 3.mem_birth=2023-01-01", "3.mem_id_type=8; 3.mem_birth=2023-01-02")
        yield Skip("3.qe1", "3.mem_id_type=8; 3.mem_birth=2010-01-01", "3.mem_id_type=8; 3.mem_birth=2010-01-02")
        return
    yield Skip("wage", "has_wage=1", "has_wage=2")
    yield Skip("product", "has_product=1", "has_product=2")
    yield Skip("biz", "has_biz=1", "has_biz=2")
    yield Skip("loan", "q_loan_new=1", "q_loan_new=0")
    yield Skip("qn@1", "qm_fix@1=id", "")
    yield Skip("qn@6", NEWCOMER, NEWCOMER + "qm_status@6=4")
    yield Skip("qc@1", "", "qm_status@1=4")
    yield Skip("qc@5", "qm_fix@5=id; mem_birth@5=2010-09-30", "qm_fix@5=id; mem_birth@5=2010-10-01")
    # QG1: 疾病、事故、灾害、失业、亏本、诉讼 of QA01; every one of them opens it.
    for code in ("11", "13", "15", "16", "18", "20"):
        yield Skip("qs", f"q_changes={code}", "q_changes=05")


def refusals(name: str) -> list[Refusal]:
    made = [*explanations_written(name), *amounts(name), *counts(name), *texts(name), *months(name), *exclusive(name)]
    return [*made, *(grid_cells() if name == "annual" else explained_rows())]


def skips(name: str) -> list[Skip]:
    return [*explanations_asked(name), *rows_asked(name), *sections(name)]
