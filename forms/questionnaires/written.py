"""Words of a form as they are written in it, without a filling: labels, messages, choice lists before any filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from forms.engine import Form, Item, Question
from forms.engine.definition import Text, TextPart


def text_words(form: Form, text: Text | None, say: Callable[[str, str], str] | None = None, language: str = "") -> str:
    """A text in one of the form's languages; places that are computed show as …

    Args:
        say: makes words of the (expression, path of the node) of a computed place.
        language: by default the form's own.
    """
    if text is None:
        return ""
    parts: Iterable[TextPart] = text.parts
    if text.itext is not None:
        wanted = form.translations.get(language or form.default_language)
        forms = (wanted or next(iter(form.translations.values()), {})).get(text.itext, {})
        parts = forms.get("long") or forms.get("plain") or ()
    said = (
        part if isinstance(part, str) else say(part.expression, text.node) if say is not None else "…" for part in parts
    )
    return "".join(said)


def list_name(form: Form, path: str) -> str:
    """Name of the choice list behind a question, "" for choices of its own or out of answers."""
    node = form.find_node(path)
    if not isinstance(node, Question) or node.itemset is None:
        return ""
    head = node.itemset.nodeset.replace('"', "'").split("instance('", 1)
    return head[1].split("'", 1)[0] if len(head) == 2 else ""


@lru_cache(maxsize=4096)
def written_choices(form: Form, path: str) -> tuple[tuple[str, str], ...]:
    """(code, label) of a question as written in the form, before any filter; empty for choices that come from answers."""
    node = form.find_node(path)
    if not isinstance(node, Question):
        return ()
    if node.items:
        return tuple((item.value, text_words(form, item.label)) for item in node.items if isinstance(item, Item))
    source = form.instances.get(list_name(form, path))
    if node.itemset is None or source is None or source.element is None:
        return ()
    found = []
    for item in source.element.iter():
        children = {child.tag.rsplit("}", 1)[-1]: (child.text or "") for child in item}
        if node.itemset.value in children:
            label = children.get(node.itemset.label or "", "")
            if node.itemset.label_is_itext or (node.itemset.label or "").endswith("itextId"):
                label = text_words(form, Text(itext=children.get("itextId", label)))
            found.append((children[node.itemset.value], label))
    return tuple(found)
