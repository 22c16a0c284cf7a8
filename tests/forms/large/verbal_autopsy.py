"""A cause-of-death interview: long chains of symptoms, asked by the age group that follows from dates and from estimates."""

from __future__ import annotations

from tests.forms.large.sheets import Sheets

YES_NO = {
    "yes": ("Yes", "是"),
    "no": ("No", "否"),
    "dk": ("Doesn't know", "不知道"),
    "ref": ("Refused to answer", "拒答"),
}
SIGNS = (
    "fever cough fast_breath chest_pain breathless wheeze stool_loose stool_blood vomit belly_pain belly_swollen yellow_eyes "
    "headache stiff_neck fits unconscious paralysed urine_none urine_blood swollen_legs pale_skin sunken_eyes rash itch "
    "lump_neck lump_breast sores thirst weight_loss night_sweats difficult_swallow bleeding_nose bleeding_gums "
    "confused blurred_sight ringing_ears toothache hoarse back_pain joint_pain swollen_joints cramps numb_feet trembling "
    "hot_hands cold_hands blue_lips noisy_breath hiccups heartburn loss_of_appetite mouth_sores white_tongue hair_loss "
    "puffy_face swollen_scrotum eye_discharge ear_discharge"
)
HISTORY = "tuberculosis hiv malaria measles hypertension heart diabetes asthma epilepsy cancer stroke kidney liver sickle_cell"
NEWBORN = "born_small cried_at_birth moved_limbs suckled stopped_suckling cold_touch bulging_head pus_navel blue_birth twitched"
MOTHER = "pregnant_at_death within_six_weeks labour_long bled_before bled_after fits_pregnant swollen_face fever_after smelly_flow"
INJURY = "road fall drowned burnt poisoned bitten struck_object cut_or_shot electric lightning"


def verbal_autopsy() -> Sheets:
    """The workbook."""
    book = Sheets("death_interview", "Cause of death interview ")
    book.settings = {
        "instance_name": "concat('death-', ${given}, ' ', ${family}, '-', format-date(${today}, '%Y%m%d'))",
        "style": "pages theme-grid",
        "allow_choice_duplicates": "yes",
    }
    _lists(book)
    _who(book)
    _ages(book)
    with book.group("illness", ("Signs during the illness", "病中的表现"), relevant="${consent} = 'yes'"):
        for number, sign in enumerate(SIGNS.split()):
            _sign(book, number, sign)
    _by_age(book)
    _injuries(book)
    _care(book)
    book.ask("text", "story", "Tell in your own words what happened to ${name_said}.", appearance="multiline")
    book.ask(
        "note", "thanks", "Thank you, ${respondent}. ${count_signs} signs were named, of which ${first_sign} first."
    )
    return book


def _lists(book: Sheets) -> None:
    book.options("yes_no", YES_NO)
    book.options("sex", {"female": ("Female", "女"), "male": ("Male", "男"), "undetermined": "Undetermined"})
    book.options(
        "unit", {"days": ("Days", "天"), "months": ("Months", "月"), "years": ("Years", "年"), "dk": "Doesn't know"}
    )
    book.options("group", {"neonate": "Newborn ", "child": "Child", "adult": "Adult"})
    book.options("severity", {"1": "Mild", "2": "Moderate", "3": "Severe", "8": "Doesn't know", "9": "Refused"})
    book.options("kin", "parent spouse child sibling neighbour health_worker other")
    book.options("place", "hospital clinic home on_the_way other dk")
    book.options(
        "signs", {sign: sign.replace("_", " ").capitalize() for sign in SIGNS.split()} | {"none": "None of these"}
    )


def _who(book: Sheets) -> None:
    for kind in ("start", "end", "today", "deviceid", "username", "audit"):
        book.ask(kind, kind)
    book.ask(
        "select_one kin", "relation", ("How are you related to the deceased?", "您与死者是什么关系？"), required="yes"
    )
    book.ask("text", "respondent", "Your name", required="true()", required_message=("Please ask again", "请再问一次"))
    book.ask(
        "select_one yes_no",
        "consent",
        "**Consent**\nMay I go on?",
        hint=("Read aloud", "请读出来"),
        guidance_hint=("Stop the interview politely if consent is refused.", ""),
        required="yes",
        audio="consent.mp3",
        image="seal.png",
    )
    with book.group("person", "The person who died", relevant="selected(${consent}, 'yes')", appearance="field-list"):
        book.ask("text", "given", "Given name")
        book.ask("text", "family", "Family name", relevant="string-length(${given}) > 0")
        book.calculate(
            "name_said", "if(${given} = '' and ${family} = '', 'the deceased', concat(${given}, ' ', ${family}))"
        )
        book.ask("select_one sex", "sex", "Was ${name_said} a woman or a man?", appearance="quick")
        book.calculate("she", "if(selected(${sex}, 'female'), 'she', if(selected(${sex}, 'male'), 'he', 'they'))")
        book.ask("select_one yes_no", "birth_known", "Is the day of birth known?")
        book.ask(
            "date",
            "birth",
            "When was ${she} born?",
            relevant="selected(${birth_known}, 'yes')",
            constraint=". <= today()",
        )
        book.ask("select_one yes_no", "death_known", "Is the day of death known?")
        book.ask(
            "date",
            "death",
            "When did ${she} die?",
            relevant="selected(${death_known}, 'yes')",
            constraint=". <= today() and (not(${birth} != '') or . >= ${birth})",
            constraint_message=("Death before birth ${birth}?", "死亡早于出生 ${birth}？"),
        )
        book.ask("date", "death_year", "In which year?", appearance="year", relevant="${death_known} != 'yes'")


def _ages(book: Sheets) -> None:
    book.calculate(
        "days_exact",
        "if(${birth} != '' and ${death} != '', int(decimal-date-time(${death}) - decimal-date-time(${birth})), '')",
    )
    book.calculate("years_exact", "if(${days_exact} != '', int(${days_exact} div 365.25), '')")
    book.calculate("months_left", "if(${days_exact} != '', int((${days_exact} mod 365.25) div 30.4), '')")
    book.ask(
        "select_one unit", "age_unit", "How is the age known?", relevant="${consent} = 'yes' and ${days_exact} = ''"
    )
    for unit, limit in (("days", 28), ("months", 11), ("years", 120)):
        book.ask(
            "integer",
            f"age_{unit}",
            f"Age in {unit}",
            relevant=f"selected(${{age_unit}}, '{unit}')",
            constraint=f". >= 0 and . <= {limit}",
            constraint_message=(f"0 to {limit}", f"0 到 {limit}"),
            required="yes",
        )
    book.ask("select_one group", "group_guess", "Which group, roughly?", relevant="selected(${age_unit}, 'dk')")
    book.calculate(
        "days",
        "coalesce(${days_exact}, if(${age_days} != '', ${age_days}, if(${age_months} != '', ${age_months} * 30.4,"
        " if(${age_years} != '', ${age_years} * 365.25, ''))))",
    )
    known = "string-length(${days}) > 0"
    book.calculate("neonate", f"if({known}, if(${{days}} < 28, 1, 0), if(${{group_guess}} = 'neonate', 1, 0))")
    book.calculate(
        "child", f"if({known}, if(${{days}} >= 28 and ${{days}} < 4383, 1, 0), if(${{group_guess}} = 'child', 1, 0))"
    )
    book.calculate("adult", f"if({known}, if(${{days}} >= 4383, 1, 0), if(${{group_guess}} = 'adult', 1, 0))")
    book.calculate(
        "group_code", "if(${neonate} = 1, 'neonate', if(${child} = 1, 'child', if(${adult} = 1, 'adult', '')))"
    )
    book.ask("select_one group", "group_shown", "Group", calculation="once(${group_code})", readonly="yes")
    book.calculate("group_words", "jr:choice-name(${group_guess}, '${group_guess}')")
    book.ask(
        "note",
        "age_note",
        "Age group: ${group_words} (${years_exact} years, ${months_left} months)",
        relevant="${days} != ''",
    )
    book.calculate("drawn", "once(random())")
    book.calculate("code", "once(concat('D', substr(string(${drawn}), 2, 6)))")


def _sign(book: Sheets, number: int, sign: str) -> None:
    words = sign.replace("_", " ")
    only = ("", "${neonate} = 0 and ", "(${child} = 1 or ${adult} = 1) and ", "not(${neonate} = '1') and ")[number % 4]
    asked = only + "${group_code} != ''"
    book.ask(
        "select_one yes_no", sign, f"Did ${{she}} have {words}?", relevant=asked, required="yes", image=f"{sign}.jpg"
    )
    chained = f"selected(${{{sign}}}, 'yes')"
    book.ask("select_one unit", f"{sign}_unit", f"How long was the {words}: unit", relevant=chained)
    book.ask(
        "integer",
        f"{sign}_length",
        f"How many ${{{sign}_unit}}?",
        relevant=f"{chained} and not(selected(${{{sign}_unit}}, 'dk')) and ${{{sign}_unit}} != ''",
        constraint="(. >= 0 and . <= 98) or . = 99",
    )
    book.calculate(
        f"{sign}_days",
        f"if(${{{sign}_unit}} = 'months', ${{{sign}_length}} * 30, if(${{{sign}_unit}} = 'years',"
        f" ${{{sign}_length}} * 365, coalesce(${{{sign}_length}}, 0)))",
    )
    if number % 3 == 0:
        book.ask(
            "select_one severity", f"{sign}_how", f"How bad was the {words}?", relevant=chained, appearance="likert"
        )
    if number % 5 == 0:
        book.ask(
            "select_one yes_no",
            f"{sign}_until",
            "Until death?",
            relevant=f"{chained} and number(${{{sign}_days}}) > 14"
            + (f" and ${{{sign}_how}} != '1'" if number % 3 == 0 else ""),
        )
    if number % 4 == 1:
        book.ask(
            "select_one place or_other",
            f"{sign}_place",
            "Where was it treated?",
            relevant=f"${{{sign}_days}} >= 1 and {chained}",
        )


def _by_age(book: Sheets) -> None:
    names = SIGNS.split()
    book.calculate("count_signs", " + ".join(f"if(${{{sign}}} = 'yes', 1, 0)" for sign in names))
    book.calculate(
        "first_sign",
        "coalesce(" + ", coalesce(".join(f"if(${{{s}}} = 'yes', '{s}', '')" for s in names[:6]) + ", 'none'" + ")" * 6,
    )
    book.ask(
        "select_multiple signs",
        "last_week",
        "Which of these in the last week?",
        constraint="not(selected(., 'none') and count-selected(.) > 1)",
        constraint_message=("None stands alone", "“没有”要单独选"),
        relevant="${count_signs} > 0",
    )
    with book.group("newborn", "Newborns", relevant="selected(${group_code}, 'neonate')"):
        for name in NEWBORN.split():
            book.ask("select_one yes_no", name, f"The newborn: {name.replace('_', ' ')}?", required="true()")
        book.ask(
            "decimal", "birth_weight", "Weight in kg", constraint=". > 0.3 and . < 7", relevant="${born_small} != 'dk'"
        )
    with book.group("women", "Women", relevant="${sex} = 'female' and ${adult} = 1 and ${years_exact} < 50"):
        for before, name in zip(["", *MOTHER.split()], MOTHER.split(), strict=False):
            book.ask(
                "select_one yes_no", name, name.replace("_", " "), relevant=f"${{{before}}} = 'no'" if before else ""
            )
    with book.group("past", "Known diseases", appearance="field-list"):
        with book.group("past_table", "Did a doctor ever say", appearance="table-list"):
            for name in HISTORY.split():
                book.ask("select_one yes_no", f"past_{name}", name.replace("_", " "))
        book.calculate(
            "past_any", "checklist(1, -1, " + ", ".join(f"${{past_{n}}} = 'yes'" for n in HISTORY.split()) + ")"
        )
        book.calculate(
            "past_points",
            "weighted-checklist(2, 5, ${past_hiv} = 'yes', 2, ${past_tuberculosis} = 'yes', 1, ${past_any}, 1)",
        )


def _injuries(book: Sheets) -> None:
    book.ask("select_one yes_no", "injured", "Was there an injury or accident?")
    with book.group("injury", "Injury", relevant="${injured}='yes'"):
        for number, name in enumerate(INJURY.split()):
            known = " and ".join(f"${{inj_{other}}} != 'yes'" for other in INJURY.split()[:number])
            book.ask("select_one yes_no", f"inj_{name}", name.replace("_", " "), relevant=known)


def _care(book: Sheets) -> None:
    book.ask(
        "integer",
        "visits",
        "How many places of care were visited?",
        constraint=". <= 4",
        relevant="${consent} = 'yes'",
        default="0",
    )
    with book.repeat("visit", "Visit", repeat_count="if(${visits} != '', ${visits}, 0)"):
        book.calculate("visit_no", "position(..)")
        book.ask("select_one place", "visit_place", "Place of visit ${visit_no}")
        book.ask("text", "visit_other", "Which?", relevant="${visit_place} = 'other'")
        book.ask("date", "visit_day", "When?", constraint=". <= coalesce(${death}, today())", default="today()")
        with book.repeat("medicine", "Medicine"):
            book.ask("text", "medicine_name", "Name of medicine number ${medicine_no}")
            book.calculate("medicine_no", "concat(${visit_no}, '.', position(..))")
            book.ask("integer", "medicine_days", "Days taken", constraint=". >= 0 and . < 400")
        book.calculate("medicine_total", "sum(${medicine_days})")
    book.calculate("all_medicine", "sum(${medicine_total})")
    book.calculate("places_seen", "join(', ', ${visit_place})")
    book.calculate("last_place", "indexed-repeat(${visit_place}, ${visit}, count(${visit}))")
    book.ask(
        "note",
        "care_note",
        "Care in: ${places_seen}; last ${last_place}; ${all_medicine} days of medicine",
        relevant="count(${visit}) > 0",
    )
