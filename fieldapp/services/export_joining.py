"""One layout over all versions of a questionnaire: a column a variable, code lists joined, and why a cell is blank.

Variables are joined by name within their roster, as everywhere (names never change; a question that moved to another section is still
the same). The newest version comes first and gives labels; what only older versions asked follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from fieldapp.exporting.table import Column
from fieldapp.services.static_labels import choices, question_label
from fieldapp.store.sealing import sensitive_class
from forms.engine import Cell, Form, Group, Interview, Question, Repeat

NOT_ASKED = "N"  # this version of the questionnaire has no such question
SKIPPED = "7"
STATES = (
    ("1", "已答"),
    ("0", "零"),
    (SKIPPED, "不适用（跳过）"),
    ("8", "不清楚"),
    ("9", "拒答"),
    ("", "没有填"),
    (NOT_ASKED, "这一版没有这题"),
)
_IDENTITY = "identity"
# Keys and names that would lead to a household or a person beside what the questionnaire classes as identity.
_LEADING = frozenset({"cov_hh_no", "cov_replaced_hh", "mem_birth_id"})
_TYPES = {"int": "integer", "decimal": "decimal", "date": "date", "dateTime": "date"}
_WIDER = {frozenset({"integer", "decimal"}): "decimal", frozenset({"select1", "select"}): "select"}


@dataclass(frozen=True, slots=True)
class Privacy:
    """What may not leave.

    Args:
        identities: names, numbers of identity, telephones may (county office, working project).
        free_text: answers in a person's own words may; in a statistical survey they may not, since they can name somebody.
    """

    identities: bool = False
    free_text: bool = True

    def withheld(self, form: Form, node: Question) -> bool:
        """Whether a question's answers stay in the store."""
        if self.identities:
            return False
        sensitive = sensitive_class(form, node.path.removeprefix(form.root.path + "/"))
        named = node.name in _LEADING or (node.name.endswith("_name") and node.fa.get("class") in ("S2", "S3"))
        return sensitive == _IDENTITY or named or (not self.free_text and _is_free_text(node))


def _is_free_text(node: Question) -> bool:
    """An answer in own words: not one that must look like a month or a number."""
    typed = node.control == "input" and node.type == "string" and not node.calculated
    return typed and "regex(., '^(" not in (node.bind.constraint or "")


@dataclass(slots=True)
class Level:
    """One table to be: the household ("" roster), or a roster's rows.

    Attributes:
        columns: name → joined column, in order.
        asked: version → names of this level that this version has; ``answerable``: those with a state of their own.
    """

    roster: str
    label: str
    columns: dict[str, Column] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=dict)
    answerable: set[str] = field(default_factory=set)


def version_names(forms: Sequence[Form]) -> dict[str, str]:
    """Form hash → what the version is called; versions that bear the same name get the beginning of their hash."""
    plain = [form.version or form.hash[:8] for form in forms]
    return {
        form.hash: name if plain.count(name) == 1 else f"{name}-{form.hash[:6]}"
        for form, name in zip(forms, plain, strict=True)
    }


def joined(forms: Sequence[Form], privacy: Privacy) -> dict[str, Level]:
    """Levels by roster name.

    Args:
        forms: all versions, newest first.
    """
    names = version_names(forms)
    levels: dict[str, Level] = {}
    for form in forms:
        for roster, label, node in _questions(form):
            level = levels.setdefault(roster, Level(roster, label))
            level.asked.setdefault(names[form.hash], set())
            if privacy.withheld(form, node):
                continue
            level.asked[names[form.hash]].add(node.name)
            if node.control is not None and not node.calculated:
                level.answerable.add(node.name)
            column = _column(form, node)
            known = level.columns.get(node.name)
            level.columns[node.name] = column if known is None else _united(known, column)
    for level in levels.values():
        for name, column in level.columns.items():
            versions = tuple(version for version, asked in level.asked.items() if name in asked)
            level.columns[name] = replace(column, versions=versions)
    return {roster: level for roster, level in levels.items() if level.columns}


def _questions(form: Form) -> Iterator[tuple[str, str, Question]]:
    """(roster, its label, question) in document order; nested rosters stand under the innermost."""

    def below(node: Group | Repeat, roster: str, label: str) -> Iterator[tuple[str, str, Question]]:
        for child in node.children:
            if isinstance(child, Repeat):
                yield from below(child, child.name, question_label(form, child.path))
            elif isinstance(child, Group):
                if child.path.split("/")[2] != "meta":
                    yield from below(child, roster, label)
            elif not child.is_note and not child.fa.get("check") and not child.name.endswith("__ok"):
                yield roster, label, child

    yield from below(form.root, "", form.title)


def _column(form: Form, node: Question) -> Column:
    kind = {"select1": "select1", "select": "select"}.get(node.control or "", _TYPES.get(node.type, "text"))
    sensitive = sensitive_class(form, node.path.removeprefix(form.root.path + "/")) or ""
    return Column(node.name, question_label(form, node.path), kind, choices(form, node.path), sensitive)


def _united(newer: Column, older: Column) -> Column:
    """Labels of the newer, codes of both; a code that only the older knows follows with its own label."""
    known = {code for code, _ in newer.choices}
    codes = (*newer.choices, *(pair for pair in older.choices if pair[0] not in known))
    both = frozenset({newer.type, older.type})
    kind = newer.type if len(both) == 1 else _WIDER.get(both, "text")
    return replace(newer, type=kind, choices=codes, sensitive=newer.sensitive or older.sensitive)


Row = tuple[str, tuple[str, ...], dict[str, str], dict[str, str]]  # roster, row path, values, states


def rows_of(form: Form, interview: Interview, levels: dict[str, Level], version: str) -> Iterator[Row]:
    """What one interview adds to each level: first the household, then its rosters' rows in display order."""

    def states(level: Level, seen: dict[str, str]) -> dict[str, str]:
        asked = level.asked.get(version, set())
        return {name: seen.get(name, SKIPPED) if name in asked else NOT_ASKED for name in level.answerable}

    def below(
        node: Group | Repeat, rows: tuple[str, ...], level: Level | None, values: dict[str, str], seen: dict[str, str]
    ) -> Iterator[Row]:
        for child in node.children:
            if isinstance(child, Repeat):
                inner = levels.get(child.name)
                for row_id in interview.rows(Cell(child.path, rows)) if inner is not None else ():
                    own: dict[str, str] = {}
                    own_seen: dict[str, str] = {}
                    found = list(below(child, (*rows, row_id), inner, own, own_seen))
                    if inner is not None:
                        yield child.name, (*rows, row_id), own, states(inner, own_seen)
                    yield from found
            elif isinstance(child, Group):
                yield from below(child, rows, level, values, seen)
            elif level is not None and child.name in level.columns:
                cell = Cell(child.path, rows)
                if not interview.is_relevant(cell):
                    continue
                value = interview.value(cell)
                if value != "":
                    values[child.name] = value
                if child.name in level.answerable:
                    seen[child.name] = interview.state(cell).status

    top = levels.get("")
    values: dict[str, str] = {}
    seen: dict[str, str] = {}
    found = list(below(form.root, (), top, values, seen))
    if top is not None:
        yield "", (), values, states(top, seen)
    yield from found
