"""Conditions, and the functions that choose among their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from forms.engine.xpath.values import Value, to_boolean, to_nodes, to_number


def true() -> bool:
    """True."""
    return True


def false() -> bool:
    """False."""
    return False


def boolean(value: bool) -> bool:
    """The argument as a boolean; the conversion has done the work."""
    return value


def negation(value: bool) -> bool:
    """``not()``."""
    return not value


def boolean_from_string(text: str) -> bool:
    """True for ``true`` and ``1``, for nothing else."""
    return text in ("true", "1")


def text(value: str) -> str:
    """``string()``: the argument as text; the conversion has done the work."""
    return value


def if_then_else(condition: bool, then: Value, otherwise: Value) -> Value:
    """``if()``; the compiler evaluates only the branch taken."""
    return then if condition else otherwise


def coalesce(*texts: str) -> str:
    """The first text that is not blank; the compiler evaluates no further."""
    return next((t for t in texts if t), "")


def once(own: str, value: str) -> str:
    """The value the node has, or if it is blank the argument."""
    return own or value


def first(value: Value, *_others: Value) -> Value:
    """``depend()``: its first argument; the others are only there to be depended on."""
    return value


def _each(values: tuple[Value, ...]) -> Iterator[Value]:
    for value in values:
        if type(value) is list:
            yield from value
        else:
            yield value


def checklist(least: float, most: float, *values: Value) -> bool:
    """Whether the number of true values lies between the two numbers; −1 means no bound."""
    return _between(least, sum(1.0 for v in _each(values) if to_boolean(v)), most)


def weighted_checklist(least: float, most: float, *pairs: Value) -> bool:
    """Whether the weights of the true values (value, weight, value, weight …) add up to between the two numbers."""
    total = 0.0
    for value, weight in zip(pairs[::2], pairs[1::2], strict=True):
        if type(value) is list:
            total += sum(to_number(w) for v, w in zip(value, to_nodes(weight), strict=False) if v)
        elif to_boolean(value):
            total += to_number(weight)
    return _between(least, total, most)


def _between(least: float, number: float, most: float) -> bool:
    return (least < 0 or number >= least) and (most < 0 or number <= most)


def uuid(chance: Callable[[], float], length: float | None = None) -> str:
    """A random identifier (RFC 4122, version 4), or with a length that many random letters and digits."""
    if length is None:
        digits = "".join(f"{int(chance() * 65536):04x}" for _ in range(8))
        variant = "89ab"[int(chance() * 4)]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
    count = int(length) if 0 < length < 1000 else 0
    return "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[int(chance() * 36)] for _ in range(count))
