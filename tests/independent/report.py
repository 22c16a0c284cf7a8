"""What the program says against what is computed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.independent import groups, quarter, windows
from tests.independent.fen import exact, yuan
from tests.independent.files import Filling, read_fillings
from tests.independent.quarter import Figures

PLAIN = {"q_resident_n", "q_family_n", "q_labor_n", "net_inc_est"}


@dataclass(frozen=True)
class Difference:
    """A figure that is not the same in the export."""

    household: str
    period: str
    name: str
    exported: str
    computed: str


@dataclass(frozen=True)
class Group:
    """One group's figures a head in one quarter, in fen."""

    group: str
    period: str
    households: int
    people: int
    disp_inc: int | None
    cons: int | None
    net_inc_mon: int | None
    median_disp_inc: int | None


def computed(fillings: Iterable[Filling], *, looking_back: str = "begun") -> dict[tuple[str, str], Figures]:
    """Figures by household and period.

    Args:
        looking_back: on earlier quarters as they stood when the interview was "begun", or as they stand in the files "now"; the
            two differ where an earlier quarter was put right or entered later.
    """
    found: dict[tuple[str, str], Figures] = {}
    by_household: dict[str, dict[str, Figures]] = defaultdict(dict)
    for filling in sorted(fillings, key=lambda one: one.period):
        figures = quarter.figures_of(filling)
        earlier = windows.as_begun(filling) if looking_back == "begun" else by_household[filling.household]
        figures |= windows.window_figures(filling, figures, earlier)
        by_household[filling.household][filling.period] = figures
        found[filling.household, filling.period] = figures
    return found


def differences(folder: Path) -> tuple[int, list[Difference]]:
    """How many figures were compared, and which differ."""
    fillings = read_fillings(folder)
    mine = computed(fillings)
    compared = 0
    found = []
    for filling in fillings:
        for name, amount in mine[filling.household, filling.period].items():
            if name not in filling.answers:
                raise KeyError(f"the export has no column {name}")
            compared += 1
            said = exact(filling.answers[name]) if filling.answers[name] else None
            if said != shown(name, amount):
                found.append(
                    Difference(filling.household, filling.period, name, filling.answers[name], _text(name, amount))
                )
    return compared, found


def shown(name: str, amount: int | None) -> Fraction | None:
    """A figure as the export shows it: yuan, people as numbers, changes as shares."""
    if amount is None or name in PLAIN:
        return None if amount is None else Fraction(amount)
    return Fraction(amount, 10_000 if name.startswith("aux_chg_") else 100)


def _text(name: str, amount: int | None) -> str:
    value = shown(name, amount)
    return "" if value is None else str(float(value))


def group_figures(folder: Path, *, by: str = "cov_stratum") -> list[Group]:
    """Weighted figures of every group and quarter; a household without weight in the files counts once.

    Args:
        by: a column of the sample table, or "" for all together.
    """
    fillings = read_fillings(folder)
    mine = computed(fillings)
    cells: dict[tuple[str, str], list[tuple[Fraction, Figures]]] = defaultdict(list)
    for filling in fillings:
        weight = exact(filling.sample.get("sample_weight") or "1")
        cells[filling.sample.get(by, ""), filling.period].append((weight, mine[filling.household, filling.period]))
    return [
        Group(
            group,
            period,
            len(members),
            sum(figures["q_resident_n"] or 0 for _, figures in members),
            groups.per_head(_of(members, "disp_inc")),
            groups.per_head(_of(members, "cons_total")),
            groups.per_head(_of(members, "net_inc_mon", "q_family_n")),
            groups.median(_of(members, "disp_inc")),
        )
        for (group, period), members in sorted(cells.items())
    ]


def _of(members: Iterable[tuple[Fraction, Figures]], name: str, people: str = "q_resident_n") -> list[groups.Household]:
    found = []
    for weight, figures in members:
        amount = figures[name]
        if amount is not None:
            found.append((weight, amount, figures[people] or 0))
    return found


def tell(folder: Path) -> int:
    """Prints the comparison and the groups; how many figures differ."""
    count, found = differences(folder)
    print(f"{count} figures computed again, {len(found)} differ")
    for one in found:
        print(
            f"  {one.household} {one.period} {one.name}: exported {one.exported or '-'}, computed {one.computed or '-'}"
        )
    for by in ("", "cov_village_code", "cov_stratum"):
        print(f"per head, weighted{', by ' + by if by else ''} (disposable income, consumption, net income, median)")
        for group in group_figures(folder, by=by):
            shown = "  ".join(
                yuan(a) or "-" for a in (group.disp_inc, group.cons, group.net_inc_mon, group.median_disp_inc)
            )
            print(
                f"  {group.group or 'all'} {group.period}: {group.households} households, {group.people} people: {shown}"
            )
    return len(found)
