"""A needs assessment: a roster with events inside, places from attachments, totals up to the household, three kinds of cascades."""

from __future__ import annotations

from tests.forms.large.sheets import Sheets

SECTORS = {
    "water": "source distance queue_time treated storage enough_drinking enough_cooking enough_washing taste paid broken",
    "shelter": "walls roof floor leaks lock rooms crowded rent evicted repairs_needed light heating",
    "food": "cereals pulses milk meat fruit vegetables oil sugar meals_adults meals_children borrowed skipped",
    "health": "ill_last_month sought_care reached_in_time cost_barrier medicine_found vaccinated chronic disabled births",
    "school": "nearby open enrolled attends distance_km fees books teachers meals_at_school safe",
    "income": "worked_days wage_paid farm livestock fishing trade remittance aid debt savings sold_assets",
    "safety": "safe_day safe_night theft fights police documents_lost separated detained mines",
    "energy": "firewood charcoal gas stove lamp solar grid hours_of_light cost gathering collected_safely",
    "aid": "received kind_of_aid quality complaint informed preferred respectful asked_before",
}
LIST_OF = {"walls": "wall", "roof": "wall", "source": "source", "kind_of_aid": "kind", "preferred": "kind"}
COUNTS = {"queue_time", "rooms", "worked_days", "distance_km", "meals_adults", "meals_children", "births"}


def needs_assessment() -> Sheets:
    """The workbook."""
    book = Sheets("needs_2024", "Needs assessment")
    book.settings = {"instance_name": "concat(${admin1}, '/', ${village}, '/', ${hh_no})", "style": "theme-grid"}
    _lists(book)
    _files(book)
    _place(book)
    _roster(book)
    _totals(book)
    for sector, items in SECTORS.items():
        _sector(book, sector, items.split())
    _end(book)
    return book


def _lists(book: Sheets) -> None:
    book.options(
        "yn", {"yes": ("Yes", "有"), "no": ("No", "没有"), "dnk": "Don’t know", "pnta": "Prefer not to answer"}
    )
    book.options("admin1", "north south east")
    book.options(
        "admin2", "n1 n2 s1 s2 e1", admin1={"n1": "north", "n2": "north", "s1": "south", "s2": "south", "e1": "east"}
    )
    towns = {
        f"{district}_{n}": f"Town {n} of {district}" for district in ("n1", "n2", "s1", "s2", "e1") for n in range(4)
    }
    book.options(
        "admin3",
        towns,
        admin2={town: town[:2] for town in towns},
        admin1={t: {"n": "north", "s": "south", "e": "east"}[t[0]] for t in towns},
    )
    book.options("sex", "female male")
    book.options("relation", {"1": "Head", "2": "Spouse", "3": "Child", "4": "Parent", "96": "Other"})
    book.options("illness", "malaria cough injury diarrhoea skin other none")
    book.options("wall", "mud brick tin cloth none")
    book.options("source", "tap well river truck bottle")
    book.options("kind", "food cash seeds tools soap shelter_kit none")
    book.options("need", "food water shelter health school work safety cash")
    book.options("scale", {"1": "Never", "2": "Rarely", "3": "Sometimes", "4": "Often", "5": "Always"})
    book.options(
        "group",
        "farmer herder fisher trader other",
        filter={"farmer": "rural", "herder": "rural", "fisher": "rural", "trader": "all", "other": "all"},
    )


def _files(book: Sheets) -> None:
    villages = [
        f"v{n:03},{'Village' if n % 3 else '村'} {n},{t}_{n % 4},{n * 7 % 90}"
        for n, t in enumerate(("n1", "n2", "s1", "s2", "e1") * 12)
    ]
    book.files["villages.csv"] = "\ufeffname,label,admin3,households\n" + "\n".join(villages) + "\n"
    book.files["teams.xml"] = (
        "<root>"
        + "".join(f"<item><name>t{n}</name><label>Team {n}</label><lead>L{n}</lead></item>" for n in range(5))
        + "</root>"
    )
    book.files["prices.csv"] = 'item;price;unit\nrice;"2,5";kg\noil;4;l\nsoap;1.25;piece\n'
    book.files["camps.geojson"] = (
        '{"type":"FeatureCollection","features":['
        '{"type":"Feature","geometry":{"type":"Point","coordinates":[102.5,25.5]},"properties":{"id":"c1","title":"Camp 1"}},'
        '{"type":"Feature","geometry":{"type":"Point","coordinates":[103.5,26]},"properties":{"id":"c2","title":"Camp 2"}}]}'
    )


def _place(book: Sheets) -> None:
    for kind in ("start", "end", "today", "deviceid", "phonenumber", "email", "start-geopoint", "audit"):
        book.ask(kind, kind.replace("-", "_"))
    book.ask("select_one_from_file teams.xml", "team", "Team", default="t1", appearance="minimal")
    book.ask("csv-external", "prices")
    book.ask("note", "hello", ("Hello. Team ${team} asks.", "您好。${team} 组来访。"))
    book.blank()
    book.ask("select_one admin1", "admin1", ("Region", "地区"), required="yes", appearance="minimal autocomplete")
    book.ask("select_one admin2", "admin2", "District", choice_filter="admin1=${admin1}", required="yes")
    book.ask(
        "select_one admin3",
        "admin3",
        "Town",
        choice_filter="admin1 = ${admin1} and admin2 = ${admin2}",
        appearance="minimal",
    )
    book.ask(
        "select_one_from_file villages.csv",
        "village",
        "Village",
        choice_filter="admin3 = ${admin3}",
        parameters="value=name,label=label",
    )
    book.ask("select_one_from_file camps.geojson", "camp", "Camp", parameters="value=id label=title", appearance="map")
    book.calculate("expected", "pulldata('villages', 'households', 'name', ${village})")
    book.calculate("village_count", "count(instance('villages')/root/item[admin3 = ${admin3}])")
    book.calculate("rice_price", "instance('prices')/root/item[item = 'rice']/price")
    book.calculate("lead", "instance('teams')/root/item[name = current()/../team]/lead")
    book.ask("geopoint", "gps", "Where are we?", **{"body::accuracyThreshold": "10"})
    book.ask("integer", "hh_no", "Number of the household", default="${last-saved#hh_no} + 1", constraint=". < 1000")
    book.ask(
        "text",
        "phone",
        "Phone",
        constraint="regex(., '^0[0-9]{9}$')",
        constraint_message=("0 and nine digits", "0 加九位数字"),
        appearance="numbers",
    )


def _roster(book: Sheets) -> None:
    book.ask("integer", "size", "How many live here?", constraint=". > 0 and . < 5", required="yes")
    with book.repeat("member", ("Member", "成员"), repeat_count="${size}", appearance="field-list"):
        book.calculate("line", "position(..)")
        book.ask("text", "member_name", "Name of member ${line}", required="yes")
        book.ask("select_one sex", "member_sex", "Is ${member_name} a woman or man?")
        book.ask("select_one relation", "member_relation", "Relation", choice_filter="${line} = 1 or name != '1'")
        book.ask("integer", "member_age", "Age of ${member_name}", constraint=". >= 0 and . <= 110")
        book.calculate("is_child", "if(${member_age} < 18, 1, 0)")
        book.calculate("is_worker", "if(${member_age} >= 18 and ${member_age} < 60, 1, 0)")
        book.calculate("shown", "concat(${line}, '. ', ${member_name}, if(${is_child}=1, ' (child)', ''))")
        book.calculate("above", "if(${line} > 1, indexed-repeat(${member_name}, ${member}, ${line} - 1), 'nobody')")
        book.ask(
            "select_multiple illness",
            "ill",
            "Illness of ${member_name} (after ${above})",
            constraint="not(selected(., 'none')) or count-selected(.) = 1",
        )
        book.calculate("ill_count", "if(selected(${ill}, 'none'), 0, count-selected(${ill}))")
        book.calculate("ill_first", "selected-at(${ill}, 0)")
        with book.repeat("episode", "Illness", repeat_count="${ill_count}"):
            book.calculate("episode_code", "selected-at(${ill}, position(..) - 1)")
            book.calculate("episode_name", "jr:choice-name(${episode_code}, '${ill}')")
            book.ask("integer", "episode_days", "Days of ${episode_name} of ${member_name}", constraint=". <= 30")
            book.ask(
                "decimal",
                "episode_cost",
                "Cost of ${episode_name}",
                relevant="${episode_days} > 0",
                constraint=". >= 0",
            )
            with book.repeat("payer", "Who paid"):
                book.ask("select_one ${member_name}", "payer_name", "Payer", choice_filter="${member_age} >= 18")
                book.ask(
                    "decimal",
                    "payer_share",
                    "Share in percent",
                    constraint=". <= 100 - sum(../../payer/payer_share) + .",
                )
            book.calculate("episode_paid", "sum(${payer_share}) * ${episode_cost} div 100")
        book.calculate("member_cost", "round(sum(${episode_cost}), 2)")
        book.calculate("member_paid", "sum(${episode_paid})")
        with book.group("child", "Child", relevant="${is_child} = 1"):
            book.ask("select_one yn", "child_school", "Does ${member_name} go to school?")
            book.ask(
                "select_one scale",
                "child_plays",
                "Plays outside",
                relevant="${child_school} != 'yes'",
                appearance="likert",
            )


def _totals(book: Sheets) -> None:
    book.calculate("children", "sum(${is_child})")
    book.calculate("workers", "sum(${is_worker})")
    book.calculate("dependency", "if(${workers} > 0, round((count(${member}) - ${workers}) div ${workers}, 2), 'none')")
    book.calculate("oldest", "max(${member_age})")
    book.calculate("youngest", "min(${member_age})")
    book.calculate("women", "count-non-empty(${member_name}) - sum(${is_child})")
    book.calculate("total_cost", "sum(${member_cost})")
    book.calculate("total_paid", "sum(${member_paid})")
    book.calculate("all_names", "join('; ', ${shown})")
    book.calculate("head", "indexed-repeat(${member_name}, ${member}, 1)")
    book.calculate("first_days", "indexed-repeat(${episode_days}, ${member}, 1, ${episode}, 1)")
    book.ask(
        "note",
        "sum_note",
        "${all_names}: ${children} children, oldest ${oldest}, cost ${total_cost}",
        relevant="${size} > 0",
    )
    book.ask("select_one ${member_name}", "answers", "Who answers?", choice_filter="${member_age} > 14")


def _sector(book: Sheets, sector: str, items: list[str]) -> None:
    with book.group(
        f"{sector}_part", sector.capitalize(), relevant="${size} != ''" if sector != "school" else "${children} > 0"
    ):
        book.ask("select_one yn", f"{sector}_problem", f"Is there a problem with {sector}?", required="true()")
        for number, item in enumerate(items):
            name = f"{sector}_{item}"
            relevant = "" if number % 3 == 0 else f"selected(${{{sector}_problem}}, 'yes')"
            if number % 4 == 3:
                relevant = f"selected(${{{sector}_{items[number - 1]}}}, 'yes') or ${{{sector}_problem}} = 'dnk'"
            words = f"{sector.capitalize()}: {item.replace('_', ' ')}"
            if item in LIST_OF:
                book.ask(
                    f"select_multiple {LIST_OF[item]}", name, words, relevant=relevant, appearance="columns-2 minimal"
                )
                book.ask("text", f"{name}_other", "Say more", relevant=f"selected(${{{name}}}, 'none')")
            elif item in COUNTS:
                book.ask(
                    "integer",
                    name,
                    words,
                    relevant=relevant,
                    constraint=". >= 0 and . <= 60",
                    constraint_message=("0 to 60", "0 到 60"),
                )
            else:
                book.ask("select_one yn", name, words, relevant=relevant, appearance="w2 quick")
                book.ask("select_one scale", f"{name}_often", f"How often ({item})?", relevant=f"${{{name}}}='yes'")
                if number % 2:
                    book.ask("text", f"{name}_why", "Why?", relevant=f"${{{name}_often}} > 3 and ${{{name}}} = 'yes'")
                else:
                    book.ask(
                        "date",
                        f"{name}_since",
                        "Since when?",
                        relevant=f"${{{name}_often}} < 4",
                        appearance="month-year",
                    )
        asked = [f"${{{sector}_{item}}} = 'yes'" for item in items if item not in LIST_OF and item not in COUNTS]
        book.calculate(
            f"{sector}_score",
            "round(100 * (" + " + ".join(f"number({one})" for one in asked) + f") div {len(asked)}, 1)",
        )
        book.calculate(
            f"{sector}_class", f"if(${{{sector}_score}} >= 66, 'high', if(${{{sector}_score}} >= 33, 'middle', 'low'))"
        )


def _end(book: Sheets) -> None:
    book.calculate("worst", "max(" + ", ".join(f"${{{sector}_score}}" for sector in SECTORS) + ")")
    book.ask(
        "select_multiple need",
        "needs",
        "The three greatest needs",
        constraint="count-selected(.) = 3",
        hint="exactly three",
    )
    book.ask("rank need", "needs_order", "Put all needs in order", parameters="randomize=true, seed=${size}")
    book.calculate("first_need", "selected-at(${needs_order}, 0)")
    book.calculate("first_need_name", "jr:choice-name(${first_need}, '${needs_order}')")
    book.ask("select_one need", "one_need", "Which of the three first?", choice_filter="selected(${needs}, name)")
    book.ask("range", "hope", "How hopeful (0 to 10)?", parameters="start=0 end=10 step=1")
    book.ask("range", "share", "Share", parameters="start=0 end=1 step=0.25")
    book.ask("acknowledge", "read_back", "Read back: ${first_need_name}")
    book.ask("image", "photo", "Photo", parameters="max-pixels=1024")
    book.ask(
        "select_one group",
        "livelihood",
        "Livelihood",
        choice_filter="filter = 'all' or filter = if(${admin1} = 'north', 'rural', 'all')",
    )
    book.ask(
        "text",
        "enumerator_note",
        "Remarks",
        appearance="multiline",
        trigger="${hope}",
        calculation="concat('hope ', ${hope})",
    )
    book.ask("dateTime", "hope_at", "At", trigger="${hope}", calculation="now()", readonly="yes")
