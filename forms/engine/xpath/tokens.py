"""Text → tokens, by the rules of XPath 1.0, section 3.7.

A star or one of the words and/or/div/mod is an operator exactly when an operand stands before it, so a question may
be called ``div``; a minus inside a name belongs to the name (``a-b`` is one question, ``a - b`` a subtraction).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from forms.engine.xpath.errors import XPathSyntaxError

_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = f"[{_START}][{_START}\\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*"
# The ranges of XML names take in CJK punctuation; nobody means 、。「 or a full-width sign as part of a name.
_NOT_IN_NAMES = "\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_STRANGE = re.compile(f"[{_NOT_IN_NAMES}]")

_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n]+)
  | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
  | (?P<literal>"[^"]*"|'[^']*')
  | (?P<name>{_NAME}(?::(?:{_NAME}|\*))?(?!:(?!:)))
  | (?P<sign>//|::|\.\.|!=|<=|>=|[()\[\],@/|+\-=<>*.])
    """,
    re.VERBOSE,
)
_OPERATOR_WORDS = frozenset({"and", "or", "div", "mod"})
_BEFORE_OPERAND = frozenset({"@", "::", "(", "[", ",", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">="})
_FULL_WIDTH = {"（": "(", "）": ")", "，": ",", "＝": "=", "＞": ">", "＜": "<", "＋": "+", "－": "-", "＊": "*"}
_FULL_WIDTH |= {"‘": "'", "’": "'", "“": '"', "”": '"', "．": ".", "／": "/", "［": "[", "］": "]", "、": ","}


class Token(NamedTuple):
    """``kind`` is number, literal, name, op (operators in words or signs), sign (brackets and the like) or end."""

    kind: str
    text: str
    at: int


def tokenize(text: str) -> list[Token]:
    """The tokens of an expression, the last one of kind ``end``.

    Raises:
        XPathSyntaxError: a character that no token begins with, or a quote without its partner.
    """
    tokens: list[Token] = []
    at, length = 0, len(text)
    operand_before = False
    while at < length:
        found = _TOKEN.match(text, at)
        if found is None:
            raise XPathSyntaxError(text, at, _what_is_wrong(text[at]))
        kind, word = found.lastgroup, found.group()
        if kind == "name":
            strange = _STRANGE.search(word)
            if strange:
                raise XPathSyntaxError(text, at + strange.start(), _what_is_wrong(strange.group()))
            if operand_before:
                if word not in _OPERATOR_WORDS:
                    raise XPathSyntaxError(text, at, f"“{word}”前面缺少运算符")
                kind = "op"
            tokens.append(Token(kind, word, at))
            operand_before = kind == "name"
        elif kind == "sign":
            if word in "|+-=<>" or word in ("!=", "<=", ">=") or (word == "*" and operand_before):
                tokens.append(Token("op", word, at))
                operand_before = False
            else:
                tokens.append(Token("sign", word, at))
                operand_before = word not in _BEFORE_OPERAND
        elif kind != "space":
            if operand_before:
                raise XPathSyntaxError(text, at, "两个值之间缺少运算符")
            tokens.append(Token(kind or "", word[1:-1] if kind == "literal" else word, at))
            operand_before = True
        at = found.end()
    tokens.append(Token("end", "", length))
    return tokens


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
