"""XForm XML → Form: the model (spec: "Model", "Instance", "Bindings"). The body stands in ``xform_body.py``.

Nothing is refused at the first problem: the reader notes it and goes on with what it can, so that one run names all.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from forms.engine.definition import (
    FA_NAMESPACE,
    Bind,
    Form,
    Group,
    InstanceSource,
    Node,
    Question,
    Repeat,
    StartRow,
)
from forms.engine.problems import FormRefused, Problem
from forms.engine.texts import read_translations, split_appearances, text_of_attribute
from forms.engine.xform_body import BodyReader, ControlSpec, join_path
from forms.engine.xml import ENTITIES, JAVAROSA, ODK, OPENROSA, XFORMS, XHTML, Names, XmlRefused, parse_xml, split_tag

# fmt: off
TYPES = frozenset({
    "string", "int", "decimal", "boolean", "date", "time", "dateTime", "geopoint", "geotrace", "geoshape", "binary", "barcode",
    "intent", "odk:rank",
})
_ALIASES = {
    "integer": "int", "long": "int", "short": "int", "double": "decimal", "float": "decimal", "datetime": "dateTime",
}
# fmt: on
_LOGIC = ("relevant", "calculate", "constraint", "required", "readonly")
_ACTION_TAGS = (f"{{{XFORMS}}}setvalue", f"{{{ODK}}}setgeopoint", f"{{{ODK}}}recordaudio")
_MODEL = frozenset({"instance", "bind", "itext", "submission"})
_PRELOADS = frozenset({"timestamp", "date", "property", "uid"})
_TEMPLATE = f"{{{JAVAROSA}}}template"
_PULLED = re.compile(r"""pulldata\(\s*(?:'|"|&quot;|&apos;)([\w.-]+)(?:'|"|&quot;|&apos;)""")
_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


@dataclass
class _Draft:
    """One node of the instance while it is being read."""

    name: str
    path: str
    namespace: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: dict[str, _Draft] = field(default_factory=dict)
    rows: list[StartRow] = field(default_factory=list)
    element: ET.Element | None = None


def read_xform(source: bytes | str, name: str = "") -> Form:
    """Reads an XForm.

    Raises:
        FormRefused: with every problem found.
    """
    try:
        document = parse_xml(source)
    except XmlRefused as refused:
        raise FormRefused((Problem(refused.code, f"{refused.zh}。", "请重新导出这份问卷。"),), name) from refused
    if isinstance(source, bytes):
        text = ET.tostring(document.root, encoding="unicode") if not _is_utf8(source) else source.decode("utf-8-sig")
    else:
        text = source
    try:
        return _XFormReader(document.root, document.prefixes, text, name).read()
    except RecursionError as error:
        raise FormRefused((Problem("E004", "问卷嵌套太深。", "请减少分组的层数。"),), name) from error


def _is_utf8(source: bytes) -> bool:
    try:
        source.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


class _XFormReader:
    def __init__(self, root: ET.Element, prefixes: dict[str, str], xml: str, name: str) -> None:
        self._html = root
        self._prefixes = prefixes
        self._xml = xml
        self._name = name
        self._problems: list[Problem] = []
        self._drafts: dict[str, _Draft] = {}
        self._starts: dict[str, tuple[StartRow, ...]] = {}
        self._repeats: frozenset[str] = frozenset()

    def _report(self, problem: Problem) -> None:
        self._problems.append(problem)

    def _stop(self) -> FormRefused:
        return FormRefused(tuple(self._problems), self._name)

    def read(self) -> Form:
        head = self._html.find(f"{{{XHTML}}}head")
        body = self._html.find(f"{{{XHTML}}}body")
        model = head.find(f"{{{XFORMS}}}model") if head is not None else None
        if split_tag(self._html.tag) != (XHTML, "html") or head is None or model is None:
            self._report(Problem("E010", "这不是 ODK XForm：缺少 h:html、h:head 或 model。", "请用制表工具重新导出。"))
            raise self._stop()
        title = head.find(f"{{{XHTML}}}title")
        if title is None:
            self._report(Problem("E012", "问卷没有标题（h:title）。", "请在 settings 表里写 form_title。"))
        if body is None:
            self._report(Problem("E010", "问卷没有正文（h:body）。", "请用制表工具重新导出。"))
        instances = model.findall(f"{{{XFORMS}}}instance")
        primary = next(iter(instances[0]), None) if instances else None
        if primary is None:
            self._report(Problem("E010", "问卷没有数据结构（instance）。", "请用制表工具重新导出。"))
            raise self._stop()
        if not primary.get("id"):
            self._report(Problem("E011", "问卷没有编号（id）。", "请在 settings 表里写 form_id。"))
        plain = frozenset({XFORMS, split_tag(primary.tag)[0]})
        names = Names(self._prefixes, plain)
        self._names = names
        root_name = names.of_tag(primary.tag)
        if body is not None:
            self._repeats = self._repeat_paths(body, f"/{root_name}")
        root = self._element(primary, f"/{root_name}")
        self._add_meta(root)
        bind_ids = {b.get("id", ""): b.get("nodeset", "") for b in model.findall(f"{{{XFORMS}}}bind") if b.get("id")}
        reader = BodyReader(names, root.path, self._report, self._drafts.__contains__, bind_ids)
        if body is not None:
            reader.read(body)
        for element in model:
            if element.tag in _ACTION_TAGS:
                reader.action(element, "")
            elif split_tag(element.tag)[1] not in _MODEL:
                reader.unknown(element, split_tag(element.tag)[1], "")
        binds = self._binds(model, root.path)
        languages, default_language, translations = read_translations(model.find(f"{{{XFORMS}}}itext"))
        tree = self._freeze(root, reader.specs, binds)
        assert isinstance(tree, Group)
        sources = self._instances(instances[1:])
        for name in reader.external_lists:
            sources.setdefault(name, InstanceSource(name, f"jr://file-csv/itemsets.csv#{name}"))
        for name in dict.fromkeys(_PULLED.findall(self._xml)):
            # Older tools leave the attachment of pulldata() undeclared: it is the CSV of that name (Collect).
            sources.setdefault(name, InstanceSource(name, f"jr://file-csv/{name.removesuffix('.csv')}.csv"))
        form = Form(
            form_id=primary.get("id") or "",
            version=primary.get("version") or primary.get(f"{{{OPENROSA}}}version") or "",
            title=((title.text or "") if title is not None else "").strip(),
            languages=languages,
            default_language=default_language,
            root=tree,
            xml=self._xml,
            name=self._name,
            translations=translations,
            instances=sources,
            actions=tuple(sorted(reader.actions, key=lambda action: action.source != "")),
            prefixes=MappingProxyType({**self._prefixes}),
            body_classes=split_appearances(body.get("class")) if body is not None else (),
            submission=self._submission(model),
        )
        if any(problem.code.startswith("E") for problem in self._problems):
            raise self._stop()
        return replace(form, problems=tuple(self._problems))

    def _repeat_paths(self, body: ET.Element, root: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = [(body, root)]
        while waiting:
            element, context = waiting.pop()
            for child in element:
                _, local = split_tag(child.tag)
                if local == "group" or local == "repeat":
                    ref = child.get("nodeset") or child.get("ref") or ""
                    text = "/".join(self._names_of(part) for part in ref.strip().split("/"))
                    path = join_path(context, text) if ref else context
                    if local == "repeat" and path != root:
                        found.add(path)
                    waiting.append((child, path))
        return frozenset(found)

    def _names_of(self, part: str) -> str:
        return self._names.of_text(part)

    def _element(self, element: ET.Element, path: str, *, blank: bool = False) -> _Draft:
        """The draft of an element and all below it; rows of repeats become ``StartRow``s of their repeat.

        ``blank``: of a row that stands for a template; what is written in it is that row's own, further rows begin blank (both peers).
        """
        draft = self._drafts.get(path)
        if draft is None:
            uri, _ = split_tag(element.tag)
            draft = _Draft(path.rsplit("/", 1)[-1], path, uri, element=element)
            self._drafts[path] = draft
            draft.text = "" if blank or len(element) else (element.text or "")
        for key, value in element.attrib.items():
            if split_tag(key)[0] == JAVAROSA:
                continue
            name = "@" + self._names.of_tag(key)
            if name not in draft.attributes:
                draft.attributes[name] = value
                self._drafts[f"{path}/{name}"] = _Draft(name, f"{path}/{name}", split_tag(key)[0], value)
        counted: dict[str, list[ET.Element]] = {}
        for child in element:
            counted.setdefault(child.tag, []).append(child)
        for tag, siblings in counted.items():
            child_path = f"{path}/{self._names.of_tag(tag)}"
            if child_path not in self._repeats:
                if len(siblings) > 1:
                    self._report(
                        Problem(
                            "W025",
                            f"数据结构里“{child_path}”出现了多次，却没有重复组，只用第一个。",
                            "请改名或设为重复组。",
                            node=child_path,
                        )
                    )
                draft.children.setdefault(siblings[0].tag, self._element(siblings[0], child_path, blank=blank))
                continue
            rows = tuple(self._row(one, child_path) for one in siblings if _TEMPLATE not in one.attrib)
            self._starts.setdefault(child_path, tuple(StartRow({}, {}) for _ in rows) if blank else rows)
            without = blank or all(_TEMPLATE not in one.attrib for one in siblings)
            for one in sorted(siblings, key=lambda one: _TEMPLATE not in one.attrib):
                draft.children.setdefault(one.tag, self._element(one, child_path, blank=without))
        return draft

    def _row(self, element: ET.Element, path: str) -> StartRow:
        values: dict[str, str] = {}
        rows: dict[str, tuple[StartRow, ...]] = {}
        waiting = [(element, path)]
        while waiting:
            here, at = waiting.pop()
            for key, value in here.attrib.items():
                if split_tag(key)[0] != JAVAROSA:
                    values[f"{at}/@{self._names.of_tag(key)}"] = value
            if not len(here):
                values[at] = here.text or ""
            for child in here:
                child_path = f"{at}/{self._names.of_tag(child.tag)}"
                if child_path in self._repeats:
                    if child_path not in rows:
                        same = [one for one in here.findall(child.tag) if _TEMPLATE not in one.attrib]
                        rows[child_path] = tuple(self._row(one, child_path) for one in same)
                else:
                    waiting.append((child, child_path))
        return StartRow(values, rows)

    def _add_meta(self, root: _Draft) -> None:
        """``meta/instanceID`` is always there (spec: "Metadata")."""
        meta = next((c for c in root.children.values() if c.name.rpartition(":")[2] == "meta"), None)
        if meta is None:
            prefix = self._names.prefix_of.get(OPENROSA, "orx")
            meta = _Draft(f"{prefix}:meta", f"{root.path}/{prefix}:meta", OPENROSA)
            root.children[f"{{{OPENROSA}}}meta"] = meta
            self._drafts[meta.path] = meta
        for local in ("instanceID", "deprecatedID"):
            if not any(c.name.rpartition(":")[2] == local for c in meta.children.values()):
                lead = meta.name.rpartition(":")[0]
                name = f"{lead}:{local}" if lead else local
                child = _Draft(name, f"{meta.path}/{name}", meta.namespace)
                meta.children[f"{{{meta.namespace}}}{local}"] = child
                self._drafts[child.path] = child

    def _binds(self, model: ET.Element, root: str) -> dict[str, tuple[Bind, dict[str, str]]]:
        binds: dict[str, tuple[Bind, dict[str, str]]] = {}
        for element in model.findall(f"{{{XFORMS}}}bind"):
            nodeset = element.get("nodeset") or element.get("ref") or ""
            path = join_path(root, "/".join(self._names.of_text(part) for part in nodeset.strip().split("/")))
            if path not in self._drafts:
                path = self._attribute_path(path)
            if path not in self._drafts:
                self._report(
                    Problem(
                        "W020",
                        f"规则写在“{nodeset.strip()}”上，但问卷的数据结构里没有它。",
                        "请改正名称或删去这条规则。",
                        node=nodeset.strip(),
                    )
                )
                continue
            bind, fa = self._bind(element, path)
            before = binds.get(path)
            if before is not None:
                bind = _merged(before[0], bind)
                fa = {**fa, **before[1]}
            binds[path] = (bind, fa)
        return binds

    def _attribute_path(self, path: str) -> str:
        """A bind may name an attribute that the instance does not write out; it is there and blank."""
        owner, _, name = path.rpartition("/")
        if name.startswith("@") and owner in self._drafts:
            self._drafts[owner].attributes.setdefault(name, "")
            self._drafts[path] = _Draft(name, path, "")
        return path

    def _bind(self, element: ET.Element, path: str) -> tuple[Bind, dict[str, str]]:
        logic = {key: (element.get(key) or "").strip() or None for key in _LOGIC}
        fa: dict[str, str] = {}
        other: dict[str, str] = {}
        for key, value in element.attrib.items():
            uri, local = split_tag(key)
            if uri == FA_NAMESPACE:
                fa[local] = value
            elif uri and uri != JAVAROSA and not (uri == ENTITIES and local == "saveto"):
                other[self._names.of_tag(key)] = value
        kind = (element.get("type") or "string").strip()
        local = kind.rpartition(":")[2]
        kind = (
            kind if kind == "odk:rank" else _ALIASES.get(local.lower() if local.lower() in _ALIASES else local, local)
        )
        preload = element.get(f"{{{JAVAROSA}}}preload")
        if preload is not None and preload not in _PRELOADS:
            zh = f"预填“{preload}”不受支持，这一项开始时是空白。"
            self._report(Problem("W057", zh, f"可用的有：{'、'.join(sorted(_PRELOADS))}。", node=path))
        bind = Bind(
            type=kind if kind in TYPES else "string",
            required_message=text_of_attribute(element.get(f"{{{JAVAROSA}}}requiredMsg"), path),
            constraint_message=text_of_attribute(element.get(f"{{{JAVAROSA}}}constraintMsg"), path),
            preload=preload,
            preload_params=element.get(f"{{{JAVAROSA}}}preloadParams"),
            saveto=element.get(f"{{{ENTITIES}}}saveto"),
            other=other or _NO_ATTRIBUTES,
            **logic,
        )
        return bind, fa

    def _freeze(
        self, draft: _Draft, specs: Mapping[str, ControlSpec], binds: Mapping[str, tuple[Bind, dict[str, str]]]
    ) -> Node:
        bind, fa = binds.get(draft.path, (Bind(), {}))
        spec = specs.get(draft.path, ControlSpec(""))
        attributes = tuple(
            self._freeze(self._drafts[f"{draft.path}/{name}"], specs, binds)
            for name in draft.attributes
            if not name.endswith("xmlns")
        )
        children = tuple(self._freeze(child, specs, binds) for child in draft.children.values())
        common: dict[str, Any] = {
            "path": draft.path,
            "name": draft.name,
            "bind": bind,
            "appearances": spec.appearances,
            "label": spec.label,
            "hint": spec.hint,
            "fa": fa or _NO_ATTRIBUTES,
            "namespace": draft.namespace,
            "attributes": attributes,
        }
        if spec.kind == "repeat":
            return Repeat(
                **common | {"label": spec.group_label or spec.label},
                children=children,
                count=spec.count,
                fixed=spec.fixed,
                row_label=spec.label,
                start=self._starts.get(draft.path, ()),
            )
        is_root = draft.path.count("/") == 1
        if draft.children or is_root or spec.kind == "group":
            return Group(**common, children=children, is_root=is_root)
        return Question(
            **common,
            control=spec.kind or None,
            default=draft.text,
            injected=draft.element is None and not draft.name.startswith("@"),
            items=tuple(spec.items),
            itemset=spec.itemset,
            range=spec.range,
            mediatype=spec.mediatype,
            control_attributes=spec.attributes or _NO_ATTRIBUTES,
        )

    def _instances(self, elements: list[ET.Element]) -> dict[str, InstanceSource]:
        found: dict[str, InstanceSource] = {}
        for element in elements:
            key = element.get("id") or ""
            if key in found:
                self._report(Problem("E026", f"有两个附属数据都叫“{key}”。", "请改名。"))
            src = element.get("src") or ""
            found[key] = InstanceSource(key, src, None if src else next(iter(element), None))
        return found

    def _submission(self, model: ET.Element) -> Mapping[str, str]:
        element = model.find(f"{{{XFORMS}}}submission")
        if element is None:
            return _NO_ATTRIBUTES
        method = element.get("method")
        if method not in (None, "post", "form-data-post"):
            self._report(Problem("E052", f"提交方式“{method}”不受支持。", "请写 post 或 form-data-post，或删去。"))
        if element.get("base64RsaPublicKey"):
            zh = "问卷要求答卷加密上交（base64RsaPublicKey），这里交出的答卷不按这个公钥加密。"
            self._report(Problem("W056", zh, "资料在本机和传送途中由程序自己加密；要交到别的服务器时请先确认。"))
        return dict(element.attrib)


def _merged(first: Bind, second: Bind) -> Bind:
    """Two binds of one node: each property counts where it was given first."""
    blank = Bind()
    changes = {
        name: getattr(second, name)
        for name in Bind.__dataclass_fields__
        if getattr(first, name) == getattr(blank, name) and getattr(second, name) != getattr(blank, name)
    }
    return replace(first, **changes)
