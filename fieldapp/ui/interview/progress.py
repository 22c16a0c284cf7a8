"""What is answered and what is open, section by section, kept up to date from the effects alone. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from fieldapp.ui.interview.codes import plain
from fieldapp.ui.interview.layout import Lines, Questions, Roster, Section
from fieldapp.ui.interview.questions import facts_of
from fieldapp.words import _
from forms.engine import Cell, CheckResult, Effects, Form, Interview, Question

__all__ = ["CheckItem", "Ledger", "SectionCount"]

_QUIET = frozenset({"note", "computed"})


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of the check list.

    Attributes:
        kind: ``hard`` or ``soft``.
        state: ``failed``, ``fallen`` (the note no longer counts), ``noted``, or ``broken`` (a question's own constraint).
        cell: where to go.
        check: the check itself, None for a constraint.
    """

    kind: str
    state: str
    cell: Cell
    number: str
    sentence: str
    check: Cell | None = None
    id: str = ""
    note: str = ""

    @property
    def is_open(self) -> bool:
        """Still to be dealt with."""
        return self.state != "noted"

    @property
    def missing(self) -> str:
        """What is missing, in a few words."""
        if self.kind == "hard":
            return _("没改")
        return {"noted": _("已写说明"), "fallen": _("数变了，重写")}.get(self.state, _("没写说明"))


@dataclass(slots=True)
class SectionCount:
    """Counts of one section."""

    answered: int = 0
    asked: int = 0
    hard: int = 0
    soft: int = 0
    unconfirmed: int = 0

    @property
    def state(self) -> str:
        """``done``, ``some`` or ``none``."""
        if not self.answered:
            return "none"
        return "done" if self.answered >= self.asked else "some"


class Ledger:
    """Progress of one interview.

    The first reading walks over all questions; afterwards only the cells named by an effect are read again, so that a key costs
    the same in a long questionnaire as in a short one.
    """

    def __init__(self, form: Form, interview: Interview, sections: tuple[Section, ...]) -> None:
        self._form, self._interview = form, interview
        self._sections = sections
        self._index: dict[str, int] = {}
        for at, section in enumerate(sections):
            for block in section.blocks:
                if isinstance(block, Questions):
                    paths = list(block.paths)
                elif isinstance(block, Roster):
                    paths = [column.path for column in block.columns] + [block.name_path, block.number_path]
                else:
                    paths = [path for line in block.lines for path in line.cells.values()] + [block.tick]
                for path in paths:
                    if path:
                        self._index.setdefault(path, at)
            self._index.setdefault(section.path, at)
        self._cells: dict[Cell, tuple[int, bool, bool, str]] = {}
        self.counts = [SectionCount() for _section in sections]
        self.items: tuple[CheckItem, ...] = ()
        self.flags: dict[Cell, CheckItem] = {}
        self.rescan()
        self.read_checks()

    def section_of(self, path: str) -> int:
        """Number of the section in which a node stands, found through the nodes around it; 0 if none knows it."""
        step = path.split("@", 1)[0]
        while step:
            if step in self._index:
                return self._index[step]
            step = step.rpartition("/")[0]
        return 0

    def relevant(self, index: int) -> bool:
        """Whether a section has anything to ask, or is a roster to which rows can be added."""
        section = self._sections[index]
        if self.counts[index].asked:
            return True
        for block in section.blocks:
            if isinstance(block, Roster) and section.path in (block.repeat, block.repeat.rpartition("/")[0]):
                parents = block.repeat.rpartition("/")[0]
                if parents.count("/") < 2 or self._group_relevant(parents):
                    return True
            if isinstance(block, Lines) and self._group_relevant(block.group):
                return True
            if isinstance(block, Questions) and any(self._shown(path) for path in block.paths):
                return True
        return False

    def _group_relevant(self, path: str) -> bool:
        if path.count("/") < 2:
            return True
        try:
            return self._interview.is_relevant(Cell(path))
        except (KeyError, ValueError):
            return True

    def _shown(self, path: str) -> bool:
        try:
            return self._interview.is_relevant(Cell(path))
        except (KeyError, ValueError):
            return False

    def rescan(self) -> None:
        """Reads everything anew: at the start and when rows came or went."""
        self._cells.clear()
        for at in range(len(self.counts)):
            old = self.counts[at]
            self.counts[at] = SectionCount(hard=old.hard, soft=old.soft)
        for cell in self._interview.relevant_questions():
            self._read(cell)

    def update(self, effects: Effects) -> int:
        """Reads again what an effect touched; returns how many answers were put away because they are not asked any more."""
        if effects.rows:
            self.rescan()
            return 0
        hidden = 0
        for cell in effects.changed:
            before = self._cells.get(cell)
            self._read(cell)
            hidden += before is not None and before[1] and cell not in self._cells
        return hidden

    def _read(self, cell: Cell) -> None:
        node = self._form.find_node(cell.path)
        if not isinstance(node, Question) or node.control is None or node.fa.get("check"):
            return
        if facts_of(self._form, cell.path).kind in _QUIET:
            return
        old = self._cells.pop(cell, None)
        if old is not None:
            count = self.counts[old[0]]
            count.asked -= 1
            count.answered -= old[1]
            count.unconfirmed -= old[2]
        try:
            state = self._interview.state(cell)
        except KeyError:
            return  # The row went in a later part of the same step.
        if not state.relevant:
            return
        waiting = state.value != "" and self._interview.confirmed(cell) is False
        answered = (state.value != "" or state.status in ("8", "9", "0")) and not waiting
        problem = "" if state.constraint_ok else plain(state.message) or _("这个数不合要求，核对后改")
        section = self.section_of(cell.path)
        self._cells[cell] = (section, answered, waiting, problem)
        count = self.counts[section]
        count.asked += 1
        count.answered += answered
        count.unconfirmed += waiting

    @property
    def answered(self) -> int:
        """Answered questions of the whole interview."""
        return sum(count.answered for count in self.counts)

    @property
    def asked(self) -> int:
        """Questions asked so far as is known now."""
        return sum(count.asked for count in self.counts)

    def read_checks(self) -> bool:
        """Makes the check list anew; True if it differs from the last one."""
        items: list[CheckItem] = []
        for cell, (_section, _answered, _waiting, problem) in self._cells.items():
            if problem:
                items.append(CheckItem("hard", "broken", cell, self.number(cell), problem))
        for result in self._interview.checks():
            if result.state in ("passed", "undecided") or result.level not in ("question", "interview"):
                continue
            cell = self._place_of(result)
            items.append(
                CheckItem(
                    result.kind,
                    result.state,
                    cell,
                    self.number(cell) or result.id,
                    plain(result.message),
                    result.cell,
                    result.id,
                    result.note,
                )
            )
        items.sort(key=lambda item: (item.kind != "hard", not item.is_open, self.section_of(item.cell.path)))
        found = tuple(items)
        if found == self.items:
            return False
        self.items = found
        self.flags = {}
        for item in reversed(found):
            self.flags[item.cell] = item
        for count in self.counts:
            count.hard = count.soft = 0
        for item in found:
            if item.is_open:
                count = self.counts[self.section_of(item.cell.path)]
                if item.kind == "hard":
                    count.hard += 1
                else:
                    count.soft += 1
        return True

    def number(self, cell: Cell) -> str:
        """Printed number of a question, "" if it has none."""
        node = self._form.find_node(cell.path)
        return (node.number or "") if node is not None else ""

    def _place_of(self, result: CheckResult) -> Cell:
        """Where a check sends the person: the first answer it speaks of, rather than a sum."""
        places = [about for about in result.about if self._can_go(about)]
        typed = [about for about in places if facts_of(self._form, about.path).kind not in _QUIET]
        return (typed or places or [result.cell])[0]

    def _can_go(self, cell: Cell) -> bool:
        node = self._form.find_node(cell.path)
        if not isinstance(node, Question) or node.fa.get("check"):
            return False
        try:
            return self._interview.is_relevant(cell) and node.control is not None
        except (KeyError, ValueError):
            return False
