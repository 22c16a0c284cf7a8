"""Answers any questionnaire plausibly: walks what is asked, answers by type, choices and constraints, then clears the checks.

For practice data, benchmarks and demonstrations. It knows a few variable names of the project's questionnaires; everything else it
answers by what the form says, so that it gets through any form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from fieldapp.services.sample_people import phone_number
from forms.engine import AnswerRefused, Cell, CheckResult, Effects, Form, Interview, Question, Repeat

_ATTEMPTS, _ANOTHER = 3, 7919
_PASSES = 8
_REPAIRS = 14
_QUICK_REPAIRS = 8
_TRIES = 12
_MOST_CHOICES_TRIED = 12
_LARGEST_COUNT_TRIED = 13
# What an ordinary household answers, by variable name; the first that the form takes.
_USUAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"visit_mode$", ("1",)),
    (r"(visit_outcome|_outcome)$", ("110",)),
    (r"(cov_|q_)notice$", ("1",)),
    (r"consent", ("1",)),
    (r"cov_lang$", ("1",)),
    (r"present$", ("1",)),
    (r"q_doc$", ("1 2",)),
    (r"qm_status$", ("1",)),
    (r"live_place$", ("1",)),
    (r"(q_)?months_home$|qm_months_home$", ("3", "12")),
    (r"mem_months_home$", ("12",)),
    (r"mem_(hukou_here|econ_tied|on_register)$", ("1",)),
    (r"qm_health_new$", ("1",)),
    (r"mem_health$", ("1",)),
    (r"selfcare$", ("1",)),
    (r"in_school$", ("1",)),
    (r"food_short$", ("1",)),
    (r"protein", ("1", "2")),
    (r"cloth_ok$|bedding_ok$", ("1",)),
    (r"house_damage$", ("0", "1")),
    (r"_(oth|note|other)$", ("村里登记的情况",)),
    (r"phone$", ()),
    (r"_year$", ("2015", "2012")),
    (r"reimb|_aid$|_arrears$|_debt", ("0",)),
    (r"visit_start$", ("09:10:00.000+08:00",)),
    (r"visit_end$", ("10:05:00.000+08:00",)),
)
_EXCLUSIVE = ("0", "00", "9", "99")
_NOTE = "当面问过，户主和家里人都这样说，看了凭据"
_FIGURES = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "12",
    "30",
    "90",
    "120",
    "300",
    "600",
    "1500",
    "4500",
    "2015",
    "20000",
    "0.5",
    "1.5",
)
_WORDS = (
    "家里情况当面看过，没有别的",
    "无",
    "双河三组",
    "已当面核对",
    "1",
    "01",
    "0001",
    "2018-05",
    "2020-06",
    "2015",
    "2024-03",
)


@dataclass
class Answerer:
    """One filling under way. ``stored`` collects what has to be kept, in order."""

    form: Form
    interview: Interview
    chance: Random
    today: date
    stored: list[Effects] = field(default_factory=list)
    refused: set[Cell] = field(default_factory=set)
    counting: frozenset[str] = frozenset()  # words of the expressions that say how many rows a roster has
    given: frozenset[Cell] = frozenset()  # what stood there when it began: who somebody is, values of last time

    def run(self) -> int:
        """Answers until nothing required is blank and no check stands, as far as that can be had; returns how many answers."""
        before = len(self.stored)
        self.given = frozenset(cell for cell, value in self.interview.saved().values.items() if value)
        for _ in range(_PASSES):
            if not self._answer_blank():
                break
        for attempt in range(_REPAIRS):
            if not self._repair(patiently=attempt >= _QUICK_REPAIRS):
                break
            self._answer_blank()
        self._confirm()
        self._explain()
        return len(self.stored) - before

    def is_clean(self) -> bool:
        """Whether nothing required is blank and no hard check stands against it."""
        wrong = any(check.kind == "hard" and check.state != "passed" for check in self.interview.checks())
        return not wrong and not self.interview.violations()

    # --- answering ----------------------------------------------------------------------------------------------------

    def _answer_blank(self) -> bool:
        moved = False
        for cell in list(self.interview.relevant_questions()):
            node = self.form.find_node(cell.path)
            if cell in self.refused or not isinstance(node, Question) or node.is_note or node.calculated:
                continue
            state = self.interview.state(cell)
            if state.readonly or not state.relevant or state.status not in ("",):
                continue
            if state.value != "" and state.constraint_ok:
                continue
            if not state.required and self.chance.random() < 0.7:
                self.refused.add(cell)
                continue
            if self._put(cell, node):
                moved = True
            else:
                self.refused.add(cell)
        return moved

    def _put(self, cell: Cell, node: Question, *, other_than: str | None = None) -> bool:
        tried = 0
        offered: Iterable[str] = self._candidates(cell, node)
        if other_than is not None:
            # Mending: anything else than what stands there, in another order each time.
            offered = [value for value in dict.fromkeys(offered) if value != other_than]
            self.chance.shuffle(offered)
        for value in offered:
            tried += 1
            if tried > _TRIES:
                break
            try:
                effects = self.interview.answer(cell, value)
            except AnswerRefused:
                continue
            if self.interview.state(cell).constraint_ok:
                self.stored.append(effects)
                return True
            self.stored += [effects, self.interview.undo(effects)]
        if node.nonresponse:
            self.stored.append(self.interview.answer_state(cell, node.nonresponse[0]))
            return True
        return False

    def _candidates(self, cell: Cell, node: Question) -> Iterator[str]:
        for pattern, values in _USUAL:
            if re.search(pattern, node.name):
                yield from values
        if node.name.endswith("phone"):
            yield phone_number(self.chance)
        if node.control in ("select1", "select", "rank"):
            yield from self._chosen(cell, node)
        elif node.type == "date":
            for back in (0, 1, 3, 40, 200, 800, 4000, 9000):
                yield (self.today - timedelta(days=back)).isoformat()
            yield (self.today + timedelta(days=7)).isoformat()
        elif node.type == "dateTime":
            yield f"{self.today.isoformat()}T09:30:00.000+08:00"
        elif node.type == "time":
            yield from ("09:10:00.000+08:00", "10:05:00.000+08:00", "11:20:00.000+08:00")
        elif node.type in ("int", "decimal"):
            yield from self._figures(node)
        elif node.type == "boolean":
            yield from ("true", "false")
        elif node.type in ("geopoint", "geotrace", "geoshape", "binary"):
            return
        else:
            if re.search(r"month|since|start|ym$", node.name):
                yield from self._months()
            yield from _WORDS
            yield str(self.chance.randrange(1000, 9999))
            yield self.chance.choice(("张", "李", "王")) + "建国"

    def _chosen(self, cell: Cell, node: Question) -> Iterator[str]:
        offered = [choice.value for choice in self.interview.choices(cell)]
        if not offered:
            return
        if node.control == "select":
            none = [value for value in offered if value in _EXCLUSIVE[:2]]
            if none and self.chance.random() < 0.7:
                yield none[0]
            picked = self.chance.sample(offered, k=min(len(offered), self.chance.choice((1, 1, 2))))
            yield " ".join(value for value in offered if value in picked)
            yield from offered
            return
        if set(offered) == {"1", "2"}:
            # Trouble is rarer than no trouble: mostly 否.
            yield self.chance.choices(("2", "1"), (75, 25))[0]
        shuffled = offered[:]
        self.chance.shuffle(shuffled)
        yield from shuffled[:6]
        yield from offered

    def _months(self) -> Iterator[str]:
        for back in (3, 5, 8, 11, 14, 20, 30, 60):
            count = self.today.year * 12 + self.today.month - 1 - back
            yield f"{count // 12}-{count % 12 + 1:02d}"

    def _figures(self, node: Question) -> Iterator[str]:
        if node.name in self.counting:
            yield from ("0", "1", "2")
            return
        if node.name.startswith(("cf_", "cc_", "ch_", "cl_", "ct_", "ce_", "cm_", "co_")):
            yield str(self.chance.choice((20, 45, 60, 86, 120, 150, 240, 300)))
        if node.type == "decimal" and self.chance.random() < 0.5:
            yield str(self.chance.randrange(2, 60) * 10)
        shuffled = list(_FIGURES)
        if self.chance.random() < 0.8:
            yield from ("0", "1", "2")
        self.chance.shuffle(shuffled)
        yield from shuffled

    # --- checks -------------------------------------------------------------------------------------------------------

    def _repair(self, *, patiently: bool) -> bool:
        """Answers anew what a hard check or a constraint complains about; True if anything was changed.

        Args:
            patiently: tries answer after answer until the check holds, which costs a look at all checks each time.
        """
        moved = False
        for check in self.interview.checks():
            if check.kind != "hard" or check.state not in ("failed", "undecided"):
                continue
            open_to_change = self._open_to_change(check)
            if patiently and any(self._settles(check.cell, cell, node) for cell, node in open_to_change):
                moved = True
            elif open_to_change:
                cell, node = open_to_change[0]
                moved = self._put(cell, node, other_than=self.interview.value(cell)) or moved
        for broken in self.interview.violations():
            asked = self.form.find_node(broken.cell.path)
            if isinstance(asked, Question) and not self.interview.state(broken.cell).readonly:
                self.refused.discard(broken.cell)
                moved = self._put(broken.cell, asked) or moved
        return moved

    def _open_to_change(self, check: CheckResult) -> list[tuple[Cell, Question]]:
        """What the check speaks of and a person may change; who somebody is stands."""
        found = []
        for cell in sorted(check.about, key=lambda _: self.chance.random()):
            node = self.form.find_node(cell.path)
            if not isinstance(node, Question) or node.calculated or not self.interview.is_relevant(cell):
                continue
            if (node.fa.get("prefill") and cell in self.given) or self.interview.state(cell).readonly:
                continue
            found.append((cell, node))
        return found

    def _settles(self, check: Cell, cell: Cell, node: Question) -> bool:
        """Tries the few answers that a small question has until the check holds; otherwise leaves it as it was."""
        if node.control in ("select1", "select"):
            tried = [choice.value for choice in self.interview.choices(cell)][:_MOST_CHOICES_TRIED]
        elif node.type in ("int", "decimal"):
            tried = [str(n) for n in range(_LARGEST_COUNT_TRIED)]
        else:
            return False
        for value in tried:
            if value == self.interview.value(cell):
                continue
            try:
                effects = self.interview.answer(cell, value)
            except AnswerRefused:
                continue
            holds = not any(
                one.cell == check and one.state in ("failed", "undecided") for one in self.interview.checks()
            )
            if holds and self.interview.state(cell).constraint_ok:
                self.stored.append(effects)
                return True
            self.stored += [effects, self.interview.undo(effects)]
        return False

    def _confirm(self) -> None:
        for cell in list(self.interview.relevant_questions()):
            if self.interview.confirmed(cell) is False:
                self.stored.append(self.interview.confirm(cell))

    def _explain(self) -> None:
        for check in self.interview.checks():
            if check.kind == "soft" and check.state in ("failed", "fallen"):
                self.stored.append(self.interview.write_note(check.cell, _NOTE))


def answer_plausibly(interview: Interview, form: Form, seed: int, *, today: date | None = None) -> list[Effects]:
    """Answers an interview; the steps in order, to be saved. What came out with an error is taken back and answered differently.

    Args:
        seed: the same gives the same answers.
        today: what "today" is on the form; without it a fixed day.
    """
    counts = " ".join(node.count or "" for node in form.walk() if isinstance(node, Repeat))
    counting = frozenset(re.findall(r"[\w.-]+", counts))
    for attempt in range(_ATTEMPTS):
        chance = Random(seed + attempt * _ANOTHER)
        answerer = Answerer(form, interview, chance, today or date(2026, 9, 22), counting=counting)
        answerer.run()
        if attempt + 1 == _ATTEMPTS or answerer.is_clean():
            break
        for effects in reversed(answerer.stored):
            interview.undo(effects)
    return answerer.stored
