"""审核单: an interview laid out line by line, each beside last quarter and the same quarter last year."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from sqlmodel import select

from fieldapp.services.codes import code_label
from fieldapp.services.earlier import value_label
from fieldapp.services.fillings import field_of
from fieldapp.services.opened_interview import OpenInterview, PinnedComment, comments_of, open_interview
from fieldapp.services.review_views import Comment, ReturnReason, Sheet, SheetLine, StateStep, WaitingRow
from fieldapp.services.session import Session
from fieldapp.services.static_labels import question_label
from fieldapp.store import root_states
from fieldapp.store.drafts import split_register
from fieldapp.store.households import find
from fieldapp.store.sealing import register_lookup
from fieldapp.store.tables import Staff
from fieldapp.words import _
from forms.engine import Cell, CheckResult, Form, Question, Repeat, RowPath
from sync.change import Kind
from sync.records import RootView, view

_MUCH = Decimal(100)  # percent beyond which a change is marked
_MUCH_YUAN = Decimal(500)


@dataclass
class _Marks:
    """What is known about single cells before the lines are made."""

    checks: dict[Cell, list[CheckResult]] = field(default_factory=dict)
    conflicts: set[tuple[RowPath, str]] = field(default_factory=set)
    earlier: dict[Cell, str] = field(default_factory=dict)
    comments: dict[Cell, int] = field(default_factory=dict)
    remarks: frozenset[Cell] = frozenset()
    cleared: set[Cell] = field(default_factory=set)


def sheet_of(
    session: Session,
    row: WaitingRow,
    shown: RootView,
    approve_blocked: str,
    return_blocked: str,
    reasons: tuple[ReturnReason, ...],
    history: tuple[StateStep, ...],
) -> Sheet:
    """The sheet as it stands now."""
    opened = open_interview(session, row.interview)
    with session.database.reading() as reading:
        pinned = comments_of(reading, opened.form, shown)
        own_name = {one.account: one.name for one in reading.exec(select(Staff))}.get(session.account, session.name)
        household = find(reading, row.household)
        before = _version_before(session, row.interview, shown)
    marks = _marks(opened, shown, before, pinned)
    checks = opened.interview.checks()
    hard = sum(1 for check in checks if check.kind == "hard" and check.state in ("failed", "undecided"))
    noted = sum(1 for check in checks if check.state == "noted")
    bare = sum(1 for check in checks if check.kind == "soft" and check.state in ("failed", "fallen"))
    words = _("整卷：错 {hard}　核 {soft}").format(hard=hard, soft=noted + bare)
    words += "" if bare or not noted else _(" 都写了说明")
    if bare:
        words += _("，{n} 条没写说明").format(n=bare)
    if row.duration_min:
        words += _("　用时 {n} 分钟").format(n=row.duration_min)
    return Sheet(
        row=row,
        hh_id=household.hh_id if household else "",
        hh_type_label=code_label("hh_type", household.hh_type) if household else "",
        lines=tuple(_lines(opened, marks)),
        summary=words,
        comments=tuple(Comment(one.cell, one.who, one.who == own_name, one.at, one.text) for one in pinned),
        reasons=reasons,
        history=history,
        returns=shown.returns,
        approve_blocked=approve_blocked,
        return_blocked=return_blocked,
        prev_title=opened.header.prev_title,
        yoy_title=opened.header.yoy_title,
    )


def _version_before(session: Session, root: str, shown: RootView) -> RootView | None:
    """The interview as it was handed in the time before; None for a first version."""
    submits = [review for review in shown.reviews if review.kind == Kind.SUBMIT]
    if len(submits) < 2:
        return None
    with session.database.reading() as reading:
        return view(root_states.of_log(reading, root, submits[-2].hlc))


def _marks(
    opened: OpenInterview, shown: RootView, before: RootView | None, pinned: tuple[PinnedComment, ...]
) -> _Marks:
    marks = _Marks(conflicts={(one.row, one.field) for one in shown.conflicts}, remarks=opened.remarks)
    for check in opened.interview.checks():
        if check.state in ("passed", "undecided"):
            continue
        for cell in check.about or (check.cell,):
            marks.checks.setdefault(cell, []).append(check)
    for one in pinned:
        if one.cell is not None:
            marks.comments[one.cell] = marks.comments.get(one.cell, 0) + 1
            if one.cleared:
                marks.cleared.add(one.cell)
    if before is not None:
        now, then = _values(opened.form, shown), _values(opened.form, before)
        for cell in {*now, *then}:
            if now.get(cell, "") != then.get(cell, ""):
                marks.earlier[cell] = then.get(cell, "")
    return marks


def _values(form: Form, shown: RootView) -> dict[Cell, str]:
    register_of = register_lookup(form)
    prefix = form.root.path + "/"
    found = {}
    for (rows, name), cell in shown.cells.items():
        if not name.startswith("~"):
            for member, value in split_register(cell.value, register_of(name)).items():
                found[Cell(prefix + member, rows)] = value
    return found


def _lines(opened: OpenInterview, marks: _Marks) -> list[SheetLine]:
    lines: list[SheetLine] = []
    section = row_named = None
    for cell in opened.interview.relevant_questions():
        node = opened.form.find_node(cell.path)
        if not isinstance(node, Question) or node.is_note:
            continue
        line = _line(opened, marks, cell, node)
        if line is None:
            continue
        if line.section != section:
            section, row_named = line.section, None
            lines.append(_heading("section", line.section, _label_of(opened, Cell(line.section, cell.rows[:0]))))
        if cell.rows and cell.rows != row_named:
            row_named = cell.rows
            lines.append(_heading("row", line.section, row_name(opened, cell)))
        lines.append(line)
    return lines


def _heading(kind: str, section: str, label: str) -> SheetLine:
    return SheetLine(
        kind=kind, cell=None, number="", label=label, value="", value_label="", prev_label="", yoy_label="", change="",
        change_pct=None, change_tone="", note="", earlier="", badge="", section=section, comments=0, cleared=False,
        important=True,
    )  # fmt: skip


def _label_of(opened: OpenInterview, cell: Cell) -> str:
    try:
        return opened.interview.label(cell)
    except KeyError:
        return ""


def row_name(opened: OpenInterview, cell: Cell) -> str:
    """A roster row in words: the name in it, else its place."""
    path = cell.path
    while path:
        path = path.rpartition("/")[0]
        node = opened.form.find_node(path)
        if isinstance(node, Repeat):
            for child in node.children:
                if child.name.endswith("_name") and opened.interview.value(Cell(child.path, cell.rows)):
                    return opened.interview.value(Cell(child.path, cell.rows))
            ids = opened.interview.rows(Cell(path, cell.rows[:-1]))
            return _("第 {n} 行").format(n=ids.index(cell.rows[-1]) + 1) if cell.rows[-1] in ids else ""
    return ""


def _line(opened: OpenInterview, marks: _Marks, cell: Cell, node: Question) -> SheetLine | None:
    interview, form = opened.interview, opened.form
    state = interview.state(cell)
    value = f"#{state.status}" if state.status in ("8", "9") else state.value
    before = opened.previous(cell)
    if value == "" and before.prev is None and cell not in marks.earlier:
        return None
    change, percent, tone = _change(value, before.prev, node, bool(opened.header.prev_title) and _compared(node))
    checks = marks.checks.get(cell, [])
    badge = "conflict" if (cell.rows, field_of(form, form.register(cell.path)[0])) in marks.conflicts else ""
    if not badge and any(check.kind == "hard" for check in checks):
        badge = "hard"
    if not badge and any(check.kind == "soft" and check.state in ("failed", "fallen") for check in checks):
        badge = "soft"
    if not badge and any(check.state == "noted" for check in checks):
        badge = "noted"
    if not badge and cell in marks.earlier:
        badge = "mended"
    notes = [check.note for check in checks if check.note]
    said = Cell(cell.path + "@comment", cell.rows)
    remark = interview.value(said) if said in marks.remarks else ""
    earlier = marks.earlier.get(cell, "")
    comments = marks.comments.get(cell, 0)
    return SheetLine(
        kind="line",
        cell=cell,
        number=node.number or "",
        label=interview.label(cell) or question_label(form, cell.path),
        value=value,
        value_label=value_label(interview, form, cell, value) if value else "—",
        prev_label=before.prev_label or "—",
        yoy_label=before.yoy_label or "—",
        change=change,
        change_pct=percent,
        change_tone=tone,
        note="；".join(dict.fromkeys([*notes, *([remark] if remark else [])])),
        earlier=(value_label(interview, form, cell, earlier) or _("没填")) if cell in marks.earlier else "",
        badge=badge,
        section=_section(form, cell.path),
        comments=comments,
        cleared=cell in marks.cleared,
        important=bool(badge or tone or comments or notes),
    )


def _compared(node: Question) -> bool:
    """Dates of visits and what the program fills in by itself are not held against last quarter."""
    return node.fa.get("previous") != "none" and not (node.calculated and node.type not in ("int", "decimal"))


def _section(form: Form, path: str) -> str:
    return "/".join(path.split("/")[: len(form.root.path.split("/")) + 1])


def _change(value: str, prev: str | None, node: Question, has_prev: bool) -> tuple[str, float | None, str]:
    """How it differs from last quarter, in words, in percent, and whether that is much."""
    if not has_prev:
        return "", None, ""
    if prev is None:
        return (_("新增") if value else ""), None, ""
    if prev == value:
        return _("同"), 0.0, ""
    if node.type not in ("int", "decimal"):
        return _("变了"), None, ""
    try:
        now, then = Decimal(value), Decimal(prev)
    except InvalidOperation:
        return _("变了"), None, ""
    if then == 0:
        return _("新增"), None, "soft" if abs(now) > _MUCH_YUAN else ""
    percent = (now - then) / abs(then) * 100
    much = abs(percent) >= _MUCH and abs(now - then) >= _MUCH_YUAN
    return f"{percent:+.0f}%", float(percent), "soft" if much else ""
