"""The county's parameters on this laptop: what holds for a period, what is still owed, and entering them (county office only).

A parameter is a control root of the county feed, one a name and first day, so every earlier value stays in the log with who entered
it. What an interview was begun with is pinned (snapshots.py): a later value is for later interviews alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from sqlmodel import Session as SqlSession

from fieldapp.errors import FieldAppError
from fieldapp.services import periods
from fieldapp.services.session import Session
from fieldapp.store import activity, facts
from fieldapp.words import _
from forms.monitoring import parameters as rules
from forms.monitoring.parameters import Owed, ParameterRecord
from forms.questionnaires import default_parameters
from sync.change import Content, Kind, RootType, Write, same_value
from sync.ids import content_id
from sync.scope import COUNTY_FEED, Role


class BadParameter(FieldAppError):
    """A value that no rule can use."""

    zh = "参数“{name}”没有录入：{why}。原来的值没有动。"


@lru_cache(maxsize=1)
def defaults() -> tuple[ParameterRecord, ...]:
    """What the questionnaires bring: values by common practice, each from a day on."""
    return tuple(
        ParameterRecord(one.name, one.value, one.effective_from, None, one.document) for one in default_parameters()
    )


def known_names() -> tuple[str, ...]:
    """Every parameter that the questionnaires and rules read."""
    return tuple(dict.fromkeys(one.name for one in default_parameters()))


def entered(reading: SqlSession) -> tuple[ParameterRecord, ...]:
    """The county's own records, by name and first day."""
    found = []
    for name, told in facts.read_facts(reading, "param").items():
        found.append(_record(name, told))
    return tuple(sorted(found, key=lambda one: (one.name, one.valid_from or date.min)))


def _record(name: str, told: str) -> ParameterRecord:
    try:
        fields = json.loads(told)
        if not isinstance(fields, dict):
            raise TypeError("not a record")
    except (ValueError, TypeError):
        return ParameterRecord(name, told, entered_by="county")  # as a store of version 0.1 keeps it: value alone
    return ParameterRecord(
        str(fields.get("name", name)),
        str(fields.get("value", "")),
        _day(fields.get("from_on")),
        _day(fields.get("until_on")),
        str(fields.get("doc_no", "")),
        str(fields.get("by") or "county"),
        datetime.fromisoformat(fields["at"]) if fields.get("at") else None,
    )


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def parameters_for(session: Session, reading: SqlSession, period: str) -> tuple[ParameterRecord, ...]:
    """What holds for a period, by the period's last day, sorted by name; a parameter not entered has the value "".

    For something that is no period (a form of another kind) today counts.
    """
    try:
        day = rules.reference_day(period)
    except ValueError:
        day = session.today()
    holding = rules.holding_on(defaults(), entered(reading), day)
    return tuple(holding[name] for name in sorted(holding))


def values_for(session: Session, reading: SqlSession, period: str) -> dict[str, str]:
    """The same as plain values by name."""
    return {one.name: one.value for one in parameters_for(session, reading, period)}


def missing(session: Session, period: str = "") -> tuple[Owed, ...]:
    """What the county still owes for a period, by default the present quarter; the home screens say it until it is there."""
    with session.database.reading() as reading:
        wanted = period or periods.at(session.today())
        records = entered(reading)
        holding = {one.name: one for one in parameters_for(session, reading, wanted)}
    return rules.owed(holding, records, wanted)


def reminders(session: Session, period: str = "") -> tuple[str, ...]:
    """The same as sentences. The county office hears of everything, others of what stops rules."""
    return tuple(
        _(one.zh).format(**one.fields)
        for one in missing(session, period)
        if one.stops_rules or session.role is Role.CADM
    )


def records(session: Session) -> tuple[ParameterRecord, ...]:
    """Everything entered and every default, by name and first day (county office)."""
    session.require("看参数表", Role.CADM, Role.CQC, Role.AUDR)
    with session.database.reading() as reading:
        mine = entered(reading)
    own = {(one.name, one.valid_from) for one in mine}
    theirs = [
        one for one in defaults() if (one.name, one.valid_from) not in own and one.name not in rules.NOT_PARAMETERS
    ]
    return tuple(sorted((*mine, *theirs), key=lambda one: (one.name, one.valid_from or date.min, one.entered_by)))


def enter(session: Session, new: Iterable[ParameterRecord]) -> int:
    """Enters or corrects records (county office only), each for the calculations from now on. Returns how many differed.

    Raises:
        NotAllowed: another role.
        BadParameter: a value that no rule can use; nothing is entered.
    """
    session.require("录入参数", Role.CADM)
    given = list(new)
    names = known_names()
    for one in given:
        why = rules.value_problem(one.name, one.value, names) if one.value else ""
        if not why and one.valid_from is None:
            why = "缺生效日期"
        if not why and one.valid_from and one.valid_to and one.valid_to < one.valid_from:
            why = "失效日期早于生效日期"
        if not why and one.name == rules.MONITOR_LINE and one.value and not one.doc_no:
            why = "监测线须录文号"
        if why:
            raise BadParameter("parameter refused", name=rules.parameter_zh(one.name), why=why)
    written = 0
    with session.database.transaction() as writing:
        for one in given:
            if _write(session, writing, one):
                written += 1
                activity.note(writing, session.now(), session.account, "parameter", one.name, f"from {one.valid_from}")
    return written


def _write(session: Session, writing: SqlSession, one: ParameterRecord) -> bool:
    from_on = one.valid_from.isoformat() if one.valid_from else ""
    return publish(
        session,
        writing,
        "parameter",
        f"{one.name} {from_on}",
        {
            "name": one.name,
            "value": one.value,
            "from_on": from_on,
            "until_on": one.valid_to.isoformat() if one.valid_to else "",
            "doc_no": one.doc_no,
        },
    )


def publish(session: Session, writing: SqlSession, kind: str, name: str, facts_of: dict[str, object]) -> bool:
    """Writes what differs of a thing of the county feed, in the caller's transaction; False when nothing differs."""
    root = content_id(f"{kind}:{name}".encode()).hex()
    seen = session.changes.view(writing, root)
    writes = tuple(
        Write((), field, value, seen.prev(field))
        for field, value in {"control": kind, **facts_of}.items()
        if not same_value(seen.value(field), value) and not (value == "" and seen.value(field) is None)
    )
    if not writes:
        return False
    if ((), "value") in seen.cells and not any(write.field == "value" for write in writes):
        # Whoever corrects the document or the days answers for the value too.
        writes = (*writes, Write((), "value", facts_of.get("value"), seen.prev("value")))
    session.changes.write(writing, Content(Kind.EDIT, writes), root=root, root_type=RootType.CONTROL, feed=COUNTY_FEED)
    return True
