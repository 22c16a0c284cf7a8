"""Two versions of a questionnaire: what differs, and how the answers of one are carried into the other without loss.

A *field* is the path of a question below the form's root (``qa/q_phone``), as in the log. A mapping says only what is not the same in
both; a person reviews it on a trial run before it holds (services/form_versions.py). Nothing is ever thrown away: what a mapping does
not carry stays where it was and is listed (sync.md 3.10).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from forms.engine import Cell, Form, Question, Repeat
from forms.errors import FieldAppError
from forms.questionnaires.written import text_words, written_choices

KEPT: Final = ""  # the target of a field that the newer version has no place for
_HIDDEN: Final = ("__st", "__ok")
_NUMERIC: Final = ("int", "decimal")


class BadMapping(FieldAppError):
    """A mapping that cannot be read, or does not fit the two versions."""

    zh = "这份文件不是版本对照（JSON），或者写得不对；答案都没有动，请改好对照文件再试。"


class OtherVersions(BadMapping):
    """A mapping between two other versions."""

    zh = "这份对照说的不是这两个版本；答案都没有动，请换一份对照文件。"


class NoSuchField(BadMapping):
    """A question that the old version does not have, or the new one."""

    zh = "版本对照里的“{name}”在问卷里没有；答案都没有动，请改好对照文件再试。"


class AnotherRoster(BadMapping):
    """A question is to move into or out of a roster."""

    zh = "“{old}”和“{new}”不在同一个名册里，不能对上；答案都没有动，请改好对照文件再试。"


class TwoIntoOne(BadMapping):
    """Two answers are to stand in one place."""

    zh = "“{first}”和“{second}”都对到“{target}”，会丢一个答案；答案都没有动，请改好对照文件再试。"


class NoSuchCode(BadMapping):
    """A code that the new question does not have."""

    zh = "新版“{name}”没有选项 {code}；答案都没有动，请改好对照文件再试。"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes:
        kind: added, removed, moved, changed.
        what: question, option, check.
        name: number and variable; list and code; number of the check.
        before, after: in words; "" where there is nothing.
    """

    kind: str
    what: str
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class VersionMapping:
    """How answers get from one version into another.

    Attributes:
        old, new: hashes of the forms.
        fields: old field → new field where they differ; KEPT for one that the new version has no place for.
        codes: old field → old code → new code, where options bear another code.
    """

    form_id: str
    old: str
    new: str
    fields: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def to_json(self) -> str:
        """For a person to look through and change; the same mapping gives the same text."""
        plain = {
            "form_id": self.form_id,
            "old": self.old,
            "new": self.new,
            "fields": dict(sorted(self.fields.items())),
            "codes": {name: dict(sorted(codes.items())) for name, codes in sorted(self.codes.items())},
        }
        return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> VersionMapping:
        """Raises BadMapping."""
        try:
            plain = json.loads(text)
            codes = {str(name): dict(pairs) for name, pairs in dict(plain["codes"]).items()}
            found = cls(plain["form_id"], plain["old"], plain["new"], dict(plain["fields"]), codes)
            texts = [found.form_id, found.old, found.new, *found.fields, *found.fields.values()]
            texts += [one for pairs in found.codes.values() for pair in pairs.items() for one in pair]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadMapping("not a mapping") from error
        if not all(isinstance(one, str) for one in texts):
            raise BadMapping("not texts")
        return found

    def inverse(self) -> VersionMapping:
        """The way back; of several old codes under one new code the first stands."""
        fields = {new: old for old, new in self.fields.items() if new != KEPT}
        codes: dict[str, dict[str, str]] = {}
        for old, pairs in self.codes.items():
            back = codes.setdefault(self.fields.get(old, old), {})
            for before, after in sorted(pairs.items()):
                back.setdefault(after, before)
        return VersionMapping(self.form_id, self.new, self.old, fields, codes)


class Why(StrEnum):
    """Why an answer was not carried."""

    NO_PLACE = "新版没有这题"
    NO_CODE = "新版没有这个选项"
    OTHER_TYPE = "新版这题的类型不同"
    NO_ROSTER = "新版的名册不同"
    LATE = "别处迁移以后才收到，没有带到新位置"


@dataclass(frozen=True, slots=True)
class Carried:
    """An answer that stands elsewhere, or under another code, in the new version."""

    old: Cell
    new: Cell
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Left:
    """An answer that stays where it was, kept and not shown as an answer of the new version."""

    cell: Cell
    value: str
    why: Why


# --- comparing --------------------------------------------------------------------------------------------------------


def field_of(form: Form, path: str) -> str:
    """A node's path below the root."""
    return path.removeprefix(form.root.path + "/")


def _asked(form: Form) -> dict[str, Question]:
    """Questions and computed figures by field; hidden companions, checks, notes and metadata are left out."""
    return {
        field_of(form, node.path): node
        for node in form.walk()
        if isinstance(node, Question)
        and not (node.is_attribute or node.injected or node.is_note or node.fa.get("check"))
        and not node.name.endswith(_HIDDEN)
        and not field_of(form, node.path).startswith("meta/")
    }


def compare(old: Form, new: Form) -> tuple[Difference, ...]:
    """What differs, for a person: questions added, removed, moved and changed, their options, and edit checks."""
    return (*_questions(old, new), *_checks(old, new))


def _called(node: Question) -> str:
    return f"{node.number} {node.name}" if node.number else node.name


def _questions(old: Form, new: Form) -> Iterator[Difference]:
    before, after = _asked(old), _asked(new)
    way = _moves(old, new)
    targets = {target: source for source, target in way.items() if target != KEPT}
    for source, node in before.items():
        target = way.get(source, source)
        if target == KEPT:
            yield Difference("removed", "question", _called(node), _words(old, node))
            continue
        there = after[target]
        if target != source:
            yield Difference("moved", "question", _called(node), source, target)
        yield from _changed(old, node, new, there)
    for target, node in after.items():
        if target not in before and target not in targets:
            yield Difference("added", "question", _called(node), "", _words(new, node))


def _words(form: Form, node: Question) -> str:
    return " ".join(text_words(form, node.label).split())


def _changed(old: Form, node: Question, new: Form, there: Question) -> Iterator[Difference]:
    name = _called(there)
    pairs = (
        ("题面", _words(old, node), _words(new, there)),
        ("类型", f"{node.type} {node.control or ''}".strip(), f"{there.type} {there.control or ''}".strip()),
        ("单位", node.fa.get("unit", ""), there.fa.get("unit", "")),
        ("必填", node.bind.required or "", there.bind.required or ""),
        ("适用", node.bind.relevant or "", there.bind.relevant or ""),
        ("取值", node.bind.constraint or "", there.bind.constraint or ""),
        ("计算", node.bind.calculate or "", there.bind.calculate or ""),
    )
    for what, was, now in pairs:
        if " ".join(was.split()) != " ".join(now.split()):
            yield Difference("changed", "question", f"{name} {what}", was, now)
    was_codes, now_codes = dict(written_choices(old, node.path)), dict(written_choices(new, there.path))
    for code in [*was_codes, *(one for one in now_codes if one not in was_codes)]:
        was, now = was_codes.get(code, ""), now_codes.get(code, "")
        if was != now:
            kind = "added" if code not in was_codes else "removed" if code not in now_codes else "changed"
            yield Difference(kind, "option", f"{name} {code}", was, now)


def _checks(old: Form, new: Form) -> Iterator[Difference]:
    def rules(form: Form) -> dict[str, str]:
        return {
            check.id: f"{check.kind} {check.level} {form.node(check.path).bind.relevant or ''}" for check in form.checks
        }

    before, after = rules(old), rules(new)
    for name in [*before, *(one for one in after if one not in before)]:
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            kind = "added" if not was else "removed" if not now else "changed"
            yield Difference(kind, "check", name, was, now)


# --- proposing --------------------------------------------------------------------------------------------------------


def propose(old: Form, new: Form) -> VersionMapping:
    """A mapping for a person to look through: the same name is the same question, whatever section it stands in; options with the same
    label under another code are the same option. What has no counterpart is kept."""
    way = _moves(old, new)
    codes = {}
    for source, node in _asked(old).items():
        target = way.get(source, source)
        if target != KEPT:
            pairs = _same_labels(written_choices(old, node.path), written_choices(new, f"{new.root.path}/{target}"))
            if pairs:
                codes[source] = pairs
    return VersionMapping(old.form_id, old.hash, new.hash, way, codes)


def _moves(old: Form, new: Form) -> dict[str, str]:
    """Old field → where the new version has it, for fields that are not in the same place."""
    before, after = _asked(old), _asked(new)
    by_name: dict[str, list[str]] = {}
    for target, node in after.items():
        by_name.setdefault(node.name, []).append(target)
    found = {}
    for source, node in before.items():
        if source in after:
            continue
        there = [
            target
            for target in by_name.get(node.name, [])
            if target not in before and _rosters(new, target) == _rosters(old, source)
        ]
        found[source] = there[0] if len(there) == 1 else KEPT
    return found


def _rosters(form: Form, name: str) -> tuple[str, ...]:
    """Fields of the rosters around a field, outermost first."""
    parts = name.split("/")
    around = ("/".join(parts[:n]) for n in range(1, len(parts)))
    return tuple(one for one in around if isinstance(form.find_node(f"{form.root.path}/{one}"), Repeat))


def _same_labels(old: tuple[tuple[str, str], ...], new: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Old code → new code of options that kept their label and changed their code."""
    now = dict(new)
    labels: dict[str, list[str]] = {}
    for code, label in new:
        labels.setdefault(label, []).append(code)
    return {
        code: labels[label][0]
        for code, label in old
        if now.get(code) != label and len(labels.get(label, ())) == 1 and labels[label][0] != code
    }


# --- carrying ---------------------------------------------------------------------------------------------------------


def check_mapping(mapping: VersionMapping, old: Form, new: Form) -> None:
    """Raises BadMapping if the mapping is of other versions, names what is not there, or leads two answers into one place."""
    if (mapping.old, mapping.new) != (old.hash, new.hash):
        raise OtherVersions("other versions")
    before, after = _asked(old), _asked(new)
    reached: dict[str, str] = {}
    for source in before:
        target = mapping.fields.get(source, source if source in after else KEPT)
        if target == KEPT:
            continue
        if target not in after:
            raise NoSuchField("of the new version", name=target)
        if _rosters(old, source) != _rosters(new, target):
            raise AnotherRoster("another roster", old=source, new=target)
        if target in reached:
            raise TwoIntoOne("two into one", first=reached[target], second=source, target=target)
        reached[target] = source
    for source in mapping.fields:
        if source not in before:
            raise NoSuchField("of the old version", name=source)
    for source, pairs in mapping.codes.items():
        if source not in before:
            raise NoSuchField("of the old version", name=source)
        target = mapping.fields.get(source, source)
        known = dict(written_choices(new, f"{new.root.path}/{target}"))
        for code in pairs.values():
            if code not in known:
                raise NoSuchCode("no such code", name=target, code=code)


def carry(
    mapping: VersionMapping, old: Form, new: Form, values: Mapping[Cell, str]
) -> tuple[tuple[Carried, ...], tuple[Left, ...]]:
    """What has to be written anew, and what stays behind; answers that are the same in both are in neither.

    Args:
        values: of the old version's filling, hidden companions, notes and remarks included.
    """
    carried, left = [], []
    for cell, value in values.items():
        if value == "" or field_of(old, cell.path).startswith(("meta/", "@")) or "/@" in cell.path:
            continue
        path, mark, suffix = cell.path.partition("@")
        base, hidden = _owner(old, path)
        source = field_of(old, base)
        target = mapping.fields.get(source, source)
        there = new.find_node(f"{new.root.path}/{target}{hidden}") if target != KEPT else None
        if there is None and mark and _is_check(old, path):
            target = field_of(new, new.path_of(path.rsplit("/", 1)[-1]) or "")
            there = new.find_node(f"{new.root.path}/{target}")  # a note goes with its check, wherever that stands now
        if there is None:
            if not hidden and not _is_computed(old, path):
                left.append(Left(cell, value, Why.NO_PLACE))
            continue
        if _rosters(old, source) != _rosters(new, target):
            left.append(Left(cell, value, Why.NO_ROSTER))
            continue
        if not isinstance(there, Question) or there.calculated:
            continue  # computed anew
        after = value if hidden or mark else _recoded(mapping.codes.get(source, {}), there, value)
        why = None if hidden or mark else unfit(new, there, after)
        if why is not None:
            left.append(Left(cell, value, why))
        elif (reached := Cell(there.path + mark + suffix, cell.rows)) != cell or after != value:
            carried.append(Carried(cell, reached, value, after))
    return tuple(carried), tuple(left)


def _owner(form: Form, path: str) -> tuple[str, str]:
    """The question behind a hidden companion, and the companion's ending; (path, "") for anything else."""
    for ending in _HIDDEN:
        if path.endswith(ending) and form.find_node(path.removesuffix(ending)) is not None:
            return path.removesuffix(ending), ending
    return path, ""


def _is_check(form: Form, path: str) -> bool:
    node = form.find_node(path)
    return node is not None and bool(node.fa.get("check"))


def _is_computed(form: Form, path: str) -> bool:
    node = form.find_node(path)
    return isinstance(node, Question) and node.calculated


def _recoded(pairs: Mapping[str, str], node: Question, value: str) -> str:
    if node.control in ("select", "rank"):
        return " ".join(pairs.get(code, code) for code in value.split())
    return pairs.get(value, value)


def unfit(form: Form, node: Question, value: str) -> Why | None:
    """Why the new question cannot hold a value; None if it can."""
    known = {code for code, _ in written_choices(form, node.path)}
    if node.control in ("select1", "select", "rank"):
        codes = value.split() if node.control != "select1" else [value]
        return Why.NO_CODE if known and not set(codes) <= known else None
    if node.type == "int" and not re.fullmatch(r"-?\d+", value):
        return Why.OTHER_TYPE
    if node.type in _NUMERIC and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return Why.OTHER_TYPE
    if node.type == "date" and not re.match(r"\d{4}-\d{2}-\d{2}", value):
        return Why.OTHER_TYPE
    return None
