"""两不愁三保障与饮水安全: seven lines of a household's state, from its last annual and quarterly answers.

Source: monitoring.md 6.1–6.5 (rules F, G1–G4) and 10 (the table on the household file). A line only says what was answered and which
rule it touches; nobody is judged by it (monitoring.md 1). What was never asked stays "没问到", never "met".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Values = Mapping[str, str]


class Standing(StrEnum):
    """Whether a guarantee stands, in the words of the household file."""

    MET = "达标"
    DOUBTFUL = "待核"
    NOT_MET = "未达标"
    NOT_ASKED = "没问到"


@dataclass(frozen=True, slots=True)
class GuaranteeLine:
    """One of the seven lines.

    Attributes:
        basis: numbers of the questions it rests on.
        rules: early-warning rules touched, as in monitoring.md 6; empty when met.
    """

    name: str
    standing: Standing
    basis: tuple[str, ...]
    rules: tuple[str, ...] = ()

    @property
    def at_risk(self) -> bool:
        """Whether any rule is touched."""
        return bool(self.rules)


def guarantee_lines(
    annual: Values, quarterly: Values, annual_members: Sequence[Values], quarterly_members: Sequence[Values]
) -> tuple[GuaranteeLine, ...]:
    """The seven lines 吃, 穿, 义务教育, 住房, 基本医疗, 饮水, 兜底保障.

    Args:
        annual: household-level values of the last annual questionnaire by variable name; {} when there is none.
        quarterly: the same of the last quarterly one.
        annual_members: member rows of the annual one.
        quarterly_members: member rows of the quarterly one.
    """
    return (
        _food(annual, quarterly),
        _clothes(annual, quarterly),
        _schooling(annual_members, quarterly_members),
        _housing(annual, quarterly),
        _medicine(annual_members, quarterly_members),
        _water(annual, quarterly),
        _safety_net(annual, annual_members),
    )


def _line(name: str, asked: Sequence[tuple[str, str]], touched: Sequence[tuple[str, bool, bool]]) -> GuaranteeLine:
    """``asked``: (question number, value); ``touched``: (rule, holds, is grave)."""
    basis = tuple(number for number, value in asked if value)
    rules = tuple(rule for rule, holds, _ in touched if holds)
    if not basis:
        return GuaranteeLine(name, Standing.NOT_ASKED, ())
    if any(holds and grave for _, holds, grave in touched):
        return GuaranteeLine(name, Standing.NOT_MET, basis, rules)
    return GuaranteeLine(name, Standing.DOUBTFUL if rules else Standing.MET, basis, rules)


def _food(annual: Values, quarterly: Values) -> GuaranteeLine:
    year, quarter = annual.get("food_short", ""), quarterly.get("q_food_short", "")
    short = quarter or year  # the later answer counts
    thin = (quarterly.get("q_protein", "") or annual.get("food_protein", "")) == "4" and annual.get(
        "food_veg_habit"
    ) != "3"
    return _line(
        "吃",
        [("A501", year), ("QA04", quarter)],
        [("F-01", short in {"2", "3", "4"}, short in {"3", "4"}), ("F-02", thin, False)],
    )


def _clothes(annual: Values, quarterly: Values) -> GuaranteeLine:
    year, quarter = annual.get("cloth_ok", ""), quarterly.get("q_cloth_ok", "")
    lacking = (
        quarter == "2" if quarter else ("2" in {year, annual.get("bedding_ok", "")} and annual.get("cloth_why") == "1")
    )
    return _line("穿", [("A505", year), ("QA06", quarter)], [("F-03", lacking, False)])


def _of_school_age(member: Values, age_name: str) -> bool:
    return member.get(age_name, "").isdigit() and 6 <= int(member[age_name]) <= 15


def _schooling(annual_members: Sequence[Values], quarterly_members: Sequence[Values]) -> GuaranteeLine:
    year = [m for m in annual_members if _of_school_age(m, "mem_age") and m.get("edu_in_school")]
    quarter = [m for m in quarterly_members if _of_school_age(m, "qm_age") and m.get("qm_in_school")]
    if not year and not quarter:
        asked = any(m.get("mem_age") for m in annual_members) or any(m.get("qm_age") for m in quarterly_members)
        return GuaranteeLine("义务教育", Standing.MET if asked else Standing.NOT_ASKED, ("B108",) if asked else ())
    unfinished = {"80", "91", "92"}
    out = (
        any(m["qm_in_school"] == "2" for m in quarter)
        if quarter
        else any(m["edu_in_school"] == "2" and m.get("edu_level") in unfinished for m in year)
    )
    return _line("义务教育", [("D101", "1" if year else ""), ("QB14", "1" if quarter else "")], [("G1-01", out, True)])


def _housing(annual: Values, quarterly: Values) -> GuaranteeLine:
    level, lives = annual.get("hou_level", ""), annual.get("hou_live_now") == "1"
    damage = quarterly.get("q_house_damage", "")
    seen = set(annual.get("hou_risk_seen", "").split()) & {"01", "02", "03", "04"}
    doubtful = bool(seen) and (annual.get("hou_cert") != "1" or level in {"A", "B"})
    return _line(
        "住房安全",
        [("G102", annual.get("hou_tenure", "")), ("G114", level), ("QA07", damage)],
        [
            ("G2-01", level in {"C", "D"} and lives, level == "D"),
            ("G2-02", doubtful, False),
            ("G2-03", damage in {"3", "4"} and quarterly.get("q_house_fix") != "1", True),
            ("G2-04", annual.get("hou_hazard") == "1", False),
            ("G2-06", annual.get("hou_leak") == "3", False),
        ],
    )


def _medicine(annual_members: Sequence[Values], quarterly_members: Sequence[Values]) -> GuaranteeLine:
    year = [m["ss_med"] for m in annual_members if m.get("ss_med")]
    quarter = [m["qm_med_ins"] for m in quarterly_members if m.get("qm_med_ins")]
    uninsured = "9" in quarter or (not quarter and "9" in year)
    untreated = any(m.get("med_unmet") == "1" and m.get("med_unmet_why") == "1" for m in annual_members)
    return _line(
        "基本医疗",
        [("C101", "1" if year else ""), ("QB16", "1" if quarter else "")],
        [("G3-01", uninsured, False), ("G3-03", untreated, True)],
    )


def _more_than(value: str, limit: float) -> bool:
    try:
        return float(value) > limit
    except ValueError:
        return False


def _water(annual: Values, quarterly: Values) -> GuaranteeLine:
    quality = set((quarterly.get("q_wat_bad", "") or annual.get("wat_quality", "")).split())
    return _line(
        "饮水安全",
        [
            ("G201", annual.get("wat_source", "")),
            ("G209", annual.get("wat_stop_days", "")),
            ("QA10", quarterly.get("q_wat_stop", "")),
        ],
        [
            ("G4-01", annual.get("wat_enough") == "3", False),
            (
                "G4-03",
                _more_than(quarterly.get("q_wat_stop", ""), 9) or _more_than(annual.get("wat_stop_days", ""), 36),
                False,
            ),
            ("G4-04", bool(quality & {"1", "2", "3", "4", "5", "6", "7"}), False),
        ],
    )


def _safety_net(annual: Values, annual_members: Sequence[Values]) -> GuaranteeLine:
    helpless = any(m.get("mem_selfcare") in {"2", "3"} and m.get("mem_carer") == "9" for m in annual_members)
    alone = any(m.get("mem_guardian") == "9" for m in annual_members)
    return _line("兜底保障", [("C201", annual.get("db_has", ""))], [("S-01", helpless, True), ("S-02", alone, True)])
