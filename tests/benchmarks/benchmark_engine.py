"""The form engine's figures, and those of another engine beside them.

    python -m tests.benchmarks.benchmark_engine [--form FORM.xml --steps STEPS.json] [--quick]

The other engine runs where FIELDAPP_ENGINE_PEER names the folder with its scripts (bench.mjs) and ORACLE_MODULES the folder with
its modules; without them only our own figures are shown. Both time the engine's own call, with the node found beforehand.
Nothing else should run meanwhile. Exit 0 if every limit holds.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from forms.engine import Cell, Form, Interview, Situation, load_form
from forms.engine.problems import AnswerRefused
from forms.questionnaires import load_questionnaire
from tests.benchmarks.engine_forms import Step, answers, choice_form, survey
from tests.benchmarks.engine_questionnaires import cold_s, typed

QUESTIONS, COLUMNS, ROWS = 500, 40, 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; ``limit`` None: only shown."""

    name: str
    ours: float
    peer: float | None
    unit: str
    limit: float | None
    compared: str = "ours"
    """What the limit holds: ``ours`` or ``ratio`` (ours / peer)."""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.peer else None

    @property
    def holds(self) -> bool | None:
        measured = self.ours if self.compared == "ours" else self.ratio
        return None if self.limit is None or measured is None else measured <= self.limit


def situation() -> Situation:
    """A still clock, chance and row ids that count up."""
    ids = count(1)
    return Situation(
        now=lambda: datetime(2024, 6, 15, 10, 20, 30, tzinfo=UTC),
        new_row_id=lambda: f"{next(ids):032x}",
        random=lambda: 0.5,
    )


def at(numbers: list[float], part: float) -> float:
    """The number below which that part of the numbers lies."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def forget() -> None:
    """Empties the caches of the expressions, so that a second load is a first one."""
    from forms.engine.xpath import parser, values

    parser.parse.cache_clear()
    values.text_to_number.cache_clear()
    values.text_to_comparable.cache_clear()
    gc.collect()


def load_times_s(xml: str, times: int) -> list[float]:
    """Seconds from the XML to an interview that can be answered, caches emptied before each."""
    taken = []
    for _ in range(times):
        forget()
        begun = time.perf_counter()
        Interview.begin(load_form(xml, name="form.xml"), situation())
        taken.append(time.perf_counter() - begun)
    return taken


def play(interview: Interview, steps: list[Step]) -> dict[str, list[float]]:
    """Milliseconds of each step by kind; steps that the form refuses are left out."""
    taken: dict[str, list[float]] = {"set": [], "add_repeat": []}
    for step in steps:
        if step["op"] == "set":
            try:
                cell = interview.cell(step["ref"])
            except KeyError:
                continue
            begun = time.perf_counter()
            try:
                interview.answer(cell, step["value"])
            except AnswerRefused:
                continue
        elif step["op"] == "add_repeat":
            begun = time.perf_counter()
            interview.add_row(step["ref"])
        else:
            continue
        taken[step["op"]].append((time.perf_counter() - begun) * 1000)
    return taken


def plays(xml: str, steps: list[Step], times: int = 3) -> dict[str, list[float]]:
    """The times of all steps of some whole plays together."""
    form = load_form(xml, name="form.xml")
    every: dict[str, list[float]] = {"set": [], "add_repeat": []}
    for _ in range(times):
        gc.collect()
        for kind, taken in play(Interview.begin(form, situation()), steps).items():
            every[kind] += taken
    return every


def peer_figures(form: Path, steps: Path | None, loads: int) -> dict[str, Any] | None:
    """What the other engine takes for the same; None where it is not installed."""
    scripts = os.environ.get("FIELDAPP_ENGINE_PEER")
    if scripts is None or "ORACLE_MODULES" not in os.environ:
        return None
    command = ["node", str(Path(scripts) / "bench.mjs"), str(form), "--loads", str(loads)]
    if steps is not None:
        command += ["--steps", str(steps)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=900, check=False)
    if done.returncode:
        print(done.stderr[-500:], file=sys.stderr)
        return None
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(xml: str, steps: list[Step], title: str, loads: int) -> list[Figure]:
    """Loading and answering the same form, side by side."""
    with tempfile.TemporaryDirectory() as folder:
        form_file, steps_file = Path(folder) / "form.xml", Path(folder) / "steps.json"
        form_file.write_text(xml, encoding="utf-8")
        steps_file.write_text(json.dumps(steps), encoding="utf-8")
        peer = peer_figures(form_file, steps_file, loads)
    loaded = load_times_s(xml, loads)
    taken = plays(xml, steps)
    sets, rows = taken["set"], taken["add_repeat"]
    their_load = peer["load"] if peer else None
    their_set = peer["set"] if peer else None
    their_rows = (peer or {}).get("add_repeat")
    figures = [
        Figure(f"{title}: first load", loaded[0] * 1000, peer and peer["load_first_ms"], "ms", 1 / 3, "ratio"),
        Figure(
            f"{title}: load, median",
            statistics.median(loaded) * 1000,
            their_load and their_load["median_ms"],
            "ms",
            1 / 3,
            "ratio",
        ),
        Figure(f"{title}: answer, median", at(sets, 0.5), their_set and their_set["median_ms"], "ms", 1.0),
        Figure(f"{title}: answer, p99", at(sets, 0.99), their_set and their_set["p99_ms"], "ms", 16.0),
        Figure(f"{title}: answer, p99", at(sets, 0.99), their_set and their_set["p99_ms"], "ms", 0.1, "ratio"),
    ]
    if rows:
        figures.append(Figure(f"{title}: row added, max", max(rows), their_rows and their_rows["max_ms"], "ms", 20.0))
    return figures


def kept(form: Form, title: str, loads: int) -> list[Figure]:
    """A form that was kept on disk, in processes that never saw it."""
    loading, beginning = zip(*cold_s(form, loads), strict=True)
    both = [one + two for one, two in zip(loading, beginning, strict=True)]
    rows = sum(1 for _ in form.walk())
    limit = 300.0 * max(1.0, rows / 600)  # the limit is for a form of 600 rows
    return [
        Figure(f"{title}: kept form to compiled, median", statistics.median(loading) * 1000, None, "ms", None),
        Figure(f"{title}: … to an interview ({rows} nodes)", statistics.median(both) * 1000, None, "ms", limit),
    ]


def questionnaire(name: str, loads: int, answers: int, members: int = 30) -> list[Figure]:
    """One of the project's own questionnaires: loading beside the other engine, answering in a household of thirty."""
    form = load_questionnaire(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.xml"
        file.write_text(form.xml, encoding="utf-8")
        peer = peer_figures(file, None, 2)
    forget()
    begun = time.perf_counter()
    Interview.begin(load_form(form.xml, name="form.xml"), situation())
    loaded = (time.perf_counter() - begun) * 1000
    taken, rows = typed(form, situation, members, answers)
    return [
        Figure(f"{name}: first load", loaded, peer and peer["load_first_ms"], "ms", 1 / 3, "ratio"),
        *kept(form, name, loads),
        Figure(f"{name}, {members} members: answer, median", at(taken, 0.5), None, "ms", 1.0),
        Figure(f"{name}, {members} members: answer, p99", at(taken, 0.99), None, "ms", 16.0),
        Figure(f"{name}: member added, max of {members}", max(rows), None, "ms", 20.0),
    ]


def row_at_fifty() -> Figure:
    """Adding a row where 50 rows of 40 columns are filled in."""
    interview = Interview.begin(load_form(survey(10, COLUMNS), name="form.xml"), situation())
    play(interview, answers(10, COLUMNS, 50))
    taken = [play(interview, [{"op": "add_repeat", "ref": "/data/person"}])["add_repeat"][0] for _ in range(10)]
    return Figure("row added at 50 rows of 40, median", statistics.median(taken), None, "ms", 20.0)


def flatness(columns: int = 12) -> list[Figure]:
    """What an answer that feeds totals costs at 100 and at 1,000 rows, by turns; the best of five rounds each."""
    form = load_form(survey(5, columns), name="form.xml")
    best: dict[int, float] = {}
    filled = {}
    for rows in (100, 1000):
        filled[rows] = Interview.begin(form, situation())
        for step in answers(0, columns, rows):
            if step["op"] == "add_repeat" or step["ref"].endswith(("/name", "/c0")):
                play(filled[rows], [step])
    for turn in range(5):
        for rows, interview in filled.items():
            steps = [
                {
                    "op": "set",
                    "ref": f"/data/person[{1 + (n * 37) % rows}]/c{n % 4}",
                    "value": str(3 + turn + n % 80),
                }
                for n in range(300)
            ]
            median = statistics.median(play(interview, steps)["set"])
            best[rows] = min(median, best.get(rows, median))
    return [
        Figure("answer at 100 rows, median", best[100], None, "ms", 1.0),
        Figure("answer at 1,000 rows, median", best[1000], None, "ms", 1.0),
        Figure("1,000 rows against 100", best[1000] / best[100], None, "x", 1.5),
    ]


def long_list(choices: int = 20_000, groups: int = 400) -> list[Figure]:
    """Filtering a long list of choices by the answer to another question; the best of three interviews each."""
    form = load_form(choice_form(choices, groups), name="form.xml")
    region, village = Cell("/data/region"), Cell("/data/village")
    plays = []
    for _ in range(3):
        interview = Interview.begin(form, situation())
        taken = []
        for n in range(40):
            begun = time.perf_counter()
            interview.answer(region, f"r{n}")
            offered = interview.choices(village)
            interview.answer(village, offered[0].value)
            taken.append((time.perf_counter() - begun) * 1000)
            assert len(offered) == choices // groups
        plays.append(taken)
    best = [min(same) for same in zip(*plays, strict=True)]
    return [
        Figure("20,000 choices filtered, first time", plays[0][0], None, "ms", None),
        Figure("20,000 choices filtered, then, max", max(best[1:]), None, "ms", 5.0),
    ]


def memory() -> Figure:
    """What a form of 1,000 questions and its interview hold."""
    xml = survey(1000, COLUMNS)
    Interview.begin(load_form(survey(10, 2), name="warm.xml"), situation())
    forget()
    tracemalloc.start()
    interview = Interview.begin(load_form(xml, name="form.xml"), situation())
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    assert interview is not None
    return Figure("form of 1,000 questions, held", held, None, "MB", 30.0)


def show(figures: list[Figure]) -> None:
    """Prints the table."""
    print(f"{'figure':48} {'ours':>10} {'peer':>10} {'ratio':>8}  limit")
    for figure in figures:
        peer = "" if figure.peer is None else f"{figure.peer:.2f}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.3f}"
        limit = (
            ""
            if figure.limit is None
            else f"≤ {figure.limit:.3g} {'of peer' if figure.compared == 'ratio' else figure.unit}"
        )
        verdict = {True: "holds", False: "BROKEN", None: ""}[figure.holds]
        print(f"{figure.name:48} {figure.ours:8.2f}{figure.unit:>2} {peer:>10} {ratio:>8}  {limit:16} {verdict}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", type=Path, help="a form to compare besides the made-up ones")
    parser.add_argument("--steps", type=Path, help="its answers, as fill.mjs writes them")
    parser.add_argument("--quick", action="store_true", help="a smaller survey, fewer loads")
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    questions, rows, loads = (60, 5, 2) if options.quick else (QUESTIONS, ROWS, 5)
    figures: list[Figure] = []
    if options.form:
        steps = json.loads(options.steps.read_text(encoding="utf-8")) if options.steps else []
        figures += compare(options.form.read_text(encoding="utf-8"), steps, options.form.stem, loads)
    title = f"survey {questions} + {rows}x{COLUMNS}"
    figures += compare(survey(questions, COLUMNS), answers(questions, COLUMNS, rows), title, loads)
    figures += kept(load_form(survey(600, 2), name="form.xml"), "600 questions", loads)
    for name in ("annual", "quarterly"):
        figures += questionnaire(name, loads, 500 if options.quick else 3000)
    figures += [row_at_fifty(), *flatness(), *long_list(), memory()]
    show(figures)
    return 0 if all(figure.holds is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
