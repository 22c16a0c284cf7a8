"""Twelve months and comparisons (quarterly.md 9.3, 9.4, 9.6)."""

from __future__ import annotations

from fractions import Fraction

from tests.independent.fen import fen, nearest
from tests.independent.files import Filling
from tests.independent.quarter import Figures, known, year_and_quarter

COMPARED = ("disp_inc", "cons_total", "net_inc_mon")
_MONEY = (*COMPARED, "cm_self", "rig_total")
_PEOPLE = ("q_resident_n", "q_family_n")
_SMALLEST_BASE = 500_00


def back(period: str, steps: int) -> str:
    """The quarter ``steps`` before."""
    year, quarter = year_and_quarter(period)
    count = year * 4 + quarter - 1 - steps
    return f"{count // 4}Q{count % 4 + 1}"


def as_begun(filling: Filling) -> dict[str, Figures]:
    """Earlier quarters as the interview found them when it was begun, by period."""
    found: dict[str, Figures] = {}
    for source in ("hist1", "hist2", "hist3", "prev", "yoy"):
        values = filling.earlier[source].get("", {})
        if values.get("q_period"):
            figures: Figures = {name: fen(values[name]) if values.get(name) else None for name in _MONEY}
            found[values["q_period"]] = figures | {name: int(values.get(name) or 0) for name in _PEOPLE}
    return found


def window_figures(filling: Filling, now: Figures, before: dict[str, Figures]) -> Figures:
    """Figures of the quarter that look back on ``before`` (period → its figures)."""
    out: Figures = {}
    last = [before[p] for p in (back(filling.period, step) for step in (1, 2, 3)) if p in before]
    year = [now, *last]
    paid = sum(one["cm_self"] or 0 for one in year)
    rest = sum((one["rig_total"] or 0) - max(0, one["cm_self"] or 0) for one in year)
    out["rig_12m"] = max(0, paid) + rest
    incomes = [one["net_inc_mon"] for one in year]
    families = sum(one["q_family_n"] or 0 for one in year)
    count = len(year)
    out["net_inc_est"] = int(1 < count < 4)
    if count == 1:
        book = known(filling, "hh_income_book")
        out["net_inc_mon_pc12"] = fen(book) if book else None
    elif None in incomes or not families:
        out["net_inc_mon_pc12"] = None
    else:
        total = sum(amount for amount in incomes if amount is not None)
        out["net_inc_mon_pc12"] = nearest(Fraction(total, count) * 4 / Fraction(families, count))
    residents = sum(one["q_resident_n"] or 0 for one in year)
    out["disp_inc_pc12"] = None
    if count == 4 and residents:
        out["disp_inc_pc12"] = nearest(sum(one["disp_inc"] or 0 for one in year) / Fraction(residents, 4))
    for prefix, steps in (("prev", 1), ("yoy", 4)):
        there = before.get(back(filling.period, steps), {})
        for name in COMPARED:
            base = there.get(name)
            out[f"{prefix}_{name}"] = base
            out[f"aux_chg_{prefix}_{name}"] = change(now[name], base)
    return out


def change(amount: int | None, base: int | None) -> int | None:
    """(this − that) ÷ max(|that|, 500 yuan), in ten-thousandths."""
    if amount is None or base is None:
        return None
    return nearest(Fraction(amount - base, max(abs(base), _SMALLEST_BASE)) * 10_000)
