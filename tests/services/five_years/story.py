"""Twenty quarters of one household: whatever may happen to a household happens to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fieldapp.services import interviewing, registering, reviewing
from fieldapp.services.interview_people import bring_back
from fieldapp.services.opened_interview import OpenInterview
from fieldapp.services.registering import HeadChanged, open_register, record
from fieldapp.services.snapshots import Values, interview_values
from tests.services.five_years.answers import AWAY, money, quarter, settle
from tests.services.five_years.county import MEMBER, Answers, FiveYears, answer, keep
from tests.services.five_years.people import BRIDE, GIRL, LI, LIS, PAN, PANS, SON, TIAN, WEI, YOUNG, household
from tests.services.living_county import OTHER_VILLAGE

QUARTERS = tuple(f"{year}Q{quarter}" for year in range(2026, 2031) for quarter in (1, 2, 3, 4))
MISSING = "2027Q2"
ENTERED_LATER = "2028Q2"
PUT_RIGHT = "2027Q1"
YEARS_LEFT_OUT = ("2029",)  # nobody came in January 2030


@dataclass
class Story:
    """The county while the years pass.

    Attributes:
        home: the household; ``pans`` another one of the village, ``new`` the one that splits off.
        born, adopted: uids of the children who come.
        accepted: what every quarter said when it was handed in for the last time, by period.
    """

    county: FiveYears
    home: str = ""
    pans: str = ""
    new: str = ""
    born: str = ""
    adopted: str = ""
    accepted: dict[str, Values] = field(default_factory=dict)

    def run(self) -> None:
        """From the end of 2025 to the end of 2030."""
        county = self.county
        self.home = household(
            county, "0001", LIS, cov_sample_role="1", cov_stratum="S1", sample_weight="12.5", sample_since="2025"
        )
        self.pans = household(county, "0002", PANS, cov_sample_role="1", cov_stratum="S2", sample_weight="31.25",
                              sample_since="2026", hh_type_now="1")  # fmt: skip
        self.year("2025")
        for wave, period in enumerate(QUARTERS, 1):
            before = _BEFORE.get(period)
            if before:
                before(self)
            if period not in (MISSING, ENTERED_LATER):
                if period == _AFTER_THE_LATE_ONE:
                    self.wave(ENTERED_LATER, wave - 1)
                self.wave(period, wave)
            if period.endswith("Q4") and period[:4] not in YEARS_LEFT_OUT:
                self.year(period[:4])

    def year(self, year: str) -> None:
        """The annual interview."""
        opened = self.county.begin(self.home, "annual", year)
        self.county.finish(opened)

    def wave(self, period: str, wave: int) -> None:
        """One quarter of the household."""
        opened = self.county.begin(self.home, "quarterly", period)
        happening = _DURING.get(period)
        changes, people, more = happening(self, opened) if happening else ("00", {}, {})
        quarter(opened, wave, self.county.office.today(), changes=changes, people=self.away(period, people), more=more)
        self.county.finish(opened)
        self.remember(period, opened)

    def away(self, period: str, people: Mapping[str, Answers]) -> dict[str, Answers]:
        """The son works outside the province from the second quarter until he returns."""
        if "2026Q2" <= period < "2027Q1":
            wage = "不清楚" if period == "2026Q3" else money("8200.5", int(period[5]))
            return {SON: AWAY | {"ql_out_wage": wage, "ql_out_remit": money("4100", int(period[5]))}, **people}
        return dict(people)

    def remember(self, period: str, opened: OpenInterview) -> None:
        """Keeps what the interview says on the screen as it is handed in."""
        self.accepted[period] = interview_values(opened.form, opened.interview)


Happening = tuple[str, Mapping[str, Answers], Answers]
_AFTER_THE_LATE_ONE = "2028Q3"


def _add(opened: OpenInterview, answers: Answers) -> str:
    keep(opened, [opened.interview.add_row(MEMBER)])
    uid = opened.interview.rows(MEMBER)[-1]
    answer(opened, answers, uid)
    return str(uid)


_CHILD = {
    "qm_live_place": "1",
    "qm_months_home": "2",
    "qm_health_new": "1",
    "mem_hukou_here": "1",
    "mem_econ_tied": "1",
    "mem_months_home": "0",
    "mem_live_place": "1",
    "mem_plan_stay": "1",
}


def _birth(story: Story, opened: OpenInterview) -> Happening:
    told = {"qm_status": "3", "qm_change": "01", "qm_change_date": "2026-07-20", **_CHILD}
    story.born = _add(opened, {"mem_name": "李小宝", "mem_sex": "1", "mem_birth": "2026-07-20", "mem_relation": "41"})
    return "01", {story.born: told}, {}


def _death(_story: Story, _opened: object) -> Happening:
    told = {"qm_status": "4", "qm_change": "13", "qm_change_date": "2027-08-25", "qm_months_home": "1.5",
            "qm_live_place": "1"}  # fmt: skip
    return "02", {TIAN: told}, {"sel_f8": "F805", "co_funeral_cash": "8800"}


def _leaves_for_work(_story: Story, _opened: object) -> Happening:
    return "05", {}, {}


def _returns(_story: Story, _opened: object) -> Happening:
    return "06", {}, {}


def _adoption(story: Story, opened: OpenInterview) -> Happening:
    told = {"qm_status": "3", "qm_change": "03", "qm_change_date": "2029-02-11", **_CHILD}
    born = {"mem_name": "李小满", "mem_sex": "2", "mem_birth": "2027-05-21", "mem_relation": "37"}
    story.adopted = _add(opened, born)
    return "99", {story.adopted: told}, {"q_changes_oth": "收养"}


def _given_away(_story: Story, _opened: object) -> Happening:
    told = {"qm_status": "4", "qm_change": "24", "qm_change_date": "2030-02-10", "qm_months_home": "1"}
    return "99", {GIRL: told}, {"q_changes_oth": "寄养到姑姑家"}


def _comes_back(_story: Story, opened: OpenInterview) -> Happening:
    keep(opened, bring_back(opened, GIRL, "04"))
    school = {"edu_in_school": "1", "edu_stage": "04", "edu_level": "80", "mem_months_home": "6"}
    told = {"qm_status": "3", "qm_change": "04", "qm_change_date": "2030-08-01", **_CHILD, **school}
    return "06", {GIRL: told}, {}


def _put_right(story: Story) -> None:
    """The county sends an accepted wave back; the enumerator mends it; it is accepted again."""
    county = story.county
    root = county.interviews[story.home, "quarterly", PUT_RIGHT]
    county.on("2027-10-08")
    reviewing.send_back(county.office, root, ("03",), "漏了一笔养老金")
    opened = interviewing.open_interview(county.person("enum01"), root)
    answer(opened, {"sel_trf": "402 415 416", "trf_pen_res": "429.35"})
    settle(opened)
    interviewing.hand_in(opened)
    county.pass_on(root)
    story.remember(PUT_RIGHT, opened)


def _another_head(story: Story) -> None:
    seen = open_register(story.county.person("vsec01"), story.home)
    relations = {SON: "02", LI: "51", WEI: "10", GIRL: "30", story.born: "20", YOUNG: "73"}
    record(story.county.person("vsec01"), seen, HeadChanged(relations, on="2028-01"), note="老人让儿子当家")


def _marries_in(story: Story) -> None:
    """Out of one household of the village and into the other, as the same person."""
    clerk = story.county.person("vsec01")
    story.county.on("2028-11-20")
    registering.go_over(
        clerk, open_register(clerk, story.pans), open_register(clerk, story.home), BRIDE, code="02", relation="74",
        on="2028-11-11", note="婚入",
    )  # fmt: skip


def _splits(story: Story) -> None:
    office = story.county.office
    story.county.on("2029-05-20")
    _, new = registering.split(
        office, open_register(office, story.home), [YOUNG, BRIDE], relations={YOUNG: "02", BRIDE: "10"}, on="2029-05",
        address="三组新屋", tracked=True, note="两口子另过",
    )  # fmt: skip
    story.new = new.household


def _moves(story: Story) -> None:
    clerk = story.county.person("tsup01")
    story.county.on("2029-08-20")
    registering.move_away(clerk, open_register(clerk, story.home), on="2029-08", village=OTHER_VILLAGE, note="搬迁")


def _merges(story: Story) -> None:
    office = story.county.office
    story.county.on("2029-11-20")
    registering.merge(
        office, open_register(office, story.home), open_register(office, story.pans), relations={PAN: "99"},
        on="2029-11", note="无人照料，并来一户",
    )  # fmt: skip


_BEFORE: dict[str, Callable[[Story], None]] = {
    "2027Q4": _put_right, "2028Q1": _another_head, "2028Q4": _marries_in, "2029Q2": _splits, "2029Q3": _moves,
    "2029Q4": _merges,
}  # fmt: skip
_DURING: dict[str, Callable[..., Happening]] = {
    "2026Q2": _leaves_for_work, "2026Q3": _birth, "2027Q1": _returns, "2027Q3": _death, "2029Q1": _adoption,
    "2030Q1": _given_away, "2030Q3": _comes_back,
}  # fmt: skip
