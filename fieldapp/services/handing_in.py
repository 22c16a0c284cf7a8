"""交卷: what still blocks it, the submit change, and the slow facts written back to the living household."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlmodel import Session as SqlSession

from fieldapp.errors import NotReady, ReadOnlyInterview
from fieldapp.services import writing_back
from fieldapp.services.codes import status_label
from fieldapp.services.earlier import value_label
from fieldapp.services.interview_people import roster_items
from fieldapp.services.opened_interview import HandInItem, HandInList, OpenInterview
from fieldapp.store import activity, paradata, root_states
from fieldapp.store.tables import InterviewRow
from fieldapp.words import _
from forms.engine import Cell, Form, Interview, Question
from sync.change import Content, Kind, RootType, RowPath
from sync.records import FormStatus, Level, RootView, review_step, view

# Figures that lists and charts show, by what they mean; the first variable that the form has.
_FIGURES = {
    "income_yuan": ("disp_inc_pc", "net_inc_mon_pc", "hh_income_book"),
    "consumption_yuan": ("cons_pc",),
    "resident_n": ("q_resident_n", "hh_resident_n"),
    "family_n": ("q_family_n", "hh_family_n"),
    "income_total": ("disp_inc",),
    "consumption_total": ("cons_total",),
}
ELSEWHERE = ("township", "county")
"""Levels of checks that never hold anybody up at the door: ``checking.py`` runs them where other households are known."""


def hand_in_list(opened: OpenInterview) -> HandInList:
    """What still blocks handing in: hard checks failed or undecided, unconfirmed facts, blank required questions, soft checks
    without a note, and what is amiss with the roster of people. Reads the disk only when somebody is missing there."""
    interview, form = opened.interview, opened.form
    items: list[HandInItem] = []
    for broken in interview.violations():
        words = broken.message or (
            _("这题还没有填") if broken.condition == "required" else _("这个数不对，看题下的说明")
        )
        items.append(
            HandInItem(broken.cell, _number(form, broken.cell), broken.condition, _said(interview, broken.cell, words))
        )
    noted = 0
    partial = _is_partial(opened)
    for check in interview.checks():
        kind = ""
        if check.level in ELSEWHERE or (partial and check.state == "undecided"):
            continue
        if check.kind == "hard" and check.state in ("failed", "undecided"):
            kind = "hard" if check.state == "failed" else "undecided"
        elif check.kind == "soft" and check.state in ("failed", "fallen"):
            kind = "soft"
        elif check.state == "noted":
            noted += 1
        if kind:
            cell = check.about[0] if check.about else check.cell
            items.append(HandInItem(cell, check.id or _number(form, cell), kind, check.message))
    items += roster_items(opened)
    states = 0
    for cell in interview.relevant_questions():
        states += interview.state(cell).status in ("8", "9")
        if interview.confirmed(cell) is False and interview.value(cell) != "":
            sentence = _said(interview, cell, _("上期的值还没有确认"))
            items.append(HandInItem(cell, _number(form, cell), "unconfirmed", sentence))
    return HandInList(tuple(items), noted, states, interview.hidden_count, _recap(opened))


def _is_partial(opened: OpenInterview) -> bool:
    """Whether the outcome is "partly done" (120, codelists.md 14.1): the form marks question and code by ``fa:partial``.

    The form itself no longer requires what is not one of the key sections; a check that nobody can decide for lack of these
    answers does not hold the interview back either. One that fails does.
    """
    for node in opened.form.walk():
        if isinstance(node, Question) and node.fa.get("partial"):
            return opened.interview.value(Cell(node.path)) in node.fa["partial"].split()
    return False


def _said(interview: Interview, cell: Cell, words: str) -> str:
    label = interview.label(cell)
    return f"{label}：{words}" if label else words


def _number(form: Form, cell: Cell) -> str:
    node = form.find_node(cell.path)
    return (node.number or "") if node is not None else ""


def _recap(opened: OpenInterview) -> tuple[tuple[str, str], ...]:
    """本户小结: what the form marks with fa:recap, large enough to read aloud."""
    lines = []
    for node in opened.form.walk():
        if isinstance(node, Question) and node.fa.get("recap"):
            cell = Cell(node.path)
            if opened.interview.is_relevant(cell):
                value = opened.interview.value(cell)
                shown = value_label(opened.interview, opened.form, cell, value) if value else "—"
                lines.append((node.fa["recap"], shown))
    return tuple(lines)


def hand_in(opened: OpenInterview) -> None:
    """交卷: seals, writes the submit change and the changed slow facts to the living household.

    Raises:
        NotReady: with the counts; :func:`hand_in_list` names each.
    """
    if opened.header.readonly:
        raise ReadOnlyInterview("not open", reason=opened.header.readonly_reason)
    found = hand_in_list(opened)
    if not found.ready:
        raise NotReady("checks open", what=_counts(found))
    opened.measure()
    session, root = opened.session, opened.header.interview
    opened.remember_place(opened.cursor, opened.section)
    with session.database.transaction() as writing:
        opened.seal_in(writing)
        shown = session.changes.view(writing, root)
        events = paradata.unsealed(writing, root)
        body = {
            "level": str(Level.TOWNSHIP),
            "soft_noted": found.soft_noted,
            "states_8_9": found.states_8_9,
            "hidden": found.hidden,
            "duration_s": visit_duration_s(opened) or paradata.working_time_s([event.at for event in events]),
            "changed": _changed_since_last(writing, root, shown),
            "figures": figures(opened.form, opened.interview),
        }
        feed = session.changes.feed_of_root(writing, root, RootType.INTERVIEW)
        step = review_step(shown, Kind.SUBMIT, Level.TOWNSHIP, body=body)
        session.changes.write(
            writing, step, root=root, root_type=RootType.INTERVIEW, feed=feed, form_version=opened.form.hash
        )
        if events:
            trail = Content(Kind.PARADATA, body=paradata.summary(events))
            session.changes.write(writing, trail, root=root, root_type=RootType.INTERVIEW, feed=feed)
            paradata.mark_sealed(writing, root)
        writing_back.write_back(opened, writing)
        activity.note(writing, session.now(), session.account, "hand in", root)
    status = int(FormStatus.SUBMITTED)
    opened.header = replace(
        opened.header,
        status=status,
        status_label=status_label(status),
        readonly=True,
        readonly_reason=_("现在是“{status}”").format(status=status_label(status)),
    )


def _counts(found: HandInList) -> str:
    words = []
    by_kind: dict[str, int] = {}
    for item in found.blocking:
        by_kind[item.kind] = by_kind.get(item.kind, 0) + 1
    wrong = by_kind.get("hard", 0) + by_kind.get("constraint", 0)
    for count, said in (
        (wrong, _("错 {n} 条")),
        (by_kind.get("required", 0), _("{n} 题没填")),
        (by_kind.get("undecided", 0), _("{n} 条还查不了，要先填齐")),
        (by_kind.get("soft", 0), _("{n} 条没写说明")),
        (by_kind.get("unconfirmed", 0), _("{n} 处待确认")),
    ):
        if count:
            words.append(said.format(n=count))
    return "，".join(words)


def figures(form: Form, interview: Interview) -> dict[str, str]:
    """The few computed figures that travel with a hand-in, so that lists need not run the questionnaire."""
    found = {}
    for meaning, names in _FIGURES.items():
        for name in names:
            path = form.path_of(name)
            value = interview.value(Cell(path)) if path else ""
            if value and _is_number(value):
                found[meaning] = value
                break
    return found


def _is_number(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def visit_duration_s(opened: OpenInterview) -> int:
    """Length of the visits written down, 0 when none has both times."""
    total = 0
    for repeat in opened.form.walk():
        start = next((c for c in getattr(repeat, "children", ()) if c.name.endswith("visit_start")), None)
        end = next((c for c in getattr(repeat, "children", ()) if c.name.endswith("visit_end")), None)
        if repeat.kind != "repeat" or start is None or end is None:
            continue
        for row_id in opened.interview.rows(Cell(repeat.path)):
            began = _time(opened.interview.value(Cell(start.path, (row_id,))))
            ended = _time(opened.interview.value(Cell(end.path, (row_id,))))
            if began and ended and ended > began:
                total += int((ended - began).total_seconds())
    return total


def _time(value: str) -> datetime | None:
    try:
        return datetime.strptime(value[:5], "%H:%M")  # noqa: DTZ007 -- a clock time of one day, no zone in it
    except ValueError:
        return None


def _changed_since_last(writing: SqlSession, root: str, shown: RootView) -> int:
    """Cells that differ from the version handed in before; 0 for the first."""
    row = writing.get(InterviewRow, root)
    if row is None or not row.summary_hlc:
        return 0
    before = view(root_states.of_log(writing, root, row.summary_hlc))
    return len(changed_cells(before, shown))


def changed_cells(before: RootView, after: RootView) -> list[tuple[RowPath, str]]:
    """Answers that are not the same in two versions."""
    keys = {key for key in (*before.cells, *after.cells) if not key[1].startswith("~")}
    return sorted(
        key
        for key in keys
        if (before.cells[key].value if key in before.cells else None)
        != (after.cells[key].value if key in after.cells else None)
    )
