"""What screens show of households: rows, the enumerator's home, the slip, the page. (``finding.py`` makes them.)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One line of a household list. Codes are kept beside their words; times are aware UTC."""

    household: str  # root id (hex)
    hh_id: str  # 16 digits
    hh_no: str  # the last four
    head_name: str
    village_code: str
    village_name: str
    group: str
    hh_type: str  # code of list hh_type
    hh_type_label: str
    assignment: str  # root id of the assignment of the period shown, "" none
    form_id: str
    period: str  # 2026 or 2026Q3
    interview: str  # root id of the interview of that assignment, "" not begun
    status: int  # form_status: 0 no assignment, 20, 30, 40, 50, 55, 60, 70, 80, 90, 95, 99
    status_label: str  # 没到, 填报中 26%, 已交，等乡镇审 …
    progress: int  # percent of relevant questions answered
    next_visit_at: datetime | None
    hard: int  # open hard checks
    soft: int  # open soft checks
    conflicts: int  # cells in conflict, household and interview together
    custody: str  # "" nothing to hand over, unsent, custody, admitted, durable (of the newest own work on it)
    enumerator: str  # account
    enumerator_name: str
    name_matches: tuple[tuple[int, int], ...] = ()  # ranges of head_name that the search hit
    ended: bool = False  # merged, moved away, nobody left, registered twice: nobody visits it any more
    state_label: str = ""  # 已并入 0012, 已迁出本县, 分户跟踪户 … "" for a household that simply is there
    closed: bool = False  # the office settled this period's task without an interview

    @property
    def to_visit(self) -> bool:
        """Whether there is still a household to visit, and a task that somebody has to do."""
        return not self.ended and not self.closed


@dataclass(frozen=True, slots=True)
class HouseholdList:
    """Rows and how many there are in all."""

    rows: tuple[HouseholdRow, ...]
    matching: int
    total: int


@dataclass(frozen=True, slots=True)
class GroupCount:
    """A village group with its number of households."""

    village_code: str
    village_name: str
    group: str
    households: int


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """今天约访: one line."""

    household: HouseholdRow
    visit_at: datetime
    remark: str  # 老人耳背，找组长陪; or where the interview stands
    remark_is_warning: bool  # 上季拒过 1 次


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """退回待改: one line."""

    household: HouseholdRow
    form_title: str
    words: str
    returned_by: str
    returned_at: datetime
    days_left: int  # negative when late


@dataclass(frozen=True, slots=True)
class InProgressLine:
    """进行中: one line."""

    household: HouseholdRow
    left_at: datetime | None
    place: str  # number of the question where it was left, QA19


@dataclass(frozen=True, slots=True)
class WaveProgress:
    """本期进度."""

    period: str
    period_title: str  # 2026 年三季度
    assigned: int
    done: int  # handed in or beyond
    in_progress: int
    returned: int
    not_visited: int
    window_until: date | None


@dataclass(frozen=True, slots=True)
class EnumeratorHome:
    """The four blocks of the enumerator's first screen."""

    today: tuple[VisitPlan, ...]
    returned: tuple[ReturnedLine, ...]
    in_progress: tuple[InProgressLine, ...]
    progress: WaveProgress
    ready_unsent: int  # handed in, not yet handed over
    last_exchange_at: datetime | None
    last_exchange_sentence: str
    reminders: tuple[str, ...] = ()  # what the county has not entered for this period, as sentences


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit to a household."""

    visited_at: datetime
    mode: str  # 面访
    result: str  # 48 分钟 通过 / 家中无人


@dataclass(frozen=True, slots=True)
class PeriodFigure:
    """A figure of one period, for the small bars: whole yuan a head, None when it was not surveyed."""

    period: str
    label: str  # 25三季
    yuan: int | None
    consumption_yuan: int | None = None


@dataclass(frozen=True, slots=True)
class HouseholdCard:
    """访户提示: what an enumerator needs before knocking. Telephone numbers are masked."""

    household: HouseholdRow
    address: str
    phones: tuple[str, ...]  # 138****2206（户主）
    good_time: str
    members_line: str  # 6 人：周德顺 63、田秀英 61 …
    fixed_incomes: tuple[str, ...]  # 养老金 215 元×2
    doubts: tuple[str, ...]  # last quarter's notes on soft checks
    visits: tuple[VisitLine, ...]  # newest first, three
    incomes: tuple[PeriodFigure, ...]  # oldest first, empty for roles that may not see money
    resume_sentence: str  # 按 Enter 从 QA19 接着填


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member on the household page."""

    person_uid: str
    mem_no: str
    name: str
    relation: str
    sex: str
    age: int | None
    now: str  # 常住, 外出, 离户
    remark: str
    gone: bool


@dataclass(frozen=True, slots=True)
class InterviewLine:
    """One questionnaire in a household's life."""

    interview: str  # "" for a period without one
    form_id: str
    form_title: str
    period: str
    period_title: str
    status: int
    status_label: str
    enumerator_name: str
    duration_min: int | None
    income_yuan: int | None  # a head; None for roles that may not see money
    consumption_yuan: int | None
    remark: str  # 退 1 次, 基线, 错 1 核 4


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """来龙去脉: who changed what."""

    at: datetime
    who: str
    what: str
    tone: str  # "", ok, hard, soft, conflict


@dataclass(frozen=True, slots=True)
class PrintLine:
    """档案: what was printed and what changed since."""

    document: str
    title: str
    printed_at: datetime | None
    version: int
    changed_since: int


@dataclass(frozen=True, slots=True)
class HouseholdPage:
    """One household with everything this role may see of it."""

    card: HouseholdCard
    short_code: str  # QS3-7K2M
    members: tuple[MemberLine, ...]
    registered_n: int
    resident_n: int
    interviews: tuple[InterviewLine, ...]
    history: tuple[HistoryLine, ...]
    prints: tuple[PrintLine, ...]
    unsent_changes: int
