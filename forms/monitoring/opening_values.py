"""Single values of a county's tables: identity numbers, codes, days and labels as people write them.

Full-width digits, stray blanks, days as Excel numbers or in Chinese, labels for codes: all become what codelists.md says. What Excel has
destroyed (a number of more than 15 digits) is refused by name, never rounded (codelists.md 3).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from forms.monitoring.opening import Faulty, Numeric, plain
from forms.monitoring.register_fields import FRAME_OUT, HOUSEHOLD_STATES
from forms.phrases import Phrase
from forms.questionnaires.sources import FOLDER

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_PROVINCES: Final = (
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
)
_BLANK: Final = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "null", "none", "n/a", "#n/a", "nan"})
MOST_EXACT: Final = 15  # digits that Excel keeps of a number


class Destroyed(ValueError):
    """A long number that a spreadsheet has turned into 1.2E+17: its last places are lost."""


def clean(value: str) -> str:
    """Text without blanks around it, full-width letters and digits as half-width ones, one blank for many."""
    if not value or (value.isascii() and value.isalnum()):
        return value if type(value) is str else str(value)
    flat = unicodedata.normalize("NFKC", value).replace("\u200b", "").replace("\ufeff", "").replace("\xad", "")
    return re.sub(r"\s+", " ", flat).strip().lstrip("'`’")


def text(value: str) -> str:
    """A free text, "" for what people write for nothing."""
    found = clean(value)
    return "" if found.lower() in _BLANK else found


def person(value: str) -> str:
    """A name; the blank by which tables stretch a name of two characters (周　顺) goes, that of other scripts stays."""
    found = text(value)
    return found.replace(" ", "") if re.fullmatch(r"[㐀-鿿𠀀-𳎯 ·]+", found) else found


def code(value: str) -> str:
    """A code of digits and letters.

    Raises:
        Destroyed: a number of more digits than a spreadsheet keeps, or one in 1.2E+17.
    """
    found = clean(value).replace(" ", "")
    if re.fullmatch(r"[+-]?\d(\.\d+)?[eE]\+?\d{2,}", found):
        raise Destroyed("scientific")
    if isinstance(value, Numeric) and len(re.sub(r"\D", "", found.partition(".")[0])) > MOST_EXACT:
        raise Destroyed("a number")
    found = re.sub(r"\.0+$", "", found) if isinstance(value, Numeric) else found
    return "" if found.lower() in _BLANK else found.upper()


def check_digit(first17: str) -> str:
    """The last place of an identity number (GB 11643)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def idno_problem(idno: str) -> str:
    """What is wrong with an identity number, "" if nothing is. 20 and 22 places are a certificate of disability (codelists.md 3)."""
    if len(idno) == 15 and idno.isdigit():
        return "是 15 位旧号，须换成 18 位"
    if len(idno) in (20, 22):
        if idno[18:19] not in "1234567" or idno[19:20] not in "1234" or (len(idno) == 22 and idno[20] != "B"):
            return "像残疾人证号，后几位不对"
        idno = idno[:18]
    if len(idno) != 18:
        return Phrase("有 {n} 位，应是 18 位", n=len(idno))
    if not idno[:17].isdigit() or (not idno[17].isdigit() and idno[17] != "X"):
        return "里面有不该有的字"
    if idno[:2] not in _PROVINCES:
        return "开头两位不是省份"
    if born_of(idno) is None:
        return "里面的出生日期不存在"
    if check_digit(idno[:17]) != idno[17]:
        if idno.endswith("000"):
            return "后三位是 000，多半被 Excel 抹掉了"
        return "最后一位校验码不对，有一位抄错了"
    return ""


def born_of(idno: str) -> date | None:
    """The day of birth in an identity number; None when there is no such day, or before 1900."""
    try:
        born = date(int(idno[6:10]), int(idno[10:12]), int(idno[12:14]))
    except ValueError:
        return None
    return born if born.year >= 1900 else None


def sex_of(idno: str) -> str:
    """Code of the list sex by the 17th place."""
    return "1" if int(idno[16]) % 2 else "2"


_CHINESE_DIGITS: Final = str.maketrans("〇○零一二三四五六七八九", "000123456789")


def _chinese_number(words: str) -> str:
    """十 → 10, 二十一 → 21; digits of a year one by one."""
    plain_digits = words.translate(_CHINESE_DIGITS)
    match = re.fullmatch(r"(\d?)十(\d?)", plain_digits)
    if match:
        return f"{match.group(1) or 1}{match.group(2) or 0}"
    return plain_digits


_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}.*)?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")


def day(value: str) -> str:
    """A day as ISO text: 1963-1-1, 1963/1/1, 1963.1.1, 19630101, 1963年1月1日, 一九六三年一月一日, or Excel's number of it; "" for nothing.

    Raises:
        ValueError: no day.
    """
    found = text(value)
    if not found:
        return ""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", found):
        return date.fromisoformat(found).isoformat()
    if re.fullmatch(r"\d{8}", found):
        return date(int(found[:4]), int(found[4:6]), int(found[6:])).isoformat()
    if re.fullmatch(r"\d{4,5}(\.\d+)?", found) and (isinstance(value, Numeric) or len(found.partition(".")[0]) == 5):
        serial = int(float(found))
        if 366 < serial < 60000:
            return (date(1899, 12, 30) + timedelta(days=serial)).isoformat()
    if "年" in found and not found[0].isdigit():
        found = re.sub(r"[〇○零一二三四五六七八九十]+", lambda match: _chinese_number(match.group()), found)
    match = _DAY.fullmatch(found)
    if match is None:
        raise ValueError("no day")
    return date(int(match.group(1)), int(match.group(2)), int(match.group(3))).isoformat()


def birth(value: str) -> str:
    """A day of birth. Of a month alone (1963.01) the day is not made up: it is "" and the identity number says it.

    Raises:
        ValueError: neither.
    """
    try:
        return day(value)
    except ValueError:
        if re.fullmatch(_MONTH, text(value)):
            return ""
        raise


def month(value: str) -> str:
    """A month as 2021-05, also from a whole day or 202105; "" for nothing.

    Raises:
        ValueError: no month.
    """
    found = text(value)
    if re.fullmatch(r"\d{6}", found):
        found = f"{found[:4]}-{found[4:]}"
    match = _MONTH.fullmatch(found)
    if match is not None:
        return date(int(match.group(1)), int(match.group(2)), 1).isoformat()[:7]
    return day(value)[:7]


def year(value: str) -> str:
    """A year of four digits, also from a day or month; "" for nothing.

    Raises:
        ValueError: no year.
    """
    found = text(value).removesuffix("年度").removesuffix("年")
    if re.fullmatch(r"(19|20)\d\d", found):
        return found
    return month(value)[:4] if found else ""


# --- code lists --------------------------------------------------------------------------------------------------------

# What the national system and county tables write for a code, beside the list's own labels (codelists.md 1.3, 16).
_OTHER_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sex": {"男性": "1", "女性": "2"},
    "yes_no": {"有": "1", "y": "1", "√": "1", "无": "2", "没有": "2", "n": "2", "×": "2", "x": "2", "0": "2"},
    "hh_type": {
        "脱贫户": "1", "建档立卡脱贫户": "1", "建档立卡户": "1", "脱贫不稳定户": "2", "边缘易致贫户": "3", "边缘户": "3",
        "突发严重困难户": "4", "一般农户": "5", "一般户": "5", "普通农户": "5", "非脱贫户": "5",
    },
    "relation": {
        "本人": "02", "本人或户主": "02", "之子": "20", "长子": "20", "次子": "20", "三子": "20", "子": "20", "独生子": "20",
        "之女": "30", "长女": "30", "次女": "30", "三女": "30", "女": "30", "独生女": "30", "之儿媳": "38", "媳": "38",
        "之女婿": "28", "之孙子": "41", "之孙女": "42", "之外孙子": "43", "之外孙女": "44", "之曾孙子": "47", "之曾孙女": "48",
        "之父": "51", "父": "51", "之母": "52", "母": "52", "之公公": "53", "之婆婆": "54", "之岳父": "55", "之岳母": "56",
        "之祖父": "61", "之祖母": "62", "之外祖父": "63", "之外祖母": "64", "之侄儿": "93", "侄儿": "93", "之侄女": "94",
        "妻": "10", "妻子": "10", "丈夫": "10", "夫": "10", "哥哥": "71", "弟弟": "73", "姐姐": "75", "妹妹": "77", "其他": "97",
        "孙": "41", "外孙": "43", "孙媳": "45", "孙媳妇": "45", "儿媳妇": "38",
    },
    "health": {"健康": "1", "长期慢性病": "2", "慢性病": "2", "患有大病": "3", "大病": "3", "残疾": "4"},
    "labour_skill": {"普通劳动力": "1", "技能劳动力": "2", "弱劳动力": "3", "半劳动力": "3", "弱劳动力或半劳动力": "3"},
    "id_type": {"身份证": "1", "户口簿": "2", "残疾证": "3"},
}  # fmt: skip


_OWN_LISTS: Final[Mapping[str, Mapping[str, str]]] = {"frame_out": FRAME_OUT, "hh_state": HOUSEHOLD_STATES}


@lru_cache(maxsize=64)
def labels(list_name: str) -> Mapping[str, str]:
    """Plain label or code → code of a list of codelists.md."""
    found: dict[str, str] = {}
    for one, words in _OWN_LISTS.get(list_name, {}).items():
        found |= {one: one, plain(words): one}
    with (FOLDER / "choices.csv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        heads = next(lines)
        name_at, label_at = heads.index("name"), heads.index("label::中文 (zh)")
        for line in lines:
            if line[1] == list_name:
                found[line[name_at].lower()] = line[name_at]
                found[plain(line[label_at])] = line[name_at]
                if list_name == "ethnicity":
                    found[plain(line[label_at]).removesuffix("族")] = line[name_at]
    for words, one in _OTHER_WORDS.get(list_name, {}).items():
        found.setdefault(plain(words) or words, one)
        found.setdefault(words, one)
    return found


@lru_cache(maxsize=1024)
def label(list_name: str, code_of: str) -> str:
    """What a code of a list stands for; the code itself when the list does not have it."""
    if list_name in _OWN_LISTS:
        return _OWN_LISTS[list_name].get(code_of, code_of)
    with (FOLDER / "choices.csv").open(encoding="utf-8", newline="") as file:
        return next((line[3] for line in csv.reader(file) if line[1:3] == [list_name, code_of]), code_of)


def chosen(value: str, list_name: str) -> str:
    """The code of a list that a cell names, by code (also without its leading zero) or by label; "" for nothing.

    Raises:
        ValueError: neither.
    """
    found = clean(value)
    if not found:
        return ""
    known = labels(list_name)
    code_of = known.get(found) or known.get(found.lower()) or known.get(plain(found))
    if code_of is None and found.isdigit():
        code_of = next((one for one in set(known.values()) if one.isdigit() and int(one) == int(found)), None)
    if code_of is None:
        if found.lower() in _BLANK:
            return ""
        raise ValueError("no code")
    return code_of


def several(value: str, list_name: str) -> str:
    """Codes of a list of several choices, joined by blanks.

    Raises:
        ValueError: one of them is not in the list.
    """
    parts = [part for part in re.split(r"[,，;；、|]\s*", clean(value)) if part]
    return " ".join(dict.fromkeys(one for one in (chosen(part, list_name) for part in parts) if one))


def number(value: str) -> str:
    """A whole or decimal number as text; "" for nothing.

    Raises:
        ValueError: no number.
    """
    found = text(value).replace(",", "")
    if not found:
        return ""
    if isinstance(value, Faulty) or not re.fullmatch(r"\d{1,12}(\.\d+)?", found):
        raise ValueError("no number")
    whole, _, rest = found.partition(".")
    rest = rest.rstrip("0")
    return f"{int(whole)}.{rest}" if rest else str(int(whole))
