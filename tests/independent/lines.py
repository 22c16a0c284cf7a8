"""The fixed rows of the questionnaire's grids, as quarterly.md 5 to 7 list them."""

from __future__ import annotations


def _named(prefix: str, words: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{word}" for word in words.split())


def _numbered(first: int, names: tuple[str, ...]) -> dict[int, str]:
    return dict(enumerate(names, first))


# QD4, QD5: item code → variable. What counts for monitoring is in the parameters mon_301 …
PROPERTY = _numbered(301, _named("prop", "interest div col_div coop_div land house asset ins other"))
TRANSFERS = _numbered(
    401,
    _named(
        "trf",
        "pen_emp pen_res pen_oth dibao tekun temp dis_life dis_care dis_oth old child birth vet edu med land crop mach eco "
        "ind job life resv disaster donate support",
    ),
) | {429: "trf_col", 430: "trf_other"}

COSTS = _named(
    "cost",
    "seed fert manure pest film mach water fuel labor land tool young feed vet forest repair ins int oth1",
)
PROPERTY_SPENDING = ("pe_interest", "pe_other")
TRANSFER_SPENDING = _named("te", "tax pen med ins support out donate village other")
OTHER_SPENDING = _named("ne", "repay_bank repay_pri lend save house gift bride insure invest loss car other")
ASSETS_1 = ("house", "farm", "trans", "animal", "fishery", "other")
ASSETS_2 = ("process",)
ASSETS_3 = ("shop",)
BIZ_COSTS = _named("b", "goods labor rent energy interest other")
SECOND_SECTOR = ("B", "C", "D", "E")

# QF: stems of the eight classes, and which branch own produce belongs to.
CONSUMPTION: dict[int, tuple[str, ...]] = {
    1: _named(
        "cf",
        "rice flour grain tuber bean oil lard veg fungi pork beef mutton meat fowl fish egg milk fruit nut sugar season other "
        "drink tea smoke liquor beer canteen out mill fete",
    ),
    2: _named("cc", "wear cloth acc make shoe shoefix"),
    3: _named("ch", "rent fix mgmt water elec lpg gas coal wood fuel heat ins other"),
    4: _named("cl", "furn deco big small tool bed curt kitchen wash misc makeup care serve repair"),
    5: _named("ct", "car moto ebike fuel fix fee long bus taxi phone tel net post"),
    6: _named("ce", "kg pri mid high voc univ dorm book tutor adult tv pc gear toy cable play trip other"),
    7: _named("cm", "drug herb tonic device out in care exam"),
    8: _named("co", "jewel bag hotel hair funeral oldcare ins fin other"),
}
SCHOOL = _named("ce", "kg pri mid high voc univ dorm book")
BRANCHES: dict[str, tuple[str, ...]] = {
    "own_farm": _named("cf", "rice flour grain tuber bean oil veg fungi fruit tea"),
    "own_forest": ("cf_nut", "ch_wood"),
    "own_animal": _named("cf", "lard pork beef mutton meat fowl egg milk"),
    "own_fish": ("cf_fish",),
}
FREE_FROM_EMPLOYER = {1: "cf_free_emp", 2: "cc_free_emp", 4: "cl_free_emp"}
FREE_FROM_STATE = {1: "cf_free_gov", 2: "cc_free_gov", 4: "cl_free_gov", 6: "ce_free_gov"}
