"""Canonical CBOR of plain data only: None, bool, int, str, bytes, list, dict with text keys.

One set of rules for everything that is signed or sent. Tags, floats and indefinite lengths are refused: a tag can
build dates, regular expressions or cycles inside the decoder, and money is text so that it stays exact.
"""

from __future__ import annotations

from typing import Any

import cbor2

from sync.errors import BadBytes

_MOST_NESTED = 24
_KNOWN_TAGS = (*range(6), *range(21, 25), 25, *range(28, 38), 100, 256, 258, 260, 261, 1004, 43000, 55799)


def _refuse_tag(*_: object) -> object:
    raise cbor2.CBORDecodeError("a tag is not plain data")


_REFUSALS: dict[int, Any] = dict.fromkeys(_KNOWN_TAGS, _refuse_tag)


def dumps(value: object) -> bytes:
    """Canonical bytes: equal values give equal bytes. A float or an object is a TypeError."""
    check_plain(value)
    return cbor2.dumps(value, canonical=True)


def dumps_checked(value: object) -> bytes:
    """The same for data that was checked when it came in (values out of a decoded change): no second look."""
    return cbor2.dumps(value, canonical=True)


def loads(data: bytes, *, nested: int = _MOST_NESTED) -> Any:
    """The value in ``data``, all of it.

    Args:
        nested: how deep lists and maps may stand in each other.

    Raises:
        BadBytes: not CBOR, more than one value, or something that is not plain data.
    """
    try:
        value = cbor2.loads(
            data,
            tag_hook=_refuse_tag,
            semantic_decoders=_REFUSALS,
            max_depth=nested,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        )
        check_plain(value, _MOST_NESTED - nested)
    except (cbor2.CBORError, TypeError, ValueError, RecursionError, OverflowError, MemoryError) as error:
        raise BadBytes(f"not plain CBOR: {type(error).__name__}") from error
    return value


_SCALARS = frozenset({type(None), bool, str, bytes})


def check_plain(value: object, depth: int = 0) -> None:
    """Raises TypeError unless ``value`` is built of the plain types alone."""
    kind = type(value)
    if kind in _SCALARS:
        return
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise TypeError("integer beyond 64 bits")
    elif kind is list or kind is tuple:
        if depth >= _MOST_NESTED:
            raise TypeError("nested too deeply")
        for item in value:  # type: ignore[attr-defined]
            if type(item) not in _SCALARS:
                check_plain(item, depth + 1)
    elif kind is dict:
        if depth >= _MOST_NESTED:
            raise TypeError("nested too deeply")
        for key, item in value.items():  # type: ignore[attr-defined]
            if not isinstance(key, str):
                raise TypeError("a map key that is not text")
            check_plain(item, depth + 1)
    elif not isinstance(value, str):  # a StrEnum is text
        raise TypeError(f"{kind.__name__} is not plain data")
