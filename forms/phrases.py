"""Sentences with something filled in, which can still be said in another language.

What a table or a value is refused for is put together deep in ``forms``, in Chinese. A :class:`Phrase` is that text, and keeps the
template and what was filled in, so that the translator at the surface (``fieldapp.words.say``) can begin from the template.
"""

from __future__ import annotations

from collections.abc import Mapping


class Phrase(str):
    """A Chinese text made of a template; equal to, and usable as, the plain text.

    Attributes:
        template: with names in braces, the key of the catalogue.
        filled: what stands for each name; texts among them are themselves translated where a catalogue has them.
    """

    __slots__ = ("filled", "template")

    template: str
    filled: Mapping[str, object]

    def __new__(cls, template: str, /, **filled: object) -> Phrase:
        made = super().__new__(cls, template.format(**filled))
        made.template = template
        made.filled = filled
        return made
