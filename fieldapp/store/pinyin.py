"""Pinyin of names, for search: computed once when a household is projected, never while somebody types."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

_MOST_READINGS = 8


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin  # half a second on an old laptop: only where a name is written

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(found[0])) if found else ()


def pinyin_of(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Initials and syllables of a name, in every reading (曾: zeng, ceng), at most eight.

    Returns:
        (("zdg", "cdg"), ("zengdingguo", "cengdingguo")); both empty when no character has a reading.
    """
    characters = [_readings(character) for character in name if not character.isspace()]
    known = [readings for readings in characters if readings]
    combined = [parts for parts, _ in zip(product(*known), range(_MOST_READINGS), strict=False)] if known else []
    initials = dict.fromkeys("".join(part[0] for part in parts) for parts in combined)
    syllables = dict.fromkeys("".join(parts) for parts in combined)
    return tuple(initials), tuple(syllables)
