"""A sample as drawn, kept as one root of the county office: what its fields are, and how it is read back.

    name first_period reason seed method made_by made_on design   what was decided
    frame:<township>      village → "hh_id stratum" lines: the frame itself, so that the draw can be made again
    left_out doubles frame_digest
    villages cells households reserves                            what came of it
    replaced:<hh_id>      who came instead, why, by whom (replacing.py)
    rotation:<year>       who leaves and comes, and who approved it (rotating.py)

The root travels in ``draw_feed(county)``, which no village's certificate covers: reserves and their order stay in the office.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.store.projections import at_of
from fieldapp.store.root_states import read
from fieldapp.store.tables import DocState
from forms.errors import FieldAppError
from forms.monitoring.rotation import SampleHousehold
from forms.monitoring.sample import Double, Frame, FrameHousehold, LeftOut, Stratum
from forms.monitoring.sample_chance import METHOD
from forms.monitoring.sample_draw import Cell, Design, Draw, DrawnHousehold, Reserve, Village
from sync.change import RootType, Value
from sync.records import RootView, view

PLANNED, APPROVED = "planned", "approved"


class NoSuchDraw(FieldAppError):
    """No sample of this name was drawn."""

    zh = "没有叫“{name}”的抽样。已有的样本没有动；先看一眼名单再选。"


class NothingDrawn(NoSuchDraw):
    """No sample was drawn that a period could belong to."""

    zh = "还没有抽过管 {period} 的样本。什么也没有动；先在“样本”里抽样。"


@dataclass(frozen=True, slots=True)
class Replaced:
    """One replacement as the county decided it."""

    old: str
    new: str
    outcome: str
    period: str
    evidence: str
    asked_by: str
    approved_by: str
    words: str
    decided_on: str


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One household for another: a rotation (rank 0) before the replacements of the year. ``new`` is "" when nobody came."""

    period: str
    rank: int
    old: str
    new: str
    village: str
    role: str


@dataclass(frozen=True, slots=True)
class StoredDraw:
    """A draw with what was decided about it.

    Args:
        root: of the record. first_period: from when its households are surveyed.
        made_by: account. reason: of a redraw, "" for a county's first sample.
    """

    root: str
    name: str
    first_period: str
    reason: str
    made_by: str
    made_at: datetime
    method: str
    design: Design
    draw: Draw
    frame: Frame
    replaced: tuple[Replaced, ...]
    rotations: Mapping[int, Mapping[str, Any]]

    def standing(self, upto: str = "9999") -> tuple[SampleHousehold, ...]:
        """The sample after the replacements and approved rotations of the periods up to this one.

        A replacement takes over point, stratum and rotation group of the household it replaces.
        """
        here = {
            one.hh_id: SampleHousehold(one.hh_id, one.village, one.stratum, one.point, one.rotation_group, "1")
            for one in self.draw.households
        }
        for step in self.steps(upto):
            gone = here.pop(step.old)
            if step.new:
                here[step.new] = SampleHousehold(
                    step.new, step.village, gone.stratum, gone.point, gone.group, step.role
                )
        return tuple(here[hh_id] for hh_id in sorted(here))

    def steps(self, upto: str = "9999") -> tuple[Step, ...]:
        """Replacements and approved rotations of the periods up to this one, in the order in which they follow from each other."""
        village = {one.hh_id: one.village for one in self.draw.reserves}
        left = [Step(one.period, 1, one.old, one.new, village.get(one.new, one.new[:12]), "2") for one in self.replaced]
        for year, plan in self.rotations.items():
            if plan.get("status") == APPROVED:
                coming = {old: (new, place) for new, place, old, _stratum, _point in plan["entering"]}
                left += [Step(str(year), 0, old, *coming.get(old, ("", "")), "3") for old in plan["leaving"]]
        left = sorted(one for one in left if one.period <= upto)
        here = {one.hh_id for one in self.draw.households}
        done = []
        # Who came in a period may be replaced in the same one: always the first whose turn it is.
        while step := next((one for one in left if one.old in here), None):
            left.remove(step)
            here.remove(step.old)
            if step.new:
                here.add(step.new)
            done.append(step)
        return tuple(done)

    @property
    def ever(self) -> frozenset[str]:
        """Numbers of all households that are, were or may yet be in the sample: drawn, reserve, come in by rotation."""
        rotated = {one[0] for plan in self.rotations.values() for one in plan["entering"]}
        return frozenset(
            {*(one.hh_id for one in self.draw.households), *(one.hh_id for one in self.draw.reserves), *rotated}
        )

    @property
    def cycle_year(self) -> int:
        """The year in which the five-year cycle begins."""
        return int(self.first_period[:4])


def fields_of(draw: Draw, design: Design, frame: Frame) -> Iterator[dict[str, Value]]:
    """The draw's fields, in pieces small enough for one change each."""
    yield {
        "seed": str(draw.seed),
        "method": METHOD,
        "design": _design_fields(design),
        "frame_digest": draw.frame_digest,
        "left_out": [[str(reason), n] for reason, n in frame.left_out],
        "doubles": [[one.kept, one.dropped, one.same] for one in frame.doubles],
        "villages": [[one.code, one.size, one.group, *_pair(one.probability), int(one.drawn)] for one in draw.villages],
        "cells": [
            [one.village, str(one.stratum), one.frame, one.wanted, one.drawn, one.extra, one.short, one.filled]
            for one in draw.cells
        ],
    }
    yield {
        "households": [
            [one.hh_id, one.village, str(one.stratum), one.point, *_pair(one.probability), one.rotation_group]
            for one in draw.households
        ],
    }
    yield {"reserves": [[one.hh_id, one.village, str(one.stratum), one.order] for one in draw.reserves]}
    by_township: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in frame.households:
        by_township[one.township][one.village].append(f"{one.hh_id} {one.stratum}")
    for township, villages in sorted(by_township.items()):
        yield {f"frame:{township}": {code: "\n".join(lines) for code, lines in villages.items()}}


def _pair(value: Fraction) -> tuple[str, str]:
    return str(value.numerator), str(value.denominator)


def _design_fields(design: Design) -> dict[str, Value]:
    return {
        "villages": design.villages,
        "per_village": {str(stratum): n for stratum, n in design.per_village.items()},
        "relocation": sorted(design.relocation),
        "key": sorted(design.key),
        "relocation_points": design.relocation_points,
        "key_share": list(_pair(design.key_share)),
    }


def _design_of(fields: Mapping[str, Any]) -> Design:
    return Design(
        villages=int(fields["villages"]),
        per_village={Stratum(code): int(n) for code, n in fields["per_village"].items()},
        relocation=frozenset(fields["relocation"]),
        key=frozenset(fields["key"]),
        relocation_points=int(fields["relocation_points"]),
        key_share=Fraction(*(int(one) for one in fields["key_share"])),
    )


def draw_roots(reading: SqlSession) -> list[str]:
    """Roots of all draws, in the order they were made."""
    query = select(DocState.root).where(DocState.type == RootType.DRAW)
    return list(reading.exec(query.order_by(col(DocState.root))))


def stored_draw(reading: SqlSession, root: str) -> StoredDraw:
    """A draw as kept. Raises NoSuchDraw."""
    shown = view(read(reading, root))
    if shown.root_type != RootType.DRAW or shown.value("households") is None:
        raise NoSuchDraw("no draw under this root", name=root[:8])
    return _stored(shown)


def find_draw(reading: SqlSession, name: str = "", period: str = "9999") -> StoredDraw:
    """The draw of this name, or the newest one whose households are surveyed in a period. Raises NoSuchDraw.

    Two offices may have drawn at the same time without knowing of each other: the first draw stays, and a later one counts only if it
    gives a reason.
    """
    every = [stored_draw(reading, root) for root in draw_roots(reading)]
    found = [one for n, one in enumerate(every) if n == 0 or one.reason]
    named = [one for one in found if (one.name == name if name else one.first_period <= period)]
    if not named and not name:
        raise NothingDrawn("no draw for the period", period=period or "—")
    if not named:
        raise NoSuchDraw("no draw of this name", name=name)
    return named[-1]


def _stored(shown: RootView) -> StoredDraw:
    rows = _rows(shown)
    seed = int(shown.value("seed"))
    villages = tuple(
        Village(code, size, group, Fraction(int(up), int(down)), bool(drawn))
        for code, size, group, up, down, drawn in rows("villages")
    )
    cells = tuple(
        Cell(code, Stratum(stratum), frame, wanted, drawn, extra, short, filled, Fraction(drawn, frame or 1))
        for code, stratum, frame, wanted, drawn, extra, short, filled in rows("cells")
    )
    households = tuple(
        DrawnHousehold(hh_id, village, Stratum(stratum), point, Fraction(int(up), int(down)), group)
        for hh_id, village, stratum, point, up, down, group in rows("households")
    )
    reserves = tuple(
        Reserve(hh_id, village, Stratum(stratum), order) for hh_id, village, stratum, order in rows("reserves")
    )
    draw = Draw(seed, str(shown.value("frame_digest")), villages, cells, households, reserves)
    return StoredDraw(
        root=shown.root,
        name=str(shown.value("name")),
        first_period=str(shown.value("first_period")),
        reason=str(shown.value("reason") or ""),
        made_by=str(shown.value("made_by")),
        made_at=at_of(shown.cells[(), "name"].heads[0].hlc),
        method=str(shown.value("method")),
        design=_design_of(shown.value("design")),
        draw=draw,
        frame=_frame(shown),
        replaced=tuple(
            Replaced(old, **{name: str(fields.get(name, "")) for name in _REPLACED})
            for old, fields in _named(shown, "replaced:")
        ),
        rotations={int(year): fields for year, fields in _named(shown, "rotation:")},
    )


_REPLACED = ("new", "outcome", "period", "evidence", "asked_by", "approved_by", "words", "decided_on")


def _rows(shown: RootView) -> Any:
    return lambda field: shown.value(field) or []


def _named(shown: RootView, prefix: str) -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    for row, field in sorted(shown.cells):
        if not row and field.startswith(prefix) and isinstance(value := shown.value(field), dict):
            found.append((field.removeprefix(prefix), value))
    return found


def _frame(shown: RootView) -> Frame:
    households = []
    for _township, villages in _named(shown, "frame:"):
        for code, lines in villages.items():
            for line in str(lines).split("\n"):
                hh_id, _, stratum = line.partition(" ")
                households.append(FrameHousehold(hh_id, code, Stratum(stratum)))
    rows = _rows(shown)
    return Frame(
        tuple(sorted(households)),
        tuple((LeftOut(reason), n) for reason, n in rows("left_out")),
        tuple(Double(*one) for one in rows("doubles")),
    )
