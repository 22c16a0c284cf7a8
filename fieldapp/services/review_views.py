"""What the review desk shows. (``reviewing.py`` makes and decides it.)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forms.engine import Cell


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """待审: one interview."""

    interview: str
    household: str
    hh_no: str
    head_name: str
    village_name: str
    group: str
    form_id: str
    form_title: str
    period: str
    enumerator: str
    enumerator_name: str
    version: int
    status: int  # 50, 55
    handed_in_at: datetime
    duration_min: int
    soft: int  # soft checks passed by a note
    changed: int  # cells changed since the version before
    conflicts: int
    oddity: str  # 改了 3 处 / 核 9 用时短 / 有冲突，先定 / 没有疑问
    tone: str  # accent, soft, conflict, ok, ""
    score: int  # larger is odder


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """已退未回: one interview."""

    interview: str
    head_name: str
    village_name: str
    group: str
    enumerator_name: str
    returned_at: datetime
    days: int  # since the return
    times: int  # how many returns so far
    words: str


@dataclass(frozen=True, slots=True)
class DeskToday:
    """Today's counts at the desk."""

    waiting: int
    reviewed: int
    returned: int
    approved: int
    reminders: tuple[
        str, ...
    ] = ()  # what the county has not entered for this period, what tasks wait for, as sentences


@dataclass(frozen=True, slots=True)
class Comment:
    """A word about a question (or the whole interview, cell None)."""

    cell: Cell | None
    who: str
    mine: bool
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of the review sheet. ``kind`` is section (a heading with totals), row (a roster row's heading) or line."""

    kind: str
    cell: Cell | None
    number: str
    label: str
    value: str
    value_label: str
    prev_label: str  # "—" when there was none
    yoy_label: str
    change: str  # +8% / 同 / 新增 / 季节 / ""
    change_pct: float | None
    change_tone: str  # "", soft
    note: str  # the note on a soft check, or the enumerator's remark
    earlier: str  # value in the version before when it changed, else ""
    badge: str  # "", hard, soft, noted, mended, conflict
    section: str  # path of the section
    comments: int
    cleared: bool  # the reviewer ticked 清楚了
    important: bool  # shown under "只看要紧的"


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """退回原因: code and words of list reject_reason."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class StateStep:
    """One step in an interview's life."""

    at: datetime
    who: str
    status: int
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """审核单: one interview laid out for review."""

    row: WaitingRow
    hh_id: str
    hh_type_label: str
    lines: tuple[SheetLine, ...]
    summary: str  # 整卷：错 0 核 2 都写了说明 用时 43 分钟 …
    comments: tuple[Comment, ...]
    reasons: tuple[ReturnReason, ...]
    history: tuple[StateStep, ...]
    returns: int
    approve_blocked: str  # why it cannot be approved, "" when it can
    return_blocked: str  # why it cannot be returned (third return: county), "" when it can
    prev_title: str
    yoy_title: str
