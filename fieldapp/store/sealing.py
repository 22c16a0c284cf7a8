"""From drafts to changes: which cells merge as one, and which travel apart because not everybody may hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from forms.engine import Form
from sync.change import Content, Write
from sync.scope import SENSITIVE_CLASSES, parse_feed, sensitive_feed


def register_lookup(form: Form | None) -> Callable[[str], tuple[str, ...]]:
    """``register_of`` of a form in fields (paths below its root); without a form every field stands alone."""
    if form is None:
        return lambda field: (field,)
    prefix = form.root.path + "/"

    def register_of(field: str) -> tuple[str, ...]:
        if field.startswith("~") or "@" in field.rsplit("/", 1)[-1]:
            return (field,)
        return tuple(path.removeprefix(prefix) for path in form.register(prefix + field))

    return register_of


def sensitive_class(form: Form, field: str) -> str | None:
    """The class of a field's question, or of the group around it; a note or remark is as sensitive as its question."""
    path = f"{form.root.path}/{field}".split("@", 1)[0]
    while path:
        node = form.find_node(path)
        if node is not None and node.sensitive:
            return node.sensitive
        path = path.rpartition("/")[0]
    return None


def parts_by_feed(content: Content, form: Form | None, feed: str) -> Iterator[tuple[str, Content]]:
    """The content for each feed: rows and plain answers in ``feed``, identity, money and health in the sensitive one."""
    name = parse_feed(feed)
    if form is None or name.part != "q":
        if content.writes or content.new_rows or content.deleted_rows:
            yield feed, content
        return
    plain: list[Write] = []
    guarded: list[Write] = []
    for write in content.writes:
        apart = not write.field.startswith("~") and sensitive_class(form, write.field) in SENSITIVE_CLASSES
        (guarded if apart else plain).append(write)
    if plain or content.new_rows or content.deleted_rows:
        yield feed, replace(content, writes=tuple(plain))
    if guarded:
        apart_feed = sensitive_feed(name.village, name.portfolio)
        yield apart_feed, replace(content, writes=tuple(guarded), new_rows=(), deleted_rows=())
