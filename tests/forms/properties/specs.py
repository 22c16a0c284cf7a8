"""A form as a tree of parts that can be left out one by one, and its XForm XML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = (
    'xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa"'
    ' xmlns:odk="http://www.opendatakit.org/xforms" xmlns:fa="urn:fieldapp:xforms:1"'
)
LANGUAGES = ("en", "zh")
LOGIC = ("relevant", "calculate", "required", "readonly", "constraint")
ITEMS = 8


@dataclass(frozen=True)
class Event:
    """``setvalue`` of a target when something happens to the node that it stands in."""

    event: str
    target: str
    value: str


@dataclass(frozen=True)
class Spec:
    """One node of a form, with all that is said about it.

    Attributes:
        kind: "group", "repeat" or "question".
        control: "input", "select1", "select", "trigger", "range", "rank"; "" for a node of the model alone.
        logic: relevant, calculate, required, readonly, constraint → expression.
        output: an expression inside the label, ``hint`` one inside the hint.
        itemset: (node-set, value, label); () for choices written out.
        count: ``jr:count`` of a repeat.
        place: where it stands among its siblings; what it may read is decided by the order in which nodes were made.
    """

    name: str
    kind: str = "question"
    type: str = "string"
    control: str = ""
    default: str = ""
    logic: dict[str, str] = field(default_factory=dict)
    output: str = ""
    hint: str = ""
    itemset: tuple[str, ...] = ()
    fa: dict[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    count: str = ""
    children: tuple[Spec, ...] = ()
    place: float = 0.0

    def walk(self, path: str = "") -> Iterator[tuple[str, Spec]]:
        """Path and part of this node and all below it."""
        here = f"{path}/{self.name}"
        yield here, self
        for child in self.children:
            yield from child.walk(here)


def expressions(spec: Spec) -> Iterator[tuple[str, str]]:
    """(where, expression) of one node; ``where`` is the bind attribute, "choices", "label", "hint", "count" or an event."""
    yield from spec.logic.items()
    if spec.itemset:
        yield "choices", spec.itemset[0]
    if spec.output:
        yield "label", spec.output
    if spec.hint:
        yield "hint", spec.hint
    if spec.count:
        yield "count", spec.count
    for event in spec.events:
        yield event.event, event.value


def parts(root: Spec) -> list[str]:
    """Names of everything that can be left out of a form: nodes ("/data/p/x") and what is said about them ("/data/p/x:relevant")."""
    found = []
    for path, spec in root.walk():
        if path != f"/{root.name}":
            found.append(path)
        found += [f"{path}:{key}" for key in spec.logic]
        found += [
            f"{path}:{key}"
            for key in ("output", "hint", "itemset", "count", "fa", "events", "default")
            if getattr(spec, key)
        ]
    return found


def without(root: Spec, dropped: frozenset[str], path: str = "") -> Spec:
    """The form without some of its parts."""
    here = f"{path}/{root.name}"
    blank = Spec("")
    changes: dict[str, object] = {
        key: getattr(blank, key)
        for key in ("output", "hint", "itemset", "count", "fa", "events", "default")
        if f"{here}:{key}" in dropped
    }
    changes["logic"] = {key: text for key, text in root.logic.items() if f"{here}:{key}" not in dropped}
    changes["children"] = tuple(
        without(child, dropped, here) for child in root.children if f"{here}/{child.name}" not in dropped
    )
    return replace(root, **changes)  # type: ignore[arg-type]


def xml_of(root: Spec) -> str:
    """The form as ODK XForm. Labels have two languages; choices come from ``items`` (inside) and ``people`` (a CSV)."""
    binds, texts = [], {language: [] for language in LANGUAGES}
    for path, spec in root.walk():
        binds.append(_bind(path, spec))
        if spec.kind == "repeat" or spec.control:
            for language in LANGUAGES:
                output = f" <output value={quoteattr(spec.output)}/>" if spec.output else ""
                texts[language].append(f'<text id="{path}:label"><value>{spec.name} {language}{output}</value></text>')
    items = []
    for n in range(ITEMS):
        for language in LANGUAGES:
            texts[language].append(f'<text id="item{n}"><value>Item {n} {language}</value></text>')
        items.append(f"<item><name>{n}</name><k>{n % 4}</k><label>Item {n}</label><itextId>item{n}</itextId></item>")
    itext = "".join(
        f'<translation lang="{language}"{" default=" + quoteattr("true()") if language == "en" else ""}>{"".join(found)}</translation>'
        for language, found in texts.items()
    )
    first_load = "".join(_action(event) for event in root.events)
    return (
        f"<h:html {NAMESPACES}><h:head><h:title>random</h:title><model><itext>{itext}</itext>"
        f"<instance>{_instance(root, ' id=' + quoteattr('random'))}</instance>"
        f'<instance id="items"><root>{"".join(items)}</root></instance>'
        f'<instance id="people" src="jr://file-csv/people.csv"/>{"".join(binds)}{first_load}</model></h:head>'
        f"<h:body>{''.join(_body(child, '/' + root.name) for child in _placed(root))}</h:body></h:html>"
    )


def _placed(spec: Spec) -> list[Spec]:
    return sorted(spec.children, key=lambda child: child.place)


def _instance(spec: Spec, attributes: str = "") -> str:
    inside = "".join(_instance(child) for child in _placed(spec)) or escape(spec.default)
    if spec.kind == "repeat":
        attributes = ' jr:template=""'
    return f"<{spec.name}{attributes}>{inside}</{spec.name}>"


def _bind(path: str, spec: Spec) -> str:
    said = {"nodeset": path}
    if spec.kind == "question":
        said["type"] = spec.type
    said |= spec.logic
    if "constraint" in spec.logic:
        said["jr:constraintMsg"] = f"{spec.name} cannot be so"
    said |= {f"fa:{key}": value for key, value in spec.fa.items()}
    return "<bind " + " ".join(f"{key}={quoteattr(value)}" for key, value in said.items()) + "/>"


def _action(event: Event) -> str:
    return f'<setvalue event="{event.event}" ref="{event.target}" value={quoteattr(event.value)}/>'


def _body(spec: Spec, above: str) -> str:
    path = f"{above}/{spec.name}"
    inside = "".join(_body(child, path) for child in _placed(spec))
    actions = "".join(_action(event) for event in spec.events)
    label = "<label ref=" + quoteattr(f"jr:itext('{path}:label')") + "/>"
    if spec.kind == "group":
        return f'<group ref="{path}"><label>{spec.name}</label>{inside}</group>'
    if spec.kind == "repeat":
        count = f" jr:count={quoteattr(spec.count)}" if spec.count else ""
        return f'<group ref="{path}">{label}<repeat nodeset="{path}"{count}>{actions}{inside}</repeat></group>'
    if not spec.control:
        return ""
    hint = f"<hint>see <output value={quoteattr(spec.hint)}/></hint>" if spec.hint else ""
    if spec.control == "range":
        return f'<range ref="{path}" start="0" end="9" step="1">{label}{hint}{actions}</range>'
    return f'<{spec.control} ref="{path}">{label}{hint}{_choices(spec)}{actions}</{spec.control}>'


def _choices(spec: Spec) -> str:
    if spec.control not in ("select1", "select", "rank"):
        return ""
    if not spec.itemset:
        return "".join(f"<item><label>Choice {n}</label><value>{n}</value></item>" for n in range(4))
    nodeset, value, label = spec.itemset
    return f"<itemset nodeset={quoteattr(nodeset)}><value ref={quoteattr(value)}/><label ref={quoteattr(label)}/></itemset>"
