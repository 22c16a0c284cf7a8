"""A household budget: hundreds of item lines of one shape, a diary by day, earnings by person, sums of sums."""

from __future__ import annotations

from tests.forms.large.sheets import Sheets

GROUPS = {
    "grain": "rice wheat_flour maize millet bread noodles biscuits",
    "protein": "pork beef mutton chicken eggs fish_fresh fish_dry beans tofu",
    "milk": "fresh_milk powder yoghurt cheese",
    "greens": "cabbage spinach carrot tomato onion potato pumpkin cucumber",
    "fruit": "apple banana orange melon grape",
    "fats": "rape_oil lard butter peanuts",
    "sweet": "sugar honey sweets cakes",
    "drinks": "tea coffee beer spirits soft_drinks water",
    "house": "rent repairs electricity gas coal wood water_bill",
    "clothes": "coats trousers shirts shoes children_clothes cloth tailor",
    "transport": "bus train fuel car_repair bicycle taxi",
    "health": "medicine doctor hospital glasses",
    "school": "fees uniforms books boarding lessons",
    "other": "phone internet soap cosmetics haircuts weddings funerals gifts taxes insurance",
}


def budget() -> Sheets:
    """The workbook."""
    book = Sheets("budget_q", "Household budget")
    book.settings = {"instance_name": "concat(${hh}, ' ', round(${spent}, 0))"}
    book.options("yn", {"1": ("Yes", "是"), "0": ("No", "否")})
    book.options("unit", "kg g litre piece bundle")
    book.options("from", {"bought": "Bought", "own": "Own", "gift": "Given"})
    book.options("work", "farm wage trade none")
    items = {item: group for group, names in GROUPS.items() for item in names.split()}
    book.options("item", {item: item.replace("_", " ") for item in items}, group=items)
    book.options("group", {group: group.capitalize() for group in GROUPS})
    book.ask("text", "hh", "Number of the household", constraint="string-length(.) <= 20")
    book.ask("select_multiple group", "asked", "Which groups are asked?", default=" ".join(list(GROUPS)[:10]))
    for group, names in GROUPS.items():
        _group(book, group, names.split())
    _diary(book)
    _earners(book)
    book.calculate("spent", " + ".join(f"coalesce(${{{group}_sum}}, 0)" for group in GROUPS))
    for group in GROUPS:
        book.calculate(
            f"{group}_part", f"if(${{spent}} > 0, round(coalesce(${{{group}_sum}}, 0) div ${{spent}} * 100, 1), 0)"
        )
    book.calculate("largest", "max(" + ", ".join(f"${{{group}_part}}" for group in GROUPS) + ")")
    book.ask("note", "sums", "Spent ${spent}, earned ${earned}, saved ${saved}; the largest part is ${largest} %.")
    book.calculate("saved", "round(${earned} - ${spent}, 2)")
    book.ask(
        "select_one yn", "agrees", "Do the sums agree?", relevant="${saved} < 0 or ${largest} > 60", required="yes"
    )
    return book


def _group(book: Sheets, group: str, names: list[str]) -> None:
    with book.group(group, group.capitalize(), relevant=f"selected(${{asked}}, '{group}')", appearance="field-list"):
        for item in names:
            words = item.replace("_", " ")
            book.ask(
                "decimal", f"{item}_amount", f"{words}: how much?", constraint=". >= 0 and . <= 999", appearance="w1"
            )
            book.ask(
                "select_one unit", f"{item}_unit", "Unit", relevant=f"${{{item}_amount}} > 0", appearance="w1 minimal"
            )
            book.ask(
                "decimal",
                f"{item}_price",
                f"Price of one ${{{item}_unit}}",
                relevant=f"${{{item}_unit}} != ''",
                constraint=". > 0",
            )
            book.ask(
                "select_one from", f"{item}_from", "Where from?", relevant=f"${{{item}_price}} > 0", appearance="w1"
            )
            book.calculate(f"{item}_value", f"round(${{{item}_amount}} * ${{{item}_price}}, 2)")
        book.calculate(f"{group}_sum", " + ".join(f"coalesce(${{{item}_value}}, 0)" for item in names))
        own = " + ".join(f"if(${{{item}_from}} = 'own', ${{{item}_value}}, 0)" for item in names)
        book.calculate(f"{group}_own", own)
        book.ask(
            "note",
            f"{group}_note",
            f"{group}: ${{{group}_sum}}, of it own ${{{group}_own}}",
            relevant=f"${{{group}_sum}} > 0",
        )


def _diary(book: Sheets) -> None:
    book.ask("integer", "diary_days", "Days of the diary", constraint=". >= 1 and . <= 3")
    with book.repeat("day", "Day", repeat_count="${diary_days}"):
        book.calculate("day_no", "position(..)")
        book.ask("date", "day_date", "Date of day ${day_no}", default="today()")
        with book.repeat("purchase", "Purchase"):
            book.ask("select_one group", "bought_group", "Group")
            book.ask("select_one item", "bought", "What?", choice_filter="group = ${bought_group}")
            book.calculate("bought_name", "jr:choice-name(${bought}, '${bought}')")
            book.ask("decimal", "paid", "Paid for ${bought_name}", constraint=". > 0 and . < 10000")
        book.calculate("day_paid", "round(sum(${paid}), 2)")
        book.calculate("day_dear", "max(${paid})")
        book.calculate("day_before", "sum(../../day[position() < position(current()/..)]/day_paid)")
    book.calculate("diary_paid", "sum(${day_paid})")
    book.calculate("diary_mean", "if(count(${day}) > 0, round(${diary_paid} div count(${day}), 2), '')")


def _earners(book: Sheets) -> None:
    with book.repeat("earner", "Earner"):
        book.ask("text", "earner_name", "Name")
        with book.repeat("job", "Work of ${earner_name}"):
            book.ask("select_one work", "job_kind", "Kind of work")
            book.ask("integer", "job_days", "Days", relevant="${job_kind} != 'none'", constraint=". <= 92")
            book.ask("decimal", "job_pay", "Pay a day", relevant="${job_days} > 0", constraint=". >= 0")
            book.calculate("job_earned", "coalesce(${job_days}, 0) * coalesce(${job_pay}, 0)")
        book.calculate("earner_sum", "sum(${job_earned})")
        book.calculate("earner_rank", "count(../../earner[earner_sum > current()/../earner_sum]) + 1")
    book.calculate("earned", "sum(${earner_sum})")
    book.calculate("best", "indexed-repeat(${earner_name}, ${earner}, 1)")
