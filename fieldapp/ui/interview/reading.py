"""An interview as a screen reads it: questions, titles, earlier values, places. Nothing is changed here. No widget."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QObject

from fieldapp.services.interviewing import Header, PinnedComment, Previous, TypingEvent
from fieldapp.ui.interview.codes import Option, plain
from fieldapp.ui.interview.layout import Lines, Questions, Roster, Section, sections_of
from fieldapp.ui.interview.progress import Ledger
from fieldapp.ui.interview.questions import Facts, Shown, facts_of, look, options_now
from fieldapp.words import _, language
from forms.engine import Cell, Effects, Form, Interview, Question

__all__ = ["InterviewReading", "Opened"]


class Opened(Protocol):
    """What the presenter needs of services' ``OpenInterview``."""

    header: Header
    form: Form
    interview: Interview
    cursor: Cell | None
    section: str
    comments: tuple[PinnedComment, ...]

    def previous(self, cell: Cell) -> Previous: ...
    def reference(self, name: str) -> str: ...
    def save(self, effects: Effects, event: TypingEvent | None = None) -> datetime: ...
    def remember_place(self, cell: Cell | None, section: str = "") -> None: ...
    def seal(self) -> None: ...
    def leave(self) -> None: ...


class InterviewReading(QObject):
    """What can be read of one interview in hand.

    Args:
        opened: the interview with its way to the disk.
    """

    def __init__(self, opened: Opened, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.opened = opened
        self.form = opened.form
        self.interview = opened.interview
        self.header = opened.header
        self.use_language()
        self.sections: tuple[Section, ...] = sections_of(opened.form)
        self.ledger = Ledger(opened.form, opened.interview, self.sections)
        self._section = ""

    def use_language(self) -> None:
        """The form speaks the language of the program, where it can."""
        spoken = next((name for name in self.form.languages if name.endswith(f"({language()})")), None)
        if spoken is not None and spoken != self.interview.language:
            self.interview.set_language(spoken)

    @property
    def readonly(self) -> bool:
        """Nothing can be typed (handed in, or somebody else's)."""
        return self.header.readonly

    @property
    def quarterly(self) -> bool:
        """Whether earlier values are those of quarters; a yearly form has only the year before."""
        return "Q" in self.header.period.upper()

    @property
    def this_time(self) -> str:
        """What this interview's own column is called."""
        return _("本季") if self.quarterly else _("今年")

    @property
    def last_time(self) -> str:
        """What the interview before is called."""
        return _("上季") if self.quarterly else _("上年")

    def look(self, cell: Cell, *, texts: bool = True) -> Shown:
        """One question as it is now."""
        return look(self.interview, self.form, cell, texts=texts)

    def options(self, cell: Cell) -> tuple[Option, ...]:
        """What can be chosen now."""
        return options_now(self.interview, self.form, cell)

    def facts(self, cell: Cell) -> Facts:
        """What a question is."""
        return facts_of(self.form, cell.path)

    def title(self, section: Section) -> str:
        """Printed number and title of a section."""
        node = self.form.node(section.path)
        if isinstance(node, Question):
            return self.form.title if section is self.sections[0] and self.form.title else _("其他题")
        label = self.heading(section.path) or node.name
        number = node.number or ""
        named = node.kind == "repeat" or not number or label.startswith(number)
        return label if named else f"{number} {label}"

    def heading(self, path: str) -> str:
        """Label of a group or repeat; without its outputs where no row is there to fill them in."""
        try:
            return plain(self.interview.label(self._any_cell(path)))
        except KeyError:
            label = self.form.node(path).label
            if label is None:
                return ""
            texts = self.form.translations.get(self.interview.language, {})
            parts = texts.get(label.itext, {}).get("plain", ()) if label.itext else label.parts
            return plain("".join(part for part in parts if isinstance(part, str)))

    def _any_cell(self, path: str) -> Cell:
        """A cell of a node for reading its label: rows of repeats above are the first ones, if there are any."""
        rows: list[str] = []
        parts = path.split("/")
        for at in range(2, len(parts)):
            above = "/".join(parts[: at + 1]) if at < len(parts) - 1 else ""
            node = self.form.find_node(above) if above else None
            if node is not None and node.kind == "repeat":
                ids = self.interview.rows(Cell(above, tuple(rows)))
                if not ids:
                    break
                rows.append(ids[0])
        return Cell(path, tuple(rows))

    def section_at(self, cell: Cell) -> int:
        """Number of the section in which a cell stands; 0 if in none."""
        return self.ledger.section_of(cell.path)

    def is_open(self, section: Section) -> bool:
        """Whether anything in a section is asked now."""
        return self.ledger.relevant(self.sections.index(section))

    def next_section(self, index: int, step: int) -> int:
        """The next section that is asked; the same one at the ends."""
        at = index + step
        while 0 <= at < len(self.sections):
            if self.ledger.relevant(at):
                return at
            at += step
        return index

    def previous(self, cell: Cell) -> Previous:
        """The same cell in earlier interviews."""
        return self.opened.previous(cell)

    def reference(self, cell: Cell) -> str:
        """The county's usual figure for a cell (``fa:ref``: a reference price), as the form's own rules read it; "" if there is none."""
        name = self.facts(cell).reference
        return self.opened.reference(name) if name else ""

    def figure_to_copy(self, cell: Cell) -> str:
        """What F3 puts: the reference price where the county has one, else last quarter's value; "" for neither."""
        before = self.previous(cell).prev or ""
        return self.reference(cell) or ("" if before.startswith("#") else before)  # 不清楚 and 拒答 are no figures

    def relevant(self, cell: Cell) -> bool:
        """Whether a cell is asked now."""
        return self.interview.is_relevant(cell)

    def relevant_or_line(self, cell: Cell) -> bool:
        """Whether a cell still exists: its rows are there."""
        try:
            self.interview.state(cell)
        except (KeyError, ValueError):
            return False
        return True

    def section_hint(self, path: str) -> str:
        """Hint of a section's group, for beside the title."""
        if isinstance(self.form.node(path), Question):
            return ""
        try:
            return plain(self.interview.hint(self._any_cell(path))).replace("\n", " ")
        except KeyError:
            return ""

    def cell_of_number(self, typed: str) -> Cell | None:
        """The visible question with a printed number or name, as typed after Ctrl+G (``qa19``, ``19`` inside this section)."""
        wanted = typed.strip().lower()
        if not wanted:
            return None
        here, anywhere = None, None
        for cell in self.interview.relevant_questions():
            number = self.facts(cell).number.lower()
            if wanted in (number, cell.path.rsplit("/", 1)[-1].lower()):
                return cell
            if number.endswith(wanted) and not number[: -len(wanted)][-1:].isdigit():
                if self.sections[self.section_at(cell)].path == self._section:
                    here = here or cell
                anywhere = anywhere or cell
        return here or anywhere

    def cells(self, section: Section) -> list[Cell]:
        """Cells of the question blocks of a section, in order, asked or not."""
        return [Cell(path) for block in section.blocks if isinstance(block, Questions) for path in block.paths]

    def grid_cells(self, block: Roster | Lines) -> list[list[Cell | None]]:
        """Cells of a grid by rows."""
        if isinstance(block, Lines):
            return [
                [Cell(path) if (path := line.cells.get(c.key)) else None for c in block.columns] for line in block.lines
            ]
        return [[Cell(column.path, rows) for column in block.columns] for rows in self.roster_rows(block.repeat)]

    def roster_rows(self, repeat: str) -> list[tuple[str, ...]]:
        """Row paths of a repeat over all rows of the repeats above it."""
        above = self.repeats_above(repeat)
        found: list[tuple[str, ...]] = [()]
        for path in [*above, repeat]:
            found = [(*rows, own) for rows in found for own in self.interview.rows(Cell(path, rows))]
        return found

    def repeats_above(self, path: str) -> list[str]:
        """Paths of the repeats around a node, outermost first."""
        parts = path.split("/")
        paths = ["/".join(parts[:at]) for at in range(2, len(parts))]
        return [above for above in paths if above and (node := self.form.find_node(above)) and node.kind == "repeat"]
