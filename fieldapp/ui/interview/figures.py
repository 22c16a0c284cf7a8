"""Figures as people say and type them: sums, 斤, ×3, 万, full-width digits; and amounts read back in words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from fieldapp.words import _, language

__all__ = ["Figure", "FigureUnclear", "echo", "in_words", "shown", "understand"]

MONEY_UNITS = ("元", "块", "yuan")
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?|\.\d+)\s*([jJyYwW斤万]?)|([-+*/()]))")
_FACTORS = {"j": Decimal("0.5"), "斤": Decimal("0.5"), "y": Decimal(3), "w": Decimal(10000), "万": Decimal(10000)}
_LONGEST = 60
_LARGEST = Decimal(10) ** 15


class FigureUnclear(Exception):
    """What was typed is no figure. ``sentence`` says what to type, in the language of the program."""

    def __init__(self, sentence: str) -> None:
        super().__init__("figure unclear")
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as understood.

    Attributes:
        value: plain digits, as saved; "" for blank.
        computed: something was converted or computed, so that the result is worth showing.
    """

    value: str
    computed: bool = False


def ascii_figure(text: str) -> str:
    """Full-width digits and signs, ``。`` and ``，`` as ASCII; thousands commas gone."""
    text = unicodedata.normalize("NFKC", text.replace("。", ".").replace("、", ","))
    text = text.replace("×", "*").replace("÷", "/").replace("－", "-").replace("—", "-").replace("−", "-").strip()
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)


def understand(text: str, *, integer: bool = False, unit: str = "") -> Figure:
    """Reads a figure, a sum (``120+80``, ``860*3``, ``=2.5*480``) or a helper (``30j``, ``215y``, ``1.2w``).

    Args:
        text: as typed.
        integer: whether only whole numbers can be kept.
        unit: unit of the question; it may stand behind the figure; money is rounded to two places.

    Raises:
        FigureUnclear: with the sentence for the person.
    """
    plain = ascii_figure(text)
    if not plain:
        return Figure("")
    computed = plain.startswith("=")
    plain = plain.removeprefix("=")
    if unit and plain.endswith(unit) and unit not in _FACTORS:
        plain = plain.removesuffix(unit).rstrip()
    if len(plain) > _LONGEST:
        raise FigureUnclear(_("算式太长了，分两次算"))
    value = _Sum(plain, unit).value()
    computed = computed or not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", plain)
    if abs(value) >= _LARGEST:
        raise FigureUnclear(_("数太大了，核对一下位数"))
    if integer:
        if value != value.to_integral_value():
            raise FigureUnclear(_("这里要整数，不带小数"))
        return Figure(str(int(value)), computed)
    if computed:
        places = Decimal("0.01") if unit in MONEY_UNITS else Decimal("0.0001")
        value = value.quantize(places, ROUND_HALF_UP)
    return Figure(_digits(value), computed)


class _Sum:
    """A small calculator over Decimal: + - * / and brackets, helpers behind figures."""

    def __init__(self, text: str, unit: str) -> None:
        self._unit = unit
        self._parts: list[Decimal | str] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise FigureUnclear(
                    _("“{text}”不是数。只打数字，或 120+80、860*3、30j、215y、1.2w").format(text=text[at:][:8].strip())
                )
            digits, helper, sign = found.groups()
            if sign:
                self._parts.append(sign)
            else:
                self._parts.append(Decimal(digits) * self._factor(helper.lower()))
            at = found.end()
        self._at = 0

    def _factor(self, helper: str) -> Decimal:
        if helper in ("j", "斤") and self._unit in ("斤", "吨"):
            return Decimal(1) if self._unit == "斤" else Decimal("0.0005")
        return _FACTORS.get(helper, Decimal(1))

    def value(self) -> Decimal:
        try:
            value = self._terms()
        except (InvalidOperation, ZeroDivisionError, IndexError) as error:
            raise FigureUnclear(_("算式没写完，或除数是 0")) from error
        if self._at != len(self._parts):
            raise FigureUnclear(_("算式没写完，或除数是 0"))
        return value

    def _take(self, signs: str) -> str:
        part = self._parts[self._at] if self._at < len(self._parts) else None
        if isinstance(part, str) and part in signs:
            self._at += 1
            return part
        return ""

    def _terms(self) -> Decimal:
        value = self._factors()
        while sign := self._take("+-"):
            other = self._factors()
            value = value + other if sign == "+" else value - other
        return value

    def _factors(self) -> Decimal:
        value = self._one()
        while sign := self._take("*/"):
            other = self._one()
            value = value * other if sign == "*" else value / other
        return value

    def _one(self) -> Decimal:
        if self._take("-"):
            return -self._one()
        if self._take("+"):
            return self._one()
        if self._take("("):
            value = self._terms()
            if not self._take(")"):
                raise InvalidOperation
            return value
        part = self._parts[self._at]
        if isinstance(part, str):
            raise InvalidOperation
        self._at += 1
        return part


def _digits(value: Decimal) -> str:
    """Without exponent and without zeros at the end."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def shown(value: str) -> str:
    """A saved figure with thousands commas; anything else as it is."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return f"{number:,f}" if number.is_finite() else value


_DIGITS = "零一二三四五六七八九"


def in_words(amount: Decimal) -> str:
    """An amount in everyday Chinese words: 1200 → 一千二百, 100050 → 十万零五十, 2.5 → 二点五."""
    if amount < 0:
        return "负" + in_words(-amount)
    whole = int(amount)
    text = _whole_words(whole)
    rest = _digits(amount - whole)[2:] if amount != whole else ""
    return text + ("点" + "".join(_DIGITS[int(digit)] for digit in rest) if rest else "")


def _whole_words(number: int) -> str:
    if number == 0:
        return "零"
    text, rest, started = "", number, False
    for size, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        part, rest = divmod(rest, size)
        if not part:
            if started and rest and not text.endswith("零"):
                text += "零"
            continue
        if started and part < 1000 and not text.endswith("零"):
            text += "零"
        text += _thousands(part) + name
        started = True
    text = text.rstrip("零")
    return text[1:] if text.startswith("一十") else text


def _thousands(number: int) -> str:
    text, gap = "", False
    for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return text


def echo(text: str, *, integer: bool = False, unit: str = "") -> str:
    """What stands beside a figure while it is typed: the amount in words, the conversion, or the result of a sum; "" for nothing."""
    try:
        figure = understand(text, integer=integer, unit=unit)
    except FigureUnclear as unclear:
        return unclear.sentence
    if not figure.value:
        return ""
    plain = ascii_figure(text)
    number = Decimal(figure.value)
    if found := re.fullmatch(r"([\d.]+)\s*[jJ斤]", plain):
        if unit in ("公斤", "kg"):
            return _("{a} 斤 ＝ {b} 公斤").format(a=shown(found[1].rstrip(".")), b=shown(figure.value))
    elif (found := re.fullmatch(r"([\d.]+)\s*[yY]", plain)) is not None:
        return _("每月 {a}，3 个月 {b}").format(a=shown(found[1].rstrip(".")), b=shown(figure.value))
    words = ""
    if unit in MONEY_UNITS:
        words = _amount_words(number)
    elif unit == "亩" and number > 0:
        metres = (number * Decimal("666.67")).to_integral_value(ROUND_HALF_UP)
        words = _("约 {m} 平方米").format(m=shown(str(metres)))
    if figure.computed:
        return f"＝ {shown(figure.value)}" + (f"　{words}" if words else "")
    return words


def _amount_words(number: Decimal) -> str:
    if language() == "en":
        return f"{number:,f} yuan"
    whole = int(abs(number))
    fen = int((abs(number) - whole) * 100)
    text = ("负" if number < 0 else "") + _whole_words(whole) + "元"
    if fen:
        text += (_DIGITS[fen // 10] + "角" if fen // 10 else "零") + (_DIGITS[fen % 10] + "分" if fen % 10 else "")
    return text
