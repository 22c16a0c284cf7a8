"""Opening a county: the region table, parameters and quarterly prices from the tables they come in."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlmodel import Session as SqlSession
from sqlmodel import select

from fieldapp.services import parameters
from fieldapp.services.session import Session
from fieldapp.services.table_files import TableRefused, open_tables
from fieldapp.store import activity, facts
from fieldapp.store.tables import VillageRow
from forms.monitoring.opening import Level, Problems, ReadTable, plain, read_heads
from forms.monitoring.opening_lists import PARAMETER_HEADS, PRICE_HEADS, read_parameters, read_prices
from forms.monitoring.opening_regions import REGION_HEADS, VILLAGE, Region, Regions, read_regions, table_problems
from forms.monitoring.parameters import PRICE, ParameterRecord, parameter_zh
from forms.questionnaires.sources import FOLDER
from sync.scope import Role

REGIONS, PARAMETERS, PRICES = "regions", "parameters", "prices"
LIST_HEADS: Final[Mapping[str, Mapping[str, str]]] = {
    REGIONS: REGION_HEADS,
    PARAMETERS: PARAMETER_HEADS,
    PRICES: PRICE_HEADS,
}


@dataclass(frozen=True, slots=True)
class ListLine:
    """One thing of a list: what it is called, what stands, what the table says. ``state`` is new, changed or same."""

    name: str
    here: str
    table: str
    state: str


@dataclass(frozen=True)
class ListPlan:
    """What importing a list would do.

    Attributes:
        kind: REGIONS, PARAMETERS or PRICES.
        lines: everything the table says.
    """

    kind: str
    lines: tuple[ListLine, ...]
    problems: Problems = field(repr=False)
    regions: tuple[Region, ...] = field(default=(), repr=False)
    records: tuple[ParameterRecord, ...] = field(default=(), repr=False)

    @property
    def stopped(self) -> bool:
        """A table could not be read as a whole."""
        return self.problems.number(Level.FILE) > 0

    def count(self, state: str) -> int:
        """How many lines are new, changed or same."""
        return sum(one.state == state for one in self.lines)


def read_region_table(reading: SqlSession) -> Regions:
    """The county's regions as its feed has them."""
    found = {row.code: Region(row.code, row.name, VILLAGE, row.township) for row in reading.exec(select(VillageRow))}
    for code, told in facts.read_facts(reading, "region").items():
        about = json.loads(told)
        groups = about.get("groups")
        found[code] = Region(
            code,
            str(about.get("name") or ""),
            str(about.get("level") or VILLAGE),
            str(about.get("township") or ""),
            str(about.get("urban_class") or ""),
            str(about.get("from_on") or ""),
            str(about.get("until_on") or ""),
            str(about.get("new_code") or ""),
            tuple(str(one) for one in groups) if isinstance(groups, list) else (),
        )
    return Regions.of(found.values())


def read_tables(
    paths: Sequence[Path], known: Mapping[str, str], told: Mapping[str, str], problems: Problems
) -> Iterator[ReadTable]:
    """The tables of these files. Sheets that Excel hides are left out, and said: they are lists for choosing from, or last year's.

    Raises:
        TableRefused: a file that is no table.
    """
    for path in paths:
        for sheet in open_tables(path):
            if sheet.hidden:
                said = "这张表在 Excel 里是隐藏的，没有读"
                problems.add(
                    Level.WARN, "hidden_sheet", (sheet.title, 0), "", said, "要读它，就在 Excel 里取消隐藏再导"
                )
                continue
            table = read_heads(sheet.title, sheet.rows(), known, told, problems)
            if table is not None:
                yield table


def plan_list(
    session: Session, kind: str, paths: Sequence[Path], told: Mapping[str, str] | None = None, quarter: str = ""
) -> ListPlan:
    """Reads a list and compares it with what stands; writes nothing.

    Args:
        kind: REGIONS, PARAMETERS or PRICES.
        told: head or column letters → field.
        quarter: of a price table without a column for it.
    Raises:
        NotAllowed, TableRefused.
    """
    session.require("导入县里的表", Role.CADM)
    problems = Problems()
    regions: dict[str, Region] = {}
    records: list[ParameterRecord] = []
    known = parameters.known_names()
    names = _price_names() if kind == PRICES else {}
    for table in read_tables(paths, LIST_HEADS[kind], told or {}, problems):
        if kind == REGIONS:
            regions |= {one.code: one for one in read_regions(table, session.county, problems)}
        elif kind == PARAMETERS:
            records += read_parameters(table, known, problems)
        else:
            records += read_prices(table, known, names, quarter, problems)
    if not regions and not records and not problems.number(Level.FILE, Level.ROW):
        problems.add(Level.FILE, "nothing", ("", 0), "", "表里一行也没有", "核对选的是不是这种表，表头下面有没有内容")
    with session.database.reading() as reading:
        if kind == REGIONS:
            return _regions_plan(reading, regions, problems)
        return _records_plan(reading, kind, records, problems)


def _regions_plan(reading: SqlSession, read: dict[str, Region], problems: Problems) -> ListPlan:
    standing = read_region_table(reading).by_code
    lines, merged = [], []
    for code, one in read.items():
        here = standing.get(code)
        if here is not None and not one.name:
            one = Region(code, here.name, here.level, here.township, here.urban_class, here.valid_from, one.valid_to,
                         one.new_code, here.groups)  # fmt: skip
        merged.append(one)
        state = "new" if here is None else "same" if here == one else "changed"
        lines.append(ListLine(code, _said(here) if here else "", _said(one), state))
    table_problems(Regions.of({**standing, **{one.code: one for one in merged}}.values()), problems)
    return ListPlan(REGIONS, tuple(lines), problems, regions=tuple(merged))


def _said(one: Region) -> str:
    parts = (
        one.township,
        one.name,
        f"→{one.new_code}" if one.new_code else "",
        f"{len(one.groups)} 组" if one.groups else "",
    )
    return " ".join(part for part in parts if part)


def _records_plan(reading: SqlSession, kind: str, read: list[ParameterRecord], problems: Problems) -> ListPlan:
    standing = {(one.name, one.valid_from): one for one in parameters.entered(reading)}
    lines = []
    for one in read:
        here = standing.get((one.name, one.valid_from))
        known = here is not None and (here.value, here.valid_to, here.doc_no) == (one.value, one.valid_to, one.doc_no)
        state = "new" if here is None else "same" if known else "changed"
        zh = one.name.removeprefix(PRICE) if kind == PRICES else parameter_zh(one.name)
        who = f"（{here.entered_by}）" if here is not None and not known else ""
        lines.append(
            ListLine(
                f"{zh} {one.valid_from}",
                f"{here.value} {here.doc_no}{who}" if here else "",
                f"{one.value} {one.doc_no}",
                state,
            )
        )
    return ListPlan(kind, tuple(lines), problems, records=tuple(read))


def apply_list(session: Session, plan: ListPlan, *, take_changed: bool = False) -> int:
    """Takes in what is new, and what differs only if a person said so. Returns how many were written.

    Raises:
        NotAllowed, BadParameter, TableRefused (a table could not be read as a whole).
    """
    session.require("导入县里的表", Role.CADM)
    if plan.stopped:
        first = next(one for one in plan.problems.found if one.level is Level.FILE)
        raise TableRefused("plan stopped", name=first.sheet, why=first.zh)
    wanted = ("new", "changed") if take_changed else ("new",)
    if plan.kind != REGIONS:
        taken = [one for one, line in zip(plan.records, plan.lines, strict=True) if line.state in wanted]
        return parameters.enter(session, taken)
    written = 0
    with session.database.transaction() as writing:
        for one, line in zip(plan.regions, plan.lines, strict=True):
            if line.state in wanted:
                kind = "village" if one.level == VILLAGE else "region"
                written += parameters.publish(session, writing, kind, one.code, _facts_of(one))
        activity.note(writing, session.now(), session.account, "import-regions", detail=str(written))
    return written


def _facts_of(one: Region) -> dict[str, object]:
    return {
        "code": one.code,
        "name": one.name,
        "township": one.township,
        "level": one.level,
        "parent": one.parent,
        "urban_class": one.urban_class,
        "from_on": one.valid_from,
        "until_on": one.valid_to,
        "new_code": one.new_code,
        "groups": list(one.groups),
    }


def _price_names() -> dict[str, str]:
    """What a line with a reference price is called → its code."""
    with (FOLDER / "params.csv").open(encoding="utf-8", newline="") as file:
        return {
            plain(row["document"].removeprefix("quarterly.md：").removesuffix("：参考价")): row["name"].removeprefix(
                PRICE
            )
            for row in csv.DictReader(file)
            if row["name"].startswith(PRICE)
        }
