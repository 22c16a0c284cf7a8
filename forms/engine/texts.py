"""Texts of a form: labels, hints, messages, translations (spec: "Languages", "Labels", "Outputs")."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

from forms.engine.definition import Output, Text, TextPart
from forms.engine.xml import XFORMS, split_tag

_STATIC_ITEXT = re.compile(r"""^\s*jr:itext\(\s*(?:'([^']*)'|"([^"]*)")\s*\)\s*$""")
_DYNAMIC_ITEXT = re.compile(r"^\s*jr:itext\((.*)\)\s*$", re.DOTALL)


def parts_of(element: ET.Element) -> tuple[TextPart, ...]:
    """Words and outputs of an element with mixed content."""
    parts: list[TextPart] = [element.text] if element.text else []
    for child in element:
        _, local = split_tag(child.tag)
        if local == "output":
            expression = child.get("value") or child.get("ref") or ""
            if expression.strip():
                parts.append(Output(expression.strip()))
        else:
            parts.extend(parts_of(child))
        if child.tail:
            parts.append(child.tail)
    return tuple(parts)


def text_of(element: ET.Element | None, node: str) -> Text | None:
    """The text that a label, hint or message element means; relative references in it start at ``node``."""
    if element is None:
        return None
    ref = element.get("ref")
    return text_of_attribute(ref, node, is_expression=True) if ref else Text(parts=parts_of(element), node=node)


def text_of_attribute(value: str | None, node: str, *, is_expression: bool = False) -> Text | None:
    """A text written in an attribute: ``jr:itext('…')``, an expression, or the words themselves."""
    if value is None:
        return None
    static = _STATIC_ITEXT.match(value)
    if static:
        return Text(itext=static.group(1) if static.group(1) is not None else static.group(2), node=node)
    if is_expression:
        return Text(expression=value, node=node)
    return Text(parts=(value,), node=node)


def itext_reference(ref: str) -> tuple[str, bool]:
    """(expression, names a translated text?) of an itemset's label."""
    dynamic = _DYNAMIC_ITEXT.match(ref)
    return (dynamic.group(1).strip(), True) if dynamic else (ref.strip(), False)


def read_translations(
    itext: ET.Element | None,
) -> tuple[tuple[str, ...], str, dict[str, Mapping[str, Mapping[str, tuple[TextPart, ...]]]]]:
    """(languages, default language, language → text id → form → parts)."""
    languages: list[str] = []
    default = ""
    table: dict[str, Mapping[str, Mapping[str, tuple[TextPart, ...]]]] = {}
    if itext is None:
        return (), "", table
    for translation in itext.findall(f"{{{XFORMS}}}translation"):
        language = translation.get("lang", "")
        if language in table:
            continue
        languages.append(language)
        if translation.get("default") is not None and translation.get("default") != "false()" and not default:
            default = language
        texts: dict[str, Mapping[str, tuple[TextPart, ...]]] = {}
        for text in translation.findall(f"{{{XFORMS}}}text"):
            forms: dict[str, tuple[TextPart, ...]] = {}
            for value in text.findall(f"{{{XFORMS}}}value"):
                forms[value.get("form") or "plain"] = parts_of(value)
            texts[text.get("id", "")] = forms
        table[language] = texts
    return tuple(languages), default or (languages[0] if languages else ""), table


def split_appearances(text: str | None) -> tuple[str, ...]:
    """Words of an appearance list, split at spaces that stand in no bracket."""
    words: list[str] = []
    depth, word = 0, ""
    for char in text or "":
        if char.isspace() and depth <= 0:
            if word:
                words.append(word)
            word = ""
            continue
        depth += (char == "(") - (char == ")")
        word += char
    if word:
        words.append(word)
    return tuple(dict.fromkeys(words))
