"""Text → tokens, by the rules of XPath 1.0, section 3.7.

A star or one of the words and/or/div/mod is an operator exactly when an operand stands before it, so a question may
be called ``div``; a minus inside a name belongs to the name (``a-b`` is one question, ``a - b`` a subtraction).
"""

from __future__ import annotations

import re
from functools import lru_cache

from forms.engine.xpath.errors import XPathSyntaxError

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = f"[{_START}][{_START}\\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*"
# The ranges of XML names take in CJK punctuation; nobody means 、。「 or a full-width sign as part of a name.
_NOT_IN_NAMES = "\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_STRANGE = re.compile(f"[{_NOT_IN_NAMES}]")

_NAME_SIGNS = f"{_START}\\-.0-9\u00b7\u0300-\u036f\u203f\u2040:"
# Most of a form's text are paths of names alone: /data/member/age, ../../total. Such a run of characters is taken whole.
_RUN = rf"(?![0-9]|\.[0-9])[{_START}./][{_NAME_SIGNS}/]*+(?![ \t\r\n]*\()"
_PARTS = re.compile(rf"\.\.?|{_NAME}(?::{_NAME})?")
_REST = rf"""
  | ({_NAME}(?::(?:{_NAME}|\*))?(?!:(?!:)))
  | (//|::|!=|<=|>=|\.\.(?![0-9])|[()\[\],@/|+\-=<>*]|\.(?![0-9]))
  | ("[^"]*"|'[^']*')
  | ([0-9]+(?:\.[0-9]*)?|\.[0-9]+)
  | ($)
"""
_TOKEN = re.compile(rf"[ \t\r\n]*(?:((?!)) {_REST})", re.VERBOSE)
_RUN_OR_TOKEN = re.compile(rf"[ \t\r\n]*(?:({_RUN}) {_REST})", re.VERBOSE)
_RUN_GROUP, _NAME_GROUP, _SIGN_GROUP, _LITERAL_GROUP, _NUMBER_GROUP, _END_GROUP = range(1, 7)
_BLANKS = re.compile(r"[ \t\r\n]*")
_OPERATOR_WORDS = frozenset({"and", "or", "div", "mod"})
_OPERATOR_SIGNS = frozenset({"|", "+", "-", "=", "!=", "<", "<=", ">", ">="})
_ENDS_OPERAND = frozenset({")", "]", ".", "..", "*"})
_FULL_WIDTH = {"（": "(", "）": ")", "，": ",", "＝": "=", "＞": ">", "＜": "<", "＋": "+", "－": "-", "＊": "*"}
_FULL_WIDTH |= {"‘": "'", "’": "'", "“": '"', "”": '"', "．": ".", "／": "/", "［": "[", "］": "]", "、": ","}


Token = tuple[str, str, int]
"""Kind, text, offset. The kind is "number", "literal", "path" (names and dots with slashes between, a single name too), "name" (of a
function, an axis, a kind of node), "op" (an operator, in words or signs), "end", or for brackets and the like the sign itself."""


@lru_cache(maxsize=8192)
def is_plain_path(run: str) -> bool:
    """Whether it is names and dots with single slashes between, with or without one before."""
    parts = run.removeprefix("/").split("/")
    return all(map(_PARTS.fullmatch, parts)) and not _STRANGE.search(run)


def tokenize(text: str) -> list[Token]:
    """The tokens of an expression, the last one of kind ``end``.

    Raises:
        XPathSyntaxError: a character that no token begins with, or a quote without its partner.
    """
    tokens: list[Token] = []
    add, match, match_run = tokens.append, _TOKEN.match, _RUN_OR_TOKEN.match
    at = 0
    operand_before = False
    while True:
        found = match(text, at) if operand_before else match_run(text, at)
        if found is not None and found.lastindex == _RUN_GROUP:
            run = found[_RUN_GROUP]
            if is_plain_path(run):
                add(("path", run, found.start(_RUN_GROUP)))
                operand_before = True
                at = found.end()
                continue
            found = match(text, at)
        if found is None:
            blanks = _BLANKS.match(text, at)
            place = blanks.end() if blanks else at
            raise XPathSyntaxError(text, place, _what_is_wrong(text[place]))
        group = found.lastindex or 0
        word, start, at = found[group], found.start(group), found.end()
        if group == _SIGN_GROUP:
            if word in _OPERATOR_SIGNS or (word == "*" and operand_before):
                add(("op", word, start))
                operand_before = False
            else:
                add((word, word, start))
                operand_before = word in _ENDS_OPERAND
        elif group == _NAME_GROUP:
            if not word.isascii() and (strange := _STRANGE.search(word)):
                raise XPathSyntaxError(text, start + strange.start(), _what_is_wrong(strange[0]))
            if operand_before:
                if word not in _OPERATOR_WORDS:
                    raise XPathSyntaxError(text, start, f"“{word}”前面缺少运算符")
                add(("op", word, start))
                operand_before = False
            else:
                add(("name", word, start))
                operand_before = True
        elif group == _END_GROUP:
            add(("end", "", len(text)))
            return tokens
        else:
            if operand_before:
                raise XPathSyntaxError(text, start, "两个值之间缺少运算符")
            add(("literal", word[1:-1], start) if group == _LITERAL_GROUP else ("number", word, start))
            operand_before = True


def _what_is_wrong(sign: str) -> str:
    if sign in "'\"":
        return "引号没有配对"
    if sign in _FULL_WIDTH:
        return f"用了全角符号“{sign}”，应改为半角“{_FULL_WIDTH[sign]}”"
    if sign.isspace():
        return "有一个特殊的空白字符，请改为普通空格"
    if sign == "&":
        return "“&”不能用，连接文字请用 concat()，两个条件请用 and"
    if sign == "$":
        return "不支持变量“$”；引用题目的 ${题名} 只能写在表格里，由转换工具换成路径"
    if sign == "!":
        return "“!”不能单独用，请写 != 或 not()"
    return f"不认识的符号“{sign}”"
