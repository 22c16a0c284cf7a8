"""The body of an XForm: controls, groups, repeats and the actions inside them (spec: "Body")."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from forms.engine.definition import Action, Item, Itemset, RangeSpec, Text
from forms.engine.problems import Problem
from forms.engine.texts import itext_reference, split_appearances, text_of
from forms.engine.xml import JAVAROSA, ODK, XFORMS, Names, split_tag

CONTROLS = frozenset({"input", "select", "select1", "upload", "trigger", "range", "rank", "secret"})
EVENTS = frozenset(
    {"odk-instance-first-load", "odk-instance-load", "odk-new-repeat", "xforms-value-changed", "xforms-ready"}
)
_ACTIONS = {
    f"{{{XFORMS}}}setvalue": "setvalue",
    f"{{{ODK}}}setgeopoint": "setgeopoint",
    f"{{{ODK}}}recordaudio": "recordaudio",
}
_EVENT = "{http://www.w3.org/2001/xml-events}event"
_WORDS = frozenset({"label", "hint", "help", "alert", "output", "value"})
_NUMBER = re.compile(r"^-?(\d+\.?\d*|\.\d+)$")
_MEDIATYPE = re.compile(r"^[\w*.+-]+/[\w*.+-]+$")
_INSTANCE = re.compile(r"""instance\(\s*['"]([^'"]+)['"]\s*\)""")


@dataclass
class ControlSpec:
    """What the body says about one node."""

    kind: str
    label: Text | None = None
    hint: Text | None = None
    appearances: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)
    itemset: Itemset | None = None
    range: RangeSpec | None = None
    mediatype: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    count: str | None = None
    fixed: bool = False
    group_label: Text | None = None


def join_path(context: str, ref: str) -> str:
    """An absolute path from a plain reference: no predicates, only names, ``.`` and ``..``."""
    ref = re.sub(r"^current\(\)/", "", re.sub(r"\s+", "", ref))
    parts = [] if ref.startswith("/") else context.split("/")[1:]
    for part in ref.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


class BodyReader:
    """Walks the body once and notes what it says, by path.

    ``external_lists`` are the lists that choices with a ``query`` take from ``itemsets.csv`` (select_one_external).
    """

    def __init__(
        self,
        names: Names,
        root: str,
        report: Callable[[Problem], None],
        known: Callable[[str], bool],
        bind_ids: Mapping[str, str],
    ) -> None:
        self._bind_ids = bind_ids
        self._names = names
        self._root = root
        self._report = report
        self._known = known
        self.specs: dict[str, ControlSpec] = {}
        self.actions: list[Action] = []
        self.external_lists: set[str] = set()

    def read(self, body: ET.Element) -> None:
        """Reads ``h:body``; nesting is already limited by the XML reader."""
        self._children(body, self._root)

    def _children(self, element: ET.Element, context: str) -> None:
        for child in element:
            uri, local = split_tag(child.tag)
            if local == "group" and uri == XFORMS:
                self._group(child, context)
            elif local == "repeat" and uri == XFORMS:
                self._repeat(child, context, None)
            elif local in CONTROLS:
                self._control(child, local, context)
            elif child.tag in _ACTIONS:
                self.action(child, context)
            else:
                self.unknown(child, local, context)

    def unknown(self, element: ET.Element, local: str, context: str) -> None:
        """An element that this engine does not know: an action or a control that would be passed over in silence is refused by name."""
        if element.get("event") is not None or element.get(_EVENT) is not None:
            self._report(
                Problem(
                    "E053", f"动作“{local}”不受支持。", "可用的有：setvalue、setgeopoint、recordaudio。", node=context
                )
            )
        elif element.get("ref") is not None and local not in _WORDS:
            self._report(
                Problem(
                    "E057", f"题目控件“{local}”不受支持。", f"可用的有：{'、'.join(sorted(CONTROLS))}。", node=context
                )
            )

    def _ref(self, element: ET.Element) -> str | None:
        """What an element is bound to: a reference, or the id of a bind."""
        bind = element.get("bind")
        if bind is not None:
            return self._bind_ids.get(bind, bind)
        return element.get("ref") or element.get("nodeset")

    def path(self, context: str, ref: str) -> str:
        """The path that a reference in the body means."""
        path = join_path(context, "/".join(self._names.of_text(part) for part in ref.strip().split("/")))
        if not self._known(path) and not ref.strip().startswith("/"):
            above = join_path(context.rsplit("/", 1)[0] or "/", ref)
            if self._known(above):
                return above
        return path

    def _group(self, element: ET.Element, context: str) -> None:
        ref = self._ref(element)
        path = self.path(context, ref) if ref else context
        repeat = element.find(f"{{{XFORMS}}}repeat")
        label = text_of(element.find(f"{{{XFORMS}}}label"), path)
        if ref and not (repeat is not None and self.path(path, repeat.get("nodeset") or "") == path):
            spec = ControlSpec("group", label, text_of(element.find(f"{{{XFORMS}}}hint"), path))
            spec.appearances = split_appearances(element.get("appearance"))
            self._put(path, spec)
        elif label is not None and not ref and repeat is None:
            zh = "有一个分组有标题，却没有写它是哪个节点（ref），标题不会显示。"
            self._report(Problem("W022", zh, "请给分组写上 ref。", node=path))
        for child in element:
            if child is repeat:
                inside = self.path(path, child.get("nodeset") or "")
                same = ref is None or inside == path
                self._repeat(child, path, label if same else None, element.get("appearance") if same else None)
        rest = ET.Element(element.tag)
        rest.extend([child for child in element if child is not repeat])
        self._children(rest, path)

    def _repeat(self, element: ET.Element, context: str, label: Text | None, appearance: str | None = None) -> None:
        nodeset = element.get("nodeset") or element.get("ref")
        if not nodeset:
            self._report(Problem("E023", "有一个重复组没有写 nodeset。", "请补上它重复哪个节点。"))
            return
        path = self.path(context, nodeset)
        if path == self._root:
            self._report(Problem("E023", "重复组不能是整份问卷。", "请写明它重复哪个节点。"))
            return
        own = text_of(element.find(f"{{{XFORMS}}}label"), path)
        spec = ControlSpec("repeat", own, group_label=label)
        spec.appearances = split_appearances(" ".join(filter(None, (element.get("appearance"), appearance))))
        spec.count = element.get(f"{{{JAVAROSA}}}count")
        spec.fixed = spec.count is not None or (element.get(f"{{{JAVAROSA}}}noAddRemove") or "").startswith("true")
        self._put(path, spec)
        self._children(element, path)

    def _put(self, path: str, spec: ControlSpec) -> None:
        if not self._known(path):
            self._report(
                Problem(
                    "W021",
                    f"题目或分组指向“{path}”，但问卷的数据结构里没有它。",
                    "请改正名称，或在数据结构里补上这个节点。",
                    node=path,
                )
            )
            return
        self.specs.setdefault(path, spec)

    def _control(self, element: ET.Element, kind: str, context: str) -> None:
        ref = self._ref(element)
        if not ref:
            self._report(Problem("E022", f"有一道题（{kind}）没有写它填到哪个节点（ref）。", "请补上 ref。"))
            return
        path = self.path(context, ref)
        spec = ControlSpec("input" if kind == "secret" else kind)
        spec.label = text_of(element.find(f"{{{XFORMS}}}label"), path)
        spec.hint = text_of(element.find(f"{{{XFORMS}}}hint"), path)
        spec.appearances = split_appearances(element.get("appearance"))
        spec.attributes = {
            self._names.of_tag(key): value
            for key, value in element.attrib.items()
            if key not in ("ref", "appearance", "nodeset")
        }
        if element.get("query") and kind == "input":
            spec.kind = "select1"
            query = element.get("query", "")
            spec.itemset = Itemset(query, "name", "label")
            self.external_lists.update(_INSTANCE.findall(query))
        for child in element:
            if child.tag == f"{{{XFORMS}}}item":
                value = child.find(f"{{{XFORMS}}}value")
                label = text_of(child.find(f"{{{XFORMS}}}label"), path)
                spec.items.append(Item(((value.text or "") if value is not None else "").strip(), label))
            elif child.tag == f"{{{XFORMS}}}itemset":
                spec.itemset = self._itemset(child, path)
            elif child.tag in _ACTIONS:
                self.action(child, path)
            else:
                self.unknown(child, split_tag(child.tag)[1], path)
        if kind == "range":
            spec.range = self._range(element, path)
        for word in spec.appearances:
            if word.startswith("search("):
                zh = "外观 search() 是 Collect 自带数据库的查询，这里不支持。"
                self._report(Problem("E055", zh, "请改用附件选项（select_one_from_file）和筛选条件。", node=path))
        if kind == "upload":
            spec.mediatype = element.get("mediatype") or ""
            for word in spec.mediatype.split(","):
                if word.strip() and not _MEDIATYPE.match(word.strip()):
                    self._report(
                        Problem(
                            "E050",
                            f"附件类型“{word.strip()}”不能识别。",
                            "请写成 image/* 或 application/pdf 这样的类型。",
                            node=path,
                        )
                    )
        self._put(path, spec)

    def _itemset(self, element: ET.Element, path: str) -> Itemset:
        value = element.find(f"{{{XFORMS}}}value")
        label = element.find(f"{{{XFORMS}}}label")
        value_ref = (value.get("ref") if value is not None else None) or "."
        label_ref = label.get("ref") if label is not None else None
        nodeset = element.get("nodeset") or ""
        if not nodeset:
            self._report(Problem("E024", "选项集没有写 nodeset。", "请写明选项从哪里来。", node=path))
        if label_ref is None:
            return Itemset(nodeset, value_ref.strip())
        expression, is_itext = itext_reference(label_ref)
        return Itemset(nodeset, value_ref.strip(), expression, is_itext)

    def _range(self, element: ET.Element, path: str) -> RangeSpec:
        for bound in ("start", "end", "step"):
            text = element.get(bound)
            if (text is None and bound != "step") or (text is not None and not _NUMBER.match(text.strip())):
                self._report(
                    Problem("E051", f"滑动取值题的 {bound} 写成了“{text or ''}”，不是数字。", "请写一个数。", node=path)
                )
        return RangeSpec(element.get("start", ""), element.get("end", ""), element.get("step", "1"))

    def action(self, element: ET.Element, source: str) -> None:
        """Notes an action; ``source`` is "" in the model."""
        kind = _ACTIONS[element.tag]
        events = tuple((element.get("event") or "").split())
        for event in events:
            if event not in EVENTS:
                self._report(
                    Problem("E053", f"事件“{event}”不受支持。", f"可用的有：{'、'.join(sorted(EVENTS))}。", node=source)
                )
        if not events:
            self._report(Problem("E053", "有一个动作没有写事件（event）。", "请写明在什么时候执行。", node=source))
        if kind == "recordaudio":
            self._report(Problem("W054", "问卷要求后台录音，这里不会录。", "不需要时请删去这一项。", node=source))
        target = self._ref(element)
        if not target:
            self._report(Problem("E054", "有一个动作没有写目标（ref）。", "请写明写到哪个节点。", node=source))
            return
        self.actions.append(Action(kind, events, target.strip(), element.get("value"), element.text or "", source))
