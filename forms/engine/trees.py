"""Syntax trees of a form's expressions: read from text once, afterwards from the compiled form on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms.engine.definition import Form, Output, Question, Repeat, Text
from forms.engine.xpath.ast import Expr
from forms.engine.xpath.errors import XPathError
from forms.engine.xpath.packed import from_data, to_data
from forms.engine.xpath.parser import parse


def tree(form: Form, text: str) -> Expr:
    """The syntax tree of one expression of a form.

    Raises:
        XPathSyntaxError: the text is no expression.
    """
    kept = form.trees.get(text)
    return parse(text) if kept is None else from_data(kept)


def packed_trees(form: Form) -> Mapping[str, Any]:
    """All trees of a form as data, by text; what is no expression is left out."""
    found: dict[str, Any] = {}
    for text in _expressions(form):
        if text in found:
            continue
        try:
            found[text] = to_data(tree(form, text))
        except XPathError:
            continue
    return found


def _expressions(form: Form) -> Iterator[str]:
    for node in form.walk():
        bind = node.bind
        yield from filter(None, (bind.relevant, bind.calculate, bind.readonly, bind.required, bind.constraint))
        yield from _outputs(node.label, node.hint, bind.required_message, bind.constraint_message)
        if isinstance(node, Repeat):
            yield from filter(None, (node.count,))
            yield from _outputs(node.row_label)
        elif isinstance(node, Question):
            yield from _outputs(*(item.label for item in node.items))
            if node.itemset is not None:
                yield from filter(None, (node.itemset.nodeset, node.itemset.value, node.itemset.label))
    for action in form.actions:
        yield from filter(None, (action.target, action.value))
    for table in form.translations.values():
        for forms in table.values():
            for parts in forms.values():
                yield from (part.expression for part in parts if isinstance(part, Output))


def _outputs(*texts: Text | None) -> Iterator[str]:
    for text in texts:
        if text is not None:
            if text.expression:
                yield text.expression
            yield from (part.expression for part in text.parts if isinstance(part, Output))
