"""What is asked: a form as loaded, frozen. What is answered stands in ``interview.py``.

The tree is that of the primary instance (ODK XForms specification, "Instance"), with what the body says about each node put on
it. Expressions stand here as text; ``program.py`` compiles them, once per form and only when a filling begins.
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from forms.engine.problems import Problem

if TYPE_CHECKING:
    from forms.engine.program import Program

FA_NAMESPACE = "urn:fieldapp:xforms:1"
"""Namespace of this project's attributes in published forms; fixed for ever."""
ENGINE_VERSION = 2
"""Goes up whenever a compiled form on disk has to be made anew."""

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Output:
    """``<output value="…"/>`` inside a text."""

    expression: str


TextPart: TypeAlias = str | Output


@dataclass(frozen=True, slots=True)
class Text:
    """A label, hint or message.

    ``itext`` is the id of a translated text; ``expression`` an expression whose string value is the text (a label by ``ref``);
    else ``parts`` are the words themselves. ``node`` is the path that relative references start from.
    """

    parts: tuple[TextPart, ...] = ()
    itext: str | None = None
    expression: str | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Bind:
    """The logic of one node, as written (spec: "Bindings"). An empty string or None is "not given"."""

    type: str = "string"
    calculate: str | None = None
    relevant: str | None = None
    required: str | None = None
    readonly: str | None = None
    constraint: str | None = None
    required_message: Text | None = None
    constraint_message: Text | None = None
    preload: str | None = None
    preload_params: str | None = None
    saveto: str | None = None
    other: Mapping[str, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Item:
    """A choice written into the control itself (spec: "Body Elements", select and select1)."""

    value: str
    label: Text | None


@dataclass(frozen=True, slots=True)
class Itemset:
    """Choices found by an expression (spec: "Body Elements", itemset).

    ``value`` and ``label`` are read on each item; an ``itext`` label names its text there.
    """

    nodeset: str
    value: str
    label: str | None = None
    label_is_itext: bool = False


@dataclass(frozen=True, slots=True)
class RangeSpec:
    """Bounds of a range control, as written; "" for none."""

    start: str
    end: str
    step: str


@dataclass(frozen=True, slots=True)
class Action:
    """``setvalue``, ``setgeopoint`` or ``recordaudio`` (spec: "Actions").

    ``source`` is the node whose control or repeat holds the action, "" in the model; ``value`` an expression, else ``text``.
    """

    kind: str
    events: tuple[str, ...]
    target: str
    value: str | None = None
    text: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class CheckDef:
    """An edit check: a note with ``fa:check``, relevant when it fails (this project's extension, ``FA_NAMESPACE``)."""

    path: str
    id: str
    kind: str
    level: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Node:
    path: str
    name: str
    bind: Bind = field(default_factory=Bind, repr=False)
    control: str | None = None
    appearances: tuple[str, ...] = ()
    label: Text | None = field(default=None, repr=False)
    hint: Text | None = field(default=None, repr=False)
    fa: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    attributes: tuple[Question, ...] = field(default=(), repr=False)
    namespace: str = field(default="", repr=False)

    @property
    def sensitive(self) -> str | None:
        """Class of sensitivity (``fa:sensitive``): identity, money, health …, None for none."""
        return self.fa.get("sensitive")

    @property
    def number(self) -> str | None:
        """The printed number (``fa:no``), "A105"."""
        return self.fa.get("no")

    @property
    def readonly_static(self) -> bool:
        """The form says ``readonly="true()"`` outright."""
        return (self.bind.readonly or "").replace(" ", "") in ("true()", "true", "1")


@dataclass(frozen=True, eq=False)
class Question(_Node):
    """A node without children: something asked, computed or noted (spec: "Primary Instance", "Body Elements").

    ``control`` is "input", "select1", "select", "upload", "trigger", "range", "rank", or None for a node of the model alone. ``injected`` marks
    a metadata node that the form itself did not have.
    """

    default: str = field(default="", repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)
    itemset: Itemset | None = field(default=None, repr=False)
    range: RangeSpec | None = field(default=None, repr=False)
    mediatype: str = field(default="", repr=False)
    injected: bool = field(default=False, repr=False)
    control_attributes: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)

    @property
    def kind(self) -> str:
        """Always "question"."""
        return "question"

    @property
    def type(self) -> str:
        """Data type without prefix; unknown types are "string"."""
        return self.bind.type

    @property
    def calculated(self) -> bool:
        """Has a ``calculate``."""
        return self.bind.calculate is not None

    @property
    def is_attribute(self) -> bool:
        """An attribute of an element of the instance (``/data/meta/entity/@id``)."""
        return self.name.startswith("@")

    @property
    def is_note(self) -> bool:
        """A text for reading: a read-only input that nothing computes."""
        return self.control == "input" and self.readonly_static and self.bind.calculate is None and not self.default

    @property
    def nonresponse(self) -> tuple[str, ...]:
        """Which states may stand for an answer: "8" 不清楚 (dk), "9" 拒答 (refused), from ``fa:nonresponse``."""
        words = self.fa.get("nonresponse", "").split()
        return tuple(code for word, code in (("dk", "8"), ("refused", "9")) if word in words)


@dataclass(frozen=True, eq=False)
class Group(_Node):
    """A node with children (spec: "Groups"); the root too (``kind`` "root")."""

    children: tuple[Node, ...] = field(default=(), repr=False)
    is_root: bool = False

    @property
    def kind(self) -> str:
        """ "root" or "group"."""
        return "root" if self.is_root else "group"

    @property
    def type(self) -> str:
        """Groups have none."""
        return ""


@dataclass(frozen=True, eq=False)
class Repeat(_Node):
    """A roster (spec: "Repeats"). Its children are those of one row.

    Attributes:
        count: expression of ``jr:count``, None if rows are added by hand.
        fixed: rows are not added or removed by hand (``jr:noAddRemove`` or a count).
        start: one entry for each row in the instance at the start.
    """

    children: tuple[Node, ...] = field(default=(), repr=False)
    count: str | None = None
    fixed: bool = False
    row_label: Text | None = field(default=None, repr=False)
    start: tuple[StartRow, ...] = field(default=(), repr=False)

    @property
    def kind(self) -> str:
        """Always "repeat"."""
        return "repeat"

    @property
    def type(self) -> str:
        """Repeats have none."""
        return ""


Node: TypeAlias = Question | Group | Repeat
"""Any node of the primary instance."""


@dataclass(frozen=True, slots=True)
class StartRow:
    """A row that stands in the form's own instance: its texts by path, and rows of the repeats in it."""

    values: Mapping[str, str]
    rows: Mapping[str, tuple[StartRow, ...]]


@dataclass(frozen=True, slots=True)
class InstanceSource:
    """A secondary instance. ``src`` is "" for one written into the form, whose root is then ``element``."""

    id: str
    src: str = ""
    element: ET.Element | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class Form:
    """A questionnaire of any origin, never changed after loading (spec: "Structure").

    Attributes:
        hash: SHA-256 of the XForm XML, hex.
        translations: language → text id → form ("long", "short", "guidance", "image" …) → parts.
        problems: warnings; a form with errors is refused by ``load_form``.
        trees: packed syntax trees by the text of their expression, in a form that was kept on disk (``trees.py``).
        prefixes: prefix → namespace URI as declared in the document.
    """

    form_id: str
    version: str
    title: str
    languages: tuple[str, ...]
    default_language: str
    root: Group
    xml: str = field(repr=False)
    name: str = ""
    translations: Mapping[str, Mapping[str, Mapping[str, tuple[TextPart, ...]]]] = field(
        default_factory=dict, repr=False
    )
    instances: Mapping[str, InstanceSource] = field(default_factory=dict, repr=False)
    actions: tuple[Action, ...] = field(default=(), repr=False)
    prefixes: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    body_classes: tuple[str, ...] = ()
    submission: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    problems: tuple[Problem, ...] = ()
    hash: str = field(default="", repr=False)
    trees: Mapping[str, Any] = field(default_factory=lambda: _NONE, repr=False)

    def __post_init__(self) -> None:
        if not self.hash:
            object.__setattr__(self, "hash", hashlib.sha256(self.xml.encode()).hexdigest())

    @cached_property
    def _by_path(self) -> dict[str, Node]:
        return {node.path: node for node in self.walk()}

    def node(self, path: str) -> Node:
        """The node at a generic path.

        Raises:
            KeyError: there is none.
        """
        return self._by_path[path]

    def find_node(self, path: str) -> Node | None:
        """The node at a generic path, None if there is none."""
        return self._by_path.get(path)

    def walk(self) -> Iterator[Node]:
        """All nodes in document order, the root first, attributes right after their element."""
        stack: list[Node] = [self.root]
        while stack:
            node = stack.pop()
            yield node
            if not isinstance(node, Question):
                stack.extend(reversed(node.children))
            stack.extend(reversed(node.attributes))

    @cached_property
    def checks(self) -> tuple[CheckDef, ...]:
        """All edit checks in document order."""
        found = []
        for node in self.walk():
            kind = node.fa.get("check")
            if kind:
                about = tuple(
                    self._resolve_about(node.path, word) for word in node.fa.get("about", "").replace(",", " ").split()
                )
                found.append(
                    CheckDef(node.path, node.fa.get("id", node.name), kind, node.fa.get("level", "interview"), about)
                )
        return tuple(found)

    def _resolve_about(self, check: str, word: str) -> str:
        """``fa:about`` names variables (unique in a questionnaire), ``${…}`` or paths."""
        word = word.strip("${}")
        parts = check.split("/")[:-1]
        if word.startswith("/"):
            return word
        while word.startswith(("../", "./")):
            if word.startswith("../"):
                parts, word = parts[:-1], word[3:]
            else:
                word = word[2:]
        beside = "/".join([*check.split("/")[:-1], word])
        if beside in self._by_path:
            return beside
        return self._by_name.get(word.rsplit("/", 1)[-1], word)

    @cached_property
    def outputs_of(self) -> Mapping[str, tuple[str, ...]]:
        """Text id → the expressions of ``<output>`` in it, of all its languages and forms; only texts that have some."""
        found: dict[str, dict[str, None]] = {}
        for table in self.translations.values():
            for key, forms in table.items():
                for parts in forms.values():
                    for part in parts:
                        if not isinstance(part, str):
                            found.setdefault(key, {})[part.expression] = None
        return {key: tuple(expressions) for key, expressions in found.items()}

    def choice_outputs(self, question: Question) -> tuple[str, ...]:
        """The expressions of ``<output>`` in the labels of a question's choices."""
        found: dict[str, None] = {}
        for item in question.items:
            if item.label is not None:
                found.update(dict.fromkeys(self.outputs_of.get(item.label.itext or "", ())))
                found.update((part.expression, None) for part in item.label.parts if not isinstance(part, str))
        itemset = question.itemset
        if itemset is not None and itemset.label_is_itext and self.outputs_of:
            for source in self.instances.values():
                if source.element is not None and f"'{source.id}'" in itemset.nodeset.replace('"', "'"):
                    texts = {element.text for element in source.element.iter()}
                    for key, expressions in self.outputs_of.items():
                        if key in texts:
                            found.update(dict.fromkeys(expressions))
        return tuple(found)

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for node in self.walk():
            names.setdefault(node.name, node.path)
        return names

    def path_of(self, name: str) -> str | None:
        """Path of the first node with this name, in document order."""
        return self._by_name.get(name)

    @cached_property
    def _registers(self) -> dict[str, tuple[str, ...]]:
        members: dict[str, list[str]] = {}
        groups: dict[tuple[str, str], str] = {}
        for node in self.walk():
            if not isinstance(node, Question):
                continue
            folder = node.path.rsplit("/", 1)[0]
            main = node.path
            for suffix in ("__st", "__ok"):
                owner = node.path.removesuffix(suffix)
                if owner != node.path and owner in self._by_path:
                    main = owner
            group = self._by_path[main].fa.get("group")
            if group:
                main = groups.setdefault((folder, group), main)
            members.setdefault(main, []).append(node.path)
        table: dict[str, tuple[str, ...]] = {}
        for main, paths in members.items():
            paths.sort(key=lambda path: path != main)
            for path in paths:
                table[path] = tuple(paths)
        return table

    def register(self, path: str) -> tuple[str, ...]:
        """Paths that merge as one cell, the main one first.

        ``(x, x__st, x__ok)`` as far as they exist, or all members of one ``fa:group``; ``(path,)`` for anything else.
        """
        return self._registers.get(path, (path,))

    @cached_property
    def program(self) -> Program:
        """The compiled expressions and the dependency graph. Made on first use.

        Raises:
            FormRefused: an expression cannot be compiled (``load_form`` has made sure that none is).
        """
        from forms.engine.program import compile_form

        return compile_form(self)

    def to_bytes(self) -> bytes:
        """The compiled form as CBOR, for keeping on disk under ``hash`` and ``ENGINE_VERSION``."""
        from forms.engine.compiled import dump_form

        return dump_form(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Form:
        """The inverse of ``to_bytes``.

        Raises:
            FormRefused: made by another engine version, or damaged.
        """
        from forms.engine.compiled import restore_form

        return restore_form(data)
