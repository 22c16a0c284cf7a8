"""Made-up people: no number in here can belong to anybody.

Area code 529900 was never assigned, so an identity number with a right check digit still belongs to nobody; mobile numbers begin with
169, which no operator has been given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

AREA = "529900"
_SURNAMES = "周田郑张曾赵彭石刘王陈杨李何罗谭覃冉向吴黄徐孙马朱胡林郭梁谢宋唐许邓冯韩曹袁董萧程潘田蒋姜龙"
_MALE = "建国文强德顺光明大贵显华小兵长庚立新志远春生永福开富兴旺世杰家宝成林金山水根正才明亮少华国平"
_FEMALE = "秀英桂兰玉梅菊香冬梅泽芳素珍小禾雨桐春燕月娥翠花丽华彩云凤英红霞海棠玉珍秋菊腊梅"
_RARE = ("𬭚", "𫖮", "䶮")  # names with rare characters exist; print and search must bear them
_ETHNIC = (("01", 60), ("03", 2), ("06", 20), ("08", 8), ("09", 6), ("15", 4))
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def check_digit(first17: str) -> str:
    """The last place of an identity number (GB 11643)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def identity_number(chance: Random, born: date, male: bool) -> str:
    """A number with a right check digit in an area that does not exist."""
    order = chance.randrange(0, 500) * 2 + (1 if male else 0)
    first17 = f"{AREA}{born:%Y%m%d}{order % 1000:03d}"
    return first17 + check_digit(first17)


def phone_number(chance: Random) -> str:
    """Eleven digits of a prefix that no operator has."""
    return f"169{chance.randrange(10**8):08d}"


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """A member. ``relation`` is a code of list relation."""

    name: str
    male: bool
    born: date
    relation: str
    ethnicity: str
    idno: str = field(repr=False)


def given_name(chance: Random, male: bool) -> str:
    """One or two characters, rarely a rare one."""
    source = _MALE if male else _FEMALE
    start = chance.randrange(len(source) // 2) * 2
    name = source[start : start + 2]
    if chance.random() < 0.01:
        return chance.choice(_RARE)
    return name if chance.random() < 0.85 else name[1]


def household(chance: Random, today: date) -> list[MadeUpPerson]:
    """A family of one to seven in three generations, the head first."""
    ethnicity = chance.choices([code for code, _ in _ETHNIC], [weight for _, weight in _ETHNIC])[0]
    surname = chance.choice(_SURNAMES)
    head_age = chance.randint(34, 74)
    people = [_person(chance, today, surname, True, head_age, "02", ethnicity)]
    if chance.random() < 0.85:
        people.append(
            _person(
                chance,
                today,
                chance.choice(_SURNAMES),
                False,
                max(20, head_age - chance.randint(-2, 5)),
                "10",
                ethnicity,
            )
        )
    children = chance.choices((0, 1, 2, 3), (15, 35, 40, 10))[0]
    married_son = False
    for _ in range(children):
        age = head_age - chance.randint(21, 30)
        if age < 0:
            continue
        male = chance.random() < 0.52
        people.append(_person(chance, today, surname, male, age, "20" if male else "30", ethnicity))
        if male and age >= 24 and not married_son and chance.random() < 0.5:
            married_son = True
            people.append(_person(chance, today, chance.choice(_SURNAMES), False, max(20, age - 2), "38", ethnicity))
            for _ in range(chance.choice((1, 1, 2))):
                little = max(0, age - chance.randint(21, 26))
                boy = chance.random() < 0.52
                people.append(_person(chance, today, surname, boy, little, "41" if boy else "42", ethnicity))
    if head_age < 60 and chance.random() < 0.3:
        people.append(_person(chance, today, surname, False, head_age + chance.randint(20, 27), "52", ethnicity))
    return people[:8]


def _person(
    chance: Random, today: date, surname: str, male: bool, age: int, relation: str, ethnicity: str
) -> MadeUpPerson:
    born = date(today.year - age, 1, 1) + timedelta(days=chance.randrange(0, 365))
    if born > today:
        born = today - timedelta(days=chance.randrange(30, 200))
    return MadeUpPerson(
        surname + given_name(chance, male), male, born, relation, ethnicity, identity_number(chance, born, male)
    )
