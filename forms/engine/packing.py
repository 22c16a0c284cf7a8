"""The definition of a form as CBOR and back.

An object is a list of the number of its class and its fields in their order. Only the classes listed here are ever made, so that
reading is as harmless as reading numbers. A written-in secondary instance travels as XML text.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import cbor2

from forms.engine import definition as d
from forms.engine.problems import Problem

_CLASSES: tuple[type, ...] = (
    d.Form, d.Group, d.Repeat, d.Question, d.Bind, d.Text, d.Output, d.Item, d.Itemset, d.RangeSpec, d.Action, d.StartRow,
    d.InstanceSource, Problem,
)  # fmt: skip
_TUPLE, _ELEMENT = len(_CLASSES), len(_CLASSES) + 1
_EMPTY: Mapping[str, Any] = MappingProxyType({})


class NotPacked(ValueError):
    """The bytes are no packed data class."""


def pack(value: Any) -> bytes:
    """A form, or anything made of the classes above, as CBOR."""
    data: bytes = cbor2.dumps(_plain(value))
    return data


def unpack(data: bytes) -> Any:
    """The inverse of ``pack``; sequences come back as tuples, mappings as plain ones that nobody should change.

    Raises:
        NotPacked: damaged, or something else.
    """
    try:
        return _made(cbor2.loads(data))
    except (cbor2.CBORDecodeError, ET.ParseError, ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise NotPacked(type(error).__name__) from error


def _getter(one: type) -> Callable[[Any], tuple[Any, ...]]:
    names = [field.name for field in fields(one)]
    if len(names) == 1:
        single = attrgetter(names[0])
        return lambda value: (single(value),)
    return attrgetter(*names)


_GETTERS = {one: (index, _getter(one)) for index, one in enumerate(_CLASSES)}


def _plain(value: Any) -> Any:
    known = _GETTERS.get(type(value))
    if known is not None:
        index, read = known
        return [index, *[_plain(one) for one in read(value)]]
    if isinstance(value, tuple | list):
        return [_TUPLE, *[_plain(one) for one in value]]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, ET.Element):
        return [_ELEMENT, ET.tostring(value, encoding="unicode")]
    return value


def _made(value: Any) -> Any:
    kind = type(value)
    if kind is list:
        index = value[0]
        if index < _TUPLE:
            return _CLASSES[index](*[_made(part) for part in value[1:]])
        if index == _TUPLE:
            return tuple([_made(part) for part in value[1:]])
        return ET.fromstring(value[1])
    if kind is dict:
        return {key: _made(part) for key, part in value.items()} if value else _EMPTY
    return value
