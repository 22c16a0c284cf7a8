"""Secondary instances: lists and tables that a form reads but does not fill (spec: "Secondary Instances").

Whatever the format, an instance becomes items: XML as it is, CSV as ``root/item/<column>``, GeoJSON as ``root/item/<property>``
with ``geometry`` as geopoint text. Node-sets without predicates are found once and carry an index per column, so that
``item[col = x]`` costs one look-up whatever the size of the list.
"""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from forms.engine.xml import Names, XmlRefused, parse_xml, split_tag


class Item:
    """One element. ``values`` holds the text of children without children of their own (the first of each name) and attributes
    under ``@name``; ``kids`` all child elements, or None where ``values`` says everything."""

    __slots__ = ("kids", "name", "parent", "text", "values")

    def __init__(self, name: str, text: str = "", parent: Item | None = None) -> None:
        self.name = name
        self.text = text
        self.parent = parent
        self.values: dict[str, str] = {}
        self.kids: list[Item] | None = None

    def children(self, name: str) -> list[Item]:
        """Child elements by name, ``*`` for all."""
        if self.kids is not None:
            return [kid for kid in self.kids if name in ("*", kid.name)]
        if name == "*":
            return [Item(key, text, self) for key, text in self.values.items() if key[0] != "@"]
        text = self.values.get(name)
        return [] if text is None else [Item(name, text, self)]

    def column(self, name: str) -> list[str]:
        """Texts of the children with this name, or of the attribute ``@name``."""
        if self.kids is None or name[0] == "@":
            text = self.values.get(name)
            return [] if text is None else [text]
        return [kid.string() for kid in self.kids if kid.name == name]

    def string(self) -> str:
        """String value: all text below."""
        if self.kids is None:
            return (
                self.text if not self.values or self.text else "".join(t for k, t in self.values.items() if k[0] != "@")
            )
        return "".join(kid.string() for kid in self.kids) or self.text

    def below(self) -> Iterator[Item]:
        """All elements inside, in document order."""
        for kid in self.children("*"):
            yield kid
            yield from kid.below()


class ItemList:
    """A node-set of a secondary instance that no predicate cut down, with an index per column."""

    __slots__ = ("_by_number", "_by_text", "items")

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self._by_text: dict[str, dict[str, list[Item]]] = {}
        self._by_number: dict[str, dict[float, list[Item]]] = {}

    def by_text(self, column: str) -> dict[str, list[Item]]:
        """Items by text of a column."""
        found = self._by_text.get(column)
        if found is None:
            found = {}
            for item in self.items:
                texts = item.column(column) if column != "." else [item.string()]
                for text in dict.fromkeys(texts):
                    found.setdefault(text, []).append(item)
            self._by_text[column] = found
        return found

    def by_number(self, column: str, number_of: Any) -> dict[float, list[Item]]:
        """Items by number of a column."""
        found = self._by_number.get(column)
        if found is None:
            found = {}
            for item in self.items:
                texts = item.column(column) if column != "." else [item.string()]
                for number in dict.fromkeys(number_of(text) for text in texts):
                    found.setdefault(number, []).append(item)
            self._by_number[column] = found
        return found


_EMPTY = ItemList([])


class SecondaryInstance:
    """One instance as read; node-sets by path are kept."""

    def __init__(self, root: Item | None) -> None:
        self.root = root
        self._lists: dict[tuple[str, ...], ItemList] = {}

    def items(self, path: tuple[str, ...]) -> ItemList:
        """The node-set ``/a/b/c`` of child steps from the document, ``*`` for any name."""
        found = self._lists.get(path)
        if found is None:
            if self.root is None or not path:
                return _EMPTY
            here = [self.root] if path[0] in ("*", self.root.name) else []
            for name in path[1:]:
                here = [kid for item in here for kid in item.children(name)]
            found = self._lists[path] = ItemList(here)
        return found

    def only(self, column: str, text: str) -> SecondaryInstance:
        """The same with those items below the root whose column has this text."""
        if self.root is not None and self.root.kids is not None:
            self.root.kids = [kid for kid in self.root.kids if kid.values.get(column) == text]
        return self

    def as_items(self) -> list[Item]:
        """The document node, as an item above the root."""
        if self.root is None:
            return []
        document = Item("")
        document.kids = [self.root]
        return [document]


class InstanceProblem(Exception):
    """An attachment that cannot be read; ``zh`` says why."""

    def __init__(self, zh: str) -> None:
        super().__init__(zh)
        self.zh = zh


def from_element(element: ET.Element | None, names: Names | None = None) -> SecondaryInstance:
    """An instance from an XML element."""
    return SecondaryInstance(None if element is None else _item(element, None, names))


def _item(element: ET.Element, parent: Item | None, names: Names | None) -> Item:
    item = Item(_name(element.tag, names), "" if len(element) else (element.text or ""), parent)
    for key, value in element.attrib.items():
        item.values["@" + _name(key, names)] = value
    simple = True
    seen: set[str] = set()
    for child in element:
        if len(child) or child.attrib or child.tag in seen:
            simple = False
        seen.add(child.tag)
    if not simple:
        item.kids = [_item(child, item, names) for child in element]
    for child in element:
        if not len(child):
            item.values.setdefault(_name(child.tag, names), child.text or "")
    return item


def _name(tag: str, names: Names | None) -> str:
    return names.of_tag(tag) if names is not None else split_tag(tag)[1]


def from_resource(name: str, data: bytes) -> SecondaryInstance:
    """An instance from an attachment; the format shows in the name, else in the first character.

    Raises:
        InstanceProblem: it cannot be read.
    """
    lower = name.lower()
    text = _decode(data)
    head = text.lstrip("\ufeff \t\r\n")[:1]
    if lower.endswith(".csv") or (head not in ("<", "{") and not lower.endswith((".xml", ".geojson", ".json"))):
        return SecondaryInstance(_csv(text))
    if lower.endswith((".geojson", ".json")) or head == "{":
        return SecondaryInstance(_geojson(text))
    try:
        return from_element(parse_xml(data).root)
    except XmlRefused as refused:
        raise InstanceProblem(refused.zh) from refused
    except RecursionError as error:
        raise InstanceProblem("标签嵌套太深") from error


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InstanceProblem("文字编码不能识别，请存成 UTF-8")


def _csv(text: str) -> Item:
    if "\x00" in text:
        raise InstanceProblem("里面有空字符，不是 CSV")
    root = Item("root")
    root.kids = []
    first = text.split("\n", 1)[0].split("\r", 1)[0]
    delimiter = max((",", ";", "\t"), key=lambda mark: _outside_quotes(first, mark))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=False)
        header = [name.strip() for name in next(rows, [])]
        for number, name in enumerate(header, start=1):
            if name and not _is_name(name):
                raise InstanceProblem(f"第{number}列的列名“{name[:40]}”不能用（列之间用逗号、分号或制表符隔开）")
        if len(set(filter(None, header))) < len([name for name in header if name]):
            raise InstanceProblem("有两列同名")
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            item = Item("item", "", root)
            item.values = {
                name: cell
                for name, cell in zip(header, cells + [""] * (len(header) - len(cells)), strict=False)
                if name
            }
            root.kids.append(item)
    except csv.Error as error:
        raise InstanceProblem("不是完整的 CSV") from error
    return root


def _outside_quotes(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])


def _is_name(text: str) -> bool:
    return (text[0].isalpha() or text[0] == "_") and all(char.isalnum() or char in "_-.:" for char in text)


def _geojson(text: str) -> Item:
    try:
        data = json.loads(text)
        features = data["features"]
        if data.get("type") != "FeatureCollection" or not isinstance(features, list):
            raise InstanceProblem("不是 GeoJSON 的 FeatureCollection")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InstanceProblem("不是完整的 GeoJSON") from error
    root = Item("root")
    root.kids = []
    for feature in features:
        if not isinstance(feature, dict):
            raise InstanceProblem("有一个要素写得不对")
        item = Item("item", "", root)
        item.values["geometry"] = _geometry(feature.get("geometry"))
        if feature.get("id") is not None:
            item.values["id"] = str(feature["id"])
        for key, value in (feature.get("properties") or {}).items():
            item.values[str(key)] = _json_text(value)
        root.kids.append(item)
    return root


def _json_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _geometry(geometry: object) -> str:
    """Latitude first, as geopoint, geotrace and geoshape have it."""
    if not isinstance(geometry, dict):
        return ""
    try:
        places = geometry["coordinates"]
        match geometry.get("type"):
            case "Point":
                return _place(places)
            case "LineString":
                return "; ".join(_place(place) for place in places)
            case "Polygon":
                return "; ".join(_place(place) for place in places[0])
    except (KeyError, TypeError, IndexError) as error:
        raise InstanceProblem("有一个要素的坐标写得不对") from error
    raise InstanceProblem("有一种图形不受支持，只能用点、线和面")


def _place(place: list[float]) -> str:
    rest = place[2:3] or [0]
    return " ".join(str(part) for part in (place[1], place[0], *rest, 0))
