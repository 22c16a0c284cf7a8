"""A census: dwelling, household, person and event inside one another, each told apart by its number, totals on the way up."""

from __future__ import annotations

from tests.forms.large.sheets import Sheets

DWELLING = ["type", "storeys", "walls", "roof", "floor", "water", "toilet", "kitchen", "light", "fuel", "waste", "road"]
HOUSEHOLD = [
    "tenure",
    "rooms",
    "sleeping",
    "radio",
    "television",
    "phone",
    "internet",
    "computer",
    "fridge",
    "bicycle",
    "motorcycle",
    "car",
    "boat",
    "plough",
    "solar_panel",
    "pump",
    "sewing_machine",
    "mill",
    "loom",
    "cattle",
]
PERSON = [
    "religion",
    "language",
    "born_here",
    "lived_before",
    "school_level",
    "reads",
    "writes",
    "works_now",
    "occupation",
    "industry",
    "status",
    "disability",
]


def census() -> Sheets:
    """The workbook."""
    book = Sheets("census_trial", "Census")
    book.settings = {"instance_name": "concat('EA ', ${area}, ': ', ${people}, ' persons')"}
    book.options("yn", {"1": ("Yes", "是"), "2": ("No", "否")})
    book.options("code", {str(n): f"Code {n}" for n in range(1, 7)} | {"96": "Other", "98": "Don't know"})
    book.options("sex", {"1": "Male", "2": "Female"})
    book.options(
        "relation", {"01": "Head", "02": "Spouse", "03": "Son or daughter", "04": "Parent", "10": "Not related"}
    )
    book.options("marital", {"1": "Never married", "2": "Married", "3": "Divorced", "4": "Widowed"})
    book.options("event", {"birth": "Birth", "death": "Death", "move": "Move", "marriage": "Marriage"})
    book.options(
        "area",
        {f"EA.{n:02}": f"Area {n}" for n in range(1, 8)},
        district={f"EA.{n:02}": f"d{n % 2}" for n in range(1, 8)},
    )
    book.options("district", "d0 d1")
    book.ask("start", "start")
    book.ask("select_one district", "district", "District", required="yes")
    book.ask("select_one area", "area", "Area", choice_filter="district = ${district}", required="yes")
    book.ask("date", "census_day", "Night of the census", default="2024-06-01")
    with book.repeat("dwelling", "Dwelling"):
        _dwelling(book)
    book.calculate("dwellings", "count(${dwelling})")
    book.calculate("households", "sum(${households_here})")
    book.calculate("people", "sum(${people_here})")
    book.calculate("oldest", "max(${person_age})")
    book.calculate("births", "count(${event}[./event_kind = 'birth'])")
    book.ask(
        "note",
        "end_note",
        "${dwellings} dwellings, ${households} households, ${people} persons, oldest ${oldest}, ${births} births.",
    )
    _agriculture(book)
    return book


def _dwelling(book: Sheets) -> None:
    book.calculate("dwelling_no", "position(..)")
    book.ask("text", "address", "Address of dwelling ${dwelling_no}")
    for item in DWELLING:
        book.ask("select_one code", f"d_{item}", f"Dwelling {item}")
        book.ask("text", f"d_{item}_other", "Specify", relevant=f"${{d_{item}}} = '96'")
    book.ask("select_one yn", "occupied", "Does anybody live here?")
    with book.repeat("household", "Household", relevant="${occupied} = 1"):
        _household(book)
    book.calculate("households_here", "count(${household})")
    book.calculate("people_here", "sum(${size})")


def _household(book: Sheets) -> None:
    book.calculate("household_no", "concat(${dwelling_no}, '-', position(..))")
    book.ask("text", "head_name", "Head of household ${household_no}", required="yes")
    for item in HOUSEHOLD:
        kind = "integer" if item in ("rooms", "sleeping", "cattle") else "select_one code"
        book.ask(
            kind,
            f"h_{item}",
            f"{item.capitalize()} of ${{head_name}}",
            constraint=". < 50" if kind == "integer" else "",
        )
    book.ask("note", "crowded", "Crowded: ${h_sleeping} of ${h_rooms}", relevant="${h_sleeping} > ${h_rooms}")
    with book.repeat("person", "Person"):
        _person(book)
    book.calculate("size", "count(${person})")
    book.calculate("heads", "count(${person}[./person_relation = '01'])")
    book.calculate("mean_age", "if(${size} > 0, round(sum(${person_age}) div ${size}, 1), '')")
    book.calculate("women_fertile", "count(${person}[person_sex = '2' and person_age >= 15 and person_age < 50])")
    book.ask(
        "note", "one_head", "There are ${heads} heads in ${household_no}.", relevant="${heads} != 1 and ${size} > 0"
    )


def _person(book: Sheets) -> None:
    book.calculate("person_no", "position(..)")
    book.calculate("person_key", "concat(${household_no}, '/', ${person_no})")
    book.calculate("dwelling_of", "position(../../..)")
    book.ask("text", "person_name", "Name of person ${person_key}")
    book.ask(
        "select_one relation",
        "person_relation",
        "Relation to ${head_name}",
        choice_filter="name != '01' or position(current()/..) = 1",
    )
    book.ask("select_one sex", "person_sex", "Sex")
    book.ask(
        "date",
        "person_birth",
        "Date of birth",
        constraint=". <= ${census_day}",
        constraint_message=("After ${census_day}", "晚于 ${census_day}"),
    )
    book.calculate(
        "person_age",
        "if(${person_birth} != '', int((decimal-date-time(${census_day}) - decimal-date-time(${person_birth})) div 365.25), '')",
    )
    book.ask("select_one marital", "person_marital", "Marital status", relevant="${person_age} >= 12")
    for number, item in enumerate(PERSON):
        least = (0, 3, 5, 10)[number % 4]
        book.ask(
            "select_one code",
            f"p_{item}",
            f"{item.replace('_', ' ')} of ${{person_name}}",
            relevant=f"${{person_age}} >= {least}",
        )
        book.ask("text", f"p_{item}_other", "Specify", relevant=f"selected(${{p_{item}}}, '96')")
    with book.group(
        "fertility", "Children born", relevant="${person_sex} = '2' and ${person_age} > 14 and ${person_age} < 50"
    ):
        book.ask("integer", "born", "Born alive", constraint=". <= 12")
        book.ask("integer", "living", "Still living", constraint=". <= ${born}", relevant="${born} > 0")
        book.calculate("lost", "${born} - coalesce(${living}, 0)")
    with book.repeat("event", "Event in the last year"):
        book.ask("select_one event", "event_kind", "What happened to ${person_name}?")
        book.ask(
            "date",
            "event_day",
            "When?",
            constraint=". <= ${census_day} and (${person_birth} = '' or . >= ${person_birth})",
        )
        book.calculate("event_key", "concat(${person_key}, ':', position(..), ${event_kind})")
        book.ask("integer", "event_age", "Age of the dead", relevant="${event_kind} = 'death'")
    book.calculate("event_list", "join(' ', ${event_key})")
    book.calculate("last_event", "max(${event_day})")


def _agriculture(book: Sheets) -> None:
    crops = "rice maize wheat barley beans peas potato cassava cotton tea coffee sugar banana mango tomato onion cabbage pepper "
    crops = (
        crops + "millet sorghum oats rye sesame lentils yam taro pumpkin carrot garlic ginger apple pear plum grape"
    ).split()
    stock = [
        "cattle",
        "buffalo",
        "sheep",
        "goats",
        "pigs",
        "horses",
        "mules",
        "donkeys",
        "camels",
        "rabbits",
        "chicken",
        "ducks",
        "geese",
        "turkeys",
        "bees",
    ]
    with book.group("farming", "Farming in the area", relevant="${people} > 0"):
        for crop in crops:
            with book.group(f"crop_{crop}", crop.capitalize(), appearance="field-list w4"):
                book.ask("select_one yn", f"{crop}_grown", f"Is {crop} grown?")
                book.ask(
                    "decimal",
                    f"{crop}_area",
                    "Area (ha)",
                    relevant=f"${{{crop}_grown}} = '1'",
                    constraint=". >= 0 and . <= 500",
                )
                book.ask("decimal", f"{crop}_harvest", "Harvest (t)", relevant=f"${{{crop}_area}} > 0")
                book.ask("select_one code", f"{crop}_use", "Mostly used for", relevant=f"${{{crop}_harvest}} > 0")
                book.ask(
                    "select_multiple code",
                    f"{crop}_trouble",
                    "Troubles",
                    relevant=f"${{{crop}_grown}} = '1' and not(${{{crop}_harvest}} > 1)",
                )
                book.calculate(
                    f"{crop}_yield", f"if(${{{crop}_area}} > 0, round(${{{crop}_harvest}} div ${{{crop}_area}}, 2), 0)"
                )
        for animal in stock:
            book.ask("integer", f"{animal}_number", f"How many {animal}?", constraint=". < 1000")
            book.ask(
                "integer",
                f"{animal}_sold",
                f"{animal.capitalize()} sold",
                constraint=f". <= ${{{animal}_number}}",
                relevant=f"${{{animal}_number}} > 0",
            )
            book.ask("decimal", f"{animal}_price", "Price each", relevant=f"${{{animal}_sold}} > 0")
        book.calculate("sales", " + ".join(f"coalesce(${{{a}_sold}}, 0) * coalesce(${{{a}_price}}, 0)" for a in stock))
        book.calculate("hectares", " + ".join(f"coalesce(${{{crop}_area}}, 0)" for crop in crops))
