"""Texts. Lengths and positions count characters (code points), so a rare Chinese character is one."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from forms.engine.xpath.errors import XPathValueError
from forms.engine.xpath.values import Value, to_string

_SPACES = re.compile(r"[ \t\r\n]+")


def concat(*values: Value) -> str:
    """All texts one after the other; of a node-set every node."""
    return "".join(["".join(v) if type(v) is list else to_string(v) for v in values])


def join(separator: str, *values: Value) -> str:
    """All texts with the separator between, blank ones included; of a node-set every node."""
    texts: list[str] = []
    for value in values:
        if type(value) is list:
            texts += value
        else:
            texts.append(to_string(value))
    return separator.join(texts)


def substr(text: str, start: float, end: float | None = None) -> str:
    """From the 0-based start up to, not including, the end; negative ones count from the end."""
    if end is None:
        return text[_index(start, text) :]
    return text[_index(start, text) : _index(end, text)]


def _index(number: float, text: str) -> int:
    if number != number:
        return 0
    if math.isinf(number):
        return len(text) if number > 0 else -len(text)
    return int(number)


def substring(text: str, start: float, length: float = math.inf) -> str:
    """XPath 1.0: 1-based, both numbers rounded, characters at positions ≥ start and < start + length."""
    first = _round_half_up(start)
    beyond = first + _round_half_up(length)
    if first != first or beyond != beyond:
        return ""
    low = 0 if first < 1 else len(text) if math.isinf(first) else int(first) - 1
    high = len(text) if beyond > len(text) else max(int(beyond) - 1, 0) if not math.isinf(beyond) else 0
    return text[low:high]


def _round_half_up(number: float) -> float:
    return number if number != number or math.isinf(number) else math.floor(number + 0.5)


def substring_before(text: str, mark: str) -> str:
    """What stands before the first occurrence of the mark; blank if there is none."""
    head, found, _ = text.partition(mark) if mark else ("", "", "")
    return head if found else ""


def substring_after(text: str, mark: str) -> str:
    """What stands after the first occurrence of the mark; blank if there is none."""
    if not mark:
        return text
    return text.partition(mark)[2]


def translate(text: str, wanted: str, instead: str) -> str:
    """Characters of ``wanted`` replaced by those at the same place in ``instead``, or dropped if there is none."""
    table: dict[int, str | None] = {}
    for place, sign in enumerate(wanted):
        table.setdefault(ord(sign), instead[place] if place < len(instead) else None)
    return text.translate(table)


def string_length(text: str) -> float:
    """Number of characters."""
    return float(len(text))


def normalize_space(text: str) -> str:
    """Trimmed, every run of blanks one space (space, tab, line ends: XPath 1.0)."""
    return _SPACES.sub(" ", text).strip(" ")


def contains(text: str, part: str) -> bool:
    """Whether the part occurs; a blank part always does."""
    return part in text


def starts_with(text: str, part: str) -> bool:
    """Whether the text begins so."""
    return text.startswith(part)


def ends_with(text: str, part: str) -> bool:
    """Whether the text ends so."""
    return text.endswith(part)


def regex(text: str, pattern: str) -> bool:
    """Whether the pattern is found anywhere in the text; ``^`` and ``$`` hold it to the whole.

    Raises:
        XPathValueError: the pattern is none.
    """
    return compiled_pattern(pattern).search(text) is not None


@lru_cache(maxsize=512)
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern as JavaScript and Java write it, compiled. ``\\d \\w \\s \\b`` mean ASCII, as there.

    Raises:
        XPathValueError: it is no pattern, or uses what only one of the two knows (class intersections, ``\\p`` scripts).
    """
    try:
        return re.compile(_to_python(pattern), re.ASCII)
    except (re.error, OverflowError, RecursionError):
        raise XPathValueError("regex", "正则表达式写错了") from None


_CLASSES = {
    "L": r"^\W\d_", "Alpha": "A-Za-z", "Lower": "a-z", "Upper": "A-Z", "Digit": "0-9", "Alnum": "A-Za-z0-9",
    "Punct": r"!-/:-@\[-`{-~", "Space": r"\s", "ASCII": r"\x00-\x7f", "XDigit": "0-9A-Fa-f",
    "IsHan": "\u2e80-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
}  # fmt: skip
_CLASSES["N"] = _CLASSES["Nd"] = "0-9"
_CLASSES["Han"] = _CLASSES["Script=Han"] = _CLASSES["script=Han"] = _CLASSES["IsHan"]
_CLASSES["L"] = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02c1\u0370-\u1fff\u2c00-\u2fef" + (
    "\u3041-\u3096\u30a1-\u30fa\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\uac00-\ud7a3" + _CLASSES["IsHan"]
)
_PROPERTY = re.compile(r"\\([pP])(?:\{(\w+(?:=\w+)?)\}|([A-Z]))")


def _to_python(pattern: str) -> str:
    out: list[str] = []
    at, inside = 0, False
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            named = _PROPERTY.match(pattern, at)
            if named:
                members = _CLASSES.get(named[2] or named[3])
                if members is None or (inside and named[1] == "P"):
                    raise re.error("unknown class")
                out.append(members if inside else f"[{'^' if named[1] == 'P' else ''}{members}]")
                at = named.end()
                continue
            following = pattern[at + 1 : at + 2]
            if following == "z":
                out.append(r"\Z")
            elif following and not following.isalnum():
                out.append("\\" + following)
            elif following in "AZQEGkXRhHyYoceg" and following not in ("", "A", "Z", "c", "k"):
                raise re.error("unknown escape")
            else:
                out.append(sign + following)
            at += 2
            continue
        if inside:
            if sign == "]":
                inside = False
            elif sign == "[" or pattern.startswith("&&", at):
                if sign != "[":
                    raise re.error("class intersection")
                sign = r"\["
            elif sign in "&|~-" and pattern[at : at + 2] == sign * 2:
                sign = "\\" + sign
        elif sign == "[":
            inside = True
            if pattern.startswith("[^]", at):
                out.append(r"[\s\S]")
                at, inside = at + 3, False
                continue
        elif sign == "$":
            sign = r"\Z"
        elif pattern.startswith("(?<", at) and pattern[at + 3 : at + 4] not in ("=", "!"):
            out.append("(?P<")
            at += 3
            continue
        out.append(sign)
        at += 1
    return "".join(out)
