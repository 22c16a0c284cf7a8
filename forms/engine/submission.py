"""The filling as XML, out and in (spec: "Submission", "Instance")."""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from forms.engine.definition import Form, Question, StartRow
from forms.engine.filling import Filling
from forms.engine.problems import InstanceRefused
from forms.engine.rows import Row
from forms.engine.templates import Template
from forms.engine.xml import (
    ENTITIES,
    JAVAROSA,
    KNOWN_PREFIXES,
    OPENROSA,
    XFORMS,
    Names,
    XmlRefused,
    parse_xml,
    split_tag,
)

_SKIPPED = frozenset({"", "xml"})


def submission_xml(filling: Filling) -> str:
    """Relevant nodes only, in the order of the definition, with the namespaces of the form's instance."""
    form = filling.program.form
    root = filling.program.templates.root
    out: list[str] = []
    _write(filling, root, filling.root, out, _namespaces(form, root))
    return "".join(out)


def _namespaces(form: Form, root: Template) -> str:
    used = {template.name.lstrip("@").partition(":")[0] for template in root.below() if ":" in template.name}
    found = []
    default = root.node.namespace
    if default and default != XFORMS:
        found.append(f" xmlns={quoteattr(default)}")
    every = {**KNOWN_PREFIXES, **form.prefixes}
    for prefix in sorted(used | {p for p, uri in form.prefixes.items() if uri == OPENROSA and p}):
        if prefix in every and prefix not in _SKIPPED:
            found.append(f" xmlns:{prefix}={quoteattr(every[prefix])}")
    return "".join(found)


def _write(filling: Filling, template: Template, row: Row, out: list[str], namespaces: str = "") -> None:
    if not row.rel[template.slot]:
        return
    node = template.node
    if isinstance(node, Question) and node.injected and not row.seen[template.slot]:
        return
    attributes = "".join(
        f" {a.name[1:]}={quoteattr(row.seen[a.slot])}"
        for a in template.attributes.values()
        if row.rel[a.slot] and (row.seen[a.slot] or not a.node.bind.calculate)
    )
    head = f"<{template.name}{namespaces}{attributes}"
    if template.is_leaf:
        text = saved_text(row, template)
        out.append(f"{head}>{escape(text)}</{template.name}>" if text else f"{head}/>")
        return
    out.append(head + ">")
    for child in template.children.values():
        if child.is_repeat:
            for inner in row.lists[child.scope.list_index].rows:
                _write(filling, child, inner, out)
        else:
            _write(filling, child, row, out)
    out.append(f"</{template.name}>")


def saved_text(row: Row, template: Template) -> str:
    """The value as submitted: blank where a choice is filtered away or a state stands for the answer, accents composed (E)."""
    text = row.seen[template.slot]
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def read_saved(form: Form, xml: str | bytes) -> StartRow:
    """A saved submission as texts by path.

    Raises:
        InstanceRefused: it is not XML, or not of this form.
    """
    try:
        document = parse_xml(xml)
    except XmlRefused as refused:
        raise InstanceRefused(f"保存的答卷不能读取：{refused.zh}。", "saved instance is not XML") from refused
    root = document.root
    plain = frozenset({XFORMS, form.root.namespace, "", split_tag(root.tag)[0]})
    given = Names(
        {**form.prefixes, **{p: u for p, u in document.prefixes.items() if p and p not in form.prefixes}}, plain
    )
    if given.of_tag(root.tag) != form.root.name:
        raise InstanceRefused("保存的答卷不属于这份问卷。", "root element differs")
    if root.get("id") not in (None, form.form_id):
        raise InstanceRefused("保存的答卷属于另一份问卷。", "form id differs")
    repeats = frozenset(node.path for node in form.walk() if node.kind == "repeat")
    return _row(root, form.root.path, given, repeats)


def _row(element: ET.Element, path: str, names: Names, repeats: frozenset[str]) -> StartRow:
    values: dict[str, str] = {}
    rows: dict[str, list[StartRow]] = {}
    waiting = [(element, path)]
    while waiting:
        here, at = waiting.pop()
        for key, value in here.attrib.items():
            uri = split_tag(key)[0]
            if uri != JAVAROSA or uri == ENTITIES:
                values[f"{at}/@{names.of_tag(key)}"] = value
        if not len(here):
            values[at] = here.text or ""
        for child in here:
            child_path = f"{at}/{names.of_tag(child.tag)}"
            if child_path in repeats:
                if f"{{{JAVAROSA}}}template" not in child.attrib:
                    rows.setdefault(child_path, []).append(_row(child, child_path, names, repeats))
            else:
                waiting.append((child, child_path))
    return StartRow(values, {key: tuple(some) for key, some in rows.items()})
