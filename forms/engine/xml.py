"""Reading XML that comes from strangers.

Two passes: the first, without a tree, refuses document types and entities (a "bomb" of a few hundred bytes can otherwise fill
the memory) and collects the prefixes; the second is the tree builder of the standard library, written in C. defusedxml's own
builder does both in Python and takes eight times as long on a form of a megabyte.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
JAVAROSA = "http://openrosa.org/javarosa"
OPENROSA = "http://openrosa.org/xforms"
ODK = "http://www.opendatakit.org/xforms"
ENTITIES = "http://www.opendatakit.org/xforms/entities"

SIZE_LIMIT = 32 * 1024 * 1024
KNOWN_PREFIXES = {"h": XHTML, "xf": XFORMS, "jr": JAVAROSA, "orx": OPENROSA, "odk": ODK, "entities": ENTITIES}


class XmlRefused(Exception):
    """Not XML, too large, or with entities. ``zh`` says which, as half a sentence."""

    def __init__(self, code: str, zh: str) -> None:
        super().__init__(code)
        self.code = code
        self.zh = zh


@dataclass(frozen=True)
class XmlText:
    """A parsed document: its root, and the prefixes declared anywhere in it (the first declaration of each counts)."""

    root: ET.Element
    prefixes: dict[str, str]


def parse_xml(source: bytes | str) -> XmlText:
    """Parses one document.

    Raises:
        XmlRefused: with the reason.
    """
    is_text = isinstance(source, str)
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > SIZE_LIMIT:
        raise XmlRefused("E002", f"文件有{len(data) // (1024 * 1024)}MB，超过{SIZE_LIMIT // (1024 * 1024)}MB的上限")
    data = data.lstrip() if is_text else data
    prefixes: dict[str, str] = {}

    def start_namespace(prefix: str | None, uri: str | None) -> None:
        prefixes.setdefault(prefix or "", uri or "")

    def refuse(*_args: object) -> Any:
        raise XmlRefused("E003", "文件里有文档类型或实体声明，可能有害")

    guard = expat.ParserCreate("utf-8" if is_text else None, "}")
    guard.StartNamespaceDeclHandler = start_namespace
    guard.EntityDeclHandler = refuse
    guard.UnparsedEntityDeclHandler = refuse
    guard.ExternalEntityRefHandler = refuse
    try:
        guard.Parse(data, True)
        root = ET.fromstring(data, ET.XMLParser(encoding="utf-8") if is_text else None)
    except XmlRefused:
        raise
    except (expat.ExpatError, ET.ParseError) as error:
        line = getattr(error, "lineno", None) or (getattr(error, "position", (0, 0))[0])
        raise XmlRefused("E001", f"第{line}行起不是完整的XML") from error
    except (ValueError, LookupError, UnicodeError) as error:
        raise XmlRefused("E001", "文件的编码无法识别") from error
    return XmlText(root, prefixes)


def split_tag(tag: str) -> tuple[str, str]:
    """(namespace, local name) of an ElementTree tag."""
    if tag[:1] == "{":
        uri, _, local = tag[1:].partition("}")
        return uri, local
    return "", tag


class Names:
    """Names of nodes as they stand in paths: plain in the instance's own namespace, with the document's prefix in others."""

    def __init__(self, prefixes: dict[str, str], plain: frozenset[str]) -> None:
        self._plain = plain
        self._uri_of = {**KNOWN_PREFIXES, **prefixes}
        self._prefix_of: dict[str, str] = {}
        for prefix, uri in {**prefixes, **{p: u for p, u in KNOWN_PREFIXES.items() if p not in prefixes}}.items():
            if prefix:
                self._prefix_of.setdefault(uri, prefix)

    def of_tag(self, tag: str) -> str:
        """The name of an element or attribute."""
        uri, local = split_tag(tag)
        if not uri or uri in self._plain:
            return local
        prefix = self._prefix_of.get(uri)
        return f"{prefix}:{local}" if prefix else local

    def of_text(self, name: str) -> str:
        """The name that a prefixed name in an expression means."""
        if ":" not in name:
            return name
        prefix, _, local = name.partition(":")
        uri = self._uri_of.get(prefix)
        if uri is None:
            return name
        return local if uri in self._plain else f"{self._prefix_of.get(uri, prefix)}:{local}"

    @property
    def prefix_of(self) -> dict[str, str]:
        """Namespace → the prefix used for it."""
        return self._prefix_of
