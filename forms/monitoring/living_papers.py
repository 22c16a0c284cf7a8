"""Identity numbers of people (GB 11643): form, check digit, and what the number says of birth and sex (annual B106)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from forms.monitoring.living_errors import RegisterRefused

_SHAPE: Final = re.compile(r"[1-8][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
RESIDENT_CARD: Final = "1"


class IdentityNumberWrong(RegisterRefused):
    """An identity number that cannot be, or that contradicts birth date or sex."""

    zh = "证件号码不对：{why}。对照证件改好再登记，名册没有动。"


def check_papers(facts: Mapping[str, str]) -> None:
    """An identity card number must fit its check digit, the birth date and the sex; other papers are not looked at.

    Raises:
        IdentityNumberWrong: names no digit of the number.
    """
    number = facts.get("mem_idno", "").upper()
    if not number or facts.get("mem_id_type", RESIDENT_CARD) not in ("", RESIDENT_CARD):
        return
    if not _SHAPE.fullmatch(number):
        raise IdentityNumberWrong("shape", why="不是 18 位身份证号")
    if (
        _CHECKS[sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True)) % 11]
        != number[17]
    ):
        raise IdentityNumberWrong("check digit", why="末位校验码不符")
    birth = facts.get("mem_birth", "")
    if birth and birth.replace("-", "") != number[6:14]:
        raise IdentityNumberWrong("birth", why="与出生日期不一致")
    sex = facts.get("mem_sex", "")
    if sex in ("1", "2") and (int(number[16]) % 2 == 1) != (sex == "1"):
        raise IdentityNumberWrong("sex", why="与性别不符")
