"""年度轮换 (monitoring.md 9.4): a plan of who leaves and who comes, which a person approves; nothing moves before."""

from __future__ import annotations

import secrets
from typing import Any

from sqlmodel import Session as SqlSession

from fieldapp.services import draw_records
from fieldapp.services.draw_records import APPROVED, PLANNED, StoredDraw
from fieldapp.services.drawing_sample import (
    followed_households,
    mark_household,
    roots_by_number,
    survey_frame,
    write_draw,
)
from fieldapp.services.session import Session
from fieldapp.store import activity
from forms.errors import FieldAppError
from forms.monitoring.rotation import Entering, RotationPlan, SampleHousehold, plan_rotation
from forms.monitoring.sample import Stratum
from sync.change import Value
from sync.scope import Role


class RotationDone(FieldAppError):
    """The rotation of this year was approved."""

    zh = "{year} 年的轮换已经批准执行。样本没有再动。"


class NoPlan(FieldAppError):
    """There is no plan to approve."""

    zh = "{year} 年还没有轮换方案。样本没有动，请先做方案。"


def plan(session: Session, year: int, *, draw: str = "", seed: int | None = None, reason: str = "") -> RotationPlan:
    """The plan of a year: the one there is, or a new one. Asked again without a reason it stays the same.

    Args:
        draw: name, "" for the newest. reason: why another plan is made in place of the one there is.
    Raises:
        NoRotation: not a year of rotation. RotationDone: approved already, and a reason was given for another.
    """
    session.require("做轮换方案", Role.CADM)
    with session.database.reading() as reading:
        stored = draw_records.find_draw(reading, draw, str(year))
    there = stored.rotations.get(year)
    if there is not None and len(reason.strip()) < 4:
        return _plan_of(stored, year)
    if there is not None and there["status"] == APPROVED:
        raise RotationDone("approved", year=year)
    frame = survey_frame(session).frame
    with session.database.reading() as reading:
        followed = _followed(reading, stored)
    chosen = secrets.randbelow(10**9) if seed is None else seed
    made = plan_rotation(
        (*stored.standing(str(year)), *followed),
        frame,
        first_year=stored.cycle_year,
        year=year,
        seed=chosen,
        used=stored.ever,
        reserves=[one for one in stored.draw.reserves if one.hh_id not in {done.new for done in stored.replaced}],
    )
    with session.database.transaction() as writing:
        fields = _fields(made) | {"status": PLANNED, "by": session.account, "reason": reason.strip()}
        write_draw(session, writing, stored.root, {f"rotation:{year}": fields})
        activity.note(writing, session.now(), session.account, "plan rotation", detail=f"{stored.name} {year} {chosen}")
    return made


def approve(session: Session, year: int, *, draw: str = "") -> RotationPlan:
    """批准轮换: those who leave are surveyed until the end of the year before, newcomers from this year on.

    Raises:
        NoPlan, RotationDone.
    """
    session.require("批准轮换", Role.CADM)
    with session.database.transaction() as writing:
        stored = draw_records.find_draw(writing, draw, str(year))
        there = stored.rotations.get(year)
        if there is None:
            raise NoPlan("no plan", year=year)
        if there["status"] == APPROVED:
            raise RotationDone("approved", year=year)
        made = _plan_of(stored, year)
        fields: dict[str, Value] = dict(there) | {
            "status": APPROVED,
            "approved_by": session.account,
            "approved_on": session.today().isoformat(),
        }
        write_draw(session, writing, stored.root, {f"rotation:{year}": fields})
        roots = roots_by_number(writing)
        for hh_id in (*made.leaving, *made.ending):
            if hh_id in roots:
                leaving = session.changes.view(writing, roots[hh_id])
                mark_household(session, writing, leaving, {"sample_until": str(year)})
        for one in made.entering:
            _bring_in(session, writing, roots, one, stored, year)
        activity.note(writing, session.now(), session.account, "rotate", detail=f"{stored.name} {year}")
    return made


def _bring_in(
    session: Session, writing: SqlSession, roots: dict[str, str], one: Entering, stored: StoredDraw, year: int
) -> None:
    shown = session.changes.view(writing, roots[one.hh_id])
    old = session.changes.view(writing, roots[one.instead_of])
    fields: dict[str, Value] = {
        "cov_stratum": str(one.stratum),
        "cov_sample_role": "3",
        "hh_type_frame": str(shown.value("hh_type_now") or shown.value("hh_type_frame") or ""),
        "sample_since": str(year),
        "sample_until": None,
        "sample_weight": old.value("sample_weight"),
        "sample_draw": stored.name,
        "sample_point": one.point,
    }
    mark_household(session, writing, shown, fields)


def _followed(reading: SqlSession, stored: StoredDraw) -> list[SampleHousehold]:
    """Split households that are followed (role 4); they end with the rotation group of the household they came from."""
    groups = {one.hh_id: one for one in stored.standing()}
    return [
        SampleHousehold(hh_id, village, groups[parent].stratum, groups[parent].point, groups[parent].group, "4")
        for hh_id, village, parent in followed_households(reading)
        if parent in groups
    ]


def _fields(made: RotationPlan) -> dict[str, Value]:
    return {
        "group": made.group,
        "seed": str(made.seed),
        "leaving": list(made.leaving),
        "entering": [[one.hh_id, one.village, one.instead_of, str(one.stratum), one.point] for one in made.entering],
        "ending": list(made.ending),
        "unfilled": list(made.unfilled),
    }


def _plan_of(stored: StoredDraw, year: int) -> RotationPlan:
    fields: Any = stored.rotations[year]
    group = int(fields["group"])
    entering = tuple(
        Entering(hh_id, village, Stratum(stratum), point, group, old)
        for hh_id, village, old, stratum, point in fields["entering"]
    )
    return RotationPlan(
        year=year,
        group=group,
        seed=int(fields["seed"]),
        leaving=tuple(fields["leaving"]),
        entering=entering,
        ending=tuple(fields["ending"]),
        unfilled=tuple(fields["unfilled"]),
    )
