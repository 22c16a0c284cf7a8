"""One household for the annual questionnaire, complete and without a single failing check, and how to fill it in.

Identity numbers use the unassigned area code 529900, so they belong to nobody.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from functools import cache
from itertools import count

from forms.engine import Cell, Effects, Form, Interview, Question, SavedInterview, Situation
from forms.questionnaires import default_parameters, load_questionnaire, parameters_csv

Answers = dict[str, str]
NOW = datetime(2026, 1, 10, 10, 0, tzinfo=timezone(timedelta(hours=8)))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity_number(birth: str, order: int) -> str:
    """A number with a right check digit (GB 11643) in area 529900; ``birth`` as 1980-05-06, an odd ``order`` is male."""
    body = "529900" + birth.replace("-", "") + f"{order:03}"
    rest = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[rest]


def person(name: str, relation: str, sex: str, birth: str, order: int, **more: str) -> Answers:
    return {
        "mem_name": name,
        "mem_relation": relation,
        "mem_sex": sex,
        "mem_id_type": "1",
        "mem_idno": identity_number(birth, order),
        "mem_birth": birth,
        "mem_ethnicity": "06",
        "mem_political": "13",
        "mem_hukou_here": "1",
        "mem_hukou_type": "1",
        "mem_months_home": "12",
        "mem_live_place": "1",
        "mem_econ_tied": "1",
        "mem_health": "1",
        "mem_tags": "0",
        **more,
    }


WORKER = {"mem_labour": "1", "mem_marital": "20", "ss_pension": "1", "ss_pension_payer": "1", "ss_pension_fee": "200"}
HEAD = person(
    "李斌", "02", "1", "1980-05-06", 1, **WORKER,
    mem_months_home="7", mem_live_place="6", mem_absence_reason="01", mem_absence_since="2025-03",
    edu_level="70", lab_status="02", lab_farm_months="2", lab_work_months="5", lab_type="2", lab_industry="E",
    lab_occupation="6", lab_place="5", lab_province="44", lab_start="2025-03", lab_days="25", lab_hours="9",
    lab_month_pay="4000", lab_year_pay="20000", lab_contract="3", lab_insur="4", lab_channel="1", lab_train="1",
    lab_train_kind="2", lab_train_days="5", lab_train_use="1", lab_cert="1", lab_change="1", lab_plan="1",
)  # fmt: skip
WIFE = person(
    "王秀英", "10", "2", "1982-03-04", 2, **WORKER,
    edu_level="70", lab_status="01", lab_farm_months="8", lab_work_months="0", lab_industry="A", lab_occupation="5",
    lab_change="7", lab_plan="4",
)  # fmt: skip
SON = person(
    "李小龙", "20", "1", "2012-06-07", 3, mem_guardian="3", edu_in_school="1", edu_stage="04", edu_level="80",
    edu_place="2", edu_board="1", edu_nutri="1", edu_aid="02", edu_aid_money="1000", edu_fee_tuition="300",
    edu_fee_live="2000", edu_fee_other="200",
)  # fmt: skip
MOTHER = person(
    "张桂芳", "52", "2", "1953-01-01", 4, mem_marital="30", mem_labour="5", mem_selfcare="1", mem_health="2",
    mem_chronic="01", ss_pension="1", ss_pension_get="1", ss_pension_get_type="1", ss_pension_month="140",
    ss_chronic_card="1", ss_doctor="1", med_out_n="4", med_total="1200", med_reimb="700", med_aid="0",
    edu_level="91", lab_status="09", lab_no_why="01",
)  # fmt: skip

HOUSEHOLD: Answers = {
    "cov_village_code": "529900100201",
    "cov_group": "一组",
    "cov_hh_no": "0007",
    "cov_stratum": "S1",
    "cov_sample_role": "1",
    "cov_outcome": "110",
    "cov_notice": "1",
    "cov_consent": "1",
    "cov_consent_minor": "1",
    "cov_resp_no": "02",
    "cov_present": "1",
    "hh_head_name": "李斌",
    "hh_phone": "19912345678",
    "hh_address": "一组 7 号",
    "hh_type_frame": "1",
    "hh_type_now": "1",
    "hh_exit_year": "2018",
    "hh_poor_cause": "08",
    "hh_lowinc_tags": "0",
    "hh_helper_name": "周强",
    "hh_helper_visits": "12",
    "hh_hukou_n": "4",
    "hh_split": "0",
    "hh_main_income": "1",
    "hh_income_book": "12000",
    "hh_income_trend": "3",
    "hh_all_out_months": "0",
    "land_contract": "5",
    "land_farm": "5",
    "land_in": "0",
    "land_out": "0",
    "land_idle": "0",
    "land_irrig": "2",
    "land_garden": "1",
    "land_forest": "3",
    "food_short": "1",
    "food_protein": "1",
    "cloth_ok": "1",
    "bedding_ok": "1",
    "cloth_source": "1",
    "raise_10k": "2",
    "hard_feel": "3",
    "hard_main": "00",
    "db_has": "2",
    "sscard_n": "4",
    "clinic_min": "15",
    "edu_burden": "3",
    "edu_km_mid": "6",
    "lab_service": "0",
    "lab_subsidy": "0",
    "sel_dur": "tv phone phonenet",
    "dur_tv_n": "1",
    "dur_tv_new": "0",
    "dur_phone_n": "3",
    "dur_phone_new": "1",
    "dur_phone_cost": "1200",
    "dur_phonenet_n": "2",
    "dur_phonenet_new": "0",
    "hou_n": "1",
    "hou_tenure": "1",
    "hou_source": "1",
    "hou_year": "2008",
    "hou_struct": "2",
    "hou_style": "1",
    "hou_floor_n": "2",
    "hou_area": "120",
    "hou_rooms": "4",
    "hou_value": "100000",
    "hou_cert": "1",
    "hou_level": "A",
    "hou_cert_month": "2019-05",
    "hou_risk_seen": "0",
    "hou_damage": "1",
    "wat_source": "1",
    "wat_supply": "1",
    "wat_home": "1",
    "wat_enough": "1",
    "wat_stop_days": "0",
    "wat_quality": "0",
    "wat_fee": "60",
    "toi_type": "1",
    "elec": "1",
    "heat": "2",
    "aid_measures": "07",
    "loan_has": "2",
    "deposit_band": "2",
    "obs_coop": "1",
    "obs_trust": "1",
    "obs_living": "1",
    "obs_food": "1",
    "obs_risk": "2",
    "end_confirm": "1",
}
VISIT = {
    "visit_date": "2026-01-10",
    "visit_start": "09:00:00.000+08:00",
    "visit_end": "10:10:00.000+08:00",
    "visit_mode": "1",
    "visit_outcome": "110",
}
# What a question that the case does not care about is answered with, by list.
PLAIN_CHOICES = {
    "yes_no": "2", "yes_no_dk": "2", "effect3": "2", "interview_lang": "2", "med_ins": "1", "ins_payer": "1",
    "tekun": "9", "extra_ins": "0", "mandarin": "1", "agri_ins": "0", "house_style": "1", "leak3": "1",
    "water_treat": "1", "repair_time": "1", "toilet_place": "1", "toilet_reform": "1", "bath": "2", "fuel": "1",
    "garbage": "1", "sewage": "2", "road": "1", "net": "2", "signal": "1", "courtyard": "1", "freq4": "3",
    "village_role": "0", "points": "0", "coop_gain": "1", "lead_by": "0", "feast": "1", "know3": "1",
    "satisfy5": "2", "need_aid": "00", "conf5": "2", "loan_refused": "1", "obs_doc": "1", "skill_cert": "1",
    "child_subsidy": "0", "old_subsidy": "0", "disab_subsidy": "0", "job_plan": "1", "job_change": "7",
}  # fmt: skip


# Facts that come from the assignment: read-only in the form, given when an interview begins.
GIVEN = ("cov_village_code", "cov_hh_no", "cov_stratum", "cov_sample_role", "hh_type_frame")
MEMBERS = (HEAD, WIFE, SON, MOTHER)
ROW_IDS = ("m1", "m2", "m3", "m4")
QUARTERS = ("hist1", "hist2", "hist3", "hist4")
ROSTERS = ("member", "cov_visits", "shock", "loan")


@cache
def annual() -> Form:
    return load_questionnaire("annual")


@dataclass(frozen=True)
class Sources:
    """Attachments written shortly: name → row ("" is the household) → variable → value."""

    rows: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def read(self, name: str) -> bytes | None:
        if name == "params.csv":
            standing = default_parameters()
            more = tuple(replace(standing[0], name=key, value=value) for key, value in self.parameters.items())
            return parameters_csv(
                (*(one for one in standing if one.name not in self.parameters), *more), date(2026, 1, 10)
            )
        if name == "regions.csv":
            return "code,name\n529900100201,虚县甲镇上村\n529900100202,虚县甲镇下村\n".encode()
        table = self.rows.get(name.removesuffix(".csv"))
        if table is None:
            return None
        columns = sorted({column for row in table.values() for column in row})
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["row", *columns])
        for row_id, row in table.items():
            writer.writerow([row_id, *(row.get(column, "") for column in columns)])
        return text.getvalue().encode()


def situation(sources: Sources | None = None) -> Situation:
    """The tenth of January 2026; row ids count up."""
    numbers = count(1)
    return Situation(
        now=lambda: NOW,
        new_row_id=lambda: f"r{next(numbers)}",
        random=lambda: 0.5,
        properties={"username": "E01", "deviceid": "D01"},
        resource=(sources or Sources()).read,
    )


def path_of(name: str) -> str:
    path = annual().path_of(name)
    assert path is not None, name
    return path


def roster_of(path: str) -> str | None:
    return next((path_of(name) for name in ROSTERS if path.startswith(path_of(name) + "/")), None)


def cell_of(interview: Interview, name: str) -> Cell:
    """The cell of "hh_phone" or, in a roster, of "2.mem_age" (second row)."""
    position, _, variable = name.rpartition(".")
    path = path_of(variable)
    roster = roster_of(path)
    if roster is None:
        return Cell(path)
    return Cell(path, (interview.rows(Cell(roster))[int(position or "1") - 1],))


def put(interview: Interview, name: str, value: str) -> None:
    """Answers, or marks 不清楚 "!8" or 拒答 "!9"."""
    cell = cell_of(interview, name)
    effects = interview.answer_state(cell, value[1:]) if value.startswith("!") else interview.answer(cell, value)
    if _LENT and interview is _LENT[0]:
        _UNDO.append(effects)


def plain_answer(question: Question) -> str:
    """What a required question is answered with that nobody cares about."""
    if question.control in ("select1", "select"):
        assert question.itemset is not None
        return PLAIN_CHOICES[question.itemset.nodeset.split("'")[1]]
    return "0" if question.type in ("int", "decimal") else "无事"


def begin() -> Interview:
    """The household above, filled in until nothing required is open."""
    form = annual()
    given = {Cell(path_of(name)): HOUSEHOLD[name] for name in GIVEN}
    interview = Interview.begin(form, situation(), defaults=given)
    roster = Cell(path_of("member"))
    for row_id in interview.rows(roster):
        interview.remove_row(Cell(roster.path, (row_id,)))
    for row_id in ROW_IDS:
        interview.add_row(roster, row_id=row_id)
    waiting = {name: value for name, value in HOUSEHOLD.items() if name not in GIVEN}
    waiting |= {f"{number}.{name}": value for number, one in enumerate(MEMBERS, 1) for name, value in one.items()}
    waiting |= {f"1.{name}": value for name, value in VISIT.items()}
    while True:
        done = [name for name in waiting if interview.is_relevant(cell_of(interview, name))]
        for name in done:
            put(interview, name, waiting.pop(name))
        open_cells = [broken.cell for broken in interview.violations() if broken.condition == "required"]
        left = [cell for cell in open_cells if not any(cell == cell_of(interview, name) for name in waiting)]
        if not done and not left:
            return interview
        if not done:
            for cell in left:
                question = form.node(cell.path)
                assert isinstance(question, Question)
                interview.answer(cell, plain_answer(question))


@cache
def complete() -> SavedInterview:
    return begin().saved()


def household(sources: Sources | None = None, given: Mapping[str, str] | None = None) -> Interview:
    """The complete household again, as it is opened from disk; ``given`` are other facts from the assignment."""
    saved = complete()
    changed = {Cell(path_of(name)): value for name, value in (given or {}).items()}
    return Interview.resume(annual(), SavedInterview(saved.rows, {**saved.values, **changed}), situation(sources))


@cache
def untouched() -> Interview:
    """The complete household, for looking only."""
    return household()


# One interview serves most cases: what a case answered is undone before the next one.
_LENT: list[Interview] = []
_UNDO: list[Effects] = []


def lent() -> Interview:
    """The complete household, to be answered through ``put`` until the next case begins."""
    if not _LENT:
        _LENT.append(household())
    while _UNDO:
        _LENT[0].undo(_UNDO.pop())
    return _LENT[0]


def with_identity_numbers(text: str) -> str:
    return re.sub(r"\{(\d)\.idno\}", lambda found: MEMBERS[int(found[1]) - 1]["mem_idno"], text)


def play(steps: str) -> Interview:
    """The household with some answers different.

    ``hh_phone=…`` and ``2.mem_age=…`` answer, ``*.x=…`` answers for every member, ``-shock`` takes the last row away;
    ``param.x=…`` is a parameter, ``prev.x=…`` a value of the household in an attachment, ``prev@2.x=…`` one of the second
    member, ``hist.x=…`` the same value in all four quarters.
    """
    rows: dict[str, dict[str, dict[str, str]]] = {}
    parameters: dict[str, str] = {}
    given: dict[str, str] = {}
    answers: list[str] = []
    for step in filter(None, (part.strip() for part in with_identity_numbers(steps).split(";"))):
        found = re.fullmatch(r"(prev|peers|register|assignment|hist)(@\d?)?\.(\w+)=(.*)", step)
        if found:
            number = (found[2] or "").strip("@")
            row_id = ROW_IDS[int(number) - 1] if number and int(number) <= 4 else "someone" if found[2] else ""
            for name in QUARTERS if found[1] == "hist" else (found[1],):
                rows.setdefault(name, {}).setdefault(row_id, {})[found[3]] = found[4]
        elif step.partition("=")[0] in GIVEN:
            given[step.partition("=")[0]] = step.partition("=")[2]
        elif step.startswith("param."):
            name, _, value = step.removeprefix("param.").partition("=")
            parameters[name] = value
        else:
            answers.append(step)
    own = rows or parameters or given or any(step.startswith("-") for step in answers)
    interview = household(Sources(rows, parameters), given) if own else lent()
    for step in answers:
        if step.startswith("-"):
            roster = Cell(path_of({"visit": "cov_visits"}.get(step[1:], step[1:])))
            interview.remove_row(Cell(roster.path, (interview.rows(roster)[-1],)))
            continue
        name, _, value = step.partition("=")
        for one in [name.replace("*", str(number)) for number in range(1, 5)] if name.startswith("*") else [name]:
            put(interview, one, value)
    return interview
