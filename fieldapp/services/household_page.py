"""One household: the slip read before knocking, and the page with everything this role may see of it.

What a role may not know is absent, not blanked: a village secretary's page has no income, consumption or notes of interviews.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import NoSuchHousehold
from fieldapp.printing.short_code import short_code
from fieldapp.services import periods
from fieldapp.services.codes import code_label, status_label
from fieldapp.services.earlier import figure
from fieldapp.services.fillings import path_of
from fieldapp.services.household_views import (
    HistoryLine,
    HouseholdCard,
    HouseholdPage,
    InterviewLine,
    MemberLine,
    PeriodFigure,
    PrintLine,
    VisitLine,
)
from fieldapp.services.listing import KNOWING, custody_of, listed_in_scope, row_of, staff_names
from fieldapp.services.register_words import lines_of
from fieldapp.services.session import CHINA, Session
from fieldapp.services.static_labels import question_label
from fieldapp.store import form_packs, households
from fieldapp.store.households import ListedHousehold
from fieldapp.store.projections import at_of, text
from fieldapp.store.tables import (
    AssignmentRow,
    ChangeRow,
    InterviewPlace,
    InterviewRow,
    MemberRow,
    PrintRegister,
)
from fieldapp.words import _
from forms.engine import Question
from sync.change import Kind
from sync.codec import open_sealed
from sync.project import UseMode
from sync.records import FormStatus, RootView
from sync.scope import Role

MONEY_ROLES = (Role.ENUM, Role.TSUP, Role.CADM)
_DOCUMENTS = (("household_file", "一户一档"), ("slip", "访户提示单"))
_MOST_HISTORY = 40


def household_card(session: Session, household: str) -> HouseholdCard:
    """The slip of one household.

    Raises:
        NoSuchHousehold: not in this laptop's scope.
    """
    session.require("看这一户", *KNOWING)
    with session.database.reading() as reading:
        return _card(session, reading, _one(session, reading, household))


def _answers_shown(session: Session) -> bool:
    """Whether the page tells what was answered: never in a statistical survey (monitoring.md 2)."""
    return session.role in MONEY_ROLES and session.use_mode is UseMode.WORK


def _one(session: Session, reading: SqlSession, household: str) -> ListedHousehold:
    found = listed_in_scope(session, reading, pieces=[], root=household)
    if not found:
        raise NoSuchHousehold("outside the scope or not here")
    return found[0]


def _card(session: Session, reading: SqlSession, one: ListedHousehold) -> HouseholdCard:
    shown = session.changes.view(reading, one.root)
    members = households.members(reading, one.root)
    interviews = _interviews(reading, one.root)
    assignment = reading.get(AssignmentRow, one.assignment) if one.assignment else None
    place = reading.get(InterviewPlace, one.interview) if one.interview else None
    money = _answers_shown(session)
    row = row_of(one, staff_names(reading), custody_of(reading))
    number = place.number if place else ""
    resume = ""
    if one.closed or one.ended:
        resume = "；".join(
            part for part in (row.state_label, row.status_label if row.closed else _("不用再访，任务由乡镇定")) if part
        )
    elif one.status in (int(FormStatus.DRAFT), int(FormStatus.CHECKED)):
        resume = _("按 Enter 从 {number} 接着填").format(number=number) if number else _("按 Enter 接着填")
    elif one.status <= int(FormStatus.ASSIGNED) and one.assignment:
        resume = _("按 Enter 开始填")
    return HouseholdCard(
        household=row,
        address=text(shown, "hh_address"),
        phones=_phones(shown, members),
        good_time=(assignment.remark if assignment else "") or text(shown, "hh_good_time"),
        members_line=_members_line(members, session.today()),
        fixed_incomes=_fixed_incomes(session, reading, interviews, one.interview) if money else (),
        doubts=_doubts(session, reading, interviews, one.interview) if money else (),
        visits=_visits(session, reading, interviews),
        incomes=_bars(interviews) if money else (),
        resume_sentence=resume,
    )


def mask_phone(phone: str) -> str:
    """138****2206."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def _phones(shown: RootView, members: list[MemberRow]) -> tuple[str, ...]:
    found = []
    if text(shown, "hh_phone"):
        found.append(_("{phone}（户主）").format(phone=mask_phone(text(shown, "hh_phone"))))
    for member in members:
        phone = text(shown, "mem_phone", (member.person_uid,))
        if phone and not member.gone and phone != text(shown, "hh_phone"):
            found.append(f"{mask_phone(phone)}（{code_label('relation', member.relation) or member.name}）")
    return tuple(found)


def age_on(birth: str, day: date) -> int | None:
    """Age by the calendar, None for no birth date."""
    try:
        born = date.fromisoformat(birth)
    except ValueError:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _members_line(members: list[MemberRow], today: date) -> str:
    living = [member for member in members if not member.gone]
    named = "、".join(
        f"{member.name} {age}" if (age := age_on(member.birth, today)) is not None else member.name for member in living
    )
    return _("{n} 人：{named}").format(n=len(living), named=named) if living else ""


def _interviews(reading: SqlSession, household: str) -> list[InterviewRow]:
    query = select(InterviewRow).where(InterviewRow.household == household, InterviewRow.status != int(FormStatus.VOID))
    return sorted(reading.exec(query), key=lambda row: periods.order_key(row.period), reverse=True)


def _bars(interviews: list[InterviewRow]) -> tuple[PeriodFigure, ...]:
    quarters = [row for row in interviews if periods.is_quarter(row.period) and row.handed_in_at][:5]
    return tuple(
        PeriodFigure(
            row.period, periods.bar_title(row.period), _yuan(row, "income_yuan"), _yuan(row, "consumption_yuan")
        )
        for row in reversed(quarters)
    )


def _yuan(row: InterviewRow, name: str) -> int | None:
    value = json.loads(row.figures or "{}").get(name)
    return None if value is None else round(float(value))  # for a chart's bar, never for a sum


def _doubts(session: Session, reading: SqlSession, interviews: list[InterviewRow], current: str) -> tuple[str, ...]:
    """Notes that soft checks were passed with in the interview before this one."""
    before = next((row for row in interviews if row.root != current and row.handed_in_at), None)
    if before is None:
        return ()
    shown = session.changes.view(reading, before.root)
    notes = [
        str(cell.value).rpartition("\x01")[2]
        for (_, field), cell in shown.cells.items()
        if field.endswith("@note") and cell.value
    ]
    return tuple(notes[:4])


def _fixed_incomes(
    session: Session, reading: SqlSession, interviews: list[InterviewRow], current: str
) -> tuple[str, ...]:
    """Sums of last quarter that come every month: those the questionnaire asks to be confirmed one by one."""
    before = next((row for row in interviews if row.root != current and row.handed_in_at), None)
    if before is None:
        return ()
    form = session.load_form(before.form_hash)
    shown = session.changes.view(reading, before.root)
    found = []
    for rows, field in shown.cells:
        path = path_of(form, field)
        node = form.find_node(path)
        if not isinstance(node, Question) or node.type != "decimal" or form.find_node(f"{path}__ok") is None:
            continue
        value = text(shown, field, rows)
        if value and value.strip("0.") != "":
            found.append(_("{label} {amount} 元").format(label=question_label(form, path), amount=figure(value)))
    return tuple(found[:6])


def _visits(session: Session, reading: SqlSession, interviews: list[InterviewRow]) -> tuple[VisitLine, ...]:
    found = []
    for row in interviews[:4]:
        shown = session.changes.view(reading, row.root)
        for rows, field in shown.cells:
            if not field.endswith("visit_date") or not text(shown, field, rows):
                continue
            stem = field.removesuffix("visit_date")
            start, end = (text(shown, f"{stem}visit_{end}", rows)[:5] for end in ("start", "end"))
            moment = _moment(text(shown, field, rows), start)
            if moment is None:
                continue
            mode = code_label("visit_mode", text(shown, f"{stem}visit_mode", rows))
            outcome = text(shown, f"{stem}visit_outcome", rows)
            found.append(VisitLine(moment, mode, _visit_result(row, outcome, moment, end)))
    return tuple(sorted(found, key=lambda line: line.visited_at, reverse=True)[:3])


def _moment(day: str, clock: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day}T{clock or '00:00'}").replace(tzinfo=CHINA)
    except ValueError:
        return None


def _visit_result(row: InterviewRow, outcome: str, began: datetime, end: str) -> str:
    if outcome[:1] not in ("", "1"):
        return code_label("interview_outcome", outcome)
    words = []
    ended = _moment(began.date().isoformat(), end) if end else None
    if ended and ended > began:
        words.append(_("{n} 分钟").format(n=int((ended - began) / timedelta(minutes=1))))
    if row.returns:
        words.append(_("退 {n} 次").format(n=row.returns))
    words.append(status_label(row.status))
    return " ".join(words)


# --- the page ---------------------------------------------------------------------------------------------------------


def household_page(session: Session, household: str) -> HouseholdPage:
    """Everything this role may see of one household."""
    session.require("看这一户", *KNOWING)
    with session.database.reading() as reading:
        one = _one(session, reading, household)
        shown = session.changes.view(reading, household)
        members = tuple(_member_line(session, shown, member) for member in households.members(reading, household))
        interviews = _interviews(reading, household)
        return HouseholdPage(
            card=_card(session, reading, one),
            short_code=short_code(one.hh_id) if one.hh_id[-10:].isdigit() else "",
            members=members,
            registered_n=sum(1 for member in members if not member.gone),
            resident_n=sum(1 for member in members if member.now == "常住"),
            interviews=_interview_lines(session, reading, interviews),
            history=_history(session, reading, one.root, interviews),
            prints=_prints(reading, household),
            unsent_changes=_unsent(reading, [household, *(row.root for row in interviews)]),
        )


def _member_line(session: Session, shown: RootView, member: MemberRow) -> MemberLine:
    row = (member.person_uid,)
    home = text(shown, "mem_live_place", row)
    now = "离户" if member.gone else "外出" if home not in ("", "1") else "常住"
    away = code_label("absence_reason", text(shown, "mem_absence_reason", row)) if now == "外出" else ""
    remark = code_label("member_change", text(shown, "mem_left", row)) if member.gone else away
    if not remark and _answers_shown(session):
        remark = "、".join(code_label("health", code) for code in text(shown, "mem_health", row).split() if code != "1")
    return MemberLine(
        person_uid=member.person_uid,
        mem_no="—" if member.gone else member.mem_no,
        name=member.name,
        relation=code_label("relation", member.relation),
        sex=code_label("sex", member.sex),
        age=age_on(member.birth, session.today()),
        now=now,
        remark=remark,
        gone=member.gone,
    )


def _interview_lines(
    session: Session, reading: SqlSession, interviews: list[InterviewRow]
) -> tuple[InterviewLine, ...]:
    if session.role not in MONEY_ROLES:
        return ()
    names, money = staff_names(reading), _answers_shown(session)
    titles = {form_id: title for form_id, (_pack, title) in form_packs.all_newest(reading).items()}
    lines = []
    for row in interviews:
        place = reading.get(InterviewPlace, row.root)
        words = [_("退 {n} 次").format(n=row.returns)] if row.returns else []
        if row.form_id == "annual":
            words.append(_("基线"))
        if place and place.hard:
            words.append(_("错 {n}").format(n=place.hard))
        if place and place.soft:
            words.append(_("核 {n}").format(n=place.soft))
        lines.append(
            InterviewLine(
                interview=row.root,
                form_id=row.form_id,
                form_title=titles.get(row.form_id, row.form_id),
                period=row.period,
                period_title=periods.short_title(row.period),
                status=row.status,
                status_label=status_label(row.status, place.progress if place else 0),
                enumerator_name=names.get(row.enumerator, row.enumerator),
                duration_min=round(row.duration_s / 60) if row.duration_s else None,
                income_yuan=_yuan(row, "income_yuan") if money else None,
                consumption_yuan=_yuan(row, "consumption_yuan") if money else None,
                remark=" ".join(words),
            )
        )
    return tuple(lines)


def _history(
    session: Session, reading: SqlSession, household: str, interviews: list[InterviewRow]
) -> tuple[HistoryLine, ...]:
    names = staff_names(reading)
    titles = {row.root: periods.short_title(row.period) for row in interviews}
    roots = [household, *(titles if session.role in MONEY_ROLES else ())]
    query = (
        select(ChangeRow).where(col(ChangeRow.root).in_(roots), ChangeRow.kind != Kind.PARADATA)
        .order_by(col(ChangeRow.hlc).desc()).limit(_MOST_HISTORY)
    )  # fmt: skip
    lines = []
    shown = session.changes.view(reading, household)
    for row in reading.exec(query):
        what, tone = _what(row, titles.get(row.root, ""), shown, reading)
        if what:
            lines.append(HistoryLine(at_of(row.hlc), names.get(row.actor, row.actor), what, tone))
    return tuple(lines)


def _what(row: ChangeRow, title: str, shown: RootView, reading: SqlSession) -> tuple[str, str]:
    words = {
        Kind.SUBMIT: ("交卷", ""),
        Kind.RETURN: ("退回", "hard"),
        Kind.APPROVE: ("通过", "ok"),
        Kind.LOCK: ("县级验收", "ok"),
        Kind.RESOLVE: ("定了冲突", "conflict"),
        Kind.VOID: ("作废", "hard"),
    }
    if row.kind in words:
        said, tone = words[Kind(row.kind)]
        return f"{title} {_(said)}".strip(), tone
    if title:
        return "", ""
    return "；".join(said for _code, _uid, _on, said in lines_of(open_sealed(row.raw), shown, reading)), ""


def _prints(reading: SqlSession, household: str) -> tuple[PrintLine, ...]:
    lines = []
    for document, title in _DOCUMENTS:
        last = reading.exec(
            select(PrintRegister)
            .where(PrintRegister.household == household, PrintRegister.document == document)
            .order_by(col(PrintRegister.n).desc())
        ).first()
        changed = 0
        if last is not None:
            roots = [household, *reading.exec(select(InterviewRow.root).where(InterviewRow.household == household))]
            changed = len(
                reading.exec(
                    select(ChangeRow.change_id).where(
                        col(ChangeRow.root).in_(roots), col(ChangeRow.stored_at) > last.printed_at
                    )
                ).all()
            )
        lines.append(
            PrintLine(document, _(title), last.printed_at if last else None, last.version if last else 0, changed)
        )
    return tuple(lines)


def _unsent(reading: SqlSession, roots: list[str]) -> int:
    query = select(ChangeRow.change_id).where(
        col(ChangeRow.root).in_(roots), ChangeRow.origin == "own", col(ChangeRow.state).in_(("sealed", "custody"))
    )
    return len(reading.exec(query).all())
