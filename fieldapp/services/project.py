"""The county project of this laptop: what its answers may be used for, and the marks a statistical survey carries on paper.

The mode (monitoring.md 2) comes with the founding and is written nowhere else: no screen, no parameter and no change of the county
feed can alter it. The marks (表号, 制定机关, 批准或备案文号, 有效期) come with the county feed.
"""

from __future__ import annotations

from sqlmodel import Session as SqlSession

from fieldapp.errors import FieldAppError
from fieldapp.services.session import Session
from fieldapp.store import facts
from fieldapp.words import _
from sync.project import Project, UseMode

__all__ = [
    "MarksExpired",
    "MarksMissing",
    "NotInStatistics",
    "Project",
    "UseMode",
    "forbid_in_statistics",
    "marks",
    "mode_line",
    "project",
    "read_project",
]
FACTS = "project"  # kind of the control facts


class MarksMissing(FieldAppError):
    """A paper of a statistical survey without its marks."""

    zh = "统计调查项目还没有录入{what}，不能印{paper}，也没有印出任何一页；资料都在，请县里用 fieldapp-server project 补录。"


class MarksExpired(FieldAppError):
    """The approval has run out."""

    zh = "这个统计调查项目的有效期到 {until} 为止，不能再印{paper}；资料都在，请县里办好延期后更新有效期。"


class NotInStatistics(FieldAppError):
    """Something that a statistical survey must not do with single households."""

    zh = "统计调查项目的单户资料只用于统计，不能{deed}；资料没有动。"


def project(session: Session) -> Project:
    """The project that this laptop belongs to."""
    with session.database.reading() as reading:
        return read_project(session, reading)


def read_project(session: Session, reading: SqlSession) -> Project:
    """The same within an open reading."""
    return Project.of_facts(session.county, session.county_name, session.use_mode, facts.read_facts(reading, FACTS))


def forbid_in_statistics(session: Session, deed: str) -> None:
    """Raises NotInStatistics in a statistical survey.

    Args:
        deed: Chinese verb phrase for the sentence: 导出姓名和证件号.
    """
    if session.use_mode is UseMode.STAT:
        raise NotInStatistics("single households", deed=deed)


def marks(session: Session, paper: str, form_id: str = "") -> tuple[tuple[str, str], ...]:
    """What must stand on a paper: (name, value) of 表号, 制定机关, 文号, 有效期 in a statistical survey, nothing under WORK.

    Args:
        paper: its name for the refusal: 问卷.
        form_id: the questionnaire whose 表号 it is; "" for a paper of several.
    Raises:
        MarksMissing, MarksExpired: nothing is printed.
    """
    found = project(session)
    if not found.is_stat:
        return ()
    missing = found.missing(form_id)
    if missing:
        raise MarksMissing("marks", what=_("、").join(_(name) for name in missing), paper=paper)
    if found.valid_until is not None and session.today() > found.valid_until:
        raise MarksExpired("marks", until=found.valid_until.isoformat(), paper=paper)
    numbers = found.table_no(form_id) if form_id else "、".join(dict.fromkeys(found.table_numbers.values()))
    until = found.valid_until.isoformat() if found.valid_until else ""
    return (
        ("表号", numbers),
        ("制定机关", found.issuing_office),
        ("批准或备案文号", found.approval_no),
        ("有效期至", until),
    )


def mode_line(session: Session, form_id: str = "") -> str:
    """One line for the cover of an interview: the use of the answers, and in a statistical survey the marks there are."""
    found = project(session)
    if not found.is_stat:
        return _("用途：工作监测")
    words = [_("用途：统计调查，只用于统计")]
    number = found.table_no(form_id)
    for said, value in (
        (_("表号：{value}"), number),
        (_("制定机关：{value}"), found.issuing_office),
        (_("文号：{value}"), found.approval_no),
        (_("有效期至：{value}"), found.valid_until.isoformat() if found.valid_until else ""),
    ):
        if value:
            words.append(said.format(value=value))
    return "　".join(words)
