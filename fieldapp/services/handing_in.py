"""交卷: what still blocks it, the submit change, and the slow facts written back to the living household."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlmodel import Session as SqlSession

from fieldapp.errors import NotReady, ReadOnlyInterview
from fieldapp.services import snapshots
from fieldapp.services.beginning import household_field, rosters_of_people, slow_questions
from fieldapp.services.codes import status_label
from fieldapp.services.earlier import value_label
from fieldapp.services.opened_interview import HandInItem, HandInList, OpenInterview
from fieldapp.store import activity, paradata, root_states
from fieldapp.store.ordering import key_between
from fieldapp.store.projections import ROSTER
from fieldapp.store.tables import InterviewRow
from fieldapp.words import _
from forms.engine import Cell, Form, Interview, Question
from sync.change import Content, Dot, Kind, NewRow, RootType, RowPath, Write
from sync.records import FormStatus, Level, RootView, review_step, view
from sync.scope import register_feed

# Figures that lists and charts show, by what they mean; the first variable that the form has.
_FIGURES = {
    "income_yuan": ("disp_inc_pc", "net_inc_mon_pc", "hh_income_book"),
    "consumption_yuan": ("cons_pc",),
    "resident_n": ("q_resident_n", "hh_resident_n"),
    "family_n": ("q_family_n", "hh_family_n"),
    "income_total": ("disp_inc",),
    "consumption_total": ("cons_total",),
}
_WRITTEN = "written.csv"
_GONE = "4"  # member_status: no longer a member


def hand_in_list(opened: OpenInterview) -> HandInList:
    """What still blocks handing in: hard checks failed or undecided, unconfirmed facts, blank required questions, soft checks
    without a note. Touches no disk."""
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
    for check in interview.checks():
        kind = ""
        if check.kind == "hard" and check.state in ("failed", "undecided"):
            kind = "hard" if check.state == "failed" else "undecided"
        elif check.kind == "soft" and check.state in ("failed", "fallen"):
            kind = "soft"
        elif check.state == "noted":
            noted += 1
        if kind:
            cell = check.about[0] if check.about else check.cell
            items.append(HandInItem(cell, check.id or _number(form, cell), kind, check.message))
    states = 0
    for cell in interview.relevant_questions():
        states += interview.state(cell).status in ("8", "9")
        if interview.confirmed(cell) is False and interview.value(cell) != "":
            sentence = _said(interview, cell, _("上期的值还没有确认"))
            items.append(HandInItem(cell, _number(form, cell), "unconfirmed", sentence))
    return HandInList(tuple(items), noted, states, interview.hidden_count, _recap(opened))


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
        _write_back(opened, writing)
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


# --- the living household ---------------------------------------------------------------------------------------------


def _write_back(opened: OpenInterview, writing: SqlSession) -> None:
    """Slow facts confirmed or changed become one edit of the household, with the heads that were shown as parents."""
    session, household = opened.session, opened.header.household
    pinned = snapshots.pinned(writing, opened.header.interview)
    # What an earlier hand-in of this interview wrote back counts as known, and its own change as the parent.
    known = snapshots.from_csv(pinned.get(_WRITTEN) or pinned.get("register.csv"))
    heads = _heads_shown(pinned.get("heads.json"))
    done = frozenset(heads) if _WRITTEN in pinned else frozenset()
    writes: list[Write] = []
    new_rows: list[NewRow] = []
    _facts_of(opened, opened.form.root, (), known.get("", {}), heads, writes, done)
    shown = session.changes.view(writing, household)
    there = {row.row[-1] for row in shown.roster(ROSTER)}
    last = shown.roster(ROSTER)[-1].order if shown.roster(ROSTER) else ""
    for repeat in rosters_of_people(opened.form):
        for person in opened.interview.rows(Cell(repeat.path)):
            if person not in there:
                last = key_between(last, "")
                new_rows.append(NewRow(ROSTER, (person,), last))
                there.add(person)
            _facts_of(opened, repeat, (person,), known.get(person, {}), heads, writes, done)
            status = opened.form.path_of("qm_status")
            if status and opened.interview.value(Cell(status, (person,))) == _GONE:
                why = opened.interview.value(Cell(opened.form.path_of("qm_change") or status, (person,)))
                _left(person, why or "1", known, heads, writes)
        for person in list(known):
            if person and person not in opened.interview.rows(Cell(repeat.path)):
                _left(person, "1", known, heads, writes)
    if not writes and not new_rows:
        return
    village = shown.value("hh_id") or ""
    change = session.changes.write(
        writing,
        Content(Kind.EDIT, tuple(writes), tuple(new_rows), body={"interview": opened.header.interview}),
        root=household,
        root_type=RootType.HOUSEHOLD,
        feed=session.changes.feed_of_root(writing, household, RootType.HOUSEHOLD) or register_feed(str(village)[:12]),
    )
    for write in writes:
        heads[write.row, write.field] = (change.dot,)
        known.setdefault(write.row[-1] if write.row else "", {})[write.field] = str(write.value)
    for new in new_rows:
        known.setdefault(new.row[-1], {})
    snapshots.pin(writing, opened.header.interview, "heads.json", snapshots.heads_json(heads))
    snapshots.pin(writing, opened.header.interview, _WRITTEN, snapshots.to_csv(known))


def _left(
    person: str,
    why: str,
    known: dict[str, dict[str, str]],
    heads: dict[tuple[RowPath, str], tuple[Dot, ...]],
    writes: list[Write],
) -> None:
    if known.get(person, {}).get("mem_left") != why:
        writes.append(Write((person,), "mem_left", why, heads.get(((person,), "mem_left"), ())))


def _facts_of(
    opened: OpenInterview,
    node: object,
    rows: RowPath,
    known: dict[str, str],
    heads: dict[tuple[RowPath, str], tuple[Dot, ...]],
    writes: list[Write],
    done: frozenset[tuple[RowPath, str]],
) -> None:
    for question in slow_questions(node):  # type: ignore[arg-type]
        cell, field = Cell(question.path, rows), household_field(question)
        if not opened.interview.is_relevant(cell):
            continue
        value = opened.interview.value(cell)
        changed = value != known.get(field, "")
        first_confirmed = opened.interview.confirmed(cell) is True and (rows, field) not in done
        if value != "" and (changed or first_confirmed):
            writes.append(Write(rows, field, value, heads.get((rows, field), ())))


def _heads_shown(data: bytes | None) -> dict[tuple[RowPath, str], tuple[Dot, ...]]:
    listed = json.loads(data) if data else []
    return {
        (tuple(row_path.split("/")) if row_path else (), field): tuple((bytes.fromhex(r), int(s)) for r, s in dots)
        for row_path, field, dots in listed
    }
