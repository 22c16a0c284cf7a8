"""What one change of a household's register says, in words: for the history and the household's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlmodel import Session as SqlSession

from fieldapp.services.codes import code_label
from fieldapp.services.static_labels import household_label
from fieldapp.store.projections import text
from fieldapp.store.tables import HouseholdRow
from fieldapp.words import _
from forms.monitoring import living
from sync.change import Change, Kind
from sync.records import RootView

_DEEDS = {
    "split": "分户",
    "merge": "并户",
    "over": "转户",
    "move": "整户迁移",
    "back": "整户迁回",
    "track": "定为分户跟踪户",
    "renumber": "改户编码",
    "same": "认定同一户",
    "separate": "撤销并户",
}
# Said by every interview of everybody; no line of the history by itself.
_STATE_OF_TODAY = ("mem_left", "mem_live_place", "mem_absence_reason", "mem_resident", "mem_family_pop")
_OF_A_HAPPENING = (
    "mem_joined", "mem_joined_on", "mem_joined_from", "mem_left_on", "mem_left_to", "mem_moved_to", "hh_state_on",
)  # fmt: skip


def lines_of(change: Change, shown: RootView, reading: SqlSession) -> Iterator[tuple[str, str, str, str]]:
    """What one change of a household says, as (code, uid, on, words)."""
    deed = str(change.body.get("deed", ""))
    if deed in _DEEDS:
        yield "", "", "", _deed_words(deed, change, reading)
    told: set[str] = set()
    for code, uid, on in _events(change.body):
        told.add(uid)
        yield code, uid, on, _event_words(code, uid, on, shown)
    if change.kind == Kind.RESOLVE:
        for write in change.writes:
            uid = write.row[0] if write.row else ""
            said = _("{name}{label}的冲突定了").format(name=_named(uid, shown), label=household_label(write.field))
            yield "", uid, "", said
    elif change.kind == Kind.ALIAS:
        for write in change.writes:
            uid = write.row[0] if write.row else ""
            yield "", uid, "", _("{name}登记重了，认定是同一人").format(name=_named(uid, shown))
    elif change.kind in (Kind.EDIT, Kind.ROW_DEL) and deed not in _DEEDS:
        yield from _edit_lines(change, shown, told)


def _events(body: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    events = body.get("events", [])
    for event in events if isinstance(events, list) else []:
        if isinstance(event, list) and len(event) == 3:
            yield str(event[0]), str(event[1]), str(event[2])


def _event_words(code: str, uid: str, on: str, shown: RootView) -> str:
    event = _(code_label("member_change", code))
    name = _named(uid, shown)
    return _("{name}：{event}（{on}）").format(name=name, event=event, on=on) if on else f"{name}：{event}"


def _deed_words(deed: str, change: Change, reading: SqlSession) -> str:
    other = reading.get(HouseholdRow, str(change.body.get("with", "")))
    if other is not None:
        return _("{deed}（另一户 {hh_id} {head}）").format(
            deed=_(_DEEDS[deed]), hh_id=other.hh_id, head=other.head_name
        )
    where = next((str(write.value) for write in change.writes if write.field == "hh_moved_to" and write.value), "")
    return f"{_(_DEEDS[deed])} {where}".strip()


def _named(uid: str, shown: RootView) -> str:
    return text(shown, "mem_name", (uid,)) if uid else ""


def _edit_lines(change: Change, shown: RootView, told: set[str]) -> Iterator[tuple[str, str, str, str]]:
    another_head = any(code == living.HEAD_CHANGE for code, _uid, _on in _events(change.body))
    if change.new_rows and not told:
        yield "", "", "", _("登记成员 {n} 人").format(n=len(change.new_rows))
        return
    by_row: dict[str, list[str]] = {}
    changed = change.body.get("changed")
    for write in change.writes:
        uid = write.row[0] if write.row else ""
        if isinstance(changed, list) and [uid, write.field] not in changed:
            continue  # an interview confirmed it as it was
        silent = write.field in _OF_A_HAPPENING or write.field.startswith("~")
        if write.field == "mem_left" and write.value not in (None, *living.HERE):
            silent = uid in told
        elif write.field in _STATE_OF_TODAY or (uid and uid in told):
            silent = True
        elif another_head and write.field in ("mem_relation", "hh_head_name"):
            silent = True  # everybody's relation is asked when the head changes
        if not silent:
            by_row.setdefault(uid, []).append(household_label(write.field))
    for uid, labels in by_row.items():
        said = "、".join(dict.fromkeys(labels)) if len(labels) <= 4 else _("{n} 项").format(n=len(labels))
        yield "", uid, "", _("{name}改了{what}").format(name=_named(uid, shown), what=said)
