"""The table of all functions: how many arguments, of which kinds, what else they need."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from forms.engine.xpath.ast import Call
from forms.engine.xpath.errors import FunctionRefused
from forms.engine.xpath.functions import choices, control, dates, digest, geo, numbers, sets, text
from forms.engine.xpath.functions.refused import REFUSED, UNKNOWN
from forms.engine.xpath.functions.spec import FunctionSpec, Kind, Need, with_own_node

S, N, B, NODES, ANY = Kind.STRING, Kind.NUMBER, Kind.BOOLEAN, Kind.NODES, Kind.ANY

FUNCTIONS: dict[str, FunctionSpec] = {}


def _add(
    name: str,
    least: int,
    most: int | None,
    arguments: tuple[Kind, ...],
    returns: Kind,
    call: Callable[..., Any] | None = None,
    need: Need = Need.NOTHING,
    **more: Any,
) -> None:
    FUNCTIONS[name] = FunctionSpec(name, least, most, arguments, returns, call, need, **more)


# Texts
_add("string", 0, 1, (S,), S, control.text, own_node=True)
_add("concat", 0, None, (ANY,), S, text.concat)
_add("join", 1, None, (S, ANY), S, text.join)
_add("substr", 2, 3, (S, N, N), S, text.substr)
_add("substring", 2, 3, (S, N, N), S, text.substring)
_add("substring-before", 2, 2, (S, S), S, text.substring_before)
_add("substring-after", 2, 2, (S, S), S, text.substring_after)
_add("translate", 3, 3, (S, S, S), S, text.translate)
_add("string-length", 0, 1, (S,), N, text.string_length, own_node=True)
_add("normalize-space", 0, 1, (S,), S, text.normalize_space, own_node=True)
_add("contains", 2, 2, (S, S), B, text.contains)
_add("starts-with", 2, 2, (S, S), B, text.starts_with)
_add("ends-with", 2, 2, (S, S), B, text.ends_with)
_add("regex", 2, 2, (S, S), B, text.regex)
_add("uuid", 0, 1, (N,), S, control.uuid, Need.CHANCE)
_add("digest", 2, 3, (S, S, S), S, digest.digest)
_add("base64-decode", 1, 1, (S,), S, digest.base64_decode)
_add("pulldata", 4, 4, (S, S, S, S), S, None, Need.INSTANCE)

# Conditions
_add("if", 3, 3, (B, ANY, ANY), ANY, control.if_then_else, lazy=True)
_add("coalesce", 1, None, (S,), S, control.coalesce, lazy=True)
_add("once", 1, 1, (S,), S, None, Need.OWN_VALUE, lazy=True)
_add("true", 0, 0, (), B, control.true)
_add("false", 0, 0, (), B, control.false)
_add("boolean", 1, 1, (B,), B, control.boolean)
_add("boolean-from-string", 1, 1, (S,), B, control.boolean_from_string)
_add("not", 1, 1, (B,), B, control.negation)
_add("checklist", 2, None, (N, N, ANY), B, control.checklist)
_add("weighted-checklist", 2, None, (N, N, ANY, ANY), B, control.weighted_checklist, even=True, repeated=2)
_add("depend", 1, None, (ANY,), ANY, control.first)

# Numbers
_add("number", 0, 1, (ANY,), N, numbers.number, own_node=True)
_add("int", 1, 1, (ANY,), N, numbers.integer)
_add("round", 1, 2, (N, N), N, numbers.rounded)
_add("floor", 1, 1, (N,), N, numbers.floor)
_add("ceiling", 1, 1, (N,), N, numbers.ceiling)
_add("sum", 1, 1, (NODES,), N, numbers.total)
_add("max", 1, None, (ANY,), N, numbers.largest)
_add("min", 1, None, (ANY,), N, numbers.smallest)
_add("pow", 2, 2, (N, N), N, numbers.power)
_add("log", 1, 1, (N,), N, numbers.log)
_add("log10", 1, 1, (N,), N, numbers.log10)
_add("abs", 1, 1, (N,), N, numbers.absolute)
_add("sin", 1, 1, (N,), N, numbers.sin)
_add("cos", 1, 1, (N,), N, numbers.cos)
_add("tan", 1, 1, (N,), N, numbers.tan)
_add("asin", 1, 1, (N,), N, numbers.asin)
_add("acos", 1, 1, (N,), N, numbers.acos)
_add("atan", 1, 1, (N,), N, numbers.atan)
_add("atan2", 2, 2, (N, N), N, numbers.atan2)
_add("sqrt", 1, 1, (N,), N, numbers.sqrt)
_add("exp", 1, 1, (N,), N, numbers.exp)
_add("exp10", 1, 1, (N,), N, numbers.exp10)
_add("pi", 0, 0, (), N, numbers.pi)
_add("random", 0, 0, (), N, numbers.random, Need.CHANCE)

# Node-sets
_add("count", 1, 1, (NODES,), N, sets.count)
_add("count-non-empty", 1, 1, (NODES,), N, sets.count_non_empty)
_add("position", 0, 1, (NODES,), N, None, Need.POSITION)
_add("last", 0, 0, (), N, None, Need.POSITION)
_add("name", 0, 1, (NODES,), S, None, Need.NODE, own_node=True)
_add("local-name", 0, 1, (NODES,), S, None, Need.NODE, own_node=True)
_add("namespace-uri", 0, 1, (NODES,), S, None, Need.NODE, own_node=True)
_add("instance", 1, 1, (S,), NODES, None, Need.INSTANCE)
_add("current", 0, 0, (), NODES, None, Need.CURRENT)
_add("randomize", 1, 2, (NODES, ANY), NODES, None, Need.ORDER)
_add("indexed-repeat", 3, 7, (NODES, NODES, N), NODES, None, Need.REPEAT, even=False, repeated=2)

# Dates and times
_add("today", 0, 0, (), S, dates.today, Need.CLOCK)
_add("now", 0, 0, (), S, dates.now_text, Need.CLOCK)
_add("date", 1, 1, (ANY,), S, dates.to_date)
_add("date-time", 1, 1, (ANY,), S, dates.to_date_time)
_add("format-date", 2, 2, (ANY, S), S, dates.format_date, Need.LANGUAGE)
_add("format-date-time", 2, 2, (ANY, S), S, dates.format_date, Need.LANGUAGE)
_add("decimal-date-time", 1, 1, (ANY,), N, dates.decimal_date_time)
_add("decimal-time", 1, 1, (ANY,), N, dates.decimal_time)

# Choices and texts of the form
_add("selected", 2, 2, (S, S), B, choices.selected)
_add("is-selected", 2, 2, (S, S), B, choices.selected)
_add("selected-at", 2, 2, (S, N), S, choices.selected_at)
_add("count-selected", 1, 1, (S,), N, choices.count_selected)
_add("jr:choice-name", 2, 2, (S, S), S, None, Need.LABELS)
_add("jr:itext", 1, 1, (S,), S, None, Need.LABELS)

# Places
_add("area", 1, None, (ANY,), N, geo.area)
_add("enclosed-area", 1, None, (ANY,), N, geo.area)
_add("distance", 1, None, (ANY,), N, geo.distance)
_add("geofence", 2, 2, (S, S), B, geo.geofence)
_add("intersects", 1, 1, (S,), B, geo.intersects)


def check_call(call: Call) -> FunctionSpec:
    """The function that a call means.

    Raises:
        FunctionRefused: the engine has no such function (with what to write instead, where that is known), or it takes
            another number of arguments.
    """
    spec = FUNCTIONS.get(call.name)
    if spec is None:
        reason = REFUSED.get(call.name)
        if reason is None:
            close = get_close_matches(call.name, FUNCTIONS, n=1, cutoff=0.75)
            reason = f"{UNKNOWN}，是否应为 {close[0]}()" if close else UNKNOWN
        raise FunctionRefused(call.name, call.at, reason)
    spec.check_count(call)
    return spec


def completed(call: Call) -> Call:
    """The call with ``.`` written in where its function takes the context node without an argument."""
    spec = FUNCTIONS[call.name]
    return with_own_node(call) if spec.own_node and not call.args else call
