"""From a form to sections, question rows and grids. Pure: no Qt, no answers.

A section is a top-level group, a top-level repeat, or a run of top-level questions. Inside a section stand blocks in document
order: questions one under the other, a roster (a repeat: rows are its instances) or item lines (a group ``fa-grid`` whose child
groups ``fa-row`` are the rows). Groups with a label inside a section make a heading; a top-level repeat whose children are
labelled groups makes one section for each group, all on the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from forms.engine import Form, Group, Node, Question, Repeat

__all__ = ["Block", "Column", "Line", "Lines", "Questions", "Roster", "Section", "name_path", "sections_of"]


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions one under the other; ``headings`` are groups whose label stands before a question (path of the question)."""

    paths: tuple[str, ...]
    headings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid. ``path`` is the question in a roster, the first one of the column in item lines."""

    key: str
    path: str
    short: str
    head: str
    number: str
    unit: str
    total: bool
    calculated: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """A repeat: rows are its instances over all rows of its parents."""

    repeat: str
    columns: tuple[Column, ...]
    name_path: str
    number_path: str


@dataclass(frozen=True, slots=True)
class Line:
    """One fixed row: its group, the code that ticks it ("" if it is always there) and its cells by column key."""

    path: str
    code: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Lines:
    """Fixed rows under common columns, ticked by the choices of one question ("" if none)."""

    group: str
    tick: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]


Block = Questions | Roster | Lines


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the section list. ``path`` is the node that gives the title; ``blocks`` its content in order."""

    path: str
    blocks: tuple[Block, ...]

    @property
    def is_grid(self) -> bool:
        """Nothing but one grid."""
        return len(self.blocks) == 1 and not isinstance(self.blocks[0], Questions)

    @property
    def is_roster(self) -> bool:
        """The grid is a roster, which takes the whole width."""
        return self.is_grid and isinstance(self.blocks[0], Roster)


def shown_question(node: Node) -> bool:
    """Whether a node stands on a page: it has a control, or it is computed and has a printed number or a short heading."""
    if not isinstance(node, Question) or node.is_attribute or node.fa.get("check"):
        return False
    if node.control is not None:
        return True
    return node.calculated and bool(node.fa.get("short"))


def sections_of(form: Form) -> tuple[Section, ...]:
    """The sections in document order; those without anything to show are left out."""
    found: list[Section] = []
    loose: list[Node] = []

    def flush() -> None:
        if loose:
            blocks = tuple(_blocks(form, loose))
            if blocks:
                found.append(Section(loose[0].path, blocks))
            loose.clear()

    for node in form.root.children:
        if isinstance(node, Question):
            if shown_question(node):
                loose.append(node)
            continue
        if node.name == "meta":
            continue
        flush()
        if isinstance(node, Repeat):
            found += _repeat_sections(node)
        elif _only_sections(node):
            for child in node.children:
                if isinstance(child, Repeat):
                    found += _repeat_sections(child)
                elif isinstance(child, Group) and (blocks := tuple(_blocks(form, child.children, child))):
                    found.append(Section(child.path, blocks))
        elif blocks := tuple(_blocks(form, node.children, node)):
            found.append(Section(node.path, blocks))
    flush()
    return tuple(found)


def _only_sections(group: Group) -> bool:
    """A group without questions of its own and with several labelled groups in it: a part, its groups are the sections."""
    inner = [child for child in group.children if not isinstance(child, Question)]
    own = [child for child in group.children if isinstance(child, Question) and shown_question(child)]
    grid = "fa-grid" in group.appearances
    return not own and not grid and len(inner) > 1 and all(child.label is not None for child in inner)


def _repeat_sections(repeat: Repeat) -> Iterator[Section]:
    groups = [child for child in repeat.children if isinstance(child, Group) and child.label is not None]
    parts = [group for group in groups if any(shown_question(node) for node in _questions(group))]
    own = [node for node in _questions_beside(repeat, parts) if shown_question(node)]
    if len(parts) < 2:
        columns_from: list[Node] = [node for node in _questions(repeat) if shown_question(node)]
        yield Section(repeat.path, (_roster(repeat, columns_from), *_nested(repeat)))
        return
    if own:
        yield Section(repeat.path, (_roster(repeat, own),))
    for part in parts:
        inside = [node for node in _questions(part) if shown_question(node)]
        yield Section(part.path, (_roster(repeat, inside), *_nested(part)))


def _nested(node: Repeat | Group) -> Iterator[Block]:
    for child in node.children:
        if isinstance(child, Repeat):
            yield _roster(child, [inner for inner in _questions(child) if shown_question(inner)])
            yield from _nested(child)
        elif isinstance(child, Group):
            yield from _nested(child)


def _questions(node: Repeat | Group) -> Iterator[Node]:
    """Questions below a node, not those of repeats inside it."""
    for child in node.children:
        if isinstance(child, Question):
            yield child
        elif isinstance(child, Group):
            yield from _questions(child)


def _questions_beside(node: Repeat | Group, without: list[Group]) -> Iterator[Node]:
    for child in node.children:
        if isinstance(child, Question):
            yield child
        elif isinstance(child, Group) and child not in without:
            yield from _questions(child)


def _blocks(form: Form, nodes: tuple[Node, ...] | list[Node], around: Group | None = None) -> Iterator[Block]:
    if around is not None and "fa-grid" in around.appearances:
        lines = _lines(form, around)
        if lines is not None:
            yield lines
            return
    blocks: list[Block] = []
    paths: list[str] = []
    headings: dict[str, str] = {}

    def flush() -> None:
        if paths:
            blocks.append(Questions(tuple(paths), dict(headings)))
            paths.clear()
            headings.clear()

    def walk(children: tuple[Node, ...] | list[Node], heading: str) -> None:
        for node in children:
            if isinstance(node, Question):
                if shown_question(node):
                    if heading:
                        headings[node.path] = heading
                        heading = ""
                    paths.append(node.path)
            elif isinstance(node, Repeat):
                flush()
                inside = [inner for inner in _questions(node) if shown_question(inner)]
                blocks.append(_roster(node, inside))
                blocks.extend(_nested(node))
            elif "fa-grid" in node.appearances and (lines := _lines(form, node)) is not None:
                flush()
                blocks.append(lines)
            else:
                walk(node.children, node.path if node.label is not None else "")

    walk(nodes, "")
    flush()
    ticks = {block.tick for block in blocks if isinstance(block, Lines) and block.tick}
    for block in blocks:
        if isinstance(block, Questions) and ticks:
            kept = tuple(path for path in block.paths if path not in ticks)
            if kept:
                yield Questions(kept, block.headings)
        else:
            yield block


def _roster(repeat: Repeat, questions: list[Node]) -> Roster:
    name = name_path(repeat)
    number = next(
        (n.path for n in _questions(repeat) if n.name in ("mem_no", "no", "row_no") and isinstance(n, Question)), ""
    )
    columns = tuple(
        _column(node, node.path)
        for node in questions
        if isinstance(node, Question) and not node.is_note and node.path != number
    )
    return Roster(repeat.path, columns, name, number)


def name_path(repeat: Repeat) -> str:
    """What names a row: ``fa:name`` on the repeat, a text whose name ends in "name", or the first question if text or choice."""
    wanted = repeat.fa.get("name")
    texts = [
        node for node in _questions(repeat) if isinstance(node, Question) and node.type == "string" and not node.is_note
    ]
    if wanted:
        return next((node.path for node in texts if node.name == wanted), "")
    named = next((node.path for node in texts if node.name.endswith("name")), "")
    shown = [node for node in _questions(repeat) if shown_question(node)]
    first = shown[0] if shown else None
    chosen = isinstance(first, Question) and first.control == "select1"
    return named or (first.path if first is not None and (chosen or first in texts) else "")


def _column(node: Question, key: str) -> Column:
    return Column(
        key=key,
        path=node.path,
        short=node.fa.get("short", ""),
        head=node.fa.get("head", ""),
        number=node.number or "",
        unit=node.fa.get("unit", ""),
        total=node.fa.get("total", "") == "sum",
        calculated=node.calculated or node.control is None or node.readonly_static,
    )


_SELECTED = re.compile(r"selected\(\s*([^\s,]+)\s*,\s*['\"]([^'\"]+)['\"]\s*\)")


def _lines(form: Form, group: Group) -> Lines | None:
    rows = [child for child in group.children if isinstance(child, Group) and "fa-row" in child.appearances]
    if not rows:
        return None
    inside = {row.path: [n for n in _questions(row) if _row_question(n)] for row in rows}
    suffixes = {node.name.rsplit("_", 1)[-1] for nodes in inside.values() if len(nodes) > 1 for node in nodes}
    columns: dict[str, Column] = {}
    order: list[str] = []
    lines: list[Line] = []
    members: dict[str, dict[str, str]] = {}
    tick = ""
    for row in sorted(rows, key=lambda row: -len(inside[row.path])):
        keys = [_column_key(node, suffixes) for node in inside[row.path] if isinstance(node, Question)]
        for at, node in enumerate(inside[row.path]):
            assert isinstance(node, Question)
            key = keys[at] if keys[at] not in keys[:at] else node.path
            if key not in columns:
                columns[key] = _column(node, key)
                following = next((order.index(later) for later in keys[at + 1 :] if later in order), len(order))
                order.insert(following, key)
            members.setdefault(row.path, {})[key] = node.path
    for row in rows:
        cells = members.get(row.path, {})
        code = ""
        if found := _SELECTED.search(row.bind.relevant or ""):
            ticked_by = _resolve(form, row.path, found[1])
            if ticked_by and (not tick or tick == ticked_by):
                tick, code = ticked_by, found[2]
        lines.append(Line(row.path, code, cells))
    return Lines(group.path, tick, tuple(columns[key] for key in order), tuple(lines))


def _row_question(node: Node) -> bool:
    if not isinstance(node, Question) or node.is_attribute or node.is_note or node.fa.get("check"):
        return False
    if "__" in node.name:
        return False
    return node.control is not None or (node.calculated and bool(node.fa.get("short")))


def _column_key(node: Question, suffixes: set[str]) -> str:
    short, head = node.fa.get("short", ""), node.fa.get("head", "")
    if short:
        return f"{head}|{short}"
    suffix = node.name.rsplit("_", 1)[-1]
    return suffix if suffix in suffixes else ""


def _resolve(form: Form, start: str, reference: str) -> str:
    """Path of a reference in an expression, "" if it is none we know."""
    reference = reference.strip().removeprefix("current()/")
    if reference.startswith("/"):
        path = reference
    else:
        parts = start.split("/")
        for step in reference.split("/"):
            if step == "..":
                parts = parts[:-1]
            elif step != ".":
                parts = [*parts, step]
        path = "/".join(parts)
    node = form.find_node(path)
    return path if isinstance(node, Question) else ""
