"""Words on screen and on paper: Chinese at the source, English from a catalogue.

``_("保存")`` gives the text in the language chosen by :func:`set_language`. The catalogue is an ordinary gettext ``.po`` file, read
only when English is wanted, so nothing has to be compiled or generated.
"""

from __future__ import annotations

from collections.abc import Mapping

from fieldapp.assets import resource_path
from forms.errors import FieldAppError
from forms.phrases import Phrase

_catalogue: dict[str, str] = {}
_language = "zh"


def set_language(language: str) -> None:
    """Chooses the language of all texts from now on.

    Args:
        language: ``zh`` or ``en``; a text missing from the catalogue stays Chinese.
    """
    global _language
    _language = language
    _catalogue.clear()
    if language != "zh":
        from babel.messages.pofile import read_po

        with resource_path(f"translations/{language}.po").open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and isinstance(message.id, str) and isinstance(message.string, str) and message.string:
                    _catalogue[message.id] = message.string


def language() -> str:
    """The language of texts now: ``zh`` or ``en``."""
    return _language


def _(text: str) -> str:
    """The text in the chosen language."""
    return _catalogue.get(text, text)


def say(text: str) -> str:
    """The same for a text from deep within, which may have something filled in (:class:`~forms.phrases.Phrase`)."""
    if _language == "zh" or not isinstance(text, Phrase):
        return _(text)
    return _(text.template).format(**_told(text.filled))


def _told(fields: Mapping[str, object]) -> dict[str, object]:
    """What stands in a sentence, itself in the chosen language where it is words (a post, a deed, a reason)."""
    return {name: say(value) if isinstance(value, str) else value for name, value in fields.items()}


def sentence_of(error: FieldAppError) -> str:
    """What an expected failure says, in the chosen language; fields that are words themselves (a post, a deed) are put into it too."""
    if _language == "zh":
        return error.sentence()
    return _(type(error).zh).format(**_told(error.fields))
