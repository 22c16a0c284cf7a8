"""Who lives in the county. Nobody lives behind these names; the area code is not given out."""

from __future__ import annotations

from sync.change import Content, Kind, NewRow, RootType, Write
from sync.scope import register_feed
from tests.services.five_years.county import FiveYears
from tests.services.living_county import VILLAGE

LI, TIAN, SON, WEI, GIRL, YOUNG = ("1" * 32, "2" * 32, "3" * 32, "4" * 32, "5" * 32, "6" * 32)
PAN, BRIDE = "7" * 32, "8" * 32
Person = tuple[str, str, str, str, str, str, str]  # uid, number, name, relation, sex, birth, marital
LIS: tuple[Person, ...] = (
    (LI, "01", "李德顺", "02", "1", "1958-01-01", "20"),
    (TIAN, "02", "田秀英", "10", "2", "1961-03-02", "20"),
    (SON, "03", "李建国", "20", "1", "1988-05-06", "20"),
    (WEI, "04", "王小维", "38", "2", "1990-07-08", "20"),
    (GIRL, "05", "李小花", "42", "2", "2016-09-10", ""),
    (YOUNG, "06", "李建军", "22", "1", "2003-11-30", "10"),
)
PANS: tuple[Person, ...] = (
    (PAN, "01", "潘大山", "02", "1", "1966-02-03", "40"),
    (BRIDE, "02", "潘小梅", "30", "2", "2005-04-05", "10"),
)


def idno(birth: str, sex: str, number: int) -> str:
    """A well-formed identity number of an area that is not given out."""
    digits = "529900" + birth.replace("-", "") + f"{number * 2 + (sex == '1'):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


def facts_of(person: Person) -> dict[str, str]:
    """What the register knows of a person."""
    uid, number, name, relation, sex, birth, marital = person
    known = {
        "mem_no": number, "mem_name": name, "mem_relation": relation, "mem_sex": sex, "mem_birth": birth,
        "mem_marital": marital, "mem_id_type": "1", "mem_idno": idno(birth, sex, int(uid[0]) * 7),
        "mem_ethnicity": "01", "mem_hukou_here": "1", "mem_econ_tied": "1", "mem_on_register": "1", "mem_family_pop": "1",
        "mem_live_place": "1", "mem_labour": "1" if "1962" < birth < "2010" else "4",
    }  # fmt: skip
    return {name: value for name, value in known.items() if value}


def household(county: FiveYears, number: str, people: tuple[Person, ...], **facts: str) -> str:
    """Enters a household as an import does; its root."""
    fields = {
        "hh_id": VILLAGE + number, "cov_village_code": VILLAGE, "cov_village_name": "双河村", "cov_group": "三组",
        "cov_hh_no": number, "hh_head_name": people[0][2], "hh_address": "三组大坪", "hh_phone": "16900002206",
        "hh_type_frame": "1", "hh_type_now": "1", "land_farm": "4.5", "hou_value": "72000", "fa_farm_value": "5200",
        "fa_farm_year": "2023", "fa_shop_value": "3650", "fa_shop_year": "2025", "hh_income_book": "9800", **facts,
    }  # fmt: skip
    writes = [Write((), field, value) for field, value in fields.items()]
    new = []
    for order, person in enumerate(people, 1):
        writes += [Write((person[0],), field, value) for field, value in facts_of(person).items()]
        new.append(NewRow("member", (person[0],), str(order)))
    root = county.office.changes.new_root()
    with county.office.database.transaction() as writing:
        county.office.changes.write(
            writing,
            Content(Kind.EDIT, tuple(writes), tuple(new)),
            root=root,
            root_type=RootType.HOUSEHOLD,
            feed=register_feed(VILLAGE),
        )
    return root
