"""抽样, at the county alone (monitoring.md 9.1, 9.2): the frame of the register, the draw, its record, the same draw again.

The first draw stays. Another one is a new draw with a name and a reason of its own; both records are kept.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services import draw_records
from fieldapp.services.draw_records import StoredDraw
from fieldapp.services.leasing import require_contact
from fieldapp.services.session import Session
from fieldapp.store import activity
from fieldapp.store.households import ENDED
from fieldapp.store.tables import DocState, HouseholdRow, VillageRow
from forms.errors import FieldAppError
from forms.monitoring.living import TWICE
from forms.monitoring.living_relations import HEAD
from forms.monitoring.sample import PER_VILLAGE, Frame, LeftOut, ListedHousehold, Stratum, frame_of, villages_for
from forms.monitoring.sample_draw import Design, Draw, draw_sample
from forms.monitoring.sample_weights import shown_weight
from sync.change import Content, Kind, RootType, Value, Write
from sync.merge import RootState
from sync.records import RootView
from sync.scope import Role, draw_feed, register_feed
from sync.snapshot import unpack_state

_DEED = "抽样"
_OUT = {"1": LeftOut.AWAY, "2": LeftOut.IN_CARE, "3": LeftOut.IN_TOWN}
_GONE_STATES = ENDED  # hh_state: merged, moved out of the county, empty, registered twice
_IN_CARE = "1"  # tekun: 集中供养
_CONCENTRATED = ("1", "2", "3")  # reloc_site: concentrated resettlement
_A_YEAR = 12
_FOLLOWED = "4"  # sample_role


class AlreadyDrawn(FieldAppError):
    """A sample stands, and no reason was given for another."""

    zh = "已经抽过样了：{name}（{made}）。先前的样本照旧有效。确要重抽，另起一个名字并写明理由。"


class NameTaken(FieldAppError):
    """A draw of this name is kept already."""

    zh = "已有一次抽样叫“{name}”。先前的样本照旧有效，请另起一个名字。"


@dataclass(frozen=True, slots=True)
class VillageOfFrame:
    """A village of the frame: households by stratum, and how many of them were resettled in one place."""

    code: str
    name: str
    township: str
    counts: Mapping[Stratum, int]
    resettled: int

    @property
    def perhaps_relocation(self) -> bool:
        """Half of its households or more were resettled together: a person decides whether it is a relocation community."""
        return 2 * self.resettled >= sum(self.counts.values()) > 0


@dataclass(frozen=True, slots=True)
class FrameReport:
    """What there is to draw from."""

    frame: Frame
    villages: tuple[VillageOfFrame, ...]
    points: int  # a sensible number of villages
    listed: int  # households in the register


@dataclass(frozen=True, slots=True)
class Order:
    """What the county asks for.

    Args:
        name: of the draw, e.g. "2027 年样本". first_period: 2027 or 2027Q1, from when the households are surveyed.
        villages: sample points, None for a sensible number.
        seed: None lets chance choose one; it is written down either way.
        key, relocation: village codes. reason: why there is another draw; needed for every one but the first.
    """

    name: str
    first_period: str
    villages: int | None = None
    seed: int | None = None
    key: frozenset[str] = frozenset()
    relocation: frozenset[str] = frozenset()
    per_village: Mapping[Stratum, int] | None = None
    reason: str = ""


Progress = Callable[[int, int], None]


def survey_frame(session: Session, progress: Progress | None = None) -> FrameReport:
    """The frame as the register stands now.

    Raises:
        NotAllowed: anybody but the county office.
    """
    session.require(_DEED, Role.CADM)
    listed, resettled = [], Counter[str]()
    with session.database.reading() as reading:
        names = {row.code: row for row in reading.exec(select(VillageRow))}
        for _root, state in _households(reading, progress):
            line = _listed(state)
            listed.append(line)
            resettled[line.village] += _value(state, "hh_reloc_site") in _CONCENTRATED
    frame = frame_of(listed)
    counts: dict[str, Counter[Stratum]] = {}
    for one in frame.households:
        counts.setdefault(one.village, Counter())[one.stratum] += 1
    villages = tuple(
        VillageOfFrame(
            code,
            names[code].name if code in names else code,
            names[code].township if code in names else code[:9],
            dict(counts[code]),
            resettled[code],
        )
        for code in sorted(counts)
    )
    return FrameReport(frame, villages, villages_for(frame), len(listed))


def _households(reading: SqlSession, progress: Progress | None = None) -> Iterator[tuple[str, RootState]]:
    roots = list(reading.exec(select(DocState.root).where(DocState.type == RootType.HOUSEHOLD).order_by(DocState.root)))
    for start in range(0, len(roots), _BATCH):
        some = roots[start : start + _BATCH]
        for root, body in reading.exec(select(DocState.root, DocState.body).where(col(DocState.root).in_(some))):
            yield root, unpack_state(body)
        if progress is not None:
            progress(min(start + _BATCH, len(roots)), len(roots))


_BATCH = 500


def _value(state: RootState, field: str, row: tuple[str, ...] = ()) -> str:
    """What a list would show of a cell, without the whole view of the root: frames have 20,000 of them."""
    cell = state.cells.get((row, field))
    if cell is None or not cell.heads:
        return ""
    value = max(cell.heads.values(), key=lambda head: head.rank).value
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)


def _listed(state: RootState) -> ListedHousehold:
    hh_id = _value(state, "hh_id")
    head = next(
        (row for row, field in state.cells if field == "mem_relation" and _value(state, field, row) == HEAD), ()
    )
    first = next((row for row, field in state.cells if field == "mem_no" and _value(state, field, row) == "01"), ())
    row = head or first
    return ListedHousehold(
        hh_id=hh_id,
        village=_value(state, "cov_village_code") or hh_id[:12],
        hh_type=_value(state, "hh_type_now") or _value(state, "hh_type_frame"),
        risk_cleared=_value(state, "hh_risk_cleared") == "1",
        head_idno=_value(state, "mem_idno", row).upper() if row else "",
        left_out=_left_out(state),
    )


def _left_out(state: RootState) -> LeftOut | None:
    """Why the register keeps this household out of the frame (monitoring.md 9.1)."""
    if _value(state, "hh_state") in _GONE_STATES:
        return LeftOut.GONE
    said = _OUT.get(_value(state, "frame_out"))
    if said is not None:
        return said
    away = _value(state, "hh_all_out_months")
    if away and away.replace(".", "", 1).isdigit() and float(away) >= _A_YEAR:
        return LeftOut.AWAY
    here = [row for row, field in state.cells if field == "mem_name" and _value(state, "mem_left", row) in ("", "0")]
    if here and all(_value(state, "ss_tekun", row) == _IN_CARE for row in here):
        return LeftOut.IN_CARE
    return None


def draw(session: Session, order: Order, progress: Progress | None = None) -> StoredDraw:
    """Draws, keeps the record in the office and writes role, stratum, point and weight to the households drawn: all or nothing.

    Raises:
        NotAllowed: anybody but the county office.
        AlreadyDrawn: a sample stands and no reason is given. NameTaken.
        DrawRefused: no sample can be drawn like this.
    """
    session.require(_DEED, Role.CADM)
    _refuse_silent_redraw(session, order)
    found = survey_frame(session, progress)
    villages = found.points if order.villages is None else order.villages
    per_village = PER_VILLAGE if order.per_village is None else order.per_village
    design = Design(villages=villages, per_village=dict(per_village), key=order.key, relocation=order.relocation)
    seed = secrets.randbelow(10**9) if order.seed is None else order.seed
    drawn = draw_sample(found.frame, design, seed)
    root = session.changes.new_root()
    with session.database.transaction() as writing:
        _refuse_silent_redraw(session, order)
        head: dict[str, Value] = {
            "name": order.name.strip(),
            "first_period": order.first_period,
            "reason": order.reason.strip() or None,
            "made_by": session.account,
            "made_on": session.today().isoformat(),
        }
        for fields in ({**head}, *draw_records.fields_of(drawn, design, found.frame)):
            write_draw(session, writing, root, fields)
        _mark_households(session, writing, drawn, order)
        activity.note(writing, session.now(), session.account, "draw", detail=f"{order.name} {seed}")
    with session.database.reading() as reading:
        return draw_records.stored_draw(reading, root)


def _refuse_silent_redraw(session: Session, order: Order) -> None:
    with session.database.reading() as reading:
        standing = [draw_records.stored_draw(reading, root) for root in draw_records.draw_roots(reading)]
    if any(one.name == order.name.strip() for one in standing) and order.reason.strip():
        raise NameTaken("name of a draw used twice", name=order.name.strip())
    if standing and len(order.reason.strip()) < 4:
        last = standing[-1]
        raise AlreadyDrawn("drawn before", name=last.name, made=last.made_at.date().isoformat())


def write_draw(session: Session, writing: SqlSession, root: str, fields: Mapping[str, Value]) -> None:
    """One change of the draw's record, with what stands there as its parents."""
    shown = session.changes.view(writing, root)
    writes = tuple(Write((), name, value, shown.prev(name)) for name, value in fields.items() if value is not None)
    session.changes.write(
        writing, Content(Kind.EDIT, writes), root=root, root_type=RootType.DRAW, feed=draw_feed(session.county)
    )


def _mark_households(session: Session, writing: SqlSession, drawn: Draw, order: Order) -> None:
    chosen = {one.hh_id for one in drawn.households}
    if draw_records.draw_roots(writing)[1:]:
        before = [root for root, state in _households(writing) if _value(state, "sample_draw")]
        for root in before:
            shown = session.changes.view(writing, root)
            if str(shown.value("hh_id")) not in chosen and in_sample(shown):
                mark_household(session, writing, shown, {"sample_until": order.first_period})
    roots = roots_by_number(writing)
    for one in drawn.households:
        shown = session.changes.view(writing, roots[one.hh_id])
        fields = {
            "cov_stratum": str(one.stratum),
            "cov_sample_role": "1",
            "hh_type_frame": str(shown.value("hh_type_now") or shown.value("hh_type_frame") or ""),
            # Who is drawn again goes on without a break.
            "sample_since": shown.value("sample_since") if in_sample(shown) else order.first_period,
            "sample_until": None,
            "sample_weight": shown_weight(one.weight),
            "sample_draw": order.name.strip(),
            "sample_point": one.point,
            "frame_short": "1" if one.point != one.village else None,
        }
        mark_household(session, writing, shown, fields)


def roots_by_number(reading: SqlSession) -> dict[str, str]:
    """hh_id → root of every household of the register; of two with one number the first registered that is not the other's double."""
    found: dict[str, str] = {}
    query = select(HouseholdRow.hh_id, HouseholdRow.root).order_by(
        col(HouseholdRow.state) == TWICE, col(HouseholdRow.root)
    )
    for hh_id, root in reading.exec(query):
        found.setdefault(hh_id, root)
    return found


def in_sample(shown: RootView, period: str = "") -> bool:
    """Whether a household is in the sample (followed split households included): drawn, and not taken out by this period."""
    until = str(shown.value("sample_until") or "")
    return bool(shown.value("sample_draw")) and (not until or (bool(period) and period < until))


def followed_households(reading: SqlSession) -> list[tuple[str, str, str]]:
    """Split households that are followed now: (hh_id, village, hh_id of the household they came from)."""
    return [
        (_value(state, "hh_id"), _value(state, "cov_village_code"), _value(state, "split_from"))
        for _root, state in _households(reading)
        if _value(state, "cov_sample_role") == _FOLLOWED and not _value(state, "sample_until")
    ]


def mark_household(session: Session, writing: SqlSession, shown: RootView, fields: Mapping[str, Value]) -> None:
    """Writes sample fields of a household to the register, as far as they differ."""
    writes = tuple(
        Write((), name, value, shown.prev(name)) for name, value in fields.items() if shown.value(name) != value
    )
    if writes:
        village = str(shown.value("cov_village_code") or str(shown.value("hh_id") or "")[:12])
        feed = session.changes.feed_of_root(writing, shown.root, RootType.HOUSEHOLD) or register_feed(village)
        session.changes.write(
            writing, Content(Kind.EDIT, writes), root=shown.root, root_type=RootType.HOUSEHOLD, feed=feed
        )


def draws(session: Session) -> tuple[StoredDraw, ...]:
    """All draws of the county, oldest first."""
    session.require("看抽样", Role.CADM)
    require_contact(session, "看抽样")
    with session.database.reading() as reading:
        return tuple(draw_records.stored_draw(reading, root) for root in draw_records.draw_roots(reading))


def find(session: Session, name: str = "") -> StoredDraw:
    """The draw of this name, the newest for "". Raises NoSuchDraw."""
    session.require("看抽样", Role.CADM)
    require_contact(session, "看抽样")
    with session.database.reading() as reading:
        return draw_records.find_draw(reading, name)


def made_again(stored: StoredDraw) -> bool:
    """Whether the kept frame, design and seed give the kept sample once more, household by household."""
    return draw_sample(stored.frame, stored.design, stored.draw.seed) == stored.draw
