"""Texts as a person reads them: language, outputs, media, choices. Evaluated on demand (spec: "Languages", "Outputs")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forms.engine.definition import Question, Text, TextPart
from forms.engine.rows import Row
from forms.engine.state import Choice
from forms.engine.templates import Template
from forms.engine.xpath.errors import XPathValueError
from forms.engine.xpath.values import to_saved

if TYPE_CHECKING:
    from forms.engine.filling import Filling

_WORDS = ("plain", "long", "short")
_NO_MEDIA: Mapping[str, str] = {}


class Texts:
    """Texts of one filling in its active language."""

    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        self._program = filling.program
        self._tables = filling.program.form.translations

    def forms_of(self, key: str) -> Mapping[str, tuple[TextPart, ...]]:
        """The forms of a translated text: in the active language, else the default one, else any that has it."""
        form = self._program.form
        order = dict.fromkeys((self._filling.language, form.default_language, *form.languages))
        for language in order:
            found = self._tables.get(language, {}).get(key)
            if found:
                return found
        return {}

    def itext(self, key: str, row: Row, template: Template | None = None) -> str:
        """The words of a translated text."""
        return self._words(self.forms_of(key), row, template or row.scope.templates[0])

    def _words(self, forms: Mapping[str, tuple[TextPart, ...]], row: Row, template: Template) -> str:
        for name in _WORDS:
            if name in forms:
                return self._join(forms[name], row, template).strip()
        return ""

    def _join(self, parts: Sequence[TextPart], row: Row, template: Template) -> str:
        if len(parts) == 1 and isinstance(parts[0], str):
            return parts[0]
        return "".join(
            part if isinstance(part, str) else self._output(part.expression, row, template) for part in parts
        )

    def _output(self, expression: str, row: Row, template: Template) -> str:
        shown = self._program.output(expression, template)
        if shown is None:
            return ""
        try:
            return to_saved(shown.code.fn(row, None))
        except XPathValueError:
            return ""

    def read(self, text: Text | None, row: Row, template: Template, form: str | None = None) -> str:
        """A text, or one of its other forms ("guidance", "short" …)."""
        if text is None:
            return ""
        if text.itext is not None:
            forms = self.forms_of(text.itext)
            if form is not None:
                return self._join(forms.get(form, ()), row, template)
            return self._words(forms, row, template)
        if form is not None:
            return ""
        if text.expression is not None:
            return self._output(text.expression, row, template)
        return self._join(text.parts, row, template).strip()

    def media(self, text: Text | None, row: Row, template: Template) -> Mapping[str, str]:
        """Media of a text by form."""
        if text is None or text.itext is None:
            return _NO_MEDIA
        forms = self.forms_of(text.itext)
        return {
            name: self._join(parts, row, template) for name, parts in forms.items() if name not in (*_WORDS, "guidance")
        }

    def choices(self, row: Row, template: Template) -> tuple[Choice, ...]:
        """What can be chosen now."""
        node = template.node
        if not isinstance(node, Question):
            return ()
        if node.itemset is None:
            return tuple(
                Choice(item.value, self.read(item.label, row, template), self.media(item.label, row, template))
                for item in node.items
            )
        choosing = self._program.itemset(template)
        if choosing is None:
            return ()
        frame = self._filling.frame(row)
        found = []
        for one in choosing.rows(row, None):
            value = choosing.value(one, frame)
            if choosing.label is None:
                found.append(Choice(value, value))
            elif choosing.label_is_itext:
                forms = self.forms_of(choosing.label(one, frame))
                media = {k: self._join(p, row, template) for k, p in forms.items() if k not in (*_WORDS, "guidance")}
                found.append(Choice(value, self._words(forms, row, template), media))
            else:
                found.append(Choice(value, choosing.label(one, frame)))
        return tuple(found)

    def codes(self, row: Row, template: Template) -> list[str]:
        """The codes of ``choices``, without their labels."""
        node = template.node
        if not isinstance(node, Question):
            return []
        choosing = self._program.itemset(template)
        if choosing is None:
            return [item.value for item in node.items]
        frame = self._filling.frame(row)
        return [choosing.value(one, frame) for one in choosing.rows(row, None)]

    def choice_name(self, row: Row, template: Template, value: str) -> str:
        """The label of one value among the present choices; blank if it is not there."""
        node = template.node
        if not isinstance(node, Question) or not value:
            return ""
        if node.itemset is None:
            for item in node.items:
                if item.value == value:
                    return self.read(item.label, row, template)
            return ""
        choosing = self._program.itemset(template)
        if choosing is None:
            return ""
        frame = self._filling.frame(row)
        one: Any
        for one in choosing.rows(row, None):
            if choosing.value(one, frame) == value:
                if choosing.label is None:
                    return value
                label: str = choosing.label(one, frame)
                return self.itext(label, row, template) if choosing.label_is_itext else label
        return ""
