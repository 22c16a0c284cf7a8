"""Blocks of cells to and from WPS and Excel, and filling down. Tab-separated text; no Qt."""

from __future__ import annotations

from collections.abc import Sequence

from fieldapp.ui.interview.grid_model import GridModel
from fieldapp.ui.interview.layout import Lines
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.questions import CHOICES
from fieldapp.words import _
from forms.engine import Cell

__all__ = ["block_text", "clear_cells", "fill_down", "paste_text"]

Place = tuple[int, int]


def block_text(cells: GridModel, places: Sequence[Place]) -> str:
    """The cells as tab-separated lines: figures bare, choices as they are read."""
    lines: dict[int, list[str]] = {}
    for row, column in places:
        look = cells.look(row, column)
        bare = look.shown is not None and look.right and not look.told
        lines.setdefault(row, []).append(look.shown.value if bare and look.shown is not None else look.text)
    return "\n".join("\t".join(line) for line in lines.values())


def paste_text(presenter: InterviewPresenter, cells: GridModel, start: Place, text: str) -> tuple[int, list[str]]:
    """Puts a block from ``start`` on. Bad cells are refused one by one, the rest goes in.

    Returns:
        How many cells were taken, and a sentence for every one that was not.
    """
    answers: list[tuple[Cell, str]] = []
    refusals: list[str] = []
    for down, line in enumerate(text.replace("\r\n", "\n").rstrip("\n").split("\n")):
        for right, part in enumerate(line.split("\t")):
            value = part.strip()
            cell = cells.cell(start[0] + down, start[1] + right)
            if value and cell is None:
                refusals.append(_("“{text}”没有格子可放").format(text=value[:12]))
            elif value and cell is not None:
                answers.append((cell, _value(presenter, cell, value)))
    refused = presenter.answer_many(answers, tick=lambda cell: _tick(cells, cell)) if answers else []
    return len(answers) - len(refused), refusals + [_told(cells, cell, sentence) for cell, sentence in refused]


def fill_down(presenter: InterviewPresenter, cells: GridModel, places: Sequence[Place]) -> tuple[int, list[str]]:
    """The first row of the block goes into the others; a single cell takes the one above it."""
    rows = sorted({row for row, _column in places})
    if len(rows) == 1:
        rows = [rows[0] - 1, rows[0]]
    if rows[0] < 0:
        return 0, []
    answers: list[tuple[Cell, str]] = []
    for column in sorted({column for _row, column in places}):
        source = cells.cell(rows[0], column)
        value = presenter.interview.value(source) if source is not None else ""
        for row in rows[1:]:
            cell = cells.cell(row, column)
            if cell is not None and value and cells.takes_keys(row, column):
                answers.append((cell, value))
    refused = presenter.answer_many(answers, tick=lambda cell: _tick(cells, cell)) if answers else []
    return len(answers) - len(refused), [_told(cells, cell, sentence) for cell, sentence in refused]


def clear_cells(presenter: InterviewPresenter, cells: GridModel, places: Sequence[Place]) -> list[str]:
    """Delete: blanks what is asked; sentences for what could not be blanked."""
    found = [cell for place in places if (cell := cells.cell(*place)) is not None and presenter.relevant(cell)]
    asked = [(cell, "") for cell in found if presenter.interview.value(cell)]
    return [_told(cells, cell, sentence) for cell, sentence in presenter.answer_many(asked)] if asked else []


def _told(cells: GridModel, cell: Cell, sentence: str) -> str:
    place = cells.place(cell)
    return f"{cells.rows[place[0]].name} {cells.column_words(place[1])}：{sentence}" if place is not None else sentence


def _tick(cells: GridModel, cell: Cell) -> tuple[Cell, str] | None:
    """What has to be ticked before a cell of item lines can be answered."""
    place = cells.place(cell)
    if place is None or not isinstance(cells.block, Lines) or cells.is_ticked(place[0]) is not False:
        return None
    return Cell(cells.block.tick), cells.rows[place[0]].code


def _value(presenter: InterviewPresenter, cell: Cell, text: str) -> str:
    """Choices may come as code, as label, or as ``04 陪读``."""
    facts = presenter.facts(cell)
    if facts.kind not in CHOICES:
        return text
    known: dict[str, str] = {}
    for option in presenter.options(cell):
        for name in (option.value, option.code, option.label, f"{option.code} {option.label}"):
            known.setdefault(name, option.value)
        if option.code.isdigit():
            known.setdefault(str(int(option.code)), option.value)
    if text in known:
        return known[text]
    if facts.kind == "one":
        return text
    return " ".join(known.get(part, part) for part in text.replace("、", " ").replace("，", " ").split())
