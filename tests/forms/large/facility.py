"""A survey of health facilities: grids of choices, stock lists, shares and days, in three languages with gaps."""

from __future__ import annotations

from tests.forms.large.sheets import Sheets

AREAS = {
    "outpatient": "chairs screen scale thermometer stethoscope blood_pressure torch soap water gloves bin guidelines register",
    "delivery": "bed lamp suction forceps gloves oxytocin partograph warmer bag_and_mask cord_clamp towel scale register",
    "laboratory": "microscope slides stains centrifuge fridge reagents test_hiv test_malaria test_syphilis glucose haemoglobin",
    "pharmacy": "shelves fridge stock_cards amoxicillin paracetamol zinc salts iron act cotrimoxazole oxytocin diazepam insulin",
    "vaccines": "carrier ice_packs thermometer bcg polio measles pentavalent pneumococcal rotavirus tetanus syringes boxes",
    "ward": "beds mattresses nets sheets curtains drip_stand oxygen trolley lockers nurse_desk emergency_kit screen bell",
    "theatre": "table lamp anaesthesia suction steriliser instruments drapes gowns generator monitor saw theatre_register",
}
STAFF = "doctor officer nurse midwife pharmacist technician cleaner guard"
SERVICES = "antenatal delivery postnatal family_planning vaccination child_care tb hiv malaria surgery x_ray dental mental eyes ears skin blood_bank ambulance laboratory_tests"


def facility() -> Sheets:
    """The workbook."""
    book = Sheets("facility_2024", "Facility readiness")
    book.settings = {
        "style": "pages",
        "namespaces": 'fac="http://example.org/facility"',
        "instance_name": "${name_shown}",
    }
    book.options(
        "seen",
        {"1": ("Seen, works", "见到，能用"), "2": ("Seen, broken", "见到，坏的"), "3": "Reported", "4": "Not there"},
    )
    book.options("yn", {"yes": ("Yes", "是"), "no": ("No", "否")})
    book.options("days", "mon tue wed thu fri sat sun")
    book.options("level", {"post": "Health post", "centre": "Health centre", "hospital": "Hospital"})
    book.files["facilities.csv"] = (
        "name,label,level,beds\n"
        + "\n".join(f"f{n},Facility {n},{('post', 'centre', 'hospital')[n % 3]},{n * 4}" for n in range(30))
        + "\n"
    )
    book.files["stock.xml"] = (
        "<list>"
        + "".join(f"<drug code='c{n}'><name>Drug {n}</name><unit>box</unit></drug>" for n in range(9))
        + "</list>"
    )
    _front(book)
    for area, items in AREAS.items():
        _area(book, area, items.split())
    _staff(book)
    _services(book)
    _stock(book)
    return book


def _front(book: Sheets) -> None:
    book.ask("start", "start")
    book.ask("background-audio", "sound", parameters="quality=voice-only")
    book.ask("select_one level", "level", ("Level", "级别"), **{"label::Français (fr)": "Niveau"})
    book.ask(
        "select_one_from_file facilities.csv",
        "facility",
        "Facility",
        choice_filter="level=${level}",
        appearance="autocomplete",
    )
    book.calculate("name_shown", "jr:choice-name(${facility}, '${facility}')")
    book.calculate("beds_known", "number(pulldata('facilities', 'beds', 'name', ${facility}))")
    book.ask("xml-external", "stock")
    book.ask(
        "integer",
        "beds",
        "Beds in ${name_shown} (known: ${beds_known})",
        default="${beds_known}",
        constraint=". >= 0 and . <= 500",
        **{"bind::fac:unit": "beds"},
    )
    book.ask("range", "occupancy", "Share of beds in use", parameters="start=0 end=100 step=5", appearance="no-ticks")
    book.ask("select_multiple days", "days", "Open on which days?", appearance="columns-pack")
    book.ask("time", "opens", "Opens at", relevant="count-selected(${days}) > 0")
    book.ask("time", "closes", "Closes at", constraint=". > ${opens}", relevant="${opens} != ''")
    book.calculate(
        "hours", "if(${closes} != '', round((decimal-time(${closes}) - decimal-time(${opens})) * 24, 1), '')"
    )
    book.ask("geoshape", "area_shape", "Walk round the plot")
    book.calculate("plot", "if(${area_shape} != '', round(area(${area_shape}), 0), 0)")
    book.ask("geotrace", "road", "Road")
    book.calculate("road_m", "if(${road} != '', int(distance(${road})), 0)")
    book.ask("barcode", "tag", "Tag of the building")


def _area(book: Sheets, area: str, items: list[str]) -> None:
    with book.group(
        area,
        area.capitalize(),
        relevant="${level} != ''" if area != "laboratory" else "${level} = 'hospital' or ${beds} > 10",
    ):
        book.ask("select_one yn", f"{area}_exists", f"Is there a {area} room?", required="yes")
        with book.group(
            f"{area}_grid", "What is there", appearance="field-list", relevant=f"${{{area}_exists}} = 'yes'"
        ):
            book.ask("select_one seen", f"{area}_head", "Item", appearance="label")
            for item in items:
                book.ask("select_one seen", f"{area}_{item}", item.replace("_", " "), appearance="list-nolabel")
        with book.group(
            f"{area}_broken", "Broken things", relevant=" or ".join(f"${{{area}_{item}}} = 2" for item in items[:5])
        ):
            for item in items[:5]:
                book.ask(
                    "date",
                    f"{area}_{item}_since",
                    "Broken since",
                    relevant=f"${{{area}_{item}}} = 2",
                    appearance="month-year",
                    constraint=". <= today()",
                )
                book.ask(
                    "text",
                    f"{area}_{item}_why",
                    f"Why is the {item} broken?",
                    relevant=f"${{{area}_{item}_since}} < date('2024-01-01')",
                )
        here = " + ".join(f"(${{{area}_{item}}} = 1)" for item in items)
        book.calculate(f"{area}_ready", f"round(({here}) div {len(items)} * 100, 0)")
        book.ask(
            "note",
            f"{area}_note",
            f"{area.capitalize()} is ready to ${{{area}_ready}} %",
            relevant=f"${{{area}_ready}} < 50",
        )


def _staff(book: Sheets) -> None:
    with book.group("staff", "Staff", appearance="field-list"):
        for post in STAFF.split():
            book.ask("integer", f"{post}_posts", f"Posts for {post}", constraint=". < 200")
            book.ask(
                "integer",
                f"{post}_filled",
                "Filled",
                constraint=f". <= ${{{post}_posts}}",
                constraint_message=(f"More than ${{{post}_posts}}", ""),
                relevant=f"${{{post}_posts}} > 0",
            )
            book.ask(
                "decimal",
                f"{post}_share",
                "Of these present today, in percent",
                constraint=". >= 0 and . <= 100",
                relevant=f"${{{post}_filled}} > 0",
            )
            book.calculate(f"{post}_gap", f"coalesce(${{{post}_posts}}, 0) - coalesce(${{{post}_filled}}, 0)")
        book.calculate("gap", " + ".join(f"${{{post}_gap}}" for post in STAFF.split()))
        book.calculate("worst_gap", "max(" + ", ".join(f"${{{post}_gap}}" for post in STAFF.split()) + ")")


def _services(book: Sheets) -> None:
    for service in SERVICES.split():
        with book.group(f"s_{service}", service.replace("_", " ").capitalize()):
            book.ask("select_one yn", f"{service}_given", f"Is {service} given?")
            book.ask(
                "select_multiple days",
                f"{service}_days",
                "On which days?",
                relevant=f"${{{service}_given}} = 'yes'",
                choice_filter="selected(${days}, name)",
            )
            book.ask(
                "integer",
                f"{service}_clients",
                "Clients last month",
                relevant=f"count-selected(${{{service}_days}}) >= 1",
                constraint=". <= 5000",
            )
            book.ask("decimal", f"{service}_fee", "Fee", relevant=f"${{{service}_clients}} > 0")
            book.ask("select_one yn", f"{service}_waived", "Waived for the poor?", relevant=f"${{{service}_fee}} > 0")
            book.calculate(
                f"{service}_income", f"coalesce(${{{service}_clients}}, 0) * coalesce(${{{service}_fee}}, 0)"
            )
    book.calculate("clients", " + ".join(f"coalesce(${{{service}_clients}}, 0)" for service in SERVICES.split()))
    book.calculate("income", " + ".join(f"${{{service}_income}}" for service in SERVICES.split()))


def _stock(book: Sheets) -> None:
    book.calculate("drugs", "count(instance('stock')/list/drug)")
    with book.repeat("drug", "Drug in stock", repeat_count="if(${level} = 'post', 2, 3)"):
        book.calculate("drug_code", "concat('c', position(..) - 1)")
        book.calculate("drug_name", "instance('stock')/list/drug[@code = current()/../drug_code]/name")
        book.ask("integer", "drug_amount", "Boxes of ${drug_name}", constraint=". >= 0")
        with book.repeat("batch", "Batch of ${drug_name}"):
            book.ask("date", "batch_end", "Best before")
            book.ask("integer", "batch_boxes", "Boxes", constraint=". <= ${drug_amount}")
            book.calculate("batch_good", "if(${batch_end} > today(), ${batch_boxes}, 0)")
        book.calculate("drug_good", "sum(${batch_good})")
    book.calculate("boxes_good", "sum(${drug_good})")
    book.ask("image", "sign", "Signature", appearance="signature")
