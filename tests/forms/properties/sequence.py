"""One run: a form of a seed, and a row of random steps, after each of which everything has to hold."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from random import Random
from typing import Any

from forms.engine import Cell, Effects, Form, Interview, load_form
from forms.engine.definition import Question
from forms.engine.problems import AnswerRefused
from tests.forms.properties.growing import grow
from tests.forms.properties.looking import Disk, Ids, View, differences, honest, kept, situation, situations, view
from tests.forms.properties.naive import disagreements
from tests.forms.properties.promises import Notes, events, undecided
from tests.forms.properties.specs import Spec, expressions, without, xml_of

STEPS = 14
KINDS = (
    ["answer"] * 14 + ["unsettle"] * 6 + ["blank"] * 2 + ["add"] * 3 + ["remove"] * 3 + ["move"] * 2 + ["undo"] * 3 + ["redo"] * 2
    + ["state"] * 2 + ["note"] * 3 + ["comment", "language", "reopen", "confirm", "nonsense", "finish"]
)  # fmt: skip
VALUES = {
    "int": ["0", "1", "2", "3", "7", "40", "-1"],
    "decimal": ["0", "1", "2.5", "3", "0.1", "-7.25"],
    "date": ["2024-02-02", "2024-06-15", "1990-01-31"],
    "boolean": ["true", "false", "1", "0"],
    "string": ["1", "2", "3", "x", "a b", "1 2"],
}


@dataclass(frozen=True)
class Step:
    """One thing a person does: three numbers choose the cell, the value and the place."""

    kind: str
    where: int
    what: int
    place: int


class Broken(AssertionError):
    """A property that does not hold: ``property`` names it."""

    def __init__(self, property_: str, step: int, told: str) -> None:
        super().__init__(f"{property_}, step {step}: {told}")
        self.property = property_


@lru_cache(maxsize=8)
def _loaded(xml: str) -> Form:
    return load_form(xml, name="random.xml")


def forget_forms() -> None:
    """Compiles every form anew from now on."""
    _loaded.cache_clear()


@dataclass(frozen=True)
class Run:
    """A form and steps; ``dropped`` parts of the form and all steps but ``kept`` are left out."""

    seed: int
    dropped: frozenset[str] = frozenset()
    kept: tuple[int, ...] | None = None

    @cached_property
    def spec(self) -> Spec:
        """The form."""
        return without(grow(self.seed), self.dropped)

    @cached_property
    def xml(self) -> str:
        """The form as XForm."""
        return xml_of(self.spec)

    @property
    def form(self) -> Form:
        """The form, loaded; the dense one only once."""
        return _loaded(self.xml)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps."""
        rng = Random(self.seed * 7919 + 1)
        every = [
            Step(rng.choice(KINDS), rng.randrange(9999), rng.randrange(9999), rng.randrange(9999)) for _ in range(STEPS)
        ]
        # A form without rows tells little: the first steps add some.
        every[:3] = [replace(one, kind="add", place=n) for n, one in enumerate(every[:3])]
        return tuple(one for number, one in enumerate(every) if self.kept is None or number in self.kept)


@dataclass
class Walk:
    """What a run met.

    Attributes:
        steps: how many did something. ``cells`` were seen; ``looked`` times all was computed anew, ``agreed`` times held
            against the naive evaluator.
        shown, moved: paths of nodes that were seen, and of those that ever looked otherwise than before.
        met: steps and situations, by the names of ``kinds.REQUIRED``.
    """

    steps: int = 0
    cells: int = 0
    looked: int = 0
    agreed: int = 0
    shown: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)


class Walker:
    """Walks through one run and looks after each step."""

    def __init__(self, run: Run) -> None:
        self.form = run.form
        self.run = run
        self.rng = Random(run.seed)
        self.ids = Ids()
        self.interview = Interview.begin(self.form, situation(self.ids))
        self.disk = Disk()
        self.disk.write(self.interview.opening.stored)
        self.done: list[Effects] = []
        self.undone: list[Effects] = []
        self.walk = Walk()
        self.number = 0
        self.typed: set[Cell] = set()
        self.typed_before: frozenset[Cell] = frozenset()
        self.notes = Notes(self.form)
        self.focus = self._focus()
        # In some runs nobody looks until the end, so that nothing is kept ready by looking.
        self.looks = run.seed % 5 != 0

    def _focus(self) -> set[str]:
        """Questions that one other thing depends on, and that thing itself: half of the answers go there, so that much happens."""
        thinking = [(path, spec, [text for _, text in expressions(spec)]) for path, spec in self.run.spec.walk()]
        thinking = [one for one in thinking if one[2]]
        if not thinking:
            return set()
        choosing = [one for one in thinking if one[1].itemset]
        _, spec, texts = self.rng.choice(choosing if choosing and self.rng.random() < 0.6 else thinking)
        names = {spec.name, *re.findall(r"\w+", " ".join(texts))}
        return {path for path, spec in self.run.spec.walk() if spec.name in names and spec.control}

    def fail(self, property_: str, told: str) -> None:
        if told:
            raise Broken(property_, self.number, told)

    def look(self) -> View:
        seen = view(self.form, self.interview)
        self.walk.shown.update(cell.path for cell in seen.cells)
        self.walk.cells += len(seen.cells)
        self.walk.met.update(situations(self.form, self.interview, seen))
        self.fail("notes fall when values change", "\n".join(self.notes.broken(self.interview, seen)))
        self.fail("checks are undecided while something is open", "\n".join(undecided(self.form, seen)))
        return seen

    def go(self) -> Walk:
        """The whole run.

        Raises:
            Broken: a property does not hold.
        """
        self.fail("what opening stored makes the disk", self.on_disk())
        before = self.look() if self.looks else None
        twin = self.afresh(before) if before else None
        for number, step in enumerate(self.run.steps):
            self.number = number
            before, twin = self.one(step, before, twin)
        last = self.look()
        self.afresh(last)
        self.naive(last)
        return self.walk

    def one(self, step: Step, before: View | None, twin: Interview | None) -> tuple[View | None, Interview | None]:
        """One step and all that has to hold after it."""
        saved, start = kept(self.interview.saved()), self.ids.next
        self.typed_before = frozenset(self.typed)
        effects = self.take(self.interview, step)
        at = self.ids.next
        if effects is None:
            same = "" if kept(self.interview.saved()) == saved else "what is saved changed"
            self.fail("a refused step changes nothing", same)
            after = self.look() if before else None
            if before and after:
                self.fail("a refused step changes nothing", differences(before, after))
            return after, twin
        self.walk.steps += 1
        self.walk.met.add(step.kind)
        self.disk.write(effects.stored)
        self.fail("what is stored makes the disk", self.on_disk())
        if before is None:
            return None, None
        after = self.look()
        self.walk.moved.update(c.path for c, seen in after.cells.items() if before.cells.get(c) != seen)
        self.fail("effects are honest", honest(before, after, effects))
        if step.kind in ("answer", "unsettle", "blank", "add"):
            told = "\n".join(events(self.form, self.interview, self.run.spec, before, after, effects))
            self.fail("events set what they say", told)
        if step.kind == "note":
            for check in after.checks:
                self.notes.written(self.interview, after, check)
        if twin is not None and step.kind not in ("undo", "redo", "reopen"):
            self.ids.next = start
            self.fail("reopened goes on as never closed", self.together(twin, step, effects))
            self.ids.next = at
        often = step.kind in ("remove", "move") or self.rng.random() < 0.4
        if effects.before and step.kind not in ("undo", "redo", "language") and often:
            self.there_and_back(before, after, saved, effects)
        again = self.afresh(after)
        if self.rng.random() < 0.25:
            self.naive(after)
        return after, again if self.rng.random() < 0.5 else None

    def on_disk(self) -> str:
        mine, theirs = kept(self.interview.saved()), kept(self.disk.saved())
        rows = {cell: ids for cell, ids in theirs[0].items() if ids}
        if mine[0] != rows:
            return f"rows {mine[0]} / {rows}"
        both = {**mine[1], **theirs[1]}
        return "\n".join(
            f"{c}: {mine[1].get(c)!r} / {theirs[1].get(c)!r}"
            for c in both
            if mine[1].get(c) != theirs[1].get(c) and "/@" not in c.path  # The form's own attributes are not stored.
        )

    def afresh(self, seen: View) -> Interview:
        """A fresh computation from what is saved looks the same and has nothing to store."""
        self.walk.looked += 1
        again = Interview.resume(
            self.form, self.interview.saved(), situation(self.ids), language=self.interview.language
        )
        self.fail("incremental equals from scratch", differences(seen, view(self.form, again)))
        self.fail("reopening stores nothing", "\n".join(map(str, again.opening.stored[:4])))
        return again

    def naive(self, seen: View) -> None:
        """A slow evaluator that shares neither graph nor paths with the engine agrees."""
        self.walk.agreed += 1
        self.fail("the naive evaluator agrees", disagreements(self.form, self.interview, seen, self.typed))

    def together(self, twin: Interview, step: Step, effects: Effects) -> str:
        other = self.take(twin, step, alone=True)
        if other != effects:
            return f"effects differ: {effects} / {other}"
        return "" if kept(twin.saved()) == kept(self.interview.saved()) else "what is saved differs"

    def there_and_back(self, before: View, after: View, saved: tuple[Any, ...], effects: Effects) -> None:
        """Undo, and undo the undoing."""
        undone = self.interview.undo(effects)
        now = view(self.form, self.interview)
        self.fail("undo restores", differences(before, now))
        self.fail("undo restores what is saved", "" if kept(self.interview.saved()) == saved else "saved differs")
        self.fail("effects of undo are honest", honest(after, now, undone))
        self.disk.write(undone.stored)
        self.fail("what undo stores makes the disk", self.on_disk())
        redone = self.interview.undo(undone)
        self.fail("redo restores", differences(after, view(self.form, self.interview)))
        self.disk.write(redone.stored)
        self.fail("what redo stores makes the disk", self.on_disk())

    # Steps

    def take(self, interview: Interview, step: Step, *, alone: bool = False) -> Effects | None:
        """Does one step; None if there is nothing to do it to, or it is refused. ``alone``: nothing is noted down for undo."""
        try:
            effects = getattr(self, f"_{step.kind}")(interview, step)
        except AnswerRefused:
            self.walk.met.add("refused")
            return None
        if effects is None or alone:
            return effects
        if step.kind not in ("undo", "redo", "reopen"):
            self.done.append(effects)
            self.undone.clear()
        return effects

    def _asked(self, interview: Interview, step: Step) -> Cell | None:
        asked = list(interview.relevant_questions())
        if step.place % 2:
            asked = [cell for cell in asked if cell.path in self.focus] or asked
        elif step.place % 4 == 0:
            asked = [cell for cell in asked if getattr(self.form.node(cell.path), "itemset", None)] or asked
        elif step.place % 8 == 2:
            asked = [cell for cell in asked if self.form.node(cell.path).calculated] or asked  # type: ignore[union-attr]
        return asked[step.where % len(asked)] if asked else None

    def _answer(self, interview: Interview, step: Step) -> Effects | None:
        cell = self._asked(interview, step)
        return self._put(interview, cell, step) if cell is not None else None

    def _put(self, interview: Interview, cell: Cell, step: Step) -> Effects | None:
        node = self.form.node(cell.path)
        assert isinstance(node, Question)
        if node.control in ("select", "select1", "rank"):
            values = [choice.value for choice in interview.choices(cell)]
            if not values:
                return None
            turn = step.what % len(values)
            if node.control == "select1":
                value = values[turn]
            else:
                some = values[turn:] + values[:turn]
                value = " ".join(some if node.control == "rank" else some[: 1 + step.place % 3])
        elif node.control == "trigger":
            value = "OK"
        else:
            offered = VALUES.get(node.type, VALUES["int"])
            value = offered[step.what % len(offered)]
        if node.calculated:
            self.typed.add(cell)
        return interview.answer(cell, value)

    def _unsettle(self, interview: Interview, step: Step) -> Effects | None:
        """Another answer to what the choices of an answered question, a check with its note or something typed over depend on."""
        asked = list(interview.relevant_questions())
        why = {
            c: node.itemset.nodeset for c in asked if (node := self.form.node(c.path)).itemset and interview.value(c)
        }  # type: ignore[union-attr]
        why |= {
            c: bind.calculate
            for c in asked
            if (bind := self.form.node(c.path).bind).calculate and c in self.typed_before
        }
        why |= {
            c.cell: self.form.node(c.cell.path).bind.relevant or "" for c in interview.checks() if c.state == "noted"
        }
        if not why:
            return self._answer(interview, step)
        cell = sorted(why, key=str)[step.where % len(why)]
        names = re.findall(r"\w+", why[cell])
        beside = [c for c in asked if c.path.rpartition("/")[2] in names and c.rows == cell.rows[: len(c.rows)]]
        return self._put(interview, beside[step.place % len(beside)], step) if beside else self._answer(interview, step)

    def _blank(self, interview: Interview, step: Step) -> Effects | None:
        cell = self._asked(interview, step)
        if cell is None:
            return None
        if self.form.node(cell.path).calculated:  # type: ignore[union-attr]
            self.typed.add(cell)
        return interview.answer(cell, "")

    def _nonsense(self, interview: Interview, step: Step) -> Effects | None:
        cells = list(interview.cells())
        cell = cells[step.where % len(cells)]
        self.typed.add(cell)
        return interview.answer(cell, "nonsense" if step.what % 2 else "2.5x")

    def _state(self, interview: Interview, step: Step) -> Effects | None:
        able = [c for c in interview.relevant_questions() if getattr(self.form.node(c.path), "nonresponse", ())]
        if not able:
            return None
        cell = able[step.where % len(able)]
        self.typed.add(cell)
        return interview.answer_state(cell, ("8", "9", "")[step.what % 3])

    def _confirm(self, interview: Interview, step: Step) -> Effects | None:
        able = [c for c in interview.relevant_questions() if interview.confirmed(c) is not None]
        return interview.confirm(able[step.where % len(able)]) if able else None

    def _comment(self, interview: Interview, step: Step) -> Effects | None:
        cell = self._asked(interview, step)
        return interview.write_comment(cell, ("", "seen", "asked again")[step.what % 3]) if cell else None

    def _note(self, interview: Interview, step: Step) -> Effects | None:
        checks = interview.checks()
        if not checks:
            return None
        open_ = [check for check in checks if check.state in ("failed", "fallen")] or checks
        return interview.write_note(open_[step.where % len(open_)].cell, ("so it is", "paper seen", "")[step.what % 3])

    def _lists(self, interview: Interview) -> list[Cell]:
        found: list[Cell] = []

        def below(node: Any, rows: tuple[str, ...]) -> None:
            if node.kind == "repeat":
                found.append(Cell(node.path, rows))
                for row in interview.rows(Cell(node.path, rows)):
                    for child in node.children:
                        below(child, (*rows, row))
            elif node.kind != "question":
                for child in node.children:
                    below(child, rows)

        below(self.form.root, ())
        return found

    def _add(self, interview: Interview, step: Step) -> Effects | None:
        lists = self._lists(interview)
        if step.place % 3 == 1:
            lists = [cell for cell in lists if cell.rows] or lists
        roster = lists[step.where % len(lists)] if lists else None
        if roster is None:
            return None
        rows = interview.rows(roster)
        return interview.add_row(roster, after=rows[step.place % len(rows)] if rows and step.what % 2 else None)

    def _row(self, interview: Interview, step: Step) -> tuple[Cell, tuple[str, ...]] | None:
        some = [(cell, rows) for cell in self._lists(interview) if (rows := interview.rows(cell))]
        if not some:
            return None
        roster, rows = some[step.where % len(some)]
        row = rows[step.place % len(rows)]
        return Cell(roster.path, (*roster.rows, row)), tuple(one for one in rows if one != row)

    def _remove(self, interview: Interview, step: Step) -> Effects | None:
        found = self._row(interview, step)
        return interview.remove_row(found[0]) if found else None

    def _move(self, interview: Interview, step: Step) -> Effects | None:
        found = self._row(interview, step)
        if found is None:
            return None
        return interview.move_row(found[0], (*found[1], None)[step.what % (len(found[1]) + 1)])

    def _undo(self, interview: Interview, _step: Step) -> Effects | None:
        if not self.done:
            return None
        effects = interview.undo(self.done.pop())
        self.undone.append(effects)
        return effects

    def _redo(self, interview: Interview, _step: Step) -> Effects | None:
        if not self.undone:
            return None
        effects = interview.undo(self.undone.pop())
        self.done.append(effects)
        return effects

    def _language(self, interview: Interview, step: Step) -> Effects | None:
        return interview.set_language(("en", "zh")[step.what % 2])

    def _finish(self, interview: Interview, _step: Step) -> Effects | None:
        return interview.finish()

    def _reopen(self, interview: Interview, step: Step) -> Effects | None:
        saved = Disk(interview.saved()).saved() if step.what % 2 else self.disk.saved()
        self.interview = Interview.resume(self.form, saved, situation(self.ids), language=interview.language)
        return Effects()


def walk(run: Run) -> Walk:
    """Walks through a run.

    Raises:
        Broken: a property does not hold.
    """
    return Walker(run).go()
